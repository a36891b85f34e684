"""The gate of a release: what was written is read again before anybody else can."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import DefaultGraph, parse

from triplehelix import store
from triplehelix.build.dumps import NAMED
from triplehelix.findings import Faulty, Finding, fault
from triplehelix.formats import DATASET, GRAPH
from triplehelix.releases import Manifest


def require_fit(folder: Path, manifest: Manifest) -> None:
    """Every dump of the whole dataset parses and has the manifest's count; so has the store. Raises Faulty."""
    expected = {fmt.suffix: manifest.counts["quads" if fmt.name in NAMED else "triples"] for fmt in (*GRAPH, *DATASET)}
    faults = [Finding(f"dumps/dataset.{suffix}", 0, "", f"holds {found} statements, not {wanted}")
              for suffix, wanted in expected.items() if (found := _count(folder / f"dumps/dataset.{suffix}")) != wanted]
    found = store.count(store.opened(folder / "store"), DefaultGraph())
    if found != manifest.counts["triples"]:
        faults.append(Finding("store", 0, "", f"holds {found} triples, not {manifest.counts['triples']}"))
    if faults:
        raise Faulty(faults)


def _count(path: Path) -> int:
    try:
        return sum(1 for _ in parse(path=path))
    except SyntaxError as error:
        raise fault(path, f"cannot be read again: {error.msg}", error.lineno or 0) from error
