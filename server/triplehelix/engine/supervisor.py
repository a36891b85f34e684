"""The process that keeps an engine room running: it forks the room, and forks it again where it ends by itself.

Start it with `triplehelix.engine.start_room`; its arguments are a listening socket, the limits as JSON, its parent's
process id, and the store to open beforehand with the number of its triples.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from typing import NoReturn

from triplehelix import journal
from triplehelix.engine import sandbox
from triplehelix.engine.model import Limits
from triplehelix.engine.room import Room

_REST_SECONDS = 0.5


def main() -> NoReturn:
    """Runs rooms, one after another, until the parent ends or asks for the end."""
    descriptor, settings, parent, store, triples = sys.argv[1:]
    listener, limits = socket.socket(fileno=int(descriptor)), Limits(**json.loads(settings))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, and the parent ends the room
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sandbox.die_with(int(parent), signal.SIGTERM)
    while True:
        supervisor, room = os.getpid(), os.fork()
        if room == 0:
            _run(listener, limits, supervisor, store, int(triples))
        try:
            status = os.waitpid(room, 0)[1]
        except SystemExit:
            os.kill(room, signal.SIGTERM)
            os.waitpid(room, 0)
            raise
        journal.write("engine-room-ended", status=status, told="The engine room has ended by itself and is started again.")
        time.sleep(_REST_SECONDS)


def _run(listener: socket.socket, limits: Limits, supervisor: int, store: str, triples: int) -> NoReturn:
    """The room, in the forked child; never returns."""
    failed = True
    try:
        sandbox.die_with(supervisor, signal.SIGTERM)
        Room(listener, limits, supervisor, store, triples).run()
        failed = False
    except SystemExit:
        failed = False
    finally:
        if failed and (error := sys.exc_info()[1]):
            journal.failed("engine-room-failed", error)
        os._exit(failed)


if __name__ == "__main__":
    main()
