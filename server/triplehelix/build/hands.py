"""Hands: the processes that share the work of a build, where it is large enough to be shared.

What they are given are functions of a module with arguments that say where files are; what they give back is small. A process
takes half a second to start, in which a small release is built; so for that one there is none, and all is done here.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TypeVar

from triplehelix.engine.sandbox import die_with
from triplehelix.findings import fault

# Bytes of Turtle from which processes are worth starting.
LARGE = 2 << 20
# Tasks with large results for each process, that wait or are done and not yet asked for.
AHEAD = 2

Result = TypeVar("Result")


class Hands:
    """The processes of one build; without an executor there are none, and tasks are done when their results are asked for."""

    def __init__(self, executor: Executor | None = None, count: int = 1):
        self._executor, self.count = executor, count

    def begin(self, task: Callable[..., Result], *arguments: object) -> Callable[[], Result]:
        """Begin a task; what is given back waits for its end, and has its result."""
        return self._executor.submit(task, *arguments).result if self._executor else partial(task, *arguments)

    def each(self, task: Callable[..., Result], arguments: Iterable[tuple], large: bool = False) -> Iterator[Result]:
        """The results of a task for each of several arguments, in their order. Of `large` ones few are held at once."""
        most = AHEAD * self.count if large else float("inf")
        waiting: deque[Callable[[], Result]] = deque()
        for each in arguments:
            waiting.append(self.begin(task, *each))
            if len(waiting) >= most:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()


# All is done by the process that asks.
ALONE = Hands()


@contextlib.contextmanager
def hired(size: int) -> Iterator[Hands]:
    """Hands for sources of that many bytes. What is not done is given up with an exception; nobody outlives this process.

    Raises Faulty where one of them is killed.
    """
    count = os.cpu_count() or 1
    if size < LARGE or count < 2:
        yield ALONE
        return
    executor = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), die_with, (os.getpid(), signal.SIGKILL))
    try:
        yield Hands(executor, count)
    except BrokenProcessPool as error:
        raise fault("build", "one of its processes was killed; if that was for want of memory, give it more") from error
    finally:
        executor.shutdown(cancel_futures=True)
