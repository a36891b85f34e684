"""The export: what is written and what is not, how hosts serve it, and that nothing is destroyed. test_crawl.py crawls it."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from conftest import free_port, hashes, triplehelix
from static_hosts import HOSTS, StaticCrawler, export_fixture, nginx  # noqa: F401
from test_crawl import by_links
from test_registry import moved, registered, withdrawn
from triplehelix.build import build
from triplehelix.engine.model import Dataset, Limits, Query, Undetermined
from triplehelix.export import Exported, export
from triplehelix.export.asked import Settled
from triplehelix.export.folder import MARK, Folder, replacing
from triplehelix.findings import Faulty
from triplehelix.project import Project
from triplehelix.releases import read_manifest

DAY = datetime(2020, 2, 29, tzinfo=UTC)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MINI = "https://example.org/mini/"
LONG = "x" * 300
# Local names of things with a file each, and such as no file may or can have.
STORED = ("East", "north.ttl", "end.", "k%C3%A4the", "a%20b", "$x", "a'b", "a%22b", "page-2", "100%25", "b%23c", "a%5Cb",
          "%7Bx%7D", "east/deep")
LEFT_OUT = ("east/index.html", LONG, "%2e%2e/%2e%2e/%2e%2e/%2e%2e/out", "..%2f..%2fout", ".htaccess", ".git/config", "a//b",
            "%00", "%0A", "%FF")
# Names in use no more: of what moved, and of what was withdrawn.
MOVED, GONE = ("west", "w%22;%7D%20$x%5C", "%23w%0A"), ("ghost", "gh%22o;%7D%20%5C", "gho$t", "%0Ag", "%FFg")
# Stored too, but Apache answers no address in whose path a question mark stands.
QUESTION = "a%3Fb"


@pytest.fixture(scope="module")
def odd(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with hostile names, with what fills several pages, and with IRIs in use no more."""
    folder = tmp_path_factory.mktemp("odd")
    project = Project(shutil.copytree(mini.root, folder / "project"))
    rows = [f'<{MINI}id/harbour/{name}> a sea:Harbour ; skos:prefLabel "{number}"@en ; sea:region <{MINI}scheme/region/1> .'
            for number, name in enumerate((*STORED, *LEFT_OUT, QUESTION))]
    east = f"<{MINI}id/harbour/east>"
    rows += [f'<{MINI}id/lighthouse/l{number}> a sea:Lighthouse ; skos:prefLabel "{number}"@en ; sea:guards {east} .'
             for number in range(250)]
    path = project.root / "data/harbours.ttl"
    path.write_text(path.read_text() + "\n" + "\n".join(rows) + "\n")
    registered(project, *(moved(f"{MINI}id/harbour/{name}", "id/harbour/east") for name in MOVED),
               *(withdrawn(f"{MINI}id/harbour/{name}", "id/harbour/north") for name in GONE))
    return build(Project(project.root), folder / "releases", f"http://127.0.0.1:{free_port()}/")


@pytest.fixture(scope="module")
def odd_export(odd: Path) -> tuple[Path, Exported]:
    folder = odd.parents[1] / "site"
    return folder, export(odd.parent, folder)


@pytest.fixture(scope="module", params=HOSTS)
def site(odd: Path, odd_export: tuple[Path, Exported], request: pytest.FixtureRequest) -> Iterator[StaticCrawler]:
    """A client of a host that serves the odd release."""
    host, client = HOSTS[request.param]
    base = read_manifest(odd).base
    with host(odd_export[0], base):
        visiting = client(base)
        yield visiting
        visiting.close()


# What is written


def test_two_exports_are_equal_in_names_bytes_and_dates(mini_release: Path, mini_export: Path, tmp_path: Path):
    export(mini_release.parent, tmp_path / "again")
    assert len(hashes(mini_export)) > 500
    assert hashes(tmp_path / "again") == hashes(mini_export)
    dates = [{path.relative_to(root): path.stat().st_mtime for path in root.rglob("*") if path.is_file()}
             for root in (mini_export, tmp_path / "again")]
    assert dates[0] == dates[1]


