"""The importer of NACE: Rev. 2 by language, Rev. 2.1 with and without a national level, and what is near in both."""

from pathlib import Path

import pytest
from rdflib import RDF, Literal, URIRef
from rdflib.namespace import SKOS

from classification_graphs import Written, iri, refused, told_of, written
from triplehelix.project import Project

HEADER = "level,code,lang,label\n"
SECTION = "1,A,en,FARMING\n2,01,en,Crops\n"


@pytest.fixture(scope="session")
def rev2(repository: Project, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(repository, "nace", shared / "data/classifications/nace-2-labels.csv", tmp_path_factory.mktemp("rev2"))


@pytest.fixture(scope="session")
def rev21(repository: Project, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(repository, "nace", shared / "data/classifications/nace-2.1.csv", tmp_path_factory.mktemp("rev21"))


def test_rev_2_has_its_codes_in_23_languages(rev2: Written):
    assert rev2.lengths("nace2") == {1: 21, 2: 88, 3: 272, 4: 615}
    assert (rev2.run.rows_in, rev2.run.rows_out) == (22_907, 22_907)
    assert len({label.language for label in rev2.graph.objects(None, SKOS.prefLabel)}) == 23
    assert len(list(rev2.graph.objects(iri("scheme/nace2/62.01"), SKOS.prefLabel))) == 23


def test_rev_2_1_has_its_codes_and_no_national_level(rev21: Written):
    assert rev21.lengths("nace2.1") == {1: 22, 2: 87, 3: 287, 4: 651}
    assert (rev21.run.rows_in, rev21.run.rows_out) == (1047 + 736, 1047)
    assert dict(rev21.run.refusals) == {"is no level of NACE: the file adds a national one": 736}


@pytest.mark.parametrize(("code", "above"), [("nace2/62.01", "nace2/62.0"), ("nace2/62.0", "nace2/62"), ("nace2/62", "nace2/J"),
                                             ("nace2.1/62.10", "nace2.1/62.1"), ("nace2.1/62", "nace2.1/K")])
def test_a_code_stands_below_another(rev2: Written, rev21: Written, code: str, above: str):
    graph = rev21 if "2.1" in code.partition("/")[0] else rev2
    assert graph.value(f"scheme/{code}", SKOS.broader) == iri(f"scheme/{above}")


def test_codes_are_matched_with_those_of_the_european_union(rev2: Written, rev21: Written):
    assert rev2.value("scheme/nace2/62.01", SKOS.exactMatch) == URIRef("http://data.europa.eu/ux2/nace2/6201")
    assert rev21.value("scheme/nace2.1/62.10", SKOS.exactMatch) == URIRef("http://data.europa.eu/ux2/nace2.1/6210")


def test_a_lost_apostrophe_is_put_back(rev21: Written):
    assert rev21.value("scheme/nace2.1/22.24", SKOS.prefLabel) == Literal("Manufacture of builders’ ware of plastic", lang="en")


def test_codes_of_one_name_in_both_revisions_are_close_by_a_mapping_of_the_curators(rev21: Written):
    mapping, graph = iri("id/field-mapping/nace2-to-nace2.1-16.23"), rev21.graph
    assert graph.value(mapping, iri("ns#from")) == iri("scheme/nace2/16.23")
    assert graph.value(mapping, iri("ns#to")) == iri("scheme/nace2.1/16.23")
    assert graph.value(mapping, iri("ns#madeBy")) == iri("scheme/mapping-maker/curator")
    assert rev21.value("scheme/nace2/16.23", SKOS.closeMatch) == iri("scheme/nace2.1/16.23")
    # 62.01 is another thing in Rev. 2.1, or nothing.
    assert rev21.value("scheme/nace2/62.01", SKOS.closeMatch) is None
    assert len(list(graph.subjects(RDF.type, iri("ns#FieldMapping")))) == len(list(graph.subjects(SKOS.closeMatch))) == 641


@pytest.mark.parametrize(("name", "fixture"), [("nace", "rev2"), ("nace-2-1", "rev21")])
def test_the_same_file_gives_the_committed_graph(name: str, fixture: str, repository: Project, request: pytest.FixtureRequest):
    made = request.getfixturevalue(fixture).path.read_text()
    for place in ("activity/import-", "graph/sources/"):
        made = made.replace(f"{place}nace>", f"{place}{name}>")
    assert made == (repository.root / f"data/sources/{name}.ttl").read_text()


# --- today's format

def test_the_structure_with_explanatory_notes_is_taken(repository: Project, tmp_path: Path):
    file = tmp_path / "NACE_Rev2.1_Structure_Explanatory_Notes_EN.tsv"
    rows = ["CODE\tHEADING\tLEVEL\tPARENT_CODE\tIncludes", "A\tFarming\t1\t\t", "V\tElsewhere\t1\t\t", "01\tCrops\t2\tA\tmuch",
            "01.1\tYearly crops\t3\t01\t\"in\ntwo lines\"", "01.11\tCereals\t4\t01.1\t"]
    file.write_text("\n".join(rows) + "\n")
    graph = written(repository, "nace", file, tmp_path)
    assert set(graph.codes("nace2.1")) == {"A", "V", "01", "01.1", "01.11"}
    assert graph.value("scheme/nace2.1/01", SKOS.broader) == iri("scheme/nace2.1/A")


def test_a_selection_takes_codes_with_those_above_them(repository: Project, tmp_path: Path):
    file = tmp_path / "labels.csv"
    file.write_text(f"{HEADER}{SECTION}3,01.1,en,Yearly\n2,02,en,Forests\n")
    graph = written(repository, "nace", file, tmp_path, frozenset({"01.1"}))
    assert set(graph.codes("nace2")) == {"A", "01", "01.1"} and graph.run.passed_over == 1


# --- bad input

@pytest.mark.parametrize(("row", "told"), [
    ("4,0111,en,Cereals", "column code: '0111': has the form of no section, division, group or class"),
    ("4,01.1,en,Cereals", "column level: '4': is not the level of 01.1, which is 3"),
    ("3,01.1,English,Cereals", "column lang: 'English': is no language: two small letters"),
    ("2,01,en,Crops", "column code: '01': has a name in en in an earlier row already"),
    ("3,01.1,en,", "column label: '': is empty; a name is needed")])
def test_a_row_at_fault_is_refused_with_its_place(repository: Project, tmp_path: Path, row: str, told: str):
    file = tmp_path / "labels.csv"
    file.write_text(f"{HEADER}{SECTION}{row}\n")
    graph = written(repository, "nace", file, tmp_path)
    assert told_of(graph, file) == [f"labels.csv:4: {told}"] and graph.run.rows_in == graph.run.rows_out + 1


def test_a_division_has_one_section(repository: Project, tmp_path: Path):
    file = tmp_path / "labels.csv"
    file.write_text(f"{HEADER}{SECTION}1,B,de,BERGBAU\n2,01,de,Anbau\n")
    graph = written(repository, "nace", file, tmp_path)
    assert told_of(graph, file) == ["labels.csv:5: column code: '01': stands below B here, and below A in an earlier row"]


@pytest.mark.parametrize(("text", "told"), [
    (HEADER.replace(",", ";"), "labels.csv:1: the columns are parted by a semicolon, not by a comma"),
    ("level,code,label\n", "labels.csv:1: the header lacks the column lang; it has: level, code, label"),
    (f"{HEADER}1,A,en,Farming\n3,01.1,en,Yearly\n", "labels.csv: the code 01.1 stands below 01, which the file does not have"),
    ("code;parentCode;level\nA;;1\n", "labels.csv:1: the header lacks name; it has: code, parentCode, level"),
    ("code;parentCode;level;name;a;b\nA;;1\n", "labels.csv:2: the row has 3 cells, the header has 6")])
def test_a_file_that_is_not_what_it_should_be_is_not_taken(repository: Project, tmp_path: Path, text: str, told: str):
    file = tmp_path / "labels.csv"
    file.write_text(text)
    assert refused(repository, "nace", file, tmp_path) == told


def test_another_encoding_is_told(repository: Project, tmp_path: Path):
    file = tmp_path / "labels.csv"
    file.write_bytes(f"{HEADER}1,A,fr,Pêche\n".encode("latin-1"))
    assert refused(repository, "nace", file, tmp_path).startswith("labels.csv:2: not UTF-8 (byte 0xea at column 9)")
