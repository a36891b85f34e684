"""What pages show beyond a thing's own statements: how its queries are read, what the file of a release holds and tells."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from conftest import ROOT, free_port, triplehelix
from triplehelix.build import build
from triplehelix.description.published import Published
from triplehelix.project import Project
from triplehelix.releases import read_manifest, sha256
from triplehelix.views import FILE, UnknownFacet, Views

BASE, XSD = "http://127.0.0.1:18766/", "http://www.w3.org/2001/XMLSchema#"
EAST, NORTH, CAPE, ROCK = "id/harbour/east", "id/harbour/north", "id/lighthouse/cape", "id/lighthouse/rock"
DARK, TALL, TWIN, BUOY = (f"id/lighthouse/{name}" for name in ("dark", "tall", "twin", "buoy"))
# Three lights more, one of them without height and harbour, and a thing of a narrower class.
MORE = '''
<id/lighthouse/buoy>
    a sea:Buoy ;
    skos:prefLabel "buoy"@en ,
        "Ábója"@hu ;
    sea:height 2 ;
.

<id/lighthouse/dark>
    a sea:Lighthouse ;
    skos:prefLabel "Éteint"@en ;
.

<id/lighthouse/tall>
    a sea:Lighthouse ;
    skos:prefLabel "Tall Light"@en ;
    sea:guards <id/harbour/east> ,
        <id/harbour/north> ;
    sea:height 100 ;
.

<id/lighthouse/twin>
    a sea:Lighthouse ;
    skos:prefLabel "Tall Light"@en ;
    sea:guards <id/harbour/east> ;
    sea:height 100 ;
.
'''
NARROWER = '''
sea:Buoy
    a owl:Class ;
    rdfs:label "buoy"@en ;
    rdfs:subClassOf sea:Lighthouse ;
.
'''
VALUES = """SELECT ?thing ?value WHERE { VALUES (?thing ?value) { %s } }"""
HEADS = {"panel": "panel: sea:Harbour\n#+ order: 9\n#+ column: value Value", "facet": "facet: Harbour\n#+ order: 9",
         "coverage": "coverage: lights\n#+ says: {value} of it"}
# Texts that have broken a format of rows or keys before.
HOSTILE = ("\t", "\n", "\r\n", "\u2028", '"', "\\", "<a>", "", "a\tb\nc", "\U0001f5fc", "\u05d0\u202e", "' OR 1=1 --", "x" * 5000)


def written(project: Project, slug: str, kind: str, query: str) -> None:
    """A panel, coverage or facet in the draft; its kind is one of HEADS, or lines of a header."""
    head = HEADS.get(kind, kind)
    path = project.root / "queries" / ("facets" if head.startswith("facet") else "panels") / f"{slug}.rq"
    path.write_text(f"#+ title: {slug}\n#+ description: d\n#+ {head}\nBASE <https://example.org/mini/>\n{query}\n")


def appended(project: Project, name: str, text: str) -> None:
    path = project.root / name
    path.write_text(path.read_text() + text)


def literals(texts: tuple[str, ...]) -> str:
    return " ".join(f"(<id/harbour/east> {Literal(text)})" for text in texts)


@pytest.fixture(scope="module", name="rich")
def rich_fixture(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A release of the miniature with more lights, and queries that answer what is hard to hold."""
    folder = tmp_path_factory.mktemp("views")
    project = Project(shutil.copytree(ROOT / "tests/project", folder / "rich"))
    appended(project, "data/lights.ttl", MORE)
    appended(project, "ontology/sea.ttl", NARROWER)
    written(project, "hostile", "panel", VALUES % literals(HOSTILE) + " ORDER BY ?thing DESC(STRLEN(?value))")
    written(project, "others", "panel", VALUES % f"(<urn:x:y> 1) (<{CAPE}> 2) (<{EAST}> UNDEF)")
    mixed = " ".join(f"(<{EAST}> {value})" for value in ("10", "9", "2.5", '"b"', '"A"', '"á"'))
    written(project, "numbers", "panel", VALUES % mixed + " ORDER BY ?thing ?value")
    written(project, "word", "facet", VALUES % (literals(HOSTILE) + f" (<urn:x:y> 'z') (<{CAPE}> 'not of it')"))
    return Published(build(project, folder / "releases", BASE))


def panel(release: Published, slug: str):
    return next(each for each in release.views._panels if each.slug == slug)


def rows(release: Published, slug: str, local: str, *page: int) -> list[tuple]:
    """Rows with IRIs as local names, and literals by their value."""
    return [tuple(term and term.value.removeprefix(release.base) for term in row)
            for row in release.views.rows(panel(release, slug), local, *page)]


