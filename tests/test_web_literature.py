"""Works and their expressions as BibTeX, RIS and CSL-JSON, by suffix, by name and by Accept, and as tags of their pages."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest

from document_releases import seal
from test_bibliography import read_bibtex, read_csl, read_ris
from triplehelix.importers import bibtex as importer
from web_release import BASE, client_of, room_fixture  # noqa: F401

WORK, ARTICLE, REPORT = "/doc/id/work/lanterns", "/doc/id/expression/lanterns-2004", "/doc/id/expression/lyktor-1999"
TYPES = {"bib": "application/x-bibtex", "ris": "application/x-research-info-systems",
         "csl.json": "application/vnd.citationstyles.csl+json"}
NAMES = {"bibtex": "bib", "ris": "ris", "csl": "csl.json"}
EVIL = '}}, title = {Eve}\\n}\\n@misc{eve, \\\\end{document}\\r\\nER  - \\r\\nTY  - BOOK\\"><script>alert(1)</script>'
HEAD = """
    @prefix frbr: <http://purl.org/vocab/frbr/core#> . @prefix fabio: <http://purl.org/spar/fabio/> .
    @prefix adms: <http://www.w3.org/ns/adms#> . @prefix org: <http://www.w3.org/ns/org#> ."""
WORKS = HEAD + f'''
    <id/work/lanterns> a frbr:Work ; dcterms:title "Lanterns"@en ; dcterms:creator <id/person/ase>, <id/organisation/guild> .
    <id/authorship/l1> a th:Authorship ; th:of <id/work/lanterns> ; th:person <id/person/mu> ; th:rank 1 .
    <id/authorship/l2> a th:Authorship ; th:of <id/work/lanterns> ; th:person <id/person/ase> ; th:rank 2 .
    <id/person/ase> a foaf:Person ; foaf:name "Åse Øre" ; foaf:familyName "Øre" ; foaf:givenName "Åse" .
    <id/person/mu> a foaf:Person ; foaf:familyName "von der Lint" ; foaf:givenName "Muñoz" ; foaf:name "Muñoz von der Lint" .
    <id/organisation/guild> a org:Organization ; skos:prefLabel "Guild of Wicks"@en .
    <id/organisation/press> a org:Organization ; skos:prefLabel "Pretend Press"@en .
    <id/series/joi> a fabio:Journal ; dcterms:title "Journal of Invented Things"@en .
    <id/series/papers> a fabio:Series ; dcterms:title "Papers"@en .
    <id/expression/lanterns-2004> a frbr:Expression, fabio:JournalArticle ; frbr:realizationOf <id/work/lanterns> ;
        dcterms:title "Lanterns: A Dim View"@en ; dcterms:issued "2004-08"^^xsd:gYearMonth ; dcterms:isPartOf <id/series/joi> ;
        dcterms:publisher <id/organisation/press> ; dcterms:language "en" ; th:pages "351-370" ;
        adms:identifier <id/identifier/doi>, <id/identifier/isbn> .
    <id/identifier/doi> a adms:Identifier ; skos:notation "10.5555/joi.2004.7" ; rdfs:label "DOI 10.5555/joi.2004.7"@en ;
        th:identifierScheme <scheme/identifier-scheme/doi> ; th:status <scheme/status/verified> .
    <id/identifier/isbn> a adms:Identifier ; skos:notation "9783161484100" ; rdfs:label "ISBN 9783161484100, not checked"@en ;
        th:identifierScheme <scheme/identifier-scheme/isbn> ; th:status <scheme/status/unverified> .
    <id/expression/lyktor-1999> a frbr:Expression, fabio:ReportDocument ; frbr:realizationOf <id/work/lanterns> ;
        dcterms:title "Lyktor"@sv, "Lanterns, in Swedish"@en ; dcterms:issued "1999"^^xsd:gYear ; dcterms:language "sv" ;
        dcterms:publisher <id/organisation/guild> ; dcterms:isPartOf <id/series/papers> .
    <id/authorship/s1> a th:Authorship ; th:of <id/expression/lyktor-1999> ; th:person <id/person/ase> ; th:rank 1 .
    <id/work/lost> a frbr:Work ; dcterms:title "Lost"@en .
    <id/work/evil> a frbr:Work ; dcterms:title "{EVIL}"@en .
    <id/expression/evil> a frbr:Expression, fabio:Book ; frbr:realizationOf <id/work/evil> ; dcterms:title "{EVIL}"@en ;
        dcterms:publisher <id/organisation/evil> ; dcterms:creator <id/person/evil> ; th:edition "{EVIL}" .
    <id/organisation/evil> skos:prefLabel "{EVIL}"@en .
    <id/person/evil> foaf:familyName "{EVIL}" ; foaf:givenName "{EVIL}" .
    <id/person/nobody> a foaf:Person ; foaf:name "Nobody" .'''
