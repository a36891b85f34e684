"""A keeper: the process that forks query workers, from a copy of a store in memory or from nothing, and buries them.

Room and keeper talk over a socket pair in records of one order and one process id. The keeper has one thread and never
sees a query, so that a fork of it is whole.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from pyoxigraph import DefaultGraph, Store

from triplehelix import journal
from triplehelix.engine import sandbox
from triplehelix.engine.model import Limits
from triplehelix.engine.worker import Worker
from triplehelix.store import opened

RECORD = struct.Struct("!cI")
# The keeper says READY once and HIRED with the descriptor of a worker; the room asks to HIRE and to BURY.
READY, HIRED, HIRE, BURY = b"r", b"h", b"H", b"B"
_CONTROL = 3


@dataclass(frozen=True)
class Post:
    """What the workers of one keeper are for: a store they open first, whether from memory, whether with a network."""

    store: str
    in_memory: bool = False
    network: bool = False


def start(post: Post, limits: Limits) -> tuple[int, socket.socket]:
    """Forks a keeper; its process id and the room's end of the control socket. Raises OSError where none is to be had."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            room, pid = os.getpid(), os.fork()
        except OSError:
            ours.close()
            raise
        if pid == 0:
            _become(room, theirs, lambda control: _keep(control, post, limits))
    return pid, ours


def _become(parent: int, channel: socket.socket, work: Callable[[socket.socket], None]) -> NoReturn:
    """Turns a forked child into a process of its own with one descriptor beside the standard ones; never returns."""
    failed = True
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        sandbox.die_with(parent, signal.SIGKILL)
        if channel.fileno() != _CONTROL:
            os.dup2(channel.fileno(), _CONTROL)
        os.closerange(_CONTROL + 1, os.sysconf("SC_OPEN_MAX"))
        channel.detach()
        work(socket.socket(fileno=_CONTROL))
        failed = False
    except SystemExit:  # its parent has ended before it
        failed = False
    finally:  # nothing of the parent's own loop may run in the child
        if failed and (error := sys.exc_info()[1]):
            journal.failed("engine-process-failed", error)
        os._exit(failed)


def _keep(control: socket.socket, post: Post, limits: Limits) -> None:
    """Hires and buries until the room closes the socket."""
    held = _copy(post.store) if post.in_memory else None
    # What is alive now stays: a collection in a worker would write to, and so copy, pages that all share.
    gc.freeze()
    control.sendall(RECORD.pack(READY, 0))
    while record := control.recv(RECORD.size, socket.MSG_WAITALL):
        order, pid = RECORD.unpack(record)
        if order == HIRE:
            _hire(control, post, limits, held)
        else:
            os.waitpid(pid, 0)


def _copy(path: str) -> Store:
    """The default graph of a store, as the default graph of a store in memory."""
    copy = Store()
    copy.bulk_extend(opened(path).quads_for_pattern(None, None, None, DefaultGraph()))
    return copy


def _hire(control: socket.socket, post: Post, limits: Limits, held: Store | None) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        keeper, pid = os.getpid(), os.fork()
        if pid == 0:
            _become(keeper, theirs, lambda channel: _work(channel, post, limits, held))
        socket.send_fds(control, [RECORD.pack(HIRED, pid)], [ours.fileno()])


def _work(channel: socket.socket, post: Post, limits: Limits, held: Store | None) -> None:
    sandbox.confine(limits.memory_bytes, post.network)
    Worker(post.store, held).serve(channel)
