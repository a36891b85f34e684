"""Every dump of a release, read by others: rapper, rdflib and pyoxigraph find as many statements as the page states."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Dataset, Graph

from conftest import require
from triplehelix.formats import DATASET, GRAPH
from triplehelix.releases import read_manifest
from web_release import Visitor, client_of, room_fixture  # noqa: F401

RAPPER = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml", "nq": "nquads", "trig": "trig"}
RDFLIB = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld", "nq": "nquads", "trig": "trig"}
NAMED = {"nq", "trig", "jsonld"}
WHOLE = re.compile(r"([\d,]+) statements\b")
GRAPH_ROW = re.compile(r'href="/dumps/(graph/[^"]+)\.ttl".*?<td class="number">([\d,]+)</td></tr>', re.DOTALL)


@pytest.fixture(scope="module")
def stated(mini_release: Path, room) -> dict[str, int]:
    """The number of statements of each dump, plain and packed, as the page says it."""
    visitor: Visitor = client_of(mini_release.parent, room, read_manifest(mini_release).base)
    page = visitor.get("/dumps/").text
    merged, quads = (int(number.replace(",", "")) for number in WHOLE.findall(page)[:2])
    counts = {f"dataset.{fmt.suffix}": quads if fmt.suffix in NAMED else merged for fmt in (*GRAPH, *DATASET)}
    for stem, number in GRAPH_ROW.findall(page):
        counts |= {f"{stem}.{suffix}": int(number.replace(",", "")) for suffix in (*(f.suffix for f in GRAPH), "nq")}
    counts |= {f"{name}.gz": count for name, count in counts.items()}
    listed = {name.removeprefix("dumps/") for name in read_manifest(mini_release).files if name.startswith("dumps/")}
    assert counts.keys() == {name for name in listed if name.removesuffix(".gz").rpartition(".")[2] in RDFLIB}
    return counts


def plain(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if not name.endswith(".gz")}


def test_pyoxigraph_counts_what_is_stated(mini_release: Path, stated: dict[str, int]):
    for name, count in stated.items():
        data = (mini_release / "dumps" / name).read_bytes()
        data, syntax = (gzip.decompress(data), name[:-3]) if name.endswith(".gz") else (data, name)
        quads = parse(data, format=RdfFormat.from_extension(syntax.rpartition(".")[2]))
        assert len(set(quads)) == count, name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib about itself
def test_rdflib_counts_what_is_stated(mini_release: Path, stated: dict[str, int]):
    for name, count in plain(stated).items():
        suffix = name.rpartition(".")[2]
        read = Dataset() if suffix in NAMED else Graph()
        read.parse(mini_release / "dumps" / name, format=RDFLIB[suffix])
        assert (len(set(read.quads())) if suffix in NAMED else len(read)) == count, name


def test_rapper_counts_what_is_stated(mini_release: Path, stated: dict[str, int]):
    rapper, found = require("rapper"), {}
    for name in plain(stated):
        if syntax := RAPPER.get(name.rpartition(".")[2]):
            path = mini_release / "dumps" / name
            done = subprocess.run([rapper, "--count", "--input", syntax, str(path)], capture_output=True, text=True, timeout=60)
            assert done.returncode == 0 and "Error" not in done.stderr, done.stderr
            found[name] = int(re.search(r"returned (\d+) (?:triples|quads)", done.stderr)[1])
    assert found == {name: count for name, count in plain(stated).items() if name in found} and len(found) > 50
