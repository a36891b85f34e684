"""The page of a thing: what it is, who says so and when, what is not known, what changed; its facts, panels and links."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from html import unescape
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from document_releases import know, seal
from triplehelix.build.views import TABLES
from triplehelix.views import FILE
from triplehelix.web.view.literals import in_words
from triplehelix.web.view.names import shortened
from web_release import BASE, client_of, room_fixture  # noqa: F401

ALPHA, MANY = "/doc/id/body/alpha", 1_000
LONG, HEBREW = "Long " * 1_000, "מרכז חדשנות"
XSD = "http://www.w3.org/2001/XMLSchema#"
REGISTER = f'''
    <graph/sources/register> a void:Dataset ; dcterms:title "Bodies of the register"@en ; dcterms:source <id/source/register> ;
        dcterms:license <http://example.org/terms> ; th:retrievedOn "2026-03-04"^^xsd:date .
    <id/source/register> rdfs:label "The register"@en .
    <id/body/alpha> a th:Body ; skos:prefLabel "Alpha"@en, "Alfa"@cs, "{HEBREW}"@he ; th:sourceTerm "klastr" ;
        dcterms:description "A body for tests."@en, "Ein Prüfling."@de ; th:founded "1990"^^xsd:gYear ; th:staff 1234567 ;
        th:homepage <javascript:alert(1)>, <https://example.org/alpha> ; th:seat <id/place/hub> ; rdfs:comment "A remark."@en .
    <id/place/hub> a th:Place ; rdfs:label "The hub"@en .
    <id/body/nameless> a th:Body ; th:seat <id/place/hub> .
    <id/body/long> a th:Body ; rdfs:label "{LONG}"@en .
    <id/body/hostile> a th:Body ; rdfs:label "\\"><script>alert(1)</script>"@en ; th:seat <id/place/hub> .
    <id/body/hebrew> a th:Body ; rdfs:label "{HEBREW}"@he .''' + "".join(
    f'<id/body/b{n:04}> a th:Body ; th:seat <id/place/hub> .\n' for n in range(250))
CURATED = '''
    <graph/curated> a void:Dataset ; dcterms:title "Put together here"@en ; dcterms:source <id/source/here> .
    <id/source/book> rdfs:label "A book on bodies"@en ; dcterms:issued "2001-02"^^xsd:gYearMonth ;
        th:retrievedOn "2026-03-05"^^xsd:date .
    <id/body/alpha> dcterms:source <id/source/book> ; th:founded "1991"^^xsd:gYear ; th:field <scheme/field/a>, <scheme/field/b> .
    <scheme/field/a> skos:prefLabel "Field A"@en . <scheme/field/b> skos:prefLabel "Field B"@en .
    <scheme/field/c> a th:Body ; skos:prefLabel "Field C"@en .
    <id/body/unsaid> a th:Body ; rdfs:label "Unsaid"@en .'''
TERMS = '''
    <ns/core> a owl:Ontology . th:Body a owl:Class ; rdfs:label "body"@en ; skos:definition "Something that acts together."@en .
    th:Place rdfs:label "place"@en . th:seat rdfs:label "seat"@en .'''
SHAPES = '''
    <shape/core#Body> a sh:NodeShape ; sh:targetClass th:Body ; sh:property <shape/core#p1>, <shape/core#p2>, <shape/core#p3>,
        <shape/core#p4>, <shape/core#p5>, <shape/core#p6> .
    <shape/core#place> a sh:PropertyGroup ; rdfs:label "Whereabouts"@en ; sh:order 2 .
    <shape/core#time> a sh:PropertyGroup ; rdfs:label "Times"@en ; sh:order 1 .
    <shape/core#p1> sh:path th:seat ; sh:name "sits in"@en ; sh:group <shape/core#place> ; sh:order 1 .
    <shape/core#p2> sh:path th:founded ; sh:name "founded in"@en ; sh:group <shape/core#time> ; sh:order 1 ; sh:maxCount 1 .
    <shape/core#p3> sh:path th:ended ; sh:name "ended in"@en ; sh:group <shape/core#time> ; sh:order 2 ;
        sh:description "The year of its end."@en .
    <shape/core#p4> sh:path skos:prefLabel ; sh:name "name"@en ; sh:group <shape/core#place> ; sh:order 2 ; sh:uniqueLang true .
    <shape/core#p5> sh:path th:field ; sh:name "field"@en ; sh:group <shape/core#place> ; sh:order 3 .
    <shape/core#p6> sh:path rdfs:label ; sh:name "label"@en ; sh:group <shape/core#place> ; sh:order 4 .'''
GRAPHS = {
    "graph/sources/register": ("dataset", REGISTER), "graph/curated": ("dataset", CURATED),
    "graph/inferred": ("dataset", "<id/body/alpha> a th:Actor ; th:touches <id/place/hub> ."),
    "graph/unverified/rumours": ("apart", '<id/body/alpha> th:founded "1800"^^xsd:gYear . <id/body/rumour> a th:Body .'),
    "graph/ontology/core": ("dataset", TERMS), "graph/shapes/core": ("service", SHAPES)}
PANELS = ("""INSERT INTO panel VALUES (1, 'grounds', 'Grounds of it', 'What it rests on.', ?, 5, '',
             '[["what", "Ground"]]', '', 1, '')""",
          """INSERT INTO panel VALUES (2, 'members', 'Its members', 'Who is in it.', ?, 20, '',
             '[["who", "Member"], ["size", "Size"]]', 'x', 0, '')""",
          "INSERT INTO panel VALUES (3, 'events', 'Its events', 'What it does.', ?, 30, '', '[[\"who\", \"Event\"]]', '', 0, '')")


def put_views(folder: Path) -> None:
    """Panels of bodies: one with a source, one of many rows with what it covers, and one that is empty."""
    number = f'"{{}}"^^<{XSD}integer>'
    with sqlite3.connect(folder / FILE) as file:
        file.executescript(TABLES)
        for panel in PANELS:
            file.execute(panel, (json.dumps([BASE + "ns#Body"]),))
        rows = [(1, "id/body/alpha", 0, json.dumps(['"a contract"', "<graph/sources/register>"])),
                (1, "id/body/alpha", 1, json.dumps(['"hearsay"', "<graph/curated>"])),
                (3, "id/body/long", 0, json.dumps(['"a fair"'])),
                *((2, "id/body/alpha", at, json.dumps([f"<id/body/b{at % 250:04}>", number.format(at * 1_000) if at else ""]))
                  for at in range(MANY))]
        file.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", rows)
        file.executemany("INSERT INTO coverage VALUES (2, ?, ?)", [
            ("id/body/alpha", "1,000 recorded; register complete: no"), ("id/body/long", "0 recorded; register complete: no")])
    file.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("things")
    sealed = seal(root, "2026-03-06-0123456789ab", GRAPHS)
    know(sealed, {"id/body/alpha": "2026-03-06", "id/place/hub": "2026-03-06"})
    put_views(sealed)
    return root


@pytest.fixture
def site(folder: Path, room):
    return client_of(folder, room, BASE)


def text(page) -> str:
    """What a page says, without its markup."""
    body = re.sub(r"(?s)<head>.*?</head>|<script.*?</script>", " ", page.text)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def article(page) -> str:
    """The page without its frame."""
    return re.search(r"(?s)<article>.*</article>", page.text)[0]


def row(page, name: str) -> str:
    """What stands beside a property in the table of facts."""
    found = re.search(rf'(?s)<th scope="row"[^>]*>(?:<a [^>]*>|<span>){name}</.*?</th>(.*?)</tr>', page.text)
    assert found, name
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


# --- the four questions

def test_it_says_what_it_is_and_what_the_source_calls_it(site):
    page = site.get(ALPHA + ".html")
    assert page.text.count("<h1") == 1 and '<h1 dir="auto">Alpha</h1>' in page.text
    assert "What it is Something that acts together. The sources call it klastr ." in text(page)


def test_it_says_who_says_so_and_when(site):
    page = text(site.get(ALPHA + ".html"))
    assert "Who says so The register , retrieved on 4 March 2026; 2 more Not known" in page
    assert "A book on bodies , issued February 2001, retrieved on 5 March 2026 kept in Put together here" in page


def test_it_says_what_is_not_known(site):
    page = site.get(ALPHA + ".html")
    assert "Not known here ended in, Its events Last changed" in text(page)
    assert '<li title="The year of its end."><span class="nothing">ended in</span></li>' in page.text
    assert '<span class="nothing">Its events</span>' in page.text, "a panel without rows and without a word on what it covers"
    assert "Its events" not in site.get("/doc/scheme/field/c.html").text, "no field has events"
    assert '<span class="nothing">label</span>' not in page.text, "it has a name, whichever property gives it"


def test_it_says_when_it_changed(site):
    page = site.get(ALPHA + ".html")
    assert "Last changed 6 March 2026" in text(page) and "/history?thing=id%2Fbody%2Falpha" in page.text


def test_it_names_no_release(site):
    """The page of a thing must not change with a release that does not change it."""
    assert "2026-03-06-0123456789ab" not in site.get(ALPHA + ".html").text


# --- facts

def test_facts_stand_in_the_order_of_the_shapes(site):
    page = site.get(ALPHA + ".html").text
    places = [page.index(mark) for mark in (">Times<", ">founded in<", ">Whereabouts<", ">sits in<", ">field<", ">Besides<")]
    assert places == sorted(places)


def test_sources_that_differ_stand_side_by_side(site):
    founded = row(site.get(ALPHA + ".html"), "founded in")
    assert founded == ("The sources differ. Each value stands beside who states it. 1990 Source: The register , retrieved on "
                       "4 March 2026 1991 Source: A book on bodies , issued February 2001 1800 Stated apart, not verified "
                       "Source: unverified/rumours")
    assert "differ" not in row(site.get(ALPHA + ".html"), "field"), "several fields are no contradiction"


def test_values_are_written_for_people(site):
    page = site.get(ALPHA + ".html")
    assert row(page, "staff").startswith("1,234,567 Source: The register")
    assert row(page, "sits in").startswith("The hub Source:")


def test_what_follows_by_rule_stands_apart_from_what_is_stated(site):
    stated, concluded = article(site.get(ALPHA + ".html")).split("What follows from this by rule")
    assert "touches" not in stated and "touches" in concluded and "(2)" in concluded[:10]


def test_an_address_that_could_run_is_no_link(site):
    page = site.get(ALPHA + ".html").text
    assert 'href="https://example.org/alpha"' in page and 'href="javascript' not in page and "javascript:alert(1)" in page


@pytest.mark.parametrize("address", ["/doc/{}.html", "/reference?thing={}", "/history?thing={}", "/correction?thing={}"])
def test_a_name_that_is_markup_is_text(site, address):
    page = site.get(address.format("id/body/hostile")).text
    assert "&lt;script&gt;alert(1)" in page and "<script>" not in page and "<http" not in page.replace("&lt;http", "")


def test_what_stands_apart_says_so(site):
    page = text(site.get("/doc/id/body/rumour.html"))
    assert "nobody has verified it yet" in page and "rumour" in page


@pytest.mark.parametrize("word", ["triple", "URI", "node shape", "graph "])
def test_the_words_are_those_of_people(site, word):
    # The syntaxes have the names they have.
    main = re.sub(r"(?s)<ul class=.forms.*?</ul>", " ", article(site.get(ALPHA + ".html")))
    assert word.casefold() not in re.sub(r"(?s)<[^>]+>", " ", main).casefold()


# --- names and languages

def test_names_are_to_be_had_in_each_language_there_is(site):
    page = site.get(ALPHA + "?lang=cs&format=html")
    assert '<h1 dir="auto" lang="cs">Alfa</h1>' in page.text and '<strong lang="cs">čeština</strong>' in page.text
    assert '<h1 dir="auto" lang="he">' in site.get(ALPHA + ".html?lang=HE").text
    assert '<p class="lead" dir="auto" lang="de">Ein Prüfling.</p>' in site.get(ALPHA + ".html?lang=de").text


def test_other_languages_are_folded(site):
    named = re.search(r'(?s)>name</a></th>.*?</tr>', site.get(ALPHA + ".html").text)[0]
    assert named.index("Alpha") < named.index("<details>") < named.index("Alfa")


@pytest.mark.parametrize("tag", ["xx", "", "en-GB", "../../x", "<script>", "e" * 5_000])
def test_a_language_nobody_has_is_refused(site, tag):
    response = site.get(ALPHA + ".html", query_string={"lang": tag})
    assert response.status_code == 400 and "cs, de, en, he" in response.json["detail"]


def test_a_thing_without_a_name_says_so(site):
    page = site.get("/doc/id/body/nameless.html")
    assert "id/body/nameless</h1>" in page.text and "No source gives it a name" in page.text


def test_a_long_name_is_cut_where_it_only_names(site):
    page = site.get("/doc/id/body/long.html").text
    title = re.search("<h1[^>]*>(.*?)</h1>", page)[1]
    assert len(title) <= 200 and title.endswith("…") and LONG.strip() in page


def test_right_to_left_text_finds_its_direction(site):
    page = site.get("/doc/id/body/hebrew.html").text
    assert f'<h1 dir="auto" lang="he">{HEBREW}</h1>' in page


# --- panels

def test_panels_stand_in_their_order_around_the_facts(site):
    page = site.get(ALPHA + ".html").text
    places = [page.index(mark) for mark in ('id="grounds"', 'id="statements"', 'id="members"', 'id="unknown"')]
    assert places == sorted(places)


def test_a_panel_shows_some_rows_and_leads_to_all(site):
    page = site.get(ALPHA + ".html").text
    members = re.search(r'(?s)<section class="shelf" id="members">.*?</section>', page)[0]
    assert members.count('<th scope="row">') == 10 and "<small>(1,000)</small>" in members
    assert f'href="{ALPHA}?panel=members">All 1,000</a>' in members
    assert "register complete: no" in members
    assert '<td class="number"><span class="nothing">no data</span></td>' in members, "never 0"
    assert '<th scope="col" class="number">Size</th>' in members and "9,000" in members


def test_rows_say_who_states_them(site):
    grounds = re.search(r'(?s)<section class="shelf" id="grounds">.*?</section>', site.get(ALPHA + ".html").text)[0]
    assert ">Source</th>" in grounds and ">The register</a>, retrieved on 4 March 2026" in grounds


def test_a_panel_comes_in_pages(site):
    pages = [site.get(f"{ALPHA}.html?panel=members&page={n}") for n in range(1, 11)]
    assert all(page.status_code == 200 and page.text.count('<th scope="row">') == 100 for page in pages)
    assert "Page 10 of 10" in pages[9].text and "?panel=members&amp;page=9" in pages[9].text and "Its events" not in pages[9].text
    assert site.get(f"{ALPHA}.html?panel=members&page=11").status_code == 404


def test_what_a_panel_covers_stands_also_where_it_has_no_row(site):
    page = site.get("/doc/id/body/long.html").text
    members = re.search(r'(?s)<section class="shelf" id="members">.*?</section>', page)[0]
    assert "0 recorded; register complete: no" in members and "no data" in members


@pytest.mark.parametrize(("query", "status"), [
    ("panel=none", 404), ("panel=", 404), ("panel=members&page=0", 400), ("panel=members&page=-1", 400), ("page=99", 404),
    ("panel=members&page=99999999", 404), ("panel=" + "x" * 9_000, 404), ("panel=%27%20OR%201", 404), ("panel=events", 200)])
def test_what_there_is_not_is_the_visitors_fault(site, query, status):
    assert site.get(f"{ALPHA}.html?{query}").status_code == status


def test_data_do_not_depend_on_what_a_page_shows(site):
    assert site.get(ALPHA + ".ttl?panel=members&page=7").data == site.get(ALPHA + ".ttl").data


# --- what links here

def test_what_links_here_is_counted_and_comes_in_pages(site):
    page = site.get("/doc/id/place/hub.html")
    assert "What links here <small>(254)" in page.text and "Page 1 of 3" in page.text
    assert "seat (253)" in text(page)
    assert 'href="/doc/id/place/hub?page=3#links"' in page.text, "where the next relation begins"
    assert page.text.count('<li dir="auto">') == 100 and site.get("/doc/id/place/hub.html?page=4").status_code == 404


# --- small pages about it

def test_it_can_be_cited(site):
    page = site.get("/reference?thing=id/body/alpha")
    assert f"{BASE}id/body/alpha?release=2026-03-06-0123456789ab" in page.text and "@misc{" in page.text
    bibtex = site.get("/reference?thing=id/body/alpha&format=bibtex")
    assert bibtex.status_code == 200 and "Data record" in bibtex.text and "Alpha" in bibtex.text


def test_the_checksum_of_a_citation_is_that_of_its_turtle(site):
    turtle = site.get(ALPHA + ".ttl?release=2026-03-06-0123456789ab").data
    assert hashlib.sha256(turtle).hexdigest() in site.get("/reference?thing=id/body/alpha&format=bibtex").text


def test_an_error_can_be_reported(site):
    page = text(site.get("/correction?thing=id/body/alpha"))
    for part in ("Alpha", BASE + "id/body/alpha", "2026-03-06-0123456789ab", f"<{BASE}graph/curated>", "What is wrong:"):
        assert part in page


def test_a_thing_without_a_history_says_so(site):
    assert "no data" in site.get("/history?thing=id/body/alpha").text


@pytest.mark.parametrize("room", ["reference", "correction", "history"])
@pytest.mark.parametrize(("query", "status"), [("", 400), ("thing=", 400), ("thing=id/body/none", 404), ("thing=%00", 404),
                                               ("thing=..%2F..%2Fetc", 404), ("thing=" + "x" * 5_000, 404)])
def test_small_pages_are_about_something(site, room, query, status):
    assert site.get(f"/{room}?{query}").status_code == status


# --- values

@pytest.mark.parametrize(("value", "kind", "words"), [
    ("2024-11-05", "date", "5 November 2024"), ("2024-11", "gYearMonth", "November 2024"), ("2024", "gYear", "2024"),
    ("2024-11-05T10:20:30Z", "dateTime", "5 November 2024 10:20"), ("1234567", "integer", "1,234,567"),
    ("-1234.50", "decimal", "-1,234.50"),
    ("0.5", "decimal", "0.5"), ("1e6", "double", "1e6"), ("true", "boolean", "yes"), ("0", "boolean", "no"),
    ("9" * 5_000, "integer", "9" * 5_000), ("yesterday", "date", "yesterday"), ("2024-13-01", "date", "2024-13-01")])
def test_a_literal_in_words(value, kind, words):
    assert in_words(Literal(value, datatype=NamedNode(XSD + kind))) == words


def test_a_text_is_cut_with_a_sign():
    assert shortened("abc", 3) == "abc" and shortened("abcd efgh", 6) == "abcd…"
