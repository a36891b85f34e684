"""What the project's panels and facets answer: the form of each file, and figures against counts made without a query.

The counts walk the statements one by one and find what a region holds by the beginning of its code, so that they share neither
the engine's paths nor the hierarchy that the queries climb. What is read by hand says where.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Store

from asking import PROJECT, Row, shortened
from triplehelix import panels
from triplehelix.description.vocabulary import TYPE
from triplehelix.releases import read_manifest
from triplehelix.views import Views

FILES = {path.stem: path for room in ("panels", "facets") for path in PROJECT.queries(room)}
COVERAGES = [slug for slug, path in FILES.items() if isinstance(panels.read(path), panels.CoverageQuery)]
# Columns that no statement fills so far.
EMPTY = {("body-members", "until"), ("memberships", "until")}
# Variables by which rows are ordered only.
KEYS = {"name"}
NS = PROJECT.prefixes
SPHERES = [f"scheme/sphere/{name}" for name in ("academia", "civil-society", "government", "industry")]
BODY, HEGAN, GO_CLUSTER = "id/organisation/", "id/organisation/hegan", "id/partnership/go-cluster"


class Walk:
    """The default graph, one step at a time; IRIs of ours are local names."""

    def __init__(self, known: Store):
        self._known = known

    def objects(self, subject: str, *predicates: str) -> set[str]:
        """What a thing leads to over the predicates, one after the other."""
        found = {subject}
        for predicate in predicates:
            found = {shortened(quad.object) for each in found
                     for quad in self._known.quads_for_pattern(iri(each), iri(predicate), None, DefaultGraph())}
        return found

    def subjects(self, predicate: str, value: str | None = None) -> set[str]:
        """What leads to a thing, or has the predicate at all."""
        target = None if value is None else iri(value)
        return {shortened(quad.subject) for quad in self._known.quads_for_pattern(None, iri(predicate), target, DefaultGraph())}

    def typed(self, kind: str) -> set[str]:
        return self.subjects("rdf:type", kind)

    def codes(self, place: str) -> set[str]:
        """The codes of NUTS of a place: its own, or those that approximate it or an area that it is part of."""
        own, areas = self.objects(place, "skos:notation"), {place}
        while wider := {area for each in areas for area in self.objects(each, "dcterms:isPartOf")} - areas:
            areas |= wider
        return own | {code for area in areas for code in self.objects(area, "th:approximatedBy", "skos:notation")}

    def bodies(self, code: str, *predicates: str) -> set[str]:
        """The cluster organisations whose seat or area served has a code with this beginning."""
        return {body for body in self.typed("th:ClusterOrganisation")
                for predicate in predicates or ("th:seat", "th:serviceArea")
                for place in self.objects(body, predicate) if any(found.startswith(code) for found in self.codes(place))}


def iri(name: str) -> NamedNode:
    """The IRI of a prefixed name, a local name or an IRI in full."""
    prefix, _, rest = name.partition(":")
    return NamedNode(name if rest.startswith("//") else NS[prefix] + rest if rest and prefix in NS else PROJECT.base + name)


Ask = Callable[..., list[Row]]


@pytest.fixture(scope="module")
def walk(filled: Store) -> Walk:
    return Walk(filled)


@pytest.fixture(scope="module")
def table(filled: Store) -> Callable[[str], tuple[list[str], list[Row]]]:
    """The variables and the rows of a file, asked once."""
    @cache
    def asked(slug: str) -> tuple[list[str], list[Row]]:
        solutions = filled.query(FILES[slug].read_text(encoding="utf-8"))
        names = [variable.value for variable in solutions.variables]
        return names, [tuple(shortened(solution[name]) for name in names) for solution in solutions]
    return asked


@pytest.fixture(scope="module")
def ask(table: Callable[[str], tuple[list[str], list[Row]]]) -> Ask:
    """The rows of one thing in their order, cut to some variables."""
    def rows(slug: str, thing: str, columns: str) -> list[Row]:
        names, found = table(slug)
        places = [names.index(column) for column in columns.split()]
        return [tuple(row[place] for place in places) for row in found if row[0] == thing]
    return rows


@pytest.mark.parametrize("slug", sorted(FILES))
def test_a_file_speaks_of_things_and_fills_its_columns(filled: Store, walk: Walk, table: Callable, slug: str) -> None:
    question, (names, rows) = panels.read(FILES[slug]), table(slug)
    assert names[0] == "thing" and rows
    things = {row[0] for row in rows}
    assert all(next(filled.quads_for_pattern(iri(thing), None, None), None) for thing in things)
    if isinstance(question, panels.CoverageQuery):
        assert len(things) == len(rows)
        assert all(all(row) for row in rows)
        return
    if isinstance(question, panels.PanelQuery):
        assert things <= {thing for name in question.classes for thing in walk.typed(name)}
        assert {name for name, _ in question.columns} | {"thing", "source"} >= {name for name in names if name not in KEYS}
    assert not [name for place, name in enumerate(names) if (slug, name) not in EMPTY and not any(row[place] for row in rows)]
    assert len(set(rows)) == len(rows)


def test_each_coverage_stands_beside_a_panel_of_the_same_things(table: Callable) -> None:
    assert COVERAGES
    for slug in COVERAGES:
        beside = panels.read(FILES[slug]).panel
        assert {row[0] for row in table(beside)[1]} <= {row[0] for row in table(slug)[1]}, slug


# --- places -------------------------------------------------------------------------------------------------------------

# Regions of several levels, editions and registers; the last has nothing recorded.
REGIONS = ("nuts2024/ES21", "nuts2021/ES21", "nuts2024/ES213", "nuts2024/CZ064", "nuts2024/CZ", "nuts2024/SE224", "nuts2024/FR",
           "nuts2024/FRJ2", "nuts2024/BE3", "nuts2024/RO12")


def said(number: int) -> str:
    return str(number) if number else "none"


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_has_the_organisations_seated_there_or_serving_it(walk: Walk, ask: Ask, region: str) -> None:
    thing, code = f"scheme/{region}", region.partition("/")[2]
    bodies = walk.bodies(code)
    seated = walk.bodies(code, "th:seat")
    fielded = {body for body in bodies if walk.objects(body, "th:servesField")}
    rows = ask("region-organisations", thing, "body how fields")
    assert {row[0] for row in rows} == bodies
    assert {body for body, how, _ in rows if how == "seat"} == seated
    assert {body: fields for body, _, fields in rows if fields} == {
        body: str(len(walk.objects(body, "th:servesField"))) for body in fielded}
    assert ask("region-organisations-coverage", thing, "recorded withField") == [(said(len(bodies)), said(len(fielded)))]
    served = Counter(field for body in bodies for field in walk.objects(body, "th:servesField"))
    assert dict(ask("region-industries", thing, "field bodies")) == {field: str(count) for field, count in served.items()}


@pytest.mark.parametrize("region", REGIONS)
def test_spheres_of_members_are_counted_or_not_reported(walk: Walk, ask: Ask, region: str) -> None:
    thing, code = f"scheme/{region}", region.partition("/")[2]
    spheres = Counter(sphere for body in walk.bodies(code) for sphere in walk.objects(body, "th:hasMemberIn"))
    rows = dict(ask("region-members", thing, "sphere bodies"))
    assert rows == ({sphere: str(spheres[sphere] or "") for sphere in SPHERES} if spheres else {})
    known = {body for body in walk.bodies(code) if walk.objects(body, "th:hasMemberIn")}
    assert ask("region-members-coverage", thing, "withMembers") == [(said(len(known)),)]


def test_an_area_holds_what_lies_in_it_and_in_the_country_that_it_is(walk: Walk, ask: Ask) -> None:
    assert {body for body, in ask("region-organisations", "id/area/spain", "body")} == walk.bodies("ES")
    # Toulouse is approximated by the whole department, which does not make the department's bodies those of the town.
    assert ask("region-organisations", "id/area/toulouse", "body") == [(BODY + "aerospace-valley",)]
    assert (BODY + "aerospace-valley",) in ask("region-organisations", "scheme/nuts2024/FRJ23", "body")


@pytest.mark.parametrize("code", ["CZ064", "ES21", "SI0", "SE224"])
def test_a_priority_of_a_region_has_the_bodies_that_serve_its_fields(walk: Walk, ask: Ask, code: str) -> None:
    thing = f"scheme/nuts2024/{code}"
    expected = {}
    for strategy in walk.subjects("th:territory", thing):
        for priority in walk.subjects("th:priorityOf", strategy):
            # Fields of priorities and of bodies are divisions of NACE Rev. 2, so that one serves the other where they are one.
            fields = walk.objects(priority, "th:coversField")
            assert all(len(field.rpartition("/")[2]) == 2 for field in fields)
            expected[priority] = {body for body in walk.bodies(code) if walk.objects(body, "th:servesField") & fields
                                  or priority in walk.objects(body, "th:supportsPriority")}
    assert expected
    own = [row for row in ask("region-priorities", thing, "priority territory bodies") if row[1] == thing]
    assert {priority: bodies for priority, _, bodies in own} == {
        priority: str(len(bodies) or "") for priority, bodies in expected.items()}
    pairs = {(priority, body) for priority, bodies in expected.items() for body in bodies}
    assert set(ask("region-priority-organisations", thing, "priority body")) == pairs
    for priority, bodies in expected.items():
        assert {body for body, in ask("priority-organisations", priority, "body")} == bodies
        assert all((priority,) in ask("body-priorities", body, "priority") for body in bodies)


def test_strategies_of_parts_and_of_wider_regions_are_told_apart(ask: Ask) -> None:
    assert ask("region-strategies", "scheme/nuts2024/SE224", "relation territory") == [
        ("of this place", "scheme/nuts2024/SE224")]
    assert ask("region-strategies", "scheme/nuts2024/SE2", "relation") == [("of a part",)]
    assert ask("region-strategies", "scheme/nuts2024/SI03", "relation territory") == [
        ("of a wider region", "scheme/nuts2024/SI0")]
    assert len(ask("region-strategies", "scheme/nuts2024/CZ", "strategy")) == 14


def test_a_split_region_leads_to_each_of_its_parts(ask: Ask) -> None:
    """NO082 (Viken) came apart into three counties in NUTS 2024."""
    rows = ask("region-editions", "scheme/nuts2021/NO082", "code scheme kind")
    assert [row[1:] for row in rows] == 3 * [("scheme/nuts2024", "scheme/code-change-kind/split")]
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert ask("region-editions", "scheme/nuts2024/CZ064", "other code kind") == [("scheme/nuts2021/CZ064", "CZ064", "")]


# --- fields -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("field", ["scheme/nace2/30", "scheme/nace2/26", "scheme/bcd/1", "scheme/bcd/14"])
def test_a_field_has_the_bodies_that_serve_it_by_country(walk: Walk, ask: Ask, field: str) -> None:
    bodies = walk.subjects("th:servesField", field) & walk.typed("th:ClusterOrganisation")
    assert bodies and {body for body, in ask("field-organisations", field, "body")} == bodies
    everywhere = walk.typed("th:ClusterOrganisation")
    assert ask("field-organisations-coverage", field, "recorded withField all") == [
        (str(len(bodies)), str(len(everywhere & walk.subjects("th:servesField"))), str(len(everywhere)))]
    for country, count in ask("field-countries", field, "country bodies"):
        if country.startswith("scheme/"):
            assert int(count) == len(bodies & walk.bodies(country.rpartition("/")[2])), country
    placed = {body for body in bodies if walk.objects(body, "th:seat") | walk.objects(body, "th:serviceArea")}
    assert ask("field-countries-coverage", field, "recorded placed") == [(str(len(bodies)), said(len(placed)))]


def test_a_section_has_what_its_divisions_have_and_a_category_its_scores(walk: Walk, ask: Ask) -> None:
    divisions = {field for field in walk.subjects("skos:inScheme", "scheme/nace2")
                 if "scheme/nace2/C" in walk.objects(field, "skos:broader")}
    assert {priority for priority, in ask("field-priorities", "scheme/nace2/C", "priority")} == {
        priority for division in divisions for priority in walk.subjects("th:coversField", division)}
    scored = {other for record in walk.subjects("th:from", "scheme/bcd/10") for other in walk.objects(record, "th:to")
              if record in walk.typed("th:Relatedness")}
    rows = ask("field-related", "scheme/bcd/10", "other score back")
    assert {other for other, score, _ in rows if score} == scored
    scores = [float(score) for _, score, _ in rows if score]
    assert scores == sorted(scores, reverse=True)


# --- bodies -------------------------------------------------------------------------------------------------------------

def test_spheres_of_a_body_add_no_kind_to_the_kind_that_holds_it(ask: Ask) -> None:
    """HEGAN in 2017 (data/curated/core.ttl): 8 large firms and 27 SMEs, 3 research organisations and 5 universities, at least 2
    public bodies. go-cluster in 2015 counts its 7,100 SMEs among its 8,500 firms."""
    rows = {sphere.rpartition("/")[2]: rest for sphere, *rest in ask("body-spheres", HEGAN, "sphere number how date")}
    assert rows == {"industry": ["35", "counted", "2017-11-13"], "academia": ["8", "counted", "2017-11-13"],
                    "government": ["2", "counted, at least", "2017-11-13"], "civil-society": ["", "", ""]}
    assert ("scheme/sphere/industry", "8500") in ask("body-spheres", GO_CLUSTER, "sphere number")
    assert ask("body-spheres-coverage", HEGAN, "spheres total") == [("3", "yes")]


def test_counts_of_members_stand_side_by_side_newest_first(walk: Walk, ask: Ask) -> None:
    rows = ask("body-member-counts", HEGAN, "date count document")
    records = walk.subjects("th:body", HEGAN) & walk.typed("th:MemberCount")
    assert Counter(row[1] for row in rows) == Counter(
        count for record in records for count in walk.objects(record, "th:count"))
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
    assert rows[0][0] == "2023" and rows[-1] == ("1997", "14", "id/source/eccp-hegan-2018")


def test_a_cluster_opens_with_its_ground_and_is_none_of_its_organisations(walk: Walk, ask: Ask) -> None:
    order = {panel.slug: panel.order for panel in map(panels.read, FILES.values())
             if isinstance(panel, panels.PanelQuery) and "th:Cluster" in panel.classes}
    assert min(order, key=order.__getitem__) == "cluster-identifications"
    for cluster in walk.typed("th:Cluster"):
        assert {ground for ground, in ask("cluster-identifications", cluster, "basis")} == walk.objects(
            cluster, "th:identification", "th:basis")
        bodies = {body for body, in ask("cluster-organisations", cluster, "body")}
        assert bodies <= walk.typed("org:Organization") and not bodies & walk.typed("th:Cluster")
    assert ask("cluster-organisations", "id/cluster/mai-carbon", "body how initiative") == [
        (BODY + "carbon-composites", "leads an initiative for it", "id/initiative/cluster-offensive-bayern-mai-carbon")]


def test_participants_of_a_programme_are_those_recorded(walk: Walk, ask: Ask) -> None:
    programme = "id/programme/poles-de-competitivite-phase-5"
    bodies = {body for record in walk.subjects("th:in", programme) for body in walk.objects(record, "th:body")}
    assert {body for body, in ask("participants", programme, "body")} == bodies
    assert ask("participants-coverage", programme, "recorded") == [(str(len(bodies)),)]


# --- works and claims ---------------------------------------------------------------------------------------------------

def test_works_tell_who_cites_them_for_what(ask: Ask) -> None:
    """Lines 43 and 51 of the page, and entries B11, B13 and B14."""
    marshall = ask("work-statements", "id/work/principles-of-economics", "statement effect words match")
    assert marshall == [
        ("id/statement/s3p-e02", "id/effect/knowledge-spill-over", "Marshall, 1890", "scheme/status/verified"),
        ("id/statement/s3p-e03", "id/effect/specialisation-and-productivity", "Marshall, 1890", "scheme/status/verified")]
    assert {row[-1] for row in ask("work-statements", "id/work/second-industrial-divide", "match")} == {
        "scheme/status/candidate"}
    assert set(ask("work-entries", "id/work/on-competition", "entry match")) == {
        ("id/entry/s3p-b13", "scheme/status/candidate"), ("id/entry/s3p-b14", "scheme/status/verified")}
    assert ask("work-statements-coverage", "id/work/principles-of-economics", "statements texts findings") == [("2", "1", "none")]


def test_the_chain_of_an_effect_ends_at_works(ask: Ask) -> None:
    """E04 (line 43) credits three works, of which the entry of Dahmén is mixed; E00 (line 37) credits none."""
    rows = ask("effect-evidence", "id/effect/user-producer-learning", "statement words entry work match")
    assert rows == [("id/statement/s3p-e04", words, f"id/entry/s3p-{entry}", f"id/work/{work}", f"scheme/status/{match}")
                    for words, entry, work, match in (
                        ("Dahmén, 1950", "b04", "svensk-industriell-foretagarverksamhet", "candidate"),
                        ("Hirschman, 1958", "b08", "strategy-of-economic-development", "verified"),
                        ("Von Hippel, 2005", "b18", "democratizing-innovation", "verified"))]
    assert ask("effect-evidence-coverage", "id/effect/user-producer-learning", "statements works verified findings") == [
        ("1", "3", "2", "none")]
    assert ask("effect-evidence", "id/effect/agglomeration-benefits", "statement work") == [("id/statement/s3p-e00", "")]


def test_a_person_has_works_in_order_and_what_they_are_cited_for(ask: Ask) -> None:
    rows = ask("person-works", "id/person/orjan-solvell", "year work rank")
    assert [row[0] for row in rows] == ["2003", "2008", "2012", "2013"]
    assert rows[0] == ("2003", "id/work/cluster-initiative-greenbook", "1")
    assert {statement for statement, in ask("person-statements", "id/person/orjan-solvell", "statement")} == {
        "id/statement/s3p-d2", "id/statement/s3p-s12"}


def test_a_source_speaks_of_so_many_things_of_a_class(filled: Store, ask: Ask) -> None:
    for graph in ("graph/curated/core", "graph/sources/us-cluster-mapping", "graph/page/defects"):
        counted = Counter(shortened(quad.object) for quad in filled.quads_for_pattern(None, TYPE, None, iri(graph))
                          if quad.subject != iri(graph))
        assert dict(ask("graph-classes", graph, "class things")) == {kind: str(count) for kind, count in counted.items()}


# --- facets -------------------------------------------------------------------------------------------------------------

def test_facets_narrow_organisations_by_country_field_and_spheres(walk: Walk, table: Callable) -> None:
    bodies = walk.typed("th:ClusterOrganisation")
    places = {body: walk.objects(body, "th:seat") or walk.objects(body, "th:serviceArea") for body in bodies}
    countries = Counter(code for body in bodies for code in {
        code[:2] for place in places[body] for code in walk.codes(place)})
    counted = {slug: Counter(value for thing, value in table(slug)[1] if thing in bodies)
               for slug in ("country", "field", "members-in")}
    assert {value.rpartition("/")[2]: count for value, count in counted["country"].items()
            if value.startswith("scheme/")} == countries
    stated = Counter(field for body in bodies for field in walk.objects(body, "th:servesField"))
    divisions = {field for field in stated if not walk.objects(field, "skos:narrower") & set(stated)}
    assert {field: counted["field"][field] for field in divisions} == {field: stated[field] for field in divisions}
    assert counted["members-in"] == Counter(sphere for body in bodies for sphere in walk.objects(body, "th:hasMemberIn"))


def test_facets_of_regions_and_works(walk: Walk, table: Callable) -> None:
    assert Counter(value for _, value in table("level")[1]) == Counter(
        str(len(code) - 2) for region in walk.typed("th:NutsRegion") for code in walk.objects(region, "skos:notation"))
    assert dict(table("year")[1])["id/work/principles-of-economics"] == "1890"
    assert {thing for thing, value in table("region")[1] if value == "scheme/nuts2024/ES21"} >= walk.bodies("ES21", "th:seat")


# --- in a release -------------------------------------------------------------------------------------------------------

def test_a_release_shows_what_the_queries_answer(release: Path, ask: Ask, walk: Walk) -> None:
    base, local, bodies = read_manifest(release).base, "scheme/nuts2024/CZ064", walk.bodies("CZ064")
    fielded = [body for body in bodies if walk.objects(body, "th:servesField")]
    with closing(Views(release, base)) as views:
        panel = next(each for each in views.panels([base + "ns#NutsRegion"]) if each.slug == "region-organisations")
        rows = views.rows(panel, local)
        assert {(row[0].value.removeprefix(base),) for row in rows} == set(ask(panel.slug, local, "body"))
        assert views.count(panel, local) == len(rows)
        assert views.coverage(panel, local) == (
            f"{len(bodies)} recorded here; a field is stated for {len(fielded)}; register complete: no")
        tallies = dict(views.tallies("ClusterOrganisation", {})["country"])
        assert tallies[NamedNode(f"{base}scheme/nuts2024/CZ")] == len(walk.bodies("CZ"))
