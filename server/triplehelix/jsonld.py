"""JSON-LD 1.1, compact, with its context inline: what is written here is read without the network.

A context has the prefixes of a release, and its own vocabulary as `@vocab`, so that the names of that need no prefix. Nothing
is coerced by it: a node is `{"@id": ...}` and a literal says its datatype or language itself. So a document means the same
under the whole context as under the part of it that it carries, and writing it loses nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

Term = NamedNode | BlankNode | Literal
Node = dict[str, object]
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD = "http://www.w3.org/2001/XMLSchema#"
BOOLEANS = {"true": True, "false": False}
# Integers that every reader of JSON keeps: below 2^53, and as XML Schema writes them.
INTEGER = re.compile("0|-?[1-9][0-9]{0,14}")
# A namespace that ends otherwise is no prefix (JSON-LD 1.1 API, section 4.2.2, step 14.2.5).
DELIMITERS = tuple(":/?#[]@")
NAME = re.compile("[A-Za-z][A-Za-z0-9_-]*")
# What stands after the nodes of a document.
CLOSING = "\n]}\n"


class Names:
    """How IRIs of predicates, classes and datatypes are written under the context of a document.

    `taken` are the prefixes that may not be used, since an IRI that is written in full has them as its scheme.
    """

    def __init__(self, prefixes: Mapping[str, str], vocabulary: str = "", taken: Iterable[str] = ()):
        usable = {p: iri for p, iri in prefixes.items() if NAME.fullmatch(p) and iri.endswith(DELIMITERS)}
        self._prefixes = {p: usable[p] for p in sorted(usable) if p not in set(taken)}
        self._vocabulary = vocabulary
        self._known: dict[str, str] = {}
        self._used: set[str] = set()
        self.schemes: set[str] = set()

    def whole(self) -> dict[str, str]:
        """The context with all that it may hold."""
        return ({"@vocab": self._vocabulary} if self._vocabulary else {}) | self._prefixes

    def used(self) -> dict[str, str]:
        """The part of the context by which something was written so far."""
        return {term: iri for term, iri in self.whole().items() if term in self._used}

    @property
    def clashing(self) -> set[str]:
        """The prefixes used that an IRI written in full would be read with."""
        return self._used & self.schemes

    def full(self, iri: str) -> str:
        """The IRI as it is, for what is no name."""
        scheme, _, rest = iri.partition(":")
        if not rest.startswith("//"):
            self.schemes.add(scheme)
        return iri

    def short(self, iri: str) -> str:
        """The shortest way in which the context has the IRI."""
        if iri not in self._known:
            self._known[iri] = self._shortened(iri)
        return self._known[iri]

    def _shortened(self, iri: str) -> str:
        bare = iri.removeprefix(self._vocabulary) if self._vocabulary else iri
        if NAME.fullmatch(bare) and bare not in self._prefixes:
            self._used.add("@vocab")
            return bare
        fitting = [p for p, namespace in self._prefixes.items() if iri.startswith(namespace) and iri != namespace]
        if not fitting:
            return self.full(iri)
        prefix = max(fitting, key=lambda p: len(self._prefixes[p]))
        rest = iri[len(self._prefixes[prefix]):]
        if rest.startswith("//"):
            return self.full(iri)
        self._used.add(prefix)
        return f"{prefix}:{rest}"


def write(content: Iterable[Quad | Triple], prefixes: Mapping[str, str], vocabulary: str = "") -> bytes:
    """Triples, or quads, as JSON-LD: one line a subject; equal content in equal order gives equal bytes."""
    rows = list(content)
    names = Names(prefixes, vocabulary)
    text = "".join(nodes(rows, names))
    if names.clashing:
        names = Names(prefixes, vocabulary, names.schemes)
        text = "".join(nodes(rows, names))
    return f"{opening(names)}{text}{CLOSING}".encode()


def opening(names: Names) -> str:
    """What stands before the nodes: the part of the context by which they were written."""
    return f'{{"@context":{_text(names.used())},\n"@graph":[\n'


def context(prefixes: Mapping[str, str], vocabulary: str = "") -> bytes:
    """The whole context as a document of its own."""
    return (json.dumps({"@context": Names(prefixes, vocabulary).whole()}, indent=1) + "\n").encode()


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def nodes(rows: Iterable[Quad | Triple], names: Names) -> Iterator[str]:
    """The text of a node for each run of rows with one subject; those of a named graph stand inside it (JSON-LD 1.1 section
    4.9)."""
    between = ""
    for graph, of_graph in groupby(rows, key=_graph):
        texts = (_text(_node(subject, run, names)) for subject, run in groupby(of_graph, key=lambda row: row.subject))
        if isinstance(graph, DefaultGraph):
            yield from _joined(texts, between)
        else:
            yield f'{between}{{"@id":{_text(_id(graph, names))},"@graph":[\n'
            yield from _joined(texts, "")
            yield "\n]}"
        between = ",\n"


def _joined(texts: Iterable[str], between: str) -> Iterator[str]:
    for text in texts:
        yield between + text
        between = ",\n"


def _graph(row: Quad | Triple) -> NamedNode | BlankNode | DefaultGraph:
    return row.graph_name if isinstance(row, Quad) else DefaultGraph()


def _node(subject: NamedNode | BlankNode, run: Iterable[Quad | Triple], names: Names) -> Node:
    """What is said of one subject. The order of the keys lets readers go on at once (Streaming JSON-LD, section 3)."""
    values: dict[str, list[object]] = {"@type": [], "@id": [_id(subject, names)]}
    for row in run:
        if row.predicate.value == TYPE and isinstance(row.object, NamedNode):
            values["@type"].append(names.short(row.object.value))
        else:
            values.setdefault(names.short(row.predicate.value), []).append(_value(row.object, names))
    return {key: found[0] if len(found) == 1 else found for key, found in values.items() if found}


def _id(node: NamedNode | BlankNode, names: Names) -> str:
    return names.full(node.value) if isinstance(node, NamedNode) else f"_:{node.value}"


def _value(term: Term, names: Names) -> object:
    """A term as a value (section 4.2): booleans and integers as those of JSON, strings bare, the rest with what they are."""
    if not isinstance(term, Literal):
        return {"@id": _id(term, names)}
    if term.language:
        return {"@language": term.language, "@value": term.value}
    datatype, text = term.datatype.value, term.value
    if datatype == XSD + "string":
        return text
    if datatype == XSD + "boolean" and text in BOOLEANS:
        return BOOLEANS[text]
    if datatype == XSD + "integer" and INTEGER.fullmatch(text):
        return int(text)
    return {"@type": names.short(datatype), "@value": text}
