"""The commonest request, a query by GET whose answer is data, answered without Flask, which would take most of the time.

Whatever asks for more, and whatever goes wrong, is Flask's to answer; where the query has failed, it finds how, and the
engine is not asked a second time.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask
from werkzeug.exceptions import HTTPException

from triplehelix.engine.model import QueryError
from triplehelix.engine.reading import form_of
from triplehelix.findings import Faulty
from triplehelix.formats import negotiate
from triplehelix.web.answer import HTML, fields
from triplehelix.web.front import ENDPOINT, RELEASE, Environment, StartResponse
from triplehelix.web.manners import EVERYWHERE
from triplehelix.web.site import Site
from triplehelix.web.sparql import ACCEPT_QUERY, FAILED, Asked, decoded, executed, offered


class Shortcut:
    """The application, with a way around it for requests in which the front has found nothing unusual."""

    def __init__(self, application: Flask) -> None:
        self._application = application
        self._site: Site = application.extensions["triplehelix"]

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
        """The fields and the body of 200; None for a request that is not of the commonest kind."""
        if environ["REQUEST_METHOD"] != "GET" or environ["PATH_INFO"] != ENDPOINT:
            return None
        given = decoded(environ.get("QUERY_STRING", "").encode("latin-1"))
        if len(given) != 1 or given[0][0] != "query":
            return None
        asked = Asked(given[0][1], (), (), None, None)
        form = form_of(asked.query, self._site.settings.limits)
        wanted = negotiate(environ.get("HTTP_ACCEPT"), offered(form))
        if wanted is None or wanted is HTML:
            return None
        told, headers = executed(asked, form, wanted, self._site.release(environ[RELEASE]), self._site, environ)
        return [*fields(told.body, wanted.content_type, headers), *ACCEPT_QUERY, *EVERYWHERE], told.body
