"""Whether two servers say the same: answers as sets that do not depend on order, writing of numbers or names of blank nodes.

Rows are a multiset (SPARQL 1.1, 18.5). Numbers are compared as values to twelve digits, for servers differ in how many
digits they write. What DESCRIBE answers is each server's own choice (SPARQL 1.1, 16.4): only the statements of which the
described resource is the subject are compared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from http.client import HTTPConnection
from urllib.parse import urlencode

from pyoxigraph import BlankNode, Literal, RdfFormat, parse

from benchmarks.load import HOST, PATIENCE, ROWS, Refused, accepted

XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = {f"{XSD}{name}" for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")}
DESCRIBED = re.compile(r"DESCRIBE\s+<([^>]*)>")

Answer = Counter[tuple[str, ...]]


def ask(port: int, path: str, query: str) -> Answer:
    """The canonical answer of the server at the port. Raises Refused for another status than 200, and what cannot be read."""
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", f"{path}?{urlencode({'query': query})}", headers={"Accept": accepted(query)})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise Refused(f"{response.status}: {body[:500].decode(errors='replace')}")
    if accepted(query) == ROWS:
        return rows(json.loads(body))
    described = DESCRIBED.search(query)
    return triples(body, described[1] if described else "")


def rows(said: dict) -> Answer:
    """What a result in SPARQL's JSON format says."""
    if "boolean" in said:
        return Counter([(str(said["boolean"]),)])
    names = sorted(said["head"]["vars"])
    return Counter(tuple(_term(row[name]) if name in row else "" for name in names) for row in said["results"]["bindings"])


def _term(term: dict[str, str]) -> str:
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return "_:"
    return _literal(term["value"], term.get("xml:lang", "").lower(), term.get("datatype", ""))


def _literal(value: str, language: str, datatype: str) -> str:
    if datatype in NUMBERS:
        return f"{float(value):.12g}"
    return f'"{value}"@{language}' if language else f'"{value}"^^{datatype if datatype != f"{XSD}string" else ""}'


def triples(body: bytes, subject: str) -> Answer:
    """What a graph says, of the subject if that is not empty. Raises Refused where it cannot be read.

    It is read as what it looks like: rdflib-endpoint describes in RDF/XML, whatever is asked for, and calls it a result.
    """
    form = RdfFormat.RDF_XML if body.startswith(b"<?xml") else RdfFormat.TURTLE
    try:
        found = [quad.triple for quad in parse(body, format=form)]
    except SyntaxError as error:
        raise Refused(f"{error.msg}: {body[:200]!r}") from error
    return Counter({tuple(map(_node, triple)): 1 for triple in found if not subject or triple.subject.value == subject})


def _node(node: object) -> str:
    if isinstance(node, Literal):
        return _literal(node.value, (node.language or "").lower(), "" if node.language else node.datatype.value)
    return "_:" if isinstance(node, BlankNode) else str(node)
