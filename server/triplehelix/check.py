"""Checking a project or a stranger's file: syntax, house rules, SHACL, and the query checks; every fault with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, Literal, Triple

from triplehelix import panels, queries, shacl, sources, store
from triplehelix.engine.guard import check_federation
from triplehelix.engine.model import QueryError
from triplehelix.engine.prologue import read_prologue
from triplehelix.engine.tokens import tokenise
from triplehelix.findings import Faulty, Finding
from triplehelix.positions import Positions
from triplehelix.project import Project
from triplehelix.sources import Graph

Step = Callable[[str], None]
# Profiles are shapes that are deactivated until they are asked for by name.
PROFILES, DEACTIVATED = "shapes/profiles", "http://www.w3.org/ns/shacl#deactivated"
RDF_TYPE, NODE_SHAPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "http://www.w3.org/ns/shacl#NodeShape"
CLASSES = ("http://www.w3.org/2002/07/owl#Class", "http://www.w3.org/2000/01/rdf-schema#Class")
SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
# What XML 1.0 (section 2.2) has no way to write.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass
class Subject:
    """What is being checked: the project, its parsed graphs, and which of them findings are wanted for."""

    project: Project
    graphs: list[Graph]
    wanted: list[Graph]
    profile: str = ""
    positions: dict[str, Positions] = field(default_factory=dict)

    def finding(self, focus: str, message: str, predicate: str = "", value: str = "") -> Finding:
        """A finding at the line where `focus` says `predicate` (with `value` where the file is to be chosen)."""
        focus, predicate, value = self._named(focus, predicate, value)
        graph = self._holder(focus, predicate, value)
        if graph is None:
            return Finding(str(self.project.root), 0, self._short(focus), message)
        line = self.lines(graph).line(focus, predicate or None)
        return Finding(graph.source.name, line, self._short(focus), message)

    def _named(self, focus: str, predicate: str, value: str) -> tuple[str, str, str]:
        """The statement itself, or for a blank node that of the nearest named subject which leads to it."""
        while ":" not in focus:
            above = next((t for g in self.wanted for t in g.triples if t.object == BlankNode(focus)), None)
            if above is None:
                break
            focus, predicate, value = _value(above.subject), above.predicate.value, ""
        return focus, predicate, value

    def lines(self, graph: Graph) -> Positions:
        """The lines of a file, found once."""
        name = graph.source.name
        if name not in self.positions:
            self.positions[name] = Positions(graph.text.decode(), self.project.base)
        return self.positions[name]

    def _holder(self, focus: str, predicate: str, value: str) -> Graph | None:
        """The file that says it: best the very statement, then one about the focus with the predicate, then the focus."""
        def closeness(place: tuple[Graph, Triple]) -> int:
            said = place[1].predicate.value == predicate
            return 1 + said + (said and bool(value) and _value(place[1].object) == value)
        about = self._about.get(focus)
        if about:
            return max(about, key=closeness)[0]
        return next((g for g in self.wanted if any(_value(t.object) == focus for t in g.triples)), None)

    @cached_property
    def _about(self) -> dict[str, list[tuple[Graph, Triple]]]:
        """Where each subject of the wanted graphs is spoken of."""
        found: dict[str, list[tuple[Graph, Triple]]] = {}
        for graph in self.wanted:
            for triple in graph.triples:
                found.setdefault(_value(triple.subject), []).append((graph, triple))
        return found

    def _short(self, focus: str) -> str:
        if ":" not in focus:
            return "a blank node"
        return f"<{focus.removeprefix(self.project.base)}>" if focus.startswith(self.project.base) else f"<{focus}>"


def check(project: Project, step: Step = lambda _: None, profile: str = "") -> tuple[list[Graph], list[Finding]]:
    """The parsed graphs of a project and every finding, also those of a profile in shapes/profiles/ where one is named.

    Raises Faulty where a file cannot be parsed at all, or there is no such profile.
    """
    step("reading")
    graphs = sources.read(project)
    if not any(g.source.name.startswith("data/") for g in graphs):
        raise Faulty([Finding(str(project.root / "data"), 0, "", "the folder holds no Turtle file: nothing to check")])
    if profile:
        _require_profile(project, profile)
    return graphs, _findings(Subject(project, graphs, graphs, profile), step)


def _require_profile(project: Project, profile: str) -> None:
    known = sorted(path.stem for path in (project.root / PROFILES).glob("*.ttl"))
    if profile not in known:
        raise Faulty([Finding(PROFILES, 0, "", f"there is no profile {profile}; there are: {', '.join(known) or 'none'}")])


def check_file(project: Project, path: Path, step: Step = lambda _: None) -> list[Finding]:
    """The findings of one Turtle file beside the project's ontology, shapes and (where there are) data."""
    step("reading")
    source = sources.named(path, project)
    others = sources.read(project, [s for s in project.sources if s != source])
    graph = sources.read_one(source, project.base, len(others))
    return _findings(Subject(project, [*others, graph], [graph]), step)


