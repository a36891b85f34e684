"""What stands in front of Flask says what Flask says; who a client is, and whether he is still there."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from conftest import environment, free_port
from triplehelix.description.links import hosts
from triplehelix.findings import Faulty
from triplehelix.releases import read_manifest
from triplehelix.web import Settings, create_app
from triplehelix.web.front import Remembering, fronted
from triplehelix.web.shortcut import Shortcut
from triplehelix.web.visitors import NEAR_SECONDS, client, connection, networks
from web_release import LIMITS, room_fixture  # noqa: F401

SELECT, CONSTRUCT = "SELECT ?s { ?s a ?c } ORDER BY ?s LIMIT 5", "CONSTRUCT WHERE { ?s a ?c }"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
PATHS = ("", "health", "sparql", "ns", "ns.ttl", "ns/", "catalogue", ".well-known/void", "report", "dumps", "dumps/", "query",
         "dumps/dataset.ttl", "dumps/dataset.ttl?x=1", "dumps/tables.zip", "dumps/none.ttl",
         "graphs?default", "graphs", "query/", "list", "list?class=x", "static/site.css",
         "release/none/", "none", "/ns", "id/none", "dataset", "doc/none.ttl?page=0", "sparql?update=x", "sparql?query=SELECT",
         f"sparql?query={quote(SELECT)}", f"sparql?query={quote(SELECT)}&format=csv", f"sparql?query={quote(CONSTRUCT)}",
         f"sparql?query={quote(SELECT)}&query=x", "sparql?query=%FF")
HEADERS = (
    {}, {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}, {"Accept": "application/json"}, {"Accept": "text/turtle"},
    {"Accept": "image/png"}, {"Accept": ""}, {"If-None-Match": "*"}, {"If-None-Match": '"none"'}, {"If-None-Match": "nonsense"},
    {"Range": "bytes=0-9"}, {"If-Match": '"none"'}, {"If-Modified-Since": "Sat, 29 Oct 1994 19:43:31 GMT"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9", "X-Real-IP": "::1",
     "Forwarded": "for=203.0.113.9;host=evil.example", "X-HTTP-Method-Override": "DELETE"},
    {"Accept-Language": "el", "Accept-Encoding": "gzip, br", "Accept-Charset": "utf-7", "Cookie": "session=1",
     "Authorization": "Basic eDp5", "Origin": "https://example.org", "Referer": "https://example.org/", "User-Agent": "x",
     "Cache-Control": "no-cache", "Pragma": "no-cache", "Sec-Fetch-Mode": "cors"})
BODIES = ((SELECT, DIRECT), (f"query={quote(SELECT)}", FORM), (f"query={quote(CONSTRUCT)}", FORM), ("", FORM), ("SELECT", DIRECT),
          (SELECT, "text/plain"), (SELECT, "application/sparql-update"), (SELECT, DIRECT + "; charset=latin1"))


Answer = tuple[str, dict[str, str], bytes]


def plain(answer: Answer) -> Answer:
    """An answer of the front without what it makes of the codings that a client takes: the words of Flask."""
    status, told, body = answer
    told = {name: value.removesuffix(", Accept-Encoding") for name, value in told.items()}
    if told.get("Vary") == "Accept-Encoding":
        del told["Vary"]
    if coding := told.get("Content-Encoding"):
        body = zlib.decompress(body, 31) if body else b""
        told = {name: value.removesuffix(f'-{coding}"') + '"' * (name == "ETag") for name, value in told.items()
                if name not in ("Content-Encoding", "Content-Length")}
    return status, told, body


class Pair:
    """Flask alone, and Flask behind the front, which counts what it passes on."""

    def __init__(self, release: Path, room: object):
        self.base = read_manifest(release).base
        settings = Settings(self.base, limits=LIMITS)
        self.alone = create_app(release.parent, room, settings)
        self.passed = 0
        self.front = fronted(Remembering(self._counted(self.alone), release.parent, hosts(self.base),
                                         self._counted(Shortcut(self.alone))), self.base)

    def _counted(self, application):
        def counted(environ, start_response):
            self.passed += 1
            return application(environ, start_response)
        return counted

    def same(self, path: str, method: str, headers: dict[str, str], **body: str) -> Answer:
        """The answer to one request, which is the same alone, behind the front, and when it is given again."""
        def answer(application) -> Answer:
            environ = EnvironBuilder("/" + path, self.base, method=method, headers=headers, **body).get_environ()
            given, status, told = run_wsgi_app(application, environ, buffered=True)
            return status, {name: value for name, value in told if name != "Date"}, b"".join(given)

        alone, first, again = answer(self.alone), answer(self.front), answer(self.front)
        assert first == again, f"{method} /{path} {headers}"
        if "Accept-Encoding" in alone[1].get("Vary", ""):  # it chooses a coding itself, and the front leaves it alone
            assert first == alone, f"{method} /{path} {headers}"
            return first
        status, told, given = plain(first)
        if "Content-Encoding" in first[1]:
            told["Content-Length"] = alone[1]["Content-Length"]
        assert (status, told, given) == plain(alone), f"{method} /{path} {headers}"
        return first


@pytest.fixture(scope="module", name="pair")
def pair_fixture(mini_release, room) -> Pair:
    return Pair(mini_release, room)


def tags(answer: Answer) -> Iterator[str]:
    """Conditions that an answer with an entity tag fulfils, or just fails to."""
    if tag := answer[1].get("ETag"):
        yield from (tag, f"W/{tag}", f'"x", {tag}', tag.upper(), tag[:-1])


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "DELETE", "get"])
@pytest.mark.parametrize("path", PATHS)
def test_the_front_says_what_flask_says(pair, path, method):
    for headers in HEADERS:
        if not (method == "HEAD" and "Range" in headers):  # the front alone knows that HEAD has no ranges
            pair.same(path, method, headers)
    for tag in tags(pair.same(path, method, {})):
        pair.same(path, method, {"If-None-Match": tag})


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize(("body", "kind"), BODIES)
def test_the_front_says_what_flask_says_to_a_body(pair, method, body, kind):
    for headers in ({}, {"Accept": "text/csv, text/turtle"}, {"Accept": "text/html"}, {"If-None-Match": "*"},
                    {"Content-Encoding": "gzip"}, {"Transfer-Encoding": "chunked"}):
        pair.same("sparql", method, headers, data=body, content_type=kind)
    pair.same("ns", method, {}, data=body, content_type=kind)


def test_every_thing_of_a_release_is_the_same_behind_the_front(pair, mini_release):
    things = sorted(set(re.findall(f"^<{pair.base}([^>#]*)>", (mini_release / "dumps/dataset.nt").read_text(), re.M)))
    assert len(things) > 10
    for path in things:
        for headers in HEADERS[:4]:
            pair.same(path, "GET", headers)


def test_the_second_time_flask_is_not_asked(pair):
    for path in ("ns", f"sparql?query={quote(SELECT)}", "id/none"):
        pair.same(path, "GET", {"Accept": "text/csv, text/turtle"})
        before = pair.passed
        pair.same(path, "GET", {"Accept": "text/csv, text/turtle"})
        assert pair.passed - before == (2 if path == "id/none" else 0)


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}, {"If-None-Match": '"none"'}])
def test_a_dump_comes_without_flask(pair, monkeypatch, headers):
    expected = pair.same("dumps/dataset.ttl", "GET", headers)
    monkeypatch.setattr(pair.alone, "wsgi_app", lambda *_: pytest.fail("Flask was asked"))
    environ = EnvironBuilder("/dumps/dataset.ttl", pair.base, headers=headers).get_environ()
    given, status, told = run_wsgi_app(pair.front, environ, buffered=True)
    assert (status, dict(told), b"".join(given)) == expected


class Counting:
    """An engine that counts how often it is asked."""

    def __init__(self, room: object):
        self.room, self.asked = room, 0

    def execute(self, *arguments):
        self.asked += 1
        return self.room.execute(*arguments)


@pytest.mark.parametrize(("query", "status"), [
    (SELECT, "200"), ("ASK { SERVICE <http://example.org/> {} }", "403"), ("ASK { ?s ?p ?o . FILTER(nonsense(?s)) }", "400"),
    ("SELECT (NOW() AS ?now) {}", "200"), ("SELECT (rand #\n () AS ?r) {}", "200")])
def test_the_engine_is_asked_once_for_an_answer(mini_release, room, query, status):
    counting = Counting(room)
    pair = Pair(mini_release, counting)
    told = run_wsgi_app(pair.front, EnvironBuilder(f"/sparql?query={quote(query)}", pair.base).get_environ(), buffered=True)
    assert (told[1][:3], counting.asked) == (status, 1)
    assert (told[2].get("Cache-Control") == "no-cache") == ("(" in query and status == "200")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:99999", "", "LOCALHOST:%d", "a b"])
def test_another_host_is_refused_as_before(pair, host):
    named = host.replace("%d", str(urlsplit(pair.base).port))
    status, _, _ = pair.same("ns", "GET", {"Host": named})
    assert status[:3] == ("200" if "LOCALHOST" in host else "400" if not host else "421")


# --- who a client is

PROXY = "10.0.0.1"


@pytest.mark.parametrize(("peer", "trusted", "forwarded", "expected"), [
    ("203.0.113.9", (), None, "203.0.113.9"), ("203.0.113.9", (), "198.51.100.1", "203.0.113.9"),
    ("203.0.113.9", (PROXY,), "198.51.100.1", "203.0.113.9"), (PROXY, (PROXY,), "198.51.100.1", "198.51.100.1"),
    (PROXY, (PROXY,), "6.6.6.6, 198.51.100.1", "198.51.100.1"), (PROXY, ("10.0.0.0/8",), "6.6.6.6,198.51.100.1, 10.9.9.9",
                                                                 "198.51.100.1"),
    (PROXY, ("10.0.0.0/8",), "10.0.0.7, 10.0.0.8", "10.0.0.7"), (PROXY, (PROXY,), None, PROXY), (PROXY, (PROXY,), "", PROXY),
    ("2001:db8:1:2:3::4", (), None, "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::", (), None, "2001:db8:1:2::/64"),
    ("::ffff:203.0.113.9", (), None, "203.0.113.9"), ("::ffff:10.0.0.1", (PROXY,), "198.51.100.1", "198.51.100.1"),
    ("::1", ("::1",), "2001:db8::5", "2001:db8::/64"), ("fe80::1%eth0", (), None, "fe80::/64"), ("", (), None, ""),
    ("unix:", (PROXY,), "198.51.100.1", "unix:")])
def test_a_client_is_who_a_trusted_proxy_says(peer, trusted, forwarded, expected):
    told = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert client({"REMOTE_ADDR": peer, **told}, networks(trusted)) == expected


@pytest.mark.parametrize("hostile", [
    "unknown", "_hidden", "198.51.100.256", "198.51.100.1.2", "0x7f000001", "2130706433", "127.1", "010.0.0.1", "198.51.100.1/0",
    "٣.٣.٣.٣", "::::", "1::2::3", "[::1]", "[::1]:80", "%", "%0", "\x00", "\r\nX: y", "'; DROP", "a" * 16_000, "é", "\ud800",
    "," * 16_000, " , ,", "1e9"])
def test_a_hostile_forwarder_is_counted_himself(hostile):
    assert client({"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": "198.51.100.1, " + hostile}, networks([PROXY])) == PROXY
    assert client({"REMOTE_ADDR": hostile}, networks([PROXY])) == hostile


def test_a_long_chain_of_trusted_proxies_comes_to_an_end():
    forwarded = ", ".join(["198.51.100.1", *["10.0.0.2"] * 2_000])
    assert client({"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": forwarded}, networks(["10.0.0.0/8"])) == "10.0.0.2"


@pytest.mark.parametrize("text", ["", "proxy.example", "10.0.0.1/33", "10.0.0.1/8", "*", "10.0.0.0-10.0.0.9"])
def test_a_proxy_is_an_address_or_a_network(text):
    with pytest.raises(Faulty, match="neither an address nor a network"):
        networks([text])


# --- whether a client is still there

# Requests so far from one another are told apart.
APART_SECONDS = 3 * NEAR_SECONDS
# Says when it waits; then whether the visitor left, for ten seconds at most.
WAITING = '''
import select, sys, time
from pathlib import Path
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from triplehelix.web.front import Remembering
from triplehelix.web.visitors import connection

def application(environ, start_response):
    name = environ["PATH_INFO"]
    if name.startswith("/late"):
        print("asked", name, flush=True)
        time.sleep(0.5)
    if name.startswith("/wait") or name.startswith("/late"):
        with connection(environ) as descriptor:
            print("waits", name, flush=True)
            if descriptor is None:
                print("unknown", name, flush=True)
            else:
                poll = select.poll()
                poll.register(descriptor, select.POLLRDHUP)
                print("left" if poll.poll(10_000) else "stayed", name, flush=True)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

server = Granian("waiting", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI, http=HTTPModes.http1,
                 blocking_threads=8, backpressure=16, log_enabled=False)
server.on_startup(lambda: print("ready", flush=True))
server.serve(target_loader=lambda: Remembering(application, Path(sys.argv[2]), frozenset()), wrap_loader=False)
'''


class Server:
    """An HTTP server whose application watches its visitors, and tells what it sees."""

    def __init__(self, folder: Path):
        self.port = free_port()
        self.process = subprocess.Popen([sys.executable, "-c", WAITING, str(self.port), str(folder)], env=environment(),
                                        stdout=subprocess.PIPE, text=True)

    def tells(self) -> str:
        return self.process.stdout.readline().strip()

    def asked(self, *paths: str) -> socket.socket:
        """A connection on which each of the paths was asked for; only the last waits for its answer."""
        for _ in range(100):
            try:
                channel = socket.create_connection(("127.0.0.1", self.port), 10)
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        for path in paths:
            channel.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            if path != paths[-1]:
                assert channel.recv(1_000).endswith(b"ok")
        return channel


@pytest.fixture(name="server")
def server_fixture(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    assert server.tells() == "ready"
    with server.asked("/quick") as channel:  # the worker may still be starting
        assert channel.recv(1_000).endswith(b"ok")
    time.sleep(APART_SECONDS)
    yield server
    server.process.terminate()
    server.process.wait()
    server.process.stdout.close()


@pytest.mark.parametrize("before", [(), ("/quick",), ("/quick", "/quick")], ids=len)
def test_a_visitor_who_leaves_is_noticed(server, before):
    with server.asked(*before, "/wait"):
        assert server.tells() == "waits /wait"
    assert server.tells() == "left /wait"


def test_visitors_of_one_address_are_told_apart(server):
    first = server.asked("/wait/1")
    assert server.tells() == "waits /wait/1"
    time.sleep(APART_SECONDS)
    second = server.asked("/wait/2")
    assert server.tells() == "waits /wait/2"
    second.close()
    assert server.tells() == "left /wait/2"
    first.close()
    assert server.tells() == "left /wait/1"


def test_a_visitor_who_has_left_before_is_noticed(server):
    with server.asked("/late"):
        assert server.tells() == "asked /late"
    assert [server.tells(), server.tells()] == ["waits /late", "left /late"]


@pytest.mark.parametrize("environ", [{}, {"REMOTE_ADDR": "127.0.0.1"}, {"REMOTE_ADDR": "x", "triplehelix.began": 0.0}], ids=str)
def test_a_visitor_who_is_not_known_is_not_watched(environ):
    with connection(environ) as descriptor:
        assert descriptor is None
