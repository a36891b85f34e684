"""The importer bibtex: works of a .bib file in the terms of the model, and what is refused."""

from __future__ import annotations

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
BIB = r"""
% A list of invented works.
@string{joi = "Journal of Invented Things"}
@article{ore04,
  author = {{\"O}re, {\AA}se and von der Lint, Mu{\~n}oz and others},
  title = {{Lanterns}: A {\textit{Dim}} View of 50% of Them \& More},
  journal = joi, year = 2004, month = aug, volume = 4, number = {2}, pages = {351--370}, langid = {en-GB},
  doi = {https://doi.org/10.5555/JOI.2004.7}
}
@Book(guild, author = "{Guild of Wicks}", title = "Wicks", publisher = {Pretend Press}, date = {2010-03-01/2011},
  isbn = {978-3-16-148410-0}, edition = {2nd})
@incollection{in, author = {\'Eva {\O}rsted and B. Miller}, title = {A Chapter}, booktitle = {A Book}, year = {1999}}
@comment{ left out }
@preamble{ "\newcommand{x}" }
@techreport{rep, author = {Miller, B.}, title = {Costs of US$ 5}, institution = {Guild of Wicks}, year = 2001}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with the ontology, shapes and queries of this checkout, and no data of its own."""
    root = tmp_path / "project"
    (root / "data").mkdir(parents=True)
    for room in ("ontology", "shapes", "queries"):
        (root / room).symlink_to(ROOT / room)
    return Project(root)


def imported(project: Project, content: str | bytes, **order) -> tuple[Imported, list[str]]:
    """The import of a file of that content, and what was told of its rows, without the path."""
    path = project.root.parent / "works.bib"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    told: list[str] = []
    done = import_file(project, Order("bibtex", path, **order), report=lambda f: told.append(str(f).removeprefix(str(path))))
    return done, told


def graph(project: Project, content: str = BIB) -> Graph:
    return Graph().parse(imported(project, content)[0].target)


def test_an_article_becomes_a_work_and_its_expression(project: Project):
    found = graph(project)
    work, expression = URIRef(f"{ID}work/doi-10-5555-joi-2004-7"), URIRef(f"{ID}expression/doi-10-5555-joi-2004-7")
    assert set(found.objects(expression, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))) == {
        FRBR.Expression, FABIO.JournalArticle}
    assert found.value(expression, FRBR.realizationOf) == work
    assert found.value(expression, DCTERMS.title) == Literal("Lanterns: A Dim View of 50% of Them & More", lang="en-gb")
    assert found.value(expression, DCTERMS.issued).n3() == '"2004-08"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>'
    assert str(found.value(expression, TH.pages)) == "351-370"
    assert str(found.value(expression, DCTERMS.description)) == "Volume 4, issue 2."
    journal = found.value(expression, DCTERMS.isPartOf)
    assert (journal, str(found.value(journal, DCTERMS.title))) == (
        URIRef(f"{ID}series/journal-of-invented-things"), "Journal of Invented Things")


def test_authors_are_persons_in_order_with_latex_accents_decoded(project: Project):
    found = graph(project)
    rows = {(int(found.value(a, TH.rank)), str(found.value(found.value(a, TH.person), FOAF.name)),
             str(found.value(a, TH.nameAsWritten)))
            for a in found.subjects(TH.of, URIRef(f"{ID}work/doi-10-5555-joi-2004-7"))}
    assert rows == {(1, "Åse Öre", "Öre, Åse"), (2, "Muñoz von der Lint", "von der Lint, Muñoz")}
    assert {str(o) for o in found.objects(URIRef(f"{ID}person/munoz-von-der-lint"), FOAF.familyName)} == {"von der Lint"}
    assert (URIRef(f"{ID}person/eva-orsted"), FOAF.name, Literal("Éva Ørsted")) in found


def test_a_name_in_braces_is_a_body(project: Project):
    found, body = graph(project), URIRef(f"{ID}organisation/guild-of-wicks")
    assert found.value(URIRef(f"{ID}work/isbn-9783161484100"), DCTERMS.creator) == body
    assert [str(name) for name in found.objects(body, SKOS.prefLabel)] == ["Guild of Wicks"]
    assert found.value(URIRef(f"{ID}expression/miller-costs-of-us-5-2001"), DCTERMS.publisher) == body


