"""A real browser: Chromium as the system has it. It is let to no host but this machine, and must not complain of anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import absent, require, served
from journeys.wheel import Stranger, serving

try:
    from playwright.sync_api import Browser, Page, Request, sync_playwright
except ModuleNotFoundError:
    sync_playwright = None

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync",
             # What is for another host goes to a proxy that is not there. (To end requests one by one takes the cache away.)
             "--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=127.0.0.1;localhost")
OWN = ("127.0.0.1", "localhost")
INSIDE = ("about", "blob", "data")
SECONDS = 20


@dataclass
class Watch:
    """What pages have asked of other hosts, and what their consoles say; `expected` are parts of messages that are meant."""

    foreign: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @property
    def unexpected(self) -> list[str]:
        return [message for message in self.messages if not any(part in message for part in self.expected)]

    def see(self, request: Request) -> None:
        """Takes down a request to another host."""
        parts = urlsplit(request.url)
        if parts.scheme not in INSIDE and parts.hostname not in OWN:
            self.foreign.append(request.url)

    def hear(self, page: Page) -> None:
        """Takes down errors and warnings of a page: of scripts, of files that do not come, of the policy for content."""
        page.on("console", lambda told: told.type in ("error", "warning") and self.messages.append(f"{told.type}: {told.text}"))
        page.on("pageerror", lambda error: self.messages.append(f"thrown: {error}"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    if sync_playwright is None:
        absent("the Python package playwright")
    chromium = require("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What the pages of one test did. The test fails where one asked another host, or complained of what is not expected."""
    watching = Watch()
    yield watching
    assert watching.foreign == [] and watching.unexpected == []


@pytest.fixture
def visitor(browser: Browser, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Makes pages, each of a visitor of its own: `javascript`, `scheme` ("light" or "dark"), `width` and `height` in pixels."""
    contexts = []

    def visit(javascript: bool = True, scheme: str = "light", width: int = 1280, height: int = 900) -> Page:
        context = browser.new_context(java_script_enabled=javascript, color_scheme=scheme, accept_downloads=True,
                                      viewport={"width": width, "height": height})
        context.set_default_timeout(SECONDS * 1000)
        context.on("request", watch.see)
        context.on("page", watch.hear)
        contexts.append(context)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def page(visitor: Callable[..., Page]) -> Page:
    """A page in a window of usual size, light, with JavaScript."""
    return visitor()


@pytest.fixture(scope="module")
def site(mini_release: Path) -> Iterator[str]:
    """The address of a running server with the miniature, which other files serve at the same port."""
    with served(mini_release) as base:
        yield base


@pytest.fixture(scope="session")
def stranger(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stranger]:
    """The whole site, served from the wheel alone."""
    with serving(installed, tmp_path_factory.mktemp("stranger")) as found:
        yield found
