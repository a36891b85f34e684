"""The cases of the SPARQL 1.1 Protocol suite: requests (vocabulary ht:) sent to a real server, answers held against them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, parse, parse_query_results

from suites.manifests import MF, Graph, Node, entries

HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
STATUS = "http://www.w3.org/2011/http-statusCodes#StatusCode"
# The prefix that every path of the manifest has in the place of the endpoint's own.
ENDPOINT = "/sparql/"


@dataclass(frozen=True)
class Request:
    """One request; `statuses` are first digits, `boolean` and `form` are "" where nothing is expected of the body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    boolean: str
    form: str


@dataclass(frozen=True)
class Case:
    """Requests in a row."""

    iri: str
    requests: tuple[Request, ...]

    @property
    def is_update(self) -> bool:
        """Whether it expects the server to change its data."""
        return self.iri.partition("#")[2].startswith("update_")


def cases(suites: Path) -> list[Case]:
    """All cases of the suite."""
    return [Case(entry.value, tuple(_requests(graph, graph.value(entry, MF + "action"))))
            for graph, entry in entries(suites, "sparql11/protocol/manifest.ttl")]


def _requests(graph: Graph, action: Node) -> Iterator[Request]:
    for node in graph.list(graph.value(action, HT + "requests")):
        headers = {_text(graph, header, HT + "fieldName"): _text(graph, header, HT + "fieldValue")
                   for header in graph.list(graph.value(node, HT + "headers"))}
        answer = graph.value(node, HT + "resp")
        statuses = frozenset(status.value.removeprefix(STATUS)[0] for status in graph.values(answer, MF + "expectedStatus"))
        yield Request(_text(graph, node, HT + "methodName"), _text(graph, node, HT + "absolutePath"), headers,
                      _body(graph, graph.value(node, HT + "body")), statuses, _text(graph, answer, MF + "expectedBoolean"),
                      _text(graph, answer, MF + "expectedFormat"))


def _text(graph: Graph, node: Node, predicate: str) -> str:
    value = graph.value(node, predicate)
    return value.value if value else ""


def _body(graph: Graph, node: Node | None) -> bytes:
    if node is None:
        return b""
    return _text(graph, node, CNT + "chars").encode(_text(graph, node, CNT + "characterEncoding"))


def send(endpoint: str, request: Request) -> tuple[int, str, bytes]:
    """Status, media type and body of the answer of an endpoint."""
    parts = urlsplit(endpoint)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        path = parts.path + request.path.removeprefix(ENDPOINT)
        connection.request(request.method, path, request.body or None, request.headers)
        answer = connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read()
    finally:
        connection.close()


def fault(endpoint: str, request: Request) -> str:
    """What is wrong with the answer to a request; "" where nothing is."""
    status, media_type, body = send(endpoint, request)
    if str(status)[0] not in request.statuses:
        return f"{request.method} {request.path}: {status} {body.decode(errors='replace')[:300]}"
    if request.form and not _has_form(request, media_type, body):
        return f"{request.method} {request.path}: {media_type} is not {request.form} {request.boolean}"
    return ""


def _has_form(request: Request, media_type: str, body: bytes) -> bool:
    if request.form == "RDF":
        return list(parse(body, format=RdfFormat.from_media_type(media_type))) is not None
    found = parse_query_results(body, format=QueryResultsFormat.from_media_type(media_type))
    truth = isinstance(found, QueryBoolean)
    return truth == (request.form == "boolean") and (not request.boolean or bool(found) == (request.boolean == "true"))
