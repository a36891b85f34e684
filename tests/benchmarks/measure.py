"""What a command costs: wall time and peak memory of a child process, with all that it starts itself."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Seconds from start to end, and the largest resident set (bytes) of any one process that took part."""

    seconds: float
    peak: int


class Failed(RuntimeError):
    """A command that did not end well; the message is what it said last."""


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run the command in the folder and wait for it. Raises Failed where it ends with another status than 0.

    To be called by a small process: until the child has become the command, Linux counts the caller's memory as the child's.
    """
    log = folder / "said.log"
    with log.open("wb") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{' '.join(command[:4])} ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
    return Cost(seconds, usage.ru_maxrss * 1024)
