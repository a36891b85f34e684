"""Reading a folder of releases: the link `current`, manifests, and whether a sealed release is whole.

RELEASES/<version>/ is immutable; RELEASES/current is a link to one of them, replaced by rename. Readers resolve the
link once per request and then stay with the folder they found.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from triplehelix.engine.model import Dataset
from triplehelix.engine.statistics import from_json
from triplehelix.findings import Faulty, Finding, fault

CURRENT, MANIFEST, STORE_HASHES, STATISTICS = "current", "manifest.json", "store.sha256", "statistics.json"
MANIFEST_FORM = 1


@dataclass(frozen=True)
class Manifest:
    """What a release is: version, IRIs, what it was made from and by, counts, and size and SHA-256 of every file.

    `canonical` is the base in which the sources are written, `base` the one of this release; `inputs` hashes all that
    was read, `software` what wrote it; `counts` are triples of the merge, quads, named graphs. `before` is the version that
    was current when this one was built, if any was.
    """

    version: str
    base: str
    canonical: str
    inputs: str
    software: str
    counts: dict[str, int]
    prefixes: dict[str, str]
    graphs: dict[str, dict]
    files: dict[str, dict]
    before: str | None = None
    form: int = MANIFEST_FORM

    def to_json(self) -> bytes:
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def dataset(release: Path, manifest: Manifest) -> Dataset:
    """The release in a folder as an engine sees it. Raises Faulty where its statistics cannot be read."""
    path = release / STATISTICS
    try:
        statistics = from_json(path.read_bytes()) if STATISTICS in manifest.files else None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise fault(path, f"cannot be read ({error}); build the release again") from error
    return Dataset(str(release / "store"), manifest.counts["triples"], manifest.canonical, manifest.base, manifest.prefixes,
                   statistics)


def read_manifest(release: Path) -> Manifest:
    """The manifest of one release folder. Raises Faulty where it is missing, unreadable or of a newer form."""
    path = release / MANIFEST
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise fault(path, "missing: this is not a sealed release; build it again") from error
    except (ValueError, OSError) as error:
        raise fault(path, f"cannot be read ({error}); build the release again") from error
    if not isinstance(fields, dict) or fields.get("form") != MANIFEST_FORM:
        raise fault(path, f"written in another form than {MANIFEST_FORM}: serve it with the software that built it")
    try:
        return Manifest(**fields)
    except TypeError as error:
        raise fault(path, f"fields are missing or unknown ({error}); build the release again") from error


def current(releases: Path) -> Path:
    """The folder that `current` points to now. Raises Faulty where there is none."""
    link = releases / CURRENT
    try:
        return releases / os.readlink(link)
    except OSError as error:
        raise fault(link, "there is no current release: run `triplehelix build` first") from error


def kept(releases: Path) -> dict[str, Manifest]:
    """Every sealed release of a folder by its version, each behind the one that was current before it.

    Raises Faulty where a manifest cannot be read.
    """
    found = {path.parent.name: read_manifest(path.parent) for path in sorted(releases.glob(f"[!.]*/{MANIFEST}"))
             if not path.parent.is_symlink()}
    return dict(sorted(found.items(), key=lambda item: (_ancestors(item[0], found), item[0])))


def _ancestors(version: str, found: dict[str, Manifest]) -> int:
    """How many releases, one before the other, lead to a version."""
    passed = set()
    while version in found and version not in passed:
        passed.add(version)
        version = found[version].before or ""
    return len(passed)


def require_whole(release: Path) -> Manifest:
    """The manifest of a release that has every file, each of its size. Raises Faulty naming what is missing or altered."""
    manifest = read_manifest(release)
    faults = [Finding(str(release / name), 0, "", trouble) for name, row in manifest.files.items()
              if (trouble := _trouble(release / name, row["bytes"]))]
    faults += [Finding(str(release / name), 0, "", "missing from the store") for name in _store_hashes(release)
               if not (release / name).is_file()]
    if faults:
        raise Faulty(faults)
    return manifest


def verify(release: Path) -> Manifest:
    """As `require_whole`, and every file has its SHA-256."""
    manifest = require_whole(release)
    expected = {name: row["sha256"] for name, row in manifest.files.items()} | _store_hashes(release)
    faults = [Finding(str(release / name), 0, "", "altered: its SHA-256 is not the one it was sealed with")
              for name, digest in expected.items() if sha256(release / name) != digest]
    if faults:
        raise Faulty(faults)
    return manifest


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _trouble(path: Path, size: int) -> str:
    if not path.is_file():
        return "missing from the release"
    found = path.stat().st_size
    return "" if found == size else f"has {found} bytes; the release was sealed with {size}"


def _store_hashes(release: Path) -> dict[str, str]:
    """The SHA-256 of each file of the store, as sealed. Raises Faulty where the list is missing."""
    path = release / STORE_HASHES
    if not path.is_file():
        raise fault(path, "missing: the files of the store cannot be told; build the release again")
    rows = (line.split(maxsplit=1) for line in path.read_text().splitlines())
    return {name: digest for digest, name in rows}