def test_the_dumps_are_those_of_the_release_at_both_addresses(mini_release: Path, mini_export: Path):
    dumps = hashes(mini_release / "dumps")
    assert dumps == {name: digest for name, digest in hashes(mini_export / "dumps").items() if not name.endswith("index.html")}
    for name in dumps:
        assert (mini_export / "dumps" / name).samefile(mini_release / "dumps" / name)
        assert (mini_export / "release" / mini_release.name / "dumps" / name).samefile(mini_release / "dumps" / name)


def test_a_named_query_has_its_answer_in_every_form(mini_release: Path, mini_export: Path):
    base, folder = read_manifest(mini_release).base, mini_export / "query/lights-of-a-harbour"
    assert (folder / "run.csv").read_bytes().decode() == f"lighthouse,height\r\n{base}id/lighthouse/cape,41.5\r\n"
    assert f'"{base}id/lighthouse/cape"' in (folder / "run.json").read_text()
    assert f"<uri>{base}id/lighthouse/cape</uri>" in (folder / "run.xml").read_text()
    assert f"<{base}id/lighthouse/cape>\t41.5" in (folder / "run.tsv").read_text()
    page = (folder / "run/index.html").read_text()
    assert 'href="/query/lights-of-a-harbour/run.csv"' in page and 'href="/doc/id/lighthouse/cape"' in page


def test_the_citation_of_a_named_query_outlives_the_server(mini_release: Path, mini_export: Path):
    base, folder = read_manifest(mini_release).base, mini_export / "query/lights-of-a-harbour"
    permanent = f"{base}query/lights-of-a-harbour/cite?release={mini_release.name}"
    assert permanent in (folder / "cite/index.html").read_text() and permanent in (folder / "cite.bibtex").read_text()
    cited, run = (json.loads((folder / name).read_bytes())["results"] for name in ("cite.json", "run.json"))
    assert cited == run


def test_answers_come_in_the_one_order_there_is_else_as_they_come():
    class Recording:
        def __init__(self) -> None:
            self.asked: list[bool] = []

        def execute(self, query: Query, *_: object) -> str:
            self.asked.append(query.canonical)
            if query.canonical and "open" in query.text:
                raise Undetermined("It is.")
            return query.text

    engine = Recording()
    settled = Settled(engine)
    texts = [settled.execute(Query(text, "", "csv"), Dataset(""), Limits()) for text in ("closed", "open", "closed", "open")]
    assert (texts, engine.asked) == (["closed", "open"] * 2, [True, True, False])


def test_no_page_leads_to_what_a_server_only_can_do(mini_export: Path):
    for path in mini_export.rglob("*.html"):
        text = path.read_text()
        assert "<form" not in text and not re.search(r'href="(/sparql|/[^"]*[?])', text), path
    home = (mini_export / "index.html").read_text()
    assert '<span title="On the live server only">SPARQL</span>' in home


def test_an_older_release_is_exported_as_it_was_when_it_was_current(draft: Project, tmp_path: Path):
    older = build(draft, tmp_path / "releases", MINI)
    before = export(older.parent, tmp_path / "before")
    path = draft.root / "data/lights.ttl"
    path.write_text(path.read_text().replace("sea:height 17 ", "sea:height 18 "))
    assert build(draft, older.parent, MINI) != older
    assert export(older.parent, tmp_path / "after", older.name).version == before.version == older.name
    ours = {name: digest for name, digest in hashes(tmp_path / "before").items() if not name.startswith("release/index.")}
    after = hashes(tmp_path / "after")
    assert ours == {name: after[name] for name in ours}


def test_another_origin_below_a_path(mini_release: Path, tmp_path: Path):
    base = read_manifest(mini_release).base
    origin = base + "some/where/"
    done = export(mini_release.parent, tmp_path / "site", origin=origin)
    assert done.origin == origin
    home = (tmp_path / "site/index.html").read_text()
    assert 'href="/some/where/doc/id/harbour/east"' in home
    assert f"<loc>{origin}doc/id/harbour/east</loc>" in (tmp_path / "site/sitemap-1.xml").read_text()
    assert f"<{base}id/harbour/east>" in (tmp_path / "site/doc/id/harbour/east.nt").read_text()
    with nginx(tmp_path / "site", base):
        assert answer(origin + "id/harbour/east")[:2] == (303, origin + "doc/id/harbour/east")
        crawler = StaticCrawler(origin)
        crawl = by_links(crawler)
        crawler.close()
    assert not crawl.troubles and len(crawl.answers) > 40


