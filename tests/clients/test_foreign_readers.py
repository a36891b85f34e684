"""Dumps and tables as others read them: `oxigraph load`, a reader of CSVW, the RO-Crate validator, Parquet by pandas.

`make clients` installs them and runs this.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, environment
from tabular import plain, tables
from triplehelix.releases import read_manifest

HERE = Path(__file__).parent
READERS = Path(os.environ.get("READERS", ROOT / ".venv-readers")) / "bin"
NAMED = ("nq", "trig", "jsonld")
LOADED = re.compile(r"(\d+) triples loaded")


def run(program: str, *arguments: object, **options: object) -> str:
    """What a reader prints; one that is not installed is missed only where CLIENTS says that it should be."""
    path = READERS / program
    if not path.exists():
        (pytest.fail if os.environ.get("CLIENTS") else pytest.skip)(f"{path} is not here: make clients installs it")
    done = subprocess.run([path, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_oxigraph_loads_what_is_stated(mini_release: Path, tmp_path: Path, suffix: str, packed: str) -> None:
    counts = read_manifest(mini_release).counts
    run("oxigraph", "load", "--location", tmp_path, "--file", mini_release / f"dumps/dataset.{suffix}{packed}")
    dumped = tmp_path.parent / f"{tmp_path.name}.nq"
    run("oxigraph", "dump", "--location", tmp_path, "--file", dumped)
    assert len(dumped.read_bytes().splitlines()) == counts["quads" if suffix in NAMED else "triples"]


def test_a_reader_of_csvw_finds_the_tables_valid_and_reads_their_rows(mini_release: Path) -> None:
    folder = mini_release / "dumps/tables"
    assert "OK" in run("csvwvalidate", folder / "csv-metadata.json")
    read = json.loads(run("python", HERE / "read_csvw.py", folder / "csv-metadata.json"))
    assert {name: len(rows) for name, rows in read.items()} == {
        f"{table.name}.csv": len(table.rows()) for table in tables(mini_release).values()}
    light = read["Lighthouse.csv"][0]
    assert light["height"] == {"Decimal": "41.5"} and light["name_en"] == ['Cape "Long" Light']


def test_the_crate_meets_every_requirement(mini_release: Path, tmp_path: Path) -> None:
    cache = tmp_path / "http"
    run("python", HERE / "know_context.py", cache)
    report = tmp_path / "report.json"
    run("rocrate-validator", "-y", "validate", "--no-paging", "--offline", "--cache-path", cache, "-p", "ro-crate-1.1",
        "-l", "required", "-f", "json", "-o", report, mini_release / "dumps")
    told = json.loads(report.read_bytes())
    assert told["passed"] is True and told["issues"] == []


def test_tables_are_to_be_had_as_parquet(mini_release: Path, tmp_path: Path) -> None:
    """With the types, lists and values that the CSV has by its metadata."""
    run("python", "-m", "triplehelix", "parquet", mini_release.parent, tmp_path, env=environment())
    read = json.loads(run("python", HERE / "read_parquet.py", tmp_path))
    for name, table in tables(mini_release).items():
        assert list(read[name]["kinds"]) == table.titles
        for row, told in zip(table.rows(), read[name]["rows"], strict=True):
            assert [_cell(column, told[column["titles"]]) for column in table.columns] == [plain(cell) for cell in row.values()]
    assert read["Lighthouse"]["kinds"]["height"] == "f"


def _cell(column: dict, value: object) -> str:
    """A value as a cell has it."""
    if value is None:
        return ""
    return column["separator"].join(value) if "separator" in column else f"{value:g}" if isinstance(value, float) else str(value)
