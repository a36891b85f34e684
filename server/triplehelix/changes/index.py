"""changes/entities.sqlite of a release: each entity of which a statement was added or removed, in the order of its term."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from triplehelix.changes.lines import ADDED, BLANK, BOTH, REMOVED, Change, entity, shows_existence

FILE = "entities.sqlite"
TABLE = """
PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA secure_delete = ON; PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE entity (term TEXT PRIMARY KEY, added INTEGER NOT NULL, removed INTEGER NOT NULL, existed INTEGER NOT NULL,
    exists_now INTEGER NOT NULL) WITHOUT ROWID;
"""
# Blank nodes come behind all others, so the graph that they are counted to may have its row already.
PUT = ("INSERT INTO entity VALUES (?, ?, ?, ?, ?) ON CONFLICT (term) DO UPDATE SET added = added + excluded.added, "
       "removed = removed + excluded.removed")
PAGE = "SELECT term, added, removed, existed, exists_now FROM entity WHERE term > ? ORDER BY term"
COUNTS = ("SELECT COALESCE(SUM(added), 0), COALESCE(SUM(removed), 0), COALESCE(SUM(exists_now AND NOT existed), 0), "
          "COALESCE(SUM(exists_now AND existed), 0), COALESCE(SUM(NOT exists_now), 0) FROM entity")


class Entity(NamedTuple):
    """An entity (term in N-Triples' form), its statements added and removed, and whether it had any before and has any after."""

    term: str
    added: int
    removed: int
    existed: bool
    exists_now: bool

    @property
    def iri(self) -> str:
        return self.term[1:-1]

    @property
    def undone(self) -> Entity:
        """The same changes the other way round."""
        return Entity(self.term, self.removed, self.added, self.exists_now, self.existed)


def grouped(changes: Iterable[Change]) -> Iterator[Entity]:
    """The entities of sorted lines, those only of which something changed."""
    for term, alike in groupby(changes, key=lambda change: entity(change[0])):
        found = _counted(term, alike)
        if found.added or found.removed:
            yield found


def _counted(term: str, changes: Iterable[Change]) -> Entity:
    """One entity. Blank nodes come and go in graphs that stay."""
    signs = {ADDED: 0, BOTH: 0, REMOVED: 0}
    existed = exists_now = False
    for line, sign in changes:
        signs[sign] += 1
        if line.startswith(BLANK):
            existed = exists_now = True
        elif shows_existence(line):
            existed, exists_now = existed or sign != ADDED, exists_now or sign != REMOVED
    return Entity(term, signs[ADDED], signs[REMOVED], existed, exists_now)


def write(path: Path, entities: Iterable[Entity]) -> tuple[int, int, int, int, int]:
    """Write the file; (statements added, removed; entities created, changed, deleted). Raises OSError where it cannot be."""
    try:
        with closing(sqlite3.connect(path)) as out:
            out.executescript(TABLE)
            out.executemany(PUT, entities)
            out.commit()
            return out.execute(COUNTS).fetchone()
    except sqlite3.Error as error:
        raise OSError(f"{path.name}: {error}") from error


def read(path: Path, after: str = "") -> Iterator[Entity]:
    """The entities behind a term, sorted; read as they are asked for. Raises sqlite3.Error where the file is damaged."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        for term, added, removed, existed, exists_now in connection.execute(PAGE, (after,)):
            yield Entity(term, added, removed, bool(existed), bool(exists_now))