def _findings(subject: Subject, step: Step) -> list[Finding]:
    """The findings of every part; a statement that one part has found fault with is left alone by the later ones."""
    findings: dict[tuple[str, int, str], list[Finding]] = {}
    for name, part in (("literals", _literals), ("blank nodes", _blank_nodes), ("queries", _queries),
                       ("panels", _panels), ("shapes", _shapes), ("query checks", _query_checks)):
        step(name)
        told = set(findings)
        for finding in part(subject):
            place = (finding.path, finding.line, finding.focus if finding.line else finding.message)
            if place not in told:
                findings.setdefault(place, []).append(finding)
    return sorted({finding for found in findings.values() for finding in found})


def _literals(subject: Subject) -> Iterator[Finding]:
    """Literals are values of their datatype, in the form the store keeps, so that dump and endpoint agree to the byte."""
    spoken = [t for g in subject.wanted for t in g.triples if isinstance(t.object, Literal)]
    forms = store.normal_forms(t.object for t in spoken)
    for triple in spoken:
        if trouble := _trouble(triple.object, forms[triple.object]):
            yield subject.finding(_value(triple.subject), trouble, triple.predicate.value, triple.object.value)


def _trouble(literal: Literal, form: Literal) -> str:
    """What is wrong with a literal whose form in the store is `form`, or ""."""
    if NOT_XML.search(literal.value):
        return "the text holds a control character, which RDF/XML cannot say: take it out"
    if not shacl.is_well_typed(literal):
        return f"{literal} is no value of its datatype"
    return f"write {form} for {literal} (triplehelix fmt does it)" if form != literal else ""


def _blank_nodes(subject: Subject) -> Iterator[Finding]:
    """A blank node has no IRI that a reader could ask for: none in data/ and ontology/."""
    for graph in subject.wanted:
        if graph.source.part != "service":
            used = {t.object for t in graph.triples}
            for triple in graph.triples:
                if isinstance(triple.object, BlankNode) and not isinstance(triple.subject, BlankNode):
                    yield subject.finding(_value(triple.subject), "a blank node as value: give it an IRI", triple.predicate.value)
                elif isinstance(triple.subject, BlankNode) and triple.subject not in used:
                    line = subject.lines(graph).first_blank()
                    yield Finding(graph.source.name, line, "a blank node", "a blank node as subject: give it an IRI")


def _queries(subject: Subject) -> Iterator[Finding]:
    """Every .rq file can be read: its body as SPARQL, and the header of those that are published."""
    if len(subject.wanted) < len(subject.graphs):
        return
    readers = {"": queries.read, panels.PANELS: panels.read, panels.FACETS: panels.read}
    for room in ("", "checks", "pages", "rules", panels.PANELS, panels.FACETS):
        for path in subject.project.queries(room):
            name = path.relative_to(subject.project.root).as_posix()
            try:
                text = readers[room](path).text if room in readers else path.read_text(encoding="utf-8")
                tokens = list(tokenise(text))
                check_federation(text, tokens, read_prologue(text, tokens, ""), ())
                store.require_readable(text, subject.project.base)
            except QueryError as error:
                yield Finding(name, error.line or 0, "", error.detail)
            except SyntaxError as error:
                yield Finding(name, error.lineno or 0, "", f"not SPARQL 1.1: {error.msg}")
            except ValueError as error:
                yield Finding(name, 1, "", str(error))


def _panels(subject: Subject) -> Iterator[Finding]:
    """Every panel and facet keeps what its header promises, and has one answer only; of others `_queries` tells."""
    if len(subject.wanted) < len(subject.graphs):
        return
    questions = {path: panels.readable(path) for room in (panels.PANELS, panels.FACETS) for path in subject.project.queries(room)}
    known = panels.Known(subject.project.prefixes, set(_typed(subject, CLASSES)), set(_shape_names(subject)),
                         list(filter(None, questions.values())))
    for path, question in questions.items():
        name = path.relative_to(subject.project.root).as_posix()
        try:
            for line, message in known.faults(question) if question else ():
                yield Finding(name, line, "", message)
        except QueryError as error:
            yield Finding(name, error.line or 0, "", error.detail)
        except ValueError as error:
            yield Finding(name, 1, "", str(error))
        except SyntaxError:
            continue  # told by _queries


