"""Engine seconds by client, with a clock of the test's own."""

from __future__ import annotations

from triplehelix.engine import accounts
from triplehelix.engine.accounts import Accounts


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_client_over_its_share_waits_until_the_rest_has_drained() -> None:
    clock = Clock()
    kept = Accounts(60.0, clock)
    kept.charge("a", 45)
    assert (kept.used("a"), kept.wait("a")) == (45, 0)
    kept.charge("a", 30)
    assert (kept.wait("a"), kept.wait("b")) == (15, 0)
    clock.now += 15
    assert (kept.used("a"), kept.wait("a")) == (60, 0)
    clock.now += 3_600
    assert kept.used("a") == 0


def test_a_smaller_share_drains_more_slowly() -> None:
    kept = Accounts(6.0, Clock())
    kept.charge("a", 9)
    assert kept.wait("a") == 30


def test_nobody_is_never_charged() -> None:
    kept = Accounts(60.0, Clock())
    kept.charge("", 1_000)
    assert kept.wait("") == 0


def test_the_number_of_clients_is_bounded() -> None:
    kept = Accounts(60.0, Clock())
    kept.charge("first", 100)
    for n in range(accounts._MOST_CLIENTS):
        kept.charge(str(n), 100)
    assert (kept.wait("first"), kept.wait("0") > 0) == (0, True)
