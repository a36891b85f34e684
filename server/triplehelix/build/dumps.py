"""Dumps: the dataset and each named graph as files in every RDF syntax of the format table, plain and gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from triplehelix.formats import DATASET, GRAPH, Format, serialise
from triplehelix.project import TURTLE

# These hold named graphs, so the whole dataset goes into them graph by graph; the others hold the merge.
NAMED = ("nq", "trig", "jsonld")


def write_dataset(folder: Path, merge: list[Triple], quads: Iterable[Quad], prefixes: Mapping[str, str]) -> None:
    """dumps/dataset.*: the merge as triples; in .nq, .trig and .jsonld the named graphs, those that stand apart too."""
    named = ordered(quads)
    for fmt in (*GRAPH, *DATASET):
        content = named if fmt.name in NAMED else merge
        write(folder / f"dataset.{fmt.suffix}", content, fmt, prefixes)


def write_graph(stem: Path, quads: list[Quad], prefixes: Mapping[str, str]) -> None:
    """One named graph under `stem`: its triples; in .nq as quads of that graph."""
    plain, named = triples(quads), ordered(quads)
    for fmt in (*GRAPH, *(f for f in DATASET if f.name == "nq")):
        content = named if fmt.name == "nq" else plain
        write(stem.with_name(f"{stem.name}.{fmt.suffix}"), content, fmt, prefixes)


def write(path: Path, content: Iterable[Quad | Triple], fmt: Format, prefixes: Mapping[str, str]) -> None:
    """One file and its .gz beside it (no name and no time in the gzip header, so that equal data are equal bytes)."""
    data = serialise(content, fmt, prefixes)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 6, mtime=0))


def ordered(quads: Iterable[Quad]) -> list[Quad]:
    """Quads by graph, subject, predicate and object: one order for one dataset."""
    return sorted(quads, key=lambda q: (str(q.graph_name), *_key(q)))


def triples(quads: Iterable[Quad]) -> list[Triple]:
    """The distinct triples of the quads, sorted."""
    distinct = {Quad(q.subject, q.predicate, q.object, DefaultGraph()) for q in quads}
    return [q.triple for q in sorted(distinct, key=_key)]


def _key(quad: Quad) -> tuple[str, str, str]:
    return (str(quad.subject), str(quad.predicate), str(quad.object))


def write_catalogue(path: Path, rows: list[Triple], prefixes: Mapping[str, str]) -> None:
    """catalogue.ttl: one file of triples, sorted."""
    path.write_bytes(serialise(triples(in_graph(rows, None)), TURTLE, prefixes))


def in_graph(rows: Iterable[Triple], graph: str | None) -> list[Quad]:
    """Triples as quads of a named graph, or of the default graph."""
    name = NamedNode(graph) if graph else DefaultGraph()
    return [Quad(t.subject, t.predicate, t.object, name) for t in rows]
