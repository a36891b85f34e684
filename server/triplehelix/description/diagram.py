"""What the diagram of an ontology shows: the classes it defines, as boxes with what is said of them, those of others that its
properties link with them, and the links. An ontology that gathers others shows these and which of them needs which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import NamedNode

from triplehelix.description.published import Published
from triplehelix.description.vocabulary import IMPORTS, IS_DEFINED_BY, OWL, RDFS, TYPE

CLASSES = frozenset((NamedNode(OWL + "Class"), NamedNode(RDFS + "Class")))
PROPERTIES = frozenset(NamedNode(OWL + name) for name in ("ObjectProperty", "DatatypeProperty"))
SUBCLASS = NamedNode(RDFS + "subClassOf")
# schema.org says which classes a property is meant for, and concludes nothing from it.
DOMAIN, RANGE = ((NamedNode(RDFS + name), *(NamedNode(f"{scheme}://schema.org/{name}Includes") for scheme in ("http", "https")))
                 for name in ("domain", "range"))
# A property that is meant for more classes than this links nothing in particular.
FEW = 4
FOLDER = "diagrams/"


def file_of(local: str) -> str:
    """The file of a release with the diagram of an ontology."""
    return f"{FOLDER}{local}.svg"


@dataclass(frozen=True)
class Row:
    """What is said of a class: the name of a property, the names of what it leads to, and the boxes it leads to."""

    text: str
    value: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Box:
    """A class, or an ontology: its IRI and name, the boxes it is a kind of or needs, whether it is one of the ontology's own."""

    iri: str
    title: str
    above: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    own: bool = True


class Diagram:
    """The boxes of one ontology; none where it defines no class and gathers no ontology that does."""

    def __init__(self, release: Published, ontology: NamedNode) -> None:
        self.release, self.ontology = release, ontology

    @cached_property
    def boxes(self) -> list[Box]:
        """In the order of their names."""
        found = [self._box(node, self._rows(node), own=True) for node in self._own]
        found += [self._box(node, rows, own=False) for node, rows in self._linked()]
        return sorted(found or self._modules(), key=lambda box: (box.title.casefold(), box.iri))

    @cached_property
    def _own(self) -> list[NamedNode]:
        """The classes that the ontology defines."""
        return [node for node in self._defined_by(self.ontology) if self._is(node, CLASSES)]

    def _defined_by(self, ontology: NamedNode) -> list[NamedNode]:
        return self._stated(ontology, (IS_DEFINED_BY,))

    def _stated(self, value: NamedNode, predicates: Iterable[NamedNode]) -> list[NamedNode]:
        """What points to a value and nobody merely concludes."""
        return list(dict.fromkeys(
            s.triple.subject for predicate in predicates for s in self.release.reading.pointing(value, predicate)
            if not self.release.is_inferred(s.graphs) and isinstance(s.triple.subject, NamedNode)))

    def _values(self, subject: NamedNode, predicates: Iterable[NamedNode]) -> list[NamedNode]:
        """What a subject is said to have by some predicates, and not merely concluded."""
        return [s.triple.object for s in self.release.reading.about(subject) if s.triple.predicate in predicates
                and isinstance(s.triple.object, NamedNode) and not self.release.is_inferred(s.graphs)]

    def _is(self, node: NamedNode, kinds: frozenset[NamedNode]) -> bool:
        return not kinds.isdisjoint(self._values(node, (TYPE,)))

    def _box(self, node: NamedNode, rows: tuple[Row, ...], own: bool) -> Box:
        above = tuple(kind.value for kind in self._values(node, (SUBCLASS,)))
        return Box(node.value, self._name(node), above, rows, own)

    def _rows(self, node: NamedNode) -> tuple[Row, ...]:
        """All that is meant to be said of a class."""
        return self._told(each for each in self._stated(node, DOMAIN) if self._is(each, PROPERTIES))

    def _linked(self) -> Iterator[tuple[NamedNode, tuple[Row, ...]]]:
        """Classes of others with the properties of this ontology that lead from them to its own classes."""
        leading = (each for node in self._own for each in self._stated(node, RANGE) if self._few(self._values(each, RANGE)))
        found: dict[NamedNode, list[NamedNode]] = {}
        for each in dict.fromkeys(leading):
            if self.ontology in self._values(each, (IS_DEFINED_BY,)):
                for node in self._few(self._values(each, DOMAIN)):
                    found.setdefault(node, []).append(each)
        return ((node, self._told(found[node])) for node in found if node not in self._own)

    def _told(self, properties: Iterable[NamedNode]) -> tuple[Row, ...]:
        rows = [Row(self._name(each), ", ".join(map(self._name, ranges)), tuple(node.value for node in self._few(ranges)))
                for each in properties for ranges in [self._values(each, RANGE)]]
        return tuple(sorted(rows, key=lambda row: row.text.casefold()))

    def _few(self, nodes: list[NamedNode]) -> list[NamedNode]:
        """The nodes; none where they are many."""
        return nodes if len(nodes) <= FEW else []

    def _modules(self) -> list[Box]:
        """The ontologies gathered here that define classes, and which of them import each other."""
        gathered = self._values(self.ontology, (IMPORTS,))
        classes = {node: [each for each in self._defined_by(node) if self._is(each, CLASSES)] for node in gathered}
        return [Box(node.value, self._name(node), tuple(each.value for each in self._values(node, (IMPORTS,))),
                    tuple(sorted((Row(self._name(each), "") for each in classes[node]), key=lambda row: row.text.casefold())))
                for node in gathered if classes[node]]

    def _name(self, node: NamedNode) -> str:
        return self.release.name(node) or node.value.rpartition("#")[2].rpartition("/")[2]
