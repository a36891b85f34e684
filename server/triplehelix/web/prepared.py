"""A file of the release as an answer: its header fields, and its bytes from any place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from triplehelix.description.document import REVALIDATED
from triplehelix.description.published import Published
from triplehelix.web.codings import IDENTITY, acceptable

BLOCK = 1 << 18


def prepared(release: Published, path: str, accepted: str | None, kind: str, headers: Mapping[str, str]) -> Prepared:
    """The fields of 200 and the body of a file that the manifest lists.

    In the coding gzip, where the client's Accept-Encoding, `accepted`, likes that and the release holds the file so.
    Validators and length are those of the bytes that are sent (RFC 9110 section 8.8.3.3).
    """
    files = release.manifest.files
    packed = {"gzip": path + ".gz"} if path + ".gz" in files else {}
    coding = next((coding for coding in acceptable(accepted) if coding == IDENTITY or coding in packed), IDENTITY)
    file = packed.get(coding, path)
    return [*headers.items(), ("Cache-Control", REVALIDATED), ("Content-Type", kind), ("Vary", "Accept-Encoding"),
            ("Content-Length", str(files[file]["bytes"])), ("ETag", f'"{files[file]["sha256"]}"'),
            *([("Content-Encoding", coding)] if coding in packed else [])], Blocks(release.folder / file)


class Blocks:
    """The bytes of a file in blocks, from any place; opened when the first is asked for, so not for HEAD, 304 or 416."""

    def __init__(self, path: Path):
        self._path = path
        self._file: BinaryIO | None = None

    def __iter__(self) -> Blocks:
        return self

    def __next__(self) -> bytes:
        block = self._opened().read(BLOCK)
        if not block:
            self.close()
            raise StopIteration
        return block

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int) -> None:
        self._opened().seek(offset)

    def tell(self) -> int:
        return self._opened().tell()

    def close(self) -> None:
        if self._file:
            self._file.close()

    def _opened(self) -> BinaryIO:
        self._file = self._file or self._path.open("rb")
        return self._file


Prepared = tuple[list[tuple[str, str]], Blocks]
