"""search.sqlite: what is found by which text, in which order, with bounded work, and equal bytes for equal input."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Store

from conftest import ROOT, triplehelix
from triplehelix import search, store
from triplehelix.build import build, gate
from triplehelix.build import search as writing
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import TYPE
from triplehelix.findings import Faulty
from triplehelix.letters import plain
from triplehelix.project import Project
from triplehelix.releases import read_manifest
from triplehelix.search import FILE, Found, Search, Thing, key_of, marked, matched, words_of

BASE, CANONICAL = "http://127.0.0.1:18766/", "https://w3id.org/triplehelix/"
LONG = "Very " * 1000 + "long"
PLACES = f"""@base <https://example.org/mini/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sea: <https://example.org/mini/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<graph/places>
    a void:Dataset ;
    dcterms:title "Places"@en ;
    dcterms:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:modified "2020-02-05"^^xsd:date ;
.

<id/harbour/krakow>
    a sea:Harbour ;
    skos:prefLabel "Kraków"@pl ,
        "Krakau"@de ;
    skos:altLabel "Cracow"@en ;
    skos:notation "62.10" ;
    owl:sameAs <https://places.example/krk> ;
    adms:identifier <id/identifier/krk> ;
    sea:region <scheme/region/1.1> ;
.

<id/harbour/long>
    a sea:Harbour ;
    skos:prefLabel "{LONG}"@en ;
    sea:region <scheme/region/1.1> ;
.

<id/harbour/sofia>
    a sea:Harbour ;
    skos:prefLabel "София (столица)"@bg ,
        "مرفأ صوفيا"@ar ;
    sea:region <scheme/region/1.10> ;
.

<id/harbour/zeeland>
    a sea:Harbour ;
    skos:prefLabel "Østre Ærø, Łódź & Straße"@da ;
    sea:region <scheme/region/1> ;
.

<id/identifier/krk>
    a adms:Identifier ;
    rdfs:label "ROR 05wzskb47 of Kraków"@en ;
    skos:notation "05wzskb47" ;
.
"""
TERMS = """
@prefix adms: <http://www.w3.org/ns/adms#> .

adms:Identifier a owl:Class .
adms:identifier a owl:ObjectProperty .
owl:sameAs a owl:ObjectProperty .
skos:altLabel a owl:AnnotationProperty .
"""
KINDS = """PREFIX sea: <https://example.org/mini/ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?class ?kind ?order ?name WHERE {
  VALUES (?class ?kind ?order ?name) {
    (sea:Lighthouse "Lights" 2 UNDEF)
    (sea:Harbour "Harbours and ports" 1 "haven")
    (skos:Concept "Codes" 3 "code")
  }
}
"""
BESIDE = """PREFIX sea: <https://example.org/mini/ns#>
SELECT ?thing ?beside ?place WHERE { ?thing sea:region ?beside BIND(1 AS ?place) }
"""


def written(root: Path) -> Project:
    """The miniature with more harbours, and with the queries that say what people look for."""
    (root / "data/places.ttl").write_text(PLACES)
    with (root / "ontology/align.ttl").open("a") as terms:
        terms.write(TERMS)
    (root / f"queries/pages/{writing.KINDS}.rq").write_text(KINDS)
    (root / f"queries/pages/{writing.BESIDE}.rq").write_text(BESIDE)
    return Project(root)


@pytest.fixture(scope="module", name="sea")
def sea_fixture(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of that. Not to be changed."""
    folder = tmp_path_factory.mktemp("search")
    return build(written(Path(shutil.copytree(mini.root, folder / "project"))), folder / "releases", BASE)


def found(release: Path, query: str, kind: str = "", local: str = "") -> list[str]:
    """The local names of what a query finds."""
    known = Search(release)
    return [thing.local for thing in known.things(known.find(query, known.kind(kind), local).things)]


def thing(release: Path, local: str) -> Thing:
    known = Search(release)
    return next(each for each in known.things(range(1, 100)) if each.local == local)


# --- the file

def test_equal_input_gives_equal_bytes(mini: Project, tmp_path: Path):
    project = written(Path(shutil.copytree(mini.root, tmp_path / "project")))
    for seed in ("1", "2"):
        result = triplehelix("build", tmp_path / seed, "--project", project.root, "--base", BASE, PYTHONHASHSEED=seed)
        assert result.returncode == 0, result.stderr
    one, other = (tmp_path / seed / "current" / FILE for seed in ("1", "2"))
    assert one.read_bytes() == other.read_bytes() and one.stat().st_size > 4096


def test_the_manifest_lists_the_file(sea: Path):
    assert read_manifest(sea).files[FILE]["bytes"] == (sea / FILE).stat().st_size


def test_every_document_in_use_and_every_term_is_there_once(sea: Path):
    release, known = Published(sea), Search(sea)
    rows = [each.local for each in known.things(range(1, known.kinds[-1].last + 1))]
    things = {local for local, _ in release.resources.all() if local.startswith(("id/", "scheme/"))}
    assert len(rows) == len(set(rows)) and things - set(rows) == {"id/lighthouse/sunken"}
    assert {"ns#Harbour", "ns#guards", "query/lights-of-a-harbour", "graph/places", "dataset"} <= set(rows)
    assert "id/lighthouse/sunken" not in rows, "what stands in unverified graphs only is not part of the dataset"


