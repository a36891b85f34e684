"""Listings: facets whose state is the address, order, pages, and all rows as files; what is asked wrongly; what crawlers see."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from openpyxl import load_workbook
from pyoxigraph import Literal, NamedNode

from conftest import free_port
from test_registry import moved, registered, withdrawn
from triplehelix.build import build
from triplehelix.description.links import Links
from triplehelix.project import Project
from triplehelix.releases import read_manifest
from triplehelix.web.listing import ROWS
from triplehelix.web.narrowing import Narrowing, spellings
from web_release import Visitor, client_of, releases_fixture, room_fixture, small_fixture  # noqa: F401

MINI = "https://example.org/mini/"
# Lights of this file, and those with them: of the miniature two, odd ones four, which guard nothing.
LIGHTS, OTHERS = 130, 6
HOSTILE = "<script>alert(1)</script>"


def lights() -> Iterator[str]:
    """Lights of a height of 10 to 16 metres, every fourth without one; two in three guard the east."""
    for number in range(LIGHTS):
        height = f"; sea:height {number % 7 + 10} " if number % 4 else ""
        harbour = "east" if number % 3 else "north"
        yield (f'<{MINI}id/lighthouse/l{number:03}> a sea:Lighthouse ; skos:prefLabel "Light {number:03}"@en ; '
               f"sea:guards <{MINI}id/harbour/{harbour}> {height}.")


@pytest.fixture(scope="session", name="many")
def many_fixture(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with many lights, hostile names, and things in use no more."""
    folder = tmp_path_factory.mktemp("many")
    project = Project(shutil.copytree(mini.root, folder / "project"))
    path = project.root / "data/lights.ttl"
    odd = (f'<{MINI}id/lighthouse/odd> a sea:Lighthouse ; skos:prefLabel "=1+{HOSTILE}"@en .',
           f'<{MINI}id/lighthouse/a%20b> a sea:Lighthouse ; skos:prefLabel "ضوء"@ar .',
           *(f'<{MINI}id/lighthouse/twin{number}> a sea:Lighthouse ; skos:prefLabel "Twin"@en .' for number in (1, 2)))
    path.write_text("\n".join([path.read_text(), *lights(), *odd, ""]))
    registered(project, moved(f"{MINI}id/harbour/west", "id/harbour/east"),
               withdrawn(f"{MINI}id/harbour/ghost", "id/harbour/north"))
    return build(Project(project.root), folder / "releases", f"http://127.0.0.1:{free_port()}/")


@pytest.fixture(name="site")
def site_fixture(many: Path, room) -> Visitor:
    return client_of(many.parent, room, read_manifest(many).base)


def text(site: Visitor, path: str, status: int = 200) -> str:
    answer = site.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (status, "text/html"), answer.text
    return answer.text


def hrefs(page: str) -> list[str]:
    return [unescape(href) for href in re.findall(r'href="([^"]*)"', page)]


def named(page: str) -> list[str]:
    """The names in the rows of a listing."""
    return [unescape(name) for name in re.findall(r'<th scope="row">(?:<a[^>]*>)?([^<]*)<', page)]


def counted(page: str) -> dict[str, int]:
    """The values of all facets with their counts."""
    found = re.findall(r'<li><a [^>]*><span[^>]*>([^<]*)</span></a> <span class="quiet">([0-9,]+)</span>', page)
    return {unescape(value): int(count.replace(",", "")) for value, count in found}


def rows(site: Visitor, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(site.get(path).text, newline="")))


# The addresses


@pytest.mark.parametrize("narrowing", [
    Narrowing("T"), Narrowing("T", {"a": ("x", "y")}), Narrowing("T", {"b": ("",), "a": ("ü&=",)}, ("id/x",), "b", True)])
def test_a_listing_is_its_address(narrowing: Narrowing):
    query = parse_qsl(urlsplit(narrowing.local(2)).query, keep_blank_values=True)
    assert query == [*narrowing.pairs(), ("page", "2")] and narrowing.local().startswith("browse/T")


