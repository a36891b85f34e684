"""What stands between the HTTP server and Flask: framing, the path of the origin, content codings, answers given from memory.

A release never changes, so an answer made of one is good for as long as that release is the current one. An answer is kept
under all that it depends on, and a request that has more in it which an answer may depend on goes to Flask. The application
answers GET in full and without coding; what HEAD, conditions and Accept-Encoding make of that is done here. Where it has
chosen among codings itself, it says so in Vary, and its answer is left as it is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.http import parse_date, parse_etags

from triplehelix.releases import CURRENT
from triplehelix.web.cache import Answer, Cache, Key
from triplehelix.web.codings import PLAIN, Codings, acceptable, coded
from triplehelix.web.visitors import BEGAN

Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]
# The key of a request under which Flask finds what the link `current` names, and says from which release it answers.
RELEASE = "triplehelix.release"
# The key of a request that is answered from memory.
KEPT = "triplehelix.kept"
CACHE_BYTES, LARGEST_BYTES = 64_000_000, 1_000_000
# What is longer than this goes to the client as it comes: a file.
WHOLE_BYTES = 16_000_000
READ, ASKED = ("GET", "HEAD"), ("POST", "QUERY")
# Where a body makes another answer, and how long that and Accept may be to be part of a key.
ENDPOINT, BODY_BYTES, ACCEPT_CHARACTERS = "/sparql", 80_000, 1_000
LENGTH_DIGITS = 6
# So many values of Accept-Encoding are read once only.
CODINGS_KEPT = 64
# Headers that change an answer and are in no key.
FURTHER = frozenset({
    "HTTP_CONTENT_ENCODING", "HTTP_EXPECT", "HTTP_IF_MATCH", "HTTP_IF_RANGE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE",
    "HTTP_TRANSFER_ENCODING"})
# HEAD knows no ranges (RFC 9110 section 14.2).
OF_RANGES = ("HTTP_RANGE", "HTTP_IF_RANGE")
LASTING, FLEETING = ("200 ", "303 "), frozenset({"retry-after", "set-cookie"})
# Answers in a coding, content and errors; and those that speak of such.
IN_CODINGS = ("200 ", "4", "5")
VARYING = (*IN_CODINGS, "304 ")
NOT_TO_BE_KEPT = frozenset({"no-cache", "no-store", "private"})
# What says more of the content: 304 is without (RFC 9110 section 15.4.5), and its entity tag is the one that the client has.
OF_CONTENT = frozenset({"content-encoding", "content-length", "content-type", "etag", "last-modified", "link"})

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
        self._codings = lru_cache(CODINGS_KEPT)(acceptable)

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        environ[BEGAN] = time.monotonic()
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        if is_head:
            environ["REQUEST_METHOD"] = "GET"
            for name in OF_RANGES:
                environ.pop(name, None)
        codings = self._codings(environ.get("HTTP_ACCEPT_ENCODING"))
        key = self._key(environ, codings)
        tags = since = None
        if key and environ["REQUEST_METHOD"] == "GET":
            # The application gives the answer whole, so that it can be kept; here the condition is applied.
            tags, since = environ.pop("HTTP_IF_NONE_MATCH", None), environ.pop("HTTP_IF_MODIFIED_SINCE", None)
        answer, body = key and self._cache.get(key), None
        if answer:
            environ[KEPT] = True
        else:
            answer, body = self._made(environ, key, codings)
        if (tags or since) and (held := _held(answer, tags, since)) is not None:
            return _not_modified(answer, held, body, start_response)
        start_response(answer.status, list(answer.headers))
        if is_head:
            close_body(body)
            return []
        return [answer.body] if body is None else body

    def _key(self, environ: Environment, codings: Codings) -> Key | None:
        """All that the answer depends on: release, method, path, query, Host, Accept, codings, body. None where it may be more.

        The codings come last.
        """
        try:
            release = environ[RELEASE] = os.readlink(self._link)
        except OSError:  # the application says so
            return None
        host, accept = environ.get("HTTP_HOST"), environ.get("HTTP_ACCEPT")
        if (host not in self._hosts or not codings or len(accept or "") > ACCEPT_CHARACTERS
                or not environ.keys().isdisjoint(FURTHER)):
            return None
        content = _content(environ)
        return content and (release, *content, environ.get("SCRIPT_NAME"), environ.get("PATH_INFO"),
                            environ.get("QUERY_STRING"), host, accept, codings)

    def _made(self, environ: Environment, key: Key | None, codings: Codings) -> tuple[Answer, Iterable[bytes] | None]:
        """An answer that is not kept yet, with its body where that is not in it; kept, if it is one to keep."""
        plain = key and self._cache.get((*key[:-1], PLAIN))
        body = None
        if not plain:
            plain, body = _asked(self._shortcut if key else self._application, environ)
        if body is not None:
            return plain, body
        answer = coded(plain, codings) if codings and plain.status.startswith(IN_CODINGS) else plain
        # The application says from which release it has answered, where the request names another one.
        if key and key[0] == environ[RELEASE] and _is_lasting(answer):
            self._cache.put(key, answer)
        return answer, None


def _asked(application: Application, environ: Environment) -> tuple[Answer, Iterable[bytes] | None]:
    """The application's own answer; with its body where that is to be given as it comes."""
    told: list[tuple[str, list[tuple[str, str]]]] = []
    body = application(environ, lambda status, headers: told.append((status, headers)))
    status, headers = told[0]
    # The HTTP server dates each answer when it gives it.
    answer = Answer(status, [(name, value) for name, value in headers if name != "Date"], b"")
    fields = _fields(answer)
    chosen, length = "accept-encoding" in _members(fields.get("vary")), fields.get("content-length", "")
    if status.startswith(VARYING) and not chosen:
        answer = answer._replace(headers=_varying(answer.headers))
    if status.startswith("200 "):
        answer = answer._replace(tags=_strong(fields.get("etag")), modified=parse_date(fields.get("last-modified")),
                                 validating=_validating(answer.headers))
    if chosen or not length.isdecimal() or int(length) > WHOLE_BYTES:
        return answer, body
    whole = _joined(body)
    return (answer._replace(body=whole), None) if len(whole) == int(length) else (answer, [whole])


