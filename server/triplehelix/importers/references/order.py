"""The order of a bibliography, judged under the rule that explains it best; a rule that explains it is no fault."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from triplehelix.importers.references.defects import Defect, at_entry
from triplehelix.importers.references.entries import Entry
from triplehelix.importers.references.names import PARTICLES, folded

# Letters that a language sorts apart from the letter they look like; "{" follows z, so "z{" is right behind it.
COLLATIONS = {
    "the alphabetical order with accents set aside": {},
    "the Swedish order, where å, ä and ö come last in the alphabet": {"å": "{a", "ä": "{b", "æ": "{b", "ö": "{c", "ø": "{c"},
    "the Danish and Norwegian order, where æ, ø and å come last in the alphabet": {
        "æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c", "aa": "{c"},
    "the order of German telephone books, where ä, ö and ü count as ae, oe and ue": {"ä": "ae", "ö": "oe", "ü": "ue"},
    "the Czech order, where č, ř, š and ž follow their plain letters and ch follows h": {
        "ch": "h{", "č": "c{", "ř": "r{", "š": "s{", "ž": "z{"},
    "the Polish order, where each letter with a mark follows its plain one": {
        "ą": "a{", "ć": "c{", "ę": "e{", "ł": "l{", "ń": "n{", "ó": "o{", "ś": "s{", "ź": "z{", "ż": "z}"},
    "the Spanish order, where ñ follows n": {"ñ": "n{"},
}
LEADING = re.compile(rf"^(?:(?:{'|'.join(PARTICLES)})\s+)+")
# Where more than this part of the entries would have to move, the list keeps no such order at all.
SCATTERED = 0.34
Key = Callable[[Entry], tuple]


@dataclass(frozen=True)
class _Order:
    """One rule of sorting: its name, whether it is the plain one, and the entries out of place under it."""

    name: str
    plain: bool
    misplaced: tuple[Entry, ...]


def misplaced(entries: Sequence[Entry]) -> Iterator[Defect]:
    """Entries out of place; or the observation that another than the plain alphabetical order explains the list."""
    if len(entries) < 3:
        return
    orders = [_Order(name, plain, _moved(entries, key)) for name, plain, key in _orders()]
    best = min(orders, key=lambda order: len(order.misplaced))
    plain = min((order for order in orders if order.plain), key=lambda order: len(order.misplaced))
    if len(best.misplaced) > max(1, SCATTERED * len(entries)):
        yield Defect("entry-order", "reference-list", entries[0].line, entries[0].name, None,
                     ("The entries follow neither the names of their authors nor their years.",))
        return
    if len(best.misplaced) < len(plain.misplaced):
        first = plain.misplaced[0]
        after = entries[first.rank] if first.rank < len(entries) else entries[first.rank - 2]
        yield Defect("observation", "reference-list", first.line, first.head.strip(" ,"), None,
                     (f"{first.authors[0].surname} and {after.authors[0].surname} follow {best.name}.",))
    for entry in best.misplaced:
        yield Defect("entry-order", at_entry(entry), entry.line, entry.name, None,
                     (f"The entry is out of place in {best.name}, which explains the order of the list best.",))


def _orders() -> Iterator[tuple[str, bool, Key]]:
    """(name, whether plain, key) of every rule, the plainest first."""
    for (name, letters), particles, further in product(COLLATIONS.items(), (True, False), (_by_authors, _by_number, _by_year)):
        yield name, not letters, _key(letters, particles, further)
    yield "the order of years", False, lambda entry: (entry.year,)


def _key(letters: dict[str, str], particles: bool, further: Callable[[Entry, Callable[[str], str]], tuple]) -> Key:
    def collated(name: str) -> str:
        lowered = (name if particles else LEADING.sub("", name)).casefold()
        for letter, place in letters.items():
            lowered = lowered.replace(letter, place)
        return " ".join(re.sub(r"[^\w{}]+", " ", "".join(c if c in "{}" else folded(c) or " " for c in lowered)).split())

    return lambda entry: (collated(entry.authors[0].surname), *further(entry, collated))


def _by_authors(entry: Entry, collated: Callable[[str], str]) -> tuple:
    """Entries of one surname by initials, further authors, year."""
    further = [(collated(author.surname), folded(author.initials)) for author in entry.authors[1:]]
    return (folded(entry.authors[0].initials), further, entry.year)


def _by_number(entry: Entry, collated: Callable[[str], str]) -> tuple:
    """Entries of one surname: those of one author first, then those of two, each by year."""
    return (min(len(entry.authors), 3), collated(entry.authors[1].surname) if len(entry.authors) == 2 else "", entry.year)


def _by_year(entry: Entry, _: Callable[[str], str]) -> tuple:
    """Entries of one surname by year."""
    return (entry.year,)


def _moved(entries: Sequence[Entry], key: Key) -> tuple[Entry, ...]:
    """The fewest entries that must move for the list to be in order: all but a longest sorted part of it."""
    keys = [key(entry) for entry in entries]
    tails: list[tuple] = []
    last: list[int] = []
    before: list[int | None] = []
    for number, value in enumerate(keys):
        place = bisect_right(tails, value)
        tails[place:place + 1] = [value]
        last[place:place + 1] = [number]
        before.append(last[place - 1] if place else None)
    kept, at = set(), last[-1]
    while at is not None:
        kept.add(at)
        at = before[at]
    return tuple(entry for number, entry in enumerate(entries) if number not in kept)
