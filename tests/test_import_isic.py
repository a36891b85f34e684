"""The importer of ISIC Rev. 4: nested JSON, and the table of the United Nations."""

import json
from pathlib import Path

import pytest
from rdflib import Literal
from rdflib.namespace import SKOS

from classification_graphs import Written, iri, refused, told_of, written
from triplehelix.project import Project

NESTED = {"sections": [{"section": "a", "description": "Farming", "divisions": [
    {"division": "01", "description": "Crops", "groups": [
        {"group": "011", "description": "Yearly crops", "classes": [{"class": "0111", "description": "Cereals"}]}]}]}]}


@pytest.fixture(scope="session")
def isic(repository: Project, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(repository, "isic", shared / "data/classifications/isic-4.json", tmp_path_factory.mktemp("isic"))


def test_rev_4_has_its_codes(isic: Written):
    assert isic.lengths("isic4") == {1: 21, 2: 88, 3: 238, 4: 419} and sum((21, 88, 238, 419)) == 766
    assert (isic.run.rows_in, isic.run.rows_out, isic.told) == (766, 766, [])


def test_a_code_stands_below_another_and_has_its_name(isic: Written):
    assert isic.value("scheme/isic4/0111", SKOS.broader) == iri("scheme/isic4/011")
    assert isic.value("scheme/isic4/01", SKOS.broader) == iri("scheme/isic4/A")
    assert isic.value("scheme/isic4/0112", SKOS.prefLabel) == Literal("Growing of rice", lang="en")
    assert isic.value("scheme/isic4/0112", SKOS.exactMatch) is None


def test_the_same_file_gives_the_committed_graph(isic: Written, repository: Project):
    assert isic.path.read_bytes() == (repository.root / "data/sources/isic.ttl").read_bytes()


def test_the_table_of_the_united_nations_is_taken(repository: Project, tmp_path: Path):
    file = tmp_path / "ISIC_Rev_4_english_structure.txt"
    file.write_text('"Code","Description"\n"A","Farming"\n"01","Crops"\n"011","Yearly crops"\n"0111","Cereals"\n')
    graph = written(repository, "isic", file, tmp_path)
    assert set(graph.codes("isic4")) == {"A", "01", "011", "0111"}
    assert graph.value("scheme/isic4/01", SKOS.broader) == iri("scheme/isic4/A")


def test_a_selection_takes_codes_with_those_above_them(repository: Project, tmp_path: Path):
    file = tmp_path / "isic.json"
    file.write_text(json.dumps(NESTED))
    graph = written(repository, "isic", file, tmp_path, frozenset({"01"}))
    assert set(graph.codes("isic4")) == {"A", "01"} and graph.run.passed_over == 2


@pytest.mark.parametrize(("row", "told"), [
    ("01.1,Yearly", "column Code: '01.1': has the form of no section, division, group or class"),
    ("01,Again", "column Code: '01': has a name in en in an earlier row already"),
    ("02,", "column Description: '': is empty; a name is needed")])
def test_a_row_at_fault_is_refused_with_its_place(repository: Project, tmp_path: Path, row: str, told: str):
    file = tmp_path / "isic.csv"
    file.write_text(f"Code,Description\nA,Farming\n01,Crops\n{row}\n")
    assert told_of(written(repository, "isic", file, tmp_path), file) == [f"isic.csv:4: {told}"]


@pytest.mark.parametrize(("name", "text", "told"), [
    ("i.json", "{", "i.json:1: not JSON: Expecting property name enclosed in double quotes at column 2"),
    ("i.json", "[]", "i.json: there is no list of entries with a section where one is needed"),
    ("i.json", '{"sections": [{"section": "a"}]}', "i.json:1: an entry lacks its section or its description"),
    ("i.csv", "Code;Description\nA;Farming\n", "i.csv:1: the columns are parted by a semicolon, not by a comma"),
    ("i.csv", "Code,Description\nA,Farming\n011,Yearly\n", "i.csv: the code 011 stands below 01, which the file does not have")])
def test_a_file_that_is_not_what_it_should_be_is_not_taken(repository: Project, tmp_path: Path, name: str, text: str, told: str):
    (tmp_path / name).write_text(text)
    assert refused(repository, "isic", tmp_path / name, tmp_path) == told
