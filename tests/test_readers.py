"""Readers of a running server while releases are published and pruned: each answer is wholly of one release, and none is late.
`make durability` does it at length: PUBLISHES and READS say how often.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from urllib.parse import quote, urlsplit

import pytest

from conftest import free_port, served
from forge import Forge
from series import LIGHTS, Series, forge_fixture  # noqa: F401
from triplehelix.releases import current

PUBLISHES, READS = int(os.environ.get("PUBLISHES", "10")), int(os.environ.get("READS", "10000"))
READERS = 8
LABEL, HEIGHT = re.compile(rb"Light l\d\d of (\d+)"), re.compile(rb"(\d+)\.5\b")
SEA = "PREFIX sea: <https://example.org/mini/ns#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
HEIGHTS = SEA + "SELECT ?height { ?light sea:height ?height }"
LABELS = SEA + "SELECT ?label ?height { GRAPH ?graph { ?light a sea:Lighthouse ; skos:prefLabel ?label ; sea:height ?height } }"
COUNTS = SEA + "SELECT (COUNT(*) AS ?lights) (MIN(?height) AS ?low) (MAX(?height) AS ?high) { ?light sea:height ?height }"
# What is read: path, Accept, what in the answer says of which release it is, and how often it does at least.
HARBOUR = ("/doc/id/harbour/east", "text/html", LABEL, LIGHTS)
DOCUMENTS = [("/doc/id/lighthouse/l07", "*/*", HEIGHT, 1), ("/doc/id/lighthouse/l07", "text/html", LABEL, 1),
             ("/doc/id/lighthouse/l08", "application/ld+json", LABEL, 1)]
DUMP = ("/dumps/dataset.nt", "*/*", HEIGHT, LIGHTS)
QUERIES = [(HEIGHTS, HEIGHT, LIGHTS), (LABELS, LABEL, LIGHTS), (COUNTS, HEIGHT, 2)]


class Reader:
    """A client with a connection and an address of its own, so that what it may ask of the engine is its own too."""

    def __init__(self, base: str, address: str = "127.0.0.1"):
        self._connection = HTTPConnection(urlsplit(base).netloc, timeout=30, source_address=(address, 0))
        self.answers: list[tuple[float, int]] = []

    def get(self, path: str, accept: str) -> tuple[int, bytes]:
        """Status and body."""
        self._connection.request("GET", path, headers={"Accept": accept})
        response = self._connection.getresponse()
        return response.status, response.read()

    def read(self, path: str, accept: str, pattern: re.Pattern[bytes], least: int) -> int:
        """The number of the one release of which all of an answer is."""
        began = time.monotonic()
        status, body = self.get(path, accept)
        assert status == 200, (path, status, body[:500])
        found = pattern.findall(body)
        assert len(found) >= least and len(set(found)) == 1, (path, accept, Counter(found))
        self.answers.append((began, int(found[0])))
        return int(found[0])

    def ask(self, query: str, pattern: re.Pattern[bytes], least: int) -> int:
        return self.read("/sparql?query=" + quote(query), "text/csv", pattern, least)

    def go_on(self, reads: int, is_over: Event) -> None:
        """Read so often, and until it is over: pages, documents, dumps and queries, half of them never asked before."""
        while len(self.answers) < reads or not is_over.is_set():
            turn = len(self.answers)
            if turn % 2:
                query, pattern, least = QUERIES[turn // 2 % len(QUERIES)]
                self.ask(f"{query} # {turn}" if turn % 4 == 1 else query, pattern, least)
            else:
                self.read(*[HARBOUR, *DOCUMENTS, DUMP][turn // 2 % 5])

    def close(self) -> None:
        self._connection.close()


def asked(base: str) -> int:
    """The number of the release from which a query and a page are answered now."""
    reader = Reader(base)
    try:
        number = reader.ask(*QUERIES[0])
        assert reader.read(*HARBOUR) == number
        return number
    finally:
        reader.close()


def newest(published: list[tuple[float, int]], moment: float) -> int:
    """The number of the release that was the current one at a moment, at least."""
    return max(number for since, number in published if since <= moment)


@pytest.mark.timeout(3_600)
def test_readers_see_one_release_in_each_answer_and_a_new_one_within_a_second(
        forge: Forge, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    series, is_over = Series(tmp_path, forge, base=f"http://127.0.0.1:{free_port()}/"), Event()
    assert series.build(1).done
    published, began = [(0.0, 1)], time.monotonic()
    with served(current(series.releases)) as base, ThreadPoolExecutor(READERS) as pool:
        readers = [Reader(base, f"127.0.0.{10 + each}") for each in range(READERS)]
        reading = [pool.submit(reader.go_on, READS // READERS, is_over) for reader in readers]
        try:
            for number in range(2, 2 + PUBLISHES):
                assert series.build(number).done
                published.append((time.monotonic(), number))
                assert number % 5 or series.prune(3).fault is None
        finally:
            is_over.set()
        for each in reading:
            each.result()
        for reader in readers:
            reader.close()
    answers = [answer for reader in readers for answer in reader.answers]
    late = [(moment, number) for moment, number in answers if number < newest(published, moment - 1)]
    with capsys.disabled():
        print(f"\n{len(answers)} answers during {PUBLISHES} publishes in {time.monotonic() - began:.0f} s, "
              f"{len({number for _, number in answers})} releases seen, {len(late)} answers late")
    assert not late and len({number for _, number in answers}) > PUBLISHES / 2


def of_release(version: str) -> list[tuple[str, str]]:
    """Addresses at which a release that is not the current one answers, with Accept."""
    return [(f"{HARBOUR[0]}?release={version}", "text/html"), (f"/doc/id/lighthouse/l07?release={version}", "text/turtle"),
            (f"/sparql?release={version}&query={quote(LABELS)}", "text/csv"), (f"/release/{version}/dumps/dataset.nt", "*/*")]


def insist(base: str, address: str, version: str, is_over: Event) -> list[tuple[int, bytes]]:
    """What is answered of a release until it is over, and once more."""
    answers, reader = [], Reader(base, address)
    try:
        while True:
            is_last = is_over.is_set()
            answers += [reader.get(*each) for each in of_release(version)]
            if is_last:
                return answers
    finally:
        reader.close()


def test_a_release_that_is_pruned_while_it_is_read_is_there_whole_or_gone(forge: Forge, tmp_path: Path):
    series, is_over = Series(tmp_path, forge, base=f"http://127.0.0.1:{free_port()}/"), Event()
    assert all(series.build(number).done for number in (1, 2, 3, 4))
    with served(current(series.releases)) as base, ThreadPoolExecutor(READERS) as pool:
        for number in (1, 2, 3):
            is_over.clear()
            reading = [pool.submit(insist, base, f"127.0.0.{40 + each}", series.versions[number], is_over) for each in range(4)]
            time.sleep(1)
            assert series.prune(4 - number).done == series.versions[number]
            is_over.set()
            for each in reading:
                answers = each.result()
                # What is asked for just as it goes may be answered by 503: try again.
                assert {200, 410} <= {status for status, _ in answers} <= {200, 410, 503}
                assert [status for status, _ in answers[-4:]] == [410] * 4
                assert {n for status, body in answers if status == 200 for n in LABEL.findall(body)} == {str(number).encode()}
