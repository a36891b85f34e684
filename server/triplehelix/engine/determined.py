"""Queries that may have one answer only: what leaves more than one open is refused, and each order is completed.

SPARQL leaves to the engine which of equal rows come first, which value of a group is taken, and in which order numbers are
added. A query read here asks for none of that: of one release it has one answer, whichever engine gives it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from triplehelix.engine.mistakes import FUNCTIONS, KEYWORDS, MODIFIERS, Text, brackets
from triplehelix.engine.model import BadQuery, Undetermined
from triplehelix.engine.prologue import FORMS
from triplehelix.engine.tokens import IRI, PNAME, VARIABLE, WORD, Token, refusal, tokenise

# The function, of our own, through which each value goes that is added to others.
EXACT = "urn:x-triplehelix:exact"
_RENAMES = "makes another name each time", "Make the name of what is known: IRI(CONCAT(...))."
# What a word does, and what to write instead.
_OPEN = MappingProxyType({
    "RAND": ("gives another number each time", "Leave it out."),
    "NOW": ("gives the time of the question", 'Write the time itself: "2026-01-31T12:00:00Z"^^xsd:dateTime.'),
    "UUID": _RENAMES, "STRUUID": _RENAMES, "BNODE": _RENAMES,
    "SAMPLE": ("takes any value of a group", "Write MIN or MAX."),
    "GROUP_CONCAT": ("joins the values of a group in any order", "Let each value have a row of its own."),
    "REDUCED": ("leaves open how often a row comes", "Write DISTINCT, or leave it out."),
    "SERVICE": ("asks another endpoint, whose answer is in no release",
                "Ask it yourself, and write what it answers into VALUES."),
})
_KNOWN = KEYWORDS | FUNCTIONS
_ADDING = ("SUM", "AVG")
_WITH_SHOWN, _SLICES, _DIRECTIONS = ("SELECT", "CONSTRUCT", "DESCRIBE"), ("LIMIT", "OFFSET"), ("ASC", "DESC")
_ENDS_OF_KEYS = (")", "}")
_FUNCTION_NAMES = (WORD, IRI, PNAME)
# Names in a refusal; a query may have many more.
_MOST_NAMED = 8


@dataclass(frozen=True)
class _Key:
    """A key of ORDER BY that is a variable: at which token it begins, "ASC" or "DESC", and the variable without its mark."""

    at: int
    direction: str
    variable: str


@dataclass(frozen=True)
class _Part:
    """A query or sub-SELECT: the variables that its rows consist of, those of its GROUP BY, and its order and slice.

    `groups` are None where there is no GROUP BY, or one by expressions; `end` is the token behind ORDER BY; `slice_at` that of
    the first LIMIT or OFFSET.
    """

    shown: tuple[str, ...]
    groups: tuple[str, ...] | None
    keys: tuple[_Key, ...]
    end: int | None
    slice_at: int | None

    @property
    def missing(self) -> list[str]:
        """The variables without which the order does not tell all rows apart."""
        named = {key.variable for key in self.keys}
        if self.groups is not None and named.issuperset(self.groups):
            return []
        return [variable for variable in self.shown if variable not in named]


def determined(text: str, tokens: Sequence[Token]) -> tuple[list[Token], bool]:
    """The tokens with each order completed that decides something, and whether the rows of the answer have an order.

    An order is completed by the text, datatype and language of all that a row shows, so that only equal rows are equal in it;
    numbers come behind other literals, with which the engine compares them by their text. The brackets of the text match.
    Raises Undetermined at the first word that leaves the answer open, and BadQuery at one that is unknown.
    """
    _require_closed(text, tokens)
    read = Text(tokens, brackets(tokens))
    before: dict[int, list[Token]] = defaultdict(list)
    ordered = False
    for at, outermost in _heads(tokens):
        part = _part(read, at)
        if part.slice_at is not None and part.missing:
            raise _unsliced(text, tokens[part.slice_at], part)
        is_select = outermost and tokens[at].word == "SELECT"
        if part.end is not None and (is_select or part.slice_at is not None):
            ordered = ordered or is_select
            _complete(tokens, part, before)
    for at in read.words(*_ADDING):
        _watch(read, at, before)
    return _with(tokens, before), ordered


def undetermined(text: str) -> str:
    """What in a query that the engine can read leaves its answer open, and what to write instead; "" where nothing does."""
    try:
        determined(text, list(tokenise(text)))
    except (BadQuery, Undetermined) as error:
        return error.detail
    return ""


def comparable(tokens: Sequence[Token]) -> Sequence[Token]:
    """The tokens with numbers apart from all else in each order by a variable, which SPARQL leaves open (section 15.1).

    The engine compares a number with other literals by its text, with numbers by its value; on the circles that come of it
    (2 < 10 < "10a" < 2) its sort ends the process. The brackets of the text match.
    """
    if not any(token.word == "ORDER" for token in tokens):
        return tokens
    read = Text(tokens, brackets(tokens))
    before: dict[int, list[Token]] = defaultdict(list)
    for at, _ in _heads(tokens):
        _set_apart(tokens, _part(read, at), before)
    return _with(tokens, before)


def _with(tokens: Sequence[Token], before: Mapping[int, list[Token]]) -> list[Token]:
    """The tokens with others before those at some indexes."""
    return [each for at in range(len(tokens) + 1) for each in (*before.get(at, ()), *tokens[at:at + 1])]


def _require_closed(text: str, tokens: Sequence[Token]) -> None:
    """Raises Undetermined for a word that leaves the answer open, BadQuery for an unknown one: two in one may hide such."""
    for token in tokens:
        if token.word in _OPEN:
            does, instead = _OPEN[token.word]
            raise _undetermined(text, token, f"{token.word} {does}", instead)
        if token.kind == WORD and token.word not in _KNOWN:
            raise refusal(text, token.start, f"{token.text[:40]!r} is no word of SPARQL 1.1",
                          "Look at its spelling, and write a blank behind each word: LIMIT 10.")


def _unsliced(text: str, token: Token, part: _Part) -> Undetermined:
    missing = " ".join(f"?{name}" for name in part.missing[:_MOST_NAMED])
    return _undetermined(text, token, f"{token.word} takes some of the rows, and their order leaves open which",
                         f"Write ORDER BY before it, with all that a row shows; it lacks: {missing}.")


def _undetermined(text: str, token: Token, said: str, advice: str) -> Undetermined:
    told = refusal(text, token.start, said, advice)
    return Undetermined(told.detail, told.line, told.column, advice=advice)


def _heads(tokens: Sequence[Token]) -> Iterator[tuple[int, bool]]:
    """The indexes of the words with which what has rows begins, and whether it is the query itself.

    A sub-SELECT stands behind a brace (SPARQL 1.1 Query, 19.8, rule 54); what does not is no query.
    """
    first = next((at for at, token in enumerate(tokens) if token.word in FORMS), len(tokens))
    for at in range(first, len(tokens)):
        word = tokens[at].word
        if word in _WITH_SHOWN and at == first or word == "SELECT" and tokens[at - 1].text == "{":
            yield at, at == first


def _part(read: Text, at: int) -> _Part:
    """The part that begins with a word of its form."""
    tokens = read.tokens
    braces = [i for i in _level(read, at + 1) if tokens[i].text == "{"][:2]
    head = range(at + 1, braces[0] if braces else len(tokens))
    template = len(braces) == 2 and tokens[at].word == "CONSTRUCT" and braces[0] == at + 1
    pattern = braces[-1] if template else head.stop
    behind = read.closing.get(pattern, at)
    rest = list(_level(read, behind + 1))
    clauses = {tokens[i].word: i for i in reversed(rest) if tokens[i].word in MODIFIERS}
    ends = [*sorted(clauses.values()), read.closing.get(rest[-1], rest[-1]) + 1 if rest else behind + 1]
    spans = {word: range(start + 2, next(end for end in ends if end > start)) for word, start in clauses.items()}
    if tokens[at].word == "CONSTRUCT" and braces:
        shown = _variables(tokens[braces[0]:read.closing[braces[0]]])
    else:
        shown = _columns(read, head, tokens[pattern:behind])
    return _Part(shown, _groups(tokens, spans.get("GROUP")), tuple(_keys(read, spans.get("ORDER", range(0)))),
                 spans["ORDER"].stop if "ORDER" in spans else None,
                 min((clauses[word] for word in _SLICES if word in clauses), default=None))


def _level(read: Text, begin: int) -> Iterator[int]:
    """The indexes from one on that stand in no bracket opened there, up to the bracket that closes around them."""
    for at in read.top(begin, len(read.tokens)):
        if read.tokens[at].text == "}":
            return
        yield at


def _columns(read: Text, head: range, pattern: Sequence[Token]) -> tuple[str, ...]:
    """The variables of a SELECT or DESCRIBE clause; for * all in the pattern, of which some may not be shown."""
    found = []
    for at in read.top(head.start, head.stop):
        token, last = read.tokens[at], read.tokens[read.closing.get(at, at) - 1]
        if token.text == "*":
            return _variables(pattern)
        found += [each.text[1:] for each in (token, last if token.text == "(" else token) if each.kind == VARIABLE]
    return tuple(dict.fromkeys(found))


def _variables(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.text[1:] for token in tokens if token.kind == VARIABLE))


def _groups(tokens: Sequence[Token], span: range | None) -> tuple[str, ...] | None:
    keys = [tokens[at] for at in span or ()]
    return _variables(keys) if keys and all(key.kind == VARIABLE for key in keys) else None


def _keys(read: Text, span: range) -> Iterator[_Key]:
    """The keys of an ORDER BY that are variables: ?x, (?x), ASC(?x), DESC(?x)."""
    tokens = read.tokens
    for at in read.top(span.start, span.stop):
        opened = at + (tokens[at].word in _DIRECTIONS)
        if tokens[at].kind == VARIABLE:
            yield _Key(at, "ASC", tokens[at].text[1:])
        elif (read.closing.get(opened) == opened + 2 and tokens[opened + 1].kind == VARIABLE
                and (opened > at or at == span.start or tokens[at - 1].kind not in _FUNCTION_NAMES)):
            yield _Key(at, tokens[at].word or "ASC", tokens[opened + 1].text[1:])


def _complete(tokens: Sequence[Token], part: _Part, before: Mapping[int, list[Token]]) -> None:
    """Adds to an order what tells all rows apart. What is no order stays one that the engine refuses."""
    last = tokens[part.end - 1]
    if last.kind != VARIABLE and last.text not in _ENDS_OF_KEYS:
        return
    for key in part.keys:
        before[key.at] += _written(f"{key.direction}(isNUMERIC(?{key.variable}))", tokens[key.at].start)
    for name in dict.fromkeys((*(key.variable for key in part.keys), *part.shown, *(part.groups or ()))):
        before[part.end] += _written(f"(STR(?{name}))(DATATYPE(?{name}))(LANG(?{name}))", last.end)


def _set_apart(tokens: Sequence[Token], part: _Part, before: Mapping[int, list[Token]]) -> None:
    """Adds to an order that numbers come behind all else."""
    for key in part.keys:
        before[key.at] += _written(f"{key.direction}(isNUMERIC(?{key.variable}))", tokens[key.at].start)


def _watch(read: Text, at: int, before: Mapping[int, list[Token]]) -> None:
    """Leads what an aggregate adds through our own function."""
    closing = read.closing.get(at + 1)
    if closing is not None:
        first = at + 2 + (read.tokens[at + 2].word == "DISTINCT")
        # In brackets of its own, for it must be one value.
        before[first] += _written(f"<{EXACT}>((", read.tokens[first].start)
        before[closing] += _written("))", read.tokens[closing].start)


def _written(spelled: str, place: int) -> Iterator[Token]:
    """Tokens that stand at a place of the text where nothing stands."""
    return (token._replace(start=place, end=place) for token in tokenise(spelled))
