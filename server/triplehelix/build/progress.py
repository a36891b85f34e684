"""How far a step of a build has come, and how fast."""

from __future__ import annotations

import time
from collections.abc import Callable

Step = Callable[[str], None]
# Is told how many more are done.
Done = Callable[[int], None]
# Seconds between two words of it.
PAUSE = 0.5


class Progress:
    """One step: `name`, and how many statements (or whatever `what` says) there are to do, where that is known."""

    def __init__(self, step: Step, name: str, total: int = 0, what: str = "statements"):
        self._step, self._name, self._total, self._what = step, name, total, what
        self._begun = self._said = time.monotonic()
        self._done = 0
        step(name)

    def add(self, done: int) -> None:
        """So many more are done."""
        self._done += done
        now = time.monotonic()
        if now - self._said >= PAUSE:
            self._said = now
            of = f" of {self._total:,}" if self._total else ""
            self._step(f"{self._name}: {self._done:,}{of} {self._what}, {self._done / (now - self._begun):,.0f} a second")


def unheard(_: int) -> None:
    """Where nobody asks how far it is."""
