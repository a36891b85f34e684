"""Entries of a bibliography: authors, years and the rest, from lines that begin with authors and a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from triplehelix.importers.references.names import AND, INITIALS, NAME, PARTICLE, PARTICLES, UPPER, WORD, YEAR, YEARS, split_years

LONGEST_HEAD = 500
MARKER = re.compile(r"\s*(?:[-–•*·]\s+|\[?\d{1,3}[\].)]\s+)?")
# The year: in brackets, perhaps with a month or day; or bare between full stops, as in the Chicago manual of style.
BRACKETED = re.compile(rf"[(\[](?P<years>{YEARS})(?:,\s[^()\[\]]{{1,20}})?[)\]]")
BARE = re.compile(rf"(?<=[.,] )(?P<years>{YEAR}(?:,\s{YEAR})*)(?=[.,:]\s)")
# After the year stands a mark or a title, never a verb: "Porter (1990) argues" is no entry.
BEGINS_TITLE = re.compile(rf"\s*[.,:;]\s*\S|\s+[\"'“‘«„(\[]?[{UPPER}\d]")
EDITORS = re.compile(r"[,\s]*\(?\b(?:eds?|hrsg|red)\b\.?\)?[.,]?", re.IGNORECASE)
HEAD_WORD = re.compile(rf"{WORD}|{'|'.join(PARTICLES)}|and|und|och|et|al|of|for|on|the")
BARE_INITIALS = rf"[{UPPER}]{{1,3}}"
PARTED = re.compile(rf",?\s+{AND}\s+|\s*;\s*|,?\s*&\s*")
ONLY_INITIALS = re.compile(rf"(?:{INITIALS}|(?:[{UPPER}]\.?[\s-]?){{1,4}}|{BARE_INITIALS})")
SURNAME_FIRST = re.compile(rf"(?P<surname>.*\w)(?P<gap>[.,]?)\s+(?P<initials>{INITIALS}|{BARE_INITIALS})")
INITIALS_FIRST = re.compile(rf"(?P<initials>{INITIALS})\s*(?P<surname>{NAME})")
GIVEN = re.compile(rf"{WORD}(?:\s+{WORD})?(?:\s+[{UPPER}]\.)*")
TITLE = re.compile(rf".*?(?=(?<=[\w)’”\"'][\w)’”\"'])[.?!]\s+[{UPPER}]|$)")
GIVEN_FIRST = re.compile(rf"(?P<initials>{WORD}(?:\s[{UPPER}]\.)*)\s(?P<surname>(?:{PARTICLE})*{WORD})")
# A reference to another entry of the list: "in Porter (2008b)".
REFERS = re.compile(rf"\b[Ii]n:?\s+(?P<names>{NAME}(?:\s+{AND}\s+{NAME})?)\s+\((?P<year>{YEAR})\)")


@dataclass(frozen=True)
class Author:
    """One author as an entry writes it; `gap` is the mark between surname and initials, `natural` initials in front."""

    surname: str
    initials: str
    written: str
    gap: str = ""
    natural: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry: its rank in the list, first line, text as written, and where its authors end and its rest begins."""

    rank: int
    line: int
    text: str
    head: str
    year_written: str
    rest: str

    @property
    def number(self) -> str:
        return f"B{self.rank:02}"

    @cached_property
    def authors(self) -> tuple[Author, ...]:
        return tuple(authors(self.head))

    @cached_property
    def years(self) -> list[str]:
        """The years with their letters; the first is that of the entry, others belong to other works or editions."""
        return split_years(self.year_written)

    @property
    def year(self) -> str:
        return self.years[0]

    @property
    def name(self) -> str:
        """The entry in short: "Foray and Goenaga 2013"."""
        surnames = [author.surname for author in self.authors]
        many = f"{surnames[0]} et al." if len(surnames) > 2 else " and ".join(surnames)
        return f"{many} {', '.join(self.years)}"

    @property
    def title(self) -> str:
        """What follows the year, up to the first full stop between words: the title, in some styles with the imprint."""
        plain = " ".join(self.rest.strip(" .,:;").split())
        return TITLE.match(plain)[0].strip(" .,\"“”'‘’") or self.name

    @property
    def refers(self) -> list[tuple[str, str]]:
        """(names, year) of the entries that this one says its work is in."""
        return [(match["names"], match["year"]) for match in REFERS.finditer(self.rest)]


def entry(text: str, line: int = 0, rank: int = 1) -> Entry | None:
    """The entry that a paragraph is, or None where it does not begin with authors and a year."""
    start = MARKER.match(text).end()
    for pattern in (BRACKETED, BARE):
        found = pattern.search(text, start, start + LONGEST_HEAD)
        if found and _is_head(text[start:found.start()]) and BEGINS_TITLE.match(text, found.end()):
            return Entry(rank, line, text[start:].rstrip(), text[start:found.start()], found[0], text[found.end():].rstrip())
    return None


def _is_head(head: str) -> bool:
    """Whether all words could be those of authors' names."""
    words = re.findall(r"[^\W\d_][\w'’\-]*", EDITORS.sub(" ", head))
    return bool(words) and not re.search(r"\d", head) and all(HEAD_WORD.fullmatch(word) for word in words)


def authors(head: str) -> list[Author]:
    """The authors of an entry, surnames and initials told apart, in whichever order they stand."""
    head = re.sub(r"\bet\s+al\b\.?", "", EDITORS.sub("", head))
    chunks = [[piece.strip() for piece in chunk.split(",") if piece.strip(" .")] for chunk in PARTED.split(head)]
    inverted = _is_inverted(chunks)
    found: list[Author] = []
    for number, piece in enumerate(piece for chunk in chunks for piece in chunk):
        plain = re.sub(r"(?<=[^\W\d_]{2})\.$", "", piece)
        if inverted and number > 1 and (match := GIVEN_FIRST.fullmatch(plain)):
            found.append(Author(match["surname"], match["initials"], piece, natural=True))
        else:
            _add(found, plain, inverted and number == 1)
    return found


def _is_inverted(chunks: list[list[str]]) -> bool:
    """Whether the second piece is the first author's given name: "Porter, Michael", "Tanaka, Rei, Mio Ueda and Kurt Voss"."""
    pieces = [piece for chunk in chunks for piece in chunk]
    return (len(chunks[0]) > 1 and not SURNAME_FIRST.fullmatch(pieces[0]) and all(" " in piece for piece in pieces[2:])
            and not any(map(ONLY_INITIALS.fullmatch, pieces)))


def _add(found: list[Author], piece: str, second: bool) -> None:
    """One piece between commas: initials or given names of the author before, or another author."""
    last = found[-1] if found else None
    if last and not last.initials and (ONLY_INITIALS.fullmatch(piece) or (second and GIVEN.fullmatch(piece))):
        found[-1] = Author(last.surname, piece, f"{last.written}, {piece}", ",")
    elif match := SURNAME_FIRST.fullmatch(piece):
        found.append(Author(match["surname"], match["initials"].strip(), piece, match["gap"]))
    elif match := INITIALS_FIRST.fullmatch(piece):
        found.append(Author(match["surname"], match["initials"].strip(), piece, natural=True))
    else:
        found.append(Author(piece.strip(" ."), "", piece.strip()))
