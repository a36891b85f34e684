"""What the project knows already, for importers to link to: codes of schemes with their successors, and identifiers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import NamedNode

from triplehelix import sources
from triplehelix.project import Project

SKOS = "http://www.w3.org/2004/02/skos/core#"
XKOS = "http://rdf-vocabulary.ddialliance.org/xkos#"
ADMS = "http://www.w3.org/ns/adms#"
NOTATION, IN_SCHEME = SKOS + "notation", SKOS + "inScheme"
FROM_CODE, TO_CODE = XKOS + "sourceConcept", XKOS + "targetConcept"
IDENTIFIER = ADMS + "identifier"


@dataclass(frozen=True)
class Lookups:
    """Look-ups in the project's own graphs, read when first asked for."""

    project: Project
    without: frozenset[str] = field(default_factory=frozenset)

    def code(self, scheme: str, code: str) -> NamedNode | None:
        """The concept of that code in the scheme (its name below scheme/), or None."""
        return self._codes.get((f"{self.project.base}scheme/{scheme}", code))

    def successors(self, scheme: str, code: str) -> list[str]:
        """The codes that replace a code of the scheme in a later vintage, where the data say so."""
        concept = self.code(scheme, code)
        return sorted(self._notations.get(target, target.value) for target in self._replaced.get(concept, ())) if concept else []

    def identified(self, scheme: str, notation: str) -> NamedNode | None:
        """The body that has the identifier (scheme: code of scheme/identifier-scheme), or None."""
        return self._identified.get((f"{self.project.base}scheme/identifier-scheme/{scheme}", notation))

    @cached_property
    def _rows(self) -> dict[str, list[tuple]]:
        """(subject, object) of each predicate that a look-up reads, from data and schemes."""
        rows: dict[str, list[tuple]] = {p: [] for p in (NOTATION, IN_SCHEME, FROM_CODE, TO_CODE, IDENTIFIER, self._scheme_of)}
        wanted = [s for s in self.project.sources if s.part == "dataset" and s.name not in self.without]
        for graph in sources.read(self.project, wanted):
            for triple in graph.triples:
                if triple.predicate.value in rows:
                    rows[triple.predicate.value].append((triple.subject, triple.object))
        return rows

    @property
    def _scheme_of(self) -> str:
        return f"{self.project.base}ns#identifierScheme"

    @cached_property
    def _notations(self) -> dict[NamedNode, str]:
        return {subject: value.value for subject, value in self._rows[NOTATION]}

    @cached_property
    def _codes(self) -> dict[tuple[str, str], NamedNode]:
        return {(scheme.value, self._notations[concept]): concept for concept, scheme in self._rows[IN_SCHEME]
                if concept in self._notations}

    @cached_property
    def _replaced(self) -> dict[NamedNode, set[NamedNode]]:
        """Concept to its replacements, through the code changes that name both."""
        targets = _grouped(self._rows[TO_CODE])
        found: dict[NamedNode, set[NamedNode]] = {}
        for change, concept in self._rows[FROM_CODE]:
            found.setdefault(concept, set()).update(targets.get(change, ()))
        return found

    @cached_property
    def _identified(self) -> dict[tuple[str, str], NamedNode]:
        schemes = dict(self._rows[self._scheme_of])
        return {(schemes[identifier].value, self._notations[identifier]): body for body, identifier in self._rows[IDENTIFIER]
                if identifier in schemes and identifier in self._notations}


def _grouped(pairs: Iterable[tuple]) -> dict[NamedNode, set[NamedNode]]:
    found: dict[NamedNode, set[NamedNode]] = {}
    for key, value in pairs:
        found.setdefault(key, set()).add(value)
    return found
