"""The files of queries/panels and queries/facets: what is found wrong with them before a build, and by it."""

import re
from pathlib import Path

import pytest

from triplehelix import check, panels
from triplehelix.build import build
from triplehelix.findings import Faulty
from triplehelix.project import Project

BASE, EAST = "http://127.0.0.1:18766/", "id/harbour/east"
SOUND, OF_FACET = "SELECT ?thing ?a { ?thing ?p ?a }", "SELECT ?thing ?value { ?thing ?p ?value }"
ROWS = "SELECT ?thing ?value WHERE { VALUES (?thing ?value) { %s } }"
PANEL, COLUMN, FACET = ("panel: sea:Harbour", "order: 1"), "column: a A", ("facet: Harbour", "order: 1")
VALUE = "column: value Value"


def written(project: Project, name: str, header: tuple[str, ...], query: str) -> None:
    """A file in the draft, whose header begins with title and description, and its query on the line behind the header."""
    lines = [f"#+ {line}" for line in ("title: t", "description: d", *header)]
    (project.root / "queries" / name).write_text("\n".join((*lines, query, "")))


# --- check

@pytest.mark.parametrize(("header", "query", "line", "message"), [
    (("order: 1",), SOUND, 1, "the header lacks panel: add a line '#+ panel: ...'"),
    (("panel: sea:Boat", "order: 1", COLUMN), SOUND, 3, "sea:Boat is no class that the ontology declares"),
    (("panel: sea:Harbour, ship:Boat", "order: 1", COLUMN), SOUND, 3, "ship:Boat is no class that the ontology declares"),
    (("panel: Boat", "order: 1", COLUMN), SOUND, 1, "classes by prefixed names, as th:Area, th:Region; 'Boat' is none"),
    (("panel: sea:Harbour", "order: nan", COLUMN), SOUND, 1, "the order is a number, not 'nan'"),
    (PANEL, SOUND, 1, "nothing would be shown: add a line '#+ column: variable Heading'"),
    ((*PANEL, "column: a"), SOUND, 1, "a column line is '#+ column: variable Heading', not 'a'"),
    ((*PANEL, "picture: pie", COLUMN), SOUND, 1, "there is no picture 'pie'; there are: bars, map, timeline"),
    ((*PANEL, "colour: red", COLUMN), SOUND, 1, "the header has no line 'colour'"),
    ((*PANEL, "order: 2", COLUMN), SOUND, 1, "the header says order twice"),
    ((*PANEL, COLUMN, "column: b B"), SOUND, 6, "the query does not select ?b"),
    ((*PANEL, COLUMN), "SELECT ?a ?thing { ?thing ?p ?a }", 1, "the query is a SELECT with ?thing first"),
    ((*PANEL, COLUMN), "ASK { ?thing ?p ?a }", 1, "the query is a SELECT with ?thing first"),
    ((*PANEL, COLUMN), "SELECT ?thing ?a { ?thing ?p ?a ; ; . . }", 7, "not SPARQL 1.1"),
    ((*PANEL, COLUMN), "SELECT ?thing ?a { ?thing sea:guards ?a }", 6, "not SPARQL 1.1"),
    ((*PANEL, COLUMN), "SELECT ?thing (SAMPLE(?b) AS ?a) { ?thing ?p ?b } GROUP BY ?thing", 6, "SAMPLE takes any value"),
    ((*PANEL, COLUMN), SOUND + " ORDER BY ?thing ?a LIMIT 5", 1, "nothing stands behind ORDER BY and its keys: take 'LIMIT' out"),
    ((*PANEL, COLUMN), "SELECT * { ?thing ?p ?a } ORDER BY ?thing", 1, "name in SELECT what it selects, in the place of *"),
    ((*PANEL, COLUMN), "SELECT ?thing ?a { ?thing ?p ?a } ORDER BY", 7, "not SPARQL 1.1"),
    ((*PANEL, COLUMN), "SELECT ?thing ?a { ?thing ?p ?a", 7, "not SPARQL 1.1"),
    (("coverage: boats", "says: {a} here"), SOUND, 3, "there is no panel boats; there are: lights, places"),
    (("coverage: lights", "says: {a} here"), SOUND, 3, "lights-coverage.rq tells the coverage of lights already"),
    (("coverage: places", "says: {b} here"), SOUND, 1, "the query does not select ?b"),
    (("coverage: lights",), SOUND, 1, "the header lacks says"),
])
def test_check_finds_what_a_panel_cannot_keep(draft: Project, header: tuple[str, ...], query: str, line: int, message: str):
    written(draft, "panels/x.rq", header, query)
    found = [finding for finding in check.check(draft)[1] if finding.path == "queries/panels/x.rq"]
    assert [finding.line for finding in found] == [line] and message in found[0].message, found


