"""The life of an IRI: what the registry says, what check makes of it, which releases build refuses, and what a visitor gets."""

import os
import re
import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from triplehelix import check
from triplehelix.build import build, registry
from triplehelix.findings import Faulty
from triplehelix.project import Project
from triplehelix.resources import GONE, MOVED, Resources, Retired
from web_release import client_of, room_fixture  # noqa: F401

OURS, MINI = "https://w3id.org/triplehelix/", "https://example.org/mini/"
BASE = "http://127.0.0.1:18766/"
STATUS = "http://purl.org/adms/status/"
QUERY = "query/lights-of-a-harbour"
HTML, XML = "text/html", "application/rdf+xml"
HEAD = f"""@base <{MINI}> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<graph/registry>
    a void:Dataset ;
    dcterms:title "IRIs in use no more"@en ;
    dcterms:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:modified "2020-02-29"^^xsd:date ;
.
"""
TERMS = """
<http://www.w3.org/ns/adms#status>
    a owl:ObjectProperty ;
.

dcterms:isReplacedBy
    a owl:ObjectProperty ;
.
"""


def moved(old: str, new: str) -> str:
    return f"<{old}> owl:deprecated true ; adms:status <{STATUS}Deprecated> ; dcterms:isReplacedBy <{new}> ."


def withdrawn(old: str, successor: str = "") -> str:
    told = f" dcterms:isReplacedBy <{successor}> ;" if successor else ""
    return f'<{old}> owl:deprecated true ; adms:status <{STATUS}Withdrawn> ;{told} rdfs:comment "It never was."@en .'


def registered(project: Project, *rows: str) -> Project:
    """The draft with a registry of these rows, and with the checks and terms that go with one."""
    (project.root / "data/registry.ttl").write_text(HEAD + "\n".join(rows) + "\n")
    checks = ROOT / "queries/checks"
    for path in (checks / "dangling.rq", *checks.glob("registry-*.rq")):
        (project.root / "queries/checks" / path.name).write_text(path.read_text().replace(OURS, MINI))
    align = project.root / "ontology/align.ttl"
    if "adms#status" not in align.read_text():
        align.write_text(align.read_text() + TERMS)
    return Project(project.root)


def without(project: Project, *names: str) -> Project:
    """The draft without what it says of these things."""
    heads = tuple(f"<{name}>\n" for name in names)
    for path in (project.root / "data").rglob("*.ttl"):
        blocks = path.read_text().split("\n\n")
        path.write_text("\n\n".join(block for block in blocks if not block.startswith(heads)) + "\n")
    return Project(project.root)


def renamed(project: Project, old: str, new: str) -> Project:
    """The draft with another IRI for one thing."""
    for path in (project.root / "data").rglob("*.ttl"):
        path.write_text(path.read_text().replace(f"<{old}>", f"<{new}>"))
    return Project(project.root)


def refused(project: Project, releases: Path) -> list[str]:
    with pytest.raises(Faulty) as caught:
        build(project, releases, BASE)
    return [str(finding) for finding in caught.value.findings]


def findings(project: Project) -> list[str]:
    return [str(finding) for finding in check.check(project)[1]]


# --- check

def test_the_registry_of_this_project_holds_what_it_explains_only(repository: Project):
    path = repository.root / registry.FILE
    assert "graph/registry" in path.read_text()
    assert next(s for s in repository.sources if s.name == registry.FILE).part == "dataset"


def test_a_registry_that_explains_is_no_fault(draft: Project):
    rows = moved("id/harbour/west", "id/harbour/east"), withdrawn("id/harbour/ghost"), withdrawn("id/a", "https://example.org/a")
    assert findings(registered(draft, *rows)) == []


@pytest.mark.parametrize(("rows", "told"), [
    ([withdrawn("id/harbour/north")], r"data/registry\.ttl:\d+: <id/harbour/north>: is in use no more by the registry, but "
                                      "<graph/harbours> describes it"),
    ([moved("id/harbour/west", "id/harbour/nowhere")], r"registry\.ttl:\d+: <id/harbour/west>: points to <id/harbour/nowhere>, "
                                                       "which nothing describes"),
    ([moved("id/a", "id/b"), moved("id/b", "id/a")], r"registry\.ttl:\d+: <id/a>: leads back to itself"),
    ([moved("id/a", "id/a")], r"registry\.ttl:\d+: <id/a>: leads back to itself"),
])
def test_a_registry_at_fault_is_told_with_its_line(draft: Project, rows: list[str], told: str):
    assert any(re.search(told, finding) for finding in findings(registered(draft, *rows)))


