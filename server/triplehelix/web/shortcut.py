"""The commonest requests, a query by GET whose answer is data, the document of a thing in RDF, and a dump, answered without
Flask, which would take most of the time.

Whatever asks for more, and whatever goes wrong, is Flask's to answer; where the query has failed, it finds how, and the
engine is not asked a second time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from flask import Flask
from pyoxigraph import NamedNode
from werkzeug.exceptions import HTTPException

from triplehelix.description.describe import Description, describe
from triplehelix.description.document import OF_THINGS, THING, fields, representation
from triplehelix.description.links import Links
from triplehelix.description.published import Published
from triplehelix.engine.model import QueryError
from triplehelix.engine.reading import form_of
from triplehelix.findings import Faulty
from triplehelix.formats import DATASET, DOCUMENT, LITERATURE, Format, by_suffix, negotiate
from triplehelix.representations import TURTLE, Representation
from triplehelix.web.dumps import ROOM, dump
from triplehelix.web.front import ENDPOINT, RELEASE, Environment, StartResponse
from triplehelix.web.manners import EVERYWHERE
from triplehelix.web.site import Site
from triplehelix.web.sparql import ACCEPT_QUERY, FAILED, Asked, decoded, executed, offered

Told = tuple[list[tuple[str, str]], Iterable[bytes]]
DOCUMENTS, DUMPS = "/" + OF_THINGS, "/" + ROOM
ACCEPTS_KEPT = 500
# Named graphs are for those who take nothing else, and entries of bibliographies are made of works: Flask finds out.
OFFERED = (*(fmt for fmt in DOCUMENT if fmt not in DATASET), *LITERATURE)


class Shortcut:
    """The application, with a way around it for requests in which the front has found nothing unusual."""

    def __init__(self, application: Flask) -> None:
        self._application = application
        self._site: Site = application.extensions["triplehelix"]
        # Few headers come from nearly all clients.
        self._wanted = lru_cache(ACCEPTS_KEPT)(lambda accept, form: negotiate(accept, offered(form)))

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        answer = None
        try:
            answer = self._answer(environ)
        except QueryError as error:
            environ[FAILED] = error
        except (HTTPException, Faulty, sqlite3.Error):
            pass  # Flask comes to the same and says so, or does without the file that cannot be read
        if answer is None:
            return self._application(environ, start_response)
        headers, body = answer
        start_response("200 OK", headers)
        return body

    def _answer(self, environ: Environment) -> Told | None:
        """The fields and the body of 200; None for a request that is not of the commonest kinds."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "GET" or not path.startswith((ENDPOINT, DOCUMENTS, DUMPS)):
            return None
        if path == ENDPOINT:
            return self._result(environ)
        return self._dump(environ, path) if path.startswith(DUMPS) else self._document(environ, path.removeprefix(DOCUMENTS))

    def _result(self, environ: Environment) -> Told | None:
        """The same for a query."""
        given = decoded(environ.get("QUERY_STRING", "").encode("latin-1"))
        if len(given) != 1 or given[0][0] != "query":
            return None
        asked = Asked(given[0][1], (), (), None, None)
        form = form_of(asked.query, self._site.settings.limits)
        wanted = self._wanted(environ.get("HTTP_ACCEPT"), form)
        if wanted is None or not wanted.engine:
            return None
        told, headers = executed(asked, form, wanted, self._site.release(environ[RELEASE]), self._site, environ)
        return [*fields(told.body, wanted.content_type, headers), *ACCEPT_QUERY, *EVERYWHERE], [told.body]

    def _dump(self, environ: Environment, path: str) -> Told | None:
        """The same for a file of the release below dumps/."""
        if environ.get("QUERY_STRING"):
            return None
        release = self._site.release(environ[RELEASE])
        given = dump(release, Links(release.base, self._site.settings.origin), path.removeprefix(DUMPS),
                     environ.get("HTTP_ACCEPT_ENCODING"))
        return ([*given[0], *EVERYWHERE], given[1]) if given else None

    def _document(self, environ: Environment, path: str) -> Told | None:
        """The same for the first page of the document of a thing whose address is that of its IRI, with or without a suffix."""
        if environ.get("QUERY_STRING") or not (THING.match(path) and path.isascii()):
            return None
        release, now = self._site.release(environ[RELEASE]), datetime.now(UTC)
        here, wanted = Links(release.base, self._site.settings.origin), negotiate(environ.get("HTTP_ACCEPT"), OFFERED)
        given = wanted is TURTLE and here.origin == here.base and release.representations.of(path, now)
        given = given or _made(release, here, path, wanted, now)
        return ([*given.fields, *EVERYWHERE], [given.body]) if given else None


def _made(release: Published, here: Links, path: str, wanted: Format | None, now: datetime) -> Representation | None:
    """The document of a path, made now; None where that is no thing's, or what is wanted is a page or nothing there is."""
    stem, suffixed = by_suffix(path, DOCUMENT)
    if not suffixed and not _is_rdf(wanted):
        return None
    local, fmt, told = path, None, _told(release, path)
    if told is None and suffixed:
        local, fmt, told = stem, suffixed, _told(release, stem)
    wanted = fmt or wanted
    if told is None or not _is_rdf(wanted):
        return None
    return representation(release, here, told, OF_THINGS + local, wanted, now, fmt)


def _is_rdf(wanted: Format | None) -> bool:
    return wanted is not None and wanted.engine is not None


def _told(release: Published, local: str) -> Description | None:
    """The description of what a release has in use under a local name, if that makes an IRI."""
    try:
        topic = NamedNode(release.base + local)
    except ValueError:
        return None
    return None if release.resources.retired(local) else describe(release, topic)
