"""Which entry a pointer means: names and years compared, tolerant of the slips that are to be reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from triplehelix.importers.references.entries import Author, Entry
from triplehelix.importers.references.names import DIFFERENCES, difference, distance, folded, swapped, year_slip
from triplehelix.importers.references.pointers import Group, Pointer

# How the year of a pointer and that of an entry agree, the best first.
SAME, OTHER_YEAR, LETTER, MISPRINT, SLIP = range(5)
FULL, REORDERED, SHORTENED = range(3)


@dataclass(frozen=True)
class Link:
    """A pointer and the entry it means, if any; how their years agree, and (as written, surname, difference) of its names.

    `rivals` are entries that fit equally well, so that none is chosen.
    """

    group: Group
    pointer: Pointer
    entry: Entry | None = None
    years: int = SAME
    order: int = FULL
    names: tuple[tuple[str, str, str], ...] = ()
    rivals: tuple[Entry, ...] = ()

    def differs(self, *kinds: str) -> list[tuple[str, str]]:
        """(as written, surname) of the names that differ in one of these ways."""
        return [(written, name) for written, name, kind in self.names if kind in kinds]


def links(groups: Iterable[Group], entries: Sequence[Entry]) -> list[Link]:
    """A link for every pointer, in the order of the text.

    First by names and year; then what is left, by names and a year with two digits swapped; then by names and a year
    close by, to entries that nothing else cites.
    """
    pairs = [(group, pointer) for group in groups for pointer in group.pointers]
    found = [_best(group, pointer, entries, MISPRINT) for group, pointer in pairs]
    found = [link if link.entry or link.rivals else _turned(link, entries) for link in found]
    cited = {entry.rank for link in found for entry in (link.entry, *link.rivals) if entry}
    uncited = [entry for entry in entries if entry.rank not in cited]
    return [link if link.entry or link.rivals else _best(link.group, link.pointer, uncited, SLIP) for link in found]


def _turned(link: Link, entries: Sequence[Entry]) -> Link:
    """The link to an entry whose year has two digits swapped, if there is one."""
    turned = [entry for entry in entries if swapped(link.pointer.year, entry.year)]
    return _best(link.group, link.pointer, turned, SLIP)


def referred(entry: Entry, entries: Sequence[Entry]) -> list[tuple[str, str, Entry | None]]:
    """(names, year, entry) of the other entries that one says its work is in; no entry where the list has none."""
    found = []
    for names, year in entry.refers:
        first = names.split(" and ")[0]
        meant = [e for e in entries if e.rank != entry.rank and difference(first, e.authors[0].surname) is not None]
        exact = [e for e in meant if e.years == [year]] or [e for e in meant if year in e.years]
        found.append((names, year, exact[0] if exact else None))
    return found


def _best(group: Group, pointer: Pointer, entries: Iterable[Entry], loosest: int) -> Link:
    """The link to the entry that agrees best, or to none where none agrees or two agree equally well."""
    found = [link for entry in entries if (link := _link(group, pointer, entry, loosest))]
    if not found:
        return Link(group, pointer)
    best = min(map(_cost, found))
    chosen = {folded(link.entry.text): link for link in reversed(found) if _cost(link) == best}
    if len(chosen) > 1:
        return Link(group, pointer, rivals=tuple(sorted((link.entry for link in chosen.values()), key=lambda e: e.rank)))
    return next(iter(chosen.values()))


def _cost(link: Link) -> tuple[int, int, int]:
    return link.order, link.years, max((DIFFERENCES.index(kind) for _, _, kind in link.names), default=0)


def _link(group: Group, pointer: Pointer, entry: Entry, loosest: int) -> Link | None:
    years = _years(pointer.year, entry, loosest)
    agreed = None if years is None else _agreed(pointer, entry.authors)
    if agreed is None:
        return None
    order, names = agreed
    if (order != FULL and years > LETTER) or (years == SLIP and not _tell(names)):
        return None
    return Link(group, pointer, entry, years, order, names)


def _tell(names: Sequence[tuple[str, str, str]]) -> bool:
    """Whether the names tell whom they mean though the year differs: one short misspelt name may be another person's."""
    return len(names) > 1 or all(kind != "spelling" or len(name) > 6 for _, name, kind in names)


def _agreed(pointer: Pointer, authors: Sequence[Author]) -> tuple[int, tuple[tuple[str, str, str], ...]] | None:
    """How the names agree with the authors, in order, in another order, or cut short without et al."""
    names = [folded(name) for name in pointer.names]
    by_name = {folded(author.surname if author.initials else author.surname.split()[-1]): author for author in authors}
    if not pointer.et_al and len(authors) == len(names) and set(names) == set(by_name) and names != list(by_name):
        return REORDERED, _paired(pointer.names, [by_name[name] for name in names])
    paired = _paired(pointer.names, authors)
    whole = (len(authors) > len(names)) == pointer.et_al
    return (FULL if whole else SHORTENED, paired) if paired else None


def _paired(names: Sequence[str], authors: Sequence[Author]) -> tuple[tuple[str, str, str], ...] | None:
    """(as written, surname, difference) of each name beside its author, or None where one does not fit."""
    if len(names) > len(authors):
        return None
    pairs = [(name, *_nearest(name, author)) for name, author in zip(names, authors, strict=False)]
    return None if any(kind is None for _, _, kind in pairs) else tuple(pairs)


def _nearest(name: str, author: Author) -> tuple[str, str | None]:
    """The surname as the entry has it, and how the name differs; of an author without initials perhaps the last word."""
    forms = [author.surname] if author.initials else [author.surname, author.surname.split()[-1]]
    compared = [(form, kind) for form in forms if (kind := difference(name, form)) is not None]
    return min(compared, key=lambda pair: DIFFERENCES.index(pair[1]), default=(author.surname, None))


def _years(year: str, entry: Entry, loosest: int) -> int | None:
    """How the year of a pointer agrees with those of an entry, no more loosely than that, or None."""
    if year == entry.year:
        return SAME
    if year in entry.years:
        return OTHER_YEAR
    if year.rstrip("abcdefghijk") == entry.year.rstrip("abcdefghijk") and (year[-1:].isdigit() or entry.year[-1:].isdigit()):
        return LETTER
    if not is_year(entry.year) and distance(year, entry.year) <= 1:
        return MISPRINT
    return SLIP if loosest == SLIP and (year_slip(year, entry.year) or swapped(year, entry.year)) else None


def is_year(year: str) -> bool:
    """Whether a year has the four digits that a year has, or is a word in place of one."""
    digits = year.rstrip("abcdefghijk")
    return not digits.isdigit() or len(digits) == 4
