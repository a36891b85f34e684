"""What a request works with: the operator's settings, and the current release, opened once per folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from flask import current_app, g, request

from triplehelix import releases
from triplehelix.description.links import Links
from triplehelix.description.published import Published
from triplehelix.engine.model import Limits
from triplehelix.web.front import RELEASE
from triplehelix.web.visitors import Network

if TYPE_CHECKING:
    from triplehelix.engine.model import Engine

# Requests that began on the release before may still be at work when a new one is opened.
KEPT_OPEN = 2


@dataclass(frozen=True)
class Settings:
    """What an operator decides: the public address, further Host values, and the most bytes a request may have.

    `limits` are those of the engine. `trusted_proxies` are those whose word on who the client is counts.
    """

    origin: str
    host_aliases: tuple[str, ...] = ()
    body_limit: int = 1_000_000
    limits: Limits = field(default_factory=Limits)
    trusted_proxies: tuple[Network, ...] = ()


@dataclass
class Site:
    """The releases folder with the engine room and the settings; hands out the current release."""

    releases: Path
    engine: Engine
    settings: Settings
    _open: dict[str, Published] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def release(self, name: str | None) -> Published:
        """The release of that name, else the current one, opened. Raises Faulty where there is none that can be read."""
        name = name or releases.current(self.releases).name
        return self._open.get(name) or self._opened(name)

    def _opened(self, name: str) -> Published:
        with self._lock:
            if name not in self._open:
                self._open[name] = Published(self.releases / name)
                for old in list(self._open)[:-KEPT_OPEN]:
                    del self._open[old]
            return self._open[name]


def site() -> Site:
    """The site of the running application."""
    return current_app.extensions["triplehelix"]


def published() -> Published:
    """The release of this request: the link is read once, so that one answer never mixes two releases."""
    if "published" not in g:
        g.published = site().release(request.environ.get(RELEASE))
    return g.published


def links() -> Links:
    """Addresses for this request."""
    return Links(published().base, site().settings.origin)
