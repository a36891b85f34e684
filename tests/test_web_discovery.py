"""What a machine finds that knows the address alone: robots.txt, sitemaps, the API catalogue, linksets, the landing page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, Graph, Namespace, URIRef

from triplehelix.build import build
from triplehelix.description.linksets import JSON, TEXT, Link, as_json, as_text
from triplehelix.project import Project
from triplehelix.releases import Manifest, read_manifest
from triplehelix.resources import Resources
from triplehelix.web import discovery, landing
from web_release import BASE, Visitor, client_of, room_fixture  # noqa: F401

SITEMAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
DCAT, SD, VOID = (Namespace(iri) for iri in (
    "http://www.w3.org/ns/dcat#", "http://www.w3.org/ns/sparql-service-description#", "http://rdfs.org/ns/void#"))
# W3C's NOTE-datetime: a day, or a moment of it with its time zone.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|\+00:00))?")
LINK = re.compile(r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?(?:; anchor="([^"]*)")?')
PAGES = ("", "dataset", "ns", "scheme/region", "doc/scheme/region/1.1", "doc/id/harbour/east", "graph/harbours", "shape/sea",
         "query/places-of-a-region")


@pytest.fixture(scope="module")
def manifest(mini_release: Path) -> Manifest:
    return read_manifest(mini_release)


@pytest.fixture(scope="module")
def visitor(mini_release: Path, manifest: Manifest, room) -> Visitor:
    return client_of(mini_release.parent, room, manifest.base)


@pytest.fixture(scope="module")
def catalogue(visitor: Visitor) -> Graph:
    return Graph().parse(data=visitor.get("/catalogue?format=nt").data, format="nt")


def local(manifest: Manifest, url: str) -> str:
    assert url.startswith(manifest.base), url
    return "/" + url[len(manifest.base):]


# --- robots.txt and sitemaps

def test_robots_may_go_everywhere_but_into_queries(visitor: Visitor, manifest: Manifest):
    response = visitor.get("/robots.txt", headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    rules = RobotFileParser()
    rules.parse(response.text.splitlines())
    assert rules.site_maps() == [manifest.base + "sitemap.xml"]
    assert not rules.can_fetch("any", manifest.base + "sparql?query=ASK%20%7B%7D")
    for path in ("", "sparql", "query/", "doc/id/harbour/east", "dumps/dataset.nt", "list?class=x", "catalogue"):
        assert rules.can_fetch("any", manifest.base + path)


def test_below_a_path_the_rules_are_of_that_path(mini_release: Path, room):
    text = client_of(mini_release.parent, room, "https://data.example/kg/").get("/robots.txt").text
    assert "Disallow: /kg/sparql?query=\n" in text and "Sitemap: https://data.example/kg/sitemap.xml\n" in text


def entries(visitor: Visitor, path: str, root: str, entry: str) -> list[tuple[str, str]]:
    """(loc, lastmod) of a sitemap, or of the index; every element is one of the protocol, in its order."""
    response = visitor.get(path, headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (200, "application/xml")
    tree = ElementTree.fromstring(response.data)
    assert tree.tag == SITEMAPS + root and {child.tag for child in tree} == {SITEMAPS + entry}
    assert all([field.tag for field in child] == [SITEMAPS + "loc", SITEMAPS + "lastmod"] for child in tree)
    return [(child[0].text, child[1].text) for child in tree]


def sitemaps(visitor: Visitor, manifest: Manifest) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(lastmod of the index, entries) of each sitemap."""
    for url, changed in entries(visitor, "/sitemap.xml", "sitemapindex", "sitemap"):
        yield changed, entries(visitor, local(manifest, url), "urlset", "url")


def listed(visitor: Visitor, manifest: Manifest) -> list[tuple[str, str]]:
    return [entry for _, part in sitemaps(visitor, manifest) for entry in part]


