"""What the answer of a named query rests on: the registers, what curators read from pages, both, or nothing yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from triplehelix import store
from triplehelix.project import APART, RESERVED
from triplehelix.queries import Query

REGISTERS = "sources/"

Row = Mapping[str, NamedNode | Literal]


@dataclass(frozen=True)
class Coverage:
    """How many rows name a thing of the data, and the named graphs in which these things stand, as below graph/."""

    rows: int
    graphs: tuple[str, ...]

    @property
    def kind(self) -> str:
        """In words: the registers, the curated core, both, or nothing."""
        registers = {graph.startswith(REGISTERS) for graph in self.graphs}
        if not registers:
            return "nothing"
        return {(True,): "the registers", (False,): "the curated core only"}.get(
            tuple(registers), "the registers and the curated core")

    @property
    def sentence(self) -> str:
        """For a reader of the answer."""
        if not self.rows:
            return "Answered from nothing so far: no thing of the data is found."
        return f"Answered from {self.kind}: {self.rows} {'row' if self.rows == 1 else 'rows'}."


def coverage(known: store.Store, query: Query, base: str) -> Coverage:
    """What the query, with its own defaults, is answered from in a store with named graphs and their merge.

    The things of a row are what its columns name below id/ and graph/, or where that is nothing below scheme/, without what
    a parameter fixed and without sources; a row without a thing (as "none recorded") is no answer.
    """
    asked = {parameter.name for parameter in query.parameters}
    rows, graphs = 0, set()
    for row in store.rows(known, query.text, base):
        found = {graph for thing in _things(row, asked, base) for graph in _graphs(known, thing, base)}
        rows += bool(found)
        graphs |= found
    return Coverage(rows, tuple(sorted(graphs)))


def _things(row: Row, asked: set[str], base: str) -> list[NamedNode]:
    named = [term for name, term in row.items() if name not in asked and isinstance(term, NamedNode)]
    things = [term for term in named if term.value.startswith((f"{base}id/", f"{base}graph/"))
              and not term.value.startswith(f"{base}id/source/")]
    return things or [term for term in named if term.value.startswith(f"{base}scheme/")]


def _graphs(known: store.Store, thing: NamedNode, base: str) -> set[str]:
    """The graphs of data that say something of a thing; those that stand apart only where no other does."""
    quads = known.quads_for_pattern(thing, None, None, None)
    named = {quad.graph_name.value.removeprefix(f"{base}graph/") for quad in quads if isinstance(quad.graph_name, NamedNode)}
    graphs = {graph for graph in named if graph.partition("/")[0] not in RESERVED}
    return {graph for graph in graphs if not f"data/{graph}".startswith(APART)} or graphs
