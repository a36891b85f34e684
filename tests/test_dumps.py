"""Dumps are sorted, say the same in every syntax, and are the same however they were made; the gate finds what is amiss."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import groupby, product
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, parse

from conftest import ROOT, environment, hashes
from triplehelix import store
from triplehelix.build import build, content, gate, hands, lines, progress, seal, sorting
from triplehelix.build import inputs as inputs_of
from triplehelix.build import publish as publish_made
from triplehelix.build.rebase import rebase
from triplehelix.findings import Faulty
from triplehelix.formats import GRAPH, by_name, serialise
from triplehelix.project import Project
from triplehelix.releases import read_manifest

OLD, NEW = "https://example.org/mini/", "http://127.0.0.1:9/sea/"
GRAPHS = ("dataset", "graph/lights", "graph/inferred", "graph/shapes/sea", "graph/ontology/schemes/region")


def outside_store(release: Path) -> dict[str, str]:
    return {name: sha for name, sha in hashes(release).items() if not name.startswith("store")}


@pytest.fixture(scope="module")
def alone(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release made by one process, as small ones are."""
    return build(mini, tmp_path_factory.mktemp("alone"), NEW)


@pytest.fixture
def copy(mini_release: Path, tmp_path: Path) -> Path:
    """A copy of a release that one test may spoil."""
    return Path(shutil.copytree(mini_release, tmp_path / "copy"))


# --- what the files hold

def test_lines_are_in_the_order_of_their_bytes_and_each_is_there_once(mini_release: Path):
    found = [*mini_release.rglob("dumps/**/*.nt"), *mini_release.rglob("dumps/**/*.nq")]
    assert len(found) > 20
    assert [path for path in found if not sorting.is_ordered(lines.read(path))] == []


def test_the_whole_is_all_graphs_and_the_merge_each_triple_of_the_dataset_once(mini_release: Path):
    manifest, dumps = read_manifest(mini_release), mini_release / "dumps"
    of = {part: [mini_release / row["dump"].replace(".ttl", ".nq") for row in manifest.graphs.values() if row["part"] == part]
          for part in ("dataset", "apart")}
    whole = {line for paths in of.values() for path in paths for line in lines.read(path)}
    assert set(lines.read(dumps / "dataset.nq")) == whole
    merge = {line for path in of["dataset"] for line in lines.unnamed(lines.read(path))}
    assert set(lines.read(dumps / "dataset.nt")) == merge and len(merge) == manifest.counts["triples"]


@pytest.mark.parametrize("graph", GRAPHS)
def test_turtle_says_all_of_a_subject_at_once_in_order(mini_release: Path, graph: str):
    said = [str(quad.subject) for quad in parse(path=mini_release / f"dumps/{graph}.ttl")]
    subjects = [subject for subject, _ in groupby(said)]
    assert subjects == sorted(set(said)) and len(subjects) < len(said)


@pytest.mark.parametrize(("graph", "syntax"), [("dataset", "rdf"), *product(GRAPHS[1:], ("rdf", "jsonld"))])
def test_what_is_written_piece_by_piece_is_what_is_written_at_once(mini_release: Path, graph: str, syntax: str):
    triples = [quad.triple for quad in parse(path=mini_release / f"dumps/{graph}.nt")]
    whole = serialise(triples, by_name(syntax), read_manifest(mini_release).prefixes)
    assert (mini_release / f"dumps/{graph}.{syntax}").read_bytes() == whole


def test_turtle_declares_the_prefixes_it_uses_and_no_others(mini_release: Path):
    head, _, body = (mini_release / "dumps/graph/lights.ttl").read_text().partition("\n\n<")
    declared = [line.split()[1] for line in head.splitlines() if line.startswith("@prefix ")]
    assert declared == sorted(declared) and "sea:" in declared and "sh:" not in declared
    assert all(prefix in body for prefix in declared)


def test_json_ld_has_a_line_for_each_subject_of_each_graph(mini_release: Path):
    text = (mini_release / "dumps/dataset.jsonld").read_text()
    graphs = json.loads(text)["@graph"]
    nodes = sum(len(graph["@graph"]) for graph in graphs)
    assert [graph["@id"] for graph in graphs] == sorted(graph["@id"] for graph in graphs)
    assert len(text.splitlines()) == 3 + 2 * len(graphs) + nodes


