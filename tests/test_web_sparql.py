"""The endpoint as the SPARQL 1.1 Protocol has it, and what it refuses."""

from __future__ import annotations

import html
import json

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from test_engine_mistakes import TEN
from triplehelix.formats import DATASET, GRAPH, RESULTS
from triplehelix.web.service import GEOF, GEOMETRY, SD
from web_release import (  # noqa: F401
    BASE,
    CANONICAL,
    GRAPHS,
    client_of,
    releases_fixture,
    room_fixture,
    small_fixture,
)

SELECT = "SELECT ?name WHERE { ?s <http://xmlns.com/foaf/0.1/name> ?name } ORDER BY ?name LIMIT 2"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { BIND(<id/person/anna> AS ?s) ?s ?p ?o }"
FORM, DIRECT, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
COUNT = "SELECT (COUNT(*) AS ?n) %s { ?s ?p ?o }"
PEOPLE, MORE = BASE + "graph/people", BASE + "graph/more"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"


def ask(client, query, accept=None, **fields):
    return client.get("/sparql", query_string={"query": query, **fields}, headers={"Accept": accept} if accept else {})


def number(response):
    assert response.status_code == 200, response.text
    return int(response.json["results"]["bindings"][0]["n"]["value"])


def test_five_ways_to_ask_give_the_same_rows(small):
    answers = [ask(small, SELECT), small.post("/sparql", data={"query": SELECT}),
               small.post("/sparql", data=SELECT, content_type=DIRECT),
               small.open("/sparql", method="QUERY", data={"query": SELECT}),
               small.open("/sparql", method="QUERY", data=SELECT, content_type=DIRECT + "; version=1.1")]
    assert {a.status_code for a in answers} == {200}
    assert {a.data for a in answers} == {answers[0].data}
    assert answers[0].mimetype == "application/sparql-results+json"


