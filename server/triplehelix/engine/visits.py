"""What the room knows of those who ask: lines to the web processes, the query that each of them waits for, and the queue."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from triplehelix.engine import wire
from triplehelix.engine.accounts import Accounts

if TYPE_CHECKING:
    from triplehelix.engine.crew import Hand


@dataclass(eq=False)
class Line:
    """One connection of a web process, which asks one query after another: what came in, and what is still to go out."""

    channel: socket.socket
    received: bytearray = field(default_factory=bytearray)
    visit: Visit | None = None
    reply: memoryview | None = None
    writing: bool = False


@dataclass(eq=False)
class Visit:
    """One query: what its header says, the seconds it may take, until when it waits, and who works on it.

    `whole` says that the query is over the whole default graph, `federated` that it asks other endpoints, `long` that it
    has been tried beside as many long ones as there may be, and is one too, `current` that its store is that of the current
    release.
    """

    line: Line
    message: bytes
    store: str
    triples: int
    client: str
    own: bool
    whole: bool
    federated: bool
    seconds: float
    until: float
    long: bool = False
    hand: Hand | None = None
    current: bool = True


def visit_of(line: Line, wait_seconds: float) -> Visit:
    """The query that has come over a line, whole. Raises ValueError, LookupError or TypeError for what is none."""
    message = bytes(line.received)
    header = wire.header_of(message)
    return Visit(line, message, str(header["store"]), int(header["triples"]), str(header["client"]), bool(header["own"]),
                 bool(header["whole"]), bool(header["federated"]), wire.seconds_of(message), time.monotonic() + wait_seconds,
                 current=bool(header["current"]))


class Queue:
    """Visits that wait. The server's own come first, then those whose client has used the least, then the earliest."""

    def __init__(self, accounts: Accounts, running: Callable[[], list[Visit]]) -> None:
        self._accounts = accounts
        self._running = running
        self._waiting: list[Visit] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, visit: object) -> bool:
        return visit in self._waiting

    def __iter__(self) -> Iterator[Visit]:
        """In the order in which they are to be handed out; a copy, so that some may leave meanwhile."""
        if len(self._waiting) < 2:
            return iter(list(self._waiting))
        at_work = [visit.client for visit in self._running()]
        return iter(sorted(self._waiting, key=lambda visit: (
            not visit.own, at_work.count(visit.client), self._accounts.used(visit.client))))

    def of(self, client: str) -> int:
        """How many visits of a client wait."""
        return sum(1 for visit in self._waiting if visit.client == client)

    def add(self, visit: Visit) -> None:
        self._waiting.append(visit)

    def remove(self, visit: Visit) -> None:
        if visit in self._waiting:
            self._waiting.remove(visit)

    def overdue(self, now: float) -> list[Visit]:
        """Those that have waited as long as they may."""
        return [visit for visit in self._waiting if visit.until <= now]

    def soonest(self) -> float:
        """When the first of them is overdue, on the monotonic clock."""
        return min((visit.until for visit in self._waiting), default=math.inf)
