"""What crawlers and worse send over the wire, as bytes: one sound answer each, and never one that leads elsewhere."""

from __future__ import annotations

import re
import shutil
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from conftest import free_port, served
from hostile.exchange import heard
from triplehelix.build import build
from triplehelix.project import Project
from triplehelix.web import codings

# Slugs as people write them: composed and decomposed letters are two IRIs (RFC 3987 section 5.3.1), and so is an escape.
COMPOSED = unicodedata.normalize("NFC", "phare-d'Île")
SPACED = "a%20b"
LIGHTS = "".join(f'\n<id/lighthouse/{slug}>\n    a sea:Lighthouse ;\n    skos:prefLabel "{name}"@en ;\n'
                 f"    sea:guards <id/harbour/east> ;\n    sea:height {height} ;\n.\n"
                 for slug, name, height in ((COMPOSED, "Isle", 3), (SPACED, "Spaced", 4)))
STATUS_LINE = re.compile(rb"^HTTP/1\.[01] \d{3}", re.M)
TEXTS = ("application/problem+json", "text/html", "text/plain")


@dataclass(frozen=True)
class Answer:
    """One answer as it came: names of headers in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def base(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = Path(shutil.copytree(mini.root, tmp_path_factory.mktemp("wire") / "mini"))
    lights = folder / "data/lights.ttl"
    lights.write_text(lights.read_text() + LIGHTS)
    release = build(Project(folder), tmp_path_factory.mktemp("releases"), f"http://127.0.0.1:{free_port()}/")
    with served(release) as address:
        yield address


def sent(base: str, text: str | bytes, seconds: float = 5) -> list[Answer]:
    """All answers to these bytes, in which HOST stands for the service; each is sound."""
    data = text.encode() if isinstance(text, str) else text
    told = heard(urlsplit(base).netloc, [data.replace(b"HOST", urlsplit(base).netloc.encode())], seconds)
    found, method = [], data.split(b" ", 1)[0]
    while told:
        answer, told = parsed(told, method == b"HEAD")
        check_sound(answer, base)
        found.append(answer)
    return found


def parsed(told: bytes, is_head: bool) -> tuple[Answer, bytes]:
    """The first answer of some bytes, and the bytes after it. No header comes twice, and all bytes of a head are plain."""
    assert STATUS_LINE.match(told), told[:80]
    head, _, rest = told.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    fields = [line.partition(": ")[::2] for line in lines[1:]]
    headers = {name.lower(): value for name, value in fields}
    assert len(headers) == len(fields), f"a header twice: {fields}"
    status = int(lines[0].split()[1])
    length = 0 if is_head or status in (204, 304) else int(headers.get("content-length", 0))
    assert len(rest) >= length
    return Answer(status, headers, rest[:length]), rest[length:]


def check_sound(answer: Answer, base: str) -> None:
    """Never 5xx, never a way off our own origin, never a header of the request's making; a refusal says what it is."""
    assert answer.status < 500, answer
    assert not {"x-injected", "set-cookie"} & set(answer.headers)
    for name in ("location", "content-location"):
        assert name not in answer.headers or answer.headers[name].startswith((base, "/")), answer.headers[name]
    for target in re.findall("<([^>]*)>", answer.headers.get("link", "")):
        assert quote(target, safe="/:@!$&'()*+,;=~%?#[]") == target
    if answer.status >= 400 and answer.body:
        assert answer.headers["content-type"].partition(";")[0] in TEXTS


def got(base: str, path: str | bytes, *fields: str, method: str = "GET") -> Answer:
    """The one answer to a plain request."""
    path = path.encode() if isinstance(path, str) else path
    head = "".join(f"{field}\r\n" for field in ("Host: HOST", "Connection: close", *fields))
    (answer,) = sent(base, method.encode() + b" " + path + b" HTTP/1.1\r\n" + head.encode("latin-1") + b"\r\n")
    return answer


# --- paths

THING = "/id/lighthouse/cape"
LONG = "x" * 7_900
FOUND = {
    THING: 303, "/id/lighthouse/c%61pe": 303, "/%69d/lighthouse/cape": 303, "/doc/id/lighthouse/cape": 200,
    "/doc/id/lighthouse/cape.ttl": 200, f"/id/lighthouse/{quote(COMPOSED)}": 303, f"/id/lighthouse/{COMPOSED}": 303,
    f"/id/lighthouse/{quote(COMPOSED).lower()}": 404, f"/id/lighthouse/{quote(COMPOSED).replace('%C3%8E', '%c3%8e')}": 303,
    f"/doc/id/lighthouse/{quote(COMPOSED)}.ttl": 200, "/id/lighthouse/a%20b": 303, "/id/lighthouse/a%2520b": 303,
    # Slashes that are escaped come to us as slashes: WSGI has one path, and it is decoded.
    "/id%2flighthouse%2fcape": 303, "/id/lighthouse/cape?x=%0d%0aX-Injected:%201": 303, "/id/lighthouse/cape#here": 303}
