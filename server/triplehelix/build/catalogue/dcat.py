"""DCAT-AP 3: the catalogue, the dataset with the files it is distributed in, and the services that answer about it.

Only what the record in the data says, what is counted, and what the software itself keeps is said here: a contact, a place or
a period that the record does not state is not made up. DCAT-AP asks for the class of what is named; where the record leaves
that out, the range of the property tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.build.catalogue.terms import (
    DCAT,
    DCTERMS,
    FOAF,
    RDFS,
    SKOS,
    SPDX,
    TYPE,
    VCARD,
    VOID,
    Contents,
    english,
    say,
    typed,
)
from triplehelix.build.dumps import NAMED
from triplehelix.formats import DATASET, GRAPH, Format
from triplehelix.releases import sha256

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
FILE_TYPES = "http://publications.europa.eu/resource/authority/file-type/"
# The codes of the EU's list of file types, which DCAT-AP wants as dcterms:format.
FILE_TYPE = (("ttl", "RDF_TURTLE"), ("nt", "RDF_N_TRIPLES"), ("rdf", "RDF_XML"), ("jsonld", "JSON_LD"), ("nq", "RDF_N_QUADS"),
             ("trig", "RDF_TRIG"))
TABLES = "tables.zip"
# What the record may name, and of which class that is: the range of the property, or the one that DCAT-AP gives it.
RANGES = (
    (DCTERMS + "accessRights", DCTERMS + "RightsStatement"), (DCTERMS + "accrualPeriodicity", DCTERMS + "Frequency"),
    (DCTERMS + "creator", FOAF + "Agent"), (DCTERMS + "language", DCTERMS + "LinguisticSystem"),
    (DCTERMS + "license", DCTERMS + "LicenseDocument"), (DCTERMS + "publisher", FOAF + "Agent"),
    (DCTERMS + "spatial", DCTERMS + "Location"), (DCTERMS + "temporal", DCTERMS + "PeriodOfTime"),
    (DCAT + "contactPoint", VCARD + "Kind"), (DCAT + "theme", SKOS + "Concept"), (SKOS + "inScheme", SKOS + "ConceptScheme"),
    (DCTERMS + "type", SKOS + "Concept"))
# What is repeated of such a thing, so that the catalogue can be read alone.
TOLD = (TYPE, FOAF + "name", FOAF + "homepage", FOAF + "mbox", SKOS + "prefLabel", RDFS + "label", DCTERMS + "title",
        DCTERMS + "description", DCTERMS + "type", SKOS + "inScheme", SKOS + "notation", DCAT + "startDate", DCAT + "endDate",
        DCAT + "bbox", DCAT + "centroid")
NAMES = (FOAF + "name", SKOS + "prefLabel", RDFS + "label", DCTERMS + "title")
# What holds for the catalogue, which is of this one dataset and came with it, and for the services, as it does for the dataset.
OF_THE_CATALOGUE = tuple(DCTERMS + name for name in ("issued", "language", "license", "publisher", "spatial"))
OF_A_SERVICE = (DCTERMS + "accessRights", DCTERMS + "license", DCTERMS + "publisher", DCAT + "contactPoint", DCAT + "keyword",
                DCAT + "theme")
SERVICES = (
    ("sparql", "SPARQL endpoint", "Answers queries in SPARQL 1.1; read-only.", "https://www.w3.org/TR/sparql11-protocol/"),
    ("graphs", "Graph store", "Gives each named graph, or the merge of the dataset, whole; read-only.",
     "https://www.w3.org/TR/sparql11-http-rdf-update/"))


def description(held: Contents, folder: Path) -> Iterator[Triple]:
    """Catalogue, dataset, distributions and services of the release whose dumps stand in `folder`."""
    yield from _catalogue(held)
    yield from _record(held)
    for fmt in (*GRAPH, *DATASET):
        for packed in (False, True):
            yield from _distribution(held, fmt, packed, folder)
    yield from _tables(held, folder)
    for service in SERVICES:
        yield from _service(held, *service)
    yield from _document(held.base)


def _catalogue(held: Contents) -> Iterator[Triple]:
    catalogue = held.base + "catalogue"
    title = next((value.value for value in held.values(held.dataset, DCTERMS + "title")), held.base)
    text = f"What is published at {held.base}: the dataset, the files to take it home in, and the services that answer about it."
    schemes = {scheme for theme in held.values(held.dataset, DCAT + "theme")
               for scheme in held.values(theme.value, SKOS + "inScheme")}
    yield from say(catalogue, [
        (TYPE, NamedNode(DCAT + "Catalog")), (TYPE, NamedNode(VOID + "DatasetDescription")),
        (DCTERMS + "title", english(f"{title}: catalogue")), (DCTERMS + "description", english(text)),
        (DCTERMS + "modified", typed(held.date, "date")), (FOAF + "homepage", NamedNode(held.base)),
        (FOAF + "primaryTopic", NamedNode(held.dataset)), (DCAT + "dataset", NamedNode(held.dataset)),
        *((DCAT + "service", NamedNode(held.base + name)) for name, *_ in SERVICES),
        *((DCAT + "themeTaxonomy", scheme) for scheme in sorted(schemes, key=str))])
    yield from _as_the_dataset(held, catalogue, OF_THE_CATALOGUE)


def _record(held: Contents) -> Iterator[Triple]:
    """What the record says of the dataset, with what it names; and what a release adds to it."""
    yield from say(held.dataset, ((predicate, value) for predicate, values in held.about(held.dataset).items()
                                  for value in values))
    yield from say(held.dataset, [
        (TYPE, NamedNode(DCAT + "Dataset")), (DCAT + "version", Literal(held.version)),
        (DCAT + "landingPage", NamedNode(held.base))])
    for predicate, value in ((DCTERMS + "identifier", Literal(held.dataset)), (DCTERMS + "modified", typed(held.date, "date"))):
        if not held.values(held.dataset, predicate):
            yield from say(held.dataset, [(predicate, value)])
    yield from _named(held, held.dataset)


def _named(held: Contents, subject: str, depth: int = 3) -> Iterator[Triple]:
    """Class and names of what a subject names, and of what that names: a theme's scheme, the kind of a licence."""
    for predicate, kind in RANGES:
        for value in held.values(subject, predicate) if depth else ():
            if not isinstance(value, NamedNode):
                continue
            yield from say(value.value, [(TYPE, NamedNode(kind)), *_told(held, value.value)])
            if kind == FOAF + "Agent":
                yield from say(value.value, [(FOAF + "name", name) for name in _names(held, value.value)])
            yield from _named(held, value.value, depth - 1)


