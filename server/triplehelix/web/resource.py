"""Things and documents: 303 from a thing to its document, and descriptions negotiated or by suffix.

"Cool URIs for the Semantic Web" section 4.3: things (id/..., scheme/<s>/<code>) redirect, documents answer.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import NotFound

from triplehelix.formats import GRAPH, PAGE, Format, by_suffix
from triplehelix.web import answer, errors
from triplehelix.web.answer import DOCUMENT, HTML
from triplehelix.web.describe import Description, describe, triples
from triplehelix.web.site import links, published
from triplehelix.web.view import View
from triplehelix.web.vocabulary import VERSION_IRI

routes = Blueprint("resource", __name__)
OF_THINGS = "doc/"


@routes.get("/id/<path:name>")
@routes.get("/scheme/<scheme>/<path:name>")
def thing(**_: str) -> Response:
    """303 to the document about the thing; 404 here, and not there, where there is none."""
    local = request.path[1:]
    topic = existing(local)
    if not topic:
        raise moved_or_missing(local)
    target = links().url(OF_THINGS + links().local(topic.value))
    wanted = request.args.get("format")
    response = redirect(target + (f"?format={wanted}" if wanted and wanted.isalnum() else ""), 303)
    response.headers.update(answer.link_header([(target, "describedby", "")]))
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


def existing(local: str) -> NamedNode | None:
    """The IRI of which the release speaks at a path below the root, if any."""
    return next((iri for iri in links().iris(local) if published().reading.holds(iri)), None)


def named(local: str) -> tuple[NamedNode, Format | None]:
    """The resource of a path, and the format its suffix fixes. An existing IRI wins over a suffix: codes have dots."""
    topic = existing(local) or version_of(local)
    if topic:
        return topic, None
    stem, fmt = by_suffix(local, (*GRAPH, *PAGE))
    topic = (existing(stem) or version_of(stem)) if fmt else None
    if not topic:
        raise moved_or_missing(local)
    return topic, fmt


def version_of(local: str) -> NamedNode | None:
    """The ontology that has the IRI of a path as its version IRI (OWL 2 section 3.1)."""
    pointing = (s for iri in links().iris(local) for s in published().reading.pointing(iri, VERSION_IRI))
    return next((s.triple.subject for s in pointing), None)


def moved_or_missing(local: str) -> NotFound:
    """404; or, where the path without its closing slash exists, a redirect to that."""
    bare = local.rstrip("/")
    topic = existing(bare) or version_of(bare) if bare != local else None
    if not topic:
        return errors.missing(links().base + local)
    room = OF_THINGS if request.path.startswith("/" + OF_THINGS) else ""
    return NotFound(response=redirect(links().url(room + links().local(topic.value)), 301))


def described(topic: NamedNode, local: str, fmt: Format | None) -> Response:
    """The description of a topic, of the document at `local` below the root."""
    told = describe(published(), topic, answer.page_number())
    if told is None or told.inverse.page > told.inverse.pages:
        raise NotFound(f"There are {told.inverse.pages if told else 0} pages of this.")
    return represented(told, local, fmt)


def represented(told: Description, local: str, fmt: Format | None) -> Response:
    """A description in the format asked for, with links to its other forms and pages."""
    wanted = fmt or answer.chosen(DOCUMENT)
    headers = answer.link_header(relations(told, local))
    if not fmt:
        headers["Content-Location"] = links().url(f"{local}.{wanted.suffix}") + query_of_page(told.inverse.page)
    if wanted is HTML:
        return answer.page("resource.html", headers, view=View(published(), links(), told), local=local)
    rows = triples(published(), told, NamedNode(links().base + local))
    return answer.rdf(rows, wanted, headers)


def relations(told: Description, local: str) -> list[tuple[str, str, str]]:
    """(target, relation, media type) of the Link header: canonical, alternates, what it describes, licence, pages."""
    here, page = links().url(local), told.inverse.page
    rows = [(here, "canonical", ""), *((f"{here}.{f.suffix}", "alternate", f.media_type) for f in DOCUMENT),
            (told.topic.value, "describes", "")]
    if published().license:
        rows.append((published().license, "license", ""))
    if page > 1:
        rows.append((here + query_of_page(page - 1), "prev", ""))
    if page < told.inverse.pages:
        rows.append((here + query_of_page(page + 1), "next", ""))
    return rows


def query_of_page(page: int) -> str:
    return f"?page={page}" if page > 1 else ""
