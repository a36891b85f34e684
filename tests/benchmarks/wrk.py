"""Point look-ups by wrk, which asks faster than a client in Python can."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from benchmarks.load import HOST, PATIENCE, ROWS, Refused
from benchmarks.questions import ROTATED, Question

SCRIPT = Path(__file__).with_name("point.lua")
# A server's processes may have a cache each, and start others in a rush: a run that is not measured goes before.
WARMING, SECONDS = 1, 3


def present() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def rate(port: int, path: str, question: Question, run: str, connections: int) -> float:
    """Requests a second. With `run` "" the same texts come over and over; else it is a word of no other run, and none does.

    Raises Refused where any request is answered with another status than 200.
    """
    before, after = (quote(part, safe="") for part in question.text.split(f"{question.rotates}-0>"))
    query = [f"{path}?", before + quote(f"{question.rotates}-", safe=""), "%3E" + after, str(ROTATED)]
    _run(port, query, run and f"warming-{run}", connections, WARMING)
    return _run(port, query, run, connections, SECONDS)


def _run(port: int, query: list[str], run: str, connections: int, seconds: int) -> float:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", f"{PATIENCE:.0f}s", "-s", str(SCRIPT),
               "-H", f"Accept: {ROWS}",
               f"http://{HOST}:{port}", "--", *query, run]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if re.search(r"Non-2xx|Socket errors: .*[1-9]", said):
        raise Refused(f"port {port}: {said}")
    return float(re.search(r"Requests/sec: +([\d.]+)", said)[1])
