"""What holds for every request and every answer: Host, framing, CORS and the headers that keep a browser safe."""

from __future__ import annotations

from flask import Flask, Response, abort, request
from werkzeug.exceptions import BadRequest, HTTPException

from triplehelix.web.answer import HTML, POLICY
from triplehelix.web.links import hosts
from triplehelix.web.site import Settings

EXPOSED = "Allow, Content-Location, ETag, Link, Location, Retry-After, X-Base-Rewritten"
ASKED = "Accept, Content-Type, If-Match, If-None-Match, If-Range, Range"
ONE_DAY = "86400"


class MisdirectedRequest(HTTPException):
    """RFC 9110 section 15.5.20."""

    code = 421
    description = "This server does not answer for that host."


def install(app: Flask, settings: Settings) -> None:
    """Check each request before it is looked at, and dress each answer."""
    allowed = hosts(settings.origin, settings.host_aliases)

    @app.before_request
    def require_own_host() -> None:
        host = request.environ.get("HTTP_HOST")
        if not host:
            raise BadRequest("The request names no Host.")
        if host.lower() not in allowed:
            raise MisdirectedRequest

    @app.before_request
    def require_length() -> None:
        # The HTTP server gives an empty body where a chunked one is broken, so none is taken.
        if "HTTP_TRANSFER_ENCODING" in request.environ:
            abort(411, "Send the body with a Content-Length; chunked bodies are not taken.")

    @app.before_request
    def require_one_slash() -> None:
        # Werkzeug reads //ns as /ns: one document would have many addresses.
        if request.environ.get("PATH_INFO", "").startswith("//"):
            abort(404)

    app.after_request(dressed)


def dressed(response: Response) -> Response:
    """The headers of every answer."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = EXPOSED
    headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
        headers["Access-Control-Allow-Headers"] = ASKED
        headers["Access-Control-Max-Age"] = ONE_DAY
    if response.mimetype == HTML.media_type:
        headers["Content-Security-Policy"] = POLICY
        headers["Referrer-Policy"] = "same-origin"
    return response
