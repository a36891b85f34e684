"""Bodies that stand in the data under two IRIs: those that an identifier makes one, and candidates for a person to confirm.

Nothing is ever merged here, and nothing is said to be the same: merges are findings that name the IRI to keep, candidates
are th:CandidateMatch in data/candidates/bodies.ttl, a graph that stands apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix import files, sources
from triplehelix.findings import Finding
from triplehelix.matching.bodies import Body, Data
from triplehelix.matching.pairs import Candidate, Merge, candidates, merges
from triplehelix.project import Project
from triplehelix.store import normalised
from triplehelix.turtle import Writer

FILE, GRAPH, ACTIVITY = "data/candidates/bodies.ttl", "graph/candidates/bodies", "id/activity/match-bodies"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DCTERMS, PROV = "http://purl.org/dc/terms/", "http://www.w3.org/ns/prov#"
VOID_DATASET = "http://rdfs.org/ns/void#Dataset"
XSD = "http://www.w3.org/2001/XMLSchema#"
CC_BY = "http://creativecommons.org/licenses/by/4.0/"
TITLE = "Candidate matches of bodies"
DESCRIPTION = ("Pairs of bodies of this dataset that may be one, by their names and places, each with a score and its evidence; "
               "for a person to confirm or reject.")


@dataclass(frozen=True)
class Matches:
    """What was found: merges by identifiers, candidates best first, how many bodies were compared, and the newest day."""

    merges: list[Merge]
    candidates: list[Candidate]
    compared: int
    day: str

    def findings(self) -> Iterator[Finding]:
        """For each body with two IRIs the one to keep; and for identifiers that contradict each other, that they do."""
        for merge in self.merges:
            advice = (f"but another {' and '.join(merge.against)}: one of these identifiers is wrong" if merge.against else
                      "and is the same body: keep that IRI and write it in place of this one")
            yield Finding("data", 0, f"<{merge.give_up.iri}>", f"has the {' '.join(merge.by)} of <{merge.keep.iri}>, {advice}")

    def told(self) -> str:
        """The candidates, one a line, and the counts, for people."""
        rows = (f"{c.score:.2f}  {c.keep.slug}  {c.give_up.slug}  {' '.join(c.evidence)}\n" for c in self.candidates)
        return (f"{''.join(rows)}{self.compared:,} bodies compared: {len(self.merges)} to merge by identifiers, "
                f"{len(self.candidates)} candidates")


def find(project: Project) -> Matches:
    """Compare the bodies of the project's data. Raises Faulty where a file cannot be read."""
    data = Data(project)
    return Matches(merges(data.bodies), candidates(data.bodies, data.told_apart), len(data.bodies), data.newest)


def write(project: Project, matches: Matches) -> None:
    """Write the candidates into data/candidates/bodies.ttl; what a person has decided there stays decided."""
    path = project.root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    triples = normalised(Statements(project.base, _decided(project)).of(matches))
    files.replace(path, Writer(project.base, project.prefixes).text(triples).encode())


def _decided(project: Project) -> dict[str, str]:
    """Match to its status in the file as it is, where that is another than candidate."""
    term, candidate = f"{project.base}ns#status", f"{project.base}scheme/status/candidate"
    source = next((source for source in project.sources if source.name == FILE), None)
    triples = sources.read_one(source, project.base).triples if source else ()
    return {t.subject.value: t.object.value for t in triples if t.predicate.value == term and t.object.value != candidate}


class Statements:
    """Says matches as statements at a base; `decided` holds the status of matches that a person has judged."""

    def __init__(self, base: str, decided: dict[str, str]):
        self.base, self.decided = base, decided

    def of(self, matches: Matches) -> Iterable[Triple]:
        yield from self._graph(matches.day)
        for candidate in matches.candidates:
            yield from self._match(candidate)

    def _graph(self, day: str) -> Iterator[Triple]:
        date = Literal(day, datatype=NamedNode(XSD + "date"))
        yield self._says(GRAPH, RDF_TYPE, NamedNode(VOID_DATASET))
        yield self._says(GRAPH, LABEL, _english(TITLE))
        yield self._says(GRAPH, DCTERMS + "title", _english(TITLE))
        yield self._says(GRAPH, DCTERMS + "description", _english(DESCRIPTION))
        yield self._says(GRAPH, DCTERMS + "license", NamedNode(CC_BY))
        yield self._says(GRAPH, DCTERMS + "source", self._own("id/source/curated-here"))
        yield self._says(GRAPH, PROV + "wasGeneratedBy", self._own(ACTIVITY))
        yield self._says(GRAPH, self._term("retrievedOn"), date)
        yield self._says(ACTIVITY, RDF_TYPE, NamedNode(PROV + "Activity"))
        yield self._says(ACTIVITY, LABEL, _english("Comparison of bodies by names and places"))
        yield self._says(ACTIVITY, DCTERMS + "date", date)

    def _match(self, candidate: Candidate) -> Iterator[Triple]:
        one, other = sorted((candidate.keep.slug, candidate.give_up.slug))
        match = f"id/match/{one}-as-{other}"
        status = self.decided.get(self._own(match).value, self._own("scheme/status/candidate").value)
        yield self._says(match, RDF_TYPE, NamedNode(self._term("CandidateMatch")))
        yield self._says(match, LABEL, _english(f"{_name(candidate.give_up)} as {_name(candidate.keep)}"))
        yield self._says(match, self._term("from"), NamedNode(candidate.give_up.iri))
        yield self._says(match, self._term("to"), NamedNode(candidate.keep.iri))
        yield self._says(match, self._term("score"), Literal(str(candidate.score), datatype=NamedNode(XSD + "decimal")))
        yield self._says(match, self._term("status"), NamedNode(status))
        for sentence in candidate.evidence:
            yield self._says(match, self._term("evidence"), _english(sentence))

    def _says(self, path: str, predicate: str, value: NamedNode | Literal) -> Triple:
        return Triple(self._own(path), NamedNode(predicate), value)

    def _own(self, path: str) -> NamedNode:
        return NamedNode(f"{self.base}{path}")

    def _term(self, name: str) -> str:
        return f"{self.base}ns#{name}"


def _english(text: str) -> Literal:
    return Literal(text, language="en")


def _name(body: Body) -> str:
    """What a body is called in a label: the shortest of its names that is neither short nor in capitals, where there is one."""
    return min(body.names, key=lambda name: (name.isupper(), len(name) < 6, len(name), name))
