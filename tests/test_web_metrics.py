"""/metrics: whole counts whatever process has answered, in the format that Prometheus reads, for those alone who may read it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest

from conftest import free_port, served
from rooms import children, room_of, supervisor, within
from triplehelix.findings import Faulty
from triplehelix.releases import read_manifest
from triplehelix.web import counters, metrics, visitors
from triplehelix.web.counters import BOUNDS, Counters, made
from triplehelix.web.watching import Seen

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'({NAME})(\{{{NAME}="(?:[^"\\\n]|\\["\\n])*"(?:,{NAME}="(?:[^"\\\n]|\\["\\n])*")*\}})? (-?[0-9.e+]+)')
Samples = dict[str, float]


class Server:
    """A server that counts, at an address of its own that is not its origin."""

    def __init__(self, base: str, port: int):
        self.base, self.port = base, port

    def ask(self, path: str, **fields: str) -> bytes:
        with urlopen(self.base + path + ("?" + urlencode(fields) if fields else ""), timeout=20) as response:
            return response.read()

    def metrics(self) -> Samples:
        return parsed(self.ask("metrics").decode())

    def direct(self, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, "/metrics", headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def parsed(text: str) -> Samples:
    """The samples by name and labels; each line is one that Prometheus reads, and each family is told of before."""
    found: Samples = {}
    kinds: dict[str, str] = {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds and kind in ("counter", "gauge", "histogram")
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            family = name if name in kinds else re.sub("_(bucket|sum|count)$", "", name)
            assert kinds[family] == "histogram" or family == name
            assert (kinds[family] == "counter") == name.endswith("_total")
            assert name + (labels or "") not in found
            found[name + (labels or "")] = float(value)
    return found


def requests(samples: Samples, room: str = "", status: str = "") -> float:
    return sum(value for name, value in samples.items() if name.startswith("triplehelix_requests_total{")
               and (not room or f'room="{room}"' in name) and (not status or f'status="{status}"' in name))


@pytest.fixture(scope="module", name="server")
def server_fixture(mini_release: Path) -> Iterator[Server]:
    with served(mini_release, "--metrics", "127.0.0.1", "--limit", "seconds=1", "--limit", "workers=1") as base:
        yield Server(base, urlsplit(base).port)


def web_processes(server: Server) -> list[int]:
    """The web processes of the server: its children but the engine's supervisor."""
    port = str(server.port).encode()
    first, = (pid for pid in children(os.getpid()) if port in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
    return [pid for pid in children(first) if pid != supervisor(first)]


# --- what is counted

def test_the_counts_of_all_processes_are_whole(server: Server):
    before = server.metrics()
    threads = [threading.Thread(target=lambda: [server.ask("health") for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # An answer is counted when it has been given: the last may be so a moment later.
    assert within(5, lambda: requests(server.metrics(), "health", "2xx") - requests(before, "health", "2xx") == 200)
    assert {requests(server.metrics(), "health") for _ in range(10)} == {requests(before, "health") + 200}


def test_counts_outlive_the_process_that_counted(server: Server):
    server.ask("ns")
    assert within(5, lambda: requests(server.metrics(), "ns") >= 1)
    before = requests(server.metrics(), "ns")
    old = web_processes(server)
    os.kill(old[0], signal.SIGKILL)
    assert within(20, lambda: len(web_processes(server)) == 2 and web_processes(server) != old)
    assert requests(server.metrics(), "ns") == before
    server.ask("ns")
    assert within(5, lambda: requests(server.metrics(), "ns") == before + 1)


def test_a_histogram_holds_every_request_once(server: Server):
    server.ask("doc/id/harbour/east")
    samples = server.metrics()
    for room in (*counters.ROOMS, counters.OTHERS):
        buckets = [samples[f'triplehelix_request_seconds_bucket{{room="{room}",le="{le}"}}'] for le in (*BOUNDS, "+Inf")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == samples[f'triplehelix_request_seconds_count{{room="{room}"}}'] == requests(samples, room)
    assert samples['triplehelix_request_seconds_sum{room="doc"}'] > 0
    assert samples['triplehelix_answer_bytes_total{room="doc"}'] > 100


def test_rooms_statuses_and_answers_from_memory_are_told_apart(server: Server):
    before = server.metrics()
    for _ in range(20):
        server.ask("sparql", query=COUNT)
    with pytest.raises(HTTPError):
        server.ask("sparql", query="SELEKT")
    with pytest.raises(HTTPError):
        server.ask("nowhere/at/all")
    assert within(5, lambda: requests(server.metrics(), "other", "4xx") > requests(before, "other", "4xx"))
    after, name = server.metrics(), 'triplehelix_answers_from_memory_total{room="sparql"}'
    assert 18 <= after[name] - before[name] <= 20
    assert requests(after, "sparql", "4xx") == requests(before, "sparql", "4xx") + 1


def test_the_engine_tells_what_became_of_queries(server: Server):
    server.ask("sparql", query=COUNT + " # once")
    before = server.metrics()
    assert before["triplehelix_engine_up"] == 1 and before["triplehelix_engine_workers"] >= 2
    assert before["triplehelix_engine_delivered_total"] >= 1
    seen: list[Samples] = []
    asking = threading.Thread(target=lambda: pytest.raises(HTTPError, server.ask, "sparql", query=RUNAWAY))
    asking.start()
    while asking.is_alive():
        seen.append(server.metrics())
        asking.join(0.05)
    after = server.metrics()
    assert max(samples["triplehelix_engine_running"] for samples in seen) == 1 and after["triplehelix_engine_running"] == 0
    assert after["triplehelix_engine_killed_total"] == before["triplehelix_engine_killed_total"] + 1
    timeouts = 'triplehelix_engine_refused_total{reason="Timeout"}'
    assert after[timeouts] == before[timeouts] + 1
    assert after["triplehelix_engine_seconds_total"] >= before["triplehelix_engine_seconds_total"] + 0.9


def test_release_uptime_and_memory_are_told(server: Server, mini_release: Path):
    text, samples = server.ask("metrics").decode(), server.metrics()
    manifest = read_manifest(mini_release)
    assert f'version="{manifest.version}"' in text
    assert samples["triplehelix_release_triples"] == manifest.counts["triples"]
    assert 0 < samples["triplehelix_uptime_seconds"] < 600
    assert samples['triplehelix_processes{part="web"}'] == 3
    assert 10e6 < samples['triplehelix_memory_bytes{part="web"}'] < 2e9
    assert 10e6 < samples['triplehelix_memory_bytes{part="engine"}'] < 2e9


# --- who may read it

def test_it_is_read_directly_at_an_address_or_at_the_site(server: Server):
    status, headers, body = server.direct(Host=f"127.0.0.1:{server.port}")
    assert status == 200 and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8" and parsed(body.decode())
    assert headers["Cache-Control"] == "no-store" and int(headers["Content-Length"]) == len(body)
    assert server.direct("HEAD")[::2] == (200, b"")
    assert server.direct(Host="[::1]")[0] == 200
    assert server.direct(Host="10.0.0.7:9")[0] == 200
    # A page elsewhere could have its own name lead here.
    assert server.direct(Host="evil.example")[0] == 421


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_it_is_only_read(server: Server, method: str):
    status, headers, body = server.direct(method)
    assert status == 405 and headers["Allow"] == "GET, HEAD" and json.loads(body)["status"] == 405


def test_whoever_comes_by_a_proxy_that_is_not_trusted_is_refused(server: Server):
    status, headers, body = server.direct(**{"X-Forwarded-For": "127.0.0.1"})
    assert status == 403 and headers["Content-Type"] == "application/problem+json"
    assert "--metrics" in json.loads(body)["detail"] and b"triplehelix_" not in body


READERS = visitors.networks(["127.0.0.1", "10.1.0.0/16", "2001:db8::7"])
PROXIES = visitors.networks(["127.0.0.1"])


@pytest.mark.parametrize(("peer", "forwarded", "proxies", "status"), [
    ("127.0.0.1", None, (), 200), ("127.0.0.1", None, PROXIES, 200), ("10.1.2.3", None, (), 200), ("2001:db8::7", None, (), 200),
    ("2001:db8::8", None, (), 403), ("10.2.0.1", None, (), 403), ("", None, (), 403), ("no address", None, (), 403),
    ("127.0.0.1", "203.0.113.9", PROXIES, 403), ("127.0.0.1", "10.1.0.9", PROXIES, 200),
    ("127.0.0.1", "10.1.0.9, 203.0.113.9", PROXIES, 403), ("127.0.0.1", "10.1.0.9", (), 403),
    ("10.1.2.3", "10.1.2.3", PROXIES, 403),
])
def test_readers_are_those_whom_the_operator_names(peer, forwarded, proxies, status):
    shown = metrics.Metrics(None, None, None, Path(), READERS, proxies, frozenset(), 0, 0.0)
    environ = {"REMOTE_ADDR": peer, "REQUEST_METHOD": "GET", "HTTP_HOST": "127.0.0.1:8000",
               **({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})}
    assert shown._status(environ) == status


def test_a_reader_that_is_no_address_is_a_fault(mini_release: Path):
    from click.testing import CliRunner

    from triplehelix.cli import main
    told = CliRunner().invoke(main, ["serve", str(mini_release.parent), "--port", str(free_port()), "--origin",
                                     "http://127.0.0.1/", "--metrics", "everybody"])
    assert told.exit_code == 1 and "everybody: neither an address nor a network" in told.output


# --- the counters

def test_a_row_is_one_process_and_is_had_again_when_it_has_ended(tmp_path: Path):
    path = made(tmp_path / "counters")
    environ = {"PATH_INFO": "/sparql"}
    for _ in range(counters.ROWS + 3):  # more processes than rows, one after another
        child = os.fork()
        if child == 0:
            Counters(path)(Seen("GET", environ, 200, [], 5, 0.01))
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    tally = next(tally for tally in Counters(path).tallies() if tally.room == "sparql")
    assert tally.classes == (0, counters.ROWS + 3, 0, 0, 0) and tally.length == 5 * (counters.ROWS + 3)
    assert sum(tally.durations) == counters.ROWS + 3 and tally.seconds == pytest.approx(0.01 * (counters.ROWS + 3))


def test_no_two_processes_have_one_row(tmp_path: Path):
    path = made(tmp_path / "counters")
    held = [_holding(path) for _ in range(counters.ROWS)]
    try:
        with pytest.raises(Faulty, match="taken"):
            Counters(path)
    finally:
        for child, end in held:
            os.write(end, b"1")
            os.close(end)
            os.waitpid(child, 0)
    Counters(path)


def _holding(path: Path) -> tuple[int, int]:
    """A process that keeps a row until something is written to the descriptor."""
    ready, told = os.pipe()
    until, end = os.pipe()
    child = os.fork()
    if child == 0:
        row = Counters(path)
        os.write(told, b"1")
        os.read(until, 1)
        os._exit(row is None)
    os.read(ready, 1)
    for descriptor in (ready, told, until):
        os.close(descriptor)
    return child, end


def test_where_there_is_no_room_for_the_counters_it_is_said(tmp_path: Path):
    with pytest.raises(Faulty, match="TMPDIR"):
        made(tmp_path / "nowhere" / "counters")


def test_an_engine_room_that_does_not_answer_is_told_as_such(server: Server):
    port = str(server.port).encode()
    first, = (pid for pid in children(os.getpid()) if port in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
    room = room_of(supervisor(first))
    os.kill(room, signal.SIGKILL)
    assert within(10, lambda: server.metrics()["triplehelix_engine_up"] == 1 and room_of(supervisor(first)) != room)
    assert server.metrics()["triplehelix_engine_delivered_total"] == 0
