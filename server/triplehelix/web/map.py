"""The map of Europe: countries shaded by how many things of a table are recorded in each, with the same as a table beside.

What can be counted are the facets whose values are countries; which they are, the release says. This room also gives all
templates the pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from triplehelix.description.document import link_header
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import TYPE
from triplehelix.formats import HTML
from triplehelix.views import Facet, ListedTable, Term
from triplehelix.web import answer, landing, pictures
from triplehelix.web.pictures.europe import key_of
from triplehelix.web.site import address, links, published
from triplehelix.web.view import Shown, View
from triplehelix.web.words import _

routes = Blueprint("map", __name__)
routes.app_template_global("draw_panel")(pictures.drawn)
routes.app_template_global("draw_countries")(pictures.shaded)


@dataclass(frozen=True)
class Choice:
    """Something that can be counted by country: a facet of a table, its values with their counts, and where its map is."""

    facet: Facet
    table: ListedTable
    title: str
    tallies: list[tuple[Term | None, int]]

    @property
    def href(self) -> str:
        return address(f"map/{self.table.name}/{self.facet.slug}")

    @property
    def unknown(self) -> int:
        """How many things have no country stated."""
        return sum(count for term, count in self.tallies if term is None)


@dataclass(frozen=True)
class Line:
    """A row of the table: a country (None: no data), its key where the map has it, its count, where its things are listed."""

    country: Shown | None
    key: str
    count: int
    href: str


@routes.get("/map")
def overview() -> Response:
    """The first of all maps."""
    offered = choices(published())
    return _page(offered, offered[0] if offered else None)


@routes.get("/map/<table>/<facet>")
def one(table: str, facet: str) -> Response:
    """The map of one facet of a table."""
    offered = choices(published())
    chosen = next((choice for choice in offered if (choice.table.name, choice.facet.slug) == (table, facet)), None)
    if chosen is None:
        raise NotFound(_("There is no such map here. {address} lists those there are.").format(address=links().url("map")))
    return _page(offered, chosen)


def choices(release: Published) -> list[Choice]:
    """What can be counted by country, the most numerous things first, and a table that includes another of these behind all
    others. The facet is named where a table has several.
    """
    found = []
    for table in release.views.tables():
        tallies = release.views.tallies(table.name, {})
        facets = [facet for facet in release.views.facets(table.name) if _can_be_mapped(release, table, tallies[facet.slug])]
        found += [Choice(facet, table, table.title if len(facets) == 1 else f"{table.title}: {facet.title}", tallies[facet.slug])
                  for facet in facets]
    return sorted(found, key=lambda choice: (any(other.table.classes < choice.table.classes for other in found),
                                             -choice.table.count, choice.title))


def _can_be_mapped(release: Published, table: ListedTable, tallies: list[tuple[Term | None, int]]) -> bool:
    """Whether values are countries, and the table does not list the countries themselves: the regions of a code say nothing."""
    terms = [term for term, _count in tallies if term is not None]
    if not pictures.is_of_countries(terms):
        return False
    country = next(term for term in terms if key_of(term.value))
    return table.classes.isdisjoint(kind.value for kind in release.reading.values(country, TYPE))


def _page(offered: list[Choice], chosen: Choice | None) -> Response:
    answer.chosen((HTML,), html_by_wildcard=True)
    view = View(published(), links())
    lines = _lines(view, chosen) if chosen else []
    return answer.page("map.html", link_header(landing.of_a_list()), view=view, choices=offered, chosen=chosen, lines=lines,
                       countries=sum(1 for line in lines if line.key))


def _lines(view: View, chosen: Choice) -> list[Line]:
    """The countries, those with most first, and at the end what has none."""
    named = [(term, view.term(term) if term is not None else None, count) for term, count in chosen.tallies]
    lines = [Line(shown, key_of(shown.iri) if shown else "", count, _listed(chosen, term)) for term, shown, count in named]
    return sorted(lines, key=lambda line: (line.country is None, -line.count, line.country.text if line.country else ""))


def _listed(chosen: Choice, term: Term | None) -> str:
    """Where the things with a value are listed."""
    value = published().views.key(term)
    value = value[1:-1] if value.startswith("<") else value
    return answer.with_query(address(f"browse/{chosen.table.name}"), {chosen.facet.slug: value})
