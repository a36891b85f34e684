"""Documents of several pages, their validators from release to release, and what became of those that are no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from document_releases import ANNA, HUB, ONE, SIZE, TWO, graph, know, links, path, quads, seal
from triplehelix import store
from triplehelix.description.lookups import Pointing
from triplehelix.releases import CURRENT
from web_release import BASE, client_of, room_fixture  # noqa: F401


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("documents")
    sealed = seal(root, "one", ONE)
    know(sealed, {"id/person/anna": "2020-03-04", "id/person/ben": "2999-01-01", "id/place/hub": "2020-03-04T00:00:02"})
    return root


@pytest.fixture
def site(folder: Path, room):
    return client_of(folder, room, BASE)


# --- pages

def followed(client, address: str) -> Iterator:
    """A document and the pages that follow it, as the Link header tells."""
    while address:
        response = client.get(address)
        assert response.status_code == 200
        yield response
        address = path(links(response).get("next", [""])[0])


def test_following_the_pages_meets_each_link_once(site):
    pages = list(followed(site, HUB + ".ttl"))
    pointing = [t.subject.value for page in pages for t in graph(page) if t.object == NamedNode(BASE + "id/place/hub")
                and t.predicate.value.startswith(BASE)]
    assert len(pages) == 13 and len(pointing) == len(set(pointing)) == SIZE
    assert {len(page.data) > 30_000 for page in pages} == {False}
    ends = links(pages[4])
    assert [path(ends[relation][0]) for relation in ("first", "prev", "next", "last")] == [
        HUB + ".ttl", HUB + ".ttl?page=4", HUB + ".ttl?page=6", HUB + ".ttl?page=13"]
    assert site.get(HUB + "?page=14").status_code == 404


@pytest.mark.parametrize(("address", "following"), [
    (HUB, HUB + "?page=2"), (HUB + ".nt", HUB + ".nt?page=2"), (HUB + "?format=nt", HUB + "?format=nt&page=2")])
def test_the_next_page_is_in_the_form_that_was_asked_for(site, address, following):
    assert path(links(site.get(address))["next"][0]) == following
    assert site.get(following).mimetype == site.get(address).mimetype


def test_every_syntax_has_the_same_page(site):
    turtle = graph(site.get(HUB + ".ttl?page=7"))
    assert graph(site.get(HUB + ".jsonld?page=7")) == turtle == {q.triple for q in quads(site.get(HUB + ".trig?page=7"))}
    assert "Page 7 of 13" in site.get(HUB + ".html?page=7").text and f"({SIZE})" in site.get(HUB + ".html").text


def test_a_page_reads_no_more_than_it_shows(folder):
    counted = Counting(folder / CURRENT / "store")
    value = NamedNode(BASE + "id/place/hub")
    pointing = Pointing(counted, value, merged=True)
    counts = pointing.counts()
    counted.read = 0
    assert len(pointing.page(counts, 0, 100)) == 100
    assert counted.read <= 100 + 2 * 100  # the statements, and each by its graphs
    counted.read = 0
    assert len(pointing.page(counts, 410, 100)) == 100
    assert counted.read <= 100 + 2 * 100, "what the first predicate has is counted, and passed over unread"


class Counting(store.Reading):
    """Look-ups that count the quads they are given."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._real, self._store, self.read = self._store, self, 0

    def quads_for_pattern(self, *pattern):
        for quad in self._real.quads_for_pattern(*pattern):
            self.read += 1
            yield quad


def test_a_large_scheme_comes_in_pages(site):
    pages = list(followed(site, "/scheme/long.ttl"))
    concepts = [sorted(t.object.value for t in graph(page) if t.predicate.value.endswith("#notation")) for page in pages]
    assert [code for codes in concepts for code in codes] == [f"{n:03}" for n in range(450)]
    assert [len(codes) for codes in concepts] == [200, 200, 50]
    page = site.get("/scheme/long.html?page=2")
    assert "Concepts <small>(450)" in page.text and page.text.count('<th scope="row"><a href="/scheme/long/') == 200
    assert "Page 2 of 3" in page.text and "What links here" not in page.text


# --- validators

def test_documents_are_kept_and_asked_about(site):
    assert site.get(ANNA).headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Cache-Control" not in site.get("/doc/id/person/nobody").headers


def test_the_date_of_a_document_is_its_own(site):
    assert site.get(ANNA).headers["Last-Modified"] == "Wed, 04 Mar 2020 00:00:00 GMT"
    assert site.get(HUB + ".html").headers["Last-Modified"] == "Wed, 04 Mar 2020 00:00:02 GMT"
    assert "Last-Modified" not in site.get("/doc/id/person/ben").headers, "a date to come is none"
    assert "Last-Modified" not in site.get("/graph/people").headers


