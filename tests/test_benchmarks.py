"""The benchmarks measure what they say: equal input each time, the same answers by all sides, ratios the right way round."""

from __future__ import annotations

import gzip
import itertools
import math
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from pyoxigraph import RdfFormat, Store, parse

from benchmarks import __main__ as command
from benchmarks import (
    answers,
    building,
    crowded,
    dereference,
    load,
    machine,
    making,
    measure,
    organisations,
    page,
    processes,
    questions,
    searching,
    server,
    synthetic,
    tables,
    terms,
    triples,
    wrk,
)
from benchmarks.bench import ROOT, Bench, Comparison, Section
from conftest import environment, served

ROWS = 300


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A folder with a small table and the maps."""
    folder = tmp_path_factory.mktemp("bench")
    shutil.copytree(ROOT / "tests/benchmarks/maps", folder, dirs_exist_ok=True)
    organisations.write(folder / tables.TABLE, ROWS)
    return Bench(folder, folder, False, print)


def test_the_table_is_the_same_every_time(bench: Bench, tmp_path: Path):
    organisations.write(tmp_path / "again.csv", ROWS)
    assert (tmp_path / "again.csv").read_bytes() == (bench.folder / tables.TABLE).read_bytes()


def test_every_row_has_a_key_of_its_own():
    assert math.gcd(organisations.STEP, organisations.PICS) == 1


def test_our_import_takes_every_row_and_says_as_many_triples_as_yarrrml_maps(bench: Bench):
    mapped = yaml.safe_load((bench.folder / "organisations.yarrrml.yaml").read_text(encoding="utf-8"))["mappings"]
    cost = tables.ours(bench)
    assert cost.seconds > 0
    assert f"{ROWS} rows in, {ROWS} taken, 0 refused" in (bench.folder / "said.log").read_text()
    count, _ = tables.fingerprint(bench, tables.OURS)
    assert count == ROWS * sum(len(part["po"]) for part in mapped.values())


def test_a_fingerprint_knows_no_order_but_every_letter(tmp_path: Path):
    lines = [f'<http://example.org/{n}> <http://example.org/p> "{n}" .\n' for n in range(3)]
    for name, text in (("a", lines), ("b", lines[::-1]), ("c", [*lines[:2], lines[2].replace('"2"', '"3"')])):
        (tmp_path / f"{name}.nt").write_text("".join(text))
    a, b, c = (triples.fingerprint(tmp_path / f"{name}.nt") for name in "abc")
    assert a == b != c
    assert a[0] == c[0] == 3


def test_a_command_that_fails_is_told(tmp_path: Path):
    with pytest.raises(measure.Failed, match="no such luck"):
        measure.run([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path, {})


def test_peak_memory_is_that_of_the_child(tmp_path: Path):
    """Measured by a small process, as the benchmarks are: this one may be larger than what it measures."""
    code = ("import sys; from pathlib import Path; from benchmarks import measure\n"
            "for size in (1, 300_000_000):\n"
            "    print(measure.run([sys.executable, '-c', f'b\"x\" * {size}'], Path(sys.argv[1]), {}).peak)")
    said = subprocess.run([sys.executable, "-c", code, tmp_path], env=environment(PYTHONPATH=str(ROOT / "tests")),
                          check=True, capture_output=True, text=True).stdout
    small, large = map(int, said.split())
    assert 200_000_000 < large - small < 400_000_000


def test_a_ratio_is_how_far_we_are_ahead():
    rate = Comparison("a", "rows/s", [20, 30, 10], "peer", [10, 10, 10], more_is_better=True)
    memory = Comparison("b", "MiB", [40], "peer", [10], more_is_better=False)
    assert rate.ratios == (1, 2, 3)
    assert memory.ratios == (0.25, 0.25, 0.25)
    text = page.subject({"Processors": "2"}, Section("A subject", "What was done.", {"peer": "1.0"}, [rate, memory]))
    assert "| a | rows/s | 3 | 20 | peer | 10 | 1.00 | 2.00 | 3.00 |" in text
    assert re.findall(r"^- .*", text, re.MULTILINE) == ["- b (MiB): 0.25 of peer."]
    assert "| peer | 1.0 |" in text


def test_a_search_is_held_to_what_sparql_finds(bench: Bench, mini_release: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(searching, "ROUNDS", 1)
    monkeypatch.setattr(searching, "SOUGHT", {"inside of words": "ight"})
    with served(mini_release) as base:
        found = list(searching.comparisons(bench, base))
        assert [each.what for each in found] == ["inside of words: page", "inside of words: suggestions"]
        assert all(len(each.ours) == len(each.theirs) == 1 and not each.more_is_better for each in found)
        monkeypatch.setattr(searching, "_by_search", lambda *_: set())
        with pytest.raises(RuntimeError, match="does not find"):
            list(searching.comparisons(bench, base))


def test_the_crowded_graph_says_nothing_twice():
    lines = list(crowded.triples())
    assert len(lines) == len(set(lines)) and len(list(parse("".join(lines), format=RdfFormat.N_TRIPLES))) == len(lines)
    for what, count, place in (("seat", crowded.ORGANISATIONS, crowded.REGION), ("credits", crowded.STATEMENTS, crowded.WORK)):
        assert sum(f"#{what}> {terms.iri(place)}" in line for line in lines) == count


def test_a_page_that_is_not_there_is_not_measured(mini_release: Path):
    with served(mini_release) as base:
        port = int(base.rstrip("/").rpartition(":")[2])
        assert crowded.first_byte(port, "/", crowded.HTML) > 0
        with pytest.raises(RuntimeError, match="404"):
            crowded.first_byte(port, "/doc/id/none", crowded.HTML)


def test_the_document_names_no_place():
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert all(f"| {name} | " in text for name in machine.facts())
    assert not re.search(r"(?:^|[\s(])/[a-z]+/", text)


def test_every_subject_has_its_section_in_the_document():
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert command.SUBJECTS == ("tables", "building", "server", "dereference", "searching", "crowded")
    found = page.subjects(text)
    assert list(found) == [subject.TITLE for subject in (tables, building, server, dereference, searching, crowded)]
    assert text == page.page(found.values())
    assert all(f"| {name} | " in each for name in machine.facts() for each in found.values())


def test_a_subject_that_is_measured_again_leaves_the_others_as_they_were(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    document = tmp_path / "benchmarks.md"
    document.write_text((ROOT / "docs/benchmarks.md").read_text(encoding="utf-8"), encoding="utf-8")
    before = page.subjects(document.read_text(encoding="utf-8"))
    monkeypatch.setattr(building, "section", lambda _: Section(building.TITLE, "Measured again.", {}, []))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--only", "building", "--document", str(document)])
    command.main()
    after = page.subjects(document.read_text(encoding="utf-8"))
    assert "Measured again." in after.pop(building.TITLE)
    assert before.pop(building.TITLE) and after == before


def test_comparisons_under_one_heading_are_one_table_with_a_column_a_peer():
    rows = [Comparison("a", "ms", [10, 20, 30], peer, [20, 20, 20], False, "Cold") for peer in ("one", "two")]
    rows.append(Comparison("c", "ms", [2, 2, 2], "two", [1, 1, 1], False, "Cold"))
    text = page.subject({}, Section("A subject", "", {}, rows))
    assert "### Cold\n\n| 3 rounds | here | one | two |" in text
    assert "| a (ms) | 20 | 20: 1.00 (0.67-2.00) | 20: 1.00 (0.67-2.00) |" in text
    assert "| c (ms) | 2 |  | 1: 0.50 (0.50-0.50) |" in text
    assert re.findall(r"^- .*", text, re.MULTILINE) == ["- Cold: two: c 0.50."]


def test_a_synthetic_graph_is_the_same_every_time_and_as_large_as_asked(tmp_path: Path):
    for size in (10_000, 100_000):
        lines = list(synthetic.triples(size))
        assert len(set(lines)) == len(lines)
        assert abs(len(lines) - size) < size / 50
    assert synthetic.write(tmp_path / "a.nt", 10_000) == synthetic.write(tmp_path / "b.nt", 10_000)
    assert (tmp_path / "a.nt").read_bytes() == (tmp_path / "b.nt").read_bytes()


def test_a_synthetic_graph_uses_terms_of_the_ontology_alone():
    known = {str(quad.subject) for path in (ROOT / "ontology").glob("*.ttl")
             for quad in parse(path=str(path), format=RdfFormat.TURTLE, base_iri=terms.BASE)}
    used = {term for line in synthetic.triples(10_000) for term in re.findall(rf"<{terms.BASE}ns#\w+>", line)}
    assert len(used) > 40
    assert used <= known


def test_few_bodies_have_most_members():
    hosts = Counter(line.split()[2] for line in synthetic.triples(100_000) if "org#organization>" in line)
    first, *others = sorted(hosts.values(), reverse=True)
    assert first > sum(hosts.values()) / 10
    assert statistics.median(others) < first / 50


def test_every_question_is_answered_and_no_two_cold_texts_are_one():
    store = Store()
    store.bulk_load("".join(synthetic.triples(10_000)).encode(), format=RdfFormat.N_TRIPLES)
    asked = questions.read_all(server.SETS["queries"])
    assert len(asked) == 12
    for question in [server.POINT, *asked, *questions.read_all(server.SETS["second queries"])]:
        cold = list(itertools.islice(question.cold(), 2 * questions.ROTATED))
        assert len(set(cold)) == len(cold)
        assert not set(cold) & set(itertools.islice(question.repeated(), questions.ROTATED))
        assert all(len(list(store.query(text))) for text in (*question.texts, cold[0])), question.name
    assert len(set(server.POINT.texts)) == questions.ROTATED


@pytest.mark.parametrize(("one", "other", "alike"), [
    ({"type": "literal", "value": "1", "datatype": f"{answers.XSD}integer"},
     {"type": "typed-literal", "value": "1.0", "datatype": f"{answers.XSD}decimal"}, True),
    ({"type": "literal", "value": "1"}, {"type": "literal", "value": "1", "datatype": f"{answers.XSD}string"}, True),
    ({"type": "literal", "value": "a", "xml:lang": "en"}, {"type": "literal", "value": "a", "xml:lang": "EN"}, True),
    ({"type": "literal", "value": "a", "xml:lang": "en"}, {"type": "literal", "value": "a"}, False),
    ({"type": "literal", "value": "01"}, {"type": "literal", "value": "1"}, False),
    ({"type": "bnode", "value": "b0"}, {"type": "bnode", "value": "x"}, True),
    ({"type": "uri", "value": "http://a"}, {"type": "literal", "value": "http://a"}, False),
])
def test_answers_are_compared_by_what_they_mean(one: dict, other: dict, alike: bool):
    said = [answers.rows({"head": {"vars": ["x", "y"]}, "results": {"bindings": rows}})
            for rows in ([{"x": one}, {"y": one}], [{"y": other}, {"x": other}])]
    assert (said[0] == said[1]) is alike
    assert answers.rows({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": one}] * 2}}).total() == 2


def test_graphs_are_compared_as_sets_and_descriptions_by_what_they_are_of():
    turtle = b"<http://a> <http://p> 1 , 'x' . <http://b> <http://p> <http://a> ."
    otherwise = b"<http://b> <http://p> <http://a> . <http://a> <http://p> 'x' ; <http://p> 1 ."
    assert answers.triples(turtle, "") == answers.triples(otherwise, "")
    assert answers.triples(turtle, "http://a").total() == 2


def test_servers_that_say_different_things_are_told_of(monkeypatch: pytest.MonkeyPatch, bench: Bench):
    said = {1: Counter([("<a>",)]), 2: Counter([("<b>",)])}
    monkeypatch.setattr(answers, "ask", lambda port, path, query: said[port])  # noqa: ARG005
    asked = [server.Asked(server.Server(name, "", (), "", ROOT, port), None, 0) for name, port in (("here", 1), ("peer", 2))]
    question = questions.Question("q", "SELECT")
    with pytest.raises(RuntimeError, match="q: peer says 1 rows, not 1; such as .*<b>.* not .*<a>"):
        server.require_alike(bench, asked, [question], 10)
    said[2] = said[1]
    server.require_alike(bench, asked, [question], 10)


ECHO = r"""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self):
        chunks, self.asked = "chunks" in self.path, self.asked + 1
        self.send_response(500 if "bad" in self.path else 503 if "busy" in self.path and self.asked == 1 else 200)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunks else ("Content-Length", "3")))
        self.end_headers()
        self.wfile.write(b"3\r\nabc\r\n0\r\n\r\n" if chunks else b"abc")

    def log_message(self, *said):
        pass

