"""changes/ of a release: what it added to the release before and what it removed, as sorted N-Quads, and the entities concerned.

One walk through dumps/dataset.nq of both, each of them sorted; memory does not grow with them. Of the first release all is
new: its dump is what was added, so it has the list of entities and the counts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from triplehelix.build.packing import packed
from triplehelix.build.sorting import is_ordered, ordered, unique
from triplehelix.changes import index
from triplehelix.changes.lines import Change, compared
from triplehelix.changes.steps import DATASET, FILES, SUMMARY, Summary, opened
from triplehelix.releases import CHANGES


def write(release: Path, before: Path | None) -> None:
    """Write changes/ of the release in a folder, against that in the folder `before` (its version is its name).

    Raises OSError where it cannot be written.
    """
    target = release / CHANGES
    target.mkdir()
    with ExitStack() as files:
        written = {sign: files.enter_context(packed(target / name)) for sign, name in FILES.items()} if before else {}
        changes = compared(_sorted(before, release) if before else (), _sorted(release, release))
        counts = index.write(target / index.FILE, index.grouped(_recorded(changes, written)))
    (target / SUMMARY).write_bytes(Summary(before.name if before else None, *counts).to_json())


def _recorded(changes: Iterable[Change], written: dict[int, BinaryIO]) -> Iterator[Change]:
    """The same changes, each also written to the file of its kind."""
    for change in changes:
        if file := written.get(change[1]):
            file.write(change[0])
        yield change


def _sorted(release: Path, workshop: Path) -> Iterable[bytes]:
    """The quads of a release in the order of their bytes; other software may have written them in another."""
    path = release / DATASET
    return opened(path) if is_ordered(opened(path)) else unique(ordered(opened(path), workshop))
