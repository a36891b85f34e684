"""What a release knows of each IRI: counts, dates carried over from release to release, and equal bytes for equal input."""

import os
import re
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode

from conftest import triplehelix
from triplehelix import store, views
from triplehelix.build import build, gate, resources
from triplehelix.build.content import Content
from triplehelix.findings import Faulty
from triplehelix.project import Project
from triplehelix.releases import read_manifest, sha256
from triplehelix.resources import FILE, Resources, State
from web_release import client_of, room_fixture  # noqa: F401

BASE = "http://127.0.0.1:18765/"
LIGHTS = "data/lights.ttl"
DAY, LATER = "2020-02-29", "2020-05-05"
SUFFIXES = ("ttl", "nt", "rdf", "jsonld", "html")
# Documents whose pages tell of the release as a whole, and so have no date.
OF_THE_WHOLE = "(ns|shape|query)(/|$)|scheme/[^/]+$"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def edited(project: Project, name: str, old: str, new: str) -> Project:
    """The draft with one text replaced in one file."""
    path = project.root / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return Project(project.root)


def dated(project: Project, date: str = LATER) -> Project:
    """The draft with its record modified on another day, which dates the release; nothing is said of a thing there."""
    return edited(project, "data/dataset.ttl", '"2020-02-01"', f'"{date}"')


def dates(release: Path) -> dict[str, datetime]:
    return dict(Resources(release).all())


def changed(before: Path, after: Path) -> set[str]:
    """The things, terms, codes and queries whose date differs: what tells of the release as a whole changes with each."""
    old, new = dates(before), dates(after)
    return {name for name in new if new[name] != old.get(name) and re.match("(id|ns|scheme|shape|query)(/|$)", name)}


def rows(release: Path, table: str) -> set[tuple]:
    with sqlite3.connect(release / FILE) as connection:
        found = set(connection.execute(f"SELECT * FROM {table}"))
    connection.close()
    return found


# --- the file

def test_two_builds_give_equal_bytes_also_with_another_seed_of_hashes(mini: Project, tmp_path: Path):
    for seed in ("1", "2"):
        result = triplehelix("build", tmp_path / seed, "--project", mini.root, "--base", BASE, PYTHONHASHSEED=seed)
        assert result.returncode == 0, result.stderr
    one, other = (tmp_path / seed / "current" / FILE for seed in ("1", "2"))
    assert one.read_bytes() == other.read_bytes() and one.stat().st_size > 4096


def test_the_manifest_lists_the_file_with_its_checksum(mini_release: Path):
    path = mini_release / FILE
    assert read_manifest(mini_release).files[FILE] == {"bytes": path.stat().st_size, "sha256": sha256(path)}


def test_every_iri_of_ours_that_is_described_is_known(mini_release: Path):
    base = read_manifest(mini_release).base
    opened = store.opened(mini_release / "store")
    subjects = {q.subject.value.removeprefix(base) for q in opened.quads_for_pattern(None, None, None, None)
                if isinstance(q.subject, NamedNode) and q.subject.value.startswith(base)}
    known = [name for name, _ in Resources(mini_release).all()]
    assert known == sorted(known) and set(known) == {name for name in subjects if name and "#" not in name}
    assert {"id/harbour/east", "id/lighthouse/sunken", "ns", "ns/sea", "scheme/region/1.10", "shape/sea", "graph/lights",
            "graph/inferred", "query/lights-of-a-harbour", "dataset"} <= set(known)


def test_the_counts_are_those_of_the_default_graph(mini_release: Path):
    base, opened = read_manifest(mini_release).base, store.opened(mini_release / "store")
    known = Resources(mini_release)
    for name in ("id/harbour/east", "scheme/region/1", "scheme/region", "ns#Harbour", "ns/sea", "id/lighthouse/sunken"):
        found: dict[str, int] = {}
        for quad in opened.quads_for_pattern(None, None, NamedNode(base + name), DefaultGraph()):
            found[quad.predicate.value] = found.get(quad.predicate.value, 0) + 1
        assert known.inverse(name) == found
    assert known.inverse("id/harbour/east")[base + "ns#guards"] == 1, "the light of unverified/ guards in its own graph only"


