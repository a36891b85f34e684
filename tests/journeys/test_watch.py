"""What the other files rely on: a page that asks another host is found out, and reaches nobody."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright", reason="said aloud by the fixture browser")
from playwright.sync_api import Page  # noqa: E402

from journeys.conftest import Watch  # noqa: E402


@pytest.mark.parametrize("address", ["http://203.0.113.7/x.png", "https://example.org/x.png", "http://[2001:db8::1]/x.png"])
def test_a_request_to_another_host_is_noticed_and_comes_to_nothing(site: str, page: Page, watch: Watch, address: str):
    watch.expected += ["PROXY", "a status of 404"]
    # No page: it has no policy that forbids images of other hosts, nor an icon, for which the browser looks.
    page.goto(site + "health")
    with page.expect_event("requestfailed") as failed:
        page.evaluate("address => document.body.append(Object.assign(new Image(), {src: address}))", address)
    assert failed.value.url == address and "PROXY" in failed.value.failure
    assert watch.foreign == [address]
    watch.foreign.clear()
