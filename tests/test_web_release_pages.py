"""The pages of an older release lead to each other; the list of releases, the page and RDF of each, and its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store
from werkzeug.test import TestResponse

from triplehelix.build.prune import prune
from triplehelix.build.rollback import rollback
from triplehelix.releases import kept, read_manifest
from triplehelix.web import Settings, create_app
from version_releases import (
    CAPE,
    HEIGHTS,
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

DCAT, DCTERMS = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"


# --- pages stay in their release

class Addresses(HTMLParser):
    """The addresses that a page of this site leads to, and the hidden fields of its forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.fields: list[dict] = []
        self.forms = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href"):
            self.found.append(values["href"])
        self.forms += tag == "form"
        if tag == "input" and values.get("type") == "hidden":
            self.fields.append(values)


def crawled(visitor: Visitor, start: str, version: str) -> Iterator[tuple[str, TestResponse]]:
    """Every page that links lead to from one, but for those of the list of releases and to the current release."""
    waiting, seen = [start], {start}
    while waiting:
        path = waiting.pop()
        answer = visitor.get(path, headers=PAGE, follow_redirects=True)
        yield path, answer
        for href in Addresses(answer.text).found if answer.mimetype == "text/html" else ():
            address = urljoin(path, href).partition("#")[0]
            if address.startswith("/") and address not in seen and version in address:
                seen.add(address)
                waiting.append(address)


def test_from_page_to_page_nobody_leaves_an_older_release(visitor: Visitor, versions: list[str]):
    version, pages = versions[0], 0
    for path, answer in crawled(visitor, f"/?release={version}", version):
        assert answer.status_code == 200, path
        if answer.mimetype != "text/html":
            continue
        pages += 1
        page, here = Addresses(answer.text), urlsplit(answer.request.url).path
        assert f'/release/{version}/">{version}</a>, not the current one, and its links stay in it' in answer.text
        assert [field for field in page.fields if field == {"type": "hidden", "name": "release", "value": version}] == \
            page.fields[:page.forms] and len(page.fields) == page.forms, here
        ours = [href for href in page.found if href.startswith("/") and href not in ("/release/", "/changes")]
        assert all(version in href or href.startswith("/release/") for href in ours), here
        assert not any(height in answer.text for height in HEIGHTS[1:]), here
    assert pages > 30


def test_an_older_page_leads_to_the_same_page_of_the_current_release(visitor: Visitor, versions: list[str]):
    old, now = versions[0], versions[-1]
    for path, expected in ((f"doc/{CAPE}?release={old}", "doc/" + CAPE), (f"list?class=x%3Ay&release={old}", "list?class=x%3Ay"),
                           (f"release/{old}/dumps/", "dumps/"), (f"release/{old}/", f"release/{now}/"),
                           (f"sparql?release={old}&query=ASK%7B%7D", "sparql?query=ASK%7B%7D"), (f"?release={old}", ""),
                           (f"id/none?release={old}", "id/none")):
        page = visitor.get(path, headers=PAGE)
        link = re.search(r'<a href="([^"]*)">The same page of the current release', page.text)
        assert link and link[1] == f"http://{visitor.host}/{expected}", path


def test_a_page_made_of_a_form_leads_to_the_same_query_too(visitor: Visitor, versions: list[str]):
    page = visitor.post("sparql", data={"query": "ASK {}", "release": versions[0]}, headers=PAGE).text
    assert f'<a href="http://{visitor.host}/sparql?query=ASK+%7B%7D">The same page of the current release' in page


@pytest.mark.parametrize("path", ["", "doc/" + CAPE, "sparql", "query/", "dumps/", "release/", "none"])
def test_pages_of_the_current_release_name_none(visitor: Visitor, path: str):
    page = visitor.get(path, headers=PAGE).text
    assert "release=" not in page.replace("<code>release=</code>", "") or path == "release/"
    assert "The same page of the current release" not in page


