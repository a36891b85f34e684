"""The same `execute` against a SPARQL endpoint elsewhere (SPARQL 1.1 Protocol), through SPARQLWrapper."""

from __future__ import annotations

import ast
import json
from urllib.error import HTTPError

from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from triplehelix import formats
from triplehelix.engine.client import check_format
from triplehelix.engine.model import Answer, BadQuery, Busy, Dataset, Limits, Query, QueryError, Timeout, TooLarge, Unavailable
from triplehelix.engine.reading import form_of

_DETAIL_BYTES = 2_000
_BY_STATUS: dict[int, type[QueryError]] = {413: TooLarge, 429: Busy, 503: Busy, 504: Timeout}


class RemoteEndpoint:
    """An endpoint at a URL. Its answers come whole or not at all; it has a dataset of its own, whatever the one given."""

    def __init__(self, url: str) -> None:
        self._url = url

    def execute(self, query: Query, dataset: Dataset, limits: Limits) -> Answer:  # noqa: ARG002
        """The whole answer to a query. Raises a QueryError, and ValueError for a format that cannot hold it."""
        form = form_of(query.text, limits)
        check_format(query.format, form)
        wanted = formats.by_name(query.format)
        try:
            with self._request(query, wanted.media_type, limits.seconds).query().response as response:
                found = response.headers.get_content_type()
                body = response.read(limits.answer_bytes + 1)
        except SPARQLWrapperException as error:
            raise self._refused(error) from error
        except HTTPError as error:
            with error:
                raise self._failed(error) from error
        except TimeoutError as error:
            raise Timeout(f"{self._url} did not answer within {limits.seconds:g} seconds.") from error
        except OSError as error:
            raise Unavailable(f"{self._url} cannot be reached: {error}") from error
        self._check(found, wanted, body, limits.answer_bytes)
        return Answer(_kind(form), query.format, body)

    def _request(self, query: Query, media_type: str, seconds: float) -> SPARQLWrapper:
        wrapper = SPARQLWrapper(self._url)
        wrapper.setQuery(query.text)
        wrapper.setMethod(POST)
        wrapper.setOnlyConneg(True)
        wrapper.setTimeout(max(1, int(seconds)))
        wrapper.addCustomHttpHeader("Accept", media_type)
        for graph in query.default_graphs:
            wrapper.addParameter("default-graph-uri", graph)
        for graph in query.named_graphs:
            wrapper.addParameter("named-graph-uri", graph)
        return wrapper

    def _check(self, found: str, wanted: formats.Format, body: bytes, most: int) -> None:
        if found not in (wanted.media_type, *wanted.aliases):
            raise Unavailable(f"{self._url} answered {found} where {wanted.media_type} was asked for.")
        if len(body) > most:
            raise TooLarge(f"The answer of {self._url} is larger than {most} bytes. Add LIMIT.")

    def _refused(self, error: SPARQLWrapperException) -> QueryError:
        """What SPARQLWrapper has its own exceptions for: 400, 401, 404, 414, 500; the answer's body is in their text."""
        _, _, quoted = str(error).partition("Response:\n")
        said = _detail(ast.literal_eval(quoted)) if quoted else error.msg
        return BadQuery(said) if isinstance(error, QueryBadFormed) else Unavailable(f"{self._url}: {error.msg}.")

    def _failed(self, error: HTTPError) -> QueryError:
        kind = _BY_STATUS.get(error.code, Unavailable)
        return kind(f"{self._url} answered {error.code}: {_detail(error.read(_DETAIL_BYTES)) or error.reason}")


def _detail(body: bytes) -> str:
    """The sentence of a problem document (RFC 9457, 3.1.4), or the start of whatever came."""
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail or body[:_DETAIL_BYTES].decode(errors="replace").strip())


def _kind(form: str) -> str:
    return {"select": "results", "ask": "boolean"}.get(form, "graph")