def _told(held: Contents, subject: str) -> Iterator[tuple[str, NamedNode | Literal]]:
    said = held.about(subject)
    return ((predicate, value) for predicate in said if predicate in TOLD or predicate.startswith(VCARD)
            for value in said[predicate])


def _names(held: Contents, subject: str) -> list[Literal]:
    """The names of an agent in the first property that has any: DCAT-AP knows foaf:name alone."""
    found = ([value for value in held.values(subject, predicate) if isinstance(value, Literal)] for predicate in NAMES)
    return next(filter(None, found), [])


def _as_the_dataset(held: Contents, subject: str, predicates: tuple[str, ...]) -> Iterator[Triple]:
    return say(subject, ((predicate, value) for predicate in predicates for value in held.values(held.dataset, predicate)))


def _distribution(held: Contents, fmt: Format, packed: bool, folder: Path) -> Iterator[Triple]:
    """One file of dumps/ (the file's own IRI) in a syntax of RDF."""
    name = f"dataset.{fmt.suffix}" + (".gz" if packed else "")
    file = f"{held.base}dumps/{name}"
    yield from say(held.dataset, [(VOID + "dataDump", NamedNode(file))])
    yield from _file(held, folder, name, (fmt.label, _content(fmt, packed)), (fmt.media_type, dict(FILE_TYPE)[fmt.name]))
    if packed:
        yield from say(file, [(DCAT + "compressFormat", NamedNode(MEDIA_TYPES + "application/gzip"))])
        yield from _media_type("application/gzip")


