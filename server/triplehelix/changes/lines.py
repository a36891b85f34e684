"""Changes as sorted lines of canonical N-Quads, each once, with what became of it; nothing here holds more than a few lines."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

# A line with its newline, and ADDED or REMOVED; BOTH for one that is there before and after.
Change = tuple[bytes, int]
ADDED, BOTH, REMOVED = 1, 0, -1
LINE, SIGN = itemgetter(0), itemgetter(1)
BLANK = b"_:"
# How a line ends that the registry of IRIs in use no more holds (`build.registry`).
REGISTRY = b"/graph/registry> .\n"


def compared(before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[Change]:
    """Every line of two sorted files, in order: one walk through both."""
    olds, news = iter(before), iter(after)
    old, new = next(olds, b""), next(news, b"")
    while old or new:
        if not new or (old and old < new):
            yield old, REMOVED
            old = next(olds, b"")
        elif not old or new < old:
            yield new, ADDED
            new = next(news, b"")
        else:
            yield old, BOTH
            old, new = next(olds, b""), next(news, b"")


def marked(lines: Iterable[bytes], sign: int) -> Iterator[Change]:
    """Lines that all have the same fate."""
    return ((line, sign) for line in lines)


def composed(steps: Iterable[Iterable[Change]]) -> Iterator[Change]:
    """What sorted changes, made one after the other, come to: what was added and later removed cancels out.

    Additions and removals of one line alternate, so that their sum is what remains.
    """
    for line, alike in groupby(heapq.merge(*steps), key=LINE):
        if sign := sum(map(SIGN, alike)):
            yield line, sign


def entity(line: bytes) -> str:
    """The term that a statement is counted to, in N-Triples' form: its subject; for a blank node, the graph it stands in.

    Subjects that are IRIs come in the order of their lines, blank nodes behind them all.
    """
    if line.startswith(BLANK):
        return line[:-len(" .\n")].rpartition(b" ")[2].decode()
    return line.partition(b" ")[0].decode()


def shows_existence(line: bytes) -> bool:
    """Whether a statement shows that its subject is there. One of the registry shows what became of it, unless the registry
    speaks of itself."""
    if not line.endswith(REGISTRY):
        return True
    subject, _, rest = line.partition(b" ")
    return rest.endswith(subject + b" .\n")
