"""What the endpoint says of itself (SPARQL 1.1 Service Description, section 3): the software's part and the release's part.

The software gives languages, formats, functions and limits; the manifest of the release gives the graphs and their counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.description.links import Links
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import DESCRIPTION, RDFS, TITLE, TRIPLES, TYPE
from triplehelix.engine.limits import Figure, figures
from triplehelix.engine.model import Limits
from triplehelix.formats import DATASET, GRAPH, RESULTS

SD = "http://www.w3.org/ns/sparql-service-description#"
GEOF = "http://www.opengis.net/def/function/geosparql/"
CATALOGUE = "graph/catalogue"
ENDPOINT, SERVICE, LANGUAGE, SPARQL_11 = (NamedNode(SD + name) for name in (
    "endpoint", "Service", "supportedLanguage", "SPARQL11Query"))
RESULT_FORMAT, FUNCTION = NamedNode(SD + "resultFormat"), NamedNode(SD + "extensionFunction")
DEFAULT_DATASET, SD_DATASET = NamedNode(SD + "defaultDataset"), NamedNode(SD + "Dataset")
DEFAULT_GRAPH, GRAPH_TYPE = NamedNode(SD + "defaultGraph"), NamedNode(SD + "Graph")
NAMED_GRAPH, NAMED_GRAPH_TYPE, NAME, OF_GRAPH = (NamedNode(SD + name) for name in (
    "namedGraph", "NamedGraph", "name", "graph"))
FEATURE, FEDERATED = NamedNode(SD + "feature"), NamedNode(SD + "BasicFederatedQuery")
LABEL = NamedNode(RDFS + "label")
# What the engine computes beside the functions of SPARQL 1.1: GeoSPARQL 1.1 on literals.
GEOMETRY = (
    "area", "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "difference", "dimension", "distance", "ehContains",
    "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap", "envelope", "getSRID",
    "intersection", "isEmpty", "isSimple", "length", "perimeter", "rcc8dc", "rcc8ec", "rcc8eq", "rcc8ntpp", "rcc8ntppi",
    "rcc8po", "rcc8tpp", "rcc8tppi", "relate", "sfContains", "sfCrosses", "sfDisjoint", "sfEquals", "sfIntersects",
    "sfOverlaps", "sfTouches", "sfWithin", "symDifference", "union")


def description(release: Published, links: Links, limits: Limits) -> list[Triple]:
    """The service description as triples, the service first. Behind another origin the endpoint has two addresses."""
    service = NamedNode(release.base + "sparql")
    rows = [*_service(service, links, limits), *_dataset(release, service)]
    return list(dict.fromkeys(rows))


def _service(service: NamedNode, links: Links, limits: Limits) -> Iterator[Triple]:
    yield from _say(service, [
        (TYPE, SERVICE), (LABEL, Literal("SPARQL endpoint", language="en")), (ENDPOINT, service),
        (ENDPOINT, NamedNode(links.url("sparql"))), (LANGUAGE, SPARQL_11),
        (DESCRIPTION, Literal(_in_words(links, limits), language="en")),
        *([(FEATURE, FEDERATED)] if limits.services else [])])
    yield from _say(service, ((RESULT_FORMAT, NamedNode(fmt.sd)) for fmt in (*RESULTS, *GRAPH, *DATASET)))
    yield from _say(service, ((FUNCTION, NamedNode(GEOF + name)) for name in GEOMETRY))
    for name in GEOMETRY:
        yield Triple(NamedNode(GEOF + name), TYPE, NamedNode(SD + "Function"))


def _in_words(links: Links, limits: Limits) -> str:
    """What the vocabulary has no terms for."""
    allowed = f"none but {', '.join(f'<{iri}>' for iri in limits.services)}" if limits.services else "none"
    return ("Read-only: updates are refused, and LOAD and graphs from elsewhere are not fetched. Of other endpoints SERVICE "
            f"may name {allowed}. Limits: {'; '.join(map(_bound, figures(limits)))}. Over a limit the answer is an error, never "
            "a part; the first N rows are to be had by max-rows=N, and say so. Each graph is to be had whole, by the SPARQL 1.1 "
            f"Graph Store HTTP Protocol, at {links.url('graphs?default')} and {links.url('graphs?graph=IRI')}.")


def _bound(figure: Figure) -> str:
    """A limit in a few words, with the status of the answer to what is over it."""
    words, over = figure.meaning.words, figure.meaning.over
    return f"{words[:1].lower()}{words[1:]}: {figure.value}" + (f" (over it: {over.value})" if over else "")


def _dataset(release: Published, service: NamedNode) -> Iterator[Triple]:
    """The dataset of a query that names none: the default graph is the merge, the named graphs are all there are."""
    dataset, default = NamedNode(service.value + "#dataset"), NamedNode(service.value + "#default-graph")
    counts = {iri: row["triples"] for iri, row in release.manifest.graphs.items()}
    counts[release.base + CATALOGUE] = len(release.catalogue)
    yield from _say(service, [(DEFAULT_DATASET, dataset)])
    yield from _say(dataset, [(TYPE, SD_DATASET), (DEFAULT_GRAPH, default)])
    yield from _say(default, [(TYPE, GRAPH_TYPE), (TRIPLES, Literal(release.manifest.counts["triples"]))])
    for graph, count in ((NamedNode(iri), count) for iri, count in sorted(counts.items())):
        titles = [value for value in release.reading.values(graph, TITLE) if isinstance(value, Literal)]
        yield Triple(dataset, NAMED_GRAPH, graph)
        yield from _say(graph, [(TYPE, NAMED_GRAPH_TYPE), (TYPE, GRAPH_TYPE), (NAME, graph), (OF_GRAPH, graph),
                                (TRIPLES, Literal(count)), *((TITLE, title) for title in titles)])


def _say(subject: NamedNode, rows: Iterable[tuple[NamedNode, NamedNode | Literal]]) -> Iterator[Triple]:
    return (Triple(subject, predicate, value) for predicate, value in rows)
