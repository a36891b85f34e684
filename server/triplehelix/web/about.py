"""Small pages about the page of a thing: how to cite it, what to send where it is wrong, and what changed in it and when.

They tell of the release, which the page of a thing itself does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from triplehelix.changes.history import History, Unknown
from triplehelix.citation import Citation
from triplehelix.description.describe import describe
from triplehelix.description.document import body, document_of
from triplehelix.formats import CITATIONS, HTML, by_name
from triplehelix.releases import day_of
from triplehelix.web import answer, cite, errors
from triplehelix.web.changes import history
from triplehelix.web.resource import existing
from triplehelix.web.site import links, published
from triplehelix.web.stream import CREATE, DELETE, UPDATE, kind
from triplehelix.web.view import View
from triplehelix.web.words import _

routes = Blueprint("about", __name__)
TURTLE = by_name("ttl")
GENRE = "Data record"
# So many releases are looked through, the newest first.
MOST_RELEASES = 100
WORDS = MappingProxyType({CREATE: _("first recorded"), UPDATE: _("changed"), DELETE: _("removed")})


@dataclass(frozen=True)
class Change:
    """What a release changed in a thing: the release and its moment, a word on it, and how many statements came and went."""

    version: str
    moment: datetime
    word: str
    added: int
    removed: int


@routes.get("/reference")
def reference() -> Response:
    """How to cite what this release says of a thing: a page, or its citation in one form."""
    wanted = answer.chosen((HTML, *CITATIONS), html_by_wildcard=True)
    view = _view()
    cited = _cited(view)
    if wanted is not HTML:
        return answer.answer(cite.WRITERS[wanted.name](cited).encode(), wanted.content_type)
    forms = [(fmt, cite.WRITERS[fmt.name](cited), _address("reference", view, format=fmt.name)) for fmt in CITATIONS]
    return answer.page("reference.html", view=view, cited=cited, forms=forms, page=_page(view))


@routes.get("/correction")
def correction() -> Response:
    """What to send where something on a page is wrong."""
    answer.chosen((HTML,), html_by_wildcard=True)
    view = _view()
    agents = cite.agents(view)
    return answer.page("correction.html", view=view, page=_page(view), agents=agents, release=published().manifest.version)


@routes.get("/history")
def changed() -> Response:
    """What changed in a thing from release to release, the newest first."""
    answer.chosen((HTML,), html_by_wildcard=True)
    view, known = _view(), history()
    versions = known.published(published().manifest.version)[::-1]
    found = list(_changes(known, versions[:MOST_RELEASES], view.told.topic.value))
    return answer.page("history.html", view=view, page=_page(view), changes=found, passed=max(0, len(versions) - MOST_RELEASES))


def _view() -> View:
    """The view of the thing that is named. Raises BadRequest where none is, NotFound where there is none such."""
    local = request.args.get("thing")
    if not local:
        raise BadRequest("The address names no thing. Add thing=, as it follows the address of this site in that of the thing.")
    topic = existing(local)
    told = topic and describe(published(), topic)
    if not told:
        raise errors.missing(links().base + local)
    return View(published(), links(), told)


def _page(view: View) -> str:
    return links().path(document_of(view.local))


def _address(room: str, view: View, **more: str) -> str:
    return answer.with_query(links().path(room), {"thing": view.local, **more})


def _cited(view: View) -> Citation:
    """The citation of the document of a thing in this release, checked by its Turtle."""
    release, version = published(), published().manifest.version
    agents = cite.agents(view)
    data = body(release, view.told, document_of(view.local), TURTLE)
    return Citation(f"{view.title.text}. Entry in {release.title}", agents.creators, "; ".join(agents.publishers), version,
                    day_of(version), f"{release.base}{view.local}?release={version}", sha256(data).hexdigest(), TURTLE.label,
                    release.license or "", GENRE)


def _changes(known: History, versions: list[str], iri: str) -> Iterator[Change]:
    """Those of the releases that changed a thing, in their order; of some it cannot be told any more."""
    for version in versions:
        found = None
        with suppress(Unknown):
            found = known.of(version).entity(iri)
        if found:
            yield Change(version, known.times[version], WORDS[kind(found)], found.added, found.removed)
