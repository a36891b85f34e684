"""The importer csvmap: every type of column, maps that are at fault, and each bad table with its exact message."""

from __future__ import annotations

import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from registers import KNOWN, Said, faults, imported, small_project
from triplehelix import importers
from triplehelix.findings import Faulty
from triplehelix.importers import csvmap, mapping
from triplehelix.importers.lookups import Lookups
from triplehelix.importers.model import Run
from triplehelix.project import Project

GRAPH = KNOWN + """
@prefix xkos: <http://rdf-vocabulary.ddialliance.org/xkos#> .
<id/identifier/pic-999000001> skos:notation "999000001" ; th:identifierScheme <scheme/identifier-scheme/pic> .
<id/identifier/ror-02h4kvn10> skos:notation "02h4kvn10" ; th:identifierScheme <scheme/identifier-scheme/ror> .
<scheme/nuts2024/PT19B> skos:notation "PT19B" ; skos:inScheme <scheme/nuts2024> .
<scheme/nuts2021/UKC1> skos:notation "UKC1" ; skos:inScheme <scheme/nuts2021> .
<id/code-change/pt16b> xkos:sourceConcept <scheme/nuts2021/PT16B> ; xkos:targetConcept <scheme/nuts2024/PT19B> .
<scheme/nace2/28> skos:notation "28" ; skos:inScheme <scheme/nace2> ; skos:prefLabel "Machinery"@en .
"""
HEAD = """reads: a test
source: {slug: test-list, title: Test list, publisher: Testers, locator: here, rights: None stated.}
subject: {kind: organisation, column: id}
class: org:Organization
"""


def plain(type_: str, **more: str) -> str:
    """A map of an id and one column of a type."""
    says = {"property": "th:value", **more} if type_ not in ("identifier", "members") else more
    return HEAD + f"columns:\n  x: {{type: {type_}, {', '.join(f'{k}: {v!r}' for k, v in says.items())}}}\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_project(tmp_path_factory.mktemp("small") / "project")
    (project.root / "data/known.ttl").write_text(GRAPH, encoding="utf-8")
    return project


@pytest.fixture
def by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes csvmap read by a map: its text, or the name of one that is shipped; the map's path."""
    def use(text: str) -> Path:
        path = tmp_path / "map.yaml"
        path.write_text(text, encoding="utf-8")
        chosen = path if "\n" in text else Path(text)
        monkeypatch.setattr(importers, "importer", lambda *_: csvmap.mapped(chosen))
        return path
    return use