ThreadingHTTPServer.request_queue_size = 32
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
"""


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[int]:
    """The port of a server that says abc: in chunks for "/chunks", with status 500 for "/bad", with 503 at first for "/busy"."""
    port = processes.free_port()
    with processes.running([sys.executable, "-c", ECHO, str(port)], tmp_path, environment(), port):
        yield port


@pytest.mark.parametrize("path", ["/whole", "/chunks"])
@pytest.mark.parametrize("connections", [1, 8])
def test_the_client_asks_as_long_as_it_is_told_and_once_a_connection_at_least(echo: int, path: str, connections: int):
    requests = (load.get(echo, path, f"SELECT {number}") for number in itertools.count())
    assert len(load.run(echo, requests, connections, 0.0).seconds) == connections
    more = load.run(echo, requests, connections, 0.1)
    assert len(more.seconds) > connections
    assert more.whole >= 0.1
    assert more.rate == len(more.seconds) / more.whole
    few = iter([next(requests) for _ in range(2 * connections)])
    assert len(load.run(echo, few, connections, 0.0, primed=True).seconds) == connections
    assert next(few, None) is None


def test_a_client_that_is_refused_says_so(echo: int):
    with pytest.raises(load.Refused, match="500"):
        load.run(echo, iter([load.get(echo, "/bad", "ASK {}")]), 1, 0.0)


def test_a_request_that_is_put_off_is_made_again(echo: int):
    done = load.run(echo, iter([load.get(echo, "/busy", "ASK {}")]), 1, 0.0)
    assert done.refused == 1
    assert len(done.seconds) == 1
    assert done.seconds[0] >= load.REST


def test_memory_and_end_of_a_server_take_in_what_it_started(tmp_path: Path):
    code = ("import subprocess, sys; from http.server import HTTPServer, BaseHTTPRequestHandler as H\n"
            "child = subprocess.Popen([sys.executable, '-c', 'x = b\"x\" * 50_000_000; input()'], stdin=subprocess.PIPE)\n"
            "HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()")
    port = processes.free_port()
    with processes.running([sys.executable, "-c", code, str(port)], tmp_path, environment(), port) as process:
        assert len(processes.family(process.pid)) == 2
        deadline = time.monotonic() + 20
        while processes.memory(process) < 50_000_000 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert processes.memory(process) > 50_000_000
        child = processes.family(process.pid)[1]
    deadline = time.monotonic() + 20
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something holds within five seconds."""
    deadline = time.monotonic() + 5
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_server_that_is_paused_does_nothing_until_it_goes_on_and_ends_all_the_same(tmp_path: Path):
    code = ("import os, socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); os.fork()\n"
            "while True: time.sleep(0.001)")
    port = processes.free_port()

    def states() -> set[str]:
        return {Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] for pid in processes.family(server.pid)}

    with processes.running([sys.executable, "-c", code, str(port)], tmp_path, environment(), port) as server:
        while len(processes.family(server.pid)) < 2:
            time.sleep(0.01)
        processes.pause(server)
        assert soon(lambda: states() == {"T"})
        processes.resume(server)
        assert soon(lambda: "T" not in states())
        processes.pause(server)
        child = processes.family(server.pid)[1]
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.poll() is not None and not Path(f"/proc/{child}").exists()


