"""`make audit` says what is known against the dependencies, and fails where it could not ask: a silence is no clean bill."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import audit
from conftest import ROOT

LOCKS = sorted((*ROOT.glob("*.lock"), *ROOT.glob("tests/*/*.lock")))
# Name of a package to status and body.
Index = Callable[[str], tuple[int, bytes]]


@pytest.fixture(name="serve")
def serve_fixture() -> Iterator[Callable[[Index], str]]:
    """An index of advisories on the loopback that answers as it is told."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def serve(index: Index) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, body = index(asked["package"]["name"].lower())
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/v1/query"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(name="lock")
def lock_fixture(tmp_path: Path) -> Path:
    """Two packages, one of them for another system only."""
    path = tmp_path / "two.lock"
    path.write_text(f"flask==3.1.3 \\\n    --hash=sha256:{'a' * 64}\n    # via nobody\n"
                    f"colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:{'b' * 64}\n")
    return path


def knowing(*names: str) -> Index:
    """An index with an advisory against every release of those."""
    return lambda name: (200, json.dumps({"vulns": [advisory(name)]} if name in names else {}).encode())


def advisory(name: str) -> dict:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}]
    return {"id": "GHSA-0000-0000-0000", "summary": "x", "published": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z",
            "affected": [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}]}


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    status = audit.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_it_is_clean_where_the_index_knows_the_known_one_and_none_of_ours(serve, lock, capsys):
    assert told(capsys, lock, "--osv-url", serve(knowing("jinja2"))) == (
        0, "2 packages of 1 lock files: no known vulnerability\n")


def test_a_vulnerability_fails_it_also_of_what_another_system_needs(serve, lock, capsys):
    status, said = told(capsys, lock, "--osv-url", serve(knowing("jinja2", "colorama")))
    assert status == 1 and said.startswith("colorama 0.4.6: GHSA-0000-0000-0000, mended in 99\n")


@pytest.mark.parametrize(("index", "why"), [
    (lambda _: (503, b""), "503"), (lambda _: (200, b"<html>"), ""), (lambda _: (200, b"{}"), "jinja2 2.10"),
    (lambda name: knowing("jinja2")(name) if name != "flask" else (500, b""), "500"),
], ids=["down", "not-json", "knows-nothing", "fails-half-way"])
def test_an_index_that_fails_is_no_clean_bill(serve, lock, capsys, index, why):
    status, said = told(capsys, lock, "--osv-url", serve(index))
    assert status == 2 and said.startswith("The audit did not run: ") and why in said


def test_no_network_is_no_clean_bill(lock, capsys):
    status, said = told(capsys, lock, "--osv-url", "http://127.0.0.1:9/v1/query")
    assert status == 2 and said.startswith("The audit did not run: ")


def test_no_tool_is_no_clean_bill(lock, tmp_path, monkeypatch, capsys):
    tool = tmp_path / "python"
    tool.write_text("#!/bin/sh\necho No module named pip_audit >&2\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tool))
    assert told(capsys, lock) == (2, "The audit did not run: No module named pip_audit\n")


@pytest.mark.parametrize(("text", "why"), [
    (None, "No such file"), ("", "names no package"), ("# nothing\n", "names no package"), ("flask==3.1.3\n", "sha256"),
    (f"flask>=3 --hash=sha256:{'a' * 64}\n", "not pinned"), ("flask==3.1.3 --hash=sha256:abc\n", "sha256")])
def test_no_lock_is_no_clean_bill(tmp_path, capsys, text, why):
    lock = tmp_path / "a.lock"
    if text is not None:
        lock.write_text(text)
    status, said = told(capsys, lock)
    assert status == 2 and why in said


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_requirement_of_ours_is_pinned_with_a_hash(lock: Path):
    assert len(list(audit.locked(lock))) > 10


def test_make_installs_by_hash_alone_and_audits_every_lock():
    text = (ROOT / "Makefile").read_text()
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs and all("--require-hashes -r" in line or "--no-deps --no-build-isolation -e ." in line for line in installs)
    command, = (line for line in text.splitlines() if "tests/audit.py" in line)
    assert "$(wildcard *.lock tests/*/*.lock)" in command and {"requirements.lock", "requirements-test.lock"} <= {
        lock.name for lock in LOCKS}


def test_it_is_a_command_with_an_exit_status(lock):
    done = subprocess.run([sys.executable, str(ROOT / "tests/audit.py"), str(lock), "--osv-url", "http://127.0.0.1:9/"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("The audit did not run: ") and not done.stdout
