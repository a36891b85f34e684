"""The door to Oxigraph's Store on the serving side and in `build`: open, look up, normalise.

Trusted look-ups only (`quads_for_pattern`): a visitor's SPARQL goes to the engine room, never here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store, Triple

# Lines that are loaded together.
PIECE = 200_000


def normalised(triples: Iterable[Triple]) -> list[Triple]:
    """The triples with each literal in the lexical form the store keeps (1.50 becomes 1.5), in the same order."""
    triples = list(triples)
    forms = normal_forms(t.object for t in triples if isinstance(t.object, Literal))
    return [Triple(t.subject, t.predicate, forms.get(t.object, t.object)) for t in triples]


def normal_forms(literals: Iterable[Literal]) -> dict[Literal, Literal]:
    """Each literal with the form in which the store gives it back."""
    distinct = list(dict.fromkeys(literals))
    probe = NamedNode("urn:x-probe:")
    store = Store()
    store.extend(Quad(NamedNode(f"urn:x-n:{i}"), probe, literal) for i, literal in enumerate(distinct))
    return {literal: next(store.quads_for_pattern(NamedNode(f"urn:x-n:{i}"), probe, None)).object
            for i, literal in enumerate(distinct)}


def memory(quads: Iterable[Quad]) -> Store:
    """A store in memory with the quads in their named graphs, and the RDF merge of all of them as default graph."""
    store = Store()
    quads = list(quads)
    store.extend(quads)
    store.extend(merged(quads))
    return store


def merged(quads: Iterable[Quad]) -> list[Quad]:
    """The RDF merge of named graphs as quads of the default graph: a triple that two graphs hold stands once."""
    return list(dict.fromkeys(Quad(q.subject, q.predicate, q.object, DefaultGraph()) for q in quads))


def require_readable(query: str, base: str) -> None:
    """Raises SyntaxError, with the line, for a text that is no query."""
    try:
        Store().query(query, base_iri=base)
    except SyntaxError as error:
        place = re.match(r"error at (\d+):(\d+): (.*)", error.msg, re.DOTALL)
        if place:
            raise SyntaxError(place[3], (None, int(place[1]), int(place[2]), None)) from error
        raise


def variables(query: str, base: str) -> list[str]:
    """The variables that a SELECT answers, in their order; none for other queries. Raises SyntaxError."""
    answer = Store().query(query, base_iri=base)
    return [variable.value for variable in answer.variables] if isinstance(answer, QuerySolutions) else []


def rows(store: Store, query: str, base: str) -> Iterator[dict[str, NamedNode | Literal]]:
    """The rows of one of our own SELECT queries, each a mapping of the bound variables to terms."""
    solutions = store.query(query, base_iri=base)
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        yield {name: solution[name] for name in names if solution[name] is not None}


def construct(store: Store, query: str, base: str) -> Iterator[Triple]:
    """The triples of one of our own CONSTRUCT queries, as they are found."""
    return iter(store.query(query, base_iri=base))


def load(store: Store, lines: Iterable[bytes], folder: Path) -> None:
    """Take in lines of N-Quads without blank nodes, which would get other labels.

    They pass through a file in `folder`, piece by piece: the engine takes a kilobyte of memory for each line of a file.
    """
    path, rest = folder / "piece.nq", iter(lines)
    while piece := list(islice(rest, PIECE)):
        path.write_bytes(b"".join(piece))
        store.bulk_load(path=path)
        path.unlink()


def write(folder: Path, lines: Iterable[bytes], quads: Iterable[Quad] = ()) -> None:
    """A new store on disk of lines of N-Quads, as `load` takes them, and of some quads; lines of N-Triples among them are its
    default graph."""
    store = Store(folder)
    load(store, lines, folder.parent)
    store.bulk_extend(quads)
    store.flush()


def add(folder: Path, quads: Iterable[Quad]) -> None:
    """Take quads into a store on disk, which is complete then."""
    store = Store(folder)
    store.bulk_extend(quads)
    store.flush()
    store.optimize()


def opened(folder: Path | str) -> Store:
    """The store of a sealed release, read-only. Raises OSError where it is damaged."""
    try:
        return Store.read_only(str(folder))
    except RuntimeError as error:  # so the engine calls damage of its files
        raise OSError(str(error)) from error


@dataclass(frozen=True)
class Statement:
    """A triple, the named graphs it stands in (IRIs, sorted), and whether the default graph holds it."""

    triple: Triple
    graphs: tuple[str, ...]
    merged: bool


class Reading:
    """Look-ups in one sealed store; what they cost is bounded by what is said of one resource."""

    def __init__(self, folder: Path):
        """Raises OSError where the store is damaged."""
        self._store = opened(folder)

    def rows(self, query: str, base: str) -> Iterator[dict[str, NamedNode | Literal]]:
        """The rows of one of our own SELECT queries."""
        return rows(self._store, query, base)

    def count(self, graph: NamedNode | DefaultGraph) -> int:
        """The number of triples of one graph; reads them all."""
        return sum(1 for _ in self._store.quads_for_pattern(None, None, None, graph))

    def holds(self, subject: NamedNode) -> bool:
        """Whether any graph says something of the subject."""
        return any(True for _ in self._store.quads_for_pattern(subject, None, None, None))

    def about(self, subject: NamedNode | BlankNode | Literal) -> list[Statement]:
        """All statements with that subject, in any graph, sorted; none where it is a literal, whatever leads to it."""
        return [] if isinstance(subject, Literal) else statements(self._store.quads_for_pattern(subject, None, None, None))

    def pointing(self, value: NamedNode, predicate: NamedNode | None = None) -> list[Statement]:
        """All statements with that object (and predicate), in any graph, sorted."""
        return statements(self._store.quads_for_pattern(None, predicate, value, None))

    def subjects(self, predicate: NamedNode, value: NamedNode) -> Iterator[NamedNode | BlankNode]:
        """The subjects that the default graph gives a predicate and an object, as the index has them."""
        return (quad.subject for quad in self._store.quads_for_pattern(None, predicate, value, DefaultGraph()))

    def content(self, graph: NamedNode) -> list[Statement]:
        """All statements of one named graph, sorted; `graphs` names that one only."""
        return statements(self._store.quads_for_pattern(None, None, None, graph))

    def values(self, subject: NamedNode | BlankNode, predicate: NamedNode) -> list[NamedNode | BlankNode | Literal]:
        """The distinct objects of subject and predicate in any graph, sorted."""
        return sorted({q.object for q in self._store.quads_for_pattern(subject, predicate, None, None)}, key=str)


def statements(quads: Iterable[Quad]) -> list[Statement]:
    """Quads put together by triple; the default graph is told apart from the named ones."""
    places: dict[Triple, list[NamedNode | DefaultGraph]] = {}
    for quad in quads:
        places.setdefault(quad.triple, []).append(quad.graph_name)
    return [_statement(triple, places[triple]) for triple in sorted(places, key=str)]


def _statement(triple: Triple, graphs: list[NamedNode | DefaultGraph]) -> Statement:
    named = sorted(graph.value for graph in graphs if isinstance(graph, NamedNode))
    return Statement(triple, tuple(named), len(named) < len(graphs))