def test_a_value_taken_in_and_out_again_leaves_the_address_as_it_was():
    one = Narrowing("T", {"a": ("x",)}, ("id/1",), "a", True)
    assert one.toggled("a", "y").toggled("b", "").toggled("a", "y").toggled("b", "").local() == one.local()
    assert one.toggled("a", "z").toggled("a", "b").local() == one.toggled("a", "b").toggled("a", "z").local()
    assert one.toggled("a", "x").chosen == {} and one.whole().kept == ("id/1",) and not one.is_plain


def test_every_value_has_a_spelling_of_its_own():
    links = Links("https://a.example/", "https://a.example/")
    terms = [NamedNode("https://a.example/id/x"), Literal("id/x"), Literal("id/x", language="en"), Literal(""), None,
             NamedNode("https://other.example/"), Literal("17")]
    found = spellings(terms, links)
    assert sorted(map(str, found.values())) == sorted(map(str, terms)) and found[""] is None
    assert found["id/x"] == terms[0] and found["17"] == terms[-1] and found["https://other.example/"] == terms[-2]


# Listings


def test_the_tables_are_listed_with_their_counts(site: Visitor):
    page = text(site, "/browse/")
    assert 'href="/browse/Lighthouse"' in page and f'<td class="number">{LIGHTS + OTHERS}</td>' in page
    assert site.get("/browse").headers["Location"].endswith("/browse/")


def test_a_listing_says_how_many_and_pages_show_each_thing_once(site: Visitor):
    first = text(site, "/browse/Lighthouse")
    assert f'<p id="count">{LIGHTS + OTHERS} recorded here' in first and "Page 1 of 3" in first and "noindex" not in first
    found = [name for page in (1, 2, 3) for name in named(text(site, f"/browse/Lighthouse?page={page}"))]
    assert len(found) == LIGHTS + OTHERS == len(set(found)) + 1 and len(named(first)) == ROWS
    assert [name for name in found if name.startswith("Light ")] == [f"Light {number:03}" for number in range(LIGHTS)]


def test_facets_count_and_each_count_is_what_the_link_leads_to(site: Visitor):
    page = text(site, "/browse/Lighthouse")
    counts = counted(page)
    assert counts["East Harbour"] == sum(1 for number in range(LIGHTS) if number % 3) + 1
    assert counts["no data"] == 4  # of the last facet
    for value in ("10", "16"):
        assert f"{counts[value]} of" in text(site, f"/browse/Lighthouse?height={value}")


def test_values_of_one_facet_add_up_and_of_two_narrow_down(site: Visitor):
    both = text(site, "/browse/Lighthouse?height=10&height=11")
    assert f"{counted(both)['10'] + counted(both)['11']} of" in both
    east = text(site, "/browse/Lighthouse?height=10&guarded=id/harbour/east")
    expected = [n for n in range(LIGHTS) if n % 4 and n % 7 == 0 and n % 3]
    assert named(east) == [f"Light {number:03}" for number in expected] and "noindex" in east
    # Counts of a facet are those under what is chosen in the others.
    assert counted(east)["East Harbour"] == len(expected) and counted(east)["11"] > 0


def test_what_is_chosen_can_be_removed(site: Visitor):
    page = text(site, "/browse/Lighthouse?guarded=id/harbour/east&height=10&sort=-height")
    chosen = page[page.index('<ul class="taken"'):]
    left = ("guarded=id/harbour/east&sort=-height", "height=10&sort=-height", "sort=-height")
    assert hrefs(chosen)[:3] == [f"/browse/Lighthouse?{query}" for query in left]


def test_what_is_not_known_can_be_chosen(site: Visitor):
    page = text(site, "/browse/Lighthouse?height=")
    expected = 4 + sum(1 for number in range(LIGHTS) if number % 4 == 0)
    assert f"{expected} of" in page and page.count('<span class="nothing">no data</span>') > 30
    assert "0 " not in "".join(re.findall(r"<td>(.*?)</td>", page))


def test_nothing_found_is_said_and_can_be_left(site: Visitor):
    page = text(site, "/browse/Lighthouse?height=41.5&guarded=id/harbour/north")
    assert "Nothing recorded here has all that is chosen" in page and "/browse/Lighthouse?height=41.5" in hrefs(page)