def _typed(subject: Subject, types: Iterable[str]) -> Iterator[str]:
    """The IRIs of some types in all graphs."""
    return (_value(t.subject) for g in subject.graphs for t in g.triples
            if t.predicate.value == RDF_TYPE and _value(t.object) in types)


def _shape_names(subject: Subject) -> Iterator[str]:
    """What the tables of node shapes may be called: see description/shapes.py."""
    for iri in _typed(subject, [NODE_SHAPE]):
        document, _, name = iri.partition("#")
        yield from (name, f"{document.rpartition('/')[2]}-{name}")


def _activates(subject: Subject, graph: Graph, triple: Triple) -> bool:
    """Whether leaving the triple out activates a shape of the profile asked for (SHACL section 2.1.6)."""
    return triple.predicate.value == DEACTIVATED and graph.source.name == f"{PROFILES}/{subject.profile}.ttl"


def _shapes(subject: Subject) -> Iterator[Finding]:
    """SHACL over the dataset as a whole; then over what stands apart, beside the dataset."""
    shapes = [t for g in subject.graphs if g.source.part == "service" for t in g.triples if not _activates(subject, g, t)]
    prefixes = _triples(g for g in subject.graphs if g.source.name == "ontology/prefixes.ttl")
    dataset = [g for g in subject.graphs if g.source.part == "dataset"]
    apart = [g for g in subject.graphs if g.source.part == "apart"]
    judged = shacl.graph([*shapes, *prefixes])
    yield from _validated(subject, dataset, judged, subject.wanted)
    if wanted := [g for g in subject.wanted if g in apart]:
        near = _near([t for g in wanted for t in g.triples], dataset)
        beside = [Graph(g.source, g.text, [t for t in g.triples if t.subject in near or t.predicate.value == SUBCLASS])
                  for g in dataset]
        yield from _validated(subject, [*beside, *apart], judged, wanted)


def _near(triples: list[Triple], graphs: list[Graph]) -> set:
    """The things that the triples speak of, and what the graphs link these with: all that judging them needs."""
    spoken = {term for t in triples for term in (t.subject, t.object)}
    return spoken | {t.object for g in graphs for t in g.triples if t.subject in spoken}


def _validated(subject: Subject, graphs: list[Graph], shapes: shacl.Graph, wanted: list[Graph]) -> Iterator[Finding]:
    """Findings about what the wanted graphs describe, in the light of all the graphs."""
    if not wanted:
        return
    about = set(_named(wanted))
    for result in shacl.validated(shacl.graph(_triples(graphs)), shapes):
        if result.violation and (result.focus in about or len(wanted) == len(graphs)):
            told = f" (found: {result.value})" if result.value and result.value != result.focus else ""
            yield subject.finding(result.focus, result.message + told, result.path, result.value)


def _query_checks(subject: Subject) -> Iterator[Finding]:
    """Each row of a query in queries/checks/ is a fault: ?focus, ?message, and ?predicate and ?value where they help."""
    quads = [q for g in subject.graphs for q in g.quads]
    filled = store.memory(quads)
    about = None if len(subject.wanted) == len(subject.graphs) else set(_named(subject.wanted))
    for path in subject.project.queries("checks"):
        try:
            rows = list(store.rows(filled, path.read_text(encoding="utf-8"), subject.project.base))
        except SyntaxError:
            continue  # told by _queries
        if any(not {"focus", "message"} <= set(row) for row in rows):
            yield Finding(f"queries/checks/{path.name}", 1, "", "a check selects ?focus and ?message, bound in each row")
            continue
        for focus, row in ((_value(row["focus"]), row) for row in rows):
            if about is None or focus in about:
                yield subject.finding(focus, row["message"].value, _optional(row, "predicate"), _optional(row, "value"))


def _triples(graphs: Iterable[Graph]) -> list[Triple]:
    """The merge of several graphs."""
    return list(dict.fromkeys(t for g in graphs for t in g.triples))


def _named(graphs: Iterable[Graph]) -> list[str]:
    """The IRIs that the graphs describe."""
    return sorted({t.subject.value for g in graphs for t in g.triples if not isinstance(t.subject, BlankNode)})


def _optional(row: dict, name: str) -> str:
    return _value(row[name]) if name in row else ""


def _value(term: object) -> str:
    return getattr(term, "value", str(term))
