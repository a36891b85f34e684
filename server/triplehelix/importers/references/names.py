"""Names and years as author-year texts write them: their patterns, and how two spellings of a name differ."""

from __future__ import annotations

import re
import unicodedata

from triplehelix.importers.values import LETTERS

# Every capital letter of the Latin, Greek and Cyrillic blocks: the re module has no class for them.
UPPER = "".join(c for c in map(chr, range(0x41, 0x530)) if c.isupper())
PARTICLES = ("von", "van", "de", "der", "den", "del", "della", "di", "da", "dos", "du", "la", "le", "zu", "zur", "ter",
             "ten", "af", "av", "el", "y")
WORD = rf"[{UPPER}][\w'’\-]*"
PARTICLE = rf"(?:{'|'.join(PARTICLES)})\s+"
# A surname or the name of a body: particles, capitalised words, and what joins the words of a body's name.
NAME = rf"(?<!\w)(?:{PARTICLE})*{WORD}(?:\s+(?:(?:of|for|on|the)\s+)*(?:{PARTICLE})*{WORD}){{0,6}}"
INITIALS = rf"(?:[{UPPER}]\.[\s-]?){{1,5}}"
AND = r"(?:and|&|und|och|et(?!\s+al))"
ET_AL = r"(?:\s*,?\s+et\s+al\b\.?)"
YEAR = r"(?:(?:1[4-9]|20)\d\d\d?[a-z]?(?!\w)|n\.d\.|forthcoming(?!\w)|in press(?!\w))"
YEARS = rf"{YEAR}(?:\s*[,;/&]\s*(?:{YEAR}|[a-k](?![\w.])))*"
DIGITS = re.compile(r"\d{4,5}")
SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
# The kinds of scheme/defect-kind by which two spellings of one name may differ, the slightest first.
DIFFERENCES = ("", "capitalisation", "accent", "hyphen", "spelling")


def unaccented(text: str) -> str:
    """The text without accents: letters that no accent explains (ø, ß) stand for their usual replacement."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.translate(LETTERS)) if not unicodedata.combining(c))


def folded(text: str) -> str:
    """What is left of a name when case, accents, hyphens, apostrophes and blanks are set aside."""
    return " ".join(re.sub(r"[\W_]+", " ", unaccented(text).casefold().replace("'", "").replace("’", "")).split())


def difference(written: str, name: str) -> str | None:
    """How a name as written differs from a surname: one of DIFFERENCES, or None where they are two names.

    Given names before a surname are no difference.
    """
    written = surname_in(written, name)
    if written == name:
        return ""
    if written.casefold() == name.casefold():
        return "capitalisation"
    if unaccented(written).casefold() == unaccented(name).casefold() or _spelt_out(written) == _spelt_out(name):
        return "accent"
    one, other = folded(written), folded(name)
    if one.replace(" ", "") == other.replace(" ", ""):
        return "hyphen"
    allowed = 2 if len(other) >= 8 else 1 if len(other) >= 5 else 0
    return "spelling" if one[:1] == other[:1] and distance(one, other) <= allowed else None


def surname_in(written: str, name: str) -> str:
    """The part of a name as written that a surname answers to, given names left out."""
    if folded(written).replace(" ", "") == folded(name).replace(" ", ""):
        return written
    return " ".join(written.split()[-len(name.split()):])


def _spelt_out(name: str) -> str:
    """The name with the letters that German and Nordic texts put in place of ä, ö, ü, å and ø."""
    return unaccented(name.casefold().translate(SPELT_OUT))


def distance(one: str, other: str) -> int:
    """The slips (a letter left out, put in, changed, or two neighbours swapped) that lead from one word to the other."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        rows.append([i])
        for j, b in enumerate(other, 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i].append(best)
    return rows[-1][-1]


def split_years(written: str) -> list[str]:
    """The years of "1990, 1998a, b", each in full: 1990, 1998a, 1998b."""
    found: list[str] = []
    for part in re.findall(rf"{YEAR}|(?<!\w)[a-z](?!\w)", written):
        found.append(part if len(part) > 1 else found[-1].rstrip("abcdefghijklmnopqrstuvwxyz") + part)
    return found


def swapped(one: str, other: str) -> bool:
    """Whether two years differ by two neighbouring digits that have changed places."""
    differing = [place for place, (a, b) in enumerate(zip(one, other)) if a != b]
    return len(one) == len(other) and len(differing) == 2 and differing[1] == differing[0] + 1 and sorted(one) == sorted(other)


def year_slip(one: str, other: str) -> bool:
    """Whether two years are so close that one may be meant for the other: two years apart, or one slip of a digit."""
    if not (DIGITS.match(one) and DIGITS.match(other)):
        return False
    first, second = DIGITS.match(one)[0], DIGITS.match(other)[0]
    return abs(int(first) - int(second)) <= 2 or distance(first, second) <= 1
