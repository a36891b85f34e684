"""The SPARQL endpoint: SPARQL 1.1 Protocol section 2.1 (query), also by QUERY, and the service description on a bare GET."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, g, request
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, parse_query_results
from werkzeug.exceptions import BadRequest, Forbidden, UnsupportedMediaType

from triplehelix.description.published import Published
from triplehelix.description.vocabulary import COMMENT
from triplehelix.engine.determined import undetermined
from triplehelix.engine.limits import figures
from triplehelix.engine.model import Answer, Query
from triplehelix.engine.reading import form_of
from triplehelix.engine.tokens import tokenise
from triplehelix.formats import CSV, DATASET, DOCUMENT, GRAPH, HTML, LINKED, RESULTS, XLSX, Format, linked
from triplehelix.web import answer, sheets, visitors
from triplehelix.web.permanent import fields_of, is_too_long, permanent
from triplehelix.web.service import description
from triplehelix.web.site import PARAMETER, Site, earlier, links, published, site
from triplehelix.web.view import View
from triplehelix.web.watching import asking
from triplehelix.web.words import _

routes = Blueprint("sparql", __name__)
FORM, DIRECT, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
ACCEPT_QUERY = (("Accept-Query", f"{DIRECT}, {FORM}"),)
# The key of a request under which it is told how its query failed already.
FAILED = "triplehelix.failed"
READ_ONLY = "This endpoint is read-only: it takes queries, not updates."
OF_GRAPHS = (*GRAPH, *DATASET)
ROWS_OFFERED, GRAPHS_OFFERED = (*RESULTS, HTML, XLSX), (*OF_GRAPHS, HTML)
GRAPH_FORMS = ("construct", "describe")
FIELDS_LIMIT = 1_000
Term = NamedNode | BlankNode | Literal
# A page holds so many rows; every other format holds them all.
ROWS_SHOWN = 500
# How the keywords end that reach beyond the release: to the clock, to chance, to other endpoints.
OF_THE_MOMENT = ("NOW", "RAND", "UUID", "SERVICE")


@dataclass(frozen=True)
class Asked:
    """The parameters of one protocol request, and ours: `format` beats Accept, `max_rows` asks for a cut answer, `canonical`
    for the one that has the same bytes each time; `bom` is for CSV that Excel is to read.
    """

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None
    max_rows: int | None
    canonical: bool = False
    bom: bool = False


@routes.after_request
def tell_query_types(response: Response) -> Response:
    """What a body of the method QUERY may be (draft-ietf-httpbis-safe-method-w-body, section 3)."""
    response.headers.extend(ACCEPT_QUERY)
    return response


@routes.route("/sparql", methods=["GET", "POST", "QUERY"])
def sparql() -> Response:
    """Answer a query; without one, a form for browsers and the service description for others."""
    asked = protocol_request()
    if asked.query is not None:
        g.query = asked.query
        return answered(asked)
    if request.method not in ("GET", "HEAD"):
        raise BadRequest("The request holds no query. Send it as the form field query, or as the body, of type "
                         f"{DIRECT}.")
    return bare(asked)


def protocol_request() -> Asked:
    """The request's parameters. Raises BadRequest, Forbidden, UnsupportedMediaType or RequestEntityTooLarge."""
    fields, body = decoded(request.query_string), [] if request.method in ("GET", "HEAD") else _body()
    published(_all(body, PARAMETER))
    fields += body
    if any(name == "update" for name, _ in fields):
        raise Forbidden(READ_ONLY)
    queries = _all(fields, "query")
    if len(queries) > 1:
        raise BadRequest("The request holds more than one query; send one.")
    return Asked(queries[0] if queries else None, _all(fields, "default-graph-uri"), _all(fields, "named-graph-uri"),
                 next(iter(_all(fields, "format") + _all(fields, "output")), None), _max_rows(_all(fields, "max-rows")),
                 bom=("bom", "1") in fields)


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
        raise BadRequest("The parameters are not UTF-8. Send them in UTF-8, percent-encoded.") from error
    except ValueError as error:
        raise BadRequest(f"The request has more than {FIELDS_LIMIT} parameters. Send fewer.") from error


