"""The documents that a release holds ready: the first page of each thing's, as a client without a preference gets it.

`build` writes the file representations.sqlite, the server gives what stands there. A thing is named by what follows the base in
its IRI, as the IRI is written. Where a release has no such file, no document is ready.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from triplehelix.formats import by_name
from triplehelix.sealed import SealedFile

FILE = "representations.sqlite"
# The syntax in which they stand there.
TURTLE = by_name("ttl")


class Representation(NamedTuple):
    """A document in one syntax (RFC 9110 section 3.2): the header fields that tell of it, and its bytes."""

    fields: list[tuple[str, str]]
    body: bytes


class Representations(SealedFile):
    """The file of one release."""

    def __init__(self, folder: Path):
        super().__init__(folder / FILE)

    def of(self, local: str, now: datetime) -> Representation | None:
        """The document of a thing in use; None where it is not ready, and before the day that its Last-Modified names."""
        query = "SELECT fields, body FROM representation WHERE local = ? AND modified <= ?"
        row = next(self._rows(query, local, int(now.timestamp())), None)
        return _representation(*row) if row else None

    def all(self) -> Iterator[tuple[str, Representation]]:
        """Every thing with its document, sorted by name."""
        rows = self._rows("SELECT local, fields, body FROM representation ORDER BY local")
        return ((local, _representation(fields, body)) for local, fields, body in rows)


def _representation(fields: str, body: bytes) -> Representation:
    return Representation(list(json.loads(fields).items()), body)
