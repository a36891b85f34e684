"""The cases of a SPARQL suite: its manifests, followed from one to the next (vocabularies mf: and qt: of the suites)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
BASE = "https://w3c.github.io/rdf-tests/sparql/"
KINDS = {"QueryEvaluationTest": "evaluation", "CSVResultFormatTest": "evaluation", "PositiveSyntaxTest": "positive",
         "PositiveSyntaxTest11": "positive", "NegativeSyntaxTest": "negative", "NegativeSyntaxTest11": "negative"}
Node = NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class Case:
    """One test of queries: `kind` is "evaluation", "positive" or "negative" (syntax); paths below the suites' folder.

    `lax`: rows may come more or less often than the result has them (REDUCED).
    """

    iri: str
    kind: str
    query: str
    data: tuple[str, ...] = ()
    graphs: tuple[str, ...] = ()
    result: str = ""
    lax: bool = False

    @property
    def base(self) -> str:
        """The IRI against which the query's own are resolved: its address."""
        return BASE + self.query


class Graph:
    """The triples of one file, to be walked."""

    def __init__(self, path: Path, base: str) -> None:
        self._found: dict[tuple[Node, str], list[Node]] = {}
        self.quads: list[Quad] = list(parse(path.read_bytes(), format=format_of(path), base_iri=base))
        for quad in self.quads:
            self._found.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)

    def values(self, node: Node, predicate: str) -> list[Node]:
        return self._found.get((node, predicate), [])

    def value(self, node: Node, predicate: str) -> Node | None:
        return next(iter(self.values(node, predicate)), None)

    def list(self, node: Node | None) -> Iterator[Node]:
        """The members of an RDF list."""
        while node and node != NamedNode(RDF + "nil"):
            yield from self.values(node, RDF + "first")
            node = self.value(node, RDF + "rest")


def format_of(path: Path) -> RdfFormat:
    """By the suffix."""
    return RdfFormat.from_extension(path.suffix[1:]) or RdfFormat.TURTLE


def entries(suites: Path, manifest: str) -> Iterator[tuple[Graph, Node]]:
    """The entries of a manifest and of those it includes, each with the graph that describes it."""
    graph = Graph(suites / manifest, BASE + manifest)
    own = NamedNode(BASE + manifest)
    for included in graph.list(graph.value(own, MF + "include")):
        yield from entries(suites, _path(included))
    for entry in graph.list(graph.value(own, MF + "entries")):
        yield graph, entry


def cases(suites: Path, manifest: str, without: tuple[str, ...] = ()) -> list[Case]:
    """The cases of queries below a manifest, but for those in the folders `without`; updates are none."""
    found = []
    for graph, entry in entries(suites, manifest):
        kinds = [KINDS[kind.value.removeprefix(MF)] for kind in graph.values(entry, RDF + "type")
                 if kind.value.removeprefix(MF) in KINDS]
        if kinds:
            found.append(_case(graph, entry, kinds[0]))
    return [case for case in found if case.query.split("/")[1] not in without]


def _case(graph: Graph, entry: Node, kind: str) -> Case:
    action, result = graph.value(entry, MF + "action"), graph.value(entry, MF + "result")
    query = graph.value(action, QT + "query") or action
    return Case(entry.value, kind, _path(query), tuple(map(_path, graph.values(action, QT + "data"))),
                tuple(map(_path, graph.values(action, QT + "graphData"))), _path(result) if result else "",
                graph.value(entry, MF + "resultCardinality") is not None)


def _path(node: Node) -> str:
    return unquote(node.value.removeprefix(BASE))