def names(release: Published, table: str, chosen: dict, *more: object) -> tuple[int, list[str]]:
    total, found = release.views.listed(table, chosen, *more)
    return total, [local.rpartition("/")[2] for local, _ in found]


# --- panels

def test_a_panel_says_what_its_file_says(rich: Published):
    lights = panel(rich, "lights")
    assert (lights.title, lights.picture, lights.order, lights.sourced) == ("Lights", "bars", 1.0, True)
    assert lights.columns == (("lighthouse", "Lighthouse"), ("height", "Height in metres"))
    assert lights.description.startswith("The lighthouses") and lights.coverage.startswith("{recorded} recorded here")
    assert f"BASE <{BASE}>" in lights.text and "mini" not in lights.text, "the query runs as it is where the release is served"


def test_panels_are_those_of_the_classes_of_a_thing_in_their_order(rich: Published):
    found = [each.slug for each in rich.views.panels({BASE + "ns#Harbour", "http://www.w3.org/2004/02/skos/core#Concept"})]
    assert found == ["places", "lights", "hostile", "numbers", "others"]
    assert rich.views.panels({"urn:x:none"}) == [] == rich.views.panels(())


def test_a_panel_stands_on_things_of_narrower_classes_too(draft: Project, tmp_path: Path):
    appended(draft, "data/lights.ttl", MORE)
    appended(draft, "ontology/sea.ttl", NARROWER)
    written(draft, "near", "panel: sea:Lighthouse\n#+ order: 1\n#+ column: value Value", VALUES % f"(<{BUOY}> 7)")
    release = Published(build(draft, tmp_path / "releases", BASE))
    assert [each.slug for each in release.views.panels([BASE + "ns#Buoy"])] == ["near"]
    assert rows(release, "near", BUOY) == [("7",)]


def test_rows_stand_in_the_order_of_the_query_and_each_says_its_source(rich: Published):
    expected = (TALL, "100"), (TWIN, "100"), (CAPE, "41.5")
    assert rows(rich, "lights", EAST) == [(*row, "graph/lights") for row in expected]
    assert rows(rich, "numbers", EAST) == [("2.5",), ("9",), ("10",), ("A",), ("á",), ("b",)]
    assert [len(value) for value, in rows(rich, "hostile", EAST)] == sorted(map(len, HOSTILE), reverse=True)


def test_rows_are_read_a_page_at_a_time(rich: Published):
    lights, whole = panel(rich, "lights"), rows(rich, "lights", EAST)
    assert rich.views.count(lights, EAST) == 3 and rich.views.count(lights, "id/harbour/none") == 0
    assert [rows(rich, "lights", EAST, at, 2) for at in (0, 2, 3, 9)] == [whole[:2], whole[2:], [], []]
    assert rows(rich, "lights", "id/harbour/none") == []


def test_things_of_others_and_of_other_classes_have_no_panel_and_an_empty_cell_is_none(rich: Published):
    assert rows(rich, "others", EAST) == [(None,)] and rows(rich, "others", CAPE) == []


def test_what_stands_apart_has_no_row(rich: Published):
    assert "id/lighthouse/sunken" not in str(rows(rich, "lights", EAST))


def test_a_term_comes_back_as_it_was(rich: Published):
    found = {term.value for term, in rich.views.rows(panel(rich, "hostile"), EAST)}
    assert found == set(HOSTILE)


@pytest.mark.parametrize("term", [
    NamedNode(BASE), NamedNode(BASE + "id/a%20b"), NamedNode("urn:x:y"), NamedNode(BASE + "urn:x"), None, Literal(1),
    Literal("a", language="en"), Literal("x", datatype=NamedNode(BASE + "ns#t")), *map(Literal, HOSTILE)])
def test_a_key_is_read_as_the_term_it_was_made_of(rich: Published, term):
    assert rich.views.term(rich.views.key(term)) == term
    assert rich.views.key(NamedNode(BASE + "id/x")) == "<id/x>"


def test_the_coverage_is_a_sentence_for_each_thing(rich: Published):
    lights = panel(rich, "lights")
    assert rich.views.coverage(lights, EAST) == "3 recorded here; a height is stated for 3; register complete: no"
    assert rich.views.coverage(lights, "id/harbour/none") == "" == rich.views.coverage(panel(rich, "numbers"), EAST)


@pytest.mark.parametrize(("value", "word"), [
    ("1234567", "1,234,567"), ("true", "yes"), ("false", "no"), ("1.5", "1.5"), ("UNDEF", "no data"), ("<urn:x:y>", "urn:x:y"),
    (f"<{NORTH}>", "North Harbour"), ('"{thing} \\\\1"', "{thing} \\1")])
