"""What a release says of itself in its own record: title, licence, who made it, and how it is to be named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from triplehelix.description.lookups import text
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import DCTERMS, DESCRIPTION, FOAF, LICENSE, NAMES, TITLE, TYPE
from triplehelix.releases import day_of

# The objects of a subject and a predicate (IRIs), sorted.
Values = Callable[[str, str], Sequence[object]]
CREATOR, PUBLISHER = DCTERMS + "creator", DCTERMS + "publisher"
PERSONS = frozenset((NamedNode(FOAF + "Person"), NamedNode("http://schema.org/Person"), NamedNode("https://schema.org/Person")))


@dataclass(frozen=True)
class Agent:
    """Somebody whom the record names, by IRI."""

    iri: str
    name: str
    is_person: bool = False


@dataclass(frozen=True)
class Record:
    """The record of one release. `license` is an IRI, or "" where none is stated."""

    base: str
    version: str
    title: str
    description: str
    license: str
    creators: tuple[Agent, ...]
    publishers: tuple[Agent, ...]

    @property
    def iri(self) -> str:
        """The address of the release."""
        return f"{self.base}release/{self.version}/"

    @property
    def date(self) -> str:
        """The date of the release: a version begins with it."""
        return day_of(self.version)

    @property
    def citation(self) -> str:
        """Who, when, what, which version, by whom it is published, where: one line, as the citation of an answer has it."""
        who = "; ".join(agent.name for agent in self.creators or self.publishers)
        others = [agent.name for agent in self.publishers if self.creators and agent not in self.creators]
        title = f"{self.title} (version {self.version}) [Dataset]"
        said = (f"{who} ({self.date[:4]})".strip(), title, "; ".join(others), self.iri)
        return ". ".join(filter(None, said))


def record(base: str, version: str, values: Values) -> Record:
    """The record of the dataset at `base`, as `values` finds it said."""
    dataset = base + "dataset"
    title = text(values(dataset, TITLE.value)) or base
    license = next((term.value for term in values(dataset, LICENSE.value) if isinstance(term, NamedNode)), "")
    return Record(base, version, title, text(values(dataset, DESCRIPTION.value)), license,
                  _agents(values, dataset, CREATOR), _agents(values, dataset, PUBLISHER))


def of(release: Published) -> Record:
    """The record of a release whose store is written. What stands apart from the dataset is not asked."""
    def values(subject: str, predicate: str) -> list[object]:
        return [s.triple.object for s in release.reading.about(NamedNode(subject))
                if s.merged and s.triple.predicate.value == predicate]
    return record(release.base, release.manifest.version, values)


def _agents(values: Values, dataset: str, predicate: str) -> tuple[Agent, ...]:
    return tuple(_agent(values, term.value) for term in values(dataset, predicate) if isinstance(term, NamedNode))


def _agent(values: Values, iri: str) -> Agent:
    name = next(filter(None, (text(values(iri, name.value)) for name in NAMES)), iri)
    return Agent(iri, name, not PERSONS.isdisjoint(values(iri, TYPE.value)))
