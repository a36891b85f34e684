"""The releases as an event stream of entity versions: LDES (https://w3id.org/ldes/specification) over TREE
(https://w3id.org/tree/specification).

The root leads to the releases by the time of their members; what a release changed is one node, or several in a row. A member
is one entity as one release has it: created, updated or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from triplehelix.changes.history import History
from triplehelix.changes.index import Entity
from triplehelix.description.document import OF_THINGS, THING
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import DCTERMS, LICENSE, RDFS, TITLE, TYPE, VOID, XSD

ROOT, FRAGMENT = "changes", "#stream"
LDES, TREE, ACTIVITY = "https://w3id.org/ldes#", "https://w3id.org/tree#", "https://www.w3.org/ns/activitystreams#"
EVENT_STREAM, TIMESTAMP_PATH, VERSION_OF_PATH, IMMUTABLE = (NamedNode(LDES + name) for name in (
    "EventStream", "timestampPath", "versionOfPath", "immutable"))
VIEW, NODE, MEMBER, RELATION, OTHER, PATH, VALUE = (NamedNode(TREE + name) for name in (
    "view", "Node", "member", "relation", "node", "path", "value"))
NEXT, FROM, UNTIL, BEFORE = (NamedNode(TREE + name) for name in (
    "Relation", "GreaterThanOrEqualToRelation", "LessThanOrEqualToRelation", "LessThanRelation"))
CREATE, UPDATE, DELETE = (NamedNode(ACTIVITY + name) for name in ("Create", "Update", "Delete"))
KINDS = (("Create", CREATE), ("Update", UPDATE), ("Delete", DELETE))
ISSUED, IS_VERSION_OF = NamedNode(DCTERMS + "issued"), NamedNode(DCTERMS + "isVersionOf")
SUBSET, SEE_ALSO, DATE_TIME = NamedNode(VOID + "subset"), NamedNode(RDFS + "seeAlso"), NamedNode(XSD + "dateTime")
YES = Literal(True)
# So many releases are on one page of the list; the newest page holds the rest.
SHELF = 50


@dataclass(frozen=True)
class Shelf:
    """Some of the releases, oldest first. Pages are numbered from the oldest, so that a full one never changes; `number` is
    None for the newest, `full` counts the others."""

    versions: Sequence[str]
    number: int | None
    full: int

    @property
    def older(self) -> int | None:
        return (self.full if self.number is None else self.number - 1) or None

    @property
    def newer(self) -> int | None:
        return None if self.number in (None, self.full) else self.number + 1


def shelf(versions: Sequence[str], number: int | None = None) -> Shelf | None:
    """The page of that number, or the newest; None where there is none."""
    full = max(0, len(versions) - 1) // SHELF
    if number is None:
        return Shelf(versions[full * SHELF:], None, full)
    return Shelf(versions[(number - 1) * SHELF:number * SHELF], number, full) if 1 <= number <= full else None


def kind(entity: Entity) -> NamedNode:
    """What became of an entity."""
    return DELETE if not entity.exists_now else UPDATE if entity.existed else CREATE


def node_of(history: History, published: Sequence[str], version: str) -> str:
    """The address, below the root, of the node of a release: what changed since the one published before, which need not be
    the one that it was built on; since that one where no chain leads to the other."""
    before = dict(zip(published[1:], published)).get(version)
    address = f"release/{version}/{ROOT}"
    return address if before is None or not history.is_chained(before, version) else f"{address}?since={before}"


def time_of(moment: datetime) -> Literal:
    return Literal(moment.strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=DATE_TIME)


@dataclass(frozen=True)
class Stream:
    """The stream of the releases at one base IRI, in RDF."""

    base: str

    @property
    def iri(self) -> NamedNode:
        return NamedNode(self.base + ROOT + FRAGMENT)

    def described(self, title: str, licence: str | None) -> list[Triple]:
        """The stream itself: where it begins, and how its members say what they are versions of, of when, and what happened."""
        rows = [(TYPE, EVENT_STREAM), (TITLE, Literal(title)), (VIEW, NamedNode(self.base + ROOT)), (TIMESTAMP_PATH, ISSUED),
                (VERSION_OF_PATH, IS_VERSION_OF)]
        rows += [(NamedNode(f"{LDES}version{name}Path"), TYPE) for name, _ in KINDS]
        rows += [(NamedNode(f"{LDES}version{name}Object"), value) for name, value in KINDS]
        rows += [(LICENSE, NamedNode(licence))] if licence else []
        return [Triple(self.iri, predicate, value) for predicate, value in rows]

    def releases(self, page: Shelf, history: History, published: Sequence[str]) -> list[Triple]:
        """A page of the list: to each release by the time that all its members have, and to the page with older ones."""
        here = NamedNode(self.base + ROOT + (f"?page={page.number}" if page.number else ""))
        told = self._node(here)
        for version in page.versions:
            there, time = NamedNode(self.base + node_of(history, published, version)), time_of(history.times[version])
            told += self._relation(here, f"{version}-from", FROM, there, time)
            told += self._relation(here, f"{version}-until", UNTIL, there, time)
        if page.older:
            there = NamedNode(f"{self.base}{ROOT}?page={page.older}")
            told += self._relation(here, "older", BEFORE, there, time_of(history.times[page.versions[0]]))
        return told

    def node(self, here: str, members: Iterable[Triple], following: str | None) -> list[Triple]:
        """A node of a release, `here` below the root; `following` is the address of the rest of it."""
        topic = NamedNode(self.base + here)
        told = [*self._node(topic), Triple(topic, IMMUTABLE, YES), *members]
        if following:
            told += self._relation(topic, "rest", NEXT, NamedNode(self.base + following), None)
        return told

    def member(self, version: str, entity: Entity, moment: datetime) -> list[Triple]:
        """An entity as of a release."""
        topic = self.member_iri(version, entity)
        rows = [(TYPE, kind(entity)), (IS_VERSION_OF, NamedNode(entity.iri)), (ISSUED, time_of(moment))]
        if entity.exists_now and (document := self._document(version, entity.iri)):
            rows.append((SEE_ALSO, NamedNode(document)))
        return [Triple(self.iri, MEMBER, topic), *(Triple(topic, predicate, value) for predicate, value in rows)]

    def member_iri(self, version: str, entity: Entity) -> NamedNode:
        return NamedNode(f"{self.base}release/{version}/{ROOT}?entity={quote(entity.iri, safe='')}")

    def _document(self, version: str, iri: str) -> str | None:
        """The document of an IRI of ours in a release."""
        if not iri.startswith(self.base) or "?" in iri:
            return None
        name, hash_sign, fragment = iri.removeprefix(self.base).partition("#")
        return f"{self.base}{OF_THINGS if THING.match(name) else ''}{name}?release={version}{hash_sign}{fragment}"

    def _node(self, here: NamedNode) -> list[Triple]:
        rows = [Triple(here, TYPE, NODE)]
        return rows if here.value == self.base + ROOT else [*rows, Triple(self.iri, SUBSET, here)]

    def _relation(self, here: NamedNode, name: str, type_: NamedNode, there: NamedNode, value: Literal | None) -> list[Triple]:
        relation = NamedNode(f"{here.value}#{name}")
        rows = [(TYPE, type_), (OTHER, there), *(((PATH, ISSUED), (VALUE, value)) if value else ())]
        return [Triple(here, RELATION, relation), *(Triple(relation, predicate, object_) for predicate, object_ in rows)]


def content(release: Published, entity: Entity, member: NamedNode) -> Iterator[Quad]:
    """What the dataset of a release says of an entity, in the graph of the member; with the blank nodes that belong to it."""
    waiting: list[NamedNode | BlankNode] = [NamedNode(entity.iri)]
    seen = set(waiting)
    while waiting:
        for statement in release.reading.about(waiting.pop()):
            if statement.merged or any(map(release.is_apart, statement.graphs)):
                yield Quad(*statement.triple, member)
                if isinstance(statement.triple.object, BlankNode) and statement.triple.object not in seen:
                    seen.add(statement.triple.object)
                    waiting.append(statement.triple.object)
