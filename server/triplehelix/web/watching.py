"""What is seen of a request when it is over, for those who write it down or count it. Without them nothing stands here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from triplehelix.web.front import Application, Environment, StartResponse, close_body

# The key of a request under which it is told how many seconds the engine has had it, waiting included.
ENGINE = "triplehelix.engine"


class Seen(NamedTuple):
    """A request that is over: its method, what the front knows of it, the answer, its bytes, and the seconds it took.

    `whole` says that the answer was not left off half way.
    """

    method: str
    environ: Environment
    status: int
    headers: Sequence[tuple[str, str]]
    length: int
    seconds: float
    whole: bool = True


Observer = Callable[[Seen], None]


def watched(application: Application, observers: Sequence[Observer]) -> Application:
    """The application, with every answer told to all observers when its last byte has been handed on."""

    def watch(environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        began, method = time.perf_counter(), environ["REQUEST_METHOD"]
        told: list[object] = []

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            told[:] = int(status[:3]), headers
            start_response(status, headers)

        def tell(length: int, whole: bool = True) -> None:
            seen = Seen(method, environ, *told, length, time.perf_counter() - began, whole)
            for observer in observers:
                observer(seen)

        body = application(environ, start)
        if not isinstance(body, list):
            return _Counted(body, tell)
        tell(sum(map(len, body)))
        return body

    return watch


class _Counted:
    """A body that is given as it comes, and told of when it ends."""

    def __init__(self, body: Iterable[bytes], tell: Callable[[int, bool], None]) -> None:
        self._body = body
        self._blocks = iter(body)
        self._tell = tell
        self._length = 0
        self._is_whole = self._is_told = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            block = next(self._blocks)
        except StopIteration:
            self._is_whole = True
            raise
        self._length += len(block)
        return block

    def close(self) -> None:
        close_body(self._body)
        if not self._is_told:
            self._is_told = True
            self._tell(self._length, self._is_whole)


@contextmanager
def asking(environ: Environment) -> Iterator[None]:
    """The length of the block counts as time in which the engine has the request."""
    began = time.perf_counter()
    try:
        yield
    finally:
        environ[ENGINE] = environ.get(ENGINE, 0.0) + time.perf_counter() - began
