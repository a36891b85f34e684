"""views.sqlite: what the queries of queries/panels and queries/facets answer for each thing, and the things of each table.

Each query is asked of the store once. Its rows go as they come into a database aside, which sorts them on disk, and from there
into a file; so memory does not grow with them. The release's own file is written once, in the order of its keys, in one
transaction: equal content gives equal bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from pyoxigraph import BlankNode, Literal, NamedNode

from triplehelix import panels, store
from triplehelix.build.hands import ALONE, Hands
from triplehelix.build.progress import Done, unheard
from triplehelix.build.rebase import rebase_text
from triplehelix.build.shown import LaidOut, Piece, Shown
from triplehelix.description.published import CLASSES_KEPT, THINGS_KEPT, Published
from triplehelix.description.shapes import narrower, tables
from triplehelix.description.vocabulary import TYPE, XSD
from triplehelix.findings import fault
from triplehelix.letters import plain
from triplehelix.panels import HOLE, CoverageQuery, FacetQuery, PanelQuery, Question
from triplehelix.project import Project
from triplehelix.views import FILE, Panel, Term, Views, key

TABLES = """
PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA secure_delete = ON; PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE panel (number INTEGER PRIMARY KEY, slug TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
    classes TEXT NOT NULL, rank REAL NOT NULL, picture TEXT NOT NULL, columns TEXT NOT NULL, coverage TEXT NOT NULL,
    sourced INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE row (panel INTEGER, local TEXT, place INTEGER, cells TEXT NOT NULL, PRIMARY KEY (panel, local, place)) WITHOUT ROWID;
CREATE TABLE coverage (panel INTEGER, local TEXT, sentence TEXT NOT NULL, PRIMARY KEY (panel, local)) WITHOUT ROWID;
CREATE TABLE listed (number INTEGER PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
    classes TEXT NOT NULL, things INTEGER NOT NULL);
CREATE TABLE thing (listed INTEGER, place INTEGER, local TEXT NOT NULL, PRIMARY KEY (listed, place)) WITHOUT ROWID;
CREATE TABLE facet (number INTEGER PRIMARY KEY, slug TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
    rank REAL NOT NULL, listed INTEGER NOT NULL, text TEXT NOT NULL);
CREATE TABLE term (facet INTEGER, rank INTEGER, text TEXT NOT NULL, things INTEGER NOT NULL, PRIMARY KEY (facet, rank))
    WITHOUT ROWID;
CREATE TABLE value (facet INTEGER, rank INTEGER, place INTEGER, PRIMARY KEY (facet, rank, place)) WITHOUT ROWID;
"""
# Written last, when its table is whole.
INDEX = "CREATE INDEX value_of ON value (facet, place, rank)"
ASIDE = """
ATTACH '' AS aside; PRAGMA aside.journal_mode = OFF; PRAGMA aside.cache_size = -65536;
CREATE TABLE aside.named (listed INTEGER, local TEXT, name TEXT, PRIMARY KEY (listed, local)) WITHOUT ROWID;
CREATE TABLE aside.placed (listed INTEGER, local TEXT, place INTEGER, PRIMARY KEY (listed, local)) WITHOUT ROWID;
CREATE TABLE aside.has (local TEXT, key TEXT, PRIMARY KEY (local, key)) WITHOUT ROWID;
CREATE TABLE aside.found (key TEXT PRIMARY KEY, number REAL, name TEXT) WITHOUT ROWID;
CREATE TABLE aside.ranked (key TEXT PRIMARY KEY, rank INTEGER) WITHOUT ROWID;
"""
# The things of a table by name, those without one behind the others, in the order of their IRIs.
PLACED = ("INSERT INTO thing SELECT listed, ROW_NUMBER() OVER (ORDER BY name = '', name, local), local FROM aside.named "
          "WHERE listed = ? ORDER BY 2")
# What a facet writes: the things without a value, those of each value, and then how many have each.
HELD = ("INSERT INTO aside.ranked SELECT key, ROW_NUMBER() OVER (ORDER BY number IS NULL, number, name, key) FROM aside.found",
        "INSERT INTO value SELECT :facet, 0, place FROM aside.placed WHERE listed = :listed "
        "AND local NOT IN (SELECT local FROM aside.has) ORDER BY place",
        "INSERT INTO value SELECT :facet, rank, place FROM aside.has JOIN aside.ranked USING (key) "
        "JOIN aside.placed USING (local) WHERE listed = :listed ORDER BY rank, place",
        "INSERT INTO term SELECT :facet, value.rank, COALESCE(key, ''), COUNT(*) FROM value LEFT JOIN aside.ranked USING (rank) "
        "WHERE facet = :facet GROUP BY value.rank ORDER BY value.rank")
NUMBERS = frozenset(XSD + name for name in (
    "integer", "decimal", "double", "float", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "nonPositiveInteger", "negativeInteger"))
BOOLEAN, NOT_STATED = XSD + "boolean", "no data"
INTEGER = XSD + "integer"
WORDS_OF_BOOLEANS = (("true", "yes"), ("1", "yes"), ("false", "no"), ("0", "no"))
Row = Mapping[str, Term]


@dataclass(frozen=True)
class Asked:
    """A question at the base of a release, the file its rows are written to, and the classes of its things (IRIs; none: any)."""

    question: Question
    file: Path
    classes: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The file of the query in the project."""
        room = panels.FACETS if isinstance(self.question, FacetQuery) else panels.PANELS
        return f"queries/{room}/{self.question.slug}.rq"


def write(release: Published, project: Project, hands: Hands = ALONE, done: Done = unheard) -> None:
    """Write the file of a release whose store is written.

    Raises Faulty for a query that does not do what its header says, OSError where the file cannot be written.
    """
    try:
        with TemporaryDirectory(dir=release.folder) as aside, contextlib.closing(sqlite3.connect(release.folder / FILE)) as out:
            out.executescript(TABLES + ASIDE)
            asked = list(_asked(release, project, Path(aside)))
            sourced = {}
            answered = hands.each(_answer, ((release, each) for each in asked))
            for each, has_source in zip(asked, answered, strict=True):
                sourced[each.name] = has_source
                done(1)
            _write_panels(out, asked, sourced)
            _write_tables(out, release)
            _write_facets(out, release, [each for each in asked if isinstance(each.question, FacetQuery)])
            out.execute(INDEX)
            out.commit()
            out.execute("DETACH aside")
    except sqlite3.Error as error:
        raise OSError(f"{FILE}: {error}") from error


def pieces(folder: Path, shown: Shown) -> Iterator[Piece]:
    """What the documents of things show of panels: a piece for each on each, with the names of what its rows speak of."""
    views = Views(folder, shown.base)
    for panel, local, lines in views.all_rows():
        digest = hashlib.sha256(_head(panel))
        for line in lines:
            *cells, last = (str(views.term(each)) if each[:1] == "<" else "" for each in json.loads(line))
            source = shown.source(last) if panel.sourced else shown.name(last)
            digest.update(b"\0".join((b"", line.encode(), *map(shown.name, cells), source)))
        yield Piece(local, digest.digest(), False, "")
    for local, sentence in views.all_coverage():
        yield Piece(local, hashlib.sha256(sentence.encode()).digest(), False, "")


def laid_out(release: Published) -> LaidOut:
    """How things of some types are laid out, and which panels there are for them: for each set of types found once."""
    @lru_cache(CLASSES_KEPT)
    def found(types: frozenset[str]) -> tuple[bytes, frozenset[str]]:
        classes = frozenset(each[1:-1] for each in types)
        groups = release.layout(classes)
        named = (f"<{iri}>" for group in groups for each in group.properties for iri in each.predicates)
        panels = map(_head, release.views.panels(classes))
        return hashlib.sha256(b"\0".join((json.dumps(groups).encode(), *panels))).digest(), frozenset(named)
    return found


def _head(panel: Panel) -> bytes:
    """What a page shows of a panel besides its rows."""
    return "\0".join((panel.slug, panel.title, panel.description, panel.picture, json.dumps(panel.columns))).encode()


def _asked(release: Published, project: Project, folder: Path) -> Iterator[Asked]:
    """The questions of a project at the base of the release, by slug, panels first."""
    for room in (panels.PANELS, panels.FACETS):
        for path in project.queries(room):
            question = panels.read(path)
            moved = replace(question, text=rebase_text(question.text, project.base, release.base))
            yield Asked(moved, folder / f"{room}-{path.stem}", _classes(release, question))


def _classes(release: Published, question: Question) -> frozenset[str]:
    """The classes of a panel with their subclasses."""
    if not isinstance(question, PanelQuery):
        return frozenset()
    named = (name.split(":") for name in question.classes)
    return frozenset(narrower(release.reading, [NamedNode(release.manifest.prefixes[prefix] + rest) for prefix, rest in named]))


def _answer(release: Published, asked: Asked) -> bool:
    """Ask a question and write its rows down in their order; whether they end with a source. Raises Faulty."""
    text, keys = panels.ordering(asked.question.text)
    shown = _shown(asked.question, store.variables(text, release.base))
    rows = _rows(release, asked, release.reading.rows(text, release.base))
    columns = [f"key{number}" for number in range(len(keys))]
    order = [f"MAX({column}) DESC" if each.backwards else f"MIN({column})" for each, column in zip(keys, columns)]
    with contextlib.closing(sqlite3.connect("")) as aside, asked.file.open("w", encoding="utf-8") as file:
        aside.executescript(f"PRAGMA journal_mode = OFF; CREATE TABLE row ({', '.join(['local', 'cells', *columns])});")
        aside.executemany(f"INSERT INTO row VALUES ({', '.join('?' * (2 + len(keys)))})",
                          ((local, _cells(release, asked, row, shown), *(sortable(row.get(each.variable)) for each in keys))
                           for local, row in rows))
        for local, cells in aside.execute("SELECT local, cells FROM row GROUP BY local, cells "
                                          f"ORDER BY {', '.join(['local', *order, 'cells'])}"):
            file.write(f"{json.dumps(local)}\t{cells}\n")
    return shown[-1:] == [panels.SOURCE]


def _shown(question: Question, variables: Sequence[str]) -> list[str]:
    """The variables that make the cells of a row."""
    if not isinstance(question, PanelQuery):
        return [panels.VALUE] if isinstance(question, FacetQuery) else []
    shown = [variable for variable, _ in question.columns]
    return [*shown, *({panels.SOURCE}.intersection(variables) - set(shown))]


def _rows(release: Published, asked: Asked, rows: Iterable[Row]) -> Iterator[tuple[str, Row]]:
    """The rows about things of ours that are of the classes asked for, with the local names of these."""
    @lru_cache(THINGS_KEPT)
    def belongs(thing: NamedNode) -> bool:
        return thing.value.startswith(release.base) and (
            not asked.classes or not asked.classes.isdisjoint(kind.value for kind in release.reading.values(thing, TYPE)))

    for row in rows:
        thing = row.get(panels.THING)
        if not isinstance(thing, NamedNode):
            raise fault(asked.name, "each row begins with ?thing, which is an IRI")
        if belongs(thing):
            yield thing.value.removeprefix(release.base), row


def _cells(release: Published, asked: Asked, row: Row, shown: Sequence[str]) -> str:
    """What a row shows, as JSON: keys of terms, or the sentence of a coverage."""
    if any(isinstance(term, BlankNode) for term in row.values()):
        raise fault(asked.name, "a row has a blank node, which has no name that lasts: leave it out")
    if isinstance(asked.question, CoverageQuery):
        found = [HOLE.sub(lambda hole: _word(release, row.get(hole[1])), asked.question.says)]
    else:
        found = [key(row.get(name), release.base) for name in shown]
    return json.dumps(found, ensure_ascii=False)


def _word(release: Published, term: Term | None) -> str:
    """A term in a sentence."""
    if isinstance(term, NamedNode):
        return release.name(term) or term.value
    if term is None:
        return NOT_STATED
    if term.datatype.value == BOOLEAN:
        return dict(WORDS_OF_BOOLEANS)[term.value]
    return f"{int(term.value):,}" if term.datatype.value == INTEGER else term.value


def sortable(term: Term | None) -> str | float | None:
    """What stands for a term where SQLite sorts: nothing, then numbers by value, then texts, without capitals and accents."""
    if isinstance(term, Literal) and term.datatype.value in NUMBERS:
        with contextlib.suppress(ValueError):
            return float(term.value)
    return term.value if isinstance(term, NamedNode) else plain(term.value) if term else None


def _read(file: Path) -> Iterator[tuple[str, str]]:
    """The rows that `_answer` has written: local names, and cells as JSON."""
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            local, _, cells = line.rstrip("\n").partition("\t")
            yield json.loads(local), cells


def _write_panels(out: sqlite3.Connection, asked: Sequence[Asked], sourced: Mapping[str, bool]) -> None:
    """The panels with their rows and coverage, numbered by slug."""
    beside = {each.question.panel: each for each in asked if isinstance(each.question, CoverageQuery)}
    shown = [each for each in asked if isinstance(each.question, PanelQuery)]
    for number, each in enumerate(shown, 1):
        panel, coverage = each.question, beside.pop(each.question.slug, None)
        out.execute("INSERT INTO panel VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (
            number, panel.slug, panel.title, panel.description, json.dumps(sorted(each.classes)), panel.order, panel.picture,
            json.dumps(panel.columns), coverage.question.says if coverage else "", sourced[each.name], panel.text))
        for local, rows in groupby(_read(each.file), key=itemgetter(0)):
            out.executemany("INSERT INTO row VALUES (?, ?, ?, ?)",
                            ((number, local, place, cells) for place, (_, cells) in enumerate(rows)))
        for local, rows in groupby(_read(coverage.file), key=itemgetter(0)) if coverage else ():
            (_, cells), *more = rows
            if more:
                raise fault(coverage.name, f"has several rows for <{local}>: it has one for each thing")
            out.execute("INSERT INTO coverage VALUES (?, ?, ?)", (number, local, json.loads(cells)[0]))


