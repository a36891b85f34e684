"""The page of a code list: its concepts as a tree, as deep as a page can hold, and a large one in the order of its codes too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from pyoxigraph import Literal, NamedNode

from triplehelix.description.lookups import Pointing
from triplehelix.description.vocabulary import DEFINITION, IN_SCHEME, NAMES, NOTATION, SKOS, SUMMARIES
from triplehelix.web.kinds.said import Said, by_subject
from triplehelix.web.view import Row, Shown, View, preferred

BROADER, HAS_TOP = NamedNode(SKOS + "broader"), NamedNode(SKOS + "hasTopConcept")
# So many concepts and levels a tree shows at most: what goes beyond is counted in its place. Of a list of more than MOST_WALKED
# there is none: to find what stands where in it takes a second.
MOST_SHOWN, LEVELS, MOST_WALKED = 300, 12, 20_000

Children = dict[NamedNode | None, list[NamedNode]]


@dataclass(frozen=True)
class Concept:
    """A concept: its name, code and definition, and how many things name it by one relation at least.

    In a tree, `below` are the concepts that stand below it on this page, `further` counts those that do not.
    """

    name: Shown
    code: str
    definition: Shown | None
    uses: int
    below: tuple[Concept, ...] = ()
    further: int = 0


class SchemePage:
    """What the page of a concept scheme shows."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What is said of the scheme and does not stand elsewhere on the page."""
        said = Said(self.view.told.topic, tuple(self.view.told.statements))
        return self.view.table(said.but((*NAMES, *SUMMARIES, HAS_TOP)))

    @cached_property
    def has_codes(self) -> bool:
        """Whether a concept on this page has a code."""
        return any(s.triple.predicate == NOTATION for s in self.view.told.parts)

    @cached_property
    def tree(self) -> tuple[Concept, ...]:
        """The tree from its top, with as many levels as fit; none on other pages than the first, and none that is all top."""
        if self.view.told.page > 1:
            return ()
        return self._in_order(self._children[None], set()) if self._shown else ()

    @cached_property
    def is_whole(self) -> bool:
        """Whether the tree shows every concept, so that no list is needed besides."""
        return self.view.told.pages == 1 and len(self._shown) == self.view.told.total

    @cached_property
    def listed(self) -> list[Concept]:
        """The concepts of this page of the list, in the order of their addresses, which codes make."""
        return [self._told(node) for node in by_subject(self.view.told.parts) if isinstance(node, NamedNode)]

    @cached_property
    def _children(self) -> Children:
        """The concepts of the scheme by the one they stand below; at the top by None."""
        pointing = Pointing(self.view.release.reading, self.view.told.topic, merged=not self.view.told.apart)
        found: Children = {None: []}
        known = set(concepts := pointing.subjects(IN_SCHEME))
        for concept in concepts:
            broader = known.intersection(self._values(concept, BROADER))
            for above in sorted(broader, key=str) or (None,):
                found.setdefault(above, []).append(concept)
        return found

    @cached_property
    def _shown(self) -> set[NamedNode]:
        """The concepts of the levels, from the top, that fit on a page together."""
        shown: set[NamedNode] = set()
        level = set(self._children[None]) if self.view.told.total <= MOST_WALKED else set()
        for _level in range(LEVELS):
            if len(shown) + len(level) <= MOST_SHOWN:
                shown |= level
                level = self._below(level) - shown
        return shown

    def _below(self, level: Iterable[NamedNode]) -> set[NamedNode]:
        """What stands right below some concepts."""
        return set(chain.from_iterable(self._children.get(above, ()) for above in level))

    def _in_order(self, nodes: Iterable[NamedNode], opened: set[NamedNode]) -> tuple[Concept, ...]:
        """Concepts with what stands below them, by code and name. One that stands in several places is opened in the first."""
        told = [(node, self._told(node)) for node in nodes]
        told.sort(key=lambda row: (row[1].code, row[1].name.text.casefold()))
        return tuple(self._with_below(node, concept, opened) for node, concept in told)

    def _with_below(self, node: NamedNode, concept: Concept, opened: set[NamedNode]) -> Concept:
        below = self._children.get(node, [])
        if not below or node in opened:
            return concept
        if not self._shown.issuperset(below):
            return replace(concept, further=len(self._all_below(node)))
        opened.add(node)
        return replace(concept, below=self._in_order(below, opened))

    def _told(self, node: NamedNode) -> Concept:
        best = preferred([value for value in self._values(node, DEFINITION) if isinstance(value, Literal)],
                         self.view.language)
        return Concept(self.view.name(node), next((code.value for code in self._values(node, NOTATION)), ""),
                       self.view.literal(best) if best else None, self._uses(node))

    def _all_below(self, node: NamedNode) -> set[NamedNode]:
        """Everything below a concept, in this scheme."""
        found: set[NamedNode] = set()
        level = self._below([node])
        while level:
            found |= level
            level = self._below(level) - found
        return found

    def _uses(self, node: NamedNode) -> int:
        """How many things name a concept by the relation by which most do; by those of SKOS concepts name each other."""
        pointing = self.view.release.resources.inverse(self.view.links.local(node.value) or node.value)
        return max((count for predicate, count in pointing.items() if not predicate.startswith(SKOS)), default=0)

    def _values(self, node: NamedNode, predicate: NamedNode) -> list:
        return self.view.release.reading.values(node, predicate)
