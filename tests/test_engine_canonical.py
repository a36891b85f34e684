"""Canonical answers: what leaves an answer open is refused, and the rest has the same bytes from any engine and any store."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse

from random_queries import PROLOGUE, Writer, random_graph
from triplehelix import formats
from triplehelix.engine import BadQuery, Dataset, EngineRoom, Limits, Query, TooLarge, start_room, wire
from triplehelix.engine.client import _message, _request
from triplehelix.engine.model import Undetermined
from triplehelix.engine.reading import read
from triplehelix.engine.tokens import position
from triplehelix.engine.worker import Worker

E, XSD = "http://e.example/", "http://www.w3.org/2001/XMLSchema#"
LIMITS = Limits(rows=500, answer_bytes=15_000)
QUERY = Query("", E, "tsv", canonical=True)
DATASET = Dataset("", 1_000)
ANY = "{ ?s ?p ?o }"


def typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + datatype))


# Equal by value but not as terms; not to be compared; compared in a circle (2 < 10 < "10abc" < 2); rounded when compared.
VALUES = (
    typed("1", "integer"), typed("1.0", "decimal"), typed("1", "double"), typed("1", "float"), typed("INF", "double"),
    typed("NaN", "double"), typed("2", "integer"), typed("10", "integer"), typed("2", "date"), typed("true", "boolean"),
    typed("abc", "integer"), typed("2020-01-01T00:00:00Z", "dateTime"), typed("2020-01-01T01:00:00+01:00", "dateTime"),
    typed("2020-01-01T00:00:00", "dateTime"), typed("2020-01-01T09:00:00", "dateTime"), typed("9007199254740993", "integer"),
    typed("9007199254740992", "integer"), typed("9007199254740992", "double"), Literal("10abc"), Literal("10abc", language="en"),
    Literal("10abc", language="fr"), Literal("2"), Literal(""), Literal("_:b"), Literal("a\tb\nc\r\\\""), Literal(E + "10"),
    NamedNode(E + "10"))
QUADS = [Quad(NamedNode(f"{E}s{at % 7}"), NamedNode(f"{E}p{at % 3}"), value) for at, value in enumerate(VALUES)] + [
    Quad(NamedNode(f"{E}s{at}"), NamedNode(E + "next"), NamedNode(f"{E}s{(at * at + 1) % 7}")) for at in range(7)]


def answered(worker: Worker, store: str, text: str, **changes: object) -> bytes:
    """The answer of a worker to a query, as it is asked."""
    query = replace(QUERY, text=text, **changes)
    dataset = replace(DATASET, store=store)
    header, body = worker.evaluated(_request(query, dataset, LIMITS, read(query, dataset, LIMITS)))
    if "error" in header:
        raise wire.error_of(header)
    return body


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> list[Callable[..., bytes]]:
    """The same data in memory and on disk, four times each, loaded in other orders and by other ways."""
    found = []
    for seed in range(4):
        shuffled = random.Random(seed).sample(QUADS, len(QUADS))
        path = str(tmp_path_factory.mktemp("canonical") / "store")
        memory, disk = Store(), Store(path)
        disk.bulk_extend(shuffled)
        for quad in shuffled:
            memory.add(quad)
        disk.flush()
        del disk
        for worker in (Worker(path, memory), Worker(path)):
            found.append(lambda text, worker=worker, path=path, **changes: answered(worker, path, text, **changes))
    return found


@pytest.fixture
def ask(engines: list[Callable[..., bytes]]) -> Callable[..., bytes]:
    """Asks all engines, which must agree."""
    def asked(text: str, **changes: object) -> bytes:
        answers = {engine(text, **changes) for engine in engines}
        assert len(answers) == 1
        return answers.pop()
    return asked


def lines(tsv: bytes) -> list[str]:
    return tsv.decode().split("\n")[1:-1]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = str(tmp_path_factory.mktemp("release") / "store")
    store = Store(path)
    store.bulk_extend(QUADS)
    store.flush()
    return replace(DATASET, store=path, triples=len(QUADS))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Iterator[EngineRoom]:
    with start_room(tmp_path_factory.mktemp("room") / "socket", LIMITS, dataset) as started:
        yield started


# The same bytes


def test_without_a_canonical_order_the_engines_differ(engines: list[Callable[..., bytes]]):
    answers = [engine(f"SELECT ?s ?p ?o {ANY}", canonical=False) for engine in engines]
    assert len(set(answers)) > 1
    assert len({tuple(sorted(lines(answer))) for answer in answers}) == 1


def test_rows_without_an_order_stand_by_the_bytes_of_their_lines(ask: Callable[..., bytes]):
    rows = ask(f"SELECT ?s ?o {ANY}").split(b"\n")[1:-1]
    assert len(rows) == len(QUADS) and rows == sorted(rows)


@pytest.mark.parametrize("text", [
    f"SELECT * {ANY}", f"SELECT DISTINCT ?o {ANY}", f"SELECT ?o {ANY} ORDER BY ?o", f"SELECT ?o {ANY} ORDER BY DESC(?o)",
    f"SELECT * {ANY} ORDER BY ?o", f"SELECT ?s ?o {ANY} ORDER BY ?p", f"SELECT ?s {ANY} ORDER BY (?o)",
    f"SELECT DISTINCT ?o {ANY} ORDER BY STR(?o)", f"SELECT ?s ?o {ANY} ORDER BY ASC(DATATYPE(?o)) DESC(?o)",
    f"SELECT ?s (COUNT(?o) AS ?n) {ANY} GROUP BY ?s ORDER BY DESC(?n)", f"SELECT (COUNT(*) AS ?n) {ANY} GROUP BY ?o",
    f"SELECT ?o {ANY} ORDER BY ?o LIMIT 9", f"SELECT ?s ?o {ANY} ORDER BY DESC(?o) ?s LIMIT 5 OFFSET 3",
    f"SELECT ?o (COUNT(?s) AS ?n) {ANY} GROUP BY ?o ORDER BY ?n ?o LIMIT 7",
    f"SELECT ?s ?o {{ {{ SELECT ?o {ANY} ORDER BY ?o LIMIT 9 }} ?s ?p ?o }}",
    f"SELECT ?s ?t {{ ?s <{E}next>+ ?t OPTIONAL {{ ?t <{E}p1> ?x }} }}", f"ASK {ANY}",
    f"SELECT ?s (MIN(STR(?o)) AS ?low) (MAX(STR(?o)) AS ?high) {ANY} GROUP BY ?s"])
def test_the_same_bytes_from_any_engine(ask: Callable[..., bytes], text: str):
    for fmt in formats.RESULTS:
        assert ask(text, format=fmt.name)


def test_minima_of_equal_values_are_the_same_on_every_disk(engines: list[Callable[..., bytes]]):
    text = f"SELECT (MIN(?o) AS ?low) (MAX(?o) AS ?high) {ANY} GROUP BY ?p"
    assert len({engine(text) for engine in engines[1::2]}) == 1


def test_canonical_answers_come_from_disk():
    for canonical in (False, True):
        query = replace(QUERY, text=f"SELECT ?s {ANY}", canonical=canonical)
        message = _message({}, query, DATASET, LIMITS, read(query, DATASET, LIMITS))
        assert wire.header_of(message)["whole"] is not canonical


@pytest.mark.parametrize("text", [f"SELECT ?s ?o {ANY}", f"SELECT ?s ?o {ANY} ORDER BY DESC(?o)", f"CONSTRUCT {ANY} WHERE {ANY}"])
def test_all_syntaxes_say_the_same(ask: Callable[..., bytes], text: str):
    if text.startswith("CONSTRUCT"):
        offered = [f for f in formats.GRAPH + formats.DATASET if f.engine is not RdfFormat.RDF_XML]
        content = {f.name: {str(quad.triple) for quad in parse(ask(text, format=f.name), format=f.engine)} for f in offered}
        assert len(content["nt"]) == len(QUADS) and all(found == content["nt"] for found in content.values())
        return
    plain = Store()
    plain.extend(QUADS)
    tsv = ask(text)
    for fmt in formats.RESULTS:
        direct = plain.query(f"SELECT ?s ?o {{ VALUES (?s ?o) {{ {' '.join(f'({row})' for row in _spelled(tsv))} }} }}")
        assert ask(text, format=fmt.name) == direct.serialize(format=fmt.engine)


def _spelled(tsv: bytes) -> list[str]:
    return [row.replace("\t", " ") for row in lines(tsv)]


def test_an_order_is_kept(ask: Callable[..., bytes]):
    numbers = [row for row in lines(ask(f"SELECT ?o {ANY} ORDER BY DESC(?o)")) if row in ("2", "10")]
    assert numbers == ["10", "2"]
    kinds = [row[0] for row in lines(ask("SELECT ?o { ?s ?p ?o FILTER(!isNUMERIC(?o)) } ORDER BY ?o"))]
    assert kinds.index('"') > max(at for at, kind in enumerate(kinds) if kind == "<")


def test_rows_that_an_order_leaves_equal_stand_by_what_they_show(ask: Callable[..., bytes]):
    found = lines(ask("SELECT ?o { ?s ?p ?o FILTER(?o = 1 && isNUMERIC(?o)) } ORDER BY ?o"))
    assert found == [f'"1"^^<{XSD}{name}>' for name in ("decimal", "double", "float")] + ["1"]


def test_a_rewritten_query_has_the_same_bytes(ask: Callable[..., bytes]):
    text = f"SELECT ?s ?t {{ ?s <{E}next> ?t FILTER EXISTS {{ ?t <{E}next> ?u . ?u <{E}next> ?s }} }} ORDER BY ?t"
    assert len(lines(ask(text))) == len(set(lines(ask(text)))) > 0


def random_query(numbers: random.Random) -> str:
    """A SELECT in some order, of which perhaps a slice is taken."""
    text = Writer(numbers).select(numbers.choice((0, 0, 1)))
    shown = text.partition(" WHERE")[0].split(" AS ")
    names = sorted({name.strip(")") for name in " ".join(shown).split() if name.startswith("?")})
    order = " ".join(numbers.choice((name, f"DESC({name})")) for name in numbers.sample(names, len(names)))
    one = numbers.choice(names)
    return PROLOGUE + text + numbers.choice(("", f" ORDER BY {one}", f" ORDER BY STR({one})", f" ORDER BY {order} LIMIT 3"))


def test_random_queries_have_the_same_bytes_however_the_data_came(tmp_path: Path):
    outcomes = Counter()
    for seed in range(400):
        numbers = random.Random(seed)
        quads = list({quad for _ in range(4) for quad in random_graph(numbers) if "_:" not in str(quad)})
        text = random_query(numbers)
        stores = [Store() for _ in range(3)]
        for store in stores:
            for quad in numbers.sample(quads, len(quads)):
                store.add(quad)
        try:
            answers = {answered(Worker(str(tmp_path), store), str(tmp_path), text) for store in stores}
            plain = answered(Worker(str(tmp_path), stores[0]), str(tmp_path), text, canonical=False)
        except (BadQuery, Undetermined) as refused:
            outcomes[type(refused).__name__] += 1
            continue
        outcomes["rows" if len(plain) > 20 else "none"] += 1
        assert len(answers) == 1, text
        assert "LIMIT" in text or sorted(lines(answers.pop())) == sorted(lines(plain)), text
    assert outcomes["rows"] > 100 and outcomes["Undetermined"] < 80, outcomes


# What is refused


@pytest.mark.parametrize(("text", "word"), [
    (f"SELECT ?s {ANY} ORDER BY RAND()", "RAND"),
    (f"SELECT ?s {ANY}\nORDER BY rand()", "RAND"),
    ("SELECT (NOW() AS ?t) {}", "NOW"),
    ("SELECT (UUID() AS ?u) {}", "UUID"),
    ("SELECT ?u { BIND(StrUUID() AS ?u) }", "STRUUID"),
    ("SELECT ?u { BIND(BNODE() AS ?u) }", "BNODE"),
    (f"SELECT (SAMPLE(?o) AS ?x) {ANY}", "SAMPLE"),
    (f"SELECT (GROUP_CONCAT(DISTINCT ?o; SEPARATOR=', ') AS ?x) {ANY}", "GROUP_CONCAT"),
    (f"SELECT ?s {{ {{ SELECT ?s (SAMPLE(?o) AS ?x) {ANY} GROUP BY ?s }} }}", "SAMPLE"),
    ("SELECT ?s { ?s ?p ?o FILTER EXISTS { SELECT ?s { ?s ?p ?x FILTER(RAND() > 0) } } }", "RAND"),
    (f"SELECT REDUCED ?s {ANY}", "REDUCED"),
    (f"SELECT ?s {{ SERVICE <{E}sparql> {ANY} }}", "SERVICE"),
    (f"SELECT ?s {ANY} LIMIT 3", "LIMIT"),
    (f"SELECT ?s {ANY} OFFSET 3", "OFFSET"),
    (f"SELECT ?s ?o {ANY} ORDER BY ?s LIMIT 3", "LIMIT"),
    (f"SELECT ?s {{ {{ SELECT ?s {ANY} LIMIT 3 }} }}", "LIMIT"),
    (f"CONSTRUCT {{ ?s ?p ?o }} WHERE {ANY} ORDER BY ?s LIMIT 3", "LIMIT"),
    (f"CONSTRUCT WHERE {ANY} LIMIT 3", "LIMIT"),
    (f"DESCRIBE ?s {ANY} LIMIT 3", "LIMIT"),
])
def test_what_leaves_the_answer_open_is_refused_in_its_place(text: str, word: str):
    with pytest.raises(Undetermined) as refused:
        read(replace(QUERY, text=text), DATASET, replace(LIMITS, services=(E + "sparql",)))
    assert word in refused.value.detail
    assert (refused.value.line, refused.value.column) == position(text, text.upper().rindex(word))
    assert refused.value.advice and refused.value.advice in refused.value.detail


@pytest.mark.parametrize(("text", "word"), [
    (f"SELECT ?s {ANY} LIMIT10", "LIMIT10"), (f"SELECT (RANDOM() AS ?x) {ANY}", "RANDOM"),
    (f"SELECTREDUCED ?s {ANY}", "SELECTREDUCED"), (f"SELECT ?s {ANY} ORDERBYRAND()", "ORDERBYRAND")])
def test_words_without_a_blank_between_hide_nothing(text: str, word: str):
    with pytest.raises(BadQuery, match=word):
        read(replace(QUERY, text=text), DATASET, LIMITS)


@pytest.mark.parametrize("text", [
    f"SELECT ?s ?o {ANY} ORDER BY?o?s LIMIT 3", f"SELECT ?s ?o {ANY} ORDER BY ?o ?s LIMIT 3",
    f"SELECT ?s $o {ANY} ORDER BY ASC(?o) (?s) LIMIT 3",
    f"SELECT * {ANY} ORDER BY ?s ?p ?o LIMIT 3", f"SELECT (STR(?o) AS ?t) {ANY} ORDER BY ?t LIMIT 3",
    f"SELECT ?s (COUNT(*) AS ?n) {ANY} GROUP BY ?s ORDER BY DESC(?n) ?s LIMIT 3",
    f"SELECT (COUNT(*) AS ?n) {ANY} GROUP BY ?s ?p ORDER BY ?p ?s LIMIT 3",
    f"SELECT ?s {{ {{ SELECT ?s ?o {ANY} ORDER BY ?s ?o OFFSET 2 }} }}", f"ASK {ANY} LIMIT 1",
    f"CONSTRUCT {{ ?s <{E}is> ?o }} WHERE {ANY} ORDER BY ?o ?s LIMIT 3", f"CONSTRUCT WHERE {ANY} ORDER BY ?s ?p ?o LIMIT 2",
    f"DESCRIBE ?s WHERE {ANY} ORDER BY ?s LIMIT 1", f"SELECT ?s {ANY} ORDER BY ?s LIMIT 2 VALUES ?p {{ <{E}next> }}",
    f"SELECT (EXISTS {{ ?a ?b ?c }} AS ?e) {ANY} ORDER BY ?e LIMIT 1"])
def test_a_slice_of_a_total_order_is_answered_the_same(ask: Callable[..., bytes], text: str):
    graph = text.startswith(("CONSTRUCT", "DESCRIBE"))
    assert ask(text, format="nt" if graph else "json")


@pytest.mark.parametrize("text", [
    f"SELECT ?s ?o {ANY} ORDER BY STR(?s) ?o LIMIT 3", f"SELECT ?s {ANY} ORDER BY (STR(?s)) LIMIT 3",
    f"SELECT ?s {{ ?s ?p ?o {{ SELECT ?o {ANY} ORDER BY ?o }} }} LIMIT 3",
    f"SELECT (COUNT(*) AS ?n) {ANY} GROUP BY (STR(?s)) ORDER BY ?s LIMIT 3"])
def test_an_order_by_something_else_is_not_total(text: str):
    with pytest.raises(Undetermined, match="LIMIT takes some of the rows"):
        read(replace(QUERY, text=text), DATASET, LIMITS)


@pytest.mark.parametrize("text", [
    "SELECT (SUM(?o) AS ?x) { VALUES ?o { 1 2.5 0.1e0 } }", "SELECT (AVG(?o) AS ?x) { VALUES ?o { 1e0 } }",
    "SELECT ?g { VALUES (?g ?o) { (1 1e0) } } GROUP BY ?g HAVING(SUM(?o) > 0)",
    "SELECT ?x { { SELECT (SUM(DISTINCT ?o * 2) AS ?x) { VALUES ?o { 1e0 2 } } } }"])
def test_sums_that_round_are_refused(ask: Callable[..., bytes], text: str):
    with pytest.raises(Undetermined, match="xsd:decimal"):
        ask(text)


@pytest.mark.parametrize(("expression", "total"), [
    ("SUM(?o)", "6"), ("SUM(DISTINCT ?o)", "3"), ("AVG(?o)", "1.5"),
    (f"SUM(<{XSD}integer>(?o))", "6"), ("SUM(IF(?o > 1, 1, 0))", "2"),
    (f"SUM(<{XSD}decimal>(?o + 0.5e0))", '"8"'), ("SUM(1.5)", '"6"')])
def test_sums_that_are_exact_are_answered(ask: Callable[..., bytes], expression: str, total: str):
    found = lines(ask(f"SELECT ({expression} AS ?x) {{ VALUES (?a ?o) {{ (1 1) (2 1) (3 2) (4 2) }} }}"))
    assert [row.partition("^^")[0] for row in found] == [total]


# Blank nodes


def test_rows_with_blank_nodes_are_refused(tmp_path: Path):
    store = Store()
    store.add(Quad(BlankNode("x"), NamedNode(E + "p"), Literal("_:x")))
    worker = Worker(str(tmp_path), store)
    assert lines(answered(worker, str(tmp_path), "SELECT ?o { ?s ?p ?o }")) == ['"_:x"']
    for text in ("SELECT ?o ?s { ?s ?p ?o }", "SELECT (<<( ?s ?p ?o )>> AS ?t) { ?s ?p ?o }"):
        with pytest.raises(Undetermined):
            answered(worker, str(tmp_path), text)


def test_graphs_have_the_same_names_for_blank_nodes_in_every_store(tmp_path: Path):
    found = set()
    for seed in range(5):
        labels = random.Random(seed).sample(range(1_000), 6)
        nodes = [BlankNode(f"n{label}") for label in labels]
        store = Store()
        for at, node in enumerate(nodes):
            store.add(Quad(node, NamedNode(E + "next"), nodes[(at + 1) % 6]))
        store.add(Quad(nodes[0], NamedNode(E + "name"), Literal("first")))
        worker = Worker(str(tmp_path), store)
        found.add(answered(worker, str(tmp_path), "CONSTRUCT { ?s ?p ?o . ?s <urn:x> [ <urn:y> ?o ] } WHERE { ?s ?p ?o }",
                           format="nt"))
    assert len(found) == 1
    assert found.pop().count(b"\n") == 7 * 3


# Limits and mistakes


def test_an_answer_over_a_limit_is_refused_and_never_cut(ask: Callable[..., bytes]):
    numbers = " ".join(map(str, range(LIMITS.rows + 1)))
    with pytest.raises(TooLarge, match="more than 500 rows"):
        ask(f"SELECT ?n {{ VALUES ?n {{ {numbers} }} }}")
    assert len(lines(ask(f"SELECT ?n {{ VALUES ?n {{ {numbers[:-4]} }} }}"))) == LIMITS.rows
    with pytest.raises(TooLarge, match="larger than 15000 bytes"):
        ask(f"SELECT ?s ?p ?o ?t {{ ?s ?p ?o . ?t <{E}next> ?u }}")


@pytest.mark.parametrize("text", [
    f"SELECT ?s {ANY} ORDER BY", f"SELECT ?s {ANY} ORDER BY ASC", f"SELECT ?s {ANY} ORDER BY ?s DESC",
    f"SELECT ?s {ANY} ORDER BY STR",
    f"SELECT ?s {ANY} ORDER BY STR ?s", f"SELECT ?s {ANY} ORDER BY <{E}f>", f"SELECT ?s {ANY} ORDER BY ?s, ?o",
    f"SELECT ?s {ANY} ORDER BY DESC ?s LIMIT 1", f"SELECT ?s {ANY} ORDER BY ?s LIMIT 1 ORDER BY ?s",
    f"SELECT ?s {ANY} ORDER BY ?s LIMIT five", f"SELECT (SUM() AS ?x) {ANY}", f"SELECT (SUM(DISTINCT) AS ?x) {ANY}",
    f"SELECT (SUM(?s, ?o) AS ?x) {ANY}", f"SELECT (SUM AS ?x) {ANY}", f"SELECT (SUM(*) AS ?x) {ANY}",
    "SELECT ?s { ?s ?p } ORDER BY ?s",
    "CONSTRUCT LIMIT 1", "DESCRIBE LIMIT", "SELECT", "SELECT LIMIT 2", "SELECT ?x { SELECT } ORDER BY ?x LIMIT 1",
    "SELECT (SUM( AS ?x) {})", "SELECT ?x {} GROUP BY LIMIT 1", "SELECT {} LIMIT", "SELECT ?x {} VALUES ORDER BY ?x"])
def test_a_broken_query_is_not_made_a_good_one(room: EngineRoom, dataset: Dataset, text: str):
    with pytest.raises((BadQuery, Undetermined)):
        room.execute(replace(QUERY, text=text, format=room_format(text)), dataset, LIMITS)


def room_format(text: str) -> str:
    return "nt" if text.startswith(("CONSTRUCT", "DESCRIBE")) else "json"


def test_a_syntax_error_is_told_in_the_words_of_the_visitor(room: EngineRoom, dataset: Dataset):
    query = replace(QUERY, text=f"SELECT ?s {ANY} ORDER BY ?s\nDESC(?p) LIMIT five")
    with pytest.raises(BadQuery) as refused:
        room.execute(replace(query, text=f"SELECT (SUM(?s) AS ?x) {ANY} ORDER BY ?x (?x +\n) LIMIT 1"), dataset, LIMITS)
    assert refused.value.line == 2
    with pytest.raises(BadQuery, match="five"):
        room.execute(replace(query, text=f"SELECT ?s {ANY} ORDER BY ?s OFFSET five"), dataset, LIMITS)


def test_the_room_gives_canonical_answers(room: EngineRoom, dataset: Dataset):
    found = room.execute(replace(QUERY, text=f"SELECT ?s ?o {ANY}", format="json"), dataset, LIMITS)
    assert found.kind == "results" and len(json.loads(found.body)["results"]["bindings"]) == len(QUADS)
    with pytest.raises(Undetermined):
        room.execute(replace(QUERY, text="SELECT (SUM(1e0) AS ?x) {}"), dataset, LIMITS)