def test_what_points_to_an_iri_in_use_no_more_is_told_the_successor(draft: Project):
    registered(draft, moved("id/harbour/west", "id/harbour/east"))
    path = draft.root / "data/lights.ttl"
    path.write_text(path.read_text().replace("    sea:height 17", "    dcterms:relation <id/harbour/west> ;\n    sea:height 17"))
    told, = findings(Project(draft.root))
    assert told.startswith("data/lights.ttl:") and "points to <id/harbour/west>, which is in use no more" in told
    assert f"its successor is <{MINI}id/harbour/east>" in told


# --- build refuses to lose

def test_an_iri_that_is_lost_is_told_with_the_line_that_explains_it(draft: Project, tmp_path: Path):
    first = build(draft, tmp_path / "releases", BASE)
    told = refused(without(draft, "id/lighthouse/rock"), tmp_path / "releases")
    assert len(told) == 1
    assert told[0].startswith(f"data/registry.ttl: <id/lighthouse/rock>: had an answer in release {first.name}")
    row = f"<id/lighthouse/rock> owl:deprecated true ; adms:status <{STATUS}"
    assert f"{row}Deprecated> ; dcterms:isReplacedBy" in told[0] and f"{row}Withdrawn>" in told[0]
    assert os.readlink(tmp_path / "releases/current") == first.name
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == sorted([".lock", first.name, "current"])


def test_the_line_that_is_told_is_the_line_that_helps(draft: Project, tmp_path: Path):
    build(draft, tmp_path / "releases", BASE)
    told, = refused(without(draft, "id/lighthouse/rock"), tmp_path / "releases")
    row = told.split("Or withdrawn: ")[1]
    second = build(registered(draft, row), tmp_path / "releases", BASE)
    assert Resources(second).retired("id/lighthouse/rock") == Retired(GONE, None)


@pytest.mark.parametrize(("name", "file", "instead"), [
    ("query/lights-of-a-harbour", "queries/lights-of-a-harbour.rq", ""),
    ("graph/unverified/rumours", "data/unverified/rumours.ttl", ""),
    ("graph/ontology/schemes/region", "ontology/schemes/region.ttl", "ontology/schemes/regions.ttl")])
def test_documents_are_kept_as_things_are(draft: Project, tmp_path: Path, name: str, file: str, instead: str):
    build(draft, tmp_path / "releases", BASE)
    if instead:
        (draft.root / instead).write_text((draft.root / file).read_text())
    (draft.root / file).unlink()
    told = refused(Project(draft.root), tmp_path / "releases")
    assert any(f"<{name}>: had an answer" in finding for finding in told)
    assert not any("<dumps/" in finding or "<release/" in finding for finding in told)


def test_a_term_is_never_lost(draft: Project, tmp_path: Path):
    build(draft, tmp_path / "releases", BASE)
    path = draft.root / "ontology/sea.ttl"
    path.write_text(re.sub(r"sea:height\n.*?\n\.\n", "", path.read_text(), flags=re.DOTALL))
    for name in ("data/lights.ttl", "shapes/sea.ttl"):
        text = re.sub(r" ;\n    sea:height [0-9.]+", "", (draft.root / name).read_text())
        (draft.root / name).write_text(text.replace("sea:height", "dcterms:identifier"))
    told = refused(Project(draft.root), tmp_path / "releases")
    assert len(told) == 1 and told[0].startswith("ontology/deprecated.ttl: <ns#height>: is a term of release")


def test_what_was_explained_stays_explained(draft: Project, tmp_path: Path):
    build(draft, tmp_path / "releases", BASE)
    build(registered(without(draft, "id/lighthouse/rock"), withdrawn("id/lighthouse/rock")), tmp_path / "releases", BASE)
    told, = refused(registered(draft), tmp_path / "releases")
    assert "<id/lighthouse/rock>: had an answer" in told


