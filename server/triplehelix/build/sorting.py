"""Lines in the order of their bytes, however many: sorted in runs of bounded memory, which are then merged.

A line is bytes and ends with its newline. None holds a character below the newline, as no line of N-Triples or N-Quads in
canonical form does; so the order is that of `LC_ALL=C sort`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

# Bytes of lines held at once, what Python adds to each included.
MEMORY = 64 << 20
OVERHEAD, BUFFER = 57, 1 << 17


def ordered(lines: Iterable[bytes], folder: Path, memory: int = MEMORY) -> Iterator[bytes]:
    """All the lines, sorted, those that are equal too (see `unique`).

    What is more than `memory` bytes goes into files in `folder` that have no name and are gone when the iterator is.
    Raises OSError where there is no room for them.
    """
    with ExitStack() as files:
        written, run, held = [], [], 0
        for line in lines:
            run.append(line)
            held += len(line) + OVERHEAD
            if held >= memory:
                written.append(_written(run, files.enter_context(TemporaryFile(dir=folder, buffering=BUFFER))))
                run, held = [], 0
        run.sort()
        yield from merged(*written, run)


def merged(*sources: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of sorted sources as one sorted whole."""
    return heapq.merge(*sources)


def unique(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Sorted lines, each once."""
    return (line for line, _ in groupby(lines))


def is_ordered(lines: Iterable[bytes]) -> bool:
    """Whether lines are sorted and each is there once; reads no further than the first that is not in its place."""
    before = b""
    for line in lines:
        if line <= before:
            return False
        before = line
    return True


def _written(run: list[bytes], file: BinaryIO) -> BinaryIO:
    """A file with the lines of a run, sorted, to be read from its beginning."""
    run.sort()
    file.writelines(run)
    file.seek(0)
    return file
