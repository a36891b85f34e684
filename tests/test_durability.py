"""What befalls builds in real life: killed at any moment, the disk full, two at once. Nothing is lost, nothing mixed, nothing
torn. `make durability` does it at length: ROUNDS says how often builds are killed.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from conftest import free_port, served
from forge import Forge, Outcome
from rooms import children, within
from series import MINI, Series, check_tidy, disk, forge_fixture, free, refused, sealed  # noqa: F401
from test_readers import asked
from triplehelix.releases import current, history, kept, verify

ROUNDS = int(os.environ.get("ROUNDS", "200"))
# Folders in which builds are killed at the same time.
LANES = 2


@pytest.fixture
def series(tmp_path: Path, forge: Forge) -> Series:
    return Series(tmp_path, forge)


# Killed

@dataclass
class Pace:
    """How long a build, its end and a pruning take here and now, in seconds: kills are spread over all of that."""

    build: float
    publish: float
    prune: float

    @classmethod
    def of(cls, series: Series) -> Pace:
        pace = cls(0, 0, 0)
        for number in range(1, 6):
            pace.learn(series.build(number).moments)
        pace.prune = series.prune(2).moments["end"]
        return pace

    def learn(self, moments: dict[str, float]) -> None:
        """From a build that was not killed, and not of a release that was there already."""
        if "sealing" in moments:
            self.build, self.publish = moments["end"], moments["end"] - moments["sealing"]


def strike(series: Series, pace: Pace, turn: int, number: int, dice: random.Random) -> Outcome:
    """One order killed at a random moment: of a build, of its end, where it is sealed and published, or of a pruning."""
    turn //= LANES
    if turn % 8 == 7:
        outcome = series.prune(3, seconds=dice.uniform(0, pace.prune))
        assert series.prune(3).fault is None
        check_tidy(series.releases)
        return outcome
    if turn % 2:
        return series.build(number, after="sealing", seconds=dice.uniform(0, pace.publish))
    return series.build(number, seconds=dice.uniform(0, pace.build))


def struck(series: Series, turns: range) -> Counter[str]:
    """For each turn something is killed, and something works after it; how the kills ended."""
    pace, dice, ends, verified, present = Pace.of(series), random.Random(turns.start), Counter(), set(), 5
    for turn in turns:
        number = 10 + 2 * turn
        outcome = strike(series, pace, turn, number, dice)
        now = series.holds()
        assert now in ({number} if number in series.versions else {present, number}), (turn, outcome)
        ends["not killed" if outcome.status == 0 else "published" if now == number else "not published"] += 1
        # The same again, or the next.
        present = number + turn // LANES // 2 % 2
        outcome = series.build(present)
        assert outcome.done and series.holds() == present, (turn, outcome)
        pace.learn(outcome.moments)
        for version in sealed(series.releases) - verified:
            verify(series.releases / version)
            verified.add(version)
        check_tidy(series.releases)
    return ends


@pytest.mark.timeout(14_400)
def test_kills_lose_nothing_mix_nothing_and_tear_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    began = time.monotonic()
    with ExitStack() as forges, ThreadPoolExecutor(LANES) as pool:
        lanes = [Series(tmp_path / str(lane), forges.enter_context(Forge(MINI))) for lane in range(LANES)]
        ends = sum(pool.map(struck, lanes, (range(lane, ROUNDS, LANES) for lane in range(LANES))), Counter())
    for series in lanes:
        assert set(series.versions.values()) <= history(series.releases).keys()
        for version in kept(series.releases):
            verify(series.releases / version)
    with capsys.disabled():
        print(f"\n{ROUNDS} rounds in {time.monotonic() - began:.0f} s: {dict(ends)}; "
              f"{sum(len(series.versions) for series in lanes)} builds acknowledged")
    assert ends["not published"] > ROUNDS / 3


def test_a_kill_before_any_change_of_sealing_and_publishing_loses_nothing(series: Series):
    present = number = 1
    assert series.build(1).done
    for change in count(1):
        number += 1
        if series.build(number, after="sealing", dies_at=change).done:
            break
        now = series.holds()
        assert now in (present, number)
        present = number
        assert series.build(number).done and series.holds() == number
        check_tidy(series.releases)
    assert change > 5


# The disk full

@pytest.mark.timeout(900)
def test_with_the_disk_full_at_any_point_the_release_before_is_served(forge: Forge, tmp_path: Path):
    with disk(64 << 20) as small:
        series = Series(tmp_path, forge, small / "releases", f"http://127.0.0.1:{free_port()}/")
        empty = free(small)
        assert series.build(1).done
        needed = empty - free(small)
        with served(current(series.releases)) as base:
            for point in range(1, 21):
                (small / "ballast").write_bytes(bytes(free(small) - needed * point // 21))
                outcome = series.build(point + 1)
                assert outcome.status == 0 and outcome.done is None, point
                assert outcome.fault.startswith(f"{series.releases}: cannot be written: "), outcome.fault
                assert f"triplehelix prune {series.releases} --keep N" in outcome.fault
                assert series.holds() == point == asked(base)
                check_tidy(series.releases)
                (small / "ballast").unlink()
                assert series.build(point + 1).done and asked(base) == point + 1
                assert series.prune(2).fault is None


def test_with_no_space_for_any_new_file_the_release_before_stays(series: Series):
    assert series.build(1).done
    number, faults = 1, 0
    for change in count(1, 20):
        number += 1
        outcome = series.build(number, full_at=change)
        if outcome.done:
            break
        faults += 1
        assert "cannot be written: No space left on device" in outcome.fault
        assert series.holds() == 1
        check_tidy(series.releases)
    assert faults > 5 and series.holds() == number


def test_a_disk_that_is_full_can_be_pruned(forge: Forge, tmp_path: Path):
    with disk(64 << 20) as small:
        series = Series(tmp_path, forge, small / "releases")
        assert all(series.build(number).done for number in (1, 2, 3))
        (small / "ballast").write_bytes(bytes(free(small)))
        assert "prune" in series.build(4).fault
        assert series.prune(1).done == f"{series.versions[1]} {series.versions[2]}"
        assert series.build(4).done and series.holds() == 4


# Two at once

def test_of_two_builds_at_once_one_says_so_and_can_be_tried_again(series: Series, tmp_path: Path):
    with Forge(MINI) as other, ThreadPoolExecutor(1) as hand:
        first = Series(tmp_path / "first", other, series.releases)
        building = hand.submit(first.build, 1, after="sealing", seconds=0, strike=signal.SIGSTOP)
        assert within(20, lambda: any(is_stopped(child) for child in children(other.pid)))
        busy = f"{series.releases}: another build is at work in this folder; wait until it has ended"
        assert [series.build(2).fault, series.prune(1).fault, refused("rollback", series.releases)] == [busy] * 3
        os.kill(*children(other.pid), signal.SIGCONT)
        assert building.result().done and series.holds() == 1
        assert series.build(2).done and series.holds() == 2
        check_tidy(series.releases)


def is_stopped(pid: int) -> bool:
    return ") T " in Path(f"/proc/{pid}/stat").read_text()
