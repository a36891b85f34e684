"""Pictures of the main pages, as a visitor sees them at a desk and in the hand, and a README.md that lists them.

`python -m screenshots RELEASES FOLDER`, or `make screenshots`: PNG of few colours, made by Chromium and pngquant.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from conftest import require, served
from journeys.conftest import ARGUMENTS

PAGES = (
    ("home", "", "The home page"),
    ("search", "search?q=photonics", "Search: names, places and codes, in any language"),
    ("listing", "browse/ClusterOrganisation?country=scheme/nuts2024/ES", "Cluster organisations, narrowed down to a country"),
    ("compare", "compare?thing=id/organisation/acicae&thing=id/organisation/afm-cluster", "Two organisations side by side"),
    ("organisation", "doc/id/organisation/aerospace-valley", "A cluster organisation: what is known, and who says so"),
    ("region", "doc/scheme/nuts2024/ES21", "A region"),
    ("map", "map", "The map of what is recorded"),
    ("sparql", "sparql", "The SPARQL page, with an answer"),
    ("ontology", "ns", "The ontology"),
    ("dataset", "dataset", "About the data: sources, quality, files"),
)
# Two screens high each, so that what sticks to the foot of a window stands at the foot of the picture.
WINDOWS = {"wide": (1280, 1800), "narrow": (390, 1600)}
COLOURS = 64
MOST_BYTES = 150_000
EDITOR = ".tabPanel.active .CodeMirror"


def main(releases: Path, folder: Path) -> None:
    """Every page in both windows. Raises ValueError for a picture that would be too large."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, served((releases / "current").resolve()) as base:
        browser = playwright.chromium.launch(executable_path=require("chromium"), args=list(ARGUMENTS))
        for window, size in WINDOWS.items():
            photograph(browser, base, window, size, folder)
        browser.close()
    (folder / "README.md").write_text(listed(), encoding="utf-8")


def photograph(browser: Browser, base: str, window: str, size: tuple[int, int], folder: Path) -> None:
    """All pages in one window, no more of each than is seen in it."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    for name, address, _ in PAGES:
        page.goto(base + address, wait_until="networkidle")
        if name == "sparql":
            answer(page)
        whole = page.evaluate("document.body.getBoundingClientRect().height")
        path = folder / f"{name}-{window}.png"
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": width, "height": min(int(whole), height)})
        lighten(path)
    context.close()


def answer(page: Page) -> None:
    """Runs the query that stands in the editor; how long it took would change from picture to picture, so it is not shown."""
    page.wait_for_selector(EDITOR)
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator(".answer tbody tr").first.wait_for()
    page.evaluate("for (const each of document.querySelectorAll('.answer .told, .bar .status')) "
                  "each.textContent = each.textContent.replace(/ in [0-9.]+ s/, '')")


def lighten(path: Path) -> None:
    """A picture in few colours. Raises ValueError where it stays too large."""
    words = ("--force", "--strip", "--nofs", "--speed", "1", "--output", path, COLOURS, path)
    subprocess.run([require("pngquant"), *map(str, words)], check=True)
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} has {path.stat().st_size:,} bytes")


def listed() -> str:
    """The document that lists them."""
    rows = "".join(f"| {told} | ![{told}, in a window of a desk]({name}-wide.png) | ![{told}, in the hand]({name}-narrow.png) |\n"
                   for name, _, told in PAGES)
    return ("# The main pages\n\nMade by `make screenshots` from a release of this project; at most two screens of each page.\n\n"
            f"| page | 1280 pixels wide | 390 pixels wide |\n|---|---|---|\n{rows}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
