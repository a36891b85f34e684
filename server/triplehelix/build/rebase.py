"""Re-basing: the canonical base of the sources replaced by the address a release is served from; one function for all."""

from __future__ import annotations

from collections.abc import Callable

from pyoxigraph import Literal, NamedNode, Quad

SH = "http://www.w3.org/ns/shacl#"
ANY_URI = "http://www.w3.org/2001/XMLSchema#anyURI"
# Literals of these properties hold IRIs (whole, as a beginning, or inside a query); no other literal is touched.
IRI_BEARING = {"http://purl.org/vocab/vann/preferredNamespaceUri", "http://rdfs.org/ns/void#uriSpace",
               SH + "namespace", SH + "select", SH + "ask", SH + "construct", SH + "pattern"}


def rebase(old: str, new: str) -> Callable[[Quad], Quad]:
    """The function that moves one quad from base IRI `old` to `new`."""
    def node(term):
        moves = isinstance(term, NamedNode) and term.value.startswith(old)
        return NamedNode(new + term.value[len(old):]) if moves else term

    def literal(term: Literal, predicate: str) -> Literal:
        bears = predicate in IRI_BEARING or term.datatype.value == ANY_URI
        if not bears or old not in term.value:
            return term
        return Literal(term.value.replace(old, new), datatype=None if term.language else term.datatype,
                       language=term.language)

    def quad(q: Quad) -> Quad:
        value = literal(q.object, q.predicate.value) if isinstance(q.object, Literal) else node(q.object)
        return Quad(node(q.subject), node(q.predicate), value, node(q.graph_name))

    return quad if old != new else lambda q: q


def rebase_text(text: str, old: str, new: str) -> str:
    """A query's text with its IRIs moved to the new base."""
    return text.replace(old, new)