@pytest.mark.parametrize(("since", "tag", "status"), [
    ("Wed, 04 Mar 2020 00:00:00 GMT", None, 304), ("Thu, 05 Mar 2020 00:00:00 GMT", None, 304),
    ("Tue, 03 Mar 2020 23:59:59 GMT", None, 200), ("yesterday", None, 200), ("Wed, 04 Mar 2020 00:00:00 GMT", '"other"', 200),
    ("Tue, 03 Mar 2020 23:59:59 GMT", "own", 304)])
def test_a_date_counts_only_where_no_tag_is_sent(site, since, tag, status):
    own = site.get(ANNA).headers["ETag"]
    headers = {"If-Modified-Since": since} | ({"If-None-Match": own if tag == "own" else tag} if tag else {})
    response = site.get(ANNA, headers=headers)
    assert response.status_code == status and response.headers["ETag"] == own
    assert bool(response.data) == (status == 200)


def test_what_does_not_change_keeps_its_tag_in_the_next_release(tmp_path, room):
    seal(tmp_path, "one", ONE)
    client = client_of(tmp_path, room, BASE)
    addresses = [f"{document}.{suffix}" for document in (ANNA, HUB, "/scheme/long", "/doc/id/person/ben", "/graph/people")
                 for suffix in ("ttl", "jsonld", "html", "trig")]
    before = {address: client.get(address).headers["ETag"] for address in addresses}
    assert len(set(before.values())) == len(addresses)
    seal(tmp_path, "two", TWO)
    changed = {address.rpartition(".")[0] for address in addresses if client.get(address).headers["ETag"] != before[address]}
    assert changed == {HUB, "/doc/id/person/ben"}


def test_what_points_here_comes_in_the_same_order_in_the_next_release(tmp_path):
    one, two = (order(seal(tmp_path, name, graphs)) for name, graphs in (("one", ONE), ("two", TWO)))
    assert len(one) == SIZE and one == [subject for subject in two if not subject.endswith("/new")] != two


def order(release: Path) -> list[str]:
    """What points to the hub, in the order of its pages."""
    pointing = Pointing(store.Reading(release / "store"), NamedNode(BASE + "id/place/hub"), merged=True)
    counts = pointing.counts()
    return [s.triple.subject.value for start in range(0, SIZE + 1, 100) for s in pointing.page(counts, start, 100)]


# --- literals in the places of IRIs

@pytest.mark.parametrize("address", ["/graph/people", "/ns"])
@pytest.mark.parametrize("suffix", ["", ".ttl", ".html"])
def test_words_where_iris_belong_are_shown_and_not_followed(tmp_path, room, address, suffix):
    owl = "http://www.w3.org/2002/07/owl#"
    wrong = f"""<ns> a <{owl}Ontology> ; <{owl}imports> "core" ; <{owl}versionIRI> "two" .
        <graph/people> a void:Dataset ; dcterms:source "A book" ; <http://www.w3.org/ns/prov#wasGeneratedBy> "Reading" ;
            dcterms:license "Free" ; void:dataDump "a file" ."""
    seal(tmp_path, "one", {"graph/people": ("dataset", wrong)})
    response = client_of(tmp_path, room, BASE).get(address + suffix, headers={"Accept": "text/turtle"})
    assert response.status_code == 200 and ("core" if address == "/ns" else "A book") in response.text


# --- IRIs in use no more

@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose registry says what became of three IRIs; it is data, and so speaks of them itself."""
    root = tmp_path_factory.mktemp("later")
    registry = f'<id/person/bob> dcterms:isReplacedBy <{BASE}id/person/ben> . <id/person/no> rdfs:comment "Never was."@en .'
    folder = seal(root, "one", ONE | {"graph/registry": ("dataset", registry)})
    know(folder, {}, (("id/person/bob", 301, BASE + "id/person/ben"), ("id/person/no", 410, None)))
    return root


@pytest.mark.parametrize(("address", "target"), [
    ("/id/person/bob", "id/person/ben"), ("/doc/id/person/bob", "doc/id/person/ben"),
    ("/doc/id/person/bob.ttl", "doc/id/person/ben.ttl")])
def test_a_merged_thing_leads_to_its_successor(later, room, address, target):
    response = client_of(later, room, BASE).get(address)
    assert (response.status_code, response.location) == (301, BASE + target)


@pytest.mark.parametrize("address", ["/id/person/no", "/doc/id/person/no", "/doc/id/person/no.jsonld"])
def test_a_withdrawn_thing_is_gone(later, room, address):
    response = client_of(later, room, BASE).get(address)
    assert (response.status_code, response.mimetype) == (410, "application/problem+json")
    assert "Never was." in response.json["detail"]
