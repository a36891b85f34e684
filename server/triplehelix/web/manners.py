"""What holds for every request and every answer: Host, framing, CORS and the headers that keep a browser safe."""

from __future__ import annotations

from flask import Flask, Response, abort, request
from werkzeug.exceptions import BadRequest, HTTPException

from triplehelix.web.answer import HTML, POLICY
from triplehelix.web.links import hosts
from triplehelix.web.site import Settings

EXPOSED = "Allow, Content-Location, ETag, Link, Location, Retry-After, X-Base-Rewritten, X-SPARQL-MaxRows"
ASKED = "Accept, Content-Type, If-Match, If-None-Match, If-Range, Range"
ONE_DAY = "86400"
EVERYWHERE = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED),
              ("X-Content-Type-Options", "nosniff"))


class MisdirectedRequest(HTTPException):
    """RFC 9110 section 15.5.20."""

    code = 421


def install(app: Flask, settings: Settings) -> None:
    """Check each request before it is looked at, and dress each answer."""
    allowed = hosts(settings.origin, settings.host_aliases)

    @app.before_request
    def require_sound_request() -> None:
        environ = request.environ
        host = environ.get("HTTP_HOST")
        if not host:
            raise BadRequest(f"The request names no Host. Send the one of {settings.origin}")
        if host.lower() not in allowed:
            raise MisdirectedRequest(f"This server does not answer for that host. Ask it at {settings.origin}")
        if "HTTP_TRANSFER_ENCODING" in environ:
            # The HTTP server gives an empty body where a chunked one is broken, so none is taken.
            abort(411, "Send the body with a Content-Length; chunked bodies are not taken.")
        if environ.get("PATH_INFO", "").startswith("//"):
            # Werkzeug reads //ns as /ns: one document would have many addresses.
            abort(404)

    app.after_request(dressed)


def dressed(response: Response) -> Response:
    """The headers of every answer."""
    headers = response.headers
    headers.extend(EVERYWHERE)
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
        headers["Access-Control-Allow-Headers"] = ASKED
        headers["Access-Control-Max-Age"] = ONE_DAY
    if response.mimetype == HTML.media_type:
        headers["Content-Security-Policy"] = POLICY
        headers["Referrer-Policy"] = "same-origin"
    return response
