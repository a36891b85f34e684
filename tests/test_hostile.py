"""Some hundred requests that mean no good: each is answered in time and rightly, and the service is well after each."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

import pytest

from conftest import hashes
from hostile.costs import COSTS, RUNAWAYS
from hostile.exchange import Reply, heard
from hostile.federation import FEDERATION
from hostile.framing import FRAMING, SMUGGLED
from hostile.nesting import NESTING
from hostile.protocol import BODIES, HEADERS, PROTOCOL
from hostile.service import Census, Service, attacked, census, linux, within
from hostile.texts import TEXTS
from hostile.vector import DIRECT, FORM, Vector, asked, bare, head, raw, sent, statuses

SECONDS = 1.0
# What the service may take more in the end: 5 %, and what its caches gain.
GROWTH, SLACK = 1.05, 24 << 20
FAMILIES = {"nesting": NESTING, "costs": COSTS, "texts": TEXTS, "federation": FEDERATION, "protocol": PROTOCOL,
            "headers": HEADERS, "framing": FRAMING, "bodies": BODIES}
# Idle lines between two web processes and the room, eight for each, with an end on both sides.
LINES = 32
# Workers hired for a rush stay for five seconds after it, and go in the next.
LULL = 7


@pytest.fixture(scope="module")
def service(mini_release: Path) -> Iterator[Service]:
    with attacked(mini_release, SECONDS) as started:
        yield started


@pytest.fixture(scope="module", autouse=True)
def before(service: Service) -> Census | None:
    """What the service is made of once it is warm."""
    service.warm_up([*TEXTS, *PROTOCOL, *HEADERS, *BODIES], 100)
    assert service.is_well()
    time.sleep(LULL)
    return census(service.members()) if linux else None


def check(service: Service, vector: Vector) -> None:
    """Sends a vector, judges the answer, and sees whether the service is well."""
    reply = service.send(vector)
    assert service.is_well()
    if reply is None:
        assert vector.unseen, "the connection was closed without an answer"
        return
    assert reply.seconds <= service.seconds + 1
    if vector.unseen and reply.headers.get_content_type() != "application/problem+json":
        assert 400 <= reply.status < 500
        return
    assert reply.status in vector.expected, reply.body[:500]
    if reply.status >= 400 and reply.headers.get_content_type() not in ("text/html", "text/plain"):
        check_problem(reply, vector)


def check_problem(reply: Reply, vector: Vector) -> None:
    """A problem as RFC 9457 has it, that says what is wrong in a sentence, and where."""
    assert reply.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(reply.body)
    assert problem["status"] == reply.status and problem["title"]
    assert len(problem["detail"].split()) >= 4 and vector.told in problem["detail"].lower(), problem["detail"]
    if vector.placed:
        assert problem["line"] >= 1 and problem["column"] >= 1
    if reply.status == 503:
        assert int(reply.headers.get("Retry-After", 1)) > 0


def cases(family: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", FAMILIES[family], ids=lambda vector: vector.name)


@cases("nesting")
def test_nesting_of_any_depth_is_refused(service: Service, vector: Vector) -> None:
    check(service, vector)


@cases("costs")
def test_what_costs_too_much_is_stopped(service: Service, vector: Vector) -> None:
    check(service, vector)


@cases("texts")
def test_a_strange_text_is_answered_or_refused_at_its_place(service: Service, vector: Vector) -> None:
    check(service, vector)


@cases("federation")
def test_nothing_is_asked_or_fetched_elsewhere(service: Service, vector: Vector) -> None:
    check(service, vector)
    assert service.contacts() == 0


@cases("protocol")
def test_what_the_protocol_does_not_know_is_refused(service: Service, vector: Vector) -> None:
    check(service, vector)


@cases("headers")
def test_no_header_or_path_does_harm(service: Service, vector: Vector) -> None:
    check(service, vector)


@cases("framing")
def test_a_request_that_lies_about_its_end_is_refused(service: Service, vector: Vector) -> None:
    check(service, vector)


@pytest.mark.parametrize("name", SMUGGLED)
def test_no_request_is_smuggled_behind_another(service: Service, name: str) -> None:
    answer = heard(service.target.host, SMUGGLED[name](service.target))
    assert answer.startswith(b"HTTP/1.1 4") and answer.count(b"HTTP/1.1 ") == 1 and b"/smuggled" not in answer
    assert service.is_well()


@cases("bodies")
def test_a_body_of_any_length_is_refused_without_being_kept(service: Service, vector: Vector) -> None:
    check(service, vector)


# What a refusal asks its reader to do.
ADVICE = re.compile(r"\b(add|ask|download|give|leave|look|name one|query that|send|sent as|start|takes queries|try|use|write"
                    r"|lists those)\b", re.I)
TOLD = {
    "nesting": asked("ASK " + "{" * 200 + "}" * 200),
    "chain": asked("ASK { " + "FILTER(1) " * 2_000 + "}"),
    "length": asked("ASK {} #" + "x" * 100_000),
    "federation": asked("ASK { SERVICE <http://x.invalid/> {} }"),
    "graph": asked("ASK FROM <urn:x> {}"),
    "time": asked(RUNAWAYS["product counted"]),
    "answer": asked("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"),
    "two queries": bare("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D"),
    "parameters": sent("POST", "/sparql", f"Content-Type: {FORM}", body=b"x=1&" * 2_000),
    "bytes": sent("POST", "/sparql", f"Content-Type: {DIRECT}", body=b"\xff"),
    "bytes of a form": bare("GET", "/sparql?query=%FF"),
    "update": sent("POST", "/sparql", f"Content-Type: {FORM}", body=b"update=CLEAR+ALL"),
    "type": sent("POST", "/sparql", "Content-Type: text/plain", body=b"ASK {}"),
    "coding": sent("POST", "/sparql", f"Content-Type: {DIRECT}", "Content-Encoding: gzip", body=b"ASK {}"),
    "body": sent("POST", "/sparql", f"Content-Type: {DIRECT}", body=b"#" * 2_000_000),
    "chunks": raw("Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", first="POST /sparql HTTP/1.1"),
    "method": bare("DELETE", "/sparql"),
    "path": bare("GET", "/nowhere"),
    "format": asked("ASK {}", "Accept: image/png"),
    "host": lambda target: [head("GET / HTTP/1.1", host="Host: x.invalid\r\n")(target)],
}


@pytest.mark.parametrize("name", TOLD)
def test_a_refusal_says_what_to_do_next(service: Service, name: str) -> None:
    reply = service.send(Vector(name, TOLD[name], statuses()))
    problem = json.loads(reply.body)
    assert reply.status == problem["status"] >= 400
    assert ADVICE.search(problem["detail"]), problem["detail"]


def test_there_are_two_hundred_vectors_with_names_of_their_own() -> None:
    names = [(family, vector.name) for family, vectors in FAMILIES.items() for vector in vectors]
    assert len(names) == len(set(names)) >= 200


def test_a_contact_would_be_counted(service: Service) -> None:
    with create_connection((urlsplit(service.target.listener).hostname, urlsplit(service.target.listener).port)):
        assert within(1, lambda: service.contacts() == 1)


def test_nothing_is_left_of_it(service: Service, before: Census | None) -> None:
    """The last test of the file: what has to hold after all of it."""
    assert service.contacts() == 0
    assert hashes(service.store) == service.written
    if before:
        assert within(8, lambda: census(service.members()).processes == before.processes), (before, service.members())
        assert within(8, lambda: census(service.members()).descriptors <= before.descriptors + LINES)
        assert census(service.members()).memory <= before.memory * GROWTH + SLACK
