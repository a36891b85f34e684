"""The tables of a release as Parquet, where the extra `parquet` is installed: made when asked for, from CSV by its metadata.

A release does not hold them: their bytes depend on the version of the library that writes them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triplehelix.findings import fault
from triplehelix.formats import CSVW
from triplehelix.releases import require_whole

if TYPE_CHECKING:
    import pyarrow

TABLES = "dumps/tables"
ROWS_AT_ONCE = 10_000
# What the tables keep from spreadsheets has one apostrophe more.
GUARDED = re.compile(r"'+[=+\-@\t\r\n]")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
# CSVW datatype to the name of the type of Arrow, and the function that reads a text; all others stay text. Decimals become
# binary: what lies beyond 15 digits is in the CSV.
TYPES: dict[str, tuple[str, Callable[[str], object]]] = {
    "integer": ("int64", int), "nonNegativeInteger": ("int64", int), "positiveInteger": ("int64", int), "long": ("int64", int),
    "int": ("int32", int), "decimal": ("float64", float), "double": ("float64", float), "float": ("float32", float),
    "boolean": ("bool", BOOLEANS.__getitem__), "date": ("date32", date.fromisoformat)}


@dataclass(frozen=True)
class Column:
    """A column by its metadata: title, type of Arrow, how a text is read, and what separates several values."""

    title: str
    arrow: str
    read: Callable[[str], object]
    separator: str
    told: dict[str, str]

    def value(self, cell: str) -> object:
        """The value of a cell, or the list of its values; None for an empty one. Raises ValueError, KeyError or OverflowError."""
        if not cell:
            return None
        text = cell[1:] if GUARDED.match(cell) else cell
        return [self.read(part) for part in text.split(self.separator)] if self.separator else self.read(text)


def write(release: Path, target: Path) -> list[Path]:
    """One .parquet file for each table of a sealed release, in the folder `target`, which is made; the files.

    Raises Faulty where pyarrow is not installed, the release is not whole or has no tables, or a cell is not of its type.
    """
    arrow = _library()
    require_whole(release)
    folder = release / TABLES
    if not (folder / CSVW).is_file():
        raise fault(folder / CSVW, "the release has no tables; build it again")
    try:
        target.mkdir(parents=True, exist_ok=True)
        tables = json.loads((folder / CSVW).read_bytes())["tables"]
        return [_write(arrow, folder / table["url"], _columns(table), target) for table in tables]
    except OSError as error:
        raise fault(target, f"cannot be written: {error.strerror or error}") from error


def _library() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise fault("pyarrow", "is not installed: pip install 'triplehelix[parquet]'") from error
    return pyarrow


def _columns(table: dict[str, Any]) -> list[Column]:
    return [_column(said) for said in table["tableSchema"]["columns"]]


def _column(said: dict[str, Any]) -> Column:
    datatype = said["datatype"]
    arrow, read = TYPES.get(datatype if isinstance(datatype, str) else "", ("string", str))
    told = {name: said[name] for name in ("propertyUrl", "lang") if name in said}
    return Column(said["titles"], arrow, read, said.get("separator", ""), told)


def _write(arrow: Any, source: Path, columns: list[Column], target: Path) -> Path:
    """One table; some thousand rows are held at once."""
    schema = arrow.schema([_field(arrow, column) for column in columns])
    path = target / f"{source.stem}.parquet"
    with source.open(encoding="utf-8", newline="") as file, arrow.parquet.ParquetWriter(path, schema) as writer:
        rows = csv.reader(file)
        next(rows)
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            writer.write_table(arrow.table(list(_arrays(arrow, source, schema, columns, batch)), schema=schema))
    return path


def _field(arrow: Any, column: Column) -> pyarrow.Field:
    kind = arrow.type_for_alias(column.arrow)
    return arrow.field(column.title, arrow.list_(kind) if column.separator else kind, metadata=column.told or None)


def _arrays(arrow: Any, source: Path, schema: pyarrow.Schema, columns: list[Column], rows: list[list[str]]) -> Iterator[Any]:
    for place, column in enumerate(columns):
        try:
            yield arrow.array([column.value(row[place]) for row in rows], schema.field(place).type)
        except (ValueError, KeyError, OverflowError, arrow.ArrowInvalid) as error:
            told = f"column {column.title!r}: a cell is no {column.arrow} ({error}); it stands in the CSV as it is"
            raise fault(source, told) from error
