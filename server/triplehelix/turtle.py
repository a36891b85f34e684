"""Canonical Turtle: one text for one graph, so that a diff shows a change of meaning and nothing else.

Sorted, IRIs of the project relative to its base, only the prefixes used, literals in the form the store keeps.
Statements about the file's header (ontology, scheme, graph) stand first; a blank node stands where it is used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from triplehelix import files
from triplehelix.findings import Faulty, Finding, fault
from triplehelix.formats import parse, require_utf8
from triplehelix.positions import Positions, first_comment
from triplehelix.project import TURTLE, Project, Source
from triplehelix.sources import read_one
from triplehelix.store import normalised

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
HEADERS = {"http://www.w3.org/2002/07/owl#Ontology", SKOS + "ConceptScheme", "http://rdfs.org/ns/void#Dataset"}
FIRST = {predicate: place for place, predicate in enumerate((
    RDF + "type", "http://www.w3.org/2000/01/rdf-schema#label", SKOS + "prefLabel", SKOS + "altLabel",
    "http://xmlns.com/foaf/0.1/name", DCTERMS + "title", DCTERMS + "identifier", SKOS + "notation",
    SKOS + "definition", DCTERMS + "description"))}
BARE = {XSD + "integer": re.compile(r"-?[0-9]+"), XSD + "decimal": re.compile(r"-?[0-9]+\.[0-9]+"),
        XSD + "boolean": re.compile("true|false")}
# What reads as itself against the base (RFC 3986 section 5.2): no scheme, no slash in front, no dot segments.
RELATIVE = re.compile(r"(?![^/?#]*:)(?![/?]|//)(?!(?:.*/)?\.\.?(?:[/?#]|$)).*")
LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# IRIs whose short form is kept at hand.
REMEMBERED = 10_000
UNSAFE = re.compile(r'["\\\n\r\t\x00-\x1f\x7f\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069]')


def fmt(project: Project, sources: Iterable[Source], check: bool = False) -> list[Source]:
    """Write each file in canonical form; the files that were not. With `check` nothing is written.

    Raises Faulty for a file that cannot be parsed, or whose rewriting would lose something (a comment, a blank
    node that two statements share).
    """
    changed, findings = [], []
    for source in sources:
        try:
            before, after = source.path.read_bytes(), canonical(source, project)
        except Faulty as error:
            findings.extend(error.findings)
            continue
        if before != after:
            changed.append((source, after))
    if findings:
        raise Faulty(findings)
    if not check:
        for source, after in changed:
            files.replace(source.path, after)
    return [source for source, _ in changed]


def canonical(source: Source, project: Project) -> bytes:
    """The canonical text of one file. Raises Faulty with the line of what would be lost."""
    graph = read_one(source, project.base)
    comment = first_comment(require_utf8(graph.text))
    if comment:
        raise Faulty([Finding(source.name, comment.line, "", "a # comment would be lost: say it as rdfs:comment, "
                              "skos:editorialNote or sh:description")])
    triples = normalised(graph.triples)
    try:
        text = Writer(project.base, project.prefixes).text(triples).encode()
    except Tangled as error:
        line = Positions(graph.text.decode(), project.base).first_blank()
        raise fault(source.name, "a blank node is shared, unused or in a circle: give it an IRI", line) from error
    _require_same(source, triples, parse(text, TURTLE, project.base).quads)
    return text


def _require_same(source: Source, before: list[Triple], after: Iterable[Quad]) -> None:
    """The net under the writer: a file is only ever replaced by one that says the same."""
    if _canonicalised(before) != _canonicalised(quad.triple for quad in after):
        raise fault(source.name, "the canonical form would not say the same; the file is left as it is")


def _canonicalised(triples: Iterable[Triple]) -> Dataset:
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


class Tangled(ValueError):
    """A blank node that no brackets can say: shared, unused, or in a circle."""


def subject_key(subject: NamedNode, types: Iterable[object]) -> tuple[bool, str]:
    """What subjects are sorted by: headers (ontology, scheme, graph) first, then by IRI."""
    return (not HEADERS & {getattr(t, "value", "") for t in types}, subject.value)


class Writer:
    """Writes graphs as canonical Turtle (Turtle 1.1); `prefixes` is the project's table, `base` its base IRI.

    `body` may be called for one part of a graph after the other; `head` then has the prefixes of them all.
    """

    def __init__(self, base: str, prefixes: Mapping[str, str]):
        self.base = base
        self.prefixes = {namespace: prefix for prefix, namespace in prefixes.items()}
        longest_first = sorted(self.prefixes, key=len, reverse=True)
        self.named = re.compile(f"({'|'.join(map(re.escape, longest_first)) or '(?!)'})({LOCAL.pattern})")
        self.used: set[str] = set()
        self.subjects: dict[object, dict[str, set]] = {}
        # Predicates, classes and codes come again and again.
        self.iri = lru_cache(REMEMBERED)(self._iri)

    def text(self, triples: Iterable[Triple]) -> str:
        """The whole text of one graph."""
        body = list(self.body(triples))
        return "".join([self.head(), *body])

    def head(self) -> str:
        used = sorted((prefix, namespace) for namespace, prefix in self.prefixes.items() if prefix in self.used)
        return "".join([f"@base <{self.base}> .\n", *(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in used)])

    def body(self, triples: Iterable[Triple]) -> Iterator[str]:
        """The blocks of the triples' subjects, sorted. Raises Tangled for blank nodes that brackets cannot say."""
        self.subjects = {}
        for t in triples:
            self.subjects.setdefault(t.subject, {}).setdefault(t.predicate.value, set()).add(t.object)
        self._require_trees()
        tops = (s for s in self.subjects if isinstance(s, NamedNode))
        for subject in sorted(tops, key=lambda s: subject_key(s, self.subjects[s].get(RDF + "type", ()))):
            yield self.block(subject, self.subjects[subject])

    def block(self, subject: NamedNode, rows: Mapping[str, set]) -> str:
        """What is said of one subject: predicate IRI to objects."""
        return f"\n{self.iri(subject.value)}\n{self._predicates(rows, 1)}.\n"

    def term(self, term, depth: int = 0) -> str:
        """One term as Turtle writes it at that depth of indentation."""
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, Literal):
            return self._literal(term)
        return self._list(term, depth) or self._bracket(term, depth)

    def _iri(self, value: str) -> str:
        if match := self.named.fullmatch(value):
            prefix = self.prefixes[match[1]]
            self.used.add(prefix)
            return f"{prefix}:{match[2]}"
        relative = value.removeprefix(self.base)
        return f"<{relative if RELATIVE.fullmatch(relative) else value}>"

    def _predicates(self, rows: Mapping[str, set], depth: int) -> str:
        pad = "    " * depth
        return "".join(f"{pad}{self._verb(p)} {self._objects(rows[p], depth)} ;\n" for p in sorted(rows, key=_predicate_key))

    def _verb(self, predicate: str) -> str:
        return "a" if predicate == RDF + "type" else self.iri(predicate)

    def _objects(self, objects: set, depth: int) -> str:
        if len(objects) == 1:
            return self.term(*objects, depth)
        texts = [self.term(o, depth + 1) for o in sorted(objects, key=self._object_key)]
        texts = sorted(texts) if any(isinstance(o, BlankNode) for o in objects) else texts
        return f" ,\n{'    ' * (depth + 1)}".join(texts)

    def _bracket(self, node: BlankNode, depth: int) -> str:
        if node not in self.subjects:
            return "[]"
        return f"[\n{self._predicates(self.subjects[node], depth + 1)}{'    ' * depth}]"

    def _list(self, node: BlankNode, depth: int) -> str | None:
        """The node as a collection `( a b )` where it is a well-formed rdf:List, else None."""
        items = []
        while isinstance(node, BlankNode):
            rows = self.subjects.get(node, {})
            if set(rows) != {RDF + "first", RDF + "rest"} or any(len(v) != 1 for v in rows.values()):
                return None
            items.append(self.term(*rows[RDF + "first"], depth))
            node, = rows[RDF + "rest"]
        return f"( {' '.join(items)} )" if node == NamedNode(RDF + "nil") else None

    def _literal(self, literal: Literal) -> str:
        datatype = literal.datatype.value
        if datatype in BARE and BARE[datatype].fullmatch(literal.value):
            return literal.value
        quoted = '"' + UNSAFE.sub(_escape, literal.value) + '"'
        if literal.language:
            return f"{quoted}@{literal.language}"
        return quoted if datatype == XSD + "string" else f"{quoted}^^{self.iri(datatype)}"

    def _object_key(self, term) -> tuple:
        if isinstance(term, Literal):
            number = int(term.value) if BARE[XSD + "integer"].fullmatch(term.value) else 0
            return (1, term.language or "", number, term.value, term.datatype.value)
        return (0, self.iri(term.value)) if isinstance(term, NamedNode) else (2, "")

    def _require_trees(self) -> None:
        """Every blank node is used exactly once as an object: else brackets could not say the same graph."""
        uses = Counter(o for rows in self.subjects.values() for objects in rows.values()
                       for o in objects if isinstance(o, BlankNode))
        blank = {s for s in self.subjects if isinstance(s, BlankNode)}
        if any(n > 1 for n in uses.values()) or blank - set(uses) or not self._reachable(blank):
            raise Tangled

    def _reachable(self, blank: set) -> bool:
        """Whether every blank node hangs on a named subject (a circle of blank nodes hangs on none)."""
        queue = [s for s in self.subjects if isinstance(s, NamedNode)]
        seen: set = set()
        while queue:
            found = {o for objects in self.subjects.get(queue.pop(), {}).values() for o in objects
                     if isinstance(o, BlankNode)} - seen
            seen |= found
            queue.extend(found)
        return blank <= seen


def _predicate_key(predicate: str) -> tuple[int, str]:
    return (FIRST.get(predicate, len(FIRST)), predicate)


def _escape(match: re.Match) -> str:
    return ESCAPES.get(match.group()) or f"\\u{ord(match.group()):04X}"
