"""Rows as CSV, Excel and JSON: equal rows are equal bytes, numbers are numbers, and nothing is run."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from pyoxigraph import BlankNode, Literal, NamedNode
from werkzeug.exceptions import RequestEntityTooLarge

from triplehelix.description.vocabulary import XSD
from triplehelix.web import sheets
from triplehelix.web.sheets import Cell, Sheet, cell, csv_of, json_of, xlsx_of

HOSTILE = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "'=1", '=HYPERLINK("http://evil.example/","x")', "=cmd|'/c calc'!A0",
           "a,\"b\"\r\nc", "_x0041_", "\x01\x0b", "\ufffe", "é\u202etfel", "x" * 40_000,
           "<script>alert(1)</script>", " spaced ", "]]>", "0012", "1e5")


def sheet(*rows: tuple[Cell, ...], title: str = "Things", columns: tuple[str, ...] = ("Name", "Value")) -> Sheet:
    return Sheet(title, columns, iter(rows))


def opened(data: bytes) -> list[list[tuple[object, str]]]:
    """(value, type) of each cell of the first sheet."""
    return [[(each.value, each.data_type) for each in row] for row in load_workbook(io.BytesIO(data)).active.iter_rows()]


@pytest.mark.parametrize(("lexical", "datatype", "value"), [
    ("17", "integer", Decimal(17)), ("41.5", "decimal", Decimal("41.5")), ("1.5E3", "double", Decimal(1500)),
    ("-3", "short", Decimal(-3)), ("INF", "double", "INF"), ("NaN", "float", "NaN"), ("1E308", "double", "1E308"),
    ("1234567890123456", "integer", "1234567890123456"), ("123456789012345", "integer", Decimal(123456789012345)),
    ("x", "integer", "x"), ("true", "boolean", True), ("1", "boolean", "1"), ("2012", "gYear", Decimal(2012)),
    ("-0044", "gYear", "-0044"), ("2012-01-31", "date", "2012-01-31"), ("0012", "string", "0012")])
def test_what_a_literal_is_in_a_cell(lexical: str, datatype: str, value: object):
    found = cell(Literal(lexical, datatype=NamedNode(XSD + datatype)))
    assert (found, type(found)) == (value, type(value))


def test_what_other_terms_are_in_a_cell():
    assert cell(NamedNode("http://example.org/a")) == "http://example.org/a"
    assert (cell(BlankNode("b")), cell(None), cell(Literal("é", language="fr"))) == ("_:b", None, "é")


def test_equal_rows_are_equal_bytes():
    def made() -> list[bytes]:
        return [write(sheet(("a", Decimal(1)), (("b", "c"), None))) for write in (csv_of, xlsx_of, json_of)]

    first = made()
    time.sleep(2.1)  # a zip counts time in steps of two seconds
    assert made() == first


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_run_and_all_is_kept(text: str):
    rows = list(csv.reader(io.StringIO(csv_of(sheet((text, None))).decode(), newline="")))
    written = rows[1][0]
    assert written in (text, "'" + text) and not written.startswith(("=", "+", "-", "@", "\t"))
    assert json.loads(json_of(sheet((text, None))))["rows"] == [{"Name": text, "Value": None}]
    data = xlsx_of(sheet((text, None)))
    value, kind = opened(data)[1][0]
    page = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert kind == "s" and "<f>" not in page and "hyperlink" not in page
    if len(text) > sheets.MOST_CHARACTERS:
        assert len(value) == sheets.MOST_CHARACTERS and value.endswith(sheets.CUT)
    elif text.isprintable() and "_x" not in text:
        assert value == text


def test_numbers_are_numbers_and_several_values_stand_together():
    row = (Decimal("41.5"), Decimal(17), True, ("a", Decimal(2)), (Decimal(3),), ())
    columns = tuple("abcdef")
    assert [value for value, _ in opened(xlsx_of(sheet(row, columns=columns)))[1]] == [41.5, 17, True, "a | 2", 3, None]
    assert csv_of(sheet(row, columns=columns)).splitlines()[1] == b"41.5,17,true,a | 2,3,"
    assert json.loads(json_of(sheet(row, columns=columns)))["rows"] == [
        {"a": 41.5, "b": 17, "c": True, "d": ["a", 2], "e": [3], "f": None}]


def test_the_header_is_bold_and_stays_in_sight():
    page = load_workbook(io.BytesIO(xlsx_of(sheet(("a", None), title="Regions: [a/b]? of 'Europe' and elsewhere")))).active
    assert page.freeze_panes == "A2" and all(each.font.bold for each in page[1]) and not page["A2"].font.bold
    assert page.title == "Regions   a b   of 'Europe' and"[:31].strip(" '")


@pytest.mark.parametrize("title", ["", "''", "[]", "x" * 100, "History/"])
def test_any_title_makes_a_tab(title: str):
    assert opened(xlsx_of(sheet(("a", None), title=title)))[1][0] == ("a", "s")


def test_csv_for_excel_has_a_mark():
    plain, marked = csv_of(sheet(("é", None))), csv_of(sheet(("é", None)), bom=True)
    assert marked == b"\xef\xbb\xbf" + plain and plain == "Name,Value\r\né,\r\n".encode()


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert len(opened(xlsx_of(sheet(("a", None), ("b", None))))) == 3
    with pytest.raises(RequestEntityTooLarge, match="CSV"):
        xlsx_of(sheet(("a", None), ("b", None), ("c", None)))


def test_a_table_without_rows_is_a_table():
    assert csv_of(sheet()) == b"Name,Value\r\n" and json.loads(json_of(sheet()))["rows"] == []
    assert len(opened(xlsx_of(sheet()))) == 1
