"""The service under attack: what it is made of, and whether it is well."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from socket import create_server, socket
from urllib.parse import quote, urlsplit

from conftest import hashes, served
from hostile.exchange import Reply, exchange, source
from hostile.vector import Target, Vector, asked, bare, statuses
from triplehelix.releases import read_manifest

PAGE = 4_096
linux = sys.platform == "linux"


@dataclass(frozen=True)
class Process:
    """One process of a family: its parts as /proc has them."""

    pid: int
    command: str

    @property
    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    @property
    def memory(self) -> int:
        """Bytes of its own: pages shared with others, such as the store's files, are not counted."""
        resident, shared = map(int, Path(f"/proc/{self.pid}/statm").read_text().split()[1:3])
        return (resident - shared) * PAGE


def children(pid: int) -> list[int]:
    """The processes that any thread of a process has started; none where it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    return []


def family(pid: int) -> list[Process]:
    """A process and all below it, parents first; without those that have ended."""
    command = ""
    with suppress(FileNotFoundError, ProcessLookupError):
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    below = [member for child in children(pid) for member in family(child)]
    return [Process(pid, command), *below] if command else below


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    """Whether something happens in time."""
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@dataclass(frozen=True)
class Census:
    """How many processes there are, and the descriptors and bytes of memory of those that live on."""

    processes: int
    descriptors: int
    memory: int


def census(members: list[Process]) -> Census:
    """The census of a family. Query workers count as processes only: they are replaced."""
    lasting = [each for each in members if "triplehelix.engine" not in each.command or children(each.pid)]
    return Census(len(members), sum(each.descriptors for each in lasting), sum(each.memory for each in lasting))


class Service:
    """A running server with the listener that nobody may connect to. Each vector comes from an address of its own."""

    def __init__(self, base: str, release: Path, listener: socket, seconds: float) -> None:
        self.base, self.seconds, self.store = base, seconds, release / "store"
        self.triples = read_manifest(release).counts["triples"]
        self.target = Target(urlsplit(base).netloc, f"http://127.0.0.1:{listener.getsockname()[1]}/")
        self.written = hashes(self.store)
        self._listener = listener
        self._number = count(1)

    def send(self, vector: Vector) -> Reply | None:
        """The answer to a vector; None where the connection is closed without one."""
        patience = self.seconds + 10
        return exchange(self.target.host, vector.request(self.target), source(next(self._number)), vector.leaves, patience)

    def is_well(self) -> bool:
        """Whether a query that nobody has asked before is answered, and rightly."""
        number = next(self._number)
        query = f"SELECT (COUNT(*) + {number} AS ?n) {{ ?s ?p ?o }}"
        reply = exchange(self.target.host, bare("GET", "/sparql?query=" + quote(query))(self.target))
        if reply is None or reply.status != 200:
            return False
        (row,) = json.loads(reply.body)["results"]["bindings"]
        return int(row["n"]["value"]) == self.triples + number

    def warm_up(self, vectors: Iterable[Vector], answers: int) -> None:
        """The vectors, and so many answers of megabytes, several at a time: threads, tables and caches fill."""
        def answer(number: int) -> Vector:
            query = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . FILTER(?a != <urn:x{number}>) }} LIMIT 8000"
            return Vector("large", asked(query), statuses(200))

        with ThreadPoolExecutor(4) as clients:
            list(clients.map(self.send, [*vectors, *map(answer, range(answers))]))

    def contacts(self) -> int:
        """How often anyone has connected to the listener."""
        found = 0
        while True:
            try:
                self._listener.accept()[0].close()
            except BlockingIOError:
                return found
            found += 1

    def members(self) -> list[Process]:
        """The processes of the service, its own first."""
        started = next(pid for pid in children(os.getpid()) if str(self.store.parents[1]).encode() in Path(
            f"/proc/{pid}/cmdline").read_bytes())
        return family(started)


@contextmanager
def attacked(release: Path, seconds: float) -> Iterator[Service]:
    """The release served with that limit of time."""
    with create_server(("127.0.0.1", 0)) as listener, served(release, "--limit", f"seconds={seconds:g}") as base:
        listener.setblocking(False)
        yield Service(base, release, listener, seconds)
