"""The site of a release as plain files, which any host of files can serve: what is left when its server has gone.

The application is asked in this process, and each answer becomes the file that has its address. What only a server can do
is told from what stands here: SPARQL, forms, other releases.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from triplehelix.description.document import REVALIDATED
from triplehelix.engine import Limits, start_room
from triplehelix.export import apache, nginx
from triplehelix.export.addresses import OWN, Address
from triplehelix.export.asked import Asked, Settled
from triplehelix.export.folder import MARK, Folder, replacing
from triplehelix.export.walk import Walk
from triplehelix.findings import fault
from triplehelix.releases import Manifest, current, dataset, kept, require_whole
from triplehelix.web import Settings, create_app
from triplehelix.web.server import required_origin

__all__ = ["Exported", "export"]
# Nobody else waits: a named query may take its time, and no share of it is used up. Answers that are to be equal each time come
# from the disk.
LIMITS = Limits(seconds=600, client_seconds=1_000_000, memory_triples=0)
# The header fields that every answer of the server has.
HEADERS = ("Access-Control-Allow-Origin", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options")
# GitHub would leave out what begins with a low line.
NOT_JEKYLL = ".nojekyll"


@dataclass(frozen=True)
class Exported:
    """What was written: files, bytes (what has two names counts twice), what was left out and why, and how many files
    differ from others by capital letters only.
    """

    version: str
    origin: str
    files: int
    size: int
    left_out: tuple[str, ...]
    alike: int

    def told(self) -> str:
        """The same in words."""
        text = f"{self.files:,} files, {self.size / 1e6:,.1f} MB, of release {self.version} at {self.origin}"
        alike = (f"; the names of {self.alike:,} differ from others by capital letters only, so keep them on a file system "
                 "that tells those apart")
        return text + alike * bool(self.alike)


def export(releases: Path, target: Path, version: str | None = None, origin: str | None = None,
           step: Callable[[str], None] = lambda _: None) -> Exported:
    """Write the site of a release, the current one by default, into a folder, as it is at an origin, by default the base.

    Raises Faulty where there is no such release, or not a whole one, where the origin is no address, and where the folder is
    not to be written: then it is as it was.
    """
    release = _chosen(releases, version)
    manifest = require_whole(release)
    settings = Settings(required_origin(origin or manifest.base), limits=LIMITS)
    with replacing(target) as folder, tempfile.TemporaryDirectory(prefix="triplehelix-") as inside:
        with start_room(Path(inside) / "engine.sock", LIMITS, dataset(release, manifest)) as room:
            asked = Asked(create_app(releases, Settled(room), settings), settings.origin, manifest.version)
            walk = Walk(asked, folder, release, manifest, step)
            walk.walk()
        _write_own(folder, asked, manifest, walk)
        step("to the disk")
    return Exported(manifest.version, settings.origin, folder.count, folder.size, tuple(walk.left_out), folder.alike)


def _chosen(releases: Path, version: str | None) -> Path:
    if version and version not in kept(releases):
        raise fault(releases, f"has no release {version}: `triplehelix releases {releases}` lists those there are")
    return releases / version if version else current(releases)


def _write_own(folder: Folder, asked: Asked, manifest: Manifest, walk: Walk) -> None:
    """What the server has no address for: the rules for two hosts, and the mark of an export."""
    home = asked.get(Address(""))
    rules = replace(walk.rules, headers={name: home.fields[name.lower()] for name in HEADERS} | {"Cache-Control": REVALIDATED})
    mark = {"release": manifest.version, "base": manifest.base, "origin": asked.origin}
    own = {OWN + nginx.MAPS: nginx.maps(rules), OWN + nginx.SERVER: nginx.server(rules),
           apache.HTACCESS: apache.htaccess(rules), NOT_JEKYLL: "", MARK: json.dumps(mark, indent=1) + "\n"}
    for file, text in own.items():
        folder.write_own(file, text.encode(), walk.moment)