def test_identifiers_are_resources(project: Project):
    found = graph(project)
    notations = {str(found.value(i, SKOS.notation)) for i in found.objects(None, ADMS.identifier)}
    assert notations == {"10.5555/joi.2004.7", "9783161484100"}


def test_what_has_no_identifier_is_keyed_by_author_title_and_year(project: Project):
    work = graph(project).value(URIRef(f"{ID}expression/orsted-a-chapter-1999"), FRBR.realizationOf)
    assert work == URIRef(f"{ID}work/orsted-a-chapter")


def test_the_result_conforms_and_is_the_same_each_time(project: Project):
    first = imported(project, BIB)[0].target.read_bytes()
    assert [str(finding) for finding in check.check(Project(project.root))[1]] == []
    assert imported(project, BIB)[0].target.read_bytes() == first


def test_every_entry_is_taken_refused_or_passed_over(project: Project):
    run = imported(project, BIB + "@misc{m, title={A}}\n", wanted=frozenset({"ore04", "9783161484100", "m"}))[0].run
    assert (run.rows_in, run.rows_out, run.passed_over, run.refusals.total()) == (5, 2, 2, 1)


@pytest.mark.parametrize(("entry", "told"), [
    ("@misc{m, title={A}}", "column type: 'misc': is not among the types of works that are taken"),
    ("@book{b, title={A}, year={c. 1999}}", "column year: 'c. 1999': is not a date: write it as 2016-12-31"),
    ("@book{b, year=1999}", "column title: '': is empty; a name is needed"),
    ("@book{b, title={日本}, year=1999}", "column title: '': holds no letter or digit of ASCII, which its IRI would be made of"),
    ("@book{b, title={A}, isbn={978-3-16-148410-1}}", "column isbn: '978-3-16-148410-1': is no ISBN"),
    ("@book{b, title={A}, doi={10.1}}", "column doi: '10.1': is no DOI"),
    ("@book{b, title={A}, author={, , , ,}}", "column author: ', , , ,': is no name as BibTeX writes names"),
    ('@book{b, title="A" # "B"}', "column title: '\"A\" # \"B\"': joins values by #: write the value in full"),
    ("@book{b, title={A, year=1999", "column entry: 'b': cannot be read as BibTeX: Unexpectedly reached end of file"),
    ("@article{b, title={Again}, doi={10.5555/joi.2004.7}}",
     "column key: 'b (as on line 4)': is the same work as an earlier record"),
])
def test_an_entry_that_cannot_be_taken_is_refused_with_its_line(entry: str, told: str, project: Project):
    done, found = imported(project, BIB + entry + "\n")
    assert found == [f":{BIB.count(chr(10)) + 1}: {told}"]
    assert (done.run.rows_in, done.run.rows_out) == (5, 4)


def test_a_work_that_the_project_has_is_not_described_twice(project: Project):
    known = project.root / "data/works.ttl"
    imported(project, BIB, target=known)
    project = Project(project.root)
    with pytest.raises(Faulty, match="none of the 4 rows was taken"):
        imported(project, BIB)
    told = imported(project, BIB + "@book{new, title={New}, author={Ase {\\\"O}re}, year=2020}")[1]
    assert told[0] == ":4: column key: 'ore04 (<id/expression/doi-10-5555-joi-2004-7>)': is described in another graph already"


@pytest.mark.parametrize(("content", "message"), [
    (b"", ": the file is empty"), (b"Nothing here.\n",
     ": the file holds no BibTeX entry, such as: @book{key, title = {A Title}, year = 2001}"),
    (b"@book{b,\n title={Caf\xe9}}", ":2: not UTF-8 (byte 0xe9 at column 12): save the file in that encoding"),
    (b"@book{b, title={" + b"x" * 1_000_001, ":1: the line has more than 1,000,000 bytes: no text has such lines"),
    (b"@book{b, title={\n" + b"x\n" * 6_000, ":1: the entry b has more than 5,000 lines: its end is missing"),
    (b"@book{b, title={A\n", ": none of the 1 rows was taken: nothing is written"),
])
def test_what_is_no_bib_file_is_told_in_one_message(content: bytes, message: str, project: Project):
    with pytest.raises(Faulty) as caught:
        imported(project, content)
    assert str(caught.value) == f"{project.root.parent / 'works.bib'}{message}"
    assert not (project.root / "data/sources/bibtex.ttl").exists()
