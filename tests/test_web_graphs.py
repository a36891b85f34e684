"""Whole graphs by the Graph Store Protocol: what is read, and that nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from triplehelix.formats import GRAPH
from triplehelix.releases import read_manifest
from triplehelix.web.graphs import OF_THE_MERGE
from web_release import Visitor, client_of, room_fixture  # noqa: F401


@pytest.fixture(scope="module")
def release_client(mini_release: Path, room) -> Visitor:
    return client_of(mini_release.parent, room, read_manifest(mini_release).base)


@pytest.fixture
def graph(mini_release: Path) -> str:
    """The IRI of the largest graph of data."""
    rows = read_manifest(mini_release).graphs
    return max((iri for iri in rows if rows[iri]["part"] == "dataset"), key=lambda iri: rows[iri]["triples"])


def test_every_graph_is_whole(release_client: Visitor, mini_release: Path) -> None:
    manifest = read_manifest(mini_release)
    for iri, row in manifest.graphs.items():
        response = release_client.get("/graphs", query_string={"graph": iri})
        assert (response.status_code, response.mimetype) == (200, "text/turtle")
        assert len(list(parse(response.data, format=RdfFormat.TURTLE))) == row["triples"]
    default = release_client.get("/graphs?default")
    assert len(list(parse(default.data, format=RdfFormat.TURTLE))) == manifest.counts["triples"]


@pytest.mark.parametrize("fmt", GRAPH, ids=lambda fmt: fmt.name)
def test_a_graph_comes_in_the_syntax_asked_for(release_client: Visitor, graph: str, mini_release: Path, fmt) -> None:
    response = release_client.get("/graphs", query_string={"graph": graph}, headers={"Accept": fmt.media_type})
    assert response.content_type == fmt.content_type
    assert "Accept" in response.vary
    assert response.data == (mini_release / response.headers["Content-Location"][1:]).read_bytes()
    assert release_client.get("/graphs", query_string={"graph": graph, "format": fmt.name}).data == response.data


def test_the_default_graph_has_no_syntax_whose_dump_holds_named_graphs(release_client: Visitor) -> None:
    for fmt in GRAPH:
        with release_client.get("/graphs?default", headers={"Accept": fmt.media_type}) as response:
            assert response.status_code == (200 if fmt in OF_THE_MERGE else 406)


def test_the_catalogue_is_a_graph_too(release_client: Visitor, mini_release: Path) -> None:
    base = read_manifest(mini_release).base
    response = release_client.get("/graphs", query_string={"graph": base + "graph/catalogue", "format": "nt"})
    assert response.data == release_client.get("/catalogue?format=nt").data


def test_the_canonical_base_is_read_as_the_releases_own(release_client: Visitor, mini_release: Path, graph: str) -> None:
    manifest = read_manifest(mini_release)
    named = {"graph": graph.replace(manifest.base, manifest.canonical)}
    with release_client.get("/graphs", query_string=named) as response:
        assert response.status_code == 200
        assert response.headers["X-Base-Rewritten"] == f"{manifest.canonical} -> {manifest.base}"


def test_head_and_validators(release_client: Visitor, graph: str) -> None:
    got = release_client.get("/graphs", query_string={"graph": graph})
    told = release_client.head("/graphs", query_string={"graph": graph})
    assert (told.status_code, told.data, told.headers["Content-Length"]) == (200, b"", str(len(got.data)))
    assert 'rel="service-desc"' in told.headers["Link"]
    headers = {"If-None-Match": got.headers["ETag"]}
    assert release_client.get("/graphs", query_string={"graph": graph}, headers=headers).status_code == 304
    ranged = release_client.get("/graphs", query_string={"graph": graph}, headers={"Range": "bytes=0-9"})
    assert (ranged.status_code, ranged.data) == (200, got.data)


@pytest.mark.parametrize(("status", "query"), [
    (400, ""), (400, "default&graph=http://x.example/"), (400, "graph=people"), (400, "graph="), (400, "graph=%FF"),
    (404, "graph=http://x.example/none"), (404, "graph=http://x.example/a%20b"), (406, "default&format=csv"),
])
def test_what_cannot_be_had(release_client: Visitor, status: int, query: str) -> None:
    response = release_client.get("/graphs?" + query)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_graphs_are_read_only(release_client: Visitor, graph: str, method: str) -> None:
    for query in ("default", f"graph={graph}"):
        response = release_client.open("/graphs?" + query, method=method, data="<a> <b> <c> .", content_type="text/turtle")
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
