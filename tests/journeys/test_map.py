"""The map in a real browser: moved and enlarged with script, by keyboard too, and the drawing of the server without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conftest import free_port, served
from countries import coast
from journeys.seeing import overflow, violations

SPAIN = '[aria-label="scheme/land/ES: 2"]'
FOCUSED = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"


@pytest.fixture(scope="module")
def shore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a map."""
    release = coast(tmp_path_factory.mktemp("shore"), f"http://127.0.0.1:{free_port()}/")
    with served(release) as base:
        yield base + "map/Harbour/land"


def test_a_country_is_chosen_by_keyboard(shore, page):
    page.goto(shore)
    page.wait_for_selector(SPAIN)
    assert page.locator("figure.map > svg").is_hidden()
    page.focus(".leaflet-container")
    page.keyboard.press("Tab")
    stops = [page.evaluate(FOCUSED)]
    page.keyboard.press("Tab")
    assert [*stops, page.evaluate(FOCUSED)] == ["scheme/land/EL: 1", "scheme/land/ES: 2"]
    page.keyboard.press("Enter")
    page.wait_for_selector(".leaflet-popup a[href]")
    assert page.evaluate("document.activeElement.getAttribute('href')").endswith("/browse/Harbour?land=scheme%2Fland%2FES")
    page.keyboard.press("Escape")
    page.wait_for_selector(".leaflet-popup", state="detached")
    assert page.evaluate(FOCUSED) == "scheme/land/ES: 2"


def test_the_map_is_made_larger_and_at_once_for_who_wants_no_motion(shore, page):
    page.emulate_media(reduced_motion="reduce")
    page.goto(shore)
    before = page.locator(SPAIN).bounding_box()["width"]
    page.click(".leaflet-control-zoom-in")
    assert page.locator(SPAIN).bounding_box()["width"] > before * 1.3
    assert page.locator(".country").all_text_contents() == ["1", "2"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_with_a_country_chosen(shore, visitor, scheme):
    page = visitor(scheme=scheme)
    # What fades in has no colours of its own before it has come.
    page.emulate_media(reduced_motion="reduce")
    page.goto(shore)
    page.click(SPAIN)
    page.wait_for_selector(".leaflet-popup a[href]")
    assert violations(page) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_the_map_fits_a_narrow_window(shore, visitor, javascript):
    page = visitor(javascript=javascript, width=320)
    page.goto(shore)
    if javascript:
        assert overflow(page) == 0
    drawing = page.locator(".leaflet-container" if javascript else "figure.map > svg")
    assert drawing.is_visible() and drawing.bounding_box()["width"] <= 320