def _tables(held: Contents, folder: Path) -> Iterator[Triple]:
    """The zip of all tables, where there are any."""
    if (folder / "dumps" / TABLES).is_file():
        text = "One table for each kind of thing, in CSV with metadata in CSVW, all in one zip."
        yield from _file(held, folder, TABLES, ("ZIP", text), ("application/zip", "ZIP"))
        yield from say(f"{held.base}dumps/{TABLES}", [(DCAT + "packageFormat", NamedNode(MEDIA_TYPES + "application/zip"))])


def _file(held: Contents, folder: Path, name: str, told: tuple[str, str], kind: tuple[str, str]) -> Iterator[Triple]:
    """A distribution with its size and SHA-256; `told` is a label of its format and a sentence on what it holds, `kind` its
    media type and its code in the EU's list of file types.
    """
    (label, text), (media_type, code) = told, kind
    path, file, file_type = folder / "dumps" / name, f"{held.base}dumps/{name}", FILE_TYPES + code
    yield from say(held.dataset, [(DCAT + "distribution", NamedNode(file))])
    yield from say(file, [
        (TYPE, NamedNode(DCAT + "Distribution")), (DCTERMS + "title", english(f"{label}: {name}")),
        (DCTERMS + "description", english(text)),
        (DCAT + "downloadURL", NamedNode(file)), (DCAT + "accessURL", NamedNode(file)),
        (DCAT + "mediaType", NamedNode(MEDIA_TYPES + media_type)), (DCTERMS + "format", NamedNode(file_type)),
        (DCAT + "byteSize", typed(str(path.stat().st_size), "decimal")), (SPDX + "checksum", NamedNode(file + "#checksum"))])
    yield from _as_the_dataset(held, file, (DCTERMS + "license",))
    yield from _media_type(media_type)
    yield from say(file_type, [(TYPE, NamedNode(DCTERMS + "MediaTypeOrExtent")), (RDFS + "label", english(label))])
    yield from _checksum(file + "#checksum", path)


def _content(fmt: Format, packed: bool) -> str:
    what = ("The named graphs one by one, those that stand apart from the dataset too" if fmt.name in NAMED
            else "The merge of the graphs of the dataset, as triples")
    return f"{what}, in {fmt.label}{', compressed by gzip' if packed else ''}."


def _media_type(name: str) -> Iterator[Triple]:
    return say(MEDIA_TYPES + name, [(TYPE, NamedNode(DCTERMS + "MediaType")), (RDFS + "label", Literal(name))])


def _checksum(iri: str, path: Path) -> Iterator[Triple]:
    algorithm = SPDX + "checksumAlgorithm_sha256"
    yield from say(iri, [(TYPE, NamedNode(SPDX + "Checksum")), (SPDX + "algorithm", NamedNode(algorithm)),
                         (SPDX + "checksumValue", typed(sha256(path), "hexBinary"))])
    yield from say(algorithm, [(TYPE, NamedNode(SPDX + "ChecksumAlgorithm"))])


def _service(held: Contents, name: str, title: str, text: str, standard: str) -> Iterator[Triple]:
    """One dcat:DataService; the service description tells of both."""
    endpoint = held.base + name
    yield from say(endpoint, [
        (TYPE, NamedNode(DCAT + "DataService")), (DCTERMS + "title", english(title)), (DCTERMS + "description", english(text)),
        (DCAT + "endpointURL", NamedNode(endpoint)), (DCAT + "endpointDescription", NamedNode(held.base + "sparql")),
        (DCAT + "servesDataset", NamedNode(held.dataset)), (DCAT + "landingPage", NamedNode(held.base)),
        (DCTERMS + "conformsTo", NamedNode(standard))])
    yield from say(standard, [(TYPE, NamedNode(DCTERMS + "Standard"))])
    yield from _as_the_dataset(held, endpoint, OF_A_SERVICE)


def _document(iri: str) -> Iterator[Triple]:
    return say(iri, [(TYPE, NamedNode(FOAF + "Document"))])
