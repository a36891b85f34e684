"""The page of the map: what can be counted by country, its table, what it says it does not know, and its addresses."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from countries import coast
from triplehelix.engine import EngineRoom
from triplehelix.web import answer
from web_release import BASE, Visitor, client_of, releases_fixture, room_fixture, small_fixture  # noqa: F401


class Table(HTMLParser):
    """The rows of the table of a page: the words of their cells."""

    def __init__(self, page: str):
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag, _attributes):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.inside = self.inside or tag in ("td", "th")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


@pytest.fixture(scope="session", name="coastal")
def coastal_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a release of the miniature that has countries."""
    return coast(tmp_path_factory.mktemp("coast"), BASE).parent


@pytest.fixture(name="visitor")
def visitor_fixture(coastal: Path, room: EngineRoom) -> Visitor:
    return client_of(coastal, room, BASE)


def page(visitor: Visitor, path: str) -> str:
    response = visitor.get(path)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return response.text


def test_the_map_has_a_table_of_the_same(visitor):
    text = page(visitor, "/map/Harbour/land")
    assert Table(text).rows == [["Country", "Recorded", "On the map"],
                                ["scheme/land/ES", "2", "yes"], ["scheme/land/EL", "1", "yes"]]
    assert re.findall(r'data-code="(ES|EL)" class="land (shade-\d)"', text) == [("EL", "shade-3"), ("ES", "shade-4")]
    assert 'href="/browse/Harbour?land=scheme%2Fland%2FES"' in text


def test_coverage_stands_beside_the_map(visitor):
    text = page(visitor, "/map/Lighthouse/owner")
    assert "2 recorded here; a country is known for 1; countries of this map that have any: 1." in text
    assert Table(text).rows[1:] == [["scheme/land/FR", "1", "yes"], ["no data", "1", "no"]]
    assert 'href="/browse/Lighthouse?owner="' in text and "a hatched country has no data, which is not none" in text


def test_what_is_not_on_the_map_is_said(visitor):
    text = page(visitor, "/map/Lighthouse/maker")
    assert ["id/land/us", "1", "no"] in Table(text).rows and "Not on this map: id/land/us (1)." in text


def test_the_choice_is_in_the_address(visitor):
    text = page(visitor, "/map/Lighthouse/maker")
    choices = re.findall(r'<li><a href="(/map/\w+/\w+)"( aria-current="page")?>([^<]*)</a>', text)
    assert {(href, title) for href, _, title in choices} == {
        ("/map/Harbour/land", "Harbour"), ("/map/Lighthouse/owner", "Lighthouse: Country of the owner"),
        ("/map/Lighthouse/maker", "Lighthouse: Country of the maker")}
    assert [href for href, current, _ in choices if current] == ["/map/Lighthouse/maker"]
    assert Table(page(visitor, "/map")).rows == Table(page(visitor, choices[0][0])).rows


def test_a_map_that_there_is_not_is_not_found(visitor):
    for path in ("/map/Harbour/height", "/map/Lighthouse/land", "/map/x/%3Cscript%3E", f"/map/{'x' * 5_000}/land", "/map/",
                 "/map/land"):
        response = visitor.get(path, headers={"Accept": "text/html"})
        assert response.status_code == 404 and "<script>" not in response.text
    assert "/map lists those there are" in visitor.get("/map/Harbour/height").json["detail"]


def test_a_release_without_countries_has_an_empty_map(small):
    text = page(small, "/map")
    assert "Nothing in this release is recorded by country" in text and "<svg" not in text


def test_an_earlier_release_keeps_its_links(visitor, coastal):
    version = (coastal / "current").resolve().name
    text = page(visitor, f"/map/Harbour/land?release={version}")
    assert 'href="/map/Lighthouse/owner"' in text


def test_the_page_needs_no_script_and_asks_nobody_else(visitor):
    response = visitor.get("/map/Harbour/land")
    assert response.headers["Content-Security-Policy"] == answer.POLICY
    assert 'src="http' not in response.text and " style=" not in response.text and not re.search(r"\son\w+=", response.text)
    own = re.findall(r'(?:src|href)="(/static/[^"]*(?:map|leaflet|pictures)[^"]*)"', response.text)
    assert [visitor.get(name).status_code for name in own] == [200] * 5


def test_the_map_is_a_page_and_no_rdf(visitor):
    assert visitor.get("/map", headers={"Accept": "text/turtle"}).status_code == 406
    assert visitor.get("/map", headers={"Accept": "*/*"}).mimetype == "text/html"
