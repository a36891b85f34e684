"""The endpoint as the SPARQL 1.1 Protocol has it, and what it refuses."""

from __future__ import annotations

import json

import pytest

from web_release import BASE, CANONICAL, releases_fixture, room_fixture, small_fixture  # noqa: F401

SELECT = "SELECT ?name WHERE { ?s <http://xmlns.com/foaf/0.1/name> ?name } ORDER BY ?name LIMIT 2"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { BIND(<id/person/anna> AS ?s) ?s ?p ?o }"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"


def ask(client, query, accept=None, **fields):
    return client.get("/sparql", query_string={"query": query, **fields}, headers={"Accept": accept} if accept else {})


def test_three_ways_to_ask_give_the_same_rows(small):
    answers = [ask(small, SELECT), small.post("/sparql", data={"query": SELECT}),
               small.post("/sparql", data=SELECT, content_type=DIRECT)]
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
    (400, {"path": "/sparql?query=nonsense"}), (400, {"path": "/sparql?update=CLEAR%20ALL"}), (415, {"path": "/sparql",
                                                                                                     "method": "POST"}),
    (400, {"path": "/sparql", "method": "POST", "data": {"update": "CLEAR ALL"}}),
    (415, {"path": "/sparql", "method": "POST", "data": "CLEAR ALL", "content_type": "application/sparql-update"}),
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


def test_the_dataset_of_the_protocol_is_obeyed(small):
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    one = ask(small, count, **{"default-graph-uri": BASE + "graph/more"}).json
    assert one["results"]["bindings"][0]["n"]["value"] == "2"
    named = ask(small, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", **{"named-graph-uri": BASE + "graph/unverified"}).json
    assert named["results"]["bindings"][0]["n"]["value"] == "3"


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


def test_a_preflight_lets_scripts_post(small):
    response = small.options("/sparql", headers={"Origin": "http://example.org", "Access-Control-Request-Method": "POST",
                                                 "Access-Control-Request-Headers": "content-type"})
    assert response.status_code == 200
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


def test_a_page_shows_names_and_escapes_them(small):
    page = ask(small, "SELECT ?s ?name { ?s <http://xmlns.com/foaf/0.1/name> ?name } ORDER BY DESC(?name)", "text/html").text
    assert "&lt;script&gt;" in page and "<script" not in page
    assert "254 rows" in page or "rows" in page
    assert ">Yes<" in ask(small, "ASK {}", "text/html").text


def test_the_same_answer_has_the_same_tag(small):
    first = ask(small, SELECT)
    again = small.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_results_are_whole(small):
    assert len(json.loads(ask(small, "SELECT ?s { ?s a <http://xmlns.com/foaf/0.1/Person> }").data)["results"]["bindings"]) == 253