# Hostile names


def test_nothing_is_written_outside_the_folder_and_what_is_left_out_is_told(odd: Path, odd_export: tuple[Path, Exported]):
    folder, done = odd_export
    hosts = {f"site.{host}" for host in HOSTS}
    assert {path.name for path in odd.parents[1].iterdir()} - hosts <= {"project", "releases", "site"}
    assert len(done.left_out) == len(LEFT_OUT)
    assert all("doc/id/harbour/" in line for line in done.left_out)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    assert not {name for name in names if "/." in name.removeprefix(".well-known/") or LONG in name or name.endswith("out")}
    assert done.alike > 0 and "capital letters" in done.told()


def test_every_thing_that_can_have_a_file_answers_and_nothing_leads_nowhere(site: StaticCrawler):
    for name in STORED:
        iri = f"{site.base}id/harbour/{name}"
        for kind in ("text/turtle", BROWSER):
            found = site.get(iri, kind)
            assert (found.status, iri.encode() in found.body) == (200, True), (iri, kind)
    crawl = by_links(site)
    allowed = {f"{site.base}{path}{name}" for path in ("id/harbour/", "doc/id/harbour/") for name in (*GONE, QUESTION)}
    assert not [trouble for trouble in crawl.troubles if trouble.partition(": ")[0] not in allowed]
    listed = {url for url in crawl.answers if "/browse/Lighthouse/" in url}
    assert {f"{site.base}browse/Lighthouse/page-{page}.html" for page in range(2, 7)} == listed
    assert f"{site.base}list/skos/Concept/" in crawl.answers


# What hosts do with the rules


