"""Defects of writing: places where a citation or an entry departs from the way in which the text writes all others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from triplehelix.importers.references.defects import FEWEST, RULE, Defect, at_entry, at_pointer, rule
from triplehelix.importers.references.entries import Author, Entry
from triplehelix.importers.references.names import UPPER, WORD
from triplehelix.importers.references.pointers import Group, Pointer

SPACES = re.compile(r"(?P<before>\S*\w\S*)[ \t\u00a0]{2,}(?P<after>\S+)")
BEFORE_MARK = re.compile(r"(?P<word>\w+)\s+(?P<mark>[,;])")
TWICE = re.compile(r"(?P<word>\w+)(?P<mark>,\s*,|;\s*;|(?<!\.)\.\s?\.(?!\s?\.))")
PAGES = re.compile(r"\bp(?P<stop>\.)?\s?(?P<range>\d+\s?[-–]\s?\d+)")
AFTER_YEAR = re.compile(r"(?P<mark>\s*[.,:;]?)\s*(?P<word>[\w'’\"“‘«]+)")
SPACING, MISSING = "missing-comma-or-stray-space", "missing-initial-or-punctuation"
ET_AL_REST = re.compile(r"\bet\s+al\b(\.?)")
WEB = re.compile(r"https?://\S+$|\bdoi:\s?\S+$|www\.\S+$", re.IGNORECASE)
ENDS = re.compile(r"[.?!][\"'”’»)\]]*$|\.{3}$|…$")
LAST = re.compile(r"[^,.:;–]*\w[^\w]*$")
PLACE = rf"{WORD}(?:\s{WORD})?"
# "Place: Publisher" at the end of an entry, and a place that stands alone there.
PUBLISHED = re.compile(rf"(?P<before>[\w)’”\"]+)(?P<mark>[.,;:?!]?)\s+(?P<place>{PLACE}):\s(?P<publisher>[^:.,;?!]+)\.?$")
PLACE_FIRST = re.compile(rf"[.,;(]\s+(?P<place>{PLACE})(?:,\s[A-Z]{{2}})?:\s[{UPPER}]")
PLACE_LAST = re.compile(rf",\s+(?P<place>{PLACE})\.?$")


def written_otherwise(groups: Sequence[Group], entries: Sequence[Entry]) -> Iterator[Defect]:
    """The defects of writing of the citations, then of the entries."""
    yield from _separators(groups)
    yield from _gaps(groups)
    yield from _et_al(groups)
    yield from _authors(entries)
    yield from _after_year(entries)
    yield from _ends(entries)
    yield from _titles(entries)
    yield from _places(entries)
    for entry in entries:
        yield from _marks(entry)


def _separators(groups: Sequence[Group]) -> Iterator[Defect]:
    """Groups whose citations are parted by another mark than those of the other groups."""
    usual = rule(mark for group in groups for mark in group.marks if mark in ",;")
    for group in groups:
        wrong = [number for number, mark in enumerate(group.marks) if usual and mark in ",;" and mark != usual]
        if wrong:
            name = {",": "comma", ";": "semicolon"}
            heads = [p for p in group.pointers if p.gap is not None]
            pairs = [(heads[n], heads[n + 1]) for n in wrong]
            written = "; ".join(f"{one.written}{group.marks[n]} {other.written}" for n, (one, other) in zip(wrong, pairs))
            corrected = "; ".join(f"{one.written}{usual} {other.written}" for one, other in pairs)
            yield Defect("separator", f"citation-group/{group.number.lower()}", group.line, written, corrected,
                         (f"The citations of other groups are parted by a {name[usual]}.",))


def _gaps(groups: Sequence[Group]) -> Iterator[Defect]:
    """What stands between names and year: a comma missing or one too many, and blanks where none belong."""
    cited = [(group, pointer) for group in groups for pointer in group.pointers if pointer.gap is not None]
    usual = rule("," if "," in pointer.gap else "" for _, pointer in cited)
    for group, pointer in cited:
        gap = pointer.gap.replace("\n", " ")
        right = f"{usual} " if usual is not None else ", " if "," in gap else " "
        if usual == "," and "," not in gap:
            yield _in_citation(group, pointer, right, SPACING, "Most citations put a comma before the year.")
        elif usual == "" and "," in gap:
            yield _in_citation(group, pointer, right, "punctuation", "Most citations put no comma before the year.")
        elif re.match(r"\s+[,:]|.*\s{2}", gap):
            yield _in_citation(group, pointer, right, SPACING, "A blank stands where none belongs.")
        elif gap and not gap[-1].isspace():
            yield _in_citation(group, pointer, right, "punctuation", "The blank before the year is missing.")


def _in_citation(group: Group, pointer: Pointer, right: str, kind: str, evidence: str) -> Defect:
    written = pointer.written
    names = written[:len(written) - len(pointer.gap) - len(pointer.year)]
    return Defect(kind, at_pointer(group, pointer), pointer.line, written, f"{names}{right}{pointer.year}", (evidence,))


def _et_al(groups: Sequence[Group]) -> Iterator[Defect]:
    """The abbreviation without its full stop, where others have it."""
    stopped = [bool(re.match(r"\.", rest)) for group in groups for rest in ET_AL_REST.findall(group.written)]
    if not any(stopped) or stopped.count(True) < stopped.count(False):
        return
    for group in groups:
        first = group.pointers[0]
        for pointer in group.pointers:
            written = group.written if group.narrative and pointer is first else pointer.written
            if ET_AL_REST.search(written) and not re.search(r"\bal\.", written):
                yield Defect("punctuation", at_pointer(group, pointer), pointer.line, written, re.sub(r"\bal\b", "al.", written),
                             ("Other citations end the abbreviation with a full stop.",))


def _authors(entries: Sequence[Entry]) -> Iterator[Defect]:
    """Initials that are missing, and marks and blanks at initials that other entries write in another way."""
    known = [(entry, author) for entry in entries for author in entry.authors]
    named = [(entry, author) for entry, author in known if author.initials and not author.natural]
    gap, stop, blank = (rule(way for _, author in named if (way := case(author)) is not None) for case in (_gap, _stop, _blank))
    for entry, author in named:
        yield from _surname(entry, author, gap)
        yield from _initials(entry, author, stop, blank)
    if len(named) >= FEWEST and len(named) >= RULE * len(known):
        said = "All other authors" if len(named) + 1 == len(known) else "Most authors"
        yield from (_at(entry, MISSING, f"{author.written} {entry.year_written}", None, f"{said} of the list have initials.")
                    for entry, author in known if _is_bare(author, entry))


def _surname(entry: Entry, author: Author, gap: str | None) -> Iterator[Defect]:
    """What stands between surname and initials."""
    if author.gap == "." or (gap is not None and author.gap != gap):
        said = f"Most entries put {'a' if gap else 'no'} comma between surname and initial."
        yield _at(entry, "punctuation", author.written, f"{author.surname}{',' if gap is None else gap} {author.initials}",
                  "A full stop stands where the other entries have a comma." if author.gap == "." else said)


def _initials(entry: Entry, author: Author, stop: str | None, blank: str | None) -> Iterator[Defect]:
    """The full stop after the last initial, and the blanks between two."""
    if stop == "." and _stop(author) == "":
        yield _at(entry, MISSING, author.written, f"{author.written}.", "Other entries put a full stop after an initial.")
    if stop == "" and _stop(author) == ".":
        yield _at(entry, "punctuation", author.written, author.written.rstrip("."),
                  "Other entries put no full stop after an initial.")
    if blank is not None and _blank(author) not in (None, blank):
        yield _at(entry, "punctuation", author.initials, re.sub(r"\.\s*(?=\w)", f".{blank}", author.initials),
                  f"Other entries put {'a' if blank else 'no'} blank between initials.")


def _gap(author: Author) -> str:
    return author.gap if author.gap != "." else ","


def _stop(author: Author) -> str | None:
    """A full stop after the last initial or none; None where given names stand in full."""
    return None if re.search(r"[^\W\d_]{4}", author.initials) else "." if author.initials.endswith(".") else ""


def _blank(author: Author) -> str | None:
    """A blank between two initials or none; None where there is one initial."""
    return (" " if re.search(r"\.\s", author.initials) else "") if author.initials.count(".") > 1 else None


def _is_bare(author: Author, entry: Entry) -> bool:
    """A single surname without initials that seems a person's: bodies are abbreviations, have several words, or publish
    themselves."""
    word = author.surname
    return not author.initials and " " not in word and not word[1:].isupper() and word not in re.findall(r"\w+", entry.rest)


def _after_year(entries: Sequence[Entry]) -> Iterator[Defect]:
    found = [(entry, match) for entry in entries if (match := AFTER_YEAR.match(entry.rest))]
    usual = rule(match["mark"] for _, match in found)
    name = {",": "a comma", ".": "a full stop", "": "no mark", ":": "a colon", ";": "a semicolon"}
    for entry, match in found:
        if usual is not None and match["mark"] != usual:
            yield _at(entry, "punctuation", f"{entry.year_written}{match[0]}", f"{entry.year_written}{usual} {match['word']}",
                      f"Most entries put {name[usual.strip()]} after the year.")


def _ends(entries: Sequence[Entry]) -> Iterator[Defect]:
    """Entries that lack the full stop at which others end; an address on the web needs none."""
    found = [entry for entry in entries if not WEB.search(entry.rest)]
    usual = rule("." if ENDS.search(entry.text) else "" for entry in found)
    for entry in found:
        if usual == "." and not ENDS.search(entry.text):
            last = LAST.search(entry.text)[0].strip()
            yield _at(entry, "punctuation", last, f"{last.rstrip(' ,;:')}.", "Other entries end with a full stop.")
        elif usual == "" and entry.text.endswith("."):
            last = LAST.search(entry.text[:-1])[0].strip()
            yield _at(entry, "punctuation", f"{last}.", last, "Other entries end without a full stop.")


def _titles(entries: Sequence[Entry]) -> Iterator[Defect]:
    """Titles that begin with a small letter where those of others begin with a capital."""
    found = [(entry, match["word"].lstrip("'’\"“‘«")) for entry in entries if (match := AFTER_YEAR.match(entry.rest))]
    usual = rule("small" if word[:1].islower() else "capital" for _, word in found)
    for entry, word in found:
        if usual == "capital" and word.islower():
            at = entry.rest.index(word)
            words = " ".join(entry.rest[at:].split()[:2]).rstrip(",.:;")
            yield _at(entry, "capitalisation", words, words[:1].upper() + words[1:], "The other titles begin with a capital.")


def _places(entries: Sequence[Entry]) -> Iterator[Defect]:
    """A title and a place with nothing between them, where other entries show that the word is a place."""
    known = {match["place"] for entry in entries for pattern in (PLACE_FIRST, PLACE_LAST)
             if (match := pattern.search(entry.rest))}
    for entry in entries:
        match = PUBLISHED.search(entry.rest)
        words = [f"{match['before']}{match['mark']}", *match["place"].split()] if match else []
        for number, before in enumerate(words[:-1], 1):
            place = " ".join(words[number:])
            if place in known and before[-1].isalnum():
                yield _at(entry, MISSING, f"{before} {place}", f"{before}. {place}", "Nothing parts the title from the place.")
                break


def _marks(entry: Entry) -> Iterator[Defect]:
    """Blanks and marks that are wrong in any style."""
    for match in SPACES.finditer(entry.text):
        yield _at(entry, "punctuation", match[0], f"{match['before']} {match['after']}", "Two blanks stand where one belongs.")
    for match in BEFORE_MARK.finditer(entry.text):
        yield _at(entry, "punctuation", match[0], f"{match['word']}{match['mark']}", "A blank stands before the mark.")
    for match in TWICE.finditer(entry.text):
        yield _at(entry, "punctuation", match[0], f"{match['word']}{match['mark'][0]}", "The mark stands twice.")
    for match in PAGES.finditer(entry.rest):
        yield _at(entry, "punctuation", match[0], f"pp{match['stop'] or ''} {match['range']}",
                  "The number is a range of pages, for which the usual sign is the double one.")


def _at(entry: Entry, kind: str, written: str, corrected: str | None, evidence: str) -> Defect:
    return Defect(kind, at_entry(entry), entry.line, written, corrected, (evidence,))
