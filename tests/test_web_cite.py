"""Cited answers over HTTP: permanent URLs, the same bytes, checksums, forms of a citation, refusals that say what to do."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from triplehelix.description.links import hosts
from triplehelix.formats import CITATIONS, GRAPH, RESULTS
from triplehelix.queries import read_text
from triplehelix.releases import CURRENT, read_manifest
from triplehelix.web.front import Remembering
from web_release import BASE, CANONICAL, QUERY, VERSION, Visitor, client_of, releases_fixture, room_fixture, small_fixture

__all__ = ["releases_fixture", "room_fixture", "small_fixture"]
NAMES = "SELECT ?s ?name { ?s <http://xmlns.com/foaf/0.1/name> ?name }"
BLANK = "CONSTRUCT { ?s ?q ?p . ?p ?r ?o } WHERE { GRAPH ?g { ?s ?q ?p . ?p ?r ?o FILTER isBLANK(?p) } }"
OTHER = "2026-11-24-0123456789ab"


def cited(client: Visitor, query: str = NAMES, accept: str | None = None, **fields: str):
    """The answer to a query from the release of the tests."""
    headers = {"Accept": accept} if accept else {}
    return client.get("/cite", query_string={"query": query, "release": VERSION, **fields}, headers=headers)


def url_of(query: str = NAMES) -> str:
    return f"{BASE}cite?query={quote(query, safe='/:?@,')}&release={VERSION}"


def checksum(response) -> str:
    return hashlib.sha256(response.data).hexdigest()


# The answer


def test_the_answer_carries_its_checksum_licence_version_and_citation(small: Visitor):
    response = cited(small)
    assert (response.status_code, response.mimetype) == (200, "application/sparql-results+json")
    assert response.headers["ETag"] == f'"{checksum(response)}"'
    digest = base64.b64encode(hashlib.sha256(response.data).digest()).decode()
    assert response.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    links = response.headers["Link"]
    url = url_of()
    assert f'<{url}>; rel="cite-as"' in links and f'<{BASE}release/{VERSION}/>; rel="collection"' in links
    assert '<http://creativecommons.org/licenses/by/4.0/>; rel="license"' in links
    assert all(f'<{url}&format={fmt.name}>; rel="describedby"; type="{fmt.media_type}"' in links for fmt in CITATIONS)
    assert "Repr-Digest" in response.headers["Access-Control-Expose-Headers"]


def test_the_permanent_url_gives_the_same_bytes_again(small: Visitor):
    first = cited(small)
    url = re.search(r'<([^>]+)>; rel="cite-as"', first.headers["Link"])[1]
    assert small.get(url).data == first.data
    assert len(json.loads(first.data)["results"]["bindings"]) == 253


@pytest.mark.parametrize(("query", "offered"), [(NAMES, RESULTS), ("ASK {}", RESULTS), ("CONSTRUCT WHERE { ?s a ?c }", GRAPH),
                                                (BLANK, GRAPH)])
def test_every_syntax_has_a_checksum_of_its_own(small: Visitor, query: str, offered):
    for fmt in offered:
        response = cited(small, query, format=fmt.name)
        assert (response.status_code, response.content_type) == (200, fmt.content_type)
        assert response.headers["ETag"] == f'"{checksum(response)}"'
        assert cited(small, query, fmt.media_type).data == response.data


def test_triples_come_as_canonical_n_triples_where_nothing_else_is_named(small: Visitor):
    response = cited(small, BLANK, "*/*")
    assert response.mimetype == "application/n-triples"
    lines = response.data.splitlines()
    assert lines == sorted(lines) and b"_:c14n0" in response.data


def test_a_client_that_has_the_answer_gets_304(small: Visitor):
    tag = cited(small).headers["ETag"]
    again = small.get("/cite", query_string={"query": NAMES, "release": VERSION}, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert small.head("/cite", query_string={"query": NAMES, "release": VERSION}).headers["ETag"] == tag


def test_behind_the_front_each_coding_has_the_digest_of_what_is_sent(small: Visitor, small_releases: Path):
    front = Remembering(small.application.wsgi_app, small_releases, hosts(BASE))
    plain = cited(small)
    for coding in ("identity", "gzip", "gzip"):
        told: list = []
        body = b"".join(front({
            "REQUEST_METHOD": "GET", "PATH_INFO": "/cite", "HTTP_HOST": urlsplit(BASE).netloc, "SERVER_NAME": "x",
            "QUERY_STRING": urlencode({"query": NAMES, "release": VERSION}), "SERVER_PORT": "80", "wsgi.url_scheme": "http",
            "HTTP_ACCEPT_ENCODING": coding, "SERVER_PROTOCOL": "HTTP/1.1"}, lambda *given, told=told: told.extend(given)))
        sent = dict(told[1])
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert sent["Repr-Digest"] == f"sha-256=:{digest}:"
        assert (gzip.decompress(body) if coding == "gzip" else body) == plain.data
        assert sent.get("Content-Encoding", "identity") == coding


def test_the_canonical_base_and_named_graphs_are_part_of_the_query(small: Visitor):
    rebased = cited(small, f"SELECT ?p {{ <{CANONICAL}id/person/anna> ?p ?o }}")
    assert rebased.headers["X-Base-Rewritten"] == f"{CANONICAL} -> {BASE}"
    response = cited(small, NAMES, **{"default-graph-uri": BASE + "graph/unverified"})
    assert len(json.loads(response.data)["results"]["bindings"]) == 1
    assert f"default-graph-uri={BASE}graph/unverified" in response.headers["Link"]


# Releases


def test_without_a_release_the_current_one_is_put_into_the_url(small: Visitor):
    response = small.get("/cite", query_string={"query": NAMES, "format": "csv"})
    assert response.status_code == 303
    address = urlsplit(response.headers["Location"])
    assert dict(parse_qsl(address.query)) == {"query": NAMES, "release": VERSION, "format": "csv"}
    assert small.get(response.headers["Location"]).mimetype == "text/csv"


@pytest.mark.parametrize("release", ["2026-11-23-ffffffffffff", "current", "", "../x"])
def test_an_unknown_release_is_404(small: Visitor, release: str):
    response = small.get("/cite", query_string={"query": NAMES, "release": release})
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_an_answer_stays_the_same_when_another_release_becomes_current(small_releases: Path, room, tmp_path: Path):
    root = Path(shutil.copytree(small_releases, tmp_path / "releases", symlinks=True))
    visitor = client_of(root, room, BASE)
    before = cited(visitor)
    shutil.copytree(root / VERSION, root / OTHER)
    manifest = replace(read_manifest(root / VERSION), version=OTHER, before=VERSION)
    (root / OTHER / "manifest.json").write_bytes(manifest.to_json())
    store = Store(str(root / OTHER / "store"))
    store.add(Quad(NamedNode("urn:new"), NamedNode("http://xmlns.com/foaf/0.1/name"), NamedNode("urn:name"), DefaultGraph()))
    store.flush()
    del store
    (root / CURRENT).unlink()
    (root / CURRENT).symlink_to(OTHER)
    assert cited(visitor).data == before.data and cited(visitor).headers["ETag"] == before.headers["ETag"]
    newer = visitor.get("/cite", query_string={"query": NAMES}, follow_redirects=True)
    assert b"urn:new" in newer.data
    page = cited(visitor, accept="text/html").text
    assert re.search("curl -sL '(.+?)'", unescape(page))[1] == url_of() + "&format=json"
    pruned = root / "pruned" / VERSION
    pruned.mkdir(parents=True)
    (root / VERSION / "manifest.json").rename(pruned / "manifest.json")
    gone = cited(visitor)
    assert (gone.status_code, gone.json["successor"]) == (410, OTHER)


def test_what_is_cited_begins_with_the_base_and_what_is_visited_with_the_origin(small_releases: Path, room):
    elsewhere = client_of(small_releases, room, "https://data.example/kg/")
    response = elsewhere.get("/cite", query_string={"query": NAMES})
    assert response.headers["Location"] == url_of().replace(BASE, "https://data.example/kg/")
    answer = cited(elsewhere)
    assert f'<{url_of()}>; rel="cite-as"' in answer.headers["Link"]
    assert f'<{response.headers["Location"]}&format=csl>; rel="describedby"' in answer.headers["Link"]
    assert json.loads(cited(elsewhere, format="csl").data)[0]["URL"] == url_of()


# Named queries


def test_a_named_query_is_cited_by_its_name(small: Visitor):
    text = QUERY.decode()
    response = small.get("/cite", query_string={"query": text})
    assert response.headers["Location"] == f"{BASE}query/names/cite?release={VERSION}"
    short, long = small.get(response.headers["Location"]), cited(small, text)
    assert short.data == long.data and short.headers["ETag"] == long.headers["ETag"]
    assert all(f'<{BASE}query/names/cite?release={VERSION}>; rel="cite-as"' in each.headers["Link"] for each in (short, long))
    assert json.loads(cited(small, text, format="csl").data)[0]["title"] == "All names. Answer to a query of Tiny"


def test_its_parameters_are_in_the_url(small: Visitor):
    person = BASE + "id/person/käthe"
    text = QUERY.decode().replace(BASE + "id/person/anna", person)
    response = small.get("/cite", query_string={"query": text.replace("\n", "\r\n")})
    assert response.headers["Location"] == f"{BASE}query/names/cite?who={quote(person, safe='/:')}&release={VERSION}"
    assert b"script" in small.get(response.headers["Location"]).data
    assert small.get(f"/query/names/cite?who={quote(person)}").headers["Location"] == response.headers["Location"]


@pytest.mark.parametrize(("path", "status"), [("query/names/cite?who=a%20b", 400), ("query/names/cite?what=x", 400),
                                              ("query/nothing/cite", 404), ("cite", 400), ("cite?query=", 400)])
def test_what_is_no_query_is_refused(small: Visitor, path: str, status: int):
    response = small.get(f"/{path}{'&' if '?' in path else '?'}release={VERSION}")
    assert (response.status_code, response.mimetype) == (status, "application/problem+json") and response.json["detail"]


# The forms of a citation, and the page


@pytest.mark.parametrize("fmt", CITATIONS, ids=lambda fmt: fmt.name)
def test_each_form_of_a_citation_by_name_and_by_type(small: Visitor, fmt):
    response = cited(small, format=fmt.name)
    assert (response.status_code, response.content_type) == (200, fmt.content_type)
    assert cited(small, accept=fmt.media_type).data == response.data
    assert checksum(cited(small)).encode() in response.data and VERSION.encode() in response.data


def test_the_page_says_all_that_a_citation_needs(small: Visitor):
    response = cited(small, accept="text/html")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    page = unescape(response.text)
    url = url_of()
    for part in (url, checksum(cited(small)), VERSION, "http://creativecommons.org/licenses/by/4.0/",
                 f"curl -sL '{url}&format=json' | sha256sum", NAMES):
        assert part in page
    for fmt in CITATIONS:
        assert cited(small, format=fmt.name).text.strip() in page
    ids = re.findall(r' id="([^"]+)"', response.text)
    assert len(ids) == len(set(ids)) and "<script>alert" not in response.text


@pytest.mark.parametrize(("query", "shown"), [("ASK {}", "Yes"), ("CONSTRUCT WHERE { ?s a ?c }", "RDFC-1.0"),
                                              ("SELECT ?x { VALUES ?x { } }", "0 rows")])
def test_every_kind_of_answer_has_a_page(small: Visitor, query: str, shown: str):
    assert shown in cited(small, query, accept="text/html").text


def test_hostile_text_is_only_text(small: Visitor):
    query = 'SELECT ("</code><script>alert(1)</script>" AS ?x) {} #}}\\end{x}"\'><svg onload=1>'
    response = cited(small, query, accept="text/html")
    assert response.status_code == 200 and "<script>" not in response.text and "<svg" not in response.text
    assert cited(small, query, format="bibtex").text.count("@") == 1
    assert json.loads(cited(small, query, format="csl").data)[0]["URL"].startswith(BASE)


def test_pages_of_results_and_of_queries_lead_here(small: Visitor):
    page = small.get("/sparql", query_string={"query": NAMES}, headers={"Accept": "text/html"}).text
    address = unescape(re.search(r'<a href="([^"]+)">Cite this</a>', page)[1])
    assert small.get(address, follow_redirects=True).data == cited(small).data
    page = small.get("/query/names", headers={"Accept": "text/html"}).text
    address = unescape(re.search(r'<a href="([^"]+)">Cite its answer</a>', page)[1])
    assert small.get(address, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(("asked", "said"), [
    ({"query": NAMES, "max-rows": "1"}, "It is cut."),
    ({"query": NAMES + "#" * 3_000}, "The query is too long for a URL."),
    ({"query": "SELECT (GROUP_CONCAT(?name) AS ?names) { ?s ?p ?name }"}, "Let each value have a row"),
])
def test_a_page_of_what_cannot_be_cited_says_why_and_leads_nowhere(small: Visitor, asked: dict[str, str], said: str):
    page = small.get("/sparql", query_string=asked, headers={"Accept": "text/html"}).text
    assert not re.search('<a href="[^"]+">Cite this', page)
    assert said in re.search(r"This answer cannot be cited\. ([^<]+)", page)[1]


# Refusals


@pytest.mark.parametrize(("query", "word"), [
    (NAMES + " LIMIT 3", "LIMIT"), (NAMES + " ORDER BY RAND()", "RAND"), ("SELECT (NOW() AS ?t) {}", "NOW"),
    ("SELECT (SAMPLE(?o) AS ?x) { ?s ?p ?o }", "SAMPLE"), ("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }", "SERVICE")])
def test_what_leaves_the_answer_open_is_422_with_its_place(small: Visitor, query: str, word: str):
    for accept in ("application/json", "application/x-bibtex"):
        problem = cited(small, query, accept)
        assert (problem.status_code, problem.mimetype) == (422, "application/problem+json")
        assert problem.json["column"] == query.index(word) + 1 and problem.json["line"] == 1
        assert problem.json["advice"] and problem.json["detail"].startswith(word)
    page = cited(small, query, accept="text/html")
    assert page.status_code == 422 and word in page.text and "textarea" in page.text


def test_rows_with_blank_nodes_and_rounded_sums_are_422(small: Visitor):
    for query, told in (("SELECT ?p { GRAPH ?g { ?s <http://www.w3.org/ns/shacl#property> ?p } }", "CONSTRUCT"),
                        ("SELECT (SUM(?x) AS ?y) { VALUES ?x { 1e0 2e0 } }", "xsd:decimal")):
        problem = cited(small, query)
        assert problem.status_code == 422 and told in problem.json["detail"]


@pytest.mark.parametrize(("query", "fields", "status"), [
    ("SELEC ?x {}", {}, 400), (NAMES, {"max-rows": "3"}, 400), (NAMES, {"format": "ttl"}, 406), (NAMES, {"format": "xls"}, 406),
    (NAMES + "#" * 9_000, {}, 414), ("INSERT DATA { <urn:a> <urn:b> 1 }", {}, 400), (NAMES, {"update": "x"}, 403)])
def test_other_mistakes_have_their_own_status(small: Visitor, query: str, fields: dict[str, str], status: int):
    problem = cited(small, query, **fields)
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json") and len(problem.json["detail"]) > 20


def test_the_limit_of_a_url_is_stated(small: Visitor):
    assert "8,000" in cited(small, NAMES + "#" * 9_000).json["detail"]
    room = 8_000 - len(url_of())
    assert cited(small, NAMES + "#" * (room // 3)).status_code == 200
    assert cited(small, NAMES + "#" * (room // 3 + 1)).status_code == 414


def test_it_takes_no_other_method(small: Visitor):
    assert small.post("/cite", data={"query": NAMES}).status_code == 405


def test_a_query_that_leaves_its_answer_open_is_not_offered(small_releases: Path, room, tmp_path: Path):
    root = Path(shutil.copytree(small_releases, tmp_path / "releases", symlinks=True))
    (root / VERSION / "queries/names.rq").write_bytes(QUERY + b"LIMIT 1\n")
    page = client_of(root, room, BASE).get("/query/names", headers={"Accept": "text/html"}).text
    assert "Change it and run it" in page and "Cite its answer" not in page


@pytest.mark.parametrize("value", ["a \"quoted\" \\ value", "VALUES ?day { \"x\" }", "two\nlines", "", "ä} "])
def test_the_values_of_a_query_are_found_in_its_text(value: str):
    query = read_text("q", "#+ title: T\n#+ description: D.\n#+ example: none\n"
                      "#+ parameter: word A word.\n#+ parameter: who A thing.\n"
                      'BASE <http://e.example/>\nSELECT * { VALUES ?word { "x"@en } VALUES ?who { <a> } ?s ?word ?who }\n')
    for values in ({}, {"word": value}, {"who": "http://e.example/b"}, {"word": value, "who": "http://e.example/b"}):
        assert query.values(f"\n{query.bound(values)} ") == values
    for other in ('"x"', '"x"@fr', '"x"^^<http://www.w3.org/2001/XMLSchema#token>', "<http://e.example/x>", "?x"):
        assert query.values(query.text.replace('"x"@en', other)) is None
