"""Horizontal bars: one for each row of (name, number), and the composition of a helix, a bar for each sphere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from triplehelix.web.pictures.svg import (
    Picture,
    Row,
    Shown,
    element,
    em,
    figure,
    hatching,
    image,
    label,
    number,
    per_cent,
    plain,
)
from triplehelix.web.words import _

MOST_BARS = 25
# Columns of a name where the page is narrow.
NARROW = 25
# In the size of the text: from bar to bar, of a bar, from the top of a row to the foot of its words, and to its bar.
STEP, THICK, WORDS, BAR = 2.6, 0.85, 1.1, 1.4
# A bar that is thinner could not be seen.
LEAST = 0.004
COLOURS = ("one", "two", "three", "four", "five", "six")


@dataclass(frozen=True)
class Bar:
    """A row as it is drawn: its name, its number as words, its length as a share (None: no data) and its colour."""

    name: Shown | None
    said: str
    share: float | None
    colour: str


def bars(title: str, key: str, rows: Sequence[Row], total: int = 0) -> Picture:
    """A bar for each of the first rows of (name, number). `total` is how many rows there are in all."""
    return _drawn("bars", title, key, rows, max(total, len(rows)), _("no data"), COLOURS[:1])


def composition(title: str, key: str, rows: Sequence[Row], total: int = 0) -> Picture:
    """A bar for each row of (sphere, number). A sphere of which nobody reported is hatched: it is not none."""
    return _drawn("composition", title, key, rows, max(total, len(rows)), _("not reported"), COLOURS)


def _drawn(kind: str, title: str, key: str, rows: Sequence[Row], total: int, nothing: str, colours: Sequence[str]) -> Picture:
    shown = rows[:MOST_BARS]
    values = [number(_second(row)) for row in shown]
    largest = max((value for value in values if value is not None), default=0)
    found = [_bar(row, value, largest, nothing, colours[n % len(colours)]) for n, (row, value) in enumerate(zip(shown, values))]
    pattern = f"hatch-{key}"
    content = [line for n, bar in enumerate(found) for line in _lines(bar, n * STEP, pattern)]
    told = "; ".join(f"{plain(bar.name.text) if bar.name else '?'}: {bar.said}" for bar in found) + "."
    svg = image(title, told, hatching(pattern), *content, width="100%", height=em(len(found) * STEP))
    return Picture(kind, svg, len(found), notes=tuple(_notes(shown, values, total)))


def _second(row: Row) -> Shown | None:
    return row[1] if len(row) > 1 else None


def _bar(row: Row, value: float | None, largest: float, nothing: str, colour: str) -> Bar:
    stated = _second(row)
    if stated is None or not stated.text.strip():
        return Bar(row[0], nothing, None, colour)
    if value is None:
        return Bar(row[0], _("not a number"), None, colour)
    share = max(value / largest, LEAST) if value > 0 else 0
    return Bar(row[0], figure(stated), share, colour)


def _lines(bar: Bar, top: float, pattern: str) -> list[Markup]:
    """The words of a row, its bar below them, and the line at which all bars begin."""
    where = {"x": "0", "y": em(top + BAR), "height": em(THICK)}
    if bar.share is None:
        drawn = element("rect", **where, width="100%", fill=f"url(#{pattern})", class_="nothing")
    else:
        drawn = element("rect", **where, width=per_cent(bar.share), class_=f"fill {bar.colour}")
    start = element("line", x1="0", x2="0", y1=em(top + BAR - .15), y2=em(top + BAR + THICK + .15), class_="axis")
    said = element("text", bar.said, x="100%", y=em(top + WORDS), text_anchor="end",
                   class_="quiet" if bar.share is None else "strong")
    return [label(bar.name, NARROW, x="0", y=em(top + WORDS)), said, drawn, start]


def _notes(rows: Sequence[Row], values: Sequence[float | None], total: int) -> list[str]:
    """What is not drawn as it stands, and why."""
    notes = []
    if total > len(rows):
        notes.append(_("The first {drawn} of {total} are drawn.").format(drawn=f"{len(rows):,}", total=f"{total:,}"))
    below = sum(value is not None and value < 0 for value in values)
    broken = sum(value is None and bool(stated and stated.text.strip()) for value, stated in zip(values, map(_second, rows)))
    if below:
        notes.append(_("Numbers below zero have no bar: {count}.").format(count=below))
    if broken:
        notes.append(_("What is stated is not a number that can be drawn: {count}.").format(count=broken))
    return notes
