"""A process that has read its modules and forks another for each order: builds and prunings as real processes, which may be
killed or find the disk full, and of which hundreds can be had without reading the modules each time.

It opens no store itself, for the threads of one do not live on in a forked process.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# What audit hooks call the changes of a folder (docs.python.org/3/library/audit_events.html).
CHANGES = frozenset({"open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"})
# Those that take space.
TAKING = frozenset({"open", "os.mkdir", "os.symlink"})


@dataclass(frozen=True)
class Order:
    """What is to be done (`build` of a project, or `prune`), and what is to befall it.

    It gets the signal `strike` so many `seconds` after it began, or after it has told the step `after`; it is killed before the
    change number `dies_at` of the folder that it makes from then on, or finds the disk full at number `full_at` and all that
    follow. `user` is whose it is.
    """

    do: str
    releases: str
    project: str = ""
    base: str | None = None
    keep: int = 1
    after: str | None = None
    seconds: float | None = None
    strike: int = signal.SIGKILL
    dies_at: int | None = None
    full_at: int | None = None
    user: int | None = None


@dataclass(frozen=True)
class Outcome:
    """The version that was built or the versions that were pruned, else the fault; neither where it was killed.

    `moments` are the seconds from the beginning to each step and to the end.
    """

    done: str | None
    fault: str | None
    status: int
    moments: dict[str, float]


class Forge:
    """The forge, as a process of its own; a context manager."""

    def __init__(self, project: Path):
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1] / "server")}
        self._process = subprocess.Popen([sys.executable, "-W", "error", __file__, str(project)], env=environment, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @property
    def pid(self) -> int:
        """The forge's own process, whose only child does an order."""
        return self._process.pid

    def __enter__(self) -> Forge:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def __call__(self, do: str, releases: Path, **more: Any) -> Outcome:
        """Have an order done; how it ended."""
        given = {name: str(value) if isinstance(value, Path) else value for name, value in more.items()}
        self._process.stdin.write(json.dumps(asdict(Order(do, str(releases), **given))) + "\n")
        self._process.stdin.flush()
        return Outcome(**json.loads(self._process.stdout.readline()))


def main(project: Path) -> None:
    """Do orders, a line each, until there are no more."""
    from triplehelix.build import prune  # noqa: F401
    from triplehelix.check import check
    from triplehelix.project import Project
    check(Project(project))
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGUSR1})
    for line in sys.stdin:
        print(json.dumps(asdict(forged(Order(**json.loads(line))))), flush=True)


def forged(order: Order) -> Outcome:
    """The order done by a child, which is killed when its time has come."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, signal.SIGUSR1})
        _work(order, os.fdopen(writer, "w"))
    os.close(writer)
    _strike_in_time(order, child)
    with os.fdopen(reader) as told:
        said = dict(json.loads(line) for line in told)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.sigtimedwait({signal.SIGCHLD}, 0)
    moments = {step: at for step, at in said.items() if isinstance(at, float)}
    return Outcome(said.get("done"), said.get("fault"), status, moments)


def _strike_in_time(order: Order, child: int) -> None:
    if order.after and signal.sigwait({signal.SIGCHLD, signal.SIGUSR1}) == signal.SIGCHLD:
        return
    if order.seconds is not None and signal.sigtimedwait({signal.SIGCHLD}, order.seconds) is None:
        os.kill(child, order.strike)


def _work(order: Order, told: Any) -> None:
    """The child: it does the order, tells what comes of it, and ends."""
    began = time.monotonic()

    def say(name: str, value: object) -> None:
        told.write(json.dumps([name, value]) + "\n")
        told.flush()

    def step(name: str) -> None:
        say(name, time.monotonic() - began)
        if name == order.after:
            _befall(order)
            os.kill(os.getppid(), signal.SIGUSR1)

    try:
        if order.after is None:
            _befall(order)
        if order.user is not None:
            os.setgroups([])
            os.setgid(order.user)
            os.setuid(order.user)
        _do(order, step, say)
        say("end", time.monotonic() - began)
        told.close()
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the forge itself is not left by a child
        sys.excepthook(type(error), error, error.__traceback__)
        os._exit(2)


def _do(order: Order, step: Callable[[str], None], say: Callable[[str, object], None]) -> None:
    from triplehelix.build import build
    from triplehelix.build.prune import prune
    from triplehelix.findings import Faulty
    from triplehelix.project import Project
    try:
        if order.do == "build":
            say("done", build(Project(Path(order.project)), Path(order.releases), order.base, step).name)
        else:
            say("done", " ".join(prune(Path(order.releases), order.keep).versions))
    except Faulty as error:
        say("fault", str(error))


def _befall(order: Order) -> None:
    """From now on, changes of the folder are counted, and what is to befall at one of them does."""
    if order.dies_at is None and order.full_at is None:
        return
    made = 0

    def hook(event: str, arguments: tuple) -> None:
        nonlocal made
        if event not in CHANGES or not _is_change(order.releases, event, arguments):
            return
        made += 1
        if made == order.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if order.full_at is not None and made >= order.full_at and event in TAKING:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sys.addaudithook(hook)


def _is_change(releases: str, event: str, arguments: tuple) -> bool:
    """Whether it is one of the folder of releases. What shutil removes it names by an open folder, not by its path."""
    named = [os.fsdecode(each) for each in arguments if isinstance(each, (str, bytes, os.PathLike))]
    if event == "open":
        return named[:1] != [] and named[0].startswith(releases) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
    return any(name.startswith(releases) or not name.startswith("/") for name in named)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
