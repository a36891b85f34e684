"""A project: where its four folders are, which files they hold, and which named graph each file is."""

from pathlib import Path

import pytest

from conftest import ROOT
from triplehelix.findings import Faulty
from triplehelix.project import Project, find, packaged

MINI = "https://example.org/mini/"


def faults(folder: Path) -> list[str]:
    with pytest.raises(Faulty) as caught:
        find(folder)
    return [str(f) for f in caught.value.findings]


def test_the_base_is_the_one_of_the_prefix_table(mini: Project):
    assert mini.base == MINI


def test_prefixes_are_those_declared(mini: Project):
    assert mini.prefixes["sea"] == MINI + "ns#"
    assert len(mini.prefixes) == 10


@pytest.mark.parametrize(("name", "graph", "part"), [
    ("data/lights.ttl", "graph/lights", "dataset"),
    ("data/unverified/rumours.ttl", "graph/unverified/rumours", "apart"),
    ("ontology/sea.ttl", "graph/ontology/sea", "dataset"),
    ("ontology/schemes/region.ttl", "graph/ontology/schemes/region", "dataset"),
    ("shapes/sea.ttl", "graph/shapes/sea", "service"),
])
def test_each_file_is_a_named_graph_that_takes_part_in_its_way(mini: Project, name: str, graph: str, part: str):
    source = next(s for s in mini.sources if s.name == name)
    assert (source.graph, source.part) == (MINI + graph, part)


def test_candidates_stand_apart_as_well(draft: Project):
    (draft.root / "data/candidates").mkdir()
    (draft.root / "data/candidates/new.ttl").write_text("")
    assert next(s for s in draft.sources if s.name == "data/candidates/new.ttl").part == "apart"


def test_sources_are_sorted_and_nothing_but_turtle(draft: Project):
    (draft.root / "data/notes.txt").write_text("not a graph")
    names = [s.name for s in draft.sources]
    assert names == sorted(names) and all(name.endswith(".ttl") for name in names)


@pytest.mark.parametrize(("room", "names"), [
    ("", ["lights-of-a-harbour.rq", "places-of-a-region.rq"]),
    ("rules", ["wider-property.rq", "wider-region.rq"]),
    ("checks", ["dangling.rq", "unknown-term.rq"]),
    ("pages", ["newest-date.rq"]),
])
def test_queries_lie_in_their_rooms(mini: Project, room: str, names: list[str]):
    assert [path.name for path in mini.queries(room)] == names


def test_the_project_is_found_from_a_folder_within(mini: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(mini.root / "data/unverified")
    assert find().root == mini.root


def test_outside_any_project_the_packaged_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert find() == packaged()


def test_an_uninstalled_checkout_is_its_own_package():
    assert packaged().root == ROOT


def test_a_folder_that_is_no_project_is_refused_with_what_it_needs(tmp_path: Path):
    assert faults(tmp_path) == [f"{tmp_path}: not a project: it needs ontology/ (with prefixes.ttl), data/, shapes/ and "
                                "queries/ side by side"]


def test_a_project_without_a_room_is_refused(draft: Project):
    for path in (draft.root / "shapes").iterdir():
        path.unlink()
    (draft.root / "shapes").rmdir()
    assert len(faults(draft.root)) == 1


@pytest.mark.parametrize(("old", "new", "line"), [
    ("@base <https://example.org/mini/> .\n", "", 1),
    ("\n<ns/prefixes>\n", "\n<ns/prefixes\n", 7),
])
def test_a_broken_prefix_table_is_told_with_its_line(draft: Project, old: str, new: str, line: int):
    table = draft.root / "ontology/prefixes.ttl"
    assert old in table.read_text()
    table.write_text(table.read_text().replace(old, new))
    with pytest.raises(Faulty) as caught:
        _ = draft.base
    found, = caught.value.findings
    assert (found.path, found.line) == ("ontology/prefixes.ttl", line)


def test_the_real_project_has_its_canonical_base(repository: Project):
    assert repository.base == "https://w3id.org/triplehelix/"
    assert repository.prefixes["th"] == "https://w3id.org/triplehelix/ns#"
