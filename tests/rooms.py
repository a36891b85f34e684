"""The processes of an engine room, as the system shows them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SUPERVISOR = b"triplehelix.engine.supervisor"


def children(pid: int) -> list[int]:
    """The process ids of a process's children; none where it has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(member for child in children(pid) for member in family(child))]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be buried does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    """Whether it happens in that time."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def supervisor(parent: int | None = None) -> int:
    """The supervisor that a process (this one, where none is given) has started last."""
    found: list[int] = []

    def all_told() -> bool:
        # A program that is being started has no command line for a moment.
        commands = {pid: _command(pid) for pid in children(parent or os.getpid())}
        found[:] = [pid for pid, command in commands.items() if SUPERVISOR in command]
        return bool(found) and all(command or not alive(pid) for pid, command in commands.items())

    assert within(3, all_told)
    return found[-1]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def room_of(supervising: int) -> int:
    """The room that a supervisor runs now."""
    assert within(3, lambda: len(children(supervising)) == 1)
    return children(supervising)[0]


def workers(supervising: int) -> list[int]:
    """The workers of a room, of all its keepers."""
    return [worker for room in children(supervising) for keeper in children(room) for worker in children(keeper)]


def settled(supervising: int, crews: int, workers_each: int = 3) -> None:
    """Waits until so many keepers have so many workers each."""
    def at_work() -> bool:
        keepers = [keeper for room in children(supervising) for keeper in children(room)]
        return len(keepers) == crews and all(len(children(keeper)) == workers_each for keeper in keepers)
    if not within(10, at_work):
        pytest.fail(f"the room has not become ready: {family(supervising)}")
