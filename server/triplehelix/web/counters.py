"""What the web processes count, in memory that they share: one file of counters with a row for each process.

A row belongs to one process at a time, which keeps it locked, so that no other ever writes into it; the kernel takes the lock
back however the process ends, and the one in its place counts on. The sum over all rows is the server's.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from triplehelix.findings import fault
from triplehelix.web.front import KEPT
from triplehelix.web.watching import Seen

# The first part of the paths that are counted each for itself; all others are pages and the like.
ROOMS = ("sparql", "graphs", "id", "doc", "ns", "scheme", "shape", "graph", "query", "dumps", "release", "changes", "cite",
         "timegate", "timemap", "health")
OTHERS = "other"
STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
# Seconds: an answer from memory takes less than the first, a query may take as long as the last.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# Cells of a room: by status class, by duration (the last: longer than all bounds), and three sums.
DURATIONS = len(STATUS_CLASSES)
SUMS = DURATIONS + len(BOUNDS) + 1
WIDTH = SUMS + 3
CELL_BYTES = 8
ROW_BYTES = (len(ROOMS) + 1) * WIDTH * CELL_BYTES
# More than there are web processes at a time, those being replaced included.
ROWS = 16
MICRO = 1_000_000


class Tally(NamedTuple):
    """What was asked of one room: answers by status class and by duration, seconds, bytes, answers given from memory."""

    room: str
    classes: tuple[int, ...]
    durations: tuple[int, ...]
    seconds: float
    length: int
    kept: int


def made(path: Path) -> Path:
    """A file of counters, all zero. Raises Faulty where there is no room for it: memory of a file without would end processes."""
    try:
        with path.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, ROWS * ROW_BYTES)
    except OSError as error:
        raise fault(path, f"the counters of --metrics cannot be kept here ({error.strerror}): free some space, set TMPDIR to "
                          "another folder, or leave --metrics out") from error
    return path


class Counters:
    """The counters of a file, for one process, whose threads may share the object: it counts into its own row, and reads all."""

    def __init__(self, path: Path) -> None:
        """Takes a row that nobody has. Raises Faulty where there is none."""
        # Open as long as the object: the lock goes with whichever descriptor of the file this process closes first.
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self._cells = memoryview(mmap.mmap(self._file, ROWS * ROW_BYTES)).cast("Q")
        self._start = _taken(self._file, path) * ROW_BYTES // CELL_BYTES
        self._places = {room: place for place, room in enumerate(ROOMS)}
        self._lock = Lock()

    def __call__(self, seen: Seen) -> None:
        """Counts a request."""
        first = seen.environ.get("PATH_INFO", "").split("/", 2)[1:2]
        room = self._start + self._places.get(first[0] if first else "", len(ROOMS)) * WIDTH
        cells, sums = self._cells, room + SUMS
        with self._lock:
            cells[room + seen.status // 100 - 1] += 1
            cells[room + DURATIONS + bisect_left(BOUNDS, seen.seconds)] += 1
            cells[sums] += int(seen.seconds * MICRO)
            cells[sums + 1] += seen.length
            cells[sums + 2] += KEPT in seen.environ

    def tallies(self) -> list[Tally]:
        """What all processes have counted, by room."""
        return [self._tally(place * WIDTH, room) for place, room in enumerate((*ROOMS, OTHERS))]

    def _tally(self, start: int, room: str) -> Tally:
        row = ROW_BYTES // CELL_BYTES
        cells = [sum(self._cells[start + place::row]) for place in range(WIDTH)]
        seconds, length, kept = cells[SUMS:]
        return Tally(room, tuple(cells[:DURATIONS]), tuple(cells[DURATIONS:SUMS]), seconds / MICRO, length, kept)


def _taken(file: int, path: Path) -> int:
    """The number of a row that this process now holds."""
    for row in range(ROWS):
        with suppress(OSError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, row)
            return row
    raise fault(path, f"all {ROWS} rows of the counters are taken")
