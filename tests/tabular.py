"""Tables read as CSVW says, by no code of the software: header, types, separators, languages, and the statements they hold."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True)
class Table:
    """One table of a release with its metadata."""

    path: Path
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def columns(self) -> list[dict[str, Any]]:
        return self.told["tableSchema"]["columns"]

    @property
    def titles(self) -> list[str]:
        return [column["titles"] for column in self.columns]

    def lines(self) -> list[list[str]]:
        """All rows as text, the header first."""
        with self.path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file, strict=True))

    def rows(self) -> list[dict[str, str]]:
        header, *rows = self.lines()
        return [dict(zip(header, row, strict=True)) for row in rows]

    def statements(self) -> Iterator[Triple]:
        """What the rows say (Generating RDF from Tabular Data on the Web), but for columns that say nothing."""
        for row in self.rows():
            for column in self.columns:
                if not column.get("suppressOutput"):
                    yield from _said(NamedNode(row["iri"]), column, row[column["titles"]])

    @property
    def predicates(self) -> set[str]:
        return {column["propertyUrl"] for column in self.columns if "propertyUrl" in column}


def tables(release: Path) -> dict[str, Table]:
    """Name to table."""
    folder = release / "dumps/tables"
    told = json.loads((folder / "csv-metadata.json").read_bytes())["tables"]
    return {table.name: table for table in (Table(folder / row["url"], row) for row in told)}


def plain(cell: str) -> str:
    """A cell without what keeps it from being run."""
    return cell[1:] if re.match(r"'+[=+\-@\t\r\n]", cell) else cell


def _said(subject: NamedNode, column: dict[str, Any], cell: str) -> Iterator[Triple]:
    text = plain(cell)
    parts = (text.split(column["separator"]) if "separator" in column else [text]) if cell else []
    for part in parts:
        yield Triple(subject, NamedNode(column["propertyUrl"]), _term(column, part))


def _term(column: dict[str, Any], text: str) -> NamedNode | Literal:
    if "valueUrl" in column:
        assert column["valueUrl"] == f"{{+{column['name']}}}"
        return NamedNode(text)
    if "lang" in column:
        return Literal(text, language=column["lang"])
    datatype = column["datatype"]
    return Literal(text, datatype=NamedNode(XSD + datatype if isinstance(datatype, str) else datatype["@id"]))
