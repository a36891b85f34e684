"""SERVICE, where an operator allows endpoints: those and no other are asked, and by no other queries' workers."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from conftest import served
from rooms import children, family, supervisor, within
from test_web_limits import ask, visiting
from triplehelix.engine import Dataset, Limits, start_room
from web_release import VERSION, Visitor, releases_fixture  # noqa: F401

ROWS = {"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri", "value": "http://far.example/a"}}]}}
RESULTS = "application/sparql-results+json"
PATTERN = "{ ?s ?p ?o }"
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@dataclass
class Endpoint:
    """A server on loopback whose paths behave each in a way of its own; `asked` are the paths that were asked for."""

    address: str = ""
    elsewhere: str = ""
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, and body for a path."""
        self.asked.append(path)
        if path == "/never":
            self.over.wait(20)
        if path.startswith("/redirect"):
            return int(path[-3:]), {"Location": self.elsewhere + "/stolen"}, b""
        if path == "/fails":
            return 500, {}, b"<secret>" * 10_000
        if path == "/page":
            return 200, {"Content-Type": "text/html"}, b"<html></html>"
        return 200, {"Content-Type": RESULTS}, json.dumps(ROWS).encode()[:-3 if path == "/broken" else None]


@contextmanager
def listening() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, body = endpoint.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # a worker that was killed has hung up
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Nothing: a test needs no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        endpoint.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield endpoint
        endpoint.over.set()
        server.shutdown()


@pytest.fixture(name="stranger")
def stranger_fixture() -> Iterator[Endpoint]:
    """An endpoint that nobody has allowed."""
    with listening() as endpoint:
        yield endpoint


@pytest.fixture(scope="module", name="far")
def far_fixture() -> Iterator[Endpoint]:
    """An endpoint that may be named, at some of its paths."""
    with listening() as endpoint:
        yield endpoint


REDIRECTS = (302, 303, 307, 308)
PATHS = ("/sparql", "/never", *(f"/redirect{status}" for status in REDIRECTS), "/fails", "/page", "/broken", "/a%20b")


@pytest.fixture(scope="module", name="near")
def near_fixture(small_releases: Path, tmp_path_factory: pytest.TempPathFactory, far: Endpoint) -> Iterator[Visitor]:
    """A client of a server that may ask the far endpoint; its release is answered from memory."""
    limits = Limits(seconds=1.5, services=tuple(far.address + path for path in PATHS))
    dataset = Dataset(str(small_releases / VERSION / "store"), 1_000)
    with start_room(tmp_path_factory.mktemp("federation") / "socket", limits, dataset) as room:
        yield visiting(small_releases, room, limits)


def service(address: str, prologue: str = "", silent: bool = False) -> str:
    return f"{prologue} SELECT ?s {{ SERVICE {'SILENT ' * silent}{address} {PATTERN} }}"


# Those that are allowed


@pytest.mark.parametrize(("address", "prologue"), [
    ("<%s/sparql>", ""), ("far:sparql", "PREFIX far: <%s/>"), ("<sparql>", "BASE <%s/>"), (":", "PREFIX : <%s/sparql>"),
    ("far:a%%20b", "PREFIX far: <%s/>")])
def test_an_allowed_endpoint_is_asked(near: Visitor, far: Endpoint, address: str, prologue: str):
    far.asked.clear()
    response = ask(near, service(*(part % far.address if "%s" in part else part % () for part in (address, prologue))))
    assert response.status_code == 200, response.text
    assert response.json["results"] == ROWS["results"]
    assert len(far.asked) == 1


def test_its_answer_is_joined_with_the_release(near: Visitor, far: Endpoint):
    query = (f"SELECT ?s ?name {{ SERVICE <{far.address}/sparql> {PATTERN} "
             "?who <http://xmlns.com/foaf/0.1/name> ?name FILTER(?name = 'Anna') }")
    row, = ask(near, query).json["results"]["bindings"]
    assert (row["s"]["value"], row["name"]["value"]) == ("http://far.example/a", "Anna")


def test_every_form_may_ask_it(near: Visitor, far: Endpoint):
    clause = f"{{ SERVICE <{far.address}/sparql> {PATTERN} }}"
    assert ask(near, f"ASK {clause}").json["boolean"] is True
    assert "http://far.example/a" in ask(near, f"CONSTRUCT {{ ?s a <urn:x> }} {clause}").text


# Those that are not


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize(("address", "prologue"), [
    ("<%s/sparql>", ""), ("x:sparql", "PREFIX x: <%s/>"), ("<sparql>", "BASE <%s/>"), ("?e", "# %s"), ("<%s>", ""),
    ("<%s/sparql?>", ""), ("<%s/SPARQL>", ""), ("<%s/x/../sparql>", "")])
