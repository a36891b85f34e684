"""docs/operate.md and docs/deploy/ do what they say: each file before a real server, but for names, ports and certificates."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, free_port, require, served
from rooms import within
from triplehelix.build import build
from triplehelix.cli import main
from triplehelix.project import Project
from triplehelix.releases import read_manifest

DOCUMENT = (ROOT / "docs/operate.md").read_text(encoding="utf-8")
DEPLOY = ROOT / "docs/deploy"
UNIT, NGINX, CADDY, CONTAINER, W3ID = ((DEPLOY / name).read_text() for name in (
    "triplehelix.service", "nginx.conf", "Caddyfile", "Containerfile", "w3id.htaccess"))
AROUND = """{user}daemon off; master_process off; pid nginx.pid; worker_processes 1;
events {{}}
http {{
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
{site}}}
"""
MODULES = "/usr/lib/apache2/modules"
APACHE = """ServerName 127.0.0.1
Listen 127.0.0.1:{port}
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Mutex file:{folder} default
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule rewrite_module {modules}/mod_rewrite.so
DocumentRoot {folder}/root
<Directory {folder}/root>
    AllowOverride All
    Options FollowSymLinks
    Require all granted
</Directory>
"""


def program(name: str) -> str:
    """A program that not every machine has, nor need have."""
    return shutil.which(name) or pytest.skip(f"the program {name} is not here")


def options(unit: str = UNIT) -> dict[str, str]:
    return dict(re.findall(r"--(origin|trusted-proxy|metrics) (\S+)", unit))


# --- the proxies

class Proxy:
    """A proxy as its file has it, at loopback ports, with short time-outs, before a server that has the options of the unit."""

    def __init__(self, name: str, folder: Path, public: int, plain: int, inner: int):
        self.name, self.folder, self.public, self.plain, self.inner = name, folder, public, plain, inner

    def started(self) -> contextlib.AbstractContextManager[None]:
        return self.nginx() if self.name == "nginx" else self.caddy()

    @contextlib.contextmanager
    def running(self, *command: str) -> Iterator[None]:
        home = {**os.environ, "HOME": str(self.folder)}
        with (self.folder / "proxy.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=home)
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)

    def nginx(self) -> contextlib.AbstractContextManager[None]:
        site = changed(NGINX, {
            r"listen \[::\]:.*;\n": "", "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{self.public} ssl", "/etc/ssl/data.example.org": str(self.folder / "own"),
            "127.0.0.1:8000": f"127.0.0.1:{self.inner}", "https://data.example.org": f"https://127.0.0.1:{self.public}",
            "client_(header|body)_timeout 10s": r"client_\1_timeout 1s"})
        user = "user root; " if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(AROUND.format(user=user, site=site))
        command = [require("nginx"), "-p", str(self.folder), "-e", "error.log", "-c", "nginx.conf"]
        subprocess.run([*command, "-t", "-q"], check=True)
        return self.running(*command)

    def caddy(self) -> contextlib.AbstractContextManager[None]:
        site = changed(CADDY, {
            r"^\{\n": f"{{\n\tadmin off\n\thttp_port {self.plain}\n\thttps_port {self.public}\n\tauto_https disable_certs\n"
                      f"\tdefault_sni 127.0.0.1\n\tstorage file_system {self.folder}\n",
            r"data\.example\.org \{\n": f"127.0.0.1 {{\n\ttls {self.folder}/own.pem {self.folder}/own.key\n",
            "127.0.0.1:8000": f"127.0.0.1:{self.inner}", "read_(header|body) 10s": r"read_\1 1s"})
        (self.folder / "Caddyfile").write_text(site)
        return self.running(program("caddy"), "run", "--config", "Caddyfile", "--adapter", "caddyfile")


def changed(text: str, changes: dict[str, str]) -> str:
    """The text with each change made; every one has something to change."""
    for old, new in changes.items():
        text, count = re.subn(old, new, text, flags=re.MULTILINE)
        assert count, f"nothing reads {old}"
    return text


def certificate(folder: Path) -> None:
    """A certificate of 127.0.0.1 that this process believes."""
    subprocess.run([require("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "own.key", "-out", "own.pem"], cwd=folder, check=True,
                   capture_output=True)


@pytest.fixture(scope="module", params=["nginx", "caddy"], name="site")
def site_fixture(request: pytest.FixtureRequest, mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The miniature behind one of the proxies, at https."""
    folder = tmp_path_factory.mktemp(request.param)
    proxy = Proxy(request.param, folder, free_port(), free_port(), free_port())
    certificate(folder)
    release = build(mini, folder / "releases", f"https://127.0.0.1:{proxy.public}/")
    given = [word for name, value in options().items() for word in (
        f"--{name}", value.replace("https://data.example.org/", read_manifest(release).base))]
    with pytest.MonkeyPatch.context() as patch, proxy.started():
        patch.setenv("SSL_CERT_FILE", str(folder / "own.pem"))
        with served(release, "--log", *given, port=proxy.inner):
            yield proxy


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_: object) -> None:
        return None


