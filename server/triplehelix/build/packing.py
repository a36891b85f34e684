"""Files in gzip: equal content is equal bytes, so none states a name or a time (RFC 1952 section 2.3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from gzip import GzipFile
from pathlib import Path

LEVEL = 6


@contextmanager
def packed(path: Path) -> Iterator[GzipFile]:
    """A file to write to, closed at the end. Raises OSError where it cannot be written."""
    with path.open("wb") as file, GzipFile("", "wb", LEVEL, file, mtime=0) as zipped:
        yield zipped
