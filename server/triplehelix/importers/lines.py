"""Text files from outside, line by line: strictly decoded, of bounded length, at rest while they are read."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from triplehelix.findings import Faulty, fault

LONGEST_LINE = 1_000_000


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file in Unicode normal form C, without their ends.

    Raises Faulty with the line for bytes that are not UTF-8 and for a line of more than a million bytes, and for a
    file that is empty, cannot be read, or changes meanwhile.
    """
    try:
        with path.open("rb") as file:
            before = _state(file.fileno())
            if not before[0]:
                raise fault(path, "the file is empty")
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), 1):
                yield unicodedata.normalize("NFC", _decoded(path, line, number).rstrip("\r\n"))
            if _state(file.fileno()) != before:
                raise fault(path, "the file changed while it was read: import it again when it is at rest")
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from error


def _decoded(path: Path, line: bytes, number: int) -> str:
    if len(line) > LONGEST_LINE:
        raise fault(path, f"the line has more than {LONGEST_LINE:,} bytes: no text has such lines", number)
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, error, number) from error
    if "\0" in text:
        raise fault(path, "the line holds a null byte: this is no text file", number)
    return text


def _not_utf8(path: Path, error: UnicodeDecodeError, number: int) -> Faulty:
    byte, column = error.object[error.start], error.start + 1
    return fault(path, f"not UTF-8 (byte 0x{byte:02x} at column {column}): save the file in that encoding", number)


def _state(descriptor: int) -> tuple[int, int]:
    stat = os.fstat(descriptor)
    return stat.st_size, stat.st_mtime_ns
