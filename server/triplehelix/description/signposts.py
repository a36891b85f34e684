"""Signposting (FAIR Signposting, level 1, as links of RFC 8288): from a document to what it is about and to its other forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from triplehelix.description.describe import Description
from triplehelix.description.links import Links
from triplehelix.description.linksets import LINKSET
from triplehelix.description.literature import forms
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import DCTERMS, FOAF, LICENSE, TYPE, VOID
from triplehelix.formats import FORMATS, HTML, Format, by_suffix

# Target, relation, media type or "".
Link = tuple[str, str, str]
ABOUT_PAGE = "https://schema.org/AboutPage"
CREATORS = (NamedNode(DCTERMS + "creator"), NamedNode(FOAF + "maker"))
DATA_DUMP = NamedNode(VOID + "dataDump")
WEB = ("http://", "https://")
# Servers and clients take so many bytes of headers and no more: of what may be many, these are named.
MOST_OF_A_KIND, MOST_FILES = 5, 16


def signposts(release: Published, links: Links, told: Description, local: str) -> Iterator[Link]:
    """The links of the document at `local` below the root."""
    topic = told.topic.value
    yield links.of_current.url(local + query_of_page(told.page)), "canonical", ""
    for fmt in forms(told):
        form = links.url(f"{local}.{fmt.suffix}")
        yield form, "alternate", fmt.media_type
        if fmt is not HTML:
            yield form, "describedby", fmt.media_type
    yield topic, "describes", ""
    yield topic, "cite-as", ""
    yield ABOUT_PAGE, "type", ""
    yield from ((iri, "type", "") for iri in _of_the_web(told.values(TYPE)))
    yield from ((iri, "license", "") for iri in licences(release, told))
    yield from ((iri, "author", "") for predicate in CREATORS for iri in _of_the_web(told.values(predicate)))
    yield from _members(release, links, told)
    yield links.url(f"linkset/{local}"), "linkset", LINKSET[0].media_type


def licences(release: Published, told: Description) -> list[str]:
    """The licences of what is told: the topic's own, else those of the graphs that state it, else that of the dataset."""
    stated = [graph for graph in told.graphs if not release.is_inferred([graph])]
    of_graphs = (value for graph in stated for value in release.licences(graph))
    return _of_the_web(told.values(LICENSE)) or _of_the_web(of_graphs) or [release.license] * bool(release.license)


def _members(release: Published, links: Links, told: Description) -> Iterator[Link]:
    """The dataset and its graphs are collections of files; a graph is itself a part of the dataset."""
    files = sorted(value.value for value in told.values(DATA_DUMP) if isinstance(value, NamedNode))
    for iri in files[:MOST_FILES]:
        file = links.local(iri)
        yield links.url(file) if file else iri, "item", _media_type(iri)
    if release.is_described(told.topic.value):
        yield links.url("dataset"), "collection", ""


def _media_type(file: str) -> str:
    fmt: Format | None = by_suffix(file, FORMATS)[1]
    return fmt.media_type if fmt else ""


def _of_the_web(values: Iterable[object]) -> list[str]:
    """The first few IRIs that a client may follow, each once."""
    iris = (value.value for value in values if isinstance(value, NamedNode))
    return list(dict.fromkeys(iri for iri in iris if iri.startswith(WEB)))[:MOST_OF_A_KIND]


def other_pages(told: Description, address: str) -> Iterator[Link]:
    """The first, last, next and previous page of a document of several; `address` is a page's without its number."""
    if told.pages > 1:
        yield address, "first", ""
        if told.page > 1:
            yield _page(address, told.page - 1), "prev", ""
        if told.page < told.pages:
            yield _page(address, told.page + 1), "next", ""
        yield _page(address, told.pages), "last", ""


def _page(address: str, page: int) -> str:
    query = query_of_page(page)
    return address + (query.replace("?", "&") if "?" in address else query)


def query_of_page(page: int) -> str:
    """The query by which a document's page is asked for; none for the first."""
    return f"?page={page}" if page > 1 else ""
