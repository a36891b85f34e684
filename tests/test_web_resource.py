"""Things, documents, negotiation and manners: standards and design section by section, over a small release."""

from __future__ import annotations

import json
import re

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from triplehelix.description.links import Links, hosts
from web_release import BASE, VERSION, client_of, releases_fixture, room_fixture, small_fixture  # noqa: F401

TURTLE, NT, XML = "text/turtle", "application/n-triples", "application/rdf+xml"
JSONLD, HTML = "application/ld+json", "text/html"
ENGINES = {TURTLE: RdfFormat.TURTLE, NT: RdfFormat.N_TRIPLES, XML: RdfFormat.RDF_XML, JSONLD: RdfFormat.JSON_LD}
ANNA = "/doc/id/person/anna"
PROTEGE = "application/rdf+xml, application/xml;q=0.7, text/xml;q=0.6, text/plain;q=0.1, */*;q=0.09"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
OWLAPI = "application/rdf+xml, text/turtle;q=0.9, application/ld+json;q=0.8, text/html;q=0.3"
ACCEPT = [
    (None, TURTLE), ("", TURTLE), ("*/*", TURTLE), (BROWSER, HTML), (PROTEGE, XML), (OWLAPI, XML),
    ("text/plain, */*;q=0.1", NT), ("text/html;q=0.1, text/turtle;q=0.9", TURTLE), ("text/html;q=0, */*", TURTLE),
    ("text/turtle;charset=utf-8", TURTLE), ("text/turtle;version=1.2", TURTLE), ("text/html, text/turtle", HTML),
    ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted", application/json;q=.5', JSONLD),
    ("application/json", JSONLD), ("TEXT/TURTLE", TURTLE), ("text/*", TURTLE), ("application/*", NT), ("*", TURTLE),
    ("application/xhtml+xml", HTML), ("text/html", HTML), ("text/turtle;q=0.5, application/rdf+xml;q=0.7", XML), (";;q=,", None),
    ("image/png", None), ("application/x-nonsense", None), ("text/turtle;q=0", None),
]


def graph(response):
    kind = response.mimetype
    return set(parse(response.data, format=ENGINES[kind], base_iri=BASE)) if kind in ENGINES else None


@pytest.mark.parametrize(("accept", "expected"), ACCEPT)
def test_a_document_is_given_in_the_type_the_client_likes_best(small, accept, expected):
    response = small.get(ANNA, headers={} if accept is None else {"Accept": accept})
    assert "Accept" in response.vary
    if expected is None:
        assert response.status_code == 406
        assert "text/turtle" in response.json["detail"]
    else:
        assert (response.status_code, response.mimetype) == (200, expected)
        assert response.content_location.startswith(BASE + ANNA[1:] + ".")


@pytest.mark.parametrize(("suffix", "kind"), [("ttl", TURTLE), ("nt", NT), ("rdf", XML), ("jsonld", JSONLD), ("html", HTML)])
@pytest.mark.parametrize("path", [ANNA, "/doc/scheme/nace/62.10", "/ns", "/ns/core", "/scheme/nace", "/shape/core",
                                  "/graph/people",
                                  "/query/names", "/dataset"])
def test_a_suffix_beats_accept(small, path, suffix, kind):
    response = small.get(f"{path}.{suffix}", headers={"Accept": "image/png"})
    assert (response.status_code, response.mimetype) == (200, kind)


def test_all_syntaxes_say_the_same(small):
    graphs = [graph(small.get(f"{ANNA}.{suffix}")) for suffix in ("ttl", "nt", "rdf", "jsonld")]
    assert graphs[0] and all(g == graphs[0] for g in graphs)


