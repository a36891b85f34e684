"""Cuts Europe out of Natural Earth's countries (world-atlas, TopoJSON) into the shapes that the map of a page is drawn from.

    python server/assets/europe.py COUNTRIES-50M.JSON EUROPE.JSON

Done once, when a version is vendored: the same file in gives the same bytes out. Natural Earth is in the public domain, and so
is what is cut out of it. The shapes are projected (Lambert azimuthal equal-area around 52° N 10° E on a sphere, as European
statistics has it), clipped to a frame, simplified border by border, so that neighbours still meet, and rounded to whole units.
The file written: `width` and `height` of the frame; for each country `code` (of NUTS, "" where it has none), `name`, `x` and `y`
of a point well inside it, and `path` (SVG, relative, with lines only).
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

Point = tuple[float, float]
Ring = list[Point]

# ISO 3166-1 numeric to the code of NUTS, which has its own for Greece and the United Kingdom; candidates and others included.
NUTS = {"008": "AL", "040": "AT", "056": "BE", "070": "BA", "100": "BG", "191": "HR", "196": "CY", "203": "CZ", "208": "DK",
        "233": "EE", "246": "FI", "250": "FR", "276": "DE", "300": "EL", "348": "HU", "352": "IS", "372": "IE", "380": "IT",
        "428": "LV", "438": "LI", "440": "LT", "442": "LU", "470": "MT", "498": "MD", "499": "ME", "528": "NL", "578": "NO",
        "616": "PL", "620": "PT", "642": "RO", "688": "RS", "703": "SK", "705": "SI", "724": "ES", "752": "SE", "756": "CH",
        "792": "TR", "804": "UA", "807": "MK", "826": "UK", "268": "GE"}
# Natural Earth has no number for it.
KOSOVO = "Kosovo"
# Natural Earth draws who is in control, the lists of codes count by law: these belong to another's code, whole, or the part that
# holds a point.
JOINED = (("Cyprus", "N. Cyprus", None), ("Finland", "Åland", None), ("Ukraine", "Russia", (34.2, 45.2)))
NAMES = {"Bosnia and Herz.": "Bosnia and Herzegovina", "Macedonia": "North Macedonia", "Turkey": "Türkiye",
         "Faeroe Is.": "Faroe Islands"}

CENTRE = (math.radians(10), math.radians(52))
# The frame in radii of the Earth around the centre, west and south negative, and its width in units.
WEST, EAST, SOUTH, NORTH = -0.356, 0.462, -0.306, 0.345
WIDTH = 1400
SCALE = WIDTH / (EAST - WEST)
HEIGHT = round((NORTH - SOUTH) * SCALE)
# Beyond the frame so much is kept that no line of the cut shows. A corner of a border goes that spans less than so many square
# units with its neighbours; an island that is smaller than so many.
MARGIN, LEAST_CORNER, LEAST_ISLAND = 20, 4, 14
# Land that reaches into the frame, and is not Europe's to be shown.
LEFT_OUT = {"Greenland"}


class Atlas:
    """A TopoJSON file of countries: their rings as numbers of arcs, and the arcs, projected and simplified."""

    def __init__(self, topology: dict):
        self.transform = topology["transform"]
        self.arcs = [simplified([projected(p) for p in self.unpacked(arc)]) for arc in topology["arcs"]]
        self.countries = {g["properties"]["name"]: g for g in topology["objects"]["countries"]["geometries"]}
        self.polygons = {name: _polygons(g) for name, g in self.countries.items()}
        for keeper, other, point in JOINED:
            self.join(keeper, other, point)

    def unpacked(self, arc: Iterable[Sequence[int]]) -> Ring:
        """An arc in degrees: it is stored as steps on a grid (TopoJSON section 2.1.3)."""
        (scale_x, scale_y), (left, bottom) = self.transform["scale"], self.transform["translate"]
        x = y = 0
        points = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            points.append((x * scale_x + left, y * scale_y + bottom))
        return points

    def join(self, keeper: str, other: str, point: Point | None) -> None:
        """Gives the polygons of one country, or the one around a point, to another; borders between the two go."""
        taken = [p for p in self.polygons[other] if point is None or inside(projected(point), self.ring(p[0]))]
        if not taken:
            raise SystemExit(f"{other} has no land to join to {keeper}: look at JOINED")
        self.polygons[other] = [p for p in self.polygons[other] if p not in taken]
        for polygon in taken:
            self.polygons[keeper] = dissolved(self, self.polygons[keeper], polygon)
        if not self.polygons[other]:
            del self.polygons[other]

    def ring(self, numbers: Sequence[int]) -> Ring:
        """The points of a ring, the last one left out, which is the first."""
        points: Ring = []
        for number in numbers:
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            points += arc[:-1]
        return points


def _polygons(geometry: dict) -> list[list[list[int]]]:
    return geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]


def projected(degrees: Point) -> Point:
    """Lambert azimuthal equal-area (Snyder 1987, equations 24-2 to 24-4), in units from the upper left corner of the frame."""
    longitude, latitude = math.radians(degrees[0]) - CENTRE[0], math.radians(degrees[1])
    cosine = math.sin(CENTRE[1]) * math.sin(latitude) + math.cos(CENTRE[1]) * math.cos(latitude) * math.cos(longitude)
    # The point opposite the centre has no place; all that is so far away is clipped.
    k = math.sqrt(2 / max(1 + cosine, 1e-9))
    x = k * math.cos(latitude) * math.sin(longitude)
    y = k * (math.cos(CENTRE[1]) * math.sin(latitude) - math.sin(CENTRE[1]) * math.cos(latitude) * math.cos(longitude))
    return (x - WEST) * SCALE, (NORTH - y) * SCALE


def dissolved(atlas: Atlas, polygons: list, polygon: list) -> list:
    """The polygons of a country and one more, joined to the one that it has an arc in common with."""
    for number, own in enumerate(polygons):
        both = {*own[0], *polygon[0]}
        left = [arc for arc in (*own[0], *polygon[0]) if ~arc not in both]
        if len(left) < len(both):
            joined = [stitched(atlas, left), *own[1:], *polygon[1:]]
            return [*polygons[:number], joined, *polygons[number + 1:]]
    return [*polygons, polygon]


def stitched(atlas: Atlas, arcs: list[int]) -> list[int]:
    """Arcs in the order in which each begins where the one before ended."""
    ends = {_end(atlas, ~arc): arc for arc in arcs}
    ring = [arcs[0]]
    while len(ring) < len(arcs):
        ring.append(ends[_end(atlas, ring[-1])])
    return ring


def _end(atlas: Atlas, arc: int) -> Point:
    return atlas.arcs[arc][-1] if arc >= 0 else atlas.arcs[~arc][0]


def simplified(arc: Ring) -> Ring:
    """An arc without its least corners (Visvalingam and Whyatt 1993); its ends stay, where others join it.

    Of a short arc lesser corners are kept, or small countries would be lost; of one beyond the frame none.
    """
    xs, ys = [p[0] for p in arc], [p[1] for p in arc]
    if max(xs) < -MARGIN or min(xs) > WIDTH + MARGIN or max(ys) < -MARGIN or min(ys) > HEIGHT + MARGIN:
        return [arc[0], arc[len(arc) // 2], arc[-1]]
    limit = min(LEAST_CORNER, math.hypot(max(xs) - min(xs), max(ys) - min(ys)) ** 2 / 100)
    points = list(arc)
    areas = [abs(area(points[n - 1:n + 2])) for n in range(1, len(points) - 1)]
    while areas and (least := min(areas)) < limit and len(points) > 4:
        gone = areas.index(least) + 1
        del points[gone], areas[gone - 1]
        for n in (gone - 1, gone):
            if 1 <= n < len(points) - 1:
                areas[n - 1] = abs(area(points[n - 1:n + 2]))
    return points


def area(ring: Sequence[Point]) -> float:
    """The area of a ring, negative where it goes the other way round."""
    return sum(x * ring[(n + 1) % len(ring)][1] - ring[(n + 1) % len(ring)][0] * y for n, (x, y) in enumerate(ring)) / 2


def inside(point: Point, ring: Ring) -> bool:
    """Whether a point lies in a ring: a ray from it crosses the ring an odd number of times."""
    x, y = point
    crossings = sum((ya > y) != (yb > y) and x < (xb - xa) * (y - ya) / (yb - ya) + xa
                    for (xa, ya), (xb, yb) in zip(ring, ring[1:] + ring[:1]))
    return crossings % 2 == 1


def clipped(ring: Ring) -> Ring:
    """What of a ring is in the frame and its margin (Sutherland and Hodgman 1974): one edge after the other."""
    for axis, limit, sign in ((0, -MARGIN, 1), (0, WIDTH + MARGIN, -1), (1, -MARGIN, 1), (1, HEIGHT + MARGIN, -1)):
        ring = [p for a, b in zip(ring[-1:] + ring[:-1], ring) for p in _beyond(a, b, axis, limit, sign)]
    return ring


def _beyond(a: Point, b: Point, axis: int, limit: float, sign: int) -> list[Point]:
    """What a step from one corner to the next leaves on the inner side of one edge."""
    a_inside, b_inside = ((p[axis] - limit) * sign >= 0 for p in (a, b))
    if a_inside == b_inside:
        return [b] if b_inside else []
    share = (limit - a[axis]) / (b[axis] - a[axis])
    crossing = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
    return [crossing, b] if b_inside else [crossing]


def middle(ring: Ring) -> tuple[int, int]:
    """A point well inside a ring and the frame: of a grid the one farthest from every edge."""
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    left, right, top, bottom = max(min(xs), 0), min(max(xs), WIDTH), max(min(ys), 0), min(max(ys), HEIGHT)
    grid = [(left + (right - left) * i / 40, top + (bottom - top) * j / 40) for i in range(1, 40) for j in range(1, 40)]
    best = max((p for p in grid if inside(p, ring)), key=lambda p: _clearance(p, ring),
               default=(sum(xs) / len(xs), sum(ys) / len(ys)))
    return round(best[0]), round(best[1])


def _clearance(point: Point, ring: Ring) -> float:
    return min([_distance(point, a, b) for a, b in zip(ring, ring[1:] + ring[:1])]
               + [point[0], WIDTH - point[0], point[1], HEIGHT - point[1]])


def _distance(p: Point, a: Point, b: Point) -> float:
    """From a point to a stretch of line."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = 0 if dx == dy == 0 else max(0, min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy)))
    return math.hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy)


