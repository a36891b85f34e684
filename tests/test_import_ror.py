"""The importer ror: the records in reach, both schemas, folder, dump and zip, withdrawn records, and files at fault."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from registers import faults, imported, recreated, small_project, streamed
from triplehelix.project import Project

SCHEMA_1 = {
    "id": "https://ror.org/026cgcq38", "name": "Health Guild", "types": ["Nonprofit"], "status": "active", "established": None,
    "relationships": [{"label": "Part", "type": "Child", "id": "https://ror.org/00k4n6c32"}],
    "addresses": [{"city": "Porto"}], "links": ["https://guild.example"], "aliases": ["Guild for Health"], "acronyms": ["HG"],
    "labels": [{"label": "Guilda da Saúde", "iso639": "pt"}], "country": {"country_name": "Portugal", "country_code": "PT"},
    "external_ids": {"ISNI": {"preferred": None, "all": ["0000 0005 0631 565X"]}, "FundRef": {"preferred": None, "all": ["1"]},
                     "Wikidata": {"preferred": "Q2", "all": ["Q1", "Q2"]}, "GRID": {"preferred": None, "all": "grid.1.2"}}}
SCHEMA_2 = {
    "id": "https://ror.org/00k4n6c32", "status": "active", "types": ["education", "funder"], "established": 1958, "domains": [],
    "names": [{"value": "OC ", "lang": None, "types": ["acronym"]},
              {"value": "Collège du chêne", "lang": "fr", "types": ["label"]},
              {"value": "Oak College", "lang": "en", "types": ["ror_display", "label"]}],
    "links": [{"type": "website", "value": "https://oak.example"}, {"type": "wikipedia", "value": "https://wiki.example/Oak"}],
    "external_ids": [{"type": "wikidata", "preferred": None, "all": ["Q3"]}], "admin": {},
    "relationships": [{"type": "parent", "id": "https://ror.org/05wzskb47", "label": "Elsewhere"}],
    "locations": [{"geonames_details": {"country_code": "AT", "country_name": "Austria", "name": "Graz"}, "geonames_id": 1}]}
WITHDRAWN = {**SCHEMA_1, "id": "https://ror.org/02h4kvn10", "name": "Oak Agency", "status": "withdrawn",
             "relationships": [{"label": "Oak Agency", "type": "Successor", "id": "https://ror.org/0438wbg98"}]}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return small_project(tmp_path_factory.mktemp("small") / "project")


@pytest.fixture
def records(tmp_path: Path):
    def write(*documents: object) -> Path:
        path = tmp_path / "records.json"
        path.write_text(json.dumps(documents, indent=1), encoding="utf-8")
        return path
    return write


def test_the_27_records_in_reach(shared: Path, small: Project):
    run, digest = streamed(small, "ror", shared / "data/ror")
    assert (run.rows_in, run.rows_out, run.refusals.total()) == (27, 27, 0)
    assert streamed(small, "ror", shared / "data/ror")[1] == digest


def test_the_committed_graph_is_what_the_importer_makes(shared: Path, repository: Project, tmp_path: Path):
    committed, now, said, wanted = recreated(repository.root, "ror", shared / "data/ror", tmp_path)
    assert now == committed
    assert len(wanted) == said.run.rows_out == 27
    assert {f"id/identifier/ror-{ror}" for ror in wanted} < said.subjects("id/identifier/ror-")
    # The withdrawn record of a body names another in its place.
    assert said.of("id/identifier/ror-02h4kvn10")["dcterms:isReplacedBy"] == {"id/identifier/ror-0438wbg98"}
    assert said.of("id/identifier/ror-0438wbg98")["th:status"] == {"scheme/status/candidate"}
    # The record that may stand for one site only is a body of its own.
    assert said.of("id/organisation/ror-05wzskb47")["skos:prefLabel"] == {"Joint Research Centre"}


def test_a_record_of_schema_1(small: Project, records, tmp_path: Path):
    said = imported(small, "ror", records(SCHEMA_1), tmp_path / "out.ttl")
    assert said.of("id/organisation/forest-guild") == {
        "skos:altLabel": {"Health Guild", "Guild for Health", "HG", "Guilda da Saúde"}, "foaf:homepage": {"https://guild.example"},
        "th:listedUnder": {"scheme/ror-type/nonprofit"},
        "adms:identifier": {"id/identifier/ror-026cgcq38", "id/identifier/isni-000000050631565x", "id/identifier/wikidata-q2",
                            "id/identifier/grid-1-2"}}
    assert said.of("id/identifier/isni-000000050631565x") == {
        "rdf:type": {"adms:Identifier"}, "rdfs:label": {"ISNI 000000050631565X of Health Guild"},
        "skos:notation": {"000000050631565X"}, "th:identifierScheme": {"scheme/identifier-scheme/isni"},
        "th:status": {"scheme/status/verified"}}


def test_a_record_of_schema_2(small: Project, records, tmp_path: Path):
    said = imported(small, "ror", records(SCHEMA_2), tmp_path / "out.ttl")
    assert said.of("id/organisation/ror-00k4n6c32") == {
        "rdf:type": {"org:Organization"}, "skos:prefLabel": {"Oak College"}, "skos:altLabel": {"OC", "Collège du chêne"},
        "th:seat": {"id/area/graz"}, "foaf:homepage": {"https://oak.example"},
        "th:listedUnder": {"scheme/ror-type/education", "scheme/ror-type/funder"},
        "adms:identifier": {"id/identifier/ror-00k4n6c32", "id/identifier/wikidata-q3"}}
    assert '"Collège du chêne"@fr' in said.data.decode()


def test_parts_are_said_of_bodies_that_are_there(small: Project, records, tmp_path: Path):
    said = imported(small, "ror", records(SCHEMA_1, SCHEMA_2), tmp_path / "out.ttl")
    assert said.of("id/organisation/ror-00k4n6c32")["org:subOrganizationOf"] == {"id/organisation/forest-guild"}


def test_a_withdrawn_record_says_only_that_its_identifier_is_rejected(small: Project, records, tmp_path: Path):
    said = imported(small, "ror", records(WITHDRAWN), tmp_path / "out.ttl")
    assert said.of("id/organisation/oak-agency") == {"adms:identifier": {"id/identifier/ror-02h4kvn10"}}
    assert said.of("id/identifier/ror-02h4kvn10") == {
        "rdf:type": {"adms:Identifier"}, "rdfs:label": {"ROR 02h4kvn10 of Oak Agency"}, "skos:notation": {"02h4kvn10"},
        "th:identifierScheme": {"scheme/identifier-scheme/ror"}, "th:status": {"scheme/status/rejected"},
        "dcterms:isReplacedBy": {"id/identifier/ror-0438wbg98"}}
    assert said.subjects("id/area/") == set()


def test_folder_dump_and_zip_say_the_same(small: Project, records, tmp_path: Path):
    folder, packed = tmp_path / "folder", tmp_path / "records.zip"
    folder.mkdir()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for number, document in enumerate((SCHEMA_1, SCHEMA_2)):
            (folder / f"{number}.json").write_text(json.dumps(document), encoding="utf-8")
            file.writestr(f"v1/{number}.json", json.dumps(document))
    digests = {streamed(small, "ror", path)[1] for path in (folder, records(SCHEMA_1, SCHEMA_2), packed)}
    assert len(digests) == 1


def test_a_selection_passes_over_the_others(small: Project, records, tmp_path: Path):
    run = imported(small, "ror", records(SCHEMA_1, SCHEMA_2), tmp_path / "out.ttl", "00k4n6c32").run
    assert (run.rows_in, run.rows_out, run.passed_over) == (2, 1, 1)


@pytest.mark.parametrize(("change", "message"), [
    ({"id": "https://ror.org/12345"}, "column id: 'https://ror.org/12345': is no ROR identifier"),
    ({"id": None}, "column id: '': is missing"),
    ({"status": "asleep"}, "column status: 'asleep': is no status of a record of ROR"),
    ({"types": ["guild"]}, "column types: 'guild': is no type of ROR"),
    ({"locations": []}, "column record: '00k4n6c32': is of neither schema of ROR (list index out of range)"),
    ({"names": [{"value": "", "lang": None, "types": []}]}, "column names: '': is empty; a name is needed"),
])
def test_a_record_at_fault_is_refused_with_its_line(small: Project, records, tmp_path: Path, change: dict, message: str):
    said = imported(small, "ror", records(SCHEMA_1, {**SCHEMA_2, **change}), tmp_path / "out.ttl")
    second = json.dumps([SCHEMA_1], indent=1).count("\n") + 1
    assert said.told == [f":{second}: {message}"]


@pytest.mark.parametrize(("content", "message"), [
    (b'[{"id": "x"},]', ":1: not JSON: a record is expected here"),
    (b'[{"id": "x"}\n {"id": "y"}]', ":2: not JSON: a comma or ] is expected here"),
    (b'[{"id": "x"},\n{"id": }]', ":2: not JSON: Expecting value"),
    (b'[{"id": "x"}', ":1: not JSON: a comma or ] is expected here"),
    (b'[] []', ":1: not JSON: something follows the last record"),
    ('[{"id": "é"}]'.encode("latin-1"), ":1: not UTF-8 (byte 0xe9): save the file in that encoding"),
    (b"[" * 100_000, ":1: not JSON: its brackets are nested too deeply"),
    (b'[{"id": "' + b"x" * 10_100_000, ":1: not JSON: the record has more than 10,000,000 characters"),
    (b"[]", ": none of the 0 rows was taken: nothing is written"),
])
def test_a_file_at_fault_is_not_taken(small: Project, tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "records.json"
    path.write_bytes(content)
    assert faults(small, "ror", path, tmp_path / "out" / "x.ttl") == [message]


def test_a_zip_that_unpacks_to_far_more_is_not_taken(small: Project, tmp_path: Path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("records.json", b"[" + b" " * 30_000_000 + b"]")
    told, = faults(small, "ror", path, tmp_path / "out" / "x.ttl")
    assert told == ": records.json would unpack to 30,000,002 bytes, far more than a file of its size holds"


def test_a_folder_without_records_is_not_taken(small: Project, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    assert faults(small, "ror", tmp_path / "empty", tmp_path / "out" / "x.ttl") == [": there is no .json file in it"]
