"""Every IRI of ours, asked for as a harvester does: it answers with RDF that describes it, after one redirect at most."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from conftest import served
from triplehelix.releases import read_manifest

VERSION_IRI = NamedNode("http://www.w3.org/2002/07/owl#versionIRI")


@pytest.fixture(scope="module")
def ours(release: Path) -> list[str]:
    """Every IRI below the base that stands anywhere in data, ontology, schemes or shapes."""
    manifest = read_manifest(release)
    dumps = (row["dump"] for row in manifest.graphs.values())
    found = {term.value for dump in dumps for quad in parse(path=release / dump, format=RdfFormat.TURTLE)
             for term in (quad.subject, quad.predicate, quad.object)
             if isinstance(term, NamedNode) and term.value.startswith(manifest.base)}
    return sorted(found)


def test_the_crawl_has_something_to_crawl(ours: list[str]) -> None:
    kinds = {urlsplit(iri).path.split("/")[1] for iri in ours}
    assert {"id", "ns", "scheme", "shape", "graph", "dataset", "query"} <= kinds
    assert len(ours) > 1500


def test_every_iri_of_ours_dereferences_to_rdf_that_describes_it(ours: list[str], release: Path) -> None:
    with served(release) as base:
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
        failures = [f"{iri}: {trouble}" for iri in ours if (trouble := undescribed(connection, iri))]
        connection.close()
    assert not failures, f"{len(failures)} of {len(ours)}: " + "; ".join(failures[:20])


def undescribed(connection: http.client.HTTPConnection, iri: str) -> str:
    """Why the IRI does not dereference, or "" where it does."""
    url, hops = urldefrag(iri).url, 0
    while True:
        parts = urlsplit(url)
        connection.request("GET", quote(parts.path, safe="/%"), headers={"Accept": "text/turtle", "Host": parts.netloc})
        response = connection.getresponse()
        body = response.read()
        if response.status != 303:
            break
        url, hops = response.headers["Location"], hops + 1
        if hops > 1:
            return "more than one redirect"
    if response.status != 200 or not response.headers["Content-Type"].startswith("text/turtle"):
        return f"{response.status} {response.headers['Content-Type']}"
    return "" if iri in set(described(body, url)) else "the document says nothing of it"


def described(body: bytes, url: str) -> Iterator[str]:
    """The subjects of a document, and the version IRIs: the ontology is what a version IRI stands for (OWL 2 section 3.1)."""
    for quad in parse(body, format=RdfFormat.TURTLE, base_iri=url):
        yield getattr(quad.subject, "value", "")
        if quad.predicate == VERSION_IRI:
            yield quad.object.value
