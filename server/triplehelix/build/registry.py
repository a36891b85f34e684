"""The registry of IRIs in use no more, data/registry.ttl: what became of each, and whether a release loses any without a word.

A row is an IRI of ours with adms:status: Deprecated (renamed or merged; it moved to the IRI that dcterms:isReplacedBy names)
or Withdrawn (gone; dcterms:isReplacedBy may name one to look at in its place).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pyoxigraph import DefaultGraph, NamedNode

from triplehelix.findings import Faulty, Finding
from triplehelix.resources import GONE, MOVED, Resources, Retired
from triplehelix.store import Store

FILE, GRAPH, INFERRED = "data/registry.ttl", "graph/registry", "graph/inferred"
TERMS = "ontology/deprecated.ttl"
STATUS, REPLACED = "http://www.w3.org/ns/adms#status", "http://purl.org/dc/terms/isReplacedBy"
STATUSES = MappingProxyType({"http://purl.org/adms/status/Deprecated": MOVED, "http://purl.org/adms/status/Withdrawn": GONE})
# Files and facts of one release end with it.
PASSING = ("dumps/", "release/")
# More findings than this nobody reads; beyond them is a count.
TOLD = 50


@dataclass(frozen=True)
class Registry:
    """The rows of the registry of a release: local name of each IRI to what the file says became of it."""

    base: str
    rows: Mapping[str, Retired]

    def resolved(self) -> dict[str, Retired]:
        """Each IRI with the end of its chain of successors: no successor is retired itself. Raises Faulty for a circle."""
        return {local: self._end(local) for local in self.rows}

    def _end(self, local: str) -> Retired:
        status, target, passed = MOVED, self.base + local, set()
        while target and (name := target.removeprefix(self.base)) in self.rows and target.startswith(self.base):
            if name in passed:
                raise Faulty([_finding(local, "its successors lead in a circle: let the last one be an IRI that is in use")])
            passed.add(name)
            status, target = max(status, self.rows[name].status), self.rows[name].target
        return Retired(status, target)


def registry(base: str, known: Store) -> Registry:
    """The rows that the graph of the registry states. Raises Faulty for a row that says no more than half of it."""
    said: dict[str, dict[str, list[str]]] = {}
    for quad in sorted(known.quads_for_pattern(None, None, None, NamedNode(base + GRAPH)), key=str):
        if quad.predicate.value in (STATUS, REPLACED):
            values = said.setdefault(quad.subject.value, {STATUS: [], REPLACED: []})
            values[quad.predicate.value].append(quad.object.value)
    if faults := [fault for iri, values in said.items() for fault in _faults(base, iri, values)]:
        raise Faulty(faults)
    return Registry(base, {iri.removeprefix(base): Retired(STATUSES[values[STATUS][0]], next(iter(values[REPLACED]), None))
                           for iri, values in said.items()})


def _faults(base: str, iri: str, values: dict[str, list[str]]) -> Iterator[Finding]:
    statuses, targets = values[STATUS], values[REPLACED]
    local = iri.removeprefix(base)
    if not iri.startswith(base) or "#" in local or not local:
        yield _finding(local, f"the registry holds documents and things below <{base}> only; terms retire to {TERMS}")
    elif len(statuses) != 1 or statuses[0] not in STATUSES:
        yield _finding(local, f"say with adms:status once what became of it: {' or '.join(f'<{s}>' for s in STATUSES)}")
    elif len(targets) > 1:
        yield _finding(local, "say one successor with dcterms:isReplacedBy; name the others in its comment")
    elif STATUSES[statuses[0]] == MOVED and not any(target.startswith(base) for target in targets):
        yield _finding(local, "a deprecated IRI moved to another of ours: name that with dcterms:isReplacedBy, or say Withdrawn")


def require_retired(held: Registry, known: Store) -> None:
    """No IRI of the registry is described elsewhere. Raises Faulty."""
    aside = (NamedNode(held.base + GRAPH), NamedNode(held.base + INFERRED), DefaultGraph())
    live = {local: quad.graph_name.value.removeprefix(held.base) for local in held.rows
            for quad in known.quads_for_pattern(NamedNode(held.base + local), None, None, None) if quad.graph_name not in aside}
    if live:
        raise Faulty(_finding(local, f"is described in <{graph}>: take it out of the registry, or the description out of there")
                     for local, graph in live.items())


def require_successors(base: str, made: Resources) -> None:
    """Each successor that is an IRI of ours has a document. Raises Faulty."""
    missing = [(local, gone.target) for local, gone in made.all_retired() if gone.target and gone.target.startswith(base)
               and not made.state(gone.target.removeprefix(base).partition("#")[0])]
    if missing:
        raise Faulty(_finding(local, f"its successor <{target.removeprefix(base)}> is not described: correct the IRI, or "
                                     "describe it") for local, target in missing)


def require_kept(before: Resources, made: Resources, name: str) -> None:
    """Every IRI that the release before (`name`) knew is described or in the registry. Raises Faulty, a finding for each."""
    terms = [Finding(TERMS, 0, f"<{term}>", f"is a term of release {name} and of this one no more: a term is never deleted; "
                     f"keep it in {TERMS} with owl:deprecated true") for term in _lost(before.terms(), made.holds_term)]
    iris = [_finding(local, f"had an answer in release {name} and has none now. {_advice(local)}")
            for local in _lost(_lasting(before), lambda local: made.state(local) or made.retired(local))]
    lost = [*terms, *iris]
    if len(lost) > TOLD:
        raise Faulty([*lost[:TOLD], _summary(lost, name)])
    if lost:
        raise Faulty(lost)


def _lasting(before: Resources) -> Iterator[str]:
    yield from (local for local, _ in before.all() if not local.startswith(PASSING))
    yield from (local for local, _ in before.all_retired())


def _lost(known: Iterable[str], kept: Callable[[str], object]) -> Iterator[str]:
    return (local for local in known if not kept(local))


def _advice(local: str) -> str:
    row = f"<{local}> owl:deprecated true ; adms:status <http://purl.org/adms/status/"
    why = 'rdfs:comment "Why."@en .'
    return (f"Describe it again, or add a line to {FILE}: renamed or merged: {row}Deprecated> ; dcterms:isReplacedBy <its new "
            f"IRI> ; {why} Or withdrawn: {row}Withdrawn> ; {why}")


def _summary(lost: list[Finding], name: str) -> Finding:
    """All that is lost, counted by the room it is of."""
    rooms: dict[str, int] = {}
    for finding in lost:
        room = "/".join(finding.focus.strip("<>").split("/")[:2])
        rooms[room] = rooms.get(room, 0) + 1
    most = sorted(rooms.items(), key=lambda row: (-row[1], row[0]))[:10]
    counted = ", ".join(f"{room} {count}" for room, count in most) + (", ..." if len(rooms) > len(most) else "")
    return Finding(FILE, 0, "", f"{len(lost)} IRIs of release {name} are lost, of which {TOLD} are told: {counted}. If a file of "
                   "data is missing, put it back; a source that is given up needs a line in the registry for each of its IRIs")


def _finding(local: str, message: str) -> Finding:
    return Finding(FILE, 0, f"<{local}>", message)