ABSENT = (
    f"/id/lighthouse/{quote(unicodedata.normalize('NFD', COMPOSED))}", "/ID/lighthouse/cape", "/id/lighthouse/CAPE",
    "/id/Lighthouse/cape", "/doc/id/lighthouse/cape.TTL", "//id/lighthouse/cape", "/id//lighthouse/cape", "/id/lighthouse//cape",
    "//evil.invalid/", "///evil.invalid/", "//evil.invalid/..", "/\\evil.invalid", "/%5cevil.invalid", "/%2f%2fevil.invalid",
    "/%2fevil.invalid/%2e%2e", "/./id/lighthouse/cape", "/id/./lighthouse/cape", "/id/lighthouse/../lighthouse/cape",
    "/id/lighthouse/%2e%2e/lighthouse/cape", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/dumps/../manifest.json",
    "/dumps/..%2fmanifest.json", "/dumps/%2e%2e%5cmanifest.json", "/dumps/....//manifest.json", "/dumps//dataset.ttl",
    "/id/lighthouse/cape%00", "/%00", "/id/lighthouse/cape%00.ttl", "/dumps/dataset.ttl%00",
    "/id/lighthouse/cape%0d%0aX-Injected:1",
    "/%0d%0aX-Injected:%201/", "/id/lighthouse/cape/%0d%0aX-Injected:1/", "/ns/%0aX-Injected:1", "/doc/id/%0d%0a%0d%0aHTTP/1.1/",
    "/id/lighthouse/cape%3E;rel=x", "/id/lighthouse/%22", "/id/lighthouse/%3Cscript%3E", "/id/lighthouse/cape%3B", "/id/%ff%fe",
    "/id/%ed%a0%80", "/id/lighthouse/%e2%80%ae", "/id/lighthouse/cape%20", "/id/lighthouse/cape.", "/id/%zz%4", "/id/%",
    "/id/%u0041",
    "/id/lighthouse/javascript:alert(1)", "/javascript:alert(1)", "/id/", "/id", "/doc/", "/doc", "/doc/id/lighthouse/",
    "/scheme/",
    "/query/none/run", "/release/../x/", "/static/../../server.py", "/static/%2e%2e/front.py", "/;/ns", "/ns;x",
    "/.well-known/none",
    "/" + LONG, "/id/lighthouse/" + LONG, "/" + "a/" * 3_900, "/" + "%41" * 2_600, "/doc/id/lighthouse/" + LONG + ".ttl")


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path[:40])
def test_one_thing_has_few_spellings(base, path):
    answer = got(base, path, "Accept: text/turtle")
    assert answer.status == FOUND[path]
    if answer.status == 303:
        assert got(base, answer.headers["location"].removeprefix(base[:-1]), "Accept: text/turtle").status == 200


@pytest.mark.parametrize("path", ABSENT, ids=lambda path: path[:40])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_address_of_ours_is_refused(base, path, method):
    for accept in ("*/*", "text/html"):
        answer = got(base, path, f"Accept: {accept}", method=method)
        assert answer.status in (400, 404)
        assert bool(answer.body) == (method == "GET"), "what our code sees is refused in words"


@pytest.mark.parametrize("path", ["/ns/", THING + "/", "/doc/id/lighthouse/cape/", f"/id/lighthouse/{quote(COMPOSED)}/", "/dumps",
                                  "/query", "/dataset/"])
def test_a_slash_too_much_or_too_few_leads_to_the_one_address(base, path):
    answer = got(base, path, "Accept: text/turtle")
    assert answer.status in (200, 301)
    if answer.status == 301:
        assert got(base, answer.headers["location"].removeprefix(base[:-1]), "Accept: text/turtle").status in (200, 303)


