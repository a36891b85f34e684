"""What runs in a query worker: one process, one store, one query at a time, until it is killed."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from socket import socket
from types import MappingProxyType
from typing import Any

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    serialize,
)

from triplehelix import formats
from triplehelix.engine import canonical, wire
from triplehelix.engine.determined import EXACT
from triplehelix.engine.model import BadQuery, OutOfMemory, QueryError, TooLarge, Unavailable
from triplehelix.engine.tokens import tokenise
from triplehelix.engine.window import windowed
from triplehelix.store import opened

Results = QuerySolutions | QueryBoolean | QueryTriples
_RETRY_SECONDS, _REASON_CHARACTERS = 5, 200
# How the engine's messages about its files begin.
_DAMAGE = ("Corruption", "IO error")
# One more than there are of these in an answer is at least the number of its rows.
_ROW_MARKS = MappingProxyType({"json": b"},{", "xml": b"<result>", "csv": b"\n", "tsv": b"\n"})


class Worker:
    """Answers the queries that come over a socket, from the store that each of them names."""

    def __init__(self, path: str, held: Store | None = None) -> None:
        """Opens the store at `path` beforehand, where one is given; `held` is a copy of it that is open already."""
        self._path = path if held is not None else ""
        self._store = Store() if held is None else held
        if path:
            self._warm(path)

    def _warm(self, path: str) -> None:
        """Opens a store, if it can: where it cannot, the next query says so."""
        try:
            self._open(path)
        except OSError:
            self._path = ""

    def serve(self, channel: socket) -> None:
        """Answers until the room closes the socket."""
        while message := wire.receive(channel):
            channel.sendall(self.answer(message))

    def answer(self, message: bytes) -> bytes:
        """The answer to one query, or the reason why there is none, with the engine seconds it took."""
        started = time.process_time()
        header, body = self.evaluated(json.loads(wire.unpack(message)[1]))
        return wire.pack(header, body, time.process_time() - started)

    def evaluated(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The header and the body of the answer to a request, or the reason why there is none and no body."""
        try:
            self._open(request["store"])
            return _Evaluation(self._store, request).answer()
        except QueryError as error:
            return wire.told(error), b""
        except SyntaxError as error:
            return {"error": "syntax", "detail": str(error)}, b""
        except MemoryError:
            return wire.told(OutOfMemory("The query needs more memory than one query is given. Ask for less at once.")), b""
        except (OSError, RuntimeError, ValueError) as error:
            return wire.told(_failure(error, request)), b""

    def _open(self, path: str) -> None:
        if path != self._path:
            self._store, self._path = opened(path), path


def _failure(error: Exception, request: dict[str, Any]) -> QueryError:
    """What the engine's own errors mean: an endpoint that fails, files that cannot be read, or a query that is no good.

    Of another endpoint's words the first are told, for behind them may be a page of its own.
    """
    if request["federated"] and not isinstance(error, ValueError):
        reason = f"{error} ".splitlines()[0][:_REASON_CHARACTERS].rstrip(" .:")
        return Unavailable(f"An endpoint that SERVICE names has given no answer: {reason}. Try again in a moment, or write "
                           "SERVICE SILENT to do without it.", retry_after=_RETRY_SECONDS)
    if isinstance(error, OSError) or str(error).startswith(_DAMAGE):
        return Unavailable(f"The store of this release cannot be read: {error}. Try again later.", retry_after=_RETRY_SECONDS)
    return BadQuery(f"The engine cannot evaluate the query: {error}. Change what it names there.")


