"""Values as people write them: dates, numbers, yes and no."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pyoxigraph import Literal

from triplehelix.description.vocabulary import XSD
from triplehelix.web.words import _

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
DATE = re.compile(r"(?P<year>-?[0-9]{4,})(?:-(?P<month>0[1-9]|1[0-2]))?(?:-(?P<day>[0-9]{2}))?"
                  r"(?:T(?P<time>[0-9]{2}:[0-9]{2})\S*)?Z?")
NUMBER = re.compile(r"(-?[0-9]+)(\.[0-9]+)?")
DATES = frozenset(XSD + name for name in ("date", "gYearMonth", "gYear", "dateTime"))
WHOLE = frozenset(XSD + name for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger"))
NUMBERS = WHOLE | {XSD + name for name in ("decimal", "double", "float")}


def in_words(literal: Literal) -> str:
    """A literal as people write it; its own text where it has no such form."""
    return FORMS.get(literal.datatype.value, _as_is)(literal.value)


def is_number(literal: Literal) -> bool:
    return literal.datatype.value in NUMBERS


def is_date(literal: Literal) -> bool:
    return literal.datatype.value in DATES


def day(text: str) -> str:
    """A year, a month or a day of ISO 8601: 2024, November 2024, 5 November 2024."""
    found = DATE.fullmatch(text)
    if not found:
        return text
    month = _(MONTHS[int(found["month"]) - 1]) if found["month"] else ""
    time = found["time"] if found["time"] not in (None, "00:00") else ""
    return " ".join(filter(None, ((found["day"] or "").lstrip("0"), month, found["year"], time)))


def _number(text: str) -> str:
    """A number with commas between thousands, where it is written plainly."""
    found = NUMBER.fullmatch(text)
    return f"{int(found[1]):,}{found[2] or ''}" if found and len(found[1]) < 40 else text


def _yes_or_no(text: str) -> str:
    return _("yes") if text in ("true", "1") else _("no")


def _as_is(text: str) -> str:
    return text


FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    dict.fromkeys(DATES, day) | dict.fromkeys(NUMBERS, _number) | {XSD + "boolean": _yes_or_no})