@pytest.mark.parametrize("path", ["/id/person/anna", "/id/person/käthe", "/id/person/a%2520b", "/id/person/a%20b",
                                  "/scheme/nace/62.10"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_thing_redirects_to_its_document(small, path, method):
    response = small.open(path, method=method)
    assert response.status_code == 303
    assert "Accept" in response.vary
    target = response.location
    assert target.startswith(BASE + "doc/") and target.isascii()
    assert small.get(target.removeprefix(BASE[:-1])).status_code == 200


@pytest.mark.parametrize("accept", [None, TURTLE, XML, JSONLD, NT, HTML])
@pytest.mark.parametrize("path", ["/id/person/nobody", "/scheme/nace/1", "/doc/id/person/nobody", "/ns/nothing", "/graph/none",
                                  "/id/person/anna.ttl"])
def test_what_is_not_described_is_missing_where_it_is_asked_for(small, path, accept):
    response = small.get(path, headers={"Accept": accept} if accept else {})
    assert response.status_code == 404
    assert response.mimetype == (HTML if accept == HTML else "application/problem+json")
    assert "Accept" in response.vary


@pytest.mark.parametrize("path", ["/id/%00", "/id/%FF", "/id/%3C%3E", '/id/"', "/id/a%0D%0Ab", "/id/" + "x" * 3000, "/ns/%20",
                                  "/graph/%E2%80", "/query/..", "/list?class=a%20b", "/list", ANNA + "?page=0", ANNA + "?page=-1",
                                  ANNA + "?page=4", ANNA + "?page=%EF%BC%91", ANNA + "?format=png", "/dumps/../manifest.json"])
def test_no_path_is_a_fault_of_the_server(small, path):
    response = small.get(path)
    assert 400 <= response.status_code < 500
    assert response.json["status"] == response.status_code


def test_two_slashes_are_another_address(small):
    assert small.get("/", environ_overrides={"PATH_INFO": "//ns"}).status_code == 404


@pytest.mark.parametrize(("path", "target"), [
    ("/ns/", "ns"), ("/ns/core/", "ns/core"), ("/scheme/nace/", "scheme/nace"), ("/id/person/anna/", "id/person/anna"),
    (ANNA + "/", ANNA[1:]), ("/dumps", "dumps/"), ("/query", "query/"), (f"/release/{VERSION}", f"release/{VERSION}/")])
def test_the_closing_slash_leads_to_the_one_address(small, path, target):
    response = small.get(path)
    assert (response.status_code, response.location) == (301, BASE + target)


def test_a_description_names_what_it_links_and_where_it_stands(small):
    told = graph(small.get(ANNA + ".ttl"))
    said = {(t.subject.value, t.predicate.value.split("/")[-1].split("#")[-1], getattr(t.object, "value", "")) for t in told}
    kathe = BASE + "id/person/käthe"
    assert (kathe, "name", "<script>alert(1)</script>") in said
    assert (BASE + ANNA[1:], "primaryTopic", BASE + "id/person/anna") in said
    assert {value for _, name, value in said if name == "inDataset"} == {BASE + "graph/people", BASE + "graph/more"}
    assert (BASE + "id/person/anna", "born", "1950") in said
    assert (BASE + "id/person/anna", "born", "1949") not in said


def test_what_points_to_a_thing_comes_in_pages(small):
    first, last = small.get(ANNA + ".nt"), small.get(ANNA + ".nt?page=3")
    knows = b"<http://127.0.0.1:8000/ns#knows> <http://127.0.0.1:8000/id/person/anna>"
    assert first.data.count(knows) == 100 and last.data.count(knows) == 50
    assert f'<{BASE}doc/id/person/anna.nt?page=2>; rel="next"' in first.headers["Link"]
    assert 'rel="prev"' in last.headers["Link"] and 'rel="next"' not in last.headers["Link"]
    assert b"What links here <small>(250)" in small.get(ANNA + ".html").data


def test_a_thing_that_stands_apart_says_so(small):
    page = small.get("/doc/id/person/doubt.html").text
    assert "stands apart" in page and "Doubt" in page
    assert graph(small.get("/doc/id/person/doubt"))
    assert "Stated apart" in small.get(ANNA + ".html").text


def test_pages_let_nothing_of_the_data_run(small):
    page = small.get(ANNA + ".html")
    assert re.findall("<script[^>]*>", page.text) == [
        '<script type="application/ld+json">', '<script src="/static/suggest.js" defer>']
    assert 'href="javascript' not in page.text and "<script>alert" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert 'lang="es"' in page.text


def test_hash_documents_describe_their_terms(small):
    subjects = {t.subject for t in graph(small.get("/ns"))}
    assert {NamedNode(BASE + "ns#knows"), NamedNode(BASE + "ns#born"), NamedNode(BASE + "ns")} <= subjects
    assert 'id="knows"' in small.get("/ns", headers={"Accept": HTML}).text
    assert NamedNode(BASE + "shape/core#Person") in {t.subject for t in graph(small.get("/shape/core"))}
    assert b'"b"' in small.get("/shape/core").data
    assert NamedNode(BASE + "dataset#class-1") in {t.subject for t in graph(small.get("/dataset"))}


@pytest.mark.parametrize(("path", "topic"), [("/ns/0.1.0", "ns"), ("/ns/core/0.1.0", "ns/core"), ("/ns/core/0.1.0.ttl",
                                                                                                  "ns/core")])
def test_a_version_iri_answers_with_its_ontology(small, path, topic):
    response = small.get(path)
    assert response.status_code == 200
    version = path[1:].removesuffix(".ttl")
    assert {NamedNode(BASE + topic), NamedNode(BASE + version)} <= {t.subject for t in graph(response)}


def test_a_scheme_lists_its_concepts(small):
    assert b'"Programming"@en' in small.get("/scheme/nace").data
    assert "62.10" in small.get("/scheme/nace.html").text


def test_an_unchanged_representation_is_not_sent_again(small):
    tags = {suffix: small.get(f"{ANNA}.{suffix}").headers["ETag"] for suffix in ("ttl", "nt", "html")}
    assert len(set(tags.values())) == 3 and not any(tag.startswith("W/") for tag in tags.values())
    again = small.get(f"{ANNA}", headers={"If-None-Match": tags["ttl"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tags["ttl"] and "Accept" in again.vary
    assert small.get(f"{ANNA}", headers={"If-None-Match": tags["nt"]}).status_code == 200


@pytest.mark.parametrize("path", ["/", ANNA, "/id/person/anna", "/dumps/", "/dumps/dataset.ttl", "/health", "/nothing",
                                  "/sparql"])
def test_head_is_get_without_the_body(small, path):
    got, head = small.get(path, buffered=True), small.head(path)
    assert head.data == b"" and head.status_code == got.status_code
    skipped = {"Date"}
    assert {k: v for k, v in head.headers if k not in skipped} == {k: v for k, v in got.headers if k not in skipped}


@pytest.mark.parametrize("path", ["/", ANNA, "/id/person/anna", "/nothing", "/dumps/dataset.ttl", "/sparql?query=x"])
def test_everything_readable_is_open_to_scripts_of_other_sites(small, path):
    response = small.head(path)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_wrong_method_names_the_right_ones(small):
    response = small.delete(ANNA)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:8000", 200), ("localhost:8000", 200), ("LOCALHOST:8000", 200),
                                              ("[::1]:8000", 200),
                                              ("127.0.0.1:9000", 421), ("evil.example", 421), ("127.0.0.1", 421), ("", 400)])
def test_only_our_own_host_is_answered(small, host, status):
    assert small.get("/health", headers={"Host": host}, environ_overrides={"HTTP_HOST": host}).status_code == status


def test_hosts_of_an_origin():
    assert hosts("https://example.org/kg/") == {"example.org", "example.org:443"}
    assert hosts("https://example.org/", ("WWW.example.org",)) == {"example.org", "example.org:443", "www.example.org"}


def test_chunked_bodies_are_refused(small):
    response = small.post("/sparql", environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked"})
    assert response.status_code == 411


def test_base_and_origin_may_differ(small_releases, room):
    client = client_of(small_releases, room, "https://example.org/kg/")
    assert client.get("/id/person/anna").location == "https://example.org/kg/doc/id/person/anna"
    page = client.get(ANNA + ".html").text
    assert 'href="/kg/id/person/k%C3%A4the"' in page and BASE + "id/person/anna" in page
    assert f"<{BASE}id/person/anna>" in client.get(ANNA + ".nt").text


def test_links_lead_only_where_a_page_may_lead():
    links = Links(BASE, "https://example.org/kg/")
    assert links.href(BASE + "id/a b") == "/kg/id/a%20b"
    assert links.href(BASE + "ns#Term") == "/kg/ns#Term"
    assert links.href("javascript:alert(1)") is None and links.href("data:text/html,x") is None
    assert links.href("mailto:a@example.org") == "mailto:a@example.org"


def test_problems_are_told_as_rfc_9457_says(small):
    response = small.get("/id/person/nobody")
    assert set(json.loads(response.data)) == {"type", "title", "status", "detail", "instance"}
    assert response.json["instance"] == "/id/person/nobody"


def test_a_release_that_cannot_be_read_is_503(room, tmp_path):
    response = client_of(tmp_path, room, BASE).get("/")
    assert response.status_code == 503 and response.headers["Retry-After"]
    assert client_of(tmp_path, room, BASE).get("/", headers={"Accept": HTML}).status_code == 503