def path(rings: Iterable[Ring]) -> str:
    """Rings as an SVG path of relative steps in whole units; steps that lead nowhere are left out."""
    text, last = "", (0, 0)
    for ring in rings:
        points = [(round(x), round(y)) for x, y in ring]
        points = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
        start = points[0]
        text += f"m{start[0] - last[0]} {start[1] - last[1]}" if text else f"M{start[0]} {start[1]}"
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(points, points[1:])]
        text += "l" + " ".join(f"{dx} {dy}" for dx, dy in steps).replace(" -", "-") + "z"
        last = start
    return text


def country(atlas: Atlas, name: str) -> dict | None:
    """One country as the file has it; None where nothing of it is in the frame."""
    shown = []
    for polygon in atlas.polygons[name]:
        rings = [ring for numbers in polygon if len(ring := clipped(atlas.ring(numbers))) > 2 and _is_seen(ring)]
        shown += [rings] if rings else []
    if not shown:
        return None
    largest = max(shown, key=lambda rings: abs(area(rings[0])))
    shown = [rings for rings in shown if rings is largest or abs(area(rings[0])) >= LEAST_ISLAND]
    x, y = middle(largest[0])
    number = atlas.countries[name].get("id", "")
    return {"code": "XK" if name == KOSOVO else NUTS.get(number, ""), "name": NAMES.get(name, name), "x": x, "y": y,
            "path": path(ring for rings in shown for ring in rings)}


def _is_seen(ring: Ring) -> bool:
    """Whether a ring has a corner in the frame itself, and some extent."""
    return abs(area(ring)) >= 1 and any(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in ring)


def europe(source: Path) -> str:
    """The file that is written, as text."""
    atlas = Atlas(json.loads(source.read_text(encoding="utf-8")))
    found = [country(atlas, name) for name in sorted(atlas.polygons) if name not in LEFT_OUT]
    countries = [row for row in found if row]
    missing = {*NUTS.values(), "XK"} - {row["code"] for row in countries}
    if missing:
        raise SystemExit(f"{source} has no shape for {', '.join(sorted(missing))}")
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":"))
                       for row in sorted(countries, key=lambda row: (row["code"], row["name"])))
    return f'{{"width":{WIDTH},"height":{HEIGHT},"countries":[\n{lines}\n]}}\n'


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(europe(Path(sys.argv[1])), encoding="utf-8")
