"""The commonest requests, a query by GET whose answer is data, and the document of a thing in RDF, answered without Flask,
which would take most of the time.

Whatever asks for more, and whatever goes wrong, is Flask's to answer; where the query has failed, it finds how, and the
engine is not asked a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from flask import Flask
from pyoxigraph import NamedNode
from werkzeug.exceptions import HTTPException

from triplehelix.engine.model import QueryError
from triplehelix.engine.reading import form_of
from triplehelix.findings import Faulty
from triplehelix.formats import DATASET, by_suffix, negotiate
from triplehelix.web import resource
from triplehelix.web.answer import DOCUMENT, HTML, fields
from triplehelix.web.describe import Description, describe
from triplehelix.web.front import ENDPOINT, RELEASE, Environment, StartResponse
from triplehelix.web.life import THING
from triplehelix.web.links import Links
from triplehelix.web.manners import EVERYWHERE
from triplehelix.web.site import Published, Site
from triplehelix.web.sparql import ACCEPT_QUERY, FAILED, Asked, decoded, executed, offered

OF_THINGS = "/doc/"
ACCEPTS_KEPT = 500
# Named graphs are for those who take nothing else: Flask finds out.
WITHOUT_GRAPHS = tuple(fmt for fmt in DOCUMENT if fmt not in DATASET)


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
        except (HTTPException, Faulty):
            pass  # Flask comes to the same, and says so
        if answer is None:
            return self._application(environ, start_response)
        headers, body = answer
        start_response("200 OK", headers)
        return [body]

    def _answer(self, environ: Environment) -> tuple[list[tuple[str, str]], bytes] | None:
        """The fields and the body of 200; None for a request that is not of the commonest kinds."""
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "GET" or not path.startswith((ENDPOINT, OF_THINGS)):
            return None
        return self._result(environ) if path == ENDPOINT else self._document(environ, path.removeprefix(OF_THINGS))

    def _result(self, environ: Environment) -> tuple[list[tuple[str, str]], bytes] | None:
        """The same for a query."""
        given = decoded(environ.get("QUERY_STRING", "").encode("latin-1"))
        if len(given) != 1 or given[0][0] != "query":
            return None
        asked = Asked(given[0][1], (), (), None, None)
        form = form_of(asked.query, self._site.settings.limits)
        wanted = self._wanted(environ.get("HTTP_ACCEPT"), form)
        if wanted is None or wanted is HTML:
            return None
        told, headers = executed(asked, form, wanted, self._site.release(environ[RELEASE]), self._site, environ)
        return [*fields(told.body, wanted.content_type, headers), *ACCEPT_QUERY, *EVERYWHERE], told.body

    def _document(self, environ: Environment, path: str) -> tuple[list[tuple[str, str]], bytes] | None:
        """The same for the first page of the document of a thing whose address is that of its IRI, with or without a suffix."""
        release, local, fmt = self._site.release(environ[RELEASE]), path, None
        if environ.get("QUERY_STRING") or not (THING.match(path) and path.isascii()):
            return None
        told = _told(release, local)
        if told is None:
            local, fmt = by_suffix(path, DOCUMENT)
            told = _told(release, local) if fmt else None
        wanted = fmt or negotiate(environ.get("HTTP_ACCEPT"), WITHOUT_GRAPHS)
        if told is None or wanted is None or wanted is HTML:
            return None
        place, here = OF_THINGS[1:] + local, Links(release.base, self._site.settings.origin)
        body = resource.body(release, told, place, wanted)
        headers = resource.fields(release, here, told, place, wanted, fmt)
        return [*fields(body, wanted.content_type, headers), *EVERYWHERE], body


def _told(release: Published, local: str) -> Description | None:
    """The description of what a release has in use under a local name, if that makes an IRI."""
    try:
        topic = NamedNode(release.base + local)
    except ValueError:
        return None
    return None if release.resources.retired(local) else describe(release, topic)
