"""Answers given from memory: which are kept, for how long, and that they are what the application would have said."""

from __future__ import annotations

import io
import random
import threading
import zlib
from pathlib import Path

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from triplehelix.web.cache import OVERHEAD_BYTES, Answer, Cache, size
from triplehelix.web.codings import acceptable, zstd
from triplehelix.web.front import ACCEPT_CHARACTERS, BODY_BYTES, LARGEST_BYTES, RELEASE, WHOLE_BYTES, Remembering

HOST = "127.0.0.1:8000"
FORM = "application/x-www-form-urlencoded"


def answer(body: bytes) -> Answer:
    return Answer("200 OK", [("ETag", '"a"')], body)


def key(name: str) -> tuple[str, ...]:
    return (name,)


def test_the_oldest_answer_goes_when_there_is_no_room():
    cache = Cache(3 * size(key("a"), answer(b"." * 100)))
    for name in "abc":
        cache.put(key(name), answer(b"." * 100))
    assert cache.get(key("a"))
    cache.put(key("d"), answer(b"." * 100))
    assert [name for name in "abcd" if cache.get(key(name))] == ["a", "c", "d"]


def test_an_answer_larger_than_the_cache_is_not_kept():
    cache = Cache(2 * OVERHEAD_BYTES)
    cache.put(key("large"), answer(b"." * 2 * OVERHEAD_BYTES))
    assert (len(cache), cache.get(key("large"))) == (0, None)
    cache.put(key("small"), answer(b"."))
    assert cache.get(key("small"))


def test_an_answer_takes_the_place_of_the_one_before():
    cache = Cache(2 * size(key("a"), answer(b"..")))
    for _ in range(10):
        cache.put(key("a"), answer(b".."))
    cache.put(key("b"), answer(b".."))
    assert cache.get(key("a")) and cache.get(key("b"))


