"""The web process's side of the engine room: ask it, start it, end it."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from triplehelix import formats
from triplehelix.engine import wire
from triplehelix.engine.model import Answer, Dataset, Limits, Query, Unavailable
from triplehelix.engine.reading import Reading, read
from triplehelix.engine.worker import Worker

_GRACE_SECONDS = 5.0
# So many lines lie idle between queries; more are opened where more are asked at once.
_IDLE_LINES = 8
# Look-ups are answered from so many releases at once.
_NEAR = 4
# A query that takes longer has its visitor's connection watched: looking for it is not free. The kernel keeps this time,
# which costs no further call for the many that take less.
_PATIENT_MICROSECONDS = 500_000
_TIMEVAL = struct.Struct("@ll")
_HUNG_UP = getattr(select, "POLLRDHUP", 0)
# One arena: each further one reserves 64 MB of the address space that the workers' memory cap counts.
_ALLOCATOR = {"MALLOC_ARENA_MAX": "1"}
_ROWS = ("select", "ask")


class EngineRoom:
    """An engine room behind a Unix socket. Each query in hand has a line of its own, so threads may share the object.

    Look-ups do not go there: they are answered here.
    """

    def __init__(self, socket_path: str | Path) -> None:
        self._path = str(socket_path)
        self._lines: list[socket.socket] = []
        self._near = lru_cache(_NEAR)(Worker)

    def execute(self, query: Query, dataset: Dataset, limits: Limits) -> Answer:
        """The whole answer to a query.

        Raises a QueryError: BadQuery, FederationOff, Timeout, TooLarge, OutOfMemory, Busy, FairUse or Unavailable; and
        ValueError where the format cannot hold the answer of such a query.
        """
        reading = read(query, dataset, limits)
        check_format(query.format, reading.form)
        request = _request(query, dataset, limits, reading)
        header, body = (self._near(dataset.store).evaluated(request) if reading.lookup
                        else wire.unpack(self._ask(_message(request, query, dataset, limits, reading), query, limits)))
        if header.get("error") == "syntax":
            raise reading.explain(header["detail"])
        if "error" in header:
            raise wire.error_of(header)
        return Answer(header["kind"], query.format, body, reading.rebased, header["cut"])

    def state(self) -> dict[str, Any]:
        """How the room is doing, by the names of `triplehelix.engine.tally.Tally.state`. Raises Unavailable."""
        return wire.unpack(self._ask(wire.state_asked(), Query("", "", ""), Limits(seconds=0.0, wait_seconds=0.0)))[0]

    def _ask(self, message: bytes, query: Query, limits: Limits) -> bytes:
        """What the room answers. A line that has lain idle may lead to a room that has ended since: then a new one asks."""
        try:
            with suppress(IndexError, ConnectionError):
                return self._asked_on(self._lines.pop(), message, query, limits)
            return self._asked_on(self._connect(), message, query, limits)
        except OSError as error:
            raise Unavailable(f"The engine room does not answer: {error.strerror or error}. Try again in a moment.",
                              retry_after=1) from error

    def _connect(self) -> socket.socket:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with ExitStack() as failing:
            failing.enter_context(line)
            for wait in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                line.setsockopt(socket.SOL_SOCKET, wait, _TIMEVAL.pack(0, _PATIENT_MICROSECONDS))
            line.connect(self._path)
            failing.pop_all()
        return line

    def _asked_on(self, line: socket.socket, message: bytes, query: Query, limits: Limits) -> bytes:
        """What the room answers on a line, which is kept for the next query, or closed where anything goes wrong.

        Raises OSError, and Unavailable where the visitor hangs up; a line that is closed ends its query.
        """
        with ExitStack() as failing:
            failing.enter_context(line)
            line.sendall(message)
            try:
                begun = line.recv(wire.BLOCK)
            except BlockingIOError:
                with query.visitor() as visitor:
                    _wait(line, 2 * limits.wait_seconds + limits.seconds + _GRACE_SECONDS, visitor)
                begun = line.recv(wire.BLOCK)
            answer = begun if wire.is_whole(begun) else _rest(line, begun)
            if not answer:
                raise ConnectionResetError(0, "it ended while it worked on the query")
            if len(self._lines) < _IDLE_LINES:
                failing.pop_all()
                self._lines.append(line)
        return answer

    def close(self) -> None:
        """Closes the lines that lie idle."""
        with suppress(IndexError):
            while True:
                self._lines.pop().close()


def _rest(line: socket.socket, begun: bytes) -> bytes | None:
    """A whole message of which a part has come; None where no more comes."""
    line.settimeout(_GRACE_SECONDS)
    answer = begun and wire.receive(line, begun)
    line.settimeout(None)
    return answer


def _wait(line: socket.socket, seconds: float, visitor: int | None) -> None:
    """Waits until an answer begins to come. Raises TimeoutError, and Unavailable where the visitor hangs up first."""
    poll = select.poll()
    poll.register(line, select.POLLIN)
    if visitor is not None:
        poll.register(visitor, _HUNG_UP)
    ready = [descriptor for descriptor, _ in poll.poll(seconds * 1000)]
    if not ready:
        raise TimeoutError(0, "no answer in the time there is")
    if line.fileno() not in ready:
        raise Unavailable("The visitor has hung up.")


def check_format(name: str, form: str) -> None:
    """Raises ValueError where the format of that name cannot hold the answer to a query of that form."""
    offered = formats.RESULTS if form in _ROWS else formats.GRAPH + formats.DATASET
    if name not in {each.name for each in offered}:
        raise ValueError(f"{name} cannot hold the answer to {form.upper()}")


def _request(query: Query, dataset: Dataset, limits: Limits, reading: Reading) -> dict[str, Any]:
    """What a worker goes by."""
    return {
        "store": dataset.store, "federated": reading.federated, "text": reading.text, "rewritten": reading.rewritten,
        "base_iri": query.base_iri, "format": query.format, "default_graphs": reading.default_graphs,
        "named_graphs": reading.named_graphs, "prefixes": dict(reading.prefixes), "max_rows": query.max_rows,
        "canonical": query.canonical, "ordered": reading.ordered,
        "rows": limits.rows, "answer_bytes": limits.answer_bytes, "merged_triples": limits.merged_triples}


def _message(request: dict[str, Any], query: Query, dataset: Dataset, limits: Limits, reading: Reading) -> bytes:
    """A request for the room: the header is what the room goes by, the body what the worker does."""
    header = {"store": dataset.store, "triples": dataset.triples, "current": dataset.current, "client": query.client,
              "own": query.own, "whole": reading.whole and not query.canonical, "federated": reading.federated}
    return wire.pack(header, json.dumps(request, ensure_ascii=False).encode(), limits.seconds)


@contextmanager
def start_room(socket_path: str | Path, limits: Limits, dataset: Dataset | None = None) -> Iterator[EngineRoom]:
    """An engine room that lives as long as the block, and not longer than this process, however that ends.

    A file at `socket_path` is replaced; workers open the store of `dataset` before the first query comes. Raises
    RuntimeError outside the main thread: the kernel ends the room when the thread that started it ends.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start the engine room from the main thread")
    process = _spawn(Path(socket_path), limits, dataset or Dataset(""))
    room = EngineRoom(socket_path)
    try:
        yield room
    finally:
        room.close()
        process.terminate()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        Path(socket_path).unlink(missing_ok=True)


def _spawn(path: Path, limits: Limits, dataset: Dataset) -> subprocess.Popen[bytes]:
    """The room's supervisor. It gets the socket listening already, so that no query can come too early."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(128)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "triplehelix.engine.supervisor", str(listener.fileno()),
             json.dumps(asdict(limits)), str(os.getpid()), dataset.store, str(dataset.triples)],
            pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **_ALLOCATOR})