# --- however they were made

def test_many_processes_write_what_one_writes(mini: Project, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hands, "LARGE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert outside_store(build(mini, tmp_path, NEW)) == outside_store(alone)


def test_what_passes_through_files_is_what_stays_in_memory(mini: Project, alone: Path, tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sorting.ordered, "__defaults__", (2_000,))
    monkeypatch.setattr(store, "PIECE", 7)
    # The package has a function of this module's name.
    monkeypatch.setattr(sys.modules[content.__module__], "IN_MEMORY", 0)
    assert outside_store(build(mini, tmp_path, NEW)) == outside_store(alone)


def test_a_file_that_changes_while_a_release_is_made_is_told(draft: Project, tmp_path: Path):
    releases = tmp_path / "releases"
    with seal.workshop(releases) as folder:
        read = inputs_of(draft)
        path = draft.root / "data/lights.ttl"
        path.write_text(path.read_text() + "\n")
        with pytest.raises(Faulty, match="a file was changed"):
            publish_made(draft, read, releases, folder, draft.base, lambda _: None)
    assert not (releases / "current").exists()


@pytest.mark.parametrize("value", [
    Literal('He said "see <https://example.org/mini/id/a>" \\ and left'), Literal("<https://example.org/mini/>"),
    Literal('"https://example.org/mini/"', language="en"), Literal("a\nb\t\"^^<https://example.org/mini/ns#x>\""),
    Literal("x", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#anyURI")), Literal("ž <"), Literal("")])
def test_a_text_is_left_as_it_is_when_its_statement_moves(value: Literal):
    before = Quad(NamedNode(OLD + "id/s"), NamedNode(OLD + "ns#p"), value, NamedNode(OLD + "graph/g"))
    after = Quad(NamedNode(NEW + "id/s"), NamedNode(NEW + "ns#p"), value, NamedNode(NEW + "graph/g"))
    assert rebase(OLD, NEW)(f"{before} .\n".encode()) == f"{after} .\n".encode()


@pytest.mark.parametrize("value", ['"a . <b> \\" c"@en', '"1"^^<urn:t>', "<urn:o>", "_:b", '""'])
def test_a_line_is_taken_apart_without_a_parser(value: str):
    triple, quad = f"<urn:s> <urn:p> {value} .\n".encode(), f"<urn:s> <urn:p> {value} <urn:g> .\n".encode()
    assert lines.triple(triple) == ("<urn:s>", "<urn:p>", value, "")
    assert lines.quad(quad) == ("<urn:s>", "<urn:p>", value, "<urn:g>") and lines.graph_of(quad) == b"<urn:g>"
    assert list(lines.named([triple], "urn:g")) == [quad] and list(lines.unnamed([quad])) == [triple]


# --- processes

def double(number: int) -> int:
    time.sleep(0.05 if number % 2 else 0)
    return 2 * number


def fail(number: int) -> int:
    raise OSError(28, "No space left on device", f"file {number}")


def end(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> Iterator[hands.Hands]:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with hands.hired(hands.LARGE) as found:
        yield found


def test_results_come_in_the_order_of_what_was_asked_for(helped: hands.Hands):
    asked = [(number,) for number in range(9)]
    assert list(helped.each(double, asked)) == list(hands.ALONE.each(double, asked)) == [2 * number for number in range(9)]


def test_what_goes_wrong_in_a_process_is_told_here(helped: hands.Hands):
    with pytest.raises(OSError, match="No space left") as caught:
        list(helped.each(fail, [(1,)]))
    assert (caught.value.errno, caught.value.filename) == (28, "file 1")


def test_a_process_that_was_killed_is_told():
    with pytest.raises(Faulty, match="was killed"), hands.hired(hands.LARGE) as found:
        list(found.each(end, [(1,)]))


def test_a_step_says_how_far_it_is_and_how_fast(monkeypatch: pytest.MonkeyPatch):
    clock, said = iter([0.0, 0.1, 2.0, 4.0]), []
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    step = progress.Progress(said.append, "writing", 4_000)
    for _ in range(3):
        step.add(1_000)
    assert said == ["writing", "writing: 2,000 of 4,000 statements, 1,000 a second",
                    "writing: 3,000 of 4,000 statements, 750 a second"]


# --- the gate

def told(release: Path) -> list[str]:
    """What the gate finds in a release, whose manifest is taken as it stands."""
    with pytest.raises(Faulty) as caught:
        gate.require_fit(release, read_manifest(release))
    return [str(finding) for finding in caught.value.findings]


def test_the_gate_lets_a_release_pass(mini_release: Path):
    gate.require_fit(mini_release, read_manifest(mini_release))


@pytest.mark.parametrize("syntax", [fmt.suffix for fmt in GRAPH])
@pytest.mark.parametrize("graph", ["dataset", "graph/harbours"])
def test_the_gate_finds_another_statement_of_the_same_number(copy: Path, syntax: str, graph: str):
    path = copy / f"dumps/{graph}.{syntax}"
    path.write_bytes(path.read_bytes().replace(b"East Harbour", b"Past Harbour", 1))
    alike = "nq" if (graph, syntax) == ("dataset", "jsonld") else "nt"
    assert told(copy) == [f"dumps/{graph}.{syntax}: does not say what dumps/{graph}.{alike} says"]


@pytest.mark.parametrize(("spoilt", "message"), [
    (lambda data: data[:-9], "cannot be read again"), (lambda _: b"", "does not hold dumps/dataset.ttl"),
    (lambda _: gzip.compress(b"<urn:s> <urn:p> <urn:o> ."), "does not hold dumps/dataset.ttl"),
    (lambda data: gzip.compress(gzip.decompress(data), 1), "its SHA-256 is not the one of the manifest")])
def test_the_gate_unpacks_what_is_packed(copy: Path, spoilt, message: str):
    path = copy / "dumps/dataset.ttl.gz"
    path.write_bytes(spoilt(path.read_bytes()))
    found, = told(copy)
    assert found.startswith("dumps/dataset.ttl.gz: ") and message in found


def test_the_gate_counts_the_store(copy: Path):
    graph = NamedNode(read_manifest(copy).base + "graph/lights")
    store.add(copy / "store", [Quad(NamedNode("urn:s"), NamedNode("urn:p"), NamedNode("urn:o"), graph)])
    found, = told(copy)
    assert found.startswith(f"store: {graph}: holds ")


def test_the_gate_asks_the_named_queries_again(copy: Path):
    path = copy / "queries/lights-of-a-harbour.rq"
    path.write_text(path.read_text().replace("WHERE {", "WHERE { FILTER(false)"))
    assert told(copy) == ["queries/lights-of-a-harbour.rq: has no answer from the store, although it had one from the data"]


def sleep(seconds: float, told: Path) -> None:
    told.with_name(f"{os.getpid()}.pid").touch()
    time.sleep(seconds)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of others does not end a process with its parent")
def test_no_process_outlives_a_build_that_is_killed(tmp_path: Path):
    code = ("import sys; sys.path[:0] = ['tests', 'server']\nfrom pathlib import Path\nfrom test_dumps import sleep\n"
            "from triplehelix.build.hands import LARGE, hired\nif __name__ == '__main__':\n  with hired(LARGE) as hands:\n"
            f"    list(hands.each(sleep, [(60, Path({str(tmp_path / 'x')!r}))] * 2))\n")
    (tmp_path / "run.py").write_text(code)
    process = subprocess.Popen([sys.executable, tmp_path / "run.py"], cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL)
    helpers = awaited(lambda: [int(path.stem) for path in tmp_path.glob("*.pid")], wanted=min(2, os.cpu_count()))
    process.kill()
    process.wait()
    assert awaited(lambda: [pid for pid in helpers if is_alive(pid)], wanted=0) == []


def awaited(look: Callable[[], list[int]], wanted: int) -> list[int]:
    """What is seen as soon as it is as many as wanted, or after half a minute."""
    end = time.monotonic() + 30
    while len(found := look()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return found


def is_alive(pid: int) -> bool:
    """A process that has ended and that nobody has asked for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
