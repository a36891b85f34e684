"""What the tests share: the two projects, releases built once, a running server, and tools that may be missing."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse
from xdist.scheduler import LoadFileScheduling

from triplehelix import store
from triplehelix.build import build
from triplehelix.build.content import Content, content
from triplehelix.project import Project
from triplehelix.releases import read_manifest

ROOT = Path(__file__).resolve().parents[1]
# Fixtures that take a minute.
DEAR = ("release", "wheel")
DEAR_FOR = {"installed": "wheel", "stranger": "wheel"}
PORTS = random.SystemRandom()
COMMAND = (sys.executable, "-W", "error", "-m", "triplehelix")


def absent(what: str) -> None:
    """Skip aloud, because a stranger may not have it; fail in the project's own runs (CI=true), which must."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{what} is not here")


def require(tool: str) -> str:
    """The path of a program that a test needs."""
    return shutil.which(tool) or absent(f"the program {tool}")


def free_port() -> int:
    """A loopback port nobody listens on just now, and none of those that the system gives to clients, which others may get."""
    while True:
        port = PORTS.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def environment(**extra: str) -> dict[str, str]:
    """The environment of a child process that runs this checkout's package."""
    return {**os.environ, "PYTHONPATH": str(ROOT / "server"), **extra}


def triplehelix(*arguments: object, folder: Path = ROOT, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the command with its output piped, warnings as errors."""
    return subprocess.run([*COMMAND, *map(str, arguments)], cwd=folder, env=environment(**extra), capture_output=True, text=True)


def hashes(folder: Path) -> dict[str, str]:
    """Path below the folder to SHA-256 of its bytes, for every file."""
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


@contextlib.contextmanager
def served(release: Path, *options: str, port: int | None = None) -> Iterator[str]:
    """`triplehelix serve` on a port, that of the release's base by default, from when /health at the base answers; the base."""
    base, log = read_manifest(release).base, release.parent / "serve.log"
    port = port or urlsplit(base).port
    command = [*COMMAND, "serve", str(release.parent), "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment(), stdout=output, stderr=subprocess.STDOUT)
    try:
        _await(base + "health", process, log)
        yield base
    finally:
        process.terminate()
        process.wait(20)
        _await_silence(port)


def _await_silence(port: int) -> None:
    """Wait five seconds for the server's own processes to let go of a port: they end after it."""
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return
        time.sleep(0.05)


def _await(url: str, process: subprocess.Popen, log: Path) -> None:
    """Wait half a minute for an answer, no longer than the process lives."""
    for _ in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    pytest.fail(f"{url} does not answer: {log.read_text()}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    """Several processes run the tests, each the whole of a file; one runs all files that share what takes long to make.

    So it is made once, and its address is asked by one process at a time.
    """

    class Sharing(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is shared begins first: it takes the longest."""
    items.sort(key=lambda item: group(item.nodeid) not in DEAR)


def group(nodeid: str) -> str:
    """What the tests of a file share, else the file."""
    file = nodeid.partition("::")[0]
    return next((name for name in DEAR if name in _parameters(file)), file)


@lru_cache(None)
def _parameters(file: str) -> frozenset[str]:
    """The fixtures that the tests and fixtures of a file ask for, and those that these stand for."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    asking = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
              and (node.name.startswith("test_") or "fixture" in map(_name, node.decorator_list))]
    found = {argument.arg for node in asking for argument in node.args.args}
    # By name, where a fixture has others as its parameters.
    found |= {part.value for node in asking for decorator in node.decorator_list for part in ast.walk(decorator)
              if isinstance(part, ast.Constant) and part.value in DEAR}
    return frozenset(found | {DEAR_FOR[name] for name in found & DEAR_FOR.keys()})


def _name(decorator: ast.expr) -> str:
    """The last part of the name of a decorator: fixture, of @pytest.fixture(...)."""
    function = decorator.func if isinstance(decorator, ast.Call) else decorator
    return getattr(function, "attr", "")


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
def held(repository: Project, tmp_path_factory: pytest.TempPathFactory) -> Content:
    """What a release of this checkout holds, at the canonical base."""
    return content(repository, tmp_path_factory.mktemp("held"))[0]


@pytest.fixture(scope="session")
def filled(held: Content) -> Store:
    """A store as a release of this checkout has it: the merge of the dataset as default graph, all graphs by name."""
    return serving(held)


def serving(held: Content, step: int = 1) -> Store:
    """The store of a release; with step -1 filled from the other end."""
    known = store.memory(statements(held, "dataset")[::step])
    known.extend(statements(held, "apart", "service"))
    return known


def statements(held: Content, *parts: str) -> list[Quad]:
    """The quads of the graphs that take part in one of these ways."""
    return list(parse(b"".join(held.quads(*parts)), format=RdfFormat.N_QUADS))


def write_store(folder: Path, quads: Iterable[Quad], default: Iterable[Quad]) -> None:
    """A store on disk with the quads of named graphs, and those of a default graph."""
    store.write(folder, (), [*quads, *default])


@pytest.fixture(scope="session")
def release(repository: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of this checkout at a loopback address, built once. Not to be changed."""
    return build(repository, tmp_path_factory.mktemp("releases"), f"http://127.0.0.1:{free_port()}/")


@pytest.fixture(scope="session")
def mini_release(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the miniature at a loopback address, built once. Not to be changed."""
    return build(mini, tmp_path_factory.mktemp("mini"), f"http://127.0.0.1:{free_port()}/")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `python -m build` makes from the sdist it has just made."""
    folder = tmp_path_factory.mktemp("dist")
    run_clean(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a clean environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    done = run_clean(folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"the package index is not in reach, so the wheel was not installed: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    return folder / "bin"


def run_clean(*words: object, check: bool = True, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command in an environment without what speaks to Python of this one."""
    command = [str(word) for word in words]
    return subprocess.run(command, capture_output=True, text=True, check=check, cwd=cwd, env=clean_environment(), timeout=280)


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
