"""Rollback: an earlier release becomes the current one again. Nothing is lost: the later ones stay where they are."""

from __future__ import annotations

from pathlib import Path

from triplehelix.build import seal
from triplehelix.findings import fault
from triplehelix.releases import Manifest, current, kept, pruned, read_manifest, verify


def rollback(releases: Path, version: str | None = None) -> Manifest:
    """Make a version current, by default the one that was current before this one; the manifest of that version.

    Raises Faulty where there is no such version, where any file of it is not as it was sealed, and where the folder cannot be
    written or is held by a build.
    """
    with seal.held(releases):
        wanted = version or read_manifest(current(releases)).before
        versions = kept(releases)
        if wanted not in versions:
            said = _missing(wanted, releases)
            raise fault(releases, f"{said}: name one of {', '.join(versions)}")
        manifest = verify(releases / wanted)
        seal.publish(releases, wanted)
    return manifest


def _missing(wanted: str | None, releases: Path) -> str:
    if wanted is None:
        return "no release was current before this one"
    return f"release {wanted} was pruned" if wanted in pruned(releases) else f"there is no release {wanted!r}"
