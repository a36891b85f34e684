"""Documents that a release holds ready: they are what the server would make, in every byte and field, and the gate reads them."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from werkzeug.test import EnvironBuilder, run_wsgi_app

from conftest import triplehelix
from document_releases import ONE, know, seal
from triplehelix.build import gate
from triplehelix.build.representations import write
from triplehelix.description.document import THING
from triplehelix.description.published import Published
from triplehelix.findings import Faulty
from triplehelix.project import Project
from triplehelix.releases import read_manifest, sha256
from triplehelix.representations import FILE, Representations
from triplehelix.resources import Resources
from triplehelix.web import Settings, create_app, shortcut
from triplehelix.web.front import RELEASE
from triplehelix.web.manners import EVERYWHERE
from triplehelix.web.shortcut import Shortcut

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CAPE = "id/lighthouse/cape"
Answer = tuple[str, list[tuple[str, str]], bytes]


def things(release: Path) -> list[str]:
    """The local names of what has its document elsewhere."""
    return [local for local, _ in Resources(release).all() if THING.match(local)]


class Served:
    """A release behind the short way: `flask` counts what that leaves to Flask."""

    def __init__(self, release: Path, origin: str = ""):
        self.release, self.base = release, read_manifest(release).base
        self.application = create_app(release.parent, None, Settings(origin or self.base))
        self.flask = 0
        self._shortcut = Shortcut(self.application)
        self._shortcut._application = self._counted

    def _counted(self, environ, start_response):
        self.flask += 1
        return self.application(environ, start_response)

    def get(self, path: str, accept: str | None = "text/turtle", application: Callable | None = None) -> Answer:
        """Status, fields and body of the document at a path below that of all documents."""
        headers = {} if accept is None else {"Accept": accept}
        environ = EnvironBuilder("/doc/" + path, self.base, headers=headers).get_environ() | {RELEASE: self.release.name}
        body, status, told = run_wsgi_app(application or self._shortcut, environ, buffered=True)
        return status, [(name, value) for name, value in told if name != "Date"], b"".join(body)

    def forget(self, tmp_path: Path) -> None:
        """Serve from here on as if the release held no document ready."""
        self.application.extensions["triplehelix"].release(self.release.name).representations = Representations(tmp_path)


@pytest.fixture
def served(mini_release: Path) -> Served:
    return Served(mini_release)


@pytest.fixture
def unmade(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No document can be made, by the short way."""
    monkeypatch.setattr(shortcut, "describe", lambda *_: pytest.fail("a document was made that is there"))


# --- what is given

def test_every_document_is_the_one_that_would_be_made(served: Served, mini_release: Path, tmp_path: Path):
    ready = {local: served.get(local) for local in things(mini_release)}
    assert served.flask == 0 and len(ready) > 5
    by_flask = {local: served.get(local, application=served.application) for local in ready}
    served.forget(tmp_path)
    made = {local: served.get(local) for local in ready}
    assert ready == made and {status for status, _, _ in ready.values()} == {"200 OK"}
    for local, (status, fields, body) in ready.items():
        assert (status, sorted(fields), body) == (by_flask[local][0], sorted(by_flask[local][1]), by_flask[local][2]), local


def test_so_it_is_with_documents_of_several_pages(tmp_path: Path):
    folder = seal(tmp_path, "one", ONE)
    know(folder, {"id/place/hub": "2020-03-04T00:00:02", "id/person/ben": "2999-01-01"})
    write(Published(folder))
    served = Served(folder)
    ready = [served.get(local) for local in ("id/place/hub", "id/person/ben")]
    served.forget(tmp_path)
    assert ready == [served.get(local) for local in ("id/place/hub", "id/person/ben")]
    hub, ben = (dict(fields) for _, fields, _ in ready)
    assert 'rel="next"' in hub["Link"] and hub["Last-Modified"] == "Wed, 04 Mar 2020 00:00:02 GMT" and "Last-Modified" not in ben


@pytest.mark.parametrize("accept", [None, "", "*/*", "text/turtle;n=1", "text/*", "text/html;q=0.1, text/turtle",
                                    "application/n-triples;q=0.5, application/x-turtle"])
@pytest.mark.usefixtures("unmade")
def test_a_document_that_is_ready_is_not_made(served: Served, accept: str | None):
    status, fields, body = served.get(CAPE, accept)
    assert status == "200 OK" and dict(fields)["Content-Type"] == "text/turtle; charset=utf-8"
    assert NamedNode(f"{served.base}{CAPE}") in {quad.subject for quad in parse(body, format=RdfFormat.TURTLE)}
    assert set(EVERYWHERE) <= set(fields) and served.flask == 0


@pytest.mark.parametrize(("path", "accept", "kind"), [
    (CAPE, "application/n-triples", "application/n-triples"), (f"{CAPE}.ttl", "text/html", "text/turtle; charset=utf-8"),
    (f"{CAPE}.nq", None, "application/n-quads"), (CAPE, "text/html", "text/html; charset=utf-8"),
    (f"{CAPE}.html", "text/turtle", "text/html; charset=utf-8"),
    ("scheme/region/1.10", "application/rdf+xml", "application/rdf+xml"),
])
def test_other_forms_are_made(served: Served, path: str, accept: str | None, kind: str):
    status, fields, body = served.get(path, accept)
    assert (status, dict(fields)["Content-Type"]) == ("200 OK", kind)
    assert body == served.get(path, accept, served.application)[2]


def test_a_page_is_described_once(served: Served, unmade: None):  # noqa: ARG001
    assert served.get(CAPE, "text/html")[0] == "200 OK" and served.flask == 1


