"""What a page shows of changes: a page of the entities concerned, each with some of its statements that came or went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from triplehelix.changes.index import Entity
from triplehelix.changes.lines import ADDED, Change, entity
from triplehelix.changes.steps import Changes
from triplehelix.web.stream import CREATE, DELETE, UPDATE, kind
from triplehelix.web.view import Shown, View

# Statements of one entity on a page of many, and on its own.
OF_EACH, OF_ONE = 10, 1_000
# Where there are more, none are shown with a page: to find them would take seconds.
MOST_WALKED = 500_000
WORDS = MappingProxyType({CREATE: "new", UPDATE: "changed", DELETE: "gone"})


@dataclass(frozen=True)
class Statement:
    """A statement that came or went; `subject` is given where that is a blank node, which says nothing elsewhere."""

    is_added: bool
    subject: Shown | None
    predicate: Shown
    value: Shown
    graph: Shown


@dataclass
class Tally:
    """How many statements came and went, and the first of them."""

    added: int = 0
    removed: int = 0
    first: list[Change] = field(default_factory=list)

    def count(self, change: Change, most: int) -> None:
        if change[1] == ADDED:
            self.added += 1
        else:
            self.removed += 1
        if len(self.first) < most:
            self.first.append(change)


@dataclass(frozen=True)
class Row:
    """An entity, what became of it, and where its statements are counted, how many came and went and the first of them."""

    name: Shown
    kind: str
    tally: Tally | None
    statements: list[Statement]

    @property
    def more(self) -> int:
        return self.tally.added + self.tally.removed - len(self.statements) if self.tally else 0


@dataclass(frozen=True)
class Differences:
    """A page of changes, named as by the newer release, and what is gone as by the older one, where that is kept.

    `is_of_one`: it is about a single entity.
    """

    view: View
    older: View | None
    changes: Changes
    entities: Sequence[Entity]
    is_of_one: bool

    @cached_property
    def total(self) -> Tally | None:
        """All statements; None where they are too many to be counted for a page."""
        known = self.changes.summary
        return Tally(known.added, known.removed) if known else self._walk[0] if self._is_walked else None

    @property
    def is_same(self) -> bool:
        return self.total is not None and not self.total.added + self.total.removed

    @property
    def is_rebuilt(self) -> bool:
        """Whether the two releases have the same data by their names: <version> and <version>.2."""
        before, after = self.changes.before or "", self.changes.after
        return before != after and before.partition(".")[0] == after.partition(".")[0]

    @cached_property
    def rows(self) -> list[Row]:
        """The entities of this page. Of those that only changed in between nothing is left to tell."""
        if not self._is_walked:
            exact = self.changes.summary is not None
            return [self._row(found, Tally(found.added, found.removed) if exact else None) for found in self.entities]
        tallies = self._walk[1]
        return [self._row(found, tallies[found.term]) for found in self.entities
                if tallies[found.term].added + tallies[found.term].removed]

    @property
    def _is_walked(self) -> bool:
        return self.changes.is_readable and self.changes.size <= MOST_WALKED

    @cached_property
    def _walk(self) -> tuple[Tally, dict[str, Tally]]:
        """One walk through the changes: all that came and went, and that of the entities of this page."""
        total, tallies = Tally(), {found.term: Tally() for found in self.entities}
        most = OF_ONE if self.is_of_one else OF_EACH
        for change in self.changes.lines():
            total.count(change, 0)
            if tally := tallies.get(entity(change[0])):
                tally.count(change, most)
        return total, tallies

    def _row(self, found: Entity, tally: Tally | None) -> Row:
        word = WORDS[kind(found)]
        view = self.view if found.exists_now else self.older or self.view
        return Row(view.name(NamedNode(found.iri)), word, tally, [self._statement(c) for c in tally.first] if tally else [])

    def _statement(self, change: Change) -> Statement:
        quad = next(parse(change[0], format=RdfFormat.N_QUADS))
        subject = self._term(quad.subject) if isinstance(quad.subject, BlankNode) else None
        return Statement(change[1] == ADDED, subject, self.view.term_name(quad.predicate), self._term(quad.object),
                         self.view.graph(quad.graph_name.value))

    def _term(self, term: NamedNode | BlankNode | Literal) -> Shown:
        """A blank node by its label: it may be in the older release, or in none that is kept."""
        return Shown(str(term)) if isinstance(term, BlankNode) else self.view.term(term)
