"""The one place where exceptions become answers: problem+json (RFC 9457), or a page or plain text where that is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from triplehelix import journal
from triplehelix.description.document import link_header
from triplehelix.engine.model import FairUse, OutOfMemory, QueryError, Timeout, TooLarge
from triplehelix.findings import Faulty
from triplehelix.formats import HTML, Format, negotiate
from triplehelix.queries import BadParameter
from triplehelix.web.front import Application, Environment, StartResponse
from triplehelix.web.logs import path_sent
from triplehelix.web.site import Pruned, same, site

PROBLEM = Format("problem", "application/problem+json", "json", "problem", aliases=("application/json",))
TEXT = Format("text", "text/plain", "txt", "problem")
RETRY_RELEASE = 5
# Where those go who want more than a query may cost: extension members of their problem, and paths below the origin.
OVER_A_LIMIT = (FairUse, OutOfMemory, Timeout, TooLarge)
ELSEWHERE = MappingProxyType({"dumps": "dumps/", "queries": "query/"})
HINTS = {
    400: "The request is broken: its body is not as long as it says, or a part of it cannot be read.",
    404: "Nothing here has this address. Start at the home page, ask the SPARQL endpoint, or look into the dumps.",
    405: "This address does not take that method. Use one of those that Allow names.",
    413: "The request is larger than this server takes. Send a shorter one; for much data at once download the dump.",
    500: "The server failed at this; the fault is ours and has been written down.",
}


@dataclass(frozen=True)
class Problem:
    """What went wrong, as RFC 9457 section 3 has it; `more` are extension members, `headers` go with the answer."""

    status: int
    title: str
    detail: str
    more: dict[str, int | str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def install(app: Flask) -> None:
    app.register_error_handler(Exception, answered)


def guarded(application: Application) -> Application:
    """The application; what goes wrong in it outside Flask is written down and told as 500 too."""

    def guard(environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told, and nobody else would write it down
            problem = problem_of(error)
            _write_down(problem, error, environ)
            body = _json(problem, environ.get("PATH_INFO", ""))
            start_response(f"{problem.status} {problem.title}", [
                ("Content-Type", PROBLEM.media_type), ("Content-Length", str(len(body))), *problem.headers.items()])
            return [body]

    return guard


def answered(error: Exception) -> Response:
    """The response for any exception; what nobody expected is told as 500."""
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response
    problem = problem_of(error)
    _write_down(problem, error, request.environ)
    return response(problem)


def _write_down(problem: Problem, error: Exception, environ: Environment) -> None:
    """Log what is no visitor's fault: what nobody expected, and a release that cannot be read."""
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR or isinstance(error, Faulty):
        journal.failed("error", error, method=environ["REQUEST_METHOD"], path=path_sent(environ))


def problem_of(error: Exception) -> Problem:
    """The problem an exception stands for."""
    if isinstance(error, QueryError):
        return _query_problem(error)
    if isinstance(error, BadParameter):
        return _problem(400, str(error))
    if isinstance(error, Faulty):
        # The release is in the middle of a bad swap: the client may come again.
        return _problem(503, "The release cannot be read at the moment.", headers={"Retry-After": str(RETRY_RELEASE)})
    if isinstance(error, Pruned):
        return _pruned_problem(error)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    return _problem(500, HINTS[500])


def response(problem: Problem) -> Response:
    """The problem as a page or as text where one of them is asked for by name, else as JSON; all say the same."""
    wanted = negotiate(request.headers.get("Accept"), (PROBLEM, TEXT, HTML))
    if wanted is HTML:
        body, kind = render_template("error.html", problem=problem, query=g.get("query")).encode(), HTML.content_type
    elif wanted is TEXT:
        body, kind = _text(problem), TEXT.content_type
    else:
        body, kind = _json(problem, request.path), PROBLEM.media_type
    answer = Response(body, status=problem.status, content_type=kind, headers=problem.headers)
    answer.vary.add("Accept")
    return answer


def _text(problem: Problem) -> bytes:
    elsewhere = (f"{name.capitalize()}: {problem.more[name]}" for name in ELSEWHERE if name in problem.more)
    return "".join(f"{line}\n" for line in (problem.title, problem.detail, *elsewhere)).encode("utf-8", "replace")


def _json(problem: Problem, path: str) -> bytes:
    members = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail,
               "instance": path, **problem.more}
    return json.dumps(members, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _query_problem(error: QueryError) -> Problem:
    more = {name: value for name in ("line", "column", "advice") if (value := getattr(error, name, None))}
    if isinstance(error, OVER_A_LIMIT):
        more |= {name: site().settings.origin + path for name, path in ELSEWHERE.items()}
    wait = getattr(error, "retry_after", None)
    return Problem(error.status, error.title, error.detail, more, {"Retry-After": str(wait)} if wait else {})


def _pruned_problem(error: Pruned) -> Problem:
    """410, with what to read in its place (relation successor-version, RFC 5829 section 3.4)."""
    more = {"release": error.version, "successor": error.successor, "address": same(error.successor)}
    headers = link_header([(more["address"], "successor-version", "")])
    return Problem(HTTPStatus.GONE, HTTPStatus.GONE.phrase, error.description, more, headers)


def _http_problem(error: HTTPException) -> Problem:
    status = error.code or 500
    standard = type(error).description
    detail = HINTS[status] if status in HINTS and error.description == standard else error.description or ""
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return _problem(status, detail, headers)


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Problem:
    return Problem(status, HTTPStatus(status).phrase, detail, headers=headers or {})


def missing(iri: str) -> NotFound:
    """404 for an IRI of ours of which the release says nothing."""
    return NotFound(f"The release says nothing of <{iri}>. Look for it from the home page, by a SPARQL query, or in the dumps.")
