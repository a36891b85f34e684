"""What each client has used of the engine: a leaky account of engine seconds, kept in memory and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

_MINUTE = 60.0
# More clients than a room can serve in a minute: beyond that the oldest are forgotten.
_MOST_CLIENTS = 50_000


class Accounts:
    """Engine seconds used by client; an account drains by `per_minute` seconds in a minute.

    The client "" is nobody's: it is never charged.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._used: dict[str, tuple[float, float]] = {}

    def used(self, client: str) -> float:
        """The seconds that still count against a client."""
        seconds, at = self._used.get(client, (0.0, 0.0))
        return max(0.0, seconds - (self._clock() - at) * self._per_minute / _MINUTE)

    def charge(self, client: str, seconds: float) -> None:
        """Adds to a client's account."""
        if client:
            total = self.used(client) + seconds
            self._used.pop(client, None)  # so that the one charged last stands last
            self._used[client] = (total, self._clock())
            if len(self._used) > _MOST_CLIENTS:
                del self._used[next(iter(self._used))]

    def wait(self, client: str) -> float:
        """Seconds until a client may ask again; 0 where it may now."""
        over = self.used(client) - self._per_minute
        return over * _MINUTE / self._per_minute if over > 0 else 0.0
