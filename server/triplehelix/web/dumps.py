"""The files of the release: a listing, and each file whole or by range, under the checksum of the manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import NotFound

from triplehelix.description.document import link_header
from triplehelix.description.links import Links
from triplehelix.description.published import Published
from triplehelix.formats import CRATE, CSVW, DATASET, GRAPH, HTML, SHA256SUMS, by_suffix, content_type
from triplehelix.web import answer
from triplehelix.web.answer import SITE_PAGE
from triplehelix.web.prepared import Prepared, prepared
from triplehelix.web.site import links, published
from triplehelix.web.view import Shown, View

routes = Blueprint("dumps", __name__)
ROOM, DATASET_STEM = "dumps/", "dumps/dataset"
SYNTAXES = (*GRAPH, *DATASET)
TABLES, ZIP = "tables/", "tables.zip"


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


@dataclass(frozen=True)
class Table:
    """A table with its file, plain and packed: what its rows are, and how many there are."""

    title: str
    text: str
    rows: int
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
        return answer.rdf(published().catalogue, wanted)
    view, files = View(published(), links()), by_stem()
    graphs = [GraphDump(view.graph(iri), row["part"], row["triples"], files.get(_stem(row["dump"]), []))
              for iri, row in sorted(published().manifest.graphs.items())]
    beside = {name: dump for name in (ZIP, TABLES + CSVW, CRATE, SHA256SUMS) if (dump := _dump(name))}
    return answer.page("dumps.html", whole=files.get(DATASET_STEM, []), graphs=graphs, view=view, tables=tables(), beside=beside)


def tables() -> list[Table]:
    """The tables of the release, as their metadata tell of them; none in a release that has none."""
    if ROOM + TABLES + CSVW not in published().manifest.files:
        return []
    told = json.loads((published().folder / ROOM / TABLES / CSVW).read_bytes())
    return [Table(row["dc:title"], row.get("dc:description", ""), row["void:entities"],
                  [dump for ending in ("", ".gz") if (dump := _dump(TABLES + row["url"] + ending))]) for row in told["tables"]]


def _dump(name: str) -> Dump | None:
    row = published().manifest.files.get(ROOM + name)
    return Dump(name, "", row["bytes"], row["sha256"]) if row else None


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
    found = dump(published(), links(), name, request.headers.get("Accept-Encoding"))
    if not found:
        raise NotFound(f"There is no dump {name!r} in this release; /{ROOM} lists them all.")
    fields, body = found
    response = Response(body, headers=fields, direct_passthrough=True)
    return response.make_conditional(request, accept_ranges=True, complete_length=response.content_length)


def dump(release: Published, here: Links, name: str, accepted: str | None) -> Prepared | None:
    """One file by its name below dumps/; None where the manifest does not list it."""
    if ROOM + name not in release.manifest.files:
        return None
    return prepared(release, ROOM + name, accepted, content_type(name), {**_links(release, here, name), "Accept-Ranges": "bytes"})


def _links(release: Published, here: Links, name: str) -> dict[str, str]:
    """Where a table is described (Model for Tabular Data, section 5.2), and the folder by which a file is found."""
    relations = [(here.url(ROOM), "collection", "")]
    if name.startswith(TABLES) and ROOM + TABLES + CSVW in release.manifest.files:
        described = here.url(ROOM + TABLES + CSVW)
        relations += [(described, "describedby", content_type(CSVW))] if not name.endswith(CSVW) else []
    return link_header(relations)
