"""What the operating system takes away from a query worker: memory, core dumps, network, life after its parent."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_X32 = 0x40000000
# Audit architecture, and the system calls socket, connect, execve, execveat, io_uring_setup.
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 59, 322, 425)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 425)),
}
_M_ARENA_MAX, _ARENAS = -8, 2
# Room for the engine's recursive parser: eight times what the deepest query that the guard admits was seen to use.
_STACK_BYTES = 64 << 20


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def die_with(parent: int, last_word: signal.Signals) -> None:
    """Has the kernel send this process a signal when its parent ends; ends at once where it has ended already.

    The signal comes when the *thread* that started this process ends: start it from one that lives as long as it should.
    """
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, int(last_word))
    if os.getppid() != parent:
        sys.exit(0)


def confine(memory_bytes: int, network: bool) -> None:
    """Caps what address space may grow by, gives a deep stack, forbids core dumps; takes the network away, if it is to.

    What only Linux can do is done on Linux only.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_STACK, _STACK_BYTES)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, _address_space() + memory_bytes)
        if not network:
            _take_network()


def _address_space() -> int:
    """The bytes of address space this process has taken (proc(5), statm)."""
    with open("/proc/self/statm", encoding="ascii") as pages:
        return int(pages.read().split()[0]) * resource.getpagesize()


def save_memory() -> None:
    """Has the allocator of a process with many threads keep little of what they have given back (mallopt(3), glibc only)."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_ARENA_MAX, _ARENAS)


def take_turns() -> None:
    """Has this thread, and those it starts, wait for a processor until another's turn ends (sched(7), SCHED_BATCH; Linux only).

    A server whose threads hand short requests on to one another loses much time where each of them interrupts the one before.
    Where it is not allowed, all goes on as it is.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _limit(kind: int, value: int) -> None:
    ceiling = resource.getrlimit(kind)[1]
    allowed = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
    resource.setrlimit(kind, (allowed, allowed))


def _take_network() -> None:
    """A seccomp filter: the calls that open connections or start programs fail with EPERM."""
    if platform.machine() not in _CALLS:
        return
    program = _filter(*_CALLS[platform.machine()])
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER,
           ctypes.byref(_Program(len(program) // struct.calcsize("HBBI"), program)))


def _filter(architecture: int, calls: tuple[int, ...]) -> bytes:
    """The filter's instructions (classic BPF): a foreign architecture is killed, a listed call refused."""
    steps = [(_LOAD, 0, 0, 4), (_JUMP_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0),
             (_JUMP_AT_LEAST, len(calls) + 1, 0, _X32)]
    steps += [(_JUMP_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _prctl(option: int, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *arguments, *([0] * (4 - len(arguments)))) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} is refused")
