"""Tables of statements as documents hold them: one row a predicate, what belongs to a part inside it, sections by subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode

from triplehelix.description.describe import Description
from triplehelix.description.vocabulary import (
    CLASS_PARTITION,
    FIRST,
    NAMES,
    NOTATION,
    PROPERTY_PARTITION,
    SELECT,
    SUMMARIES,
    TYPE,
)
from triplehelix.store import Statement
from triplehelix.web.view.names import Names
from triplehelix.web.view.shown import Row, Section, Shown, Value

# Predicates that come first in a table, in this order; the others follow by name.
FIRST_SHOWN = (TYPE, *NAMES, NOTATION, *SUMMARIES)
NOT_IN_TABLE = (SELECT, CLASS_PARTITION, PROPERTY_PARTITION)
# What shows inside another is cut on the page at this depth, never in RDF.
DEPTH = 8


@dataclass
class Tables(Names):
    """Names for the terms of one release; with a description, its statements as tables, and literals as people write them."""

    told: Description | None = None

    @cached_property
    def sections(self) -> list[Section]:
        """The resources the document holds, by name; what belongs to one of them shows inside it."""
        found = [Section(self.name(node), _anchor(node.value), self.table(said, sourced=False))
                 for node, said in self.held.items() if not self._is_inside(node) and node not in self._counted]
        return sorted(found, key=lambda section: section.name.text.casefold())

    @cached_property
    def held(self) -> dict[NamedNode | BlankNode, list[Statement]]:
        """The parts of the document by subject."""
        held: dict[NamedNode | BlankNode, list[Statement]] = {}
        for statement in self.told.parts if self.told else ():
            held.setdefault(statement.triple.subject, []).append(statement)
        return held

    @cached_property
    def _counted(self) -> set[NamedNode]:
        """Partitions of the dataset: the home page shows them as counts."""
        return {s.triple.object for s in self.told.statements if s.triple.predicate in NOT_IN_TABLE}

    def table(self, statements: Iterable[Statement], depth: int = 0, sourced: bool = True) -> tuple[Row, ...]:
        """Rows of statements with one subject: what names and defines it first, then by the predicate's name."""
        by_predicate: dict[NamedNode, list[Statement]] = {}
        for statement in statements:
            by_predicate.setdefault(statement.triple.predicate, []).append(statement)
        return tuple(self._row(predicate, by_predicate[predicate], depth, sourced)
                     for predicate in sorted(by_predicate, key=self._place))

    def _row(self, predicate: NamedNode, statements: list[Statement], depth: int, sourced: bool) -> Row:
        """One predicate; what somebody states comes before what is only concluded."""
        ordered = sorted(statements, key=lambda s: self.release.is_inferred(s.graphs))
        return Row(self.term_name(predicate), tuple(self._value(s.triple.object, s, depth, sourced) for s in ordered))

    def _place(self, predicate: NamedNode) -> tuple[int, str]:
        place = FIRST_SHOWN.index(predicate) if predicate in FIRST_SHOWN else len(FIRST_SHOWN)
        return place, self.term_name(predicate).text.casefold()

    def _value(self, term: NamedNode | BlankNode | Literal, statement: Statement, depth: int = 0, sourced: bool = True) -> Value:
        return Value(self.term(term, depth), tuple(self.graph(iri) for iri in statement.graphs) if sourced else ())

    def term(self, term: NamedNode | BlankNode | Literal, depth: int = 0) -> Shown:
        """Any term as it is shown; what belongs to a part of the document with all that is said of it."""
        if isinstance(term, Literal):
            return self.spoken(term) if self.told else self.literal(term)
        return self._inside(term, depth) if self._is_inside(term) else self.name(term)

    def _is_inside(self, node: NamedNode | BlankNode) -> bool:
        """Whether a part shows inside another: blank nodes, and fragments of a part."""
        if isinstance(node, BlankNode):
            return True
        document, hash_sign, _ = node.value.partition("#")
        return bool(hash_sign) and NamedNode(document) in self.held

    def _inside(self, node: NamedNode | BlankNode, depth: int) -> Shown:
        if depth >= DEPTH:
            return Shown("…")
        said = self.release.reading.about(node)
        if not said:
            return Shown(str(node))
        if any(s.triple.predicate == FIRST for s in said):
            return Shown("", items=tuple(self.term(member, depth + 1) for member in self.members(node)))
        return Shown("", rows=self.table(said, depth + 1, sourced=False))


def _anchor(iri: str) -> str:
    return iri.partition("#")[2] or iri
