"""Every kind of page in a real browser: axe finds nothing, light or dark; nothing is wider than 320 px; all is there without
JavaScript. One thing of each class is looked at, that with the most panels; `PAGES=all` looks at three of each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import served
from journeys.seeing import overflow, violations
from triplehelix.description.published import Published

SITE = ("", "browse/", "map", "query/", "sparql", "ns", "dumps/", "dataset", "release/", "changes", "search?q=a",
        "search?q=zzzzzz", "no-such-page", "sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%203",
        "sparql?query=SELECT%20nonsense")
DOCUMENTS = ("shape/core", "scheme/sphere", "query/definitions", "ns/core")
NARROW, WIDE = 320, 1280
# So that no test takes long.
PARTS = 8
OF_EACH = 3 if os.environ.get("PAGES") == "all" else 1


@pytest.fixture(scope="module")
def everything(release: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a server of all data, and what to look at there."""
    with served(release) as base:
        yield base, [*SITE, *DOCUMENTS, *things(Published(release))]


def things(release: Published) -> Iterator[str]:
    """Documents of things, and the listing, of each table; the things with the most panels first."""
    for table in release.views.tables():
        listed = [local for local, _ in release.views.listed(table.name, {}, "name", 0, 200)[1]]
        panels = release.views.panels(table.classes)
        fullest = sorted(listed, key=lambda local: -sum(bool(release.views.count(panel, local)) for panel in panels))
        yield f"browse/{table.name}"
        yield from (f"doc/{local}" if local.startswith(("id/", "scheme/")) else local for local in fullest[:OF_EACH])


@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing_on_any_kind_of_page_light_or_dark_and_none_is_too_wide(everything, visitor, watch, part):
    base, addresses = everything
    watch.expected += ["404", "400"]
    page, found = visitor(width=WIDE), {}
    for address in addresses[part::PARTS]:
        page.goto(base + address)
        told = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            told += [f"{scheme}: {each}" for each in violations(page)]
        page.set_viewport_size({"width": NARROW, "height": 800})
        if wider := overflow(page):
            told.append(f"{wider} px too wide")
        page.set_viewport_size({"width": WIDE, "height": 800})
        if told:
            found[address] = told
    assert found == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_kind_of_page_is_whole_without_javascript(everything, visitor, watch, part):
    base, addresses = everything
    watch.expected += ["404", "400"]
    page = visitor(javascript=False, width=NARROW)
    for address in addresses[part::PARTS]:
        page.goto(base + address)
        assert page.locator("h1").count() == 1 and page.locator("main").inner_text().strip(), address
        assert overflow(page) <= 0, address
        hidden = page.locator("main [hidden], main noscript").count()
        assert not hidden or page.locator("main").inner_text().count("\n") > 2, address
