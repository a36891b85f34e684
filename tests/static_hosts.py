"""An export behind real hosts of files, and a client that asks them for the forms of a document by suffix instead of Accept."""

from __future__ import annotations

import contextlib
import html
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from conftest import require
from crawling import BROWSER, Answer, Crawler, document
from triplehelix.export import export
from triplehelix.formats import Format, by_name

REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')
NGINX = """{user}daemon off; master_process off; pid nginx.pid; worker_processes 1;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    include {folder}/_static/nginx-maps.conf;
    server {{ listen 127.0.0.1:{port}; root {folder}; include {folder}/_static/nginx.conf; }}
}}
"""
MODULES = "/usr/lib/apache2/modules"
APACHE = """ServerRoot {own}
Listen 127.0.0.1:{port}
PidFile {own}/httpd.pid
ErrorLog {own}/error.log
ServerName 127.0.0.1
TypesConfig /dev/null
{modules}
DocumentRoot {folder}
<Directory {folder}>
    AllowOverride All
    Require all granted
</Directory>
"""
LOADED = ("mpm_event", "authz_core", "mime", "dir", "headers", "rewrite")


class StaticCrawler(Crawler):
    """As a browser follows a redirect or a page that leads on; as a harvester it names a form by its suffix."""

    def get(self, url: str, accept: str, **conditions: str) -> Answer:
        if accept not in (BROWSER, "*/*", "text/html"):
            return self._form(url, by_name(accept), conditions)
        answer = super().get(url, accept, **conditions)
        found = REFRESH.search(answer.body.decode()) if answer.kind == "text/html" else None
        if not found:
            return replace(answer, url=url if answer.url == url + "/" else answer.url)
        return self.get(urljoin(url, html.unescape(found[1])), accept, **conditions)

    def _form(self, url: str, fmt: Format, conditions: dict[str, str]) -> Answer:
        iri, mark, query = url.partition("?")
        return super().get(f"{document(iri, self.base)}.{fmt.suffix}{mark}{query}", fmt.media_type, **conditions)


class UntypedCrawler(StaticCrawler):
    """A client of a host that knows none of our types: it goes by the suffix."""

    def _form(self, url: str, fmt: Format, conditions: dict[str, str]) -> Answer:
        answer = super()._form(url, fmt, conditions)
        if answer.status == 200:
            answer.headers.replace_header("Content-Type", fmt.content_type)
        return answer


@contextlib.contextmanager
def nginx(folder: Path, base: str) -> Iterator[None]:
    """With the rules that the export brings."""
    own = folder.with_name(folder.name + ".nginx")
    own.mkdir()
    user = "user root; " if os.geteuid() == 0 else ""
    (own / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, port=urlsplit(base).port))
    with _running([require("nginx"), "-p", str(own), "-e", "error.log", "-c", "nginx.conf"], base, own):
        yield


@contextlib.contextmanager
def apache(folder: Path, base: str) -> Iterator[None]:
    """The same; `.htaccess` is all it is told."""
    own = folder.with_name(folder.name + ".apache")
    own.mkdir()
    modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED)
    (own / "httpd.conf").write_text(APACHE.format(own=own, folder=folder, port=urlsplit(base).port, modules=modules))
    with _running([require("apache2"), "-X", "-f", str(own / "httpd.conf")], base, own):
        yield


@contextlib.contextmanager
def plain(folder: Path, base: str) -> Iterator[None]:
    """A host that knows no rules: `python -m http.server`."""
    port = str(urlsplit(base).port)
    with _running([sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "-d", str(folder)], base, folder.parent):
        yield


@contextlib.contextmanager
def _running(command: list[str], base: str, own: Path) -> Iterator[None]:
    """A host, from when the home page answers."""
    with (own / "host.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _await(base, process, own)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _await(base: str, process: subprocess.Popen, own: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(base, timeout=5):
                return
        except urllib.error.HTTPError as error:
            error.close()
            break
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"{base} does not answer: " + "".join(path.read_text() for path in own.glob("*.log")))


@pytest.fixture(scope="session", name="mini_export")
def export_fixture(mini_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the miniature as plain files. Not to be changed."""
    folder = tmp_path_factory.mktemp("exported") / "site"
    export(mini_release.parent, folder)
    return folder


Host = Callable[[Path, str], AbstractContextManager[None]]
HOSTS: dict[str, tuple[Host, type[StaticCrawler]]] = {
    "nginx": (nginx, StaticCrawler), "apache": (apache, StaticCrawler), "http.server": (plain, UntypedCrawler)}
