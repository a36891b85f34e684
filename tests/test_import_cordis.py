"""The importer cordis: the table of 2017 in full, its repairs, today's layout, and files that are at fault."""

from __future__ import annotations

import csv
import tracemalloc
from pathlib import Path

import pytest

from registers import faults, imported, recreated, small_project, streamed
from triplehelix.importers.cordis import escaped, repaired
from triplehelix.project import Project

FILE = "data/cordis/h2020-organisations-2017.csv"
HEADER_2017 = "orgId,name,shortName,activityType,city,country,numProjects,street\n"
HEADER = ("projectID;projectAcronym;organisationID;vatNumber;name;shortName;SME;activityType;street;postCode;city;country;"
          "nutsCode;geolocation;organizationURL;contactForm;order;role;ecContribution;netEcContribution;totalCost;endOfParticipation;active\n")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return small_project(tmp_path_factory.mktemp("small") / "project")


@pytest.fixture
def table(tmp_path: Path):
    """Writes a file below the temporary folder; the folder of the target is another."""
    def write(text: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return write


def today(project: str = "101000001", pic: str = "999000002", nuts: str = "", role: str = "participant", name: str = "Oak Lab",
          vat: str = "", kind: str = "REC", place: str = "Linz;AT", url: str = "", acronym: str = "OAKS") -> str:
    return (f"{project};{acronym};{pic};{vat};{name};OL;false;{kind};Main Street 1;4020;{place};{nuts};\"(48.3,14.28)\";{url};;"
            f"1;{role};250000.50;250000.50;300000;false;true\n")


def test_the_table_of_2017_in_full_within_flat_memory(shared: Path, small: Project):
    tracemalloc.start()
    run, digest = streamed(small, "cordis", shared / FILE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (run.rows_in, run.rows_out, run.refusals.total(), run.passed_over) == (16_592, 16_587, 5, 0)
    assert sorted(run.refusals.values()) == [1, 4]
    assert peak < 20_000_000
    assert streamed(small, "cordis", shared / FILE)[1] == digest


def test_all_687_garbled_strings_are_repaired(shared: Path):
    with (shared / FILE).open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(map(escaped, file), strict=True) for cell in row if not cell.isascii()]
    assert len(cells) == 687
    assert all(cell != repaired(cell) == cell.encode("mac_roman").decode() for cell in cells)
    assert repaired("VERKET F√ñR INNOVATIONSSYSTEM") == "VERKET FÖR INNOVATIONSSYSTEM"
    assert repaired("Universität Łódź") == "Universität Łódź"


def test_the_committed_graph_is_what_the_importer_makes(shared: Path, repository: Project, tmp_path: Path):
    committed, now, said, wanted = recreated(repository.root, "cordis", shared / FILE, tmp_path)
    assert now == committed
    assert said.run.rows_out == len(wanted) == 70
    assert said.run.rows_in == said.run.rows_out + said.run.passed_over == 16_592


def test_a_body_of_2017(small: Project, table, tmp_path: Path):
    file = table(HEADER_2017 + '"922899808","ENERGOKLASTR","EK","REC","BRNO","CZ",3,"X"\n')
    said = imported(small, "cordis", file, tmp_path / "out.ttl", "922899808")
    assert said.of("id/organisation/pic-922899808") == {
        "rdf:type": {"th:ClusterOrganisation"}, "th:sourceTerm": {"KLASTR"}, "skos:prefLabel": {"ENERGOKLASTR"},
        "rdfs:comment": {"The term is the word in its own name."}, "skos:altLabel": {"EK"}, "th:seat": {"id/area/brno-cz"},
        "adms:identifier": {"id/identifier/pic-922899808"}, "th:listedUnder": {"scheme/cordis-activity-type/REC"}}
    assert said.of("id/area/brno-cz") == {"rdf:type": {"th:Area"}, "skos:prefLabel": {"Brno"},
                                          "dcterms:isPartOf": {"id/area/czechia"}}
    assert said.of("id/identifier/pic-922899808")["th:status"] == {"scheme/status/verified"}
    assert said.of("id/observation/cordis-2017-projects-922899808") == {
        "rdf:type": {"http://purl.org/linked-data/cube#Observation"}, "rdfs:label": {"Projects of ENERGOKLASTR, 2017"},
        "th:observes": {"id/organisation/pic-922899808"}, "th:indicator": {"scheme/indicator/projects"},
        "th:figure": {"scheme/figure/actual"}, "th:unit": {"scheme/unit/one"}, "th:period": {"2017"}, "th:value": {"3"},
        "dcterms:source": {"id/source/cordis"}}


def test_a_name_alone_makes_no_cluster_organisation(small: Project, table, tmp_path: Path):
    said = imported(small, "cordis", table(HEADER_2017 + "999000003,WOOD CLUSTER,WC,OTH,Riga,LV,1,\n"), tmp_path / "out.ttl")
    assert said.of("id/organisation/pic-999000003")["rdf:type"] == {"org:Organization"}


def test_a_body_that_the_project_knows_keeps_its_name_and_seat(small: Project, table, tmp_path: Path):
    file = table(HEADER_2017 + "999000001,FOREST GUILD EV,Forest Guild,OTH,WIEN,AT,1,\n")
    said = imported(small, "cordis", file, tmp_path / "out.ttl")
    assert said.of("id/organisation/forest-guild") == {
        "skos:altLabel": {"FOREST GUILD EV"}, "adms:identifier": {"id/identifier/pic-999000001"},
        "th:listedUnder": {"scheme/cordis-activity-type/OTH"}}


def test_a_town_that_the_project_knows_is_that_town(small: Project, table, tmp_path: Path):
    said = imported(small, "cordis", table(HEADER_2017 + "999000002,OAK LAB,,REC,GRAZ,AT,1,\n"), tmp_path / "out.ttl")
    assert said.of("id/organisation/pic-999000002")["th:seat"] == {"id/area/graz"}
    assert said.of("id/area/graz")["skos:prefLabel"] == {"Graz"}
    assert said.of("id/area/austria")["th:approximatedBy"] == {"scheme/nuts2024/AT"}


def test_bare_quotation_marks_of_2017(small: Project, table, tmp_path: Path):
    rows = ('999000002,"ASSOCIATION "NATIONAL CENTRE"","N","OTH",SOFIA,BG,1,\n'
            '999000003,"LAB ""X"" LTD",,"PRC",SOFIA,BG,1,"A\nB"\n')
    said = imported(small, "cordis", table(HEADER_2017 + rows), tmp_path / "out.ttl")
    assert said.of("id/organisation/pic-999000002")["skos:prefLabel"] == {'ASSOCIATION "NATIONAL CENTRE"'}
    assert said.of("id/organisation/pic-999000003")["skos:prefLabel"] == {'LAB "X" LTD'}


def test_today_one_body_takes_part_in_many_projects(small: Project, table, tmp_path: Path):
    file = table("\ufeff" + HEADER + today(nuts="AT221", role="coordinator", vat="ATU1", url="www.oak.example")
                 + today("692471", acronym="WOOD PLUS", role="thirdParty") + today(pic="999000001", name="FOREST GUILD"))
    said = imported(small, "cordis", file, tmp_path / "out.ttl")
    assert said.of("id/organisation/pic-999000002") == {
        "rdf:type": {"org:Organization"}, "skos:prefLabel": {"Oak Lab"}, "skos:altLabel": {"OL"},
        "th:seat": {"scheme/nuts2024/AT221"}, "th:listedUnder": {"scheme/cordis-activity-type/REC"},
        "adms:identifier": {"id/identifier/pic-999000002", "id/identifier/vat-atu1"}, "foaf:homepage": {"http://www.oak.example"}}
    assert said.of("id/participation/cordis-101000001-999000002") == {
        "rdf:type": {"th:Participation"}, "rdfs:label": {"Oak Lab in OAKS"}, "th:body": {"id/organisation/pic-999000002"},
        "th:in": {"id/project/cordis-101000001"}, "th:role": {"scheme/participation-role/coordinator"}}
    assert said.of("id/project/cordis-101000001") == {
        "rdf:type": {"foaf:Project"}, "dcterms:title": {"OAKS"}, "adms:identifier": {"id/identifier/grant-101000001"}}
    known = said.of("id/participation/cordis-692471-999000002")
    assert known["th:in"] == {"id/project/wood-plus"}
    assert "th:role" not in known
    assert said.of("id/participation/cordis-101000001-999000001")["th:body"] == {"id/organisation/forest-guild"}
    assert said.subjects("id/project/") == {"id/project/cordis-101000001"}


def test_regions_of_an_earlier_vintage_and_of_countries_that_have_none(small: Project, table, tmp_path: Path):
    file = table(HEADER + today(nuts="PT16B", place="Leiria;PT") + today(pic="999000003", nuts="UKI31", place="London;UK"))
    said = imported(small, "cordis", file, tmp_path / "out.ttl")
    assert said.of("id/organisation/pic-999000002")["th:seat"] == {"scheme/nuts2021/PT16B"}
    assert said.of("id/organisation/pic-999000003")["th:seat"] == {"id/area/london-gb"}
    assert said.of("id/area/london-gb")["dcterms:isPartOf"] == {"id/area/united-kingdom"}


@pytest.mark.parametrize(("row", "message"), [
    (today(pic="99900000"), ":3: column organisationID: '99900000': is no PIC: nine digits"),
    (today(project="H2020"), ":3: column projectID: 'H2020': is no number of a project"),
    (today(), ":3: column organisationID: '999000002': takes part in the project in an earlier row already"),
    (today(pic="999000003", nuts="AT999"), ":3: column nutsCode: 'AT999': is no region of NUTS 2024 or 2021"),
    (today(pic="999000003", nuts="Wien"), ":3: column nutsCode: 'Wien': is no code of a NUTS region"),
    (today(pic="999000003", kind="FOO"),
     ":3: column activityType: 'FOO': is no activity type of CORDIS (HES, OTH, PRC, PUB, REC)"),
    (today(pic="999000003", place="Linz;QQ"), ":3: column country: 'QQ': is no country code of ISO 3166-1 alpha-2"),
    (today(pic="999000003", name=""), ":3: column name: '': is empty; a name is needed"),
    (today(pic="999000003", url="not an address"),
     ":3: column organizationURL: 'http://not an address': is not a web address"),
])
def test_a_row_at_fault_is_refused_with_its_place(small: Project, table, tmp_path: Path, row: str, message: str):
    said = imported(small, "cordis", table(HEADER + today() + row), tmp_path / "out.ttl")
    assert said.told == [message]
    assert (said.run.rows_in, said.run.rows_out) == (2, 1)


def test_repeated_bodies_and_persons_of_2017_are_refused(small: Project, table, tmp_path: Path):
    rows = "999000002,OAK LAB,OL,PRC,Linz,AT,1,\n" * 2 + "999000003,MUELLER ANNA,Anna Müller,PRC,Bonn,DE,1,\n"
    said = imported(small, "cordis", table(HEADER_2017 + rows), tmp_path / "out.ttl")
    assert said.told == [
        ":3: column orgId: '999000002': stands in an earlier row",
        ":4: column name: 'MUELLER ANNA': is possibly the name of a natural person: the short name has the same words in "
        "another order"]


@pytest.mark.parametrize(("content", "message"), [
    (HEADER.replace(";", ",") + today(), ":1: the columns are parted by a comma, not by a semicolon"),
    (HEADER.replace("nutsCode;", "") + today(), ":1: the header lacks the column nutsCode; it has: projectID, "),
    ("", ":1: the header lacks the columns projectID, "),
    (HEADER.encode() + today(name="Universität").encode("latin-1"), ":2: not UTF-8 (byte 0xe4 at column "),
    (HEADER + today().replace(";false;true", ""), ":2: the row has 21 cells, the header has 23"),
    (HEADER + "x" * 1_100_000, ":2: the line has more than 1,000,000 bytes: this is not a table"),
    (HEADER, ": none of the 0 rows was taken: nothing is written"),
])
def test_a_file_at_fault_is_not_taken(small: Project, table, tmp_path: Path, content: str | bytes, message: str):
    told, = faults(small, "cordis", table(content), tmp_path / "out" / "x.ttl")
    assert told.startswith(message)
