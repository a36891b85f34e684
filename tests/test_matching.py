"""Deduplication: what identifiers decide, what is proposed to a person, and how well, on pairs known by hand.

tests/matching/pairs.csv was written from the sources before there was anything to tune; second-pairs.csv was held out.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from triplehelix import matching
from triplehelix.importers import values
from triplehelix.matching.bodies import Body, Data, identifier, located
from triplehelix.matching.names import Weights, named
from triplehelix.matching.pairs import Candidate, candidates, merges
from triplehelix.project import Project
from triplehelix.turtle import fmt

PAIRS = Path(__file__).parent / "matching"
SAME_AS = "http://www.w3.org/2002/07/owl#sameAs"


@dataclass(frozen=True)
class Pair:
    """Two bodies of different sources, and whether they are one."""

    one: Body
    other: Body
    same: bool

    @property
    def key(self) -> frozenset[str]:
        return frozenset((self.one.iri, self.other.iri))


@dataclass(frozen=True)
class Measured:
    """The pairs that are one by identifiers, and those that are proposed beside them, out of the true and the false."""

    pairs: list[Pair]
    merged: set[frozenset[str]]
    proposed: set[frozenset[str]]

    def recall(self) -> float:
        true = [pair.key for pair in self.pairs if pair.same]
        return sum(key in self.merged | self.proposed for key in true) / len(true)

    def precision(self, chosen: set[frozenset[str]]) -> float:
        hits = [pair.same for pair in self.pairs if pair.key in chosen]
        return sum(hits) / len(hits)


def rows(name: str) -> list[dict[str, str]]:
    with (PAIRS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def body(iri: str, names: str, place: str = "", identifiers: str = "") -> Body:
    """A body as a line of the lists says it: "name | other name", "Town, CC" or a NUTS code, "scheme number; ..."."""
    town, _, country = place.rpartition(", ")
    places = located([town] if town else [], [] if town else [place], [country] if town else [])
    keys = (key.split(" ", 1) for key in identifiers.split("; ") if key)
    return Body(iri, frozenset(names.split(" | ")), places, frozenset(identifier(*key) for key in keys))


def pairs(name: str) -> list[Pair]:
    return [Pair(*(body(f"urn:{number}{side}", *(row[f"{column} {side}"] for column in ("name", "place", "identifiers")))
                   for side in "AB"), row["same"] == "yes") for number, row in enumerate(rows(name), 1)]


def measured(name: str) -> Measured:
    listed = pairs(name)
    bodies = [body for pair in listed for body in (pair.one, pair.other)]
    certain = (merge for pair in listed for merge in merges([pair.one, pair.other]) if not merge.against)
    return Measured(listed, keys(certain), keys(proposed(bodies)))


def keys(found: Iterable) -> set[frozenset[str]]:
    return {frozenset((match.keep.iri, match.give_up.iri)) for match in found}


def proposed(bodies: Iterable[Body]) -> list[Candidate]:
    return candidates(bodies, lambda *_: False)


# --- how well

@pytest.mark.parametrize(("name", "true", "false"), [("pairs.csv", 30, 30), ("second-pairs.csv", 10, 10)])
def test_identifiers_merge_without_a_mistake(name: str, true: int, false: int):
    found = measured(name)
    assert [sum(pair.same == same for pair in found.pairs) for same in (True, False)] == [true, false]
    assert found.merged and found.precision(found.merged) == 1.0
    shared = {pair.key for pair in found.pairs if pair.same and pair.one.identifiers & pair.other.identifiers}
    assert found.merged == shared


@pytest.mark.parametrize(("name", "least"), [("pairs.csv", 0.9), ("second-pairs.csv", 0.8)])
def test_candidates_find_nearly_all(name: str, least: float, capsys: pytest.CaptureFixture[str]):
    found = measured(name)
    with capsys.disabled():
        print(f"\n{name}: recall {found.recall():.2f}; precision of merges {found.precision(found.merged):.2f}, "
              f"of candidates {found.precision(found.proposed):.2f}")
    assert found.recall() >= least


@pytest.mark.parametrize("name", ["pairs.csv", "second-pairs.csv"])
def test_the_pairs_are_of_real_names(name: str, shared: Path):
    with (shared / "data/cordis/h2020-organisations-2017.csv").open(encoding="utf-8", newline="") as file:
        pics = {row["orgId"]: {_plain(values.name("name", row["name"]).value)} for row in csv.DictReader(file)}
    icos: dict[str, set[str]] = {}
    for row in json.loads((shared / "data/czech-ris3/subjekty_vav.json").read_text())["subjekty"]:
        icos.setdefault(row["ico"], set()).add(_plain(row["nazev"]))
    of_sources = {f"pic {pic}": known for pic, known in pics.items()} | {f"ico {ico}": known for ico, known in icos.items()}
    listed = [(row[f"identifiers {side}"], _plain(row[f"name {side}"].split(" | ")[0])) for row in rows(name) for side in "AB"]
    found = [written in of_sources[key] for key, written in listed if key in of_sources]
    curated = sum(row["how known"].startswith(("same PIC", "same IČO")) for row in rows(name))
    assert len(found) > len(listed) / 3 and found.count(False) <= curated


def _plain(name: str) -> str:
    return " ".join(name.replace('"', "").split()).casefold()


# --- identifiers

def test_a_body_with_two_iris_is_named_with_the_one_to_keep():
    one = body("https://x/id/organisation/pic-1", "Skagen Pier", identifiers="pic 999; ror 0abc")
    own = body("https://x/id/organisation/skagen", "The Pier", identifiers="pic 999")
    merge, = merges([one, own])
    assert (merge.keep, merge.give_up, merge.by, merge.against) == (own, one, ("pic", "999"), ())


def test_identifiers_that_contradict_each_other_merge_nothing():
    one = body("urn:a", "Skagen Pier", identifiers="pic 999; ror 0abc")
    other = body("urn:b", "Skagen Pier", identifiers="pic 999; ror 0def")
    merge, = merges([one, other])
    assert merge.against == ("ror",)
    assert proposed([one, other]) == []
    found = matching.Matches([merge], [], 2, "2020-01-01")
    assert [re.sub("<.*?>", "", finding.message) for finding in found.findings()] == [
        "has the pic 999 of , but another ror: one of these identifiers is wrong"]


@pytest.mark.parametrize("written", ["01365258", "1365258", "0136 5258", "https://ares.gov.cz/ico/01365258/"])
def test_an_identifier_is_the_same_however_it_is_written(written: str):
    assert identifier("ico", written) == ("ico", "1365258")


def test_a_part_is_not_merged_with_its_body():
    assert merges([body("urn:a", "Univerzita Karlova", identifiers="ico 216208"),
                   body("urn:b", "Univerzita Karlova / Archiv", identifiers="ico 00216208")]) == []


def test_two_identifiers_of_one_scheme_forbid_a_candidate():
    one, other = (body(f"urn:{pic}", "Northern Sea Lights Cluster", "Oslo, NO", f"pic {pic}") for pic in (1, 2))
    assert proposed([one, other]) == []


# --- names and places

@pytest.mark.parametrize(("one", "other"), [
    ("Silicon Saxony Management GmbH", "SILICON SAXONY MANAGEMENT G.m.b.H."),
    ("Plastikářský klastr", "PLASTIKARSKY KLASTR, z. s."),
    ("КЛЪСТЕР АЙТОС", "Sdruzhenie Klaster Aytos"),
    ("Fakultet strojarstva, Sveučilište u Zagrebu", "SVEUCILISTE U ZAGREBU, FAKULTET STROJARSTVA"),
    ("DISTRETTO TECNOLOGICO AEROSPAZIALE S.C. A R.L.", "Distretto Tecnologico Aerospaziale SCARL"),
    ("Mov’eo", "MOV'EO"),
])
def test_names_are_the_same_but_for_form_letters_and_order(one: str, other: str):
    assert Weights([[named(one)], [named(other)]]).agreement(named(one), named(other)) == 1.0


def test_rare_words_say_more_than_those_that_all_have():
    near = [body(f"urn:{name}", name, "LV") for name in ("Amber Cluster", "Wood Cluster", "The Amber Association")]
    crowd = [body(f"urn:{n}", f"Cluster {n}x{n}", "LV") for n in range(60)]
    assert keys(proposed([*near, *crowd])) == {frozenset(("urn:Amber Cluster", "urn:The Amber Association"))}


def test_place_raises_and_another_country_lowers():
    there = body("urn:b", "Amber Weaving Guild", "Riga, LV")
    scores = [proposed([body("urn:a", "Amber Weaving Guild", place), there])[0].score for place in ("Riga, LV", "LV", "", "EE")]
    assert scores == [1.0, 0.92, 0.85, 0.6]


@pytest.mark.parametrize(("names", "sentence"), [
    ("Amber Weaving Guild", "Same name: Amber Weaving Guild."),
    ("Amber Weaving Guild Ltd", "Same name but for the legal form: Amber Weaving Guild Ltd and Amber Weaving Guild."),
    ("Guild Amber Weaving", "Same words in another order: Guild Amber Weaving and Amber Weaving Guild."),
    ("Amber Weaving Guild Riga", "One name holds the other: Amber Weaving Guild Riga and Amber Weaving Guild."),
    ("AWG | Weaving Amber", "The short name AWG is the initials of Amber Weaving Guild."),
])
def test_evidence_says_in_words_what_agrees(names: str, sentence: str):
    candidate, = proposed([body("urn:a", names, "LV"), body("urn:b", "Amber Weaving Guild", "LV")])
    assert sentence in candidate.evidence and "Same country." in candidate.evidence


def test_the_name_of_a_town_is_no_name():
    assert proposed([body("urn:a", "LODZ | UNIWERSYTET MEDYCZNY", "Lodz, PL"), body("urn:b", "Miasto Łódź", "Łódź, PL")]) == []


def test_pairs_are_sought_by_rare_words_only():
    crowd = [body(f"urn:{n}", f"Cluster {n:05}a", "DE") for n in range(20_000)]
    assert proposed(crowd) == []


# --- a project

def told(draft: Project, more: str = "") -> Project:
    """The draft with two IRIs of one body, and what else is said."""
    (draft.root / "data/bodies.ttl").write_text("""@base <https://example.org/mini/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix org: <http://www.w3.org/ns/org#> .
