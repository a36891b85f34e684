"""IRIs of the vocabularies that the pages themselves speak of."""

from __future__ import annotations

from pyoxigraph import NamedNode

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
FOAF = "http://xmlns.com/foaf/0.1/"
VOID = "http://rdfs.org/ns/void#"
SH = "http://www.w3.org/ns/shacl#"

TYPE, FIRST, REST, NIL = (NamedNode(RDF + name) for name in ("type", "first", "rest", "nil"))
IS_DEFINED_BY, COMMENT = NamedNode(RDFS + "isDefinedBy"), NamedNode(RDFS + "comment")
ONTOLOGY, IMPORTS, VERSION_IRI = (NamedNode(OWL + name) for name in ("Ontology", "imports", "versionIRI"))
CONCEPT_SCHEME, IN_SCHEME = NamedNode(SKOS + "ConceptScheme"), NamedNode(SKOS + "inScheme")
NOTATION, DEFINITION = NamedNode(SKOS + "notation"), NamedNode(SKOS + "definition")
TITLE, DESCRIPTION, LICENSE = (NamedNode(DCTERMS + name) for name in ("title", "description", "license"))
DISTRIBUTION, VERSION = NamedNode(DCAT + "distribution"), NamedNode(DCAT + "version")
DATASET, TRIPLES, IN_DATASET = (NamedNode(VOID + name) for name in ("Dataset", "triples", "inDataset"))
CLASS_PARTITION, PROPERTY_PARTITION = NamedNode(VOID + "classPartition"), NamedNode(VOID + "propertyPartition")
CLASS, ENTITIES = NamedNode(VOID + "class"), NamedNode(VOID + "entities")
PRIMARY_TOPIC = NamedNode(FOAF + "primaryTopic")
SELECT = NamedNode(SH + "select")

# What names a thing for people, best first.
NAMES = (NamedNode(SKOS + "prefLabel"), NamedNode(RDFS + "label"), TITLE, NamedNode(FOAF + "name"))
# What stands in for a name where there is none.
LESSER_NAMES = (NamedNode(SH + "name"), NamedNode(SH + "prefix"))
# What says in a sentence what a thing is, best first.
SUMMARIES = (DEFINITION, DESCRIPTION, NamedNode(DCTERMS + "abstract"), COMMENT)
