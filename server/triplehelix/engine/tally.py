"""What became of the queries of a room, since that was started."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from triplehelix.engine.model import Busy, FairUse, OutOfMemory, Timeout


@dataclass
class Tally:
    """Answers of workers delivered, queries whose worker was ended, seconds worked, and refusals by the room by their kind."""

    delivered: int = 0
    killed: int = 0
    seconds: float = 0.0
    refused: Counter[str] = field(default_factory=lambda: Counter({kind.__name__: 0 for kind in (
        Busy, FairUse, OutOfMemory, Timeout)}))

    def state(self, running: int, waiting: int, workers: int) -> dict[str, Any]:
        """All of it, with how many queries run and wait and how many workers there are at this moment."""
        return {"running": running, "waiting": waiting, "workers": workers, "delivered_total": self.delivered,
                "killed_total": self.killed, "seconds_total": round(self.seconds, 6), "refused": self.refused}
