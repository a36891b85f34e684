"""Canonical Turtle: one text for one graph, so that a diff shows a change of meaning and nothing else.

Sorted, IRIs of the project relative to its base, only the prefixes used, literals in the form the store keeps.
Statements about the file's header (ontology, scheme, graph) stand first; a blank node stands where it is used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from triplehelix import files
from triplehelix.findings import Faulty, Finding, fault
from triplehelix.formats import require_utf8
from triplehelix.positions import first_comment
from triplehelix.project import Project, Source
from triplehelix.sources import read_one
from triplehelix.store import normalised

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
HEADERS = {"http://www.w3.org/2002/07/owl#Ontology", SKOS + "ConceptScheme", "http://rdfs.org/ns/void#Dataset"}
FIRST = [RDF + "type", "http://www.w3.org/2000/01/rdf-schema#label", SKOS + "prefLabel", SKOS + "altLabel",
         "http://xmlns.com/foaf/0.1/name", DCTERMS + "title", DCTERMS + "identifier", SKOS + "notation",
         SKOS + "definition", DCTERMS + "description"]
BARE = {XSD + "integer": re.compile(r"-?\d+"), XSD + "decimal": re.compile(r"-?\d+\.\d+"),
        XSD + "boolean": re.compile("true|false")}
LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
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
    return Writer(normalised(graph.triples), project.base, project.prefixes, source.path).text().encode()


class Writer:
    """Writes one graph as canonical Turtle (Turtle 1.1); `prefixes` is the project's table, `base` its base IRI."""

    def __init__(self, triples: Iterable[Triple], base: str, prefixes: Mapping[str, str], path: Path | str = ""):
        self.base, self.path = base, path
        self.namespaces = sorted(prefixes.items(), key=lambda item: -len(item[1]))
        self.used: set[str] = set()
        self.subjects: dict[object, dict[str, set]] = {}
        for t in triples:
            self.subjects.setdefault(t.subject, {}).setdefault(t.predicate.value, set()).add(t.object)
        self._require_trees()

    def text(self) -> str:
        tops = sorted((s for s in self.subjects if isinstance(s, NamedNode)), key=self._subject_key)
        body = [f"{self.term(s)}\n{self._predicates(s, 1)}.\n" for s in tops]
        lines = [f"@base <{self.base}> ."] + [f"@prefix {p}: <{n}> ." for p, n in sorted(self.namespaces) if p in self.used]
        return "\n".join(["\n".join(lines) + "\n", *body])

    def term(self, term, depth: int = 0) -> str:
        """One term as Turtle writes it at that depth of indentation."""
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, Literal):
            return self._literal(term)
        return self._list(term, depth) or self._bracket(term, depth)

    def iri(self, value: str) -> str:
        for prefix, namespace in self.namespaces:
            if value.startswith(namespace) and LOCAL.fullmatch(value[len(namespace):]):
                self.used.add(prefix)
                return f"{prefix}:{value[len(namespace):]}"
        return f"<{value.removeprefix(self.base)}>"

    def _predicates(self, subject, depth: int) -> str:
        pad = "    " * depth
        rows = self.subjects[subject]
        return "".join(f"{pad}{self._verb(p)} {self._objects(rows[p], depth)} ;\n" for p in sorted(rows, key=_predicate_key))

    def _verb(self, predicate: str) -> str:
        return "a" if predicate == RDF + "type" else self.iri(predicate)

    def _objects(self, objects: set, depth: int) -> str:
        texts = [self.term(o, depth) for o in sorted(objects, key=self._object_key)]
        texts = sorted(texts) if any(isinstance(o, BlankNode) for o in objects) else texts
        return texts[0] if len(texts) == 1 else f" ,\n{'    ' * (depth + 1)}".join(texts)

    def _bracket(self, node: BlankNode, depth: int) -> str:
        if node not in self.subjects:
            return "[]"
        return f"[\n{self._predicates(node, depth + 1)}{'    ' * depth}]"

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

    def _subject_key(self, subject: NamedNode) -> tuple:
        types = {t.value for t in self.subjects[subject].get(RDF + "type", ()) if isinstance(t, NamedNode)}
        return (not types & HEADERS, subject.value)

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
            raise fault(self.path, "a blank node is shared, unused or in a circle: give it an IRI")

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
    return (FIRST.index(predicate) if predicate in FIRST else len(FIRST), predicate)


def _escape(match: re.Match) -> str:
    return ESCAPES.get(match.group()) or f"\\u{ord(match.group()):04X}"
