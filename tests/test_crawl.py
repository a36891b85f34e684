"""A harvester's crawl of a real server: by links from the home page and by the sitemap, again with validators, and again
after an edit. On the miniature whole; on all data a sample of fixed seed, or all of them where CRAWL=all is set.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import random
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin
from xml.etree import ElementTree

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Triple, parse

from conftest import free_port, served
from crawling import BROWSER, Answer, Crawler, allowed, document
from static_hosts import HOSTS, export_fixture  # noqa: F401
from triplehelix.build import build
from triplehelix.project import Project
from triplehelix.releases import read_manifest

GRAPHS = {"text/turtle": RdfFormat.TURTLE, "application/n-triples": RdfFormat.N_TRIPLES, "application/rdf+xml": RdfFormat.RDF_XML,
          "application/ld+json": RdfFormat.JSON_LD}
DATASETS = {"application/n-quads": RdfFormat.N_QUADS, "application/trig": RdfFormat.TRIG}
VERSION_IRI = NamedNode("http://www.w3.org/2002/07/owl#versionIRI")
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
EMBEDDED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
LINKING = ("a", "link", "area")
# What one edit may change besides things: what lists things, and what tells of the release.
LISTINGS = re.compile(r"(list|browse/.*|changes|dumps/.*|query/([^/]+/cite)?|catalogue|\.well-known/.*|dataset|release/.*|report|"
                      r"robots.txt|sitemap.*|sparql|)([.?].*)?")
MOST_PAGES = 200_000
SEED, SAMPLE = 20261123, 250


class Hrefs(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "href" and value and tag in LINKING]


@dataclass
class Crawl:
    """All that a crawl by links met: the answer of each address, and what went wrong."""

    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def finals(self) -> set[str]:
        return {answer.url for answer in self.answers.values()}

    @property
    def troubles(self) -> list[str]:
        return [f"{url}: {answer.status} after {answer.hops}" for url, answer in self.answers.items() if answer.status != 200]


def by_links(crawler: Crawler) -> Crawl:
    """The crawl of a browser that clicks every link of every page, but those that robots.txt keeps it from."""
    robots = crawler.get(crawler.base + "robots.txt", "*/*").body.decode()
    crawl, waiting, seen = Crawl(), deque([crawler.base]), {crawler.base}
    while waiting:
        url = waiting.popleft()
        answer = crawl.answers[url] = crawler.get(url, BROWSER)
        assert len(crawl.answers) < MOST_PAGES
        for link in sorted(ours_in(answer) - seen):
            seen.add(link)
            if link.startswith(crawler.base) and allowed(robots, link):
                waiting.append(link)
    return crawl


def ours_in(answer: Answer) -> set[str]:
    """The addresses a page links to, without their fragments."""
    if answer.kind != "text/html":
        return set()
    page = Hrefs()
    page.feed(answer.body.decode())
    return {urldefrag(urljoin(answer.url, link)).url for link in page.found}


def by_sitemap(crawler: Crawler) -> dict[str, str]:
    """Every address of the sitemaps that robots.txt names, with its lastmod."""
    robots = crawler.get(crawler.base + "robots.txt", "*/*").body.decode()
    waiting = re.findall(r"(?m)^Sitemap: *(\S+)", robots)
    assert waiting, robots
    found: dict[str, str] = {}
    while waiting:
        answer = crawler.get(waiting.pop(), "*/*")
        assert answer.status == 200, answer.url
        body = gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body
        tree = ElementTree.fromstring(body)
        entries = {entry.findtext(SITEMAP + "loc"): entry.findtext(SITEMAP + "lastmod") or "" for entry in tree}
        if tree.tag == SITEMAP + "sitemapindex":
            waiting += entries
        else:
            assert not found.keys() & entries.keys() and len(entries) <= 50_000
            found |= entries
    return found


def resources(release: Path) -> list[str]:
    """The named graphs, and every IRI below the base that stands anywhere in them, without its fragment."""
    manifest = read_manifest(release)
    found = manifest.graphs.keys() | {urldefrag(term.value).url for row in manifest.graphs.values()
             for quad in parse(path=release / row["dump"], format=RdfFormat.TURTLE)
             for term in (quad.subject, quad.predicate, quad.object)
             if isinstance(term, NamedNode) and term.value.startswith(manifest.base)}
    return sorted(found)


# What a document says


def untrue(crawler: Crawler, iri: str) -> list[str]:
    """What is wrong with the representations of an IRI."""
    answers = {kind: crawler.get(iri, kind) for kind in (*GRAPHS, "text/html")}
    offered = alternates(answers["text/turtle"])
    answers |= {kind: crawler.get(iri, kind) for kind in DATASETS if kind in offered}
    faults = [f"{iri} as {kind}: {a.status} {a.kind}, {a.hops} redirects" for kind, a in answers.items()
              if (a.status, a.kind) != (200, kind)]
    if faults:
        return faults
    said = {kind: statements(answer) for kind, answer in answers.items() if kind != "text/html"}
    subjects = set(about(said["text/turtle"]))
    faults += [f"{iri} as {kind} is another graph" for kind in said if said[kind] != said["text/turtle"]]
    faults += [] if iri in subjects or any(s.startswith(iri + "#") for s in subjects) else [f"{iri} says nothing of it"]
    page = answers["text/html"].body.decode()
    named = iri in html.unescape(page) and all(map(json.loads, EMBEDDED.findall(page)))
    return faults + ([] if named else [f"{iri}: its page does not name it"])


def linked(answer: Answer, relation: str) -> list[str]:
    """The members of the Link header that have the relation."""
    members = re.split(r",\s*(?=<)", ", ".join(answer.headers.get_all("Link", [])))
    return [member for member in members if relation in "".join(re.findall('rel="([^"]*)"', member)).split()]


def alternates(answer: Answer) -> set[str]:
    """The media types of the other forms of a document."""
    return {kind for link in linked(answer, "alternate") for kind in re.findall(r'type="([^"]+)"', link)}


def canonical(answer: Answer) -> str:
    """The address a document has among others: a version IRI answers with its ontology."""
    return "".join(link[1:link.index(">")] for link in linked(answer, "canonical"))


def statements(answer: Answer) -> frozenset[Triple | Quad]:
    """The triples of a representation, of all its graphs; blank nodes in canonical form."""
    quads = parse(answer.body, format=(GRAPHS | DATASETS)[answer.kind], base_iri=answer.url)
    merged = Dataset(Quad(q.subject, q.predicate, q.object) for q in quads)
    merged.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(quad.triple for quad in merged)


def about(triples: Iterable[Triple]) -> Iterator[str]:
    """The subjects; and the version IRIs, which stand for their ontology (OWL 2 section 3.1)."""
    for triple in triples:
        yield getattr(triple.subject, "value", "")
        if triple.predicate == VERSION_IRI:
            yield triple.object.value


# The miniature, whole


@pytest.fixture(scope="module", params=["triplehelix serve", *HOSTS])
def crawler(mini_release: Path, mini_export: Path, request: pytest.FixtureRequest) -> Iterator[Crawler]:
    """A client of the server, and of hosts that serve the export of the same release at the same address."""
    base = read_manifest(mini_release).base
    host, client = HOSTS.get(request.param, (None, Crawler))
    with host(mini_export, base) if host else served(mini_release):
        visiting = client(base)
        yield visiting
        visiting.close()


@pytest.fixture(scope="module")
def crawled(crawler: Crawler) -> Crawl:
    return by_links(crawler)


def test_links_lead_everywhere_and_nowhere_wrong(crawler: Crawler, crawled: Crawl, mini_release: Path) -> None:
    assert not crawled.troubles
    unreached = {document(iri, crawler.base) for iri in resources(mini_release)} - crawled.finals
    assert not unreached, sorted(unreached)


def test_the_sitemap_names_every_resource(crawler: Crawler, mini_release: Path) -> None:
    listed = by_sitemap(crawler)
    answers = {url: crawler.get(url, BROWSER) for url in listed}
    assert not [f"{url}: {answer.status}" for url, answer in answers.items() if answer.status != 200]
    unlisted = {document(iri, crawler.base) for iri in resources(mini_release)} - {answer.url for answer in answers.values()}
    assert not unlisted, sorted(unlisted)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d(T.+)?", lastmod) for lastmod in listed.values())


def test_every_representation_is_true(crawler: Crawler, mini_release: Path) -> None:
    iris = resources(mini_release)
    assert len(iris) > 25
    faults = [fault for iri in iris for fault in untrue(crawler, iri)]
    assert not faults, "\n".join(faults)


# A second crawl


Known = dict[tuple[str, str], Answer]


def harvested(crawler: Crawler, addresses: Iterable[str]) -> Known:
    """Each address in every form a harvester may ask for."""
    found = {(url, kind): crawler.get(url, kind) for url in addresses for kind in (BROWSER, *GRAPHS)}
    return {asked: answer for asked, answer in found.items() if answer.status == 200}


def again(crawler: Crawler, known: Known, name: str, validator: str) -> dict[tuple[str, str], Answer]:
    """The same crawl with the validator of each answer."""
    return {asked: crawler.get(*asked, **{name: answer.headers[validator]}) for asked, answer in known.items()}


def is_page(answer: Answer) -> bool:
    return answer.headers["Content-Type"].startswith("text/html")


def moved(answers: dict[tuple[str, str], Answer]) -> list[str]:
    """The addresses that answered otherwise than by 304 without a body."""
    return sorted({url for (url, _), answer in answers.items() if answer.status != 304 or answer.body})


# `python -m http.server` sends no entity tags.
@pytest.mark.parametrize("crawler", [name for name in ("triplehelix serve", *HOSTS) if name != "http.server"], indirect=True)
def test_a_second_crawl_moves_no_bodies(crawler: Crawler, crawled: Crawl) -> None:
    known = harvested(crawler, crawled.answers)
    weak = sorted({url for (url, _), a in known.items() if not re.fullmatch('"[^"]+"', a.headers.get("ETag", ""))})
    assert not weak, weak
    answers = again(crawler, known, "If_None_Match", "ETag")
    assert len(answers) > 200 and not moved(answers), moved(answers)
    assert all(answer.headers["ETag"] == known[asked].headers["ETag"] for asked, answer in answers.items())


def test_a_second_crawl_by_date_moves_no_documents(crawler: Crawler, mini_release: Path) -> None:
    known = harvested(crawler, resources(mini_release))
    undated = {asked for asked, answer in known.items() if "Last-Modified" not in answer.headers}
    # Pages of documents that count what the whole release says have no date; their data have one.
    told = sorted(url for url, _ in undated if not is_page(known[url, BROWSER]) or document(url, crawler.base) != url)
    assert not told and all(kind == BROWSER for _, kind in undated), told
    known = {asked: answer for asked, answer in known.items() if asked not in undated}
    answers = again(crawler, known, "If_Modified_Since", "Last-Modified")
    assert not moved(answers), moved(answers)


# After an edit


@dataclass(frozen=True)
class Edit:
    """A change of one file of the miniature, the documents of things whose content it changes, and those whose pages show more of
    it: the date of the source beside each fact, and panels.
    """

    file: str
    old: str
    new: str
    changed: frozenset[str]
    shown: frozenset[str]


CAPE, ROCK, EAST, NORTH = "id/lighthouse/cape", "id/lighthouse/rock", "id/harbour/east", "id/harbour/north"
REGIONS = frozenset({"scheme/region/1", "scheme/region/1.1", "scheme/region/1.10"})
# What the graph of the lights says something of: its date stands on their pages.
LIGHTS = frozenset({CAPE, ROCK, NORTH})
NEWER = ('"2020-02-03"^^xsd:date', '"2020-03-01"^^xsd:date')
EDITS = {
    # The harbour shows the name of the light that points to it; the graph says when it was changed.
    "another name": Edit("data/lights.ttl", 'Cape \\"Long\\" Light', "Cape Light", frozenset({CAPE, EAST, "graph/lights"}),
                         LIGHTS),
    # One harbour loses what points to it, one gains it; and a named query says how many rows it has.
    "another link": Edit("data/lights.ttl", "sea:guards <id/harbour/north>", "sea:guards <id/harbour/east>",
                         frozenset({ROCK, EAST, NORTH, "graph/lights", "query/lights-of-a-harbour"}), LIGHTS | REGIONS),
    # Only the panel of the harbour shows a height besides.
    "another number": Edit("data/lights.ttl", "sea:height 17 ", "sea:height 18 ", frozenset({ROCK, "graph/lights"}),
                           LIGHTS | {EAST}),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_an_edit_moves_what_it_changes_and_nothing_else(draft: Project, tmp_path: Path, edit: Edit) -> None:
    older = build(draft, tmp_path / "releases", f"http://127.0.0.1:{free_port()}/")
    with served(older) as base:
        crawler = Crawler(base)
        known = harvested(crawler, [url for url in by_links(crawler).answers if "/release/" not in url])
        path = draft.root / edit.file
        text = path.read_text()
        assert edit.old in text and NEWER[0] in text
        path.write_text(text.replace(edit.old, edit.new).replace(*NEWER))
        assert build(draft, older.parent, base).name != older.name
        answers = again(crawler, known, "If_None_Match", "ETag")
        crawler.close()
    assert {answer.status for answer in answers.values()} <= {200, 304}
    for pages, expected in ((False, edit.changed), (True, edit.changed | edit.shown)):
        alike = {asked: answer for asked, answer in known.items() if is_page(answer) == pages}
        changed = {urldefrag(answers[asked].url).url.removeprefix(base) for asked in alike if answers[asked].status == 200}
        assert {name for name in changed if not LISTINGS.fullmatch(name)} == with_suffixes(expected, alike, base)


def with_suffixes(locals_: Iterable[str], known: Known, base: str) -> set[str]:
    """The addresses of the crawl at which these have their documents."""
    documents = {document(base + local, base).removeprefix(base) for local in locals_}
    finals = {answer.url.removeprefix(base) for answer in known.values()}
    return {url for url in finals if documents.intersection((url, url.rpartition(".")[0], url.partition("?")[0]))}


# All data


@pytest.mark.timeout(7200)
def test_all_data_crawl_by_sitemap(release: Path) -> None:
    """A sample of the resources, or with CRAWL=all every one, and all pages by links."""
    with served(release) as base:
        crawler = Crawler(base)
        iris, listed = resources(release), by_sitemap(crawler)
        whole = os.environ.get("CRAWL") == "all"
        sample = iris if whole else random.Random(SEED).sample(iris, SAMPLE)
        unlisted = [iri for iri in iris if document(iri, base) not in listed and canonical(crawler.get(iri, "*/*")) not in listed]
        faults = [fault for iri in sample for fault in untrue(crawler, iri)]
        known = harvested(crawler, sample)
        stale = moved(again(crawler, known, "If_None_Match", "ETag"))
        crawler.close()
    assert len(iris) > 10_000 and not unlisted, f"{len(unlisted)} of {len(iris)}: {unlisted[:20]}"
    assert not faults, f"{len(faults)}: " + "\n".join(faults[:20])
    assert not stale, stale[:20]


@pytest.mark.skipif(os.environ.get("CRAWL") != "all", reason="CRAWL=all clicks every link of all data")
@pytest.mark.timeout(7200)
def test_all_data_crawl_by_links(release: Path) -> None:
    with served(release) as base:
        crawler = Crawler(base)
        crawl = by_links(crawler)
        crawler.close()
    assert not crawl.troubles, crawl.troubles[:20]
    unreached = {document(iri, base) for iri in resources(release)} - crawl.finals
    assert not unreached, f"{len(unreached)}: {sorted(unreached)[:20]}"
