"""The importer bcd: the pairs of 51 categories, the organisations listed under 42, and files that are at fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registers import Said, faults, imported, small_project, streamed
from triplehelix.project import Project

FOLDER = "data/us-cluster-mapping"
HEADER = "org_id,org_title,cluster_name\r"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return small_project(tmp_path_factory.mktemp("small") / "project")


@pytest.fixture
def source(tmp_path: Path):
    """Writes the pairs, and the list where one is given; the path of the pairs."""
    def write(pairs: object, listed: str | bytes | None = None) -> Path:
        path = tmp_path / "source/related-clusters.json"
        path.parent.mkdir()
        path.write_text(json.dumps(pairs, indent=1), encoding="utf-8")
        if listed is not None:
            data = listed if isinstance(listed, bytes) else listed.encode()
            path.with_name("organizations-and-clusters.csv").write_bytes(data)
        return path
    return write


def pair(one: object = "3", other: object = "39", flag: str = "1", percentile: str = "99", name: str = "Apparel",
         other_name: str = "Printing") -> dict:
    return {"clustera": one, "clusterb": other, "cluster_name": name, "cluster_name_2": other_name, "rel_all_90_v3": flag,
            "cr_all_pc": percentile, "marginal": "0"}


@pytest.fixture(scope="module")
def american(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Said:
    target = tmp_path_factory.mktemp("american") / "us-cluster-mapping.ttl"
    return imported(small_project(target.parent / "project"), "bcd", shared / FOLDER, target)


def test_2601_pairs_and_2237_listings_are_accounted_for(american: Said):
    run = american.run
    assert (run.rows_in, run.rows_out, run.passed_over, american.told) == (2_601 + 2_237, 256 + 2_237, 2_601 - 256, [])


def test_51_numbered_categories_and_11_that_are_only_named(american: Said):
    codes = {path.rpartition("/")[2] for path in american.subjects("scheme/bcd/")}
    assert {code for code in codes if code.isdigit()} == set(map(str, range(1, 52)))
    assert sum(not code.isdigit() for code in codes) == 11
    assert american.of("scheme/bcd/3")["skos:prefLabel"] == {"Apparel"}
    assert american.of("scheme/bcd/local-utilities")["skos:notation"] == {"local-utilities"}


def test_the_256_flagged_pairs_are_related(american: Said):
    assert len(american.subjects("id/relatedness/")) == 256
    assert american.of("id/relatedness/bcd-3-39") == {
        "rdf:type": {"th:Relatedness"}, "rdfs:label": {"Relatedness of Apparel and Printing Services"},
        "th:from": {"scheme/bcd/3"}, "th:to": {"scheme/bcd/39"}, "th:score": {"0.99"}, "th:vintage": {"2014 definition"},
        "th:method": {"scheme/relatedness-method/bcd-rel-all-90"}}


def test_145_organisations_are_listed_under_42_categories_and_are_no_cluster_organisations(american: Said):
    bodies = [american.of(path) for path in american.subjects("id/organisation/")]
    listings = [category for said in bodies for category in said["th:listedUnder"]]
    assert (len(bodies), len(listings), len(set(listings))) == (145, 237, 42)
    assert {kind for said in bodies for kind in said["rdf:type"]} == {"org:Organization"}
    assert not any("th:servesField" in said for said in bodies)
    # One name stands under two numbers: whether they are one body, a person decides.
    assert len({name for said in bodies for name in said["skos:prefLabel"]}) == 144


def test_a_listed_body_has_its_number(american: Said):
    said = american.of("id/organisation/us-cluster-mapping-2260")
    assert said["skos:prefLabel"] == {"Finger Lakes Food Processing Cluster Initiative"}
    assert said["th:listedUnder"] == {"scheme/bcd/18"}
    assert american.of("id/identifier/us-cluster-mapping-2260")["skos:notation"] == {"2260"}


def test_the_committed_graph_is_what_the_importer_makes(american: Said, repository: Project):
    assert american.data == (repository.root / "data/sources/us-cluster-mapping.ttl").read_bytes()


def test_twice_the_same(shared: Path, small: Project):
    assert streamed(small, "bcd", shared / FOLDER)[1] == streamed(small, "bcd", shared / FOLDER / "related-clusters.json")[1]


def test_pairs_alone_and_lists_with_other_line_ends_are_taken(small: Project, source, tmp_path: Path):
    file = source([pair(3, 39), pair(39, 3, "0", name="Printing", other_name="Apparel")],
                  'org_id,org_title,cluster_name\n7,"Guild, Inc",Apparel\n\n7,"Guild, Inc",Local Bread\n')
    said = imported(small, "bcd", file, tmp_path / "bcd.ttl")
    assert said.of("id/organisation/us-cluster-mapping-7")["th:listedUnder"] == {"scheme/bcd/3", "scheme/bcd/local-bread"}
    file.with_name("organizations-and-clusters.csv").unlink()
    assert not imported(small, "bcd", file, tmp_path / "bcd.ttl").subjects("id/organisation/")


def test_rows_at_fault_are_refused_with_their_place(small: Project, source, tmp_path: Path):
    pairs = [pair(), pair("x"), pair("4"), pair(flag="2"), pair(percentile="101")]
    said = imported(small, "bcd", source(pairs, f"{HEADER}a,Guild,Apparel\r8,,Apparel\r9,Guild,Apparel\r"), tmp_path / "bcd.ttl")
    assert [line.partition(": ")[2] for line in said.told] == [
        "column clustera: 'x': is no number of a category", "column clustera: '4': is not the number of Apparel, which is 3",
        "column rel_all_90_v3: '2': is neither 0 nor 1", "column cr_all_pc: '101': is no percentile",
        "column organizations-and-clusters.csv org_id: 'a': is no number of the list",
        "column organizations-and-clusters.csv org_title: '': is empty; a name is needed"]
    assert said.run.rows_in == said.run.rows_out + said.run.refusals.total() == 8


@pytest.mark.parametrize(("pairs", "listed", "told"), [
    ({}, None, ":1: not the table of pairs: it needs to be a list"),
    ([{"clustera": "1"}], None, ": pair 1 lacks clusterb, cluster_name, cluster_name_2, rel_all_90_v3, cr_all_pc"),
    ([pair()], "org_id;org_title\r", ":1: the header is not org_id, org_title, cluster_name"),
    ([pair()], HEADER + "1,Guild\r", ":2: the row has 2 cells, the header has 3"),
    ([pair()], HEADER + '1,"Guild,Apparel\r', ":2: not CSV: unexpected end of data"),
    ([pair()], HEADER.encode() + b"1,Caf\xe9,Apparel\r", ": not UTF-8 (byte 0xe9): save the file in that encoding")])
def test_a_file_that_is_not_the_source_is_not_taken(small: Project, source, tmp_path: Path, pairs, listed, told: str):
    found, = faults(small, "bcd", source(pairs, listed), tmp_path / "bcd.ttl")
    assert found.endswith(told)