@pytest.mark.parametrize(("slug", "header", "query", "line", "message"), [
    ("x", ("facet: Harbour, Boat", "order: 1"), OF_FACET, 3, "there is no node shape Boat; there are: Harbour, Lighthouse"),
    ("x", FACET, SOUND, 1, "the query does not select ?value"), ("x", ("facet: Harbour",), OF_FACET, 1, "the header lacks order"),
    ("x", (*FACET, "column: a A"), OF_FACET, 1, "the header has no line 'column'"),
    ("page", FACET, OF_FACET, 1, "page is a parameter of the pages that list things: call the file otherwise")])
def test_check_finds_what_a_facet_cannot_keep(draft: Project, slug: str, header: tuple, query: str, line: int, message: str):
    written(draft, f"facets/{slug}.rq", header, query)
    found = [finding for finding in check.check(draft)[1] if finding.path == f"queries/facets/{slug}.rq"]
    assert [finding.line for finding in found] == [line] and message in found[0].message, found


def test_the_queries_of_the_miniature_are_sound(mini: Project):
    assert check.check(mini)[1] == []


def test_one_file_is_checked_without_the_panels(draft: Project):
    written(draft, "panels/x.rq", (), SOUND)
    assert check.check_file(draft, draft.root / "data/lights.ttl") == []


# --- build

@pytest.mark.parametrize(("header", "query", "message"), [
    ((*PANEL, VALUE), ROWS % f"(UNDEF 1) (<{EAST}> 1)", "each row begins with ?thing, which is an IRI"),
    ((*PANEL, VALUE), ROWS % "('a' 1)", "each row begins with ?thing, which is an IRI"),
    ((*PANEL, VALUE), "SELECT ?thing ?value { ?thing a <ns#Harbour> GRAPH ?g { ?value ?p ?o FILTER(ISBLANK(?value)) } }",
     "a row has a blank node, which has no name that lasts: leave it out"),
    (("coverage: lights", "says: {value}"), ROWS % f"(<{EAST}> 1) (<{EAST}> 2)", "has several rows for <id/harbour/east>"),
])
def test_a_build_says_which_query_cannot_be_shown(draft: Project, tmp_path: Path, header: tuple, query: str, message: str):
    (draft.root / "queries/panels/lights-coverage.rq").unlink()
    written(draft, "panels/wrong.rq", header, f"BASE <https://example.org/mini/>\n{query}")
    with pytest.raises(Faulty, match=re.escape(message)) as caught:
        build(draft, tmp_path, BASE)
    assert {finding.path for finding in caught.value.findings} == {"queries/panels/wrong.rq"}


# --- ORDER BY, which SQLite does

@pytest.mark.parametrize(("query", "text", "keys"), [
    (SOUND, SOUND, []), (SOUND + " ORDER BY ?thing DESC(?a)", "SELECT ?thing ?a  { ?thing ?p ?a } ", ["thing", "-a"]),
    ("SELECT ?thing { ?thing ?p ?a } order by ?thing ASC(?a)", "SELECT ?thing ?a { ?thing ?p ?a } ", ["thing", "a"]),
    (SOUND + " ORDER BY (5) $thing", "SELECT ?thing ?a ((5) AS ?_key0) { ?thing ?p ?a } ", ["_key0", "thing"]),
    (SOUND + " ORDER BY LCASE(?a) (?a) DESC(1-?a)", "SELECT ?thing ?a (LCASE(?a) AS ?_key0) ((1-?a) AS ?_key2) { ?thing ?p ?a } ",
     ["_key0", "a", "-_key2"]),
    ("SELECT ?thing (COUNT(?b) AS ?n) WHERE { ?thing ?p ?b } GROUP BY ?thing ORDER BY ?n",
     "SELECT ?thing (COUNT(?b) AS ?n)  WHERE { ?thing ?p ?b } GROUP BY ?thing ", ["n"]),
    ("SELECT ?thing { { SELECT ?thing { ?thing ?p ?a } ORDER BY ?thing LIMIT 3 } }",
     "SELECT ?thing { { SELECT ?thing { ?thing ?p ?a } ORDER BY ?thing LIMIT 3 } }", []),
])
def test_a_query_selects_its_keys_in_the_place_of_its_order(query: str, text: str, keys: list[str]):
    found, order = panels.ordering(query)
    assert found == text and ["-" * key.backwards + key.variable for key in order] == keys
