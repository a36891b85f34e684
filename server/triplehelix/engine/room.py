"""The engine room: a process of its own, one thread, that lets workers answer queries and kills those that overrun.

It never parses a query and opens no store, so nothing a visitor writes can stop it. Web processes ask it over lines, one
query at a time on each; keepers fork the workers; `triplehelix.engine.supervisor` starts it, again where it ends.
"""

from __future__ import annotations

import math
import os
import selectors
import socket
import time
from collections.abc import Callable

from triplehelix.engine import wire
from triplehelix.engine.accounts import Accounts
from triplehelix.engine.crew import Crew, Crews, Hand, age
from triplehelix.engine.model import Busy, FairUse, Limits, OutOfMemory, QueryError, Timeout
from triplehelix.engine.tally import Tally
from triplehelix.engine.visits import Line, Queue, Visit, visit_of

# A worker that worked so long is replaced, so that the memory it keeps is not counted against the next query.
_FRESH_SECONDS = 0.5
_REST_SECONDS = 1.0


class Room:
    """The loop: accept, queue, hand out, kill, reply."""

    def __init__(self, listener: socket.socket, limits: Limits, parent: int, store: str, triples: int) -> None:
        self._listener = listener
        self._limits = limits
        self._parent = parent
        self._selector = selectors.DefaultSelector()
        self._accounts = Accounts(limits.client_seconds, time.monotonic)
        self._running: list[Hand] = []
        self._queue = Queue(self._accounts, lambda: [hand.visit for hand in self._running if hand.visit])
        self._crews = Crews(limits, store, triples)
        self._tally = Tally()
        self._state_asked = wire.state_asked()

    def run(self) -> None:
        """Works until the parent is gone; by then no worker is left either."""
        self._listener.setblocking(False)
        self._watch(self._listener, self._accept)
        try:
            while os.getppid() == self._parent:  # the parent-death signal comes sooner, where there is one
                for crew in self._crews.staff():
                    self._watch(crew.control, lambda crew=crew: self._hear_crew(crew))
                for key, _ in self._selector.select(self._patience()):
                    if key.fileobj.fileno() >= 0:  # an earlier event of this round may have closed it
                        key.data()
                self._keep_time()
        finally:
            self._crews.dismiss()

    def _watch(self, channel: socket.socket, then: Callable[[], None]) -> None:
        self._selector.register(channel, selectors.EVENT_READ, then)

    def _close(self, channel: socket.socket) -> None:
        self._selector.unregister(channel)
        channel.close()

    # Workers

    def _hear_crew(self, crew: Crew) -> None:
        self._crews.unsettled = True
        heard = crew.hear()
        if isinstance(heard, Hand):
            self._watch(heard.channel, lambda: self._hear_hand(heard))
        elif not heard:
            self._close(crew.control)
            self._crews.lose(crew)
        self._dispatch()

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
        answer, hand.answer = bytes(hand.answer), bytearray()
        self._tally.delivered += 1
        self._release(hand, wire.seconds_of(answer))
        if hand.long or age(hand) > _FRESH_SECONDS or hand.crew.retired:
            hand.kill()
        self._reply(visit, answer)

    def _release(self, hand: Hand, seconds: float) -> None:
        """Takes the query from a hand, and charges its client."""
        if hand.visit:
            self._tally.seconds += seconds
            self._accounts.charge(hand.visit.client, seconds)
            self._running.remove(hand)
            hand.visit.hand = hand.visit = None

    def _bury(self, hand: Hand) -> None:
        self._crews.unsettled = True
        self._close(hand.channel)
        hand.crew.bury(hand)
        visit = hand.visit
        if visit:  # a failed allocation, a stack overflow and the kernel's own killer all end a worker so
            self._release(hand, age(hand))
            self._refuse(visit, OutOfMemory(
                "The query needs more memory than one query is given. Ask for less at once: add LIMIT, leave out "
                "ORDER BY, join the patterns by a variable, or download the dump."))
        elif not hand.killed:
            self._crews.rest()

    def _stop(self, visit: Visit) -> None:
        """Ends the worker of a visit."""
        if visit.hand:
            self._tally.killed += 1
            visit.hand.kill()
            self._release(visit.hand, age(visit.hand))

    # Visits

    def _accept(self) -> None:
        try:
            channel, _ = self._listener.accept()
        except OSError:  # gone again, or no descriptor left: the next round tries again
            return
        channel.setblocking(False)
        line = Line(channel)
        self._watch(channel, lambda: self._hear_line(line))

    def _hear_line(self, line: Line) -> None:
        block = _read(line.channel)
        if block is None:
            return
        line.received += block
        if not block:
            self._hang_up(line)
        elif not line.visit and wire.is_whole(line.received):
            self._tell_state(line) if line.received == self._state_asked else self._enqueue(line)
        self._dispatch()

    def _tell_state(self, line: Line) -> None:
        """How the room is doing, for those who watch over it."""
        line.received = bytearray()
        line.reply = memoryview(wire.pack(self._tally.state(len(self._running), len(self._queue), self._crews.hands())))
        self._send(line)

    def _enqueue(self, line: Line) -> None:
        try:
            visit = line.visit = visit_of(line, self._limits.wait_seconds)
        except (ValueError, LookupError, TypeError):  # not one of our own web processes
            self._hang_up(line)
            return
        line.received = bytearray()
        if visit.current:
            self._crews.consider(visit.store, visit.triples)
        if wait := self._accounts.wait(visit.client):
            self._refuse(visit, FairUse(
                f"You have used your {self._limits.client_seconds:g} seconds of engine time in a minute. Ask again in "
                f"{math.ceil(wait)} seconds, or download the dump and query it yourself.", retry_after=math.ceil(wait)))
        elif visit.client and self._queue.of(visit.client) >= self._limits.client_queue:
            self._refuse(visit, FairUse(
                f"You have {self._limits.client_queue} queries waiting, as many as one client may. Ask one after another.",
                retry_after=math.ceil(self._limits.wait_seconds)))
        elif len(self._queue) >= self._limits.queue and not visit.own:
            self._refuse(visit, self._busy())
        else:
            self._queue.add(visit)

    def _dispatch(self) -> None:
        for visit in self._queue:
            hand = self._has_lane(visit) and self._crews.hand_for(visit)
            if hand and self._hand_over(visit, hand):
                self._queue.remove(visit)

    def _has_lane(self, visit: Visit) -> bool:
        """Whether one more query may run: one of our own at any time, a visitor's beside the long ones as long as it is quick."""
        own = sum(1 for hand in self._running if hand.visit.own)
        visitors = len(self._running) - own
        if visit.own:
            return not own or visitors < self._limits.workers
        return visitors <= self._limits.workers and (not visit.long or self._long() < self._limits.workers)

    def _hand_over(self, visit: Visit, hand: Hand) -> bool:
        """Gives a worker its query, or ends a worker that does not take it."""
        try:
            sent = hand.channel.send(visit.message)
            if sent < len(visit.message):
                hand.channel.settimeout(_REST_SECONDS)
                hand.channel.sendall(visit.message[sent:])
                hand.channel.setblocking(False)
        except (BrokenPipeError, ConnectionResetError, BlockingIOError, TimeoutError):
            hand.kill()
            return False
        visit.hand, hand.visit, hand.started = hand, visit, time.monotonic()
        self._running.append(hand)
        if visit.long:
            hand.work_long()
        self._crews.unsettled |= not hand.crew.idle()
        return True

    def _reply(self, visit: Visit, message: bytes) -> None:
        line, visit.line.visit = visit.line, None
        line.reply = memoryview(message)
        self._send(line)

    def _refuse(self, visit: Visit, error: QueryError) -> None:
        self._queue.remove(visit)
        self._tally.refused[type(error).__name__] += 1
        self._reply(visit, wire.pack(wire.told(error)))

    def _send(self, line: Line) -> None:
        """Sends what the line takes now, and the rest when it takes more."""
        try:
            line.reply = line.reply[line.channel.send(line.reply):]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self._hang_up(line)
            return
        if line.writing != bool(line.reply):
            line.writing = bool(line.reply)
            events, then = (selectors.EVENT_WRITE, self._send) if line.writing else (selectors.EVENT_READ, self._hear_line)
            self._selector.modify(line.channel, events, lambda: then(line))

    def _hang_up(self, line: Line) -> None:
        """Ends a line, answered or not: nobody waits for its query any more."""
        if line.visit:
            self._queue.remove(line.visit)
            self._stop(line.visit)
        self._close(line.channel)

    # Time

    def _patience(self) -> float:
        """Seconds until the next deadline, a second at most."""
        soonest = min((self._deadline(hand) for hand in self._running), default=math.inf)
        return max(0.0, min(1.0, soonest - time.monotonic(), self._queue.soonest() - time.monotonic()))

    def _deadline(self, hand: Hand) -> float:
        """When a running query is to be looked at again: at the end of its quick time, then at the end of its time."""
        return hand.started + (hand.visit.seconds if hand.long else min(hand.visit.seconds, self._limits.quick_seconds))

    def _keep_time(self) -> None:
        now = time.monotonic()
        for hand in [hand for hand in self._running if self._deadline(hand) <= now]:
            visit = hand.visit
            if age(hand) >= visit.seconds:
                self._stop(visit)
                self._refuse(visit, Timeout(
                    f"The query ran longer than {visit.seconds:g} seconds and was stopped. Add LIMIT, bind more "
                    "of the pattern, or download the dump."))
            elif visit.own or self._long() < self._limits.workers:
                hand.work_long()
            else:  # it begins again when another long one has ended
                self._stop(visit)
                visit.long, visit.until = True, now + self._limits.wait_seconds
                self._queue.add(visit)
        for visit in self._queue.overdue(now):
            self._refuse(visit, self._busy())
        self._dispatch()

    def _long(self) -> int:
        """How many long queries of visitors run."""
        return sum(1 for hand in self._running if hand.long and not hand.visit.own)

    def _busy(self) -> Busy:
        return Busy(f"{self._limits.workers} long queries run already, as many as there may be. Try again in a moment; queries "
                    f"of less than {self._limits.quick_seconds:g} seconds pass meanwhile.",
                    retry_after=math.ceil(self._limits.wait_seconds))


def _read(channel: socket.socket) -> bytes | None:
    """What has come; b"" where the other side is gone, None where there is nothing yet."""
    try:
        return channel.recv(wire.BLOCK)
    except BlockingIOError:
        return None
    except ConnectionResetError:
        return b""
