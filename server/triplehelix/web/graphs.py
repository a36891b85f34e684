"""Whole graphs of the release, for reading: SPARQL 1.1 Graph Store HTTP Protocol, GET and HEAD by indirect name (section 4.2).

`/graphs?default` is the default graph, `/graphs?graph=<IRI>` a named one. The bodies are the files of dumps/, so a graph of
any size costs no more than a download.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from triplehelix.description.document import REVALIDATED, link_header
from triplehelix.description.published import Published
from triplehelix.formats import GRAPH, Format, by_suffix
from triplehelix.web import answer
from triplehelix.web.dumps import DATASET_STEM
from triplehelix.web.prepared import prepared
from triplehelix.web.service import CATALOGUE
from triplehelix.web.site import links, published
from triplehelix.web.sparql import decoded, rebased

routes = Blueprint("graphs", __name__)
# The dump of the whole dataset as JSON-LD holds the named graphs, not their merge.
OF_THE_MERGE = tuple(fmt for fmt in GRAPH if fmt.name != "jsonld")


@dataclass(frozen=True)
class Asked:
    """The graph of a request: its IRI, or "" for the default graph; and whether it was named with the canonical base."""

    iri: str
    rebased: bool


@routes.get("/graphs")
def graph() -> Response:
    """One graph, whole (section 5.2), with the validators of its file. Ranges are for the dump itself."""
    asked = protocol_request(published())
    headers = link_header([(links().url("sparql"), "service-desc", "")])
    if asked.rebased:
        headers["X-Base-Rewritten"] = f"{published().manifest.canonical} -> {published().base}"
    if asked.iri == published().base + CATALOGUE:
        wanted = answer.chosen(GRAPH)
        return answer.rdf(published().catalogue, wanted, {"Cache-Control": REVALIDATED, **headers})
    stem = DATASET_STEM if not asked.iri else by_suffix(_dump(asked.iri))[0]
    return _file(stem, answer.chosen(GRAPH if asked.iri else OF_THE_MERGE), headers)


def protocol_request(release: Published) -> Asked:
    """Which graph is asked for. Raises BadRequest where it is not exactly one, named by an absolute IRI (section 4.2)."""
    fields = [(name, value) for name, value in decoded(request.query_string) if name in ("graph", "default")]
    if len(fields) != 1:
        raise BadRequest("Name one graph: /graphs?graph=<IRI>, with the IRI percent-encoded, or /graphs?default. The service "
                         "description, at /sparql, lists the graphs there are.")
    name, iri = fields[0]
    if name == "default":
        return Asked("", False)
    if ":" not in iri:
        raise BadRequest(f"The graph's IRI is to be absolute; {iri!r} is not.")
    ours = rebased(iri, release)
    return Asked(ours, ours != iri)


def _dump(iri: str) -> str:
    row = published().manifest.graphs.get(iri)
    if row is None:
        raise NotFound(f"There is no graph <{iri}> in this release; the service description, at /sparql, lists those there are.")
    return row["dump"]


def _file(stem: str, fmt: Format, headers: dict[str, str]) -> Response:
    """The dump in one syntax. It has an address of its own, which Content-Location names."""
    path = f"{stem}.{fmt.suffix}"
    fields, body = prepared(published(), path, request.headers.get("Accept-Encoding"), fmt.content_type,
                            {**headers, "Content-Location": links().path(path)})
    response = Response(body, headers=fields, direct_passthrough=True)
    response.vary.add("Accept")
    return response.make_conditional(request)
