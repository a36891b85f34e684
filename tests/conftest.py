"""What the tests share: the two projects, releases built once, a running server, and tools that may be missing."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from triplehelix.build import build
from triplehelix.project import Project
from triplehelix.releases import read_manifest

ROOT = Path(__file__).resolve().parents[1]


def absent(what: str) -> None:
    """Skip aloud, because a stranger may not have it; fail in the project's own runs (CI=true), which must."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{what} is not here")


def require(tool: str) -> str:
    """The path of a program the test compares with."""
    return shutil.which(tool) or absent(f"the program {tool}")


def free_port() -> int:
    """A loopback port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(**extra: str) -> dict[str, str]:
    """The environment of a child process that runs this checkout's package."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "server"), **extra}


def triplehelix(*arguments: object, folder: Path = ROOT, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the command with its output piped, warnings as errors."""
    command = [sys.executable, "-W", "error", "-m", "triplehelix", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment(**extra), capture_output=True, text=True, timeout=120)


def hashes(folder: Path) -> dict[str, str]:
    """Path below the folder to SHA-256 of its bytes, for every file."""
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


@contextlib.contextmanager
def served(release: Path, *options: str) -> Iterator[str]:
    """`triplehelix serve` on the port of the release's base, from when /health answers; its base IRI."""
    base = read_manifest(release).base
    command = [sys.executable, "-m", "triplehelix", "serve", str(release.parent), "--port", str(urlsplit(base).port), *options]
    log = release.parent / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment(), stdout=output, stderr=subprocess.STDOUT)
    try:
        _await(base + "health", lambda: process.poll() is None, log)
        yield base
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str, alive: Callable[[], bool], log: Path) -> None:
    """Wait half a minute for an answer, no longer than the process lives."""
    for _ in range(300):
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url, timeout=5):
            return
        assert alive(), log.read_text()
        time.sleep(0.1)
    pytest.fail(f"{url} does not answer: {log.read_text()}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of source documents beside the checkout."""
    folder = ROOT.parent / "shared"
    return folder if folder.is_dir() else absent(f"the folder {folder}")


@pytest.fixture(scope="session")
def repository() -> Project:
    """The project of this checkout. Not to be changed."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The miniature, a project of its own base. Not to be changed: see `draft`."""
    return Project(shutil.copytree(ROOT / "tests/project", tmp_path_factory.mktemp("copy") / "mini"))


@pytest.fixture
def draft(mini: Project, tmp_path: Path) -> Project:
    """A copy of the miniature that one test may spoil."""
    return Project(shutil.copytree(mini.root, tmp_path / "draft"))


@pytest.fixture(scope="session")
def release(repository: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of this checkout at a loopback address, built once. Not to be changed."""
    return build(repository, tmp_path_factory.mktemp("releases"), f"http://127.0.0.1:{free_port()}/")


@pytest.fixture(scope="session")
def mini_release(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the miniature at a loopback address, built once. Not to be changed."""
    return build(mini, tmp_path_factory.mktemp("mini"), f"http://127.0.0.1:{free_port()}/")