def test_threads_may_share_a_cache():
    cache = Cache(5 * size(key("00"), answer(b"0")))
    wrong = []

    def visit(start: int) -> None:
        for n in range(2_000):
            name = f"{(start * 7 + n) % 20:02}"
            found = cache.get(key(name))
            if found and found.body != name[:1].encode():
                wrong.append(name)
            cache.put(key(name), answer(name[:1].encode()))

    threads = [threading.Thread(target=visit, args=(start,)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(cache)) == ([], 5)


class Told:
    """An application that says what it is told to, counts how often it is asked, and closes what it gives."""

    def __init__(self, status: str = "200 OK", body: bytes = b"whole", **headers: str):
        self.asked, self.closed, self.status, self.body = 0, 0, status, body
        self.headers = {"Content-Length": str(len(body)), "ETag": '"tag"', "Vary": "Accept",
                        **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.release = ""

    def __repr__(self) -> str:
        """The same in each process that runs tests: it names one of them."""
        return " ".join([self.status, self.body[:20].decode("latin-1"), *(value[:40] for value in self.headers.values())])

    def __call__(self, environ, start_response):
        self.asked += 1
        self.release, self.read = environ.get(RELEASE, ""), environ["wsgi.input"].read()
        start_response(self.status, [(name, value) for name, value in self.headers.items() if value])
        return self

    def __iter__(self):
        yield from (self.body[:2], self.body[2:])

    def close(self):
        self.closed += 1


@pytest.fixture(name="releases")
def releases_fixture(tmp_path: Path) -> Path:
    """A folder with a link to a release, of which nothing else is read here."""
    (tmp_path / "current").symlink_to("first")
    return tmp_path


def environment(path: str = "/ns", method: str = "GET", host: str = HOST, **arguments: object) -> dict:
    return EnvironBuilder(path, f"http://{host}/", method=method, **arguments).get_environ()


def ask(front: Remembering, path: str = "/ns", method: str = "GET", **arguments: object) -> tuple[str, dict, bytes]:
    body, status, headers = run_wsgi_app(front, environment(path, method, **arguments), buffered=True)
    return status, dict(headers), b"".join(body)


def times_asked(releases: Path, told: Told, times: int = 3, **arguments: object) -> int:
    front = Remembering(told, releases, frozenset([HOST]))
    answers = [ask(front, **arguments) for _ in range(times)]
    assert answers == [answers[0]] * times
    return told.asked


@pytest.mark.parametrize("arguments", [
    {}, {"path": "/ns?page=2"}, {"headers": {"Accept": "text/html"}}, {"headers": {"Cookie": "a=b"}},
    {"path": "/sparql", "method": "POST", "data": b"query=ASK{}", "content_type": FORM},
    {"path": "/sparql", "method": "QUERY", "data": b"ASK {}", "content_type": "application/sparql-query"},
    {"headers": {"X-Forwarded-For": "203.0.113.9"}}, {"headers": {"Content-Length": "0"}},
    {"headers": {"If-Modified-Since": "x"}}, {"headers": {"Accept-Encoding": "gzip"}}, {"method": "HEAD"},
    {"method": "HEAD", "headers": {"Range": "bytes=0-1"}},
], ids=str)
def test_what_was_answered_is_not_asked_again(releases, arguments):
    assert times_asked(releases, Told(), **arguments) == 1


@pytest.mark.parametrize("arguments", [
    {"method": "OPTIONS"}, {"method": "DELETE"}, {"method": "POST"}, {"host": "evil.example"}, {"host": HOST.replace("0", "1")},
    {"headers": {"Accept": "a/b," * (ACCEPT_CHARACTERS // 4) + "c/d"}}, {"data": b"body", "method": "GET"},
    {"path": "/sparql", "method": "PUT", "data": b"x"},
    {"path": "/sparql", "method": "POST", "data": b"q" * (BODY_BYTES + 1), "content_type": FORM},
    {"path": "/sparql", "method": "POST", "data": b"q", "content_type": "a/b; " + "c" * BODY_BYTES},
    {"headers": {"Accept-Encoding": "identity;q=0"}},
    *({"headers": {name: "x"}} for name in ("Range", "If-Range", "If-Match", "If-Unmodified-Since", "Content-Encoding",
                                            "Transfer-Encoding", "Expect")),
], ids=lambda arguments: str(arguments)[:60])
def test_a_request_with_more_in_it_goes_to_the_application(releases, arguments):
    assert times_asked(releases, Told(), **arguments) == 3


@pytest.mark.parametrize(("told", "asked"), [
    (Told("303 SEE OTHER", Location="/doc", ETag=""), 1), (Told(Vary=""), 1), (Told(body=b"." * LARGEST_BYTES), 1),
    (Told(Cache_Control="public, max-age=60"), 1), (Told(Cache_Control="max-age=31536000, immutable"), 1),
    (Told(Vary="accept"), 1), (Told(Vary="Accept-Encoding"), 3), (Told(Vary="Accept, accept-encoding"), 3),
    (Told("303 SEE OTHER", Location="/doc", Cache_Control="max-age=60", ETag=""), 1), (Told(Cache_Control="no-cache"), 3),
    (Told(Cache_Control="public, No-Cache"), 3), (Told(Cache_Control='private="x"'), 3), (Told(body=b"." * (WHOLE_BYTES + 1)), 3),
    (Told("303 SEE OTHER", ETag=""), 3), (Told("404 NOT FOUND"), 3), (Told("301 MOVED", Location="/x"), 3),
    (Told("206 PARTIAL CONTENT"), 3), (Told("503 BUSY", Retry_After="1"), 3), (Told("500 FAULT"), 3),
    (Told(ETag=""), 3), (Told(Retry_After="5"), 3), (Told(Cache_Control="no-store"), 3), (Told(Set_Cookie="a=b"), 3),
    (Told(Vary="Accept, Accept-Language"), 3), (Told(Vary="*"), 3), (Told(body=b"." * (LARGEST_BYTES + 1)), 3),
    (Told(Content_Length=""), 3), (Told(body=b"cut", Content_Length="4"), 3),
], ids=lambda value: f"{value.status} {value.headers}"[:120] if isinstance(value, Told) else str(value))
def test_only_whole_and_lasting_answers_are_kept(releases, told, asked):
    told.asked = told.closed = 0
    assert times_asked(releases, told) == asked
    assert told.closed == asked, "what an application gives has to be closed"


@pytest.mark.parametrize("change", [
    {"path": "/other"}, {"path": "/ns?a"}, {"headers": {"Accept": "text/turtle"}}, {"headers": {"Accept": ""}},
    {"environ_overrides": {"SCRIPT_NAME": "/kg"}}, {"host": "localhost:8000"}], ids=str)
def test_another_request_has_another_answer(releases, change):
    told = Told()
    front = Remembering(told, releases, frozenset([HOST, "localhost:8000"]))
    ask(front)
    ask(front, **change)
    assert told.asked == 2


@pytest.mark.parametrize("change", [{"data": b"b"}, {"content_type": "text/plain"}, {"method": "QUERY"}, {"path": "/sparql?x"}])
def test_another_body_has_another_answer(releases, change):
    told, first = Told(), {"path": "/sparql", "method": "POST", "data": b"a", "content_type": FORM}
    front = Remembering(told, releases, frozenset([HOST]))
    ask(front, **first)
    ask(front, **{**first, **change})
    assert told.asked == 2


def test_a_new_release_has_new_answers_and_the_one_before_keeps_its_own(releases):
    told = Told()
    front = Remembering(told, releases, frozenset([HOST]))
    for release, asked in (("first", 1), ("second", 2), ("first", 2)):
        (releases / "next").symlink_to(release)
        (releases / "next").rename(releases / "current")
        ask(front)
        assert told.asked == asked
    assert told.release == "second"


def test_without_a_release_the_application_answers(releases):
    (releases / "current").unlink()
    assert times_asked(releases, Told()) == 3


def test_the_application_reads_the_whole_body(releases):
    told = Told()
    ask(Remembering(told, releases, frozenset([HOST])), "/sparql", "POST", data=b"query=ASK{}", content_type=FORM)
    assert told.read == b"query=ASK{}"


def test_a_cut_body_reaches_the_application_as_it_came(releases):
    told, cut = Told(), environment("/sparql", "POST", data=b"query=ASK{}", content_type=FORM)
    front = Remembering(told, releases, frozenset([HOST]))
    for _ in range(2):
        run_wsgi_app(front, {**cut, "wsgi.input": io.BytesIO(b"query="), "CONTENT_LENGTH": "11"})
    assert (told.asked, told.read) == (2, b"query=")


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "9" * 5000, "3 ", "0x3"])
def test_a_length_that_is_no_number_is_for_the_application(releases, length):
    told = Told()
    environ = {**environment("/sparql", "POST", data=b"abc", content_type=FORM), "CONTENT_LENGTH": length}
    run_wsgi_app(Remembering(told, releases, frozenset([HOST])), environ)
    assert told.read == b"abc"


@pytest.mark.parametrize(("condition", "status"), [
    ('"tag"', "304"), ('"tag-gzip"', "200"), ('W/"tag"', "304"), ("*", "304"), ('"x", W/"y", "tag"', "304"), ("tag", "304"),
    ('"other"', "200"), ('"TAG"', "200"), ("", "200"), (",,,", "200"), ('"tag', "200"), ('"' * 9_999, "200")],
    ids=lambda value: value[:20])
def test_a_condition_is_judged_before_the_application_is_asked(releases, condition, status):
    told = Told(Content_Type="text/turtle", Link="<x>", Content_Location="/ns.ttl")
    front = Remembering(told, releases, frozenset([HOST]))
    for _ in range(2):
        got, headers, body = ask(front, headers={"If-None-Match": condition})
        assert (got[:3], headers["ETag"], headers.get("Link")) == (status, '"tag"', None if status == "304" else "<x>")
        assert (headers["Vary"], headers["Content-Location"]) == ("Accept, Accept-Encoding", "/ns.ttl")
        assert ("Content-Type" in headers, body) == ((False, b"") if status == "304" else (True, b"whole"))
    assert told.asked == 1


@pytest.mark.parametrize(("since", "status"), [
    ("Sun, 01 Nov 2026 00:00:00 GMT", "304"), ("Mon, 02 Nov 2026 00:00:00 GMT", "304"), ("Sat, 31 Oct 2026 23:59:59 GMT", "200"),
    ("Sunday, 01-Nov-26 00:00:00 GMT", "304"), ("", "200"), ("yesterday", "200"), ("Sun, 99 Nov 9999999 00:00:00 GMT", "200")])
def test_a_date_is_judged_where_no_tag_is_given(releases, since, status):
    told = Told(Last_Modified="Sun, 01 Nov 2026 00:00:00 GMT")
    front = Remembering(told, releases, frozenset([HOST]))
    for _ in range(2):
        got, headers, body = ask(front, headers={"If-Modified-Since": since})
        assert (got[:3], headers["ETag"], body) == (status, '"tag"', b"" if status == "304" else b"whole")
    assert ask(front, headers={"If-Modified-Since": since, "If-None-Match": '"other"'})[0][:3] == "200"
    assert ask(front, headers={"If-Modified-Since": "yesterday", "If-None-Match": '"tag"'})[0][:3] == "304"
    assert told.asked == 1


def test_without_a_date_none_is_judged(releases):
    front = Remembering(Told(), releases, frozenset([HOST]))
    assert ask(front, headers={"If-Modified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"})[0][:3] == "200"


@pytest.mark.parametrize(("header", "codings"), [
    (None, "identity"), ("", "identity"), ("identity", "identity"), ("gzip", "gzip identity"), ("x-gzip", "gzip identity"),
    ("zstd", "zstd identity"), ("gzip, deflate, br, zstd", "zstd gzip identity"), ("gzip, deflate, br", "gzip identity"),
    ("br", "identity"), ("*", "gzip identity"), ("GZIP;Q=1.000", "gzip identity"), ("gzip ; q = 0.5", "gzip identity"),
    ("zstd;q=0.1, gzip;q=0.2", "gzip zstd identity"), ("gzip;q=0.5, identity", "identity gzip"), ("gzip;q=0", "identity"),
    ("gzip;q=0, *", "identity"), ("identity;q=0", ""), ("*;q=0", ""), ("identity;q=0, *", "gzip"), ("zstd, *;q=0", "zstd"),
    ("identity;q=0.1, *;q=0", "identity"), ("gzip;q=1.5", "identity"), ("gzip;q=nan", "identity"), ("gzip;level=9", "identity"),
    ("gzip, gzip;q=0", "gzip identity"), (",,,;;;=,", "identity"), ("gzip" * 4_000, "identity"), ("\xff;q=1", "identity"),
    ("*;q=0.5, zstd;q=0.4", "gzip identity zstd")])
def test_accept_encoding_has_a_normal_form(header, codings):
    assert acceptable(header) == tuple(codings.split())


CODED = {"gzip": lambda body: zlib.decompress(body, 31), "zstd": zstd.decompress}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_body_is_coded_once(releases, coding, method):
    told = Told(body=b"whole " * 1_000, Content_Type="text/turtle")
    front = Remembering(told, releases, frozenset([HOST]))
    for header in (coding, f"{coding}, br", f"{coding};q=0.3, nonsense", coding):
        _, headers, body = ask(front, method=method, headers={"Accept-Encoding": header})
        assert (headers["Content-Encoding"], headers["ETag"]) == (coding, f'"tag-{coding}"')
        assert headers["Vary"] == "Accept, Accept-Encoding" and headers["Content-Type"] == "text/turtle"
        assert int(headers["Content-Length"]) < 100 and (method == "HEAD" or CODED[coding](body) == told.body)
    assert (told.asked, len(front._cache)) == (1, 1)
    assert ask(front)[2] == told.body and "Content-Encoding" not in ask(front)[1]
    assert (told.asked, len(front._cache)) == (2, 2)
    other = next(iter({*CODED} - {coding}))
    assert CODED[other](ask(front, headers={"Accept-Encoding": other})[2]) == told.body
    assert told.asked == 2, "another coding is made of the plain answer"


def test_a_flood_of_strange_headers_fills_nothing(releases):
    front = Remembering(Told(body=b"whole " * 1_000), releases, frozenset([HOST]))
    names = ("gzip", "zstd", "identity", "*", "br")
    for number in range(2_000):
        members = (f"{name};q=0.{number * 7919 >> place & 7}" for place, name in enumerate(names))
        ask(front, headers={"Accept-Encoding": ", ".join([f"x{number}", *members])})
    assert len(front._cache) <= 16


@pytest.mark.parametrize(("told", "header", "coding"), [
    (Told(body=b"short"), "gzip", None), (Told(body=b"short"), "gzip, identity;q=0", "gzip"),
    (Told(body=random.Random(1).randbytes(2_000)), "gzip", None),
    (Told("404 NOT FOUND", b"absent " * 500), "gzip", "gzip"), (Told("404 NOT FOUND", b"absent"), "gzip", None),
    (Told("301 MOVED", b"there " * 500, Location="/"), "gzip", None), (Told("206 PARTIAL CONTENT", b"part " * 500), "gzip", None),
    (Told(body=b"packed" * 500, Vary="Accept-Encoding", Content_Encoding="x"), "gzip", "x"),
    (Told(body=b"." * (LARGEST_BYTES + 1)), "zstd", "zstd"), (Told(body=b"." * (WHOLE_BYTES + 1)), "zstd", None),
    (Told(body=b"cut" * 500, Content_Length="4000"), "gzip", None)], ids=str)
def test_what_is_coded(releases, told, header, coding):
    for _ in range(2):
        _, headers, body = ask(Remembering(told, releases, frozenset([HOST])), headers={"Accept-Encoding": header})
        assert headers.get("Content-Encoding") == coding
        assert CODED.get(coding, bytes)(body) == told.body


def test_a_tag_counts_for_the_codings_that_are_taken(releases):
    front = Remembering(Told(body=b"whole " * 1_000), releases, frozenset([HOST]))
    for header, held in (("gzip", '"tag-gzip"'), ("gzip", '"tag"'), ("zstd, gzip", '"tag-gzip"'), ("", '"tag"')):
        status, headers, body = ask(front, headers={"Accept-Encoding": header, "If-None-Match": held})
        assert (status[:3], headers["ETag"], body, "Content-Encoding" in headers) == ("304", held, b"", False)
    for header, held in (("", '"tag-gzip"'), ("gzip", '"tag-zstd"'), ("gzip, identity;q=0", '"tag"')):
        assert ask(front, headers={"Accept-Encoding": header, "If-None-Match": held})[0][:3] == "200"


def test_head_is_answered_from_what_get_left(releases):
    told = Told()
    front = Remembering(told, releases, frozenset([HOST]))
    got = ask(front)
    assert ask(front, method="HEAD") == (*got[:2], b"")
    assert ask(front, method="HEAD", headers={"If-None-Match": "*"})[0][:3] == "304"
    assert told.asked == 1
