"""The files of the release: a listing, and each file whole or by range, under the checksum of the manifest."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

from triplehelix.formats import DATASET, GRAPH, by_suffix
from triplehelix.web import answer
from triplehelix.web.answer import HTML, SITE_PAGE
from triplehelix.web.site import links, published
from triplehelix.web.view import Shown, View

routes = Blueprint("dumps", __name__)
ROOM, DATASET_STEM = "dumps/", "dumps/dataset"
SYNTAXES = (*GRAPH, *DATASET)
GZIP, OCTETS = "application/gzip", "application/octet-stream"
BLOCK = 1 << 18


@dataclass(frozen=True)
class Dump:
    """One file: its name below dumps/, its syntax in words, size in bytes and SHA-256."""

    name: str
    label: str
    size: int
    sha256: str


@dataclass(frozen=True)
class GraphDump:
    """A named graph with its files."""

    graph: Shown
    part: str
    triples: int
    files: list[Dump]


@routes.get("/dumps")
def without_slash() -> Response:
    """The listing is a folder; its address ends with a slash."""
    return redirect(links().url(ROOM), 301)


@routes.get("/dumps/")
def listing() -> Response:
    """All files: a page, or the catalogue in RDF."""
    wanted = answer.chosen(SITE_PAGE, html_by_wildcard=True)
    if wanted is not HTML:
        return answer.answer(answer.rdf(published().catalogue, wanted, published().manifest.prefixes), wanted.content_type)
    view, files = View(published(), links()), by_stem()
    graphs = [GraphDump(view.graph(iri), row["part"], row["triples"], files.get(_stem(row["dump"]), []))
              for iri, row in sorted(published().manifest.graphs.items())]
    return answer.page("dumps.html", whole=files.get(DATASET_STEM, []), graphs=graphs, view=view)


def by_stem() -> dict[str, list[Dump]]:
    """The files of the release, those of one content together."""
    stems: dict[str, list[Dump]] = {}
    for path, row in sorted(published().manifest.files.items()):
        if path.startswith(ROOM):
            name = path.removeprefix(ROOM)
            fmt = by_suffix(name.removesuffix(".gz"), SYNTAXES)[1]
            label = (fmt.label if fmt else name) + (", gzip" if name.endswith(".gz") else "")
            stems.setdefault(_stem(path), []).append(Dump(name, label, row["bytes"], row["sha256"]))
    return stems


def _stem(path: str) -> str:
    return by_suffix(path.removesuffix(".gz"), SYNTAXES)[0]


@routes.get("/dumps/<path:name>")
def file(name: str) -> Response:
    """One file, with Range and validators; 404 for anything the manifest does not list."""
    row = published().manifest.files.get(ROOM + name)
    if row is None:
        raise NotFound(f"There is no dump {name!r} in this release; /{ROOM} lists them all.")
    opened = (published().folder / ROOM / name).open("rb")
    response = Response(wrap_file(request.environ, opened, BLOCK), content_type=content_type(name), direct_passthrough=True)
    response.call_on_close(opened.close)
    response.content_length = row["bytes"]
    response.set_etag(row["sha256"])
    return response.make_conditional(request, accept_ranges=True, complete_length=row["bytes"])


def content_type(name: str) -> str:
    """By the suffix: compressed files are files of their own, not encodings of others."""
    fmt = by_suffix(name, SYNTAXES)[1]
    return GZIP if name.endswith(".gz") else fmt.content_type if fmt else OCTETS