def answer(url: str, data: bytes | None = None, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    opener = urllib.request.build_opener(NoRedirect, urllib.request.HTTPSHandler(context=ssl.create_default_context()))
    try:
        with opener.open(urllib.request.Request(url, data, headers), timeout=10) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def address(site: Proxy, path: str = "") -> str:
    return f"https://127.0.0.1:{site.public}/{path}"


def test_behind_a_proxy_the_site_answers_at_its_own_address(site: Proxy):
    assert answer(address(site, "health"))[0] == 200
    status, headers, _ = answer(address(site, "id/harbour/east"))
    assert (status, headers["Location"]) == (303, address(site, "doc/id/harbour/east"))
    assert answer(address(site, "doc/id/harbour/east"))[0] == 200


def test_a_path_and_a_query_come_as_they_were_sent(site: Proxy):
    for path in ("id/harbour/k%C3%A4the%2F..%2Fx", "id/a%20b?x=%2B&y=%C3%A4", "%5B%7C%5D", "a//b"):
        direct = http.client.HTTPConnection("127.0.0.1", site.inner, timeout=10)
        direct.request("GET", "/" + path, headers={"Host": f"127.0.0.1:{site.public}"})
        same = direct.getresponse()
        status, _, body = answer(address(site, path))
        assert (status, body) == (same.status, same.read())
        direct.close()


def test_http_leads_to_https(site: Proxy):
    status, headers, _ = answer(f"http://127.0.0.1:{site.plain}/ns?format=ttl")
    # Caddy leaves out a port that is none of the usual ones: in the world it is.
    assert status in (301, 308) and headers["Location"].replace(f":{site.public}", "") == "https://127.0.0.1/ns?format=ttl"


def test_http_2_is_spoken(site: Proxy):
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", site.public), 10) as wire, context.wrap_socket(
            wire, server_hostname="127.0.0.1") as channel:
        assert channel.selected_alpn_protocol() == "h2" and channel.version() in ("TLSv1.2", "TLSv1.3")


@pytest.mark.parametrize("coding", ["identity", "gzip", None])
def test_a_coding_is_the_servers_with_its_own_entity_tag(site: Proxy, coding: str | None):
    context = ssl.create_default_context()
    connection = http.client.HTTPSConnection("127.0.0.1", site.public, timeout=10, context=context)
    connection.putrequest("GET", "/ns.ttl", skip_accept_encoding=True)
    if coding:
        connection.putheader("Accept-Encoding", coding)
    connection.endheaders()
    told = connection.getresponse()
    body, headers = told.read(), told.headers
    connection.close()
    assert told.status == 200 and len(body) == int(headers["Content-Length"])
    assert headers["Content-Encoding"] == ("gzip" if coding == "gzip" else None)
    assert headers["ETag"].endswith('-gzip"') == (coding == "gzip") and body.startswith(b"\x1f\x8b") == (coding == "gzip")


