"""The page of the dataset: what it is, how much there is, where it is from, how it was checked, how to have and to cite it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from triplehelix import citation
from triplehelix.citation import Citation
from triplehelix.description.vocabulary import NAMES, SH, SUMMARIES, TRIPLES, TYPE, VOID
from triplehelix.releases import day_of
from triplehelix.views import ListedTable
from triplehelix.web import cite, dumps
from triplehelix.web.dumps import Dump
from triplehelix.web.kinds.said import Book, Said, Usage, by_subject
from triplehelix.web.kinds.shapes import NODE_SHAPE, OFF, TARGETS, counted
from triplehelix.web.view import Row, Shown, View
from triplehelix.web.view.panels import Shelf
from triplehelix.web.words import _

CONFORMS = NamedNode(SH + "conforms")
LINKSET, LINK, TARGET, SPACE = (NamedNode(VOID + name) for name in ("Linkset", "linkPredicate", "objectsTarget", "uriSpace"))
# What stands elsewhere on the page, or can be counted only by machines.
OF_MACHINES = VOID, "http://www.w3.org/ns/dcat#distribution", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
# Whose bytes the citation names.
CITED = "dataset.nq"
REPORT = "report.ttl"
LARGEST = 12
# Rows of a list that the page shows at most; its own pages have the rest.
MOST_ROWS = 100


@dataclass(frozen=True)
class Checked:
    """A kind of thing that the rules speak of: how many such things were checked, and how many passed."""

    name: Shown
    count: int
    passed: int | None


@dataclass(frozen=True)
class Linkset:
    """Links to another collection: by which property, how many, into which namespace; with the anchors of both."""

    anchor: str
    predicate: Shown
    target: str
    space: str
    count: int


@dataclass(frozen=True)
class File:
    """A syntax of the whole dataset: the file, and the same packed."""

    plain: Dump
    packed: Dump | None


class DataPage:
    """What the page of the dataset shows."""

    def __init__(self, view: View) -> None:
        self.view, self.release = view, view.release
        self.held = by_subject(view.told.parts)

    @cached_property
    def tables(self) -> list[ListedTable]:
        """The kinds of things there are most of."""
        return sorted(self.release.views.tables(), key=lambda table: -table.count)[:LARGEST]

    @cached_property
    def lists(self) -> list[Shelf]:
        """What the release was asked about the data as a whole: sources, and known exceptions."""
        shelves = self.view.shelves
        found = (shelves.shelf(panel, 1, MOST_ROWS) for panel in shelves.panels)
        return [shelf for shelf in found if shelf.total or shelf.coverage]

    @cached_property
    def checked(self) -> list[Checked]:
        """The kinds of things that rules were applied to, the most numerous first."""
        book, usage = Book(self.release, {}), Usage(self.release)
        passing = self._conforms
        found = []
        for statement in self.release.reading.pointing(NODE_SHAPE, TYPE):
            node = statement.triple.subject
            if isinstance(node, NamedNode) and self.view.links.local(node.value) and book[node].text(OFF) != "true":
                count = _things(book[node], usage)
                found.append(Checked(self.view.name(node), count, count if passing else None))
        return sorted((row for row in found if row.count), key=lambda row: (-row.count, row.name.text.casefold()))

    @cached_property
    def _conforms(self) -> bool:
        """Whether the report with which the release was sealed says that everything passed."""
        told = self.release.document(REPORT) if (self.release.folder / REPORT).is_file() else ()
        return any(t.predicate == CONFORMS and t.object.value == "true" for t in told)

    @cached_property
    def linksets(self) -> list[Linkset]:
        return sorted(self._linksets(), key=lambda row: (-row.count, row.predicate.text))

    def _linksets(self) -> Iterator[Linkset]:
        given: set[str] = set()
        for node, said in self.held.items():
            if LINKSET in said.values(TYPE) and isinstance(node, NamedNode):
                target = next((each for each in said.values(TARGET) if isinstance(each, NamedNode)), node)
                space = self.held.get(target, said).text(SPACE)
                anchor = "" if target.value in given or target == node else _anchor(target)
                given.add(target.value)
                link = next((each for each in said.values(LINK) if isinstance(each, NamedNode)), node)
                yield Linkset(_anchor(node), self.view.term_name(link), anchor, space, _number(said))

    @cached_property
    def files(self) -> list[File]:
        """The whole dataset in each syntax."""
        found = {dump.name: dump for dump in dumps.by_stem().get(dumps.DATASET_STEM, [])}
        return [File(dump, found.get(f"{name}.gz")) for name, dump in found.items() if not name.endswith(".gz")]

    @cached_property
    def citation(self) -> str:
        """The release in a line, as one cites it."""
        manifest, agents = self.release.manifest, cite.agents(self.view)
        file = manifest.files.get(f"dumps/{CITED}", {"sha256": ""})
        url = self.view.links.base + f"release/{manifest.version}/"
        return citation.text(Citation(self.release.title, agents.creators, ", ".join(agents.publishers), manifest.version,
                                      day_of(manifest.version), url, file["sha256"], "N-Quads", self.release.license or "",
                                      _("Dataset")))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What is said of the dataset and does not stand elsewhere on the page."""
        said = Said(self.view.told.topic, tuple(self.view.told.statements)).but((*NAMES, *SUMMARIES))
        return self.view.table((s for s in said if not s.triple.predicate.value.startswith(OF_MACHINES)), sourced=False)


def _things(shape: Said, usage: Usage) -> int:
    """How many things a shape is about."""
    return sum(counted(usage, predicate, node) for predicate, _words in TARGETS for node in shape.values(predicate)
               if isinstance(node, NamedNode))


def _anchor(node: NamedNode) -> str:
    return node.value.partition("#")[2] or node.value


def _number(said: Said) -> int:
    """How many triples a linkset has."""
    return next((int(value.value) for value in said.values(TRIPLES) if isinstance(value, Literal) and value.value.isdigit()), 0)
