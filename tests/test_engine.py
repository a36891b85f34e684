"""The engine room as real processes over a real store: answers, limits, and what is left after kills."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from rooms import settled, supervisor
from test_engine_reading import ALLOWED, CANONICAL, CHAINED, HIDDEN, LINKS, LOCAL, NESTED, SERVICE, nest
from triplehelix import formats
from triplehelix.engine import (
    BadQuery,
    Busy,
    Dataset,
    EngineRoom,
    FederationOff,
    Limits,
    OutOfMemory,
    Query,
    QueryError,
    Timeout,
    TooLarge,
    Unavailable,
    start_room,
    wire,
)
from triplehelix.engine.worker import Worker

LIMITS = Limits(seconds=2, memory_bytes=400_000_000, answer_bytes=200_000, wait_seconds=4, merged_triples=100)
E = "http://e.example/"
COUNT = "SELECT (COUNT(*) AS ?n) "
NUMBERS = " ".join(map(str, range(400)))
PRODUCT = "".join(f"VALUES ?{name} {{{NUMBERS}}} " for name in "abcde")
RUNAWAY = COUNT + "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("release") / "store")
    subject, shared = NamedNode(LOCAL + "id/x"), NamedNode(E + "shared")
    both = [Quad(subject, shared, Literal("in both"), NamedNode(E + graph)) for graph in ("g1", "g2")]
    own = [Quad(NamedNode(E + str(n)), NamedNode(E + "p"), Literal(n), NamedNode(E + "g1")) for n in range(60)]
    big = [Quad(NamedNode(E + str(n)), NamedNode(E + "p"), Literal(n), NamedNode(E + "big")) for n in range(200)]
    merged = {Quad(q.subject, q.predicate, q.object, DefaultGraph()) for q in both + own + big}
    writer = Store(path)
    writer.bulk_extend([*both, *own, *big, *merged])
    writer.flush()
    return path


@pytest.fixture(scope="module")
def dataset(store: str) -> Dataset:
    return Dataset(store, 201, CANONICAL, LOCAL)


@pytest.fixture(scope="module", params=["disk", "memory"])
def room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Iterator[EngineRoom]:
    """What any engine must do, each of the two does."""
    limits = replace(LIMITS, memory_triples=1_000 if request.param == "memory" else 0)
    with start_room(tmp_path_factory.mktemp("room") / "socket", limits, dataset) as started:
        if sys.platform == "linux":
            settled(supervisor(), 2 if request.param == "memory" else 1)
        yield started


@pytest.fixture
def query() -> Query:
    return Query("SELECT ?o { ?s ?p ?o } LIMIT 1", "http://base.example/", "json")


def number(room: EngineRoom, query: Query, dataset: Dataset, text: str, **changes: object) -> int:
    answer = room.execute(replace(query, text=text, **changes), dataset, LIMITS)
    return int(json.loads(answer.body)["results"]["bindings"][0]["n"]["value"])


# Answers


@pytest.mark.parametrize("name", [each.name for each in formats.RESULTS])
def test_rows_and_booleans_in_every_format(room: EngineRoom, query: Query, dataset: Dataset, name: str) -> None:
    rows = room.execute(replace(query, format=name), dataset, LIMITS)
    assert (rows.kind, rows.format) == ("results", name)
    assert rows.body
    truth = room.execute(replace(query, text="ASK {}", format=name), dataset, LIMITS)
    assert truth.kind == "boolean"
    assert b"true" in truth.body


@pytest.mark.parametrize("name", [each.name for each in formats.GRAPH + formats.DATASET])
@pytest.mark.parametrize("text", ["CONSTRUCT WHERE { ?s ?p 1 }", f"DESCRIBE <{E}1>"])
def test_graphs_in_every_format(room: EngineRoom, query: Query, dataset: Dataset, name: str, text: str) -> None:
    answer = room.execute(replace(query, text=text, format=name), dataset, LIMITS)
    assert answer.kind == "graph"
    reader = Store()
    reader.load(answer.body, format=formats.by_name(name).engine)
    assert [(q.subject.value, q.object.value) for q in reader] == [(E + "1", "1")]


def test_turtle_has_the_prefixes_of_the_query(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    text = f"PREFIX e: <{E}> CONSTRUCT WHERE {{ ?s e:p 1 }}"
    assert room.execute(replace(query, text=text, format="ttl"), dataset, LIMITS).body.endswith(b"e:1 e:p 1 .\n")


@pytest.mark.parametrize("name", ["ttl", "trig", "rdf", "jsonld"])
def test_the_same_query_has_the_same_bytes_in_every_process(store: str, name: str) -> None:
    prefixes = " ".join(f"PREFIX p{n}: <http://p{n}.example/>" for n in range(9))
    request = {"store": store, "text": f"{prefixes} CONSTRUCT WHERE {{ ?s ?p 1 }}", "base_iri": LOCAL, "format": name,
               "default_graphs": None, "named_graphs": None,
               "rewritten": None, "max_rows": None, "canonical": False, "rows": 9, "answer_bytes": 10_000,
               "prefixes": {f"p{n}": f"http://p{n}.example/" for n in range(9)}}
    program = ("import sys; from triplehelix.engine.worker import Worker; from triplehelix.engine import wire; "
               "sys.stdout.buffer.write(wire.unpack(Worker('').answer(sys.stdin.buffer.read()))[1])")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    message = wire.pack({}, json.dumps(request).encode())
    answers = {subprocess.run([sys.executable, "-c", program], input=message, env=environment, check=True,
                              stdout=subprocess.PIPE).stdout for _ in range(4)}
    assert len(answers) == 1
    assert E.encode() in answers.pop()


def test_a_format_must_hold_the_answer(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="ttl cannot hold the answer to SELECT"):
        room.execute(replace(query, format="ttl"), dataset, LIMITS)


def test_iris_are_read_with_the_base_of_the_release(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    answer = room.execute(replace(query, text=f"ASK {{ <{CANONICAL}id/x> ?p ?o }}"), dataset, LIMITS)
    assert (answer.rebased, json.loads(answer.body)["boolean"]) == (True, True)
    relative = room.execute(replace(query, text="ASK { <id/x> ?p ?o }", base_iri=LOCAL + "sparql"), dataset, LIMITS)
    assert (relative.rebased, json.loads(relative.body)["boolean"]) == (False, True)


# Datasets


def test_default_graph_is_the_stores_own(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    assert number(room, query, dataset, COUNT + "{ ?s ?p ?o }") == 201
    assert number(room, query, dataset, COUNT + "{ GRAPH ?g { ?s ?p ?o } }") == 262


@pytest.mark.parametrize(("clauses", "parameters"), [
    (f"FROM <{E}g1> FROM <{E}g2>", {}), ("", {"default_graphs": (E + "g1", E + "g2")}),
])
def test_several_default_graphs_are_a_merge(
        room: EngineRoom, query: Query, dataset: Dataset, clauses: str, parameters: dict) -> None:
    assert number(room, query, dataset, COUNT + clauses + "{ ?s ?p ?o }", **parameters) == 61
    assert number(room, query, dataset, COUNT + clauses + "{ GRAPH ?g { ?s ?p ?o } }", **parameters) == 0


def test_default_and_named_graphs_are_those_given_and_no_others(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    assert number(room, query, dataset, f"{COUNT} FROM <{E}g2> {{ ?s ?p ?o }}") == 1
    assert number(room, query, dataset, f"{COUNT} FROM NAMED <{E}g2> {{ GRAPH ?g {{ ?s ?p ?o }} }}") == 1
    assert number(room, query, dataset, f"{COUNT} FROM NAMED <{E}g2> {{ ?s ?p ?o }}") == 0
    both = f"FROM <{E}g1> FROM <{E}g2> FROM NAMED <{E}g2>"
    assert number(room, query, dataset, f"{COUNT} {both} {{ GRAPH ?g {{ ?s ?p ?o }} }}") == 1
    named = {"named_graphs": (E + "g2",)}
    assert number(room, query, dataset, f"{COUNT} FROM NAMED <{E}g1> {{ GRAPH ?g {{ ?s ?p ?o }} }}", **named) == 1


@pytest.mark.parametrize("clause", [f"FROM <{E}no>", f"FROM NAMED <{E}no>", f"FROM <{E}g1> FROM <{E}no>"])
def test_a_graph_that_the_release_lacks_is_named(room: EngineRoom, query: Query, dataset: Dataset, clause: str) -> None:
    with pytest.raises(BadQuery, match=f"no graph <{E}no>"):
        room.execute(replace(query, text=f"SELECT * {clause} {{ ?s ?p ?o }}"), dataset, LIMITS)


def test_graphs_too_big_to_merge_are_refused(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    with pytest.raises(TooLarge, match="more than 100 triples"):
        room.execute(replace(query, default_graphs=(E + "big", E + "g1")), dataset, LIMITS)


# Mistakes


@pytest.mark.parametrize(("text", "line", "column", "said"), [
    ("SELECT * {\n ?s ?p }", 2, 2, "'?s'"),
    (f"SELECT * {{ <{CANONICAL}x> <#y> ?o . FILTER ?o }}", 1, 62, "'?o'"),
    ("SELECT * {} LIMIT x", 1, 19, "'x'"),
    ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", 1, 8, "neither grouped nor inside an aggregate"),
])
def test_syntax_errors_have_a_place_in_the_visitors_text(
        room: EngineRoom, query: Query, dataset: Dataset, text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(BadQuery) as caught:
        room.execute(replace(query, text=text), dataset, LIMITS)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert said in caught.value.detail


def test_other_bad_queries(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    with pytest.raises(BadQuery, match="custom function <http://x.example/f>"):
        room.execute(replace(query, text="SELECT * { ?s ?p ?o FILTER(<http://x.example/f>(?o)) }"), dataset, LIMITS)
    with pytest.raises(BadQuery, match="read-only"):
        room.execute(replace(query, text="INSERT DATA { <a> <b> <c> }"), dataset, LIMITS)


def test_a_store_that_is_not_there(room: EngineRoom, query: Query, dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        room.execute(query, replace(dataset, store=str(tmp_path / "none")), LIMITS)
    assert room.execute(query, dataset, LIMITS).body


def test_no_room(query: Query, dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        EngineRoom(tmp_path / "socket").execute(query, dataset, LIMITS)


# Hostile queries


def test_nesting_and_chains_never_reach_a_worker(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    texts = [nest(kind, 100_000) for kind in NESTED] + [CHAINED[kind] % (LINKS[kind] * 100_000) for kind in CHAINED]
    for text in [nest("parentheses", 10_000), *texts]:
        with pytest.raises(BadQuery):
            room.execute(replace(query, text=text), dataset, LIMITS)
    assert room.execute(query, dataset, LIMITS).body


@pytest.mark.parametrize("kind", NESTED)
def test_what_the_guard_admits_kills_no_worker(room: EngineRoom, query: Query, dataset: Dataset, kind: str) -> None:
    try:
        room.execute(replace(query, text=nest(kind, 60 if kind == "sub-selects" else 120)), dataset, LIMITS)
    except (BadQuery, Timeout) as error:
        assert "memory" not in error.detail


@pytest.mark.parametrize("text", SERVICE + HIDDEN)
def test_nothing_leaves_the_machine(room: EngineRoom, query: Query, dataset: Dataset, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        with pytest.raises((FederationOff, BadQuery)):
            room.execute(replace(query, text=text % listener.getsockname()[1]), dataset, LIMITS)
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("text", ALLOWED)
def test_service_in_comments_strings_and_names_is_allowed(room: EngineRoom, query: Query, dataset: Dataset, text: str) -> None:
    if "GRAPH" not in text:
        assert room.execute(replace(query, text=text), dataset, LIMITS).kind == "results"


@linux
def test_a_worker_has_no_network_even_without_the_guard(room: EngineRoom, query: Query, dataset: Dataset,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triplehelix.engine.reading.check_federation", lambda *_: False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        text = f"SELECT * {{ SERVICE <http://127.0.0.1:{listener.getsockname()[1]}/> {{?s ?p ?o}} }}"
        with pytest.raises(Unavailable, match="not permitted"):
            room.execute(replace(query, text=text), dataset, LIMITS)
        with pytest.raises(TimeoutError):
            listener.accept()


# Limits


def test_a_runaway_ends_in_time_and_the_next_query_answers(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    began = time.monotonic()
    with pytest.raises(Timeout):
        room.execute(replace(query, text=RUNAWAY), dataset, LIMITS)
    assert LIMITS.seconds <= time.monotonic() - began < LIMITS.seconds + 1
    assert room.execute(query, dataset, LIMITS).body


def test_a_memory_bomb_ends_and_the_next_query_answers(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    with pytest.raises((OutOfMemory, Timeout)):
        room.execute(replace(query, text=f"SELECT * {{ {PRODUCT} }} ORDER BY ?a ?e"), dataset, LIMITS)
    assert room.execute(query, dataset, LIMITS).body


def test_an_answer_over_the_cap(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    graph = f"CONSTRUCT {{ ?s <p> ?a }} {{ ?s ?p ?o . VALUES ?a {{ {NUMBERS} }} }}"
    for text, name in [(f"SELECT * {{ {PRODUCT} }}", "json"), (graph, "nt"), (graph, "ttl")]:
        with pytest.raises(TooLarge, match="200000 bytes"):
            room.execute(replace(query, text=text, format=name), dataset, LIMITS)
    assert room.execute(query, dataset, LIMITS).body


def test_a_full_queue_is_told(query: Query, dataset: Dataset, tmp_path: Path) -> None:
    limits = replace(LIMITS, workers=1, queue=1, seconds=1.5, wait_seconds=0.5)
    with start_room(tmp_path / "socket", limits) as small:
        outcomes: list[QueryError] = []

        def run() -> None:
            try:
                small.execute(replace(query, text=RUNAWAY), dataset, LIMITS)
            except QueryError as error:
                outcomes.append(error)

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
            time.sleep(0.1)
        for thread in threads:
            thread.join()
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Busy", "Busy", "Timeout"]
        assert all(outcome.retry_after == 1 for outcome in outcomes if isinstance(outcome, Busy))
        assert small.execute(query, dataset, LIMITS).body


def test_many_clients_at_once(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.extend(room.execute(query, dataset, LIMITS).body for _ in range(25)))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [room.execute(query, dataset, LIMITS).body] * 200


def test_a_worker_reports_memory_errors_of_its_own(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(store)

    def exhausted(_path: str) -> None:
        raise MemoryError

    monkeypatch.setattr(worker, "_open", exhausted)
    header, _ = wire.unpack(worker.answer(wire.pack({}, json.dumps({"store": store}).encode())))
    assert isinstance(wire.error_of(header), OutOfMemory)
