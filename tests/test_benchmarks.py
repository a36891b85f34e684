"""The benchmarks measure what they say: equal input each time, the same triples by both mappings, ratios the right way round."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks import __main__ as command
from benchmarks import machine, measure, organisations, page, tables, triples
from benchmarks.bench import ROOT, Bench, Comparison, Section
from conftest import environment

ROWS = 300


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A folder with a small table and the maps."""
    folder = tmp_path_factory.mktemp("bench")
    shutil.copytree(ROOT / "tests/benchmarks/maps", folder, dirs_exist_ok=True)
    organisations.write(folder / tables.TABLE, ROWS)
    return Bench(folder, folder, False, print)


def test_the_table_is_the_same_every_time(bench: Bench, tmp_path: Path):
    organisations.write(tmp_path / "again.csv", ROWS)
    assert (tmp_path / "again.csv").read_bytes() == (bench.folder / tables.TABLE).read_bytes()


def test_every_row_has_a_key_of_its_own():
    assert math.gcd(organisations.STEP, organisations.PICS) == 1


def test_our_import_takes_every_row_and_says_as_many_triples_as_yarrrml_maps(bench: Bench):
    mapped = yaml.safe_load((bench.folder / "organisations.yarrrml.yaml").read_text(encoding="utf-8"))["mappings"]
    cost = tables.ours(bench)
    assert cost.seconds > 0
    assert f"{ROWS} rows in, {ROWS} taken, 0 refused" in (bench.folder / "said.log").read_text()
    count, _ = tables.fingerprint(bench, tables.OURS)
    assert count == ROWS * sum(len(part["po"]) for part in mapped.values())


def test_a_fingerprint_knows_no_order_but_every_letter(tmp_path: Path):
    lines = [f'<http://example.org/{n}> <http://example.org/p> "{n}" .\n' for n in range(3)]
    for name, text in (("a", lines), ("b", lines[::-1]), ("c", [*lines[:2], lines[2].replace('"2"', '"3"')])):
        (tmp_path / f"{name}.nt").write_text("".join(text))
    a, b, c = (triples.fingerprint(tmp_path / f"{name}.nt") for name in "abc")
    assert a == b != c
    assert a[0] == c[0] == 3


def test_a_command_that_fails_is_told(tmp_path: Path):
    with pytest.raises(measure.Failed, match="no such luck"):
        measure.run([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path, {})


def test_peak_memory_is_that_of_the_child(tmp_path: Path):
    """Measured by a small process, as the benchmarks are: this one may be larger than what it measures."""
    code = ("import sys; from pathlib import Path; from benchmarks import measure\n"
            "for size in (1, 300_000_000):\n"
            "    print(measure.run([sys.executable, '-c', f'b\"x\" * {size}'], Path(sys.argv[1]), {}).peak)")
    said = subprocess.run([sys.executable, "-c", code, tmp_path], env=environment(PYTHONPATH=str(ROOT / "tests")),
                          check=True, capture_output=True, text=True).stdout
    small, large = map(int, said.split())
    assert 200_000_000 < large - small < 400_000_000


def test_a_ratio_is_how_far_we_are_ahead():
    rate = Comparison("a", "rows/s", [20, 30, 10], "peer", [10, 10, 10], more_is_better=True)
    memory = Comparison("b", "MiB", [40], "peer", [10], more_is_better=False)
    assert rate.ratios == (1, 2, 3)
    assert memory.ratios == (0.25, 0.25, 0.25)
    text = page.page({"Processors": "2"}, [Section("A subject", "What was done.", {"peer": "1.0"}, [rate, memory])])
    assert "| a | rows/s | 3 | 20 | peer | 10 | 1.00 | 2.00 | 3.00 |" in text
    assert re.findall(r"^- .*", text, re.MULTILINE) == ["- b (MiB): 0.25 of peer."]
    assert "| peer | 1.0 |" in text


def test_the_document_names_no_place():
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert all(f"| {name} | " in text for name in machine.facts())
    assert not re.search(r"(?:^|[\s(])/[a-z]+/", text)


def test_every_subject_has_its_section_in_the_document():
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert command.SUBJECTS == ("tables",)
    assert f"## {tables.TITLE}\n" in text
