"""One step of a release against the one before it, and several as one: what changed, by line and by entity."""

from __future__ import annotations

import gzip
import heapq
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby, takewhile
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from triplehelix.changes import index
from triplehelix.changes.index import Entity
from triplehelix.changes.lines import ADDED, REMOVED, Change, compared, composed, marked
from triplehelix.findings import fault
from triplehelix.releases import CHANGES

DATASET, SUMMARY = "dumps/dataset.nq", "summary.json"
FILES = MappingProxyType({ADDED: "added.nq.gz", REMOVED: "removed.nq.gz"})


@dataclass(frozen=True)
class Summary:
    """Counts of the changes of a release against `before`: statements, then entities. Of the first release all is added."""

    before: str | None
    added: int
    removed: int
    created: int
    changed: int
    deleted: int

    def to_json(self) -> bytes:
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()


@dataclass(frozen=True)
class Step:
    """The changes of one release (`folder`: where it stands, or what is left of it), made (ADDED) or undone (REMOVED)."""

    folder: Path
    sign: int = ADDED

    @cached_property
    def summary(self) -> Summary:
        """Raises Faulty where it cannot be read."""
        path = self.folder / CHANGES / SUMMARY
        try:
            return Summary(**json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError) as error:
            raise fault(path, f"cannot be read ({error}); build the release again") from error

    @property
    def is_readable(self) -> bool:
        return self.summary.before is not None or (self.folder / DATASET).is_file()

    def lines(self) -> Iterator[Change]:
        """The changes, sorted. Raises Faulty where a file cannot be opened, OSError where it is damaged."""
        if self.summary.before is None:
            return marked(opened(self.folder / DATASET), self.sign)
        return heapq.merge(*(marked(opened(self.folder / CHANGES / name), sign * self.sign) for sign, name in FILES.items()))

    def entities(self, after: str) -> Iterator[Entity]:
        """The entities of it behind a term, sorted. Raises Faulty where they cannot be read."""
        path = self.folder / CHANGES / index.FILE
        try:
            yield from (found if self.sign == ADDED else found.undone for found in index.read(path, after))
        except sqlite3.Error as error:
            raise fault(path, f"cannot be read ({error}); build the release again") from error


@dataclass(frozen=True)
class Changes:
    """What makes the release `after` of the release `before` (None: of nothing), made of steps.

    Without a chain between the two there are no steps but both `dumps`.
    """

    before: str | None
    after: str
    steps: tuple[Step, ...] = ()
    dumps: tuple[Path, Path] | None = None

    @property
    def summary(self) -> Summary | None:
        """Counts, where they are known without a walk: of one step that is made."""
        return self.steps[0].summary if len(self.steps) == 1 and self.steps[0].sign == ADDED else None

    @property
    def is_readable(self) -> bool:
        """Whether the lines are there: those of the first release are its dump, which goes when it is pruned."""
        return all(step.is_readable for step in self.steps)

    @property
    def size(self) -> int:
        """How many lines there are to be walked through; with dumps, bytes, which are more."""
        if self.dumps:
            return sum(path.stat().st_size for path in self.dumps)
        return sum(step.summary.added + step.summary.removed for step in self.steps)

    def lines(self) -> Iterator[Change]:
        """The changes, sorted, each line once."""
        if self.dumps:
            return (change for change in compared(*map(opened, self.dumps)) if change[1])
        return self.steps[0].lines() if len(self.steps) == 1 else composed(step.lines() for step in self.steps)

    def entity(self, iri: str) -> Entity | None:
        """One of the entities, if it is among them."""
        behind = self.entities(f"<{iri}")
        return next((found for found in takewhile(lambda found: found.term <= f"<{iri}>", behind) if found.iri == iri), None)

    def entities(self, after: str = "") -> Iterator[Entity]:
        """The entities that changed behind a term, sorted. Of several steps: all that changed on the way, of which some may be
        in the end as they were; their counts are of all steps."""
        ranked = heapq.merge(*(_ranked(rank, step.entities(after)) for rank, step in enumerate(self.steps)))
        for _, alike in groupby(ranked, key=itemgetter(0)):
            yield _together([entity for _, _, entity in alike])


def opened(path: Path) -> Iterator[bytes]:
    """The lines of a file, or of one in gzip. Raises Faulty where it cannot be opened."""
    with _file(path) as file:
        yield from file


def _file(path: Path) -> BinaryIO | gzip.GzipFile:
    try:
        return gzip.open(path) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise fault(path, f"cannot be read ({error.strerror}); build the release again") from error


def _ranked(rank: int, entities: Iterator[Entity]) -> Iterator[tuple[str, int, Entity]]:
    return ((entity.term, rank, entity) for entity in entities)


def _together(found: list[Entity]) -> Entity:
    """One entity of several steps: it existed before the first of them, and exists after the last."""
    return Entity(found[0].term, sum(entity.added for entity in found), sum(entity.removed for entity in found),
                  found[0].existed, found[-1].exists_now)