def answer(url: str, accept: str = "*/*") -> tuple[int, str, str]:
    """Status, Location and type."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", quote(url.partition(urlsplit(url).netloc)[2], safe="/%?=&"), headers={"Accept": accept})
        found = connection.getresponse()
        return found.status, found.headers.get("Location", ""), found.headers.get("Content-Type", "")
    finally:
        connection.close()


RULED = pytest.mark.parametrize("site", [host for host in HOSTS if host != "http.server"], indirect=True)
TURTLE = "text/turtle; charset=utf-8"
PAGE = "text/html; charset=utf-8"


@RULED
@pytest.mark.parametrize(("path", "accept", "kind"), [
    ("doc/id/harbour/east", "*/*", TURTLE), ("doc/id/harbour/east", "", TURTLE), ("doc/id/harbour/east", BROWSER, PAGE),
    ("doc/id/harbour/east", "application/rdf+xml, text/html;q=0.5", "application/rdf+xml"),
    ("doc/id/harbour/east", "image/png, text/html;q=0.5", PAGE),
    ("doc/id/harbour/east", "application/json", "application/ld+json"),
    ("doc/id/harbour/east", "application/n-quads", "application/n-quads"),
    ("doc/id/harbour/east.trig", "text/html", "application/trig"), ("doc/id/harbour/east.html", "text/turtle", PAGE),
    ("doc/id/harbour/east?format=nt", "text/html", "application/n-triples"), ("doc/id/harbour/north.ttl", BROWSER, PAGE),
    ("doc/id/harbour/east?page=2", "text/turtle", TURTLE), ("doc/id/harbour/east?page=2", "text/html", PAGE),
    ("doc/id/harbour/east.nt?page=3", "*/*", "application/n-triples"), ("", "*/*", PAGE), ("query/", "text/turtle", PAGE),
    ("ns", "text/html", PAGE), ("ns", "text/turtle", TURTLE), ("catalogue", "text/html", TURTLE), ("report", "*/*", TURTLE),
    (".well-known/void", "*/*", TURTLE), ("robots.txt", "*/*", "text/plain; charset=utf-8"),
    ("linkset/doc/id/harbour/east", "*/*", "application/linkset+json"), ("linkset/", "*/*", "application/linkset+json"),
    ("query/places-of-a-region/run", "*/*", PAGE),
    ("query/places-of-a-region/run.json", "*/*", "application/sparql-results+json"),
    ("query/places-of-a-region/run.csv", "*/*", "text/csv; charset=utf-8"),
    ("query/places-of-a-region/cite?format=json", "*/*", "application/sparql-results+json"),
    ("query/places-of-a-region/cite?format=citation", "*/*", "text/x-bibliography; charset=utf-8"),
    ("query/places-of-a-region/cite.bibtex", "*/*", "application/x-bibtex"),
    ("dumps/dataset.nt", "*/*", "application/n-triples"),
    ("dumps/dataset.ttl.gz", "*/*", "application/gzip"), ("dumps/SHA256SUMS", "*/*", "text/plain; charset=utf-8"),
    ("dumps/ro-crate-metadata.json", "*/*", "application/ld+json"), ("dumps/tables.zip", "*/*", "application/zip"),
    ("changes.atom", "*/*", "application/atom+xml"), ("sitemap.xml", "*/*", "application/xml"),
    ("static/site.css", "*/*", "text/css; charset=utf-8")])
def test_a_host_with_our_rules_gives_the_form_that_is_asked_for(site: StaticCrawler, path: str, accept: str, kind: str):
    assert answer(site.base + path, accept) == (200, "", kind)


@RULED
def test_a_list_of_a_class_has_the_address_it_has_on_the_server(site: StaticCrawler):
    asked = f"{site.base}list?class={quote(site.base + 'ns#Lighthouse', safe='')}"
    assert answer(asked, BROWSER) == answer(asked + "&page=6", BROWSER) == (200, "", PAGE)
    assert answer(asked + "&page=7", BROWSER)[0] == answer(asked + "x", BROWSER)[0] == 404
    other = quote("http://www.w3.org/2004/02/skos/core#Concept", safe="")
    assert answer(f"{site.base}list?class={other}", BROWSER) == (200, "", PAGE)


@RULED
@pytest.mark.parametrize(("path", "status", "target"), [
    ("id/harbour/east", 303, "doc/id/harbour/east"), ("id/harbour/k%C3%A4the", 303, "doc/id/harbour/k%C3%A4the"),
    ("scheme/region/1.10", 303, "doc/scheme/region/1.10"), ("scheme/region", 200, None), ("id/harbour/none", 404, None),
    (f"id/harbour/{MOVED[1]}", 301, "id/harbour/east"), (f"id/harbour/{GONE[1]}", 410, None), ("id/harbour/gho$t", 410, None),
    (f"doc/id/harbour/{GONE[1]}.nt", 410, None), ("id/harbour/west", 301, "id/harbour/east"),
    ("doc/id/harbour/west", 301, "doc/id/harbour/east"),
    ("doc/id/harbour/west.nt", 301, "doc/id/harbour/east.nt"), ("id/harbour/ghost", 410, None),
    ("doc/id/harbour/ghost.ttl", 410, None), ("doc/id/harbour/ghost", 410, None), ("query", 301, "query/"),
    ("dumps", 301, "dumps/"), ("doc/id/harbour/east?page=9", 404, None), ("doc/id", 404, None),
    ("sparql?query=ASK{}", 404, None), ("doc/id/harbour/east?release=2019-01-01-0123456789ab", 404, None),
    ("doc/id/harbour/east.csv", 404, None)])
def test_a_host_with_our_rules_redirects_as_the_server_does(site: StaticCrawler, path: str, status: int, target: str | None):
    found = answer(site.base + path, "text/turtle")
    assert (found[0], found[1].removeprefix(site.base)) == (status, target or "")


@RULED
def test_the_header_fields_of_the_server_stay(site: StaticCrawler):
    headers = site.get(site.base + "doc/id/harbour/east", BROWSER).headers
    assert headers["Access-Control-Allow-Origin"] == "*" and "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Accept" in headers["Vary"] and headers["ETag"] and headers["Last-Modified"] == "Sat, 29 Feb 2020 00:00:00 GMT"


def test_a_withdrawn_iri_says_on_every_host_why_and_where_to_go_on(site: StaticCrawler):
    for path in ("id/harbour/ghost", "doc/id/harbour/ghost"):
        found = site.get(site.base + path, BROWSER).body.decode()
        assert "It never was." in found and "id/harbour/north" in found


# Nothing is destroyed


def test_a_folder_of_others_is_refused_and_left_alone(mini_release: Path, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/paper.txt").write_text("years of work")
    (tmp_path / "file").write_text("x")
    for target in (tmp_path / "mine", tmp_path / "file", mini_release, mini_release.parent, mini_release.parent / "current"):
        was = hashes(tmp_path)
        with pytest.raises(Faulty, match="neither an empty folder nor an earlier export"):
            export(mini_release.parent, target)
        assert hashes(tmp_path) == was


def test_an_earlier_export_is_replaced_whole_and_an_empty_folder_taken(mini_release: Path, mini_export: Path, tmp_path: Path):
    (tmp_path / "site").mkdir()
    export(mini_release.parent, tmp_path / "site")
    (tmp_path / "site/old.html").write_text("of an earlier release")
    aside = tmp_path / ".site.export"
    (aside / "half/of").mkdir(parents=True)
    (aside / "half/of/one").write_text("killed")
    export(mini_release.parent, tmp_path / "site")
    assert hashes(tmp_path / "site") == hashes(mini_export)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_full_disk_leaves_what_was_there(mini_release: Path, mini_export: Path, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch):
    target = Path(shutil.copytree(mini_export, tmp_path / "site"))
    written = Folder.write

    def full(folder: Folder, *arguments: object) -> None:
        if folder.count > 300:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written(folder, *arguments)

    monkeypatch.setattr(Folder, "write", full)
    with pytest.raises(Faulty, match="No space left on device; free some space. What was here before is as it was"):
        export(mini_release.parent, target)
    assert hashes(target) == hashes(mini_export)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_two_exports_to_one_folder_do_not_mix(tmp_path: Path):
    with replacing(tmp_path / "site") as folder:
        assert folder.reserve(MARK)
        folder.write(MARK, b"{}", DAY)
        with pytest.raises(Faulty, match="another export is at work"), replacing(tmp_path / "site"):
            pass
    assert hashes(tmp_path / "site").keys() == {MARK}


def test_names_that_are_one_to_the_file_system_are_told(tmp_path: Path):
    folder = Folder(tmp_path)
    assert folder.reserve("a/Name") and folder.reserve("a/name") and folder.reserve("b/x")
    folder.write("a/Name", b"1", DAY)
    # What a file system that does not tell them apart would have.
    (tmp_path / "a/name").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"1")
    for file in ("a/name", "b/x"):
        with pytest.raises(Faulty, match="does not tell capital letters from small ones"):
            folder.write(file, b"2", DAY)
    assert (tmp_path / "a/name").read_bytes() == b"1"


def test_a_name_is_taken_once_as_a_file_or_as_a_folder(tmp_path: Path):
    folder = Folder(tmp_path)
    assert [file for file in ("a/b", "a/b", "a", "a/b/c", "a/c", "../a") if folder.reserve(file)] == ["a/b", "a/c"]


# The verb


def test_the_verb_says_what_it_wrote_and_what_is_wrong(mini_release: Path, tmp_path: Path):
    said = triplehelix("export", mini_release.parent, tmp_path / "site")
    assert said.returncode == 0 and not said.stderr
    assert f"of release {mini_release.name} at {read_manifest(mini_release).base}" in said.stdout
    for arguments, told in ((["--release", "../x"], "has no release ../x"), (["--origin", "ftp://x"], "not an origin")):
        said = triplehelix("export", mini_release.parent, tmp_path / "other", *arguments)
        assert said.returncode == 1 and told in said.stderr and not (tmp_path / "other").exists()
