"""VoID: how much the dataset says, by class, by property, by named graph, and by where it links to."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.build.catalogue.terms import DCTERMS, FOAF, OWL, PROV, SKOS, TYPE, VOID, Contents, Part, english, say
from triplehelix.formats import DATASET, GRAPH

HEADERS = {OWL + "Ontology", SKOS + "ConceptScheme"}
# One link is no set of links.
FEWEST_LINKS = 2
KEY_HEX = 10


def statistics(held: Contents) -> Iterator[Triple]:
    """What is counted of the whole dataset (VoID section 4)."""
    merge = held.merge
    classes, properties = _classes(held), _properties(held)
    spaces = {space for term in (*classes, *properties) if (space := namespace(term))}
    yield from say(held.dataset, [
        (TYPE, NamedNode(VOID + "Dataset")), (VOID + "triples", Literal(len(merge))),
        (VOID + "distinctSubjects", Literal(len({t.subject for t in merge}))),
        (VOID + "distinctObjects", Literal(len({t.object for t in merge}))),
        (VOID + "classes", Literal(len(classes))), (VOID + "properties", Literal(len(properties))),
        (VOID + "sparqlEndpoint", NamedNode(held.base + "sparql")), (VOID + "uriSpace", Literal(held.base)),
        *((VOID + "vocabulary", NamedNode(space)) for space in sorted(spaces)),
        *((VOID + "feature", NamedNode(fmt.sd)) for fmt in (*GRAPH, *DATASET))])
    yield from _partitions(held, "class", classes, "entities")
    yield from _partitions(held, "property", properties, "triples")
    yield from _linksets(held)


def _classes(held: Contents) -> Counter[str]:
    return Counter(t.object.value for t in held.merge if t.predicate.value == TYPE)


def _properties(held: Contents) -> Counter[str]:
    return Counter(t.predicate.value for t in held.merge)


def _partitions(held: Contents, kind: str, counts: Counter[str], counted: str) -> Iterator[Triple]:
    """void:classPartition or void:propertyPartition of the dataset (section 4.5)."""
    for term, count in sorted(counts.items()):
        partition = f"{held.dataset}#{kind}-{_key(term)}"
        yield from say(held.dataset, [(f"{VOID}{kind}Partition", NamedNode(partition))])
        yield from say(partition, [(VOID + kind, NamedNode(term)), (VOID + counted, Literal(count))])


def _linksets(held: Contents) -> Iterator[Triple]:
    """void:Linkset from what is ours to each namespace of others, by the predicate that links (section 5)."""
    counts = Counter((space, t.predicate.value) for t in held.merge if (space := _linked_space(held.base, t)))
    for (space, predicate), count in sorted(counts.items()):
        if count < FEWEST_LINKS:
            continue
        target, linkset = f"{held.dataset}#target-{_key(space)}", f"{held.dataset}#linkset-{_key(space + ' ' + predicate)}"
        yield from say(held.dataset, [(VOID + "subset", NamedNode(linkset))])
        yield from say(linkset, [
            (TYPE, NamedNode(VOID + "Linkset")), (VOID + "linkPredicate", NamedNode(predicate)),
            (VOID + "subjectsTarget", NamedNode(held.dataset)), (VOID + "objectsTarget", NamedNode(target)),
            (VOID + "triples", Literal(count))])
        yield from say(target, [(TYPE, NamedNode(VOID + "Dataset")), (VOID + "uriSpace", Literal(space))])


def _linked_space(base: str, triple: Triple) -> str | None:
    """The namespace of others into which a triple links, if it links one of our resources with one of theirs."""
    ours = isinstance(triple.subject, NamedNode) and triple.subject.value.startswith(base)
    if not ours or not isinstance(triple.object, NamedNode) or triple.predicate.value == TYPE:
        return None
    return None if triple.object.value.startswith(base) else namespace(triple.object.value)


def namespace(iri: str) -> str | None:
    """The beginning of an IRI up to its name; None where it has none: the address of a site or of a folder."""
    end = max(iri.rfind("#"), iri.rfind("/")) + 1
    return None if end == len(iri) or iri[:end].endswith("://") or not end else iri[:end]


def _key(text: str) -> str:
    """A name that the same text has in every release."""
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_HEX]


def graph(held: Contents, part: Part) -> Iterator[Triple]:
    """What is counted of a named graph; title and source stand in the graph's own file where it is a file of data."""
    yield from say(part.iri, [(TYPE, NamedNode(VOID + "Dataset")), (VOID + "triples", Literal(len(part.triples)))])
    if part.part == "dataset":
        yield from say(held.dataset, [(VOID + "subset", NamedNode(part.iri))])
    if not any(t.subject.value == part.iri and t.predicate.value == DCTERMS + "title" for t in part.triples):
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
    documents = sorted({t.subject.value.partition("#")[0] for t in part.triples if t.subject.value.startswith(held.base)
                        and t.predicate.value == TYPE and t.object.value in HEADERS})
    yield from say(part.iri, [(FOAF + "primaryTopic", NamedNode(document)) for document in documents])