@pytest.mark.parametrize("path", [b"/id/k\xe4the", b"/\xff", b"/a>b", b'/a"b', b"/a<b", b"/a b", b"/\x00", b"/\x7f", b"/a\tb"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_bytes_that_no_path_may_hold_are_refused(base, path, method):
    assert got(base, path, method=method).status in (400, 404)


@pytest.mark.parametrize("length", [20_000, 100_000])
def test_a_path_beyond_all_measure_is_refused(base, length):
    assert got(base, "/" + "x" * length).status in (414, 431)


# --- the request's own head

HEAD = "Host: HOST\r\nConnection: close\r\n\r\n"
PATHLESS = ("GET ns HTTP/1.1\r\n", "GET evil.invalid:80 HTTP/1.1\r\n", "GET javascript:alert(1) HTTP/1.1\r\n",
            "GET * HTTP/1.1\r\n", "POST * HTTP/1.1\r\n", "GET mailto:x@evil.invalid HTTP/1.1\r\n",
            "CONNECT evil.invalid:80 HTTP/1.1\r\n")
HOSTS = {"": 400, "Host: \r\n": 400, "Host: HOST\r\nHost: HOST\r\n": 400, "Host: HOST\r\nHost: evil.invalid\r\n": 400,
         "Host: evil.invalid\r\nHost: HOST\r\n": 400, "Host: HOST, evil.invalid\r\n": 400, "Host: HOST,\r\n": 400,
         "Host: evil.invalid\r\n": 421, "Host: HOST.evil.invalid\r\n": 421, "Host: evil.invalid@HOST\r\n": 421,
         "Host: HOST/\r\n": 421, "Host: HOST#\r\n": 421, "X-Forwarded-Host: HOST\r\nHost: x\r\n": 421,
         "Host: 127.0.0.1\r\n": 421, "Host_: HOST\r\n": 400}
BODY = "3\r\nabc\r\n0\r\n\r\n"
SECOND = "GET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"
LYING = {
    "CL and TE": f"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n{BODY}{SECOND}",
    "TE and CL": f"Transfer-Encoding: chunked\r\nContent-Length: {len(BODY + SECOND)}\r\n\r\n{BODY}{SECOND}",
    "CL and TE in small letters": f"content-length: 3\r\ntransfer-encoding: CHUNKED\r\n\r\n{BODY}{SECOND}",
    "TE of an unknown coding": f"Transfer-Encoding: xchunked\r\n\r\n{SECOND}",
    "TE of identity": f"Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc{SECOND}",
    "TE of gzip and chunked": f"Transfer-Encoding: gzip, chunked\r\n\r\n{BODY}",
    "two lengths": f"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc{SECOND}",
    "a list of lengths": f"Content-Length: 3, 4\r\n\r\nabc{SECOND}",
    "a length below zero": f"Content-Length: -1\r\n\r\n{SECOND}",
    "a length with a sign": f"Content-Length: +3\r\n\r\nabc{SECOND}",
    "a length of letters": f"Content-Length: 0x3\r\n\r\nabc{SECOND}",
    "a folded line": f"X-Odd: a\r\n b\r\n\r\n{SECOND}",
    "a blank before the colon": f"Content-Length : 3\r\n\r\nabc{SECOND}",
    "a line end alone": f"X-Odd: a\rX-Injected: b\r\n\r\n{SECOND}",
    "NUL": f"X-Odd: a\0b\r\n\r\n{SECOND}",
}
VERSIONS = ("GET /ns\r\n\r\n", "GET /ns HTTP/2.0\r\nHost: HOST\r\n\r\n", "GET /ns HTTP/1.2\r\nHost: HOST\r\n\r\n",
            "GET /ns HTTP/0.9\r\nHost: HOST\r\n\r\n", "GET /ns http/1.1\r\nHost: HOST\r\n\r\n",
            "GET /ns HTTP/1.1 \r\nHost: HOST\r\n\r\n", "GET  /ns HTTP/1.1\r\nHost: HOST\r\n\r\n",
            "GET\t/ns\tHTTP/1.1\r\nHost: HOST\r\n\r\n")


@pytest.mark.parametrize("line", PATHLESS, ids=str.split)
def test_a_request_line_without_a_path_is_refused(base, line):
    (answer,) = sent(base, line + HEAD)
    assert answer.status == 400 and answer.body


def test_the_whole_server_tells_its_methods(base):
    (answer,) = sent(base, "OPTIONS * HTTP/1.1\r\n" + HEAD)
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST, QUERY")
    assert "content-type" not in answer.headers


def test_an_absolute_target_is_answered_for_the_host_we_are(base):
    """The HTTP server strips its authority where there is a Host, which alone is seen here (RFC 9112 section 3.2.2 differs)."""
    for target in (f"{base}ns", "http://evil.invalid/ns", "https://evil.invalid:99/ns"):
        (answer,) = sent(base, f"GET {target} HTTP/1.1\r\nAccept: text/turtle\r\n{HEAD}")
        assert (answer.status, answer.headers["content-location"]) == (200, f"{base}ns.ttl")
    (alone,) = sent(base, "GET http://evil.invalid/ns HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert alone.status == 421


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.strip()[:50])
def test_one_host_is_named_and_it_is_ours(base, host):
    for line in ("GET /ns HTTP/1.1\r\n", f"HEAD {THING} HTTP/1.1\r\n", "POST /sparql HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n"):
        (answer,) = sent(base, f"{line}{host}Connection: close\r\n\r\n")
        assert answer.status == HOSTS[host]


@pytest.mark.parametrize("name", LYING)
@pytest.mark.parametrize("line", ["GET /ns", "POST /sparql"])
def test_a_head_that_lies_about_its_end_gets_one_answer(base, name, line):
    (answer,) = sent(base, f"{line} HTTP/1.1\r\nHost: HOST\r\n{LYING[name]}", 1)
    assert answer.status in (400, 411)


@pytest.mark.parametrize("text", VERSIONS, ids=repr)
def test_a_version_or_line_that_is_none_is_refused(base, text):
    (answer,) = sent(base, text)
    assert (answer.status, answer.body) == (400, b"")


def test_the_preface_of_another_protocol_is_hung_up_on(base):
    assert sent(base, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == []


@pytest.mark.parametrize("method", ["get", "Get", "head", "post", "options", "query"])
def test_methods_are_written_in_capitals(base, method):
    answer = got(base, "/sparql", "Content-Length: 0", method=method)
    assert (answer.status, "GET" in answer.headers["allow"]) == (405, True)


def test_line_ends_without_carriage_return_are_one_request(base):
    """RFC 9112 section 2.2 allows it; what matters is that nothing else is read out of it."""
    (answer,) = sent(base, "GET /ns HTTP/1.1\nHost: HOST\nConnection: close\n\n")
    assert answer.status == 200


def test_the_old_protocol_is_answered_where_it_names_a_host(base):
    (named,) = sent(base, "GET /ns HTTP/1.0\r\nHost: HOST\r\n\r\n")
    (bare,) = sent(base, "GET /ns HTTP/1.0\r\n\r\n")
    assert (named.status, bare.status) == (200, 400)


def test_requests_in_a_row_are_answered_in_that_row(base):
    paths = ("/ns.ttl", "/none", THING, "/dumps/dataset.ttl", "/ns.ttl")
    told = sent(base, "".join(f"GET {path} HTTP/1.1\r\nHost: HOST\r\n\r\n" for path in paths[:-1])
                + f"GET {paths[-1]} HTTP/1.1\r\n{HEAD}")
    assert [answer.status for answer in told] == [200, 404, 303, 200, 200]
    assert told[0].body == told[-1].body


def test_a_body_is_not_taken_for_a_request(base):
    text = SECOND.replace("HOST", urlsplit(base).netloc)
    (answer,) = sent(base, f"GET /ns HTTP/1.1\r\nContent-Length: {len(text)}\r\n{HEAD}{text}")
    assert answer.status == 200


# --- fields of the head

RANGES = ("bytes=9-0", "bytes=-", "bytes=a-b", "bytes=0-9,", "bytes=99999999999999999999-", "bytes=0-0,0-0,0-0", "items=0-9",
          "bytes", "bytes=0-9; x", "=", "bytes=--1", "bytes=0x0-0x9", "bytes=" + ",".join(f"{n}-{n}" for n in range(1_000)))


@pytest.mark.parametrize("value", RANGES, ids=lambda value: value[:30])
@pytest.mark.parametrize("path", ["/dumps/dataset.ttl", "/ns.ttl"])
def test_a_range_of_nonsense_is_all_or_nothing(base, path, value):
    assert got(base, path, f"Range: {value}").status in (200, 416)


def test_head_knows_no_range(base):
    plain = got(base, "/dumps/dataset.ttl", method="HEAD")
    ranged = got(base, "/dumps/dataset.ttl", "Range: bytes=0-9", method="HEAD")
    assert (ranged.status, {**ranged.headers, "date": ""}) == (200, {**plain.headers, "date": ""})


def test_a_thousand_entity_tags_are_read(base):
    tags = ", ".join(f'"{n:010}"' for n in range(1_000))
    assert got(base, "/ns.ttl", f"If-None-Match: {tags}").status == 200
    tag = got(base, "/ns.ttl").headers["etag"]
    assert got(base, "/ns.ttl", f"If-None-Match: {tags}, {tag}").status == 304


FIELDS = (
    "Accept: " + "text/" + "x" * 10_000, "Accept: " + ",".join(f"a/b{n}" for n in range(1_000)), "Accept: \xff/\xfe",
    "Accept-Encoding: " + "gzip;q=0," * 1_500, "Accept-Encoding: \xff\xfe", "Accept-Encoding: gzip;q=1e999, zstd;q=-1, *;q=NaN",
    "If-None-Match: " + '"' * 9_000, "If-None-Match: \xff", "If-Modified-Since: " + "9" * 9_000, "If-Match: nonsense",
    "If-Modified-Since: Thu, 99 Foo 99999 99:99:99 GMT", "If-Unmodified-Since: x", "If-Range: x", "Expect: 200-maybe", "TE: gzip",
    "Content-Encoding: gzip", "Upgrade: h2c", "Cookie: " + "a=b; " * 2_000, "X-Odd: \xff")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field[:40])
def test_no_field_brings_the_service_down(base, field):
    for method in ("GET", "HEAD"):
        assert got(base, "/ns", field, method=method).status in (200, 400, 406, 412, 417)


# --- codings, as they go over the wire

DECODED = {"": bytes, "gzip": lambda body: zlib.decompress(body, 31), "zstd": codings.zstd.decompress}
DOCUMENTS = (("/ns", "text/turtle"), ("/ns", "text/html"), ("/ns.rdf", "*/*"), ("/", "text/html"),
             ("/doc/id/lighthouse/cape", "application/ld+json"), ("/catalogue", "text/turtle"),
             ("/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D", "text/csv"), ("/none", "text/html"),
             ("/none", "application/problem+json"), ("/dumps/dataset.ttl", "*/*"))


@pytest.mark.parametrize(("path", "accept"), DOCUMENTS)
@pytest.mark.parametrize("coding", ["", "gzip", "zstd"])
def test_an_answer_in_a_coding_is_the_answer(base, path, accept, coding):
    fields = (f"Accept: {accept}", f"Accept-Encoding: {coding}")
    plain, answer, head = got(base, path, fields[0]), got(base, path, *fields), got(base, path, *fields, method="HEAD")
    told = answer.headers.get("content-encoding", "")
    assert told in ("", coding) and DECODED[told](answer.body) == plain.body
    assert (head.status, head.body) == (answer.status, b"")
    assert {**head.headers, "date": ""} == {**answer.headers, "date": ""}
    assert "Accept-Encoding" in answer.headers["vary"].split(", ")
    assert int(answer.headers["content-length"]) == len(answer.body) <= len(plain.body)
    assert plain.status != 200 or (answer.headers["etag"] == plain.headers["etag"]) == (not told)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_what_is_held_in_any_coding_need_not_be_sent_again(base, coding):
    fields = ("Accept: text/html", f"Accept-Encoding: {coding}")
    first = got(base, "/ns", *fields)
    plain = got(base, "/ns", fields[0])
    for tag in (first.headers["etag"], plain.headers["etag"], f"W/{first.headers['etag']}"):
        again = got(base, "/ns", *fields, f"If-None-Match: {tag}")
        assert (again.status, again.headers["etag"]) == (304, tag.removeprefix("W/"))
        assert again.headers["vary"] == first.headers["vary"] and "content-encoding" not in again.headers
    assert got(base, "/ns", fields[0], f"If-None-Match: {first.headers['etag']}").status == 200, "it takes no such coding"


@pytest.mark.parametrize("value", ["identity;q=0", "*;q=0", "gzip;q=0, identity;q=0", "br, identity;q=0"])
def test_where_no_coding_is_taken_there_is_no_answer(base, value):
    for path in ("/ns.ttl", "/none", "/dumps/dataset.ttl", "/sparql?query=ASK%20%7B%7D"):
        answer = got(base, path, f"Accept-Encoding: {value}")
        assert (answer.status, answer.headers["content-type"]) == (406, "application/problem+json")


def test_a_range_of_a_packed_dump_is_one_of_its_packed_bytes(base):
    path, coding = "/dumps/dataset.ttl", "Accept-Encoding: gzip"
    whole, plain = got(base, path, coding), got(base, path)
    assert whole.body == got(base, path + ".gz").body and zlib.decompress(whole.body, 31) == plain.body
    part = got(base, path, coding, "Range: bytes=5-99", f"If-Range: {whole.headers['etag']}")
    assert (part.status, part.body, part.headers["content-encoding"]) == (206, whole.body[5:100], "gzip")
    other = got(base, path, coding, "Range: bytes=5-99", f"If-Range: {plain.headers['etag']}")
    assert (other.status, other.body) == (200, whole.body)
