"""JSON from outside: read whole, parsed strictly, and with the line at which each thing stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from triplehelix.findings import fault

LARGEST = 50_000_000


def within(path: Path, name: str) -> Path:
    """The file of that name where a folder was given: sources whose files belong together come as one."""
    return path / name if path.is_dir() else path


def read_json(path: Path) -> tuple[Any, Places]:
    """The document and the places of its texts.

    Raises Faulty with the line for a file that cannot be read, is larger than 50 MB, not UTF-8 or not JSON (RFC 8259).
    """
    text = _text(path)
    try:
        return json.loads(text), Places(text)
    except json.JSONDecodeError as error:
        raise fault(path, f"not JSON: {error.msg} at column {error.colno}", error.lineno) from error
    except RecursionError as error:
        raise fault(path, "not taken: its brackets are nested too deeply") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise fault(path, f"the file has more than {LARGEST:,} bytes: this is not the table of a source")
        data = path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        raise fault(path, f"not UTF-8 (byte 0x{data[error.start]:02x}): save the file in that encoding", line) from error


class Places:
    """Finds texts in the order of the file and tells their lines; asked in that order, it reads the file once."""

    def __init__(self, text: str):
        self.text, self.at, self.number = text, 0, 1

    def line(self, value: object) -> int:
        """The line of the next place where the value stands, or of the last place found."""
        written = json.dumps(value, ensure_ascii=False)
        found = self.text.find(written, self.at)
        if found >= 0:
            self.number += self.text.count("\n", self.at, found)
            self.at = found + len(written)
        return self.number