def test_old_data_that_come_back_lose_nothing_either(draft: Project, tmp_path: Path):
    first = build(draft, tmp_path / "releases", BASE)
    path = draft.root / "data/lights.ttl"
    before = path.read_text()
    path.write_text(before + before.split("\n\n")[-1].replace("id/lighthouse/rock", "id/lighthouse/reef"))
    second = build(Project(draft.root), tmp_path / "releases", BASE)
    path.write_text(before)
    told, = refused(Project(draft.root), tmp_path / "releases")
    assert "<id/lighthouse/reef>" in told and first != second
    assert os.readlink(tmp_path / "releases/current") == second.name


def test_thousands_that_are_lost_are_summed_up(draft: Project, tmp_path: Path):
    many = "\n".join(f'<id/harbour/h{n:04}> a sea:Harbour ; skos:prefLabel "H {n}"@en ; sea:region <scheme/region/1> .'
                     for n in range(1200))
    path = draft.root / "data/harbours.ttl"
    before = path.read_text()
    path.write_text(f"{before}\n{many}\n")
    build(Project(draft.root), tmp_path / "releases", BASE)
    path.write_text(before)
    told = refused(Project(draft.root), tmp_path / "releases")
    assert len(told) == registry.TOLD + 1
    assert "1200 IRIs of release" in told[0] and "id/harbour 1200" in told[0]


def test_another_folder_owes_nothing(draft: Project, tmp_path: Path):
    build(draft, tmp_path / "one", BASE)
    assert build(without(draft, "id/lighthouse/rock"), tmp_path / "other", BASE)


@pytest.mark.parametrize(("rows", "told"), [
    ([f"<id/a> adms:status <{STATUS}Completed> ."], "say with adms:status once"),
    ([f"<id/a> adms:status <{STATUS}Withdrawn> , <{STATUS}Deprecated> ; dcterms:isReplacedBy <id/harbour/east> ."], "once"),
    (["<id/a> dcterms:isReplacedBy <id/harbour/east> ."], "say with adms:status once"),
    ([moved("id/a", "https://example.org/b")], "another of ours"),
    ([withdrawn("ns#old")], "without|terms retire to ontology/deprecated.ttl"),
    ([withdrawn("https://example.com/x")], "things below"),
    ([f"{withdrawn('id/a', 'id/harbour/east')} <id/a> dcterms:isReplacedBy <id/harbour/north> ."], "one successor"),
    ([withdrawn("query/places-of-a-region")], "is described in <graph/queries>"),
    ([moved("query/old", "query/none")], "<query/none> is not described|which nothing describes"),
])
def test_a_registry_that_says_half_is_refused_without_shapes_too(draft: Project, tmp_path: Path, rows: list[str], told: str):
    assert re.search(told, "\n".join(refused(registered(draft, *rows), tmp_path / "releases")))


# --- chains

@pytest.mark.parametrize(("rows", "expected"), [
    ({"a": (MOVED, "b")}, {"a": (MOVED, "b")}),
    ({"a": (MOVED, "b"), "b": (MOVED, "c")}, {"a": (MOVED, "c"), "b": (MOVED, "c")}),
    ({"a": (MOVED, "b"), "b": (GONE, None)}, {"a": (GONE, None), "b": (GONE, None)}),
    ({"a": (MOVED, "b"), "b": (GONE, "c")}, {"a": (GONE, "c"), "b": (GONE, "c")}),
    ({"a": (GONE, "b"), "b": (MOVED, "c")}, {"a": (GONE, "c"), "b": (MOVED, "c")}),
])
def test_chains_are_followed_to_their_end(rows: dict, expected: dict):
    def whole(said: dict) -> dict[str, Retired]:
        return {name: Retired(status, target and BASE + target) for name, (status, target) in said.items()}
    assert registry.Registry(BASE, whole(rows)).resolved() == whole(expected)


def test_a_circle_is_refused():
    rows = {"a": Retired(MOVED, BASE + "b"), "b": Retired(MOVED, BASE + "a")}
    with pytest.raises(Faulty, match="circle"):
        registry.Registry(BASE, rows).resolved()


# --- what a visitor gets

