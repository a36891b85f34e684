"""docs/operate.md does what it says: the proxy as it stands there, but for names and ports, before a real server."""

import contextlib
import os
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import ROOT, free_port, require, served
from triplehelix.build import build
from triplehelix.cli import main
from triplehelix.project import Project
from triplehelix.releases import read_manifest

DOCUMENT = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
OF_TLS = re.compile(r"^ *ssl_.*\n", re.MULTILINE)
AROUND = """{user}daemon off; master_process off; pid nginx.pid; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
{site}}}
"""


def block(kind: str) -> str:
    found, = re.findall(rf"^```{kind}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    return found


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_: object) -> None:
        return None


def answer(url: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
    """Status and Location."""
    try:
        with urllib.request.build_opener(NoRedirect).open(urllib.request.Request(url, data, headers), timeout=10) as response:
            return response.status, ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Location", "")


@contextlib.contextmanager
def nginx(folder: Path, public: int, inner: int) -> Iterator[None]:
    """The nginx of the document, without TLS, at `public` before the server at `inner`."""
    site = OF_TLS.sub("", block("nginx")).replace("listen 443 ssl", f"listen 127.0.0.1:{public}")
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(user=user, site=site.replace("127.0.0.1:8000", f"127.0.0.1:{inner}")))
    process = subprocess.Popen([require("nginx"), "-p", str(folder), "-e", "error.log", "-c", "nginx.conf"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def site(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base of the miniature, served behind the proxy with the options of the unit."""
    folder, inner = tmp_path_factory.mktemp("operate"), free_port()
    release = build(mini, folder / "releases", f"http://127.0.0.1:{free_port()}/")
    given = dict(re.findall(r"--(origin|trusted-proxy) (\S+)", block("ini")))
    base = read_manifest(release).base
    options = [word for name, value in given.items() for word in (f"--{name}", value.replace("https://data.example.org/", base))]
    assert sorted(given) == ["origin", "trusted-proxy"]
    with nginx(folder, urlsplit(base).port, inner), served(release, *options, port=inner) as at:
        yield at


def test_behind_the_proxy_the_site_answers_at_its_own_address(site: str):
    assert answer(site + "health") == (200, "")
    assert answer(site + "id/harbour/east") == (303, site + "doc/id/harbour/east")
    assert answer(site + "doc/id/harbour/east") == (200, "")


def test_the_proxy_hands_on_the_host_that_was_asked(site: str):
    assert answer(site + "health", Host="other.example")[0] == 421


def test_the_proxy_refuses_a_body_that_is_too_long(site: str):
    assert answer(site + "sparql", b"query=" + b"x" * 2_000_000)[0] == 413


@pytest.mark.parametrize("line", re.findall(r"(?:env/bin/)?triplehelix ([a-z]+)(?=[ `])", DOCUMENT))
def test_each_verb_that_is_named_exists(line: str):
    assert line in main.commands


def test_each_option_of_the_unit_exists():
    options = {option for parameter in main.commands["serve"].params for option in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", block("ini"))) <= options
