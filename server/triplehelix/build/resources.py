"""resources.sqlite: the state of each document, what points to each resource, and the IRIs in use no more.

What is shown comes in any order and goes through a database aside, which sorts it on disk; the file itself is written once,
in the order of its keys, in one transaction: equal content gives equal bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from pyoxigraph import Triple

from triplehelix.build import dumps, lines, views
from triplehelix.build.content import Content
from triplehelix.build.lines import Line
from triplehelix.build.shown import LaidOut, Piece, Shown, Statements
from triplehelix.build.sorting import ordered
from triplehelix.resources import FILE, Resources, Retired, State

HASH_CHARACTERS = 32
TABLES = """
PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA secure_delete = ON; PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE resource (local TEXT PRIMARY KEY, hash TEXT NOT NULL, modified TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE inverse (local TEXT, predicate TEXT, count INTEGER NOT NULL, PRIMARY KEY (local, predicate)) WITHOUT ROWID;
CREATE TABLE term (local TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE retired (local TEXT PRIMARY KEY, status INTEGER NOT NULL, target TEXT) WITHOUT ROWID;
"""
ASIDE = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
CREATE TABLE piece (local TEXT, digest BLOB, own INTEGER, dated TEXT);
CREATE TABLE pointing (local TEXT, predicate TEXT, subject TEXT, merged INTEGER);
"""
PIECES = "SELECT local, digest, own, dated FROM piece ORDER BY local, digest"
POINTING = ("SELECT local, predicate, subject, MAX(merged) FROM pointing GROUP BY local, predicate, subject "
            "ORDER BY local, predicate, subject")


@dataclass(frozen=True)
class Said:
    """What a release says, as its files have it: its content, the triples of its catalogue, the newest date that each graph
    states, by its IRI in N-Triples' form, and how things of some types are laid out."""

    held: Content
    catalogue: Sequence[Triple]
    dates: Mapping[str, str]
    laid_out: LaidOut

    def triples(self) -> Iterator[Line]:
        """The default graph."""
        return map(lines.triple, lines.read(self.held.merge))

    def quads(self) -> Iterator[Line]:
        """All named graphs."""
        return (line for part in self.parts() for line in part())

    def parts(self) -> tuple[Statements, ...]:
        """The same by the way in which graphs take part: those that stand apart come last."""
        return self._dataset, self._service, self._catalogue, self._apart

    def apart_only(self) -> frozenset[str]:
        """The local names of things of which nothing is said but in graphs that stand apart, which are small."""
        ours = f"<{self.held.base}"
        found = {line.subject for line in self._apart() if line.subject.startswith(ours)}
        for part in self.parts()[:-1] if found else ():
            found.difference_update(line.subject for line in part())
        return frozenset(subject[len(ours):-1] for subject in found)

    def _dataset(self) -> Iterator[Line]:
        return map(lines.quad, dumps.of_part(self.held, "dataset"))

    def _service(self) -> Iterator[Line]:
        return map(lines.quad, ordered(self.held.quads("service"), self.held.folder))

    def _catalogue(self) -> Iterator[Line]:
        return (Line(*map(str, triple), f"<{self.held.base}graph/catalogue>") for triple in self.catalogue)

    def _apart(self) -> Iterator[Line]:
        return map(lines.quad, dumps.of_part(self.held, "apart"))


def links(said: Said, shown: Shown) -> Iterator[tuple[str, str, str, int]]:
    """(local, predicate, subject in N-Triples' form, whether in the default graph) for each link to an IRI of ours.

    Statements outside the default graph count as links to things that stand apart only.
    """
    for line in said.triples():
        if local := shown.local(line.object):
            yield local, line.predicate[1:-1], line.subject, 1
    apart = said.apart_only()
    for line in said.quads() if apart else ():
        if (local := shown.local(line.object)) in apart:
            yield local, line.predicate[1:-1], line.subject, 0


def write(folder: Path, said: Said, retired: dict[str, Retired], before: Resources, day: str) -> None:
    """Write the file of a release of that `day`; dates are carried over from `before` where what is shown is the same.

    Raises OSError where it cannot be written.
    """
    try:
        with contextlib.closing(sqlite3.connect("")) as aside, contextlib.closing(sqlite3.connect(folder / FILE)) as out:
            aside.executescript(ASIDE)
            out.executescript(TABLES)
            shown = Shown(said.held.base, said.parts(), said.dates, said.laid_out, aside)
            aside.executemany("INSERT INTO piece VALUES (?, ?, ?, ?)", shown.pieces())
            aside.executemany("INSERT INTO piece VALUES (?, ?, ?, ?)", views.pieces(folder, shown))
            aside.executemany("INSERT INTO pointing VALUES (?, ?, ?, ?)", links(said, shown))
            _write_inverse(aside, out, shown)
            states = _states(aside.execute(PIECES), before, day)
            out.executemany("INSERT INTO resource VALUES (?, ?, ?)", (row for row in states if row[0] not in retired))
            out.executemany("INSERT INTO term VALUES (?)", ((term,) for term in sorted(shown.terms)))
            out.executemany("INSERT INTO retired VALUES (?, ?, ?)",
                            ((local, gone.status, gone.target) for local, gone in sorted(retired.items())))
            out.commit()
    except sqlite3.Error as error:
        raise OSError(f"{FILE}: {error}") from error


def _write_inverse(aside: sqlite3.Connection, out: sqlite3.Connection, shown: Shown) -> None:
    """Counts of what points to each resource; that is also a piece of what its document shows, on one page or another."""
    for local, rows in groupby(aside.execute(POINTING), key=itemgetter(0)):
        counts: dict[str, int] = {}
        digest = hashlib.sha256()
        for _, predicate, subject, merged in rows:
            counts[predicate] = counts.get(predicate, 0) + merged
            names = shown.name(f"<{predicate}>"), shown.name(subject)
            digest.update(b"\0".join((predicate.encode(), subject.encode(), *names)))
        out.executemany("INSERT INTO inverse VALUES (?, ?, ?)", ((local, p, count) for p, count in counts.items() if count))
        aside.execute("INSERT INTO piece VALUES (?, ?, ?, ?)", Piece(local, digest.digest(), False, ""))


def _states(pieces: Iterable[tuple], before: Resources, day: str) -> Iterator[tuple[str, str, str]]:
    """(local, hash, modified) of each document whose topic says something itself, sorted."""
    for local, rows in groupby(pieces, key=itemgetter(0)):
        digest, owned, dated = hashlib.sha256(), False, ""
        for _, piece, own, stated in rows:
            digest.update(piece)
            owned, dated = owned or own, max(dated, stated)
        if owned:
            found = digest.hexdigest()[:HASH_CHARACTERS]
            first = day if before else dated or day
            yield local, found, _modified(before.state(local), found, first, day)


def _modified(before: State | None, found: str, first: str, day: str) -> str:
    """When a document came to show what it shows: carried over, or `first` for a new one, or `day`, later than before."""
    if before is None:
        return first
    if before.hash == found:
        return before.modified
    return day if day > before.modified[:len(day)] else _next_second(before.modified)


def _next_second(modified: str) -> str:
    """The data know days only: two changes of one day, or of data that became older, are told apart by a second."""
    later = datetime.fromisoformat(modified).replace(tzinfo=None) + timedelta(seconds=1)
    return later.isoformat() + "Z"
