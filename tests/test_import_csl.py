"""The importer csl: works from CSL-JSON and from Crossref, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import Graph, Literal, Namespace, URIRef

from conftest import ROOT
from triplehelix import check
from triplehelix.findings import Faulty
from triplehelix.importers import Imported, Order, import_file
from triplehelix.project import Project

ID = "https://w3id.org/triplehelix/id/"
TH = Namespace("https://w3id.org/triplehelix/ns#")
DCTERMS, FOAF, FRBR, FABIO, ADMS, SKOS = (Namespace(n) for n in (
    "http://purl.org/dc/terms/", "http://xmlns.com/foaf/0.1/", "http://purl.org/vocab/frbr/core#", "http://purl.org/spar/fabio/",
    "http://www.w3.org/ns/adms#", "http://www.w3.org/2004/02/skos/core#"))
# Invented works; the ORCID is the one that ORCID gives as its example.
CSL = [
    {"id": "ore04", "type": "article-journal", "title": "Lanterns: <i>A Dim View</i>", "container-title": "Invented Things",
     "author": [{"family": "Lint", "given": "Ann", "non-dropping-particle": "van der"}, {"literal": "Guild of Wicks"}],
     "issued": {"date-parts": [["2004", 8]]}, "volume": 4, "issue": "2", "page": "351–370", "DOI": "10.5555/INV.1"},
    {"id": "book", "type": "book", "title": "Wicks", "publisher": "Pretend Press", "ISBN": "978-3-16-148410-0",
     "author": [{"family": "Lint", "given": "Bo"}], "issued": {"raw": "2010-03-01"}, "edition": "2nd", "language": "en"},
]
CROSSREF = {"status": "ok", "message-type": "work-list", "message": {"total-results": 2, "items": [
    {"type": "journal-article", "title": ["Lanterns"], "subtitle": ["A Dim View"], "container-title": ["Invented Things"],
     "author": [{"family": "Carberry", "given": "Josiah", "ORCID": "http://orcid.org/0000-0002-1825-0097", "sequence": "first"},
                {"name": "Guild of Wicks", "sequence": "additional"}],
     "issued": {"date-parts": [[2004, 8, 15]]}, "publisher": "Pretend Press", "page": "351-370", "DOI": "10.5555/inv.1"},
    {"type": "book-chapter", "title": ["Soot"], "container-title": ["Book of Wicks"], "issued": {"date-parts": [[None]]},
     "author": [{"family": "Carberry", "given": "J.", "ORCID": "https://orcid.org/0000-0002-1825-0097"}],
     "DOI": "10.5555/inv.2"}]}}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the ontology, shapes and queries of this checkout, and no data of its own."""
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    for room in ("ontology", "shapes", "queries"):
        (root / room).symlink_to(ROOT / room)
    return Project(root)


def imported(project: Project, content: object, **order) -> tuple[Imported, list[str]]:
    """The import of a file of that content, and what was told of its rows, without the path."""
    path = project.root.parent / "works.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode())
    told: list[str] = []
    done = import_file(project, Order("csl", path, **order), report=lambda f: told.append(str(f).removeprefix(str(path))))
    return done, told


def graph(project: Project, content: object) -> Graph:
    return Graph().parse(imported(project, content)[0].target)


@pytest.mark.parametrize(("content", "title", "issued"), [
    (CSL, "Lanterns: A Dim View", '"2004-08"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'),
    (CROSSREF, "Lanterns: A Dim View", '"2004-08-15"^^<http://www.w3.org/2001/XMLSchema#date>')], ids=["csl", "crossref"])
def test_an_article_becomes_a_work_and_its_expression(content: object, title: str, issued: str, project: Project):
    found, expression = graph(project, content), URIRef(f"{ID}expression/doi-10-5555-inv-1")
    assert found.value(expression, FRBR.realizationOf) == URIRef(f"{ID}work/doi-10-5555-inv-1")
    assert found.value(expression, DCTERMS.title) == Literal(title)
    assert found.value(expression, DCTERMS.issued).n3() == issued
    assert str(found.value(expression, TH.pages)) == "351-370"
    assert found.value(expression, DCTERMS.isPartOf) == URIRef(f"{ID}series/invented-things")
    assert (expression, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), FABIO.JournalArticle) in found


def test_a_person_is_keyed_by_orcid_and_has_one_name(project: Project):
    found, person = graph(project, CROSSREF), URIRef(f"{ID}person/orcid-0000-0002-1825-0097")
    assert [str(name) for name in found.objects(person, FOAF.name)] == ["Josiah Carberry"]
    assert [str(name) for name in found.objects(person, SKOS.altLabel)] == ["J. Carberry"]
    assert str(found.value(found.value(person, ADMS.identifier), SKOS.notation)) == "0000-0002-1825-0097"
    assert len(set(found.subjects(TH.person, person))) == 2


