"""Dumps over HTTP: how fast a whole file comes, plain and with gzip prepared, by one connection and by eight."""

from __future__ import annotations

import hashlib
import http.client
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from benchmarks.bench import Bench, Comparison
from benchmarks.load import HOST, Refused

UNDER = "Downloads of dumps/dataset.nq"
CODINGS = {"plain": "identity", "gzip prepared": "gzip"}
CONNECTIONS = (1, 8)
ROUNDS, SECONDS = 3, 2
MEGA = 1e6


@dataclass(frozen=True)
class Source:
    """Who gives the file, and where."""

    name: str
    port: int
    path: str


def comparisons(bench: Bench, ours: Source, others: Sequence[Source]) -> Iterator[Comparison]:
    """Rates of bytes that arrive. Raises RuntimeError where somebody gives other bytes, Refused for other statuses than 200."""
    sizes = {coding: _same([ours, *others], coding) for coding in CODINGS.values()}
    for kind, coding in CODINGS.items():
        for connections in CONNECTIONS:
            what = f"{kind} ({sizes[coding] / MEGA:,.1f} MB), {connections} connection{'s' if connections > 1 else ''}"
            bench.say(f"downloads, {what}")
            rates = _rounds([ours, *others], coding, connections, sizes[coding])
            for other in others:
                yield Comparison(what, "MB/s", rates[ours.name], other.name, rates[other.name], more_is_better=True, under=UNDER)


def _rounds(sources: Sequence[Source], coding: str, connections: int, size: int) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {source.name: [] for source in sources}
    for _ in range(ROUNDS):
        for source in sources:
            rates[source.name].append(_rate(source, coding, connections) * size / MEGA)
    return rates


def _same(sources: Sequence[Source], coding: str) -> int:
    """The length of the file in a coding, which is the same from all."""
    bodies = {source.name: _got(source, coding) for source in sources}
    if len({hashlib.sha256(body).digest() for body in bodies.values()}) > 1:
        raise RuntimeError(f"not the same bytes in {coding}: { {name: len(body) for name, body in bodies.items()} }")
    return len(next(iter(bodies.values())))


def _got(source: Source, coding: str) -> bytes:
    with closing(http.client.HTTPConnection(HOST, source.port, timeout=60)) as line:
        line.request("GET", source.path, headers={"Accept-Encoding": coding})
        answer = line.getresponse()
        body = answer.read()
    if answer.status != 200 or answer.headers.get("Content-Encoding", "identity") != coding:
        raise Refused(f"{source.name}: {answer.status} {answer.headers}")
    return body


def _rate(source: Source, coding: str, connections: int) -> float:
    """Files a second."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--timeout", "30s", "-H", f"Accept-Encoding: {coding}",
               f"http://{HOST}:{source.port}{source.path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if re.search(r"Non-2xx|Socket errors: .*[1-9]", said):
        raise Refused(f"{source.name}: {said}")
    return float(re.search(r"Requests/sec: +([\d.]+)", said)[1])
