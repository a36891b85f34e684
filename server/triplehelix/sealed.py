"""The tables of a sealed release: files of SQLite that `build` has written and nobody changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import local as per_thread


class SealedFile:
    """One such file, open for reading; each thread has a connection of its own. Where it is missing, it holds nothing."""

    def __init__(self, path: Path):
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1" if path.is_file() else ""
        self._own = per_thread()

    def __bool__(self) -> bool:
        """Whether there is such a file."""
        return bool(self._uri)

    def close(self) -> None:
        """Closes the connection of this thread, if it has one."""
        if connection := self._own.__dict__.pop("connection", None):
            connection.close()

    def _rows(self, query: str, *values: str | int) -> Iterator[tuple]:
        return self._connection().execute(query, values) if self else iter(())

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            self._own.connection = sqlite3.connect(self._uri, uri=True)
        return self._own.connection