def test_a_host_that_is_another_is_not_answered_for(site: Proxy):
    assert answer(address(site, "health"), Host="other.example")[0] in (404, 421, 200)
    assert b"release" not in answer(address(site, "health"), Host="other.example")[2]


def test_a_body_that_is_too_long_is_refused(site: Proxy):
    # nginx takes a body whole before it hands it on. Caddy hands on what comes, and may find that the server, which has refused
    # it by its length, has closed already: that is 502, or the end of the connection.
    expected, ends = ((413, 502), urllib.error.URLError) if site.name == "caddy" else ((413,), ())
    with contextlib.suppress(ends):
        assert answer(address(site, "sparql"), b"query=" + b"x" * 2_000_000)[0] in expected


def test_whoever_sends_his_header_slowly_is_let_go(site: Proxy):
    context = ssl.create_default_context()
    with socket.create_connection(("127.0.0.1", site.public), 10) as wire, context.wrap_socket(
            wire, server_hostname="127.0.0.1") as channel:
        channel.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        channel.settimeout(8)
        with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):
            assert b" 200 " not in channel.recv(1000)


def test_the_figures_are_not_told_outside_and_are_told_inside(site: Proxy):
    status, _, body = answer(address(site, "metrics"))
    assert status == 403 and b"triplehelix_" not in body
    inside = urllib.request.urlopen(f"http://127.0.0.1:{site.inner}/metrics", timeout=10)
    with inside:
        assert b"triplehelix_engine_up 1" in inside.read()


def test_clients_are_told_apart_by_what_the_proxy_appends(site: Proxy):
    log = site.folder / "releases/serve.log"
    answer(address(site, "nowhere"), **{"X-Forwarded-For": "203.0.113.5"})
    assert within(5, lambda: '"/nowhere"' in log.read_text())
    assert "203.0.113.5" not in log.read_text() and "127.0.0.1" not in log.read_text().partition("\n")[2]
    assert all(json.loads(line)["event"] == "request" for line in log.read_text().splitlines()[1:])