def test_the_sitemap_holds_every_document_once(visitor: Visitor, manifest: Manifest, mini_release: Path):
    urls = [url for url, _ in listed(visitor, manifest)]
    assert len(urls) == len(set(urls))
    documents = {f"{manifest.base}graph/{iri.partition('/graph/')[2]}" for iri in manifest.graphs}
    for kind in ("id", "scheme/region"):
        documents |= {f"{manifest.base}doc/{name}" for name, _ in Resources(mini_release).all() if name.startswith(kind + "/")}
    documents |= {manifest.base + name for name in (
        "", "dataset", "ns", "ns/sea", "shape/sea", "scheme/region", "query/", "dumps/", "query/lights-of-a-harbour", "catalogue",
        f"release/{manifest.version}/")}
    assert documents <= set(urls)
    assert not any("#" in url or "?" in url for url in urls)


def test_every_listed_address_answers_and_is_canonical(visitor: Visitor, manifest: Manifest):
    for url, _ in listed(visitor, manifest):
        response = visitor.get(local(manifest, url))
        assert response.status_code == 200, url
        assert {target for target, relation, *_ in LINK.findall(response.headers.get("Link", ""))
                if relation == "canonical"} <= {url}


def test_the_date_of_a_document_is_that_of_its_last_change(visitor: Visitor, manifest: Manifest, mini_release: Path):
    known = Resources(mini_release)
    dates = dict(listed(visitor, manifest))
    assert all(MOMENT.fullmatch(changed) for changed in dates.values())
    for name, changed in known.all():
        for address in (manifest.base + name, f"{manifest.base}doc/{name}"):
            if address in dates and name not in ("catalogue", "dataset"):
                assert datetime.fromisoformat(dates[address]).date() == changed.date()
    assert len(set(dates.values())) > 2, "the miniature has graphs of several days"
    assert date.fromisoformat(dates[manifest.base][:10]) >= date.fromisoformat(manifest.version[:10])


def test_the_index_has_the_newest_date_of_each_sitemap(visitor: Visitor, manifest: Manifest, monkeypatch):
    monkeypatch.setattr(discovery, "URLS_IN_A_FILE", 4)
    parts = list(sitemaps(visitor, manifest))
    assert len(parts) > 5 and all(1 <= len(part) <= 4 for _, part in parts)
    assert all(changed == max(date for _, date in part) for changed, part in parts)


