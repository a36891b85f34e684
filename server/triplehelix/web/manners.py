"""What holds for every request and every answer: Host, framing, CORS and the headers that keep a browser safe."""

from __future__ import annotations

import re
from http import HTTPStatus

from flask import Flask, Response, abort, request
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, NotAcceptable, PreconditionFailed

from triplehelix.description.links import hosts
from triplehelix.formats import HTML
from triplehelix.web import errors
from triplehelix.web.answer import POLICY
from triplehelix.web.codings import CODERS, acceptable
from triplehelix.web.site import Settings

EXPOSED = ("Accept-Ranges, Allow, Content-Location, Content-Range, ETag, Link, Location, Memento-Datetime, Repr-Digest, "
           "Retry-After, X-Base-Rewritten, X-SPARQL-MaxRows")
ASKED = "Accept, Accept-Datetime, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, Range"
ONE_DAY = "86400"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "QUERY")
# OPTIONS * asks of the server as a whole (RFC 9110 section 9.3.7).
WHOLE_SERVER = "*"
UNEQUAL = "This is not what If-Match or If-Unmodified-Since names. Ask without them, and look at ETag and Last-Modified."
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
EVERYWHERE = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED),
              ("X-Content-Type-Options", "nosniff"))


class MisdirectedRequest(HTTPException):
    """RFC 9110 section 15.5.20."""

    code = 421


def install(app: Flask, settings: Settings) -> None:
    """Check each request before it is looked at, and dress each answer."""
    allowed = hosts(settings.origin, settings.host_aliases)

    @app.before_request
    def require_sound_request() -> Response | None:
        require_host(request.environ.get("HTTP_HOST", ""), allowed, settings.origin)
        require_framing(request.environ)
        require_path(request.environ.get("PATH_INFO", ""))
        if request.environ.get("PATH_INFO") == WHOLE_SERVER:
            return of_the_whole_server()
        return None

    app.after_request(dressed)


def require_host(host: str, allowed: frozenset[str], origin: str) -> None:
    """Raises BadRequest for none or several (RFC 9112 section 3.2), MisdirectedRequest for one that is not this site.

    The HTTP server puts several into one, with commas.
    """
    if not host or "," in host:
        raise BadRequest(f"The request names {'more than one' if host else 'no'} Host. Send the one of {origin}")
    if host.lower() not in allowed:
        raise MisdirectedRequest(f"This server does not answer for that host. Ask it at {origin}")


def require_framing(environ: dict[str, str]) -> None:
    """Raises MethodNotAllowed for get in the place of GET, NotAcceptable where no coding would do; 411 for chunks.

    The HTTP server gives an empty body where a chunked one is broken, so none is taken.
    """
    if environ["REQUEST_METHOD"] != environ["REQUEST_METHOD"].upper():
        raise MethodNotAllowed(METHODS, "The names of methods are written in capital letters (RFC 9110, 9.1): send GET, not get.")
    if "HTTP_TRANSFER_ENCODING" in environ:
        abort(411, "Send the body with a Content-Length; chunked bodies are not taken.")
    if not acceptable(environ.get("HTTP_ACCEPT_ENCODING")):
        raise NotAcceptable(f"This is to be had without coding, and as {' and '.join(CODERS)}. Name one of them in "
                            "Accept-Encoding, or leave that out.")


def require_path(path: str) -> None:
    """Raises BadRequest for what is no path of ours in any release, and NotFound for one that Werkzeug would read as another."""
    if path == WHOLE_SERVER and request.method == "OPTIONS":
        return
    if not path.startswith("/"):
        raise BadRequest("The request line names no path. Write it with a slash at its start: GET / HTTP/1.1.")
    if CONTROLS.search(path):
        raise BadRequest("The address holds a control character (%00 to %1F, %7F). No address here does; write it without.")
    if path.startswith("//"):
        # Werkzeug reads //ns as /ns: one document would have many addresses.
        abort(404)


def of_the_whole_server() -> Response:
    """What OPTIONS * is told."""
    response = Response(status=204, headers={"Allow": ", ".join(METHODS)})
    del response.headers["Content-Type"]
    return response


def dressed(response: Response) -> Response:
    """The headers of every answer."""
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        # Werkzeug leaves the content in it.
        response = errors.answered(PreconditionFailed(UNEQUAL))
    headers = response.headers
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        # The client has the links with the content (RFC 9110 section 15.4.5).
        headers.remove("Link")
    headers.extend(EVERYWHERE)
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
        headers["Access-Control-Allow-Headers"] = ASKED
        headers["Access-Control-Max-Age"] = ONE_DAY
    if response.mimetype == HTML.media_type:
        headers["Content-Security-Policy"] = POLICY
        headers["Referrer-Policy"] = "same-origin"
    return response
