"""Clients that mean no good, side by side with one that does: runaways, slow ones, those that hang up; swaps and full disks."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import free_port, served
from hostile.costs import PRODUCT
from hostile.exchange import Reply, connected, exchange, source
from hostile.service import children, family, linux, within
from hostile.vector import Target, asked, bare, head
from triplehelix.build import build
from triplehelix.engine import Limits
from triplehelix.project import Project
from triplehelix.releases import CURRENT, read_manifest
from triplehelix.web.server import WORKERS

RUNAWAY = f"SELECT (COUNT(*) AS ?n%d) {{ {PRODUCT} }}"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
# A visitor waits no longer than this for a page.
PATIENCE = 1.0
SLOW = 50
ENGINE = "triplehelix.engine"
on_linux = pytest.mark.skipif(not linux, reason="reads /proc, and needs many loopback addresses")
# Every page is asked for at another address than before, so that none comes from a cache.
PAGES = (
    ("/?n=%d", "text/html"), ("/doc/id/lighthouse/cape?n=%d", "text/html"), ("/doc/id/lighthouse/cape.ttl?n=%d", "text/turtle"),
    ("/query/lights-of-a-harbour/run?harbour=https://example.org/%d", "text/html"), ("/health?n=%d", "application/json"),
)


class Visitor:
    """A client with an address of its own."""

    def __init__(self, base: str, number: int) -> None:
        self.target = Target(urlsplit(base).netloc, "")
        self.address = source(number)

    def get(self, path: str, accept: str = "*/*", seconds: float = 60) -> Reply | None:
        """The answer at a path, and at the place that it refers to (303)."""
        reply = exchange(self.target.host, bare("GET", path, f"Accept: {accept}")(self.target), self.address, seconds=seconds)
        if reply is None or reply.status != 303:
            return reply
        place = urlsplit(reply.headers["Location"])
        return self.get(f"{place.path}?{place.query}", accept, seconds)

    def ask(self, query: str, seconds: float = 60) -> Reply | None:
        return exchange(self.target.host, asked(query)(self.target), self.address, seconds=seconds)

    def connection(self) -> socket.socket:
        return connected(self.target.host, self.address)


@pytest.fixture(scope="module")
def base(mini_release: Path) -> Iterator[str]:
    with served(mini_release) as address:
        yield address


def number(reply: Reply | None) -> int:
    """The one number of an answer."""
    assert reply is not None and reply.status == 200, reply
    (row,) = json.loads(reply.body)["results"]["bindings"]
    return int(row["n"]["value"])


def check_pages(base: str, rounds: int, capsys: pytest.CaptureFixture[str], beside: str) -> None:
    """One good client's pages: all are answered, 95 of 100 within a second."""
    visitor, seconds, statuses = Visitor(base, 1), [], set()
    for each in range(rounds):
        for path, kind in PAGES:
            began = time.monotonic()
            reply = visitor.get(path % each, kind)
            seconds.append(time.monotonic() - began)
            statuses.add(reply and reply.status)
    seconds.sort()
    with capsys.disabled():
        print(f"\n{len(seconds)} pages beside {beside}: median {seconds[len(seconds) // 2] * 1000:.0f} ms, "
              f"p95 {seconds[len(seconds) * 95 // 100] * 1000:.0f} ms, maximum {seconds[-1] * 1000:.0f} ms")
    assert statuses == {200}
    assert seconds[len(seconds) * 95 // 100] < PATIENCE


@contextmanager
def at_work(count: int, work: Callable[[int, threading.Event], None]) -> Iterator[None]:
    """So many threads at work for as long as the block; a fault of one is a fault of the test."""
    over = threading.Event()
    with ThreadPoolExecutor(count) as pool:
        tasks = [pool.submit(work, number, over) for number in range(count)]
        try:
            yield
        finally:
            over.set()
        for task in tasks:
            task.result()


@on_linux
def test_runaways_do_not_stop_pages(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Two clients for each worker, who ask for nothing but products."""
    running = set()

    def run_away(client: int, over: threading.Event) -> None:
        visitor, each = Visitor(base, 100 + client), 0
        while not over.is_set():
            running.add(client)
            with suppress(TimeoutError):  # it hangs up after a while, and asks again
                reply = visitor.ask(RUNAWAY % each, seconds=4)
                assert reply is None or reply.status in (429, 503, 504)
            each += 1
            over.wait(0.05)

    count = 2 * Limits().workers
    with at_work(count, run_away):
        assert within(5, lambda: len(running) == count)
        time.sleep(0.5)
        check_pages(base, 25, capsys, f"{count} runaways")
    assert within(10, lambda: number(Visitor(base, 2).ask(COUNT)) > 0)


@on_linux
def test_slow_readers_do_not_stop_pages(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    def read_slowly(client: int, over: threading.Event) -> None:
        visitor = Visitor(base, 200 + client)
        query = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . FILTER(?a != <urn:slow{client}>) }} LIMIT 8000"
        with visitor.connection() as channel:
            for block in asked(query)(visitor.target):
                channel.sendall(block)
            while not over.wait(1):
                channel.recv(1)

    with at_work(SLOW, read_slowly):
        time.sleep(2)
        check_pages(base, 20, capsys, f"{SLOW} slow readers")


@on_linux
def test_slow_writers_do_not_stop_pages(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    def write_slowly(client: int, over: threading.Event) -> None:
        visitor = Visitor(base, 300 + client)
        fields = ("Content-Type: application/sparql-query", "Content-Length: 60000")
        with visitor.connection() as channel, suppress(ConnectionError):  # the service may have had enough
            channel.sendall(head("POST /sparql HTTP/1.1", *fields)(visitor.target))
            while not over.wait(1):
                channel.sendall(b"#")

    with at_work(SLOW, write_slowly):
        time.sleep(2)
        check_pages(base, 20, capsys, f"{SLOW} slow writers")


@on_linux
def test_threads_of_the_web_processes_do_not_interrupt_one_another(base: str) -> None:
    first, *others = processes(base)
    web = [pid for pid in others if pid in children(first) and pid not in processes(base, ENGINE)]
    threads = [int(thread.name) for pid in web for thread in Path(f"/proc/{pid}/task").iterdir()]
    assert len(web) == WORKERS
    assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}


def processes(base: str, of: str = "") -> list[int]:
    """The processes of the server at a base, parents first; of those, the ones with that in their command line."""
    port = str(urlsplit(base).port).encode()
    (server,) = [pid for pid in children(os.getpid()) if port in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]
    return [each.pid for each in family(server) if of in each.command]


def workers(base: str) -> set[int]:
    """The processes of its engine room that have no children."""
    return {pid for pid in processes(base, ENGINE) if not children(pid)}


def worked(pid: int) -> int:
    """Ticks of processor time that a process has used."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    return 0


@on_linux
def test_a_client_that_hangs_up_has_its_query_killed(base: str) -> None:
    visitor = Visitor(base, 400)
    assert number(visitor.ask(COUNT)) > 0
    with visitor.connection() as channel:
        for block in asked(RUNAWAY % 400)(visitor.target):
            channel.sendall(block)
        before = {pid: worked(pid) for pid in workers(base)}
        time.sleep(1.5)
        busy = max(before, key=lambda pid: worked(pid) - before[pid])
        assert worked(busy) - before[busy] > 20 and busy in workers(base)
    assert within(1, lambda: busy not in workers(base))
    assert number(visitor.ask(COUNT + " #")) > 0


# Releases and files


@pytest.fixture
def own(draft: Project, tmp_path: Path) -> Path:
    """A release of the miniature that one test may spoil."""
    return build(draft, tmp_path / "releases", f"http://127.0.0.1:{free_port()}/")


def lasting(size: int) -> str:
    """A count of the dataset that takes time in proportion to the size, and little memory."""
    first, second = (" ".join(map(str, range(count))) for count in (100, size))
    return (f"SELECT (MAX(?m) AS ?n) {{ {{ SELECT (COUNT(*) AS ?m) {{ ?s ?p ?o }} }} "
            f"VALUES ?a {{ {first} }} VALUES ?b {{ {second} }} "
            f"FILTER(STRLEN(SHA512(CONCAT(STR(?a), ' ', STR(?b), '{'x' * 30_000}'))) = 128) }}")


def taking(visitor: Visitor, seconds: float) -> str:
    """A query that takes at least so long here."""
    size = 50
    while True:
        began = time.monotonic()
        number(visitor.ask(lasting(size)))
        if (took := time.monotonic() - began) > seconds:
            return lasting(size)
        size = min(5_000, max(2 * size, round(size * seconds / took * 1.2)))


def point(link: Path, release: Path) -> None:
    """Makes `current` another release, as a build does."""
    aside = link.with_name("aside")
    aside.symlink_to(release.name)
    aside.rename(link)


def test_a_query_ends_on_the_release_it_began_on(own: Path, draft: Project) -> None:
    link, data = own.parent / CURRENT, draft.root / "data/lights.ttl"
    data.write_text(data.read_text().replace('"Rock Light"@en', '"Rock Light"@en , "Rock"@de'))
    newer = build(draft, own.parent, read_manifest(own).base)
    old, new = (read_manifest(release).counts["triples"] for release in (own, newer))
    assert newer != own and old != new
    point(link, own)
    with served(own) as base, ThreadPoolExecutor(1) as pool:
        visitor = Visitor(base, 500)
        query = taking(visitor, 1.5)
        running = pool.submit(visitor.ask, query + " # again")
        time.sleep(0.5)
        point(link, newer)
        assert within(5, lambda: number(Visitor(base, 501).ask(COUNT)) == new)
        assert not running.done()
        assert number(running.result()) == old
        assert number(visitor.ask(query + " # and again")) == new


@on_linux
def test_a_full_disk_changes_nothing(own: Path) -> None:
    """No process of the service can write to any file."""
    with served(own) as base:
        for pid in processes(base):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))
        visitor = Visitor(base, 600)
        for again in range(3):
            large = visitor.ask(f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . FILTER(?a != <urn:{again}>) }} LIMIT 14000")
            assert large.status == 200 and len(large.body) > 4_000_000
            assert len(json.loads(large.body)["results"]["bindings"]) == 14_000
            refused = visitor.ask(f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != <urn:{again}>) }}")
            assert refused.status == 413 and json.loads(refused.body)["status"] == 413
            assert {visitor.get(path % again, kind).status for path, kind in PAGES} == {200}
        assert all(resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0) for pid in processes(base))


