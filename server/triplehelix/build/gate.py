"""The gate of a release: what was written is read again before anybody else can."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pyoxigraph import DefaultGraph, parse

from triplehelix import store
from triplehelix.build.dumps import NAMED
from triplehelix.findings import Faulty, Finding, fault
from triplehelix.formats import DATASET, GRAPH
from triplehelix.releases import Manifest
from triplehelix.resources import FILE as RESOURCES
from triplehelix.resources import Resources


def require_fit(folder: Path, manifest: Manifest) -> None:
    """Every dump of the whole dataset parses and has the manifest's count; so has the store. Every graph is a resource that is
    known. Raises Faulty."""
    expected = {fmt.suffix: manifest.counts["quads" if fmt.name in NAMED else "triples"] for fmt in (*GRAPH, *DATASET)}
    faults = [Finding(f"dumps/dataset.{suffix}", 0, "", f"holds {found} statements, not {wanted}")
              for suffix, wanted in expected.items() if (found := _count(folder / f"dumps/dataset.{suffix}")) != wanted]
    found = store.count(store.opened(folder / "store"), DefaultGraph())
    if found != manifest.counts["triples"]:
        faults.append(Finding("store", 0, "", f"holds {found} triples, not {manifest.counts['triples']}"))
    faults += _unknown(folder, manifest)
    if faults:
        raise Faulty(faults)


def _unknown(folder: Path, manifest: Manifest) -> list[Finding]:
    """A finding for each graph without a row in resources.sqlite; for the file itself where it cannot be read."""
    try:
        known = {local for local, _ in Resources(folder).all()}
    except sqlite3.Error as error:
        raise fault(folder / RESOURCES, f"cannot be read again: {error}") from error
    return [Finding(RESOURCES, 0, f"<{local}>", "the named graph is not among the resources") for local in
            (iri.removeprefix(manifest.base) for iri in manifest.graphs) if local not in known]


def _count(path: Path) -> int:
    try:
        return sum(1 for _ in parse(path=path))
    except SyntaxError as error:
        raise fault(path, f"cannot be read again: {error.msg}", error.lineno or 0) from error
