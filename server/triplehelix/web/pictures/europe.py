"""The map of Europe: countries shaded by a number, in a few classes, each with its number on it.

The shapes stand in europe.json, cut out of Natural Earth (public domain) by server/assets/europe.py. A country is known by the
last part of its IRI, which is its code of NUTS, or its name in English as a slug.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

from triplehelix.web.pictures.svg import (
    Key,
    Picture,
    Row,
    counted,
    element,
    hatching,
    image,
    number,
    plain,
    sample,
)
from triplehelix.web.words import _

FILE = Path(__file__).with_name("europe.json")
MOST_CLASSES, MOST_NAMED = 4, 12
NOT_IN_SLUG = re.compile("[^a-z]+")
# The pattern is in the units of the map, of which about two are a pixel.
HATCHING = 14
# The class of a country that is pointed out.
HERE = "shade-4"


@dataclass(frozen=True)
class Country:
    """A shape of the map: its code ("" where it has none), its name, a point inside it, and its outline."""

    code: str
    name: str
    x: int
    y: int
    path: str

    @property
    def slug(self) -> str:
        """Its name as IRIs have it."""
        return NOT_IN_SLUG.sub("-", self.name.lower())

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return self.code or self.slug


def _read() -> tuple[str, tuple[Country, ...]]:
    """The frame of the map, as the viewBox of an SVG, and its countries."""
    shapes = json.loads(FILE.read_text(encoding="utf-8"))
    return f"0 0 {shapes['width']} {shapes['height']}", tuple(Country(**row) for row in shapes["countries"])


BOX, COUNTRIES = _read()
KEYS = MappingProxyType({name: country.key for country in COUNTRIES for name in (country.slug, country.key)})


def key_of(iri: str) -> str:
    """The key of the country that an IRI names; "" for all else."""
    return KEYS.get(iri.replace("#", "/").rpartition("/")[2], "")


@dataclass(frozen=True)
class Counts:
    """The rows of a map, read: the number of each country by its key, and of what is not on the map."""

    known: dict[str, float]
    names: dict[str, str]
    elsewhere: tuple[str, ...]
    broken: tuple[str, ...]


def europe(title: str, key: str, rows: Sequence[Row], total: int = 0) -> Picture:
    """The countries shaded by the numbers of rows of (country, number); those without a number are hatched."""
    counts, pattern = read(rows), f"hatch-{key}"
    bounds = classes([value for value in counts.known.values() if value > 0])
    shapes = [_shape(country, counts, bounds, pattern) for country in COUNTRIES]
    figures = [_figure(country, counts.known[country.key]) for country in COUNTRIES if country.key in counts.known]
    told = "; ".join(f"{counts.names[known]}: {counted(value)}" for known, value in
                     sorted(counts.known.items(), key=lambda item: (-item[1], item[0]))) or _("no data")
    svg = image(title, f"{told}. {_('The other countries: no data.')}", hatching(pattern, HATCHING),
                element("g", *shapes, class_="lands"), element("g", *figures, class_="figures"), viewBox=BOX)
    return Picture("map", svg, len(counts.known), (*_legend(bounds, counts), Key(_nothing(key), _("no data"))),
                   tuple(_notes(counts, len(rows), total)))


def place(title: str, _key: str, rows: Sequence[Row], total: int = 0) -> Picture:
    """Where the countries of the rows lie; of the others nothing is said."""
    here = {key_of(row[0].iri): plain(row[0].text)[:60] for row in rows if row[0] and key_of(row[0].iri)}
    shapes = [element("path", element("title", here.get(country.key, country.name)), d=country.path, fill_rule="evenodd",
                      class_=f"land {HERE if country.key in here else 'zero'}") for country in COUNTRIES]
    svg = image(title, ", ".join(here.values()), element("g", *shapes, class_="lands"), viewBox=BOX)
    return Picture("map place", svg, len(here), tuple(Key(_swatch(HERE), name) for name in here.values()),
                   tuple(_notes(Counts({}, {}, (), ()), len(rows), total)))


def read(rows: Sequence[Row]) -> Counts:
    """The numbers by country. One that stands in several rows, under codes of different editions, has their sum."""
    known: dict[str, float] = {}
    names: dict[str, str] = {}
    elsewhere, broken = [], []
    for row in rows:
        name, stated = row[0], row[1] if len(row) > 1 else None
        key, value = key_of(name.iri) if name else "", number(stated)
        text = plain(name.text)[:60] if name else _("no country stated")
        if stated is None or not stated.text.strip():
            continue
        if value is None or value < 0:
            broken.append(text)
        elif key:
            known[key], names[key] = known.get(key, 0) + value, text
        else:
            elsewhere.append(f"{text} ({counted(value)})")
    return Counts(known, names, tuple(elsewhere), tuple(broken))


def classes(values: Sequence[float]) -> list[float]:
    """The upper bounds of a few classes, each some times the one before; the last is the largest value."""
    distinct = sorted(set(values))
    if len(distinct) <= MOST_CLASSES:
        return distinct
    low, high = distinct[0], distinct[-1]
    between = (low * (high / low) ** (n / MOST_CLASSES) for n in range(1, MOST_CLASSES))
    return [*sorted({bound for bound in map(_plain_number, between) if low <= bound < high}), high]


def _plain_number(value: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 and so on that is not above a value."""
    power = 10.0 ** math.floor(math.log10(value))
    return max((step * power for step in (1, 2, 5) if step * power <= value), default=power)


