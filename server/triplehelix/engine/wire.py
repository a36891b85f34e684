"""Messages between web process, room and worker: two lengths, a JSON header, a body of bytes."""

from __future__ import annotations

import json
import struct
from socket import socket
from typing import Any

from triplehelix.engine.model import (
    BadQuery,
    Busy,
    OutOfMemory,
    QueryError,
    Timeout,
    TooLarge,
    Unavailable,
)

_LENGTHS = struct.Struct("!II")
_ERRORS = (BadQuery, Busy, OutOfMemory, Timeout, TooLarge, Unavailable)
_BLOCK = 1 << 18


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """A message as it goes over a socket."""
    head = json.dumps(header, ensure_ascii=False).encode()
    return _LENGTHS.pack(len(head), len(body)) + head + body


def is_whole(received: bytes | bytearray) -> bool:
    """Whether all of a message has come."""
    return len(received) >= _LENGTHS.size and len(received) >= _LENGTHS.size + sum(_LENGTHS.unpack_from(received))


def unpack(message: bytes | bytearray) -> tuple[dict[str, Any], bytes]:
    """Header and body of a whole message."""
    length, _ = _LENGTHS.unpack_from(message)
    start = _LENGTHS.size + length
    return json.loads(bytes(message[_LENGTHS.size:start])), bytes(message[start:])


def receive(channel: socket) -> bytes | None:
    """The next message of a blocking socket, or None where the other side closes it."""
    received = bytearray()
    while not is_whole(received):
        block = channel.recv(_BLOCK)
        if not block:
            return None
        received += block
    return bytes(received)


def pack_error(error: QueryError) -> bytes:
    """An error as a message."""
    return pack({"error": type(error).__name__, "detail": error.detail, "retry_after": error.retry_after})


def error_of(header: dict[str, Any]) -> QueryError:
    """The error that `pack_error` packed."""
    kind = next(kind for kind in _ERRORS if kind.__name__ == header["error"])
    return kind(header["detail"], retry_after=header["retry_after"])
