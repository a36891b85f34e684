"""An author-year text: its paragraphs with their lines, and which of them are its bibliography."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from triplehelix.findings import fault
from triplehelix.importers.lines import read_lines
from triplehelix.importers.references.entries import Entry, entry

LARGEST = 20_000_000
FEWEST_ENTRIES = 3
HEADING = re.compile(r"[\W\d]*(?:references?(?: list)?|bibliography|literature(?: cited)?|works cited|sources|"
                     r"literatur(?:verzeichnis)?|referenser|bibliographie)\W*", re.IGNORECASE)


@dataclass(frozen=True)
class Passage:
    """Neighbouring lines of a text, joined by newlines; `line` is the number of the first."""

    text: str
    line: int

    def line_at(self, offset: int) -> int:
        return self.line + self.text.count("\n", 0, offset)


@dataclass(frozen=True)
class Text:
    """A text taken apart: the passages of its body, its entries, and paragraphs of its bibliography that are none."""

    body: tuple[Passage, ...]
    entries: tuple[Entry, ...]
    others: tuple[Passage, ...]


def read_text(path: Path) -> Text:
    """Read a text (UTF-8, a paragraph a line or wrapped) and find its bibliography.

    Raises Faulty where the file is no such text: empty, not UTF-8, too large, or without a bibliography.
    """
    lines: list[str] = []
    size = 0
    for line in read_lines(path):
        size += len(line)
        if size > LARGEST:
            raise fault(path, f"more than {LARGEST:,} characters: import one text at a time", len(lines) + 1)
        lines.append(line)
    if not any(line.strip() for line in lines):
        raise fault(path, "the file holds blank lines only")
    first, last = _bibliography(lines) or (0, 0)
    if not last:
        raise fault(path, f"no bibliography found: there are no {FEWEST_ENTRIES} neighbouring lines that begin with authors "
                          "and a year, such as: Miller, A. (2001), A Title")
    headed = first > 0 and bool(HEADING.fullmatch(lines[first - 1]))
    body = [*_passages(lines[:first - headed], 1), *_passages(lines[last:], last + 1)]
    return Text(tuple(body), *_entries(lines[first:last], first + 1))


def _bibliography(lines: list[str]) -> tuple[int, int] | None:
    """(first, past the last) line of the bibliography: what follows its heading, else the longest run of entries."""
    starts = [number for number, line in enumerate(lines) if entry(_unwrapped(lines, number))]
    heading = max((n for n, line in enumerate(lines) if HEADING.fullmatch(line) and any(s > n for s in starts)), default=None)
    if heading is not None:
        after = _run([s for s in starts if s > heading], lines, gaps=1)
        if after:
            return heading + 1, _end(lines, after[-1])
    runs = []
    while starts:
        runs.append(_run(starts, lines, gaps=0))
        starts = starts[len(runs[-1]):]
    best = max(runs, key=len, default=[])
    return (best[0], _end(lines, best[-1])) if len(best) >= FEWEST_ENTRIES else None


def _unwrapped(lines: list[str], number: int) -> str:
    """A line with the two below it, for the year of an entry may stand on its second line."""
    if not lines[number].strip() or (number and lines[number - 1].strip() and lines[number][:1].isspace()):
        return ""
    joined = [lines[number]]
    for line in lines[number + 1:number + 3]:
        if not line.strip() or entry(line):
            break
        joined.append(line)
    return " ".join(part.strip() for part in joined)


def _run(starts: list[int], lines: list[str], gaps: int) -> list[int]:
    """The first starts that follow each other with at most `gaps` foreign paragraphs between two."""
    run = starts[:1]
    for start in starts[1:]:
        between = lines[_end(lines, run[-1]):start]
        if sum(1 for p in _passages(between, 0)) > gaps:
            break
        run.append(start)
    return run


def _end(lines: list[str], start: int) -> int:
    """The number past the last line of the entry that starts there: up to a blank line or the next entry."""
    end = start + 1
    while end < len(lines) and lines[end].strip() and not entry(_unwrapped(lines, end)):
        end += 1
    return end


def _passages(lines: Iterable[str], first: int) -> list[Passage]:
    found: list[Passage] = []
    held: list[str] = []
    for number, line in enumerate([*lines, ""], first):
        if line.strip():
            held.append(line)
        elif held:
            found.append(Passage("\n".join(held), number - len(held)))
            held = []
    return found


def _entries(lines: list[str], first: int) -> tuple[tuple[Entry, ...], tuple[Passage, ...]]:
    """The entries of a bibliography, wrapped lines joined, and the paragraphs that are no entries."""
    found: list[Entry] = []
    others: list[Passage] = []
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        end = _end(lines, number)
        joined = " ".join([lines[number].rstrip(), *(line.strip() for line in lines[number + 1:end])]) if end > number + 1 else (
            lines[number])
        item = entry(joined, first + number, len(found) + 1)
        if item:
            found.append(item)
        else:
            others.append(Passage(joined, first + number))
        number = end
    return tuple(found), tuple(others)
