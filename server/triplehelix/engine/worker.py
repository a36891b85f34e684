"""What runs in a query worker: one process, one store, one query at a time, until it is killed."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import chain
from socket import socket
from typing import Any

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    serialize,
)

from triplehelix import formats
from triplehelix.engine import wire
from triplehelix.engine.model import BadQuery, Limits, OutOfMemory, QueryError, TooLarge, Unavailable


class Worker:
    """Answers the queries that come over a socket, from the store that each of them names."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._path = ""
        self._store = Store()

    def serve(self, channel: socket, path: str) -> None:
        """Opens the store at `path` beforehand where one is given, then answers until the room closes the socket."""
        if path:
            self.warm(path)
        while message := wire.receive(channel):
            channel.sendall(self.answer(message))

    def warm(self, path: str) -> None:
        """Opens a store, if it can: where it cannot, the next query says so."""
        try:
            self._open(path)
        except OSError:
            self._path = ""

    def answer(self, message: bytes) -> bytes:
        """The answer to one query, or the reason why there is none."""
        request, _ = wire.unpack(message)
        try:
            return self._evaluate(request)
        except QueryError as error:
            return wire.pack_error(error)
        except SyntaxError as error:
            return wire.pack({"error": "syntax", "detail": str(error)})
        except (RuntimeError, ValueError) as error:
            return wire.pack_error(BadQuery(f"The engine cannot evaluate the query: {error}"))
        except MemoryError:
            return wire.pack_error(OutOfMemory("The query needs more memory than one query is given."))
        except OSError as error:
            return wire.pack_error(Unavailable(f"The store of this release cannot be read: {error}"))

    def _evaluate(self, request: dict[str, Any]) -> bytes:
        self._open(request["store"])
        results = self._query(request)
        body = _Capped(self._limits.answer_bytes)
        offered = formats.by_name(request["format"])
        if isinstance(results, QueryTriples) and offered.engine in formats.PREFIXED:
            serialize(results, body, format=offered.engine, prefixes=request["prefixes"])
        else:
            results.serialize(body, format=offered.engine)
        return wire.pack({"kind": _kind(results)}, formats.tidy(body.getvalue(), offered))

    def _open(self, path: str) -> None:
        if path != self._path:
            self._store, self._path = Store.read_only(path), path

    def _query(self, request: dict[str, Any]) -> QuerySolutions | QueryBoolean | QueryTriples:
        text, base = request["text"], request["base_iri"]
        if request["default_graphs"] is None:
            return self._store.query(text, base_iri=base)
        default = [self._graph(iri) for iri in dict.fromkeys(request["default_graphs"])]
        named = [self._graph(iri) for iri in dict.fromkeys(request["named_graphs"])]
        if len(default) > 1:
            return self._merge(default, named).query(
                text, base_iri=base, default_graph=DefaultGraph(), named_graphs=named)
        return self._store.query(text, base_iri=base, default_graph=default, named_graphs=named)

    def _graph(self, iri: str) -> NamedNode:
        try:
            graph = NamedNode(iri)
        except ValueError:
            raise BadQuery(f"The dataset of the query names a graph by what is no IRI: {iri!r}.") from None
        if not self._store.contains_named_graph(graph):
            raise BadQuery(f"There is no graph <{iri}> in this release, and none is fetched. The service description, which "
                           "the endpoint gives without a query, lists those there are.")
        return graph

    def _merge(self, default: list[NamedNode], named: list[NamedNode]) -> Store:
        """The RDF merge of graphs, as a set: the engine's own union counts a triple once for each graph it is in."""
        merged = Store()
        into_default = (Quad(q.subject, q.predicate, q.object) for g in default for q in self._quads(g))
        as_they_are = (q for g in named for q in self._quads(g))
        for taken, quad in enumerate(chain(into_default, as_they_are), start=1):
            if taken > self._limits.merged_triples:
                raise TooLarge(f"The graphs named hold more than {self._limits.merged_triples} triples together, more "
                               "than are merged for one query. Name one graph, or use GRAPH, or leave FROM out: the "
                               "default graph is the merge of all.")
            merged.add(quad)
        return merged

    def _quads(self, graph: NamedNode) -> Iterable[Quad]:
        return self._store.quads_for_pattern(None, None, None, graph)


class _Capped(io.BytesIO):
    """A buffer that refuses to grow over its cap."""

    def __init__(self, cap: int) -> None:
        super().__init__()
        self._cap = cap

    def write(self, block: bytes) -> int:
        if self.tell() + len(block) > self._cap:
            raise TooLarge(f"The answer is larger than {self._cap} bytes. Add LIMIT, ask for fewer columns, or "
                           "download the dump.")
        return super().write(block)


def _kind(results: QuerySolutions | QueryBoolean | QueryTriples) -> str:
    if isinstance(results, QueryTriples):
        return "graph"
    return "boolean" if isinstance(results, QueryBoolean) else "results"
