"""The limits as visitors and operators see them: cut answers, refusals that help, figures on every surface, who is charged."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import fields, replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat, parse, parse_query_results

from triplehelix.engine import Answer, Dataset, Limits, Query, start_room
from triplehelix.engine.limits import MEANINGS, chosen, figures
from triplehelix.findings import Faulty
from triplehelix.queries import read_text
from triplehelix.web import Settings, create_app
from triplehelix.web.visitors import networks
from web_release import BASE, QUERY, VERSION, Visitor, releases_fixture  # noqa: F401

HOST = BASE.split("/")[2]
LIMITS = Limits(seconds=1, rows=100, answer_bytes=30_000, workers=1, quick_seconds=0.3, wait_seconds=0.5, client_seconds=0.5)
PEOPLE = "SELECT ?s { ?s a <http://xmlns.com/foaf/0.1/Person> }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o }"
EVERYTHING = "CONSTRUCT WHERE { ?s ?p ?o }"
XML = "{http://www.w3.org/2005/sparql-results#}"
HELP = BASE + "sparql#max-rows"
SERVICE_TEXT = NamedNode("http://purl.org/dc/terms/description")


def visiting(releases: Path, engine, limits: Limits = LIMITS, proxies: tuple[str, ...] = ()) -> Visitor:
    app = create_app(releases, engine, Settings(BASE, limits=limits, trusted_proxies=networks(proxies)))
    app.test_client_class = Visitor
    return app.test_client(host=HOST)


@contextmanager
def limited(releases: Path, folder: Path, limits: Limits) -> Iterator[Visitor]:
    with start_room(folder / "socket", limits, Dataset(str(releases / VERSION / "store"))) as room:
        yield visiting(releases, room, limits)


@pytest.fixture(scope="module", name="narrow")
def narrow_fixture(small_releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """A client of a server with narrow limits."""
    with limited(small_releases, tmp_path_factory.mktemp("narrow"), LIMITS) as client:
        yield client


def ask(client: Visitor, query: str, accept: str | None = None, address: str = "10.0.0.1", **more: object):
    headers = {"Accept": accept} if accept else {}
    return client.get("/sparql", query_string={"query": query, **more}, headers=headers,
                      environ_overrides={"REMOTE_ADDR": address})


# Cut answers


def test_a_cut_answer_in_json_says_so_in_header_and_head(narrow: Visitor):
    response = ask(narrow, PEOPLE, **{"max-rows": 7})
    assert (response.status_code, response.headers["X-SPARQL-MaxRows"]) == (200, "7")
    assert "X-SPARQL-MaxRows" in response.headers["Access-Control-Expose-Headers"]
    assert response.json["head"] == {"vars": ["s"], "link": [HELP]}
    assert len(response.json["results"]["bindings"]) == 7
    assert len(list(parse_query_results(response.data, format=QueryResultsFormat.JSON))) == 7


def test_a_cut_answer_in_xml_says_so_in_header_and_head(narrow: Visitor):
    response = ask(narrow, PEOPLE, "application/sparql-results+xml", **{"max-rows": 7})
    head = ElementTree.fromstring(response.data).find(XML + "head")
    assert [(part.tag, dict(part.attrib)) for part in head] == [(XML + "variable", {"name": "s"}), (XML + "link", {"href": HELP})]
    assert response.headers["X-SPARQL-MaxRows"] == "7"
    assert len(list(parse_query_results(response.data, format=QueryResultsFormat.XML))) == 7


def test_a_cut_page_says_so(narrow: Visitor):
    response = ask(narrow, PEOPLE, "text/html", **{"max-rows": 7})
    assert "7 rows" in response.text and "it has as many rows as max-rows asks for, and there are more" in response.text
    assert response.headers["X-SPARQL-MaxRows"] == "7"


@pytest.mark.parametrize(("rows", "names"), [(7, ["json", "xml"]), (100, ["csv", "csv", "xlsx", "json", "xml", "tsv"])])
def test_a_page_links_to_the_same_answer_in_other_formats(narrow: Visitor, rows: int, names: list[str]):
    fields = {"default-graph-uri": [BASE + "graph/people", BASE + "graph/more"], "max-rows": rows}
    page = ask(narrow, PEOPLE + " LIMIT 20", "text/html", **fields).text
    found = [unescape(address) for address in re.findall(r'<li><a href="(/sparql\?query=[^"]*)"', page)]
    assert [parse_qs(urlsplit(address).query)["format"] for address in found] == [[name] for name in names]
    for address, name in zip(found, names):
        response = narrow.get(address)
        assert response.status_code == 200 and (name == "xlsx" or response.data.count(b"id/person") == min(rows, 20))


def test_the_mark_leads_to_its_explanation(narrow: Visitor):
    assert 'id="max-rows"' in narrow.get("/sparql", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml", "text/html"])
@pytest.mark.parametrize(("query", "rows"), [
    (PEOPLE + " LIMIT 7", 7), (PEOPLE + " LIMIT 7", 8), (PEOPLE + " LIMIT 0", 1), ("SELECT * {}", 1),
    ("SELECT ?x { VALUES ?x { 1 2 3 } }", 3)])
def test_a_whole_answer_has_neither_header_nor_mark(narrow: Visitor, accept: str, query: str, rows: int):
    whole, asked = ask(narrow, query, accept), ask(narrow, query, accept, **{"max-rows": rows})
    assert asked.status_code == 200 and "X-SPARQL-MaxRows" not in asked.headers
    assert asked.data == whole.data and b"max-rows" not in asked.data


def test_max_rows_is_a_field_of_forms_too(narrow: Visitor):
    sent = narrow.post("/sparql", data={"query": PEOPLE, "max-rows": "3"})
    mixed = narrow.post("/sparql?max-rows=3", data=PEOPLE, content_type="application/sparql-query")
    assert sent.headers["X-SPARQL-MaxRows"] == mixed.headers["X-SPARQL-MaxRows"] == "3"
    assert sent.data == mixed.data


def test_the_most_rows_can_be_asked_for_where_the_whole_is_too_large(narrow: Visitor):
    assert ask(narrow, PEOPLE).status_code == 413
    assert len(ask(narrow, PEOPLE, **{"max-rows": LIMITS.rows}).json["results"]["bindings"]) == LIMITS.rows


@pytest.mark.parametrize("rows", ["0", "-1", "101", "1.0", "", "x", "٣", "9" * 10_000, "1 ", ["1", "1"]])
def test_a_number_of_rows_that_is_none_is_refused(narrow: Visitor, rows: object):
    response = ask(narrow, PEOPLE, **{"max-rows": rows})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert "from 1 to 100" in response.json["detail"]


@pytest.mark.parametrize(("query", "accept", "told"), [
    (PEOPLE, "text/csv", "ask for JSON or XML"), (PEOPLE, "text/tab-separated-values", "Write LIMIT"),
    ("ASK {}", None, "this is ASK"), (EVERYTHING, None, "this is CONSTRUCT"), ("DESCRIBE <x>", "text/html", "this is DESCRIBE")])
def test_what_could_not_say_that_it_is_cut_is_refused(narrow: Visitor, query: str, accept: str | None, told: str):
    response = ask(narrow, query, accept, **{"max-rows": 7})
    assert response.status_code == 400 and told in response.text


# Over a limit


def test_over_time_is_504_with_what_to_do(narrow: Visitor):
    response = ask(narrow, RUNAWAY, address="10.0.1.1")
    assert (response.status_code, response.mimetype) == (504, "application/problem+json")
    assert "LIMIT" in response.json["detail"]
    assert (response.json["dumps"], response.json["queries"]) == (BASE + "dumps/", BASE + "query/")


@pytest.mark.parametrize(("query", "told"), [(PEOPLE, "100 rows"), (EVERYTHING, "30000 bytes")])
def test_too_large_is_413_with_what_to_do(narrow: Visitor, query: str, told: str):
    response = ask(narrow, query, address="10.0.1.2")
    assert (response.status_code, response.mimetype) == (413, "application/problem+json")
    assert told in response.json["detail"] and "LIMIT" in response.json["detail"]
    assert response.json["dumps"] == BASE + "dumps/"


def test_more_than_a_share_is_429_and_others_are_served(narrow: Visitor):
    assert ask(narrow, RUNAWAY, address="10.0.1.3").status_code == 504
    response = ask(narrow, "ASK {}", address="10.0.1.3")
    assert (response.status_code, response.mimetype) == (429, "application/problem+json")
    assert 0 < int(response.headers["Retry-After"]) <= 120
    assert f"{response.headers['Retry-After']} seconds" in response.json["detail"]
    assert response.json["dumps"] == BASE + "dumps/"
    assert ask(narrow, "ASK {}", address="10.0.1.4").json["boolean"] is True


def test_two_long_queries_on_one_place_are_one_504_and_one_503(narrow: Visitor):
    answers = []

    def run(address: str) -> None:
        answers.append(ask(narrow.application.test_client(host=HOST), RUNAWAY, address=address))

    threads = [threading.Thread(target=run, args=[f"10.0.2.{n}"]) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [503, 504]
    busy = next(answer for answer in answers if answer.status_code == 503)
    assert int(busy.headers["Retry-After"]) == 1 and "Try again" in busy.json["detail"]


@pytest.mark.parametrize(("query", "status"), [(PEOPLE, 413), ("SELECT * { ?s foo:bar ?o }", 400),
                                               ("ASK { SERVICE <http://x.invalid/> {} }", 403)])
def test_a_refusal_says_the_same_in_json_text_and_page(narrow: Visitor, query: str, status: int):
    problem, text, page = (ask(narrow, query, accept) for accept in ("application/json", "text/plain, */*;q=0.1", "text/html"))
    assert problem.status_code == text.status_code == page.status_code == problem.json["status"] == status
    body = page.text.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")
    for fact in (problem.json["title"], problem.json["detail"], *(problem.json.get(name, "") for name in ("dumps", "queries"))):
        assert fact in text.text and fact in body


@pytest.mark.parametrize("send", [
    lambda client, query, headers: client.get("/sparql", query_string={"query": query}, headers=headers),
    lambda client, query, headers: client.post("/sparql", data={"query": query}, headers=headers),
    lambda client, query, headers: client.post("/sparql", data=query, content_type="application/sparql-query", headers=headers)])
def test_the_page_of_a_refusal_shows_the_query_again(narrow: Visitor, send):
    page = send(narrow, "SELECT * { ?s foo:bar <b> }", {"Accept": "text/html"})
    assert page.status_code == 400
    assert '<textarea id="query"' in page.text and "SELECT * { ?s foo:bar &lt;b&gt; }</textarea>" in page.text


# The figures


def test_every_limit_has_a_meaning():
    assert [*MEANINGS, "services"] == [field.name for field in fields(Limits)]
    assert all(meaning.least <= getattr(Limits(), name) <= meaning.most for name, meaning in MEANINGS.items())


def told_of(client: Visitor) -> str:
    """The words of the service description."""
    rows = parse(client.get("/sparql", headers={"Accept": "text/turtle"}).data, format=RdfFormat.TURTLE)
    return " ".join(quad.object.value for quad in rows if quad.predicate == SERVICE_TEXT)


def test_page_and_service_description_tell_every_limit_as_it_is_set(small_releases: Path):
    told, services = set(), ("http://one.example/sparql", "http://two.example/sparql")
    for limits in (LIMITS, replace(LIMITS, rows=7_654, seconds=9.5, services=services)):
        client = visiting(small_releases, None, limits)
        page, words = client.get("/sparql", headers={"Accept": "text/html"}).text, told_of(client)
        for figure in figures(limits):
            assert f">{figure.meaning.words}</th><td class=\"number\">{figure.value}</td>" in page
            assert f"{figure.meaning.words[1:]}: {figure.value}" in words
        assert all((service in page and service in words) == bool(limits.services) for service in services)
        told |= {figure.value for figure in figures(limits)}
    assert {"100", "7,654", "1 second", "9.5 seconds"} <= told


def test_federation_is_a_feature_where_endpoints_are_allowed(small_releases: Path):
    feature = b"BasicFederatedQuery"
    for services in ((), ("http://one.example/sparql",)):
        response = visiting(small_releases, None, replace(LIMITS, services=services)).get("/sparql")
        assert (feature in response.data) == bool(services)


def test_an_operator_sets_limits_by_name():
    assert chosen(["seconds=5", "rows=10", "seconds=2.5"], ["http://one.example/sparql?x"]) == Limits(
        seconds=2.5, rows=10, services=("http://one.example/sparql?x",))
    assert chosen([], []) == Limits()


@pytest.mark.parametrize("setting", [
    "", "second=5", "services=http://x.example/", "seconds", "seconds=", "seconds=0", "seconds=-1", "seconds=nan", "seconds=inf",
    "seconds=1e9", "rows=1.5", "rows=0", "rows=many", "rows=1=1", "workers=100000", "memory_bytes=1000", "__class__=1",
    "memory_triples=-1"])
def test_a_limit_that_cannot_be_is_refused(setting: str):
    with pytest.raises(Faulty) as told:
        chosen([setting], [])
    finding, = told.value.findings
    assert finding.path == setting
    assert (", ".join(MEANINGS) in finding.message) != (setting.partition("=")[0] in MEANINGS)


@pytest.mark.parametrize("iri", ["", "one.example", "/sparql", "ftp://one.example/", "http:///x", "http://one.example/a b",
                                 "http://me:secret@one.example/", "http://one.example/#x", "http://one.example:x/", "http://[x/",
                                 "http://one.example/<>", "http://one.example:0/"])
def test_an_endpoint_that_cannot_be_is_refused(iri: str):
    with pytest.raises(Faulty, match="not the address of an endpoint"):
        chosen([], [iri])


# Who asks, and for what


class Recorder:
    """An engine that keeps the queries it is given."""

    def __init__(self) -> None:
        self.queries: list[Query] = []

    def execute(self, query: Query, dataset: Dataset, limits: Limits) -> Answer:  # noqa: ARG002
        self.queries.append(query)
        return Answer("results", "json", b'{"head":{"vars":[]},"results":{"bindings":[]}}')


def recorded(releases: Path, path: str = "/sparql", proxies: tuple[str, ...] = (), **arguments: object) -> Query:
    engine = Recorder()
    assert visiting(releases, engine, proxies=proxies).open(path, **arguments).status_code == 200
    query, = engine.queries
    return query


TEXT = QUERY.decode()


def bound(term: str) -> str:
    """The text with that in the place of the parameter's default."""
    return TEXT.replace("<http://127.0.0.1:8000/id/person/anna>", term)



