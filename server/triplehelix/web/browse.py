"""The tables of a release and the things in each: narrowed down by facets, sorted, by pages, and all rows of it as a file.

A listing is its address, and every step from it is a link, so that each can be shared and the way back is the browser's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request
from pyoxigraph import BlankNode, NamedNode
from werkzeug.exceptions import BadRequest, NotFound

from triplehelix.description.document import link_header
from triplehelix.description.shapes import unique
from triplehelix.formats import HTML, Format, by_suffix
from triplehelix.web import answer, errors, landing, resource
from triplehelix.web.listing import ALL_VALUES, VALUES_IN_A_CELL, Listing, full_name
from triplehelix.web.narrowing import BACKWARDS, NAME, OTHERS, SORT, THING, VALUES, Narrowing, spellings
from triplehelix.web.sheets import SHEETS, Cell, Sheet, cell, given
from triplehelix.web.site import PARAMETER, links, published
from triplehelix.web.view import View
from triplehelix.web.words import _

if TYPE_CHECKING:
    from triplehelix.views import Facet, ListedTable

routes = Blueprint("browse", __name__)
# So many things stand side by side, and so many can be ticked.
MOST_COMPARED = 5
# So many names of what there is stand in the answer to a wrong request.
MOST_NAMED = 20
ADDRESS = "Address"


@routes.get("/browse")
def without_slash() -> Response:
    """The tables are a folder; its address ends with a slash."""
    return redirect(links().url("browse/"), 301)


@routes.get("/browse/")
def all_tables() -> Response:
    """What there is to be browsed: first what can be narrowed down, in the most ways before all else."""
    answer.chosen((HTML,), html_by_wildcard=True)
    views = published().views
    tables = sorted(((table, views.facets(table.name)) for table in views.tables()),
                    key=lambda pair: (-len(pair[1]), pair[0].title))
    return answer.page("browse.html", link_header(landing.of_a_list()), view=View(published(), links()),
                       leading=[pair for pair in tables if pair[1]], others=[pair for pair in tables if not pair[1]])


@routes.get("/browse/<name>")
def listing(name: str) -> Response:
    """The things of one table: a page, or all rows as a file."""
    table, wanted = _named(name)
    facets = published().views.facets(table.name)
    shown = _listing(table, facets, _asked(table, facets), answer.page_number() if wanted is HTML else 1)
    if wanted is not HTML:
        return given(_sheet(shown), wanted)
    headers = link_header(landing.of_a_list())
    if shown.asked.values:
        return _all_values(shown, headers)
    if shown.page > shown.pages:
        raise NotFound(f"There are {shown.pages} pages of this.")
    return answer.page("listing.html", headers, view=shown.view, listing=shown, most=MOST_COMPARED, few=VALUES_IN_A_CELL,
                       files=[(fmt, links().path(shown.asked.file(fmt.suffix))) for fmt in SHEETS],
                       for_excel=links().path(shown.asked.file("csv", [("bom", "1")])))


def table_of(kind: NamedNode, things: Sequence[NamedNode | BlankNode]) -> str | None:
    """The name of the table that lists all things of a class, and no others."""
    ours = {thing for thing in things if isinstance(thing, NamedNode) and links().local(thing.value) is not None}
    alike = (table.name for table in published().views.tables() if kind.value in table.classes and table.count == len(ours))
    return next(alike, None) if len(ours) == len(things) else None


def _named(name: str) -> tuple[ListedTable, Format]:
    """The table of a path, and the form that its suffix fixes, else that the client likes best."""
    stem, fmt = by_suffix(name, SHEETS)
    tables = published().views.tables()
    table = next((table for table in tables if table.name == stem), None)
    if table is None:
        raise NotFound(f"There is no table {stem!r} here. {_those(each.name for each in tables)}")
    return table, fmt or answer.chosen((HTML, *SHEETS), html_by_wildcard=True)


def _those(names: Iterable[str]) -> str:
    """What there is, in a sentence; of much, the beginning."""
    names = list(names)
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"Those there are: {', '.join(names[:MOST_NAMED])}{more}." if names else "There is none at all."


def _asked(table: ListedTable, facets: list[Facet]) -> Narrowing:
    """What the address names. Raises BadRequest for a parameter, an order or a number of things that it cannot have."""
    slugs = [facet.slug for facet in facets]
    if unknown := [name for name in request.args if name not in (*slugs, *OTHERS, PARAMETER)]:
        raise BadRequest(f"{table.title}: there is no facet {unknown[0]!r}. {_those(slugs)}")
    chosen = {slug: tuple(dict.fromkeys(values)) for slug in slugs if (values := request.args.getlist(slug))}
    order, values = request.args.get(SORT, NAME), request.args.get(VALUES, "")
    if order.removeprefix(BACKWARDS) not in (NAME, *slugs):
        raise BadRequest(f"{table.title}: there is no column {order!r} to sort by. {_those([NAME, *slugs])} A - before the name "
                         "turns the order round.")
    if values and values not in slugs:
        raise BadRequest(f"{table.title}: there is no facet {values!r}. {_those(slugs)}")
    return Narrowing(table.name, chosen, _kept(), order.removeprefix(BACKWARDS), order.startswith(BACKWARDS), values)


def _kept() -> tuple[str, ...]:
    """What is ticked already. Raises BadRequest for more than can be compared, NotFound for what is not there."""
    kept = tuple(dict.fromkeys(request.args.getlist(THING)))
    if len(kept) > MOST_COMPARED:
        raise BadRequest(f"These are {len(kept)} things; {MOST_COMPARED} at most stand side by side. Leave some out.")
    if missing := next((local for local in kept if not resource.existing(local)), None):
        raise errors.missing(links().base + missing)
    return kept


def _listing(table: ListedTable, facets: list[Facet], asked: Narrowing, page: int) -> Listing:
    """Raises NotFound for a value that no thing of the table has."""
    view, tallies = View(published(), links()), published().views.tallies(table.name, {})
    known = {facet.slug: spellings([term for term, _ in tallies.get(facet.slug, ())], links()) for facet in facets}
    for slug, values in asked.chosen.items():
        if unknown := [value for value in values if value not in known[slug]]:
            raise NotFound(f"{table.title}: nothing has the value {unknown[0]!r} for {slug}. {_those(filter(None, known[slug]))}")
    return Listing(view, table, facets, known, asked, page)


def _all_values(shown: Listing, headers: dict[str, str]) -> Response:
    """All values of one facet, by pages."""
    facet = next(facet for facet in shown.facets if facet.slug == shown.asked.values)
    options = next((each.options for each in shown.narrowers if each.facet == facet), [])
    pages = max(1, -(-len(options) // ALL_VALUES))
    if shown.page > pages:
        raise NotFound(f"There are {pages} pages of this.")
    some = options[(shown.page - 1) * ALL_VALUES:shown.page * ALL_VALUES]
    return answer.page("values.html", headers, view=shown.view, listing=shown, facet=facet, options=some,
                       paging={"page": shown.page, "pages": pages})


def _sheet(shown: Listing) -> Sheet:
    """All rows of a listing: name, address, and for each facet its values by name, and where these are things their addresses."""
    leading = [any(isinstance(term, NamedNode) for term in shown.known[facet.slug].values()) for facet in shown.facets]
    taken = {title.lower() for title in (_("Name"), _(ADDRESS))}
    titles = [unique(title, taken, "{} ({})") for facet, leads in zip(shown.facets, leading)
              for title in (facet.title, f"{facet.title} ({_(ADDRESS).lower()})")[:1 + leads]]
    return Sheet(shown.table.title, (_("Name"), _(ADDRESS), *titles), _rows(shown, leading))


def _rows(shown: Listing, leading: list[bool]) -> Iterator[list[Cell]]:
    named = cache(partial(full_name, shown.view))
    for local, values in shown.all():
        iri = NamedNode(shown.view.release.base + local)
        row: list[Cell] = [named(iri), iri.value]
        for facet, leads in zip(shown.facets, leading):
            terms = values.get(facet.slug, ())
            row.append(tuple(named(term) if isinstance(term, NamedNode) else cell(term) for term in terms))
            row += [tuple(map(cell, terms))] if leads else []
        yield row
