"""Answers that were given already, kept in memory up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import NamedTuple

# All that an answer depends on.
Key = tuple[str | bytes | tuple[str, ...] | None, ...]
# What an entry takes beside its own bytes: the objects around them.
OVERHEAD_BYTES = 3_000


class Answer(NamedTuple):
    """A whole answer, as WSGI has it.

    `tags` are the entity tags, in their quotes, by which a client may show that it has this already: its own first, none where
    it has none. `modified` is the date of Last-Modified. `validating` are the headers that go with 304 but for the entity tag.
    """

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    tags: tuple[str, ...] = ()
    modified: datetime | None = None
    validating: tuple[tuple[str, str], ...] = ()


class Cache:
    """Answers by what they depend on. Over `limit` bytes those go that were not asked for the longest. Threads may share it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def get(self, key: Key) -> Answer | None:
        """The answer kept under a key, if there is one."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
            return answer

    def put(self, key: Key, answer: Answer) -> None:
        """Keep an answer, in the place of any other under its key; one that is larger than all there is room for is not kept."""
        with self._lock:
            self._drop(key)
            self._answers[key] = answer
            self._held += size(key, answer)
            while self._held > self._limit:
                self._drop(next(iter(self._answers)))

    def _drop(self, key: Key) -> None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._held -= size(key, answer)


def size(key: Key, answer: Answer) -> int:
    """About how many bytes of memory an entry takes."""
    headers = sum(len(name) + len(value) for name, value in answer.headers)
    return OVERHEAD_BYTES + sum(len(part) for part in key if part) + headers + len(answer.body)
