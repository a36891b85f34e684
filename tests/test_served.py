"""The release behind a real server process: the figures of the page, and queries that no server should survive."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest
from SPARQLWrapper import CSV, POST, SPARQLWrapper

from conftest import COMMAND, environment, served
from triplehelix.releases import read_manifest

# The tally of the page, read off it by hand.
TALLIES = {"pointers": 22, "pointers-with-entry": 20, "cited-works": 18, "resolved-works": 17, "missing-works": 1,
           "entries": 18, "uncited-entries": 1, "year-conflicts": 3, "effects": 7, "roles": 16, "events": 3, "persons": 27,
           "numbered-items": 229}
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
NESTED = "SELECT * WHERE { FILTER " + "(" * 10_000 + "1" + ")" * 10_000 + " }"


@pytest.fixture(scope="module")
def base(release: Path) -> Iterator[str]:
    with served(release) as address:
        yield address


def rows(base: str, query: str) -> list[list[str]]:
    endpoint = SPARQLWrapper(base + "sparql")
    endpoint.setMethod(POST)
    endpoint.setReturnFormat(CSV)
    endpoint.setQuery(query)
    return [line.split(",") for line in endpoint.query().convert().decode().split("\r\n")[1:-1]]


def problem(base: str, query: str) -> tuple[int, str, dict]:
    request = Request(base + "sparql", urlencode({"query": query}).encode())
    with pytest.raises(HTTPError) as told:
        urlopen(request, timeout=60)
    with told.value as answer:
        return answer.code, answer.headers["Content-Type"], json.load(answer)


def test_the_tallies_of_the_page_hold(base: str, release: Path) -> None:
    answer = rows(base, (release / "queries/page-tallies.rq").read_text())
    assert {row[1]: int(next(cell for cell in row[2:] if cell.isdigit())) for row in answer} == TALLIES


def test_the_endpoint_holds_as_many_triples_as_the_dump(base: str, release: Path) -> None:
    assert rows(base, COUNT) == [[str(read_manifest(release).counts["triples"])]]


def test_a_runaway_query_is_stopped_and_the_next_one_answered(base: str) -> None:
    status, kind, told = problem(base, RUNAWAY)
    assert (status, kind, told["status"]) == (504, "application/problem+json", 504)
    assert rows(base, "SELECT ?x WHERE { VALUES ?x { 1 } }") == [["1"]]


def test_a_query_of_ten_thousand_parentheses_is_refused_and_the_next_one_answered(base: str) -> None:
    status, kind, told = problem(base, NESTED)
    assert (status, kind) == (400, "application/problem+json")
    assert "nests deeper than 128 levels" in told["detail"]
    assert rows(base, "SELECT ?x WHERE { VALUES ?x { 1 } }") == [["1"]]


def test_a_port_in_use_is_told_in_one_line(base: str, release: Path) -> None:
    port = str(urlsplit(base).port)
    second = subprocess.run([*COMMAND, "serve", str(release.parent), "--port", port], env=environment(), capture_output=True,
                            text=True, timeout=60)
    assert second.returncode == 1
    assert second.stderr.startswith(f"127.0.0.1:{port}: port {port} is in use") and second.stderr.count("\n") == 1


def test_the_page_of_an_answer_says_what_it_rests_on(base: str) -> None:
    request = Request(base + "query/labels-held/run", headers={"Accept": "text/html"})
    with urlopen(request, timeout=60) as answer:
        page = answer.read().decode()
    assert "Bodies that held a management label" in page
    assert "Answered from the curated core only" in page
