"""IRIs in use no more: 301 to where one moved, 410 with what to look at in its place where one was withdrawn.

The registry of the project says which (data/registry.ttl); `build` has followed each chain of successors to its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from flask import Response, redirect, request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import Gone, HTTPException, NotFound

from triplehelix.description.document import OF_THINGS, THING, link_header
from triplehelix.description.vocabulary import COMMENT
from triplehelix.formats import SUFFIXED, by_suffix
from triplehelix.resources import GONE, MOVED
from triplehelix.web import errors
from triplehelix.web.site import links, published
from triplehelix.web.view import preferred


def is_retired(iri: NamedNode) -> bool:
    """Whether the registry says that an IRI of ours is in use no more: what else the release says of it is no description."""
    return published().resources.retired(links().local(iri.value) or "") is not None


def after(local: str) -> HTTPException | None:
    """What to raise for the path, below the root and without doc/, of an IRI in use no more; None for all other paths."""
    for stem, suffix in _readings(local):
        for iri in links().iris(stem):
            known = published().resources.retired(links().local(iri.value))
            if known and known.status == MOVED:
                return NotFound(response=redirect(_address(known.target, suffix), HTTPStatus.MOVED_PERMANENTLY))
            if known:
                return Gone(response=_gone(iri, known.target))
    return None


def _readings(local: str) -> Iterator[tuple[str, str]]:
    """The paths that a path may mean, each with its suffix: as it reads, and that of a document without its suffix."""
    bare = local.rstrip("/")
    yield bare, ""
    stem, fmt = by_suffix(bare, SUFFIXED)
    if fmt and (_of_document() or not THING.match(local)):
        yield stem, f".{fmt.suffix}"


def _of_document() -> bool:
    return request.path.startswith("/" + OF_THINGS)


def _address(target: str, suffix: str) -> str:
    """The address of the successor that answers as the old one did: thing for thing, document for document, same form."""
    name, hash_sign, fragment = links().local(target).partition("#")
    room = OF_THINGS if THING.match(name) and (_of_document() or suffix) else ""
    wanted = request.args.get("format", "")
    asked = f"?format={wanted}" if wanted.isalnum() else ""
    return links().url(room + name + suffix + asked + hash_sign + fragment)


def _gone(iri: NamedNode, successor: str | None) -> Response:
    """410: that there is no such thing, why, and where to go on (relation successor-version, RFC 5829 section 3.4)."""
    why = preferred([text for text in published().reading.values(iri, COMMENT) if isinstance(text, Literal)])
    detail = [f"<{iri.value}> was withdrawn.", *([why.value] if why else [])]
    more: dict[str, int | str] = {"iri": iri.value}
    headers = {}
    if successor:
        detail.append(f"See <{successor}> in its place.")
        more["successor"] = successor
    if successor and links().href(successor):
        local = links().local(successor)
        more["address"] = successor if local is None else links().url(local)
        headers = link_header([(more["address"], "successor-version", "")])
    return errors.response(errors.Problem(GONE, HTTPStatus.GONE.phrase, " ".join(detail), more, headers))