def test_the_kinds_follow_each_other_without_a_gap(sea: Path):
    kinds = Search(sea).kinds
    assert [kind.slug for kind in kinds[:3]] == ["harbours-and-ports", "lights", "codes"]
    assert kinds[0].first == 1 and all(one.last + 1 == other.first for one, other in zip(kinds, kinds[1:], strict=False))


def test_without_queries_of_the_project_the_classes_are_the_kinds(mini_release: Path):
    names = {kind.name for kind in Search(mini_release).kinds}
    assert {"harbour", "lighthouse"} <= names
    assert found(mini_release, "east") == ["id/harbour/east"]


def test_things_of_ours_come_before_codes_and_terms(mini_release: Path):
    assert [local.split("/")[0] for local in found(mini_release, "ort")] == ["id", "scheme", "scheme"]


def test_the_gate_finds_a_file_that_finds_nothing(sea: Path, tmp_path: Path):
    copy = Path(shutil.copytree(sea, tmp_path / "release", ignore=shutil.ignore_patterns("store", "dumps")))
    assert writing.faults(copy) == []
    (copy / FILE).chmod(0o644)
    with sqlite3.connect(copy / FILE) as connection:
        connection.executescript("DELETE FROM key; INSERT INTO part (part) VALUES ('delete-all')")
    connection.close()
    assert {finding.message for finding in writing.faults(copy)} == {"is not found by its name"}
    (copy / FILE).write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(Faulty, match="cannot be read again"):
        gate._of_search(copy)


def test_a_release_without_the_file_finds_nothing(tmp_path: Path):
    known = Search(tmp_path)
    assert not known and known.find("anything") == Found(("anything",)) and known.kinds == ()


# --- what is found

@pytest.mark.parametrize("query", [
    "Kraków", "krakow", "KRAKÓW", "Krako\u0301w", "krak", "rako", "krakau", "cracow", "62.10", "6210", "62 1", "05wzskb47",
    "https://ror.org/05wzskb47", "https://places.example/krk", "http://places.example/krk/", "places.example/krk"])
def test_a_harbour_is_found_first(sea: Path, query: str):
    assert found(sea, query)[0] == "id/harbour/krakow"


def test_an_identifier_with_the_name_of_its_register_finds_what_it_identifies(sea: Path):
    assert found(sea, "ROR 05wzskb47") == ["id/identifier/krk", "id/harbour/krakow"]


@pytest.mark.parametrize(("query", "local"), [
    ("sofiya", "id/harbour/sofia"), ("СОФИЯ", "id/harbour/sofia"), ("stolitsa", "id/harbour/sofia"),
    ("صوفيا", "id/harbour/sofia"), ("ostre", "id/harbour/zeeland"), ("aero", "id/harbour/zeeland"),
    ("lodz", "id/harbour/zeeland"), ("strasse", "id/harbour/zeeland"), ("lighthouse", "ns#Lighthouse"),
    ("sea:guards", "ns#guards"), ("guards", "ns#guards"), ("lights of", "query/lights-of-a-harbour"),
    ("far nor", "scheme/region/1.10"), ("été", "id/harbour/north"), ("very long", "id/harbour/long")])
def test_all_that_has_a_name_is_found_by_it(sea: Path, query: str, local: str):
    assert local in found(sea, query)


def test_an_iri_of_ours_finds_its_thing(sea: Path):
    assert found(sea, BASE + "id/harbour/east", local="id/harbour/east") == ["id/harbour/east"]


def test_the_order_is_whole_beginning_word_part_and_then_kind(sea: Path):
    known = Search(sea)
    looked = known.find("north")
    rows = [(each.local, looked.way(place)) for place, each in enumerate(known.things(looked.things))]
    assert rows[:2] == [("scheme/region/1.1", search.EXACT), ("id/harbour/north", search.START)]
    words = [local for local, way in rows[2:] if way == search.WORDS]
    beside = [local for local, way in rows[2:] if way == search.BESIDE]
    assert words == ["scheme/region/1.10"] and "id/harbour/krakow" in beside and len(rows) == 3 + len(beside)
    assert looked.ways == tuple(sum(way == each for _, way in rows) for each in range(5)) and looked.complete
    assert known.find("orth").ways == (0, 0, 0, 0, 3)


def test_what_stands_beside_a_name_helps_to_find_it(sea: Path):
    assert "id/harbour/krakow" in found(sea, "krakow north") and found(sea, "krakow far") == []
    assert [each.text for each in thing(sea, "id/harbour/krakow").beside] == ["Coast", "North"]
    assert [each.text for each in thing(sea, "scheme/region/1.1").beside] == ["Regions of the coast"]


