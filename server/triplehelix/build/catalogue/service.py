"""The service description of a release (SPARQL 1.1 Service Description section 3), as its store has it."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.build.catalogue.terms import RDFS, SD, TYPE, VOID, Contents, Part, english, say
from triplehelix.formats import DATASET, GRAPH, RESULTS


def description(held: Contents, parts: list[Part]) -> Iterator[Triple]:
    """The endpoint, the dataset of a query that names none, and its graphs."""
    endpoint, data, default = held.base + "sparql", held.base + "sparql#dataset", held.base + "sparql#default-graph"
    named = [*(part.iri for part in parts), held.base + "graph/catalogue"]
    yield from say(endpoint, [
        (TYPE, NamedNode(SD + "Service")), (SD + "endpoint", NamedNode(endpoint)), (RDFS + "label", english("SPARQL endpoint")),
        (SD + "supportedLanguage", NamedNode(SD + "SPARQL11Query")), (SD + "defaultDataset", NamedNode(data)),
        *((SD + "resultFormat", NamedNode(fmt.sd)) for fmt in (*RESULTS, *GRAPH, *DATASET))])
    yield from say(data, [(TYPE, NamedNode(SD + "Dataset")), (SD + "defaultGraph", NamedNode(default)),
                          *((SD + "namedGraph", NamedNode(iri)) for iri in named)])
    yield from say(default, [(TYPE, NamedNode(SD + "Graph")), (VOID + "triples", Literal(held.counts.triples))])
    for iri in named:
        yield from say(iri, [(TYPE, NamedNode(SD + "NamedGraph")), (TYPE, NamedNode(SD + "Graph")),
                             (SD + "name", NamedNode(iri)), (SD + "graph", NamedNode(iri))])
