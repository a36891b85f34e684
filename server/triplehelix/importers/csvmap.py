"""Any table by a map: a CSV file or a sheet of a workbook, whose columns a YAML file maps to properties (docs/add-data.md).

Memory does not grow with the rows: each is said and forgotten, and the keys seen are kept on disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode

from triplehelix.importers import mapping, tables, values
from triplehelix.importers.columns import PREF_LABEL, Compiler, Said, identifiers, key
from triplehelix.importers.mapping import Column, Map
from triplehelix.importers.model import Block, Importer, Refused, Run
from triplehelix.importers.tables import Row

WORKBOOK = ".xlsx"


def mapped(path: Path | None) -> Importer:
    """The importer of tables of one map: a YAML file, or the name of a map that comes with the software.

    Raises Faulty with the line where the map is at fault.
    """
    table = mapping.load(path)
    return Importer("csvmap", table.reads, table.origin, lambda file, run: _read(table, file, run))


def _read(table: Map, path: Path, run: Run) -> Iterator[Block]:
    compiler = Compiler(table, run)
    says, constants, subjects = compiler.columns(), compiler.constants(), Subjects(compiler)
    with closing(Seen()) as seen:
        for row in _rows(table, path):
            run.take()
            if not run.wants(row[subjects.column]):
                run.pass_over()
                continue
            try:
                said = subjects.of(row)
                said.statements.extend(constants)
                for say in says:
                    say(row, said)
                if table.repeated == "refuse":
                    seen.add(subjects.column, row)
            except Refused as refused:
                run.refuse(row.line, refused)
                continue
            run.keep()
            yield Block(said.subject, said.statements)
            yield from said.blocks


def _rows(table: Map, path: Path) -> Iterator[Row]:
    """The rows of the table, whose header must name every column that the map does not call optional."""
    needed = [column for column in table.columns if not column.flag("optional")]
    dates = filter(None, (column.get("as_of_column") for column in needed))
    columns = dict.fromkeys([str(table.subject["column"]), *(column.name for column in needed), *dates])
    if path.suffix.lower() == WORKBOOK:
        return tables.read_xlsx(path, table.sheet, list(columns))
    return tables.read_csv(path, list(columns), table.delimiter, table.encoding)


@dataclass(frozen=True)
class Subjects:
    """What rows are about: a body that the graph knows by an identifier of the row, or one of the row's own key."""

    compiler: Compiler

    @cached_property
    def column(self) -> str:
        return str(self.compiler.map.subject["column"])

    def of(self, row: Row) -> Said:
        """The subject of a row. Raises Refused for an empty key, the example of the template, or two bodies in one row."""
        cell, says = row[self.column], self.compiler.map.subject
        if not cell:
            raise Refused(self.column, cell, "is empty; every row needs it")
        if cell == says.get("example"):
            raise Refused(self.column, cell, "is the example of the template: write a row of your own over it")
        name = row.cells.get(self._name_column, "") or cell
        if body := self._known(row, cell):
            return Said(body, name, new=False)
        return self._new(cell, name)

    def _new(self, cell: str, name: str) -> Said:
        says = self.compiler.map.subject
        kind, scheme, prefix = says.get("kind", "organisation"), says.get("scheme"), says.get("prefix")
        if scheme:
            said = Said(self.compiler.own(f"id/{kind}/{scheme}-{key(cell)}"), name, new=True)
            self.compiler.identify(said, str(scheme), cell)
            return said
        slug = values.slug(cell)
        if not slug or (not prefix and slug != cell):
            raise Refused(self.column, cell, "is no short name: write small letters, digits and hyphens, as in wood-cluster")
        return Said(self.compiler.own(f"id/{kind}/{prefix}-{slug}" if prefix else f"id/{kind}/{slug}"), name, new=True)

    def _known(self, row: Row, cell: str) -> NamedNode | None:
        """The body that the graph has by any identifier of the row."""
        lookups, scheme = self.compiler.run.lookups, str(self.compiler.map.subject.get("scheme", ""))
        found = {lookups.identified(scheme, cell): self.column} if scheme else {}
        for column in self._identifiers:
            for code, notation in identifiers(column, row.cells.get(column.name, ""), column.get("split")):
                found.setdefault(lookups.identified(code, notation), column.name)
        bodies = [body for body in found if body]
        if len(bodies) > 1:
            raise Refused(found[bodies[1]], row.cells[found[bodies[1]]],
                          f"belongs to <{bodies[1].value}>, but {found[bodies[0]]} to <{bodies[0].value}>")
        return bodies[0] if bodies else None

    @cached_property
    def _identifiers(self) -> list[Column]:
        return [column for column in self.compiler.map.columns if column.type == "identifier"]

    @cached_property
    def _name_column(self) -> str:
        named = (c.name for c in self.compiler.map.columns if c.type == "text"
                 and self.compiler.term(c.get("property"), c.line).value == PREF_LABEL)
        return next(named, "")


class Seen:
    """The keys of the rows so far, in a table on disk that is gone when it is closed."""

    def __init__(self) -> None:
        self.rows = sqlite3.connect("", isolation_level=None)
        self.rows.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self.rows.execute("BEGIN")

    def add(self, column: str, row: Row) -> None:
        """Raises Refused with the earlier line where the key has come before."""
        try:
            self.rows.execute("INSERT INTO seen VALUES (?, ?)", (row[column], row.line))
        except sqlite3.IntegrityError:
            line = self.rows.execute("SELECT line FROM seen WHERE key = ?", (row[column],)).fetchone()[0]
            raise Refused(column, row[column], f"stands in line {line} already; one row a subject") from None

    def close(self) -> None:
        self.rows.close()
