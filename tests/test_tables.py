"""The tables of a release: every instance a row, every value a cell, as CSVW says, and nothing a spreadsheet would run."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pandas
import pytest
from pyoxigraph import BlankNode, NamedNode, Store, Triple, parse

from conftest import hashes
from tabular import Table, plain, tables
from triplehelix.build import build
from triplehelix.build.cells import guarded
from triplehelix.project import Project
from triplehelix.turtle import fmt

BASE = "http://127.0.0.1:8000/"
XSD = "http://www.w3.org/2001/XMLSchema#"
TARGETS = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?shape ?class WHERE { GRAPH ?g { ?shape a sh:NodeShape ; sh:targetClass ?class ; sh:property ?p } }"""
COUNT = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT (COUNT(DISTINCT ?thing) AS ?count) WHERE {{
  VALUES ?class {{ {} }} ?thing a/rdfs:subClassOf* ?class FILTER isIRI(?thing) }}"""
NUMBERS = {"integer": "iu", "decimal": "iuf", "double": "f", "boolean": "b"}
RDFS = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
# Data that do to tables what data from outside may do.
HOSTILE = r"""
<id/harbour/hostile>
    a sea:Harbour ;
    skos:prefLabel "=HYPERLINK(\"http://evil.example\")"@en , "a|b"@en , "+1"@fr , "Două\nrânduri, \"aici\""@ro ;
    rdfs:comment "none of the columns"@en ;
    sea:region <scheme/region/1.1> ;
.
<id/lighthouse/hostile>
    a sea:Lighthouse ;
    skos:prefLabel "@SUM(1)"@en , "'=1"@en-gb , "plain" , "=1" ;
    sea:height -3 ;
    sea:guards <id/harbour/hostile> , <id/harbour/north> ;
.
"""
TWIN = """
<shape/sea-{n}#Lighthouse>
    a sh:NodeShape ;
    rdfs:label "Light again"@en ;
    sh:property [
        sh:name "name"@en ;
        sh:path skos:prefLabel ;
        sh:message "none"@en ;
    ] , [
        sh:path sea:height ;
        sh:message "no name, no column"@en ;
    ] ;
    sh:targetClass sea:Lighthouse ;
.
<shape/sea-{n}#Nothing>
    a sh:NodeShape ;
    rdfs:label "A kind of which there is none"@en ;
    sh:property [
        sh:name "name"@en ;
        sh:path skos:prefLabel ;
        sh:message "none"@en ;
    ] ;
    sh:targetClass sea:Wreck ;
.
"""


@pytest.fixture(scope="session", params=["mini_release", "release"])
def each(request: pytest.FixtureRequest) -> Path:
    """The release of the miniature, and that of this checkout."""
    return request.getfixturevalue(request.param)


def extended(project: Project, folder: Path) -> Path:
    """A release of the project with hostile data and further shapes."""
    for path, text in (("data/lights.ttl", HOSTILE), ("shapes/sea.ttl", TWIN.format(n=1) + TWIN.format(n=2))):
        file = project.root / path
        file.write_text(file.read_text().replace("@prefix sea:", f"{RDFS}@prefix sea:", 1) + text)
    fmt(project, project.sources, check=False)
    return build(project, folder, BASE)


@pytest.fixture(scope="module")
def hostile(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = Project(shutil.copytree(mini.root, tmp_path_factory.mktemp("hostile") / "mini"))
    return extended(copy, tmp_path_factory.mktemp("releases"))


def cells(table: Table, local: str) -> dict[str, str]:
    return next(row for row in table.rows() if row["iri"] == BASE + local)


# --- what there is

def test_every_instance_of_a_target_class_is_a_row(each: Path):
    store, found = Store.read_only(str(each / "store")), tables(each)
    classes: dict[str, set[str]] = {}
    for row in store.query(TARGETS):
        classes.setdefault(row["shape"].value, set()).add(str(row["class"]))
    for table in found.values():
        shape = table.told["dc:conformsTo"]["@id"]
        count = int(next(iter(store.query(COUNT.format(" ".join(sorted(classes[shape]))))))["count"].value)
        assert (table.name, len(table.rows()), table.told["void:entities"]) == (table.name, count, count)
    assert len(found) > 1 and sum(len(table.rows()) for table in found.values()) > 3


def test_rows_are_those_of_the_dump_and_nothing_is_lost(each: Path):
    """Each statement of a row's thing about a column is in a cell; no cell says anything else."""
    said: dict[NamedNode, set] = {}
    for quad in parse(path=each / "dumps/dataset.nt"):
        said.setdefault(quad.subject, set()).add(quad.triple)
    for table in tables(each).values():
        told = {_wide(triple) for triple in table.statements()}
        rows = [NamedNode(row["iri"]) for row in table.rows()]
        assert told == {_wide(triple) for row in rows for triple in said[row]
                        if triple.predicate.value in table.predicates and not isinstance(triple.object, BlankNode)}, table.name
        assert rows == sorted(set(rows), key=str)


def _wide(triple: Triple) -> tuple[str, str, str, str | None]:
    """A statement without its datatype: a column of numbers may hold whole ones and others, and says the wider type."""
    term = triple.object
    return triple.subject.value, triple.predicate.value, term.value, getattr(term, "language", None)


def test_a_shape_without_rows_or_without_named_columns_has_no_table(hostile: Path):
    """And those that share a fragment have files of their own."""
    assert sorted(tables(hostile)) == ["Harbour", "sea-1-Lighthouse", "sea-2-Lighthouse", "sea-Lighthouse"]
    assert tables(hostile)["sea-1-Lighthouse"].titles == ["iri", "label", "name", "name (en)", "name (en-gb)"]


