"""The endpoint as the programs see it that people use: SPARQLWrapper, rdflib, pandas, curl, on a real server."""

from __future__ import annotations

import csv
import importlib
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import RDF, SKOS
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, POST, POSTDIRECTLY, RDFXML, TURTLE, URLENCODED, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from conftest import absent, require, served

# With SERVICE behind it on its line, rdflib takes the # of an IRI for the start of a comment.
PREFIXES = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
LABELS = PREFIXES + "SELECT ?concept ?label WHERE { ?concept a skos:Concept ; skos:prefLabel ?label } ORDER BY ?concept ?label"
CONCEPTS = PREFIXES + "CONSTRUCT { ?concept a skos:Concept } WHERE { ?concept a skos:Concept }"
WAYS = {"GET": (GET, URLENCODED), "POST": (POST, URLENCODED), "POSTDIRECTLY": (POST, POSTDIRECTLY)}


@pytest.fixture(scope="module")
def endpoint(mini_release: Path) -> Iterator[str]:
    with served(mini_release) as base:
        yield base + "sparql"


@pytest.fixture(scope="module")
def labels(mini_release: Path) -> list[tuple[str, str]]:
    """The rows of LABELS, as the dump has them."""
    dump = Graph().parse(mini_release / "dumps/dataset.nt")
    rows = sorted((str(concept), str(label)) for concept in set(dump.subjects(RDF.type, SKOS.Concept))
                  for label in dump.objects(concept, SKOS.prefLabel))
    assert rows
    return rows


def pandas() -> ModuleType:
    try:
        return importlib.import_module("pandas")
    except ImportError:
        return absent("the library pandas")


def curl(*arguments: str) -> str:
    done = subprocess.run([require("curl"), "--silent", "--show-error", *arguments], capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def rows(text: str) -> list[tuple[str, ...]]:
    """The rows of a CSV answer without its head."""
    return [tuple(row) for row in csv.reader(io.StringIO(text))][1:]


# SPARQLWrapper


@pytest.fixture(params=WAYS)
def wrapper(request: pytest.FixtureRequest, endpoint: str) -> SPARQLWrapper:
    made = SPARQLWrapper(endpoint)
    method, way = WAYS[request.param]
    made.setMethod(method)
    made.setRequestMethod(way)
    made.setQuery(LABELS)
    return made


def test_sparqlwrapper_reads_json(wrapper: SPARQLWrapper, labels: list) -> None:
    wrapper.setReturnFormat(JSON)
    found = wrapper.queryAndConvert()["results"]["bindings"]
    assert sorted((row["concept"]["value"], row["label"]["value"]) for row in found) == labels


def test_sparqlwrapper_reads_xml(wrapper: SPARQLWrapper, labels: list) -> None:
    wrapper.setReturnFormat(XML)
    document = wrapper.queryAndConvert()
    assert len(document.getElementsByTagName("result")) == len(labels)


def test_sparqlwrapper_reads_csv(wrapper: SPARQLWrapper, labels: list) -> None:
    wrapper.setReturnFormat(CSV)
    assert sorted(rows(wrapper.queryAndConvert().decode())) == labels


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
@pytest.mark.parametrize("name", [TURTLE, RDFXML])
def test_sparqlwrapper_reads_graphs(wrapper: SPARQLWrapper, labels: list, name: str) -> None:
    wrapper.setQuery(CONCEPTS)
    wrapper.setReturnFormat(name)
    answer = wrapper.queryAndConvert()
    graph = answer if isinstance(answer, Graph) else Graph().parse(data=answer, format="turtle")
    assert {str(concept) for concept in graph.subjects(RDF.type, SKOS.Concept)} == {concept for concept, _ in labels}


def test_sparqlwrapper_tells_the_mistake(wrapper: SPARQLWrapper) -> None:
    wrapper.setQuery("SELECT ?x WHERE { ?x shop:sells ?y }")
    with pytest.raises(QueryBadFormed, match=r"Prefix shop: is not declared \(line 1, column 22\). Add: PREFIX shop: <...>"):
        wrapper.query()


# rdflib


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_takes_the_endpoint_as_a_store(endpoint: str, labels: list, method: str) -> None:
    graph = Graph(store=SPARQLStore(endpoint, method=method))
    assert sorted((str(row.concept), str(row.label)) for row in graph.query(LABELS)) == labels
    concept = URIRef(labels[0][0])
    assert str(graph.value(concept, SKOS.prefLabel)) in {label for of, label in labels if of == str(concept)}
    assert {str(found) for found in graph.subjects(RDF.type, SKOS.Concept)} == {of for of, _ in labels}


def test_rdflib_counts_what_the_endpoint_holds(endpoint: str, mini_release: Path) -> None:
    assert len(Graph(store=SPARQLStore(endpoint))) == len(Graph().parse(mini_release / "dumps/dataset.nt"))


def test_rdflib_asks_us_by_service(endpoint: str, labels: list) -> None:
    own = Graph().add((URIRef(labels[0][0]), SKOS.note, URIRef("http://e.example/mine")))
    ours = f"SERVICE <{endpoint}> {{ ?concept skos:prefLabel ?label }}"
    query = PREFIXES + f"SELECT ?concept ?label WHERE {{ ?concept skos:note ?mine . {ours} }}"
    assert sorted((str(row.concept), str(row.label)) for row in own.query(query)) == [
        row for row in labels if row[0] == labels[0][0]]


# pandas and curl


def test_pandas_reads_the_url_of_a_query(endpoint: str, labels: list) -> None:
    frame = pandas().read_csv(f"{endpoint}?{urlencode({'query': LABELS, 'format': 'csv'})}")
    assert list(frame.columns) == ["concept", "label"]
    assert sorted(frame.itertuples(index=False, name=None)) == labels


@pytest.mark.parametrize("arguments", [
    ("--get", "--data-urlencode", "query=" + LABELS), ("--data-urlencode", "query=" + LABELS),
    ("--header", "Content-Type: application/sparql-query", "--data", LABELS),
    ("--request", "QUERY", "--header", "Content-Type: application/sparql-query", "--data", LABELS),
])
def test_curl_asks_in_every_way(endpoint: str, labels: list, arguments: tuple[str, ...]) -> None:
    assert sorted(rows(curl("--header", "Accept: text/csv", *arguments, endpoint))) == labels


def test_curl_asks_for_the_head(endpoint: str) -> None:
    head = curl("--head", f"{endpoint}?{urlencode({'query': LABELS})}")
    assert head.startswith("HTTP/1.1 200") and "application/sparql-results+json" in head


def test_curl_is_told_json_and_people_are_told_text(endpoint: str) -> None:
    wrong = ("--get", "--data-urlencode", "query=SELECT title { ?s ?p ?title }", endpoint)
    problem = json.loads(curl(*wrong))
    assert (problem["line"], problem["column"]) == (1, 8)
    assert problem["detail"] in curl("--header", "Accept: text/csv, text/plain", *wrong)


def test_curl_reads_a_whole_graph(endpoint: str, mini_release: Path) -> None:
    whole = curl("--header", "Accept: application/n-triples", endpoint.removesuffix("sparql") + "graphs?default")
    assert whole == (mini_release / "dumps/dataset.nt").read_text()
