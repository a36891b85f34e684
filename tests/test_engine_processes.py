"""The engine room as a family of processes: who dies with whom, and what is left after kills."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from triplehelix.engine import EngineRoom, Limits, Query, Unavailable, start_room, wire

LIMITS = Limits(seconds=2, memory_bytes=400_000_000)
LOCAL = "http://127.0.0.1:8000/"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("release") / "store")
    writer = Store(path)
    writer.bulk_extend(Quad(NamedNode(LOCAL), NamedNode(LOCAL), Literal(value)) for value in range(300))
    writer.flush()
    return path


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, store: str) -> Iterator[EngineRoom]:
    with start_room(tmp_path_factory.mktemp("room") / "socket", LIMITS, store) as started:
        yield started


@pytest.fixture
def query(store: str) -> Query:
    return Query("SELECT ?o { ?s ?p ?o } LIMIT 1", store, LOCAL, "json")


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def room_process(room: EngineRoom, query: Query) -> int:
    """The process id of the room, once it answers and has all its workers."""
    assert room.execute(query).body
    pid = next(pid for pid in children(os.getpid()) if b"engine.room" in Path(f"/proc/{pid}/cmdline").read_bytes())
    assert within(2, lambda: len(children(pid)) == LIMITS.workers + 1)
    return pid


def within(seconds: float, happens: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def ask_and_leave(room: EngineRoom, query: Query, seconds: float) -> None:
    """Sends a runaway and hangs up, as a web process does whose visitor has gone."""
    request = {"store": query.store, "text": RUNAWAY, "base_iri": LOCAL, "format": "json",
               "default_graphs": None, "named_graphs": None, "prefixes": {}}
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(room._path)
        channel.sendall(wire.pack(request))
        time.sleep(seconds)


@linux
def test_a_client_that_leaves_takes_its_worker_with_it(room: EngineRoom, query: Query) -> None:
    pid = room_process(room, query)
    before = set(children(pid))
    ask_and_leave(room, query, 0.2)
    assert within(1, lambda: len(before - set(children(pid))) == 1 and len(children(pid)) == LIMITS.workers + 1)


@linux
def test_fifty_kills_leave_everything_as_it_was(room: EngineRoom, query: Query) -> None:
    pid = room_process(room, query)
    descriptors = Path(f"/proc/{pid}/fd")

    def at_rest() -> tuple[int, int]:
        return len(children(pid)), len(list(descriptors.iterdir()))

    time.sleep(0.3)
    before = at_rest()
    for _ in range(50):
        ask_and_leave(room, query, 0.01)
        assert room.execute(query).body
    assert within(2, lambda: at_rest() == before)


@pytest.mark.parametrize("junk", [
    b"GET / HTTP/1.1\r\n\r\n" * 9, b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\2\0\0\0\0\xff{", b"\0\0\0\0\0\0\0\0",
])
def test_junk_on_the_socket_harms_nobody(room: EngineRoom, query: Query, junk: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(room._path)
        channel.sendall(junk)
        assert room.execute(query).body


@linux
def test_a_worker_that_dies_by_itself_is_replaced(room: EngineRoom, query: Query) -> None:
    pid = room_process(room, query)
    before = set(children(pid))
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    assert within(3, lambda: len(set(children(pid)) - before) == LIMITS.workers + 1)
    assert room.execute(query).body


PARENT = """
import sys, time
from triplehelix.engine import Limits, Query, start_room
with start_room(sys.argv[1], Limits(seconds=60), sys.argv[2]) as room:
    room.execute(Query("ASK {}", sys.argv[2], "http://x/", "json"))
    print("ready", flush=True)
    room.execute(Query(sys.argv[3], sys.argv[2], "http://x/", "json"))
"""


@linux
def test_kill_nine_of_the_parent_leaves_no_process(store: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "socket"), store, RUNAWAY],
                              stdout=subprocess.PIPE, env=environment)
    with parent:
        assert parent.stdout.readline() == b"ready\n"
        time.sleep(0.2)
        (pid,) = children(parent.pid)
        family = [pid, *children(pid)]
        parent.kill()
    assert len(family) == 1 + Limits().workers + 1
    assert within(2, lambda: not any(alive(member) for member in family))


def alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_room_ends_with_its_block(store: str, query: Query, tmp_path: Path) -> None:
    with start_room(tmp_path / "socket", LIMITS, store) as room:
        assert room.execute(query).body
    assert not (tmp_path / "socket").exists()
    with pytest.raises(Unavailable):
        room.execute(query)


def test_a_room_is_started_from_the_main_thread_only(tmp_path: Path) -> None:
    caught: list[str] = []

    def start() -> None:
        try:
            with start_room(tmp_path / "socket", LIMITS):
                pass
        except RuntimeError as error:
            caught.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert caught == ["start the engine room from the main thread"]
