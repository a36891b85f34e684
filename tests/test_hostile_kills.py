"""A long row of killed workers, after which the engine room is what it was: KILLS=10000 for the whole of it, else 300."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from hostile.costs import PRODUCT
from hostile.service import Census, census, family, linux, within
from rooms import alive, settled, supervisor, workers
from triplehelix.engine import Dataset, EngineRoom, Limits, Query, Timeout, start_room

KILLS = int(os.environ.get("KILLS", "300"))
# Kills before the first count, so that every process has done its work once.
FIRST = 60
LIMITS, NO_TIME = Limits(seconds=10), Limits(seconds=0.02)
LOCAL, GRAPH, TRIPLES, CREWS = "http://127.0.0.1:8000/", "http://127.0.0.1:8000/graph", 300, 2
RUNAWAY = f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}"
# The odd page, beside the 5 % that memory may grow.
SLACK = 2 << 20


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = str(tmp_path_factory.mktemp("release") / "store")
    writer = Store(path)
    for graph in (None, NamedNode(GRAPH)):
        writer.bulk_extend(Quad(NamedNode(LOCAL), NamedNode(LOCAL), Literal(value), graph) for value in range(TRIPLES))
    writer.flush()
    return Dataset(path, TRIPLES)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory, dataset: Dataset) -> Iterator[EngineRoom]:
    with start_room(tmp_path_factory.mktemp("room") / "socket", LIMITS, dataset) as started:
        yield started


def kill(room: EngineRoom, dataset: Dataset, number: int) -> None:
    """Ends a worker: over its time from memory, over its time from disk, or by a signal from outside."""
    if number % 50 == 49:
        worker = workers(supervisor())[number % (2 * LIMITS.workers)]
        os.kill(worker, signal.SIGKILL)
        assert within(1, lambda: not alive(worker))
        return
    graphs = (GRAPH,) if number % 3 == 0 else ()
    with pytest.raises(Timeout):
        room.execute(Query(RUNAWAY, LOCAL, "json", graphs), dataset, NO_TIME)


def check_answer(room: EngineRoom, dataset: Dataset, number: int) -> None:
    query = f"SELECT (COUNT(*) + {number} AS ?n) {{ ?s ?p ?o }}"
    answer = room.execute(Query(query, LOCAL, "csv"), dataset, LIMITS)
    assert answer.body == f"n\r\n{TRIPLES + number}\r\n".encode()


def at_rest() -> Census:
    """The room with all its workers, and none that is on its way out."""
    time.sleep(1)
    settled(supervisor(), CREWS)
    return census(family(supervisor()))


@pytest.mark.skipif(not linux, reason="reads /proc")
@pytest.mark.timeout(3_600)
def test_kills_leave_everything_as_it_was(room: EngineRoom, dataset: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    before, ours = None, Path("/proc/self/fd")
    for number in range(FIRST + KILLS):
        if number == FIRST:
            gc.collect()  # what tests before this one have left open is not to be closed in between
            before, held = at_rest(), len(list(ours.iterdir()))
        kill(room, dataset, number)
        check_answer(room, dataset, number)
    after = at_rest()
    with capsys.disabled():
        print(f"\n{KILLS} kills: {before} became {after}")
    assert (after.processes, after.descriptors) == (before.processes, before.descriptors)
    assert len(list(ours.iterdir())) == held
    assert after.memory <= before.memory * 1.05 + SLACK
