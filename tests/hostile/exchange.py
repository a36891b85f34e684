"""A client that sends any bytes at all, and takes an answer that comes before it has sent them."""

from __future__ import annotations

import http.client
import select
import socket
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

# Most of an answer is not wanted; what a refusal says is short.
MOST = 32 << 20


@dataclass(frozen=True)
class Reply:
    """An answer: `seconds` from the end of the request, or from when the service ended it, to the end of the answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float


def source(number: int) -> str:
    """A loopback address to come from: Linux has many, others have one."""
    return f"127.0.{1 + number // 250 % 250}.{1 + number % 250}" if sys.platform == "linux" else "127.0.0.1"


def connected(host: str, come_from: str = "127.0.0.1", seconds: float = 30) -> socket.socket:
    """A connection to host:port from an address of this machine."""
    name, _, port = host.partition(":")
    return socket.create_connection((name, int(port)), timeout=seconds, source_address=(come_from, 0))


def exchange(host: str, blocks: Iterable[bytes], come_from: str = "127.0.0.1", leaves: bool = False,
             seconds: float = 30) -> Reply | None:
    """Sends the blocks and reads the answer; None where the connection is closed without one.

    Raises TimeoutError where nothing comes for so many seconds.
    """
    rest = iter(blocks)
    first = next(rest)
    with connected(host, come_from, seconds) as channel:
        _send(channel, chain([first], rest))
        if leaves:
            with suppress(OSError):  # the other side may have left first
                channel.shutdown(socket.SHUT_WR)
        return received(channel, "HEAD" if first.startswith(b"HEAD ") else "GET")


def heard(host: str, blocks: Iterable[bytes], seconds: float = 1) -> bytes:
    """All that comes on a connection within so many seconds."""
    answer = b""
    with connected(host, seconds=seconds) as channel:
        _send(channel, blocks)
        with suppress(TimeoutError, ConnectionError):
            while block := channel.recv(1 << 16):
                answer += block
    return answer


def received(channel: socket.socket, method: str = "GET") -> Reply | None:
    """The answer on a connection; None where it is closed without a whole one."""
    began = time.monotonic()
    answer = http.client.HTTPResponse(channel, method=method)
    try:
        answer.begin()
        body = answer.read(MOST)
    except (http.client.HTTPException, ConnectionError):
        return None
    return Reply(answer.status, answer.headers, body, time.monotonic() - began)


def _send(channel: socket.socket, blocks: Iterable[bytes]) -> None:
    """Sends until all is sent, an answer comes, or the other side has had enough."""
    for block in blocks:
        rest = memoryview(block)
        while rest:
            readable, _, _ = select.select([channel], [channel], [], channel.gettimeout())
            if readable:
                return
            try:
                rest = rest[channel.send(rest):]
            except ConnectionError:
                return