@pytest.fixture
def table(tmp_path: Path):
    def write(data: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path
    return write


@pytest.fixture
def read(small: Project, tmp_path: Path):
    """Imports a table by the map in use."""
    return lambda file: imported(small, "csvmap", file, tmp_path / "test-list.ttl")


@pytest.fixture
def fault_of(small: Project, tmp_path: Path):
    """What is said of a table that is not taken at all."""
    return lambda file: "\n".join(faults(small, "csvmap", file, tmp_path / "test-list.ttl"))


def cell(read, table, by, text: str, value: str) -> tuple[set[str], list[str]]:
    """What a cell says by a map of one column, and what is told of it."""
    by(text)
    said: Said = read(table(f'id,x\nok,\na,"{value}"\n'))
    return said.of("id/organisation/a").get("th:value", set()), said.told


# --- types

@pytest.mark.parametrize(("type_", "more", "value", "said"), [
    ("text", {}, "  Wood   Guild ", {"Wood Guild"}),
    ("integer", {}, "12 500", {"12500"}),
    ("decimal", {}, "1,234.50", {"1234.5"}),
    ("decimal-comma", {}, "1.234,50", {"1234.5"}),
    ("date", {}, "31.12.2016", {"2016-12-31"}),
    ("date", {}, "2016-12-31", {"2016-12-31"}),
    ("date", {"day_first": "true"}, "03/04/2016", {"2016-04-03"}),
    ("date", {"day_first": "false"}, "03/04/2016", {"2016-03-04"}),
    ("when", {}, "2016-12", {"2016-12"}),
    ("iri", {}, "https://oak.example/?a=b", {"https://oak.example/?a=b"}),
    ("code", {"scheme": "nace2"}, "28", {"scheme/nace2/28"}),
    ("code", {"scheme": "nace2", "labels": "true"}, "machinery", {"scheme/nace2/28"}),
    ("code", {"scheme": "sphere", "split": ";"}, "industry; academia", {"scheme/sphere/industry", "scheme/sphere/academia"}),
    ("reference", {"scheme": "pic"}, "999000001", {"id/organisation/forest-guild"})])
def test_a_cell_is_a_value_of_its_type(read, table, by, type_: str, more: dict, value: str, said: set[str]):
    assert cell(read, table, by, plain(type_, **more), value) == (said, [])


@pytest.mark.parametrize(("type_", "more", "value", "rule"), [
    ("integer", {}, "12.5", "is not a whole number"),
    ("decimal", {}, "1,5", "is not a number with a decimal point"),
    ("decimal-comma", {}, "1,5,0", "is not a number with a decimal comma"),
    ("date", {}, "31 Dec 2016", "is not a date: write it as 2016-12-31"),
    ("date", {}, "03/04/2016", "may be day/month or month/day: write the date as 2016-12-31"),
    ("date", {}, "31.02.2016", "is no day of the calendar"),
    ("iri", {}, "oak.example", "is not a web address"),
    ("code", {"scheme": "nuts2024", "earlier": "nuts2021"}, "AT999", "is no code of nuts2024"),
    ("code", {"scheme": "nuts2024", "earlier": "nuts2021"}, "PT16B", "is a code of nuts2021; in nuts2024 it is now PT19B"),
    ("code", {"scheme": "nuts2024", "earlier": "nuts2021"}, "UKC1",
     "is a code of nuts2021; in nuts2024 it is now without a successor"),
    ("reference", {"scheme": "pic"}, "1", "is the pic of no body of the project"),
    ("identifier", {}, "999000009", "is no identifier: write scheme:code, as in pic:999963883"),
    ("identifier", {}, "oak:1", "oak is no code of identifier-scheme"),
    ("members", {"kind": "sme", "as_of": "2024"}, "some", "is not a count: write 350, 350+ or about 350")])
def test_a_cell_of_another_type_is_refused_with_its_place(read, table, by, type_: str, more: dict, value: str, rule: str):
    assert cell(read, table, by, plain(type_, **more), value) == (set(), [f":3: column x: {value!r}: {rule}"])


def test_a_look_up_of_the_map_says_the_code_of_a_word(read, table, by):
    text = plain("code", scheme="nuts2024")[:-2] + ", lookup: {NO: AT, Styria: AT221}}\n"
    assert cell(read, table, by, text, "styria") == ({"scheme/nuts2024/AT221"}, [])
    # "NO" is Norway, or whatever the map says, and never "false".
    assert cell(read, table, by, text, "NO") == ({"scheme/nuts2024/AT"}, [])


def test_members_are_counts_with_kind_date_and_precision(read, table, by):
    by(HEAD + """columns:
  name: {type: text, property: "skos:prefLabel", language: de}
  firms: {type: members, kind: sme, as_of_column: on}
  all: {type: members, kind: total, as_of: "2024", precision: about}
""")
    said = read(table("id,name,firms,on,all\na,Gilde,300+,31.12.2024,~ 400\nb,Rat,,,0\nc,Hof,5,,1\n"))
    assert said.of("id/member-count/test-list-a-sme-2024-12-31") == {
        "rdf:type": {"th:MemberCount"}, "rdfs:label": {"Members of Gilde: sme, 2024-12-31"}, "th:body": {"id/organisation/a"},
        "th:memberKind": {"scheme/actor-kind/sme"}, "th:asOf": {"2024-12-31"}, "th:count": {"300"},
        "th:precision": {"scheme/precision/at-least"}, "dcterms:source": {"id/source/test-list"}}
    assert said.of("id/member-count/test-list-a-total-2024")["th:precision"] == {"scheme/precision/about"}
    assert said.of("id/member-count/test-list-b-total-2024")["th:count"] == {"0"}
    assert said.told == [":4: column on: '': is not a date: write it as 2016-12-31"]


# --- subjects

IDENTIFIED = HEAD.replace("column: id", "column: PIC, scheme: pic") + """constants:
  - {type: text, property: "th:sourceTerm", value: pole, language: fr}
columns:
  name: {type: text, property: "skos:prefLabel", required: true, new_only: true}
  other: {type: identifier, split: ";", optional: true}
"""


def test_a_body_is_the_one_that_has_the_identifier(read, table, by):
    by(IDENTIFIED)
    said = read(table("PIC,name,other\n999000001,Guild of Forests,siren:1\n999000002,Oak Lab,ror:02h4kvn11\n999000003,,\n"))
    assert said.of("id/organisation/forest-guild") == {
        "rdf:type": {"org:Organization"}, "th:sourceTerm": {"pole"}, "adms:identifier": {"id/identifier/siren-1"}}
    assert said.of("id/organisation/pic-999000002") == {
        "rdf:type": {"org:Organization"}, "th:sourceTerm": {"pole"}, "skos:prefLabel": {"Oak Lab"},
        "adms:identifier": {"id/identifier/pic-999000002", "id/identifier/ror-02h4kvn11"}}
    assert said.of("id/identifier/pic-999000002")["rdfs:label"] == {"PIC 999000002 of Oak Lab"}
    assert said.told == [":4: column name: '': is empty; every row needs it"]


def test_a_row_of_two_bodies_and_a_repeated_key_are_refused(read, table, by):
    by(IDENTIFIED)
    said = read(table("PIC,name,other\n999000001,Guild,ror:02h4kvn10\n999000002,Oak,\n999000002,Oak again,\n,Elm,\n"))
    base = "https://w3id.org/triplehelix/id/organisation/"
    assert said.told == [
        f":2: column other: 'ror:02h4kvn10': belongs to <{base}oak-agency>, but PIC to <{base}forest-guild>",
        ":4: column PIC: '999000002': stands in line 3 already; one row a subject",
        ":5: column PIC: '': is empty; every row needs it"]
    by(IDENTIFIED + "repeated: join\n")
    assert read(table("PIC,name,other\n999000002,Oak,siren:1\n999000002,Oak,siren:2\n")).told == []


def test_keys_that_are_no_short_names(read, table, by):
    by(plain("text"))
    said = read(table("id,x\nwood-cluster,1\nWood Cluster,1\n"))
    rule = "is no short name: write small letters, digits and hyphens, as in wood-cluster"
    assert said.told == [f":3: column id: 'Wood Cluster': {rule}"]
    by(plain("text").replace("column: id", "column: id, prefix: list"))
    assert read(table("id,x\nWood & Cluster,1\n")).subjects("id/organisation/") == {"id/organisation/list-wood-cluster"}


def test_twice_the_same_bytes_and_a_selection(small: Project, table, by, tmp_path: Path):
    by(IDENTIFIED)
    file = table("PIC,name\n999000005,Elm\n999000004,Ash\n")
    assert len({imported(small, "csvmap", file, tmp_path / "x.ttl").data for _ in range(2)}) == 1
    run = imported(small, "csvmap", file, tmp_path / "x.ttl", "999000004").run
    assert (run.rows_in, run.rows_out, run.passed_over) == (2, 1, 1)


# --- maps

@pytest.mark.parametrize("name", sorted(path.stem for path in mapping.MAPS.glob("*.yaml")))
def test_a_shipped_map_reads_a_table_of_its_columns(read, table, by, name: str):
    shipped = mapping.load(Path(name))
    by(name)
    needed = {column.name: "Oak" for column in shipped.columns if column.flag("required")}
    header = {str(shipped.subject["column"]): "123", **needed}
    said = read(table(shipped.delimiter.join(header) + "\n" + shipped.delimiter.join(header.values()) + "\n"))
    assert said.told == [] and said.run.rows_out == 1
    body, = said.subjects("id/organisation/")
    assert said.of(body)["rdf:type"] == {"th:ClusterOrganisation"} and said.of(body)["th:sourceTerm"]


@pytest.mark.parametrize(("text", "told"), [
    ("a: [", ":1: not YAML: expected the node content, but found '<stream end>'"),
    ("a: &x 1\nb: *x\n", ": a map repeats nothing by reference (*name): write it out"),
    ("- a\n", ":1: not a map: it needs to be a table with reads, source, subject and columns"),
    ("reads: x\nreads: y\n", ":2: 'reads' stands twice in one table"),
    ("reads: x\n", ":1: the map: lacks columns, source, subject"),
    (HEAD + "colums: {}\n", ":5: the map: 'colums' is nothing a map says here; it may say class, columns, constants, reads, "
                            "repeated, shape, source, subject, table"),
    (HEAD.replace("slug", "name") + "columns: {}\n",
     ":2: source: 'name' is nothing a map says here; it may say locator, publisher, rights, slug, title"),
    (HEAD + "columns: x\n", ":5: columns: write a table of names and values here"),
    (HEAD + "columns:\n  x: text\n", ":6: column 'x': write a table with type and property"),
    (HEAD + "columns:\n  x: {property: a}\n", ":6: column 'x': lacks type; the types are text, integer, decimal, decimal-comma, "
                                              "date, when, iri, code, identifier, reference, members"),
    (plain("txt"), ":6: type: 'txt' is none of 'text', 'integer', 'decimal', 'decimal-comma', 'date', 'when', 'iri', 'code', "
                   "'identifier', 'reference', 'members'"),
    (plain("code"), ":6: column 'x' of type code: lacks scheme"),
    (plain("members", kind="sme"), ":6: column 'x': a member count needs its date: as_of or as_of_column"),
    (plain("text", property="oak:value"), ":6: 'oak:value' is no prefixed name; the prefixes are adms, amo, "),
    (plain("members", kind="elf", as_of="2024"), ":6: column 'x': 'elf' is no code of actor-kind"),
    (plain("identifier", scheme="oak"), ":6: column 'x': 'oak' is no code of identifier-scheme"),
    (plain("text") + "table: {delimiter: x}\n", ":7: delimiter: 'x' is none of ',', ';', '\\t', '|'"),
    (plain("text") + "constants:\n  - {type: integer, property: th:value, value: many}\n",
     ":8: constant: 'many' is not a whole number")])
def test_a_map_at_fault_is_told_with_its_line(small: Project, table, tmp_path: Path, text: str, told: str):
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        list(csvmap.mapped(path).read(table("id,x\n"), Run(tmp_path / "table.csv", Lookups(small))))
    assert str(caught.value).removeprefix(str(path)).startswith(told)


def test_a_map_that_is_not_there(tmp_path: Path):
    with pytest.raises(Faulty, match="there is no such map; there are: eccp, go-cluster, poles, sheet, or a file of your own"):
        csvmap.mapped(tmp_path / "none.yaml")
    with pytest.raises(Faulty, match="say by which map: --map FILE.yaml, or one of eccp, go-cluster, poles, sheet"):
        csvmap.mapped(None)
    (tmp_path / "latin.yaml").write_bytes(b"reads: x\nsource: caf\xe9\n")
    with pytest.raises(Faulty, match="latin.yaml:2: not UTF-8: save the map in that encoding"):
        csvmap.mapped(tmp_path / "latin.yaml")


# --- bad tables

@pytest.mark.parametrize(("data", "told"), [
    ("id,x\na,Gr\u00fcn\n".encode("cp1252"), ":2: not UTF-8 (byte 0xfc at column 5): save the file in that encoding"),
    ("id;x\na;1\n", ":1: the columns are parted by a semicolon, not by a comma"),
    ("Our list\n\nid,x\na,1\n", ":1: the header lacks the columns id, x; it has: Our list"),
    ("id,y\na,1\n", ":1: the header lacks the column x; it has: id, y"),
    ("id,x,x\na,1,2\n", ":1: the header names x twice"),
    ("id,x\na,1,2\n", ":2: the row has 3 cells, the header has 2"),
    ("id,x\na,\"1\n", ":2: not CSV: unexpected end of data"),
    ("id,x\n", ": none of the 0 rows was taken: nothing is written")])
def test_a_bad_table_is_not_taken(fault_of, table, by, data: str | bytes, told: str):
    by(plain("text"))
    assert fault_of(table(data)) == told


def test_one_line_of_100_megabytes_is_refused_without_reading_it_all(fault_of, by, tmp_path: Path):
    by(plain("text"))
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"id,x\na,")
        file.truncate(100_000_000)
    tracemalloc.start()
    assert fault_of(path) == ":2: the line has more than 1,000,000 bytes: this is not a table"
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_a_file_that_changes_while_it_is_read(small: Project, table, tmp_path: Path):
    map_ = tmp_path / "map.yaml"
    map_.write_text(plain("text"), encoding="utf-8")
    file = table("id,x\na,1\nb,2\n")
    blocks = csvmap.mapped(map_).read(file, Run(file, Lookups(small)))
    next(blocks)
    os.utime(file, ns=(1, 1))
    with pytest.raises(Faulty, match="the file changed while it was read: import it again when it is at rest"):
        list(blocks)


