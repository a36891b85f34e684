"""Counts of a release's default graph. A release never changes, so that they are exact for as long as it is served."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files

from pyoxigraph import NamedNode, QuerySolution, Store, Variable

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
# The objects of a predicate are counted one by one where there are no more than this, of rdf:type where no more than that.
FEW_VALUES, FEW_CLASSES = 100, 1_000


@dataclass(frozen=True)
class Predicate:
    """How often a predicate is used, its distinct subjects and objects; of both, how many are instances of which class.

    `values` are its objects with their counts, as N-Triples has them; it is empty where they are too many to be listed.
    """

    triples: int
    subjects: int
    objects: int
    subject_classes: Mapping[str, int]
    object_classes: Mapping[str, int]
    values: Mapping[str, int]


@dataclass(frozen=True)
class Statistics:
    """All triples, and the predicates by their IRIs as N-Triples has them, in angle brackets."""

    triples: int
    predicates: Mapping[str, Predicate]


    def to_json(self) -> bytes:
        """The counts as they stand in a release: equal counts, equal bytes."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def from_json(text: bytes) -> Statistics:
    """The counts that `to_json` has written. Raises ValueError, LookupError or TypeError for anything else."""
    told = json.loads(text)
    return Statistics(told["triples"], {name: Predicate(**row) for name, row in told["predicates"].items()})


def count(store: Store) -> Statistics:
    """Counts the default graph of a store: about 1.3 s for a million triples in memory, 2.5 s on disk."""
    subject_classes, object_classes = _classes(store, "subject-classes"), _classes(store, "object-classes")
    predicates = {}
    for row in _rows(store, "predicates"):
        name, objects = str(row["predicate"]), _number(row, "objects")
        few = objects <= (FEW_CLASSES if name == RDF_TYPE else FEW_VALUES)
        predicates[name] = Predicate(
            _number(row, "triples"), _number(row, "subjects"), objects, subject_classes[name], object_classes[name],
            _values(store, row["predicate"]) if few else {})
    return Statistics(sum(predicate.triples for predicate in predicates.values()), predicates)


def _classes(store: Store, name: str) -> Mapping[str, Mapping[str, int]]:
    classes: dict[str, dict[str, int]] = defaultdict(dict)
    for row in _rows(store, name):
        classes[str(row["predicate"])][str(row["class"])] = _number(row, "count")
    return classes


def _values(store: Store, predicate: NamedNode) -> Mapping[str, int]:
    rows = _rows(store, "values", {Variable("predicate"): predicate})
    return {str(row["object"]): _number(row, "count") for row in rows}


def _rows(store: Store, name: str, bound: Mapping[Variable, NamedNode] | None = None) -> Iterator[QuerySolution]:
    text = files(__name__).joinpath(name + ".rq").read_text(encoding="utf-8")
    return iter(store.query(text, substitutions=bound))


def _number(row: QuerySolution, name: str) -> int:
    return int(row[name].value)
