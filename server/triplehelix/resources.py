"""What a release knows of each IRI of ours: when its document last changed, what points to it, and what became of it.

`build` writes the file resources.sqlite, everybody else reads it here. A resource is named by what follows the base in its
IRI, as the IRI is written. Where a release has no such file, nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triplehelix.sealed import SealedFile

FILE = "resources.sqlite"
MOVED, GONE = 301, 410


@dataclass(frozen=True)
class Retired:
    """What became of an IRI: MOVED, with its successor, or GONE, with one where there is one (an IRI, never retired itself)."""

    status: int
    target: str | None


@dataclass(frozen=True)
class State:
    """What a document showed, as a hash, and when it came to show that: a date, or a date and time, of W3C's NOTE-datetime."""

    hash: str
    modified: str


class Resources(SealedFile):
    """The file of one release."""

    def __init__(self, folder: Path):
        super().__init__(folder / FILE)

    def modified(self, local: str) -> datetime | None:
        """When the document of a resource last changed (UTC); None where there is no such document.

        Midnight of the day that the data state, for they know of no hour. Changes that follow on the same day are a second
        apart, so that no two states of a document have the same date.
        """
        state = self.state(local)
        return _moment(state.modified) if state else None

    def state(self, local: str) -> State | None:
        """The hash and the date of a document."""
        row = next(self._rows("SELECT hash, modified FROM resource WHERE local = ?", local), None)
        return State(*row) if row else None

    def inverse(self, local: str) -> dict[str, int]:
        """Predicate (IRI) to the number of triples of the default graph that point to the resource by it."""
        return dict(self._rows("SELECT predicate, count FROM inverse WHERE local = ? ORDER BY predicate", local))

    def retired(self, local: str) -> Retired | None:
        """What became of an IRI that is in use no more; None for all others."""
        row = next(self._rows("SELECT status, target FROM retired WHERE local = ?", local), None)
        return Retired(*row) if row else None

    def all(self) -> Iterator[tuple[str, datetime]]:
        """Every resource with a document and when that changed, sorted by name."""
        return ((name, _moment(modified)) for name, modified in self._rows("SELECT local, modified FROM resource ORDER BY local"))

    def holds_term(self, local: str) -> bool:
        """Whether a term of the ontology has that name: an IRI with a fragment, which no server can answer for alone."""
        return next(self._rows("SELECT local FROM term WHERE local = ?", local), None) is not None

    def terms(self) -> Iterator[str]:
        """The terms of the ontology, sorted by name."""
        return (name for name, in self._rows("SELECT local FROM term ORDER BY local"))

    def all_retired(self) -> Iterator[tuple[str, Retired]]:
        """Every IRI that is in use no more, sorted by name."""
        rows = self._rows("SELECT local, status, target FROM retired ORDER BY local")
        return ((name, Retired(status, target)) for name, status, target in rows)


def _moment(modified: str) -> datetime:
    return datetime.fromisoformat(modified).replace(tzinfo=UTC)
