"""The files of queries/panels and queries/facets: what pages show beyond a thing's own statements, asked once, at build.

Header lines begin with "#+ ", as in other queries. A panel says `title`, `description`, `panel` (prefixed names of classes, on
the pages of whose things it stands) and `order` (a number), it may say `picture` (one of PICTURES), and it has one `column` line
for each variable that is shown: its name and its heading. The coverage of a panel says `title`, `description`, `coverage` (the
slug of the panel) and `says`, a sentence with variables in braces. A facet says `title`, `description`, `facet` (names of
tables) and `order`. Each query selects ?thing first; at its end a panel's has the order of the rows of a thing, and no LIMIT.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triplehelix.engine.determined import determined
from triplehelix.engine.mistakes import Text, brackets
from triplehelix.engine.tokens import VARIABLE, tokenise
from triplehelix.queries import header
from triplehelix.store import variables

PANELS, FACETS = "panels", "facets"
THING, VALUE, SOURCE = "thing", "value", "source"
PICTURES = ("bars", "map", "timeline", "network", "composition", "place", "text")
# Parameters of listings beside facets, and what they sort by.
PARAMETERS = frozenset(("bom", "format", "name", "page", "release", "sort", "thing", "values"))
COLUMN = re.compile(r"([A-Za-z][A-Za-z0-9_]*) (\S.*)")
CLASS = re.compile(r"[A-Za-z][\w-]*:[\w-]+")
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
HOLE = re.compile(r"\{(\w*)\}")
_DIRECTIONS = ("ASC", "DESC")


@dataclass(frozen=True)
class Question:
    """What each of these files has: its slug, title and description, and the query as it stands there."""

    slug: str
    title: str
    description: str
    text: str


@dataclass(frozen=True)
class PanelQuery(Question):
    """A section on the pages of the things of some classes (prefixed names); `columns` are variables and their headings."""

    classes: tuple[str, ...]
    order: float
    picture: str
    columns: tuple[tuple[str, str], ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """The variables that its query has to select."""
        return (THING, *(variable for variable, _ in self.columns))


@dataclass(frozen=True)
class CoverageQuery(Question):
    """What stands beside a panel: a sentence with variables in braces, and one row of their values for each thing."""

    panel: str
    says: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (THING, *HOLE.findall(self.says))


@dataclass(frozen=True)
class FacetQuery(Question):
    """A value by which the things of some tables can be narrowed down."""

    tables: tuple[str, ...]
    order: float

    @property
    def needs(self) -> tuple[str, ...]:
        return THING, VALUE


@dataclass(frozen=True)
class Key:
    """A variable by which rows are ordered, and whether the greatest comes first."""

    variable: str
    backwards: bool


def read(path: Path) -> PanelQuery | CoverageQuery | FacetQuery:
    """The panel, coverage or facet of a file; its folder and header tell which.

    Raises ValueError naming the header line that is missing or unreadable.
    """
    text = path.read_text(encoding="utf-8")
    said = header(text)
    keys = {key for key, _ in said}
    if path.parent.name == FACETS:
        return _facet(path.stem, text, _fields(path.stem, said, {"title", "description", "facet", "order"}))
    if "coverage" in keys:
        fields = _fields(path.stem, said, {"title", "description", "coverage", "says"})
        return CoverageQuery(path.stem, fields["title"], fields["description"], text, fields["coverage"], fields["says"])
    columns = tuple(_column(path.stem, value) for key, value in said if key == "column")
    plain = [(key, value) for key, value in said if key != "column"]
    return _panel(path.stem, text, _fields(path.stem, plain, {"title", "description", "panel", "order"}, {"picture"}), columns)


def readable(path: Path) -> PanelQuery | CoverageQuery | FacetQuery | None:
    """The same; None where it cannot be read."""
    try:
        return read(path)
    except ValueError:
        return None


def ordering(text: str) -> tuple[str, tuple[Key, ...]]:
    """A SELECT without the ORDER BY at its end, which selects the keys of that, and the keys; none where it has none.

    So its rows can be sorted outside the engine, which would hold them all. The query is one that the engine can read. Raises
    ValueError for what stands behind the keys, and where it does not name what it selects.
    """
    tokens = list(tokenise(text))
    read = Text(tokens, brackets(tokens))
    outer = list(read.top(0, len(tokens)))
    start = next((at for at in outer if tokens[at].word == "ORDER"), None)
    if start is None:
        return text, ()
    head = next((at for at in outer if tokens[at].word == "WHERE" or tokens[at].text == "{"), start)
    selected = [tokens[read.closing.get(at, at + 1) - 1].text for at in outer if at < head]
    if "*" in selected:
        raise ValueError("name in SELECT what it selects, in the place of *")
    keys, added = [], []
    for number, (begin, end, backwards) in enumerate(_spelled(read, start + 2)):
        alone = tokens[begin] if begin == end else tokens[begin + 1] if begin + 2 == end else None
        is_variable = alone is not None and alone.kind == VARIABLE
        variable = alone.text[1:] if is_variable else f"_key{number}"
        keys.append(Key(variable, backwards))
        if variable not in (each[1:] for each in selected):
            added.append(f"?{variable}" if is_variable else f"({text[tokens[begin].start:tokens[end].end]} AS ?{variable})")
    place = tokens[head].start
    return f"{text[:place]}{' '.join(added)} {text[place:tokens[start].start]}", tuple(keys)


def _spelled(read: Text, at: int) -> Iterator[tuple[int, int, bool]]:
    """The first and last token of each key from one on, and whether the greatest comes first."""
    while at < len(read.tokens):
        backwards = read.tokens[at].word == "DESC"
        at += read.tokens[at].word in _DIRECTIONS
        end = at if read.tokens[at].kind == VARIABLE else read.closing.get(at) or read.closing.get(at + 1)
        if end is None:
            raise ValueError(f"nothing stands behind ORDER BY and its keys: take {read.tokens[at].text!r} out")
        yield at, end, backwards
        at = end + 1


def _fields(slug: str, said: Sequence[tuple[str, str]], required: set[str], allowed: set[str] = frozenset()) -> dict[str, str]:
    """What a header says, by key. Raises ValueError where a line is missing, unknown, or there twice."""
    counts = Counter(key for key, _ in said)
    if missing := sorted(required - set(counts)):
        raise ValueError(f"{slug}.rq: the header lacks {', '.join(missing)}: add a line '#+ {missing[0]}: ...'")
    if unknown := sorted(set(counts) - required - allowed):
        raise ValueError(f"{slug}.rq: the header has no line '{unknown[0]}'; it has {', '.join(sorted(required | allowed))}")
    if twice := [key for key, count in counts.items() if count > 1]:
        raise ValueError(f"{slug}.rq: the header says {twice[0]} twice")
    return dict(said)


def _panel(slug: str, text: str, fields: dict[str, str], columns: tuple[tuple[str, str], ...]) -> PanelQuery:
    classes = _names(fields["panel"])
    if bad := [name for name in classes if not CLASS.fullmatch(name)]:
        raise ValueError(f"{slug}.rq: 'panel' names classes by prefixed names, as th:Area, th:Region; {bad[0]!r} is none")
    picture = fields.get("picture", "")
    if picture and picture not in PICTURES:
        raise ValueError(f"{slug}.rq: there is no picture {picture!r}; there are: {', '.join(PICTURES)}")
    if not columns:
        raise ValueError(f"{slug}.rq: nothing would be shown: add a line '#+ column: variable Heading' for each column")
    order = _number(slug, fields["order"])
    return PanelQuery(slug, fields["title"], fields["description"], text, classes, order, picture, columns)


def _facet(slug: str, text: str, fields: dict[str, str]) -> FacetQuery:
    if slug in PARAMETERS:
        raise ValueError(f"{slug}.rq: {slug} is a parameter of the pages that list things: call the file otherwise")
    order = _number(slug, fields["order"])
    return FacetQuery(slug, fields["title"], fields["description"], text, _names(fields["facet"]), order)


def _names(said: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in said.split(",")))


def _column(slug: str, line: str) -> tuple[str, str]:
    match = COLUMN.fullmatch(line)
    if not match:
        raise ValueError(f"{slug}.rq: a column line is '#+ column: variable Heading', not {line!r}")
    return match[1], match[2]


def _number(slug: str, text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{slug}.rq: the order is a number, not {text!r}")
    return float(text)


@dataclass(frozen=True)
class Known:
    """What the files may speak of: prefixes, classes of the ontology (IRIs), names of tables, and each other."""

    prefixes: Mapping[str, str]
    classes: Collection[str]
    tables: Collection[str]
    questions: Collection[Question]

    def faults(self, question: Question) -> Iterator[tuple[int, str]]:
        """What a file promises and cannot keep: the line that says it, and what is wrong.

        Raises SyntaxError, ValueError or QueryError where its query cannot be read, or may have several answers.
        """
        variables(question.text, "urn:x-base:")
        determined(question.text, list(tokenise(question.text)))
        for says, message in (*self._of_header(question), *self._of_query(question)):
            lines = (number for number, line in enumerate(question.text.splitlines(), 1) if line.startswith(f"#+ {says}"))
            yield next(lines, 1), message

    def _of_header(self, question: Question) -> Iterator[tuple[str, str]]:
        """With the beginning of the line."""
        if isinstance(question, PanelQuery):
            yield from (("panel", f"{name} is no class that the ontology declares") for name in question.classes
                        if self._iri(name) not in self.classes)
        if isinstance(question, FacetQuery):
            yield from (("facet", f"there is no node shape {name}; there are: {', '.join(sorted(self.tables))}")
                        for name in question.tables if name not in self.tables)
        if isinstance(question, CoverageQuery):
            known = sorted(each.slug for each in self.questions if isinstance(each, PanelQuery))
            if question.panel not in known:
                yield "coverage", f"there is no panel {question.panel}; there are: {', '.join(known) or 'none'}"
            alike = (each.slug for each in self.questions if isinstance(each, CoverageQuery) and each.panel == question.panel)
            if (first := min(alike)) != question.slug:
                yield "coverage", f"{first}.rq tells the coverage of {question.panel} already"

    def _of_query(self, question: Question) -> Iterator[tuple[str, str]]:
        text, _ = ordering(question.text)
        try:
            selected = variables(text, "urn:x-base:")
        except SyntaxError as error:
            raise ValueError(f"a key of ORDER BY is nothing that can be selected: {error.msg}") from error
        if selected[:1] != [THING]:
            yield "title", "the query is a SELECT with ?thing first"
        else:
            yield from ((f"column: {name} ", f"the query does not select ?{name}") for name in question.needs
                        if name not in selected)

    def _iri(self, name: str) -> str:
        prefix, _, rest = name.partition(":")
        return self.prefixes[prefix] + rest if prefix in self.prefixes else ""
