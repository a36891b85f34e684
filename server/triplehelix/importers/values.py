"""Cells as terms: each function takes the text of a cell and gives a term of one datatype, or says which rule it breaks."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from pyoxigraph import Literal, NamedNode

from triplehelix.importers.model import Refused

XSD = "http://www.w3.org/2001/XMLSchema#"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
INTEGER = re.compile(r"[+-]?\d{1,18}")
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+")
DATE_FORMS = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"), (1, 2, 3)),
    (re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})"), (3, 2, 1)),
)
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
YEAR, MONTH = re.compile(r"\d{4}"), re.compile(r"(\d{4})-(\d{2})")


def text(column: str, value: str) -> str:
    """The cell in Unicode normal form C, blanks folded. Refuses control characters."""
    if CONTROL.search(value):
        raise Refused(column, value, "holds a control character")
    return " ".join(unicodedata.normalize("NFC", value).split())


def name(column: str, value: str, language: str | None = None) -> Literal:
    """A name that is not empty, with its language where it is known."""
    plain = text(column, value)
    if not plain:
        raise Refused(column, value, "is empty; a name is needed")
    return Literal(plain, language=language) if language else Literal(plain)


def integer(column: str, value: str) -> Literal:
    """A whole number; thousands may be grouped."""
    digits = re.sub(r"[ .,'\u00a0\u202f]", "", value) if GROUPED.fullmatch(value) else value
    if not INTEGER.fullmatch(digits):
        raise Refused(column, value, "is not a whole number")
    return Literal(int(digits))


def decimal(column: str, value: str, comma: bool = False) -> Literal:
    """A decimal number; `comma` says that the source writes decimal commas. Refuses more than 40 characters."""
    point, other = (",", ".") if comma else (".", ",")
    plain = re.sub(r"[ '\u00a0\u202f]", "", value)
    plain = re.sub(rf"{re.escape(other)}(?=\d{{3}}(?:\D|$))", "", plain)
    plain = "" if other in plain else plain.replace(point, ".")
    if not re.fullmatch(r"[+-]?\d{1,30}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,2})?", plain):
        raise Refused(column, value, f"is not a number with a decimal {'comma' if comma else 'point'}")
    number = format(Decimal(plain).normalize(), "f")
    return Literal(number if "." in number else f"{number}.0", datatype=NamedNode(XSD + "decimal"))


def day(column: str, value: str, day_first: bool | None = None) -> Literal:
    """A date written 2016-12-31, 31.12.2016, or with slashes where `day_first` says how they are meant."""
    for form, order in DATE_FORMS:
        if match := form.fullmatch(value):
            return _date(column, value, *(int(match[n]) for n in order))
    if match := SLASHED.fullmatch(value):
        first, second, year = map(int, match.groups())
        if day_first is None and first <= 12 and second <= 12 and first != second:
            raise Refused(column, value, "may be day/month or month/day: write the date as 2016-12-31")
        order = (second, first) if day_first or (day_first is None and first > 12) else (first, second)
        return _date(column, value, year, *order)
    raise Refused(column, value, "is not a date: write it as 2016-12-31")


def when(column: str, value: str, day_first: bool | None = None) -> Literal:
    """A year, a month (2016-12) or a date."""
    if YEAR.fullmatch(value):
        return Literal(value, datatype=NamedNode(XSD + "gYear"))
    if (match := MONTH.fullmatch(value)) and 1 <= int(match[2]) <= 12:
        return Literal(value, datatype=NamedNode(XSD + "gYearMonth"))
    return day(column, value, day_first)


def iri(column: str, value: str) -> NamedNode:
    """An absolute http or https IRI, as a link."""
    if NOT_IN_IRI.search(value) or not re.match(r"https?://[^/]+", value):
        raise Refused(column, value, "is not a web address")
    return NamedNode(value)


def slug(value: str) -> str:
    """An ASCII slug of a name: letters, digits and single hyphens, for IRIs of ours."""
    plain = unicodedata.normalize("NFKD", value.translate(LETTERS)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].rstrip("-")


# Cyrillic letters as Bulgaria writes them in Latin ones, with those of other languages that it lacks.
LATIN = "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya y e e i yi ye g"
CYRILLIC = dict(zip("абвгдежзийклмнопрстуфхцчшщъьюяыэёіїєґ", LATIN.split(), strict=True))
# Letters that have no decomposition in Unicode.
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE",
                         "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D", "ı": "i", **CYRILLIC,
                         **{letter.upper(): latin for letter, latin in CYRILLIC.items()}})


def _date(column: str, value: str, year: int, month: int, number: int) -> Literal:
    try:
        return Literal(date(year, month, number).isoformat(), datatype=NamedNode(XSD + "date"))
    except ValueError as error:
        raise Refused(column, value, "is no day of the calendar") from error
