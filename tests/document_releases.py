"""Releases made by hand that show what documents do, and readers of what the documents answer."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from conftest import write_store
from triplehelix import store
from triplehelix.releases import CURRENT, Manifest
from web_release import BASE, CANONICAL, HEAD, VOCABULARIES

ANNA = "/doc/id/person/anna"
HUB, SIZE = "/doc/id/place/hub", 1_230
LINK = re.compile(r'<([^<>"\s]*)>; rel="([a-z -]+)"(?:; type="([a-z0-9.+/-]+)")?')
PEOPLE = '''
    <graph/people> a void:Dataset ; dcterms:title "People"@en ; dcterms:license <http://example.org/terms> ;
        dcterms:source <id/source/register> ; <http://www.w3.org/ns/prov#wasGeneratedBy> <id/activity/reading> ;
        th:retrievedOn "2020-01-02"^^xsd:date .
    <id/source/register> rdfs:label "A register"@en ; dcterms:rights "Free"@en .
    <id/activity/reading> rdfs:label "Reading it"@en ; th:rowsIn 12 .
    <id/person/anna> a foaf:Person ; foaf:name "Anna </script><!-- <script>" ; th:knows <id/person/ben> .
    <id/person/ben> a foaf:Person ; foaf:name "Ben" .
    <id/work/one> a th:Work ; dcterms:title "One" ; dcterms:creator <id/person/anna>, "Nobody", <javascript:alert(1)> .'''
MANY = "".join(f"<id/thing/t{n:04}> th:{'in' if n % 3 else 'at'} <id/place/hub> .\n" for n in range(SIZE))
SCHEME = "<scheme/long> a skos:ConceptScheme ; dcterms:title \"Long\"@en .\n" + "".join(
    f'<scheme/long/{n:03}> a skos:Concept ; skos:inScheme <scheme/long> ; skos:notation "{n:03}" ; skos:prefLabel "C{n}"@en .\n'
    for n in range(450))
APART = '''
    <graph/unverified/rumours> a void:Dataset ; dcterms:title "Rumours"@en ; dcterms:license <http://example.org/other> .
    <id/person/ben> th:knows <id/person/anna> .'''
CATALOGUE = '''
    <graph/people> a void:Dataset ; void:triples 12 ; void:dataDump <dumps/graph/people.ttl>, <dumps/graph/people.nt> .
    <dataset> a void:Dataset ; dcterms:title "Small"@en ; dcterms:license <http://example.org/all> ;
        void:dataDump <dumps/dataset.nq> .'''
PLACES = '<id/place/hub> a th:Place ; rdfs:label "Hub"@en .\n' + MANY
ONE = {"graph/people": ("dataset", PEOPLE), "graph/places": ("dataset", PLACES),
       "graph/ontology/schemes/long": ("dataset", SCHEME), "graph/unverified/rumours": ("apart", APART),
       "graph/catalogue": ("", CATALOGUE)}
TWO = ONE | {"graph/more": ("dataset", '<id/person/cleo> a foaf:Person ; foaf:name "Cleo" ; th:knows <id/person/ben> .'),
             "graph/places": ("dataset", PLACES + "<id/thing/new> th:in <id/place/hub> .")}
TABLES = """
    CREATE TABLE resource (local TEXT PRIMARY KEY, hash TEXT, modified TEXT) WITHOUT ROWID;
    CREATE TABLE inverse (local TEXT, predicate TEXT, count INTEGER, PRIMARY KEY (local, predicate)) WITHOUT ROWID;
    CREATE TABLE retired (local TEXT PRIMARY KEY, status INTEGER, target TEXT) WITHOUT ROWID;
"""


def seal(root: Path, version: str, graphs: dict[str, tuple[str, str]]) -> Path:
    """A release made by hand, which becomes the current one."""
    folder = root / version
    quads = {name: [Quad(q.subject, q.predicate, q.object, NamedNode(BASE + name))
                    for q in parse((HEAD + text).encode(), format=RdfFormat.TURTLE)] for name, (_, text) in graphs.items()}
    merged = store.merged(q for name, (part, _) in graphs.items() if part == "dataset" for q in quads[name])
    (folder / "queries").mkdir(parents=True)
    write_store(folder / "store", [q for held in quads.values() for q in held], merged)
    listed = {BASE + name: {"part": part, "triples": len(quads[name]), "dump": f"dumps/{name}.ttl"}
              for name, (part, _) in graphs.items() if part}
    counts = {"triples": len(merged), "quads": len(merged), "graphs": len(listed)}
    (folder / "manifest.json").write_bytes(
        Manifest(version, BASE, CANONICAL, "0", "0", counts, VOCABULARIES, listed, {}).to_json())
    (root / "next").symlink_to(version)
    (root / "next").rename(root / CURRENT)
    return folder


def know(folder: Path, modified: dict[str, str], retired: tuple[tuple, ...] = ()) -> None:
    """Write the file in which a release keeps the dates of its documents, and what became of those it has no more."""
    with sqlite3.connect(folder / "resources.sqlite") as file:
        file.executescript(TABLES)
        file.executemany("INSERT INTO resource VALUES (?, 'x', ?)", modified.items())
        file.executemany("INSERT INTO retired VALUES (?, ?, ?)", retired)
    file.close()


def graph(response) -> set[Triple]:
    kinds = {"text/turtle": RdfFormat.TURTLE, "application/ld+json": RdfFormat.JSON_LD}
    return {q.triple for q in parse(response.data, format=kinds[response.mimetype], base_iri=BASE)}


def quads(response) -> set[Quad]:
    kinds = {"application/trig": RdfFormat.TRIG, "application/n-quads": RdfFormat.N_QUADS}
    return set(parse(response.data, format=kinds[response.mimetype], base_iri=BASE))


def links(response) -> dict[str, list[str]]:
    """The Link header read by a grammar that knows no more than it has to: relation to targets."""
    found: dict[str, list[str]] = {}
    rest = response.headers["Link"]
    while rest:
        match = LINK.match(rest)
        assert match, rest
        for relation in match[2].split():
            found.setdefault(relation, []).append(match[1])
        rest = rest[match.end():].removeprefix(", ")
    return found


def path(url: str) -> str:
    return url.removeprefix(BASE[:-1])
