"""Dated things on one line of time: rows of (date, what, until), the earliest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from triplehelix.web.pictures.svg import Picture, Row, Shown, clipped, element, em, image, label, per_cent, plain
from triplehelix.web.words import _

MOST_DATES = 40
# Columns of a name where the page is narrow.
NARROW = 23
# xsd:gYear, gYearMonth, date and dateTime; years of four digits.
DATE = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?(?:T.*|Z|[+-][0-9]{2}:[0-9]{2})?")
# In the size of the text: from thing to thing, to the foot of its words, to its line; and what the years take above.
STEP, WORDS, LINE, YEARS = 2.5, 1.1, 1.75, 1.6
# From the edges of the picture to the first and the last year, as a share of the width.
EDGE = 0.03
MOST_TICKS = 5
# Years from tick to tick that people count in.
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500)


@dataclass(frozen=True)
class Dated:
    """A thing with its beginning, and its end where one is stated, in years since the year 0, and its dates in writing."""

    start: float
    end: float | None
    date: str
    what: Shown | None


def timeline(title: str, _key: str, rows: Sequence[Row], total: int = 0) -> Picture:
    """The first things by date, each on a line of its own, at its place between the first year and the last."""
    found = sorted((dated for row in rows if (dated := _dated(row))), key=lambda dated: dated.start)
    shown = found[:MOST_DATES]
    years = _years(shown) if shown else []
    height = YEARS + len(shown) * STEP
    content = [line for year in years for line in _tick(year, years, height)]
    content += [line for n, dated in enumerate(shown) for line in _lines(dated, YEARS + n * STEP, years)]
    told = "; ".join(f"{dated.date}: {plain(dated.what.text) if dated.what else '?'}" for dated in shown) + "."
    svg = image(title, told, *content, width="100%", height=em(height))
    return Picture("timeline", svg, len(shown), notes=tuple(_notes(len(shown), len(rows) - len(found), max(total, len(rows)))))


def _dated(row: Row) -> Dated | None:
    """The thing of a row; None where its date is none that can be placed. An end before the beginning does not count."""
    first, what, last = (*row, None, None)[:3]
    start, end = _time(first), _time(last)
    if start is None:
        return None
    until = end if end is not None and end >= start else None
    years = dict.fromkeys(text.strip()[:4] for text in (first.text, last.text)) if until is not None else ()
    date = "–".join(years) or clipped(first.text, 10)
    return Dated(start, until, date, what)


def _time(shown: Shown | None) -> float | None:
    match = DATE.fullmatch(shown.text.strip()) if shown else None
    if not match:
        return None
    year, month, day = (int(part or 1) for part in match.groups())
    return year + (month - 1) / 12 + (day - 1) / 372


def _years(shown: Sequence[Dated]) -> list[int]:
    """The years that are marked: the first is not after anything, the last is after all."""
    first, last = int(shown[0].start), int(max(dated.end or dated.start for dated in shown)) + 1
    step = next((step for step in STEPS if (last - first) / step <= MOST_TICKS - 1), STEPS[-1])
    return list(range(first - first % step, last + step, step))


def _place(time: float, years: Sequence[int]) -> str:
    share = (time - years[0]) / (years[-1] - years[0])
    return per_cent(EDGE + (1 - 2 * EDGE) * share)


def _tick(year: int, years: Sequence[int], height: float) -> list[Markup]:
    """A year above, and its line down through all things."""
    x = _place(year, years)
    anchor = "start" if year == years[0] else "end" if year == years[-1] else "middle"
    at = {"start": "0", "end": "100%"}.get(anchor, x)
    return [element("text", str(year), x=at, y=em(1), text_anchor=anchor, class_="quiet"),
            element("line", x1=x, x2=x, y1=em(1.3), y2=em(height), class_="grid")]


def _lines(dated: Dated, top: float, years: Sequence[int]) -> list[Markup]:
    """The words of a thing, and its mark on the line of time below them; what lasts has a mark at its end too."""
    x, y = _place(dated.start, years), em(top + LINE)
    marks = [element("circle", cx=x, cy=y, r=em(.36), class_="fill one")]
    if dated.end is not None:
        until = _place(dated.end, years)
        marks += [element("line", x1=x, x2=until, y1=y, y2=y, class_="span"),
                  element("circle", cx=until, cy=y, r=em(.3), class_="end")]
    return [element("text", dated.date, x="0", y=em(top + WORDS), class_="quiet"),
            label(dated.what, NARROW, x=em(6.4), y=em(top + WORDS)),
            element("line", x1="0", x2="100%", y1=y, y2=y, class_="axis"), *marks]


def _notes(drawn: int, broken: int, total: int) -> list[str]:
    notes = []
    if total > drawn + broken:
        notes.append(_("The first {drawn} of {total} are drawn.").format(drawn=f"{drawn:,}", total=f"{total:,}"))
    if broken:
        notes.append(_("Without a date that can be drawn: {count}.").format(count=f"{broken:,}"))
    return notes
