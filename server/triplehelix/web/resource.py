"""Things and documents: 303 from a thing to its document, and descriptions negotiated or by suffix.

"Cool URIs for the Semantic Web" section 4.3: things (id/..., scheme/<s>/<code>) redirect, documents answer.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import HTTPException, NotFound

from triplehelix import jsonld
from triplehelix.description.describe import Description, describe
from triplehelix.description.document import OF_THINGS, TIMEGATE, body, link_header, metadata
from triplehelix.description.literature import forms
from triplehelix.description.vocabulary import VERSION_IRI
from triplehelix.formats import HTML, SUFFIXED, Format, by_name, by_suffix
from triplehelix.web import answer, errors, life
from triplehelix.web.kinds import kind_of
from triplehelix.web.site import links, published
from triplehelix.web.view import View
from triplehelix.web.viewing import page_of_links, view_of

routes = Blueprint("resource", __name__)
JSONLD = by_name("jsonld")
CONTEXT_HEX = 16


@routes.get("/id/<path:name>")
@routes.get("/scheme/<scheme>/<path:name>")
def thing(**_: str) -> Response:
    """303 to the document about the thing; 404 here, and not there, where there is none."""
    local = request.path[1:]
    topic = existing(local)
    if not topic:
        raise moved_or_missing(local)
    document = OF_THINGS + links().local(topic.value)
    wanted = request.args.get("format", "")
    response = redirect(links().url(document + (f"?format={wanted}" if wanted.isalnum() else "")), 303)
    original = links().of_current
    response.headers.update(link_header([(links().url(document), "describedby", ""),
                                         (original.url(TIMEGATE + original.url(links().local(topic.value))), "timegate", "")]))
    response.vary.add("Accept")
    return response


@routes.get("/doc/id/<path:name>")
@routes.get("/doc/scheme/<scheme>/<path:name>")
def document_of_thing(**_: str) -> Response:
    """The document about a thing, negotiated or by suffix."""
    local = request.path[1:].removeprefix(OF_THINGS)
    topic, fmt = named(local)
    return described(topic, OF_THINGS + links().local(topic.value), fmt)


@routes.get("/ns")
@routes.get("/ns/")
@routes.get("/ns.<suffix>")
@routes.get("/ns/<path:name>")
@routes.get("/scheme/<name>")
@routes.get("/scheme/<name>/")
@routes.get("/shape/<path:name>")
@routes.get("/graph/<path:name>")
@routes.get("/query/<name>")
@routes.get("/query/<name>/")
@routes.get("/dataset")
@routes.get("/dataset/")
@routes.get("/dataset.<suffix>")
def document(**_: str) -> Response:
    """A document that is a resource itself: it describes itself and the resources it holds."""
    topic, fmt = named(request.path[1:])
    return described(topic, links().local(topic.value), fmt)


@routes.get("/context")
@routes.get("/context/<name>")
def context(name: str = "") -> Response:
    """The whole JSON-LD context of the release, under a name that its content makes; documents carry what they need of it."""
    body = jsonld.context(published().manifest.prefixes, published().vocabulary)
    named = f"{hashlib.sha256(body).hexdigest()[:CONTEXT_HEX]}.jsonld"
    if not name:
        return redirect(links().url(f"context/{named}"), 303)
    if name != named:
        raise NotFound(f"The context of this release is {links().url(f'context/{named}')}.")
    return answer.answer(body, JSONLD.content_type, {"Cache-Control": answer.IMMUTABLE})


def existing(local: str) -> NamedNode | None:
    """The IRI in use of which the release speaks at a path below the root, if any."""
    return next((iri for iri in links().iris(local) if published().reading.holds(iri) and not life.is_retired(iri)), None)


def named(local: str) -> tuple[NamedNode, Format | None]:
    """The resource of a path, and the format its suffix fixes. An existing IRI wins over a suffix: codes have dots."""
    topic = existing(local) or version_of(local)
    if topic:
        return topic, None
    stem, fmt = by_suffix(local, SUFFIXED)
    topic = (existing(stem) or version_of(stem)) if fmt else None
    if not topic:
        raise moved_or_missing(local)
    return topic, fmt


def version_of(local: str) -> NamedNode | None:
    """The ontology that has the IRI of a path as its version IRI (OWL 2 section 3.1)."""
    pointing = (s for iri in links().iris(local) for s in published().reading.pointing(iri, VERSION_IRI))
    return next((s.triple.subject for s in pointing), None)


def moved_or_missing(local: str) -> HTTPException:
    """What became of an IRI in use no more; else a redirect where the path without its closing slash exists; else 404."""
    if gone := life.after(local):
        return gone
    bare = local.rstrip("/")
    topic = existing(bare) or version_of(bare) if bare != local else None
    if not topic:
        return errors.missing(links().base + local)
    room = OF_THINGS if request.path.startswith("/" + OF_THINGS) else ""
    return NotFound(response=redirect(links().url(room + links().local(topic.value)), 301))


def described(topic: NamedNode, local: str, fmt: Format | None) -> Response:
    """The description of a topic, of the document at `local` below the root."""
    told = describe(published(), topic, page_of_links())
    if told is None or told.page > told.pages:
        raise NotFound(f"There are {told.pages if told else 0} pages of this.")
    return represented(told, local, fmt)


def represented(told: Description, local: str, fmt: Format | None) -> Response:
    """A description in the format asked for, with links to its other forms and pages."""
    offered = forms(told)
    wanted = fmt or answer.chosen_of_document(offered)
    answer.require(wanted, offered)
    now, named = datetime.now(UTC), request.args.get("format", "")
    headers = metadata(published(), links(), told, local, wanted, now, fmt, named)
    if wanted is HTML:
        return page(view_of(told), local, headers)
    return answer.answer(body(published(), told, local, wanted), wanted.content_type, headers)


def page(view: View, local: str, headers: dict[str, str]) -> Response:
    """The page that shows a description: that of its kind, else the one which shapes lay out, which also shows panels alone."""
    kind = None if view.shelf else kind_of(view.told, local)
    if kind is None:
        return answer.page("resource.html", headers, view=view, local=local)
    # Such pages count what the whole release says: their dates are not those of what they describe.
    undated = {name: value for name, value in headers.items() if name != "Last-Modified"}
    return answer.page(kind.template, undated, view=view, local=local, page=kind.page(view))
