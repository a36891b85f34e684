"""What changed in a thing, from release to release."""

from __future__ import annotations

import re

from changing import HTML, Built, built_fixture, visitor_fixture  # noqa: F401
from web_release import room_fixture  # noqa: F401

ROCK, ZOO = "id/lighthouse/rock", "id/lighthouse/zoo"


def told(page) -> list[tuple[str, str]]:
    """The releases a page names, and what became of the thing in each."""
    found = r'<tr><th scope="row"><a href="[^"]*/release/([^/]+)/changes\?entity=[^"]+">\1</a></th><td>([^<]+)</td>'
    return re.findall(found, page.text)


def test_the_newest_change_comes_first(built: Built, visitor):
    page = visitor.get(f"/history?thing={ROCK}", headers=HTML)
    assert page.status_code == 200
    rows = told(page)
    assert rows[0] == (built.third, "changed") and rows[-1] == (built.first, "first recorded")
    assert built.again not in dict(rows), "the same data by other software change nothing"


def test_each_change_leads_to_its_statements(visitor):
    page = visitor.get(f"/history?thing={ROCK}", headers=HTML)
    address = re.search(r'<a href="([^"]*/release/[^"]*\?entity=[^"]+)"', page.text)[1]
    assert "height" in visitor.get(address, headers=HTML).text


def test_an_earlier_release_knows_what_came_before_it(built: Built, visitor):
    assert visitor.get(f"/history?thing={ZOO}").status_code == 404
    page = visitor.get(f"/history?thing={ZOO}&release={built.second}", headers=HTML)
    assert told(page) == [(built.second, "first recorded")]


def test_the_page_of_a_thing_leads_there(built: Built, visitor):
    page = visitor.get(f"/doc/{ROCK}?release={built.second}", headers=HTML).text
    assert f'href="/history?release={built.second}&amp;thing=id%2Flighthouse%2Frock"' in page
