"""The profile of a register: off in the ordinary check, and when it is asked for it finds what a register must state."""

from __future__ import annotations

import pytest
from rdflib import Graph, URIRef
from rdflib.namespace import SH

from conftest import ROOT
from triplehelix import shacl

BASE = "https://w3id.org/triplehelix/"
SHAPE = f"{BASE}shape/profiles/register#ClusterOrganisation"
BODY = """
@base <https://w3id.org/triplehelix/> .
@prefix th: <ns#> . @prefix org: <http://www.w3.org/ns/org#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<id/organisation/wood> a th:ClusterOrganisation .
"""
STAFF = """
<id/observation/staff> th:observes <id/organisation/wood> ; th:indicator <scheme/indicator/staff> ; th:value %s .
"""
COUNT = """
<id/member-count/{kind}-{year}> th:body <id/organisation/wood> ; th:memberKind <scheme/actor-kind/{kind}> ; th:count {count} ;
  th:asOf "{year}"^^xsd:gYear .
"""
NAMED = """
<id/membership/{n}> org:organization <id/organisation/wood> ; org:member <id/organisation/m{n}> .
<id/organisation/m{n}> th:actorKind <scheme/actor-kind/{kind}> .
"""


def counted(kind: str, count: int, year: int = 2024) -> str:
    return COUNT.format(kind=kind, count=count, year=year)


def named(kind: str, numbers: range) -> str:
    return "".join(NAMED.format(kind=kind, n=n) for n in numbers)


TWO_KINDS = counted("firm", 20) + counted("university", 1)
ENOUGH = counted("total", 15) + TWO_KINDS + STAFF % "0.5"


@pytest.fixture(scope="module")
def shapes() -> Graph:
    profile = Graph().parse(ROOT / "shapes/profiles/register.ttl", publicID=BASE)
    return profile.parse(ROOT / "ontology/prefixes.ttl", publicID=BASE)


@pytest.fixture(scope="module")
def asked_for(shapes: Graph) -> Graph:
    """The shapes with the profile activated (SHACL section 2.1.3.7)."""
    active = Graph() + shapes
    active.remove((URIRef(SHAPE), SH.deactivated, None))
    return active


def findings(said: str, shapes: Graph) -> list[str]:
    return [result.message for result in shacl.validated(Graph().parse(data=BODY + said, format="turtle"), shapes)]


def test_the_ordinary_check_leaves_it_alone(shapes: Graph):
    assert findings("", shapes) == []


def test_a_body_that_states_all_conforms(asked_for: Graph):
    assert findings(ENOUGH, asked_for) == []


def test_named_members_do_as_well(asked_for: Graph):
    assert findings(named("firm", range(14)) + named("rto", range(14, 15)) + STAFF % "2", asked_for) == []


@pytest.mark.parametrize(("said", "words"), [
    (counted("total", 14) + TWO_KINDS + STAFF % "1", "At least 15 members"),
    (counted("total", 40, 2010) + counted("total", 9) + TWO_KINDS + STAFF % "1", "At least 15 members"),
    (named("firm", range(13)) + named("rto", range(13, 14)) + STAFF % "1", "At least 15 members"),
    (counted("total", 15) + counted("firm", 15) + counted("university", 0) + STAFF % "1", "Members of at least two kinds"),
    (counted("total", 15) + TWO_KINDS + STAFF % "0.4", "Staff of at least half"),
    (counted("total", 15) + TWO_KINDS, "Staff of at least half")])
def test_each_lack_has_its_own_finding(asked_for: Graph, said: str, words: str):
    [message] = findings(said, asked_for)
    assert message.startswith(words)


def test_a_body_that_states_nothing_lacks_all_three(asked_for: Graph):
    assert len(findings("", asked_for)) == 3
