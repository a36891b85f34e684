"""The W3C suites of SPARQL 1.0 and 1.1: evaluation and syntax in the engine room, protocol and description on a server."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from conftest import free_port, served
from suites import manifests, protocol, release
from suites.engines import Stores, bare, in_room, passes
from suites.known import failures
from triplehelix.engine import Limits, start_room
from triplehelix.engine.mistakes import first_mistake
from triplehelix.engine.tokens import tokenise

# Asked of the protocol tests below, or of nobody: entailment is none of the engine's, federation is off.
ELSEWHERE = ("entailment", "service", "protocol", "graph-store-protocol", "service-description")
SUITES = {"sparql10/manifest.ttl": (460, 476), "sparql11/manifest-all.ttl": (329, 349)}
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
SD = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE = NamedNode(manifests.RDF + "type")
# SPARQL 1.1 Service Description, 3: the properties that may be said, and the class of what has them.
PROPERTIES = {"endpoint": "Service", "feature": "Service", "defaultEntailmentRegime": "Service",
              "defaultSupportedEntailmentProfile": "Service", "extensionFunction": "Service", "extensionAggregate": "Service",
              "languageExtension": "Service", "supportedLanguage": "Service", "propertyFeature": "Service",
              "inputFormat": "Service", "resultFormat": "Service", "availableGraphs": "Service", "defaultDataset": "Service",
              "defaultGraph": "Dataset", "namedGraph": "Dataset", "name": "NamedGraph", "graph": "NamedGraph",
              "entailmentRegime": "NamedGraph", "supportedEntailmentProfile": "NamedGraph"}


@pytest.fixture(scope="module")
def suites(shared: Path) -> Path:
    return shared / "suites" / "sparql"


@pytest.fixture(scope="module")
def stores(suites: Path) -> Iterator[Stores]:
    """The stores of all cases: some hundred, so in memory where the machine offers it as a folder."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    yield Stores(suites, folder)
    shutil.rmtree(folder)


# Queries


@pytest.mark.parametrize("manifest", SUITES)
def test_no_case_is_lost_against_the_bare_engine(
        manifest: str, suites: Path, stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> None:
    cases = manifests.cases(suites, manifest, ELSEWHERE)
    with start_room(tmp_path_factory.mktemp("room") / "socket", Limits()) as room:
        passed = {case.iri for case in cases if passes(case, in_room(room, stores), stores, suites)}
    passed_bare = {case.iri for case in cases if passes(case, bare(stores), stores, suites)}
    assert sorted(passed_bare - passed) == []
    assert sorted({case.iri for case in cases} - passed) == sorted(
        failures().keys() & {case.iri for case in cases}), "a case fails that is not known to, or passes and is listed"
    assert (len(passed), len(cases)) == SUITES[manifest]


def test_every_known_failure_is_a_case(suites: Path) -> None:
    iris = {case.iri for manifest in SUITES for case in manifests.cases(suites, manifest, ELSEWHERE)}
    assert failures().keys() <= iris


def test_no_rule_finds_a_mistake_in_a_good_query(suites: Path, stores: Stores) -> None:
    good = [stores.text(case) for manifest in SUITES for case in manifests.cases(suites, manifest, ELSEWHERE)
            if case.kind != "negative" and case.iri not in failures()]
    assert len(good) > 600
    assert [text for text in good if first_mistake(list(tokenise(text)))] == []


# Protocol


@pytest.fixture(scope="module")
def endpoint(suites: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the graphs of the suite. It gives no data for data0.rdf, which six cases name: an empty graph."""
    graphs = {DATA.format(number): suites / f"sparql11/protocol/data{number}.nt" if number else None for number in range(4)}
    folder = release.write(tmp_path_factory.mktemp("protocol"), f"http://127.0.0.1:{free_port()}/", graphs)
    with served(folder) as base:
        yield base + "sparql"


def test_every_case_of_queries_passes(suites: Path, endpoint: str) -> None:
    scored = [case for case in protocol.cases(suites) if not case.is_update]
    assert len(scored) == 27
    assert [found for case in scored for request in case.requests if (found := protocol.fault(endpoint, request))] == []


def test_every_update_is_refused_and_changes_nothing(suites: Path, endpoint: str) -> None:
    updates = [case for case in protocol.cases(suites) if case.is_update]
    count = protocol.Request("POST", "/sparql/", {"Content-Type": "application/sparql-query", "Accept": "text/csv"},
                             b"SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", frozenset("2"), "", "")
    before = protocol.send(endpoint, count)
    answers = [protocol.send(endpoint, case.requests[0]) for case in updates]
    assert [(status, kind) for status, kind, _ in answers] == [(403, "application/problem+json")] * 7
    assert protocol.send(endpoint, count) == before


def test_a_graph_that_the_release_lacks_is_named(endpoint: str) -> None:
    for field in ("default-graph-uri", "named-graph-uri"):
        request = protocol.Request("GET", f"/sparql/?query=ASK%7B%7D&{field}=http%3A%2F%2Fx.example%2Fnone", {}, b"",
                                   frozenset("4"), "", "")
        status, _, body = protocol.send(endpoint, request)
        assert status == 400
        assert b"<http://x.example/none>" in body


# Service description


@pytest.fixture(scope="module")
def description(endpoint: str) -> list[Triple]:
    """What a bare GET gives, whatever RDF it is."""
    bare_get = protocol.Request("GET", "/sparql/", {}, b"", frozenset("2"), "", "RDF")
    status, media_type, body = protocol.send(endpoint, bare_get)
    assert status == 200
    return [quad.triple for quad in parse(body, format=RdfFormat.from_media_type(media_type))]


def test_returns_rdf(description: list[Triple]) -> None:
    assert description


def test_has_endpoint_triple(description: list[Triple], endpoint: str) -> None:
    assert [t.object.value for t in description if t.predicate.value == SD + "endpoint"] == [endpoint]


def test_conforms_to_schema(description: list[Triple]) -> None:
    types = {(t.subject, t.object.value) for t in description if t.predicate == RDF_TYPE}
    said = [t for t in description if t.predicate.value.startswith(SD)]
    assert {t.predicate.value.removeprefix(SD) for t in said} <= PROPERTIES.keys()
    assert [t for t in said if (t.subject, SD + PROPERTIES[t.predicate.value.removeprefix(SD)]) not in types] == []
    assert not any(isinstance(t.object, Literal) for t in said)
    named = [t.object for t in said if t.predicate.value == SD + "namedGraph"]
    names = [t.object.value for t in said if t.predicate.value == SD + "name" and t.subject in named]
    assert len(names) == len(named) == len(set(named))
    assert {DATA.format(number) for number in range(4)} <= set(names)