def utf8(body: bytes) -> str:
    """The text of a body. Raises BadRequest where it is not UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8: byte {error.start + 1} is wrong. Send it in UTF-8.") from error


def _all(fields: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for key, value in fields if key == name)


def _max_rows(given: tuple[str, ...]) -> int | None:
    """The number of rows after which the answer may be cut; None where none is given. Raises BadRequest."""
    most = site().settings.limits.rows
    if given and (len(given) > 1 or not re.fullmatch("[1-9][0-9]{0,12}", given[0]) or int(given[0]) > most):
        raise BadRequest(f"max-rows is one whole number from 1 to {most}. Write another one, or leave it out.")
    return int(given[0]) if given else None


def answered(asked: Asked) -> Response:
    """The answer of the engine in the format asked for."""
    if failed := request.environ.get(FAILED):
        raise failed
    form = form_of(asked.query, site().settings.limits)
    wanted = answer.chosen(offered(form), name=asked.format or "")
    if asked.max_rows:
        require_markable(form, wanted)
    in_sheet = wanted is XLSX or (wanted is CSV and asked.bom)
    given, headers = executed(asked, form, XLSX if in_sheet else wanted, published(), site(), request.environ,
                              current=not earlier())
    if wanted is HTML:
        return as_page(asked, given, headers)
    title = _title(asked.query)
    body = as_sheet(given, wanted, title) if in_sheet else given.body
    if given.cut:
        body = linked(body, wanted, links().of_current.url("sparql#max-rows"))
    if asked.format:
        headers["Content-Disposition"] = f'attachment; filename="{sheets.named(title, wanted)}"'
    return answer.answer(body, wanted.content_type, headers)


def _title(text: str) -> str:
    """What the file of an answer is called: the title of a named query, else that it is one."""
    named = published().named(text)
    return named.title if named else "Query"


def as_sheet(given: Answer, wanted: Format, title: str) -> bytes:
    """Rows, or a yes or no, as CSV for Excel or as a workbook. Raises RequestEntityTooLarge where none holds them."""
    told = parse_query_results(given.body, format=QueryResultsFormat.JSON)
    if given.kind == "boolean":
        sheet = sheets.Sheet(title, ("answer",), [(bool(told),)])
    else:
        variables = tuple(told.variables)
        rows = ([sheets.cell(solution[variable]) for variable in variables] for solution in told)
        sheet = sheets.Sheet(title, tuple(variable.value for variable in variables), rows)
    return sheets.xlsx_of(sheet) if wanted is XLSX else sheets.csv_of(sheet, bom=True)


def offered(form: str) -> tuple[Format, ...]:
    """What the answer to a query of that form is to be had as."""
    return GRAPHS_OFFERED if form in GRAPH_FORMS else ROWS_OFFERED


def executed(asked: Asked, form: str, wanted: Format, release: Published, here: Site, environ: dict[str, Any],
             current: bool = True) -> tuple[Answer, dict[str, str]]:
    """The engine's answer, and the header fields that say more of it than its format. Raises a QueryError.

    One of the release's own queries is so on the whole dataset only: other graphs may make it another, longer one. What the
    engine does not write is made of JSON results or of Turtle. `current` says whether that release is the current one.
    """
    name = wanted.name if wanted.engine else "ttl" if form in GRAPH_FORMS else "json"
    own = not (asked.default_graphs or asked.named_graphs) and release.named(asked.query) is not None
    query = Query(asked.query, release.base + "sparql", name, asked.default_graphs, asked.named_graphs, asked.max_rows,
                  asked.canonical, client=visitors.client(environ, here.settings.trusted_proxies), own=own,
                  visitor=partial(visitors.connection, environ))
    dataset = release.engine_dataset if current else replace(release.engine_dataset, current=False)
    with asking(environ):
        given = here.engine.execute(query, dataset, here.settings.limits)
    told = {
        "X-Base-Rewritten": given.rebased and f"{release.manifest.canonical} -> {release.base}",
        "X-SPARQL-MaxRows": given.cut and f"{asked.max_rows}",
        "Cache-Control": is_of_the_moment(asked.query) and "no-cache"}
    return given, {name: value for name, value in told.items() if value}


def is_of_the_moment(query: str) -> bool:
    """Whether a readable query may have another answer a moment later, from the same release."""
    words = query.upper()
    return any(word in words for word in OF_THE_MOMENT) and any(token.word.endswith(OF_THE_MOMENT) for token in tokenise(query))


def require_markable(form: str, wanted: Format) -> None:
    """Raises BadRequest where an answer that is cut could not say so."""
    if form != "select":
        raise BadRequest(f"max-rows is for the rows of SELECT, and this is {form.upper()}. Leave it out, or write LIMIT into "
                         "the query.")
    if wanted is not HTML and wanted.engine not in LINKED:
        raise BadRequest(f"{wanted.label} has no place to say that an answer is cut, so it is not given with max-rows. Write "
                         "LIMIT into the query, or ask for JSON or XML results.")


def rebased(iri: str, release: Published) -> str:
    """An IRI that begins with the canonical base, with the release's base in its place; any other as it is."""
    canonical = release.manifest.canonical
    return release.base + iri[len(canonical):] if iri.startswith(canonical) else iri


