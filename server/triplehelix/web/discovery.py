"""How a machine that knows nothing but the address finds everything: robots.txt, sitemaps, the API catalogue, linksets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from itertools import chain, islice
from xml.sax.saxutils import escape

from flask import Blueprint, Response
from pyoxigraph import NamedNode
from werkzeug.exceptions import NotFound

from triplehelix.description.describe import describe
from triplehelix.description.document import OF_THINGS, document_of, link_header
from triplehelix.description.document import relations as relations_of
from triplehelix.description.links import uri
from triplehelix.description.linksets import JSON, LINKSET, Link, as_json, document
from triplehelix.description.vocabulary import DCAT
from triplehelix.formats import HTML, by_name
from triplehelix.web import answer, landing, resource
from triplehelix.web.site import links, published

routes = Blueprint("discovery", __name__)
API_CATALOGUE = ".well-known/api-catalog"
# RFC 9727 section 4.2: how the media type says that the links are a catalogue of interfaces.
PROFILE = "https://www.rfc-editor.org/info/rfc9727"
# The protocol allows 50,000 a file; with fewer a file stays small enough to be kept in memory.
URLS_IN_A_FILE = 5_000
# What has another address for each visitor's wish; and of that the further pages of whole tables, of which there is an end.
ENDLESS = ("sparql?query=", "cite?query=", "search", "suggest", "compare", "browse/*?", "*?lang=", "*?panel=", "reference?",
           "correction?", "history?")
FURTHER_PAGES = "browse/*?page="
# Resources that have a document at all.
DESCRIBED = re.compile("(id|ns|scheme|shape|graph|query)(/|$)|dataset$")
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
XML = "application/xml"
SERVICE, ENDPOINT_DESCRIPTION = NamedNode(DCAT + "service"), NamedNode(DCAT + "endpointDescription")
# How a target tells back of the page that links to it (FAIR Signposting, level 2).
BACK = (("describedby", "describes"), ("item", "collection"))

# (address below the root, when its document last changed)
Address = tuple[str, datetime]


@routes.get("/robots.txt")
def robots() -> Response:
    """RFC 9309. Nothing is hidden; but there is no end of queries, and of ways to narrow down, to sort and to compare."""
    closed = "".join(f"Disallow: {links().path(local)}\n" for local in ENDLESS)
    text = f"User-agent: *\n{closed}Allow: {links().path(FURTHER_PAGES)}\n\nSitemap: {links().url('sitemap.xml')}\n"
    return answer.answer(text.encode(), "text/plain; charset=utf-8")


@routes.get("/sitemap.xml")
def sitemap_index() -> Response:
    """The sitemaps, each with the newest change among its documents."""
    rows = ((f"sitemap-{number}.xml", max(changed for _, changed in part)) for number, part in enumerate(parts(addresses()), 1))
    return _xml("sitemapindex", "sitemap", rows)


@routes.get("/sitemap-<number>.xml")
def sitemap(number: str) -> Response:
    """One sitemap: canonical addresses of documents, and when each last changed."""
    part = next((part for name, part in enumerate(parts(addresses()), 1) if number == str(name)), None)
    if part is None:
        raise NotFound(f"There is no sitemap {number}; sitemap.xml lists them.")
    return _xml("urlset", "url", part)


def addresses() -> Iterator[Address]:
    """Every document once, by its canonical address: the pages of the site, then the documents of all resources."""
    known = published().resources
    released = datetime.combine(datetime.fromisoformat(published().manifest.version[:10]), time(), UTC)
    # These tell of the release as a whole, as the document of the dataset does.
    newest = max(filter(None, (released, known.modified("dataset"))))
    tables = (f"browse/{table.name}" for table in published().views.tables())
    pages = ((local, newest) for local in ("", "browse/", *tables, "catalogue", "changes", "dumps/", "query/", "release/",
                                           f"release/{published().manifest.version}/"))
    return chain(pages, ((document_of(name), changed) for name, changed in known.all() if DESCRIBED.match(name)))


def parts(rows: Iterable[Address]) -> Iterator[list[Address]]:
    """Rows in lists of at most as many as one sitemap has."""
    rows = iter(rows)
    while part := list(islice(rows, URLS_IN_A_FILE)):
        yield part


def _xml(root: str, entry: str, rows: Iterable[Address]) -> Response:
    lines = (f"<{entry}><loc>{escape(links().url(local))}</loc><lastmod>{_moment(changed)}</lastmod></{entry}>\n"
             for local, changed in rows)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{SITEMAPS}">\n{"".join(lines)}</{root}>\n'
    return answer.answer(text.encode(), XML)


def _moment(moment: datetime) -> str:
    """A date, or a date and a time, as W3C's NOTE-datetime has it. Of midnight only the day is known."""
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat()


@routes.get(f"/{API_CATALOGUE}")
def api_catalogue() -> Response:
    """RFC 9727: the services of the catalogue, each with its description, its page and its sign of life."""
    here = links().url(API_CATALOGUE)
    body = as_json(chain.from_iterable(_service(here, iri) for iri in _services()))
    return answer.answer(body, f'{JSON.media_type}; profile="{PROFILE}"', link_header([(here, "api-catalog", "")]))


def _services() -> list[NamedNode]:
    return published().reading.values(NamedNode(published().base + "catalogue"), SERVICE)


def _service(here: str, iri: NamedNode) -> Iterator[Link]:
    service = _address(iri)
    yield Link(here, service, "item")
    for told in published().reading.values(iri, ENDPOINT_DESCRIPTION):
        yield Link(service, _address(told), "service-desc", by_name("ttl").media_type)
    yield Link(service, links().url("sparql?format=html"), "service-doc", HTML.media_type)
    yield Link(service, links().url("catalogue"), "service-meta", by_name("ttl").media_type)
    yield Link(service, links().url("health"), "status", "application/json")


def _address(iri: NamedNode) -> str:
    """Where an IRI is visited."""
    local = links().local(iri.value)
    return uri(iri.value) if local is None else links().url(local)


@routes.get("/linkset/")
@routes.get("/linkset/<path:local>")
def linkset(local: str = "") -> Response:
    """The links of a page as a document, with those that lead back to it (FAIR Signposting, level 2)."""
    wanted = answer.chosen(LINKSET, html_by_wildcard=True)
    rows = relations(local) if local else landing.relations()
    return answer.answer(document(with_back_links(links().url(local), rows), wanted), wanted.content_type)


def relations(local: str) -> list[tuple[str, str, str]]:
    """(target, relation, media type) of the Link header of a document. Raises NotFound for all but a canonical address."""
    topic = resource.existing(local.removeprefix(OF_THINGS))
    told = topic and document_of(links().local(topic.value)) == local and describe(published(), topic)
    if not told:
        raise NotFound(f"No document has {links().url(local)} as its canonical address, which its links are told by.")
    return relations_of(published(), links(), told, local, None, "")


def with_back_links(page: str, rows: list[tuple[str, str, str]]) -> list[Link]:
    """The links of a page from (target, relation, media type), then those of its targets."""
    there = [Link(page, uri(target), relation, kind) for target, relations, kind in rows
             for relation in relations.split() if relation != "linkset"]
    return there + [Link(link.target, page, back) for relation, back in BACK for link in there if link.relation == relation]
