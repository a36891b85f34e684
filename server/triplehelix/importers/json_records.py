"""JSON records from outside, one at a time: a file of one record or an array of them, a folder of such files, or a zip.

Memory holds one record, however long the array.
"""

from __future__ import annotations

import codecs
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from triplehelix.findings import fault
from triplehelix.importers.tables import UNPACKED_RATIO

CHUNK = 1 << 16
LARGEST = 10_000_000
BLANKS = " \t\r\n"


def read_records(path: Path) -> Iterator[tuple[int, Any]]:
    """Each record with the line it begins at, files of a folder or zip in the order of their names.

    Raises Faulty for what is not UTF-8 or not JSON (RFC 8259), for a record of more than ten million characters, for a zip
    that unpacks to far more than its size, and for a folder or zip without JSON.
    """
    if path.is_dir():
        files = sorted(path.rglob("*.json"))
        _require(path, files)
        for file in files:
            yield from _of_file(file)
    elif zipfile.is_zipfile(path):
        yield from _of_zip(path)
    else:
        yield from _of_file(path)


def _require(path: Path, files: list) -> None:
    if not files:
        raise fault(path, "there is no .json file in it")


def _of_file(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        with path.open("rb") as file:
            yield from _Array(str(path), file).records()
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from error


def _of_zip(path: Path) -> Iterator[tuple[int, Any]]:
    with zipfile.ZipFile(path) as packed:
        entries = sorted((entry for entry in packed.infolist() if entry.filename.endswith(".json")), key=lambda e: e.filename)
        _require(path, entries)
        for entry in entries:
            if entry.file_size > UNPACKED_RATIO * max(entry.compress_size, 1_000):
                raise fault(path, f"{entry.filename} would unpack to {entry.file_size:,} bytes, far more than a file of its "
                                  "size holds")
            with packed.open(entry) as file:
                yield from _Array(f"{path}:{entry.filename}", file).records()


class _Array:
    """The records of one file, decoded strictly, read in chunks."""

    def __init__(self, name: str, file: IO[bytes]):
        self.name, self.file = name, file
        self.decoder, self.records_of = codecs.getincrementaldecoder("utf-8-sig")(), json.JSONDecoder()
        self.text, self.line, self.ended = "", 1, False

    def records(self) -> Iterator[tuple[int, Any]]:
        """A record that stands alone, or all of the array."""
        if self._next() != "[":
            yield self._record()
        else:
            self._skip(1)
            while self._next() != "]":
                yield self._record()
                if self._next() == ",":
                    self._skip(1)
                    self._require_not("]")
                elif self._next() != "]":
                    raise self._fault("a comma or ] is expected here")
            self._skip(1)
        if self._next():
            raise self._fault("something follows the last record")

    def _record(self) -> tuple[int, Any]:
        while True:
            try:
                record, end = self.records_of.raw_decode(self.text)
                if end < len(self.text) or self.ended:
                    break
            except json.JSONDecodeError as error:
                if self.ended:
                    self._skip(error.pos)
                    raise self._fault(error.msg) from error
            except RecursionError as error:
                raise self._fault("its brackets are nested too deeply") from error
            if len(self.text) > LARGEST:
                raise self._fault(f"the record has more than {LARGEST:,} characters")
            self._more(len(self.text))
        line = self.line
        self._skip(end)
        return line, record

    def _next(self) -> str:
        """The next character that is not blank, "" at the end of the file."""
        while True:
            rest = self.text.lstrip(BLANKS)
            self._skip(len(self.text) - len(rest))
            if rest or self.ended:
                return rest[:1]
            self._more(CHUNK)

    def _require_not(self, sign: str) -> None:
        if self._next() == sign:
            raise self._fault("a record is expected here")

    def _more(self, size: int) -> None:
        data = self.file.read(max(size, CHUNK))
        self.ended = not data
        try:
            self.text += self.decoder.decode(data, final=self.ended)
        except UnicodeDecodeError as error:
            raise self._fault(f"not UTF-8 (byte 0x{error.object[error.start]:02x}): save the file in that encoding") from error

    def _skip(self, count: int) -> None:
        self.line += self.text.count("\n", 0, count)
        self.text = self.text[count:]

    def _fault(self, message: str):
        return fault(self.name, f"not JSON: {message}" if not message.startswith("not ") else message, self.line)
