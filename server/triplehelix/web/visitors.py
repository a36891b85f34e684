"""Who sends a request, and whether he still waits for the answer."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from triplehelix.findings import fault

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
# The key of a request under which the front says when it took it, on the monotonic clock.
BEGAN = "triplehelix.began"
# Whoever has IPv6 at home has at least so many addresses of his own (RFC 6177).
SITE_BITS = 64
# No chain of proxies is longer.
HOPS = 16
# A request is on its way from the wire to the front for no longer than this.
NEAR_SECONDS = 0.1
DESCRIPTORS = "/proc/self/fd"
INTERNET = (socket.AF_INET, socket.AF_INET6)
# Where struct tcp_info (linux/tcp.h) has the milliseconds since data were last sent, and last received.
LAST_SENT, LAST_RECEIVED, TCP_INFO_BYTES = 44, 52, 104


def networks(addresses: Iterable[str]) -> tuple[Network, ...]:
    """Addresses, or networks in CIDR notation, as an operator gives them. Raises Faulty for anything else."""
    return tuple(map(_network, addresses))


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise fault(text, "neither an address nor a network such as 10.0.0.0/8") from error


def client(environ: dict[str, Any], trusted: tuple[Network, ...] = ()) -> str:
    """Who is charged for a request: the address of its sender; the addresses of an IPv6 network of one customer are one client.

    Never raises: a proxy that names no address is the client itself.
    """
    peer = environ.get("REMOTE_ADDR", "")
    if not trusted and ":" not in peer:  # of IPv4, as nearly always, and there is nobody else to believe
        return peer
    address = sender(environ, trusted)
    if address is None:
        return peer
    return str(IPv6Network((int(address), SITE_BITS), strict=False)) if address.version == 6 else str(address)


def sender(environ: dict[str, Any], trusted: tuple[Network, ...] = ()) -> Address | None:
    """The address a request counts for: its peer's, or the last that a trusted proxy appended to X-Forwarded-For.

    The header is read from its end, as far as the proxies named there are trusted; what stands before may be anybody's
    invention. None where the peer has no address.
    """
    address = _address(environ.get("REMOTE_ADDR", ""))
    hops = reversed(environ.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", HOPS)[-HOPS:])
    while address and is_among(address, trusted):
        before = _address(next(hops, "").strip())
        if before is None:
            break
        address = before
    return address


def is_among(address: Address | None, networks: tuple[Network, ...]) -> bool:
    """Whether an address is in one of the networks."""
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """An address; one of IPv4 where IPv6 only wraps it, and without the name of an interface."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@contextmanager
def connection(environ: dict[str, Any]) -> Iterator[int | None]:
    """A descriptor, for the length of the block, of the connection on which a request came: poll it for POLLRDHUP.

    None where it cannot be told. The HTTP server gives no port, so a connection is known by its peer and by when its data
    came, and of several that came together none is taken. Where there is none with the peer any more, the descriptor is that
    of a connection that has ended. It costs some 10 microseconds for each connection of this process.
    """
    address, began = _address(environ.get("REMOTE_ADDR", "")), environ.get(BEGAN)
    if address is None or began is None or not os.path.isdir(DESCRIPTORS):
        yield None
        return
    with ExitStack() as opened:
        theirs = [opened.enter_context(channel) for channel in _connections(address)]
        near = [channel for channel in theirs if _may_wait(channel, time.monotonic() - began)]
        if not theirs:
            near = [opened.enter_context(_ended())]
        yield near[0].fileno() if len(near) == 1 else None


def _ended() -> socket.socket:
    """A connection whose other side is closed."""
    channel, other = socket.socketpair()
    other.close()
    return channel


def _connections(address: Address) -> Iterator[socket.socket]:
    """The connections of this process with an address, each with a descriptor of its own; for the caller to close."""
    seen = set()
    for name in os.listdir(DESCRIPTORS):
        channel = _opened(name)
        if channel is None:
            continue
        inode = os.fstat(channel.fileno()).st_ino
        # Another thread may look at the same time, and hold second descriptors too.
        if inode not in seen and _peer(channel) == address:
            seen.add(inode)
            yield channel
        else:
            channel.close()


def _opened(name: str) -> socket.socket | None:
    """A second descriptor of a socket; None for what is none, or is closed by now."""
    try:
        if not os.readlink(f"{DESCRIPTORS}/{name}").startswith("socket:"):
            return None
        second = os.dup(int(name))
    except OSError:
        return None
    try:
        return socket.socket(fileno=second)
    except OSError:
        os.close(second)
        return None


def _peer(channel: socket.socket) -> Address | None:
    try:
        return _address(channel.getpeername()[0]) if channel.family in INTERNET else None
    except OSError:
        return None


def _may_wait(channel: socket.socket, seconds: float) -> bool:
    """Whether the last data on a connection came from the other side, and about so many seconds ago."""
    told = channel.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    (sent,), (received,) = (struct.unpack_from("=I", told, place) for place in (LAST_SENT, LAST_RECEIVED))
    return received <= sent and abs(received / 1000 - seconds) < NEAR_SECONDS
