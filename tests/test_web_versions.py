"""The server answers from each release that is kept, by ?release= and below /release/<version>/, and wholly from that one."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from conftest import served
from rooms import children, settled, supervisor, within
from triplehelix.build.prune import prune
from triplehelix.build.rollback import rollback
from triplehelix.engine import start_room
from triplehelix.releases import kept
from triplehelix.web import Settings, create_app
from triplehelix.web.front import Remembering
from triplehelix.web.shortcut import Shortcut
from triplehelix.web.site import RELEASES_OPEN, Site
from version_releases import (
    CAPE,
    HEIGHTS,
    NEW,
    PAGE,
    base_of,
    copied_fixture,  # noqa: F401
    three_fixture,  # noqa: F401
    told,
    versions_fixture,  # noqa: F401
    visitor_fixture,  # noqa: F401
    visitor_of,
)
from web_release import LIMITS, Visitor, room_fixture  # noqa: F401

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
HEIGHT = "SELECT ?h { <https://example.org/mini/id/lighthouse/cape> <https://example.org/mini/ns#height> ?h }"
# The same, in words that ask the engine room: what reads one thing only is answered without it.
FOUND = "SELECT ?h { ?cape <https://example.org/mini/ns#height> ?h FILTER(STRENDS(STR(?cape), '/cape')) }"
UNKNOWN = ["", "x", "current", ".", "../releases", "2026-01-01-000000000000", "2020-02-29", "2020-02-29-33CD73F8E678", "é",
           "a" * 500, "2020-02-29-33cd73f8e678/", "2020-02-29-33cd73f8e678\n", ".building", "pruned", "\x00"]


# --- wholly from that release

WAYS = {
    "document": lambda v, at: v.get("doc/" + CAPE, query_string=at),
    "document in a form": lambda v, at: v.get(f"doc/{CAPE}.nt", query_string=at),
    "page": lambda v, at: v.get("doc/" + CAPE, query_string=at, headers=PAGE),
    "thing": lambda v, at: v.get(CAPE, query_string=at, follow_redirects=True),
    "dump": lambda v, at: v.get("dumps/dataset.nt", query_string=at),
    "dump of a graph": lambda v, at: v.get("dumps/graph/lights.ttl", query_string=at),
    "file below the release": lambda v, at: v.get(f"release/{at['release']}/dumps/dataset.nq"),
    "graph store": lambda v, at: v.get("graphs", query_string={"graph": "https://example.org/mini/graph/lights"} | at),
    "query": lambda v, at: v.get("sparql", query_string={"query": HEIGHT} | at),
    "query in the room": lambda v, at: v.get("sparql", query_string={"query": FOUND} | at),
    "query as a page": lambda v, at: v.get("sparql", query_string={"query": HEIGHT} | at, headers=PAGE),
    "form": lambda v, at: v.post("sparql", data={"query": HEIGHT} | at),
    "form, release in the address": lambda v, at: v.post("sparql", data={"query": HEIGHT}, query_string=at),
    "body": lambda v, at: v.post("sparql", data=HEIGHT, content_type=DIRECT, query_string=at),
    "QUERY": lambda v, at: v.open("sparql", method="QUERY", data=HEIGHT, content_type=DIRECT, query_string=at),
    "named query": lambda v, at: v.get("query/lights-of-a-harbour/run", query_string=at, follow_redirects=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_release_answers_with_its_own_data_alone(visitor: Visitor, versions: list[str], way: str):
    for version, height in zip(versions, HEIGHTS, strict=True):
        answer = WAYS[way](visitor, {"release": version})
        assert answer.status_code == 200
        assert [other for other in HEIGHTS if other in answer.text] == [height]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["catalogue", "sparql", "", "report", "dumps/", "query/", "dataset", "ns", "scheme/region",
                                  "graph/lights", "query/lights-of-a-harbour", "linkset/doc/" + CAPE, "sitemap.xml", "context"])
def test_other_documents_are_to_be_had_from_each_release(visitor: Visitor, versions: list[str], path: str):
    for version in versions:
        assert visitor.get(path, query_string={"release": version}, follow_redirects=True).status_code == 200


def test_the_catalogue_is_that_of_the_release(visitor: Visitor, versions: list[str]):
    for version in versions:
        text = visitor.get("catalogue", query_string={"release": version}).text
        assert [other for other in versions if other in text] == [version]


def test_a_thing_is_only_in_the_releases_that_hold_it(visitor: Visitor, versions: list[str]):
    found = [visitor.get(NEW, query_string={"release": version}).status_code for version in versions]
    assert found == [404, 303, 303]


def test_what_changed_is_told_by_the_validator(visitor: Visitor, versions: list[str]):
    tags = [visitor.get("doc/" + CAPE, query_string={"release": version}).headers["ETag"] for version in versions]
    same = {visitor.get("doc/id/lighthouse/rock", query_string={"release": version}).headers["ETag"] for version in versions}
    assert len(set(tags)) == 3 and len(same) == 1
    again = visitor.get("doc/" + CAPE, query_string={"release": versions[0]}, headers={"If-None-Match": tags[0]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["doc/" + CAPE, CAPE, "ns", "", "dumps/dataset.nt", "sparql?query=ASK{}", "query/", "nothing"])
@pytest.mark.parametrize("headers", [{}, PAGE])
def test_the_current_release_by_its_name_is_the_current_one(visitor: Visitor, versions: list[str], path: str, headers: dict):
    plain = visitor.get(path, headers=headers)
    named = visitor.get(f"{path}{'&' if '?' in path else '?'}release={versions[-1]}", headers=headers)
    assert (named.status_code, named.data) == (plain.status_code, plain.data)
    for name in ("ETag", "Location", "Content-Location", "Vary", "Content-Type", "Last-Modified"):
        assert named.headers.get(name) == plain.headers.get(name)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["doc/id/lighthouse/cape?release={}", "release/", "release/{}/", "release/{}/dumps/",
                                  "sparql?query=ASK%7B%7D&release={}"])
def test_head_says_what_get_says(visitor: Visitor, versions: list[str], path: str, method: str):
    path = path.format(versions[0])
    got, asked = visitor.get(path), visitor.open(path, method=method)
    assert asked.headers.get("ETag") == got.headers["ETag"] and asked.headers["Content-Length"] == got.headers["Content-Length"]
    assert "Accept" in asked.headers["Vary"]


# --- which release

@pytest.mark.parametrize("path", ["doc/" + CAPE, CAPE, "", "sparql", "sparql?query=ASK{}", "dumps/dataset.nt", "ns", "release/"])
def test_an_unknown_or_malformed_version_is_not_found(visitor: Visitor, path: str):
    local, _, query = path.partition("?")
    for version in UNKNOWN:
        at = {"release": version} | ({"query": "ASK{}"} if query else {})
        assert "release/ lists" in told(visitor.get(local, query_string=at), 404)["detail"]


def test_an_unknown_version_is_told_on_a_page_too(visitor: Visitor):
    answer = visitor.get("doc/" + CAPE, query_string={"release": "2026-01-01-000000000000"}, headers=PAGE)
    assert answer.status_code == 404 and answer.mimetype == "text/html"


@pytest.mark.parametrize("path", ["release/{}", "release/{}/", "release/{}/dumps/", "release/{}/dumps/dataset.nt"])
@pytest.mark.parametrize("version", ["x", "2026-01-01-000000000000", "current", "pruned", ".."])
def test_below_an_unknown_release_there_is_nothing(visitor: Visitor, path: str, version: str):
    told(visitor.get(path.format(version)), 404)


def test_a_request_names_one_release_once(visitor: Visitor, versions: list[str]):
    first, at = versions[0], {"release": versions[0]}
    told(visitor.get(f"ns?release={first}&release={first}"), 400)
    told(visitor.get(f"ns?release={first}&release={versions[1]}"), 400)
    told(visitor.post("sparql", data={"query": "ASK {}"} | at, query_string=at), 400)
    told(visitor.get(f"release/{first}/dumps/", query_string=at), 400)
    told(visitor.post("sparql", data=f"query=ASK{{}}&release={first}&release={first}", content_type=FORM), 400)


def test_a_release_that_is_newer_than_the_current_one_answers_by_its_name(copied: Path, room: object, versions: list[str]):
    rollback(copied, versions[0])
    visitor = visitor_of(copied, room)
    assert HEIGHTS[0] in visitor.get("doc/" + CAPE).text
    page = visitor.get("doc/" + CAPE, query_string={"release": versions[2]}, headers=PAGE).text
    assert HEIGHTS[2] in page and "The same page of the current release" in page


def test_a_release_that_cannot_be_read_takes_nothing_from_the_others(copied: Path, room: object, versions: list[str]):
    (copied / versions[0] / "manifest.json").write_text('{"form": 99}')
    visitor = visitor_of(copied, room)
    assert visitor.get("doc/" + CAPE).status_code == 200
    for version in versions[1:]:
        assert visitor.get("doc/" + CAPE, query_string={"release": version}).status_code == 200
    for path in (f"doc/{CAPE}?release={versions[0]}", f"release/{versions[0]}/dumps/", "release/"):
        assert told(visitor.get(path), 503) and visitor.get(path).headers["Retry-After"]


# --- pruned

def test_what_was_pruned_is_gone_and_says_what_to_read_in_its_place(copied: Path, room: object, versions: list[str]):
    visitor, base = visitor_of(copied, room), base_of(copied)
    paths = [f"doc/{CAPE}.nt?page=1&release={versions[0]}", f"release/{versions[0]}/dumps/dataset.nt", f"release/{versions[0]}/"]
    assert [visitor.get(path).status_code for path in paths] == [200, 200, 200]
    prune(copied, 2)
    where = [f"doc/{CAPE}.nt?release={versions[1]}&page=1", f"release/{versions[1]}/dumps/dataset.nt", f"release/{versions[1]}/"]
    for path, successor in zip(paths, where, strict=True):
        answer = visitor.get(path)
        problem = told(answer, 410)
        assert (problem["release"], problem["successor"]) == tuple(versions[:2]) and versions[1] in problem["detail"]
        assert problem["address"] == base + successor
        assert answer.headers["Link"] == f'<{base}{successor}>; rel="successor-version"'
        assert visitor.get(successor).status_code == 200
        assert f'href="{base}{successor}"'.replace("&", "&amp;") in visitor.get(path, headers=PAGE).text
    told(visitor.get("sparql", query_string={"query": "ASK {}", "release": versions[0]}), 410)
    told(visitor.post("sparql", data={"query": "ASK {}", "release": versions[0]}), 410)


def test_the_successor_may_be_the_current_release(copied: Path, room: object, versions: list[str]):
    rollback(copied, versions[0])
    prune(copied, 1)
    problem = told(visitor_of(copied, room).get("ns", query_string={"release": versions[2]}), 410)
    assert (problem["successor"], problem["address"]) == (versions[0], base_of(copied) + "ns")


def test_a_running_server_forgets_what_was_pruned(copied: Path, versions: list[str]):
    """Over a real server, whose front gives answers again from memory, and whose workers have the store open."""
    base = base_of(copied)
    paths = ["doc/" + CAPE, f"doc/{CAPE}.ttl", CAPE, "dumps/dataset.nt", "ns", "", "sparql?query=ASK%7B%7D"]
    addresses = [f"{base}{path}{'&' if '?' in path else '?'}release={versions[0]}" for path in paths]
    with served(copied / "current"):
        for address in addresses * 2:
            with urlopen(address, timeout=10) as answer:
                assert answer.status == 200
        prune(copied, 2)
        assert [status_of(address) for address in addresses * 2] == [410] * len(addresses) * 2
        assert [status_of(base + path) for path in paths] == [200] * len(paths)


def status_of(address: str) -> int:
    try:
        with urlopen(Request(address), timeout=10) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


# --- the front

@pytest.fixture(name="front")
def front_fixture(three: Path, room: object) -> Remembering:
    base = base_of(three)
    app = create_app(three, room, Settings(base, limits=LIMITS))
    return Remembering(app, three, frozenset([urlsplit(base).netloc]), Shortcut(app))


def ask(front: Remembering, base: str, path: str, **arguments: object) -> tuple[str, bytes]:
    body, status, _ = run_wsgi_app(front, EnvironBuilder(f"/{path}", base, **arguments).get_environ(), buffered=True)
    return status, b"".join(body)


def test_the_front_keeps_the_answers_of_the_current_release_alone(front: Remembering, three: Path, versions: list[str]):
    base, query = base_of(three), "sparql?query=ASK%7B%7D"
    for path in ("doc/" + CAPE, CAPE, "ns", query, "context"):
        for version in (*versions[:2], "2026-01-01-000000000000"):
            ask(front, base, f"{path}{'&' if '?' in path else '?'}release={version}")
    ask(front, base, "sparql", method="POST", data={"query": "ASK {}", "release": versions[0]})
    for path in ("release/", f"release/{versions[0]}/", f"release/{versions[0]}/dumps/"):
        ask(front, base, path)
    assert len(front._cache) == 0
    paths = ("doc/" + CAPE, f"doc/{CAPE}?release={versions[2]}", query, f"{query}&release={versions[2]}")
    for count, path in enumerate(paths, 1):
        first, again = ask(front, base, path), ask(front, base, path)
        assert first == again and first[0] == "200 OK" and len(front._cache) == count


def test_conditions_and_head_hold_for_older_releases_too(front: Remembering, three: Path, versions: list[str]):
    base, path = base_of(three), f"doc/{CAPE}?release={versions[0]}"
    environ = EnvironBuilder(f"/{path}", base).get_environ()
    _, _, headers = run_wsgi_app(front, environ, buffered=True)
    assert ask(front, base, path, headers={"If-None-Match": headers["ETag"]}) == ("304 NOT MODIFIED", b"")
    assert ask(front, base, path, method="HEAD") == ("200 OK", b"")


# --- what it costs

def test_however_many_releases_are_asked_for_few_are_open(three: Path, room: object, versions: list[str], tmp_path: Path):
    releases = many(three, tmp_path / "releases", versions[0], 9)
    visitor, counts = visitor_of(releases, room), []
    site: Site = visitor.application.extensions["triplehelix"]
    names = [name for name in kept(releases) if name != versions[-1]]
    assert len(names) > 3 * RELEASES_OPEN and visitor.get("ns").status_code == 200
    for _ in range(3):
        with without_collector():
            for name in names:
                assert visitor.get("doc/" + CAPE, query_string={"release": name}, headers=PAGE).status_code == 200
                assert len(site._open) <= RELEASES_OPEN and versions[-1] in site._open
            counts.append(len(list(Path("/proc/self/fd").iterdir())))
    # Two releases that are open now have what the first of them had not asked for yet: two files of SQLite each.
    assert max(counts) - min(counts) <= 4, counts


@contextmanager
def without_collector() -> Iterator[None]:
    """What is let go is let go at once, and not when circles are looked for."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def many(three: Path, releases: Path, version: str, count: int) -> Path:
    """The folder with copies of one release under other versions."""
    shutil.copytree(three, releases, symlinks=True)
    for number in range(count):
        name = f"2019-01-{number + 1:02}-0123456789ab"
        folder = Path(shutil.copytree(three / version, releases / name))
        fields = json.loads((folder / "manifest.json").read_text()) | {"version": name}
        (folder / "manifest.json").write_text(json.dumps(fields))
    return releases


def test_the_copy_in_memory_stays_that_of_the_current_release(three: Path, versions: list[str], tmp_path: Path):
    with start_room(tmp_path / "socket", LIMITS) as room:
        visitor, supervising = visitor_of(three, room), supervisor()
        assert visitor.get("sparql", query_string={"query": FOUND}).status_code == 200
        settled(supervising, 2)
        before = keepers(supervising)
        # Longer than it takes for the room to believe that there is a new release.
        assert not within(1.5, lambda: HEIGHTS[0] not in asked(visitor, versions[0]))
        settled(supervising, 2)
        assert keepers(supervising) == before


def asked(visitor: Visitor, version: str) -> str:
    return visitor.get("sparql", query_string={"query": FOUND, "release": version}).text


def keepers(supervising: int) -> list[int]:
    return [keeper for room in children(supervising) for keeper in children(room)]
