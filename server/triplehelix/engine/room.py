"""The engine room: a process of its own, one thread, that lets workers answer queries and kills those that overrun.

It never parses a query and opens no store, so nothing a visitor writes can stop it. Start it with
`triplehelix.engine.start_room`; its arguments are a listening socket, the limits as JSON, its parent's process
id, and the store to open beforehand.
"""

from __future__ import annotations

import json
import math
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from triplehelix.engine import sandbox, wire
from triplehelix.engine.model import Busy, Limits, OutOfMemory, QueryError, Timeout
from triplehelix.engine.worker import Worker

_BLOCK = 1 << 18
# A worker that worked so long is replaced, so that the memory it keeps is not counted against the next query.
_FRESH_SECONDS = 0.5
_REST_SECONDS = 1.0


@dataclass(eq=False)
class Visit:
    """One query of a web process: its connection, what came in, what is still to go out, who works on it."""

    channel: socket.socket
    deadline: float
    request: bytearray = field(default_factory=bytearray)
    store: str = ""
    reply: memoryview | None = None
    hand: Hand | None = None


@dataclass(eq=False)
class Hand:
    """One worker process: its socket, the visit it works on since when, and what it has answered so far."""

    pid: int
    channel: socket.socket
    visit: Visit | None = None
    started: float = 0.0
    answer: bytearray = field(default_factory=bytearray)
    killed: bool = False


