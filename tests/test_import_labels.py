"""The importer labels: awards by identifier or name, their times, and rows that are at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from registers import KNOWN, faults, imported, small_project
from triplehelix.project import Project

HEADER = "holder,level,awardedBy,awardedOn,validUntil,source\n"
AWARD = "pic:999000001,Gold,oak-agency,2015-03,2017-03,https://oak.example/awards\n"
NO_BODY = "is no body of the project: add the body first, or write scheme:identifier"
IDENTIFIER = """
<id/identifier/pic-999000001> skos:notation "999000001" ; th:identifierScheme <scheme/identifier-scheme/pic> .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_project(tmp_path_factory.mktemp("small") / "project")
    (project.root / "data/known.ttl").write_text(KNOWN + IDENTIFIER, encoding="utf-8")
    return project


@pytest.fixture
def table(tmp_path: Path):
    def write(rows: str, header: str = HEADER) -> Path:
        path = tmp_path / "awards.csv"
        path.write_text(header + rows, encoding="utf-8")
        return path
    return write


def test_an_award(small: Project, table, tmp_path: Path):
    said = imported(small, "labels", table(AWARD), tmp_path / "labels.ttl")
    assert said.of("id/award/forest-guild-gold-2015-03") == {
        "rdf:type": {"th:LabelAward"}, "rdfs:label": {"Gold label of Forest Guild, 2015-03"},
        "th:holder": {"id/organisation/forest-guild"}, "th:level": {"scheme/label-level/gold"},
        "th:awardedBy": {"id/organisation/oak-agency"}, "th:awardedOn": {"2015-03"}, "th:validUntil": {"2017-03"},
        "dcterms:source": {"https://oak.example/awards"}}


def test_a_body_by_name_a_year_a_day_and_a_source_of_the_project(small: Project, table, tmp_path: Path):
    rows = "forest-guild,silver,oak-agency,2012,,oak-list\nforest-guild,Bronze,oak-agency,1.2.2010,2012-02-01,oak-list\n"
    said = imported(small, "labels", table(rows), tmp_path / "labels.ttl")
    assert said.subjects("id/award/") == {"id/award/forest-guild-silver-2012", "id/award/forest-guild-bronze-2010-02-01"}
    assert said.of("id/award/forest-guild-silver-2012")["dcterms:source"] == {"id/source/oak-list"}
    assert "th:validUntil" not in said.of("id/award/forest-guild-silver-2012")


def test_twice_the_same_bytes_and_a_selection_of_holders(small: Project, table, tmp_path: Path):
    file = table(AWARD + "forest-guild,silver,oak-agency,2012,,oak-list\n")
    assert len({imported(small, "labels", file, tmp_path / "labels.ttl").data for _ in range(2)}) == 1
    said = imported(small, "labels", file, tmp_path / "labels.ttl", "forest-guild")
    assert (said.run.rows_in, said.run.rows_out, said.run.passed_over) == (2, 1, 1)


@pytest.mark.parametrize(("row", "told"), [
    ("elm-guild,gold,oak-agency,2015,,x", f"holder: 'elm-guild': {NO_BODY}"),
    ("pic:1,gold,oak-agency,2015,,x", f"holder: 'pic:1': {NO_BODY}"),
    (",gold,oak-agency,2015,,x", f"holder: '': {NO_BODY}"),
    ("forest-guild,diamond,oak-agency,2015,,x", "level: 'diamond': is no level of label-level: bronze, gold, silver"),
    ("forest-guild,gold,the oak,2015,,x", f"awardedBy: 'the oak': {NO_BODY}"),
    ("forest-guild,gold,oak-agency,,,x", "awardedOn: '': is not a date: write it as 2016-12-31"),
    ("forest-guild,gold,oak-agency,2015-13,,x", "awardedOn: '2015-13': is not a date: write it as 2016-12-31"),
    ("forest-guild,gold,oak-agency,03/04/2015,,x",
     "awardedOn: '03/04/2015': may be day/month or month/day: write the date as 2016-12-31"),
    ("forest-guild,gold,oak-agency,2015,2014-12,x", "validUntil: '2014-12': lies before 2015, when it was awarded"),
    ("forest-guild,gold,oak-agency,2015,,", "source: '': is neither a web address nor the name of a source of the project"),
    ("forest-guild,gold,oak-agency,2015,,ftp://x", "source: 'ftp://x': is not a web address"),
    ("forest-guild,gold,oak-agency,2015-03,,x", "holder: 'forest-guild': has this award in line 2 already")])
def test_a_row_at_fault_is_refused_with_its_place(small: Project, table, tmp_path: Path, row: str, told: str):
    said = imported(small, "labels", table(AWARD + row + "\n"), tmp_path / "labels.ttl")
    assert said.told == [f":3: column {told}"]
    assert (said.run.rows_in, said.run.rows_out, said.run.refusals.total()) == (2, 1, 1)


@pytest.mark.parametrize(("header", "told"), [
    ("holder,level,awardedBy,awardedOn,source\n",
     ":1: the header lacks the column validUntil; it has: holder, level, awardedBy, awardedOn, source"),
    (HEADER.replace(",", ";"), ":1: the columns are parted by a semicolon, not by a comma"),
    ("", ":1: the header lacks the columns holder, level, awardedBy, awardedOn, validUntil, source; it has: nothing")])
def test_a_file_that_is_not_such_a_table_is_not_taken(small: Project, table, tmp_path: Path, header: str, told: str):
    assert faults(small, "labels", table("", header), tmp_path / "labels.ttl") == [told]
