"""The table of peers, and the environment that each is installed into: their needs exclude each other's, and ours."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# Name on PyPI to what is installed of it.
PEERS = {"morph-kgc": "morph-kgc==2.10.0", "oxigraph": "oxigraph==0.5.13", "rdflib-endpoint": "rdflib-endpoint[cli]==0.6.3"}


@dataclass(frozen=True)
class Peer:
    """A peer that is installed: its name, its version as it states it, and its Python."""

    name: str
    version: str
    python: Path


def installed(name: str, environments: Path) -> Peer:
    """The peer of that name in an environment of its own below `environments`, made where it is not there yet."""
    home = environments / PEERS[name]
    python = home / "bin/python"
    if not (home / ".installed").is_file():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PEERS[name]], check=True)
        (home / ".installed").touch()
    ask = f"import importlib.metadata; print(importlib.metadata.version({name!r}))"
    version = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    return Peer(name, version, python)
