"""What stands between the HTTP server and Flask: framing, the path of the origin, and answers given from memory.

A release never changes, so an answer made of one is good for as long as that release is the current one. An answer is kept
under all that it depends on, and a request that has more in it which an answer may depend on goes to Flask.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.http import parse_etags, remove_entity_headers, unquote_etag

from triplehelix.releases import CURRENT
from triplehelix.web.cache import Answer, Cache, Key
from triplehelix.web.visitors import BEGAN

Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]
# The key of a request under which Flask finds the release of this request: what the link `current` names.
RELEASE = "triplehelix.release"
CACHE_BYTES, LARGEST_BYTES = 64_000_000, 1_000_000
READ, ASKED = ("GET", "HEAD"), ("POST", "QUERY")
# Where a body makes another answer, and how long that and Accept may be to be part of a key.
ENDPOINT, BODY_BYTES, ACCEPT_CHARACTERS = "/sparql", 80_000, 1_000
LENGTH_DIGITS = 6
# Headers that change an answer and are in no key.
FURTHER = frozenset({
    "HTTP_CONTENT_ENCODING", "HTTP_EXPECT", "HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_RANGE",
    "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE", "HTTP_TRANSFER_ENCODING"})
LASTING, FLEETING = ("200 ", "303 "), frozenset({"cache-control", "retry-after", "set-cookie"})


def fronted(application: Application, origin: str) -> Application:
    """The application below the path of its origin, with a request body that ends where Content-Length says.

    A path without the origin's is taken as one that a proxy has stripped already.
    """
    prefix = urlsplit(origin).path.rstrip("/")

    def front(environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        # Werkzeug then notices a body that is shorter than announced.
        environ.pop("wsgi.input_terminated", None)
        path = environ.get("PATH_INFO", "")
        if prefix and path.startswith(prefix + "/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix):]
        return application(environ, start_response)

    return front


class Remembering:
    """An application whose answers are given again from memory as long as their release is the current one.

    `hosts` are the values of Host whose answers are kept: the application refuses the others. `shortcut` may be asked in the
    place of the application where an answer is to be kept. `limit` is in bytes.
    """

    def __init__(self, application: Application, releases: Path, hosts: frozenset[str], shortcut: Application | None = None,
                 limit: int = CACHE_BYTES) -> None:
        self._application = application
        self._shortcut = shortcut or application
        self._link = str(releases / CURRENT)
        self._hosts = hosts
        self._cache = Cache(limit)

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        key = self._key(environ)
        environ[BEGAN] = time.monotonic()
        if key is None:
            return self._application(environ, start_response)
        method = environ["REQUEST_METHOD"]
        # The application gives the answer whole, so that it can be kept; here the condition is applied.
        condition = environ.pop("HTTP_IF_NONE_MATCH", "") if method in READ else ""
        answer = self._cache.get(key)
        if answer:
            body: Iterable[bytes] = [] if method == "HEAD" else [answer.body]
        else:
            answer, body = self._asked(environ, key)
        if condition and answer.etag and parse_etags(condition).contains_weak(answer.etag):
            return _not_modified(answer, body, start_response)
        start_response(answer.status, list(answer.headers))
        return body

    def _key(self, environ: Environment) -> Key | None:
        """All that the answer depends on: release, method, path, query, Host, Accept, body. None where it may be more."""
        try:
            release = environ[RELEASE] = os.readlink(self._link)
        except OSError:  # the application says so
            return None
        host, accept = environ.get("HTTP_HOST"), environ.get("HTTP_ACCEPT")
        if host not in self._hosts or len(accept or "") > ACCEPT_CHARACTERS or not environ.keys().isdisjoint(FURTHER):
            return None
        content = _content(environ)
        return content and (release, *content, environ.get("SCRIPT_NAME"), environ.get("PATH_INFO"),
                            environ.get("QUERY_STRING"), host, accept)

    def _asked(self, environ: Environment, key: Key) -> tuple[Answer, Iterable[bytes]]:
        """The application's own answer, with its body; kept, if it is one to keep."""
        told: list[tuple[str, list[tuple[str, str]]]] = []
        body = self._shortcut(environ, lambda status, headers: told.append((status, headers)))
        status, headers = told[0]
        # The HTTP server dates each answer when it gives it.
        headers = [(name, value) for name, value in headers if name != "Date"]
        fields = {name.lower(): value for name, value in headers}
        etag = unquote_etag(fields.get("etag"))[0] if status.startswith("200 ") else None
        answer = Answer(status, headers, b"", etag or "")
        if environ["REQUEST_METHOD"] == "HEAD" or not _is_lasting(status, fields):
            return answer, body
        whole = _joined(body)
        if len(whole) == int(fields["content-length"]):
            answer = replace(answer, body=whole)
            self._cache.put(key, answer)
        return answer, [whole]


def _content(environ: Environment) -> tuple[str, str, bytes] | None:
    """Method, type and bytes of a request; None where no answer to it is kept. HEAD has the key of GET."""
    method, length = environ["REQUEST_METHOD"], environ.get("CONTENT_LENGTH") or "0"
    if method in READ:
        return ("GET", "", b"") if length == "0" else None
    if method not in ASKED or environ.get("PATH_INFO") != ENDPOINT:
        return None
    return _body(environ, method, length)


def _body(environ: Environment, method: str, length: str) -> tuple[str, str, bytes] | None:
    """The same for a body, which can be read once more; None where it is not whole, or too long for a key."""
    kind = environ.get("CONTENT_TYPE") or ""
    if len(length) > LENGTH_DIGITS or not length.isdecimal() or int(length) + len(kind) > BODY_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return (method, kind, body) if len(body) == int(length) else None


def _is_lasting(status: str, fields: dict[str, str]) -> bool:
    """Whether an answer is good for as long as its release: it has a validator or leads to such, and says nothing against.

    It may depend on no more of the request than a key holds, and be of a size that is worth keeping.
    """
    return (status.startswith(LASTING) and ("etag" in fields or "location" in fields)
            and fields.get("vary", "Accept") == "Accept" and not FLEETING.intersection(fields)
            and int(fields.get("content-length", LARGEST_BYTES + 1)) <= LARGEST_BYTES)


def _joined(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        _close(body)


def _close(body: Iterable[bytes]) -> None:
    """Ends a body as a WSGI server has to (PEP 3333)."""
    if close := getattr(body, "close", None):
        close()


def _not_modified(answer: Answer, body: Iterable[bytes], start_response: StartResponse) -> list[bytes]:
    """304: the headers of the answer without those of its content (RFC 9110 section 15.4.5)."""
    _close(body)
    headers = list(answer.headers)
    remove_entity_headers(headers)
    start_response("304 NOT MODIFIED", headers)
    return []