def test_a_person_without_orcid_is_keyed_by_name(project: Project):
    found = graph(project, CSL)
    assert {str(p).removeprefix(ID) for p in found.objects(None, TH.person)} == {"person/ann-van-der-lint", "person/bo-lint"}
    assert (URIRef(f"{ID}work/doi-10-5555-inv-1"), DCTERMS.creator, URIRef(f"{ID}organisation/guild-of-wicks")) in found


def test_a_chapter_says_the_book_it_is_in(project: Project):
    found = graph(project, CROSSREF)
    assert str(found.value(URIRef(f"{ID}expression/doi-10-5555-inv-2"), DCTERMS.description)) == "Published in Book of Wicks."


def test_languages_of_works_tag_their_titles(project: Project):
    assert graph(project, CSL).value(URIRef(f"{ID}work/isbn-9783161484100"), DCTERMS.title) == Literal("Wicks", lang="en")


@pytest.mark.parametrize("content", [CSL, CROSSREF, CROSSREF["message"], CROSSREF["message"]["items"][0], CSL[1]])
def test_every_form_is_read_conforms_and_is_the_same_each_time(content: object, project: Project):
    first = imported(project, content)[0].target.read_bytes()
    assert [str(finding) for finding in check.check(Project(project.root))[1]] == []
    assert imported(project, content)[0].target.read_bytes() == first


def test_records_may_be_selected(project: Project):
    run = imported(project, CSL, wanted=frozenset({"book"}))[0].run
    assert (run.rows_in, run.rows_out, run.passed_over) == (2, 1, 1)


@pytest.mark.parametrize(("record", "told"), [
    ({"type": "component", "title": "A"}, "column type: 'component': is not among the types of works that are taken"),
    ({"type": "book", "title": ""}, "column title: '': is empty; a name is needed"),
    ({"type": "book", "title": "A", "DOI": "x"}, "column DOI: 'x': is no DOI"),
    ({"type": "book", "title": "A", "ISBN": "12"}, "column ISBN: '12': is no ISBN"),
    ({"type": "book", "title": "A", "author": "B"}, "column author: 'B': is no list of JSON objects"),
    ({"type": "book", "title": "A", "author": [{"family": "B", "ORCID": "0000-0002-1825-0098"}]},
     "column ORCID: '0000-0002-1825-0098': is no ORCID"),
    ({"type": "book", "title": "A", "issued": {"date-parts": [[2001, 13]]}},
     "column issued: '2001-13': is not a date: write it as 2016-12-31"),
    ({"type": "book", "title": "A", "issued": {"date-parts": 7}}, "column issued: '7': is no date of CSL"),
    ({"type": "book", "title": "A\u0007"}, "column title: 'A\\x07': holds a control character"),
    (["no", "record"], "column record: \"['no', 'record']\": is no JSON object"),
    (CSL[1], "column key: 'book (as on line 1)': is the same work as an earlier record"),
])
def test_a_record_that_cannot_be_taken_is_refused(record: object, told: str, project: Project):
    done, found = imported(project, [*CSL, record])
    assert found == [f":1: {told}"]
    assert (done.run.rows_in, done.run.rows_out) == (3, 2)


def test_a_refusal_tells_the_line_of_its_record(project: Project):
    content = "[\n" + ",\n".join(json.dumps(record) for record in [*CSL, {"type": "film"}]) + "\n]\n"
    assert imported(project, content.encode())[1] == [":4: column type: 'film': is not among the types of works that are taken"]


@pytest.mark.parametrize(("content", "message"), [
    (b"", ": the file is empty"), (b"[]", ": the file holds no record of a work"),
    (b"[{]", ":1: not JSON: Expecting property name enclosed in double quotes"),
    (b'[{"title": "Caf\xe9"}]', ":1: not UTF-8 (byte 0xe9): save the file in that encoding"),
    (b'["' + b"x" * 10_100_000, ":1: not JSON: the record has more than 10,000,000 characters"),
    (b'[{"type": "film"}]', ": none of the 1 rows was taken: nothing is written"),
])
def test_what_is_no_json_of_works_is_told_in_one_message(content: bytes, message: str, project: Project):
    with pytest.raises(Faulty) as caught:
        imported(project, content)
    assert str(caught.value) == f"{project.root.parent / 'works.json'}{message}"
    assert not (project.root / "data/sources/csl.ttl").exists()
