"""A release for who names no folder: of the project at hand, in the cache of the user (XDG Base Directory Specification)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from triplehelix.build import Step, build, is_current
from triplehelix.build.prune import prune
from triplehelix.project import Project

# The current release and the one it was built on, which says what changed.
KEPT = 2
ROOT_HEX = 12


def releases(project: Project, port: int, step: Step = lambda _: None) -> Path:
    """A folder of releases whose current one is of the project as it is now, for this machine at that port.

    Built where it is not there, which takes a minute for much data. Raises Faulty as `build` does.
    """
    folder = _cache() / f"{hashlib.sha256(str(project.root.resolve()).encode()).hexdigest()[:ROOT_HEX]}-{port}"
    if not is_current(project, folder):
        folder.mkdir(parents=True, exist_ok=True)
        build(project, folder, f"http://127.0.0.1:{port}/", step)
        prune(folder, KEPT)
    return folder


def _cache() -> Path:
    """The folder of this software among what may be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "triplehelix"
