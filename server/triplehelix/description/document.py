"""A document as it goes out: the bytes of a description in one syntax of RDF, and the header fields that tell of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from types import MappingProxyType

from pyoxigraph import NamedNode, Quad, Triple

from triplehelix import bibliography
from triplehelix.description.describe import Description, quads, triples
from triplehelix.description.links import Links, uri
from triplehelix.description.literature import entries
from triplehelix.description.published import Published
from triplehelix.description.signposts import Link, other_pages, query_of_page, signposts
from triplehelix.formats import DATASET, LITERATURE, Format, serialise
from triplehelix.representations import Representation

# Things have their documents elsewhere, below this path; all other resources are documents themselves.
THING, OF_THINGS = re.compile("id/.|scheme/[^/]+/."), "doc/"
# What changes with a release only: a cache keeps it and asks each time whether it still holds, which moves no body. So nobody
# sees two releases mixed, or an old one for longer than the origin shows it.
REVALIDATED = "public, max-age=0, must-revalidate"
# What writes entries of a bibliography, by the name of the format.
WRITERS = MappingProxyType({"bibtex": bibliography.bibtex, "ris": bibliography.ris, "csl": bibliography.csl})
# Below this path an address leads to what was there at another time (RFC 7089 section 4.2).
TIMEGATE = "timegate/"
# Longer than any SHA-256 prefix that two of our representations will ever share.
ETAG_HEX = 32


def document_of(name: str) -> str:
    """The canonical address of the document of a resource, both below the root."""
    return OF_THINGS + name if THING.match(name) else name


def representation(release: Published, here: Links, told: Description, local: str, wanted: Format, now: datetime,
                   fmt: Format | None = None) -> Representation:
    """The document at `local` below the root in one syntax of RDF; the other parameters are those of `metadata`."""
    data = body(release, told, local, wanted)
    return Representation(fields(data, wanted.content_type, metadata(release, here, told, local, wanted, now, fmt)), data)


def body(release: Published, told: Description, local: str, wanted: Format) -> bytes:
    """A description in one syntax of RDF, or of a work as entries of a bibliography."""
    if wanted in LITERATURE:
        return WRITERS[wanted.name](entries(release, told)).encode()
    rows = (quads if wanted in DATASET else triples)(release, told, NamedNode(release.base + local))
    return written(rows, wanted, release)


def written(content: Iterable[Triple | Quad], fmt: Format, release: Published) -> bytes:
    """Triples, or quads, in one syntax, with the prefixes of the release."""
    return serialise(content, fmt, release.manifest.prefixes, release.vocabulary)


def fields(body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The header fields of a negotiated answer: `headers`, and those that come of the body."""
    tag = hashlib.sha256(content_type.encode() + b"\0" + body).hexdigest()[:ETAG_HEX]
    return [*(headers or {}).items(), ("Content-Type", content_type), ("Content-Length", str(len(body))), ("Vary", "Accept"),
            ("ETag", f'"{tag}"')]


def metadata(release: Published, here: Links, told: Description, local: str, wanted: Format, now: datetime,
             fmt: Format | None = None, named: str = "") -> dict[str, str]:
    """What the header fields of a description in one format say besides what comes of its body.

    `now` is the time of the answer, `fmt` the format that its address fixes, `named` the one of ?format=.
    """
    headers = {"Cache-Control": REVALIDATED, **modified(release, told, now),
               **link_header(relations(release, here, told, local, fmt, named))}
    if not fmt:
        headers["Content-Location"] = here.url(f"{local}.{wanted.suffix}{query_of_page(told.page)}")
    return headers


def modified(release: Published, told: Description, now: datetime) -> dict[str, str]:
    """Last-Modified, where the release knows it: never a time that is still to come (RFC 9110 section 8.8.2.1)."""
    since = release.resources.modified(told.topic.value.removeprefix(release.base))
    return {"Last-Modified": format_datetime(since, usegmt=True)} if since and since <= now else {}


def relations(release: Published, here: Links, told: Description, local: str, fmt: Format | None, named: str) -> list[Link]:
    """(target, relation, media type) of the Link header; other pages are in the form that was asked for by name."""
    asked = local + (f".{fmt.suffix}" if fmt else f"?format={named}" if named.isalnum() else "")
    gate = [] if here.release else [(here.url(TIMEGATE + here.url(asked)), "timegate", "")]
    return [*signposts(release, here, told, local), *other_pages(told, here.url(asked)), *gate]


def link_header(links: Iterable[Link]) -> dict[str, str]:
    """The Link header (RFC 8288) of (target, relation, media type or ""); of one target the relations stand together."""
    relations: dict[tuple[str, str], list[str]] = {}
    for target, relation, kind in links:
        relations.setdefault((uri(target), kind), []).append(relation)
    values = (f'<{target}>; rel="{" ".join(together)}"' + (f'; type="{kind}"' if kind else "")
              for (target, kind), together in relations.items())
    return {"Link": ", ".join(values)}