def test_many_links_are_counted_whole(tmp_path: Path):
    held = Content(BASE, tmp_path, {f"{BASE}graph/many": "dataset"})
    ends = [f"<{BASE}id/x/{n:04}> <urn:p:knows> <{BASE}id/x/0000> " for n in range(1500)]
    held.merge.write_text("".join(f"{end}.\n" for end in ends))
    held.whole.write_text("".join(f"{end}<{BASE}graph/many> .\n" for end in ends))
    said = resources.Said(held, [], {}, lambda _: (b"", frozenset()))
    resources.write(tmp_path, said, {}, Resources(tmp_path / "none"), "2020-01-01")
    assert Resources(tmp_path).inverse("id/x/0000") == {"urn:p:knows": 1500}


def test_each_thread_reads_by_itself(mini_release: Path):
    known, found = Resources(mini_release), []
    threads = [threading.Thread(target=lambda: found.append(known.inverse("scheme/region/1"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(counts == found[0] for counts in found) and found[0]


def test_a_release_without_the_file_knows_nothing(tmp_path: Path):
    known = Resources(tmp_path)
    assert not known and known.modified("id/x") is None and known.retired("id/x") is None
    assert known.inverse("id/x") == {} and list(known.all()) == []


def test_the_file_cannot_be_written_by_a_reader(mini_release: Path):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        Resources(mini_release)._connection().execute("DELETE FROM resource")


@pytest.mark.parametrize("file", [FILE, views.FILE])
@pytest.mark.parametrize("spoilt", [b"", b"not a database" * 999])
def test_the_gate_reads_the_file_again(mini_release: Path, tmp_path: Path, file: str, spoilt: bytes):
    for path in mini_release.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / file).unlink()
    (tmp_path / file).write_bytes(spoilt)
    with pytest.raises(Faulty, match=re.escape(file)):
        gate.require_fit(tmp_path, read_manifest(mini_release))


# --- dates

def test_a_first_release_takes_the_newest_date_of_the_graphs_that_describe_a_thing(mini_release: Path):
    known = Resources(mini_release)
    assert known.modified("id/lighthouse/rock") == day("2020-02-03")
    assert known.modified("id/harbour/east") == day(DAY), "it stands in the graph of lights and in the newer one of harbours"
    assert known.modified("id/lighthouse/sunken") == day("2021-01-01")
    assert known.modified("ns") == day(DAY), "its graph states no date, so the release's own"
    assert known.modified("id/nobody") is None


def test_dates_are_carried_over_while_a_document_shows_the_same(draft: Project, tmp_path: Path):
    first = build(draft, tmp_path / "releases", BASE)
    second = build(dated(edited(draft, "data/lights.ttl", "height 17", "height 18")), tmp_path / "releases", BASE)
    assert second.name.startswith(LATER)
    assert changed(first, second) == {"id/lighthouse/rock", "id/harbour/north"}, "the page of the harbour lists its lights"
    assert dates(second)["id/lighthouse/rock"] == day(LATER)


def test_a_name_is_shown_wherever_it_is_linked(draft: Project, tmp_path: Path):
    first = build(draft, tmp_path / "releases", BASE)
    second = build(dated(edited(draft, "data/harbours.ttl", '"North Harbour"', '"Far Harbour"')), tmp_path / "releases", BASE)
    # The light that guards it names it, and so do the regions it lies in, which list what lies there.
    expected = {"id/harbour/north", "id/lighthouse/rock", "scheme/region/1", "scheme/region/1.1", "scheme/region/1.10"}
    assert changed(first, second) == expected


def test_a_new_link_changes_what_it_points_to(draft: Project, tmp_path: Path):
    first = build(draft, tmp_path / "releases", BASE)
    again = edited(draft, "data/lights.ttl", "    sea:guards <id/harbour/north> ;\n",
                   "    sea:guards <id/harbour/east> ,\n        <id/harbour/north> ;\n")
    second = build(dated(again), tmp_path / "releases", BASE)
    # The answer of the query's own example grows, and the pages of regions count the lights of their harbours.
    assert changed(first, second) == {"id/lighthouse/rock", "id/harbour/east", "query/lights-of-a-harbour", "scheme/region/1",
                                      "scheme/region/1.1"}


def test_changes_of_one_day_are_told_apart(draft: Project, tmp_path: Path):
    releases = tmp_path / "releases"
    build(edited(draft, LIGHTS, "2020-02-03", LATER), releases, BASE)
    for number, height in enumerate((18, 19, 20)):
        edited(draft, "data/lights.ttl", f"height {17 if not number else height - 1}", f"height {height}")
        found = Resources(build(draft, releases, BASE)).modified("id/lighthouse/rock")
        assert found == day(LATER) + timedelta(seconds=number + 1)


def test_older_data_make_no_older_document(draft: Project, tmp_path: Path):
    releases = tmp_path / "releases"
    build(edited(draft, LIGHTS, "2020-02-03", LATER), releases, BASE)
    edited(draft, LIGHTS, LATER, "2020-02-03")
    older = build(edited(draft, "data/lights.ttl", "height 17", "height 18"), releases, BASE)
    assert older.name.startswith(DAY)
    assert Resources(older).modified("id/lighthouse/rock") > day(LATER)


@pytest.mark.parametrize(("before", "found", "expected"), [
    (None, "a", "2020-01-01"), (State("a", "2019-01-01"), "a", "2019-01-01"), (State("b", "2019-01-01"), "a", LATER),
    (State("b", LATER), "a", f"{LATER}T00:00:01Z"), (State("b", f"{LATER}T00:00:01Z"), "a", f"{LATER}T00:00:02Z"),
    (State("b", f"{LATER}T00:00:01Z"), "b", f"{LATER}T00:00:01Z"), (State("b", "2021-01-01"), "a", "2021-01-01T00:00:01Z"),
])
def test_the_date_of_a_state(before: State | None, found: str, expected: str):
    assert resources._modified(before, found, "2020-01-01", LATER) == expected


# --- what is shown is what is hashed

@pytest.mark.parametrize(("name", "old", "new"), [
    ("data/lights.ttl", "height 17", "height 18"), ("data/harbours.ttl", '"North Harbour"', '"Far Harbour"'),
    ("data/lights.ttl", "sea:guards <id/harbour/north>", "sea:guards <id/harbour/east>"),
    ("data/unverified/rumours.ttl", "Sunken", "Drowned"), ("ontology/sea.ttl", '"guards"', '"watches"'),
    ("ontology/schemes/region.ttl", "prefLabel", "prefLabel \"Z\"@de , "),
    ("data/harbours.ttl", 'title "Harbours"', 'title "Havens"'), ("data/lights.ttl", "2020-02-03", "2020-02-04"),
    ("shapes/sea.ttl", "sh:name \"height\"", "sh:name \"tallness\""), ("ontology/sea.ttl", "A tower", "A high tower"),
    ("queries/panels/lights.rq", "title: Lights", "title: Lamps"),
])
def test_a_document_that_reads_otherwise_has_another_date(draft: Project, room, tmp_path: Path, name: str, old: str, new: str):
    releases = tmp_path / "releases"
    first = build(draft, releases, BASE)
    client = client_of(releases, room, BASE)
    names = [found for found in dates(first) if re.match("(id|ns|scheme|shape|query|graph)(/|$)", found)]
    bodies = {found: read(client, found) for found in names}
    edited(draft, name, old, new)
    second = build(dated(draft), releases, BASE)
    assert os.readlink(releases / "current") == second.name
    client = client_of(releases, room, BASE)
    older, newer = dates(first), dates(second)
    otherwise = {found for found in names if read(client, found) != bodies[found]}
    moved = {found for found in names if newer[found] > older[found]}
    assert otherwise <= moved and all(re.match(OF_THE_WHOLE, found) for found in moved - otherwise)


def read(client, name: str) -> list[bytes]:
    """The document of a resource in every syntax in which it has a date."""
    room = "doc/" if re.match("id/|scheme/[^/]+/", name) else ""
    answers = {suffix: client.get(f"/{room}{name}.{suffix}") for suffix in SUFFIXES}
    assert {answer.status_code for answer in answers.values()} == {200}, name
    dated = {suffix: answer.data for suffix, answer in answers.items() if "Last-Modified" in answer.headers}
    assert set(SUFFIXES[:-1]) <= set(dated) and ("html" in dated or re.match(OF_THE_WHOLE, name)), name
    return list(dated.values())
