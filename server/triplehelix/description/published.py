"""One sealed release, opened for reading: what documents and pages are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache, partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from triplehelix import queries, releases
from triplehelix.description.lookups import Lookups, text
from triplehelix.description.shapes import Group, layout
from triplehelix.description.vocabulary import LICENSE, NAMES, TITLE
from triplehelix.engine.model import Dataset
from triplehelix.formats import by_name, parse
from triplehelix.representations import Representations
from triplehelix.resources import Resources
from triplehelix.search import Search
from triplehelix.store import Reading, Statement
from triplehelix.views import Views

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from triplehelix.releases import Manifest

# What many documents speak of is looked up once: so many things, of about a kilobyte each.
THINGS_KEPT = 20_000
# Layouts, one for each set of classes that things have.
CLASSES_KEPT = 1_000


class Published:
    """One sealed release, opened for reading; `manifest` is given where it is not in the folder yet.

    Another process that is given one opens it anew. Raises Faulty where it is damaged.
    """

    def __init__(self, folder: Path, manifest: Manifest | None = None):
        self.folder = folder
        self.manifest = manifest or releases.read_manifest(folder)
        try:
            self.reading = Reading(folder / "store")
        except OSError as error:
            raise releases.fault(folder / "store", f"cannot be opened: {error}") from error

    def __reduce__(self) -> tuple[type[Published], tuple[Path, Manifest]]:
        return Published, (self.folder, self.manifest)

    @property
    def base(self) -> str:
        return self.manifest.base

    @property
    def dataset(self) -> NamedNode:
        """The dataset's own IRI."""
        return NamedNode(self.base + "dataset")

    @property
    def vocabulary(self) -> str:
        """The namespace of the release's own terms."""
        return self.base + "ns#"

    @cached_property
    def resources(self) -> Resources:
        """What is known of each IRI of ours."""
        return Resources(self.folder)

    @cached_property
    def representations(self) -> Representations:
        """The documents that are made already."""
        return Representations(self.folder)

    @cached_property
    def search(self) -> Search:
        """What things are found by."""
        return Search(self.folder)

    @cached_property
    def views(self) -> Views:
        """What pages show beyond a thing's own statements: panels, facets, and the things of each table."""
        return Views(self.folder, self.base)

    @cached_property
    def names(self) -> Callable[[NamedNode], list[Statement]]:
        """The statements that name a thing for people, best first; those of things that were asked for lately are kept."""
        return lru_cache(THINGS_KEPT)(partial(Lookups(self.reading).saying, predicates=NAMES))

    def name(self, node: NamedNode) -> str:
        """The best name that the dataset has for a thing, "" for none."""
        # Most of what lies elsewhere has none, which is found at once.
        if not self.reading.holds(node):
            return ""
        return text([statement.triple.object for statement in self.names(node) if statement.merged])

    @cached_property
    def layout(self) -> Callable[[frozenset[str]], tuple[Group, ...]]:
        """How the properties of a thing of some classes (IRIs) are laid out; kept in the same way."""
        return lru_cache(CLASSES_KEPT)(partial(layout, self.reading, self.manifest))

    @cached_property
    def licences(self) -> Callable[[str], list[NamedNode | BlankNode | Literal]]:
        """What a named graph states as its licence; kept in the same way."""
        # Not of `self`: a release that nobody uses any more is to be closed at once.
        reading = self.reading
        return lru_cache(THINGS_KEPT)(lambda graph: reading.values(NamedNode(graph), LICENSE))

    @cached_property
    def engine_dataset(self) -> Dataset:
        """The release as the engine sees it."""
        return releases.dataset(self.folder, self.manifest)

    def is_apart(self, graph: str) -> bool:
        """Whether a graph is published by name only. Graphs the manifest does not list serve the site itself."""
        return self.manifest.graphs.get(graph, {}).get("part") == "apart"

    def is_described(self, graph: str) -> bool:
        """Whether a graph is part of the release as its manifest has it, and so has a description to link to."""
        return graph in self.manifest.graphs

    def is_inferred(self, graphs: Iterable[str]) -> bool:
        """Whether a statement that stands in these graphs is concluded and nobody's own."""
        return list(graphs) == [self.base + "graph/inferred"]

    @cached_property
    def queries(self) -> dict[str, queries.Query]:
        """The public named queries, by slug."""
        return queries.read_all(sorted((self.folder / "queries").glob("*.rq")))

    def named(self, text: str) -> queries.Query | None:
        """The public named query that has this text, with its parameters as they stand or bound to other terms.

        Line ends and blanks around it do not count: a browser writes its own.
        """
        text = text.strip().replace("\r\n", "\n")
        alike = self._by_first_line.get(text.partition("\n")[0], ())
        return next((query for query in alike if query.has_text(text)), None)

    @cached_property
    def _by_first_line(self) -> dict[str, list[queries.Query]]:
        found = defaultdict(list)
        for query in self.queries.values():
            found[query.text.strip().partition("\n")[0]].append(query)
        return dict(found)

    @property
    def examples(self) -> list[queries.Query]:
        """The named queries in the order they are offered: those for newcomers, then by competency question."""
        return sorted(self.queries.values(), key=lambda query: (query.question, query.slug))

    @property
    def topics(self) -> dict[str, list[queries.Query]]:
        """The named queries by what they are about: the topic of the first competency question first, "" for none last."""
        found = defaultdict(list)
        for query in self.examples:
            found[query.topic].append(query)
        first = {topic: min((query.question for query in held if query.question), default=inf) for topic, held in found.items()}
        return {topic: found[topic] for topic in sorted(found, key=lambda topic: (not topic, first[topic], topic))}

    @cached_property
    def catalogue(self) -> list[Triple]:
        """The triples of the release's catalogue."""
        return self.document("catalogue.ttl")

    def document(self, name: str) -> list[Triple]:
        """The triples of a Turtle file of the release."""
        return [quad.triple for quad in parse((self.folder / name).read_bytes(), by_name("ttl"), self.base).quads]

    @cached_property
    def title(self) -> str:
        """The dataset's title, else its base IRI."""
        return next((title.value for title in self.reading.values(self.dataset, TITLE)), self.base)

    @cached_property
    def license(self) -> str | None:
        """The IRI of the dataset's licence, where it states one."""
        stated = self.reading.values(self.dataset, LICENSE)
        return next((value.value for value in stated if not isinstance(value, Literal)), None)
