"""Who may run beside whom: lanes, fairness, rows, and the change of releases, in real rooms over real stores."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from rooms import children, room_of, settled, supervisor, within
from triplehelix.engine import (
    Answer,
    Busy,
    Dataset,
    EngineRoom,
    FairUse,
    Limits,
    Query,
    QueryError,
    Timeout,
    TooLarge,
    start_room,
)
from triplehelix.engine.accounts import Accounts
from triplehelix.engine.visits import Line, Queue, Visit

LIMITS = Limits(seconds=3, quick_seconds=0.3, wait_seconds=2, memory_bytes=400_000_000)
E = "http://e.example/"
QUICK = Query("SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 1", E, "json")
RUNAWAY = replace(QUICK, text="SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }")
ROWS = 250
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def store_of(path: Path, first: int) -> Dataset:
    writer = Store(str(path))
    writer.bulk_extend(Quad(NamedNode(f"{E}{n}"), NamedNode(E + "p"), Literal(n), DefaultGraph())
                       for n in range(first, first + ROWS))
    writer.flush()
    return Dataset(str(path), ROWS)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return store_of(tmp_path_factory.mktemp("release") / "store", 100)


@pytest.fixture(params=[0, 1_000], ids=["disk", "memory"])
def limits(request: pytest.FixtureRequest) -> Limits:
    return replace(LIMITS, memory_triples=request.param)


@contextmanager
def room_with(limits: Limits, dataset: Dataset, tmp_path: Path) -> Iterator[EngineRoom]:
    with start_room(tmp_path / "socket", limits, dataset) as room:
        if sys.platform == "linux":
            settled(supervisor(), 2 if limits.memory_triples else 1, limits.workers + 1)
        yield room


class Asked:
    """Queries asked at once, each in a thread of its own, and what became of them in the order in which they ended."""

    def __init__(self, room: EngineRoom, dataset: Dataset, limits: Limits) -> None:
        self._execute: Callable[[Query], Answer] = lambda query: room.execute(query, dataset, limits)
        self._threads: list[threading.Thread] = []
        self.outcomes: list[Answer | QueryError] = []

    def ask(self, query: Query, seconds: float = 0.1) -> None:
        self._threads.append(threading.Thread(target=self._run, args=[query]))
        self._threads[-1].start()
        time.sleep(seconds)

    def _run(self, query: Query) -> None:
        try:
            self.outcomes.append(self._execute(query))
        except QueryError as error:
            self.outcomes.append(error)

    def kinds(self) -> list[str]:
        for thread in self._threads:
            thread.join()
        return sorted(type(outcome).__name__ for outcome in self.outcomes)


@pytest.mark.parametrize(("wait", "third"), [(0.5, "Busy"), (3, "Timeout")])
def test_quick_queries_and_our_own_pass_beside_long_ones(
        limits: Limits, dataset: Dataset, tmp_path: Path, wait: float, third: str) -> None:
    """A third long query waits for one of the two to end, and begins again, or is refused when it has waited so long."""
    limits = replace(limits, wait_seconds=wait)
    with room_with(limits, dataset, tmp_path) as room:
        asked = Asked(room, dataset, limits)
        for client in ("a", "b"):
            asked.ask(replace(RUNAWAY, client=client), 0.5)
        for query in (QUICK, replace(QUICK, own=True), replace(QUICK, client="a")):
            began = time.monotonic()
            assert room.execute(query, dataset, limits).body
            assert time.monotonic() - began < 1
        asked.ask(replace(RUNAWAY, client="c"))
        asked.ask(replace(RUNAWAY, own=True))
        assert asked.kinds() == sorted([third, "Timeout", "Timeout", "Timeout"])
        refused = [outcome for outcome in asked.outcomes if isinstance(outcome, Busy)]
        assert all("2 long queries" in each.detail and each.retry_after == 1 for each in refused)


def test_a_client_over_its_share_is_told_and_others_are_served(limits: Limits, dataset: Dataset, tmp_path: Path) -> None:
    small = replace(limits, client_seconds=1.0, seconds=1.5)
    with room_with(small, dataset, tmp_path) as room:
        with pytest.raises(Timeout):
            room.execute(replace(RUNAWAY, client="a"), dataset, small)
        with pytest.raises(FairUse, match="1 seconds of engine time") as caught:
            room.execute(replace(QUICK, client="a"), dataset, small)
        assert 25 <= caught.value.retry_after <= 35
        assert room.execute(replace(QUICK, client="b"), dataset, small).body


def test_one_client_may_have_so_many_queries_waiting(limits: Limits, dataset: Dataset, tmp_path: Path) -> None:
    small = replace(limits, workers=1, client_queue=1, quick_seconds=3)
    with room_with(small, dataset, tmp_path) as room:
        asked = Asked(room, dataset, small)
        for _ in range(4):  # two run, one waits
            asked.ask(replace(RUNAWAY, client="a"))
        assert asked.kinds().count("FairUse") == 1
        assert isinstance(asked.outcomes[0], FairUse)


def visit(client: str, own: bool = False) -> Visit:
    line = Line(socket.socket())
    line.channel.close()
    return Visit(line, b"", "", 0, client, own, True, False, 1.0, 0.0)


def test_our_own_come_first_then_those_who_run_and_have_used_least() -> None:
    kept = Accounts(60.0, time.monotonic)
    kept.charge("greedy", 30)
    waiting = [visit("at work"), visit("greedy"), visit("modest"), visit("new"), visit("modest"), visit("greedy", own=True)]
    queue = Queue(kept, lambda: [visit("at work")])
    for each in waiting:
        queue.add(each)
    assert [waiting.index(each) for each in queue] == [5, 2, 3, 4, 1, 0]


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_rows_over_the_limit_are_refused_and_those_asked_for_are_cut(
        limits: Limits, dataset: Dataset, tmp_path: Path, name: str) -> None:
    every = replace(QUICK, text="SELECT ?o { ?s ?p ?o } ORDER BY ?o", format=name)
    with room_with(limits, dataset, tmp_path) as room:
        with pytest.raises(TooLarge, match="more than 249 rows"):
            room.execute(every, dataset, replace(limits, rows=ROWS - 1))
        assert not room.execute(every, dataset, replace(limits, rows=ROWS)).cut
        assert not room.execute(replace(every, max_rows=ROWS), dataset, limits).cut
        first = room.execute(replace(every, max_rows=3), dataset, limits)
        assert first.cut
        assert b"102" in first.body
        assert b"103" not in first.body


def test_a_row_less_wide_than_any_is_counted_too(limits: Limits, dataset: Dataset, tmp_path: Path) -> None:
    unbound = replace(QUICK, text="SELECT ?x { ?s ?p ?o }", format="json")
    with room_with(limits, dataset, tmp_path) as room, pytest.raises(TooLarge, match="more than 249 rows"):
        room.execute(unbound, dataset, replace(limits, rows=ROWS - 1))


@linux
def test_a_new_release_answers_at_once_and_the_old_one_ends_what_it_has_begun(
        limits: Limits, dataset: Dataset, tmp_path: Path) -> None:
    new = store_of(tmp_path / "new", 700)
    with room_with(limits, dataset, tmp_path) as room:
        before = set(keepers())
        asked = Asked(room, dataset, limits)
        asked.ask(RUNAWAY)
        assert b"700" in room.execute(QUICK, new, limits).body
        assert b"100" in room.execute(QUICK, dataset, limits).body

        def replaced() -> bool:
            assert b"700" in room.execute(QUICK, new, limits).body
            time.sleep(0.1)
            return len(keepers()) == len(before) and not before & set(keepers())
        assert within(8, replaced)
        assert asked.kinds() == ["Timeout"]
        settled(supervisor(), len(before))


def keepers() -> list[int]:
    return children(room_of(supervisor()))
