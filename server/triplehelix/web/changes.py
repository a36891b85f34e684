"""What changed: between any two releases as a page, patch, N-Quads or node of the event stream; the stream, and the feed.

A release that was pruned has left its changes here, and is answered for as the others are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, islice
from types import MappingProxyType

from flask import Blueprint, Response, g, request
from pyoxigraph import Quad, Triple
from werkzeug.exceptions import BadRequest, Gone, NotFound

from triplehelix import __version__
from triplehelix.changes.history import History, Unknown
from triplehelix.changes.index import Entity
from triplehelix.changes.lines import ADDED, REMOVED
from triplehelix.changes.patch import blocks, n_quads, rdf_patch
from triplehelix.changes.steps import Changes
from triplehelix.description.document import ETAG_HEX, REVALIDATED, link_header
from triplehelix.formats import ATOM, DATASET, DOCUMENT, GRAPH, HTML, PATCH, Format, by_name, by_suffix
from triplehelix.web import answer, feed, landing, stream
from triplehelix.web.differences import Differences
from triplehelix.web.site import links, published, site
from triplehelix.web.stream import ROOT, Stream
from triplehelix.web.view import View, preferred

routes = Blueprint("changes", __name__)
FORMS = (*DOCUMENT, PATCH)
N_QUADS = by_name("nq")
FILES = MappingProxyType({"added.nq": ADDED, "removed.nq": REMOVED})
# Entities on one page, and on one node of the stream.
ON_A_PAGE, ON_A_NODE = 50, 250


@routes.url_value_preprocessor
def take_version(_: str | None, values: dict[str, str] | None) -> None:
    """`published` finds the release where it is kept; else the current one has the names of things."""
    if values and "version" in values:
        g.changed = values.pop("version")
        if site().is_kept(g.changed):
            g.version = g.changed


@routes.get("/release/<version>/changes")
@routes.get("/release/<version>/changes.<suffix>")
def of_release(suffix: str = "") -> Response:
    """The changes of a release against the one before it, or ?since=<version>; of one ?entity=<IRI>, or those ?after=<IRI>."""
    found, fmt = changes(), _format(suffix, FORMS)
    if fmt is PATCH:
        return _streamed(found, PATCH, rdf_patch(found.lines(), *map(_release_iri, (found.before, found.after))))
    entities, following = _entities(found, ON_A_PAGE if fmt is HTML else ON_A_NODE)
    if fmt is HTML:
        return _page(found, entities, following)
    return answer.rdf(_node(found, entities, following, fmt), fmt, _headers(found))


@routes.get("/release/<version>/changes/<name>")
def lines(name: str) -> Response:
    """The lines of N-Quads that were added, or those that were removed."""
    if name not in FILES:
        raise NotFound(f"There are {' and '.join(FILES)} here.")
    found = changes()
    return _streamed(found, N_QUADS, n_quads(found.lines(), FILES[name]))


@routes.get("/changes")
@routes.get("/changes.<suffix>")
def all_releases(suffix: str = "") -> Response:
    """The event stream of all releases, by pages: a list, the root of it as RDF, or the feed."""
    fmt = _format(suffix, (*DOCUMENT, ATOM))
    known = history()
    versions = known.published(published().manifest.version)
    page = stream.shelf(versions, answer.page_number() if "page" in request.args else None)
    if not page:
        raise NotFound("There is no such page. Full pages are numbered from the oldest release; the newest page has no number.")
    if not page.versions:
        raise NotFound("No release here knows what it changed: they were built by software that kept no account of it.")
    entries = [_entry(known, version) for version in page.versions]
    if fmt is ATOM:
        return answer.answer(_feed().document(page, entries), ATOM.content_type)
    if fmt is HTML:
        return answer.page("stream.html", view=View(published(), links()), entries=entries[::-1], page=page, told=feed.in_words)
    ours = Stream(published().base)
    rows = ours.described(f"{published().title}: changes", published().license)
    return answer.rdf([*rows, *ours.releases(page, known, versions)], fmt)


def history() -> History:
    """The releases as they stand now."""
    known = site().history()
    return History(site().releases, {name: row.before for name, row in known.items()},
                   {name: row.moment for name, row in known.items()})


def changes() -> Changes:
    """The changes that are asked for. Raises BadRequest, NotFound, and Gone where they cannot be told any more."""
    since = request.args.getlist("since")
    if len(since) > 1:
        raise BadRequest("since names one release.")
    known = history()
    try:
        return known.between(since[0], g.changed) if since else known.of(g.changed)
    except Unknown as error:
        advice = f"{error} {links().url('release/')} lists the releases there are."
        raise (Gone if error.gone else NotFound)(advice) from error


def _format(suffix: str, offered: tuple[Format, ...]) -> Format:
    """The format that the address fixes, else the one asked for."""
    if not suffix:
        return answer.chosen(offered, last=[fmt for fmt in (*DATASET, PATCH, ATOM) if fmt in offered])
    fmt = by_suffix(f"{ROOT}.{suffix}", offered)[1]
    if not fmt:
        raise NotFound(f"This is to be had as {', '.join(fmt.suffix for fmt in offered)}.")
    return fmt


def _entities(found: Changes, most: int) -> tuple[list[Entity], str]:
    """A page of the entities that changed, and the last of them if more follow. Raises NotFound for one that did not."""
    if iri := request.args.get("entity"):
        one = found.entity(iri)
        if not one:
            raise NotFound(f"Nothing was added to <{iri}> or removed from it.")
        return [one], ""
    after = request.args.get("after")
    entities = list(islice(found.entities(f"<{after}>" if after else ""), most + 1))
    return entities[:most], entities[most - 1].iri if len(entities) > most else ""


def _page(found: Changes, entities: list[Entity], following: str) -> Response:
    told = Differences(View(published(), links()), _view_of(found.before), found, entities, "entity" in request.args)
    return answer.page("changes.html", _headers(found), view=told.view, told=told, all_of_it=_here(found), forms=(*GRAPH, PATCH),
                       patch=PATCH, following=following and _here(found, after=following), files=FILES, is_kept=site().is_kept,
                       other_form=lambda fmt: _here(found, f"{ROOT}.{fmt.suffix}"),
                       file=lambda name: _here(found, f"{ROOT}/{name}"))


def _view_of(version: str | None) -> View | None:
    """How things are named and reached in another release, if it is kept."""
    if not version or not site().is_kept(version):
        return None
    release = site().release(version)
    return View(release, replace(links(), release=version))


def _node(found: Changes, entities: Iterable[Entity], following: str, fmt: Format) -> list[Triple | Quad]:
    """The node of the stream that these changes are; in the syntaxes with named graphs, also what its members now say."""
    ours, moment = Stream(published().base), history().times[found.after]
    members = [triple for entity in entities for triple in ours.member(found.after, entity, moment)]
    if "entity" in request.args:
        told = members[1:]
    else:
        told = ours.node(_here(found, after=request.args.get("after")), members, following and _here(found, after=following))
    if fmt not in DATASET:
        return told
    kept = published().manifest.version == found.after
    return [*told, *(quad for entity in entities if kept and entity.exists_now
                     for quad in stream.content(published(), entity, ours.member_iri(found.after, entity)))]


def _here(found: Changes, name: str = ROOT, after: str | None = None) -> str:
    """The address of these changes, below the root."""
    values = {"since": request.args.get("since"), "after": after}
    asked = {key: value for key, value in values.items() if value}
    return answer.with_query(f"release/{found.after}/{name}", asked) if asked else f"release/{found.after}/{name}"


def _headers(found: Changes) -> dict[str, str]:
    files = [(links().url(_here(found, f"{ROOT}/{name}")), "item", N_QUADS.media_type) for name in FILES]
    return {"Cache-Control": REVALIDATED, **link_header([
        (links().url(_here(found, f"{ROOT}.{PATCH.suffix}")), "alternate", PATCH.media_type), *files,
        (links().url(ROOT), "collection", ""), *landing.licence()])}


def _release_iri(version: str | None) -> str | None:
    return version and f"{published().base}release/{version}/"


def _streamed(found: Changes, fmt: Format, lines: Iterable[bytes]) -> Response:
    """Lines as they come: never all of them in memory. Sealed releases do not change, so that their names and the version of
    this software make the validator. Raises Faulty where a file is gone: the first block is there before the status."""
    if not found.is_readable:
        raise Gone(f"Release {found.after} was the first, so that its changes are all it held; it was pruned.")
    body = blocks(lines)
    response = Response(chain(list(islice(body, 1)), body), content_type=fmt.content_type, headers=_headers(found))
    # To count it, Werkzeug would put it all together.
    response.automatically_set_content_length = False
    name = f"{__version__} {request.path} {fmt.name} {found.before} {found.after}".encode()
    response.set_etag(hashlib.sha256(name).hexdigest()[:ETAG_HEX])
    response.vary.add("Accept")
    return response.make_conditional(request)


def _entry(known: History, version: str) -> feed.Entry:
    summary = known.of(version).steps[0].summary
    return feed.Entry(f"{published().base}release/{version}/", version, known.times[version], summary,
                      links().url(f"release/{version}/{ROOT}"))


def _feed() -> feed.Feed:
    here = published()
    agents = [*here.reading.values(here.dataset, landing.PUBLISHER), *here.reading.values(here.dataset, landing.CREATOR)]
    names = (preferred([s.triple.object for s in here.names(agent)]) for agent in agents)
    return feed.Feed(here.base + ROOT, links().url(f"{ROOT}.{ATOM.suffix}"), links().url(ROOT), here.title, here.license,
                     tuple(dict.fromkeys(name.value for name in names if name)))