def test_columns_are_in_the_order_of_the_shape(mini_release: Path):
    assert tables(mini_release)["Lighthouse"].titles == ["iri", "label", "name (en)", "height", "guards", "guards (name)"]
    assert tables(mini_release)["Harbour"].titles == ["iri", "label", "name (en)", "name (fr)", "region", "region (name)"]


# --- cells

def test_names_stand_beside_what_they_name(hostile: Path):
    row = cells(tables(hostile)["Harbour"], "id/harbour/north")
    assert row["region"].split("|") == [f"{BASE}scheme/region/{code}" for code in ("1", "1.1", "1.10")]
    assert row["region (name)"].split("|") == ["Coast", "North", "Far north"]


def test_a_separator_is_in_no_value(hostile: Path):
    table = tables(hostile)["Harbour"]
    name = next(column for column in table.columns if column["titles"] == "name (en)")
    assert name["separator"] not in "a|b" and cells(table, "id/harbour/hostile")["name (en)"].split(name["separator"])[1] == "a|b"
    # In names, which are there for reading, the mark itself gives way.
    light = cells(tables(hostile)["sea-Lighthouse"], "id/lighthouse/hostile")
    assert len(light["guards"].split("|")) == len(plain(light["guards (name)"]).split("|")) == 2


def test_nothing_is_run_as_a_formula(hostile: Path):
    risky = tuple("=+-@\t\r\n")
    for table in tables(hostile).values():
        for row in table.rows():
            assert [cell for title, cell in row.items() if cell.startswith(risky) and title != "height"] == []
    row = cells(tables(hostile)["sea-Lighthouse"], "id/lighthouse/hostile")
    assert (row["name (en)"], row["name (en-gb)"], row["height"]) == ("'@SUM(1)", "''=1", "-3")
    assert row["name"].startswith("'=1") and plain(row["name (en-gb)"]) == "'=1"


@pytest.mark.parametrize("text, datatype, cell", [
    ("-3", "integer", "-3"), ("-1.5E3", "double", "-1.5E3"), ("-0044", "gYear", "-0044"), ("-P1D", "duration", "-P1D"),
    ("-3", "string", "'-3"), ("-1+cmd|' /C calc'!A0", "integer", "'-1+cmd|' /C calc'!A0"), ("=1", "integer", "'=1"),
    ("-SUM(A1)", "decimal", "'-SUM(A1)"), ("a=b", "string", "a=b"), ("'quoted'", "string", "'quoted'"), ("''=", "string", "'''="),
    ("\t=1", "string", "'\t=1"), ("", "string", "")])
def test_what_is_guarded(text: str, datatype: str, cell: str):
    assert guarded(text, XSD + datatype) == cell and plain(cell) == text


def test_a_file_is_utf8_with_crlf_and_all_its_lines_are_whole(hostile: Path):
    data = tables(hostile)["Harbour"].path.read_bytes()
    assert data.startswith(b"iri,label,") and data.endswith(b"\r\n") and "Două\nrânduri" in data.decode()
    assert all(len(line) == len(table.columns) for table in tables(hostile).values() for line in table.lines())


# --- as others read it

def test_pandas_reads_the_types_that_csvw_says(each: Path):
    checked = set()
    for table in tables(each).values():
        frame = pandas.read_csv(table.path, encoding="utf-8", keep_default_na=False, na_values={
            c["titles"]: [""] for c in table.columns if c["datatype"] in NUMBERS})
        assert list(frame.columns) == table.titles and len(frame) == table.told["void:entities"]
        for column in table.columns:
            values = frame[column["titles"]].dropna()
            if column["datatype"] in NUMBERS and "separator" not in column and len(values):
                kind = "iuf" if len(values) < len(frame) else NUMBERS[column["datatype"]]
                assert values.dtype.kind in kind, (table.name, column)
                checked.add(column["datatype"])
            elif column["datatype"] == "date" and "separator" not in column:
                assert pandas.to_datetime(values[values != ""], format="%Y-%m-%d").notna().all(), (table.name, column)
    assert checked & {"decimal", "integer"}


def test_names_of_columns_are_unique_and_fit_for_templates(each: Path):
    for table in tables(each).values():
        names = [column["name"] for column in table.columns]
        assert len(set(names)) == len(names) == len(set(table.titles))
        assert all(name.isascii() and name.replace("_", "a").isalnum() and name[0] != "_" for name in names), names
        assert table.told["tableSchema"]["primaryKey"] == "iri" and table.told["tableSchema"]["aboutUrl"] == "{+iri}"


# --- the zip

def test_the_zip_holds_the_tables_and_what_describes_them(each: Path):
    folder = each / "dumps/tables"
    with zipfile.ZipFile(each / "dumps/tables.zip") as packed:
        assert packed.testzip() is None
        members = packed.infolist()
        assert [member.filename for member in members] == sorted(
            f"tables/{path.name}" for path in folder.iterdir() if path.suffix != ".gz")
        assert {(member.date_time, member.external_attr >> 16) for member in members} == {((1980, 1, 1, 0, 0, 0), 0o100644)}
        assert all(packed.read(member) == (folder.parent / member.filename).read_bytes() for member in members)
        assert {"tables/README.txt", "tables/csv-metadata.json"} < set(packed.namelist())


def test_equal_input_gives_equal_tables(mini: Project, mini_release: Path, tmp_path: Path):
    base = json.loads((mini_release / "manifest.json").read_bytes())["base"]
    again = build(mini, tmp_path, base)
    mine, others = (hashes(folder / "dumps") for folder in (mini_release, again))
    assert mine == others and "tables.zip" in mine and "SHA256SUMS" in mine


def test_the_sums_are_those_of_all_files(mini_release: Path):
    folder = mini_release / "dumps"
    rows = (line.split("  ", 1) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert {name: digest for digest, name in rows} == {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"}
