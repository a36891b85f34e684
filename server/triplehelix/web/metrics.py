"""What the server counts of itself, in the text format of Prometheus (version 0.0.4), for those whom the operator names.

It stands before the application: whoever reads it comes to an address of the machine, not to the origin.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType

from triplehelix import __version__, releases
from triplehelix.engine.client import EngineRoom
from triplehelix.engine.model import Unavailable
from triplehelix.findings import Faulty
from triplehelix.web import processes, visitors
from triplehelix.web.counters import BOUNDS, STATUS_CLASSES, Counters, Tally
from triplehelix.web.front import Application, Environment, StartResponse

PATH = "/metrics"
CONTENT_TYPE, PROBLEM = "text/plain; version=0.0.4; charset=utf-8", "application/problem+json"
READ = ("GET", "HEAD")
REFUSALS = MappingProxyType({
    HTTPStatus.FORBIDDEN: "Ask from an address that serve --metrics names, and not through a proxy that it does not trust.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address takes GET and HEAD.",
    HTTPStatus.MISDIRECTED_REQUEST: "Ask at an address of the machine, such as 127.0.0.1, or at the site's own name."})
# What the engine room says of itself, by its names: kind, and what it is.
OF_THE_ENGINE = MappingProxyType({
    "running": ("gauge", "Queries that run."), "waiting": ("gauge", "Queries that wait."),
    "workers": ("gauge", "Processes that answer queries."),
    "delivered_total": ("counter", "Answers of workers, what they refuse included."),
    "killed_total": ("counter", "Queries whose worker was ended: over their time, tried again, or their visitor gone."),
    "seconds_total": ("counter", "Seconds for which workers have worked.")})
Lines = Iterator[str]
Sample = tuple[Mapping[str, str], float]
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Metrics:
    """The application, with its figures at one more address.

    `readers` are those who may read them, `proxies` those whose word on who sends a request counts, `hosts` the site's own
    values of Host. `server` is the process that started all others, at `started` on the monotonic clock.
    """

    application: Application
    counters: Counters
    engine: EngineRoom
    releases: Path
    readers: tuple[visitors.Network, ...]
    proxies: tuple[visitors.Network, ...]
    hosts: frozenset[str]
    server: int
    started: float

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH:
            return self.application(environ, start_response)
        status = self._status(environ)
        is_told = status is HTTPStatus.OK
        body = (self.text() if is_told else _problem(status)).encode()
        start_response(f"{status.value} {status.phrase}", [
            ("Content-Type", CONTENT_TYPE if is_told else PROBLEM), ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"), ("Allow", ", ".join(READ))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _status(self, environ: Environment) -> HTTPStatus:
        """OK for whoever may read. A proxy that is not trusted may bring anybody, so those who come by one are refused."""
        peer, is_direct = visitors.sender(environ), "HTTP_X_FORWARDED_FOR" not in environ
        if not (is_direct or visitors.is_among(peer, self.proxies)) or not visitors.is_among(
                visitors.sender(environ, self.proxies), self.readers):
            return HTTPStatus.FORBIDDEN
        if environ["REQUEST_METHOD"] not in READ:
            return HTTPStatus.METHOD_NOT_ALLOWED
        return HTTPStatus.OK if _is_here(environ.get("HTTP_HOST", ""), self.hosts) else HTTPStatus.MISDIRECTED_REQUEST

    def text(self) -> str:
        """All figures."""
        return "".join(f"{line}\n" for line in (
            *_of_requests(self.counters.tallies()), *self._of_the_release(), *self._of_the_engine(), *self._of_the_machine()))

    def _of_the_release(self) -> Lines:
        """Which release is current; nothing where that cannot be told."""
        try:
            manifest = releases.read_manifest(releases.current(self.releases))
        except Faulty:
            return
        told = {"version": manifest.version, "built_by": manifest.software, "served_by": __version__}
        yield from _family("release_info", "gauge", "The current release, and the software that built and that serves it.",
                           [(told, 1)])
        yield from _family("release_triples", "gauge", "Triples of its default graph.", [(NOTHING, manifest.counts["triples"])])

    def _of_the_engine(self) -> Lines:
        """What the engine room says; that it does not answer, where it does not."""
        try:
            state = self.engine.state()
        except Unavailable:
            state = None
        yield from _family("engine_up", "gauge", "Whether the engine room answers.", [(NOTHING, int(state is not None))])
        if state is not None:
            for name, (kind, meaning) in OF_THE_ENGINE.items():
                yield from _family(f"engine_{name}", kind, meaning, [(NOTHING, state[name])])
            yield from _family("engine_refused_total", "counter", "Queries refused by the engine room, by the reason.",
                               (({"reason": reason}, count) for reason, count in sorted(state["refused"].items())))

    def _of_the_machine(self) -> Lines:
        yield from _family("uptime_seconds", "gauge", "Seconds since the server was started.",
                           [(NOTHING, round(time.monotonic() - self.started, 3))])
        used = processes.memory(self.server)
        yield from _family("processes", "gauge", "Processes of the server.",
                           (({"part": part}, count) for part, (count, _) in used.items()))
        yield from _family("memory_bytes", "gauge", "Memory they take, what several share counted once.",
                           (({"part": part}, size) for part, (_, size) in used.items()))


def _of_requests(tallies: list[Tally]) -> Lines:
    by_room = [({"room": tally.room}, tally) for tally in tallies]
    yield from _family("requests_total", "counter", "Requests answered, by room and class of status.", (
        ({**label, "status": status}, count) for label, tally in by_room
        for status, count in zip(STATUS_CLASSES, tally.classes, strict=True)))
    yield from _family("request_seconds", "histogram", "Seconds until the last byte of an answer was handed on.",
                       (sample for label, tally in by_room for sample in _histogram(label, tally)))
    yield from _family("answer_bytes_total", "counter", "Bytes of answers, without their headers.",
                       ((label, tally.length) for label, tally in by_room))
    yield from _family("answers_from_memory_total", "counter", "Answers that were kept in memory.",
                       ((label, tally.kept) for label, tally in by_room))


def _histogram(label: Mapping[str, str], tally: Tally) -> Iterator[tuple[str, Mapping[str, str], float]]:
    """The samples of a histogram, each with the end of its name: every bucket holds those before it."""
    so_far = list(accumulate(tally.durations))
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), so_far, strict=True):
        yield "_bucket", {**label, "le": bound}, count
    yield "_sum", label, tally.seconds
    yield "_count", label, so_far[-1]


def _family(name: str, kind: str, meaning: str, samples: Iterable[Sample | tuple[str, Mapping[str, str], float]]) -> Lines:
    name = f"triplehelix_{name}"
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for *end, labels, value in samples:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{''.join(end)}{f'{{{told}}}' if told else ''} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _is_here(host: str, own: frozenset[str]) -> bool:
    """Whether a Host is the site's own or an address: a page of another site can make a browser ask by its own name only."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if host.lower() in own or name.lower() == "localhost":
        return True
    try:
        return bool(ip_address(name.strip("[]")))
    except ValueError:
        return False


def _problem(status: HTTPStatus) -> str:
    return json.dumps({"type": "about:blank", "title": status.phrase, "status": status.value, "detail": REFUSALS[status]})