class Room:
    """The loop: accept, queue, hand out, kill, reply."""

    def __init__(self, listener: socket.socket, limits: Limits, parent: int, store: str) -> None:
        self._listener = listener
        self._limits = limits
        self._parent = parent
        self._selector = selectors.DefaultSelector()
        self._hands: list[Hand] = []
        self._visits: set[Visit] = set()
        self._queue: deque[Visit] = deque()
        self._store = store
        self._hire_after = 0.0

    def run(self) -> None:
        """Works until the parent is gone; by then no worker is left either."""
        self._listener.setblocking(False)
        self._watch(self._listener, selectors.EVENT_READ, self._accept)
        try:
            while os.getppid() == self._parent:  # the parent-death signal comes sooner, where there is one
                self._staff()
                for key, _ in self._selector.select(self._patience()):
                    if key.fileobj.fileno() >= 0:  # an earlier event of this round may have closed it
                        key.data()
                self._keep_time()
        finally:
            for hand in self._hands:
                os.kill(hand.pid, signal.SIGKILL)
                os.waitpid(hand.pid, 0)

    def _watch(self, channel: socket.socket, events: int, then: Callable[[], None]) -> None:
        self._selector.register(channel, events, then)

    def _close(self, channel: socket.socket) -> None:
        self._selector.unregister(channel)
        channel.close()

    # Workers

    def _staff(self) -> None:
        """One worker more than may run at once: the spare takes over when another is killed."""
        try:
            while len(self._hands) <= self._limits.workers and time.monotonic() >= self._hire_after:
                self._hire()
        except OSError:  # no process or descriptor to be had: those that there are go on
            self._hire_after = time.monotonic() + _REST_SECONDS

    def _hire(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            room, pid = os.getpid(), os.fork()
            if pid == 0:
                _become_worker(theirs, self._limits, self._store, room)
        ours.setblocking(False)
        hand = Hand(pid, ours)
        self._hands.append(hand)
        self._watch(ours, selectors.EVENT_READ, lambda: self._hear_hand(hand))

    def _kill(self, hand: Hand) -> None:
        """Ends a worker; its socket reports when the kernel has taken its memory back."""
        hand.killed, hand.visit = True, None
        os.kill(hand.pid, signal.SIGKILL)

    def _hear_hand(self, hand: Hand) -> None:
        block = _read(hand.channel)
        if block is None:
            return
        hand.answer += block
        if not block:
            self._bury(hand)
        elif hand.visit and wire.is_whole(hand.answer):
            self._deliver(hand, hand.visit)
        self._dispatch()

    def _deliver(self, hand: Hand, visit: Visit) -> None:
        self._reply(visit, bytes(hand.answer))
        if time.monotonic() - hand.started > _FRESH_SECONDS:
            self._kill(hand)
        hand.visit, hand.answer = None, bytearray()

    def _bury(self, hand: Hand) -> None:
        self._hands.remove(hand)
        self._close(hand.channel)
        os.waitpid(hand.pid, 0)
        if hand.visit:  # a failed allocation, a stack overflow and the kernel's own killer all end a worker so
            self._refuse(hand.visit, OutOfMemory(
                "The query needs more memory than one query is given. Ask for less at once: add LIMIT, leave out "
                "ORDER BY, join the patterns by a variable, or download the dump."))
        elif not hand.killed:
            self._hire_after = time.monotonic() + _REST_SECONDS

    # Visits

    def _accept(self) -> None:
        try:
            channel, _ = self._listener.accept()
        except OSError:  # gone again, or no descriptor left: the next round tries again
            return
        channel.setblocking(False)
        visit = Visit(channel, time.monotonic() + self._limits.wait_seconds)
        self._visits.add(visit)
        self._watch(channel, selectors.EVENT_READ, lambda: self._hear_visit(visit))

    def _hear_visit(self, visit: Visit) -> None:
        if visit.reply is not None:
            self._send(visit)
            return
        block = _read(visit.channel)
        if block is None:
            return
        if not block:
            self._leave(visit)
        else:
            visit.request += block
            if wire.is_whole(visit.request):
                self._enqueue(visit)
        self._dispatch()

    def _enqueue(self, visit: Visit) -> None:
        if visit in self._queue or visit.hand:
            return
        try:
            visit.store = str(wire.unpack(visit.request)[0]["store"])
        except (ValueError, LookupError, TypeError):  # not one of our own web processes
            self._leave(visit)
            return
        if len(self._queue) >= self._limits.queue and not self._idle():
            self._refuse(visit, self._busy())
        else:
            self._queue.append(visit)

    def _idle(self) -> Hand | None:
        """A worker that may take a query now, if the number that may run at once is not reached."""
        if sum(1 for hand in self._hands if hand.visit) >= self._limits.workers:
            return None
        return next((hand for hand in self._hands if not hand.visit and not hand.killed), None)

    def _dispatch(self) -> None:
        while self._queue and (hand := self._idle()):
            visit = self._queue[0]
            if self._hand_over(visit.request, hand):
                self._queue.popleft()
                self._store = visit.store
                visit.hand, hand.visit, hand.started = hand, visit, time.monotonic()
                visit.deadline = hand.started + self._limits.seconds

    def _hand_over(self, request: bytearray, hand: Hand) -> bool:
        """Gives a worker its query, or ends a worker that does not take it."""
        hand.channel.settimeout(_REST_SECONDS)
        try:
            hand.channel.sendall(request)
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self._kill(hand)
        hand.channel.setblocking(False)
        return not hand.killed

    def _reply(self, visit: Visit, message: bytes) -> None:
        visit.reply, visit.hand = memoryview(message), None
        visit.deadline = math.inf
        self._selector.modify(visit.channel, selectors.EVENT_WRITE, lambda: self._send(visit))

    def _refuse(self, visit: Visit, error: QueryError) -> None:
        self._reply(visit, wire.pack_error(error))

    def _send(self, visit: Visit) -> None:
        try:
            visit.reply = visit.reply[visit.channel.send(visit.reply):]
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError):
            visit.reply = visit.reply[:0]
        if not visit.reply:
            self._leave(visit)

    def _leave(self, visit: Visit) -> None:
        """Ends a visit, answered or not: nobody waits for its query any more."""
        self._visits.discard(visit)
        if visit in self._queue:
            self._queue.remove(visit)
        if visit.hand:
            self._kill(visit.hand)
        self._close(visit.channel)

    # Time

    def _patience(self) -> float:
        """Seconds until the next deadline, a second at most."""
        soonest = min((visit.deadline for visit in self._visits), default=math.inf)
        return max(0.0, min(1.0, soonest - time.monotonic()))

    def _keep_time(self) -> None:
        now = time.monotonic()
        for visit in [visit for visit in self._visits if visit.deadline <= now]:
            if visit in self._queue:
                self._queue.remove(visit)
            if visit.hand:
                self._kill(visit.hand)
                self._refuse(visit, Timeout(
                    f"The query ran longer than {self._limits.seconds:g} seconds and was stopped. Add LIMIT, bind more "
                    "of the pattern, or download the dump."))
            else:
                self._refuse(visit, self._busy())
        self._dispatch()

    def _busy(self) -> Busy:
        return Busy("All query workers are taken. Try again in a moment.",
                    retry_after=math.ceil(self._limits.wait_seconds))


def _read(channel: socket.socket) -> bytes | None:
    """What has come; b"" where the other side is gone, None where there is nothing yet."""
    try:
        return channel.recv(_BLOCK)
    except BlockingIOError:
        return None
    except ConnectionResetError:
        return b""


def _become_worker(channel: socket.socket, limits: Limits, store: str, room: int) -> NoReturn:
    """Turns the forked child into a worker; never returns."""
    failed = True
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sandbox.die_with(room, signal.SIGKILL)
        keep = os.dup2(channel.fileno(), 3) if channel.fileno() != 3 else 3
        os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
        sandbox.confine(limits.memory_bytes)
        Worker(limits).serve(socket.socket(fileno=keep), store)
        failed = False
    finally:  # nothing of the room's own loop may run in the child
        if failed:
            traceback.print_exc()
        os._exit(failed)


def main() -> None:
    """Runs the room of the command line."""
    descriptor, limits, parent, store = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, and the parent ends the room
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sandbox.die_with(int(parent), signal.SIGTERM)
    Room(socket.socket(fileno=int(descriptor)), Limits(**json.loads(limits)), int(parent), store).run()


if __name__ == "__main__":
    main()
