"""Defects that show when citations and entries are laid side by side: years, names, missing and superfluous entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from triplehelix.importers.references.entries import Author, Entry
from triplehelix.importers.references.matching import LETTER, MISPRINT, REORDERED, SLIP, Link, is_year, referred
from triplehelix.importers.references.names import DIFFERENCES, difference, folded, surname_in
from triplehelix.importers.references.pointers import Group, Pointer

# A way of writing is the rule of a text where so many of its cases follow it, and there are as many cases as this.
RULE, FEWEST = 0.6, 3


@dataclass(frozen=True)
class Defect:
    """One defect: code of scheme/defect-kind, what it is at ("entry/b06", "pointer/t01-1"), and the words that show it.

    `related` is what else it is about, in the same form as `target`.
    """

    kind: str
    target: str
    line: int
    written: str
    corrected: str | None
    evidence: tuple[str, ...]
    related: tuple[str, ...] = ()


def at_entry(entry: Entry) -> str:
    return f"entry/{entry.number.lower()}"


def at_pointer(group: Group, pointer: Pointer) -> str:
    return f"pointer/{group.number.lower()}-{pointer.rank}"


def rule(cases: Iterable[str]) -> str | None:
    """The way of writing that the cases follow as a rule, or None where there is none."""
    counted = Counter(cases)
    if counted.total() < FEWEST:
        return None
    best, count = counted.most_common(1)[0]
    return best if count >= RULE * counted.total() else None


def compared(links: Sequence[Link], entries: Sequence[Entry]) -> Iterator[Defect]:
    """The defects of each pointer against its entry, and of each entry against the text."""
    for link in links:
        yield from _of_link(link, entries)
    yield from _misprinted(links, entries)
    yield from _uncited(links, entries)
    for entry in entries:
        yield from _hybrid(entry, entries)
    yield from _repeated(entries)
    yield from _unlike(entries)


def _of_link(link: Link, entries: Sequence[Entry]) -> Iterator[Defect]:
    if link.entry:
        yield from _years(link)
        yield from _names(link)
        yield from _order(link)
    elif link.rivals:
        numbers = " and ".join(entry.number for entry in link.rivals)
        yield _at(link, "year-conflict", None, f"The entries {numbers} fit this citation equally well; no letter after the year "
                                               "tells them apart.", *link.rivals)
    else:
        yield _unlisted(link, entries)


def _at(link: Link, kind: str, corrected: str | None, evidence: str, *entries: Entry, written: str = "") -> Defect:
    return Defect(kind, at_pointer(link.group, link.pointer), link.pointer.line, written or _said(link), corrected,
                  (evidence,), tuple(map(at_entry, entries)))


def _said(link: Link) -> str:
    """The words of a citation: of a narrative one the names in front of the bracket too."""
    return link.group.written if link.group.narrative and len(link.group.pointers) == 1 else link.pointer.written


def _unlisted(link: Link, entries: Sequence[Entry]) -> Defect:
    first = link.pointer.names[0]
    same = [e for e in entries if any(difference(first, author.surname) is not None for author in e.authors)]
    evidence = (f"Of the {len(entries)} entries none agrees in authors and year; {', '.join(e.number for e in same)} "
                f"{'names' if len(same) == 1 else 'name'} {first}." if same
                else f"None of the {len(entries)} entries names these authors.")
    return _at(link, "cited-not-listed", None, evidence, *same)


def _years(link: Link) -> Iterator[Defect]:
    """A year that the entry does not have; where a name differs by more than an accent as well, both at once."""
    entry, pointer = link.entry, link.pointer
    if link.years == LETTER:
        yield _at(link, "year-conflict", _replaced(link, entry.year), f"The entry {entry.number} has {entry.year}: the letter "
                  "after the year is not the same.", entry)
    if link.years != SLIP or not is_year(entry.year):
        return
    misspelt = link.differs("spelling")
    said = f"The entry {entry.number} gives {entry.year}."
    if misspelt:
        said = f"The entry {entry.number} writes {' and '.join(name for _, name in misspelt)} and gives {entry.year}."
    kind = "name-and-year" if misspelt else "year-conflict"
    if pointer.year != entry.year:
        yield _at(link, kind, _replaced(link, entry.year), said, entry)


def _replaced(link: Link, year: str) -> str:
    """The citation as its entry would have it."""
    text = _said(link)
    for written, name, _ in link.names:
        text = text.replace(surname_in(written, name), name)
    before, _, after = text.rpartition(link.pointer.year)
    return f"{before}{year}{after}"


def _names(link: Link) -> Iterator[Defect]:
    """Names that the entry writes otherwise; a particle with a capital at the beginning of a sentence is right."""
    if link.pointer.rank > 1 and link.pointer.gap is None:
        return
    for written, name, kind in link.names:
        raised = kind == "capitalisation" and link.pointer.opens_sentence and name[:1].islower()
        if kind and not raised and not (kind == "spelling" and link.years == SLIP):
            said = {"accent": "the accent", "capitalisation": "its letters", "hyphen": "the hyphen"}.get(kind, "the name")
            yield _at(link, kind, name, f"The entry {link.entry.number} writes {said} otherwise: {name}.", link.entry,
                      written=surname_in(written, name))


def _order(link: Link) -> Iterator[Defect]:
    if link.order == REORDERED:
        names = " and ".join(author.surname for author in link.entry.authors)
        yield _at(link, "author-order", None, f"The entry {link.entry.number} has its authors in the order {names}.", link.entry)


def _misprinted(links: Sequence[Link], entries: Sequence[Entry]) -> Iterator[Defect]:
    """Years of entries that no year can be, with the year of the citation that seems to mean the entry."""
    for entry in entries:
        if not is_year(entry.year):
            citing = next((link for link in links if link.entry is entry and link.years in (MISPRINT, SLIP)), None)
            right = citing.pointer.year if citing else None
            evidence = [f"A year has four digits, {entry.year} has {len(entry.year)}."]
            if citing:
                evidence.append(f"The text cites the work with {right} in {citing.group.number}.")
            yield Defect("typo-in-entry", at_entry(entry), entry.line, entry.year_written,
                         right and entry.year_written.replace(entry.year, right), tuple(evidence),
                         (at_pointer(citing.group, citing.pointer),) if citing else ())


def _uncited(links: Sequence[Link], entries: Sequence[Entry]) -> Iterator[Defect]:
    """Entries that nothing in the text points to; what only another entry refers to is not cited."""
    cited = {folded(entry.text) for link in links for entry in (link.entry, *link.rivals) if entry}
    for entry in entries if links else ():
        if folded(entry.text) not in cited:
            naming = [e for e in entries if any(meant is entry for _, _, meant in referred(e, entries))]
            only = f"; only the entries {' and '.join(e.number for e in naming)} refer to it" if len(naming) > 1 else (
                f"; only the entry {naming[0].number} refers to it" if naming else "")
            evidence = [f"No citation of the text points to this entry{only}.", *_lone_letter(entry, entries)]
            yield Defect("listed-not-cited", at_entry(entry), entry.line, f"{entry.head}{entry.year_written}".strip(), None,
                         tuple(evidence), tuple(map(at_entry, naming)))


def _lone_letter(entry: Entry, entries: Sequence[Entry]) -> list[str]:
    """What to say of a letter after the year that tells the entry from no other."""
    digits = entry.year.rstrip("abcdefghijk")
    first = entry.authors[0].surname
    others = [e for e in entries if e is not entry and e.year[:-1] == digits and e.authors[0].surname == first]
    if digits == entry.year or not digits.isdigit() or others:
        return []
    return [f"The letter after the year has no companion: the list holds no other entry of {first} for {digits}."]


def _hybrid(entry: Entry, entries: Sequence[Entry]) -> Iterator[Defect]:
    """An entry of two years, or one that places its work inside another of another year."""
    meant = referred(entry, entries)
    others = [target for _, year, target in meant if target and year not in (entry.year, entry.years[-1]) or
              (target and len(entry.years) > 1)]
    several = len(entry.years) > 1 and "," in entry.year_written
    if several or others:
        said = "The entry gives two years" if several else f"The entry gives {entry.year}"
        if others:
            said += f" and places its work inside {others[0].number}"
        yield Defect("hybrid-entry", at_entry(entry), entry.line, f"{entry.year_written}{entry.rest}".rstrip("."), None,
                     (f"{said}, so that it does not settle which work or edition it means.",), tuple(map(at_entry, others)))
    for names, year, target in meant:
        if target is None:
            yield Defect("cited-not-listed", at_entry(entry), entry.line, f"{names} ({year})", None,
                         ("The entry places its work inside another, which the list does not hold.",))


def _repeated(entries: Sequence[Entry]) -> Iterator[Defect]:
    """Entries that are there already, word by word but for marks."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        first = seen.setdefault(folded(entry.text), entry)
        if first is not entry:
            yield Defect("duplicate-item", at_entry(entry), entry.line, entry.text, None,
                         (f"The entry {first.number} is the same.",), (at_entry(first),))


def _unlike(entries: Sequence[Entry]) -> Iterator[Defect]:
    """Authors of one name and initial whose names the entries write in two ways: the rarer is reported."""
    written: dict[tuple[str, str], Counter[str]] = {}
    for author in (author for entry in entries for author in entry.authors if author.initials):
        written.setdefault(_same_person(author), Counter())[author.surname] += 1
    for entry in entries:
        for author in entry.authors:
            forms = written.get(_same_person(author)) if author.initials else None
            usual = forms.most_common(1)[0][0] if forms else author.surname
            kind = difference(author.surname, usual)
            if forms and forms[author.surname] < forms[usual] and kind in DIFFERENCES[1:]:
                yield Defect(kind, at_entry(entry), entry.line, author.surname, usual,
                             (f"Other entries of this author write {usual}.",))


def _same_person(author: Author) -> tuple[str, str]:
    """What two entries of one author have in common: the surname, but for accents and hyphens, and the first initial."""
    return folded(author.surname), folded(author.initials)[:1]