def test_another_endpoint_is_refused_and_not_asked(near: Visitor, stranger: Endpoint, address: str, prologue: str, silent: bool):
    address, prologue = (part.replace("%s", stranger.address) for part in (address, prologue))
    response = ask(near, service(address, prologue + "\n", silent))
    assert (response.status_code, response.mimetype) == (403, "application/problem+json")
    assert stranger.asked == []


@pytest.mark.parametrize("clause", [
    "VALUES ?e { <%(far)s/sparql> } SERVICE ?e { ?s ?p ?o }", "BIND(<%(far)s/sparql> AS ?e) SERVICE SILENT ?e { ?s ?p ?o }",
    "SERVICE <%(far)s/sparql> { SERVICE <%(stranger)s/sparql> { ?s ?p ?o } }",
    "SERVICE <%(far)s/sparql> { ?s ?p ?o } SERVICE <%(stranger)s/sparql> { ?s ?p ?o }",
    "SERVICE <%(far)s/other> { ?s ?p ?o }", "SERVICE <%(far)s/sparql/> { ?s ?p ?o }"])
def test_a_variable_or_a_second_endpoint_is_refused(near: Visitor, far: Endpoint, stranger: Endpoint, clause: str):
    far.asked.clear()
    response = ask(near, f"SELECT * {{ {clause % {'far': far.address, 'stranger': stranger.address}} }}")
    assert response.status_code == 403 and far.address in response.json["detail"]
    assert far.asked == stranger.asked == []


# Those that fail


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("silent", [False, True])
def test_a_redirect_is_not_followed(near: Visitor, far: Endpoint, stranger: Endpoint, status: int, silent: bool):
    far.elsewhere = stranger.address
    response = ask(near, service(f"<{far.address}/redirect{status}>", silent=silent))
    assert stranger.asked == [] and response.status_code == (200 if silent else 503)


@pytest.mark.parametrize("path", ["/fails", "/page", "/broken"])
def test_an_endpoint_that_fails_is_told(near: Visitor, far: Endpoint, path: str):
    told = ask(near, service(f"<{far.address}{path}>"))
    assert (told.status_code, told.mimetype) == (503, "application/problem+json")
    assert told.headers["Retry-After"] and "SERVICE SILENT" in told.json["detail"] and len(told.data) < 1_000


def test_silent_is_an_empty_solution_where_the_endpoint_fails(near: Visitor, far: Endpoint):
    assert ask(near, service(f"<{far.address}/fails>", silent=True)).json["results"]["bindings"] == [{}]


@pytest.mark.parametrize("silent", [False, True])
def test_an_endpoint_that_never_answers_is_over_time(near: Visitor, far: Endpoint, silent: bool):
    began = time.monotonic()
    response = ask(near, service(f"<{far.address}/never>", silent=silent))
    assert (response.status_code, response.mimetype) == (504, "application/problem+json")
    assert time.monotonic() - began < 2.5
    assert ask(near, "ASK {}").json["boolean"] is True


# Who has a network


def filtered(pid: int) -> bool:
    """Whether a system call filter stands over a process (proc(5), status)."""
    return "\nSeccomp:\t2\n" in Path(f"/proc/{pid}/status").read_text()


@linux
def test_only_the_workers_of_federated_queries_have_a_network(near: Visitor):
    assert ask(near, "ASK {}").status_code == 200

    def crews() -> list[list[int]]:
        return [children(keeper) for room in children(supervisor()) for keeper in children(room)]

    assert within(10, lambda: [len(crew) for crew in crews()] == [3, 3, 3]), family(supervisor())
    assert sorted([filtered(worker) for worker in crew] for crew in crews()) == [[False] * 3, [True] * 3, [True] * 3]


# The real server


def test_two_servers_and_an_operator_s_allowance(mini_release: Path, far: Endpoint, stranger: Endpoint):
    far.asked.clear()
    options = ("--service", far.address + "/sparql", "--limit", "seconds=9", "--trusted-proxy", "127.0.0.1")
    with served(mini_release, *options) as base:
        def status(address: str) -> int:
            try:
                with urlopen(base + "sparql?" + urlencode({"query": service(f"<{address}/sparql>")}), timeout=30) as answer:
                    return answer.status if json.load(answer)["results"] == ROWS["results"] else 0
            except HTTPError as error:
                with error:
                    return error.code

        assert [status(address) for address in (far.address, stranger.address, far.address)] == [200, 403, 200]
        with urlopen(Request(base + "sparql", headers={"Accept": "text/html"}), timeout=30) as answer:
            page = answer.read().decode()
    # No answer of another endpoint is given from memory.
    assert (far.asked, stranger.asked) == (["/sparql"] * 2, [])
    assert far.address + "/sparql" in page and "9 seconds" in page
