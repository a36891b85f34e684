"""The files of the release: a listing, and each file whole or by range, under the checksum of the manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import NotFound

from triplehelix.description.document import REVALIDATED, link_header
from triplehelix.formats import CRATE, CSVW, DATASET, GRAPH, HTML, SHA256SUMS, by_suffix, content_type
from triplehelix.web import answer
from triplehelix.web.answer import SITE_PAGE
from triplehelix.web.codings import IDENTITY, acceptable
from triplehelix.web.site import links, published
from triplehelix.web.view import Shown, View

routes = Blueprint("dumps", __name__)
ROOM, DATASET_STEM = "dumps/", "dumps/dataset"
SYNTAXES = (*GRAPH, *DATASET)
TABLES, ZIP = "tables/", "tables.zip"
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
    if ROOM + name not in published().manifest.files:
        raise NotFound(f"There is no dump {name!r} in this release; /{ROOM} lists them all.")
    response = prepared(ROOM + name, content_type(name), _links(name))
    return response.make_conditional(request, accept_ranges=True, complete_length=response.content_length)


def _links(name: str) -> dict[str, str]:
    """Where a table is described (Model for Tabular Data, section 5.2), and the folder by which a file is found."""
    relations = [(links().url(ROOM), "collection", "")]
    if name.startswith(TABLES) and ROOM + TABLES + CSVW in published().manifest.files:
        described = links().url(ROOM + TABLES + CSVW)
        relations += [(described, "describedby", content_type(CSVW))] if not name.endswith(CSVW) else []
    return link_header(relations)


def prepared(path: str, kind: str, headers: Mapping[str, str] | None = None) -> Response:
    """A file that the manifest lists; in the coding gzip, where the client likes that and the release holds the file so.

    Validators, length and ranges are those of the bytes that are sent (RFC 9110 sections 8.8.3.3 and 14).
    """
    packed = {"gzip": path + ".gz"} if path + ".gz" in published().manifest.files else {}
    taken = acceptable(request.headers.get("Accept-Encoding"))
    coding = next((coding for coding in taken if coding == IDENTITY or coding in packed), IDENTITY)
    row = published().manifest.files[packed.get(coding, path)]
    response = Response(Blocks(published().folder / packed.get(coding, path)), content_type=kind, headers=headers,
                        direct_passthrough=True)
    if coding in packed:
        response.headers["Content-Encoding"] = coding
    response.headers["Cache-Control"] = REVALIDATED
    response.vary.add("Accept-Encoding")
    response.content_length = row["bytes"]
    response.set_etag(row["sha256"])
    return response


class Blocks:
    """The bytes of a file in blocks, from any place; opened when the first is asked for, so not for HEAD, 304 or 416."""

    def __init__(self, path: Path):
        self._path = path
        self._file: BinaryIO | None = None

    def __iter__(self) -> Blocks:
        return self

    def __next__(self) -> bytes:
        block = self._opened().read(BLOCK)
        if not block:
            self.close()
            raise StopIteration
        return block

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int) -> None:
        self._opened().seek(offset)

    def tell(self) -> int:
        return self._opened().tell()

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _opened(self) -> BinaryIO:
        self._file = self._file or self._path.open("rb")
        return self._file
