"""Servers as processes: started on a port of this machine, measured with all that they start, and ended for certain."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.load import HOST
from benchmarks.measure import Failed

START_SECONDS, END_SECONDS = 300.0, 15.0
LOG = "server.log"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command: Sequence[str], folder: Path, environment: Mapping[str, str], port: int) -> Iterator[subprocess.Popen]:
    """The command as a process that listens on the port; at the end it is gone, and what it started. Raises Failed."""
    with (folder / LOG).open("ab") as said:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=said,
                                   stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _await(process, port, folder)
        yield process
    finally:
        resume(process)
        _end(process)


def _await(process: subprocess.Popen, port: int, folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > end:
            log = (folder / LOG).read_text(errors="replace")[-2000:]
            raise Failed(f"{' '.join(process.args[:4])} does not listen on port {port}: {log}")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _end(process: subprocess.Popen) -> None:
    """Ask it to end, then make its session end, in which it may have left others."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def pause(process: subprocess.Popen) -> None:
    """Stops a process and all it started, as they are, so that nothing of them runs beside another that is measured."""
    _signal(process, signal.SIGSTOP)


def resume(process: subprocess.Popen) -> None:
    """Lets a process and all it started go on."""
    _signal(process, signal.SIGCONT)


def _signal(process: subprocess.Popen, number: int) -> None:
    for member in family(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, number)


def memory(process: subprocess.Popen) -> int:
    """The memory (bytes) of a process and of all it started; what several of them share is counted once."""
    return sum(map(_proportional, family(process.pid)))


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children = [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in _words(task)]
    return [pid, *(member for child in children for member in family(child))]


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


def size(folder: Path) -> int:
    """The bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
