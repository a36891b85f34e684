"""VoID: how much the dataset says, by class, by property, by named graph, and by where it links to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.build.catalogue.counts import namespace
from triplehelix.build.catalogue.terms import DCTERMS, FOAF, OWL, PROV, SKOS, TYPE, VOID, Contents, Part, english, say
from triplehelix.formats import DATASET, GRAPH

HEADERS = (OWL + "Ontology", SKOS + "ConceptScheme")
# One link is no set of links.
FEWEST_LINKS = 2
KEY_HEX = 10


def statistics(held: Contents) -> Iterator[Triple]:
    """What is counted of the whole dataset (VoID section 4)."""
    counts = held.counts
    spaces = {space for term in (*counts.classes, *counts.properties) if (space := namespace(term))}
    yield from say(held.dataset, [
        (TYPE, NamedNode(VOID + "Dataset")), (VOID + "triples", Literal(counts.triples)),
        (VOID + "distinctSubjects", Literal(counts.subjects)), (VOID + "distinctObjects", Literal(counts.objects)),
        (VOID + "classes", Literal(len(counts.classes))), (VOID + "properties", Literal(len(counts.properties))),
        (VOID + "sparqlEndpoint", NamedNode(held.base + "sparql")), (VOID + "uriSpace", Literal(held.base)),
        *((VOID + "vocabulary", NamedNode(space)) for space in sorted(spaces)),
        *((VOID + "feature", NamedNode(fmt.sd)) for fmt in (*GRAPH, *DATASET))])
    yield from _partitions(held, "class", counts.classes, "entities")
    yield from _partitions(held, "property", counts.properties, "triples")
    yield from _linksets(held)


def _partitions(held: Contents, kind: str, counts: Counter[str], counted: str) -> Iterator[Triple]:
    """void:classPartition or void:propertyPartition of the dataset (section 4.5)."""
    for term, count in sorted(counts.items()):
        partition = f"{held.dataset}#{kind}-{_key(term)}"
        yield from say(held.dataset, [(f"{VOID}{kind}Partition", NamedNode(partition))])
        yield from say(partition, [(VOID + kind, NamedNode(term)), (VOID + counted, Literal(count))])


def _linksets(held: Contents) -> Iterator[Triple]:
    """void:Linkset from what is ours to each namespace of others, by the predicate that links (section 5)."""
    for (space, predicate), count in sorted(held.counts.links.items()):
        if count < FEWEST_LINKS:
            continue
        target, linkset = f"{held.dataset}#target-{_key(space)}", f"{held.dataset}#linkset-{_key(space + ' ' + predicate)}"
        yield from say(held.dataset, [(VOID + "subset", NamedNode(linkset))])
        yield from say(linkset, [
            (TYPE, NamedNode(VOID + "Linkset")), (VOID + "linkPredicate", NamedNode(predicate)),
            (VOID + "subjectsTarget", NamedNode(held.dataset)), (VOID + "objectsTarget", NamedNode(target)),
            (VOID + "triples", Literal(count))])
        yield from say(target, [(TYPE, NamedNode(VOID + "Dataset")), (VOID + "uriSpace", Literal(space))])


def _key(text: str) -> str:
    """A name that the same text has in every release."""
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_HEX]


def graph(held: Contents, part: Part) -> Iterator[Triple]:
    """What is counted of a named graph; title and source stand in the graph's own file where it is a file of data."""
    yield from say(part.iri, [(TYPE, NamedNode(VOID + "Dataset")), (VOID + "triples", Literal(part.triples))])
    if part.part == "dataset":
        yield from say(held.dataset, [(VOID + "subset", NamedNode(part.iri))])
    name = NamedNode(part.iri)
    if not any(held.known.quads_for_pattern(name, NamedNode(DCTERMS + "title"), None, name)):
        yield from _titled(held, part)
        licences = held.values(held.dataset, DCTERMS + "license")
        yield from say(part.iri, [(DCTERMS + "license", licence) for licence in licences])
    yield from say(part.iri, [(VOID + "dataDump", NamedNode(f"{held.base}dumps/{part.stem}.{fmt.suffix}")) for fmt in GRAPH])


def _titled(held: Contents, part: Part) -> Iterator[Triple]:
    """Title and source for graphs that cannot say it themselves: ontology, schemes, shapes, queries, inferences."""
    name = part.iri.removeprefix(held.base + "graph/")
    title = "Inferred statements" if name == "inferred" else f"Named graph {name}"
    yield from say(part.iri, [(DCTERMS + "title", english(title))])
    if name == "inferred":
        text = "What the rules of queries/rules/ conclude from the asserted graphs and nobody asserts."
        yield from say(part.iri, [(DCTERMS + "description", english(text)), (PROV + "wasDerivedFrom", NamedNode(held.dataset))])
    headers = (quad.subject for kind in HEADERS
               for quad in held.known.quads_for_pattern(None, NamedNode(TYPE), NamedNode(kind), NamedNode(part.iri)))
    documents = sorted({header.value.partition("#")[0] for header in headers if header.value.startswith(held.base)})
    yield from say(part.iri, [(FOAF + "primaryTopic", NamedNode(document)) for document in documents])
