"""What became of the codes of NUTS 2021: the rows of Eurostat's sheets of changes, and the explanations beside them."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

# The word in the column Change to a kind of scheme/code-change-kind. "art. 5(2a)" is a small shift of a boundary that
# leaves the code as it is; a new region needs no kind: its older ones have one.
WORDS = {"": "", "Code change": "recode", "Name change": "rename", "Boundary shift": "boundary", "art. 5(2a)": "boundary",
         "Split": "split", "Merged": "merge", "New region": "", "New region / name change": ""}
CODE = r"\b[A-Z]{2}[0-9A-Z]{1,3}\b"
FORMER = re.compile(r"Name change \((?:formely|fromely|formerly): *(.*?) *\)")
MERGED = re.compile(rf"[Ee]x-({CODE})\)?(?: regions)? merged (?:in)?to (?:ex-)?({CODE})")
SPLIT = re.compile(rf"({CODE}(?: \+ {CODE})+) = ex-({CODE})")
PARTS = re.compile(rf"\(({CODE})[^)]*\) created out of parts of (ex-{CODE}(?:(?:, | and )ex-{CODE})*)")


@dataclass(frozen=True)
class Told:
    """One row: the code of 2021 and that of 2024 (either may be ""), the label, and the word for the change."""

    old: str
    new: str
    label: str
    word: str


@dataclass(frozen=True)
class Explanations:
    """What the sheets explain in words: former names, and the codes that others were merged into, split into or gave parts to."""

    former: dict[str, str]
    into: dict[str, list[str]]


@dataclass(frozen=True)
class Change:
    """What became of one code: `same` where the region stays as it is; `kind` "" where nothing at all has changed."""

    code: str
    targets: tuple[str, ...]
    kind: str
    sources: tuple[str, ...]

    @property
    def same(self) -> bool:
        return self.kind in ("", "rename")


def sheets(path: Path) -> list[str]:
    """The names of the sheets of a workbook that read_xlsx has found sound."""
    from openpyxl import load_workbook
    return load_workbook(path, read_only=True).sheetnames


def explanations(path: Path) -> Explanations:
    """The explanations in the sheets Changes NUTS-1, -2 and -3; their cells are merged where one is of several rows."""
    former, into = {}, {}
    for old, written in _explained(path):
        if old and (match := FORMER.search(written)):
            former[old] = match[1]
        for code, target in MERGED.findall(written):
            into[code] = [target]
        for targets, code in SPLIT.findall(written):
            into[code] = targets.split(" + ")
        for target, codes in PARTS.findall(written):
            for code in re.findall(CODE, codes):
                into.setdefault(code, []).append(target)
    return Explanations(former, into)


def _explained(path: Path) -> Iterator[tuple[str, str]]:
    """The code of 2021 and all the words of each row."""
    from openpyxl import load_workbook
    book = load_workbook(path, read_only=True)
    for name in (name for name in book.sheetnames if name.startswith("Changes NUTS-")):
        for row in book[name].iter_rows(min_row=2, values_only=True):
            cells = [str(cell or "").strip() for cell in row]
            if any(cells):
                yield cells[1], " ".join(cells[4:])
    book.close()


def resolved(rows: list[Told], told: Explanations, known: Container[str]) -> list[Change]:
    """The changes of the older codes, with their replacements among the `known` codes of the newer edition."""
    followers = {(row.label, len(row.new)): row.new for row in rows if row.new and not row.old}
    # A code with no newer one in its row goes on in the new code of the same name, and in those that are explained.
    named = {row.old: followers.get((row.label, len(row.old))) for row in rows if row.old and not row.new}
    found = []
    for row in (row for row in rows if row.old):
        after = [row.new] if row.new else _after(row.old, named, told)
        targets = tuple(sorted({code for code in after if code in known}))
        if targets or not row.new:
            found.append(Change(row.old, targets, WORDS[row.word] if targets else "end", (row.old,)))
    return [_merged(change, found) if change.kind == "merge" else change for change in found]


def _after(old: str, named: dict[str, str | None], told: Explanations) -> list[str]:
    """The new codes of an old one; where it went into another old code, those of that one."""
    after = [named[old]] if named[old] else []
    for code in told.into.get(old, ()):
        after.append(named.get(code) or code)
    return after


def _merged(change: Change, found: Iterable[Change]) -> Change:
    """A merger starts from all the codes that are replaced by the same one."""
    return Change(change.code, change.targets, change.kind,
                  tuple(sorted(other.code for other in found if other.targets == change.targets)))