@pytest.mark.parametrize(("query", "accept", "expected"), [
    (SELECT, None, "application/sparql-results+json"), (SELECT, "*/*", "application/sparql-results+json"),
    (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"), (SELECT, "application/xml",
                                                                                   "application/sparql-results+xml"),
    (SELECT, "text/csv", "text/csv"), (SELECT, "text/tab-separated-values", "text/tab-separated-values"),
    (SELECT, "application/json", "application/sparql-results+json"), (SELECT, "text/html", "text/html"),
    ("ASK {}", "text/csv", "text/csv"), ("ASK {}", "text/html", "text/html"),
    (CONSTRUCT, None, "text/turtle"), (CONSTRUCT, "application/n-triples", "application/n-triples"),
    (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"), (CONSTRUCT, "application/ld+json", "application/ld+json"),
    (CONSTRUCT, "application/trig", "application/trig"), ("DESCRIBE <id/person/anna>", "application/n-quads",
                                                          "application/n-quads"),
    (SELECT, "application/sparql-results+json;version=1.2", "application/sparql-results+json"),
    (CONSTRUCT, "text/html", "text/html"), ("DESCRIBE <id/person/anna>", "text/turtle", "text/turtle"),
])
def test_answers_come_in_the_type_asked_for(small, query, accept, expected):
    response = ask(small, query, accept)
    assert (response.status_code, response.mimetype) == (200, expected)
    assert "Accept" in response.vary and response.data


@pytest.mark.parametrize(("query", "name", "expected"), [
    (SELECT, "csv", "text/csv"), (SELECT, "xml", "application/sparql-results+xml"), (SELECT, "text/csv", "text/csv"),
    (CONSTRUCT, "turtle", "text/turtle"), (CONSTRUCT, "json-ld", "application/ld+json"), (CONSTRUCT, "rdf+xml",
                                                                                          "application/rdf+xml"),
    (CONSTRUCT, "json", "application/ld+json"), (CONSTRUCT, "nt", "application/n-triples")])
def test_format_beats_accept(small, query, name, expected):
    assert ask(small, query, "image/png", format=name).mimetype == expected
    assert small.post("/sparql", data={"query": query, "output": name}).mimetype == expected


@pytest.mark.parametrize(("query", "accept"), [(SELECT, "image/png"), (SELECT, "text/turtle"), (CONSTRUCT, "text/csv")])
def test_406_lists_what_there_is(small, query, accept):
    response = ask(small, query, accept)
    assert response.status_code == 406
    assert "?format=" in response.json["detail"]


@pytest.mark.parametrize(("status", "arguments"), [
    (400, {"path": "/sparql?query=ASK{}&query=ASK{}"}), (400, {"path": "/sparql?query=%FF"}), (400, {"path": "/sparql?query="}),
    (400, {"path": "/sparql?query=nonsense"}), (415, {"path": "/sparql", "method": "POST"}),
    (415, {"path": "/sparql", "method": "QUERY"}), (400, {"path": "/sparql", "method": "QUERY", "data": {"format": "csv"}}),
    (415, {"path": "/sparql", "method": "POST", "data": b"\x1f\x8b", "content_type": DIRECT,
           "headers": {"Content-Encoding": "gzip"}}),
    (415, {"path": "/sparql", "method": "POST", "data": "ASK{}", "content_type": "text/plain"}),
    (415, {"path": "/sparql", "method": "POST", "data": "ASK{}".encode("utf-16"), "content_type": DIRECT + "; charset=UTF-16"}),
    (400, {"path": "/sparql", "method": "POST", "data": b"ASK{ \xff }", "content_type": DIRECT}),
    (400, {"path": "/sparql", "method": "POST", "data": b"query=%FF", "content_type": FORM}),
    (400, {"path": "/sparql?query=ASK{}", "method": "POST", "data": "ASK{}", "content_type": DIRECT}),
    (413, {"path": "/sparql", "method": "POST", "data": "#" * 1_000_001, "content_type": DIRECT}),
    (405, {"path": "/sparql", "method": "PUT"}), (405, {"path": "/sparql", "method": "DELETE"}),
])
def test_bad_requests_are_the_clients_fault(small, status, arguments):
    response = small.open(**arguments)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json" and response.json["detail"]


def test_errors_name_the_place(small):
    problem = ask(small, "SELECT * {\n ?s foo:bar ?o }").json
    assert (problem["status"], problem["line"], problem["column"]) == (400, 2, 5)
    assert "PREFIX foo:" in problem["detail"]
    page = ask(small, "SELECT * { ?s foo:bar ?o }", "text/html")
    assert page.status_code == 400 and "foo:bar" in page.text and "<textarea" in page.text


def test_a_runaway_query_is_stopped_and_the_next_one_answers(small):
    stopped = ask(small, RUNAWAY)
    assert (stopped.status_code, stopped.mimetype) == (504, "application/problem+json")
    assert ask(small, "SELECT * { " + "(" * 10_000).status_code == 400
    assert ask(small, "ASK {}").json["boolean"] is True


def test_federation_is_off(small):
    assert ask(small, "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }").status_code == 403


@pytest.mark.parametrize("arguments", [
    {"path": "/sparql?update=CLEAR%20ALL"}, {"path": "/sparql?query=ASK{}&update=CLEAR%20ALL"},
    {"path": "/sparql", "method": "POST", "data": {"update": "CLEAR ALL"}},
    {"path": "/sparql", "method": "POST", "data": {"update": ["CLEAR ALL", "DROP ALL"]}},
    {"path": "/sparql", "method": "POST", "data": "CLEAR ALL", "content_type": UPDATE},
    {"path": "/sparql", "method": "POST", "data": "CLEAR ALL".encode("utf-16"), "content_type": UPDATE + "; charset=UTF-16"},
    {"path": "/sparql?using-graph-uri=urn:x", "method": "POST", "data": "CLEAR ALL", "content_type": UPDATE},
    {"path": "/sparql", "method": "QUERY", "data": "CLEAR ALL", "content_type": UPDATE},
])
def test_updates_are_refused_in_every_form(small, arguments):
    response = small.open(**arguments)
    assert response.status_code == 403
    assert response.json["detail"] == "This endpoint is read-only: it takes queries, not updates."


def test_an_update_is_no_query(small):
    for query in ("CLEAR ALL", "PREFIX x: <y> INSERT DATA { x:a x:b x:c }"):
        assert "read-only" in ask(small, query).json["detail"]


# The dataset


def test_the_dataset_of_the_protocol_is_obeyed(small):
    assert number(ask(small, COUNT % "", **{"default-graph-uri": MORE})) == 2
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert number(ask(small, named, **{"named-graph-uri": BASE + "graph/unverified"})) == 3
    assert number(ask(small, COUNT % "", **{"named-graph-uri": MORE})) == 0


@pytest.mark.parametrize("send", [
    lambda client: ask(client, COUNT % "", **{"default-graph-uri": [PEOPLE, MORE]}),
    lambda client: client.post("/sparql", data={"query": COUNT % "", "default-graph-uri": [PEOPLE, MORE]}),
    lambda client: client.post("/sparql", data=COUNT % "", content_type=DIRECT,
                               query_string={"default-graph-uri": [PEOPLE, MORE]}),
    lambda client: client.post("/sparql", data={"query": COUNT % ""}, query_string={"default-graph-uri": [PEOPLE, MORE]}),
    lambda client: ask(client, COUNT % f"FROM <{PEOPLE}> FROM <{MORE}>"),
    lambda client: ask(client, COUNT % "FROM <graph/people> FROM <graph/more> FROM <graph/more>"),
    lambda client: ask(client, COUNT % "FROM <graph/unverified>", **{"default-graph-uri": ["graph/people", "graph/more"]}),
    lambda client: ask(client, COUNT % "", **{"default-graph-uri": [CANONICAL + "graph/people", CANONICAL + "graph/more"]}),
])
def test_several_default_graphs_are_merged(small, send):
    """Both graphs say of Anna that she is a person."""
    both = number(ask(small, COUNT % f"FROM <{PEOPLE}>")) + number(ask(small, COUNT % f"FROM <{MORE}>"))
    assert number(send(small)) == both - 1


@pytest.mark.parametrize(("clause", "fields"), [
    ("FROM <http://x.example/none>", {}), ("FROM NAMED <http://x.example/none>", {}),
    (f"FROM <{PEOPLE}> FROM NAMED <http://x.example/none>", {}), ("", {"default-graph-uri": "http://x.example/none"}),
    ("", {"named-graph-uri": "http://x.example/none", "default-graph-uri": PEOPLE}),
])
def test_a_graph_that_the_release_lacks_is_named(small, clause, fields):
    response = ask(small, COUNT % clause, **fields)
    assert response.status_code == 400
    assert "<http://x.example/none>" in response.json["detail"]


@pytest.mark.parametrize("graph", ["http://x.example/a b", "//[", "<x>", "\u0000"])
def test_a_graph_named_by_no_iri_is_the_clients_fault(small, graph):
    assert ask(small, "ASK {}", **{"default-graph-uri": graph}).status_code == 400


def test_relative_iris_are_read_against_the_endpoint(small):
    assert ask(small, "SELECT (STR(<x>) AS ?iri) {}", "text/csv").text.split() == ["iri", BASE + "x"]
    assert ask(small, "BASE <http://e.example/> SELECT (STR(<x>) AS ?iri) {}", "text/csv").text.split()[1] == "http://e.example/x"


def test_a_dataset_named_by_the_canonical_base_is_told(small):
    response = ask(small, "ASK {}", **{"default-graph-uri": CANONICAL + "graph/more"})
    assert response.headers["X-Base-Rewritten"] == f"{CANONICAL} -> {BASE}"


# Mistakes


@pytest.mark.parametrize("mistake", TEN)
def test_people_and_programs_are_told_the_same(small, mistake):
    query, line, column, said, advice = TEN[mistake]
    sentence = f"{said} (line {line}, column {column}). {advice}"
    problem = ask(small, query).json
    assert (problem["status"], problem["detail"]) == (400, sentence)
    assert (problem["line"], problem["column"], problem["advice"]) == (line, column, advice)
    text = ask(small, query, "text/csv, text/plain;q=0.5")
    assert (text.status_code, text.content_type) == (400, "text/plain; charset=utf-8")
    assert text.text == f"{problem['title']}\n{sentence}\n"
    page = ask(small, query, "text/html")
    assert page.status_code == 400
    assert sentence in html.unescape(page.text)


# The endpoint without a query


def test_published_queries_work_here_and_the_answer_says_so(small):
    response = ask(small, f"ASK {{ <{CANONICAL}id/person/anna> ?p ?o }}")
    assert response.json["boolean"] is True
    assert response.headers["X-Base-Rewritten"] == f"{CANONICAL} -> {BASE}"
    assert "X-Base-Rewritten" not in ask(small, "ASK {}").headers


def test_without_a_query_the_endpoint_describes_itself(small):
    for accept in (None, "*/*", "text/turtle"):
        response = small.get("/sparql", headers={"Accept": accept} if accept else {})
        assert response.mimetype == "text/turtle"
        assert b"service-description#" in response.data
    assert "<textarea" in small.get("/sparql", headers={"Accept": "text/html"}).text


def description_of(client):
    """The service description as a store with one graph, and what is said in it of a subject by a property of SD."""
    response = client.get("/sparql", headers={"Accept": "application/n-triples"})
    held = Store()
    held.extend(parse(response.data, format=RdfFormat.N_TRIPLES))
    return lambda subject, name: {q.object.value for q in held.quads_for_pattern(subject, NamedNode(name), None)}


def test_the_description_is_made_of_the_release(small):
    said = description_of(small)
    service = NamedNode(BASE + "sparql")
    assert said(service, SD + "endpoint") == {BASE + "sparql"}
    assert said(service, SD + "resultFormat") == {fmt.sd for fmt in (*RESULTS, *GRAPH, *DATASET)}
    assert said(NamedNode(BASE + "sparql#dataset"), SD + "namedGraph") == {BASE + name for name in GRAPHS}
    triples = "http://rdfs.org/ns/void#triples"
    assert said(NamedNode(BASE + "sparql#default-graph"), triples) == {str(number(ask(small, COUNT % "")))}
    for graph in (BASE + name for name in GRAPHS):
        assert said(NamedNode(graph), triples) == {str(number(ask(small, COUNT % f"FROM <{graph}>")))}


def test_behind_another_origin_the_endpoint_has_two_addresses(small_releases, room):
    said = description_of(client_of(small_releases, room, "https://data.example/th/"))
    assert said(NamedNode(BASE + "sparql"), SD + "endpoint") == {BASE + "sparql", "https://data.example/th/sparql"}


@pytest.mark.parametrize("name", GEOMETRY)
def test_the_functions_of_the_description_are_there(small, name):
    answers = [ask(small, f"SELECT (<{GEOF}{name}>({arguments}) AS ?x) {{}}") for arguments in ("?a", "?a, ?b", "?a, ?b, ?c")]
    assert 200 in {answer.status_code for answer in answers}


def test_head_answers_as_get_without_the_body(small):
    for arguments in ({"query": SELECT}, {}, {"query": "SELECT"}):
        got, told = (small.open("/sparql", method=method, query_string=arguments) for method in ("GET", "HEAD"))
        assert (told.status_code, told.data) == (got.status_code, b"")
        assert told.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.data))
        assert told.headers.get("ETag") == got.headers.get("ETag")


def test_options_names_methods_and_types(small):
    response = small.options("/sparql")
    assert {"GET", "HEAD", "OPTIONS", "POST", "QUERY"} == set(response.headers["Allow"].split(", "))
    assert response.headers["Accept-Query"] == f"{DIRECT}, {FORM}"


def test_a_preflight_lets_scripts_post(small):
    response = small.options("/sparql", headers={"Origin": "http://example.org", "Access-Control-Request-Method": "POST",
                                                 "Access-Control-Request-Headers": "content-type"})
    assert response.status_code == 200
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


def test_a_page_shows_names_and_escapes_them(small):
    page = ask(small, "SELECT ?s ?name { ?s <http://xmlns.com/foaf/0.1/name> ?name } ORDER BY DESC(?name)", "text/html").text
    assert "&lt;script&gt;" in page and "<script>" not in page
    assert "254 rows" in page or "rows" in page
    assert ">Yes<" in ask(small, "ASK {}", "text/html").text


def test_the_same_answer_has_the_same_tag(small):
    first = ask(small, SELECT)
    again = small.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_results_are_whole(small):
    assert len(json.loads(ask(small, "SELECT ?s { ?s a <http://xmlns.com/foaf/0.1/Person> }").data)["results"]["bindings"]) == 253