def test_results_are_narrowed_down_by_kind(sea: Path):
    known = Search(sea)
    looked, codes = known.find("north"), known.kind("codes")
    assert set(found(sea, "north", "codes")) == {"scheme/region/1.1", "scheme/region/1.10"} and looked.of(codes) == 2
    assert sum(looked.of(kind) for kind in known.kinds) == len(looked.things)
    assert known.kind("none") is None


def test_a_thing_is_shown_by_name_class_and_code(sea: Path):
    one = thing(sea, "id/harbour/krakow")
    assert (one.name, one.lang, one.class_name, one.code) == ("Krakau", "de", "haven", "62.10")
    long = thing(sea, "id/harbour/long")
    assert len(long.name) == writing.SHOWN and long.name.endswith("…")


@pytest.mark.parametrize(("query", "role", "text"), [
    ("cracow", "also", "Cracow"), ("6210", "code", "62.10"), ("05wz", "identifier", "05wzskb47"), ("krakó", "name", "Kraków")])
def test_the_text_that_matches_is_known(sea: Path, query: str, role: str, text: str):
    by = matched(thing(sea, "id/harbour/krakow"), words_of(query))
    assert by and (by.role, by.text) == (role, text)


def test_what_is_found_by_its_place_has_no_text_that_matches(sea: Path):
    assert matched(thing(sea, "id/harbour/krakow"), ["north"]) is None


# --- what is forgiven, and what is not

@pytest.mark.parametrize("query", ["", " ", "?!", "🚢", "\0", "''", "%", "*", "-", "\u0301", "____"])
def test_without_letters_and_figures_nothing_is_looked_for(sea: Path, query: str):
    assert Search(sea).find(query) == Found(())


@pytest.mark.parametrize("query", [
    'east" OR "north', "east AND north", "NEAR(east north)", "words : east", "east*", "^east", "-east", "{words beside}: east",
    "'; DROP TABLE thing; --", "east\0harbour", "🚢 east", "a", "1", "ﷺ" * 190, "x" * 200, " ".join("abcdefghijklmnop")])
def test_operators_are_words_like_others(sea: Path, query: str):
    known = Search(sea)
    words = words_of(query)
    for number in known.find(query).things:
        held = " ".join([*(each.text for each in known.things([number])[0].texts), known.things([number])[0].name,
                         *(each.text for each in known.things([number])[0].beside)])
        assert all(word in key_of(held) or word in key_of(held).replace(" ", "") for word in words)
    assert found(sea, "east")[0] == "id/harbour/east", "the file is as it was"


def test_of_very_many_things_the_first_are_listed(sea: Path, monkeypatch: pytest.MonkeyPatch):
    whole = Search(sea).find("north")
    monkeypatch.setattr(search, "MOST", 2)
    some = Search(sea).find("north")
    assert whole.complete and not some.complete and len(some.things) < len(whole.things)


@pytest.mark.parametrize(("query", "like"), [
    ("krakaw", "krakow"), ("lighthoose", "lighthouse"), ("nrth", "north"), ("xyz", ""), ("qqqqq", ""), ("é", "")])
def test_a_word_that_nothing_has_is_likened(sea: Path, query: str, like: str):
    assert Search(sea).spelled_like(words_of(query)[0]) == like


def test_letters_are_made_plain():
    assert [plain(text) for text in ("Ångström", "ΑΤΤΙΚΉ", "İstanbul", "ĳssel", "ﬁne")] == [
        "angstrom", "attiki", "istanbul", "ijssel", "fine"]


def test_what_is_looked_for_is_marked():
    assert marked("Kraków, Łódź", ["krak", "od"]) == [("Kraków", True), (", ", False), ("Łódź", True)]
    assert "".join(text for text, _ in marked("<b>&", ["b"])) == "<b>&" and marked("", ["b"]) == []


# --- the queries of this repository

def asked(filled: Store, name: str) -> list[dict]:
    """What a query of this repository answers."""
    return list(store.rows(filled, (ROOT / f"queries/pages/{name}.rq").read_text(), CANONICAL))


def test_each_thing_of_this_repository_is_of_a_kind_that_is_listed(filled: Store):
    listed = {row["class"] for row in asked(filled, writing.KINDS)}
    kinds: dict[NamedNode, set[NamedNode]] = {}
    for quad in filled.quads_for_pattern(None, TYPE, None, DefaultGraph()):
        kinds.setdefault(quad.subject, set()).add(quad.object)
    things = {subject: found for subject, found in kinds.items() if subject.value.startswith(CANONICAL + "id/")}
    assert len(things) > 1000 and [str(subject) for subject, found in things.items() if not found & listed] == []


def test_the_kinds_of_this_repository_have_an_order_each(filled: Store):
    rows = asked(filled, writing.KINDS)
    places = [float(row["order"].value) for row in rows]
    assert len(set(places)) == len(places) and len({row["class"] for row in rows}) == len(rows)


def test_bodies_regions_and_works_of_this_repository_have_something_beside_them(filled: Store):
    beside = {row["thing"].value.removeprefix(CANONICAL).rpartition("/")[0] for row in asked(filled, writing.BESIDE)}
    assert {"id/organisation", "scheme/nuts2024", "id/work", "id/expression", "id/strategy", "id/priority"} <= beside
