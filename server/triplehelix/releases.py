"""Reading a folder of releases: the link `current`, manifests, and whether a sealed release is whole.

RELEASES/<version>/ is immutable; RELEASES/current is a link to one of them, replaced by rename. Readers resolve the
link once per request and then stay with the folder they found. RELEASES/pruned/<version>/ is what stays of a release that
was removed: its manifest, and its changes against the release before.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from triplehelix.engine.model import Dataset
from triplehelix.engine.statistics import from_json
from triplehelix.findings import Faulty, Finding, fault

CURRENT, MANIFEST, STORE_HASHES, STATISTICS = "current", "manifest.json", "store.sha256", "statistics.json"
PRUNED, CHANGES = "pruned", "changes"
MANIFEST_FORM = 1
CHOOSE = "make a release that is there current by `triplehelix rollback RELEASES VERSION`"


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
        raise fault(path, f"missing: this is not a sealed release; {CHOOSE}") from error
    except (ValueError, OSError) as error:
        raise fault(path, f"cannot be read ({error}); {CHOOSE}") from error
    if not isinstance(fields, dict) or fields.get("form") != MANIFEST_FORM:
        raise fault(path, f"written in another form than {MANIFEST_FORM}: serve it with the software that built it")
    try:
        return Manifest(**fields)
    except TypeError as error:
        raise fault(path, f"fields are missing or unknown ({error}); {CHOOSE}") from error


def current(releases: Path) -> Path:
    """The folder that `current` points to now. Raises Faulty where there is none, or `current` is no link to one."""
    link = releases / CURRENT
    try:
        release = releases / os.readlink(link)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise fault(link, "there is no current release: run `triplehelix build` first") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise fault(link, f"cannot be read: {error.strerror}") from error
        raise fault(link, f"is no link, and so says of no release that it is current: remove it, then {CHOOSE}") from error
    if not release.is_dir():
        raise fault(link, f"leads to {release}, which is not there: {CHOOSE}; or remove the link and build a release")
    return release


def kept(releases: Path) -> dict[str, Manifest]:
    """Every sealed release of a folder by its version, each behind the one that was current before it.

    Raises Faulty where a manifest cannot be read.
    """
    return {version: manifest for version, manifest in history(releases).items() if _is_kept(releases, version)}


def pruned(releases: Path) -> dict[str, Manifest]:
    """The releases that were removed, in the same order. Raises as `kept`."""
    return {version: manifest for version, manifest in history(releases).items() if not _is_kept(releases, version)}


def history(releases: Path) -> dict[str, Manifest]:
    """The releases that are kept and those that were pruned, in the same order. Raises as `kept`."""
    # What is pruned meanwhile is found in both places.
    present = _manifests(releases)
    found = _manifests(releases / PRUNED) | present
    return dict(sorted(found.items(), key=lambda item: (_ancestors(item[0], found), item[0])))


def moments(versions: Mapping[str, Manifest]) -> dict[str, datetime]:
    """When each version became one: midnight (UTC) of its date; of several of one date each a second after the one before.

    Given `history`, a moment stays what it is when releases are pruned. Raises Faulty for a version without a date.
    """
    found: dict[str, datetime] = {}
    last: dict[date, datetime] = {}
    for version in versions:
        day = _date(version)
        found[version] = last[day] = last[day] + timedelta(seconds=1) if day in last else datetime.combine(day, time(), UTC)
    return found


def _is_kept(releases: Path, version: str) -> bool:
    return (releases / version / MANIFEST).is_file()


def _manifests(folder: Path) -> dict[str, Manifest]:
    """The manifest of each version that has a folder of its name here; a copy under another name is no release."""
    found = {}
    for path in sorted(folder.glob(f"[!.]*/{MANIFEST}")):
        if path.parent.is_symlink():
            continue
        try:
            manifest = read_manifest(path.parent)
        except Faulty:
            if path.exists():
                raise
            continue  # pruned since the folder was listed
        if manifest.version == path.parent.name:
            found[manifest.version] = manifest
    return found


def day_of(version: str) -> str:
    """The date with which the name of a release begins, YYYY-MM-DD."""
    return version[:len("YYYY-MM-DD")]


def _date(version: str) -> date:
    try:
        return date.fromisoformat(day_of(version))
    except ValueError as error:
        raise fault(version, "not the name of a release: it does not begin with a date") from error


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
    missing = [Finding(str(release / name), 0, "", "missing from the store") for name in _store_hashes(release)
               if not (release / name).is_file()]
    if faults := [*_of_other_size(release, manifest.files), *missing]:
        raise Faulty(faults)
    return manifest


def verify(release: Path) -> Manifest:
    """As `require_whole`, and every file has its SHA-256."""
    manifest = require_whole(release)
    if faults := _altered(release, {name: row["sha256"] for name, row in manifest.files.items()} | _store_hashes(release)):
        raise Faulty(faults)
    return manifest


def verify_remains(release: Path) -> Manifest:
    """As `verify`, for what stays of a release that was pruned: its changes."""
    manifest = read_manifest(release)
    rows = {name: row for name, row in manifest.files.items() if name.startswith(f"{CHANGES}/")}
    faults = _of_other_size(release, rows) or _altered(release, {name: row["sha256"] for name, row in rows.items()})
    if faults:
        raise Faulty(faults)
    return manifest


def _of_other_size(release: Path, rows: dict[str, dict]) -> list[Finding]:
    return [Finding(str(release / name), 0, "", trouble) for name, row in rows.items()
            if (trouble := _trouble(release / name, row["bytes"]))]


def _altered(release: Path, hashes: dict[str, str]) -> list[Finding]:
    return [Finding(str(release / name), 0, "", "altered: its SHA-256 is not the one it was sealed with")
            for name, digest in hashes.items() if sha256(release / name) != digest]


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
