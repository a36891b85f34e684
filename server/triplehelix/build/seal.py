"""Sealing: a finished folder gets its manifest, is flushed to disk, renamed into place, and `current` is swapped."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from triplehelix import files
from triplehelix.findings import fault
from triplehelix.releases import CURRENT, MANIFEST, STORE_HASHES, Manifest, sha256

ASIDE = ".building"
# One journal commit serves many waiting threads: a thousand files one after another take ten seconds.
SYNCS_AT_ONCE = 32


@contextlib.contextmanager
def workshop(releases: Path) -> Iterator[Path]:
    """A folder beside the releases to build in, held by one builder; removed at the end, sealed or not.

    Raises Faulty as `held` does.
    """
    aside = releases / ASIDE
    with held(releases):
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def held(releases: Path) -> Iterator[None]:
    """The folder of releases, made where there is none, for this process alone to change.

    Raises Faulty while another one holds it, and where it cannot be written (full, not ours).
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with (releases / ".lock").open("w") as lock:
            _hold(lock, releases)
            yield
    except OSError as error:
        raise fault(releases, f"cannot be written: {error.strerror or error}") from error


def _hold(lock: IO[str], releases: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise fault(releases, "another build is at work in this folder; wait until it has ended") from error


def inventory(folder: Path) -> dict[str, dict]:
    """Size in bytes and SHA-256 of every file of a release but the store's own and the manifest."""
    return {name: {"bytes": (folder / name).stat().st_size, "sha256": sha256(folder / name)}
            for name in _names(folder) if not name.startswith("store") and name != MANIFEST}


def hash_store(folder: Path) -> None:
    """store.sha256, in the form of sha256sum: RocksDB writes other bytes at each build, so it stands apart."""
    lines = [f"{sha256(folder / name)}  {name}\n" for name in _names(folder) if name.startswith("store/")]
    (folder / STORE_HASHES).write_text("".join(lines))


def seal(folder: Path, target: Path, manifest: Manifest) -> None:
    """Write the manifest last, flush every folder, and rename the whole into place."""
    (folder / MANIFEST).write_bytes(manifest.to_json())
    with ThreadPoolExecutor(SYNCS_AT_ONCE) as pool:
        list(pool.map(files.sync, [*folder.rglob("*"), folder]))
    os.rename(folder, target)
    files.sync(target.parent)


def publish(releases: Path, version: str) -> None:
    """Point `current` at the version, by rename: a reader sees the old link or the new one."""
    aside = releases / f".{CURRENT}"
    aside.unlink(missing_ok=True)
    aside.symlink_to(version)
    os.replace(aside, releases / CURRENT)
    files.sync(releases)


def _names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
