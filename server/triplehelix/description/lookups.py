"""Look-ups that documents need: the names of a thing, and what points to it, a page at a time, however much there is.

What points to a thing is ordered by predicate, and within one as the store's own index has it, which depends on the terms
alone: the order is the same in every release, and a page is found without sorting what stands before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from triplehelix.store import Reading, Statement, statements

LANGUAGE = "en"


def text(terms: Sequence[object]) -> str:
    """The literal among them in English, else without a language, else the first; "" where there is none."""
    literals = [term for term in terms if isinstance(term, Literal)]
    best = min(literals, key=lambda term: (term.language != LANGUAGE, term.language is not None), default=None)
    return best.value if best else ""


class Lookups(Reading):
    """Further look-ups in a store that is open already."""

    def __init__(self, reading: Reading):
        self._store = reading._store

    def saying(self, subject: NamedNode, predicates: Iterable[NamedNode]) -> list[Statement]:
        """The statements with that subject and these predicates, in the order of the predicates: the others are not read."""
        return [statement for predicate in predicates
                for statement in statements(self._store.quads_for_pattern(subject, predicate, None, None))]


class Pointing(Lookups):
    """The statements with one object. `merged`: those of the default graph alone, else those of any graph."""

    def __init__(self, reading: Reading, value: NamedNode, merged: bool):
        super().__init__(reading)
        self._value = value
        self._where = DefaultGraph() if merged else None

    def counts(self) -> dict[NamedNode, int]:
        """How many there are by predicate, sorted; reads them all."""
        found = Counter(triple.predicate for triple in self._triples(None))
        return {predicate: found[predicate] for predicate in sorted(found, key=str)}

    def subjects(self, predicate: NamedNode) -> list[NamedNode]:
        """The IRIs that point here by one predicate, sorted; reads them all."""
        return sorted({t.subject for t in self._triples(predicate) if isinstance(t.subject, NamedNode)}, key=str)

    def page(self, counts: dict[NamedNode, int], start: int, size: int) -> list[Statement]:
        """At most `size` statements from the place `start`, in the order of `counts`."""
        if sum(counts.values()) <= size:
            return self._whole(counts) if not start else []
        found: list[Triple] = []
        for predicate, count in counts.items():
            if start < count:
                found.extend(islice(self._triples(predicate), start, start + size - len(found)))
            if len(found) == size:
                break
            start = max(0, start - count)
        return [statement for triple in found for statement in statements(self._store.quads_for_pattern(*triple, None))]

    def _whole(self, predicates: Iterable[NamedNode]) -> list[Statement]:
        """All statements with these predicates, which are few: read with their graphs at once, instead of one after the other."""
        found = (statements(self._store.quads_for_pattern(None, predicate, self._value, None)) for predicate in predicates)
        return [statement for alike in found for statement in alike if statement.merged or not self._where]

    def _triples(self, predicate: NamedNode | None) -> Iterator[Triple]:
        """The distinct triples, as the index has them. Of any graph they are read whole: what stands apart is small."""
        triples = (q.triple for q in self._store.quads_for_pattern(None, predicate, self._value, self._where))
        return triples if self._where else iter(dict.fromkeys(triples))