def shade(value: float, bounds: Sequence[float]) -> str:
    """The CSS class of a value: none, or which of the classes it falls in, the highest always the darkest."""
    if value == 0:
        return "zero"
    return f"shade-{MOST_CLASSES - len(bounds) + 1 + next(n for n, bound in enumerate(bounds) if value <= bound)}"


def _shape(country: Country, counts: Counts, bounds: Sequence[float], pattern: str) -> Markup:
    value = counts.known.get(country.key)
    said = _("no data") if value is None else counted(value)
    name = counts.names.get(country.key, country.name)
    look = {"class_": "nothing", "fill": f"url(#{pattern})"} if value is None else {"class_": f"land {shade(value, bounds)}"}
    return element("path", element("title", f"{name}: {said}"), d=country.path, fill_rule="evenodd",
                   data_code=country.key, **look)


def _figure(country: Country, value: float) -> Markup:
    return element("text", counted(value), x=country.x, y=country.y, dy="0.36em", text_anchor="middle")


def _legend(bounds: Sequence[float], counts: Counts) -> list[Key]:
    """What each shade means: the least and the greatest number that has it."""
    shades: dict[str, list[float]] = {}
    for value in sorted(counts.known.values()):
        shades.setdefault(shade(value, bounds), []).append(value)
    ends = {look: dict.fromkeys(map(counted, (values[0], values[-1]))) for look, values in shades.items()}
    return [Key(_swatch(look), "–".join(texts)) for look, texts in ends.items()]


def _swatch(look: str) -> Markup:
    return sample(element("rect", width="100%", height="100%", class_=f"land {look}"))


def _nothing(key: str) -> Markup:
    """The swatch of what is hatched has a pattern of its own: that of the map is in the units of the map."""
    pattern = f"hatch-{key}-key"
    return sample(hatching(pattern), element("rect", width="100%", height="100%", class_="nothing", fill=f"url(#{pattern})"))


def _notes(counts: Counts, rows: int, total: int) -> list[str]:
    notes = []
    if total > rows:
        notes.append(_("The first {drawn} of {total} rows are drawn.").format(drawn=f"{rows:,}", total=f"{total:,}"))
    if counts.elsewhere:
        notes.append(_("Not on this map: {places}.").format(places=_several(counts.elsewhere)))
    if counts.broken:
        notes.append(_("What is stated is not a number that can be drawn: {places}.").format(places=_several(counts.broken)))
    return notes


def _several(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (_(" and {count} more").format(count=f"{more:,}") if more > 0 else "")