def test_a_server_that_does_not_start_is_told(tmp_path: Path):
    command, port = [sys.executable, "-c", "raise SystemExit('no such luck')"], processes.free_port()
    with pytest.raises(measure.Failed, match="no such luck"), processes.running(command, tmp_path, environment(), port):
        pytest.fail("it has not started")


def test_the_servers_at_ten_thousand_triples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The whole subject without peers: a release of a synthetic graph is built, served, asked and told of."""
    monkeypatch.setattr(server, "ROUNDS", 1)
    monkeypatch.setattr(server, "POINT_ROUNDS", 2)
    monkeypatch.setattr(server, "SECONDS", 0.01)
    monkeypatch.setattr(server, "WARMING", 0.0)
    monkeypatch.setattr(wrk, "present", lambda: False)
    section = server.section(Bench(tmp_path, tmp_path, False, print, (10_000,)))
    assert re.findall(r"^\| 9,977 \| ([^|]+) \|", section.text, re.MULTILINE) == ["here", "here, on disk", "granian alone"]
    assert {comparison.what for comparison in section.comparisons} >= {"cold, 8 clients", "12-describe"}
    alone = {comparison.what for comparison in section.comparisons if comparison.peer == "granian alone"}
    assert alone == {"repeated, 1 client", "repeated, 8 clients"}
    assert "wrk was MISSING" in section.text


def test_our_dumps_and_those_of_rdflib_say_the_same(tmp_path: Path):
    synthetic.write(tmp_path / "said.nt", 1_000)
    found = set()
    for side in (making.dump, making.rdflib_dump):
        folder = tmp_path / side.__name__
        folder.mkdir()
        side(tmp_path / "said.nt", folder)
        for syntax in making.SYNTAXES:
            plain = (folder / f"{making.STEM}.{syntax}").read_bytes()
            assert gzip.decompress((folder / f"{making.STEM}.{syntax}.gz").read_bytes()) == plain
            found.add(frozenset(parse(plain, format=RdfFormat.from_extension(syntax))))
    assert len(found) == 1 and len(found.pop()) > 900


def test_a_build_at_a_thousand_triples(tmp_path: Path):
    """The project of the subject can be built and checked; what it takes is told in a row."""
    bench, file = Bench(tmp_path, tmp_path, False, print), tmp_path / "said.nt"
    count = synthetic.write(file, 1_000)
    built = building._built(bench, file, count, True)
    assert built[1] > 0, "the rules infer something"
    assert built[2].peak > 10 * building.MIB and built[4].seconds > 0
    row = building._row(built)
    assert len(row) == len(building.HEAD) and row[0] == f"{count:,}" and row[6].endswith(" s")
    assert list(building._growth([built, (10 * count, *built[1:])])) == [f"1.00-fold from {count:,} to {10 * count:,} triples"]
