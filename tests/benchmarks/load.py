"""A load client: a fixed number of kept-alive connections, each with one request under way, in one thread.

It parses no more of a response than it takes to know its end, so that a process of its own for each server does the work
that is measured. Waiting is for sockets only.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

ROWS, GRAPH = "application/sparql-results+json", "text/turtle"
MAKES_GRAPH = re.compile(r"^\s*(?:CONSTRUCT|DESCRIBE)\b", re.MULTILINE)
HOST = "127.0.0.1"
# No query of the benchmarks may take longer; and how long a request rests that was refused for the time being (seconds).
PATIENCE, REST = 120.0, 0.05
BUSY = ("429", "503")


class Refused(RuntimeError):
    """A server answered with another status than 200, or hung up; the message is what it said."""


@dataclass
class Load:
    """What came of a run: the seconds that each request took, in order of their ends, and those of the whole.

    `refused` counts the times that a server said it was busy; such a request is made again, and its time goes on.
    """

    seconds: list[float]
    whole: float
    refused: int = 0

    @property
    def milliseconds(self) -> float:
        """The median time of a request."""
        return statistics.median(self.seconds) * 1000

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.whole


def accepted(query: str) -> str:
    """The media type that is asked for: every server has it."""
    return GRAPH if MAKES_GRAPH.search(query) else ROWS


def get(port: int, path: str, query: str) -> bytes:
    """The request of a query by GET (SPARQL 1.1 Protocol, 2.1.1)."""
    target = f"{path}?{urlencode({'query': query})}"
    return f"GET {target} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept: {accepted(query)}\r\n\r\n".encode("ascii")


def run(port: int, requests: Iterator[bytes], connections: int, seconds: float, primed: bool = False) -> Load:
    """Send requests, at least one a connection, and begin none after `seconds`. Raises Refused.

    With `primed`, each connection has one before that is not measured: the processes of a server may have a cache each.
    """
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(Line(port)) for _ in range(connections)]
        if primed:
            _asked(lines, requests, 0.0)
        return _asked(lines, requests, seconds)


def _asked(lines: Sequence[Line], requests: Iterator[bytes], seconds: float) -> Load:
    start, done, resting = time.perf_counter(), Load([], 0.0), []
    with selectors.DefaultSelector() as waiting:
        for line in lines:
            line.begin(next(requests))
            waiting.register(line.socket, selectors.EVENT_READ, line)
        while waiting.get_map():
            for line in _ready(waiting, resting):
                if not line.receive():
                    continue
                now = time.perf_counter()
                if line.busy:
                    done.refused += 1
                    resting.append((now + REST, line))
                    continue
                done.seconds.append(now - line.begun)
                if now - start < seconds:
                    line.begin(next(requests))
                else:
                    waiting.unregister(line.socket)
    done.whole = time.perf_counter() - start
    return done


def _ready(waiting: selectors.BaseSelector, resting: list[tuple[float, Line]]) -> list[Line]:
    """The lines on which something has come; those that have rested ask again. Raises Refused where nothing comes."""
    events = waiting.select(REST if resting else PATIENCE)
    now = time.perf_counter()
    if not events and not resting or any(now - line.begun > PATIENCE for _, line in resting):
        raise Refused(f"no answer within {PATIENCE:.0f} s")
    while resting and resting[0][0] <= now:
        resting.pop(0)[1].send()
    return [key.data for key, _ in events]


@dataclass
class Line:
    """One connection: the request under way and when it was begun, what has come of the response, and where that ends.

    `busy` says that the response is to ask again.
    """

    port: int
    socket: socket.socket = field(init=False)
    request: bytes = b""
    begun: float = 0.0
    busy: bool = False
    _come: bytearray = field(default_factory=bytearray)
    _end: int = 0

    def __post_init__(self) -> None:
        self.socket = socket.create_connection((HOST, self.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def begin(self, request: bytes) -> None:
        self.request, self.begun = request, time.perf_counter()
        self.send()

    def send(self) -> None:
        self._come.clear()
        self._end = 0
        self.socket.sendall(self.request)

    def receive(self) -> bool:
        """Take what has come; whether the response is whole. Raises Refused."""
        data = self.socket.recv(1 << 18)
        # A server that sends an answer in two parts would wait 40 ms for our word that the first has come.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self._come += data
        if not data:
            raise Refused(f"hung up after {bytes(self._come[:500])!r}")
        if not self._end:
            self._end = self._announced()
        if self._end > 0:
            return len(self._come) >= self._end
        # Chunked (RFC 9112, 7.1): no answer of ours has this sequence within it, for JSON and Turtle break lines otherwise.
        return self._end < 0 and self._come.endswith(b"\r\n0\r\n\r\n")

    def _announced(self) -> int:
        """The length of the whole response; -1 for a chunked one, 0 as long as the header is not there. Raises Refused."""
        head, gap, _ = self._come.partition(b"\r\n\r\n")
        if not gap:
            return 0
        status, *fields = bytes(head).decode("latin-1").split("\r\n")
        self.busy = status.split()[1] in BUSY
        if not self.busy and status.split()[1] != "200":
            raise Refused(f"{status}: {bytes(self._come[len(head):len(head) + 500]).decode(errors='replace').strip()}")
        named = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in fields)}
        return len(head) + 4 + int(named["content-length"]) if "content-length" in named else -1
