"""The queries that servers are asked: .rq files, and how a file becomes texts that no cache, or any cache, can answer.

A file is one SPARQL query with full IRIs or prefixes of its own; its stem is its name. A header line `#+ rotates: body-0`
names the end of an IRI that is replaced by `body-1`, `body-2` and so on from one request to the next.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROTATED = 200
HEADER = re.compile(r"^#\+.*\n", re.MULTILINE)
ROTATES = re.compile(r"^#\+ rotates: *(\S+)-0 *$", re.MULTILINE)


@dataclass(frozen=True)
class Question:
    """A query by name; `rotates` is what stands before -0 in an IRI of it, where it is asked of many things in turn."""

    name: str
    text: str
    rotates: str = ""
    _asked: itertools.count = field(default_factory=itertools.count, compare=False, repr=False)

    @property
    def texts(self) -> list[str]:
        """The one text, or those that it rotates over."""
        if not self.rotates:
            return [self.text]
        return [self.text.replace(f"{self.rotates}-0>", f"{self.rotates}-{number}>") for number in range(ROTATED)]

    def cold(self) -> Iterator[str]:
        """Endless texts, none of them ever the same: each has a comment of its own."""
        return (f"{text}# {next(self._asked)}\n" for text in self.repeated())

    def repeated(self) -> Iterator[str]:
        """The same texts over and over."""
        return itertools.cycle(self.texts)


def read(path: Path) -> Question:
    """The question of a .rq file."""
    text = path.read_text(encoding="utf-8")
    rotates = ROTATES.search(text)
    return Question(path.stem, HEADER.sub("", text), rotates[1] if rotates else "")


def read_all(folder: Path) -> list[Question]:
    """The questions of a folder by name but for point.rq; none where there is no such folder."""
    return [read(path) for path in sorted(folder.glob("*.rq")) if path.stem != "point"]