def test_a_value_stands_in_a_sentence_as_people_write_it(draft: Project, tmp_path: Path, value: str, word: str):
    (draft.root / "queries/panels/lights-coverage.rq").unlink()
    written(draft, "beside", "coverage", VALUES % f"(<{EAST}> {value})")
    release = Published(build(draft, tmp_path / "releases", BASE))
    assert release.views.coverage(panel(release, "lights"), EAST) == f"{word} of it"


# --- tables and facets

def test_all_things_of_a_table_are_listed_by_name_without_capitals_and_accents(rich: Published):
    assert names(rich, "Lighthouse", {}) == (6, ["buoy", "cape", "dark", "rock", "tall", "twin"])
    assert names(rich, "Lighthouse", {}, "name", 1, 2) == (6, ["cape", "dark"])
    assert names(rich, "Lighthouse", {}, "name", 0, 2, True) == (6, ["twin", "tall"])
    table = next(each for each in rich.views.tables() if each.name == "Lighthouse")
    assert table.count == 6 and {BASE + "ns#Lighthouse", BASE + "ns#Buoy"} <= table.classes
    assert names(rich, "None", {}) == (0, []) and rich.views.facets("None") == [] and rich.views.tallies("None", {}) == {}


def test_a_listing_has_the_values_of_its_facets(rich: Published):
    found = dict(rich.views.listed("Lighthouse", {})[1])
    assert found[TALL] == {"height": [Literal(100)], "guarded": [NamedNode(BASE + EAST), NamedNode(BASE + NORTH)]}
    assert found[DARK] == {"height": [], "guarded": []}


def tally(release: Published, facet: str, chosen: dict) -> dict[str, int]:
    found = release.views.tallies("Lighthouse", chosen)[facet]
    return {release.views.key(term).partition("^^")[0]: count for term, count in found}


def test_values_are_counted_in_their_order_no_data_last(rich: Published):
    assert list(tally(rich, "height", {}).items()) == [('"17"', 1), ('"41.5"', 1), ('"100"', 2), ("", 2)]
    assert list(tally(rich, "guarded", {}).items()) == [(f"<{EAST}>", 3), (f"<{NORTH}>", 2), ("", 2)]


def test_choices_of_one_facet_widen_and_of_several_narrow(rich: Published):
    hundred, dark = f'"100"^^<{XSD}integer>', ""
    assert names(rich, "Lighthouse", {"height": [hundred]}) == (2, ["tall", "twin"])
    assert names(rich, "Lighthouse", {"height": [hundred, dark]}) == (4, ["buoy", "dark", "tall", "twin"])
    assert names(rich, "Lighthouse", {"height": [hundred], "guarded": [f"<{NORTH}>"]}) == (1, ["tall"])
    assert names(rich, "Lighthouse", {"height": [], "guarded": ()}) == (6, ["buoy", "cape", "dark", "rock", "tall", "twin"])
    assert names(rich, "Lighthouse", {"height": ['"no such"', "<'>", "%"]}) == (0, [])


def test_a_facet_is_counted_under_what_the_others_choose(rich: Published):
    chosen = {"guarded": [f"<{NORTH}>"], "height": [f'"41.5"^^<{XSD}decimal>']}
    assert tally(rich, "height", chosen) == {'"17"': 1, '"41.5"': 0, '"100"': 1}, "its own choice stays, at none"
    assert tally(rich, "guarded", chosen) == {f"<{EAST}>": 1, f"<{NORTH}>": 0}
    assert sum(tally(rich, "height", {"guarded": [""]}).values()) == names(rich, "Lighthouse", {"guarded": [""]})[0]


def test_things_are_sorted_by_a_facet_those_without_a_value_last(rich: Published):
    assert names(rich, "Lighthouse", {}, "height")[1] == ["rock", "cape", "tall", "twin", "buoy", "dark"]
    assert names(rich, "Lighthouse", {}, "height", 0, 9, True)[1] == ["tall", "twin", "cape", "rock", "buoy", "dark"]
    assert names(rich, "Lighthouse", {"guarded": [f"<{EAST}>"]}, "height", 1, 1) == (3, ["tall"])


@pytest.mark.parametrize("ask", [
    lambda views: views.listed("Lighthouse", {"width": ["1"]}), lambda views: views.listed("Lighthouse", {}, "width"),
    lambda views: views.tallies("Lighthouse", {"region": ["1"]})])
def test_a_facet_that_there_is_not_is_said_to_be_none(rich: Published, ask: Callable):
    with pytest.raises(UnknownFacet, match="has no facet '.*'; it has: height, guarded"):
        ask(rich.views)


