"""What a listing shows: its facets with counts, what is chosen, the heads of its columns, and the rows of one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from triplehelix.web.narrowing import NAME, PAGE, Narrowing, Term
from triplehelix.web.view import Shown, View
from triplehelix.web.view.literals import is_number
from triplehelix.web.words import _

if TYPE_CHECKING:
    from triplehelix.views import Facet, ListedTable

# What stands on a page: things, values of a facet, values beside a listing, values of one thing in a cell.
ROWS, ALL_VALUES, FIRST_VALUES, VALUES_IN_A_CELL = 50, 200, 8, 3
# All rows are looked up so many at a time.
TOGETHER = 1_000
Found = tuple[int, list[tuple[str, dict[str, list[Term]]]]]


@dataclass(frozen=True)
class Option:
    """A value of a facet, None where nothing is known; how many things have it, and where it is taken in, or out."""

    shown: Shown | None
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class Narrower:
    """A facet with the values that things have under what else is chosen; `href` leads to a page of all of them."""

    facet: Facet
    options: list[Option]
    href: str

    @property
    def is_chosen(self) -> bool:
        return any(option.is_chosen for option in self.options)

    @property
    def first(self) -> list[Option]:
        """What stands beside the listing: the most frequent values, those that are chosen, and what is not known."""
        return [option for place, option in enumerate(self.options)
                if place < FIRST_VALUES or option.is_chosen or option.shown is None]


@dataclass(frozen=True)
class Heading:
    """The head of a column: where the rows are sorted by it, how they are now ("ascending", "descending", ""), and whether it is
    one of numbers.
    """

    title: str
    description: str
    href: str
    order: str
    is_number: bool


@dataclass(frozen=True)
class Row:
    """A thing, its local name, and its values by column."""

    local: str
    shown: Shown
    cells: list[list[Shown]]


@dataclass(frozen=True)
class Listing:
    """One listing of a release. `known` has all values of each facet by their spelling; `page` counts from 1."""

    view: View
    table: ListedTable
    facets: Sequence[Facet]
    known: Mapping[str, Mapping[str, Term | None]]
    asked: Narrowing
    page: int = 1

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """What is chosen, as `Views` takes it."""
        views = self.view.release.views
        return {slug: [views.key(self.known[slug][value]) for value in values] for slug, values in self.asked.chosen.items()}

    def listed(self, start: int, size: int) -> Found:
        """How many things there are, and some of them by local name, with their values by facet."""
        return self.view.release.views.listed(self.table.name, self.chosen, self.asked.sort, start, size, self.asked.backwards)

    def all(self) -> Iterator[tuple[str, dict[str, list[Term]]]]:
        """All of them."""
        for start in range(0, self.total, TOGETHER):
            yield from self.listed(start, TOGETHER)[1]

    @cached_property
    def _found(self) -> Found:
        return self.listed((self.page - 1) * ROWS, ROWS)

    @cached_property
    def total(self) -> int:
        return self._found[0]

    @cached_property
    def pages(self) -> int:
        return max(1, -(-self.total // ROWS))

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(local, self.view.name(NamedNode(self.view.release.base + local)),
                    [[self.shown(term) for term in values.get(facet.slug, ())] for facet in self.facets])
                for local, values in self._found[1]]

    def shown(self, term: Term) -> Shown:
        """A value as people read it."""
        return self.view.name(term) if isinstance(term, NamedNode) else self.view.spoken(term)

    @cached_property
    def headings(self) -> list[Heading]:
        """The column of names, and one for each facet."""
        columns = [(NAME, _("Name"), ""), *((facet.slug, facet.title, facet.description) for facet in self.facets)]
        return [Heading(title, description, self.path(self.asked.sorted_by(slug)), self._order(slug), self._is_number(slug))
                for slug, title, description in columns]

    def _is_number(self, column: str) -> bool:
        values = [term for term in self.known.get(column, {}).values() if term is not None]
        return bool(values) and all(isinstance(term, Literal) and is_number(term) for term in values)

    def _order(self, column: str) -> str:
        if column != self.asked.sort:
            return ""
        return "descending" if self.asked.backwards else "ascending"

    def path(self, asked: Narrowing, page: int = 1) -> str:
        """The address of a listing on this site."""
        return self.view.links.path(asked.local(page))

    @property
    def of_pages(self) -> str:
        """What the numbers of its pages are put behind."""
        path = self.path(self.asked)
        return f"{path}{'&' if '?' in path else '?'}{PAGE}="

    @cached_property
    def tallied(self) -> list[tuple[Facet, list[tuple[Term | None, int]]]]:
        """The facets with the counts of their values, under what is chosen in the others."""
        tallies = self.view.release.views.tallies(self.table.name, self.chosen)
        return [(facet, tallies.get(facet.slug, [])) for facet in self.facets]

    @cached_property
    def narrowers(self) -> list[Narrower]:
        """The facets with their values; those without any value are left out."""
        found = [Narrower(facet, self._options(facet.slug, dict(tallies)), self.path(self.asked.showing(facet.slug)))
                 for facet, tallies in self.tallied]
        return [narrower for narrower in found if narrower.options]

    def _options(self, facet: str, counts: Mapping[Term | None, int]) -> list[Option]:
        """The values of a facet: things by their number, the most frequent first, others in their own order, and last what is not
        known. What is chosen is there in any case.
        """
        found = [Option(None if term is None else self.shown(term), counts.get(term, 0),
                        self.path(self.asked.toggled(facet, value)), self.asked.has(facet, value))
                 for value, term in self.known[facet].items() if term in counts or self.asked.has(facet, value)]
        if any(isinstance(term, NamedNode) for term in self.known[facet].values()):
            found.sort(key=lambda option: (-option.count, option.shown.text.casefold() if option.shown else ""))
        return sorted(found, key=lambda option: option.shown is None)

    @cached_property
    def taken(self) -> list[tuple[Facet, Option]]:
        """What is chosen, each with the address without it."""
        return [(narrower.facet, option) for narrower in self.narrowers for option in narrower.options if option.is_chosen]

    @cached_property
    def kept(self) -> list[Row]:
        """What was ticked on other pages."""
        here = {row.local for row in self.rows}
        return [Row(local, self.view.name(NamedNode(self.view.release.base + local)), [])
                for local in self.asked.kept if local not in here]


def full_name(view: View, node: NamedNode) -> str:
    """The name of a thing, however long; else what it is called on pages."""
    label = view.label(node)
    return label.value if label else view.name(node).text
