"""The catalogue of a release: VoID, DCAT and SPARQL service description as one graph, every figure counted from the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.formats import DATASET, GRAPH, RESULTS, Format
from triplehelix.releases import sha256

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
SD = "http://www.w3.org/ns/sparql-service-description#"
SPDX = "http://spdx.org/rdf/terms#"
VOID = "http://rdfs.org/ns/void#"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
TYPE = NamedNode(RDF + "type")


@dataclass(frozen=True)
class Part:
    """One named graph of the release: IRI, how it takes part (dataset, apart, service), its triples, its dumps' stem."""

    iri: str
    part: str
    triples: list[Triple]
    stem: str


def catalogue(base: str, version: str, merge: list[Triple], parts: list[Part], folder: Path) -> list[Triple]:
    """The triples of the catalogue of the release in `folder`, whose dumps are already written."""
    rows = [*_dataset(base, version, merge, folder), *_partitions(base, merge), *_service(base, len(merge), parts)]
    licences = [t.object for t in merge if t.subject.value == base + "dataset" and t.predicate.value == DCTERMS + "license"]
    for part in parts:
        rows.extend(_graph(base, part, licences))
    return list(dict.fromkeys(rows))


def _dataset(base: str, version: str, merge: list[Triple], folder: Path) -> Iterator[Triple]:
    dataset = base + "dataset"
    subjects = {t.subject for t in merge}
    yield from _say(dataset, [(TYPE.value, _iri(VOID + "Dataset")), (TYPE.value, _iri(DCAT + "Dataset")),
                              (VOID + "triples", _number(len(merge))), (VOID + "distinctSubjects", _number(len(subjects))),
                              (VOID + "distinctObjects", _number(len({t.object for t in merge}))),
                              (VOID + "sparqlEndpoint", _iri(base + "sparql")), (VOID + "uriSpace", Literal(base)),
                              (DCAT + "version", Literal(version)), (DCAT + "landingPage", _iri(base)),
                              (DCTERMS + "identifier", Literal(f"{base}release/{version}/"))])
    for fmt in (*GRAPH, *DATASET):
        yield from _distribution(base, f"dataset.{fmt.suffix}", fmt, folder)


def _distribution(base: str, name: str, fmt: Format, folder: Path) -> Iterator[Triple]:
    """One file of dumps/ as dcat:Distribution (the file's own IRI), with its size and SHA-256."""
    path = folder / "dumps" / name
    file = f"{base}dumps/{name}"
    yield from _say(base + "dataset", [(DCAT + "distribution", _iri(file)), (VOID + "dataDump", _iri(file))])
    yield from _say(file, [(TYPE.value, _iri(DCAT + "Distribution")),
                           (DCTERMS + "title", Literal(f"{fmt.label}: {name}", language="en")),
                           (DCAT + "downloadURL", _iri(file)), (DCAT + "accessURL", _iri(file)),
                           (DCAT + "mediaType", _iri(MEDIA_TYPE + fmt.media_type)),
                           (DCAT + "byteSize", _number(path.stat().st_size)), (SPDX + "checksum", _iri(file + "#checksum"))])
    yield from _say(file + "#checksum", [(TYPE.value, _iri(SPDX + "Checksum")),
                                         (SPDX + "algorithm", _iri(SPDX + "checksumAlgorithm_sha256")),
                                         (SPDX + "checksumValue", Literal(sha256(path), datatype=_iri(XSD + "hexBinary")))])


def _partitions(base: str, merge: list[Triple]) -> Iterator[Triple]:
    """void:classPartition and void:propertyPartition of the dataset (VoID section 4.2)."""
    classes = Counter(t.object.value for t in merge if t.predicate == TYPE)
    properties = Counter(t.predicate.value for t in merge)
    for kind, counts, count in (("class", classes, "entities"), ("property", properties, "triples")):
        for number, (term, n) in enumerate(sorted(counts.items()), 1):
            partition = f"{base}dataset#{kind}-{number}"
            yield from _say(base + "dataset", [(f"{VOID}{kind}Partition", _iri(partition))])
            yield from _say(partition, [(VOID + kind, _iri(term)), (VOID + count, _number(n))])


