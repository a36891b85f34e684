"""A release that holds a synthetic graph, for `serve`: `python -m benchmarks.release FILE RELEASES TRIPLES`.

What a build writes is written here by the build's own code: named graph, merge, dumps, catalogue, store, manifest, seal.
Left out are the steps before: the check by SHACL, which takes an hour for a million triples, and the rules, for a synthetic
graph says already what follows; and what pages show besides, for there are no shapes that it could be asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Store

from benchmarks.bench import ROOT
from benchmarks.terms import BASE
from triplehelix import build, panels, project
from triplehelix.build import lines, seal
from triplehelix.build.content import Content
from triplehelix.build.hands import hired
from triplehelix.build.sorting import ordered, unique
from triplehelix.engine.statistics import count
from triplehelix.releases import STATISTICS, Manifest
from triplehelix.resources import Resources

GRAPH = NamedNode(f"{BASE}graph/synthetic")
VERSION = "2026-01-01-000000000000"
# The documents of a release take longer than all else of it: above this size the store alone is written, from the file.
WHOLE = 2_000_000


class Bare(project.Project):
    """A project without panels and facets."""

    def queries(self, room: str = "") -> tuple[Path, ...]:
        return () if room in (panels.PANELS, panels.FACETS) else super().queries(room)


def write(file: Path, releases: Path, size: int) -> Path:
    """Make the N-Triples file the current release of the folder, at the canonical base; the release's folder."""
    target = releases / VERSION
    with seal.workshop(releases) as folder:
        manifest = (_whole if size <= WHOLE else _store_alone)(file, folder, size)
        seal.seal(folder, target, manifest)
    seal.publish(releases, VERSION)
    return target


def _whole(file: Path, folder: Path, _: int) -> Manifest:
    held = Content(BASE, folder / "work")
    held.file(GRAPH.value).parent.mkdir(parents=True)
    said = lines.parsed(file, RdfFormat.N_TRIPLES, BASE, folder)
    held.take(GRAPH.value, "dataset", lines.write(held.file(GRAPH.value), unique(ordered(said, folder))))
    plan = build.Plan(Bare(ROOT), "", BASE, VERSION, {}, Resources(folder / "none"), None, lambda _: None)
    with hired(file.stat().st_size) as hands:
        return build._write(plan, folder, held, hands)


def _store_alone(file: Path, folder: Path, size: int) -> Manifest:
    store = Store(str(folder / "store"))
    for graph in (GRAPH, None):
        store.bulk_load(path=str(file), format=RdfFormat.N_TRIPLES, to_graph=graph)
    store.flush()
    store.optimize()
    (folder / STATISTICS).write_bytes(count(store).to_json())
    del store
    (folder / "catalogue.ttl").write_text("")
    seal.hash_store(folder)
    graphs = {GRAPH.value: {"part": "dataset", "triples": size, "dump": ""}}
    return Manifest(VERSION, BASE, BASE, "", build.software(), {"triples": size, "quads": size, "graphs": 1}, {}, graphs,
                    seal.inventory(folder))


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