class _Evaluation:
    """One query on one store: the dataset it asks for, its answer, and whether there is more than may be answered."""

    def __init__(self, store: Store, request: dict[str, Any]) -> None:
        self._store = store
        self._request = request
        self._dataset: dict[str, Any] = {}
        self._exactness = canonical.Exactness()
        if request["default_graphs"] is not None:
            self._choose_graphs(request["default_graphs"], request["named_graphs"])

    def answer(self) -> tuple[dict[str, Any], bytes]:
        """Header and body. Raises a QueryError, and what the engine raises."""
        results = self._results()
        body = _Capped(self._request["answer_bytes"])
        offered = formats.by_name(self._request["format"])
        if self._request["canonical"]:
            whole = _Capped(self._request["answer_bytes"])
            whole.write(self._canonical(results, body, offered))
            return {"kind": _kind(results), "cut": False}, formats.tidy(whole.getvalue(), offered)
        if isinstance(results, QueryTriples) and offered.engine in formats.PREFIXED:
            serialize(results, body, format=offered.engine, prefixes=self._request["prefixes"])
        else:
            results.serialize(body, format=offered.engine)
        cut = isinstance(results, QuerySolutions) and self._is_cut(body.getvalue())
        return {"kind": _kind(results), "cut": cut}, formats.tidy(body.getvalue(), offered)

    def _canonical(self, results: Results, plain: _Capped, offered: formats.Format) -> bytes:
        """The same bytes for the same answer, whichever order the engine gives it in."""
        syntax = RdfFormat.N_TRIPLES if isinstance(results, QueryTriples) else QueryResultsFormat.TSV
        results.serialize(plain, format=offered.engine if isinstance(results, QueryBoolean) else syntax)
        self._exactness.require()
        if isinstance(results, QueryBoolean):
            return plain.getvalue()
        if isinstance(results, QueryTriples):
            return canonical.written_triples(canonical.triples(plain.getvalue()), offered, self._request["prefixes"])
        rows = canonical.rows(plain.getvalue(), self._request["ordered"], self._request["rows"])
        return canonical.written_rows(rows, offered)

    def _results(self) -> Results:
        """The results; a rewritten query that the engine cannot read is evaluated as the visitor wrote it."""
        if self._request["max_rows"]:
            return self._query(self._window(0, self._request["max_rows"]) or self._request["text"])
        if self._request["rewritten"]:
            with suppress(SyntaxError):
                return self._query(self._request["rewritten"])
        return self._query(self._request["text"])

    def _query(self, text: str) -> Results:
        watching = {"custom_functions": {NamedNode(EXACT): self._exactness}} if self._request["canonical"] else {}
        return self._store.query(text, base_iri=self._request["base_iri"], **self._dataset, **watching)

    def _is_cut(self, body: bytes) -> bool:
        """Whether there is a row behind the last one asked for. Raises TooLarge where none was left out on purpose."""
        asked = self._request["max_rows"]
        rows = asked or self._request["rows"]
        if body.count(_ROW_MARKS[self._request["format"]]) + 1 < rows:
            return False
        beyond = self._window(rows, 1)
        more = beyond is not None and next(iter(self._query(beyond)), None) is not None
        if more and not asked:
            raise TooLarge(f"The answer has more than {rows} rows. Add LIMIT, ask for the first rows by max-rows, or "
                           "download the dump.")
        return more

    def _window(self, skipped: int, rows: int) -> str | None:
        """The query for some rows of the answer. Of a query that the engine has read, so the brackets match."""
        text = self._request["text"]
        return windowed(text, list(tokenise(text)), skipped, rows)

    def _choose_graphs(self, default_graphs: list[str], named_graphs: list[str]) -> None:
        default = [self._graph(iri) for iri in dict.fromkeys(default_graphs)]
        named = [self._graph(iri) for iri in dict.fromkeys(named_graphs)]
        if len(default) > 1:
            self._store = self._merge(default, named)
            default = [DefaultGraph()]
        self._dataset = {"default_graph": default, "named_graphs": named}

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
        merged, most = Store(), self._request["merged_triples"]
        into_default = (Quad(q.subject, q.predicate, q.object) for g in default for q in self._quads(g))
        as_they_are = (q for g in named for q in self._quads(g))
        for taken, quad in enumerate(chain(into_default, as_they_are), start=1):
            if taken > most:
                raise TooLarge(f"The graphs named hold more than {most} triples together, more than are merged for one "
                               "query. Name one graph, or use GRAPH, or leave FROM out: the default graph is the merge of all.")
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


def _kind(results: Results) -> str:
    if isinstance(results, QueryTriples):
        return "graph"
    return "boolean" if isinstance(results, QueryBoolean) else "results"
