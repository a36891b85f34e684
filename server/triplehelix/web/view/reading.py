"""A text as it is read: a panel with the picture `text`, whose rows are its passages in their order.

Its columns are the part of the text, the line, the item that stands there, what that is, its words, how something is marked in
it, and what; rows of one item say what else is marked. Where the item is the part itself, the words are its heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from triplehelix.web.view.shown import Shown

PICTURE = "text"
# A text has no more passages on a page.
MOST = 2_000
# What is marked by this class of the release's own vocabulary is a defect.
DEFECT = "#Defect"

Terms = Sequence[Shown | None]


@dataclass(frozen=True)
class Mark:
    """What is marked in a passage, and how: as claimed, as meant, or as a defect."""

    how: Shown | None
    what: Shown
    is_defect: bool


@dataclass(frozen=True)
class Passage:
    """What stands in one place: the item, its kind and words, and what is marked there."""

    item: Shown | None
    kind: Shown | None
    words: Shown | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Line:
    """What stands on a line, or begins there."""

    number: Shown | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class Part:
    """A part of the text: its name here, the line of its heading, the heading as written and what is marked in it."""

    name: Shown | None
    number: Shown | None
    heading: Passage | None
    lines: tuple[Line, ...]


def parts(rows: Iterable[Terms]) -> list[Part]:
    """The text of a panel's rows."""
    return [_part(of_part) for of_part in _alike(rows, lambda row: _iri(row[0]))]


def _part(rows: Sequence[Terms]) -> Part:
    name, own = rows[0][0], [row for row in rows if _iri(row[2]) == _iri(row[0])]
    others = [row for row in rows if _iri(row[2]) != _iri(row[0])]
    lines = (Line(alike[0][1], tuple(_passages(alike))) for alike in _alike(others, lambda row: row[1]))
    return Part(name, own[0][1] if own else None, next(_passages(own), None), tuple(lines))


def _passages(rows: Iterable[Terms]) -> Iterator[Passage]:
    for alike in _alike(rows, lambda row: _iri(row[2])):
        _, _, item, kind, words, _, _ = alike[0]
        marks = (Mark(how, what, _iri(how).endswith(DEFECT)) for *_, how, what in alike if what is not None)
        yield Passage(item, kind, words, tuple(marks))


def _alike(rows: Iterable[Terms], what: Callable[[Terms], object]) -> Iterator[list[Terms]]:
    """Rows in a row that have the same."""
    return (list(alike) for _, alike in groupby(rows, key=what))


def _iri(term: Shown | None) -> str:
    return term.iri if term else ""
