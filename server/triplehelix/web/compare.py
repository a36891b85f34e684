"""Two to five things of one table side by side, by the layout of their shapes; as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request
from pyoxigraph import BlankNode, Literal, NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from triplehelix.description.document import document_of, link_header
from triplehelix.description.shapes import unique
from triplehelix.description.vocabulary import TYPE
from triplehelix.formats import HTML, Format, by_name
from triplehelix.resources import MOVED
from triplehelix.web import answer, errors, landing, life, resource
from triplehelix.web.listing import full_name
from triplehelix.web.narrowing import THING, Narrowing, query
from triplehelix.web.sheets import SHEETS, Cell, Sheet, cell, given
from triplehelix.web.site import links, published
from triplehelix.web.view import Shown, View, preferred
from triplehelix.web.words import _

if TYPE_CHECKING:
    from triplehelix.description.shapes import Property
    from triplehelix.store import Statement
    from triplehelix.views import ListedTable, Panel

routes = Blueprint("compare", __name__)
FEWEST, MOST = 2, 5
# So many values of one property stand in a cell of the page; files have all.
MOST_VALUES = 12
HOW = f"Tick {FEWEST} to {MOST} things in a listing to see them side by side"
Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class Thing:
    """One of the things: its local name, its name, and what the dataset says of it, stated by somebody or only concluded."""

    local: str
    shown: Shown
    said: list[Statement]
    concluded: list[Statement]

    def values(self, predicates: Sequence[str]) -> list[Term]:
        """Its distinct values of some predicates: what somebody states, else what is concluded. Of texts in several languages
        those in the best one.
        """
        stated, concluded = ([s.triple.object for s in statements if s.triple.predicate.value in predicates]
                             for statements in (self.said, self.concluded))
        found = list(dict.fromkeys(stated or concluded))
        best = preferred([term for term in found if isinstance(term, Literal) and term.language])
        return [term for term in found if not isinstance(term, Literal) or not term.language or term.language == best.language]

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(s.triple.object.value for s in (*self.said, *self.concluded) if s.triple.predicate == TYPE)

    @cached_property
    def graphs(self) -> list[str]:
        """The named graphs that say something of it."""
        return sorted({graph for statement in self.said for graph in statement.graphs})


@dataclass(frozen=True)
class Line:
    """One property with the values of each thing."""

    name: str
    description: str
    cells: list[list[Term]]

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return any(self.cells)


@dataclass(frozen=True)
class Count:
    """How many rows a panel has for each thing, where they are, and what the count rests on."""

    panel: Panel
    cells: list[tuple[int, str, str]]


@dataclass(frozen=True)
class Comparison:
    """Things of one table beside each other."""

    view: View
    table: ListedTable
    things: list[Thing]

    @cached_property
    def classes(self) -> frozenset[str]:
        return frozenset().union(*(thing.types for thing in self.things))

    @cached_property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """(label, properties of which something is known) in the order of the shapes."""
        return [(label, known) for label, lines in self._groups if (known := [line for line in lines if line.is_known])]

    @cached_property
    def unknown(self) -> list[str]:
        """The names of the properties of which nothing is known."""
        return [line.name for _, lines in self._groups for line in lines if not line.is_known]

    @cached_property
    def _groups(self) -> list[tuple[str, list[Line]]]:
        return [(group.label, [self._line(each) for each in group.properties])
                for group in self.view.release.layout(self.classes)]

    def term(self, term: Term) -> Shown:
        """A value as people read it."""
        return self.view.spoken(term) if isinstance(term, Literal) else self.view.term(term)

    def source(self, graph: str) -> Shown:
        """A named graph under its title."""
        return self.view.name(NamedNode(graph))

    def _line(self, told: Property) -> Line:
        return Line(told.name, told.description, [thing.values(told.predicates) for thing in self.things])

    @cached_property
    def counts(self) -> list[Count]:
        """What is recorded about them elsewhere, where it is about any."""
        views = self.view.release.views
        found = [Count(panel, [(views.count(panel, thing.local), self._panel(panel, thing), views.coverage(panel, thing.local))
                               for thing in self.things]) for panel in views.panels(self.classes)]
        return [count for count in found if any(number for number, *_ in count.cells)]

    def _panel(self, panel: Panel, thing: Thing) -> str:
        return self.view.links.path(f"{document_of(thing.local)}?{query([('panel', panel.slug)])}")

    @cached_property
    def title(self) -> str:
        return f"{self.table.title}: {', '.join(thing.shown.text for thing in self.things)}"

    def without(self, thing: Thing) -> str:
        """The address of the others; of their listing, where too few are left."""
        others = [each.local for each in self.things if each != thing]
        return self.view.links.path(address(others)) if len(others) >= FEWEST else self.listing(others)

    def listing(self, kept: Sequence[str]) -> str:
        """Where further things can be ticked."""
        return self.view.links.path(Narrowing(self.table.name, kept=tuple(kept)).local())

    @property
    def more(self) -> str:
        """Where one more can be ticked; "" where these are as many as there can be."""
        return self.listing([thing.local for thing in self.things]) if len(self.things) < MOST else ""

    def sheet(self) -> Sheet:
        """The same as rows: a property each, with a column for each thing."""
        taken: set[str] = set()
        columns = [unique(name, taken, "{} ({})") for name in (_("Property"), *(thing.shown.text for thing in self.things))]
        return Sheet(self.title, tuple(columns), self._rows())

    def _rows(self) -> Iterator[list[Cell]]:
        yield [_("Address"), *(self.view.release.base + thing.local for thing in self.things)]
        for _label, lines in self.groups:
            for line in lines:
                yield [line.name, *(tuple(map(self._cell, terms)) for terms in line.cells)]
        for count in self.counts:
            yield [count.panel.title, *(cell(Literal(number)) if number else None for number, *_rest in count.cells)]

    def _cell(self, term: Term) -> Cell:
        return full_name(self.view, term) if isinstance(term, NamedNode) else cell(term)


def address(things: Sequence[str], suffix: str = "") -> str:
    """The reference, below the root, to a comparison."""
    return f"compare{suffix}?{query([(THING, thing) for thing in things])}"


@routes.get("/compare")
@routes.get("/compare.<suffix>")
def compare(suffix: str = "") -> Response:
    """The things that the address names, side by side."""
    wanted = _wanted(suffix)
    named = _named()
    found = [_thing(local) for local in named]
    comparison = Comparison(View(published(), links()), _common(found), found)
    if wanted is not HTML:
        return given(comparison.sheet(), wanted)
    return answer.page("compare.html", link_header(landing.of_a_list()), view=comparison.view, comparison=comparison,
                       most=MOST_VALUES, files=[(fmt, links().path(address(named, f".{fmt.suffix}"))) for fmt in SHEETS])


def _wanted(suffix: str) -> Format:
    """The form that the address fixes, else that the client likes best. Raises NotFound for a suffix of none."""
    fmt = by_name(suffix, SHEETS) if suffix else answer.chosen((HTML, *SHEETS), html_by_wildcard=True)
    if fmt is None or suffix not in ("", fmt.suffix):
        raise NotFound(f"A comparison is to be had as {', '.join(each.suffix for each in SHEETS)}.")
    return fmt


def _named() -> list[str]:
    """The local names that the address has. Raises BadRequest for too few or too many; 301 where one has another name now."""
    given_names = list(dict.fromkeys(request.args.getlist(THING)))
    if len(given_names) < FEWEST:
        raise BadRequest(f"{HOW}: {links().url('browse/')} leads to them.")
    if len(given_names) > MOST:
        raise BadRequest(f"These are {len(given_names)} things; {MOST} at most stand side by side. {HOW}.")
    current = [_current(local) for local in given_names]
    if current != given_names:
        raise NotFound(response=redirect(links().url(address(current, request.path.removeprefix("/compare"))), 301))
    return current


def _current(local: str) -> str:
    """The local name that a thing has now."""
    known = published().resources.retired(local)
    target = links().local(known.target) if known and known.status == MOVED else None
    return target or local


def _thing(local: str) -> Thing:
    """Raises Gone for what was withdrawn, and NotFound for what is not there."""
    topic = resource.existing(local)
    if topic is None:
        raise life.after(local) or errors.missing(links().base + local)
    said: dict[bool, list[Statement]] = {True: [], False: []}
    for statement in published().reading.about(topic):
        if statement.merged:
            said[published().is_inferred(statement.graphs)].append(statement)
    return Thing(links().local(topic.value), View(published(), links()).name(topic), said[False], said[True])


def _common(things: Sequence[Thing]) -> ListedTable:
    """The smallest table that all of them are in. Raises BadRequest where there is none."""
    tables = [[table for table in published().views.tables() if table.classes & thing.types] for thing in things]
    common = [table for table in tables[0] if all(table in others for others in tables)]
    if not common:
        told = "; ".join(f"{thing.shown.text}: {', '.join(table.title for table in found) or 'none'}"
                         for thing, found in zip(things, tables))
        raise BadRequest(f"Only things of one table stand side by side, and these are of different ones ({told}). {HOW}.")
    return min(common, key=lambda table: (table.count, table.name))
