"""Documents: what each syntax holds, links that say what a document is about, and named graphs as sources."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from urllib.parse import unquote

import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib.compare import isomorphic

from document_releases import ANNA, LINK, ONE, graph, links, path, quads, seal
from triplehelix.description import document
from triplehelix.web import answer
from web_release import BASE, VOCABULARIES, client_of, releases_fixture, room_fixture, small_fixture  # noqa: F401

DOCUMENTS = [ANNA, "/doc/id/person/käthe", "/doc/scheme/nace/62.10", "/ns", "/ns/core", "/scheme/nace", "/shape/core",
             "/graph/people", "/query/names", "/dataset"]
DC = "http://purl.org/dc/terms/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("documents")
    seal(root, "one", ONE)
    return root


@pytest.fixture
def site(folder: Path, room):
    return client_of(folder, room, BASE)


def embedded(response) -> str:
    return response.text.split('<script type="application/ld+json">')[1].split("</script>")[0]


# --- syntaxes

@pytest.mark.parametrize("address", DOCUMENTS)
def test_json_ld_is_the_turtle_to_two_readers_without_the_network(small, address):
    turtle, compact = small.get(address + ".ttl"), small.get(address + ".jsonld")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's own reader of JSON-LD
        theirs = rdflib.Graph().parse(data=compact.data, format="json-ld")
    assert len(theirs) == len(graph(turtle)) > 0
    assert isomorphic(theirs, rdflib.Graph().parse(data=turtle.data, format="turtle"))
    assert graph(compact) == graph(turtle) or address == "/shape/core"  # blank nodes have other labels there


def test_json_ld_is_compact_under_a_context_of_its_own(small):
    told = small.get(ANNA + ".jsonld").json
    assert told["@context"]["foaf"] == VOCABULARIES["foaf"] and told["@context"]["@vocab"] == BASE + "ns#"
    assert "sd" not in told["@context"]
    anna = next(node for node in told["@graph"] if node["@id"] == BASE + "id/person/anna")
    assert list(anna)[:2] == ["@type", "@id"] and anna["@type"] == "foaf:Person"
    assert anna["knows"] == {"@id": BASE + "id/person/käthe"} and anna["foaf:name"] == "Anna"
    assert anna["skos:altLabel"] == {"@language": "es", "@value": "Ána"}
    assert anna["born"] == {"@type": "xsd:gYear", "@value": "1950"}


def test_the_whole_context_is_served_beside_under_the_name_of_its_content(small):
    leading = small.get("/context")
    assert leading.status_code == 303
    context = small.get(path(leading.location))
    assert context.mimetype == "application/ld+json" and context.headers["Cache-Control"] == answer.IMMUTABLE
    assert small.get("/context/0123456789abcdef.jsonld").status_code == 404
    told = small.get(ANNA + ".jsonld")
    under = json.dumps(told.json | context.json)
    assert set(parse(under, format=RdfFormat.JSON_LD)) == set(parse(told.data, format=RdfFormat.JSON_LD))


@pytest.mark.parametrize(("suffix", "media_type"), [("trig", "application/trig"), ("nq", "application/n-quads")])
def test_quads_say_where_each_statement_is_from(small, suffix, media_type):
    for address, accept in ((f"{ANNA}.{suffix}", ""), (f"{ANNA}?format={suffix}", ""), (ANNA, media_type)):
        response = small.get(address, headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (200, media_type)
        told = quads(response)
        assert {q.triple for q in told} == graph(small.get(ANNA + ".ttl"))
        anna = (q for q in told if q.subject.value == BASE + "id/person/anna")
        graphs = {q.graph_name.value for q in anna if q.object.value.endswith("Person")}
        assert graphs == {BASE + "graph/people", BASE + "graph/more"}
        assert BASE + "graph/unverified" not in {getattr(q.graph_name, "value", "") for q in told}


@pytest.mark.parametrize("address", DOCUMENTS)
def test_a_page_carries_the_statements_of_its_topic_as_json_ld(small, address):
    page = small.get(address + ".html")
    told = {q.triple for q in parse(embedded(page), format=RdfFormat.JSON_LD)}
    topics = {t.subject for t in told}
    assert len(topics) == 1
    assert {t for t in told if isinstance(t.object, NamedNode)} <= graph(small.get(address + ".ttl"))
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy


def test_no_value_ends_the_block_it_stands_in(site):
    page = site.get(ANNA + ".html")
    assert page.text.count("<script") == page.text.count("</script") == 2 and "<!--" not in embedded(page)
    assert any(q.object.value == "Anna </script><!-- <script>" for q in parse(embedded(page), format=RdfFormat.JSON_LD))


# --- links

def test_a_document_says_what_it_is_about(site):
    told = links(site.get("/doc/id/work/one"))
    assert told["cite-as"] == told["describes"] == [BASE + "id/work/one"]
    assert told["type"] == ["https://schema.org/AboutPage", BASE + "ns#Work"]
    assert told["author"] == [BASE + "id/person/anna"] and told["license"] == ["http://example.org/terms"]
    assert told["describedby"][0] == BASE + "doc/id/work/one.ttl" and BASE + "doc/id/work/one.html" not in told["describedby"]
    assert set(told["describedby"]) < set(told["alternate"]) and told["canonical"] == [BASE + "doc/id/work/one"]


def test_a_graph_is_a_collection_of_its_files_and_a_part_of_the_dataset(site):
    told = links(site.get("/graph/people"))
    assert told["item"] == [BASE + "dumps/graph/people.nt", BASE + "dumps/graph/people.ttl"]
    assert told["collection"] == [BASE + "dataset"]
    assert links(site.get("/dataset"))["item"] == [BASE + "dumps/dataset.nq"]
    assert "collection" not in links(site.get("/dataset")) and links(site.get("/dataset"))["license"] == ["http://example.org/all"]


@pytest.mark.parametrize("suffix", ["", ".html", ".jsonld"])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_has_its_signposts(small, document, suffix):
    address = document + suffix
    told = links(small.get(address))
    assert {"cite-as", "type", "license", "describedby", "describes", "linkset"} <= told.keys()
    assert len(told["cite-as"]) == 1 and all(target.isascii() for targets in told.values() for target in targets)
    assert len(small.get(address).headers["Link"]) < 4_000


@pytest.mark.parametrize("target", ['http://a/>; rel="evil', "http://a/\r\nX-Evil: 1", "http://a/\u00e9 \u2028\x00", 'http://a/"',
                                    "http://a/<"])
def test_nothing_breaks_out_of_a_link(target):
    value = document.link_header([(target, "type", "")])["Link"]
    assert LINK.fullmatch(value) and value.isascii() and value.isprintable()


@pytest.mark.parametrize("name", ["%3E%20rel=%22x%22", "a%22b", "%3C%5C%60", "\u00e9%20\u4e2d"])
def test_no_address_becomes_a_header(tmp_path, room, name):
    seal(tmp_path, "one", ONE | {"graph/odd": ("dataset", f'<id/odd/{name}> a th:Work ; dcterms:title "Odd" .')})
    response = client_of(tmp_path, room, BASE).get(f"/id/odd/{name}", follow_redirects=True)
    assert response.status_code == 200
    assert unquote(links(response)["cite-as"][0]) == unquote(BASE + "id/odd/" + name)


# --- named graphs, terms

def test_a_graph_tells_its_source_licence_activity_date_and_count(site):
    people = NamedNode(BASE + "graph/people")
    told = graph(site.get("/graph/people"))
    said = {t.predicate.value.rpartition("/")[2].rpartition("#")[2]: t.object.value for t in told if t.subject == people}
    assert said["source"] == BASE + "id/source/register" and said["license"] == "http://example.org/terms"
    assert said["wasGeneratedBy"] == BASE + "id/activity/reading"
    assert (said["retrievedOn"], said["triples"]) == ("2020-01-02", "12")
    assert {(t.subject.value, t.object.value) for t in told} >= {
        (BASE + "id/activity/reading", "12"), (BASE + "id/source/register", "Free")}
    assert people not in {t.object for t in told}, "a graph is not a part of itself"


def test_a_graph_that_stands_apart_speaks_for_itself(site):
    rumours = {t.predicate.value: t.object.value for t in graph(site.get("/graph/unverified/rumours"))}
    assert rumours[DC + "license"] == "http://example.org/other"
    assert links(site.get("/graph/unverified/rumours"))["license"] == ["http://example.org/other"]
    anna = {q.graph_name for q in quads(site.get(ANNA + ".nq"))}
    assert NamedNode(BASE + "graph/unverified/rumours") not in anna


def test_an_editor_of_ontologies_gets_rdf_xml_and_a_browser_the_term(small):
    protege = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"
    response = small.get("/ns", headers={"Accept": protege})
    assert (response.status_code, response.mimetype) == (200, "application/rdf+xml")
    page = small.get("/ns", headers={"Accept": "text/html,*/*;q=0.8"}).text
    assert {"knows", "born"} <= set(re.findall(r'<section id="([^"]+)"', page))
