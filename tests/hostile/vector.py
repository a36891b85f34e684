"""One hostile request and the answers it may get, and the few ways to make one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
BLOCK = 1 << 16


@dataclass(frozen=True)
class Target:
    """Where a request goes: host and port of the service, and the IRI of a listener that nobody may connect to."""

    host: str
    listener: str


Text = str | Callable[[], str]
Request = Callable[[Target], Iterable[bytes]]


@dataclass(frozen=True)
class Vector:
    """A request as the blocks of bytes that go over the wire, with the statuses that are right.

    `told` is what the detail of a refusal has to hold, in lower case; `placed` asks for line and column. `leaves` says that
    the client says nothing more after the request: it closes its side. `unseen` marks what the HTTP server may refuse with
    words of its own, before the application sees a request: any 4xx, or a connection closed without an answer.
    """

    name: str
    request: Request
    expected: frozenset[int]
    told: str = ""
    placed: bool = False
    leaves: bool = False
    unseen: bool = False


def head(first: str, *fields: str, host: str = "Host: HOST\r\n") -> Callable[[Target], bytes]:
    """A request's head. HOST stands for the service; characters are bytes (Latin-1)."""
    text = first + "\r\n" + host + "Connection: close\r\n" + "".join(f"{field}\r\n" for field in fields) + "\r\n"
    return lambda target: text.replace("HOST", target.host).replace("LISTENER", target.listener).encode("latin-1")


def sent(method: str, path: str, *fields: str, body: bytes | Callable[[], bytes] = b"", length: int | None = None) -> Request:
    """A request with a body, whose Content-Length is the body's where no other is given."""

    def blocks(target: Target) -> Iterator[bytes]:
        whole = body if isinstance(body, bytes) else body()
        whole = whole.replace(b"LISTENER", target.listener.encode())
        stated = len(whole) if length is None else length
        yield head(f"{method} {path} HTTP/1.1", *fields, f"Content-Length: {stated}")(target)
        yield from (whole[at:at + BLOCK] for at in range(0, len(whole), BLOCK))

    return blocks


def bare(method: str, path: str, *fields: str) -> Request:
    """A request without a body."""
    return lambda target: [head(f"{method} {path} HTTP/1.1", *fields)(target)]


def asked(text: Text, *fields: str, **parameters: str) -> Request:
    """A query as the body of a POST; parameters of the protocol go into the address. LISTENER stands for the listener."""

    def blocks(target: Target) -> Iterable[bytes]:
        query = text if isinstance(text, str) else text()
        path = "/sparql" + ("?" + urlencode(parameters) if parameters else "")
        path = path.replace("LISTENER", quote(target.listener, safe=""))
        return sent("POST", path, f"Content-Type: {DIRECT}", *fields, body=query.encode("utf-8", "surrogatepass"))(target)

    return blocks


def raw(*blocks: str | bytes, first: str = "") -> Request:
    """Exactly these bytes, after a request line and a Host where one is given."""

    def made(target: Target) -> Iterator[bytes]:
        if first:
            line = first.replace("LISTENER", target.listener)
            yield f"{line}\r\nHost: {target.host}\r\nConnection: close\r\n".encode("latin-1")
        for block in blocks:
            text = block if isinstance(block, bytes) else block.encode("latin-1")
            yield text.replace(b"HOST", target.host.encode()).replace(b"LISTENER", target.listener.encode())

    return made


def statuses(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)
