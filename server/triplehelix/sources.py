"""Reading a project: each Turtle file through the strict parser into quads of its own named graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from triplehelix.findings import Faulty, Finding
from triplehelix.formats import SyntaxFault, parse
from triplehelix.positions import Positions
from triplehelix.project import TURTLE, Project, Source


@dataclass(frozen=True)
class Graph:
    """One parsed file: where it stands, the bytes it was read from, and its triples in the file's order."""

    source: Source
    text: bytes
    triples: list[Triple]

    @property
    def quads(self) -> Iterator[Quad]:
        name = NamedNode(self.source.graph)
        return (Quad(t.subject, t.predicate, t.object, name) for t in self.triples)


def read(project: Project, sources: Iterable[Source] | None = None) -> list[Graph]:
    """Every source of the project (or those given), parsed. Raises Faulty with one finding per unreadable file."""
    graphs, findings = [], []
    for number, source in enumerate(project.sources if sources is None else sources):
        try:
            graphs.append(read_one(source, project.base, number))
        except Faulty as error:
            findings.extend(error.findings)
    if findings:
        raise Faulty(findings)
    return graphs


def read_one(source: Source, base: str, number: int = 0) -> Graph:
    """One file, parsed; blank nodes are labelled apart by `number` so that files can be merged."""
    data = source.path.read_bytes()
    try:
        quads = parse(data, TURTLE, base).quads
    except SyntaxFault as error:
        message = _advice(error.message)
        raise Faulty([Finding(source.name, error.line, "", message)]) from error
    _require_rdf_1_1(source, quads, data.decode(), base)
    return Graph(source, data, [_apart(quad, number) for quad in quads])


def _require_rdf_1_1(source: Source, quads: Iterable[Quad], text: str, base: str) -> None:
    """No triple terms and no text direction (RDF 1.2): half of the readers of our dumps could not read them."""
    for quad in quads:
        if isinstance(quad.object, Triple) or (isinstance(quad.object, Literal) and quad.object.direction):
            subject = getattr(quad.subject, "value", "")
            line = Positions(text, base).line(subject, quad.predicate.value)
            message = "triple terms and text directions of RDF 1.2 are not published"
            raise Faulty([Finding(source.name, line, f"<{subject}>", message)])


def _apart(quad: Quad, number: int) -> Triple:
    """The triple with labels of blank nodes made unique to the file: the parser's own are random."""
    subject, value = (BlankNode(f"f{number}x{term.value}") if isinstance(term, BlankNode) else term
                      for term in (quad.subject, quad.object))
    return Triple(subject, quad.predicate, value)


def _advice(message: str) -> str:
    if not message.startswith("The prefix "):
        return message
    prefix = message.removeprefix("The prefix ").partition(":")[0]
    return f"the prefix {prefix}: is not declared; add: @prefix {prefix}: <...> . at the top of the file"


def named(path: Path, project: Project) -> Source:
    """The source that a file of the project is; a stranger's Turtle file is one whose graph is named by its own place."""
    whole = path.resolve()
    own = next((source for source in project.sources if source.path.resolve() == whole), None)
    return own or Source(path, str(path), whole.as_uri(), "dataset")
