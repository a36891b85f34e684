"""The search page, its JSON and the suggestions: complete without a script, honest about what they leave out, never 5xx."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from test_search import BASE, sea_fixture  # noqa: F401
from triplehelix import search
from web_release import Visitor, client_of, releases_fixture, room_fixture, small_fixture  # noqa: F401

HTML = {"Accept": "text/html"}
# The seconds of computing that an answer may take, whoever else uses the machine.
SECONDS = 1.0


@pytest.fixture(name="port")
def port_fixture(sea: Path) -> Visitor:
    """A client of the application over the release with more harbours; no engine is asked."""
    return client_of(sea.parent, None, BASE)


def page(port: Visitor, query: str, **more: object) -> str:
    response = port.get("/search", query_string={"q": query, **more}, headers=HTML)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    return response.text


def names(text: str) -> list[str]:
    """The addresses of the results on a page."""
    return re.findall(r'<li>\n<a href="([^"]+)"', text.partition('<ol class="results"')[2])


def test_a_result_has_name_kind_place_code_and_what_matched(port: Visitor):
    text = page(port, "cracow")
    assert names(text) == ["/id/harbour/krakow"] and "1 found" in text
    assert '<a href="/id/harbour/krakow" dir="auto" lang="de">Krakau</a>' in text and "haven" in text and "62.10" in text
    assert "Coast" in text and 'also called: <span dir="auto"><mark>Cracow</mark></span>' in text


def test_the_page_says_how_many_match_in_which_way_and_what_was_forgiven(port: Visitor):
    text = page(port, "north")
    assert "1 named exactly so" in text and "1 with a name or code that begins so" in text
    assert "1 with words that begin so" in text and "by what stands beside the name" in text
    assert "accents" in text and "Only letters and figures" not in text
    assert "Only letters and figures are looked for: north or" in page(port, 'north" | or*')


def test_results_are_narrowed_down_by_links(port: Visitor):
    whole, text = page(port, "north"), page(port, "north", kind="codes")
    assert '<a href="/search?q=north&amp;kind=codes">Codes <span class="count">2</span></a>' in whole
    assert len(names(text)) == 2 and 'kind=codes" aria-current="true"' in text and "under “Codes”" in text
    assert '<a href="/search?q=north">All kinds' in text


def test_results_come_in_pages(port: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("triplehelix.web.search.PAGE_SIZE", 2)
    first = page(port, "o")
    assert 'rel="next" href="/search?q=o&amp;page=2"' in first and '<ol class="results" start="1">' in first
    second = page(port, "o", page=2)
    assert not set(names(first)) & set(names(second)) and '<ol class="results" start="3">' in second
    assert port.get("/search?q=o&page=99", headers=HTML).status_code == 404


def test_without_a_query_the_page_says_what_can_be_found(port: Visitor):
    text = page(port, "")
    assert "Harbours and ports" in text and 'name="q"' in text and text.count("<h1") == 1


def test_nothing_found_leads_on(port: Visitor):
    text = page(port, "krakaw harbour")
    assert "Nothing found" in text and 'href="/search?q=harbour"' in text and 'href="/browse/"' in text
    assert 'In another spelling: <a href="/search?q=krakow"' in page(port, "krakaw")
    assert "of other kinds" in page(port, "krakow", kind="codes") or "of another kind" in page(port, "krakow", kind="codes")


def test_the_same_is_to_be_had_as_json(port: Visitor):
    told = port.get("/search.json?q=cracow").json
    assert told == port.get("/search?q=cracow", headers={"Accept": "application/json"}).json
    assert (told["total"], told["complete"], told["pages"], told["next"]) == (1, True, 1, None)
    assert told["results"][0] == {
        "iri": BASE + "id/harbour/krakow", "address": BASE + "id/harbour/krakow", "name": "Krakau", "language": "de",
        "kind": "haven", "code": "62.10", "match": "exact", "beside": ["Coast", "North"],
        "found": {"as": "also", "text": "Cracow", "language": "en"}}


def test_the_json_leads_from_page_to_page(port: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("triplehelix.web.search.PAGE_SIZE", 5)
    seen, address = [], BASE + "search.json?q=o"
    while address:
        told = port.get(address.removeprefix(BASE[:-1])).json
        seen += [row["iri"] for row in told["results"]]
        address = told["next"]
    assert len(seen) == len(set(seen)) == told["total"]


def test_suggestions_are_the_first_results(port: Visitor):
    rows = port.get("/suggest?q=krak").json
    assert [row["address"] for row in rows] == ["/id/harbour/krakow", "/id/identifier/krk"]
    assert rows[0] | {"name": "Krakau", "kind": "haven", "language": "de", "beside": "62.10, Coast, North"} == rows[0]
    assert port.get("/suggest").json == port.get("/suggest?q=%3F").json == []


def test_an_address_of_ours_finds_its_thing(port: Visitor):
    assert names(page(port, BASE + "id/harbour/east")) == ["/id/harbour/east"]
    assert names(page(port, "https://example.org/mini/id/harbour/east")) == ["/id/harbour/east"]
    assert names(page(port, BASE + "doc/id/harbour/east")) == ["/id/harbour/east"]


def test_a_release_that_is_named_stays_named(port: Visitor, sea: Path):
    text = page(port, "north", release=sea.name)
    assert names(text) and "This page is of release" not in text


def test_the_page_needs_nothing_of_a_script_and_is_not_indexed(port: Visitor):
    text = page(port, "north")
    assert '<meta name="robots" content="noindex">' in text and " style=" not in text and "<script>" not in text
    assert 'action="/search" method="get"' in text


# --- bad input

@pytest.mark.parametrize("query", [
    "a", "?!", "🚢", "\0", "%00", "' OR 1=1 --", 'east" OR "north', "NEAR(a b)", "{words}: a", "*", "^a", "a" * 200, "ﷺ" * 200,
    " ".join("abcdefghijklmnop"), "<script>alert(1)</script>", "\u202eabc", "\ud800", "mezzanine " * 16])
@pytest.mark.parametrize("address", ["search", "search.json", "suggest"])
def test_whatever_is_asked_for_is_answered_at_once(port: Visitor, address: str, query: str):
    before, escaped = time.process_time(), quote(query.encode("utf-8", "surrogatepass"))
    response = port.get(f"/{address}?q={escaped}", headers=HTML if address == "search" else {})
    assert response.status_code == 200 and time.process_time() - before < SECONDS
    assert "<script>alert" not in response.text or address != "search"


@pytest.mark.parametrize("address", ["search", "search.json", "suggest"])
@pytest.mark.parametrize(("query", "says"), [("x" * 10_000, "10,000"), (" ".join(map(str, range(17))), "17")])
def test_too_much_is_refused_in_words(port: Visitor, address: str, query: str, says: str):
    response = port.get(f"/{address}", query_string={"q": query})
    assert response.status_code == 400 and says in response.json["detail"] and "at most" in response.json["detail"]


@pytest.mark.parametrize(("query", "status"), [
    ("q=a&page=-1", 400), ("q=a&page=0", 400), ("q=a&page=x", 400), ("q=a&page=9999999", 404), ("q=a&kind=none", 400),
    ("q=a&release=none", 404), ("q=a&kind=%00", 400), ("q=a&format=ttl", 406)])
def test_what_is_not_there_is_told(port: Visitor, query: str, status: int):
    response = port.get(f"/search?{query}")
    assert response.status_code == status and response.mimetype == "application/problem+json" and response.json["detail"]


def test_a_release_without_an_index_says_so(small: Visitor):
    for address in ("search", "search.json", "suggest"):
        response = small.get(f"/{address}?q=anna")
        assert response.status_code == 404 and "without an index" in response.json["detail"]


def test_of_very_many_the_page_says_that_there_are_more(port: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "MOST", 2)
    text = page(port, "o")
    assert "More than" in text and 'kind=codes">Codes</a>' in text
    assert port.get("/search.json?q=o").json["complete"] is False
