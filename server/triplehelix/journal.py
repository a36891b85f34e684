"""The log of a server: one JSON object a line on standard error, each line written whole.

What a request says of itself is hostile: everything outside plain ASCII, and every control character, is escaped, so that
nobody can end a line or speak to a terminal.
"""

from __future__ import annotations

import json
import os
import select
import traceback
from contextlib import suppress
from datetime import UTC, datetime

# A pipe takes so many bytes in one piece (pipe(7)), so that lines of several processes never mix.
LINE_BYTES = select.PIPE_BUF
STANDARD_ERROR = 2
# Made once: making one takes longer than it takes to encode a line.
ENCODER = json.JSONEncoder(separators=(",", ":"))
_Value = str | int | float | bool | None


def write(event: str, **fields: _Value) -> None:
    """Write one line. A log that nobody takes is no reason to answer nobody: what cannot be written is dropped."""
    with suppress(OSError):
        os.write(STANDARD_ERROR, line(event, **fields))


def failed(event: str, error: BaseException, **fields: _Value) -> None:
    """Write what nobody expected, with its trace."""
    trace = "".join(traceback.format_exception(error))
    write(event, **fields, error=type(error).__name__, trace=trace)


def line(event: str, **fields: _Value) -> bytes:
    """The bytes of a line. Of one that would be too long the longest text loses its beginning, and `cut` names it."""
    told = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    data = _encoded(told)
    while len(data) > LINE_BYTES:
        longest = max((name for name, value in told.items() if isinstance(value, str)), key=lambda name: len(told[name]))
        told |= {longest: told[longest][-(len(told[longest]) // 2):], "cut": longest}
        data = _encoded(told)
    return data


def _encoded(told: dict[str, _Value]) -> bytes:
    return ENCODER.encode(told).encode("ascii") + b"\n"
