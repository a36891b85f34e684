"""A sealed release made by hand around a store of any graphs, for a real server to serve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, parse

from suites.manifests import format_of
from triplehelix.build import seal
from triplehelix.releases import Manifest

VERSION = "2026-01-01-000000000000"


def write(releases: Path, base: str, graphs: Mapping[str, Path | None]) -> Path:
    """The release with these named graphs (None: an empty one) and their merge as default graph, as the current one."""
    folder = releases / VERSION
    folder.mkdir()
    store, counts = Store(str(folder / "store")), {}
    for graph, path in graphs.items():
        quads = list(parse(path.read_bytes(), format=format_of(path), base_iri=graph)) if path else []
        store.add_graph(NamedNode(graph))
        store.extend(Quad(q.subject, q.predicate, q.object, name) for q in quads for name in (NamedNode(graph), DefaultGraph()))
        counts[graph] = {"part": "dataset", "triples": len(quads), "dump": ""}
    store.flush()
    del store
    for name in ("catalogue.ttl", "report.ttl"):
        (folder / name).touch()
    seal.hash_store(folder)
    triples = sum(row["triples"] for row in counts.values())
    manifest = Manifest(VERSION, base, base, "", "", {"triples": triples, "quads": triples, "graphs": len(counts)}, {}, counts,
                        seal.inventory(folder))
    (folder / "manifest.json").write_bytes(manifest.to_json())
    seal.publish(releases, VERSION)
    return folder
