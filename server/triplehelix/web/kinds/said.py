"""What a document says of each of the things it holds, and how often the release uses a term: what several kinds of page need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from triplehelix.description.published import Published
from triplehelix.description.vocabulary import FIRST, NIL, REST, TYPE
from triplehelix.store import Statement

if TYPE_CHECKING:
    from triplehelix.engine.statistics import Predicate

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal


@dataclass(frozen=True)
class Said:
    """The statements of one subject."""

    subject: Node
    statements: tuple[Statement, ...]

    def values(self, *predicates: NamedNode) -> list[Term]:
        """The objects of some predicates, in the order of these."""
        return [s.triple.object for predicate in predicates for s in self.statements if s.triple.predicate == predicate]

    def text(self, *predicates: NamedNode) -> str:
        """The text of the first literal of some predicates, "" where there is none."""
        return next((value.value for value in self.values(*predicates) if isinstance(value, Literal)), "")

    def but(self, predicates: Collection[NamedNode]) -> list[Statement]:
        """The statements with other predicates."""
        return [s for s in self.statements if s.triple.predicate not in predicates]


def by_subject(statements: Iterable[Statement]) -> dict[Node, Said]:
    """Statements by their subjects, in the order in which these come."""
    found: dict[Node, list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.triple.subject, []).append(statement)
    return {subject: Said(subject, tuple(said)) for subject, said in found.items()}


@dataclass(frozen=True)
class Book:
    """The statements of a release by subject, looked up where a document does not hold them."""

    release: Published
    held: dict[Node, Said]

    def __getitem__(self, subject: Node) -> Said:
        if subject not in self.held:
            self.held[subject] = Said(subject, tuple(self.release.reading.about(subject)))
        return self.held[subject]

    def members(self, head: Term) -> Iterator[Term]:
        """The members of a collection of RDF; one that bites its tail is read once."""
        passed: set[Term] = set()
        while head != NIL and head not in passed and not isinstance(head, Literal):
            passed.add(head)
            yield from self[head].values(FIRST)
            head = next(iter(self[head].values(REST)), NIL)

    def stated(self, value: NamedNode, *predicates: NamedNode) -> list[NamedNode]:
        """What points to a value by some predicates where somebody says so, each once."""
        found = (s for predicate in predicates for s in self.release.reading.pointing(value, predicate)
                 if not self.release.is_inferred(s.graphs))
        return list(dict.fromkeys(s.triple.subject for s in found if isinstance(s.triple.subject, NamedNode)))


@dataclass(frozen=True)
class Usage:
    """How often the default graph of a release uses a class or a property, as `build` has counted it."""

    release: Published

    def __bool__(self) -> bool:
        """Whether anything was counted."""
        return self.release.engine_dataset.statistics is not None

    def of(self, predicate: NamedNode) -> Predicate | None:
        """How a property is used; None where it is not, or nothing was counted."""
        counts = self.release.engine_dataset.statistics
        return counts.predicates.get(str(predicate)) if counts else None

    def things(self, kind: NamedNode) -> int:
        """How many things of a class there are."""
        types = self.of(TYPE)
        return types.values.get(str(kind), 0) if types else 0
