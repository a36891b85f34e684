"""Clients that are not of this environment: npm's, and CKAN's harvester. `make clients` installs them and runs this."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import SKOS

from conftest import ROOT, served
from triplehelix.releases import read_manifest

HERE = Path(__file__).parent
NODE, CKAN = HERE / "node_modules/.bin", ROOT / ".venv-clients/bin/python"
CAPE, EAST = "id/lighthouse/cape", "id/harbour/east"
# Two hops from a seed: the light, the harbour it guards, the region in which that lies; each has a document of its own.
JOIN = """
BASE <{base}>
PREFIX sea: <ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?light ?harbour ?region WHERE {{
  <id/lighthouse/cape> skos:prefLabel ?light ; sea:guards ?h .
  ?h skos:prefLabel ?harbour ; sea:region ?r .
  ?r skos:prefLabel ?region .
}}
"""
JOINED = {('Cape "Long" Light', "East Harbour", "North"), ('Cape "Long" Light', "East Harbour", "Coast")}


@pytest.fixture(scope="module")
def base(mini_release: Path) -> Iterator[str]:
    with served(mini_release) as address:
        yield address


def run(program: Path, *arguments: object) -> str:
    """What a client prints; a client that is not installed is missed only where CLIENTS says that it should be."""
    if not program.exists():
        (pytest.fail if os.environ.get("CLIENTS") else pytest.skip)(f"{program} is not here: make clients installs it")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, cwd=HERE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(text: str) -> set[tuple[str, ...]]:
    return set(map(tuple, list(csv.reader(io.StringIO(text)))[1:]))


# npm


@pytest.mark.parametrize("source", ["sparql@{base}sparql", "{base}sparql"], ids=["named", "described"])
def test_comunica_queries_the_endpoint(base: str, source: str) -> None:
    """Told that it is one; or by its service description."""
    told = run(NODE / "comunica-sparql", source.format(base=base), "-q", JOIN.format(base=base), "-t", "text/csv")
    assert rows(told) == JOINED


def test_comunica_joins_documents(base: str) -> None:
    sources = (base + local for local in (CAPE, EAST, "scheme/region/1", "scheme/region/1.1"))
    assert rows(run(NODE / "comunica-sparql", *sources, "-q", JOIN.format(base=base), "-t", "text/csv")) == JOINED


def test_comunica_follows_links_from_one_seed(base: str) -> None:
    told = run(NODE / "comunica-sparql-link-traversal", "--lenient", base + CAPE, "-q", JOIN.format(base=base), "-t", "text/csv")
    assert rows(told) == JOINED


def test_rdf_dereference_reads_a_thing(base: str) -> None:
    quads = json.loads(run(NODE / "rdf-dereference", base + EAST))
    assert {"subject": base + EAST, "predicate": str(RDF.type), "object": base + "ns#Harbour"} in [
        {name: quad[name] for name in ("subject", "predicate", "object")} for quad in quads]


def test_ldfetch_reads_a_thing(base: str) -> None:
    told = run(NODE / "ldfetch", base + EAST)
    turtle = told[re.search(r"(?m)^(@prefix|<)", told).start():]
    assert (URIRef(base + EAST), SKOS.prefLabel, None) in Graph().parse(data=turtle, format="turtle")


# CKAN


def test_ckan_harvests_the_catalogue(base: str, mini_release: Path) -> None:
    datasets = json.loads(run(CKAN, HERE / "read_catalogue.py", base + "catalogue", "euro_dcat_ap_3"))
    whole = next(each for each in datasets if each["title"] == "Harbours and their lights")
    files = {each["url"] for each in whole["resources"]}
    assert base + "dumps/dataset.ttl" in files
    for url in files:
        with urlopen(url, timeout=30) as answer:
            assert answer.status == 200
    extras = {each["key"]: each["value"] for each in whole["extras"]}
    assert extras["uri"] == base + "dataset" and read_manifest(mini_release).version in json.dumps(whole)
