"""A small release made by hand, and a client of the application that serves it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from conftest import write_store
from triplehelix import store
from triplehelix.engine import EngineRoom, Limits, start_room
from triplehelix.releases import CURRENT, Manifest
from triplehelix.web import Settings, create_app

BASE, CANONICAL = "http://127.0.0.1:8000/", "https://w3id.org/triplehelix/"
VERSION = "2026-11-23-0123456789ab"
VOCABULARIES = {
    "th": BASE + "ns#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "skos": "http://www.w3.org/2004/02/skos/core#",
    "foaf": "http://xmlns.com/foaf/0.1/", "dcterms": "http://purl.org/dc/terms/", "owl": "http://www.w3.org/2002/07/owl#",
    "sh": "http://www.w3.org/ns/shacl#", "void": "http://rdfs.org/ns/void#", "dcat": "http://www.w3.org/ns/dcat#",
    "sd": "http://www.w3.org/ns/sparql-service-description#", "xsd": "http://www.w3.org/2001/XMLSchema#"}
HEAD = f"@base <{BASE}> .\n" + "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in VOCABULARIES.items())
LINKS = "".join(f'<id/person/p{n:03}> a foaf:Person ; foaf:name "Person {n}" ; th:knows <id/person/anna> .\n' for n in range(250))
GRAPHS = {
    "graph/people": ("dataset", '''
        <graph/people> a void:Dataset ; dcterms:title "People"@en .
        <id/person/anna> a foaf:Person ; foaf:name "Anna" ; skos:altLabel "Ána"@es ; th:born "1950"^^xsd:gYear ;
            foaf:homepage <javascript:alert(1)>, <http://example.org/anna> ; th:knows <id/person/käthe> .
        <id/person/käthe> a foaf:Person ; foaf:name "<script>alert(1)</script>" .
        <id/person/a%20b> a foaf:Person ; foaf:name "Spaced" .''' + LINKS),
    "graph/more": ("dataset", "<id/person/anna> a foaf:Person ; rdfs:seeAlso <https://example.org/a\u00e9> ."),
    "graph/unverified": ("apart", '''
        <id/person/doubt> a foaf:Person ; foaf:name "Doubt" .
        <id/person/anna> th:born "1949"^^xsd:gYear .'''),
    "graph/ontology/all": ("dataset", '''
        <ns> a owl:Ontology ; dcterms:title "All terms"@en ; owl:versionIRI <ns/0.1.0> ; owl:imports <ns/core> .'''),
    "graph/ontology/core": ("dataset", '''
        <ns/core> a owl:Ontology ; dcterms:title "Core"@en ; owl:versionIRI <ns/core/0.1.0> .
        th:knows a owl:ObjectProperty ; rdfs:label "knows"@en ; rdfs:isDefinedBy <ns/core> .
        th:born a owl:DatatypeProperty ; rdfs:label "born"@en ; rdfs:isDefinedBy <ns/core> .'''),
    "graph/ontology/schemes/nace": ("dataset", '''
        <scheme/nace> a skos:ConceptScheme ; dcterms:title "NACE"@en .
        <scheme/nace/62.10> a skos:Concept ; skos:prefLabel "Programming"@en ; skos:notation "62.10" ;
            skos:inScheme <scheme/nace> .'''),
    "graph/shapes/core": ("service", '''
        <shape/core> a owl:Ontology ; dcterms:title "Shapes"@en .
        <shape/core#Person> a sh:NodeShape ; sh:targetClass foaf:Person ;
            sh:property [ sh:path foaf:name ; sh:in ( "a" "b" ) ] .'''),
    "graph/queries": ("service", '''
        <query/names> a sh:SPARQLSelectExecutable ; rdfs:label "All names"@en ; dcterms:description "Names."@en ;
            sh:select "SELECT ?name WHERE { ?s <http://xmlns.com/foaf/0.1/name> ?name }" .'''),
    "graph/catalogue": ("", '''
        <dataset> a void:Dataset ; dcterms:title "Tiny"@en ; dcterms:description "A tiny dataset."@en ; void:triples 1 ;
            dcterms:license <http://creativecommons.org/licenses/by/4.0/> ; void:classPartition <dataset#class-1> ;
            dcat:distribution <dumps/dataset.ttl> .
        <dataset#class-1> void:class foaf:Person ; void:entities 253 .
        <dumps/dataset.ttl> a dcat:Distribution ; dcterms:title "Turtle" .
        <sparql> a sd:Service ; sd:endpoint <sparql> ; sd:defaultDataset <sparql#dataset> . <sparql#dataset> a sd:Dataset .'''),
}


@pytest.fixture(scope="session", name="small_releases")
def releases_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of releases with one small, sealed release."""
    root = tmp_path_factory.mktemp("releases")
    folder = root / VERSION
    quads = {name: _quads(name, text) for name, (_, text) in GRAPHS.items()}
    merged = store.merged(q for name, (part, _) in GRAPHS.items() if part == "dataset" for q in quads[name])
    (folder / "dumps").mkdir(parents=True)
    write_store(folder / "store", [q for held in quads.values() for q in held], merged)
    files = {"dumps/dataset.ttl": b"# a dump\n" * 50, "dumps/dataset.ttl.gz": b"\x1f\x8b not really", "queries/names.rq": QUERY,
             "catalogue.ttl": (HEAD + GRAPHS["graph/catalogue"][1]).encode(), "report.ttl": b"<urn:r> a <urn:Report> ."}
    (folder / "queries").mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    graphs = {BASE + name: {"part": part, "triples": len(quads[name]), "dump": f"dumps/{name}.ttl"}
              for name, (part, _) in GRAPHS.items() if part}
    rows = {name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()}
    counts = {"triples": len(merged), "quads": len(merged), "graphs": len(graphs)}
    manifest = Manifest(VERSION, BASE, CANONICAL, "0", "0", counts, VOCABULARIES, graphs, rows)
    (folder / "manifest.json").write_bytes(manifest.to_json())
    (root / CURRENT).symlink_to(VERSION)
    return root


