"""What every picture is written with: elements of SVG, text that cannot break them, numbers, and hatching.

A picture has no style of its own: its classes are coloured by static/pictures.css. Lengths are in em and per cent where text
stands, so that it stays as large as the text of the page however narrow that is.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup, escape

# As many columns of a label are written where the page is wide; a tooltip has so many characters of the whole, and the
# description of a picture so many.
WIDE_COLUMNS, TOOLTIP_CHARACTERS, TOLD_CHARACTERS = 72, 300, 1_000
# xsd:decimal, xsd:integer and xsd:double as they are written, but for the names of no number.
NUMBER = re.compile(r"[+-]?(?:[0-9]{1,300}(?:\.[0-9]{0,300})?|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?")
# What is larger or smaller, but for 0, is not meant, and could not be reckoned with.
LARGEST, LEAST = 1e100, 1e-100
# They would turn the text around them, or cannot stand in a document.
UNFIT = re.compile("[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+")
BLANKS = re.compile(r"\s+")
ELLIPSIS = "…"


class Shown(Protocol):
    """A term as it is shown: its name or value, its IRI or "", its language or ""."""

    text: str
    iri: str
    lang: str


@dataclass(frozen=True)
class Plain:
    """A text that is nobody's name, such as a count."""

    text: str
    iri: str = ""
    lang: str = ""


Row = Sequence[Shown | None]


@dataclass(frozen=True)
class Key:
    """One entry of a legend: a sample of what is drawn, and what it means."""

    sample: Markup
    text: str
    lang: str = ""


@dataclass(frozen=True)
class Picture:
    """An SVG with what stands below it: the legend, and sentences on what is not drawn and why. `drawn` things are in it."""

    kind: str
    svg: Markup
    drawn: int
    legend: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()


def element(name: str, *content: str, **attributes: object) -> Markup:
    """An element of SVG. `class_` is the attribute class, `stroke_width` stroke-width; those that are None are left out."""
    said = Markup("").join(Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value)
                           for key, value in attributes.items() if value is not None)
    return Markup("<{}{}>{}</{}>").format(Markup(name), said, Markup("").join(map(escape, content)), Markup(name))


def image(title: str, told: str, *content: Markup, **attributes: object) -> Markup:
    """The outermost element: one image with a name and a description for those who do not see it."""
    described = element("title", plain(title)), element("desc", plain(told, TOLD_CHARACTERS))
    return element("svg", *described, *content, role="img", **attributes)


def plain(text: str, most: int = TOOLTIP_CHARACTERS) -> str:
    """A text on one line, without what turns the direction of others, of at most so many characters."""
    text = BLANKS.sub(" ", UNFIT.sub(" ", text)).strip()
    return text if len(text) <= most else text[:most - 1].rstrip() + ELLIPSIS


def clipped(text: str, most: int = WIDE_COLUMNS) -> str:
    """A label that takes at most so many columns; wide characters take two, marks on others none."""
    text, used = plain(text), 0
    for place, character in enumerate(text):
        used += columns(character)
        if used > most:
            return text[:place].rstrip() + ELLIPSIS
    return text


def columns(character: str) -> int:
    """How many columns a character takes."""
    return 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1


def label(shown: Shown | None, narrow: int, **attributes: object) -> Markup:
    """The name of a thing at its place: as much of it as there is room for, and so many columns where the page is narrow."""
    text = shown.text if shown else "?"
    wide, short = clipped(text), clipped(text, narrow)
    if wide == short:
        return element("text", wide or "?", lang=foreign(shown), **attributes)
    whole = element("title", plain(text))
    return Markup("").join(element("text", cut, whole, lang=foreign(shown), class_=look, **attributes)
                           for cut, look in ((wide, "where-wide"), (short, "where-narrow")))


def foreign(shown: Shown | None) -> str | None:
    """The language of a text where it is not that of the page."""
    return shown.lang if shown and shown.lang not in ("", "en") else None


def number(shown: Shown | None) -> float | None:
    """The number that a literal is; None where it is none, is not finite, or is too large or too small to be meant."""
    text = shown.text.strip() if shown else ""
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    return value if value == 0 or LEAST <= abs(value) <= LARGEST else None


def figure(shown: Shown) -> str:
    """A number as people read it: thousands apart, decimals as they were stated."""
    text = shown.text.strip()
    sign, digits = ("−" if text[:1] == "-" else "", text.lstrip("+-"))
    whole, point, rest = digits.partition(".")
    return clipped(f"{sign}{int(whole):,}{point}{rest}" if whole.isdigit() and len(whole) < 16 else text, 20)


def counted(value: float) -> str:
    """A number that was calculated, as people read it."""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:,.4g}"


def hatching(name: str, size: int = 6) -> Markup:
    """The pattern for where there are no data; `name` is that of no other on the page."""
    line = element("line", x1=0, y1=0, x2=0, y2=size, class_="hatch")
    return element("defs", element("pattern", line, id=name, patternUnits="userSpaceOnUse", width=size, height=size,
                                   patternTransform="rotate(45)"))


def sample(*content: Markup) -> Markup:
    """A swatch of a legend; the words beside it say the rest."""
    return element("svg", *content, class_="sample", width="1.75em", height="1em", aria_hidden="true", focusable="false")


def em(value: float) -> str:
    """A length in the size of the text."""
    return f"{value:.4g}em"


def per_cent(share: float) -> str:
    """A share of the width, from 0 to 1."""
    return f"{100 * share:.2f}%"
