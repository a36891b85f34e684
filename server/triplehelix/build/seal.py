"""Sealing: a finished folder gets its manifest, is flushed to disk, renamed into place, and `current` is swapped."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from triplehelix import files
from triplehelix.findings import Faulty, fault
from triplehelix.releases import CURRENT, MANIFEST, STORE_HASHES, Manifest, sha256

ASIDE = ".building"
FULL, FULL_IN_WORDS = (errno.ENOSPC, errno.EDQUOT), ("No space left", "disk is full")
OF_THE_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
# One journal commit serves many waiting threads: a thousand files one after another take ten seconds.
SYNCS_AT_ONCE = 32


@contextlib.contextmanager
def workshop(releases: Path) -> Iterator[Path]:
    """A folder beside the releases to build in, held by one builder; removed at the end, sealed or not.

    The folder of releases is made where there is none. Raises Faulty as `held` does.
    """
    aside = releases / ASIDE
    with _told(releases):
        releases.mkdir(parents=True, exist_ok=True)
    with held(releases):
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def held(releases: Path) -> Iterator[None]:
    """The folder of releases, for this process alone to change.

    Raises Faulty where there is none, while another process holds it, and where it cannot be written (full, not ours).
    """
    if not releases.is_dir():
        raise fault(releases, "there is no such folder, and so no current release: run `triplehelix build` first")
    with _told(releases), (releases / ".lock").open("w") as lock:
        _hold(lock, releases)
        yield


@contextlib.contextmanager
def _told(releases: Path) -> Iterator[None]:
    """What the system, SQLite or the store says of a folder that cannot be written becomes a fault."""
    try:
        yield
    except OSError as error:
        raise _fault(releases, error) from error
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in OF_THE_DISK:
            raise
        raise _fault(releases, error) from error


def _fault(releases: Path, error: OSError | sqlite3.OperationalError) -> Faulty:
    """What went wrong and, where the disk is full, what to do. SQLite and the store say so in words, and not always."""
    number, name = getattr(error, "errno", None), getattr(error, "filename", None)
    reason = os.strerror(number) if number else str(error)
    place = next(folder for folder in (releases, *releases.absolute().parents) if folder.is_dir())
    free, needed = shutil.disk_usage(place).free, _taken(releases / CURRENT)
    if number in FULL or number is None and (free < needed or any(words in reason for words in FULL_IN_WORDS)):
        return fault(releases, f"cannot be written: {reason}. {free / 1e6:,.1f} MB are free on its disk, and the current "
                               f"release takes {needed / 1e6:,.1f} MB: free more than that, by `triplehelix prune {releases} "
                               "--keep N`, which removes the oldest releases, or by removing other files; then try again. "
                               "What is current has not changed.")
    return fault(releases, f"cannot be written: {reason}" + (f" ({name})" if name and name != str(releases) else ""))


def _taken(folder: Path) -> int:
    """The bytes that all below a folder take on the disk; 0 where there is no such folder."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))


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