def _write_tables(out: sqlite3.Connection, release: Published) -> None:
    """The tables that have things of ours, and their things in the order of their names."""
    for number, table in enumerate(tables(release.reading, release.manifest), 1):
        things = (thing for kind in sorted(table.classes) for thing in release.reading.subjects(TYPE, NamedNode(kind)))
        ours = (thing for thing in things if isinstance(thing, NamedNode) and thing.value.startswith(release.base))
        out.executemany("INSERT OR IGNORE INTO aside.named VALUES (?, ?, ?)",
                        ((number, thing.value.removeprefix(release.base), plain(release.name(thing))) for thing in ours))
        if count := out.execute(PLACED, (number,)).rowcount:
            out.execute("INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?)", (
                number, table.name, table.title, table.description, json.dumps(sorted(table.classes)), count))
    out.execute("INSERT INTO aside.placed SELECT listed, local, place FROM thing")


def _write_facets(out: sqlite3.Connection, release: Published, asked: Sequence[Asked]) -> None:
    """The facets of tables that have things, with the values that these have, numbered by slug."""
    listed = dict(out.execute("SELECT name, number FROM listed"))
    known = tables(release.reading, release.manifest)
    number = 0
    for each in asked:
        facet = each.question
        for name in facet.tables:
            if not any(name in table.names for table in known):
                raise fault(each.name, f"there is no table {name}; there are: {', '.join(table.name for table in known)}")
        wanted = (table.name for table in known if not table.names.isdisjoint(facet.tables))
        for place in (listed[name] for name in wanted if name in listed):
            number += 1
            out.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?, ?)", (
                number, facet.slug, facet.title, facet.description, facet.order, place, facet.text))
            _write_values(out, release, {"facet": number, "listed": place}, each.file)


def _write_values(out: sqlite3.Connection, release: Published, numbers: dict[str, int], file: Path) -> None:
    """The values that the things of a table have in a facet, as a file has them, in the order of their names."""
    for table in ("has", "found", "ranked"):
        out.execute(f"DELETE FROM aside.{table}")
    out.executemany("INSERT INTO aside.has VALUES (?, ?)", ((local, json.loads(cells)[0]) for local, cells in _read(file)))
    out.execute("DELETE FROM aside.has WHERE key = '' OR local NOT IN "
                "(SELECT local FROM aside.placed WHERE listed = :listed)", numbers)
    views = Views(release.folder, release.base)
    keys = (found for found, in out.execute("SELECT DISTINCT key FROM aside.has"))
    ordered = ((found, *_ordered(release, views.term(found))) for found in keys)
    out.executemany("INSERT INTO aside.found VALUES (?, ?, ?)", ordered)
    for statement in HELD:
        out.execute(statement, numbers)


def _ordered(release: Published, term: Term) -> tuple[float | None, str]:
    """Where a value stands among others: its number, its name."""
    found = sortable(term)
    if isinstance(found, float):
        return found, ""
    return None, plain(release.name(term) or term.value) if isinstance(term, NamedNode) else found
