"""docs/data.md is what the data say, and its counts are those of the release."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from triplehelix.documents import data
from triplehelix.findings import Faulty
from triplehelix.project import Project
from triplehelix.releases import read_manifest

DOCUMENT = "docs/data.md"


@pytest.fixture(scope="module")
def document() -> str:
    return (ROOT / DOCUMENT).read_text(encoding="utf-8")


def table(text: str, head: str) -> dict[str, list[str]]:
    """First cell, without its code marks, to the others, of the rows below a head."""
    lines = text[text.index(f"| {head} |"):].partition("\n\n")[0].splitlines()[2:]
    rows = [line.strip("| ").split(" | ") for line in lines]
    return {row[0].strip("`"): row[1:] for row in rows}


def sections(text: str) -> dict[str, str]:
    """Graph to what stands under its heading."""
    return dict(re.findall(r"^## ([a-z0-9/-]+): [^\n]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def number(digits: str) -> int:
    return int(digits.replace(",", ""))


def test_document_is_what_the_data_say(document: str, repository: Project):
    assert document == data.data_graphs(repository), "run triplehelix docs"


def test_triples_of_every_graph_are_those_of_the_release(document: str, release: Path):
    manifest = read_manifest(release)
    counted = {iri.removeprefix(f"{manifest.base}graph/"): row["triples"] for iri, row in manifest.graphs.items()
               if row["part"] in ("dataset", "apart")}
    del counted["inferred"]
    heads = ("graph | what it holds | source | had on | triples", "graph | what it is | triples")
    stated = {name: number(row[-1]) for head in heads for name, row in table(document, head).items()}
    assert stated == counted


def test_every_graph_of_the_data_has_its_section(document: str, repository: Project):
    graphs = {source.graph.removeprefix(f"{repository.base}graph/") for source in repository.sources
              if source.name.startswith("data/")}
    told = sections(document)
    assert set(told) == graphs
    for name, words in told.items():
        for what in ("- Source: ", "Terms of the source: ", "Licence of this graph: <http", "- Had on ", "- Things by class: "):
            assert what in words, f"{name} lacks {what}"


def test_things_by_class_are_those_of_the_release(document: str, release: Path):
    """Counted afresh in the dump of one graph."""
    dump = (release / "dumps/graph/sources/nuts.nt").read_text(encoding="utf-8")
    regions = len(re.findall(r"rdf-syntax-ns#type> <[^>]*ns#NutsRegion> \.$", dump, re.MULTILINE))
    assert f"{regions:,} × NUTS region" in sections(document)["sources/nuts"]


def test_rows_of_a_table_add_up(document: str):
    rows = table(document, "graph | file | rows in | taken | refused | passed over")
    assert len(rows) >= 10
    for name, (_, *counts) in rows.items():
        came, taken, refused, passed = map(number, counts)
        assert came == taken + refused + passed, name
        assert ("- Refused: " in sections(document)[name]) == (refused > 0)


def test_what_is_not_in_reach_is_told_with_its_importer(document: str):
    missing = document[document.index("## What is not in reach"):]
    for name in ("European Cluster Collaboration Platform", "Eye@RIS3", "go-cluster", "Wikidata", "CORDIS", "ROR"):
        assert f"| {name}" in missing
    assert set(re.findall(r"triplehelix import ([a-z-]+) FILE", missing)) >= {"csvmap", "labels", "cordis", "ror", "kohesio"}


def test_markup_in_a_title_is_escaped(repository: Project, tmp_path: Path):
    for room in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(repository.root / room, tmp_path / room)
    path = tmp_path / "data/events/events.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace('dcterms:title "Events"@en', 'dcterms:title "a | *b*"@en'))
    assert r"| `events/events` | a \| \*b\* |" in data.data_graphs(Project(tmp_path))


def test_a_missing_query_is_told(draft: Project):
    (draft.root / "queries/pages/data-graphs.rq").unlink(missing_ok=True)
    with pytest.raises(Faulty, match="data-graphs.rq"):
        data.data_graphs(draft)
