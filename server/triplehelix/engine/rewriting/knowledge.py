"""What rewriting knows beside the query: which IRI a name stands for, and the counts of the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from triplehelix.engine.algebra import Path, Term, Triple, is_variable
from triplehelix.engine.prologue import resolve
from triplehelix.engine.reader import OWN
from triplehelix.engine.statistics import RDF_TYPE, Predicate, Statistics
from triplehelix.engine.tokens import IRI, PNAME, Token

# What the engine itself takes for the number of matches, by which of subject, predicate and object it knows.
GUESSES = {"spo": 1, "sp": 10, "so": 2, "po": 1_000, "s": 100, "": 1_000_000_000, "p": 1_000_000, "o": 10_000}
# How many steps a closure goes on average, where only counting could tell.
_STEPS = 4
# The matches of what was not counted: most probably there is none.
_ABSENT = 0.1


@dataclass
class Knowledge:
    """Judges terms and patterns of one query. `fresh` is the number of variables of our own so far; none where
    `shows_all`: such a variable would show."""

    base_iri: str
    prefixes: Mapping[str, str]
    statistics: Statistics | None
    shows_all: bool
    fresh: int
    _names: dict[Term, str] = field(default_factory=dict)

    def own_variable(self) -> Term:
        self.fresh += 1
        return f"{OWN}{self.fresh - 1}"

    def name(self, term: Term) -> str:
        """A term as N-Triples has it; "" where it is a variable, or a literal with more than its text."""
        if term not in self._names:
            self._names[term] = self._named(term)
        return self._names[term]

    def _named(self, term: Term) -> str:
        if term == "a":
            return RDF_TYPE
        if term[0] in "\"'":
            quoted = term[1:-1]
            plain = term[-1] == term[0] and "\\" not in term and term[0] not in quoted and '"' not in quoted
            return f'"{quoted}"' if plain and "\n" not in quoted and "\r" not in quoted else ""
        if term[0] == "<":
            return f"<{resolve(Token(IRI, term, 0, 0), self.base_iri, {})}>"
        if term[0] in "?+-.0123456789" or ":" not in term:
            return ""
        return f"<{resolve(Token(PNAME, term, 0, 0), '', self.prefixes)}>"

    def predicate(self, path: Path | Term) -> Predicate | None:
        """The counts of a predicate; None where the path is another, or the predicate was not counted.

        One that the release has not is left to the engine: nothing rests on how we read a name that leads nowhere.
        """
        if self.statistics is None or isinstance(path, Path) or is_variable(path):
            return None
        return self.statistics.predicates.get(self.name(path))

    def matches(self, triple: Triple, bound: frozenset[Term]) -> float:
        """About how many matches a pattern has for one solution that binds these variables."""
        start = triple.subject if not is_variable(triple.subject) else triple.subject in bound
        end = triple.object if not is_variable(triple.object) else triple.object in bound
        if is_variable(triple.path):
            return self._along_any(triple.path in bound, bool(start), bool(end))
        return self._along(triple.path, start, end)

    def _along_any(self, known: bool, start: bool, end: bool) -> float:
        """Along a predicate that is a variable, or that no path names; `known` tells whether it has a value by then."""
        guess = GUESSES[("s" if start else "") + ("p" if known else "") + ("o" if end else "")]
        if self.statistics is None or start or end:
            return guess
        return self.statistics.triples / (max(len(self.statistics.predicates), 1) if known else 1)

    def _along(self, path: Path | Term, start: Term | bool, end: Term | bool) -> float:
        """From where to where a path leads: a term, or whether a variable there is bound."""
        if not isinstance(path, Path):
            return self._direct(path, start, end)
        if path.operator == "^":
            return self._along(path.parts[0], end, start)
        if path.operator == "|":
            return sum(self._along(part, start, end) for part in path.parts)
        if path.operator == "/":
            return self._sequence(path.parts, start, end)
        if path.operator == "!":
            return self._along_any(False, bool(start), bool(end))
        return self._closure(path, start, end)

    def _sequence(self, parts: tuple[Path | Term, ...], start: Term | bool, end: Term | bool) -> float:
        count = 1.0
        steps = parts if start or not end else [Path("^", (part,)) for part in reversed(parts)]
        known = start or end
        for part in steps:
            count, known = count * self._along(part, known, False), True
        return min(count, 1.0) if start and end else count

    def _closure(self, path: Path, start: Term | bool, end: Term | bool) -> float:
        if start and end:
            return 0.5
        one = self._along(path.parts[0], bool(start), bool(end))
        if path.operator == "?":
            return 1 + one if start or end else self._everything() + one
        if not (start or end):
            return one * _STEPS + (self._everything() if path.operator == "*" else 0)
        return 1 + sum(one ** step for step in range(1, _STEPS))

    def _everything(self) -> float:
        return self.statistics.triples if self.statistics else GUESSES[""]

    def _direct(self, path: Term, start: Term | bool, end: Term | bool) -> float:
        counts = self.predicate(path)
        if counts is None:
            return _ABSENT if self.statistics else self._along_any(True, bool(start), bool(end))
        of_object = counts.triples / counts.objects
        if isinstance(end, str) and counts.values:
            of_object = counts.values.get(self.name(end), _ABSENT if self.name(end) else of_object)
        if start and end:
            return min(1.0, of_object / counts.subjects)
        if start:
            return counts.triples / counts.subjects
        return of_object if end else counts.triples


def expanded(triple: Triple, knowledge: Knowledge) -> Iterator[Triple]:
    """A path pattern as the patterns it stands for (SPARQL 1.1 Query, 18.2.2.4): ^p turned round, p/q joined by a variable
    of our own. The engine does the same, so that nothing but the join order is changed by it."""
    path = triple.path
    if isinstance(path, Path) and path.operator == "^":
        yield from expanded(Triple(triple.object, path.parts[0], triple.subject), knowledge)
    elif isinstance(path, Path) and path.operator == "/" and not knowledge.shows_all:
        node = triple.subject
        for part in path.parts[:-1]:
            after = knowledge.own_variable()
            yield from expanded(Triple(node, part, after), knowledge)
            node = after
        yield from expanded(Triple(node, path.parts[-1], triple.object), knowledge)
    else:
        yield triple
