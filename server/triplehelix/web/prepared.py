"""A file of the release as an answer: its header fields, and its bytes from any place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from weakref import finalize

from triplehelix.description.document import REVALIDATED
from triplehelix.description.published import Published
from triplehelix.findings import fault
from triplehelix.web.codings import IDENTITY, acceptable

BLOCK = 1 << 18


def prepared(release: Published, path: str, accepted: str | None, kind: str, headers: Mapping[str, str]) -> Prepared:
    """The fields of 200 and the body of a file that the manifest lists.

    In the coding gzip, where the client's Accept-Encoding, `accepted`, likes that and the release holds the file so.
    Validators and length are those of the bytes that are sent (RFC 9110 section 8.8.3.3). Raises Faulty where the file is gone.
    """
    files = release.manifest.files
    packed = {"gzip": path + ".gz"} if path + ".gz" in files else {}
    coding = next((coding for coding in acceptable(accepted) if coding == IDENTITY or coding in packed), IDENTITY)
    file = packed.get(coding, path)
    return [*headers.items(), ("Cache-Control", REVALIDATED), ("Content-Type", kind), ("Vary", "Accept-Encoding"),
            ("Content-Length", str(files[file]["bytes"])), ("ETag", f'"{files[file]["sha256"]}"'),
            *([("Content-Encoding", coding)] if coding in packed else [])], Blocks(release.folder / file)


class Blocks:
    """The bytes of a file in blocks, from any place. It is open from the beginning, for what is pruned meanwhile can be read
    to its end. Raises Faulty where it cannot be opened."""

    def __init__(self, path: Path):
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise fault(path, f"cannot be read: {error.strerror}") from error
        self.seek, self.tell = self._file.seek, self._file.tell
        # An answer that has no body, as 304 and 416, is let go without being closed.
        self.close = finalize(self, self._file.close)

    def __iter__(self) -> Blocks:
        return self

    def __next__(self) -> bytes:
        block = self._file.read(BLOCK)
        if not block:
            self.close()
            raise StopIteration
        return block

    def seekable(self) -> bool:
        return True


Prepared = tuple[list[tuple[str, str]], Blocks]
