"""Requests that the protocol does not know, or knows otherwise: parameters, types, lengths of bodies, methods, headers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from urllib.parse import urlencode

from hostile.vector import BLOCK, DIRECT, FORM, Request, Target, Vector, asked, bare, head, sent, statuses

ASK = b"ASK {}"
ANSWERED, BAD, READ_ONLY, METHOD, LARGE, MEDIA = (statuses(number) for number in (200, 400, 403, 405, 413, 415))
HUNDRED_MEGABYTES = 100_000_000


def huge(path: str, kind: str, unit: bytes, method: str = "POST") -> Request:
    """A body of a hundred megabytes of one byte, made as it is sent."""

    def blocks(target: Target) -> Iterator[bytes]:
        yield head(f"{method} {path} HTTP/1.1", f"Content-Type: {kind}", f"Content-Length: {HUNDRED_MEGABYTES}")(target)
        yield from repeat(unit * BLOCK, HUNDRED_MEGABYTES // BLOCK)
        yield unit * (HUNDRED_MEGABYTES % BLOCK)

    return blocks


def form(*fields: tuple[str, str], path: str = "/sparql", method: str = "POST") -> Request:
    return sent(method, path, f"Content-Type: {FORM}", body=urlencode(fields).encode())


def typed(kind: str | None, body: bytes = ASK, *fields: str) -> Request:
    """The query, said to be of that media type."""
    return sent("POST", "/sparql", *([] if kind is None else [f"Content-Type: {kind}"]), *fields, body=body)


def many(count: int, name: str = "x") -> bytes:
    return f"{name}=1&".encode() * count + b"query=ASK%7B%7D"


def _parameters() -> Iterable[Vector]:
    yield Vector(
        "two queries in the address", bare("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D"), BAD, told="more than one"
    )
    yield Vector("two queries in a form", form(("query", "ASK {}"), ("query", "ASK {}")), BAD, told="more than one")
    yield Vector(
        "query in address and form", form(("query", "ASK {}"), path="/sparql?query=ASK%7B%7D"), BAD, told="more than one"
    )
    yield Vector(
        "query in address and body", sent("POST", "/sparql?query=ASK%7B%7D", f"Content-Type: {DIRECT}", body=ASK), BAD
    )
    yield Vector("1,000 queries", sent("POST", "/sparql", f"Content-Type: {FORM}", body=many(999, "query")), BAD)
    yield Vector("query and update", form(("query", "ASK {}"), ("update", "CLEAR ALL")), READ_ONLY, told="read-only")
    yield Vector("query and update in the address", bare("GET", "/sparql?query=ASK%7B%7D&update=CLEAR%20ALL"), READ_ONLY)
    yield Vector(
        "update beside a body", sent("POST", "/sparql?update=CLEAR%20ALL", f"Content-Type: {DIRECT}", body=ASK), READ_ONLY
    )
    yield Vector("no query in a form", form(("format", "json")), BAD, told="query")
    yield Vector("query without a value", bare("GET", "/sparql?query"), BAD)
    yield Vector("999 fields", sent("POST", "/sparql", f"Content-Type: {FORM}", body=many(999)), ANSWERED)
    yield Vector("1,001 fields", sent("POST", "/sparql", f"Content-Type: {FORM}", body=many(1_001)), BAD, told="parameters")
    yield Vector(
        "200,000 fields", sent("POST", "/sparql", f"Content-Type: {FORM}", body=many(200_000)), BAD, told="parameters"
    )
    yield Vector("500,000 ampersands", sent("POST", "/sparql", f"Content-Type: {FORM}", body=b"&" * 500_000), BAD)
    yield Vector("broken per cents", bare("GET", "/sparql?query=%&%zz=%u0041"), BAD)
    yield Vector("format of the attacker", bare("GET", "/sparql?query=ASK%7B%7D&format=%0d%0aX:%20y"), statuses(400, 406))
    yield Vector(
        "graph that is no IRI", bare("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=%3C%3E%22"), BAD, told="iri"
    )
    yield Vector(
        "500 default graphs", bare("GET", "/sparql?query=ASK%7B%7D" + "&default-graph-uri=x" * 500), BAD, told="no graph"
    )
    yield Vector("empty graph", bare("GET", "/sparql?query=ASK%7B%7D&default-graph-uri="), BAD)
    yield Vector("max-rows of words", bare("GET", "/sparql?query=ASK%7B%7D&max-rows=many"), statuses(200, 400))


def _types() -> Iterable[Vector]:
    for kind in (
        "text/plain",
        "text/turtle",
        "application/json",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "*/*",
        "nonsense",
        "application/sparql-query, application/json",
        "application/xml",
        "",
        "/",
        ";",
        "a/b" * 2_000,
    ):
        yield Vector(f"type {kind[:30]!r}", typed(kind), MEDIA, told="application/sparql-query")
    yield Vector("no type", typed(None), MEDIA, told="application/sparql-query")
    yield Vector("two types", typed(DIRECT, ASK, "Content-Type: application/sparql-update"), statuses(200, 400, 403, 415))
    for charset in ("utf-16", "utf-7", "latin-1", "x" * 5_000, "utf-8\x00", '"', "rot13", "zlib"):
        yield Vector(
            f"charset {charset[:10]!r}",
            typed(f"{DIRECT}; charset={charset}", "ASK {}".encode("utf-16")),
            statuses(400, 415),
            unseen="\0" in charset,
        )
    for coding in ("gzip", "deflate", "br", "gzip, gzip, gzip", "nonsense", "x" * 5_000):
        yield Vector(
            f"coding {coding[:10]!r}",
            typed(DIRECT, b"\x1f\x8b\x08\x00", f"Content-Encoding: {coding}"),
            MEDIA,
            told="content-encoding",
        )
    yield Vector("type of an update", typed("application/sparql-update", b"CLEAR ALL"), READ_ONLY)
    yield Vector("type of an update, in capitals", typed("APPLICATION/SPARQL-UPDATE", b"CLEAR ALL"), READ_ONLY)
    yield Vector("query in capitals of its type", typed("Application/SPARQL-Query;charset=UTF-8"), ANSWERED)
    yield Vector("form of a file", typed("multipart/form-data", b"--x" * 100_000), MEDIA)


def _bodies() -> Iterable[Vector]:
    yield Vector("100 MB of query", huge("/sparql", DIRECT, b"#"), LARGE, told="larger")
    yield Vector("100 MB of form", huge("/sparql", FORM, b"&"), LARGE, told="larger")
    yield Vector("100 MB by QUERY", huge("/sparql", DIRECT, b" ", "QUERY"), LARGE, told="larger")
    yield Vector("100 MB of zeros", huge("/sparql", "application/octet-stream", b"\0"), statuses(413, 415))
    yield Vector("100 MB to a page", huge("/", FORM, b"x"), statuses(405, 413))
    yield Vector("100 MB to nowhere", huge("/nowhere", FORM, b"x"), statuses(404, 405, 413))
    yield Vector("a megabyte and a byte", typed(DIRECT, b"ASK {}" + b"#" * 1_000_000), LARGE, told="larger")
    yield Vector(
        "just over the length of a query", typed(DIRECT, b"ASK {}" + b"#" * 65_536), statuses(400, 413), told="limit"
    )
    yield Vector("empty body", typed(DIRECT, b""), BAD)
    yield Vector("empty form", typed(FORM, b""), BAD, told="query")
    yield Vector(
        "body with GET",
        sent("GET", "/sparql?query=ASK%7B%7D", f"Content-Type: {DIRECT}", body=b"CLEAR ALL"),
        statuses(200, 400),
    )
    yield Vector(
        "body with HEAD", sent("HEAD", "/sparql?query=ASK%7B%7D", f"Content-Type: {DIRECT}", body=ASK), statuses(200, 400)
    )


def _methods() -> Iterable[Vector]:
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO-BAR", "LOCK", "X" * 200):
        yield Vector(
            f"method {method[:12]}", sent(method, "/sparql", f"Content-Type: {DIRECT}", body=ASK), METHOD, unseen=True
        )
    # Methods are told apart by their letters (RFC 9110, 9.1); that Werkzeug takes get for GET does no harm.
    yield Vector("method get", bare("get", "/sparql?query=ASK%7B%7D"), statuses(200, 400, 405, 501))
    yield Vector("target without a slash", bare("GET", "sparql"), statuses(308, 400, 404))
    for path in ("/", "/health", "/graphs", "/dumps/", "/catalogue", "/ns", "/id/lighthouse/cape"):
        yield Vector(f"POST to {path}", sent("POST", path, f"Content-Type: {FORM}", body=b"a=b"), statuses(403, 405))
    yield Vector(
        "OPTIONS of everything", lambda target: [head("OPTIONS * HTTP/1.1")(target)], statuses(200, 204, 404)
    )
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        yield Vector(name, asked("ASK {}", f"{name}: DELETE"), ANSWERED)


def _accepts() -> Iterable[Vector]:
    strange = {
        "of 10 kB": "text/" + "x" * 10_000 + "",
        "of 1,000 types": ",".join(f"a/b{n}" for n in range(1_000)),
        "of q that is no number": "*/*;q=NaN",
        "of q without end": "application/json;q=inf",
        "below zero": "application/json;q=-1",
        "over one": "application/json;q=2",
        "empty": "",
        "of commas": "," * 5_000,
        "of semicolons": ";" * 5_000,
        "of quotation marks": 'application/json;x="' + '\\"' * 2_000,
        "of stars": "*/*/*/*",
        "of half a star": "*",
        "of zero": "*/*;q=0",
        "of NaN in words": "application/json;q=nan;q=1e999",
        "of Latin-1": "\xff/\xfe;q=\xb2",
        "of q of 5,000 digits": "*/*;q=0." + "9" * 5_000,
    }
    for name, value in strange.items():
        yield Vector(f"Accept {name}", asked("ASK {}", f"Accept: {value}"), statuses(200, 400, 406))
        yield Vector(f"Accept {name} of an error", asked("ASK {", f"Accept: {value}"), statuses(400, 406))
    yield Vector("90 Accepts", asked("ASK {}", *["Accept: a/b"] * 90), statuses(200, 400, 406))


def _headers() -> Iterable[Vector]:
    strange = {
        "Range of 1,500 parts": ("Range: bytes=" + ",".join(f"{n}-{n}" for n in range(1_500)),),
        "Range without an end": ("Range: bytes=-1E9",),
        "If-None-Match of commas": ("If-None-Match: " + '"x",' * 2_500,),
        "If-None-Match without an end": ('If-None-Match: W/"' + "x" * 9_000,),
        "date of nonsense": ("If-Modified-Since: Thu, 99 Foo 99999999999 99:99:99 GMT",),
        "cookies": ("Cookie: " + "a=b; " * 2_500,),
        "address of another": ("X-Forwarded-For: 127.0.0.1, ::1, evil", "Forwarded: for=_x;host=evil;proto=gopher"),
        "proto of another": ("X-Forwarded-Proto: javascript", "X-Forwarded-Host: evil", "X-Forwarded-Prefix: /evil"),
        "path of another": ("X-Original-URL: /evil", "X-Rewrite-URL: /evil", "X-Script-Name: /evil", "Script-Name: /evil"),
        "authorisation": ("Authorization: Basic " + "A" * 5_000,),
        "upgrade": ("Upgrade: websocket, h2c", "HTTP2-Settings: AAAA"),
        "expectation of the absurd": ("Expect: 200-ok",),
        "language of the absurd": ("Accept-Language: " + "x-" * 4_000,),
        "coding of the absurd": ("Accept-Encoding: " + "gzip;q=NaN," * 900,),
        "bytes of Latin-1": ("X-Odd: \xff\xfe\x80",),
        "shell": ("User-Agent: () { :; }; exit", "X-Odd: ${jndi:ldap://127.0.0.1/x}"),
    }
    for name, fields in strange.items():
        yield Vector(name, asked("ASK {}", *fields), statuses(200, 400, 416, 417))


def _hosts() -> Iterable[Vector]:
    misdirected = statuses(400, 421)
    for name in (
        "evil.invalid",
        "HOST.evil.invalid",
        "localhost:1",
        "127.0.0.1",
        "127.0.0.1:99999999",
        "evil.invalid@HOST",
        "HOST/../x",
        "",
        "xn--",
        "h" * 5_000,
        "127.1:80",
        "0x7f000001",
        "[::ffff:127.0.0.1]",
        "HOST,evil.invalid",
    ):
        yield Vector(
            f"Host {name[:24]!r}",
            lambda target, name=name: [head("GET /sparql?query=ASK%7B%7D HTTP/1.1", host=f"Host: {name}\r\n")(target)],
            misdirected,
            unseen=True,
        )
    yield Vector("no Host", lambda target: [head("GET / HTTP/1.1", host="")(target)], BAD, unseen=True)
    yield Vector(
        "two Hosts", lambda target: [head("GET / HTTP/1.1", "Host: evil.invalid")(target)], misdirected, unseen=True
    )
    yield Vector(
        "the other of two Hosts",
        lambda target: [head("GET / HTTP/1.1", "Host: HOST", host="Host: evil.invalid\r\n")(target)],
        misdirected,
        unseen=True,
    )


def _paths() -> Iterable[Vector]:
    absent = statuses(400, 404)
    for path in (
        "/../../etc/passwd",
        "/dumps/..%2f..%2fmanifest.json",
        "/dumps/%2e%2e/%2e%2e/etc/passwd",
        "/dumps/....//....//etc/passwd",
        "/static/../../server.py",
        "//evil.invalid/",
        "/\\evil.invalid",
        "/%00",
        "/doc/%ff%fe",
        "/id/%0d%0aX:y",
        "/dumps/dataset.ttl%00.html",
        "/dumps//etc/passwd",
        "/id/lighthouse/" + "x" * 5_000,
        "/doc/" + "../" * 1_000,
        "/graph/%3Cscript%3E",
        "/query/%00/run",
        "/release/..",
        "/scheme/../../x",
        "/nowhere;/sparql",
        "/sparql/",
    ):
        yield Vector(f"path {path[:40]}", bare("GET", path), absent, unseen=True)


PROTOCOL = (*_parameters(), *_types(), *_methods())
BODIES = tuple(_bodies())
HEADERS = (*_accepts(), *_headers(), *_hosts(), *_paths())