@pytest.fixture(scope="module", name="lives")
def lives_fixture(mini: Project, room, tmp_path_factory: pytest.TempPathFactory):
    """A client of a release after a release: things renamed twice, merged, and withdrawn with and without a successor."""
    folder = tmp_path_factory.mktemp("lives")
    draft = Project(shutil.copytree(mini.root, folder / "draft"))
    (draft.root / "queries/old-lights.rq").write_text((draft.root / "queries/lights-of-a-harbour.rq").read_text())
    build(draft, folder / "releases", BASE)
    renamed(draft, "id/lighthouse/rock", "id/lighthouse/rocky")
    (draft.root / "queries/old-lights.rq").unlink()
    rows = [moved("id/lighthouse/rock", "id/lighthouse/rock-2"), moved("id/lighthouse/rock-2", "id/lighthouse/rocky"),
            moved("id/harbour/twin", "id/harbour/east"), withdrawn("id/harbour/ghost"),
            withdrawn("id/harbour/sunk", "id/harbour/east"), withdrawn("id/harbour/sold", "https://example.org/sold"),
            moved("query/old-lights", QUERY), moved("id/harbour/k%C3%A4", "id/harbour/east"),
            moved("id/harbour/été", "id/harbour/east"),
            moved("scheme/region/9.9", "scheme/region/1.10"), moved("id/harbour/part", "ns#Harbour")]
    build(registered(draft, *rows), folder / "releases", BASE)
    return client_of(folder / "releases", room, BASE)


@pytest.mark.parametrize(("path", "target"), [
    ("id/lighthouse/rock", "id/lighthouse/rocky"), ("id/lighthouse/rock-2", "id/lighthouse/rocky"),
    ("id/harbour/twin", "id/harbour/east"), ("id/harbour/twin/", "id/harbour/east"),
    ("id/harbour/twin?format=ttl", "id/harbour/east?format=ttl"),
    ("doc/id/harbour/twin", "doc/id/harbour/east"), ("doc/id/harbour/twin.ttl", "doc/id/harbour/east.ttl"),
    ("doc/id/harbour/twin.html", "doc/id/harbour/east.html"), ("query/old-lights", "query/lights-of-a-harbour"),
    ("query/old-lights.rdf", "query/lights-of-a-harbour.rdf"), ("scheme/region/9.9", "scheme/region/1.10"),
    ("doc/scheme/region/9.9.nt", "doc/scheme/region/1.10.nt"), ("id/harbour/k%C3%A4", "id/harbour/east"),
    ("id/harbour/%C3%A9t%C3%A9", "id/harbour/east"), ("id/harbour/part", "ns#Harbour"),
    ("doc/id/harbour/part.ttl", "ns.ttl#Harbour"),
])
@pytest.mark.parametrize("accept", [None, HTML, XML])
def test_what_moved_is_found_in_one_redirect(lives, path: str, target: str, accept: str | None):
    answer = lives.get(f"/{path}", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.location) == (301, BASE + target)
    assert lives.head(f"/{path}").location == BASE + target


def test_what_it_leads_to_is_in_use(lives):
    assert lives.get("/id/lighthouse/rocky").status_code == 303
    for path in ("doc/id/harbour/east.ttl", "query/lights-of-a-harbour.rdf", "doc/scheme/region/1.10.nt"):
        assert lives.get(f"/{path}").status_code == 200


@pytest.mark.parametrize("path", ["id/harbour/ghost", "doc/id/harbour/ghost", "doc/id/harbour/ghost.ttl", "id/harbour/ghost/"])
def test_what_was_withdrawn_is_gone_and_says_why(lives, path: str):
    answer = lives.get(f"/{path}")
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    assert answer.json["detail"] == f"<{BASE}id/harbour/ghost> was withdrawn. It never was."
    assert answer.json["iri"] == f"{BASE}id/harbour/ghost" and "successor" not in answer.json and "Link" not in answer.headers
    page = lives.get(f"/{path}", headers={"Accept": HTML})
    assert (page.status_code, page.mimetype) == (410, HTML) and "It never was." in page.text and "410" in page.text


@pytest.mark.parametrize(("name", "successor"), [("sunk", f"{BASE}id/harbour/east"), ("sold", "https://example.org/sold")])
def test_what_was_withdrawn_names_its_successor(lives, name: str, successor: str):
    answer = lives.get(f"/id/harbour/{name}", headers={"Accept": XML})
    assert answer.status_code == 410 and answer.json["successor"] == successor
    assert answer.headers["Link"] == f'<{successor}>; rel="successor-version"'


def test_what_nobody_knows_is_still_missing(lives):
    assert lives.get("/id/harbour/nobody").status_code == 404
    assert lives.get("/id/harbour/ghost.ttl").status_code == 404, "a thing has no suffix"
    assert lives.get("/doc/id/harbour/nobody.ttl").status_code == 404
