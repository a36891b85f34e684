"""What the address of a listing says: which values are chosen, what is kept for comparing, in what order, and which page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from pyoxigraph import Literal, NamedNode

from triplehelix.description.links import Links

# The parameters of a listing besides its facets, and those of every page or file.
SORT, PAGE, THING, VALUES = "sort", "page", "thing", "values"
OTHERS = (SORT, PAGE, THING, VALUES, "format", "bom")
# The column of names, which every listing has.
NAME = "name"
BACKWARDS = "-"
# What is not known is chosen as nothing.
NO_DATA = ""
Term = NamedNode | Literal
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Narrowing:
    """One listing as its address names it. `chosen` has the spellings of values by the slug of their facet, `kept` the local
    names of things to be compared; `values` is the facet all of whose values are shown, "" for none.
    """

    table: str
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    sort: str = NAME
    backwards: bool = False
    values: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether this is the whole table in its own order: what crawlers are to see."""
        return self == Narrowing(self.table)

    def has(self, facet: str, value: str) -> bool:
        """Whether a value is chosen."""
        return value in self.chosen.get(facet, ())

    def toggled(self, facet: str, value: str) -> Narrowing:
        """The same with a value more, or less where it is chosen."""
        old = self.chosen.get(facet, ())
        new = tuple(each for each in old if each != value) if value in old else (*old, value)
        others = {slug: values for slug, values in self.chosen.items() if slug != facet}
        return replace(self, chosen=others | ({facet: new} if new else {}), values="")

    def whole(self) -> Narrowing:
        """The same with nothing chosen."""
        return replace(self, chosen={}, values="")

    def sorted_by(self, column: str) -> Narrowing:
        """The same in the order of a column; backwards where it is in that order already."""
        return replace(self, sort=column, backwards=column == self.sort and not self.backwards)

    def showing(self, facet: str) -> Narrowing:
        """The same with all values of a facet; with "" its things."""
        return replace(self, values=facet)

    def pairs(self) -> Pairs:
        """The parameters but the page: equal narrowings have the same, whatever the way to them."""
        chosen = [(facet, value) for facet in sorted(self.chosen) for value in sorted(self.chosen[facet])]
        order = [(SORT, BACKWARDS * self.backwards + self.sort)] if (self.sort, self.backwards) != (NAME, False) else []
        return chosen + [(THING, each) for each in self.kept] + order + ([(VALUES, self.values)] if self.values else [])

    def local(self, page: int = 1) -> str:
        """The reference to a page of it, below the root."""
        return self._reference("", self.pairs() + ([(PAGE, str(page))] if page > 1 else []))

    def file(self, suffix: str, more: Pairs = ()) -> str:
        """The reference to all its rows as a file: what is ticked makes no other."""
        return self._reference(f".{suffix}", replace(self, kept=(), values="").pairs() + list(more))

    def _reference(self, suffix: str, pairs: Pairs) -> str:
        return f"browse/{self.table}{suffix}" + (f"?{query(pairs)}" if pairs else "")


def query(pairs: Iterable[tuple[str, str]]) -> str:
    """Parameters as they stand in an address, with what may stand unescaped in a query left as it is."""
    return urlencode(list(pairs), quote_via=quote, safe="/:")


def spellings(terms: Collection[Term | None], links: Links) -> dict[str, Term | None]:
    """How the values of a facet are written in an address: IRIs of ours by their local names, other IRIs whole, literals by
    their text; as N-Triples what another value is written as already. None, that nothing is known, is written as nothing.
    They are in the order of the terms.
    """
    found: dict[str, Term | None] = {NO_DATA: None} if None in terms else {}
    for term in filter(None, terms):
        local = links.local(term.value) if isinstance(term, NamedNode) else None
        short = local or term.value
        found[str(term) if not short or short in found else short] = term
    return found
