"""Markdown: tables, and text that stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_SIGNS = re.compile(r"[\\`*_\[\]<>|]")


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table of cells that are Markdown already."""
    names = list(head)
    yield from (f"| {' | '.join(row)} |" for row in (names, ["---"] * len(names), *rows))


def plain(text: str) -> str:
    """Text with the signs of Markdown escaped, on one line."""
    return _SIGNS.sub(r"\\\g<0>", " ".join(text.split()))


def number(digits: str | int) -> str:
    """A whole number with its thousands apart."""
    return f"{int(digits):,}"