@pytest.mark.parametrize(("sort", "first"), [("name", "=1+" + HOSTILE), ("-name", "ضوء"), ("-height", 'Cape "Long" Light')])
def test_columns_sort_both_ways(site: Visitor, sort: str, first: str):
    page = text(site, f"/browse/Lighthouse?sort={sort}")
    assert named(page)[0] == first
    assert page.count("aria-sort=") == 1 and f'aria-sort="{"descending" if sort[0] == "-" else "ascending"}"' in page
    assert rows(site, f"/browse/Lighthouse.csv?sort={sort}")[1][0].lstrip("'") == first


def test_all_values_of_a_facet_have_pages(site: Visitor):
    page = text(site, "/browse/Lighthouse?values=height")
    assert counted(page)["12"] and "/browse/Lighthouse?height=12" in hrefs(page) and "/browse/Lighthouse" in hrefs(page)
    assert "1 pages" in text(site, "/browse/Lighthouse?values=height&page=2", 404)


def test_names_are_text(site: Visitor):
    page = text(site, "/browse/Lighthouse")
    assert HOSTILE not in page and "=1+&lt;script&gt;" in page
    assert 'lang="ar">ضوء</a>' in text(site, "/browse/Lighthouse?sort=-name")
    assert not re.search(r"<script(?![^>]*src=)", page) and " style=" not in page


# Ticks


def test_ticks_stay_while_one_looks_further(site: Visitor):
    page = text(site, "/browse/Lighthouse?page=2&thing=id/lighthouse/l000&thing=id/lighthouse/l060")
    assert page.count(" checked") == 2 and "To be compared too" in page
    kept = "thing=id/lighthouse/l000&thing=id/lighthouse/l060"
    ours = [href for href in hrefs(page) if href.startswith("/browse/Lighthouse?") and "bom" not in href]
    assert ours and all(kept in href for href in ours)
    assert not [href for href in hrefs(page) if re.match(r"/browse/Lighthouse[.]", href) and "thing" in href]


# Files


FILTERED = "guarded=id/harbour/north&sort=-height"


def test_files_have_all_rows_of_the_listing_in_its_order(site: Visitor):
    table = rows(site, f"/browse/Lighthouse.csv?{FILTERED}&page=2")
    assert table[0] == ["Name", "Address", "Height", "Harbour", "Harbour (address)"]
    assert len(table) == 1 + sum(1 for number in range(LIGHTS) if not number % 3) + 1
    told = json.loads(site.get(f"/browse/Lighthouse.json?{FILTERED}").data)
    assert [row["Name"] for row in told["rows"]] == [row[0] for row in table[1:]]
    book = load_workbook(io.BytesIO(site.get(f"/browse/Lighthouse.xlsx?{FILTERED}").data)).active
    heights = [row[2].value for row in book.iter_rows(min_row=2)]
    assert heights[0] == 17 and [row[0].value for row in book.iter_rows(min_row=2)] == [row[0] for row in table[1:]]
    assert {str(height or "") for height in heights} == {row[2] for row in table[1:]}


def test_whole_tables_have_all_rows(site: Visitor):
    assert len(rows(site, "/browse/Lighthouse.csv")) == LIGHTS + OTHERS + 1
    assert len(rows(site, "/browse/Harbour.csv")) == 3


