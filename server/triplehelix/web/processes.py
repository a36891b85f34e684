"""The processes of a server, and what memory they take, as the kernel tells it (proc(5)). Nothing is told where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROCESSES = Path("/proc")
# A process of the engine room runs this module, or was forked from one that does.
ENGINE_MODULE = b"triplehelix.engine.supervisor"
WEB, ENGINE = "web", "engine"
KIB = 1024


def memory(first: int) -> dict[str, tuple[int, int]]:
    """Processes and bytes of memory of the web and of the engine part of the server whose first process that is."""
    found = {WEB: (0, 0), ENGINE: (0, 0)}
    for process in _family(first):
        with suppress(OSError):  # it has ended meanwhile
            size = _proportional(process)
            part = ENGINE if ENGINE_MODULE in (process / "cmdline").read_bytes() else WEB
            found[part] = found[part][0] + 1, found[part][1] + size
    return found


def _family(first: int) -> Iterator[Path]:
    """A process and all that descend from it."""
    children: dict[str, list[str]] = {}
    for process in PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            # What stands before is its name, in which anything may stand.
            parent = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
            children.setdefault(parent, []).append(process.name)
    waiting = [str(first)]
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        yield PROCESSES / process


def _proportional(process: Path) -> int:
    """The bytes of a process, its share only of what it has together with others."""
    rows = (line.split() for line in (process / "smaps_rollup").read_text().splitlines())
    return next((int(row[1]) * KIB for row in rows if row[0] == "Pss:"), 0)
