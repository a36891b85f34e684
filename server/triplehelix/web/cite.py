"""Answers to cite: under a URL of query and release, with the same bytes each time, and how to cite each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, request
from werkzeug.exceptions import BadRequest, NotFound, RequestURITooLarge

from triplehelix import citation
from triplehelix.citation import Citation
from triplehelix.description.document import REVALIDATED, link_header
from triplehelix.description.signposts import Link
from triplehelix.engine.model import Answer
from triplehelix.engine.reading import form_of
from triplehelix.formats import CITATIONS, HTML, RESULTS, Format, by_name
from triplehelix.releases import day_of
from triplehelix.web import answer, landing
from triplehelix.web.codings import DIGEST, repr_digest
from triplehelix.web.permanent import URL_BYTES, is_too_long, permanent
from triplehelix.web.site import arguments, earlier, links, published, site
from triplehelix.web.sparql import GRAPH_FORMS, OF_GRAPHS, Asked, executed, protocol_request, shown
from triplehelix.web.view import Shown, View

routes = Blueprint("cite", __name__)
FORMAT = "format"
# Proxies take so many bytes of header fields that a URL may stand in them this often only where it is short.
LINKED_BYTES = 1_000
# The syntax that has the checksum of a citation is what a client without preferences gets: rows in JSON, triples in canonical
# N-Triples, whose hash is that of RDFC-1.0.
TRIPLES = by_name("nt")
SYNTAXES = MappingProxyType({True: (TRIPLES, *(each for each in OF_GRAPHS if each is not TRIPLES)), False: RESULTS})
WRITERS = MappingProxyType({"citation": citation.text, "bibtex": citation.bibtex, "ris": citation.ris,
                            "csl": citation.csl})


@routes.get("/cite")
def cite() -> Response:
    """The answer to a query from one release, a page on it, or its citation; without a release, 303 to the current one's."""
    return _cited(protocol_request())


@routes.get("/query/<slug>/cite")
def cite_named(slug: str) -> Response:
    """The same for a named query, its parameters bound to the values given: a release keeps the texts of its queries."""
    query = published().queries.get(slug)
    if query is None:
        raise NotFound(f"There is no query {slug!r}; /query/ lists them.")
    values = {name: value for name, value in arguments() if name != FORMAT}
    return _cited(Asked(query.bound(values), (), (), request.args.get(FORMAT), None))


def _cited(asked: Asked) -> Response:
    if asked.query is None:
        raise BadRequest("The address holds no query. Add query=, or run a query and follow Cite this on the page of its result.")
    if asked.max_rows:
        raise BadRequest("A cited answer is whole: leave max-rows out, or write ORDER BY and LIMIT into the query.")
    g.query = asked.query
    local = permanent(asked)
    url = published().base + local
    if is_too_long(local):
        raise RequestURITooLarge(
            f"The permanent URL of this answer would have {len(url):,} bytes; many programs pass on no more than {URL_BYTES:,}. "
            "Declare prefixes, ask for fewer values at once, or download the dump and cite its release.")
    if "named" not in g:
        wanted = f"&{urlencode({FORMAT: asked.format})}" if asked.format else ""
        return redirect(links().of_current.url(local + wanted), 303)
    return _answered(replace(asked, canonical=True), url, links().of_current.url(local))


def _answered(asked: Asked, url: str, here: str) -> Response:
    """The answer in the form asked for; it is cited by `url` and visited at `here`, which differ where base and origin do."""
    form = form_of(asked.query, site().settings.limits)
    syntaxes = SYNTAXES[form in GRAPH_FORMS]
    wanted = answer.chosen((*syntaxes, HTML, *CITATIONS), name=asked.format or "")
    told = wanted if wanted in syntaxes else syntaxes[0]
    given, headers = executed(asked, form, told, published(), site(), request.environ, current=not earlier())
    headers |= {"Cache-Control": REVALIDATED, **link_header(_relations(url, here))}
    if wanted is told:
        return _with_checksum(given.body, wanted, headers)
    cited = cited_as(asked, given, told, url)
    if wanted in CITATIONS:
        return answer.answer(WRITERS[wanted.name](cited).encode(), wanted.content_type, headers)
    forms = [(each, WRITERS[each.name](cited), f"{here}&{FORMAT}={each.name}") for each in CITATIONS]
    others = [(each.label, f"{here}&{FORMAT}={each.name}") for each in syntaxes]
    return answer.page("cite.html", headers, view=View(published(), links()), cited=cited, forms=forms, others=others,
                       query=asked.query, fixed=f"{url}&{FORMAT}={told.name}", is_graph=form in GRAPH_FORMS, **shown(given))


def _with_checksum(body: bytes, wanted: Format, headers: dict[str, str]) -> Response:
    """An answer under the SHA-256 of its bytes, as ETag and as RFC 9530 has it."""
    response = Response(body, content_type=wanted.content_type, headers={**headers, DIGEST: repr_digest(body)})
    response.vary.add("Accept")
    response.set_etag(sha256(body).hexdigest())
    return response.make_conditional(request)


def _relations(url: str, here: str) -> list[Link]:
    """What goes with each answer: its permanent URL, the forms of its citation, its release, the licence (RFC 8288, 8574)."""
    own = [(url, "cite-as", ""), *((f"{here}&{FORMAT}={each.name}", "describedby", each.media_type) for each in CITATIONS)]
    release = links().of_current.url(f"release/{published().manifest.version}/")
    return [*(own if len(url) <= LINKED_BYTES else ()), (release, "collection", ""), *landing.licence()]


@dataclass(frozen=True)
class Agents:
    """Who made the dataset and who publishes it, by name, and the latter as pages show them."""

    creators: tuple[str, ...]
    publishers: tuple[str, ...]
    nodes: tuple[Shown, ...]


def agents(view: View) -> Agents:
    """Those of the release of a view."""
    made, published_by = ([view.term(node) for node in view.release.reading.values(view.release.dataset, predicate)]
                          for predicate in (landing.CREATOR, landing.PUBLISHER))
    return Agents(tuple(each.text for each in made), tuple(each.text for each in published_by), tuple(published_by))


def cited_as(asked: Asked, given: Answer, told: Format, url: str) -> Citation:
    """The citation of an answer, as it is in one syntax."""
    release, version = published(), published().manifest.version
    named, known = release.named(asked.query), agents(View(release, links()))
    title = f"Answer to a query of {release.title}"
    return Citation(f"{named.title}. {title}" if named else title, known.creators, "; ".join(known.publishers), version,
                    day_of(version), url, sha256(given.body).hexdigest(), told.label, release.license or "")
