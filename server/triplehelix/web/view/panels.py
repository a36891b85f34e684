"""What the release knows of a thing beyond its own statements: the panels of its classes, a few rows each or one by pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from triplehelix.views import Panel, Term
from triplehelix.web.view import reading
from triplehelix.web.view.facts import Facts
from triplehelix.web.view.literals import is_number
from triplehelix.web.view.shown import Shown, Source

# Rows of each panel on the page of a thing, and of one on pages of its own.
OF_EACH, OF_ONE = 10, 100
# Panels of a lower order open the page of a thing.
FIRST = 10.0


@dataclass(frozen=True)
class Cells:
    """A row of a panel: a term each, or None for no data, and who states it."""

    terms: tuple[Shown | None, ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Shelf:
    """A panel of one thing: its rows on this page, how many there are in all, and what they cover.

    `raw` are rows as terms; where there is a picture, more of them than are shown.
    """

    panel: Panel
    raw: tuple[tuple[Term | None, ...], ...]
    rows: tuple[Cells, ...]
    total: int
    coverage: str
    page: int = 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // OF_ONE))

    @cached_property
    def numeric(self) -> tuple[bool, ...]:
        """For each column whether it holds nothing but numbers."""
        return tuple(_is_numeric(row[at] for row in self.raw) for at in range(len(self.panel.columns)))

    @cached_property
    def parts(self) -> list[reading.Part]:
        """Of a text, its parts; else none."""
        return reading.parts(row.terms for row in self.rows) if self.panel.picture == reading.PICTURE else []

    @property
    def is_sourced(self) -> bool:
        return any(row.sources for row in self.rows)

    @property
    def is_first(self) -> bool:
        return self.panel.order < FIRST


@dataclass(frozen=True)
class Shelves:
    """The panels of a thing, by the local name of its IRI."""

    facts: Facts
    local: str

    @cached_property
    def panels(self) -> Sequence[Panel]:
        """Those of its classes, in their order."""
        return self.facts.names.release.views.panels({kind.value for kind in self.facts.told.types})

    @cached_property
    def all(self) -> list[Shelf]:
        """A few rows of each panel that has some, or says what it covers."""
        found = (self.shelf(panel, 1, OF_EACH) for panel in self.panels)
        return [shelf for shelf in found if shelf.total or shelf.coverage]

    @cached_property
    def empty(self) -> list[Panel]:
        """The panels that have nothing to show here, but have for others of its kind, whose addresses begin alike."""
        shown, below = {shelf.panel.slug for shelf in self.all}, self.local.rpartition("/")[0] + "/"
        views = self.facts.names.release.views
        return [panel for panel in self.panels if panel.slug not in shown and views.is_used(panel, below)]

    def shelf(self, panel: Panel, page: int, size: int = OF_ONE) -> Shelf:
        """One page of a panel."""
        views = self.facts.names.release.views
        if panel.picture == reading.PICTURE:
            page, size = 1, reading.MOST
        drawn = max(size, OF_ONE) if panel.picture else size
        raw = tuple(views.rows(panel, self.local, (page - 1) * size, drawn))
        rows = tuple(self._cells(row, len(panel.columns)) for row in raw[:size])
        return Shelf(panel, raw, rows, views.count(panel, self.local), views.coverage(panel, self.local), page)

    def _cells(self, row: Sequence[Term | None], columns: int) -> Cells:
        terms = tuple(None if term is None else self.facts.names.term(term) for term in row[:columns])
        stating = (term for term in row[columns:] if isinstance(term, NamedNode))
        return Cells(terms, tuple(source for node in stating for source in self.facts.sources.of_other(node)))


def _is_numeric(terms: Iterable[Term | None]) -> bool:
    found = [term for term in terms if term is not None]
    return bool(found) and all(isinstance(term, Literal) and is_number(term) for term in found)