def check_unavailable(reply: Reply | None) -> None:
    assert reply is not None and reply.status == 503, reply
    assert reply.headers["Content-Type"] == "application/problem+json" and json.loads(reply.body)["detail"]
    assert int(reply.headers.get("Retry-After", 0)) > 0, reply.body


@on_linux
def test_workers_that_cannot_open_the_store_are_no_hang(own: Path) -> None:
    """The web processes have the store open; it is damaged, and then all workers end."""
    with served(own) as base:
        visitor, kept = Visitor(base, 700), own / "store.kept"
        pages = {visitor.get(path % 0, kind).status for path, kind in PAGES}
        assert number(visitor.ask(COUNT)) > 0
        shutil.copytree(own / "store", kept)
        for file in (own / "store").iterdir():
            file.write_bytes(b"damaged")
        for pid in processes(base, ENGINE)[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for again in range(3):
            check_unavailable(visitor.ask(f"{COUNT} # {again}", seconds=15))
        assert pages == {200}
        shutil.rmtree(own / "store")
        kept.rename(own / "store")
        assert within(15, lambda: visitor.ask(f"{COUNT} # {time.monotonic()}", seconds=15).status == 200)


def test_a_damaged_release_is_told_until_it_is_replaced(own: Path) -> None:
    """`current` points to a release whose store nobody can open, and then back."""
    link, broken = own.parent / CURRENT, own.with_name(own.name + ".2")
    shutil.copytree(own, broken)
    for file in (broken / "store").iterdir():
        file.write_bytes(b"damaged")
    with served(own) as base:
        visitor = Visitor(base, 800)
        assert number(visitor.ask(COUNT)) > 0
        point(link, broken)
        check_unavailable(visitor.ask(COUNT + " # broken", seconds=15))
        assert {visitor.get(path % 1, "*/*", seconds=15).status for path, _ in PAGES[:-1]} == {503}
        point(link, own)
        assert number(visitor.ask(COUNT + " # whole")) > 0
        assert {visitor.get(path % 2, kind).status for path, kind in PAGES} == {200}
