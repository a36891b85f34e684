"""representations.sqlite: the document of each thing, as the server would make it for a client without a preference.

The addresses in its header fields are those at an origin that is the base. The file is written once, in the order of its keys, in
one transaction: equal content gives equal bytes. It knows no clock: whether Last-Modified has come is the reader's to see.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from datetime import UTC, datetime
from itertools import islice

from pyoxigraph import NamedNode

from triplehelix.build.hands import ALONE, Hands
from triplehelix.build.progress import Done, unheard
from triplehelix.description.describe import describe
from triplehelix.description.document import THING, document_of, representation
from triplehelix.description.links import Links
from triplehelix.description.published import Published
from triplehelix.representations import FILE, TURTLE

# Pages that hold a few documents each: what is longer than a page is read in pieces.
TABLES = """
PRAGMA page_size = 16384; PRAGMA auto_vacuum = NONE; PRAGMA secure_delete = ON; PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE representation (local TEXT PRIMARY KEY, modified INTEGER NOT NULL, fields TEXT NOT NULL, body BLOB NOT NULL);
"""
# So many documents are made together, and held: three kilobytes each.
TOGETHER = 4_000
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def write(release: Published, hands: Hands = ALONE, done: Done = unheard) -> None:
    """Write the file of a release that is being built. Raises OSError where it cannot be written."""
    things = (local for local, _ in release.resources.all() if THING.match(local))
    tasks = ((release, some) for some in iter(lambda: list(islice(things, TOGETHER)), []))
    try:
        with contextlib.closing(sqlite3.connect(release.folder / FILE)) as out:
            out.executescript(TABLES)
            for rows in hands.each(_rows, tasks, large=True):
                out.executemany("INSERT INTO representation VALUES (?, ?, ?, ?)", rows)
                done(len(rows))
            out.commit()
    except sqlite3.Error as error:
        raise OSError(f"{FILE}: {error}") from error


def _rows(release: Published, things: list[str]) -> list[tuple[str, int, str, bytes]]:
    """(local, seconds since 1970 of its date, fields, body) of each thing in use, in the order in which they are given."""
    here, rows = Links(release.base, release.base), []
    for local in things:
        if told := describe(release, NamedNode(release.base + local)):
            made = representation(release, here, told, document_of(local), TURTLE, END_OF_TIME)
            modified = release.resources.modified(local)
            rows.append((local, int(modified.timestamp()), json.dumps(dict(made.fields)), made.body))
    return rows
