"""Pages of a kind of their own: ontologies, shapes, code lists, the dataset, named queries."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from coast import coast_fixture  # noqa: F401
from document_releases import seal
from triplehelix.description.document import THING
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import CONCEPT_SCHEME, DATASET, ONTOLOGY
from triplehelix.web.kinds import KINDS
from triplehelix.web.kinds.schemes import MOST_SHOWN
from web_release import BASE, Visitor, client_of, releases_fixture, room_fixture, small_fixture  # noqa: F401

EVIL = "</code><script>alert(1)</script><img src=x onerror=alert(1)>"


def page(client: Visitor, address: str) -> str:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), address
    assert answer.text.count("<h1") == 1 and " style=" not in answer.text
    return answer.text


def section(text: str, anchor: str) -> str:
    """The words of a section, blanks as one."""
    found = re.search(rf'<section id="{anchor}".*?</section>', text, re.DOTALL)
    assert found, anchor
    return words(found[0])


def words(text: str) -> str:
    inline = re.sub("</?(?:a|b|small|span|code)(?: [^>]*)?>", "", text)
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", inline)).split())


# --- which page

def test_each_kind_of_page_is_told_by_class_and_place():
    assert [(kind.of, kind.below) for kind in KINDS[:4]] == [
        (ONTOLOGY, "shape/"), (ONTOLOGY, "ns"), (CONCEPT_SCHEME, "scheme/"), (DATASET, "dataset")]


@pytest.mark.parametrize("address", ["/ns", "/shape/sea", "/scheme/region", "/dataset", "/query/lights-of-a-harbour"])
def test_a_page_of_its_own_kind_has_the_head_of_a_document_and_no_date(coast: Visitor, address: str):
    text = page(coast, address + ".html")
    assert f'<link rel="canonical" href="{BASE}{address[1:]}">' in text and 'type="application/ld+json"' in text
    assert all(f'href="{address}.{suffix}"' in text for suffix in ("ttl", "nt", "rdf", "jsonld"))
    assert "Last-Modified" not in coast.get(address + ".html").headers
    assert "Last-Modified" in coast.get(address + ".ttl").headers or address == "/dataset"


def test_graphs_and_things_keep_the_page_of_all_others(coast: Visitor):
    for address in ("/graph/harbours.html", "/doc/id/harbour/east.html"):
        assert "documents.css" not in page(coast, address)


# --- ontologies

def test_a_term_says_what_it_means_and_what_it_goes_with(coast: Visitor):
    text = page(coast, "/ns/ferries.html")
    ferry = section(text, "Ferry")
    assert ferry.startswith("ferry <b> class") and "A ship that crosses." in ferry and "not used in the data" in ferry
    assert "Kinds of it car ferry" in ferry and "What is said of it calls at" in ferry and "What leads to it served by" in ferry
    assert "A kind of ferry <b>" in section(text, "CarFerry")
    assert "Said of ferry <b> Leads to harbour" in section(text, "callsAt")
    assert "<b>" not in text


def test_terms_are_counted_and_lead_to_their_things(coast: Visitor):
    text = page(coast, "/ns/sea.html")
    found = re.search(r'<section id="Lighthouse".*?<a href="(/(?:browse|list)[^"]*)">(\d+) things', text, re.DOTALL)
    assert found and int(found[2]) > 0
    assert found[1] == "/browse/Lighthouse" or found[1].startswith("/list?class=")
    assert re.search(r"used \d+ times, of \d+ things", section(text, "guards"))
    assert "not used in the data" in section(page(coast, "/ns/ferries.html"), "callsAt")


def test_the_facade_has_all_terms_by_module(coast: Visitor):
    text = page(coast, "/ns.html")
    assert {"Ferry", "callsAt", "Harbour", "guards", "height"} <= set(re.findall(r'<section id="([^"]+)"', text))
    headings = words(" | ".join(re.findall("<h2.*?</h2>", text, re.DOTALL)))
    assert headings.index("Harbours and their lights") < headings.index("Ferries")
    assert len(set(ids := re.findall(r' id="([^"]+)"', text))) == len(ids)
    assert 'href="#Harbour"' in text, "what is on this page is found without asking for it again"
    assert 'href="/ns#Harbour"' in page(coast, "/ns/ferries.html")


def test_the_facade_leads_to_the_code_lists_and_the_rules(coast: Visitor):
    text = page(coast, "/ns.html")
    lists = words(text[text.index('id="schemes"'):text.index('id="statements"')])
    assert "Regions of the coast (3)" in lists and "Rules for the data (2) Shapes of ferries Shapes of harbours" in lists
    assert 'id="schemes"' not in page(coast, "/ns/sea.html")


def test_the_drawing_stands_in_the_page_with_its_words(coast: Visitor):
    text = page(coast, "/ns/ferries.html")
    assert text.count("<svg") == 1 and 'role="img" aria-labelledby="diagram-title diagram-text"' in text
    assert "<svg" not in page(coast, "/ns/align.html")


# --- shapes

def test_a_shape_says_in_words_what_a_thing_must_and_may_say(coast: Visitor):
    ferry = section(page(coast, "/shape/piers.html"), "Ferry")
    must, may = ferry.split("It must say")[1].split("It may say")
    assert "What crosses the water." in ferry and "Holds for every ferry <b> (0)" in ferry
    assert "berths (height): exactly one; whole number; up to 9." in must
    assert "calls at (calls at, served by backwards): from 2 to 4; harbour or a thing with an address." in must
    assert "A ferry calls at two to four harbours <b>." in must
    assert "region (region): any number; a concept of Regions of the coast." in may
    assert "size (size): at most one; small or large." in may
    assert may.endswith("As a whole A ferry is no harbour.")


def test_every_rule_with_an_address_is_found_at_it(coast: Visitor):
    text = page(coast, "/shape/piers.html")
    ids = re.findall(r' id="([^"]+)"', text)
    assert {"Ferry", "Code", "Ferry-berths", "Ferry-calls", "Ferry-region", "Ferry-size", "Shared"} <= set(ids)
    assert len(set(ids)) == len(ids)
    assert "never (never): none." in words(text)


def test_shapes_lead_to_the_table_of_their_things(coast: Visitor):
    text = page(coast, "/shape/sea.html")
    assert 'href="/browse/Lighthouse"' in text and "at most one; number or whole number." in section(text, "Lighthouse")


# --- code lists

def test_a_small_list_is_a_tree(coast: Visitor):
    text = page(coast, "/scheme/region.html")
    tree = text[text.index('<ul class="tree">'):]
    nested = re.sub(r"<(?!/?ul)[^>]*>|\s+", " ", tree[:tree.index("<h2")])
    level = '<ul class="tree">'
    assert re.search(f"^{level}[ 1]*Coast[^<]*{level}[ 1.]*North[^<]*{level}[ 10.]*Far north", nested)
    assert "Concepts <small>(3)" in text and "<table>" not in tree[:tree.index("<h2")]


def concepts(count: int, more: str = "") -> dict[str, tuple[str, str]]:
    """A list with a top of ten concepts, `count` below them, and one below the last of these."""
    rows = ['<scheme/s> a skos:ConceptScheme ; dcterms:title "S"@en .']
    rows += [f'<scheme/s/t{n}> a skos:Concept ; skos:inScheme <scheme/s> ; skos:notation "t{n}" ; skos:prefLabel "T{n}"@en .'
             for n in range(10)]
    rows += [f'<scheme/s/{n:03}> a skos:Concept ; skos:inScheme <scheme/s> ; skos:notation "{n:03}" ; skos:prefLabel "C{n}"@cs ; '
             f'skos:definition "Meaning {n}."@en ; skos:broader <scheme/s/t{n % 10}> .' for n in range(count)]
    return {"graph/ontology/schemes/s": ("dataset", "\n".join([*rows, more]))}


def test_of_a_large_list_the_levels_that_fit_are_shown_and_the_others_counted(tmp_path: Path, room: object):
    seal(tmp_path, "one", concepts(600))
    client = client_of(tmp_path, room, BASE)
    first = page(client, "/scheme/s.html")
    tree = first[first.index('<ul class="tree">'):first.index('id="concepts"')]
    assert tree.count("<li>") == 10 and tree.count("60 below it") == 10
    assert "Page 1 of 4" in first and "Concepts <small>(610)" in first and len(first) < 150_000
    assert '<th scope="row"><a href="/scheme/s/000"' in first and 'lang="cs"' in first
    third = page(client, "/scheme/s.html?page=3")
    assert 'class="tree"' not in third and third.count('<th scope="row"><a href="/scheme/s/') == 200
    assert client.get("/scheme/s.html?page=5").status_code == 404


def test_levels_are_folded_where_there_are_many(tmp_path: Path, room: object):
    seal(tmp_path, "one", concepts(150))
    text = page(client_of(tmp_path, room, BASE), "/scheme/s.html")
    assert text.count("<details><summary>15 below") == 10 and text.count("<li>") > MOST_SHOWN / 2
    assert "Page 1" not in text and 'id="concepts"' not in text


def test_a_list_in_a_circle_and_one_with_many_ways_are_shown(tmp_path: Path, room: object):
    circle = "<scheme/s/t0> skos:broader <scheme/s/000> . <scheme/s/001> skos:broader <scheme/s/001> ."
    ladder = "".join(f"<scheme/s/w{n}{side}> a skos:Concept ; skos:inScheme <scheme/s> ; skos:broader <scheme/s/"
                     f"{f'w{n - 1}{other}' if n else 't5'}> .\n" for n in range(60) for side in "ab" for other in "ab")
    seal(tmp_path, "one", concepts(20, circle + ladder))
    text = page(client_of(tmp_path, room, BASE), "/scheme/s.html")
    assert len(text) < 150_000
    assert all(f'href="/scheme/s/{name}"' in text for name in ("t0", "000", "001", "w59a", "w59b"))


# --- the dataset

def test_the_dataset_says_what_it_is_how_it_was_checked_and_how_to_have_and_cite_it(coast: Visitor):
    text = page(coast, "/dataset.html")
    said = words(text)
    manifest = coast.get("/release/", headers={"Accept": "text/html"}).text
    version = re.search(r"/release/(2[^/]+)/", manifest)[1]
    assert version in said and "How it was checked" in said and "Download it" in said and "Cite it" in said
    assert re.search(r"Lighthouse(?: \S+)? (\d+) \1 100\s?%", said)
    assert all(f'href="/dumps/dataset.{suffix}"' in text for suffix in ("ttl", "nt", "rdf", "jsonld", "nq", "trig"))
    checksum = re.search(r"SHA-256 of its N-Quads: ([0-9a-f]{64})", said)[1]
    assert f'<td class="hash">{checksum}' in text
    assert len(set(ids := re.findall(r' id="([^"]+)"', text))) == len(ids)
    assert len(text) < 60_000


def test_sets_of_links_are_found_at_their_addresses(tmp_path: Path, room: object):
    catalogue = """<dataset> a void:Dataset ; dcterms:title "D"@en ; void:subset <dataset#linkset-1>, <dataset#linkset-2> .
        <dataset#linkset-1> a void:Linkset ; void:linkPredicate skos:exactMatch ; void:objectsTarget <dataset#target-1> ;
            void:triples 12 . <dataset#target-1> a void:Dataset ; void:uriSpace "http://example.org/a<b>" .
        <dataset#linkset-2> a void:Linkset ; void:linkPredicate rdfs:seeAlso ; void:objectsTarget <dataset#target-1> ;
            void:triples "many" ."""
    seal(tmp_path, "one", {"graph/catalogue": ("", catalogue)})
    text = page(client_of(tmp_path, room, BASE), "/dataset.html")
    assert all(text.count(f'id="{name}"') == 1 for name in ("linkset-1", "linkset-2", "target-1"))
    assert "http://example.org/a<b>" in words(text) and "a<b>" not in text


def test_lists_asked_of_all_data_stand_on_the_page_of_the_dataset_or_alone(coast: Visitor):
    whole, alone = page(coast, "/dataset.html"), page(coast, "/dataset.html?panel=sources")
    assert '<h2 id="sources">Sources' in whole and "What the data are from." in whole
    assert re.search(r'<th scope="row"><a href="/graph/lights">[^<]+</a></th><td class="number">\d+</td>', whole)
    assert "What the data are from." in alone and "How it was checked" not in alone
    assert coast.get("/dataset.html?panel=none").status_code == 404


# --- named queries

def test_queries_are_listed_by_topic_with_a_button_each(coast: Visitor):
    text = page(coast, "/query/")
    assert text.count(">Ask it</a>") == text.count("<li><div><a href=") >= 2
    for slug in ("lights-of-a-harbour", "places-of-a-region"):
        assert f'href="/query/{slug}"' in text and f'href="/query/{slug}/run"' in text


def test_the_page_of_a_query_asks_it(coast: Visitor):
    text = page(coast, "/query/lights-of-a-harbour.html")
    assert 'action="/query/lights-of-a-harbour/run"' in text and 'id="query-text"' in text
    assert re.search(r'<div id="(\w+)">\s*<label for="parameter-\1">.*here', text, re.DOTALL), "the name of what stands there"


# --- hostile terms, and releases that know less

def test_no_kind_of_page_lets_anything_of_the_data_run(tmp_path: Path, room: object):
    label = EVIL.replace('"', '\\"')
    graphs = {"graph/ontology/all": ("dataset", f"""
        <ns> a owl:Ontology ; dcterms:title "{label}"@en ; dcterms:abstract "{label}"@x-a ; owl:versionInfo "{label}" ;
            <http://purl.org/vocab/vann/preferredNamespacePrefix> "{label}" ; dcterms:license <javascript:alert(1)> .
        th:Term a owl:Class ; rdfs:label "{label}"@en ; skos:definition "{label}" ; skos:example "{label}"@he ;
            rdfs:isDefinedBy <ns> ; rdfs:seeAlso <javascript:alert(1)> ; th:odd "{label}" ."""),
              "graph/ontology/schemes/s": ("dataset", f"""
        <scheme/s> a skos:ConceptScheme ; dcterms:title "{label}" .
        <scheme/s/1> a skos:Concept ; skos:inScheme <scheme/s> ; skos:notation "{label}" ; skos:definition "{label}"@ar ."""),
              "graph/shapes/s": ("service", f"""
        <shape/s> a owl:Ontology ; dcterms:title "{label}" .
        <shape/s#A> a sh:NodeShape ; rdfs:label "{label}" ; rdfs:comment "{label}" ; sh:message "{label}" ;
            sh:targetClass th:Term ;
            sh:property [ sh:path th:odd ; sh:name "{label}" ; sh:message "{label}" ; sh:in ( "{label}" <javascript:alert(1)> ) ;
                sh:pattern "{label}" ; sh:minCount "{label}" ; sh:order "{label}" ] ."""),
              "graph/catalogue": ("", f'<dataset> a void:Dataset ; dcterms:title "{label}" ; dcterms:description "{label}" .')}
    seal(tmp_path, "one", graphs)
    client = client_of(tmp_path, room, BASE)
    for address in ("/ns.html", "/scheme/s.html", "/shape/s.html", "/dataset.html"):
        text = page(client, address)
        assert "<script>" not in text and "<img src=x" not in text and 'href="javascript:' not in text, address
        assert "alert(1)" in text, address


@pytest.mark.parametrize("address", ["/ns.html", "/ns/core.html", "/shape/core.html", "/scheme/nace.html", "/dataset.html",
                                     "/query/names.html", "/query/"])
def test_a_release_that_counts_and_draws_nothing_has_these_pages_too(small: Visitor, address: str):
    text = page(small, address)
    assert "<svg" not in text and "0 things" not in text and "not used in the data" not in text


def test_shapes_that_bite_their_tails_are_told_once(tmp_path: Path, room: object):
    shapes = """<shape/s> a owl:Ontology ; dcterms:title "S" .
        <shape/s#A> a sh:NodeShape ; sh:targetClass th:A ; sh:node <shape/s#A> ; sh:property <shape/s#P> .
        <shape/s#P> a sh:PropertyShape ; sh:path _:l ; sh:or _:l ; sh:not <shape/s#P> ; sh:node <shape/s#A> ; sh:in _:l .
        _:l <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> _:l ; <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:l ."""
    seal(tmp_path, "one", {"graph/shapes/s": ("service", shapes)})
    text = page(client_of(tmp_path, room, BASE), "/shape/s.html")
    assert text.count('id="P"') == 1 and NamedNode(BASE + "shape/s#A").value in text


# --- the pages of all the data

def test_pages_stay_small_and_every_address_in_a_document_is_found_on_its_page(release: Path, room: object):
    known = Published(release)
    client = client_of(release.parent, room, known.base)
    below = tuple(kind.below for kind in KINDS)
    documents = [local for local, _ in known.resources.all() if local.startswith(below) and not THING.match(local)]
    assert len(documents) > 100
    for local in documents:
        text = page(client, f"/{local}.html")
        ids = re.findall(r' id="([^"]+)"', text)
        assert len(ids) == len(set(ids)) and len(text.encode()) < (60_000 if local == "dataset" else 170_000), local
        told = client.get(f"/{local}.nt").text
        parts = set(re.findall(rf"^<{re.escape(known.base + local)}#([^>]+)> ", told, re.MULTILINE))
        assert {part for part in parts if not part.startswith(("class-", "property-"))} <= set(ids), local