def test_links_of_documents_stay_in_the_release(visitor: Visitor, versions: list[str]):
    base = f"http://{visitor.host}/"
    answer = visitor.get("doc/" + CAPE, query_string={"release": versions[0]})
    assert answer.headers["Content-Location"] == f"{base}doc/{CAPE}.ttl?release={versions[0]}"
    links = re.findall('<([^>]*)>; rel="([^"]*)"', answer.headers["Link"])
    forms = [target for target, relation in links if "alternate" in relation]
    assert len(forms) > 5 and all(target.endswith(f"?release={versions[0]}") for target in forms)
    assert (f"{base}doc/{CAPE}", "canonical") in links
    assert all(visitor.get(target.removeprefix(base)).status_code == 200 for target in forms)
    moved = visitor.get(CAPE, query_string={"release": versions[0], "format": "nt"})
    assert moved.headers["Location"] == f"{base}doc/{CAPE}?release={versions[0]}&format=nt"


def test_a_cut_answer_has_the_same_bytes_when_its_release_is_current_no_more(copied: Path, room: object, versions: list[str]):
    visitor, query = visitor_of(copied, room), "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
    at = {"query": query, "max-rows": 2, "release": versions[2]}
    before = visitor.get("sparql", query_string=at).data
    rollback(copied, versions[0])
    assert visitor.get("sparql", query_string=at).data == before


# --- the list, and each release

def graph(answer: TestResponse) -> Store:
    assert answer.status_code == 200
    found = Store()
    found.load(answer.data, format=RdfFormat.from_media_type(answer.mimetype), base_iri="http://example.org/")
    return found


def objects(found: Store, subject: str, predicate: str) -> list[str]:
    return sorted(quad.object.value for quad in found.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None))


@pytest.mark.parametrize("form", ["ttl", "nt", "rdf", "jsonld"])
def test_the_list_of_releases_is_rdf(visitor: Visitor, versions: list[str], form: str):
    base, found = f"http://{visitor.host}/", graph(visitor.get("release/", query_string={"format": form}))
    iris = [f"{base}release/{version}/" for version in versions]
    assert objects(found, base + "dataset", DCAT + "hasVersion") == sorted(iris)
    assert objects(found, base + "dataset", DCAT + "hasCurrentVersion") == [iris[2]]
    assert [objects(found, iri, DCAT + "previousVersion") for iri in iris] == [[], [iris[0]], [iris[1]]]
    assert [objects(found, iri, DCTERMS + "issued") for iri in iris] == [["2020-02-29"], ["2021-03-04"], ["2021-03-04"]]


def test_the_list_of_releases_is_a_page(visitor: Visitor, three: Path, versions: list[str]):
    answer = visitor.get("release/")
    rows = re.findall("<tr><th scope=\"row\">.*?</tr>", answer.text, re.DOTALL)
    assert answer.mimetype == "text/html" and answer.headers["Cache-Control"] == "no-cache"
    for row, (version, manifest) in zip(rows, reversed(kept(three).items()), strict=True):
        size = sum(file["bytes"] for name, file in manifest.files.items() if name.startswith("dumps/"))
        assert f'href="/release/{version}/"' in row and f"{manifest.counts['triples']:,}" in row
        assert f"{size / 1000:.1f} kB" in row and ("<small>current</small>" in row) == (version == versions[-1])
    assert visitor.get("release").headers["Location"].endswith("/release/")
    told(visitor.get("release/", headers={"Accept": "image/png"}), 406)


def test_the_list_and_each_release_say_what_changed(visitor: Visitor, three: Path, versions: list[str]):
    lines = [set((three / version / "dumps/dataset.nq").read_text().splitlines()) for version in versions]
    pages = [visitor.get(f"release/{version}/", headers=PAGE).text for version in versions]
    for place in (1, 2):
        told = (f'<a href="/release/{versions[place]}/changes">{len(lines[place] - lines[place - 1])} added, '
                f"{len(lines[place - 1] - lines[place])} removed</a>")
        assert told in visitor.get("release/").text and told in pages[place]
    assert "Statements changed" not in pages[0]


