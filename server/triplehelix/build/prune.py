"""Pruning: the oldest releases are removed to make room. What they were and what they changed stays below `pruned/`."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triplehelix import files
from triplehelix.build import seal
from triplehelix.findings import fault
from triplehelix.releases import CHANGES, MANIFEST, PRUNED, current, kept, read_manifest


@dataclass(frozen=True)
class Pruning:
    """The versions that were removed, the oldest first, how many stay, and the bytes that are free again."""

    versions: tuple[str, ...]
    left: int
    freed: int

    def told(self) -> str:
        """The same in a sentence."""
        if not self.versions and not self.freed:
            return f"nothing to remove: {_releases(self.left)} kept"
        return f"{_releases(len(self.versions))} removed, {_releases(self.left)} kept, {self.freed:,} bytes free again"


def prune(releases: Path, keep: int) -> Pruning:
    """Remove the oldest releases until `keep` are left; the current one stays, however old it is.

    A release leaves by one rename, and its files are deleted after that: a reader finds all of it or none. What killed builds
    and prunings have left is deleted too. Raises Faulty where fewer than one are to stay, where what is current cannot be
    read, and where the folder cannot be written or is held by a build.
    """
    if keep < 1:
        raise fault(releases, f"{keep} releases cannot be kept: the current one always stays, so keep 1 or more")
    with seal.held(releases):
        now, found = read_manifest(current(releases)).version, kept(releases)
        removed = [version for version in found if version != now][:max(0, len(found) - keep)]
        for version in removed:
            _set_aside(releases, version)
        freed = sum(_deleted(path) for path in _leftovers(releases))
    return Pruning(tuple(removed), len(found) - len(removed), freed)


def _releases(count: int) -> str:
    return "1 release" if count == 1 else f"{count} releases"


def _set_aside(releases: Path, version: str) -> None:
    """Move a release below `pruned/`, in the place of what may stand there since it was pruned before and brought back."""
    target = releases / PRUNED / version
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    os.rename(releases / version, target)
    files.sync(target.parent)
    files.sync(releases)


def _leftovers(releases: Path) -> Iterator[Path]:
    """What stands in the folder of each pruned release but its manifest and its changes, and what a killed build has left."""
    yield from releases.glob(seal.ASIDE)
    for release in sorted(releases.glob(f"{PRUNED}/[!.]*")):
        yield from (path for path in sorted(release.iterdir()) if path.name not in (MANIFEST, CHANGES))


def _deleted(path: Path) -> int:
    """Delete a file or folder; the bytes of its files, but for those that another name still holds."""
    is_folder = path.is_dir() and not path.is_symlink()
    told = [each.lstat() for each in (path.rglob("*") if is_folder else [path])]
    shutil.rmtree(path) if is_folder else path.unlink()
    return sum(status.st_size for status in told if status.st_nlink == 1 and not stat.S_ISDIR(status.st_mode))
