"""Memento (RFC 7089) over the releases that are kept: TimeGates, TimeMaps, and what an answer says of its date."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from triplehelix.build.prune import prune
from triplehelix.web import Settings, create_app
from triplehelix.web.front import Remembering
from version_releases import (
    CAPE,
    HEIGHTS,
    NEW,
    Guest,
    base_of,
    copied_fixture,  # noqa: F401
    three_fixture,  # noqa: F401
    versions_fixture,  # noqa: F401
    visitor_fixture,  # noqa: F401
    visitor_of,
)
from web_release import LIMITS, room_fixture  # noqa: F401

# The date that the data of the first release state; the other two state one date.
MOMENTS = [datetime(2020, 2, 29, tzinfo=UTC), datetime(2021, 3, 4, tzinfo=UTC), datetime(2021, 3, 4, 0, 0, 1, tzinfo=UTC)]
LINK = re.compile(r'<([^>]*)>((?:; [a-z]+="[^"]*")*)')


class Link(NamedTuple):
    target: str
    relations: list[str]
    attributes: dict[str, str]


def links(text: str) -> list[Link]:
    """The links of a Link header or a TimeMap (RFC 8288 section 3)."""
    found = []
    for target, told in LINK.findall(text):
        attributes = dict(re.findall('([a-z]+)="([^"]*)"', told))
        found.append(Link(target, attributes.pop("rel").split(), attributes))
    assert text.count("<") == len(found)
    return found


def related(answer: TestResponse, relation: str) -> list[str]:
    return [link.target for link in links(", ".join(answer.headers.getlist("Link"))) if relation in link.relations]


def address(visitor: Guest, local: str) -> str:
    return f"http://{visitor.host}/{local}"


def timemap(visitor: Guest, iri: str) -> list[Link]:
    answer = visitor.get(f"timemap/{iri}")
    assert (answer.status_code, answer.content_type) == (200, "application/link-format")
    return links(answer.text)


def gate(visitor: Guest, iri: str, date: str | None = None) -> TestResponse:
    return visitor.get(f"timegate/{iri}", headers={"Accept-Datetime": date} if date else {})


DOCUMENTS = [CAPE, "doc/" + CAPE, f"doc/{CAPE}.nt", f"doc/{CAPE}?page=1", "scheme/region", "ns", "ns.ttl", "dataset",
             "graph/lights", "query/lights-of-a-harbour"]


@pytest.mark.parametrize("local", DOCUMENTS)
def test_a_timemap_lists_every_state_with_its_date(visitor: Guest, versions: list[str], local: str):
    iri = address(visitor, local)
    itself, original, timegate, *mementos = timemap(visitor, iri)
    assert itself.relations == ["self"] and itself.target == address(visitor, f"timemap/{iri}")
    assert [parsedate_to_datetime(itself.attributes[end]) for end in ("from", "until")] == [MOMENTS[0], MOMENTS[-1]]
    assert (original.relations, original.target) == (["original"], iri)
    assert (timegate.relations, timegate.target) == (["timegate"], address(visitor, f"timegate/{iri}"))
    assert [link.relations for link in mementos] == [["first", "memento"], ["memento"], ["last", "memento"]]
    for link, version, moment in zip(mementos, versions, MOMENTS, strict=True):
        answer = visitor.get(link.target.removeprefix(f"http://{visitor.host}"))
        assert f"release={version}" in link.target and answer.status_code in (200, 303)
        assert answer.headers["Memento-Datetime"] == link.attributes["datetime"]
        assert parsedate_to_datetime(link.attributes["datetime"]) == moment
        assert related(answer, "original") == [iri]
        assert related(answer, "timemap") == [itself.target] and timegate.target in related(answer, "timegate")


def test_only_releases_that_hold_a_thing_have_a_state_of_it(visitor: Guest, versions: list[str]):
    for local in (NEW, "doc/" + NEW, f"doc/{NEW}.jsonld"):
        mementos = timemap(visitor, address(visitor, local))[3:]
        assert [link.target for link in mementos] == [address(visitor, f"{local}?release={version}") for version in versions[1:]]
        moved = gate(visitor, address(visitor, local), "Mon, 01 Jan 2018 00:00:00 GMT")
        assert moved.headers["Location"] == mementos[0].target


@pytest.mark.parametrize(("date", "place"), [
    (None, 2), ("Sat, 29 Feb 2020 00:00:00 GMT", 0), ("Sat, 29 Feb 2020 00:00:01 GMT", 0), ("Wed, 03 Mar 2021 23:59:59 GMT", 0),
    ("Thu, 04 Mar 2021 00:00:00 GMT", 1), ("Thu, 04 Mar 2021 00:00:01 GMT", 2), ("Fri, 01 Jan 2100 00:00:00 GMT", 2),
    ("Fri, 28 Feb 2020 23:59:59 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 0)])
@pytest.mark.parametrize("local", [CAPE, f"doc/{CAPE}.nt"])
def test_a_timegate_leads_to_the_state_of_a_date(visitor: Guest, versions: list[str], local: str, date: str | None, place: int):
    iri = address(visitor, local)
    answer = gate(visitor, iri, date)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{iri}?release={versions[place]}")
    assert "accept-datetime" in answer.headers["Vary"].lower() and "Memento-Datetime" not in answer.headers
    assert related(answer, "original") == [iri] and related(answer, "timemap") == [address(visitor, f"timemap/{iri}")]
    state = visitor.get(urlsplit(answer.headers["Location"])._replace(scheme="", netloc="").geturl(), follow_redirects=True)
    assert [height for height in HEIGHTS if height in state.text] == [HEIGHTS[place]]


@pytest.mark.parametrize("date", ["yesterday", "2020-02-29", "2020-02-29T00:00:00Z", "Sat, 29 Feb 2020 00:00:00 +0100",
                                  "Xyz, 99 Abc 2020 00:00:00 GMT", "Sat, 30 Feb 2020 00:00:00 GMT",
                                  "Saturday, 29-Feb-20 00:00:00 GMT",
                                  "Sat, 29 Feb 2020 00:00:00 GMT, Sat, 29 Feb 2020 00:00:00 GMT"])
def test_a_date_in_another_form_is_refused(visitor: Guest, date: str):
    answer = gate(visitor, address(visitor, CAPE), date)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert "Sun, 06 Nov 1994 08:49:37 GMT" in answer.json["detail"]


@pytest.mark.parametrize("name", ["timegate", "timemap"])
@pytest.mark.parametrize("iri", ["http://example.com/", "{}id/none/x", "{}", "{}none", "id/lighthouse/cape", "{}dumps/dataset.nt",
                                 "{}doc/ns", "{}id/lighthouse/cape.ttl", "{}doc/id/lighthouse/cape.exe", "http://", "{}ns/../ns",
                                 "x", "é"])
def test_what_no_release_holds_has_neither(visitor: Guest, name: str, iri: str):
    answer = visitor.get(f"{name}/{iri.format(address(visitor, ''))}")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_timemap_is_to_be_had_in_its_own_format_alone(visitor: Guest):
    path = f"timemap/{address(visitor, CAPE)}"
    assert visitor.get(path, headers={"Accept": "text/html"}).status_code == 406
    for accept in ("application/link-format", "*/*", "text/html;q=0.9,*/*;q=0.8"):
        assert visitor.get(path, headers={"Accept": accept}).status_code == 200
    first = visitor.get(path)
    assert visitor.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert first.headers["Cache-Control"] == "no-cache" and first.headers["Access-Control-Allow-Origin"] == "*"


def test_a_proxy_may_have_made_one_slash_of_two(visitor: Guest):
    iri = address(visitor, CAPE)
    assert visitor.get(f"timemap/{iri.replace('//', '/', 1)}").data == visitor.get(f"timemap/{iri}").data


def test_an_escaped_letter_leads_to_the_same(visitor: Guest):
    assert visitor.get(f"timegate/{address(visitor, 'id/lighthouse/%63ape')}").status_code == 302


@pytest.mark.parametrize("local", [CAPE, "doc/" + CAPE, f"doc/{CAPE}.nt", "ns", "scheme/region"])
def test_an_original_leads_to_its_timegate(visitor: Guest, versions: list[str], local: str):
    plain = visitor.get(local)
    assert len(related(plain, "timegate")) == 1 and "Memento-Datetime" not in plain.headers
    assert gate(visitor, related(plain, "timegate")[0].partition("timegate/")[2]).status_code == 302
    named = visitor.get(local, query_string={"release": versions[-1]})
    assert plain.data == named.data and parsedate_to_datetime(named.headers["Memento-Datetime"]) == MOMENTS[-1]


@pytest.mark.parametrize(("path", "original"), [
    ("sparql?query=ASK%7B%7D&release={}", "sparql?query=ASK%7B%7D"), ("dumps/dataset.nt?release={}", "dumps/dataset.nt"),
    ("release/{}/dumps/dataset.nt", "dumps/dataset.nt"), ("?release={}", ""),
    ("catalogue?format=nt&release={}", "catalogue?format=nt")])
def test_any_answer_that_names_its_release_says_its_date(visitor: Guest, versions: list[str], path: str, original: str):
    for version, moment in zip(versions, MOMENTS, strict=True):
        answer = visitor.get(path.format(version))
        assert parsedate_to_datetime(answer.headers["Memento-Datetime"]) == moment
        assert related(answer, "original") == [address(visitor, original)]


@pytest.mark.parametrize("path", ["release/{}/", "release/", "doc/id/none?release={}", "sparql?query=SELECT&release={}", "ns",
                                  f"sparql?query=ASK%7B%7D%23{'x' * 1_000}&release={{}}"])
def test_what_is_no_earlier_state_of_anything_has_no_date(visitor: Guest, versions: list[str], path: str):
    assert "Memento-Datetime" not in visitor.get(path.format(versions[0])).headers


def test_what_was_pruned_is_listed_no_more_and_the_dates_stay(copied: Path, room: object, versions: list[str]):
    visitor = visitor_of(copied, room)
    iri = address(visitor, CAPE)
    before = timemap(visitor, iri)
    prune(copied, 1)
    after = timemap(visitor, iri)[3:]
    assert [link.relations for link in after] == [["first", "last", "memento"]]
    assert after[0].attributes == before[-1].attributes and after[0].target == before[-1].target
    assert gate(visitor, iri, "Sat, 29 Feb 2020 00:00:00 GMT").headers["Location"] == f"{iri}?release={versions[2]}"


def test_behind_another_origin_both_addresses_of_a_thing_have_states_there(three: Path, room: object, versions: list[str]):
    client = create_app(three, room, Settings("https://example.org/kg/", limits=LIMITS)).test_client()
    for root in (base_of(three), "https://example.org/kg/"):
        answer = client.get(f"/timegate/{root}{CAPE}", base_url="https://example.org")
        assert answer.headers["Location"] == f"https://example.org/kg/{CAPE}?release={versions[-1]}"


def test_the_front_keeps_neither(three: Path, room: object):
    base = base_of(three)
    front = Remembering(create_app(three, room, Settings(base, limits=LIMITS)), three, frozenset([urlsplit(base).netloc]))
    for name in ("timegate", "timemap"):
        _, status, _ = run_wsgi_app(front, EnvironBuilder(f"/{name}/{base}{CAPE}", base).get_environ(), buffered=True)
        assert status[:3] in ("302", "200")
    assert len(front._cache) == 0