def test_files_are_named_and_last(site: Visitor):
    answer = site.get("/browse/Lighthouse.xlsx")
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="lighthouse-2020-02-29.xlsx"'
    assert site.get("/browse/Lighthouse.xlsx").data == answer.data
    assert site.get("/browse/Lighthouse.xlsx", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    marked = site.get("/browse/Lighthouse.csv?bom=1").data
    assert marked == b"\xef\xbb\xbf" + site.get("/browse/Lighthouse.csv").data and "ضوء" in marked.decode("utf-8-sig")


@pytest.mark.parametrize(("accept", "kind"), [
    ("*/*", "text/html"), ("text/csv", "text/csv"), ("application/json", "application/json"), ("", "text/html")])
def test_the_form_is_negotiated(site: Visitor, accept: str, kind: str):
    answer = site.get("/browse/Lighthouse", headers={"Accept": accept} if accept else {})
    assert answer.mimetype == kind and answer.vary == {"accept"} or "Accept" in answer.headers["Vary"]


def test_no_spreadsheet_runs_a_name(site: Visitor):
    assert rows(site, "/browse/Lighthouse.csv")[1][0] == "'=1+" + HOSTILE


# What is asked wrongly


@pytest.mark.parametrize(("path", "status", "says"), [
    ("/browse/Lighthouses", 404, "Harbour, Lighthouse"), ("/browse/Lighthouse.ttl", 404, "Harbour, Lighthouse"),
    ("/browse/lighthouse", 404, "Lighthouse"), ("/browse/Lighthouse/", 404, ""),
    ("/browse/Lighthouse?country=ES", 400, "height, guarded"),
    ("/browse/Lighthouse?height=99", 404, "10, 11, 12"), ("/browse/Lighthouse?height=%22", 404, "10, 11, 12"),
    ("/browse/Lighthouse?guarded=id/harbour/none", 404, "id/harbour/east"),
    ("/browse/Lighthouse?guarded=%27%20OR%201=1--", 404, "id/harbour/east"),
    ("/browse/Lighthouse?height=" + "9" * 10_000, 404, "10, 11"),
    ("/browse/Lighthouse?page=-1", 400, "whole number"), ("/browse/Lighthouse?page=0", 400, "whole number"),
    ("/browse/Lighthouse?page=4", 404, "3 pages"), ("/browse/Lighthouse?page=99999999", 404, "3 pages"),
    ("/browse/Lighthouse?sort=size", 400, "name, height, guarded"), ("/browse/Lighthouse?sort=--name", 400, "name, height"),
    ("/browse/Lighthouse?values=x", 400, "height, guarded"), ("/browse/Lighthouse?thing=id/none", 404, "says nothing"),
    ("/browse/Lighthouse?" + "&".join(f"thing=id/lighthouse/l00{n}" for n in range(6)), 400, "5 at most")])
def test_wrong_requests_are_told_what_there_is(site: Visitor, path: str, status: int, says: str):
    assert says in text(site, path, status)
    problem = site.get(path)
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json") and says in problem.json["detail"]


def test_a_release_without_views_has_no_tables_and_says_so(small: Visitor):
    assert "no tables" in text(small, "/browse/") and "none at all" in text(small, "/browse/Person", 404)


# What crawlers see, and what was there before


def test_robots_keep_to_whole_tables(site: Visitor):
    told = site.get("/robots.txt").text
    for line in ("Disallow: /browse/*?", "Allow: /browse/*?page=", "Disallow: /compare", "Disallow: /search"):
        assert line + "\n" in told
    page = text(site, "/browse/Lighthouse")
    narrowing = [tag for tag in re.findall(r"<a [^>]*>", page) if re.search(r'href="/browse/Lighthouse\?(?!page=)', tag)]
    assert len(narrowing) > 10 and all('rel="nofollow"' in tag for tag in narrowing)


def test_the_sitemap_has_whole_tables(site: Visitor):
    told = site.get("/sitemap-1.xml").text
    assert "/browse/</loc>" in told and "/browse/Lighthouse</loc>" in told


def test_the_list_of_a_class_is_its_table_where_that_is_the_same(site: Visitor, many: Path):
    base = read_manifest(many).base
    answer = site.get(f"/list?class={quote(base + 'ns#Lighthouse')}")
    assert (answer.status_code, answer.headers["Location"]) == (303, base + "browse/Lighthouse")
    concept = quote("http://www.w3.org/2004/02/skos/core#Concept")
    assert site.get(f"/list?class={concept}").status_code == 200


def test_links_stay_in_the_release_they_are_of(draft: Project, tmp_path: Path, room):
    base = f"http://127.0.0.1:{free_port()}/"
    older = build(draft, tmp_path / "releases", base)
    path = draft.root / "data/lights.ttl"
    path.write_text(path.read_text().replace("sea:height 17 ", "sea:height 18 "))
    build(draft, older.parent, base)
    site = client_of(older.parent, room, base)
    page = text(site, f"/browse/Lighthouse?release={older.name}&height=17")
    ours = [href for href in hrefs(page) if "browse/Lighthouse?" in href]
    assert "Rock Light" in page and ours and f'name="release" value="{older.name}"' in page
    assert f"/browse/Lighthouse?release={older.name}&height=17&sort=height" in ours
    assert "has the value" in text(site, "/browse/Lighthouse?height=17", 404)
