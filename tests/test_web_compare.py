"""Two to five things side by side: by the layout of their shapes, with "no data" where nothing is known; as files too."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from test_web_browse import hrefs, many_fixture, site_fixture, text  # noqa: F401
from triplehelix.releases import read_manifest
from web_release import Visitor, room_fixture  # noqa: F401

EAST, NORTH, GHOST, WEST = (f"id/harbour/{name}" for name in ("east", "north", "ghost", "west"))
ROCK, CAPE = "id/lighthouse/rock", "id/lighthouse/cape"
# Nothing is said of its height.
BARE = "id/lighthouse/l000"


def path(*things: str, suffix: str = "") -> str:
    return f"/compare{suffix}?{urlencode([('thing', thing) for thing in things], safe='/')}"


def cells(page: str) -> dict[str, list[str]]:
    """The rows of the table by their heads, without marks."""
    rows = re.findall(r'<tr><th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', page, re.DOTALL)
    return {unescape(head): [plain(cell) for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)] for head, row in rows}


def plain(cell: str) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", " ", cell)).split())


def test_things_stand_side_by_side_in_the_order_of_their_shape(site: Visitor):
    found = cells(text(site, path(ROCK, CAPE, BARE)))
    assert list(found)[:3] == ["name", "height", "guards"]
    assert found["height"] == ["17", "41.5", "no data"]
    assert found["guards"] == ["North Harbour", "East Harbour", "North Harbour"]
    assert all(cell for row in found.values() for cell in row)


def test_what_somebody_states_comes_without_what_is_concluded(site: Visitor):
    found = cells(text(site, path(EAST, NORTH)))
    assert found["region"] == ["North", "Far north"]
    assert found["name"] == ["East Harbour", "North Harbour"]  # and not its French one


def test_what_is_recorded_about_it_is_counted_and_linked_with_its_coverage(site: Visitor):
    page = text(site, path(EAST, NORTH))
    counts = cells(page)["Lights"]
    assert re.match("[0-9]+ [0-9]+ recorded here; a height is stated for", counts[0])
    assert "/doc/id/harbour/east?panel=lights" in hrefs(page)


def test_the_order_is_that_of_the_address_and_each_can_go(site: Visitor):
    page = text(site, path(CAPE, ROCK, BARE))
    assert page.index("Cape &#34;Long&#34; Light</a>") < page.index("Rock Light</a>") < page.index("Light 000</a>")
    assert path(ROCK, BARE) in hrefs(page) and path(CAPE, ROCK) in hrefs(page)
    assert f"/browse/Lighthouse?thing={CAPE}&thing={ROCK}&thing={BARE}" in hrefs(page)
    pair = hrefs(text(site, path(CAPE, ROCK)))
    assert f"/browse/Lighthouse?thing={ROCK}" in pair


def test_five_are_the_most(site: Visitor):
    five = [f"id/lighthouse/l00{number}" for number in range(5)]
    page = text(site, path(*five))
    assert len(cells(page)["name"]) == 5 and "Add another" not in page
    assert "These are 6 things" in text(site, path(*five, ROCK), 400)
    assert len(cells(text(site, path(ROCK, CAPE, ROCK)))["name"]) == 2


def test_files_say_the_same(site: Visitor):
    rows = list(csv.reader(io.StringIO(site.get(path(ROCK, CAPE, BARE, suffix=".csv")).text, newline="")))
    assert rows[0] == ["Property", "Rock Light", 'Cape "Long" Light', "Light 000"]
    assert ["height", "17", "41.5", ""] in rows
    told = json.loads(site.get(path(ROCK, CAPE, BARE, suffix=".json")).data)
    assert {"Property": "height", "Rock Light": [17], 'Cape "Long" Light': [41.5], "Light 000": None} in told["rows"]
    page = load_workbook(io.BytesIO(site.get(path(ROCK, CAPE, BARE, suffix=".xlsx")).data)).active
    assert ("height", 17, 41.5, None) in page.iter_rows(values_only=True)


def test_things_of_one_name_have_columns_of_their_own(site: Visitor, many: Path):
    twins = ("id/lighthouse/twin1", "id/lighthouse/twin2")
    told, base = site.get(path(*twins, suffix=".json")).json, read_manifest(many).base
    assert told["columns"] == ["Property", "Twin", "Twin (2)"]
    assert [told["rows"][0][name] for name in ("Twin", "Twin (2)")] == [base + twin for twin in twins]


def test_what_has_another_name_now_is_followed(site: Visitor):
    answer = site.get(path(WEST, NORTH))
    assert (answer.status_code, answer.headers["Location"].partition("/compare")[2]) == (301, path(EAST, NORTH)[len("/compare"):])
    assert site.get(path(WEST, NORTH, suffix=".csv")).headers["Location"].endswith(path(EAST, NORTH, suffix=".csv"))


@pytest.mark.parametrize(("things", "status", "says"), [
    ((), 400, "Tick 2 to 5"), ((EAST,), 400, "Tick 2 to 5"), ((EAST, EAST), 400, "Tick 2 to 5"), (("", EAST), 400, ": none"),
    ((EAST, "id/harbour/none"), 404, "says nothing"), ((EAST, "<script>"), 404, "says nothing"),
    ((EAST, "\0"), 404, "says nothing"),
    ((EAST, GHOST), 410, "withdrawn"), ((EAST, ROCK), 400, "East Harbour: Harbour; Rock Light: Lighthouse"),
    ((EAST, "dataset"), 400, "none"), ((EAST, "../" * 50), 404, "says nothing"), ((EAST, "x" * 5_000), 404, "says nothing")])
def test_what_cannot_be_compared_is_told(site: Visitor, things: tuple[str, ...], status: int, says: str):
    assert says in unescape(text(site, path(*things), status))
    assert site.get(path(*things)).mimetype == "application/problem+json"


@pytest.mark.parametrize("suffix", [".ttl", ".html", ".", ".rows"])
def test_other_forms_are_not_there(site: Visitor, suffix: str):
    assert site.get(path(ROCK, CAPE, suffix=suffix)).status_code == 404


def test_a_comparison_is_not_for_crawlers(site: Visitor):
    assert 'content="noindex, nofollow"' in text(site, path(ROCK, CAPE))