@pytest.mark.parametrize(("text", "own"), [
    (TEXT, True), (f"\n {TEXT}\n\n", True), (TEXT.strip().replace("\n", "\r\n"), True), (bound("<urn:other>"), True),
    (read_text("names", TEXT).bound({"who": BASE + "id/person/käthe"}), True), (bound('"a } \\" <x>"@en'), True),
    (bound("<urn:a> <urn:b>"), False), (bound("<urn:a> } { ?s ?p ?o } VALUES ?x { <urn:b>"), False),
    (bound('"a" } #"'), False), (bound("?who"), False), (bound(""), False), (TEXT + "LIMIT 1", False),
    (TEXT.replace("?name", "?n"), False), (TEXT.partition("\n")[0] + "\n" + PEOPLE, False), (PEOPLE, False)])
def test_the_release_s_own_queries_are_known_by_their_text(small_releases: Path, text: str, own: bool):
    assert recorded(small_releases, method="POST", data={"query": text}).own is own


def test_an_own_query_on_other_graphs_is_a_visitor_s(small_releases: Path):
    for name in ("default-graph-uri", "named-graph-uri"):
        assert recorded(small_releases, query_string={"query": TEXT, name: BASE + "graph/people"}).own is False


def test_the_page_of_a_bound_query_has_its_title(small_releases: Path):
    client = visiting(small_releases, Recorder())
    text = bound("<urn:other>")
    assert "All names" in client.get("/sparql", query_string={"query": text}, headers={"Accept": "text/html"}).text
    assert "All names" not in client.get("/sparql", query_string={"query": PEOPLE}, headers={"Accept": "text/html"}).text


