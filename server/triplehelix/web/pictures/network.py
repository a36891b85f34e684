"""Who cites or rests on what: rows of (from, to, kind), as lines between things that stand one below the other.

The order is by layers: a thing stands below those that point to it, as far as there are no circles. It depends on the rows
alone, so that the same rows give the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from triplehelix.web.pictures.svg import Key, Picture, Row, Shown, clipped, element, em, image, label, plain, sample
from triplehelix.web.words import _

MOST_THINGS, MOST_LINES = 40, 120
# Columns of a name where the page is narrow.
NARROW = 22
# In the size of the text: from thing to thing, to the foot of its name, the room for the lines at the left, and for a layer.
STEP, WORDS, ROOM, LAYER, DEEPEST = 1.9, 1.2, 6.5, 0.6, 4
# Units of a line in the size of the text.
UNIT = 16
# Kinds of line: a colour and a pattern of dashes each, so that neither has to be told from the other alone.
LOOKS = (("one", None), ("two", "7 4"), ("three", "2 4"), ("four", "12 4 2 4"), ("five", "12 4"), ("six", "1 6"))


@dataclass
class Net:
    """Things by what tells them apart, in the order in which they are met, and the lines between them with their kind."""

    things: dict[str, Shown] = field(default_factory=dict)
    lines: dict[tuple[str, str, str], Shown | None] = field(default_factory=dict)
    left_out: int = 0
    unnamed: int = 0

    def add(self, row: Row) -> None:
        """One more row, as long as there is room for its things and its line."""
        if len(row) < 2 or row[0] is None or row[1] is None:
            self.unnamed += 1
            return
        ends, kind = {_known(end): end for end in row[:2]}, row[2] if len(row) > 2 else None
        new = [end for end in ends if end not in self.things]
        line = (_known(row[0]), _known(row[1]), _known(kind) if kind else "")
        if line in self.lines:
            return
        if len(self.things) + len(new) > MOST_THINGS or len(self.lines) >= MOST_LINES:
            self.left_out += 1
            return
        self.things |= ends
        self.lines[line] = kind


def _known(shown: Shown) -> str:
    return shown.iri or shown.text


def network(title: str, _key: str, rows: Sequence[Row], total: int = 0) -> Picture:
    """The things and lines of the first rows, with an arrow to what is cited."""
    net = Net()
    for row in rows:
        net.add(row)
    layers = layered(net)
    order = sorted(net.things, key=lambda thing: layers[thing])
    places = {thing: n for n, thing in enumerate(order)}
    kinds = {line[2]: kind for line, kind in net.lines.items()}
    looks = {kind: LOOKS[min(n, len(LOOKS) - 1)] for n, kind in enumerate(kinds)}
    height = len(order) * STEP
    lines = element("svg", *(_line(places[a], places[b], looks[kind]) for a, b, kind in net.lines),
                    width=em(ROOM), height=em(height), viewBox=f"0 0 {ROOM * UNIT:.4g} {height * UNIT:.4g}")
    names = [part for thing in order for part in _thing(net.things[thing], places[thing], layers[thing])]
    svg = image(title, _told(net), lines, *names, width="100%", height=em(height))
    return Picture("network", svg, len(net.lines), tuple(_legend(kinds, looks)), tuple(_notes(net, len(rows), total)))


def layered(net: Net) -> dict[str, int]:
    """The layer of each thing: one more than the deepest of those that point to it, circles cut where they close."""
    pointing: dict[str, list[str]] = {thing: [] for thing in net.things}
    for start, end, _kind in net.lines:
        if start != end:
            pointing[end].append(start)
    layers = dict.fromkeys(net.things, 0)
    # In as many rounds as there are things every chain without a circle is as deep as it gets.
    for _round in net.things:
        deeper = {thing: min(max((layers[other] + 1 for other in others), default=0), len(layers))
                  for thing, others in pointing.items()}
        if deeper == layers:
            break
        layers = deeper
    return _dense(layers)


def _dense(layers: dict[str, int]) -> dict[str, int]:
    """The same layers, numbered without gaps."""
    numbers = {layer: n for n, layer in enumerate(sorted(set(layers.values())))}
    return {thing: numbers[layer] for thing, layer in layers.items()}


def _line(start: int, end: int, look: tuple[str, str | None]) -> Markup:
    """A curve at the left of the names, the wider the farther it leads, with the arrow at its end."""
    x, y, target = ROOM * UNIT - 7, _middle(start), _middle(end)
    reach = x - min(18 + 9 * abs(end - start), x - 2) * 4 / 3
    # One that leads to where it begins.
    y -= 10 * (start == end)
    curve = f"M{x:.4g} {y:.4g}C{reach:.4g} {y:.4g} {reach:.4g} {target:.4g} {x - 6:.4g} {target:.4g}"
    arrow = f"M{x:.4g} {target:.4g}l-8 -4v8z"
    colour, dashes = look
    return element("g", element("path", d=curve, class_=f"line {colour}", stroke_dasharray=dashes, fill="none"),
                   element("path", d=arrow, class_=f"fill {colour}"))


def _middle(place: int) -> float:
    """How far down the dot of a thing stands, in units of a line."""
    return (place * STEP + WORDS - .35) * UNIT


def _thing(shown: Shown, place: int, layer: int) -> list[Markup]:
    y = place * STEP + WORDS
    indent = min(layer, DEEPEST) * LAYER
    dot = element("circle", cx=em(ROOM), cy=em(y - .35), r=em(.25), class_="dot")
    return [dot, label(shown, NARROW - min(layer, DEEPEST), x=em(ROOM + .6 + indent), y=em(y))]


def _told(net: Net) -> str:
    """All lines as words."""
    return "; ".join(f"{plain(net.things[start].text)} → {plain(net.things[end].text)}"
                     + (f" ({plain(kind.text)})" if kind else "") for (start, end, _kind), kind in net.lines.items()) + "."


def _legend(kinds: dict[str, Shown | None], looks: dict[str, tuple[str, str | None]]) -> Iterable[Key]:
    """What each kind of line means, where a kind is stated."""
    for kind, shown in kinds.items():
        if shown:
            colour, dashes = looks[kind]
            line = element("line", x1="0", x2="100%", y1="50%", y2="50%", class_=f"line {colour}", stroke_dasharray=dashes)
            yield Key(sample(line), clipped(shown.text), shown.lang)


def _notes(net: Net, rows: int, total: int) -> list[str]:
    notes = []
    left_out = net.left_out + max(total - rows, 0)
    if left_out:
        notes.append(_("{drawn} links between {things} things are drawn; {left_out} are left out.").format(
            drawn=f"{len(net.lines):,}", things=f"{len(net.things):,}", left_out=f"{left_out:,}"))
    if net.unnamed:
        notes.append(_("Links without one of their ends are not drawn: {count}.").format(count=f"{net.unnamed:,}"))
    return notes
