"""What a request works with: the operator's settings, and the release that it names, or the current one.

A request names a release by `?release=<version>`, by the field `release` of a form, or by its path below /release/<version>/.
`published` is the one function that looks for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import dropwhile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from flask import current_app, g, request
from werkzeug.exceptions import BadRequest, Gone, NotFound

from triplehelix import releases
from triplehelix.description.links import FILES, PATH, RELEASES, Links
from triplehelix.description.published import Published
from triplehelix.engine.model import Limits
from triplehelix.web.front import RELEASE
from triplehelix.web.visitors import Network

if TYPE_CHECKING:
    from triplehelix.engine.model import Engine
    from triplehelix.releases import Manifest

# So many releases are open at once, the current one among them. Each takes some 15 descriptors and 6 MB, and two descriptors
# more for each thread that has looked into it.
RELEASES_OPEN = 3
PARAMETER = "release"
BELOW = re.compile(f"{RELEASES}[^/]+/(.*)")
VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{12}(\.[1-9][0-9]{0,5})?")


@dataclass(frozen=True)
class Settings:
    """What an operator decides: the public address, further Host values, and the most bytes a request may have.

    `limits` are those of the engine. `trusted_proxies` are those whose word on who the client is counts. `log` says that each
    request is written down, `metrics` who may read what the server counts; nobody, and nothing is counted.
    """

    origin: str
    host_aliases: tuple[str, ...] = ()
    body_limit: int = 1_000_000
    limits: Limits = field(default_factory=Limits)
    trusted_proxies: tuple[Network, ...] = ()
    log: bool = False
    metrics: tuple[Network, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known of a release that is kept or was pruned: the one before it, counts, bytes of its dumps, and since when."""

    version: str
    before: str | None
    counts: dict[str, int]
    size: int
    moment: datetime


class Pruned(Gone):
    """A release that is kept no more, and the version to use in its place: the oldest one after it, or the current one."""

    def __init__(self, version: str, successor: str) -> None:
        super().__init__(f"Release {version} is kept no more. Use release {successor} in its place, or leave the release out "
                         "to be answered from the current one.")
        self.version, self.successor = version, successor


@dataclass
class Site:
    """The releases folder with the engine room and the settings; hands out its releases."""

    releases: Path
    engine: Engine
    settings: Settings
    _open: dict[str, Published] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _history: tuple[frozenset[Path], dict[str, Known]] = (frozenset(), {})

    @property
    def current(self) -> str:
        """The version of the current release. Raises Faulty where there is none."""
        return releases.current(self.releases).name

    def release(self, name: str) -> Published:
        """The release of that name, opened. Raises Faulty where it cannot be read."""
        return self._open.get(name) or self._opened(name)

    def named(self, version: str) -> Published:
        """The kept release of a version that a visitor has written. Raises NotFound, Pruned, and Faulty as `release` does."""
        if VERSION.fullmatch(version):
            if self.is_kept(version):
                return self.release(version)
            with self._lock:
                self._open.pop(version, None)
            if (self.releases / releases.PRUNED / version / releases.MANIFEST).is_file():
                raise Pruned(version, self.successor(version))
        raise NotFound(f"There is no release {version!r} here. {self.settings.origin}{RELEASES} lists those there are; leave "
                       "the release out to be answered from the current one.")

    def is_kept(self, version: str) -> bool:
        """Whether a release is kept at this moment. One that is still open may have been pruned."""
        return (self.releases / version / releases.MANIFEST).is_file()

    def successor(self, version: str) -> str:
        """The oldest kept release after a pruned one, else the current one."""
        later = dropwhile(lambda each: each != version, self.history())
        return next((each for each in later if self.is_kept(each)), self.current)

    def history(self) -> dict[str, Known]:
        """Every release that is kept or was pruned, oldest first; read anew where there is another one, or one less.

        Raises Faulty where a manifest cannot be read.
        """
        found = frozenset(path for pattern in ("[!.]*/", f"{releases.PRUNED}/[!.]*/")
                          for path in self.releases.glob(pattern + releases.MANIFEST))
        if found != self._history[0]:
            manifests = releases.history(self.releases)
            moments = releases.moments(manifests)
            self._history = found, {name: _known(manifests[name], moments[name]) for name in manifests}
        return self._history[1]

    def _opened(self, name: str) -> Published:
        with self._lock:
            if name not in self._open:
                self._open[name] = Published(self.releases / name)
                self._close_beyond({name})
            return self._open[name]

    def _close_beyond(self, wanted: set[str]) -> None:
        """Lets go of what was pruned, for its bytes are not free before, and of what is open too many, the oldest first.

        What requests still work with stays open as long as they do.
        """
        for name in [name for name in self._open if name not in wanted and not self.is_kept(name)]:
            del self._open[name]
        if len(self._open) > RELEASES_OPEN:
            wanted.add(self.current)
            others = [name for name in self._open if name not in wanted]
            for name in others[:len(self._open) - RELEASES_OPEN]:
                del self._open[name]


def _known(manifest: Manifest, moment: datetime) -> Known:
    size = sum(row["bytes"] for name, row in manifest.files.items() if name.startswith(FILES))
    return Known(manifest.version, manifest.before, manifest.counts, size, moment)


def site() -> Site:
    """The site of the running application."""
    return current_app.extensions["triplehelix"]


def published(further: Sequence[str] = ()) -> Published:
    """The release of this request: the one it names, else the current one, as it was when the request came.

    `further` are the values of the field `release` of a form, given where the release is asked for first. Found once, so that
    one answer never mixes two. Raises BadRequest where two are named, and as `Site.named` does.
    """
    if "published" not in g:
        g.published = _published(further)
    return g.published


def _published(further: Sequence[str]) -> Published:
    g.current = request.environ.get(RELEASE) or site().current
    of_path = g.get("version") or (request.view_args or {}).get("version")
    named = [*request.args.getlist(PARAMETER), *further, *([of_path] if of_path else [])]
    if len(named) > 1:
        raise BadRequest("The request names more than one release. Name one, once.")
    if not named:
        return site().release(g.current)
    g.named = named[0]
    if g.named == g.current:
        return site().release(g.current)
    found = site().named(g.named)
    # The front keeps answers of the current release alone.
    request.environ[RELEASE] = g.earlier = g.named
    return found


def earlier() -> str:
    """The version from which this request is answered where that is not the current one, else ""."""
    return g.get("earlier", "")


def links() -> Links:
    """Addresses for this request: in the release it names, where that is not the current one."""
    return Links(published().base, site().settings.origin, earlier())


def address(local: str) -> str:
    """The path of a page of this site, in the same release; also where no release is found."""
    return Links("", site().settings.origin, earlier()).path(local)


def of_templates() -> dict[str, object]:
    """What every page needs for its links to stay in its release, and to lead to the same page of the current one."""
    return {"address": address, "earlier": earlier(), "same_in_current": same(g.current) if earlier() else ""}


def arguments() -> list[tuple[str, str]]:
    """The parameters in the address of this request but the one that names a release."""
    return [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]


def same(version: str) -> str:
    """The URL at which a release of that version, or the current one, answers what this request asks."""
    path = request.path[1:]
    if found := BELOW.match(path):
        path = found[1] if found[1].startswith(FILES) else f"{RELEASES}{version}/{found[1]}"
    # What was sent as a body can be asked for by address too.
    sent = [("query", g.query)] if request.method == "POST" and "query" in g else []
    query = urlencode([*arguments(), *sent])
    inside = Links("", site().settings.origin, "" if version == g.get("current") else version)
    return inside.url(quote(path, safe=PATH) + ("?" if query else "") + query)
