"""The two that are judged: the bare engine called in process, and the engine room. Both answer from the same stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, parse

from suites import results
from suites.manifests import BASE, Case, format_of
from triplehelix import formats
from triplehelix.engine import BadQuery, Dataset, EngineRoom, Limits, Query, QueryError, form_of
from triplehelix.engine.prologue import dataset_clauses, read_prologue
from triplehelix.engine.tokens import tokenise

# Files of the default graph, IRIs of named graphs.
Data = tuple[tuple[str, ...], tuple[str, ...]]
# A case and a format's name to the body of the answer. Raises Refused.
Engine = Callable[[Case, str], bytes]


class Refused(Exception):
    """The engine says that this is no query."""


class Failed(Exception):
    """The engine has no answer."""


class Stores:
    """The stores of the cases, on disk and in memory, each made once; cases with the same data share one."""

    def __init__(self, suites: Path, folder: Path) -> None:
        self._suites = suites
        self._folder = folder
        self._on_disk: dict[Data, str] = {}
        self._in_memory: dict[Data, Store] = {}

    def text(self, case: Case) -> str:
        return (self._suites / case.query).read_text(encoding="utf-8")

    def on_disk(self, case: Case) -> str:
        data = self._data(case)
        if data not in self._on_disk:
            self._on_disk[data] = str(self._folder / str(len(self._on_disk)))
            self._fill(Store(self._on_disk[data]), data).flush()
        return self._on_disk[data]

    def in_memory(self, case: Case) -> Store:
        data = self._data(case)
        if data not in self._in_memory:
            self._in_memory[data] = self._fill(Store(), data)
        return self._in_memory[data]

    def _data(self, case: Case) -> Data:
        """What the case says it needs, and the graphs that its query names by FROM and FROM NAMED."""
        named = {BASE + path for path in case.graphs}
        if case.kind != "negative":
            text = self.text(case)
            tokens = list(tokenise(text))
            named.update(*dataset_clauses(tokens, read_prologue(text, tokens, case.base)))
        return tuple(sorted(case.data)), tuple(sorted(named))

    def _fill(self, store: Store, data: Data) -> Store:
        paths, named = data
        for path in paths:
            store.extend(self._quads(path, DefaultGraph()))
        for graph in map(NamedNode, named):
            store.add_graph(graph)
            store.extend(self._quads(graph.value.removeprefix(BASE), graph))
        return store

    def _quads(self, path: str, graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
        """The triples of a file, in a graph; none where a query of syntax only names a graph that nobody wrote."""
        file = self._suites / path
        if not file.is_file():
            return
        for quad in parse(file.read_bytes(), format=format_of(file), base_iri=BASE + path, rename_blank_nodes=True):
            yield Quad(quad.subject, quad.predicate, quad.object, graph)


def bare(stores: Stores) -> Engine:
    """The engine's own library, as a program would call it."""
    def answer(case: Case, name: str) -> bytes:
        try:
            found = stores.in_memory(case).query(stores.text(case), base_iri=case.base)
            return found.serialize(format=formats.by_name(name).engine)
        except SyntaxError as error:
            raise Refused from error
        except (OSError, RuntimeError, ValueError) as error:
            raise Failed from error
    return answer


def in_room(room: EngineRoom, stores: Stores) -> Engine:
    """The engine room. Only a mistake with a place is one of syntax; that federation is off is none."""
    def answer(case: Case, name: str) -> bytes:
        try:
            return room.execute(Query(stores.text(case), case.base, name), Dataset(stores.on_disk(case)), Limits()).body
        except QueryError as error:
            raise (Refused if isinstance(error, BadQuery) and error.line else Failed) from error
    return answer


def passes(case: Case, engine: Engine, stores: Stores, suites: Path) -> bool:
    """Whether the engine does what the case expects."""
    try:
        name = results.format_for(case.result, form_of(stores.text(case)))
    except BadQuery:
        name = "json"
    try:
        body = engine(case, name)
    except Refused:
        return case.kind == "negative"
    except Failed:
        return case.kind == "positive"
    if case.kind != "evaluation":
        return case.kind == "positive"
    found, expected = results.found(body, name), results.expected(suites / case.result, BASE + case.result)
    return results.distinct(found) == results.distinct(expected) if case.lax else found == expected