def test_at_another_origin_the_addresses_are_its_own(mini_release: Path):
    elsewhere = Served(mini_release, "https://data.example.org/sea/")
    application = elsewhere.application
    environ = EnvironBuilder(f"/doc/{CAPE}", "https://data.example.org/").get_environ() | {RELEASE: mini_release.name}
    body, status, told = run_wsgi_app(Shortcut(application), environ, buffered=True)
    assert status == "200 OK" and told["Content-Location"] == f"https://data.example.org/sea/doc/{CAPE}.ttl"
    assert b"".join(body) == Served(mini_release).get(CAPE)[2]


def test_a_release_of_before_is_served(mini_release: Path, tmp_path: Path):
    (tmp_path / mini_release.name).mkdir()
    for path in mini_release.iterdir():
        if path.name != FILE:
            (tmp_path / mini_release.name / path.name).symlink_to(path)
    before = Served(tmp_path / mini_release.name)
    assert not Representations(tmp_path / mini_release.name)
    assert before.get(CAPE) == Served(mini_release).get(CAPE) and before.flask == 0


def test_a_file_that_was_damaged_costs_time_and_no_document(mini_release: Path, tmp_path: Path):
    release = Path(shutil.copytree(mini_release, tmp_path / mini_release.name))
    expected = Served(mini_release).get(CAPE)
    (release / FILE).write_bytes(b"no table" * 1_000)
    damaged = Served(release)
    assert damaged.get(CAPE) == expected and damaged.flask == 1


@pytest.mark.parametrize("path", ["id/lighthouse/none", "id/", "id/lighthouse/cape.pdf", "ID/lighthouse/cape", "id/a b"])
def test_what_is_not_there_is_not_found(served: Served, path: str):
    assert served.get(path)[0] == "404 NOT FOUND" and served.flask == 1


# --- the file

def test_it_holds_the_things_in_use_in_order(mini_release: Path):
    ready = dict(Representations(mini_release).all())
    assert list(ready) == things(mini_release) == sorted(ready)
    assert {"id/harbour/east", "scheme/region/1.10", "id/lighthouse/sunken"} <= ready.keys()
    assert not {"scheme/region", "ns", "dataset"} & ready.keys()


def test_two_builds_give_equal_bytes_also_with_another_seed_of_hashes(mini: Project, mini_release: Path, tmp_path: Path):
    base = read_manifest(mini_release).base
    assert triplehelix("build", tmp_path, "--project", mini.root, "--base", base, PYTHONHASHSEED="7").returncode == 0
    assert sha256(tmp_path / "current" / FILE) == sha256(mini_release / FILE) == read_manifest(mini_release).files[FILE]["sha256"]


def test_no_document_is_given_before_the_day_it_names(mini_release: Path):
    known = Representations(mini_release)
    fields, _ = known.of(CAPE, NOW)
    since = parsedate_to_datetime(dict(fields)["Last-Modified"])
    assert since == Resources(mini_release).modified(CAPE)
    assert known.of(CAPE, since) and known.of(CAPE, since.replace(year=since.year - 1)) is None


def test_it_depends_on_no_clock(draft: Project, tmp_path: Path):
    lights = draft.root / "data/lights.ttl"
    lights.write_text(lights.read_text().replace('"2020-02-03"', '"2999-12-31"'))
    assert triplehelix("build", tmp_path, "--project", draft.root, "--base", "http://127.0.0.1:9/").returncode == 0
    release = (tmp_path / "current").resolve()
    assert Representations(release).of(CAPE, NOW) is None and CAPE in dict(Representations(release).all())
    status, fields, _ = Served(release).get(CAPE)
    assert status == "200 OK" and "Last-Modified" not in dict(fields)


# --- the gate

@pytest.fixture
def spoilt(mini_release: Path, tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """A copy of a release, and the file open for writing."""
    for path in mini_release.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / FILE).unlink()
    shutil.copyfile(mini_release / FILE, tmp_path / FILE)
    connection = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    yield tmp_path, connection
    connection.close()


@pytest.mark.parametrize(("fault", "told"), [
    ("DELETE FROM representation WHERE local = 'id/harbour/east'", r"holds \d+ documents, which are not those of the \d+ things"),
    ("UPDATE representation SET local = 'id/harbour/none' WHERE local = 'id/harbour/east'", r"are not those of"),
    ("UPDATE representation SET body = x'3c' WHERE local = 'id/harbour/east'", r"<id/harbour/east>: its document says nothing"),
    ("UPDATE representation SET body = (SELECT body FROM representation WHERE local = 'scheme/region/1') "
     "WHERE local = 'id/lighthouse/cape'", r"<id/lighthouse/cape>: its document says nothing of it"),
    ("UPDATE representation SET fields = '{'", r"cannot be read again"), ("DROP TABLE representation", r"cannot be read again"),
])
def test_the_gate_reads_every_document_again(spoilt: tuple[Path, sqlite3.Connection], fault: str, told: str):
    folder, connection = spoilt
    gate.require_fit(folder, read_manifest(folder))
    connection.execute(fault)
    with pytest.raises(Faulty, match=re.escape(FILE) + ".*" + told):
        gate.require_fit(folder, read_manifest(folder))


def test_its_fields_are_those_of_a_representation(mini_release: Path):
    with sqlite3.connect(mini_release / FILE) as connection:
        rows = connection.execute("SELECT fields, body FROM representation").fetchall()
    connection.close()
    for fields, body in rows:
        told = json.loads(fields)
        assert int(told["Content-Length"]) == len(body) and "Access-Control-Allow-Origin" not in told
        assert {"ETag", "Link", "Vary", "Content-Location", "Cache-Control", "Last-Modified"} <= told.keys()