@pytest.fixture
def workbook(tmp_path: Path):
    def write(*rows: list, merged: str = "", title: str = "Data") -> Path:
        book = Workbook()
        book.active.title = title
        for row in rows:
            book.active.append(row)
        if merged:
            book.active.merge_cells(merged)
        book.save(tmp_path / "table.xlsx")
        return tmp_path / "table.xlsx"
    return write


def test_a_sheet_of_a_workbook_is_taken(read, workbook, by):
    by(plain("text"))
    assert read(workbook(["id", "x"], ["a", 12.0], [None, None], ["b", "y"])).of("id/organisation/a")["th:value"] == {"12"}


@pytest.mark.parametrize(("rows", "more", "told"), [
    ([["id", "x"], ["a", "=1+1"]], {}, ":2: cell B2 is a formula: paste it as a value"),
    ([["id", "x"], ["a", "1"]], {"merged": "A2:B2"},
     ": sheet 'Data' has merged cells (A2:B2): unmerge them, so that every row says its own values"),
    ([["id", "x"]], {"title": "Sheet1"}, ": there is no sheet 'Data'; there are: Sheet1"),
    ([["List"], ["id", "x"]], {}, ":1: the header lacks the columns id, x; it has: List")])
def test_a_bad_sheet_is_not_taken(fault_of, workbook, by, rows: list, more: dict, told: str):
    by(plain("text"))
    assert fault_of(workbook(*rows, **more)) == told


def test_a_zip_bomb_and_a_file_that_is_no_workbook(fault_of, table, by, tmp_path: Path):
    by(plain("text"))
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", bytes(50_000_000))
    told = ": the workbook would unpack to 50,000,000 bytes, far more than a table of its size holds"
    assert fault_of(tmp_path / "bomb.xlsx") == told
    assert fault_of(table("id,x\n", "plain.xlsx")) == ": not a workbook (.xlsx): File is not a zip file"


def test_memory_does_not_grow_with_the_rows(small: Project, tmp_path: Path):
    map_, peaks = tmp_path / "map.yaml", []
    map_.write_text(IDENTIFIED, encoding="utf-8")
    for count in (5_000, 20_000):
        file = tmp_path / f"{count}.csv"
        file.write_text("PIC,name\n" + "".join(f"{n},Body {n}\n" for n in range(count)), encoding="utf-8")
        run = Run(file, Lookups(small))
        run.lookups.identified("pic", "1")
        tracemalloc.start()
        assert sum(1 for _ in csvmap.mapped(map_).read(file, run)) == 2 * count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] + 500_000