def test_more_addresses_than_a_file_may_have_make_more_files(visitor: Visitor, manifest: Manifest, monkeypatch):
    whole = listed(visitor, manifest)
    monkeypatch.setattr(discovery, "URLS_IN_A_FILE", 7)
    assert listed(visitor, manifest) == whole
    last = -(-len(whole) // 7)
    assert visitor.get(f"/sitemap-{last}.xml").status_code == 200
    for number in ("0", str(last + 1), "01", "x", "-1", "1e0", "१"):
        assert visitor.get(f"/sitemap-{number}.xml").status_code == 404


def test_addresses_are_escaped_for_the_web_and_for_xml(visitor: Visitor, manifest: Manifest, monkeypatch):
    day = datetime.fromisoformat("2020-02-29T00:00:00+00:00")
    monkeypatch.setattr(discovery, "addresses", lambda: iter([("doc/id/a&b", day), ("doc/id/käthe", day), ("doc/id/a%20b", day)]))
    assert [url.removeprefix(manifest.base) for url, _ in listed(visitor, manifest)] == [
        "doc/id/a&b", "doc/id/k%C3%A4the", "doc/id/a%20b"]


def test_a_sitemap_is_within_the_bounds_of_the_protocol():
    assert discovery.URLS_IN_A_FILE <= 50_000


def test_a_day_is_told_as_a_day_and_a_moment_with_its_zone():
    assert discovery._moment(datetime.fromisoformat("2020-02-29T00:00:00+00:00")) == "2020-02-29"
    assert discovery._moment(datetime.fromisoformat("2020-02-29T00:00:01+00:00")) == "2020-02-29T00:00:01+00:00"


# --- the API catalogue (RFC 9727)

def test_the_api_catalogue_leads_to_the_services(visitor: Visitor, manifest: Manifest, catalogue: Graph):
    response = visitor.get("/.well-known/api-catalog")
    assert response.content_type == 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'
    assert 'rel="api-catalog"' in visitor.head("/.well-known/api-catalog").headers["Link"]
    rows = {row["anchor"]: row for row in required_linkset(response.data)}
    services = {item["href"] for item in rows.pop(manifest.base + ".well-known/api-catalog")["item"]}
    assert services == rows.keys() == {str(node) for node in catalogue.subjects(RDF.type, DCAT.DataService)}
    for row in rows.values():
        for relation in ("service-desc", "service-doc", "service-meta", "status"):
            for link in row[relation]:
                found = visitor.get(local(manifest, link["href"]))
                assert (found.status_code, found.mimetype) == (200, link["type"]), link


def required_linkset(data: bytes) -> list[dict]:
    """The members of a linkset document, if it is one (RFC 9264 section 4.2)."""
    told = json.loads(data)
    assert told.keys() == {"linkset"}
    for member in told["linkset"]:
        assert isinstance(member["anchor"], str) and len(member) > 1
        for relation, targets in member.items():
            assert relation == "anchor" or targets and all(isinstance(target["href"], str) for target in targets)
            assert relation == "anchor" or all(target.keys() <= {"href", "type"} for target in targets)
    return told["linkset"]


# --- linksets (RFC 9264)

def links_of(data: bytes) -> set[tuple[str, str, str, str]]:
    """(anchor, relation, target, type) of a linkset in JSON."""
    return {(member["anchor"], relation, target["href"], target.get("type", "")) for member in required_linkset(data)
            for relation, targets in member.items() if relation != "anchor" for target in targets}


@pytest.mark.parametrize("page", PAGES)
def test_a_linkset_has_the_links_of_the_page_and_those_that_lead_back(visitor: Visitor, manifest: Manifest, page: str):
    response = visitor.get(f"/linkset/{page}")
    assert (response.status_code, response.mimetype) == (200, "application/linkset+json")
    here, told = manifest.base + page, links_of(response.data)
    sent = {(here, relation, target, kind)
            for target, relations, kind, _ in LINK.findall(visitor.get(f"/{page}").headers["Link"])
            for relation in relations.split() if relation != "linkset"}
    assert {link for link in told if link[0] == here} == sent
    back = {"describedby": "describes", "item": "collection"}
    assert told - sent == {(target, back[relation], here, "") for _, relation, target, _ in sent if relation in back}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_linkset_leads_to_is_there_and_of_that_type(visitor: Visitor, manifest: Manifest, page: str):
    for _, relation, target, kind in links_of(visitor.get(f"/linkset/{page}").data):
        if kind and target.startswith(manifest.base):
            with visitor.get(local(manifest, target)) as found:
                assert (found.status_code, found.mimetype) == (200, kind), (relation, target)


@pytest.mark.parametrize("page", PAGES)
def test_both_forms_of_a_linkset_say_the_same(visitor: Visitor, page: str):
    text = visitor.get(f"/linkset/{page}", headers={"Accept": TEXT.media_type})
    assert text.mimetype == TEXT.media_type
    told = {(anchor, relation, target, kind) for target, relation, kind, anchor in LINK.findall(text.text)}
    assert told == links_of(visitor.get(f"/linkset/{page}?format=json").data)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_links_to_its_linkset(visitor: Visitor, manifest: Manifest, page: str):
    sent = LINK.findall(visitor.get(f"/{page}").headers["Link"])
    assert [(target, kind) for target, relation, kind, _ in sent if relation == "linkset"] == [
        (f"{manifest.base}linkset/{page}", JSON.media_type)]


@pytest.mark.parametrize("page", ["none", "id/harbour/east", "doc/id/harbour/none", "doc/id/harbour/east.ttl", "doc/ns", "//",
                                  "%00", "doc/id/harbour/east/", "a%0D%0Ab"])
def test_there_is_no_linkset_of_what_is_no_document(visitor: Visitor, page: str):
    response = visitor.get(f"/linkset/{page}")
    assert (response.status_code // 100, response.mimetype) == (4, "application/problem+json")


def test_the_forms_of_a_linkset():
    links = [Link("http://x/a", "http://x/b", "item", "text/csv"), Link("http://x/a", "http://x/c", "item"),
             Link("http://x/b", "http://x/a", "collection")]
    assert json.loads(as_json(links)) == {"linkset": [
        {"anchor": "http://x/a", "item": [{"href": "http://x/b", "type": "text/csv"}, {"href": "http://x/c"}]},
        {"anchor": "http://x/b", "collection": [{"href": "http://x/a"}]}]}
    assert as_text(links).decode() == (
        '<http://x/b>; rel="item"; type="text/csv"; anchor="http://x/a",\n<http://x/c>; rel="item"; anchor="http://x/a",\n'
        '<http://x/a>; rel="collection"; anchor="http://x/b"\n')


# --- the landing page

class Scripts(HTMLParser):
    """The texts of the scripts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.found = False, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and dict(attrs) == {"type": "application/ld+json"}
        assert self.inside or tag != "script" or "/static/" in dict(attrs)["src"]

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found.append(data)


def embedded(visitor: Visitor) -> dict:
    """The one JSON-LD block of the landing page."""
    scripts = Scripts()
    scripts.feed(visitor.get("/").text)
    block, = scripts.found
    return json.loads(block)


def test_the_landing_page_has_the_dataset_of_schema_org(visitor: Visitor, manifest: Manifest):
    told = embedded(visitor)
    assert (told["@context"], told["@type"], told["@id"]) == ("https://schema.org/", "Dataset", manifest.base + "dataset")
    assert told["name"] == "Harbours and their lights" and 50 <= len(told["description"]) <= 5000
    assert told["license"] == "http://creativecommons.org/publicdomain/zero/1.0/" and told["isAccessibleForFree"] is True
    assert told["version"] == manifest.version and told["identifier"] == manifest.base + "dataset"
    assert told["dateModified"] == manifest.version[:10]
    assert told.keys().isdisjoint({"creator", "publisher", "spatialCoverage", "temporalCoverage", "keywords"}), "nothing made up"


def test_each_download_is_what_is_said_of_it(visitor: Visitor, manifest: Manifest):
    downloads = embedded(visitor)["distribution"]
    assert len(downloads) == sum(name.startswith(("dumps/dataset.", "dumps/tables.zip")) for name in manifest.files)
    for download in downloads:
        with visitor.get(local(manifest, download["contentUrl"])) as response:
            assert (response.status_code, response.mimetype) == (200, download["encodingFormat"])
            assert download["contentSize"] == f"{len(response.data)} B"
        assert download["sha256"] == manifest.files[local(manifest, download["contentUrl"])[1:]]["sha256"]


def test_what_is_embedded_cannot_end_its_block(visitor: Visitor, monkeypatch):
    hostile = "</script><script>alert(1)</script><!--"
    monkeypatch.setattr(landing, "described", lambda: hostile)
    assert embedded(visitor)["description"] == hostile
    assert "alert(1)</script>" not in visitor.get("/").text


def test_behind_another_origin_downloads_are_visited_there(mini_release: Path, manifest: Manifest, room):
    told = embedded(client_of(mini_release.parent, room, "https://data.example/kg/"))
    assert told["url"] == "https://data.example/kg/" and told["@id"] == manifest.base + "dataset"
    assert all(row["contentUrl"].startswith("https://data.example/kg/dumps/") for row in told["distribution"])


def test_people_and_bodies_are_told_apart(full_release: Visitor):
    told = embedded(full_release)
    assert told["creator"] == [{"@type": "Person", "@id": told["creator"][0]["@id"], "name": "Ann"}]
    assert (told["publisher"]["@type"], told["publisher"]["name"]) == ("Organization", "Harbour Office")
    assert told["keywords"] == ["light"] and told["temporalCoverage"] == ["1900-01-01/.."]
    assert [place["@type"] for place in told["spatialCoverage"]] == ["Place"]


RECORD = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<dataset> dcterms:creator <id/person/ann> ; dcterms:publisher <id/body/office> ; dcat:keyword "light"@en ;
    dcterms:spatial <scheme/region/1> ; dcterms:temporal <id/period/open> .
<id/person/ann> a foaf:Person ; skos:prefLabel "Ann"@en .
<id/body/office> skos:prefLabel "Harbour Office"@en .
<id/period/open> dcat:startDate "1900-01-01"^^xsd:date .
"""
TERMS = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
foaf:Person a owl:Class .
dcterms:creator a owl:ObjectProperty . dcterms:publisher a owl:ObjectProperty . dcterms:spatial a owl:ObjectProperty .
dcterms:temporal a owl:ObjectProperty . dcat:keyword a owl:DatatypeProperty . dcat:startDate a owl:DatatypeProperty .
"""


@pytest.fixture
def full_release(draft: Project, tmp_path: Path, room) -> Visitor:
    """The miniature with a record that says more."""
    for name, text in (("data/dataset.ttl", RECORD), ("ontology/align.ttl", TERMS)):
        path = draft.root / name
        path.write_text(path.read_text() + text)
    return client_of(build(Project(draft.root), tmp_path / "releases", BASE).parent, room, BASE)


# --- all of it agrees

def test_the_figures_are_the_same_wherever_they_stand(visitor: Visitor, manifest: Manifest, catalogue: Graph):
    triples, dataset = manifest.counts["triples"], URIRef(manifest.base + "dataset")
    assert int(catalogue.value(dataset, VOID.triples)) == triples
    assert int(catalogue.value(URIRef(manifest.base + "sparql#default-graph"), VOID.triples)) == triples
    service = Graph().parse(data=visitor.get("/sparql?format=nt", headers={"Accept": "application/n-triples"}).data, format="nt")
    assert int(service.value(URIRef(manifest.base + "sparql#default-graph"), VOID.triples)) == triples
    answer = visitor.get("/sparql", query_string={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"})
    assert int(answer.text.split()[1]) == triples
    assert f"{triples:,} statements" in embedded(visitor)["description"]
    assert f"{triples:,} statements" in visitor.get("/").text
    release = Graph().parse(data=visitor.get(f"/release/{manifest.version}/?format=nt").data, format="nt")
    assert [int(value) for value in release.objects(None, VOID.triples)] == [triples]


def test_the_endpoint_describes_itself_as_the_catalogue_does(visitor: Visitor, manifest: Manifest, catalogue: Graph):
    service = Graph().parse(data=visitor.get("/sparql", headers={"Accept": "application/n-triples"}).data, format="nt")
    for predicate in (SD.endpoint, SD.supportedLanguage, SD.resultFormat, SD.defaultDataset):
        node = URIRef(manifest.base + "sparql")
        assert set(catalogue.objects(node, predicate)) == set(service.objects(node, predicate))
    node = URIRef(manifest.base + "sparql#dataset")
    assert set(catalogue.objects(node, SD.namedGraph)) == set(service.objects(node, SD.namedGraph))
    for graph in manifest.graphs:
        assert set(catalogue.objects(URIRef(graph), VOID.triples)) == set(service.objects(URIRef(graph), VOID.triples))


def test_void_and_the_catalogue_are_one(visitor: Visitor):
    assert visitor.get("/.well-known/void?format=nt").data == visitor.get("/catalogue?format=nt").data


def test_the_catalogue_is_in_the_store_as_it_is_in_the_file(visitor: Visitor, manifest: Manifest, mini_release: Path):
    answer = visitor.get("/graphs", query_string={"graph": manifest.base + "graph/catalogue", "format": "nt"})
    assert {q.triple for q in parse(answer.data, format=RdfFormat.N_TRIPLES)} == {
        q.triple for q in parse(path=mini_release / "catalogue.ttl")}


@pytest.mark.parametrize("path", [
    "/", "/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/.well-known/api-catalog", "/linkset/ns"])
def test_what_is_unchanged_is_not_sent_again(visitor: Visitor, path: str):
    first = visitor.get(path)
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert visitor.head(path).headers["Content-Length"] == str(len(first.data))


def test_addresses_are_of_this_site(visitor: Visitor, manifest: Manifest):
    assert {urlsplit(url).netloc for url, _ in listed(visitor, manifest)} == {urlsplit(manifest.base).netloc}
