"""What is to be seen of a page beside its text: what axe finds, and whether it is wider than the window."""

from __future__ import annotations

from playwright.sync_api import Page


def violations(page: Page) -> list[str]:
    """What axe finds on a page as it stands, of any level: rule, level, and the first element each."""
    # Of the test extra, which a reader of this file may lack.
    from axe_playwright_python.sync_playwright import Axe
    found = Axe().run(page).response["violations"]
    return [f"{each['id']} ({each['impact']}): {each['nodes'][0]['html'][:200]}" for each in found]


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
