"""Serving: a sealed release behind granian, with the engine room beside it. Nothing is written.

Granian calls the application on broken bodies with an empty read, hands its own environment variables on as if they
were part of the request, and leaves workers behind when it is killed; `fronted` and `_load` answer for that.
"""

from __future__ import annotations

import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from triplehelix.description.links import DEFAULT_PORTS, LOOPBACK, hosts
from triplehelix.engine import EngineRoom, Limits, start_room
from triplehelix.engine.sandbox import die_with, save_memory, take_turns
from triplehelix.findings import fault
from triplehelix.releases import current, dataset, require_whole
from triplehelix.web import Settings, create_app
from triplehelix.web.counters import Counters, made
from triplehelix.web.errors import guarded
from triplehelix.web.front import Application, Remembering, fronted
from triplehelix.web.logs import KEY_BYTES, RequestLog
from triplehelix.web.metrics import Metrics
from triplehelix.web.shortcut import Shortcut
from triplehelix.web.visitors import networks
from triplehelix.web.watching import watched

WORKERS = 2
# Slow clients hold a thread each, and idle connections count against the backpressure: both well above the workers.
BLOCKING_THREADS, BACKPRESSURE = 64, 512
HEADER_BYTES, HEADER_MILLISECONDS = 16_384, 5_000
KILL_SECONDS = 5


def serve(releases: Path, host: str = "127.0.0.1", port: int = 8000, origin: str | None = None,
          limits: Limits | None = None, trusted_proxies: Iterable[str] = (), log: bool = False,
          metrics: Iterable[str] = ()) -> None:
    """Serve the current release until interrupted, within the limits given or the usual ones.

    With `log` each request is written down; `metrics` are those who may read the figures of the server. Raises Faulty where
    there is no whole release, where it was built for another address and `origin` does not say that this is meant, where a
    trusted proxy or a reader is no address or network, and where the port is in use.
    """
    manifest = require_whole(current(releases))
    settings = Settings(required_origin(origin) if origin else _origin_of(manifest.base, port, releases),
                        limits=limits or Limits(), trusted_proxies=networks(trusted_proxies), log=log,
                        metrics=networks(metrics))
    _require_free(host, port)
    with _own_folder() as folder:
        path = Path(folder) / "engine.sock"
        # The room is a process of its own, started before any thread: no worker of the web server ever forks.
        with start_room(path, settings.limits, dataset(current(releases), manifest)):
            print(f"Serving release {manifest.version} at {settings.origin} - Ctrl-C stops", flush=True)
            watch = Watch(os.urandom(KEY_BYTES), made(Path(folder) / "counters") if settings.metrics else None, os.getpid(),
                          time.monotonic())
            load = partial(_load, releases, path, settings, watch)
            http_server(host, port).serve(target_loader=load, wrap_loader=False)


@contextmanager
def _own_folder() -> Iterator[str]:
    """A folder for the engine's socket. Nothing is tried out in it, so a full disk does not stop the server.

    Raises Faulty where there can be none.
    """
    place = os.environ.get("TMPDIR", "/tmp")
    try:
        folder = tempfile.TemporaryDirectory(prefix="triplehelix-", dir=place)
    except OSError as error:
        raise fault(place, f"no folder can be made here for the engine's socket ({error.strerror}): free some space, or set "
                           "TMPDIR to a folder that can be written to") from error
    with folder as path:
        yield path


def http_server(host: str, port: int) -> Granian:
    """What takes the requests, without an application yet."""
    return Granian(
        "triplehelix", address=host, port=port, interface=Interfaces.WSGI, workers=WORKERS, http=HTTPModes.http1,
        websockets=False, blocking_threads=BLOCKING_THREADS, backpressure=BACKPRESSURE, log_enabled=False,
        http1_settings=HTTP1Settings(max_buffer_size=HEADER_BYTES, header_read_timeout=HEADER_MILLISECONDS),
        respawn_failed_workers=True, workers_kill_timeout=KILL_SECONDS)


@dataclass(frozen=True)
class Watch:
    """What all web processes log and count by: a key of hashes, the file of counters, the server's process and its start."""

    key: bytes
    counters: Path | None
    server: int
    started: float


def _load(releases: Path, engine: Path, settings: Settings, watch: Watch) -> Application:
    """The application, made inside a worker process, which ends with its parent."""
    die_with(watch.server, signal.SIGTERM)
    save_memory()
    take_turns()
    room = EngineRoom(engine)
    flask = create_app(releases, room, settings)
    # No visitor is to wait until a page can be written at all.
    for template in flask.jinja_env.list_templates():
        flask.jinja_env.get_template(template)
    names = hosts(settings.origin, settings.host_aliases)
    application = guarded(Remembering(flask, releases, names, Shortcut(flask)))
    counters = Counters(watch.counters) if watch.counters else None
    observers = [*([RequestLog(watch.key)] if settings.log else []), *([counters] if counters else [])]
    application = watched(application, observers) if observers else application
    if counters:
        application = Metrics(application, counters, room, releases, settings.metrics, settings.trusted_proxies, names,
                              watch.server, watch.started)
    application = fronted(application, settings.origin)
    # Granian copies what is left of the environment into every request; HTTP_X of a shell would look like a header.
    os.environ.clear()
    return application


def required_origin(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        fit = parts.scheme in DEFAULT_PORTS and parts.hostname and parts.port != 0 and not (parts.query or parts.fragment)
    except ValueError:
        fit = False
    if not fit:
        raise fault(origin, "not an origin: give http(s)://host[:port]/")
    return origin if origin.endswith("/") else origin + "/"


def _origin_of(base: str, port: int, releases: Path) -> str:
    """The base as origin, where it is an address of this machine at this port."""
    parts = urlsplit(base)
    if f"{parts.hostname}" not in LOOPBACK or (parts.port or DEFAULT_PORTS[parts.scheme]) != port:
        raise fault(releases, f"built for {base}, which is not port {port} of this machine: build with "
                              f"--base http://127.0.0.1:{port}/, or say by --origin at which address visitors come")
    return base


def _require_free(host: str, port: int) -> None:
    """Granian would share a port that another server holds, silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise fault(f"{host}:{port}", f"port {port} is in use or not yours ({error.strerror}): stop the other server, "
                                          "or choose another with --port") from error
