"""Messages between web process, room and worker: a frame of two lengths and a time, a JSON header, a body of bytes."""

from __future__ import annotations

import json
import struct
from socket import socket
from typing import Any

from triplehelix.engine.model import (
    BadQuery,
    Busy,
    FairUse,
    OutOfMemory,
    QueryError,
    Timeout,
    TooLarge,
    Unavailable,
    Undetermined,
)

_FRAME = struct.Struct("!IId")
_ERRORS = (BadQuery, Busy, FairUse, OutOfMemory, Timeout, TooLarge, Unavailable, Undetermined)
# Below what the allocator maps and unmaps for each call.
BLOCK = 1 << 15


def pack(header: dict[str, Any], body: bytes = b"", seconds: float = 0.0) -> bytes:
    """A message as it goes over a socket. `seconds` are those a query may take, or those its answer has taken."""
    head = json.dumps(header, ensure_ascii=False).encode()
    return _FRAME.pack(len(head), len(body), seconds) + head + body


def state_asked() -> bytes:
    """The message that asks the room, in place of a query, how it is doing."""
    return pack({"state": True})


def is_whole(received: bytes | bytearray) -> bool:
    """Whether all of a message has come."""
    return len(received) >= _FRAME.size and len(received) >= _FRAME.size + sum(_FRAME.unpack_from(received)[:2])


def unpack(message: bytes | bytearray) -> tuple[dict[str, Any], bytes]:
    """Header and body of a whole message."""
    start = _FRAME.size + _FRAME.unpack_from(message)[0]
    return header_of(message), bytes(message[start:])


def header_of(message: bytes | bytearray) -> dict[str, Any]:
    """The header of a whole message."""
    length = _FRAME.unpack_from(message)[0]
    return json.loads(bytes(message[_FRAME.size:_FRAME.size + length]))


def seconds_of(message: bytes | bytearray) -> float:
    """The time in the frame of a whole message."""
    return _FRAME.unpack_from(message)[2]


def receive(channel: socket, received: bytes = b"") -> bytes | None:
    """The next message of a blocking socket, of which a part may have come; None where the other side closes it."""
    message = bytearray(received)
    while not is_whole(message):
        block = channel.recv(BLOCK)
        if not block:
            return None
        message += block
    return bytes(message)


def told(error: QueryError) -> dict[str, Any]:
    """An error as the header of a message."""
    return {"error": type(error).__name__, "detail": error.detail, "retry_after": error.retry_after}


def error_of(header: dict[str, Any]) -> QueryError:
    """The error that such a header tells of."""
    kind = next(kind for kind in _ERRORS if kind.__name__ == header["error"])
    return kind(header["detail"], retry_after=header["retry_after"])
