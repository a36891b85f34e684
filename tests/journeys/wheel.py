"""The site as a stranger has it: the wheel in an environment of its own, and `triplehelix serve` without a word more."""

from __future__ import annotations

import contextlib
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import clean_environment, free_port


@dataclass(frozen=True)
class Stranger:
    """Where the site is, the programs that were installed, and what `serve` said first."""

    base: str
    bin: Path
    told: str


@contextlib.contextmanager
def serving(installed: Path, home: Path) -> Iterator[Stranger]:
    """A server started in an empty folder; it builds into the cache first, which takes a minute."""
    port = free_port()
    here = home / "here"
    here.mkdir()
    process = subprocess.Popen([str(installed / "triplehelix"), "serve", "--port", str(port)], cwd=here, text=True,
                               env=clean_environment() | {"XDG_CACHE_HOME": str(home / "cache")}, stdout=subprocess.PIPE)
    try:
        told = process.stdout.readline()
        base = f"http://127.0.0.1:{port}/"
        for _ in range(200):
            with contextlib.suppress(OSError), urllib.request.urlopen(base + "health", timeout=5):
                break
            time.sleep(0.1)
        else:
            pytest.fail(f"{base} does not answer: {told}")
        yield Stranger(base, installed, told)
    finally:
        process.terminate()
        process.communicate(timeout=20)
