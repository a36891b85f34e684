"""Terms of N-Triples: prefixed names written out, IRIs of ours, literals."""

from __future__ import annotations

BASE = "https://w3id.org/triplehelix/"
PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#", "cito": "http://purl.org/spar/cito/", "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/", "foaf": "http://xmlns.com/foaf/0.1/", "frbr": "http://purl.org/vocab/frbr/core#",
    "org": "http://www.w3.org/ns/org#", "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#", "th": f"{BASE}ns#", "xsd": "http://www.w3.org/2001/XMLSchema#"}


class Names(dict[str, str]):
    """Prefixed names as N-Triples terms, each made once."""

    def __missing__(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        self[name] = f"<{PREFIXES[prefix]}{local}>"
        return self[name]


def iri(path: str) -> str:
    return f"<{BASE}{path}>"


def text(value: str, language: str) -> str:
    return f'"{value}"@{language}'


def typed(value: object, datatype: str) -> str:
    return f'"{value}"^^<{PREFIXES["xsd"]}{datatype}>'
