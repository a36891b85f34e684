"""Pictures of rows, as SVG that needs no script: bars, map, timeline, network of citations, composition of a helix.

Each is a function of the title, a key that no other picture on the page has, the rows, and how many rows there are in all; the
same in gives the same bytes out. A table with the same rows stands beside each, which is its equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from pyoxigraph import NamedNode

from triplehelix.web.pictures.bars import bars, composition
from triplehelix.web.pictures.europe import europe, key_of, place
from triplehelix.web.pictures.network import network
from triplehelix.web.pictures.svg import Picture, Plain, Shown
from triplehelix.web.pictures.timeline import timeline

__all__ = ["Picture", "drawn", "is_of_countries", "shaded"]
DRAWERS = {"bars": bars, "composition": composition, "map": europe, "network": network, "place": place,
           "timeline": timeline}
# The variable of the end of what lasts.
UNTIL = "until"


class Panel(Protocol):
    """What is to be drawn: the name of the panel, its title, the kind of its picture ("" for none), and its columns as variables
    with their headings.
    """

    slug: str
    title: str
    picture: str
    columns: tuple[tuple[str, str], ...]


class Namer(Protocol):
    """What knows the names of terms."""

    def term(self, term: object) -> Shown: ...


def drawn(view: Namer, panel: Panel, rows: Sequence[Sequence[object]], total: int = 0) -> Picture | None:
    """The picture of a panel for rows of terms; None where it has none, or no row can be drawn."""
    if panel.picture not in DRAWERS or not rows:
        return None
    named = [[None if term is None else view.term(term) for term in _cells(panel, row)] for row in rows]
    picture = DRAWERS[panel.picture](panel.title, panel.slug, named, total)
    return picture if picture.drawn else None


def _cells(panel: Panel, row: Sequence[object]) -> Sequence[object]:
    """What of a row is drawn: its first columns, and of a timeline the column `until`, where it has one."""
    variables = [variable for variable, _heading in panel.columns]
    if panel.picture == "timeline":
        return [*row[:2], row[variables.index(UNTIL)] if UNTIL in variables else None]
    # What stands behind the columns is the source.
    return row[:min(3, len(variables))]


def shaded(view: Namer, key: str, title: str, tallies: Sequence[tuple[object, int]]) -> Picture | None:
    """The map of values that are countries, and how many things have each; None where they are no countries."""
    if not is_of_countries(term for term, _ in tallies):
        return None
    return europe(title, key, [(view.term(term), Plain(str(count))) for term, count in tallies if term is not None])


def is_of_countries(terms: Iterable[object]) -> bool:
    """Whether half of these terms or more, but for None, name countries that the map has."""
    known = [isinstance(term, NamedNode) and key_of(term.value) != "" for term in terms if term is not None]
    return any(known) and sum(known) * 2 >= len(known)
