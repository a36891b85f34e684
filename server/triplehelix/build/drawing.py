"""Drawing the diagram of an ontology as SVG: boxes in columns from left to right, each link from the row that says it.

The drawing has no style of its own: pages give its classes their colours, alone it is black on white. Equal diagrams give equal
bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from triplehelix.description.diagram import Box

WIDTH, GUTTER, LINE, HEAD, GAP, MARGIN = 248, 64, 18, 28, 26, 12
COLUMNS = 4
# A box names so many properties; so many letters of the usual size fit into its width, and of the size of its head.
MOST_ROWS, LETTERS, CAPITALS = 12, 38, 30
SWEEPS = 4


@dataclass(frozen=True)
class Link:
    """From a box, or one of its rows, to another box; `kind` is "above" for a wider class or a needed ontology, else "to"."""

    start: str
    row: int | None
    end: str
    kind: str


@dataclass
class Placed:
    """A box and where it stands."""

    box: Box
    column: int
    x: float = 0
    y: float = 0

    @property
    def rows(self) -> int:
        return min(len(self.box.rows), MOST_ROWS + 1)

    @property
    def height(self) -> float:
        return HEAD + self.rows * LINE + (8 if self.rows else 0)

    def level(self, row: int | None) -> float:
        """Where a link leaves or meets the box: at a row, or at its head."""
        return self.y + (HEAD / 2 if row is None else HEAD + (min(row, MOST_ROWS) + .5) * LINE + 2)


def drawing(boxes: Sequence[Box], title: str, text: str) -> str:
    """An svg element: `title` names it, `text` says in words what it shows."""
    links = list(_links(boxes))
    placed = _placed(boxes, links)
    width = max(each.x for each in placed.values()) + WIDTH + GUTTER
    height = max(each.y + each.height for each in placed.values()) + MARGIN
    parts = [_line(placed, link) for link in links] + [line for each in placed.values() for line in _box(each)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" aria-labelledby="diagram-title diagram-text" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="12">',
        f'<title id="diagram-title">{escape(title)}</title>', f'<desc id="diagram-text">{escape(text)}</desc>',
        *parts, "</svg>", ""])


def _links(boxes: Sequence[Box]) -> Iterator[Link]:
    """The links between boxes; what leads elsewhere is told in the rows alone."""
    known = {box.iri for box in boxes}
    for box in boxes:
        yield from (Link(box.iri, None, above, "above") for above in box.above if above in known)
        yield from (Link(box.iri, number, target, "to") for number, row in enumerate(box.rows) for target in row.targets
                    if target in known)


def _placed(boxes: Sequence[Box], links: list[Link]) -> dict[str, Placed]:
    """Boxes in columns: what is led to stands right of what leads there, as far as there is no circle."""
    columns = _columns([box.iri for box in boxes], links)
    placed = {box.iri: Placed(box, columns[box.iri]) for box in boxes}
    _spread(placed, {name for link in links for name in (link.start, link.end)})
    stacks = [[each for each in placed.values() if each.column == number] for number in range(COLUMNS)]
    stacks = [stack for stack in stacks if stack]
    _stack(stacks)
    for sweep in range(SWEEPS):
        for stack in stacks if sweep % 2 else reversed(stacks):
            near = {each.box.iri: _neighbours(placed, each, links) for each in stack}
            stack.sort(key=lambda each: (near[each.box.iri], each.box.title.casefold()))
        _stack(stacks)
    return placed


def _spread(placed: dict[str, Placed], linked: set[str]) -> None:
    """What no link leads to or from stands in the column that is shortest so far, the tallest first."""
    heights = dict.fromkeys(range(COLUMNS), 0.0)
    for each in sorted(placed.values(), key=lambda each: (each.box.iri not in linked, -each.height, each.box.iri)):
        if each.box.iri not in linked:
            each.column = min(heights, key=lambda column: (heights[column], column))
        heights[each.column] += each.height + GAP


def _columns(names: list[str], links: list[Link]) -> dict[str, int]:
    """The column of each box: the length of the longest way to it, links that close a circle left out."""
    after = {name: sorted({link.end for link in links if link.start == name and link.end != name}) for name in names}
    order: list[str] = []
    forward = {(start, end) for start, end in _tree(names, after, order)}
    columns = dict.fromkeys(names, 0)
    for name in reversed(order):
        for end in after[name]:
            if (name, end) in forward:
                columns[end] = min(max(columns[end], columns[name] + 1), COLUMNS - 1)
    return columns


def _tree(names: list[str], after: dict[str, list[str]], order: list[str]) -> Iterator[tuple[str, str]]:
    """The links that close no circle, by a walk in depth; `order` takes the names as they are left."""
    open_now: set[str] = set()
    left: set[str] = set()
    for root in names:
        stack = [(root, iter(after[root]))] if root not in left else []
        open_now.update(name for name, _ in stack)
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                open_now.discard(name)
                left.add(name)
                order.append(name)
            elif following not in open_now:
                yield name, following
                if following not in left:
                    open_now.add(following)
                    stack.append((following, iter(after[following])))


def _stack(stacks: list[list[Placed]]) -> None:
    """Give the boxes of each column their places, the columns on one middle line."""
    heights = [sum(each.height + GAP for each in stack) - GAP for stack in stacks]
    for number, stack in enumerate(stacks):
        y = MARGIN + (max(heights) - heights[number]) / 2
        for each in stack:
            each.x, each.y = MARGIN + number * (WIDTH + GUTTER), y
            y += each.height + GAP


def _neighbours(placed: dict[str, Placed], here: Placed, links: list[Link]) -> float:
    """The middle of what a box is linked with; where it stands, if with nothing."""
    ends = [placed[link.end].level(None) for link in links if link.start == here.box.iri != link.end]
    ends += [placed[link.start].level(link.row) for link in links if link.end == here.box.iri != link.start]
    return sum(ends) / len(ends) if ends else here.level(None)


def _line(placed: dict[str, Placed], link: Link) -> str:
    """A curve from the side of a box to that of another; those of one column are linked on their right."""
    start, end = placed[link.start], placed[link.end]
    y1, y2 = start.level(link.row), end.level(None)
    back = end.column < start.column
    x1 = start.x + (0 if back else WIDTH)
    x2 = end.x + (WIDTH if end.column <= start.column else 0)
    bend = GUTTER * .8
    c1, c2 = x1 + (-bend if back else bend), x2 + (bend if end.column <= start.column else -bend)
    tip = 7 if x2 > end.x else -7
    arrow = f"M{x2 + tip:g} {y2 - 4:g}L{x2:g} {y2:g}L{x2 + tip:g} {y2 + 4:g}" + ("Z" if link.kind == "above" else "")
    stop = x2 + (tip if link.kind == "above" else 0)
    return (f'<path class="{link.kind}" fill="none" stroke="currentColor" '
            f'd="M{x1:g} {y1:g}C{c1:g} {y1:g} {c2:g} {y2:g} {stop:g} {y2:g}{arrow}"/>')


def _box(placed: Placed) -> Iterator[str]:
    """The frame of a box, its head and its rows."""
    box, x, y = placed.box, placed.x, placed.y
    dashes = "" if box.own else ' stroke-dasharray="4 3"'
    yield (f'<rect class="box" fill="Canvas" stroke="currentColor"{dashes} x="{x:g}" y="{y:g}" width="{WIDTH}" '
           f'height="{placed.height:g}" rx="3"/>')
    yield f'<text class="head" font-weight="bold" x="{x + 10:g}" y="{y + 19:g}">{escape(_cut(box.title, CAPITALS))}</text>'
    hidden = len(box.rows) - MOST_ROWS
    shown = box.rows if hidden <= 1 else box.rows[:MOST_ROWS]
    for number, row in enumerate(shown):
        value = _cut(row.value, LETTERS - len(row.text) - 2)
        told = f' <tspan class="value" opacity=".75">{escape(value)}</tspan>' if value else ""
        yield f'<text x="{x + 10:g}" y="{y + HEAD + number * LINE + 14:g}">{escape(_cut(row.text, LETTERS))}{told}</text>'
    if hidden > 1:
        yield f'<text class="value" x="{x + 10:g}" y="{y + HEAD + MOST_ROWS * LINE + 14:g}">… {hidden} more</text>'


def _cut(text: str, letters: int) -> str:
    """A text that fits: its beginning where it is longer; none where nothing of it would be left."""
    if len(text) <= letters:
        return text
    return text[:letters - 1].rstrip() + "…" if letters > 3 else ""
