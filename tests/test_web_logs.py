"""The log: one line of JSON for each request and each failure, whole, with nothing in it that says who asked or what for."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from conftest import free_port, served
from hostile.exchange import heard
from rooms import family, room_of, supervisor, within
from triplehelix import journal
from triplehelix.build import build
from triplehelix.project import Project
from triplehelix.releases import read_manifest
from triplehelix.web.errors import guarded
from triplehelix.web.logs import KEY_BYTES, RequestLog
from triplehelix.web.watching import watched

SECRET = "Karel Novák"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
ALWAYS = {"time", "event", "method", "path", "status", "bytes", "ms", "format", "release", "kept"}
AT_TIMES = {"query", "query_bytes", "engine_ms", "whole"}


class Served:
    """The miniature behind a server that writes everything down, and what it has written."""

    def __init__(self, base: str, log: Path, release: str):
        self.base, self.release = base, release
        self._log = log

    def ask(self, path: str, data: bytes | None = None, method: str | None = None, **headers: str) -> bytes:
        request = Request(self.base + path, data, headers, method=method)
        with urlopen(request, timeout=20) as response:
            return response.read()

    def wire(self, text: bytes) -> bytes:
        return heard(urlsplit(self.base).netloc, [text.replace(b"HOST", urlsplit(self.base).netloc.encode())], 5)

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self._log.read_bytes().splitlines() if line.startswith(b"{")]

    def line(self, path: str) -> dict:
        """The newest line of a path; it is written when the answer has been given, so it may come a moment later."""
        found: list[dict] = []
        assert within(5, lambda: found.extend(row for row in self.lines() if row.get("path") == path) or bool(found))
        return found[-1]


@pytest.fixture(scope="module", name="site")
def site_fixture(mini_release: Path) -> Iterator[Served]:
    with served(mini_release, "--log") as base:
        yield Served(base, mini_release.parent / "serve.log", read_manifest(mini_release).version)


# --- a line

def test_a_line_says_what_was_asked_and_what_it_took(site: Served):
    body = site.ask("doc/id/harbour/east", Accept="text/turtle")
    line = site.line("/doc/id/harbour/east")
    assert set(line) == ALWAYS
    assert (line["event"], line["method"], line["status"], line["bytes"]) == ("request", "GET", 200, len(body))
    assert (line["format"], line["release"], line["kept"]) == ("text/turtle", site.release, False)
    assert 0 < line["ms"] < 20_000
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])


def test_an_answer_from_memory_is_told_and_costs_the_engine_nothing(site: Served):
    # Each of the two web processes remembers its own answers.
    for _ in range(40):
        site.ask("sparql?" + urlencode({"query": COUNT}))
    assert within(5, lambda: len([row for row in site.lines() if row["event"] == "request" and row["path"] == "/sparql"]) >= 40)
    rows = [row for row in site.lines() if row["event"] == "request" and row["path"] == "/sparql"]
    kept, made = [row for row in rows if row["kept"]], [row for row in rows if not row["kept"]]
    assert kept and 1 <= len(made) <= 2
    assert all("engine_ms" not in row for row in kept) and all(0 < row["engine_ms"] <= row["ms"] for row in made)


def test_a_file_is_counted_to_its_last_byte(site: Served):
    body = site.ask("dumps/dataset.nq")
    assert site.line("/dumps/dataset.nq")["bytes"] == len(body) > 0


def test_head_is_head_and_a_refusal_has_its_status(site: Served):
    site.ask("ns", method="HEAD")
    assert (site.line("/ns")["method"], site.line("/ns")["bytes"]) == ("HEAD", 0)
    site.wire(b"GET /nowhere HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
    assert site.line("/nowhere")["status"] == 404


# --- what is not in it

def test_no_line_says_who_asked_or_what_for(site: Served):
    asked = COUNT + f' # {SECRET}'
    site.ask("sparql?" + urlencode({"query": asked}), **{"User-Agent": "an-agent/7", "X-Forwarded-For": "203.0.113.77"})
    site.ask("sparql", asked.encode(), **{"Content-Type": "application/sparql-query", "Referer": "http://from.example/"})
    site.ask("?" + urlencode({"q": SECRET}))
    within(5, lambda: site.lines()[-1]["path"] == "/")
    told = site._log.read_text()
    for secret in ("Karel", "Nov", "127.0.0.1\"", "203.0.113.77", "an-agent", "from.example", "COUNT"):
        assert secret not in told.partition("\n")[2], secret
    assert all(set(row) <= ALWAYS | AT_TIMES for row in site.lines() if row["event"] == "request")


def test_the_same_query_is_known_again_in_one_run_and_by_nobody_else():
    told = [_hash(key, query) for key in (b"1" * KEY_BYTES, b"2" * KEY_BYTES) for query in ("query=a", "query=a", "query=b")]
    assert told[0] == told[1] and len(set(told)) == 4 and all(re.fullmatch("[0-9a-f]{12}", value) for value in told)


def _hash(key: bytes, query: str) -> str:
    return RequestLog(key)._query({"QUERY_STRING": query})["query"]


# --- hostile requests

@pytest.mark.parametrize("path", [
    b"/%0A%7B%22event%22:%22request%22%7D", b"/%0d%0a%1b[2J", b"/%ff%fe", b"/%e2%80%a8%c2%85", b"/\xff\xc3\x28", b"/%22%5c%00",
    b"/%ED%A0%80", b"/" + "ž".encode()])
def test_a_path_cannot_write_lines_of_its_own(site: Served, path: bytes):
    before = len(site._log.read_bytes().splitlines())
    mark = os.urandom(6).hex()
    site.wire(b"GET " + path + mark.encode() + b" HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
    within(1, lambda: mark in site._log.read_text(errors="strict"))
    data = site._log.read_bytes()
    assert data.isascii() and not set(data) & (set(range(32)) - {10}) and b"\x7f" not in data
    rows = [row for row in site.lines() if mark in row.get("path", "")]
    assert len(data.splitlines()) - before == len(rows) <= 1


def test_a_long_path_and_a_long_method_are_cut(site: Served):
    site.wire(b"GET /" + b"%00" * 3000 + b" HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
    site.wire(b"X" * 300 + b" /long-method HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
    site.ask("health")
    site.line("/health")
    assert all(len(row["path"]) <= 1000 and len(row["method"]) <= 20 for row in site.lines() if row["event"] == "request")
    assert max(map(len, site._log.read_bytes().splitlines())) < journal.LINE_BYTES


def test_lines_of_several_threads_and_processes_never_mix(site: Served):
    marks = [os.urandom(6).hex() for _ in range(8)]
    threads = [threading.Thread(target=lambda mark=mark: [site.ask(f"health?{mark}={n}") for n in range(25)]) for mark in marks]
    before = len(site.lines())
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert within(5, lambda: len(site.lines()) - before >= 200)
    assert len(site.lines()) - before == 200


# --- failures

def test_a_failure_is_one_line_with_its_trace(capfd: pytest.CaptureFixture[str]):
    def broken(*_: object):
        raise ValueError("line one\nline two\x1b[2J \ud800")

    answers = []
    body = guarded(broken)({"REQUEST_METHOD": "GET", "PATH_INFO": "/a\nb"}, lambda *given: answers.append(given))
    line = only(capfd)
    assert (line["event"], line["error"], line["path"], line["method"]) == ("error", "ValueError", "/a%0Ab", "GET")
    assert "in broken" in line["trace"] and "line two" in line["trace"]
    assert answers[0][0].startswith("500 ") and json.loads(body[0])["status"] == 500 and b"line one" not in body[0]


def test_what_fails_in_flask_is_written_down_too(mini_release: Path, capfd: pytest.CaptureFixture[str]):
    from triplehelix.web import Settings, create_app
    app = create_app(mini_release.parent, None, Settings(read_manifest(mini_release).base))
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    host = urlsplit(read_manifest(mini_release).base).netloc
    assert app.test_client().get("/broken?q=secret", base_url=f"http://{host}/").status_code == 500
    line = only(capfd)
    assert line["error"] == "ZeroDivisionError" and line["path"] == "/broken" and "secret" not in line["trace"]


def test_a_release_that_cannot_be_read_is_written_down(mini_release: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    from triplehelix.web import Settings, create_app
    (tmp_path / "current").symlink_to("nowhere")
    app = create_app(tmp_path, None, Settings(read_manifest(mini_release).base))
    host = urlsplit(read_manifest(mini_release).base).netloc
    assert app.test_client().get("/ns", base_url=f"http://{host}/").status_code == 503
    line = only(capfd)
    assert line["error"] == "Faulty" and "nowhere" in line["trace"]


def test_a_long_trace_keeps_its_end(capfd: pytest.CaptureFixture[str]):
    journal.failed("error", ValueError("x" * 20_000 + "the end"))
    data = capfd.readouterr().err
    line = json.loads(data)
    assert len(data) <= journal.LINE_BYTES and line["cut"] == "trace" and line["trace"].endswith("the end\n")


def test_a_log_that_nobody_takes_stops_nothing(monkeypatch: pytest.MonkeyPatch):
    taken, given = os.pipe()
    os.close(taken)
    monkeypatch.setattr(journal, "STANDARD_ERROR", given)
    try:
        answered = watched(lambda _, start: start("200 OK", []) or [b"a"], [RequestLog(b"k" * KEY_BYTES)])
        assert answered({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None) == [b"a"]
    finally:
        os.close(given)


def test_an_engine_room_that_ends_is_told_of(site: Served):
    server = next(pid for pid in family(os.getpid()) if b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                  and urlsplit(site.base).port and str(urlsplit(site.base).port).encode()
                  in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(room_of(supervisor(server)), 9)
    assert within(5, lambda: any(row["event"] == "engine-room-ended" and row["status"] == 9 for row in site.lines()))
    assert within(10, lambda: b"results" in _tried(lambda: site.ask("sparql?" + urlencode({"query": COUNT + " #2"}))))


def _tried(ask: Callable[[], bytes]) -> bytes:
    try:
        return ask()
    except OSError:
        time.sleep(0.1)
        return b""


# --- without it

def test_without_options_nothing_is_written_of_requests_and_nothing_counted(mini: Project, tmp_path: Path):
    release = build(mini, tmp_path, f"http://127.0.0.1:{free_port()}/")
    with served(release) as base:
        site = Served(base, tmp_path / "serve.log", "")
        site.ask("doc/id/harbour/east?" + quote(SECRET))
        with pytest.raises(HTTPError) as told:
            site.ask("metrics")
    with told.value as answer:
        assert answer.code == 404
    assert site.lines() == []


def test_a_body_that_is_left_off_half_way_says_so(capfd: pytest.CaptureFixture[str]):
    def application(_: object, start_response):
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return iter([b"abc", b"def"])

    body = watched(application, [RequestLog(b"k" * KEY_BYTES)])({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None)
    assert next(body) == b"abc" and capfd.readouterr().err == ""
    body.close()
    body.close()
    line = only(capfd)
    assert (line["bytes"], line["whole"], line["format"]) == (3, False, "text/plain")


def only(capfd: pytest.CaptureFixture[str]) -> dict:
    line, = capfd.readouterr().err.splitlines()
    return json.loads(line)