def _graph(base: str, part: Part, licences: list[NamedNode]) -> Iterator[Triple]:
    """What is counted of a named graph; title and source stand in the graph's own file where it is a file of data."""
    yield from _say(part.iri, [(TYPE.value, _iri(VOID + "Dataset")), (VOID + "triples", _number(len(part.triples)))])
    if part.part == "dataset":
        yield from _say(base + "dataset", [(VOID + "subset", _iri(part.iri))])
    if not any(t.subject.value == part.iri and t.predicate.value == DCTERMS + "title" for t in part.triples):
        yield from _titled(base, part)
        yield from _say(part.iri, [(DCTERMS + "license", licence) for licence in licences])
    yield from _say(part.iri, [(VOID + "dataDump", _iri(f"{base}dumps/{part.stem}.{fmt.suffix}")) for fmt in GRAPH])


def _titled(base: str, part: Part) -> Iterator[Triple]:
    """Title and source for graphs that cannot say it themselves: ontology, schemes, shapes, queries, inferences."""
    name = part.iri.removeprefix(base + "graph/")
    title = "Inferred statements" if name == "inferred" else f"Named graph {name}"
    yield from _say(part.iri, [(DCTERMS + "title", Literal(title, language="en"))])
    if name == "inferred":
        text = "What the rules of queries/rules/ conclude from the asserted graphs and nobody asserts."
        yield from _say(part.iri, [(DCTERMS + "description", Literal(text, language="en")),
                                   (PROV + "wasDerivedFrom", _iri(base + "dataset"))])
    documents = sorted({t.subject.value.partition("#")[0] for t in part.triples if t.subject.value.startswith(base)
                        and t.predicate == TYPE and t.object.value in HEADERS})
    yield from _say(part.iri, [("http://xmlns.com/foaf/0.1/primaryTopic", _iri(document)) for document in documents])


HEADERS = {"http://www.w3.org/2002/07/owl#Ontology", "http://www.w3.org/2004/02/skos/core#ConceptScheme"}


def _service(base: str, count: int, parts: list[Part]) -> Iterator[Triple]:
    """The service description (SPARQL 1.1 Service Description section 3)."""
    endpoint, data, default = base + "sparql", base + "sparql#dataset", base + "sparql#default-graph"
    named = [*(part.iri for part in parts), base + "graph/catalogue"]
    yield from _say(endpoint, [(TYPE.value, _iri(SD + "Service")), (SD + "endpoint", _iri(endpoint)),
                               (RDFS + "label", Literal("SPARQL endpoint", language="en")),
                               (SD + "supportedLanguage", _iri(SD + "SPARQL11Query")), (SD + "defaultDataset", _iri(data)),
                               *((SD + "resultFormat", _iri(f.sd)) for f in (*RESULTS, *GRAPH))])
    yield from _say(data, [(TYPE.value, _iri(SD + "Dataset")), (SD + "defaultGraph", _iri(default)),
                           *((SD + "namedGraph", _iri(iri)) for iri in named)])
    yield from _say(default, [(TYPE.value, _iri(SD + "Graph")), (VOID + "triples", _number(count))])
    for iri in named:
        yield from _say(iri, [(TYPE.value, _iri(SD + "NamedGraph")), (SD + "name", _iri(iri)), (SD + "graph", _iri(iri))])


def _say(subject: str, rows: Iterable[tuple[str, NamedNode | Literal]]) -> Iterator[Triple]:
    return (Triple(_iri(subject), _iri(predicate), value) for predicate, value in rows)


def _iri(value: str) -> NamedNode:
    return NamedNode(value)


def _number(value: int) -> Literal:
    return Literal(value)
