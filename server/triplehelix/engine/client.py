"""The web process's side of the engine room: ask it, start it, end it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from triplehelix import formats
from triplehelix.engine import wire
from triplehelix.engine.model import Answer, Limits, Query, Unavailable
from triplehelix.engine.reading import Reading, read

_GRACE_SECONDS = 5.0
# One arena: each further one reserves 64 MB of the address space that the workers' memory cap counts.
_ALLOCATOR = {"MALLOC_ARENA_MAX": "1"}
_ROWS = ("select", "ask")


class EngineRoom:
    """An engine room behind a Unix socket. Each query has a connection of its own, so threads may share the object."""

    def __init__(self, socket_path: str | Path, limits: Limits) -> None:
        self.limits = limits
        self._path = str(socket_path)

    def execute(self, query: Query) -> Answer:
        """The whole answer to a query.

        Raises a QueryError: BadQuery, FederationOff, Timeout, TooLarge, OutOfMemory, Busy or Unavailable; and
        ValueError where the format cannot hold the answer of such a query.
        """
        reading = read(query, self.limits)
        check_format(query.format, reading.form)
        header, body = wire.unpack(self._ask(_request(query, reading)))
        if header.get("error") == "syntax":
            raise reading.explain(header["detail"])
        if "error" in header:
            raise wire.error_of(header)
        return Answer(header["kind"], query.format, body, reading.rebased)

    def _ask(self, message: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(self.limits.wait_seconds + self.limits.seconds + _GRACE_SECONDS)
            try:
                channel.connect(self._path)
                channel.sendall(message)
                answer = wire.receive(channel)
            except OSError as error:
                raise Unavailable(f"The engine room does not answer: {error.strerror or error}.") from error
        if answer is None:
            raise Unavailable("The engine room ended while it worked on the query.")
        return answer


def check_format(name: str, form: str) -> None:
    """Raises ValueError where the format of that name cannot hold the answer to a query of that form."""
    offered = formats.RESULTS if form in _ROWS else formats.GRAPH + formats.DATASET
    if name not in {each.name for each in offered}:
        raise ValueError(f"{name} cannot hold the answer to {form.upper()}")


def _request(query: Query, reading: Reading) -> bytes:
    return wire.pack({
        "store": query.store, "text": reading.text, "base_iri": query.base_iri, "format": query.format,
        "default_graphs": reading.default_graphs, "named_graphs": reading.named_graphs,
        "prefixes": dict(reading.prefixes),
    })


@contextmanager
def start_room(socket_path: str | Path, limits: Limits, store: str = "") -> Iterator[EngineRoom]:
    """An engine room that lives as long as the block, and not longer than this process, however that ends.

    A file at `socket_path` is replaced; workers open `store` before the first query comes. Raises RuntimeError outside
    the main thread: the kernel ends the room when the thread that started it ends.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start the engine room from the main thread")
    process = _spawn(Path(socket_path), limits, store)
    try:
        yield EngineRoom(socket_path, limits)
    finally:
        process.terminate()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        Path(socket_path).unlink(missing_ok=True)


def _spawn(path: Path, limits: Limits, store: str) -> subprocess.Popen[bytes]:
    """The room's process. It gets the socket listening already, so that no query can come too early."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(128)
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "triplehelix.engine.room", str(listener.fileno()),
             json.dumps(asdict(limits)), str(os.getpid()), store],
            pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **_ALLOCATOR})
