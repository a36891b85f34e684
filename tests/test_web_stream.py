"""The releases as an event stream, as a harvester walks it from its root, and as a feed."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, parse
from rdflib.namespace import DCTERMS, RDF

from changing import HTML, Built, built_fixture, copied_fixture, visitor_fixture  # noqa: F401
from triplehelix.build.rollback import rollback
from triplehelix.changes.steps import Summary
from triplehelix.web import changes as room_of_changes
from triplehelix.web import feed, stream
from web_release import Visitor, client_of, room_fixture  # noqa: F401

LDES, TREE = rdflib.Namespace("https://w3id.org/ldes#"), rdflib.Namespace("https://w3id.org/tree#")
ACTIVITY = rdflib.Namespace("https://www.w3.org/ns/activitystreams#")
ATOM, ARCHIVE = "{http://www.w3.org/2005/Atom}", "{http://purl.org/syndication/history/1.0}archive"


# --- the stream

@dataclass
class Page:
    """A node as its Turtle says it, and what its members say, by the graph of each (N-Triples)."""

    told: rdflib.Graph
    content: dict[str, set[str]]


@dataclass
class Harvester:
    """A client of the stream as its specifications have it: it knows the address of the root, and the time it has come to."""

    visitor: Visitor
    base: str

    def page(self, iri: str) -> Page:
        turtle, quads = (self.visitor.get(iri.removeprefix(self.base.rstrip("/")), headers={"Accept": accept})
                         for accept in ("text/turtle", "application/n-quads"))
        assert turtle.status_code == quads.status_code == 200, iri
        content: dict[str, set[str]] = {}
        for quad in parse(quads.data, format=RdfFormat.N_QUADS):
            if quad.graph_name != DefaultGraph() and not isinstance(quad.subject, BlankNode):
                content.setdefault(quad.graph_name.value, set()).add(nameless(quad))
        return Page(rdflib.Graph().parse(data=turtle.data, format="turtle"), content)

    def members(self, root: str, after: str = "") -> Iterator[tuple[str, rdflib.URIRef, Page]]:
        """(time, member, its page) of each member later than a time, the earliest first."""
        found, waiting, seen = [], [root], set()
        while waiting:
            seen.add(here := waiting.pop())
            page = self.page(here)
            told = page.told
            assert (rdflib.URIRef(here), RDF.type, TREE.Node) in told
            collection = next(told.subjects(RDF.type, LDES.EventStream), None) or next(told.subjects(None, rdflib.URIRef(here)))
            found += [(str(told.value(member, DCTERMS.issued)), member, page) for member in told.objects(collection, TREE.member)]
            limits: dict[str, list[tuple[rdflib.URIRef, str]]] = {}
            for relation in told.objects(rdflib.URIRef(here), TREE.relation):
                there = str(told.value(relation, TREE.node))
                limits.setdefault(there, []).append((told.value(relation, RDF.type), str(told.value(relation, TREE.value))))
            waiting += [there for there, bounds in limits.items() if there not in seen and not any(
                kind in (TREE.LessThanOrEqualToRelation, TREE.LessThanRelation) and value <= after for kind, value in bounds)]
        return iter(sorted((row for row in found if row[0] > after), key=lambda row: row[:2]))

    def replay(self, state: dict[str, set[str]], members: Iterator) -> dict[str, set[str]]:
        """What is known of each entity after the members."""
        for _, member, page in members:
            entity, kind = str(page.told.value(member, DCTERMS.isVersionOf)), page.told.value(member, RDF.type)
            assert kind in (ACTIVITY.Create, ACTIVITY.Update, ACTIVITY.Delete)
            assert (entity in state) == (kind != ACTIVITY.Create), member
            state[entity] = page.content.get(str(member), set())
            if kind == ACTIVITY.Delete:
                assert not state.pop(entity)
        return state


def said(built: Built, version: str) -> dict[str, set[str]]:
    """What a release says of each IRI, by its dump."""
    found: dict[str, set[str]] = {}
    for quad in parse(path=built.folder / version / "dumps/dataset.nq"):
        if isinstance(quad.subject, NamedNode):
            found.setdefault(quad.subject.value, set()).add(nameless(quad))
    return found


def nameless(quad: Quad) -> str:
    """A triple; blank nodes have other names in each document."""
    return f"{quad.subject} {quad.predicate} {'[]' if isinstance(quad.object, BlankNode) else quad.object}"


@pytest.fixture
def harvester(built: Built, visitor: Visitor) -> Harvester:
    return Harvester(visitor, built.base)


@pytest.mark.parametrize("size", [10, 250])
def test_a_harvester_comes_from_the_root_to_the_last_member(built: Built, harvester: Harvester, size: int,
                                                            monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room_of_changes, "ON_A_NODE", size)
    members = list(harvester.members(built.base + "changes"))
    assert len({member for _, member, _ in members}) == len(members)
    assert harvester.replay({}, iter(members)) == said(built, built.third)


def test_a_harvester_asks_for_what_changed_since(built: Built, harvester: Harvester, monkeypatch: pytest.MonkeyPatch):
    """It knows the release that was rolled back: what that had and the newest has not, is deleted."""
    asked, page = [], Harvester.page
    monkeypatch.setattr(Harvester, "page", lambda self, iri: asked.append(iri) or page(self, iri))
    state = said(built, built.second)
    members = list(harvester.members(built.base + "changes", "2020-03-03T00:00:01+00:00"))
    assert {time for time, _, _ in members} == {"2020-03-04T00:00:00+00:00"} and len(members) < 5
    assert len(asked) == 2
    assert harvester.replay(state, iter(members)) == said(built, built.third)
    assert built.base + "id/lighthouse/zoo" not in state


def test_the_root_describes_the_stream(built: Built, harvester: Harvester):
    root = harvester.page(built.base + "changes").told
    topic = next(root.subjects(RDF.type, LDES.EventStream))
    assert root.value(topic, TREE.view) == rdflib.URIRef(built.base + "changes")
    assert root.value(topic, LDES.timestampPath) == DCTERMS.issued
    assert root.value(topic, LDES.versionOfPath) == DCTERMS.isVersionOf
    assert root.value(topic, LDES.versionDeletePath) == RDF.type
    assert root.value(topic, LDES.versionDeleteObject) == ACTIVITY.Delete
    assert len(set(root.objects(None, TREE.node))) == 4


def test_a_member_is_found_at_its_own_address(built: Built, harvester: Harvester):
    for _, member, page in list(harvester.members(built.base + "changes"))[:60:5]:
        alone = harvester.page(str(member))
        assert set(alone.told) == set(page.told.triples((member, None, None))) and len(alone.told) >= 3
        assert alone.content == {str(member): page.content[str(member)]}


def test_what_a_member_points_to_is_there(built: Built, harvester: Harvester, visitor: Visitor):
    for _, member, page in harvester.members(built.base + "changes"):
        for document in page.told.objects(member, rdflib.RDFS.seeAlso):
            address = str(document).removeprefix(built.base.rstrip("/")).partition("#")[0]
            assert visitor.get(address).status_code == 200, address


@pytest.mark.parametrize("form", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
def test_the_stream_in_every_syntax(built: Built, visitor: Visitor, form: str):
    kinds = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES, "rdf": RdfFormat.RDF_XML, "jsonld": RdfFormat.JSON_LD,
             "nq": RdfFormat.N_QUADS, "trig": RdfFormat.TRIG}
    for address in ("changes", f"release/{built.second}/changes"):
        response = visitor.get(f"/{address}.{form}")
        assert response.data == visitor.get(f"/{address}?format={form}").data
        said = {quad.predicate.value for quad in parse(response.data, format=kinds[form], base_iri=built.base)}
        assert said & {str(TREE.relation), str(TREE.member)}


def test_many_releases_are_told_by_pages(built: Built, harvester: Harvester, monkeypatch: pytest.MonkeyPatch):
    whole = [member for _, member, _ in harvester.members(built.base + "changes")]
    monkeypatch.setattr(stream, "SHELF", 1)
    assert [member for _, member, _ in harvester.members(built.base + "changes")] == whole
    assert harvester.visitor.get("/changes?page=3", headers=HTML).status_code == 200


# --- the feed

def entries(document: bytes) -> list[ElementTree.Element]:
    """The entries of a feed that has what RFC 4287 sections 4.1.1 and 4.1.2 require of it, in elements it knows."""
    feed = ElementTree.fromstring(document)
    assert feed.tag == ATOM + "feed"
    for element in (feed, *feed.findall(ATOM + "entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1 and element.find(ATOM + name).text
    assert all(author.find(ATOM + "name").text for author in feed.findall(ATOM + "author")) and feed.findall(ATOM + "author")
    found = feed.findall(ATOM + "entry")
    assert all(link(entry, "alternate") and len(entry.findall(ATOM + "summary")) == 1 for entry in found)
    updated = [entry.find(ATOM + "updated").text for entry in found]
    assert updated == sorted(updated, reverse=True) and feed.find(ATOM + "updated").text == updated[0]
    return found


def link(element: ElementTree.Element, relation: str) -> str:
    return next((row.get("href") for row in element.findall(ATOM + "link") if row.get("rel") == relation), "")


def test_the_feed_has_an_entry_for_each_release(built: Built, visitor: Visitor):
    response = visitor.get("/changes.atom")
    assert response.headers["Content-Type"] == "application/atom+xml"
    found = entries(response.data)
    assert [entry.find(ATOM + "id").text for entry in found] == [
        f"{built.base}release/{version}/" for version in (built.third, built.again, built.second, built.first)]
    assert "made again by other software" in found[1].find(ATOM + "summary").text
    for entry in found:
        for relation in ("alternate", "related"):
            address = link(entry, relation)
            assert address.startswith(built.base) and visitor.get(address.removeprefix(built.base.rstrip("/"))).status_code == 200
    assert visitor.get("/changes", headers={"Accept": "application/atom+xml"}).data == response.data


def test_older_entries_are_in_archives_that_stay(built: Built, visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stream, "SHELF", 1)
    address, found = "/changes.atom", []
    while address:
        document = visitor.get(address).data
        feed = ElementTree.fromstring(document)
        assert (feed.find(ARCHIVE) is not None) == ("page=" in address)
        assert urlsplit(link(feed, "self")).path == "/changes.atom"
        found += [entry.find(ATOM + "id").text for entry in entries(document)]
        address = link(feed, "prev-archive").removeprefix(built.base.rstrip("/"))
    assert found == [f"{built.base}release/{version}/" for version in (built.third, built.again, built.second, built.first)]


def test_a_client_of_feeds_gets_no_feed_where_there_is_none(built: Built, visitor: Visitor):
    assert visitor.get(f"/release/{built.second}/changes", headers={"Accept": "application/atom+xml"}).status_code == 406


def test_no_character_spoils_the_feed():
    page = stream.shelf(["v"])
    told = feed.Feed("http://x/\x0b", "http://x/a", "http://x/b", "A <title> \x00\x1f & \ufffe \U0001F300", None, ())
    entry = feed.Entry("http://x/v", "v", datetime(2026, 1, 1, tzinfo=UTC), Summary(None, 1, 0, 1, 0, 0), 'http://x/"v"')
    document = ElementTree.fromstring(told.document(page, [entry]))
    assert document.find(ATOM + "title").text == "A <title>  &  \U0001F300: changes"


def test_what_is_rolled_back_leaves_the_feed_until_there_is_a_newer_one(copied: Built, room):
    rollback(copied.folder, copied.first)
    visitor = client_of(copied.folder, room, copied.base)
    assert [entry.find(ATOM + "id").text for entry in entries(visitor.get("/changes.atom").data)] == [
        f"{copied.base}release/{copied.first}/"]
    assert len(list(Harvester(visitor, copied.base).members(copied.base + "changes"))) == visitor.get(
        f"/release/{copied.first}/changes.nt").data.count(b"#member>")