@pytest.mark.parametrize(("proxies", "client"), [((), "10.1.2.3"), (("10.1.0.0/16",), "198.51.100.7"),
                                                 (("10.9.0.0/16",), "10.1.2.3")])
def test_a_query_is_charged_to_its_client(small_releases: Path, proxies: tuple[str, ...], client: str):
    query = recorded(small_releases, "/sparql?" + urlencode({"query": "ASK {}"}), proxies, headers={
        "X-Forwarded-For": "203.0.113.9, 198.51.100.7", "Accept": "application/json"},
        environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    assert query.client == client
    assert query.visitor is not nullcontext
    with query.visitor() as descriptor:
        assert descriptor is None


def test_max_rows_reach_the_engine(small_releases: Path):
    assert recorded(small_releases, query_string={"query": PEOPLE, "max-rows": "7"}).max_rows == 7
    assert recorded(small_releases, query_string={"query": PEOPLE}).max_rows is None


@pytest.mark.parametrize(("query", "lasts"), [
    ("SELECT (NOW() AS ?t) {}", False), ("SELECT (rand () AS ?t) {}", False), ("ASK { BIND(Uuid#c\n() AS ?x) }", False),
    ("SELECT (STRUUID() AS ?t) {}", False), ("ASK { ?s <urn:knows> ?rand # NOW()\n}", True),
    ("PREFIX now: <urn:> ASK { ?s now:uuid 'RAND()' }", True), (PEOPLE + " LIMIT 1", True)])
def test_an_answer_of_the_moment_is_not_to_be_kept(narrow: Visitor, query: str, lasts: bool):
    response = ask(narrow, query)
    assert response.status_code == 200
    assert (response.headers.get("Cache-Control") == "no-cache") != lasts
