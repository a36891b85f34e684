"""A crew, as the room sees it: one keeper process and the hands, its workers, that it has forked."""

from __future__ import annotations

import math
import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from triplehelix.engine import keeper
from triplehelix.engine.keeper import RECORD, Post
from triplehelix.engine.model import Limits

if TYPE_CHECKING:
    from triplehelix.engine.visits import Visit

# Among processes of one machine: a long query yields to pages and to quick ones.
_NICE = 10
# How long a new release is asked for alone before the one before it is let go.
_SETTLED_SECONDS = 1.0
_REST_SECONDS = 1.0
_LULL_SECONDS = 5.0


@dataclass(eq=False)
class Hand:
    """One worker process: its socket, the visit it works on since when, and what it has answered so far."""

    pid: int
    channel: socket.socket
    crew: Crew
    visit: Visit | None = None
    started: float = 0.0
    answer: bytearray = field(default_factory=bytearray)
    killed: bool = False
    long: bool = False

    def kill(self) -> None:
        """Ends the process; its socket reports when the kernel has taken its memory back."""
        if not self.killed:
            self.killed = True
            with suppress(ProcessLookupError):  # where its keeper is gone, somebody else has buried it
                os.kill(self.pid, signal.SIGKILL)

    def work_long(self) -> None:
        """Marks a query that has left the quick lane, and has it yield to others."""
        self.long = True
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, self.pid, _NICE)


