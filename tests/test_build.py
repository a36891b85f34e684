"""Building: a checked project becomes a sealed release; nothing half done is ever seen."""

import gzip
import json
import os
import re
import resource
import shutil
import subprocess
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from conftest import COMMAND, environment, hashes, require, triplehelix
from triplehelix import store
from triplehelix.build import build, gate, inputs, publish, seal
from triplehelix.build.rebase import rebase
from triplehelix.findings import Faulty
from triplehelix.formats import DATASET, GRAPH
from triplehelix.project import Project
from triplehelix.releases import Manifest, read_manifest

OLD, NEW = "https://example.org/mini/", "http://127.0.0.1:9/sea/"
MERGED, NAMED = ("ttl", "nt", "rdf"), ("nq", "trig", "jsonld")
RAPPER = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml", "nq": "nquads", "trig": "trig"}


def spoil(project: Project, text: str = "<id/x> a sea:Boat .\n") -> Project:
    """The draft with a fault planted in one file."""
    path = project.root / "data/lights.ttl"
    path.write_text(path.read_text() + text)
    return Project(project.root)


def reworded(project: Project, old: str, new: str) -> Project:
    """The draft with one text replaced wherever it stands in the data."""
    for path in (project.root / "data").rglob("*.ttl"):
        path.write_text(path.read_text().replace(old, new))
    return Project(project.root)


def outside_store(release: Path) -> dict[str, str]:
    return {name: sha for name, sha in hashes(release).items() if not name.startswith("store")}


def faults(project: Project, releases: Path, base: str | None = None) -> list[str]:
    with pytest.raises(Faulty) as caught:
        build(project, releases, base)
    return [str(finding) for finding in caught.value.findings]


def quads(release: Path) -> list[Quad]:
    return list(parse(path=release / "dumps/dataset.nq"))


