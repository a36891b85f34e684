"""The gate of a release: what was written is read again before anybody else can."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, parse

from triplehelix import store
from triplehelix.build.dumps import NAMED
from triplehelix.description.document import THING
from triplehelix.findings import Faulty, Finding, fault
from triplehelix.formats import DATASET, GRAPH
from triplehelix.releases import Manifest
from triplehelix.representations import FILE as REPRESENTATIONS
from triplehelix.representations import TURTLE, Representations
from triplehelix.resources import FILE as RESOURCES
from triplehelix.resources import Resources


def require_fit(folder: Path, manifest: Manifest) -> None:
    """Every dump of the whole dataset parses and has the manifest's count; so has the store. Every graph is a resource that is
    known, and every thing has its document ready, which speaks of it. Raises Faulty."""
    expected = {fmt.suffix: manifest.counts["quads" if fmt.name in NAMED else "triples"] for fmt in (*GRAPH, *DATASET)}
    faults = [Finding(f"dumps/dataset.{suffix}", 0, "", f"holds {found} statements, not {wanted}")
              for suffix, wanted in expected.items() if (found := _count(folder / f"dumps/dataset.{suffix}")) != wanted]
    found = store.count(store.opened(folder / "store"), DefaultGraph())
    if found != manifest.counts["triples"]:
        faults.append(Finding("store", 0, "", f"holds {found} triples, not {manifest.counts['triples']}"))
    known = _known(folder)
    faults += _unknown(known, manifest)
    faults += _undocumented(folder, manifest.base, {local for local in known if THING.match(local)})
    if faults:
        raise Faulty(faults)


def _known(folder: Path) -> set[str]:
    """The resources that have a document. Raises Faulty where resources.sqlite cannot be read."""
    try:
        return {local for local, _ in Resources(folder).all()}
    except sqlite3.Error as error:
        raise fault(folder / RESOURCES, f"cannot be read again: {error}") from error


def _unknown(known: set[str], manifest: Manifest) -> list[Finding]:
    """A finding for each graph that is no such resource."""
    return [Finding(RESOURCES, 0, f"<{local}>", "the named graph is not among the resources") for local in
            (iri.removeprefix(manifest.base) for iri in manifest.graphs) if local not in known]


def _undocumented(folder: Path, base: str, things: set[str]) -> list[Finding]:
    """A finding where representations.sqlite has the documents of others than these, and for each that does not speak of its
    thing. Raises Faulty where the file cannot be read."""
    try:
        speaking = {local: _speaks(body, base + local) for local, (_, body) in Representations(folder).all()}
    except (sqlite3.Error, ValueError) as error:
        raise fault(folder / REPRESENTATIONS, f"cannot be read again: {error}") from error
    faults = [Finding(REPRESENTATIONS, 0, f"<{local}>", "its document says nothing of it")
              for local, speaks in speaking.items() if not speaks]
    if speaking.keys() != things:
        told = f"holds {len(speaking)} documents, which are not those of the {len(things)} things in use"
        faults.append(Finding(REPRESENTATIONS, 0, "", told))
    return faults


def _speaks(body: bytes, iri: str) -> bool:
    """Whether a document can be read, and has a statement with that subject."""
    try:
        return NamedNode(iri) in {quad.subject for quad in parse(body, format=TURTLE.engine)}
    except SyntaxError:
        return False


def _count(path: Path) -> int:
    try:
        return sum(1 for _ in parse(path=path))
    except SyntaxError as error:
        raise fault(path, f"cannot be read again: {error.msg}", error.lineno or 0) from error