class Crew:
    """One keeper and its hands. `ready` once it can hire; `retired` when its hands are to go as they become idle."""

    def __init__(self, post: Post, limits: Limits) -> None:
        """Raises OSError where no process is to be had."""
        self.post = post
        self.hands: list[Hand] = []
        self.ready = False
        self.retired = False
        self._wanted = limits.workers + 1
        self._scarce = 0.0
        self._hiring = self._let_go = False
        self._pid, self.control = keeper.start(post, limits)

    @property
    def crowded(self) -> bool:
        """Whether there are more hands than are kept when little is asked."""
        return self._excess() > 0

    def _excess(self) -> int:
        return sum(1 for hand in self.hands if not hand.killed) - self._wanted

    def idle(self) -> Hand | None:
        """A hand that may take a query now."""
        return next((hand for hand in self.hands if not hand.visit and not hand.killed), None)

    def staff(self) -> None:
        """Keeps one hand more than long queries may run, and one idle: the spare takes over when another is killed.

        Those hired for a rush go when it is over. A retired crew ends as its hands become idle.
        """
        idle = [hand for hand in self.hands if not (hand.visit or hand.killed)]
        now = time.monotonic()
        self._scarce = self._scarce if idle else now
        if idle and self.retired:
            idle[0].kill()
        elif self.crowded and now - self._scarce > _LULL_SECONDS:
            for hand in idle[1:self._excess() + 1]:
                hand.kill()
        elif self.retired and not (self.hands or self._let_go):
            self._let_go = True
            self.control.shutdown(socket.SHUT_WR)
        elif self.ready and not (self.retired or self._hiring) and (not idle or len(self.hands) < self._wanted):
            self._hiring = True
            self._order(keeper.HIRE, 0)

    def hear(self) -> Hand | bool:
        """The hand that has been hired, True where the keeper has become ready, False where it is gone."""
        try:
            record, descriptors, _, _ = socket.recv_fds(self.control, RECORD.size, 1)
        except ConnectionResetError:
            return False
        if len(record) < RECORD.size:
            return False
        word, pid = RECORD.unpack(record)
        if word == keeper.READY:
            self.ready = True
            return True
        self._hiring = False
        hand = Hand(pid, socket.socket(fileno=descriptors[0]), self)
        hand.channel.setblocking(False)
        self.hands.append(hand)
        return hand

    def bury(self, hand: Hand) -> None:
        """Forgets a hand whose process has ended, and has the keeper take its leave of it."""
        self.hands.remove(hand)
        self._order(keeper.BURY, hand.pid)

    def dismiss(self) -> None:
        """Ends the keeper, and with it its hands."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)

    def _order(self, order: bytes, pid: int) -> None:
        with suppress(OSError):  # the keeper is gone: the room hears of it by itself
            self.control.sendall(RECORD.pack(order, pid))


def age(hand: Hand) -> float:
    """Seconds since a hand got its query."""
    return time.monotonic() - hand.started


class Crews:
    """The crews there are: from disk always, from memory where the release is small enough, one that may go out.

    They are for one store at a time, that of the current release. Where it changes, those before answer until the new
    ones are ready.
    """

    def __init__(self, limits: Limits, store: str, triples: int) -> None:
        self._limits = limits
        self._store, self._triples = store, triples
        self._crews: list[Crew] = []
        self.unsettled = True
        self._given_up: set[Post] = set()
        self._other_since = math.inf
        self._rest_until = 0.0

    def consider(self, store: str, triples: int) -> None:
        """Takes note of the store a query is for: one that has been asked for alone for a while is the current one.

        Queries that began before a swap may come after it, and should not have the store before loaded again.
        """
        if store == self._store:
            self._other_since = math.inf
            return
        now = time.monotonic()
        self._other_since = min(self._other_since, now)
        if not self._store or now - self._other_since > _SETTLED_SECONDS:
            self._store, self._triples, self._other_since = store, triples, math.inf
            self.unsettled = True

    def hand_for(self, visit: Visit) -> Hand | None:
        """An idle hand that can answer a query: from memory if it is held there, else from disk.

        Never from either: without ORDER BY each has an order of its own, and pages of one answer should fit together.
        """
        fit = [crew for crew in self._crews if crew.ready and not crew.retired and crew.post.network == visit.federated]
        held = [crew for crew in fit if visit.whole and crew.post.in_memory and crew.post.store == visit.store]
        from_disk = sorted((crew for crew in fit if not crew.post.in_memory), key=lambda crew: crew.post.store != visit.store)
        return next((hand for crew in held or from_disk if (hand := crew.idle())), None)

    def staff(self) -> list[Crew]:
        """Starts the crews that are missing, retires those that have been replaced, hires; gives the crews started.

        Does nothing as long as nothing has changed.
        """
        if not self.unsettled or time.monotonic() < self._rest_until:
            return []
        self.unsettled = any(crew.crowded for crew in self._crews)
        posts = self._posts()
        try:
            started = [Crew(post, self._limits) for post in posts if not any(crew.post == post for crew in self._crews)]
        except OSError:  # no process or descriptor to be had: those that there are go on
            self.rest()
            return []
        self._crews += started
        if all(crew.ready for crew in self._crews if crew.post in posts):
            for crew in self._crews:
                crew.retired = crew.post not in posts
        for crew in list(self._crews):
            crew.staff()
        return started

    def _posts(self) -> list[Post]:
        posts = [Post(self._store), Post(self._store, in_memory=True), Post(self._store, network=True)]
        wanted = (True, 0 < self._triples <= self._limits.memory_triples, bool(self._limits.services))
        return [post for post, is_wanted in zip(posts, wanted, strict=True) if is_wanted and post not in self._given_up]

    def hands(self) -> int:
        """How many workers there are."""
        return sum(len(crew.hands) for crew in self._crews)

    def lose(self, crew: Crew) -> None:
        """Forgets a crew whose keeper has ended. One that never became ready is not tried again from memory."""
        self.unsettled = True
        self._crews.remove(crew)
        crew.dismiss()
        if crew.post.in_memory and not crew.ready:
            self._given_up.add(crew.post)
        if not crew.retired:
            self.rest()

    def rest(self) -> None:
        """Something failed by itself: nobody is hired for a moment."""
        self._rest_until = time.monotonic() + _REST_SECONDS
        self.unsettled = True

    def dismiss(self) -> None:
        """Ends all processes."""
        for crew in self._crews:
            crew.dismiss()
