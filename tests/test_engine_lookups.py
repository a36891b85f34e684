"""Look-ups: which queries they are, and that they say without the engine room what they would with it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from triplehelix import formats
from triplehelix.engine import BadQuery, Dataset, EngineRoom, FairUse, Limits, Query, TooLarge, Unavailable, start_room
from triplehelix.engine.lookups import is_lookup
from triplehelix.engine.tokens import tokenise

BASE, ROWS = "http://e.example/", 300
LIMITS = Limits(wait_seconds=2, seconds=5)
HUB = f"<{BASE}hub>"
LOOKUPS = (
    f"SELECT ?p ?o WHERE {{ {HUB} ?p ?o . }}", f"SELECT * {{ {HUB} ?p ?o }}", "SELECT DISTINCT ?p { <hub> ?p ?o }",
    f"PREFIX e: <{BASE}>\nselect ?o where {{ e:hub e:p ?o }} limit 5 offset 7", "SELECT ?o { <hub> a ?o }",
    "ASK { <hub> <p> <thing/1> }", "ASK { <nobody> ?p ?o }", "DESCRIBE <hub>", "BASE <http://e.example/> DESCRIBE <hub> # one",
    "SELECT ?x { <hub> ?x ?x }", "SELECT ?nothing { <hub> ?p ?o } LIMIT 0")
OTHERS = (
    "SELECT * { ?s ?p <hub> }", "SELECT * { <hub> <p>* ?o }", "SELECT * { <hub> <p>/<p> ?o }", "SELECT * { <hub> ^<p> ?o }",
    "SELECT * { <hub> ?p ?o ; ?q ?r }", "SELECT * { <hub> ?p ?o, ?r }", "SELECT * { <hub> ?p ?o . ?s ?q ?r }",
    "SELECT (COUNT(*) AS ?n) { <hub> ?p ?o }", "SELECT ?p { <hub> ?p ?o } ORDER BY ?p", "SELECT ?p { <hub> ?p ?o } GROUP BY ?p",
    "SELECT * { <hub> ?p ?o FILTER(?o > 1) }", "SELECT * { <hub> ?p ?o } VALUES ?p { <p> }", "SELECT * { { <hub> ?p ?o } }",
    "SELECT * FROM <g> { <hub> ?p ?o }", "SELECT * { GRAPH <g> { <hub> ?p ?o } }", "SELECT * { SERVICE <g> { <hub> ?p ?o } }",
    "CONSTRUCT { <hub> ?p ?o } WHERE { <hub> ?p ?o }", "CONSTRUCT WHERE { <hub> ?p ?o }", "DESCRIBE <hub> <other>",
    "DESCRIBE ?s { ?s ?p ?o }", "DESCRIBE *", "ASK { <hub> ?p 1 }", "SELECT * { <hub> ?p ?o } LIMIT 1 LIMIT 2", "ASK {}",
    f"SELECT {'?p ' * 300}{{ <hub> ?p ?o }}")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("release") / "store"
    writer, hub, p = Store(str(path)), NamedNode(BASE + "hub"), NamedNode(BASE + "p")
    values = [*(NamedNode(f"{BASE}thing/{n}") for n in range(ROWS)), Literal("Nabe", language="de"), Literal(7), p]
    writer.bulk_extend(Quad(hub, p, value, DefaultGraph()) for value in values)
    writer.bulk_extend([Quad(hub, p, Literal("apart"), NamedNode(BASE + "g"))])
    writer.flush()
    return path


@pytest.fixture(scope="module")
def dataset(store: Path) -> Dataset:
    return Dataset(str(store), ROWS + 3, "https://canonical.example/", BASE)


@pytest.fixture
def nobody(tmp_path: Path) -> EngineRoom:
    """Where an engine room would be there is none."""
    return EngineRoom(tmp_path / "socket")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Iterator[EngineRoom]:
    with start_room(tmp_path_factory.mktemp("room") / "socket", LIMITS, dataset) as started:
        yield started


def asked(engine: EngineRoom, dataset: Dataset, text: str, fmt: str = "json", limits: Limits = LIMITS, **more: object) -> bytes:
    return engine.execute(Query(text, BASE, fmt, **more), dataset, limits).body


def said(body: bytes, fmt: str) -> object:
    """What an answer says, whatever its order."""
    if fmt == "ttl":
        return set(parse(body, format=RdfFormat.TURTLE))
    told = json.loads(body)
    return told.get("boolean", Counter(json.dumps(row, sort_keys=True) for row in told.get("results", {}).get("bindings", ())))


@pytest.mark.parametrize(("text", "expected"), [*((text, True) for text in LOOKUPS), *((text, False) for text in OTHERS)])
def test_a_lookup_is_known_by_its_shape(text: str, expected: bool) -> None:
    assert is_lookup(list(tokenise(text))) is expected


@pytest.mark.parametrize("text", LOOKUPS)
def test_a_lookup_says_without_the_room_what_it_says_with_it(nobody, room, dataset, monkeypatch, text: str) -> None:
    fmt = "ttl" if "DESCRIBE" in text else "json"
    here = asked(nobody, dataset, text, fmt)
    monkeypatch.setattr("triplehelix.engine.reading.is_lookup", lambda _: False)
    there = asked(room, dataset, text, fmt)
    if "limit 5" not in text:  # which rows those are is left open
        assert said(here, fmt) == said(there, fmt)
    assert b"apart" not in here


@pytest.mark.parametrize("text", OTHERS[:4])
def test_any_other_query_needs_the_room(nobody, dataset, text: str) -> None:
    with pytest.raises(Unavailable, match="engine room does not answer"):
        asked(nobody, dataset, text)


def test_every_format_has_all_rows(nobody, dataset) -> None:
    for fmt in formats.RESULTS:
        assert asked(nobody, dataset, LOOKUPS[0], fmt.name).count(b"thing/") == ROWS


def test_pages_of_one_answer_fit_together(nobody, dataset) -> None:
    pages = [said(asked(nobody, dataset, f"SELECT ?o {{ {HUB} ?p ?o }} LIMIT 100 OFFSET {start}"), "json")
             for start in range(0, 400, 100)]
    assert sum(pages, Counter()) == said(asked(nobody, dataset, f"SELECT ?o {{ {HUB} ?p ?o }}"), "json")


def test_limits_hold(nobody, dataset) -> None:
    with pytest.raises(TooLarge, match="more than 100 rows"):
        asked(nobody, dataset, LOOKUPS[0], limits=replace(LIMITS, rows=100))
    with pytest.raises(TooLarge, match="larger than 1000 bytes"):
        asked(nobody, dataset, LOOKUPS[0], limits=replace(LIMITS, answer_bytes=1_000))
    answer = nobody.execute(Query(LOOKUPS[0], BASE, "json", max_rows=10), dataset, LIMITS)
    assert answer.cut and sum(said(answer.body, "json").values()) == 10


def test_what_is_wrong_is_told_at_its_place(nobody, dataset) -> None:
    with pytest.raises(BadQuery) as told:
        asked(nobody, dataset, "SELECT *\n{ <hub> ?p ?o } LIMIT 1.5")
    assert told.value.line == 2
    with pytest.raises(BadQuery, match="Prefix e: is not declared"):
        asked(nobody, dataset, "SELECT * { e:hub ?p ?o }")


def test_a_store_that_is_not_there_is_told_and_tried_again(nobody, dataset, store: Path, tmp_path: Path) -> None:
    later = replace(dataset, store=str(tmp_path / "later"))
    for _ in range(2):
        with pytest.raises(Unavailable, match="store of this release cannot be read"):
            asked(nobody, later, LOOKUPS[0])
    (tmp_path / "later").symlink_to(store)
    assert asked(nobody, later, LOOKUPS[0]) == asked(nobody, dataset, LOOKUPS[0])


def test_a_client_without_share_left_may_still_look_things_up(room, dataset) -> None:
    with start_room(Path(room._path).with_name("poor"), replace(LIMITS, client_seconds=0.01), dataset) as poor:
        with pytest.raises(FairUse):
            for number in range(1_000):
                asked(poor, dataset, f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f }} # {number}", client="one")
        assert asked(poor, dataset, LOOKUPS[0], client="one").count(b"thing/") == ROWS


def test_the_canonical_answer_comes_from_the_room(nobody, dataset) -> None:
    with pytest.raises(Unavailable):
        asked(nobody, dataset, f"SELECT * {{ {HUB} ?p ?o }}", canonical=True)