def _validating(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers if name.lower() not in OF_CONTENT)


def _strong(tag: str | None) -> tuple[str, ...]:
    return (tag,) if tag and tag.startswith('"') else ()


def _fields(answer: Answer) -> dict[str, str]:
    """The header fields by their names in small letters; those of one name put together (RFC 9110 section 5.3)."""
    fields: dict[str, str] = {}
    for name, value in answer.headers:
        name = name.lower()
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _members(value: str | None) -> set[str]:
    """The names in a header that is a list, without their parameters, in small letters."""
    return {member.partition("=")[0].strip().lower() for member in value.split(",")} if value else set()


def _varying(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers, with Accept-Encoding among those on which the answer depends."""
    others = ", ".join(value for name, value in headers if name.lower() == "vary")
    rest = [(name, value) for name, value in headers if name.lower() != "vary"]
    return [*rest, ("Vary", f"{others}, Accept-Encoding" if others else "Accept-Encoding")]


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


def _is_lasting(answer: Answer) -> bool:
    """Whether an answer is good for as long as its release: it has a validator or leads to such, and says nothing against.

    It may depend on no more of the request than a key holds, and be of a size that is worth keeping.
    """
    fields = _fields(answer)
    return (answer.status.startswith(LASTING) and ("etag" in fields or "location" in fields)
            and _members(fields.get("vary")) <= {"accept", "accept-encoding"} and not FLEETING.intersection(fields)
            and not NOT_TO_BE_KEPT.intersection(_members(fields.get("cache-control"))) and len(answer.body) <= LARGEST_BYTES)


def _joined(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        close_body(body)


def close_body(body: Iterable[bytes] | None) -> None:
    """Ends a body as a WSGI server has to (PEP 3333)."""
    if close := getattr(body, "close", None):
        close()


def _held(answer: Answer, tags: str | None, since: str | None) -> str | None:
    """The entity tag, or "", of what a conditional request has already; None where that is not the answer.

    If-Modified-Since counts where there is no If-None-Match only (RFC 9110 sections 13.1.2 and 13.1.3).
    """
    if tags is None:
        date = answer.modified and parse_date(since)
        return next(iter(answer.tags), "") if date and answer.modified <= date else None
    if tags in answer.tags:
        return tags
    given = parse_etags(tags)
    return next((tag for tag in answer.tags if given.contains_weak(tag.strip('"'))), None)


def _not_modified(answer: Answer, tag: str, body: Iterable[bytes] | None, start_response: StartResponse) -> list[bytes]:
    """304 with the entity tag of what the client has: the headers of the answer without those of its content."""
    close_body(body)
    start_response("304 NOT MODIFIED", [*answer.validating, *([("ETag", tag)] if tag else [])])
    return []
