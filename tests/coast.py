"""The miniature with an ontology, shapes and a list of sources more, as a release and a client of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triplehelix.build import build
from triplehelix.project import Project
from web_release import BASE, Visitor, client_of

HEAD = """@base <https://example.org/mini/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sea: <https://example.org/mini/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
FERRIES = HEAD + """
<ns/ferries>
    a owl:Ontology ;
    dcterms:title "Ferries"@en ;
    owl:imports <ns/sea> ;
.

sea:CarFerry
    a owl:Class ;
    rdfs:label "car ferry"@en ;
    skos:definition "A ferry that takes cars."@en ;
    rdfs:isDefinedBy <ns/ferries> ;
    rdfs:subClassOf sea:Ferry ;
.

sea:Ferry
    a owl:Class ;
    rdfs:label "ferry <b>"@en ;
    skos:definition "A ship that crosses."@en ;
    rdfs:isDefinedBy <ns/ferries> ;
.

sea:callsAt
    a owl:ObjectProperty ;
    rdfs:label "calls at"@en ;
    skos:definition "Relates a ferry to a harbour."@en ;
    rdfs:isDefinedBy <ns/ferries> ;
    rdfs:domain sea:Ferry ;
    rdfs:range sea:Harbour ;
.

sea:servedBy
    a owl:ObjectProperty ;
    rdfs:label "served by"@en ;
    skos:definition "Relates a harbour to a ferry."@en ;
    rdfs:isDefinedBy <ns/ferries> ;
    rdfs:domain sea:Harbour ;
    rdfs:range sea:Ferry ;
.
"""
PIERS = """@base <https://example.org/mini/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sea: <https://example.org/mini/ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<shape/piers>
    a owl:Ontology ;
    dcterms:title "Shapes of ferries"@en ;
.

<shape/piers#Code>
    a sh:NodeShape ;
    rdfs:label "Code of a region"@en ;
    sh:property [ sh:hasValue <scheme/region> ; sh:path skos:inScheme ] ;
.

<shape/piers#Ferry>
    a sh:NodeShape ;
    rdfs:label "Ferry"@en ;
    rdfs:comment "What crosses the water."@en ;
    sh:message "A ferry is no harbour."@en ;
    sh:not [ sh:class sea:Harbour ] ;
    sh:property <shape/piers#Ferry-berths> , <shape/piers#Ferry-region> , <shape/piers#Ferry-calls> , <shape/piers#Ferry-size> ;
    sh:targetClass sea:Ferry ;
.

<shape/piers#Ferry-berths>
    a sh:PropertyShape ;
    sh:datatype xsd:integer ;
    sh:maxCount 1 ;
    sh:maxInclusive 9 ;
    sh:minCount 1 ;
    sh:name "berths"@en ;
    sh:order 1 ;
    sh:path sea:height ;
.

<shape/piers#Ferry-calls>
    a sh:PropertyShape ;
    sh:maxCount 4 ;
    sh:message "A ferry calls at two to four harbours <b>."@en ;
    sh:minCount 2 ;
    sh:name "calls at"@en ;
    sh:or ( [ sh:class sea:Harbour ] [ sh:nodeKind sh:IRI ] ) ;
    sh:order 3 ;
    sh:path [ sh:alternativePath ( sea:callsAt [ sh:inversePath sea:servedBy ] ) ] ;
.

<shape/piers#Ferry-region>
    a sh:PropertyShape ;
    sh:name "region"@en ;
    sh:node <shape/piers#Code> ;
    sh:order 2 ;
    sh:path sea:region ;
.

<shape/piers#Ferry-size>
    a sh:PropertyShape ;
    sh:in ( "small" "large" ) ;
    sh:maxCount 1 ;
    sh:name "size"@en ;
    sh:order 4 ;
    sh:path sea:size ;
.

<shape/piers#Shared>
    a sh:PropertyShape ;
    sh:maxCount 0 ;
    sh:name "never"@en ;
    sh:path sea:never ;
.
"""
SOURCES = """#+ title: Sources
#+ description: What the data are from.
#+ panel: void:Dataset
#+ order: 1
#+ column: graph Part
#+ column: statements Statements
BASE <https://example.org/mini/>
SELECT ?thing ?graph (COUNT(*) AS ?statements) WHERE {
  VALUES ?thing { <dataset> }
  GRAPH ?graph { ?subject ?predicate ?object }
} GROUP BY ?thing ?graph ORDER BY ?thing ?graph
"""


def with_ferries(mini: Project, folder: Path) -> Project:
    """A copy of the miniature with the ontology of ferries."""
    draft = Project(shutil.copytree(mini.root, folder))
    (draft.root / "ontology/ferries.ttl").write_text(FERRIES)
    facade = draft.root / "ontology/all.ttl"
    facade.write_text(facade.read_text().replace("<ns/sea> ;", "<ns/ferries> , <ns/sea> ;"))
    return draft


@pytest.fixture(scope="module", name="coast")
def coast_fixture(mini: Project, room: object, tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    """A client of a release of the miniature with all of it."""
    root = tmp_path_factory.mktemp("coast")
    draft = with_ferries(mini, root / "draft")
    (draft.root / "shapes/piers.ttl").write_text(PIERS)
    (draft.root / "queries/panels/sources.rq").write_text(SOURCES)
    build(draft, root / "releases", BASE)
    return client_of(root / "releases", room, BASE)
