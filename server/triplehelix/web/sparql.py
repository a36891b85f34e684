"""The SPARQL endpoint: SPARQL 1.1 Protocol section 2.1 (query), also by QUERY, and the service description on a bare GET."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode, QueryResultsFormat, parse_query_results
from werkzeug.exceptions import BadRequest, Forbidden, UnsupportedMediaType

from triplehelix.engine.model import Answer, Query
from triplehelix.engine.reading import form_of
from triplehelix.formats import DATASET, GRAPH, RESULTS, Format
from triplehelix.web import answer
from triplehelix.web.answer import DOCUMENT, HTML
from triplehelix.web.service import description
from triplehelix.web.site import Published, links, published, site
from triplehelix.web.view import View
from triplehelix.web.vocabulary import COMMENT

routes = Blueprint("sparql", __name__)
FORM, DIRECT, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
READ_ONLY = "This endpoint is read-only: it takes queries, not updates."
OF_GRAPHS = (*GRAPH, *DATASET)
FIELDS_LIMIT = 1_000
# A page holds so many rows; every other format holds them all.
ROWS_SHOWN = 500


@dataclass(frozen=True)
class Asked:
    """The parameters of one protocol request; `format` is ours, and beats Accept."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None


@routes.after_request
def tell_query_types(response: Response) -> Response:
    """What a body of the method QUERY may be (draft-ietf-httpbis-safe-method-w-body, section 3)."""
    response.headers["Accept-Query"] = f"{DIRECT}, {FORM}"
    return response


@routes.route("/sparql", methods=["GET", "POST", "QUERY"])
def sparql() -> Response:
    """Answer a query; without one, a form for browsers and the service description for others."""
    asked = protocol_request()
    if asked.query is not None:
        return answered(asked)
    if request.method not in ("GET", "HEAD"):
        raise BadRequest("The request holds no query. Send it as the form field query, or as the body, of type "
                         f"{DIRECT}.")
    return bare(asked)


def protocol_request() -> Asked:
    """The request's parameters. Raises BadRequest, Forbidden, UnsupportedMediaType or RequestEntityTooLarge."""
    fields = decoded(request.query_string)
    if request.method not in ("GET", "HEAD"):
        fields += _body()
    if any(name == "update" for name, _ in fields):
        raise Forbidden(READ_ONLY)
    queries = _all(fields, "query")
    if len(queries) > 1:
        raise BadRequest("The request holds more than one query; send one.")
    return Asked(queries[0] if queries else None, _all(fields, "default-graph-uri"), _all(fields, "named-graph-uri"),
                 next(iter(_all(fields, "format") + _all(fields, "output")), None))


def _body() -> list[tuple[str, str]]:
    """The parameters in the body: a form's fields, or the query itself (SPARQL 1.1 Protocol sections 2.1.2 and 2.1.3)."""
    if request.mimetype == UPDATE:
        raise Forbidden(READ_ONLY)
    if request.mimetype not in (FORM, DIRECT):
        raise UnsupportedMediaType(f"A query is sent as {FORM} or {DIRECT}.")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("Send the query in UTF-8.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the query as it is, without Content-Encoding.")
    body = request.get_data(cache=False)
    return decoded(body) if request.mimetype == FORM else [("query", utf8(body))]


def decoded(form: bytes) -> list[tuple[str, str]]:
    """The fields of a form or query string. Raises BadRequest where they are not UTF-8 or too many."""
    try:
        return parse_qsl(form.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_LIMIT)
    except UnicodeDecodeError as error:
        raise BadRequest("The parameters are not UTF-8.") from error
    except ValueError as error:
        raise BadRequest(f"The request has more than {FIELDS_LIMIT} parameters.") from error


def utf8(body: bytes) -> str:
    """The text of a body. Raises BadRequest where it is not UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8: byte {error.start + 1} is wrong.") from error


def _all(fields: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for key, value in fields if key == name)


def answered(asked: Asked) -> Response:
    """The answer of the engine in the format asked for."""
    makes_graph = form_of(asked.query, site().settings.limits) in ("construct", "describe")
    wanted = answer.chosen((*(OF_GRAPHS if makes_graph else RESULTS), HTML), name=asked.format)
    given = site().engine.execute(_engine_query(asked, wanted, makes_graph), published().engine_dataset,
                                    site().settings.limits)
    headers = {"X-Base-Rewritten": f"{published().manifest.canonical} -> {published().base}"} if given.rebased else {}
    if wanted is HTML:
        return as_page(asked, given, headers)
    return answer.answer(given.body, wanted.content_type, headers)


def _engine_query(asked: Asked, wanted: Format, makes_graph: bool) -> Query:
    """The query as the engine takes it; a page is made of JSON results or of Turtle."""
    name = wanted.name if wanted is not HTML else "ttl" if makes_graph else "json"
    return Query(asked.query, published().base + "sparql", name, asked.default_graphs, asked.named_graphs)


def rebased(iri: str, release: Published) -> str:
    """An IRI that begins with the canonical base, with the release's base in its place; any other as it is."""
    canonical = release.manifest.canonical
    return release.base + iri[len(canonical):] if iri.startswith(canonical) else iri


def as_page(asked: Asked, given: Answer, headers: dict[str, str]) -> Response:
    """A table of rows, a yes or no, or the text of a graph."""
    shown = {"graph": _graph_shown, "boolean": _boolean_shown, "results": _rows_shown}[given.kind](given)
    offered = OF_GRAPHS if given.kind == "graph" else RESULTS
    return answer.page("results.html", headers, query=asked.query, offered=offered, view=View(published(), links()),
                       named=_named(asked.query), **shown)


def _named(text: str) -> dict[str, str] | None:
    """Title and address of the named query that has this text, and what its answer rests on."""
    query = next((query for query in published().queries.values() if query.text.strip() == text.strip()), None)
    if query is None:
        return None
    iri = NamedNode(f"{published().base}query/{query.slug}")
    told = (value.value for value in published().reading.values(iri, COMMENT))
    return {"title": query.title, "address": links().path(f"query/{query.slug}"), "told": next(told, "")}


def _graph_shown(given: Answer) -> dict:
    return {"text": given.body.decode()}


def _boolean_shown(given: Answer) -> dict:
    return {"boolean": parse_query_results(given.body, format=QueryResultsFormat.JSON).__bool__()}


def _rows_shown(given: Answer) -> dict:
    solutions = parse_query_results(given.body, format=QueryResultsFormat.JSON)
    variables = solutions.variables
    rows = [[solution[variable] for variable in variables] for solution in solutions]
    return {"variables": [variable.value for variable in variables], "rows": rows[:ROWS_SHOWN], "total": len(rows)}


def bare(asked: Asked) -> Response:
    """GET without a query: the form, or the service description (SPARQL 1.1 Service Description section 2)."""
    wanted = answer.chosen(DOCUMENT, name=asked.format)
    if wanted is HTML:
        first = next((q.text for q in published().examples if not q.parameters), "")
        return answer.page("sparql.html", query=first, examples=published().examples, view=View(published(), links()))
    return answer.rdf(description(published(), links(), site().settings.limits), wanted)