QUERY = b"""#+ title: All names
#+ description: Names.
#+ parameter: who The person.
#+ example: none
SELECT ?name WHERE {
  VALUES ?who { <http://127.0.0.1:8000/id/person/anna> }
  ?who <http://xmlns.com/foaf/0.1/name> ?name
}
"""


LIMITS = Limits(seconds=3.0)


def _quads(name: str, text: str) -> list[Quad]:
    parsed = parse((HEAD + text).encode(), format=RdfFormat.TURTLE)
    return [Quad(q.subject, q.predicate, q.object, NamedNode(BASE + name)) for q in parsed]


@pytest.fixture(scope="session", name="room")
def room_fixture(tmp_path_factory: pytest.TempPathFactory):
    """An engine room with a short time limit."""
    with start_room(tmp_path_factory.mktemp("engine") / "socket", LIMITS) as room:
        yield room


@pytest.fixture(name="small")
def small_fixture(small_releases, room) -> Visitor:
    """A client of the application over the small release, at its own origin."""
    return client_of(small_releases, room, BASE)


class Visitor(FlaskClient):
    """A client that visits a host of its own choice: the tests' default, localhost, is none of ours."""

    def __init__(self, *args: object, host: str, **kwargs: object):
        super().__init__(*args, **kwargs)
        self.host = host

    def open(self, *args: object, **kwargs: object):
        kwargs.setdefault("base_url", f"http://{self.host}/")
        return super().open(*args, **kwargs)


def client_of(releases: Path, room: EngineRoom, origin: str) -> Visitor:
    """A client that sends the Host of the origin."""
    app = create_app(releases, room, Settings(origin, limits=LIMITS))
    app.test_client_class = Visitor
    return app.test_client(host=urlsplit(origin).netloc)
