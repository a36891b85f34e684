"""Pages of things that much belongs to, asked of a server that has shown none yet: a region of many organisations, a work that
many statements credit.
"""

from __future__ import annotations

import http.client
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.bench import ROOT, Bench, Comparison, Section
from benchmarks.load import HOST
from benchmarks.processes import free_port, running
from benchmarks.terms import BASE, Names, iri, text
from triplehelix import build
from triplehelix.build import seal
from triplehelix.build.content import content
from triplehelix.build.hands import hired
from triplehelix.project import Project, find
from triplehelix.resources import Resources

TITLE = "Pages of crowded things"
TEXT = """\
A region with {organisations:,} organisations that have their seat there, and a work that {statements:,} statements credit, in a
release with the panels of this checkout. For each figure the server is started anew and asked for one document, the first that
it shows; what is measured is the time until the first byte is there, in {rounds} rounds, of the page and of the same document in
Turtle, which holds as many links and no panels. 100 ms are aimed at for the page."""
ORGANISATIONS, STATEMENTS, ROUNDS = 1_000, 5_000, 5
FIELDS = 40
REGION, WORK = "scheme/nuts2024/XX1", "id/work/crowded"
PAGES = {"the region": REGION, "the work": WORK}
HTML, TURTLE = "text/html", "text/turtle"
VERSION = "2026-01-01-000000000000"
# How a term begins that is written out; others are prefixed names.
WRITTEN = ("<", '"')


def section(bench: Bench) -> Section:
    """The time of each page beside that of its Turtle."""
    folder = release(bench)
    found = [_comparison(bench, folder, what, f"/doc/{path}") for what, path in PAGES.items()]
    told = TEXT.format(organisations=ORGANISATIONS, statements=STATEMENTS, rounds=ROUNDS)
    return Section(TITLE, told, {}, found)


def release(bench: Bench) -> Path:
    """The folder of releases that holds both: what a build writes, without its check, which would take longer than all else."""
    bench.say("building the release")
    project, target = _project(bench.folder / "project"), bench.folder / "crowded"
    with seal.workshop(target) as folder, hired(0) as hands:
        held, _ = content(project, folder / "work", hands)
        plan = build.Plan(project, "", BASE, VERSION, {}, Resources(folder / "none"), None, lambda _: None)
        seal.seal(folder, target / VERSION, build._write(plan, folder, held, hands))
    seal.publish(target, VERSION)
    return target


def _project(root: Path) -> Project:
    """The ontology, shapes and queries of this checkout, and the crowded graph alone as data."""
    for room in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / room, root / room)
    (root / "data").mkdir()
    shutil.copy(ROOT / "data/dataset.ttl", root / "data")
    (root / "data/crowded.ttl").write_text("".join(triples()), encoding="utf-8")
    return find(root)


def triples() -> Iterator[str]:
    """The lines of the graph, N-Triples; each is another triple."""
    names = Names()
    for rows in (_region(), _organisations(), _work()):
        for subject, predicate, value in rows:
            yield f"{iri(subject)} {names[predicate]} {value if value.startswith(WRITTEN) else names[value]} .\n"


def _region() -> Iterator[tuple[str, str, str]]:
    for kind in ("th:NutsRegion", "skos:Concept", "dcterms:Location"):
        yield REGION, "rdf:type", kind
    yield REGION, "skos:prefLabel", text("A crowded region", "en")
    yield REGION, "skos:notation", '"XX1"'
    for number in range(FIELDS):
        yield f"scheme/field/f{number}", "rdf:type", "skos:Concept"
        yield f"scheme/field/f{number}", "skos:prefLabel", text(f"Field {number}", "en")


def _organisations() -> Iterator[tuple[str, str, str]]:
    for number in range(ORGANISATIONS):
        body = f"id/organisation/o{number:04}"
        for kind in ("th:ClusterOrganisation", "org:Organization", "foaf:Organization", "foaf:Agent"):
            yield body, "rdf:type", kind
        yield body, "skos:prefLabel", text(f"Organisation {number}", "en")
        yield body, "th:sourceTerm", '"cluster"'
        yield body, "th:seat", iri(REGION)
        yield body, "th:servesField", iri(f"scheme/field/f{number % FIELDS}")


def _work() -> Iterator[tuple[str, str, str]]:
    yield WORK, "rdf:type", "frbr:Work"
    yield WORK, "dcterms:title", text("A crowded work", "en")
    for number in range(STATEMENTS):
        statement = f"id/statement/s{number:04}"
        yield statement, "rdf:type", "th:Statement"
        yield statement, "rdfs:label", text(f"Statement {number}", "en")
        yield statement, "th:credits", iri(WORK)


def _comparison(bench: Bench, folder: Path, what: str, path: str) -> Comparison:
    bench.say(what)
    times: dict[str, list[float]] = {HTML: [], TURTLE: []}
    for _ in range(ROUNDS):
        for accept, found in times.items():
            found.append(_cold(bench, folder, lambda port, accept=accept: first_byte(port, path, accept)))
    return Comparison(what, "ms", times[HTML], "Turtle", times[TURTLE], False, "Until the first byte is there, cold")


def _cold(bench: Bench, folder: Path, asked: Callable[[int], float]) -> float:
    """What is measured at a server that was started for it."""
    port = free_port()
    serve = [sys.executable, "-m", "triplehelix", "serve", str(folder), "--port", str(port), "--origin", f"http://{HOST}:{port}/"]
    with running(serve, bench.folder, bench.own_environment, port):
        _until_ready(port)
        return asked(port)


def _until_ready(port: int) -> None:
    """Waits until the server answers what needs no page. Raises TimeoutError."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            first_byte(port, "/health", "*/*")
            return
        except (OSError, RuntimeError):
            time.sleep(0.1)
    raise TimeoutError("the server does not answer")


def first_byte(port: int, path: str, accept: str) -> float:
    """Milliseconds until an answer begins. Raises RuntimeError for one that is no 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    connection.connect()
    before = time.perf_counter()
    connection.request("GET", path, headers={"Accept": accept})
    answer = connection.getresponse()
    taken = (time.perf_counter() - before) * 1000
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path} is answered by {answer.status}")
    return taken