APART = HEAD + '''
    <id/expression/rumour> a frbr:Expression, fabio:Book ; frbr:realizationOf <id/work/lanterns> ; dcterms:title "Rumour"@en .
    <id/expression/lanterns-2004> dcterms:issued "1812"^^xsd:gYear .'''
GRAPHS = {"graph/works": ("dataset", WORKS), "graph/unverified/rumours": ("apart", APART)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("literature")
    seal(root, "2026-03-06-0123456789ab", GRAPHS)
    return root


@pytest.fixture
def site(folder: Path, room):
    return client_of(folder, room, BASE)


def tags(page) -> list[tuple[str, str]]:
    found = re.findall(r'<meta name="((?:citation_|DC|bibo)[^"]*)" content="([^"]*)">', page.text)
    return [(name, unescape(content)) for name, content in found]


@pytest.mark.parametrize("suffix", TYPES)
def test_an_expression_has_a_form_by_suffix_by_name_and_by_accept(site, suffix: str):
    name = next(name for name, ending in NAMES.items() if ending == suffix)
    found = [site.get(f"{ARTICLE}.{suffix}"), site.get(f"{ARTICLE}?format={name}"),
             site.get(ARTICLE, headers={"Accept": f"{TYPES[suffix]}, application/json;q=0.9"})]
    assert [(answer.status_code, answer.mimetype) for answer in found] == [(200, TYPES[suffix])] * 3
    assert len({answer.data for answer in found}) == 1
    assert f'<{BASE}{ARTICLE[1:]}>; rel="canonical"' in found[0].headers["Link"]
    assert found[2].headers["Content-Location"] == f"{BASE}{ARTICLE[1:]}.{suffix}"
    assert site.get(f"{ARTICLE}.{suffix}", headers={"If-None-Match": found[0].headers["ETag"]}).status_code == 304
    assert site.head(f"{ARTICLE}.{suffix}").status_code == 200


def test_what_the_data_say_comes_back_through_the_importers(site, tmp_path: Path):
    records = (*read_bibtex(site.get(f"{ARTICLE}.bib").text, tmp_path), *read_csl(site.get(f"{ARTICLE}.csl.json").text))
    assert len(records) == 2
    for record in records:
        assert (record.key in ("lanterns-2004", "10.5555/joi.2004.7"), record.kind, record.title) == (
            True, "JournalArticle", "Lanterns: A Dim View")
        assert [author.name for author in record.authors] == ["Muñoz von der Lint", "Åse Øre", "Guild of Wicks"]
        assert [author.body for author in record.authors] == [False, False, True]
        assert (record.journal, record.publisher, record.pages) == ("Journal of Invented Things", "Pretend Press", "351-370")
        assert (record.issued.value, record.language, record.dois) == ("2004-08", "en", ("10.5555/joi.2004.7",))
        assert record.isbns == ()


def test_what_nobody_has_verified_is_told_in_words_only(site):
    (record,) = map(dict, read_ris(site.get(f"{ARTICLE}.ris").text))
    assert record["N1"] == "ISBN 9783161484100, not checked." and "SN" not in record
    assert record["PY"] == "2004"


def test_a_work_has_an_entry_for_each_expression_the_oldest_first(site, tmp_path: Path):
    records = read_ris(site.get(f"{WORK}.ris").text)
    assert [dict(record)["TI"] for record in records] == ["Lyktor", "Lanterns: A Dim View"]
    assert [[value for tag, value in record if tag == "AU"] for record in records] == [
        ["Øre, Åse"], ["von der Lint, Muñoz", "Øre, Åse", "Guild of Wicks"]]
    assert dict(records[0])["T3"] == "Papers" and dict(records[0])["TY"] == "RPRT"
    assert [r.title for r in read_bibtex(site.get(f"{WORK}.bib").text, tmp_path)] == ["Lyktor", "Lanterns: A Dim View"]
    keys = [item["id"] for item in json.loads(site.get(f"{WORK}.csl.json").data)]
    assert keys == ["lyktor-1999", "lanterns-2004"]


def test_a_work_without_expressions_is_an_entry_that_says_what_is_not_known(site):
    (record,) = map(dict, read_ris(site.get("/doc/id/work/lost.ris").text))
    assert record == {"TY": "GEN", "ID": "lost", "TI": "Lost", "UR": f"{BASE}id/work/lost",
                      "N1": "Not recorded: its authors and when it was issued."}


def test_an_expression_that_stands_apart_has_an_entry_of_its_own_only(site):
    (record,) = map(dict, read_ris(site.get("/doc/id/expression/rumour.ris").text))
    assert record["TI"] == "Rumour" and "Rumour" not in site.get(f"{WORK}.ris").text


@pytest.mark.parametrize("suffix", TYPES)
def test_other_things_have_no_such_form(site, suffix: str):
    found = site.get(f"/doc/id/person/nobody.{suffix}", headers={"Accept": "application/json"})
    assert found.status_code == 406 and "?format=ttl" in found.text and "bibtex" not in found.text
    name = next(name for name, ending in NAMES.items() if ending == suffix)
    assert site.get(f"/doc/id/person/nobody?format={name}").status_code == 406
    assert site.get("/doc/id/person/nobody", headers={"Accept": TYPES[suffix]}).status_code == 406
    assert site.get(f"/doc/id/work/none.{suffix}").status_code == 404


def test_a_client_that_takes_more_gets_rdf(site):
    assert site.get(WORK, headers={"Accept": "*/*"}).mimetype == "text/turtle"
    assert site.get(WORK, headers={"Accept": "application/x-bibtex;q=0.1, text/turtle"}).mimetype == "text/turtle"
    nobody = site.get("/doc/id/person/nobody", headers={"Accept": "application/x-bibtex, text/turtle;q=0.1"})
    assert nobody.mimetype == "text/turtle"


def test_pages_of_works_alone_offer_the_forms(site):
    page, other = site.get(f"{WORK}.html").text, site.get("/doc/id/person/nobody.html").text
    for suffix, kind in TYPES.items():
        assert page.count(f'href="/doc/id/work/lanterns.{suffix}"') == 2 and f'type="{kind}"' in page
        assert f".{suffix}" not in other
    assert "citation_" not in other and "bibo:type" not in other


def test_an_expression_has_the_tags_that_reference_managers_read(site):
    found = tags(site.get(f"{ARTICLE}.html"))
    assert [content for name, content in found if name == "citation_author"] == [
        "von der Lint, Muñoz", "Øre, Åse", "Guild of Wicks"]
    assert dict(found)["bibo:type"] == "AcademicArticle" and all(content for _, content in found)
    assert [(name, content) for name, content in found if name not in ("citation_author", "bibo:type", "DC.title")] == [
        ("citation_title", "Lanterns: A Dim View"), ("citation_publication_date", "2004/08"),
        ("citation_journal_title", "Journal of Invented Things"), ("citation_publisher", "Pretend Press"),
        ("citation_firstpage", "351"), ("citation_lastpage", "370"), ("citation_doi", "10.5555/joi.2004.7"),
        ("citation_language", "en"), ("citation_public_url", f"{BASE}id/expression/lanterns-2004")]
    oldest = dict(tags(site.get(f"{WORK}.html")))
    assert (oldest["citation_title"], oldest["citation_technical_report_institution"]) == ("Lyktor", "Guild of Wicks")


def test_no_name_breaks_a_form_or_a_page(site, tmp_path: Path):
    path = tmp_path / "evil.bib"
    path.write_text(site.get("/doc/id/work/evil.bib").text, encoding="utf-8")
    assert [(row.entry_type, row.key) for _, row in importer._rows(path)] == [("book", "evil")]
    (record,) = read_ris(site.get("/doc/id/work/evil.ris").text)
    assert dict(record)["TY"] == "BOOK" and [tag for tag, _ in record].count("AU") == 1
    (item,) = json.loads(site.get("/doc/id/work/evil.csl.json").data)
    assert item["type"] == "book" and "<script>" in item["title"]
    assert "<script>alert" not in site.get("/doc/id/work/evil.html").text