def test_the_list_says_what_became_of_those_that_were_pruned(copied: Path, room: object, versions: list[str]):
    visitor, base = visitor_of(copied, room), base_of(copied)
    assert versions[0] in visitor.get("release/").text
    prune(copied, 1)
    found, iris = graph(visitor.get("release/?format=ttl")), [f"{base}release/{version}/" for version in versions]
    assert objects(found, base + "dataset", DCAT + "hasVersion") == [iris[2]]
    assert [objects(found, iri, DCTERMS + "isReplacedBy") for iri in iris] == [[iris[2]], [iris[2]], []]
    page = visitor.get("release/").text
    assert page.count("removed; see") == 2 and all(version in page for version in versions)


@pytest.mark.parametrize("form", ["ttl", "nt", "rdf", "jsonld"])
def test_each_release_has_rdf_with_its_files(visitor: Visitor, three: Path, versions: list[str], form: str):
    version, manifest = versions[1], read_manifest(three / versions[1])
    topic = f"http://{visitor.host}/release/{version}/"
    found = graph(visitor.get(f"release/{version}/", query_string={"format": form}))
    files = objects(found, topic, DCAT + "distribution")
    assert files == sorted(topic + name for name in manifest.files if name.startswith("dumps/dataset."))
    for file in files:
        row, answer = manifest.files[file.removeprefix(topic)], visitor.get(urlsplit(file).path)
        assert objects(found, file, DCAT + "byteSize") == [str(row["bytes"])] == [str(len(answer.data))]
        assert objects(found, file + "#checksum", "http://spdx.org/rdf/terms#checksumValue") == [row["sha256"]]
    assert list(found.quads_for_pattern(NamedNode(topic), NamedNode(DCAT + "version"), Literal(version)))


def test_each_release_has_a_page(visitor: Visitor, versions: list[str]):
    page = visitor.get(f"release/{versions[1]}/", headers=PAGE).text
    assert f'href="/release/{versions[0]}/"' in page and f'href="/release/{versions[1]}/dumps/dataset.ttl"' in page
    answer = visitor.get(f"release/{versions[1]}/")
    relations = {name: urlsplit(target).path for target, name in re.findall('<([^>]*)>; rel="([^"]*)"', answer.headers["Link"])}
    assert relations == {"version-history": "/release/", "latest-version": f"/release/{versions[2]}/",
                         "predecessor-version": f"/release/{versions[0]}/"}
    assert visitor.get(f"release/{versions[0]}").headers["Location"].endswith(f"/release/{versions[0]}/")


def test_the_files_of_a_release_are_below_its_address(visitor: Visitor, versions: list[str]):
    room = f"release/{versions[0]}/dumps/"
    listing = visitor.get(room)
    files = [href for href in Addresses(listing.text).found if href.startswith("/" + room) and href != "/" + room]
    assert len(files) > 50 and all(visitor.head(file).status_code == 200 for file in files)
    part = visitor.get(room + "dataset.nt", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, visitor.get(room + "dataset.nt").data[10:20])
    assert visitor.get(room.removesuffix("/")).headers["Location"] == f"http://{visitor.host}/{room}"
    told(visitor.get(room + "none.ttl"), 404)


def test_behind_an_origin_with_a_path_the_links_are_below_it(three: Path, room: object, versions: list[str]):
    app = create_app(three, room, Settings("https://example.org/kg/", limits=LIMITS))
    answer = app.test_client().get(f"/doc/{CAPE}?release={versions[0]}", base_url="https://example.org", headers=PAGE)
    assert f'href="/kg/doc/{CAPE}.ttl?release={versions[0]}"' in answer.text
    assert f'<a href="https://example.org/kg/doc/{CAPE}">The same page of the current release' in answer.text
