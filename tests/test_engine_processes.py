"""The engine room as a family of processes: who dies with whom, and what is left after kills."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from rooms import alive, children, family, room_of, settled, supervisor, within, workers
from triplehelix.engine import Dataset, EngineRoom, Limits, Query, Unavailable, start_room, wire

LIMITS = Limits(seconds=2, memory_bytes=400_000_000)
LOCAL = "http://127.0.0.1:8000/"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
CREWS = 2
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("release") / "store")
    writer = Store(path)
    writer.bulk_extend(Quad(NamedNode(LOCAL), NamedNode(LOCAL), Literal(value)) for value in range(300))
    writer.flush()
    return path


@pytest.fixture(scope="module")
def dataset(store: str) -> Dataset:
    return Dataset(store, 300)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Iterator[EngineRoom]:
    """A room that answers from disk and from memory."""
    with start_room(tmp_path_factory.mktemp("room") / "socket", LIMITS, dataset) as started:
        if sys.platform == "linux":
            settled(supervisor(), CREWS)
        yield started


@pytest.fixture
def query() -> Query:
    return Query("SELECT ?o { ?s ?p ?o } LIMIT 1", LOCAL, "json")


def ask_and_leave(room: EngineRoom, dataset: Dataset, seconds: float, from_memory: bool = True) -> None:
    """Sends a runaway and hangs up, as a web process does whose visitor has gone."""
    header = {"store": dataset.store, "triples": dataset.triples, "current": True, "client": "", "own": False,
              "whole": from_memory, "federated": False}
    request = {"store": dataset.store, "federated": False, "text": RUNAWAY, "rewritten": None, "base_iri": LOCAL,
               "format": "json", "max_rows": None, "default_graphs": None, "named_graphs": None, "prefixes": {},
               "canonical": False, "answer_bytes": 1_000, "rows": 10, "merged_triples": 10}
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(room._path)
        channel.sendall(wire.pack(header, json.dumps(request).encode(), LIMITS.seconds))
        time.sleep(seconds)


@linux
@pytest.mark.parametrize("from_memory", [True, False])
def test_a_client_that_leaves_takes_its_worker_with_it(room: EngineRoom, dataset: Dataset, from_memory: bool) -> None:
    settled(supervisor(), CREWS)
    before = set(workers(supervisor()))
    ask_and_leave(room, dataset, 0.2, from_memory)
    assert within(1, lambda: len(before - set(workers(supervisor()))) == 1)
    settled(supervisor(), CREWS)


@linux
def test_fifty_kills_leave_everything_as_it_was(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    pid = room_of(supervisor())
    descriptors = Path(f"/proc/{pid}/fd")

    def at_rest() -> tuple[int, int]:
        return len(family(pid)), len(list(descriptors.iterdir()))

    assert room.execute(query, dataset, LIMITS).body  # the line for it stays open
    settled(supervisor(), CREWS)
    before = at_rest()
    for at in range(50):
        ask_and_leave(room, dataset, 0.01, from_memory=bool(at % 2))
        assert room.execute(query, dataset, LIMITS).body
    assert within(2, lambda: at_rest() == before), (before, at_rest())


FRAME = b"\0\0\0\2" + bytes(12)


@pytest.mark.parametrize("junk", [
    b"GET / HTTP/1.1\r\n\r\n" * 9, FRAME + b"[]", FRAME + b"\xff{", bytes(16),
])
def test_junk_on_the_socket_harms_nobody(room: EngineRoom, query: Query, dataset: Dataset, junk: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(room._path)
        channel.sendall(junk)
        assert room.execute(query, dataset, LIMITS).body


def end(processes: list[int]) -> None:
    """Kills processes, as a system short of memory does."""
    for process in processes:
        os.kill(process, signal.SIGKILL)
    assert within(2, lambda: not any(alive(process) for process in processes))


@linux
def test_workers_that_die_by_themselves_are_replaced(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    settled(supervisor(), CREWS)
    end(workers(supervisor()))
    settled(supervisor(), CREWS)
    assert room.execute(query, dataset, LIMITS).body


@linux
def test_keepers_that_die_are_replaced(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    settled(supervisor(), CREWS)
    end(children(room_of(supervisor())))
    settled(supervisor(), CREWS)
    assert room.execute(query, dataset, LIMITS).body


@linux
def test_keepers_whose_workers_are_buried_first_are_replaced(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    """The room hears of a worker's end and cannot tell its keeper, before it hears that the keeper has ended."""
    settled(supervisor(), CREWS)
    pid = room_of(supervisor())
    gone = [member for keeper in children(pid) for member in family(keeper)]
    os.kill(pid, signal.SIGSTOP)
    end(gone)
    os.kill(pid, signal.SIGCONT)
    settled(supervisor(), CREWS)
    assert room.execute(query, dataset, LIMITS).body


@linux
def test_a_room_that_dies_is_started_again(room: EngineRoom, query: Query, dataset: Dataset) -> None:
    first = room_of(supervisor())
    gone = family(first)
    os.kill(first, signal.SIGKILL)
    assert room.execute(query, dataset, LIMITS).body
    assert room_of(supervisor()) != first
    assert within(2, lambda: not any(alive(member) for member in gone))


PARENT = """
import sys
from triplehelix.engine import Dataset, Limits, Query, start_room
limits, dataset = Limits(seconds=60), Dataset(sys.argv[2], 300)
with start_room(sys.argv[1], limits, dataset) as room:
    room.execute(Query("ASK {}", "http://x/", "json"), dataset, limits)
    print("ready", flush=True)
    room.execute(Query(sys.argv[3], "http://x/", "json"), dataset, limits)
"""


@linux
def test_kill_nine_of_the_parent_leaves_no_process(store: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "socket"), store, RUNAWAY],
                              stdout=subprocess.PIPE, env=environment)
    with parent:
        assert parent.stdout.readline() == b"ready\n"
        settled(supervisor(parent.pid), CREWS)
        members = family(supervisor(parent.pid))
        parent.kill()
    assert len(members) >= 2 + CREWS * 2
    assert within(2, lambda: not any(alive(member) for member in members))


def test_the_room_ends_with_its_block(query: Query, dataset: Dataset, tmp_path: Path) -> None:
    with start_room(tmp_path / "socket", LIMITS, dataset) as room:
        assert room.execute(query, dataset, LIMITS).body
    assert not (tmp_path / "socket").exists()
    with pytest.raises(Unavailable):
        room.execute(query, dataset, LIMITS)


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
