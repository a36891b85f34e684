"""What subjects are given and what they give back."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import Peer, installed

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Bench:
    """One run: a folder to work in, where peers are installed, whether large sizes are repeated, and whom to tell of it.

    `sizes` (triples) and `servers` (names) are for the subject that has them; without `sizes` it takes its own.
    """

    folder: Path
    environments: Path
    full: bool
    say: Callable[[str], None]
    sizes: tuple[int, ...] = ()
    servers: tuple[str, ...] = ()

    def peer(self, name: str) -> Peer:
        self.say(f"{name}: making ready")
        return installed(name, self.environments)

    @property
    def own_environment(self) -> dict[str, str]:
        """The environment of a process that runs this checkout."""
        return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "server"), str(ROOT / "tests")))}


@dataclass(frozen=True)
class Comparison:
    """One figure of ours beside a peer's: each list has a value a round, in which the two ran one after the other.

    Comparisons with the same heading (`under`) are shown as one table, in which each peer is a column.
    """

    what: str
    unit: str
    ours: Sequence[float]
    peer: str
    theirs: Sequence[float]
    more_is_better: bool
    under: str = ""

    @property
    def ratios(self) -> tuple[float, float, float]:
        """Minimum, median and maximum over the rounds of how far we are ahead; below 1 we are behind."""
        rounds = [mine / other if self.more_is_better else other / mine
                  for mine, other in zip(self.ours, self.theirs, strict=True)]
        return min(rounds), statistics.median(rounds), max(rounds)


@dataclass(frozen=True)
class Section:
    """What a subject has found: its title, what was done (Markdown), the peers' versions, and the comparisons."""

    title: str
    text: str
    versions: dict[str, str]
    comparisons: list[Comparison]
