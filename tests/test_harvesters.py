"""Harvesters of others, each as its users run it, on a real server: what they find is what the release holds."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag
from urllib.request import Request, urlopen

import extruct
import owlready2
import pytest
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import OWL, SKOS
from signposting import find_signposting_html, find_signposting_http, find_signposting_linkset
from usp.tree import sitemap_tree_for_homepage

from conftest import ROOT, require, served
from triplehelix.releases import read_manifest

HERMIT = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
LOADER = ROOT / "tests/clients/LoadOntology.java"
EAST = "id/harbour/east"
# The clients' own.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
# rdflib's names of its parsers; None is to guess by the type of the answer.
PARSERS = (None, "turtle", "xml", "json-ld", "nt", "n3")
DESCRIBED = (EAST, "scheme/region/1.10", "ns", "shape/sea", "graph/lights", "query/lights-of-a-harbour", "dataset")
# It asks ten times a second at most: the other forms of a document, and the files, are left to the crawl of our own.
OTHER_FORMS = (r"/dumps/.+", r"\.(ttl|nt|nq|trig|rdf|jsonld|html|csv|xlsx|json|js|css)(\?|$)", r"format=",
               r"sparql\?", r"/linkset/",
               # What robots.txt closes, in words that it does not read: choices among choices.
               r"/browse/[^?]*\?", r"[?&](lang|panel)=", r"/(compare|reference|correction|history|search|suggest)\?")


@pytest.fixture(scope="module")
def base(mini_release: Path) -> Iterator[str]:
    with served(mini_release) as address:
        yield address


@pytest.fixture(scope="module")
def held(mini_release: Path) -> Graph:
    """The default graph of the release."""
    return Graph().parse(mini_release / "dumps/dataset.nt")


def page(url: str) -> str:
    with urlopen(Request(url, headers={"Accept": "text/html"}), timeout=30) as answer:
        return answer.read().decode()


def found(url: str) -> str:
    """The media type under which an address answers."""
    with urlopen(Request(url, method="HEAD"), timeout=30) as answer:
        return answer.headers.get_content_type()


# rdflib


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("local", DESCRIBED)
def test_rdflib_parses_an_iri_in_every_format(base: str, local: str, parser: str | None) -> None:
    told = Graph().parse(base + local, format=parser)
    assert (URIRef(base + local), RDF.type, None) in told


def test_rdflib_reads_what_the_release_holds(base: str, held: Graph) -> None:
    east = URIRef(base + EAST)
    told = Graph().parse(base + EAST)
    assert set(told.triples((east, None, None))) == set(held.triples((east, None, None)))
    assert (east, SKOS.prefLabel, Literal("East Harbour", "en")) in told


# ultimate-sitemap-parser


def test_a_sitemap_parser_finds_every_thing_from_the_home_page(base: str, held: Graph) -> None:
    pages = {entry.url: entry for entry in sitemap_tree_for_homepage(base).all_pages()}
    things = {urldefrag(subject).url for subject in held.subjects() if subject.startswith(base + "id/")}
    assert things and {base + "doc/" + thing.removeprefix(base) for thing in things} <= pages.keys()
    assert base in pages and all(entry.last_modified for entry in pages.values())


# extruct


def test_extruct_reads_the_landing_page_as_a_dataset(base: str, mini_release: Path) -> None:
    embedded = extruct.extract(page(base), base, syntaxes=["json-ld"], uniform=True)["json-ld"]
    dataset = next(each for each in embedded if "Dataset" in each["@type"])
    assert dataset["name"] and dataset["license"] == "http://creativecommons.org/publicdomain/zero/1.0/"
    files = {each["contentUrl"]: each["encodingFormat"] for each in dataset["distribution"]}
    assert base + "dumps/dataset.ttl" in files and len(files) >= 6
    assert {url: found(url) for url in files} == files
    assert read_manifest(mini_release).version[:10] in dataset["dateModified"]


def test_extruct_reads_a_thing_off_its_page(base: str) -> None:
    embedded = extruct.extract(page(base + EAST), base + "doc/" + EAST, syntaxes=["json-ld"])["json-ld"]
    told = Graph().parse(data=json.dumps(embedded), format="json-ld", publicID=base)
    assert (URIRef(base + EAST), None, None) in told


# signposting


@pytest.mark.parametrize("local", ["doc/" + EAST, "dataset", "graph/lights", "ns"])
def test_signposting_leads_to_the_data_and_agrees_with_the_page(base: str, local: str) -> None:
    posts = find_signposting_http(base + local)
    assert posts.citeAs and posts.citeAs.target == base + local.removeprefix("doc/")
    assert posts.license and posts.types
    forms = {post.type: post.target for post in posts.describedBy}
    assert {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"} <= forms.keys()
    assert {kind: found(url) for kind, url in forms.items()} == {kind: kind for kind in forms}
    assert set(posts.signposts) >= set(find_signposting_html(base + local).signposts) != set()


def test_signposting_has_a_linkset_for_level_two(base: str) -> None:
    linkset = next(iter(find_signposting_http(base + "dataset").linksets))
    assert found(linkset.target) == linkset.type
    posts = find_signposting_linkset(linkset.target)
    assert base + "dumps/dataset.ttl" in {post.target for post in posts.signposts if str(post.rel) == "item"}


# linkchecker


def test_linkchecker_finds_no_broken_link(base: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("linkchecker")
    done = subprocess.run([program, "--no-status", "--threads", "10", "--output", "csv", "--verbose",
                           *(f"--ignore-url={pattern}" for pattern in OTHER_FORMS), base],
                          capture_output=True, text=True, timeout=200, cwd=tmp_path)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines)), delimiter=";"))
    visited = {row["url"] for row in rows if row["result"] == "200 OK"}
    assert base + "doc/" + EAST in visited and len(visited) > 30, done.stderr
    assert not [row for row in rows if row["valid"] != "True"]
    # It warns of what redirects: things do.
    assert {row["warningstring"].partition(" ")[0] for row in rows} <= {"", "Redirected"}


# The ontology from its IRI


def test_the_owl_api_loads_the_ontology_and_its_imports(base: str, held: Graph) -> None:
    done = subprocess.run([require("java"), "-cp", HERMIT, LOADER, base + "ns"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told = {kind: set(re.findall(rf"(?m)^{kind} <?([^>\s]+)", done.stdout)) for kind in ("ontology", "class")}
    assert told["ontology"] == {base + local for local in ("ns", "ns/align", "ns/sea")}
    assert {str(term) for term in held.subjects(RDF.type, OWL.Class)} <= told["class"]


def test_owlready2_loads_the_ontology_from_its_iri(base: str, held: Graph) -> None:
    world = owlready2.World()
    ontology = world.get_ontology(base + "ns.rdf").load()
    assert ontology.base_iri.startswith(base + "ns")
    own = {str(term) for term in held.subjects(RDF.type, OWL.Class) if term.startswith(base)}
    assert own <= {each.iri for each in world.classes()}