def limited(kind: int, amount: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command with a limit on one resource of its process."""
    return subprocess.run([*COMMAND, *map(str, arguments)], env=environment(), capture_output=True, text=True, timeout=60,
                          preexec_fn=lambda: resource.setrlimit(kind, (amount, amount)))


def triples(path: Path) -> set:
    return {quad.triple for quad in parse(path=path)}


def count(path: Path) -> int:
    return sum(1 for _ in parse(path=path))


# --- the same in, the same out

def test_two_builds_are_equal_in_all_bytes_outside_the_store(mini: Project, tmp_path: Path):
    one, other = (build(mini, tmp_path / name) for name in ("one", "other"))
    assert outside_store(one) == outside_store(other)
    assert (one / "manifest.json").stat().st_size > 1000


def test_the_seed_of_hashes_changes_no_byte(mini: Project, tmp_path: Path):
    found = []
    for seed in ("1", "2"):
        result = triplehelix("build", tmp_path / seed, "--project", mini.root, PYTHONHASHSEED=seed)
        assert result.returncode == 0, result.stderr
        found.append(outside_store(tmp_path / seed / "current"))
    assert found[0] == found[1]


def test_two_builds_of_the_real_project_are_equal(repository: Project, release: Path, tmp_path: Path):
    # Without its check, which takes a third of the time and decides no byte.
    with seal.workshop(tmp_path) as folder:
        again = publish(repository, inputs(repository), tmp_path, folder, read_manifest(release).base, lambda _: None)
    assert outside_store(again) == outside_store(release)


def test_no_gzip_file_states_a_name_or_a_time(mini_release: Path):
    heads = {path.read_bytes()[3:8] for path in mini_release.rglob("*.gz")}
    assert heads == {b"\0\0\0\0\0"}


def test_each_gzip_file_holds_the_file_beside_it(mini_release: Path):
    packed = list(mini_release.rglob("*.gz"))
    assert packed
    assert all(gzip.decompress(path.read_bytes()) == path.with_suffix("").read_bytes() for path in packed)


def test_the_version_is_the_newest_date_and_a_hash(mini_release: Path):
    assert re.fullmatch(r"2020-02-29-[0-9a-f]{12}", mini_release.name)
    assert read_manifest(mini_release).version == mini_release.name


def test_the_version_is_the_same_at_every_base(mini: Project, mini_release: Path, tmp_path: Path):
    assert build(mini, tmp_path, NEW).name == mini_release.name


def test_another_value_is_another_version(draft: Project, mini_release: Path, tmp_path: Path):
    assert build(reworded(draft, "41.5", "41.6"), tmp_path).name != mini_release.name


def test_the_order_of_statements_is_no_other_version(draft: Project, mini_release: Path, tmp_path: Path):
    swapped = reworded(draft, "    sea:guards <id/harbour/east> ;\n    sea:height 41.5 ;\n",
                       "    sea:height 41.5 ;\n    sea:guards <id/harbour/east> ;\n")
    assert build(swapped, tmp_path).name == mini_release.name


# --- publishing

def test_current_points_to_the_new_release_by_a_relative_link(mini: Project, tmp_path: Path):
    target = build(mini, tmp_path)
    assert os.readlink(tmp_path / "current") == target.name
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([".lock", target.name, "current"])


def test_a_failed_check_leaves_current_and_releases_untouched(draft: Project, tmp_path: Path):
    releases = tmp_path / "releases"
    target = build(draft, releases)
    before = hashes(releases)
    assert "sea:Boat" not in faults(spoil(draft), releases)[0] and "ns#Boat" in faults(draft, releases)[0]
    assert os.readlink(releases / "current") == target.name
    assert hashes(releases) == before and not (releases / ".building").exists()


def test_a_disk_that_is_full_leaves_current_untouched_and_nothing_aside(draft: Project, tmp_path: Path):
    releases = tmp_path / "releases"
    target = build(draft, releases)
    result = limited(resource.RLIMIT_FSIZE, 4096, "build", releases, "--project", reworded(draft, "41.5", "41.6").root)
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1 and "File too large" in result.stderr
    assert sorted(p.name for p in releases.iterdir()) == sorted([".lock", target.name, "current"])
    assert os.readlink(releases / "current") == target.name


def test_a_version_that_is_there_is_left(mini: Project, tmp_path: Path):
    target = build(mini, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    assert build(mini, tmp_path) == target
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == before


def test_a_version_that_is_there_is_verified(mini: Project, tmp_path: Path):
    target = build(mini, tmp_path)
    path = target / "dumps/dataset.nt"
    path.write_bytes(path.read_bytes().replace(b"Cape", b"Cake", 1))
    assert faults(mini, tmp_path) == [f"{path}: altered: its SHA-256 is not the one it was sealed with"]


def test_a_version_of_other_software_stands_beside(mini: Project, tmp_path: Path):
    target = build(mini, tmp_path)
    path = target / "manifest.json"
    fields = json.loads(path.read_text())
    path.write_bytes(Manifest(**{**fields, "software": "0.0.1+other"}).to_json())
    before = hashes(target)
    again = build(mini, tmp_path)
    assert again.name == f"{target.name}.2" and os.readlink(tmp_path / "current") == again.name
    assert read_manifest(again).version == again.name
    assert hashes(target) == before


def test_data_that_come_back_make_an_old_version_current_again(draft: Project, tmp_path: Path):
    releases = tmp_path / "releases"
    first = build(draft, releases)
    second = build(reworded(draft, "41.5", "41.6"), releases)
    assert os.readlink(releases / "current") == second.name
    assert build(reworded(draft, "41.6", "41.5"), releases) == first
    assert os.readlink(releases / "current") == first.name


def test_another_base_in_the_same_folder_is_refused(mini: Project, tmp_path: Path):
    target = build(mini, tmp_path)
    assert faults(mini, tmp_path, NEW) == [f"{tmp_path}: holds releases of base {OLD}, not {NEW}: build into another folder"]
    assert os.readlink(tmp_path / "current") == target.name


def test_a_second_build_at_the_same_time_is_refused(mini: Project, tmp_path: Path):
    with seal.workshop(tmp_path):
        assert faults(mini, tmp_path) == [f"{tmp_path}: another build is at work in this folder; wait until it has ended"]


def test_a_builder_that_was_killed_is_cleaned_up_after(mini: Project, tmp_path: Path):
    (tmp_path / ".building").mkdir()
    (tmp_path / ".building/half.ttl").write_text("half")
    target = build(mini, tmp_path)
    assert not (target / "half.ttl").exists() and not (tmp_path / ".building").exists()


def test_a_folder_that_cannot_be_written_is_told(mini: Project, tmp_path: Path):
    (tmp_path / "file").write_text("")
    told, = faults(mini, tmp_path / "file" / "releases")
    assert told.startswith(f"{tmp_path / 'file' / 'releases'}: cannot be written: ")


@pytest.mark.parametrize("base", ["example.org/", "http://example.org", "ftp://example.org/", "http://example.org/?q=/",
                                  "http://example.org/#/", "http:///", "http://[/", "http://exa mple/", "http://h:99999/"])
def test_a_base_that_cannot_be_one_is_refused(mini: Project, tmp_path: Path, base: str):
    told, = faults(mini, tmp_path / "releases", base)
    assert "not a base IRI" in told and not (tmp_path / "releases").exists()


def test_data_without_any_date_cannot_be_released(draft: Project, tmp_path: Path):
    undated = reworded(draft, "dcterms:modified", "dcterms:license")
    told, = faults(undated, tmp_path / "releases")
    assert "date" in told


@pytest.mark.parametrize("rule", [
    "CONSTRUCT { ?s <http://purl.org/dc/terms/title> [] } WHERE { ?s a ?type }",
    "CONSTRUCT { ?s <http://purl.org/dc/terms/identifier> ?next } WHERE { ?s <http://purl.org/dc/terms/identifier> ?x "
    "BIND(CONCAT(STR(?x), 'x') AS ?next) }",
], ids=["blank nodes", "longer and longer"])
def test_rules_that_do_not_end_are_told(draft: Project, tmp_path: Path, rule: str):
    (draft.root / "queries/rules/endless.rq").write_text(rule)
    result = limited(resource.RLIMIT_AS, 4 << 30, "build", tmp_path / "releases", "--project", draft.root)
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1 and "rules" in result.stderr


# --- what a release holds

def test_the_default_graph_is_a_set(mini_release: Path):
    manifest = read_manifest(mini_release)
    asserted = [q for q in quads(mini_release) if "/unverified/" not in q.graph_name.value]
    distinct = {q.triple for q in asserted}
    assert len(asserted) == len(distinct) + 2, "East Harbour's class and name stand in two graphs"
    opened = store.opened(mini_release / "store")
    assert store.Reading(mini_release / "store").count(DefaultGraph()) == len(distinct) == manifest.counts["triples"]
    assert {q.triple for q in opened.quads_for_pattern(None, None, None, DefaultGraph())} == distinct


def test_what_stands_apart_is_found_by_name_only(mini_release: Path):
    base = read_manifest(mini_release).base
    sunken = NamedNode(base + "id/lighthouse/sunken")
    opened = store.opened(mini_release / "store")
    found = {str(q.graph_name) for q in opened.quads_for_pattern(sunken, None, None, None)}
    assert found == {f"<{base}graph/unverified/rumours>"}
    for suffix in NAMED:
        assert sunken.value in (mini_release / f"dumps/dataset.{suffix}").read_text()
    for suffix in MERGED:
        assert sunken.value not in (mini_release / f"dumps/dataset.{suffix}").read_text()


def test_service_graphs_are_in_the_store_and_in_no_dump_of_the_whole(mini_release: Path):
    base = read_manifest(mini_release).base
    reading = store.Reading(mini_release / "store")
    for name in ("shapes/sea", "queries", "catalogue"):
        assert reading.count(NamedNode(f"{base}graph/{name}")) > 0
    assert not any("/graph/shapes/" in q.graph_name.value for q in quads(mini_release))


def test_the_inferred_graph_holds_what_nobody_asserts(mini_release: Path):
    base = read_manifest(mini_release).base
    inferred = {q.triple for q in quads(mini_release) if q.graph_name.value == base + "graph/inferred"}
    asserted = {q.triple for q in quads(mini_release) if q.graph_name.value != base + "graph/inferred"}
    said = {(t.subject.value.removeprefix(base), t.predicate.value.removeprefix(base), t.object.value.removeprefix(base))
            for t in inferred}
    assert not inferred & asserted
    assert said == {("id/harbour/east", "ns#region", "scheme/region/1"), ("id/harbour/north", "ns#region", "scheme/region/1.1"),
                    ("id/harbour/north", "ns#region", "scheme/region/1"),
                    ("id/lighthouse/cape", "http://purl.org/dc/terms/relation", "id/harbour/east"),
                    ("id/lighthouse/rock", "http://purl.org/dc/terms/relation", "id/harbour/north")}


def test_the_real_inferred_graph_holds_nothing_asserted(release: Path):
    name = read_manifest(release).base + "graph/inferred"
    inferred = {q.triple for q in quads(release) if q.graph_name.value == name}
    assert inferred and not inferred & {q.triple for q in quads(release) if q.graph_name.value != name}


def test_public_queries_are_in_the_release_with_its_base(mini_release: Path):
    base = read_manifest(mini_release).base
    text = (mini_release / "queries/lights-of-a-harbour.rq").read_text()
    assert f"BASE <{base}>" in text and OLD not in text
    assert sorted(p.name for p in (mini_release / "queries").iterdir()) == ["lights-of-a-harbour.rq", "places-of-a-region.rq"]


def test_no_licence_is_claimed_that_the_project_does_not_give(mini_release: Path):
    assert "creativecommons.org/licenses/by" not in (mini_release / "catalogue.ttl").read_text()


# --- re-basing

@pytest.mark.parametrize(("predicate", "value"), [
    ("http://purl.org/vocab/vann/preferredNamespaceUri", Literal(OLD + "ns#")),
    ("http://rdfs.org/ns/void#uriSpace", Literal(OLD)),
    ("http://www.w3.org/ns/shacl#namespace", Literal(OLD, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#anyURI"))),
    ("http://www.w3.org/ns/shacl#select", Literal(f"ASK {{ <{OLD}id/a> ?p <{OLD}id/b> }}")),
    ("http://www.w3.org/ns/shacl#ask", Literal(f"ASK {{ <{OLD}id/a> ?p ?o }}")),
    ("http://www.w3.org/ns/shacl#construct", Literal(f"BASE <{OLD}> ...")),
    ("http://www.w3.org/ns/shacl#pattern", Literal(f"^{OLD}id/")),
    ("urn:x:any", Literal(OLD + "id/a", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#anyURI"))),
    ("urn:x:any", NamedNode(OLD + "id/a")),
    (OLD + "ns#p", NamedNode(OLD)),
])
def test_rebasing_moves_iris_and_literals_that_hold_iris(predicate: str, value: NamedNode | Literal):
    moved = rebase(OLD, NEW)(line(Quad(NamedNode(OLD + "id/s"), NamedNode(predicate), value, NamedNode(OLD + "graph/g"))))
    assert OLD.encode() not in moved and moved.count(NEW.encode()) >= 3
    quad, = parse(moved, format=RdfFormat.N_QUADS)
    assert not isinstance(value, Literal) or quad.object.datatype == value.datatype


def line(quad: Quad) -> bytes:
    return f"{quad} .\n".encode()


@pytest.mark.parametrize("value", [
    Literal(f"Its page was {OLD}id/a once."), Literal(OLD, language="en"), NamedNode("https://example.org/minima"),
    NamedNode("https://other.example/?of=" + OLD), Literal("plain"),
])
def test_rebasing_touches_nothing_else(value: NamedNode | Literal):
    quad = Quad(NamedNode("urn:x:s"), NamedNode("http://www.w3.org/2000/01/rdf-schema#comment"), value, DefaultGraph())
    assert rebase(OLD, NEW)(line(quad)) == line(quad)


def test_a_rebased_release_says_the_same_but_for_the_base(mini: Project, mini_release: Path, tmp_path: Path):
    canonical = build(mini, tmp_path)
    moved = rebase(OLD, read_manifest(mini_release).base)
    assert {moved(line(q)) for q in quads(canonical)} == set(map(line, quads(mini_release)))


def test_only_the_free_text_still_names_the_canonical_base(mini_release: Path):
    left = {q.object.value for q in quads(mini_release) if OLD in str(q)}
    assert left == {f"Its page was {OLD}id/harbour/east once."}


# --- counts: store, dumps, manifest and an independent parser

@pytest.mark.parametrize("suffix", [f.suffix for f in (*GRAPH, *DATASET)])
def test_every_dump_of_the_whole_holds_what_the_manifest_says(release: Path, suffix: str):
    counts = read_manifest(release).counts
    assert count(release / f"dumps/dataset.{suffix}") == counts["quads" if suffix in NAMED else "triples"]


@pytest.mark.parametrize("suffix", MERGED)
def test_every_dump_of_the_merge_holds_the_same_triples(release: Path, suffix: str):
    assert triples(release / f"dumps/dataset.{suffix}") == triples(release / "dumps/dataset.nt")


@pytest.mark.parametrize("suffix", NAMED)
def test_every_dump_of_the_graphs_holds_the_same_quads(release: Path, suffix: str):
    assert set(parse(path=release / f"dumps/dataset.{suffix}")) == set(quads(release))


@pytest.mark.parametrize("suffix", RAPPER)
def test_an_independent_parser_counts_the_same(release: Path, suffix: str):
    rapper = require("rapper")
    path = release / f"dumps/dataset.{suffix}"
    result = subprocess.run([rapper, "-q", "-i", RAPPER[suffix], "-o", "ntriples", path.as_uri()], capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"\n") == read_manifest(release).counts["quads" if suffix in NAMED else "triples"]


def test_the_store_counts_what_the_dumps_hold(release: Path):
    manifest, reading = read_manifest(release), store.Reading(release / "store")
    assert reading.count(DefaultGraph()) == manifest.counts["triples"]
    for iri, row in manifest.graphs.items():
        assert reading.count(NamedNode(iri)) == row["triples"] == count(release / row["dump"]), iri


def test_the_catalogue_states_the_counted_triples(release: Path):
    manifest = read_manifest(release)
    void = "http://rdfs.org/ns/void#triples"
    said = {q.subject.value: int(q.object.value) for q in parse(path=release / "catalogue.ttl") if q.predicate.value == void}
    assert said[manifest.base + "dataset"] == manifest.counts["triples"]
    assert {iri: said[iri] for iri in manifest.graphs} == {iri: row["triples"] for iri, row in manifest.graphs.items()}


def test_the_gate_names_the_dump_that_lost_a_statement(mini_release: Path, tmp_path: Path):
    copy = Path(shutil.copytree(mini_release, tmp_path / "copy"))
    path = copy / "dumps/dataset.nt"
    path.write_bytes(path.read_bytes().partition(b"\n")[2])
    with pytest.raises(Faulty, match=r"dataset\.nt: holds \d+ statements, not \d+"):
        gate.require_fit(copy, read_manifest(copy))


def test_the_gate_names_the_dump_that_does_not_parse(mini_release: Path, tmp_path: Path):
    copy = Path(shutil.copytree(mini_release, tmp_path / "copy"))
    (copy / "dumps/dataset.ttl").write_text("<a> <b>")
    with pytest.raises(Faulty, match=r"dataset\.ttl"):
        gate.require_fit(copy, read_manifest(copy))
