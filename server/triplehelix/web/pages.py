"""Pages of the site itself: home, the named queries, the things of a class, and the style sheet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, redirect, request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from triplehelix.description.describe import describe, paged, triples
from triplehelix.description.document import REVALIDATED, link_header
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import CLASS, CLASS_PARTITION, DEFINITION, ENTITIES, OWL, RDF, RDFS, SH, TYPE
from triplehelix.formats import HTML
from triplehelix.views import ListedTable
from triplehelix.web import answer, browse, landing
from triplehelix.web.answer import SITE_PAGE
from triplehelix.web.site import arguments, links, published
from triplehelix.web.view import Shown, View

routes = Blueprint("pages", __name__)
STATIC = Path(__file__).parent / "static"
CONTENT_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
                 ".json": "application/json", ".png": "image/png", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8"}
# Vocabulary about vocabulary: nobody looks for these as things.
MACHINERY = (OWL, RDF, RDFS, SH)
EXAMPLES, LEADING, HANDFUL = 6, 4, 5


@dataclass(frozen=True)
class Counted:
    """A class, its definition, how many things of it the dataset has, and where they are listed."""

    kind: Shown
    definition: str
    count: int
    href: str
    own: bool


@routes.get("/")
def home() -> Response:
    """What this is and where to go; in RDF, the description of the dataset."""
    wanted = answer.chosen(SITE_PAGE, html_by_wildcard=True)
    told = describe(published(), published().dataset)
    headers = link_header(landing.relations())
    if wanted is not HTML:
        rows = triples(published(), told, published().dataset) if told else published().catalogue
        return answer.rdf(rows, wanted, headers)
    view = View(published(), links(), told)
    counted, tables = classes(view), leading()
    return answer.page("home.html", headers, view=view, manifest=published().manifest, classes=counted,
                       leading=[table for table in tables if table.count > HANDFUL][:LEADING],
                       things=example_things(view, tables), dataset=landing.dataset())


def leading() -> list[ListedTable]:
    """The tables that can be narrowed down in the most ways, what visitors come for first."""
    views = published().views
    found = [table for table in views.tables() if views.facets(table.name)]
    return sorted(found, key=lambda table: (-len(views.facets(table.name)), -table.count))


def classes(view: View) -> list[Counted]:
    """The classes of the dataset with their counts, from the catalogue; the most numerous first."""
    reading = published().reading
    found = [_counted(view, kind, partition) for partition in reading.values(published().dataset, CLASS_PARTITION)
             for kind in reading.values(partition, CLASS) if not kind.value.startswith(MACHINERY)]
    return sorted(found, key=lambda row: (-row.count, row.kind.text))


def _counted(view: View, kind: NamedNode, partition: NamedNode) -> Counted:
    reading = published().reading
    count = next(iter(reading.values(partition, ENTITIES)), Literal(0))
    definition = next(iter(reading.values(kind, DEFINITION)), Literal(""))
    return Counted(view.term_name(kind), definition.value, int(count.value), _listing(kind),
                   kind.value.startswith(published().base))


def example_things(view: View, tables: list[ListedTable]) -> list[tuple[Shown, ListedTable]]:
    """The first thing of each of some tables."""
    views, first = published().views, ("name", 0, 1)
    listed = [(table, local) for table in tables[:EXAMPLES] for local, _ in views.listed(table.name, {}, *first)[1]]
    return [(view.name(NamedNode(published().base + local)), table) for table, local in listed]


def _listing(kind: NamedNode) -> str:
    """The address of the list of a class: its IRI is percent-encoded whole."""
    return answer.with_query(links().path("list"), {"class": kind.value})


@routes.get("/list")
def things() -> Response:
    """The things of one class, by pages."""
    kind, page = _class(), answer.page_number()
    answer.chosen((HTML,), html_by_wildcard=True)
    pointing = [s for s in published().reading.pointing(kind, TYPE) if s.merged]
    if table := browse.table_of(kind, [s.triple.subject for s in pointing]):
        return redirect(links().url(f"browse/{table}"), 303)
    listed = paged(pointing, page)
    if not pointing or page > listed.pages:
        raise NotFound("No thing of that class stands on this page of the list.")
    view = View(published(), links())
    headers = link_header(landing.of_a_list())
    return answer.page("list.html", headers, view=view, kind=view.name(kind), listed=listed, here=_listing(kind))


def _class() -> NamedNode:
    try:
        return NamedNode(request.args.get("class", ""))
    except ValueError as error:
        raise BadRequest("class is the IRI of a class.") from error


@routes.get("/query")
def queries_without_slash() -> Response:
    """The queries are a folder; its address ends with a slash."""
    return redirect(links().url("query/"), 301)


@routes.get("/query/")
def queries() -> Response:
    """The named queries: a page, or their graph in RDF."""
    wanted = answer.chosen(SITE_PAGE, html_by_wildcard=True)
    if wanted is not HTML:
        rows = [s.triple for s in _queries_graph(published())]
        return answer.rdf(rows, wanted)
    headers = link_header(landing.of_a_list())
    return answer.page("queries.html", headers, view=View(published(), links()), topics=published().topics)


@routes.get("/query/<slug>/run")
def run(slug: str) -> Response:
    """303 to the endpoint with the query, its parameters bound to the values given."""
    query = published().queries.get(slug)
    if query is None:
        raise NotFound(f"There is no query {slug!r}; /query/ lists them.")
    text = query.bound({name: request.args[name] for name, _ in arguments()})
    return redirect(answer.with_query(links().url("sparql"), {"query": text}), 303)


def _queries_graph(release: Published) -> list:
    return release.reading.content(NamedNode(release.base + "graph/queries"))


@routes.get("/static/<path:name>")
def static(name: str) -> Response:
    """A file of the pages themselves: style, script, picture."""
    path = STATIC / name
    if ".." in path.parts or path.suffix not in CONTENT_TYPES or not path.is_file():
        raise NotFound
    return answer.answer(path.read_bytes(), CONTENT_TYPES[path.suffix], {"Cache-Control": REVALIDATED})
