"""What a folder of dumps is checked by: SHA256SUMS, for `sha256sum -c` in it, and the crate that describes it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from triplehelix.build import crate, record
from triplehelix.build.crate import Hashed
from triplehelix.description.published import Published
from triplehelix.formats import CRATE, SHA256SUMS
from triplehelix.releases import sha256

FOLDER = "dumps"


def write(release: Published) -> None:
    """dumps/ro-crate-metadata.json and dumps/SHA256SUMS of a release whose other dumps are written; each is read once."""
    folder = release.folder / FOLDER
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    with ThreadPoolExecutor() as pool:
        hashed = dict(zip(names, pool.map(lambda name: _hashed(folder / name), names)))
    described = folder / CRATE
    described.write_bytes(crate.crate(record.of(release), hashed))
    hashed[CRATE] = _hashed(described)
    rows = (f"{file.sha256}  {name}\n" for name, file in sorted(hashed.items()))
    (folder / SHA256SUMS).write_text("".join(rows), encoding="utf-8")


def _hashed(path: Path) -> Hashed:
    return Hashed(path.stat().st_size, sha256(path))
