"""Tables as Parquet: how a cell becomes a value, and what is said where that cannot be; tests/clients reads what is written."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from conftest import triplehelix
from triplehelix import parquet
from triplehelix.findings import Faulty


def column(datatype: object = "string", **more: str) -> parquet.Column:
    return parquet._column({"titles": "a column", "datatype": datatype, **more})


@pytest.mark.parametrize("datatype, cell, value", [
    ("integer", "17", 17), ("decimal", "41.5", 41.5), ("decimal", "-3", -3.0), ("double", "1.5E3", 1500.0),
    ("boolean", "true", True), ("boolean", "0", False), ("date", "2020-02-29", date(2020, 2, 29)), ("integer", "", None),
    ("string", "", None), ("string", "'=1", "=1"), ("string", "''=1", "'=1"), ("string", "'quoted'", "'quoted'"),
    ("gYear", "2020", "2020"), ({"@id": "http://example.org/wkt", "base": "string"}, "POINT(1 2)", "POINT(1 2)")])
def test_a_cell_becomes_a_value_of_its_type(datatype: object, cell: str, value: object):
    assert column(datatype).value(cell) == value


def test_several_values_become_a_list():
    assert column(separator="|").value("'=a|b|c") == ["=a", "b", "c"]
    assert (column("integer", separator="|").value("1|2"), column(separator="|").value("")) == ([1, 2], None)


def test_property_and_language_are_told_with_the_column():
    told = column(propertyUrl="http://example.org/p", lang="en", name="a").told
    assert told == {"propertyUrl": "http://example.org/p", "lang": "en"}


def test_without_the_library_it_says_what_to_install(mini_release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(Faulty, match=r"pyarrow: is not installed: pip install 'triplehelix\[parquet\]'"):
        parquet.write(mini_release, tmp_path)


def test_the_command_ends_with_a_fault_where_there_is_no_release(tmp_path: Path):
    done = triplehelix("parquet", tmp_path, tmp_path / "out")
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
