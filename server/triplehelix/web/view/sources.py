"""Who states a fact, and when: the documents a thing was read from, else those its named graph is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from triplehelix.description.vocabulary import DCTERMS
from triplehelix.store import Statement
from triplehelix.web.view.literals import day, is_date
from triplehelix.web.view.names import Names
from triplehelix.web.view.shown import Shown, Source
from triplehelix.web.words import _

# By these a thing, or a named graph, says what it was read from (DCMI Metadata Terms; PROV-O section 3.2).
READ_FROM = (NamedNode(DCTERMS + "source"), NamedNode("http://www.w3.org/ns/prov#hadPrimarySource"))


@dataclass
class Sources:
    """The sources of the statements about one thing. What it says it was read from holds for all that its graph says of it."""

    names: Names
    said: Iterable[Statement]
    _found: dict[str, tuple[Source, ...]] = field(default_factory=dict)
    _dates: dict[NamedNode, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def of(self, graphs: Iterable[str]) -> tuple[Source, ...]:
        """Those of what stands in some named graphs, each once."""
        return tuple(dict.fromkeys(source for graph in graphs for source in self.of_graph(graph)))

    def of_graph(self, graph: str) -> tuple[Source, ...]:
        """Those of what one named graph says of the thing; a graph without a source is its own."""
        if graph not in self._found:
            self._found[graph] = tuple(self._of_graph(graph))
        return self._found[graph]

    def _of_graph(self, graph: str) -> Iterable[Source]:
        shown = self.names.graph(graph)
        if self.names.release.is_inferred([graph]):
            return [Source(Shown(_("follows by rule"), shown.href, graph), (), shown, is_rule=True)]
        own = self._own(graph)
        return [self._document(each, NamedNode(graph)) for each in own] if own else self.of_other(NamedNode(graph))

    def of_other(self, node: NamedNode) -> list[Source]:
        """A named graph by the documents it is made of, whatever is in it; a document by itself."""
        if not self.names.release.is_described(node.value):
            return [self._document(node, node)]
        documents = [each for by in READ_FROM for each in self._values(node, by)]
        return [self._document(each, node) for each in documents or [node]]

    def _document(self, document: NamedNode, graph: NamedNode) -> Source:
        kept = self._graph(graph)
        return Source(self.names.name(document) if document != graph else kept, self._dated(document) or self._dated(graph), kept)

    def _graph(self, graph: NamedNode) -> Shown:
        """A named graph by its title, else by its path; what is in no file was counted when the release was made."""
        if not self.names.release.is_described(graph.value):
            return Shown(_("counted here"), iri=graph.value)
        return self.names.name(graph) if self.names.label(graph) else self.names.graph(graph.value)

    def _own(self, graph: str) -> list[NamedNode]:
        """What the thing itself was read from, as this graph has it."""
        return list(dict.fromkeys(s.triple.object for s in self.said if s.triple.predicate in READ_FROM and graph in s.graphs
                                  and isinstance(s.triple.object, NamedNode)))

    def _values(self, node: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        return [value for value in self.names.release.reading.values(node, predicate) if isinstance(value, NamedNode)]

    def _dated(self, node: NamedNode) -> tuple[tuple[str, str], ...]:
        """The dates that a document states of itself, each under its name, the earliest first."""
        if node not in self._dates:
            said = (s.triple for s in self.names.release.reading.about(node))
            dates = sorted({(t.object.value, t.predicate) for t in said if isinstance(t.object, Literal) and is_date(t.object)},
                           key=lambda pair: (pair[0], pair[1].value))
            self._dates[node] = tuple((self.names.term_name(predicate).text, day(value)) for value, predicate in dates)
        return self._dates[node]