@pytest.fixture(scope="module", name="w3id")
def w3id_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base at w3id.org, which is an Apache with a folder for each project."""
    folder, port = tmp_path_factory.mktemp("w3id"), free_port()
    (folder / "root/triplehelix").mkdir(parents=True)
    shutil.copy(DEPLOY / "w3id.htaccess", folder / "root/triplehelix/.htaccess")
    (folder / "httpd.conf").write_text(APACHE.format(folder=folder, port=port, modules=MODULES))
    process = subprocess.Popen([require("apache2"), "-f", str(folder / "httpd.conf"), "-DFOREGROUND"])
    try:
        assert within(10, lambda: _status(f"http://127.0.0.1:{port}/") > 0)
        yield f"http://127.0.0.1:{port}/triplehelix/"
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("path", [
    "", "id/organisation/a-b", "doc/id/x.ttl", "id/person/k%C3%A4the", "id/a%20b", "id/100%25", "sparql?query=ASK%20%7B%7D&x=%2B",
    "scheme/nace/62.10", "query/a?who=%3Chttp%3A%2F%2Fe.x%2F%3E"])
def test_w3id_leads_every_path_to_the_server(w3id: str, path: str):
    status, headers, _ = answer(w3id + path)
    # Apache writes escapes in small letters, which are the same (RFC 3986 section 6.2.2.1).
    same = re.sub("%[0-9a-f]{2}", lambda escape: escape[0].upper(), headers["Location"])
    assert (status, same) == (302, options()["origin"] + path)


def test_the_origin_is_one_in_all_files():
    texts = (UNIT, NGINX, CADDY, CONTAINER, W3ID, DOCUMENT)
    assert {name for text in texts for name in re.findall(r"[a-z0-9.]+\.example\.\w+", text)} == {"data.example.org"}


# --- the unit

def unit_of(folder: Path) -> Path:
    """The unit with a command and a user that there are."""
    path = folder / "triplehelix.service"
    path.write_text(changed(UNIT, {r"/srv/triplehelix/env/bin/triplehelix serve": "/bin/true serve"}))
    return path


def test_systemd_takes_the_unit_and_finds_it_confined(tmp_path: Path):
    analyze = program("systemd-analyze")
    done = subprocess.run([analyze, "verify", str(unit_of(tmp_path))], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # Of ten; most services have nine.
    subprocess.run([analyze, "security", "--offline=yes", "--threshold=20", "--no-pager", str(unit_of(tmp_path))], check=True,
                   capture_output=True)


def test_each_option_of_the_unit_and_of_the_container_exists():
    known = {option for parameter in main.commands["serve"].params for option in parameter.opts}
    given = re.findall(r"--[a-z-]+", UNIT) + re.findall(r'"(--[a-z-]+)"', CONTAINER)
    assert given and set(given) <= known


# --- the container

def test_the_container_file_names_what_there_is_and_gives_up_root():
    steps = [line.split(None, 1) for line in CONTAINER.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    copied = {name for word, rest in steps if word == "COPY" and "--from" not in rest for name in rest.split()[:-1]}
    assert copied and all((ROOT / name).exists() for name in copied)
    assert {"ontology", "data", "shapes", "queries", "server", "requirements.lock", "pyproject.toml"} <= copied
    installs = [rest for word, rest in steps if word == "RUN" and "pip install" in rest]
    assert "--require-hashes" in installs[0] and "--no-deps" in installs[1] and len(installs) == 2
    assert [rest for word, rest in steps if word == "USER"] == ["10001"]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert copied == {line[1:] for line in ignored if line.startswith("!")}


def test_the_container_is_built_and_serves_read_only(tmp_path: Path):
    engine = next((name for name in ("podman", "docker") if shutil.which(name)), None) or program("docker")
    if subprocess.run([engine, "info"], capture_output=True, check=False).returncode:
        pytest.skip(f"{engine} does not run here")
    port, tag, releases = free_port(), "triplehelix-test", tmp_path / "releases"
    releases.mkdir()
    releases.chmod(0o777)
    subprocess.run([engine, "build", "--file", "docs/deploy/Containerfile", "--tag", tag, "."], cwd=ROOT, check=True)
    run = [engine, "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
           "--volume", f"{releases}:/releases"]
    subprocess.run([*run, "--volume", f"{ROOT / 'tests/project'}:/mini:ro", tag, "build", "/releases", "--base",
                    f"http://127.0.0.1:{port}/", "--project", "/mini"], check=True)
    name = f"{tag}-{port}"
    process = subprocess.Popen([*run, "--name", name, "--publish", f"127.0.0.1:{port}:8000", tag, "serve", "/releases", "--host",
                                "0.0.0.0", "--origin", f"http://127.0.0.1:{port}/"])
    try:
        assert within(60, lambda: _status(f"http://127.0.0.1:{port}/health") == 200)
    finally:
        subprocess.run([engine, "stop", name], capture_output=True, check=False)
        process.wait(30)


def _status(url: str) -> int:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return answer(url)[0]
    time.sleep(0.2)
    return 0


# --- the document

@pytest.mark.parametrize("line", sorted(set(re.findall(r"(?:env/bin/)?triplehelix ([a-z]+)(?=[ `])", DOCUMENT + CONTAINER))))
def test_each_verb_that_is_named_exists(line: str):
    assert line in main.commands


def test_each_file_is_told_of_and_none_is_copied():
    assert {path.name for path in DEPLOY.iterdir()} == set(re.findall(r"\(deploy/([^)]+)\)", DOCUMENT))
    assert not re.findall(r"^```(ini|nginx|apache|caddy)", DOCUMENT, re.MULTILINE)
