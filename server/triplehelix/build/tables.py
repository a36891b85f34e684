"""The tables of a release: one CSV file for each node shape (RFC 4180, UTF-8), CSVW metadata beside them, and all in one zip.

The rows are read twice from dumps/dataset.nt, whose lines are sorted: once for what each column holds, once to write them. So
the memory is that of one subject's statements, however many rows there are.
"""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

from triplehelix.build import csvw, record
from triplehelix.build.cells import Field, Namer, Seen, Value, fields
from triplehelix.build.packing import packed
from triplehelix.description import shapes
from triplehelix.description.lookups import text
from triplehelix.description.published import THINGS_KEPT, Published
from triplehelix.description.shapes import Column, Table
from triplehelix.description.vocabulary import NAMES, TYPE
from triplehelix.formats import CSVW
from triplehelix.formulas import guarded

FOLDER, ZIP = "dumps/tables", "dumps/tables.zip"
ROWS, README = "dumps/dataset.nt", "README.txt"
# Equal tables are equal bytes: no time, no mode of the machine.
ZIP_TIME, ZIP_MODE, ZIP_UNIX = (1980, 1, 1, 0, 0, 0), 0o100644 << 16, 3
BLOCK = 1 << 18
Said = dict[str, list[Value]]


@dataclass
class Filled:
    """A table with what its rows hold in each column."""

    table: Table
    seen: list[Seen]
    rows: int = 0

    @property
    def columns(self) -> Iterator[tuple[Column, Seen]]:
        return zip(self.table.columns, self.seen)


@dataclass(frozen=True)
class Sheet:
    """A table as it is written: the IRI of a row's thing, its name, and then the fields."""

    table: Table
    rows: int
    fields: tuple[Field, ...]

    @property
    def file(self) -> str:
        return f"{self.table.name}.csv"

    @property
    def titles(self) -> list[str]:
        """The header."""
        return [csvw.KEY, csvw.LABEL, *(each.title for each in self.fields)]


def write(release: Published) -> None:
    """dumps/tables/ and dumps/tables.zip of a release whose dumps and store are written; nothing where no table has a row."""
    namer = lru_cache(THINGS_KEPT)(release.name)
    rows, folder = release.folder / ROWS, release.folder / FOLDER
    sheets = [_sheet(filled) for filled in _looked_through(rows, shapes.tables(release.reading, release.manifest), namer)]
    if not sheets:
        return
    folder.mkdir()
    _write_rows(rows, folder, sheets, namer)
    about = record.of(release)
    (folder / CSVW).write_bytes(csvw.metadata(about, sheets))
    (folder / README).write_text(csvw.readme(about), encoding="utf-8")
    _pack(folder, release.folder / ZIP)


def _own_name(said: Said) -> str:
    """The same, of what is said of the thing."""
    return text([value for name in NAMES for value in sorted(said.get(name.value, ()), key=str)])


def _looked_through(rows: Path, tables: Sequence[Table], namer: Namer) -> list[Filled]:
    """The tables that have a row, with what is in them."""
    found = [Filled(table, [Seen() for _ in table.columns]) for table in tables]
    places = _by_class(tables)
    for _, said in _subjects(rows):
        for place in _tables_of(said, places):
            found[place].rows += 1
            for column, seen in found[place].columns:
                if values := _values(column, said):
                    seen.look(values, namer)
    return [filled for filled in found if filled.rows]


def _sheet(filled: Filled) -> Sheet:
    taken = {csvw.KEY, csvw.LABEL}
    spread = [each for column, seen in filled.columns for each in fields(column, seen)]
    titled = tuple(replace(each, title=shapes.unique(each.title, taken, "{} ({})")) for each in spread)
    return Sheet(filled.table, filled.rows, titled)


def _write_rows(rows: Path, folder: Path, sheets: Sequence[Sheet], namer: Namer) -> None:
    places = _by_class([sheet.table for sheet in sheets])
    with ExitStack() as stack:
        files = [stack.enter_context((folder / sheet.file).open("w", encoding="utf-8", newline="")) for sheet in sheets]
        writers = [csv.writer(file) for file in files]
        for writer, sheet in zip(writers, sheets):
            writer.writerow(sheet.titles)
        for subject, said in _subjects(rows):
            for place in _tables_of(said, places):
                writers[place].writerow(_row(sheets[place], subject, said, namer))
    for sheet in sheets:
        _compress(folder / sheet.file)


def _row(sheet: Sheet, subject: NamedNode, said: Said, namer: Namer) -> list[str]:
    cells = (each.cell(_values(each.column, said), namer) for each in sheet.fields)
    return [subject.value, guarded(_own_name(said)), *cells]


def _subjects(rows: Path) -> Iterator[tuple[NamedNode, Said]]:
    """Each IRI with what is said of it, by predicate. Blank nodes are no rows."""
    for subject, quads in groupby(parse(path=rows, format=RdfFormat.N_TRIPLES), key=lambda quad: quad.subject):
        if isinstance(subject, NamedNode):
            said: Said = defaultdict(list)
            for quad in quads:
                said[quad.predicate.value].append(quad.object)
            yield subject, said


def _by_class(tables: Sequence[Table]) -> dict[str, list[int]]:
    """Class to the places of its tables."""
    found: dict[str, list[int]] = {}
    for place, table in enumerate(tables):
        for iri in table.classes:
            found.setdefault(iri, []).append(place)
    return found


def _tables_of(said: Said, places: dict[str, list[int]]) -> set[int]:
    kinds = (kind.value for kind in said.get(TYPE.value, ()) if isinstance(kind, NamedNode))
    return {place for kind in kinds for place in places.get(kind, ())}


def _values(column: Column, said: Said) -> list[Value]:
    """The distinct values of a column, sorted. Blank nodes have nothing to be written down."""
    found = {value for predicate in column.predicates for value in said.get(predicate, ()) if not isinstance(value, BlankNode)}
    return sorted(found, key=lambda value: (value.value, str(value)))


def _compress(path: Path) -> None:
    """The file as .gz beside it, without a name or a time."""
    with path.open("rb") as plain, packed(path.with_name(path.name + ".gz")) as zipped:
        shutil.copyfileobj(plain, zipped, BLOCK)


def _pack(folder: Path, target: Path) -> None:
    """The tables and what describes them as one zip, sorted by name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.iterdir() if path.suffix != ".gz"):
            member = zipfile.ZipInfo(f"{folder.name}/{path.name}", ZIP_TIME)
            member.compress_type, member.external_attr, member.create_system = zipfile.ZIP_DEFLATED, ZIP_MODE, ZIP_UNIX
            member.file_size = path.stat().st_size
            with path.open("rb") as plain, archive.open(member, "w") as file:
                shutil.copyfileobj(plain, file, BLOCK)
