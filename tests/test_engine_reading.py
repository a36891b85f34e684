"""The engine's own reading of a query: tokens, guard, prologue, re-basing. No process is started here."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from triplehelix.engine import BadQuery, Dataset, FederationOff, Limits, Query, form_of
from triplehelix.engine.reading import read
from triplehelix.engine.tokens import original_offset, tokenise

CANONICAL = "https://w3id.org/triplehelix/"
LOCAL = "http://127.0.0.1:8000/"
QUERY = Query("", "http://base.example/sparql", "json")
DATASET = Dataset("store", 0, CANONICAL, LOCAL)
LONG = Limits(query_bytes=10_000_000)

NESTED = {
    "parentheses": ("SELECT * {FILTER(", "(", "1", ")", ")}"),
    "if": ("SELECT * {FILTER(", "IF(", "true", ",1,2)", ")}"),
    "braces": ("SELECT * ", "{", "", "}", ""),
    "sub-selects": ("SELECT * {", "{SELECT * {", "", "}}", "}"),
    "optional": ("SELECT * {", "OPTIONAL{", "", "}", "}"),
    "exists": ("SELECT * {", "FILTER EXISTS{", "", "}", "}"),
    "lists": ("SELECT * {?s ?p ", "(", "", ")", "}"),
    "blank nodes": ("SELECT * {?s ?p ", "[?p ", "1", "]", "}"),
    "not": ("SELECT * {FILTER(", "!", "true", "", ")}"),
    "minus": ("SELECT * {FILTER(", "- ", "1", "", ")}"),
    "paths": ("SELECT * {?s ", "(", "<p>", ")*", " ?o}"),
    "inverse paths": ("SELECT * {?s ", "^", "<p>", "", " ?o}"),
    "triple terms": ("SELECT * {?s ?p ", "<<( ?s ?p ", "1", ")>>", "}"),
}
CHAINED = {
    "or": "SELECT * {FILTER(1%s)}", "union": "SELECT * {{}%s}", "optionals": "SELECT * {%s}",
    "sum": "SELECT * {FILTER(1%s)}", "path": "SELECT * {?s <p>%s ?o}", "objects": "SELECT * {?s ?p 1%s}",
    "patterns": "SELECT * {%s}",
}
LINKS = {"or": "||1", "union": "UNION{}", "optionals": "OPTIONAL{}", "sum": "+1", "path": "/<p>", "objects": ",1",
         "patterns": "?s?p?o."}


def nest(kind: str, depth: int) -> str:
    before, opening, core, closing, after = NESTED[kind]
    return before + opening * depth + core + closing * depth + after


def refused(text: str, limits: Limits = LONG) -> BadQuery:
    with pytest.raises(BadQuery) as caught:
        read(replace(QUERY, text=text), DATASET, limits)
    return caught.value


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("depth", [129, 100_000])
def test_nesting_is_refused_before_any_engine_sees_it(kind: str, depth: int) -> None:
    assert "nests deeper than 128" in refused(nest(kind, depth)).detail


@pytest.mark.parametrize("kind", CHAINED)
def test_long_chains_are_refused(kind: str) -> None:
    assert "more than 1000 of" in refused(CHAINED[kind] % (LINKS[kind] * 100_000)).detail


def test_long_lists_of_values_are_no_chains() -> None:
    values = ",".join(map(str, range(9_000)))
    assert read(replace(QUERY, text=f"SELECT * {{?s ?p ?o FILTER(?o IN ({values}))}}"), DATASET, Limits()).form == "select"


def test_length_is_counted_in_bytes() -> None:
    assert "65536" in refused("SELECT * {} #" + "é" * 33_000, Limits()).detail
    assert "not Unicode" in refused("SELECT * {?s ?p '\ud800'}").detail


@pytest.mark.parametrize("text", ["a.a." * 16_000, "'''\n\\" * 13_000, "<a" * 32_000, "ex:a...." * 8_000, "1e" * 32_000,
                                  "<" * 65_000, "_:a." * 16_000, "'" * 65_000, "@a-" * 21_000, "((" * 32_000])
def test_reading_costs_no_more_than_its_length(text: str) -> None:
    began = time.process_time()
    refused(text, Limits())
    assert time.process_time() - began < 1


@pytest.mark.parametrize(("text", "line", "column", "said"), [
    ("SELECT * { ?s ?p ?o", 1, 10, "never closed"),
    ("SELECT * {\n ?s ?p (1 }", 2, 11, "still to be closed by )"),
    ("SELECT * { } }", 1, 14, "without an opening bracket"),
    ('SELECT * { ?s ?p "x }', 1, 18, "never closed"),
    ("SELECT * {\u00a0}", 1, 11, "no meaning"),
    ("PREFIX foo <x> SELECT * {}", 1, 1, "PREFIX ex: <http://example.org/>"),
    ("SELEC * {}", 1, 1, "begins with SELECT, ASK"),
    ("# nothing\n", 1, 1, "empty"),
])
def test_mistakes_are_told_with_their_place(text: str, line: int, column: int, said: str) -> None:
    error = refused(text)
    assert (error.line, error.column) == (line, column)
    assert said in error.detail


def test_an_undeclared_prefix_is_told_with_the_line_to_add() -> None:
    query = replace(QUERY, text="SELECT * WHERE { ?s ?p ?o ; foo:bar ?x }")
    with pytest.raises(BadQuery) as caught:
        read(query, replace(DATASET, prefixes={"foo": "http://foo.example/"}), LONG)
    assert caught.value.detail == (
        "Prefix foo: is not declared (line 1, column 29). Add: PREFIX foo: <http://foo.example/>")
    assert "PREFIX bar: <...>" in refused("ASK { ?s bar:x ?o }").detail


@pytest.mark.parametrize(("text", "form"), [
    ("SELECT*{}", "select"), ("# SELECT\nask {}", "ask"), ("BASE <http://x/> PREFIX a: <b> CONSTRUCT {} WHERE {}", "construct"),
    ("Describe <x>", "describe"), ('VERSION "1.2" ASK {}', "ask"),
])
def test_form(text: str, form: str) -> None:
    assert form_of(text) == form


@pytest.mark.parametrize("text", [
    "INSERT DATA { <a> <b> <c> }", "PREFIX x: <y> delete where { ?s ?p ?o }", "LOAD <http://x/>", "CLEAR ALL",
    "DROP GRAPH <x>", "WITH <g> DELETE {?s ?p ?o} WHERE {?s ?p ?o}", "CREATE GRAPH <x>", "MOVE <a> TO <b>",
])
def test_updates_are_refused(text: str) -> None:
    with pytest.raises(BadQuery, match="read-only"):
        form_of(text)


SERVICE = [
    "SELECT * { SERVICE <http://127.0.0.1:%d/> {?s ?p ?o} }",
    "SELECT * { service silent <http://127.0.0.1:%d/> {?s ?p ?o} }",
    "PREFIX e: <http://127.0.0.1:%d/> SELECT * { SERVICE e:x {?s ?p ?o} }",
    "SELECT * { SERVICE#c\n<http://127.0.0.1:%d/> {?s ?p ?o} }",
    "SELECT * { {SELECT * {OPTIONAL{ SERVICE<http://127.0.0.1:%d/>{?s ?p ?o}}}} }",
    "PREFIX SERVICEe: <x> PREFIX e: <http://127.0.0.1:%d/> SELECT * { SERVICEe:x {?s ?p ?o} }",
    "PREFIX SERVICE: <http://127.0.0.1:%d/> SELECT * { SERVICE SERVICE:x {?s ?p ?o} }",
    "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:%d/>{?s ?p ?o} }",
    "SELECT * { SERVICESILENT<http://127.0.0.1:%d/>{?s ?p ?o} }",
    "SELECT * { VALUES ?e {<http://127.0.0.1:%d/>} SERVICE ?e {?s ?p ?o} }",
    "CONSTRUCT {?s ?p ?o} WHERE { SERVICE <http://127.0.0.1:%d/> {?s ?p ?o} }",
]
# The engine would see "less than" and a string or a comment where the grammar has an IRI, and run what hides behind.
HIDDEN = [
    "SELECT * { ?s ?p ?a FILTER(?a<'x>') SERVICE <http://127.0.0.1:%d/> {?s ?p ?o} FILTER(?a!='') #')\n}",
    "SELECT * { ?s ?p ?a FILTER(?a<3#>'''\n) SERVICE <http://127.0.0.1:%d/> {?s ?p ?o} #''')\n}",
    "PREFIX e: <x> SELECT * { ?s ?p ?a FILTER(true||?a<e:x#>\"\"\"\n) SERVICE <http://127.0.0.1:%d/> {?s ?p ?o} #\"\"\")\n}",
]
ALLOWED = [
    "SELECT * { ?s ?p ?o # SERVICE <http://127.0.0.1:1/> {}\n}",
    "SELECT * { ?s ?p 'SERVICE <http://127.0.0.1:1/> {}' }",
    "SELECT * { ?service ?p <http://e.example/SERVICE> }",
    "PREFIX service: <http://e.example/> SELECT * { ?s a service:Thing . GRAPH service:g {?s ?p ?o} }",
]


@pytest.mark.parametrize("text", SERVICE)
def test_service_is_refused_from_the_tokens(text: str) -> None:
    with pytest.raises(FederationOff):
        read(replace(QUERY, text=text % 1), DATASET, LONG)


@pytest.mark.parametrize("text", HIDDEN)
def test_what_the_engine_would_read_otherwise_it_cannot_read(text: str) -> None:
    store = Store()
    store.extend(Quad(NamedNode(LOCAL), NamedNode(LOCAL), Literal(value)) for value in ("a", 1))
    with pytest.raises(OSError):
        list(store.query(text % 1, base_iri=LOCAL))
    reading = read(replace(QUERY, text=text % 1), DATASET, LONG)
    with pytest.raises(SyntaxError):
        store.query(reading.text, base_iri=LOCAL)


@pytest.mark.parametrize("text", ALLOWED)
def test_the_word_service_alone_is_no_federation(text: str) -> None:
    assert read(replace(QUERY, text=text), DATASET, LONG).form == "select"


def test_rebasing_touches_iri_tokens_only() -> None:
    text = (f"PREFIX th: <{CANONICAL}ns#> # <{CANONICAL}>\n"
            f"SELECT * {{ <{CANONICAL}id/x> th:y '{CANONICAL}' ; <p> '<{CANONICAL}>' , <{CANONICAL[:-1]}> }}")
    reading = read(replace(QUERY, text=text), DATASET, LONG)
    assert reading.rebased
    assert reading.text == (f"PREFIX th: <{LOCAL}ns#> # <{CANONICAL}>\n"
                            f"SELECT * {{ <{LOCAL}id/x> th:y '{CANONICAL}' ; <p> '<{CANONICAL}>' , <{CANONICAL[:-1]}> }}")


def test_nothing_is_rebased_where_the_bases_are_the_same_or_no_iri_has_them() -> None:
    text = f"SELECT * {{ <{CANONICAL}id/x> ?p ?o }}"
    assert not read(replace(QUERY, text=text), replace(DATASET, release_base=CANONICAL), LONG).rebased
    assert not read(replace(QUERY, text="SELECT * { <x> ?p ?o }"), DATASET, LONG).rebased


def test_places_in_the_rebased_text_lead_back() -> None:
    text = f"ASK {{ <{CANONICAL}x> ?p <#a> . ?here }}"
    reading = read(replace(QUERY, text=text), DATASET, LONG)
    assert original_offset(reading.tokens, reading.text.index("?here")) == text.index("?here")
    assert original_offset(reading.tokens, len(reading.text)) == len(text)


def test_dataset_clauses_are_resolved() -> None:
    text = ("BASE <http://a.example/b/> PREFIX g: <graphs/> CONSTRUCT {?s ?p ?o} FROM g:x\\,y FROM <c> "
            f"FROM NAMED <{CANONICAL}graph/z> from named <http://q.example/\\u0041> WHERE {{?s ?p ?o}}")
    reading = read(replace(QUERY, text=text), DATASET, LONG)
    assert reading.default_graphs == ("http://a.example/b/graphs/x,y", "http://a.example/b/c")
    assert reading.named_graphs == (LOCAL + "graph/z", "http://q.example/A")


def test_the_dataset_of_the_protocol_outranks_that_of_the_query() -> None:
    query = replace(QUERY, text="SELECT * FROM <x> FROM NAMED <y> {}", default_graphs=(CANONICAL + "graph/a",))
    reading = read(query, DATASET, LONG)
    assert (reading.default_graphs, reading.named_graphs) == ((LOCAL + "graph/a",), ())
    assert read(replace(QUERY, text="SELECT * {}"), DATASET, LONG).default_graphs is None


@pytest.mark.parametrize(("text", "kinds"), [
    ("?a<?b&&?c>?d", ["variable", "iri", "variable"]),
    ("?a < ?b", ["variable", "mark", "variable"]),
    ("?a<<http://x>", ["variable", "mark", "iri"]),
    ("ex:a.", ["pname", "mark"]),
    ("ex:a\\'b.c%41", ["pname"]),
    ("'''a'b''c\\''''", ["string"]),
    ('"a"@en-GB^^xsd:x', ["string", "language", "mark", "pname"]),
    ("_:b1 .5e-3 1.", ["blank", "number", "number", "mark"]),
])
def test_tokens(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in tokenise(text)] == kinds
