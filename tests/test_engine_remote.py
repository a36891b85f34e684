"""The remote engine against a small HTTP server that answers what each test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from triplehelix.engine import (
    BadQuery,
    Busy,
    Dataset,
    Limits,
    Query,
    QueryError,
    Timeout,
    TooLarge,
    Unavailable,
)
from triplehelix.engine.remote import RemoteEndpoint

QUERY = Query("SELECT * { ?s ?p ?o }", "", "json")
NOWHERE = Dataset("")
LIMITS = Limits(seconds=1, answer_bytes=100)
JSON = "application/sparql-results+json"


class Endpoint(HTTPServer):
    """Answers each POST with `answer` (status, content type, body) and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = (200, JSON, b"{}")
        self.asked: dict[str, list[str]] = {}
        self.accepted = ""
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sparql"


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked = parse_qs(body.decode())
        self.server.accepted = self.headers["Accept"]
        status, content_type, answer = self.server.answer
        if status == 0:
            self.server.released.wait(5)
            return
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def test_rows_come_as_they_are(endpoint: Endpoint) -> None:
    query = replace(QUERY, default_graphs=("http://x/a", "http://x/b"), named_graphs=("http://x/c",))
    answer = RemoteEndpoint(endpoint.url).execute(query, NOWHERE, LIMITS)
    assert (answer.kind, answer.format, answer.body) == ("results", "json", b"{}")
    assert endpoint.accepted == JSON
    assert endpoint.asked == {"query": [QUERY.text], "default-graph-uri": ["http://x/a", "http://x/b"],
                              "named-graph-uri": ["http://x/c"]}


@pytest.mark.parametrize(("text", "name", "media_type", "kind"), [
    ("ASK {}", "xml", "application/sparql-results+xml", "boolean"),
    ("CONSTRUCT WHERE {?s ?p ?o}", "ttl", "text/turtle; charset=utf-8", "graph"),
    ("DESCRIBE <x>", "jsonld", "application/ld+json", "graph"),
])
def test_every_form(endpoint: Endpoint, text: str, name: str, media_type: str, kind: str) -> None:
    endpoint.answer = (200, media_type, b"answer")
    answer = RemoteEndpoint(endpoint.url).execute(replace(QUERY, text=text, format=name), NOWHERE, LIMITS)
    assert (answer.kind, answer.body) == (kind, b"answer")


PROBLEM = b'{"detail": "Prefix foo: is not declared."}'


@pytest.mark.parametrize(("status", "content_type", "body", "error", "said"), [
    (400, "application/problem+json", PROBLEM, BadQuery, r"^Prefix foo: is not declared\.$"),
    (400, "text/plain", b"Parse error", BadQuery, "^Parse error$"),
    (400, "text/plain", b"", BadQuery, "badly formed"),
    (404, "text/html", b"<html>", Unavailable, "not possible to connect"),
    (500, "text/plain", b"boom", Unavailable, "status code 500"),
    (413, "text/plain", b"much", TooLarge, "413: much"),
    (429, "text/plain", b"", Busy, "429: Too Many Requests"),
    (503, "application/problem+json", b"[" * 5000, Busy, "503"),
    (504, "application/problem+json", PROBLEM, Timeout, "504: Prefix"),
    (502, "text/plain", b"bad", Unavailable, "502: bad"),
    (200, "text/html", b"<html>", Unavailable, f"answered text/html where {JSON}".replace("+", r"\+")),
    (200, JSON, b"x" * 101, TooLarge, "larger than 100 bytes"),
    (0, "", b"", Timeout, "within 1 seconds"),
])
def test_what_can_go_wrong(endpoint: Endpoint, status: int, content_type: str, body: bytes,
                           error: type[QueryError], said: str) -> None:
    endpoint.answer = (status, content_type, body)
    with pytest.raises(error, match=said):
        RemoteEndpoint(endpoint.url).execute(QUERY, NOWHERE, LIMITS)


def test_nobody_there() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        RemoteEndpoint("http://127.0.0.1:1/sparql").execute(QUERY, NOWHERE, LIMITS)


def test_updates_are_not_sent(endpoint: Endpoint) -> None:
    with pytest.raises(BadQuery, match="read-only"):
        RemoteEndpoint(endpoint.url).execute(replace(QUERY, text="CLEAR ALL"), NOWHERE, LIMITS)
    assert endpoint.asked == {}