<id/organisation/amber> skos:prefLabel "Amber Weaving Guild"@en .
<id/organisation/pic-7> skos:prefLabel "AMBER WEAVING GUILD LTD" .
""" + more)
    return Project(draft.root)


def test_candidates_stand_apart_and_say_no_same_as(draft: Project):
    project = told(draft)
    found = matching.find(project)
    matching.write(project, found)
    written = Project(draft.root)
    source = next(source for source in written.sources if source.name == matching.FILE)
    assert source.part == "apart" and fmt(written, [source], check=True) == []
    text = source.path.read_text()
    assert "<id/match/amber-as-pic-7>" in text and "score 0.85" in text and SAME_AS not in text and "sameAs" not in text
    assert '"2020-02-29"' in text
    matching.write(written, matching.find(written))
    assert source.path.read_text() == text


@pytest.mark.parametrize("more", [
    "<id/organisation/pic-7> org:subOrganizationOf <id/organisation/amber> .",
    "<id/change/amber> org:originalOrganization <id/organisation/pic-7> ; org:resultingOrganization <id/organisation/amber> .",
])
def test_bodies_that_the_data_tell_apart_are_no_candidates(draft: Project, more: str):
    assert len(matching.find(told(draft)).candidates) == 1
    assert matching.find(told(draft, more)).candidates == []


def test_what_a_person_has_decided_stays(draft: Project):
    project = told(draft)
    matching.write(project, matching.find(project))
    path = draft.root / matching.FILE
    path.write_text(path.read_text().replace("scheme/status/candidate", "scheme/status/rejected"))
    judged = Project(draft.root)
    matching.write(judged, matching.find(judged))
    assert "scheme/status/rejected" in path.read_text() and "scheme/status/candidate" not in path.read_text()


def test_a_code_of_all_of_a_country_is_no_region():
    assert located(["Praha 4"], ["CZ010", "SI0"]) == located(["Praha"], ["CZ010", "SI"])


def test_a_body_is_where_its_seat_lies(draft: Project):
    project = told(draft, """@prefix dcterms: <http://purl.org/dc/terms/> . @prefix sea: <https://example.org/mini/ns#> .
<id/organisation/amber> sea:seat <id/area/riga> .
<id/area/riga> skos:prefLabel "Riga"@en ; sea:approximatedBy <scheme/nuts2024/LV006> ; dcterms:isPartOf <id/area/latvia> .
<id/area/latvia> sea:approximatedBy <scheme/nuts2024/LV> .
""")
    assert Data(project).bodies[0].places == located(["Riga"], ["LV006"], ["LV"])


def test_the_repository_has_no_body_under_two_iris(repository: Project):
    assert [str(finding) for finding in matching.find(repository).findings()] == []


def test_the_candidates_of_the_repository_are_those_of_its_data(repository: Project):
    found = matching.find(repository)
    assert Data(repository).newest == found.day
    text = (repository.root / matching.FILE).read_text()
    assert all(f"-as-{max(c.keep.slug, c.give_up.slug)}>" in text for c in found.candidates)
    assert text.count("a th:CandidateMatch") == len(found.candidates)