def as_page(asked: Asked, given: Answer, headers: dict[str, str]) -> Response:
    """A table of rows, a yes or no, or the text of a graph."""
    kind, local = "graph" if given.kind == "graph" else "rows", permanent(asked)
    uncited = uncitable(asked, given, local)
    cited = None if uncited else links().of_current.path(local)
    path, url = (answer.with_query(each, fields_of(asked)) for each in (links().path("sparql"), links().url("sparql")))
    return answer.page("results.html", headers, query=asked.query, kinds=kinds(), path=path, answer=url, cited=cited,
                       uncited=uncited, forms=forms(kind, asked.max_rows or 0, given.cut), view=View(published(), links()),
                       named=_named(asked.query), cut=given.cut, **shown(given))


def uncitable(asked: Asked, given: Answer, local: str) -> str:
    """Why an answer cannot be cited by a URL, as far as the query tells; "" where it can."""
    if given.cut:
        return _("It is cut.")
    return _("The query is too long for a URL.") if is_too_long(local) else undetermined(asked.query)


def kinds() -> dict[str, list[tuple[str, str]]]:
    """The forms in which rows, and those in which graphs are to be had."""
    return {kind: forms(kind) for kind in ("rows", "graph")}


def forms(kind: str, max_rows: int = 0, cut: bool = False) -> list[tuple[str, str]]:
    """The forms of an answer, each with the fields to add to its address; of a cut one those that can say so."""
    if kind == "graph":
        return [(each.label, urlencode({"format": each.name})) for each in OF_GRAPHS]
    if cut:
        able = (each for each in RESULTS if each.engine in LINKED)
        return [(each.label, urlencode({"format": each.name, "max-rows": max_rows})) for each in able]
    for_excel = (_("CSV for Excel"), urlencode({"format": CSV.name, "bom": 1}))
    others = [(each.label, urlencode({"format": each.name})) for each in (XLSX, *RESULTS) if each is not CSV]
    return [(CSV.label, urlencode({"format": CSV.name})), for_excel, *others]


def _named(text: str) -> dict[str, str] | None:
    """Title and address of the named query that has this text, and what its answer rests on."""
    query = published().named(text)
    return query and {"title": query.title, "address": links().path(f"query/{query.slug}"), "told": told(query.slug)}


def told(slug: str) -> str:
    """What the answer to a named query rests on, as the release states it; "" where it does not."""
    iri = NamedNode(f"{published().base}query/{slug}")
    return next((value.value for value in published().reading.values(iri, COMMENT)), "")


def shown(given: Answer) -> dict:
    """What a page shows of an answer: a table of rows, a yes or no, or the text of a graph."""
    return {"graph": _graph_shown, "boolean": _boolean_shown, "results": _rows_shown}[given.kind](given)


def _graph_shown(given: Answer) -> dict:
    return {"text": given.body.decode()}


def _boolean_shown(given: Answer) -> dict:
    return {"boolean": parse_query_results(given.body, format=QueryResultsFormat.JSON).__bool__()}


def _rows_shown(given: Answer) -> dict:
    solutions = parse_query_results(given.body, format=QueryResultsFormat.JSON)
    variables = solutions.variables
    rows = [[solution[variable] for variable in variables] for solution in islice(solutions, ROWS_SHOWN)]
    total = len(rows) + sum(1 for _ in solutions)
    return {"variables": [variable.value for variable in variables], "rows": rows, "total": total,
            "numbers": [_are_numbers(row[place] for row in rows) for place in range(len(variables))]}


def _are_numbers(column: Iterable[Term | None]) -> bool:
    """Whether all that stands in a column is a number, and something does."""
    found = [term for term in column if term is not None]
    return bool(found) and all(isinstance(term, Literal) and term.datatype.value in sheets.NUMBERS for term in found)


def bare(asked: Asked) -> Response:
    """GET without a query: the form, or the service description (SPARQL 1.1 Service Description section 2)."""
    wanted, limits = answer.chosen(DOCUMENT, name=asked.format, last=DATASET), site().settings.limits
    if wanted is HTML:
        first = min(published().examples, key=lambda query: (bool(query.parameters), len(query.text)), default=None)
        return answer.page("sparql.html", query=first.text if first else "", kinds=kinds(), topics=published().topics,
                           told={slug: told(slug) for slug in published().queries}, view=View(published(), links()),
                           figures=list(figures(limits)), services=limits.services)
    return answer.rdf(description(published(), links(), limits), wanted)
