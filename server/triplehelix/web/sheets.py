"""Rows as files for people's own tools: CSV (RFC 4180), Excel (ECMA-376) and JSON; equal rows are equal bytes.

Numbers are numbers and all else is text, so that no spreadsheet runs what somebody wrote. An empty cell says that nothing is
known; several values of one cell stand together.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from flask import Response, request
from pyoxigraph import BlankNode, Literal, NamedNode
from werkzeug.exceptions import RequestEntityTooLarge
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from triplehelix.description.vocabulary import XSD
from triplehelix.formats import BYTE_ORDER_MARK, CSV, ROWS, XLSX, Format
from triplehelix.formulas import guarded
from triplehelix.letters import plain
from triplehelix.releases import day_of
from triplehelix.web import answer
from triplehelix.web.site import published

Value = str | bool | Decimal | None
# Several values stand in one cell.
Cell = Value | tuple[Value, ...]
# The forms in which rows are to be had.
SHEETS = (CSV, XLSX, ROWS)
BETWEEN = " | "
NUMBERS = frozenset(XSD + name for name in (
    "decimal", "double", "float", "integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger",
    "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "nonPositiveInteger", "negativeInteger"))
BOOLEAN, YEAR = XSD + "boolean", re.compile("[0-9]{4}")
# A spreadsheet keeps that many digits of a number, and numbers up to some 1E308.
DIGITS, LARGEST_EXPONENT = 15, 300
# What a sheet holds: rows with the header, and characters in a cell.
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
CUT = " … (cut: a cell holds no more)"
# Nothing in the file says when it was made.
NEVER = datetime(1980, 1, 1)
# Names of tabs: how long, without which characters, and the one that Excel has for itself.
TAB, NOT_IN_A_TAB, TAKEN = 31, re.compile(r"[\[\]:*?/\\]"), "history"
NOT_IN_A_NAME, LONGEST_NAME = re.compile("[^a-z0-9]+"), 100
WIDEST, NARROWEST = 60, 8


@dataclass(frozen=True)
class Sheet:
    """A table: its title, the headings of its columns, and its rows, which are read once."""

    title: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Cell]]


def cell(term: NamedNode | BlankNode | Literal | None) -> Value:
    """The value of a term: a number where a spreadsheet can keep it whole, else text; None for none."""
    if not isinstance(term, Literal):
        return str(term) if isinstance(term, BlankNode) else term and term.value
    datatype, text = term.datatype.value, term.value
    if datatype == BOOLEAN and text in ("true", "false"):
        return text == "true"
    is_year = datatype == XSD + "gYear" and YEAR.fullmatch(text)
    return _number(text) if is_year or datatype in NUMBERS else text


def _number(text: str) -> Decimal | str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    kept = number.is_finite() and len(number.as_tuple().digits) <= DIGITS and abs(number.adjusted()) <= LARGEST_EXPONENT
    return number if kept else text


def given(sheet: Sheet, wanted: Format) -> Response:
    """The table as a file of one of the forms `SHEETS`, named by its title and the day of the release.

    Raises RequestEntityTooLarge for what no sheet of Excel holds.
    """
    body = WRITERS[wanted](sheet)
    kind = "inline" if wanted is ROWS else "attachment"
    return answer.answer(body, wanted.content_type, {"Content-Disposition": f'{kind}; filename="{named(sheet.title, wanted)}"'})


def named(title: str, wanted: Format) -> str:
    """The name of a file: a title, the day of the release, the suffix of the form."""
    stem = NOT_IN_A_NAME.sub("-", plain(title))[:LONGEST_NAME].strip("-") or "rows"
    return f"{stem}-{day_of(published().manifest.version)}.{wanted.suffix}"


# CSV


def csv_of(sheet: Sheet, bom: bool = False) -> bytes:
    """The table as CSV, for Excel with a byte order mark, by which it knows that this is UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(map(guarded, sheet.columns))
    writer.writerows(map(_text, row) for row in sheet.rows)
    return BYTE_ORDER_MARK * bom + file.getvalue().encode()


def _text(value: Cell) -> str:
    if isinstance(value, tuple):
        return guarded(BETWEEN.join(map(_plain, value)))
    return guarded(value) if isinstance(value, str) else _plain(value)


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _csv(sheet: Sheet) -> bytes:
    return csv_of(sheet, request.args.get("bom") == "1")


# JSON


def json_of(sheet: Sheet) -> bytes:
    """The table as one object: title, columns, and each row as an object with the columns as names; null where is no data."""
    head = json.dumps({"title": sheet.title, "columns": sheet.columns}, ensure_ascii=False)
    rows = ",\n".join(json.dumps(dict(zip(sheet.columns, map(_member, row))), ensure_ascii=False) for row in sheet.rows)
    return f'{head[:-1]}, "rows": [\n{rows}\n]}}\n'.encode()


def _member(value: Cell) -> str | bool | int | float | list | None:
    if isinstance(value, tuple):
        return [_member(each) for each in value] or None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value.adjusted()) < DIGITS else float(value)
    return value


# Excel


def xlsx_of(sheet: Sheet) -> bytes:
    """The table as a workbook of one sheet, its header bold and in sight. Raises RequestEntityTooLarge for too many rows."""
    file = io.BytesIO()
    with Workbook(file, {"constant_memory": True}) as book:
        book.set_properties({"title": sheet.title, "created": NEVER})
        page, bold = book.add_worksheet(_tab(sheet.title)), book.add_format({"bold": True})
        widths = [len(column) for column in sheet.columns]
        for place, column in enumerate(sheet.columns):
            page.write_string(0, place, _fitting(column), bold)
        for number, row in enumerate(sheet.rows, 1):
            if number >= MOST_ROWS:
                raise RequestEntityTooLarge(f"A sheet of Excel holds {MOST_ROWS:,} rows, and these are more. Take them as CSV.")
            for place, value in enumerate(row):
                widths[place] = max(widths[place], _write(page, number, place, value))
        for place, width in enumerate(widths):
            page.set_column(place, place, min(max(width, NARROWEST), WIDEST))
        page.freeze_panes(1, 0)
    return file.getvalue()


def _write(page: Worksheet, row: int, place: int, value: Cell) -> int:
    """Writes a cell, and says how wide it is. Nothing is guessed from what a text looks like."""
    if value is None or value == ():
        return 0
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool):
        page.write_boolean(row, place, value)
    elif isinstance(value, Decimal):
        page.write_number(row, place, value)
    else:
        page.write_string(row, place, _fitting(_plain_text(value)))
    return len(_plain_text(value))


def _plain_text(value: Cell) -> str:
    return BETWEEN.join(map(_plain, value)) if isinstance(value, tuple) else _plain(value)


def _fitting(text: str) -> str:
    """The text as a cell holds it: what is longer is cut, and says so."""
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS - len(CUT)] + CUT


def _tab(title: str) -> str:
    """The title as Excel takes it for a tab."""
    found = NOT_IN_A_TAB.sub(" ", title).strip(" '")[:TAB].strip(" '")
    return "Rows" if found.lower() in ("", TAKEN) else found


WRITERS: MappingProxyType[Format, Callable[[Sheet], bytes]] = MappingProxyType({CSV: _csv, XLSX: xlsx_of, ROWS: json_of})
