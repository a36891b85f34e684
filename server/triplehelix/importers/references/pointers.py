"""Citations in running text: groups in brackets and narrative ones, taken apart into pointers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triplehelix.importers.references.names import AND, ET_AL, INITIALS, NAME, YEARS, folded, split_years
from triplehelix.importers.references.text import Passage

LONGEST_GROUP, LONGEST_NARRATIVE = 1000, 200
BRACKETS = re.compile(rf"\(([^()]{{4,{LONGEST_GROUP}}})\)|\[([^\[\]]{{4,{LONGEST_GROUP}}})\]")
PERSON = rf"(?:{INITIALS}\s*)?{NAME}"
NAMES = rf"{PERSON}(?:(?:\s*,\s*(?:{AND}\s+)?|\s*&\s*|\s+{AND}\s+){PERSON})*?{ET_AL}?"
# Pages or parts of a work: "p. 3", "ch. iv", ": 12–14", or after a comma a bare number that is no year.
LOCATOR = (r"(?:\s*[:,]\s*(?:pp?|ch|chap|fig|table|sec|section|vol)\b\.?\s*[\divxlc]+(?:\s*[-–]\s*[\divxlc]+)?"
           r"|\s*[:,]\s*\d{1,3}(?:\s*[-–]\s*\d{1,3})?(?!\d)|\s*:\s*\d+(?:\s*[-–]\s*\d+)?)?")
CITATION = re.compile(rf"(?P<names>{NAMES})(?P<gap>\s*[,:]?\s*)(?P<years>{YEARS}){LOCATOR}")
# What may stand in a group before, between and after its citations.
LEAD = re.compile(r"\s*(?:(?:see|also|cf\.?|e\.g\.?,?|i\.e\.?,?|for example,?|for instance,?|as in|following|after|in|quoted in|"
                  r"cited in|among others,?|compare|and|but|the|especially|notably|both|inspired by|based on|adapted from|"
                  r"source:)\s+)*", re.IGNORECASE)
BETWEEN = re.compile(rf"\s*(?P<mark>[;,&]|and\b)\s*{LEAD.pattern}", re.IGNORECASE)
TAIL = re.compile(r"[\s.;,]*|[\s;,]+(?:among others|and others|etc\.?|emphasis added|own translation)\.?\s*", re.IGNORECASE)
ONLY_YEARS = re.compile(rf"\s*(?P<years>{YEARS}){LOCATOR}\s*")
NARRATIVE = re.compile(rf"(?P<names>{PERSON}(?:(?:\s*,\s*{PERSON})*\s*,?\s+{AND}\s+{PERSON})?{ET_AL}?)(?:['’]s?)?\s*$")
LIST = re.compile(rf"\s*,?\s+{AND}\s+|\s*,\s*|\s*&\s*")
MONTHS = re.compile("(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|"
                    "jun|jul|aug|sept?|oct|nov|dec|spring|summer|autumn|winter|fall)")
# Words that begin a sentence, not a name; after those of PLACES a name in front of a comma is a place or a time.
PLACES = re.compile("(?:in|at|from|since|after)", re.IGNORECASE)
OPENING = re.compile(
    "(?:in|at|from|for|after|during|since|by|under|within|as|the|according|see|following|while|although|but|both|and|later|also|"
    "when|like|unlike|before|to|with|however|thus|here|this|that|even|if|where|whereas|yet|then|recently|earlier|cf|an|a|on|of|"
    "similarly|moreover|furthermore|finally|indeed|nor|or|so|today|early|more|their|his|her|its|our|these|those|some|many|most|"
    "such|once|until|via|per|inspired|based|compare)", re.IGNORECASE)
# What stands before a place or an event, and not before an author whom the list does not have.
PLACING = r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Tt]he|[Aa]n?)\s+"


@dataclass(frozen=True)
class Pointer:
    """One reference within a group: names and year, and the words that say it.

    `gap` is what stands between names and year, None where the year follows another year or names outside the bracket.
    """

    rank: int
    line: int
    written: str
    names: tuple[str, ...]
    et_al: bool
    year: str
    gap: str | None = None
    opens_sentence: bool = False

    @property
    def name(self) -> str:
        """The citation in short: "Foray and Goenaga 2012"."""
        return f"{' and '.join(self.names)}{' et al.' * self.et_al} {self.year}"


@dataclass(frozen=True)
class Group:
    """The words of one place that cite works together; `marks` stand between its citations, in order."""

    rank: int
    line: int
    written: str
    pointers: tuple[Pointer, ...]
    marks: tuple[str, ...] = ()
    narrative: bool = False

    @property
    def number(self) -> str:
        return f"T{self.rank:02}"


def groups(passages: Iterable[Passage], listed: Iterable[str]) -> list[Group]:
    """The citation groups of a text, in its order; `listed` are the surnames of its bibliography."""
    passages, known = tuple(passages), frozenset(map(folded, listed))
    places = _Places(passages, known)
    found = [group for passage in passages for match in BRACKETS.finditer(passage.text)
             if (group := _narrative(passage, match, places) or _bracketed(passage, match, places))]
    return [Group(rank, g.line, g.written, g.pointers, g.marks, g.narrative) for rank, g in enumerate(found, 1)]


@dataclass(frozen=True)
class _Places:
    """Tells authors from places and events: those are single names which no entry has, used somewhere as a place or with
    an article."""

    passages: tuple[Passage, ...]
    known: frozenset[str]

    def are_authors(self, names: tuple[str, ...], et_al: bool) -> bool:
        """Whether the names of one citation can be those of authors."""
        if any(MONTHS.fullmatch(folded(name).split()[0]) for name in names if not self._is_listed(name)):
            return False
        if et_al or len(names) != 1 or self._is_listed(names[0]):
            return bool(names)
        placed = re.compile(rf"{PLACING}{re.escape(names[0])}\b(?!\s+(?:et\s+al|{AND})\b)")
        return not any(placed.search(passage.text) for passage in self.passages)

    def _is_listed(self, name: str) -> bool:
        words = folded(name).split()
        return any(" ".join(words[start:]) in self.known for start in range(len(words)))


def _narrative(passage: Passage, match: re.Match, places: _Places) -> Group | None:
    """A group such as "Michael Porter (1990, 1998)": years alone in the bracket, names before it."""
    years = ONLY_YEARS.fullmatch(match[1] or match[2])
    start = max(0, match.start() - LONGEST_NARRATIVE)
    named = NARRATIVE.search(passage.text[start:match.start()]) if years else None
    if not named:
        return None
    names, at = _authors_of(named["names"], start + named.start())
    et_al = bool(re.search(ET_AL, named["names"]))
    if not places.are_authors(names, et_al):
        return None
    before = passage.text[:at].rstrip()
    opens = not before or before[-1] in ".?!:"
    line = passage.line_at(match.start())
    pointers = [Pointer(rank, line, year, names, et_al, year, opens_sentence=opens)
                for rank, year in enumerate(split_years(years["years"]), 1)]
    return Group(0, passage.line_at(at), _flat(passage.text[at:match.end()]), tuple(pointers), narrative=True)


def _authors_of(written: str, at: int) -> tuple[tuple[str, ...], int]:
    """The names of a narrative citation and where they begin: words that open the sentence are set aside."""
    whole = written
    while (first := re.match(r"(\w+)(\s+|\s*,\s*)", written)) and OPENING.fullmatch(first[1]):
        # "In Sweden, Porter and Sabel (1984)": what stands before the comma is no author.
        place = re.match(rf"\w+\s+{NAME}\s*,\s*", written) if PLACES.fullmatch(first[1]) else None
        written = written[(place or first).end():]
    return _names(written), at + len(whole) - len(written)


def _bracketed(passage: Passage, match: re.Match, places: _Places) -> Group | None:
    """A group in brackets, if it holds nothing but citations and the words that go with them."""
    number = 1 if match[1] is not None else 2
    content, offset = match[number], match.start(number)
    cited: list[re.Match] = []
    marks: list[str] = []
    at = LEAD.match(content).end()
    while citation := CITATION.match(content, at):
        cited.append(citation)
        between = BETWEEN.match(content, citation.end())
        if not between or not CITATION.match(content, between.end()):
            break
        marks.append(between["mark"])
        at = between.end()
    if not cited or not TAIL.fullmatch(content, cited[-1].end()):
        return None
    pointers = [pointer for citation in cited for pointer in _pointers(citation, passage.line_at(offset + citation.start()))]
    if not all(places.are_authors(pointer.names, pointer.et_al) for pointer in pointers):
        return None
    ranked = tuple(Pointer(rank, p.line, p.written, p.names, p.et_al, p.year, p.gap) for rank, p in enumerate(pointers, 1))
    return Group(0, passage.line_at(match.start()), _flat(match[0]), ranked, tuple(marks))


def _pointers(citation: re.Match, line: int) -> Iterator[Pointer]:
    """The pointers of one citation: names with the first year, further years alone."""
    names, et_al = _names(citation["names"]), bool(re.search(ET_AL, citation["names"]))
    first, *others = split_years(citation["years"])
    yield Pointer(1, line, _flat(citation["names"] + citation["gap"] + first), names, et_al, first, citation["gap"])
    for year in others:
        yield Pointer(1, line, year, names, et_al, year)


def _names(written: str) -> tuple[str, ...]:
    plain = re.sub(rf"{ET_AL}|['’]s?(?=\s*$)", "", written)
    return tuple(_flat(re.sub(rf"^{INITIALS}\s*", "", name)) for name in LIST.split(plain) if name.strip())


def _flat(text: str) -> str:
    """Words as written, an end of line within them read as the blank it stands for."""
    return text.replace("\n", " ")