def test_hostile_values_are_values(rich: Published):
    keys = [rich.views.key(Literal(text)) for text in HOSTILE]
    assert {term.value for term, _ in rich.views.tallies("Harbour", {})["word"] if term} == set(HOSTILE), "and no others"
    for key in keys:
        assert names(rich, "Harbour", {"word": [key]}) == (1, ["east"])


def test_a_facet_of_several_tables_is_one_of_each(draft: Project, tmp_path: Path):
    written(draft, "both", "facet: Harbour, Lighthouse\n#+ order: 9", VALUES % f"(<{EAST}> 1) (<{CAPE}> 2)")
    release = Published(build(draft, tmp_path / "releases", BASE))
    assert release.views.tallies("Harbour", {})["both"] == [(Literal(1), 1), (None, 1)]
    assert release.views.tallies("Lighthouse", {})["both"] == [(Literal(2), 1), (None, 1)]


# --- how properties are laid out

def test_properties_stand_in_the_groups_and_the_order_of_all_shapes_of_a_class(draft: Project, tmp_path: Path):
    appended(draft, "ontology/sea.ttl", NARROWER)
    appended(draft, "shapes/sea.ttl", '''
<shape/sea#Buoy>
    a sh:NodeShape ;
    sh:property [
            sh:group <shape/sea#size> ;
            sh:maxCount 1 ;
            sh:name "size"@en ;
            sh:order 1 ;
            sh:path sea:height ;
        ] ;
    sh:targetClass sea:Buoy ;
.

<shape/sea#Off>
    a sh:NodeShape ;
    sh:deactivated true ;
    sh:property [
            sh:name "comment"@en ;
            sh:path rdfs:comment ;
        ] ;
    sh:targetClass sea:Buoy ;
.

<shape/sea#size>
    a sh:PropertyGroup ;
    rdfs:label "Size"@en ;
    sh:order 1 ;
.
''')
    release = Published(build(draft, tmp_path / "releases", BASE))
    height = (BASE + "ns#height",)
    size, rest = release.layout(frozenset([BASE + "ns#Buoy"]))
    assert [(each.predicates, each.name, each.single) for each in size.properties] == [(height, "size", True)]
    assert (size.label, rest.label) == ("Size", "")
    assert [each.name for each in rest.properties] == ["name", "guards"], "those of the wider class"
    only, = release.layout(frozenset([BASE + "ns#Lighthouse"]))
    assert [each.name for each in only.properties] == ["name", "height", "guards"]
    assert release.layout(frozenset()) == () == release.layout(frozenset(["urn:x:none"]))


# --- the file

def test_two_builds_give_equal_bytes_also_with_another_seed_of_hashes(mini: Project, tmp_path: Path):
    for seed in ("1", "2"):
        result = triplehelix("build", tmp_path / seed, "--project", mini.root, "--base", BASE, PYTHONHASHSEED=seed)
        assert result.returncode == 0, result.stderr
    one, other = (tmp_path / seed / "current" / FILE for seed in ("1", "2"))
    assert one.read_bytes() == other.read_bytes() and one.stat().st_size > 4096
    assert read_manifest(one.parent).files[FILE] == {"bytes": one.stat().st_size, "sha256": sha256(one)}


def test_only_what_queries_find_decides_the_file_not_the_order_in_which_they_do(draft: Project, tmp_path: Path):
    files = []
    for number, values in enumerate((HOSTILE, HOSTILE[::-1])):
        written(draft, "hostile", "panel", VALUES % literals(values) + " ORDER BY ?thing DESC(STRLEN(?value))")
        written(draft, "word", "facet", VALUES % literals(values))
        release = build(draft, tmp_path / str(number), BASE)
        with sqlite3.connect(release / FILE) as connection:
            files.append([list(connection.execute(f"SELECT * FROM {table}")) for table in ("row", "term", "value", "thing")])
        connection.close()
    assert files[0] == files[1] and all(files[0])


def test_a_release_without_the_file_has_nothing_to_show(tmp_path: Path):
    views = Views(tmp_path, BASE)
    assert not views and views.panels(["urn:x"]) == [] == views.tables() and views.listed("Harbour", {}) == (0, [])


def test_a_project_without_panels_and_facets_lists_its_tables(draft: Project, tmp_path: Path):
    for room in ("panels", "facets"):
        shutil.rmtree(draft.root / "queries" / room)
    release = Published(build(draft, tmp_path, f"http://127.0.0.1:{free_port()}/"))
    assert names(release, "Harbour", {}) == (2, ["east", "north"]) and release.views.panels([release.base + "ns#Harbour"]) == []
