"""What pages show beyond a thing's own statements, asked once when the release was built: panels on the pages of things, the
things of each table by name, and facets by which they are narrowed down.

`build` writes the file views.sqlite, everybody else reads it here. A thing is named by what follows the base in its IRI, a term
by its key: its text in N-Triples, where an IRI of ours is a local name in angle brackets. The key of no value is "". Where a
release has no such file, there are no panels and no tables.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from triplehelix.sealed import SealedFile

FILE = "views.sqlite"
Term = NamedNode | Literal
ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
# The order of things where none is asked for.
NAME = "name"
# Things whose values are looked up at once.
TOGETHER = 1_000


class UnknownFacet(LookupError):
    """A table has no facet of that name."""


@dataclass(frozen=True)
class Panel:
    """A section on the pages of things of some classes (IRIs, subclasses included).

    `columns` are variables with their headings; where it is `sourced`, a row ends with the graph that states it. `coverage` is
    the sentence beside it with variables in braces, "" for none. `text` is the query that was asked.
    """

    slug: str
    title: str
    description: str
    classes: frozenset[str]
    order: float
    picture: str
    columns: tuple[tuple[str, str], ...]
    coverage: str
    sourced: bool
    text: str
    number: int


@dataclass(frozen=True)
class Facet:
    """A value by which the things of a table are narrowed down; `text` is the query that was asked."""

    slug: str
    title: str
    description: str
    table: str
    order: float
    text: str
    number: int


@dataclass(frozen=True)
class ListedTable:
    """A table of the release (see description/shapes.py) that has things of ours, and how many."""

    name: str
    title: str
    description: str
    classes: frozenset[str]
    count: int
    number: int


@dataclass(frozen=True)
class _Choice:
    """A condition on the column `place` of things: what SQL says, and its values."""

    sql: str
    values: tuple[int, ...]


class Views(SealedFile):
    """The file of one release, whose IRIs begin with `base`."""

    def __init__(self, folder: Path, base: str):
        super().__init__(folder / FILE)
        self._base = base

    def key(self, term: Term | None) -> str:
        """The key of a term."""
        return key(term, self._base)

    def term(self, key: str) -> Term | None:
        """The term of a key; None for that of no value. Raises SyntaxError or ValueError for what is none."""
        if not key:
            return None
        if key[0] == "<":
            return NamedNode(key[1:-1] if ABSOLUTE.match(key) else self._base + key[1:-1])
        return next(parse(f"<urn:x-s> <urn:x-p> {key} .", format=RdfFormat.N_TRIPLES)).object

    def panels(self, classes: Collection[str]) -> list[Panel]:
        """The panels on the page of a thing of these classes (IRIs), in their order."""
        return [panel for panel in self._panels if not panel.classes.isdisjoint(classes)]

    def rows(self, panel: Panel, local: str, start: int = 0, size: int = 100) -> list[tuple[Term | None, ...]]:
        """At most `size` rows of a thing from the place `start`: a term for each column, then the source where there is one."""
        found = self._rows("SELECT cells FROM row WHERE panel = ? AND local = ? AND place >= ? ORDER BY place LIMIT ?",
                           panel.number, local, start, size)
        return [tuple(map(self.term, json.loads(cells))) for cells, in found]

    def count(self, panel: Panel, local: str) -> int:
        """How many rows a panel has for a thing."""
        row = next(self._rows("SELECT MAX(place) FROM row WHERE panel = ? AND local = ?", panel.number, local), (None,))
        return 0 if row[0] is None else row[0] + 1

    def is_used(self, panel: Panel, below: str) -> bool:
        """Whether a panel has rows for any thing whose local name begins so."""
        found = self._rows("SELECT local FROM row WHERE panel = ? AND local >= ? ORDER BY local LIMIT 1", panel.number, below)
        return next(found, ("",))[0].startswith(below)

    def coverage(self, panel: Panel, local: str) -> str:
        """The sentence that stands beside a panel on the page of a thing, "" where there is none."""
        row = next(self._rows("SELECT sentence FROM coverage WHERE panel = ? AND local = ?", panel.number, local), ("",))
        return row[0]

    def all_rows(self) -> Iterator[tuple[Panel, str, Iterator[str]]]:
        """Every panel on every thing, with its rows as they are stored: lists of keys in JSON."""
        numbered = {panel.number: panel for panel in self._panels}
        found = self._rows("SELECT panel, local, cells FROM row ORDER BY panel, local, place")
        for (number, local), rows in groupby(found, key=itemgetter(0, 1)):
            yield numbered[number], local, (cells for _, _, cells in rows)

    def all_coverage(self) -> Iterator[tuple[str, str]]:
        """Every thing with a sentence on the coverage of a panel."""
        return self._rows("SELECT local, sentence FROM coverage ORDER BY panel, local")

    def tables(self) -> list[ListedTable]:
        """The tables that have things, by name."""
        return list(self._tables.values())

    def facets(self, table: str) -> list[Facet]:
        """The facets of a table, in their order; none for a table that there is not."""
        return self._facets.get(table, [])

    def tallies(self, table: str, chosen: Mapping[str, Collection[str]]) -> dict[str, list[tuple[Term | None, int]]]:
        """For each facet (slug) its values, and how many things have them under what is chosen in the other facets.

        `chosen` has keys of terms by facet: of one facet any of them, of several facets each. Values stand in their order, None
        for no data at the end; those that no thing has are left out, but for chosen ones. Raises UnknownFacet.
        """
        choices = self._choices(table, chosen)
        return {facet.slug: self._tally(facet, [choice for slug, choice in choices.items() if slug != facet.slug],
                                        chosen.get(facet.slug, ())) for facet in self.facets(table)}

    def listed(self, table: str, chosen: Mapping[str, Collection[str]], sort: str = NAME, start: int = 0, size: int = 100,
               backwards: bool = False) -> tuple[int, list[tuple[str, dict[str, list[Term]]]]]:
        """How many things of a table have what is chosen (as in `tallies`), and at most `size` of them from the place `start`:
        their local names, and their values by facet.

        `sort` is NAME or a facet, whose things without a value come last. Nothing for a table that there is not. Raises
        UnknownFacet.
        """
        if table not in self._tables:
            return 0, []
        choices = list(self._choices(table, chosen).values())
        total = self._total(self._tables[table], choices)
        places = dict(self._sorted(self._tables[table], choices, self._facet(table, sort) if sort != NAME else None, backwards,
                                   start, size))
        values = self._values_of(self.facets(table), places)
        return total, [(local, values[place]) for place, local in places.items()]

    @cached_property
    def _panels(self) -> list[Panel]:
        found = self._rows("SELECT slug, title, description, classes, rank, picture, columns, coverage, sourced, text, number "
                           "FROM panel ORDER BY rank, slug")
        return [Panel(slug, title, description, frozenset(json.loads(classes)), rank, picture,
                      tuple(map(tuple, json.loads(columns))), coverage, bool(sourced), text, number)
                for slug, title, description, classes, rank, picture, columns, coverage, sourced, text, number in found]

    @cached_property
    def _tables(self) -> dict[str, ListedTable]:
        found = self._rows("SELECT name, title, description, classes, things, number FROM listed ORDER BY name")
        return {name: ListedTable(name, title, description, frozenset(json.loads(classes)), things, number)
                for name, title, description, classes, things, number in found}

    @cached_property
    def _facets(self) -> dict[str, list[Facet]]:
        found: dict[str, list[Facet]] = {}
        for row in self._rows("SELECT facet.slug, facet.title, facet.description, listed.name, rank, text, facet.number "
                              "FROM facet JOIN listed ON listed.number = facet.listed ORDER BY rank, slug"):
            found.setdefault(row[3], []).append(Facet(*row))
        return found

    def _facet(self, table: str, slug: str) -> Facet:
        for facet in self.facets(table):
            if facet.slug == slug:
                return facet
        known = ", ".join(facet.slug for facet in self.facets(table)) or "none"
        raise UnknownFacet(f"{table} has no facet {slug!r}; it has: {known}")

    def _choices(self, table: str, chosen: Mapping[str, Collection[str]]) -> dict[str, _Choice]:
        """By facet, that a thing has one of the values chosen there."""
        found = {}
        for slug, keys in chosen.items():
            facet = self._facet(table, slug)
            if keys:
                ranks = self._rows(f"SELECT rank FROM term WHERE facet = ? AND text IN ({_marks(keys)})", facet.number, *keys)
                values = facet.number, *(rank for rank, in ranks)
                found[slug] = _Choice(f"place IN (SELECT place FROM value WHERE facet = ? AND rank IN ({_marks(values[1:])}))",
                                      values)
        return found

    def _tally(self, facet: Facet, choices: list[_Choice], kept: Collection[str]) -> list[tuple[Term | None, int]]:
        terms = self._rows("SELECT rank, text, things FROM term WHERE facet = ? ORDER BY rank = 0, rank", facet.number)
        if not choices:
            return [(self.term(text), things) for _, text, things in terms]
        counts = dict(self._rows(f"SELECT rank, COUNT(*) FROM value WHERE facet = ?{_also(choices)} GROUP BY rank", facet.number,
                                 *_values(choices)))
        return [(self.term(text), counts.get(rank, 0)) for rank, text, _ in terms if rank in counts or text in kept]

    def _total(self, table: ListedTable, choices: list[_Choice]) -> int:
        if not choices:
            return table.count
        query = f"SELECT COUNT(*) FROM thing WHERE listed = ?{_also(choices)}"
        return next(self._rows(query, table.number, *_values(choices)))[0]

    def _sorted(self, table: ListedTable, choices: list[_Choice], by: Facet | None, backwards: bool, start: int,
                size: int) -> Iterable[tuple[int, str]]:
        """(place, local) of some things of a table in their order; its places are in the order of names."""
        direction, best = ("DESC", "MAX") if backwards else ("ASC", "MIN")
        where = f"FROM thing WHERE listed = ?{_also(choices)}"
        if not by:
            return self._rows(f"SELECT place, local {where} ORDER BY place {direction} LIMIT ? OFFSET ?", table.number,
                              *_values(choices), size, start)
        rank = f"(SELECT {best}(rank) FROM value WHERE facet = ? AND value.place = thing.place)"
        return ((place, local) for place, local, _ in self._rows(
            f"SELECT place, local, {rank} AS least {where} ORDER BY least = 0, least {direction}, place LIMIT ? OFFSET ?",
            by.number, table.number, *_values(choices), size, start))

    def _values_of(self, facets: list[Facet], places: Collection[int]) -> dict[int, dict[str, list[Term]]]:
        """By place of a thing, what it has in each facet."""
        found: dict[int, dict[str, list[Term]]] = defaultdict(lambda: {facet.slug: [] for facet in facets})
        rest = iter(places)
        while some := list(islice(rest, TOGETHER)):
            query = ("SELECT place, text FROM value JOIN term USING (facet, rank) WHERE facet = ? AND rank > 0 "
                     f"AND place IN ({_marks(some)}) ORDER BY place, rank")
            for facet in facets:
                for place, text in self._rows(query, facet.number, *some):
                    found[place][facet.slug].append(self.term(text))
        return found


def key(term: Term | None, base: str) -> str:
    """The key of a term in a release of that base."""
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        local = f"<{term.value.removeprefix(base)}>"
        return str(term) if ABSOLUTE.match(local) else local
    return str(term)


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _also(choices: Iterable[_Choice]) -> str:
    return "".join(f" AND {choice.sql}" for choice in choices)


def _values(choices: Iterable[_Choice]) -> list[int]:
    return [value for choice in choices for value in choice.values]
