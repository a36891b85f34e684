"""Documents over HTTP: `triplehelix serve` beside nginx on files of the same bytes, and beside DESCRIBE by rdflib-endpoint."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks import answers, downloads, measure, wrk
from benchmarks.bench import ROOT, Bench, Comparison, Section
from benchmarks.load import HOST, Refused
from benchmarks.processes import free_port, running
from benchmarks.servers import Missing

TITLE = "Documents of things over HTTP"
TEXT = """\
The release of this checkout is served, and {count:,} of its things are drawn from a seed. nginx (two workers, sendfile, open
files kept) has as files what we answered for them, in Turtle and in HTML: before anything is measured the bytes of both are
compared. rdflib-endpoint has the whole dataset in memory and is asked `DESCRIBE` for the same things; it must say all that
ours says of the thing itself. wrk asks by {connections} connections, one server after the other, {rounds} rounds of {seconds} s,
each after {warming} s that is not measured.

*Hot*: the {hot} documents have been asked for before. *304*: the same with the entity tag of what the client has. *Cold*: each
request has a parameter of its own in Accept, which no answer depends on but every cache of ours takes for another request; nginx
sends a file then too, and rdflib-endpoint keeps no answers. A ratio below 1 says which part of nginx's rate, that of a server
which opens a file and sends it, is reached here: 0.4 is aimed at; of cold documents 20 times rdflib-endpoint.

*Downloads*: a dump of the whole dataset, all of its bytes, in rounds in the same way; compared first by their SHA-256. nginx
sends the file by `sendfile`, and once more by reading and writing it: which of the two is faster depends on the machine. 0.5 is
aimed at.
{missing}"""
TURTLE, HTML = "text/turtle", "text/html"
FORMS = {TURTLE: "ttl", HTML: "html"}
THINGS, HOT, COMPARED = 2_000, 200, 20
ROUNDS, SECONDS, WARMING, CONNECTIONS = 9, 2, 1, 8
SEED = 5
US, NGINX, RDFLIB = "here", "nginx", "rdflib-endpoint"
SCRIPT = Path(__file__).with_name("documents.lua")
NGINX_CONF = """\
{user}worker_processes 2;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  open_file_cache max=10000;
  gzip_static on;
  types {{ text/turtle ttl; text/html html; }}
  client_body_temp_path {folder}/temp;
  proxy_temp_path {folder}/temp;
  fastcgi_temp_path {folder}/temp;
  uwsgi_temp_path {folder}/temp;
  scgi_temp_path {folder}/temp;
  server {{
    listen {host}:{port};
    root {folder}/files;
    location /dumps/ {{ alias {dumps}/; }}
    location /copied/ {{ alias {dumps}/; sendfile off; output_buffers 4 512k; }}
  }}
}}
"""


@dataclass(frozen=True)
class Asked:
    """What is measured: of whom, which paths (one a line, with entity tags behind them), and what is accepted."""

    server: str
    port: int
    paths: Path
    accept: str
    cold: bool = False


def section(bench: Bench) -> Section:
    """All rates. Raises Missing without wrk, RuntimeError where two servers do not answer alike."""
    if not wrk.present():
        raise Missing("on Debian: apt-get install wrk")
    port = free_port()
    folder = _release(bench, f"http://{HOST}:{port}/")
    things = _things(folder, f"http://{HOST}:{port}/")
    with contextlib.ExitStack() as stack:
        serve = [sys.executable, "-m", "triplehelix", "serve", str(folder.parent), "--port", str(port)]
        stack.enter_context(running(serve, bench.folder, bench.own_environment, port))
        answered = {accept: _documents(port, things, accept) for accept in FORMS}
        missing, versions, cells = [], {}, _ours(bench, port, things, answered)
        for name, ready in ((NGINX, _nginx), (RDFLIB, _rdflib)):
            try:
                versions[name], more = ready(bench, stack, folder, things, answered)
                cells = {what: [*rows, *more.get(what, ())] for what, rows in cells.items()}
            except Missing as error:
                bench.say(f"{name} is MISSING and left out: {error}")
                missing.append(f"{name} is missing here: {error}.")
        figures = _rounds(bench, cells)
        files = list(_downloads(bench, port, cells))
    text = TEXT.format(count=len(things), connections=CONNECTIONS, rounds=ROUNDS, seconds=SECONDS, warming=WARMING, hot=HOT,
                       missing=" ".join(missing))
    return Section(TITLE, text, versions, [*_comparisons(figures), *files])


def _downloads(bench: Bench, port: int, cells: Cells) -> Iterator[Comparison]:
    """A dump whole, where nginx is here."""
    theirs = next((asked.port for asked in cells["Turtle, hot"] if asked.server == NGINX), None)
    if theirs:
        yield from downloads.comparisons(bench, downloads.Source(US, port, "/dumps/dataset.nq"), [
            downloads.Source(NGINX, theirs, "/dumps/dataset.nq"),
            downloads.Source(f"{NGINX} without sendfile", theirs, "/copied/dataset.nq")])


def _release(bench: Bench, base: str) -> Path:
    bench.say("building the release of this checkout")
    target = bench.folder / "releases"
    command = [sys.executable, "-m", "triplehelix", "build", str(target), "--base", base, "--project", str(ROOT)]
    measure.run(command, bench.folder, bench.own_environment)
    return target / os.readlink(target / "current")


def _things(release: Path, base: str) -> list[str]:
    """The local names of some things of the dataset that have a document of one page, in any order."""
    found = {line.split(b"> ", 1)[0][1:].decode() for line in (release / "dumps/dataset.nt").read_bytes().splitlines()
             if line.startswith(f"<{base}id/".encode())}
    return random.Random(SEED).sample(sorted(iri.removeprefix(base) for iri in found), min(THINGS, len(found)))


def _documents(port: int, things: Sequence[str], accept: str) -> dict[str, tuple[bytes, str]]:
    """The body and the entity tag of each document. Raises Refused for any other status than 200."""
    with contextlib.closing(http.client.HTTPConnection(HOST, port)) as line:
        return {thing: _got(line, _path(thing), accept) for thing in things}


def _path(thing: str) -> str:
    return f"/doc/{quote(thing, safe='/:@!$&()*+,;=~%')}"


def _got(line: http.client.HTTPConnection, path: str, accept: str) -> tuple[bytes, str]:
    line.request("GET", path, headers={"Accept": accept})
    answer = line.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise Refused(f"{path}: {answer.status} {body[:300]!r}")
    return body, answer.headers["ETag"]


Documents = Mapping[str, Mapping[str, tuple[bytes, str]]]
Cells = dict[str, list[Asked]]


def _ours(bench: Bench, port: int, things: Sequence[str], answered: Documents) -> Cells:
    def asked(name: str, chosen: Sequence[str], accept: str = TURTLE, cold: bool = False, tagged: bool = False) -> list[Asked]:
        lines = [_path(thing) + (f"\t{answered[accept][thing][1]}" if tagged else "") for thing in chosen]
        return [Asked(US, port, _listed(bench, f"{US}-{name}", lines), accept, cold)]

    hot = things[:HOT]
    return {"Turtle, hot": asked("hot", hot), "HTML, hot": asked("html", hot, HTML), "304, hot": asked("304", hot, tagged=True),
            "Turtle, cold": asked("cold", things, cold=True), "HTML, cold": asked("cold-html", things, HTML, cold=True)}


def _listed(bench: Bench, name: str, lines: Sequence[str]) -> Path:
    file = bench.folder / f"{name}.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


def _nginx(bench: Bench, stack: contextlib.ExitStack, release: Path, things: Sequence[str],
           answered: Documents) -> tuple[str, Cells]:
    """nginx on the same bytes."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        raise Missing("on Debian: apt-get install nginx-light")
    folder, port = bench.folder / NGINX, free_port()
    for accept, suffix in FORMS.items():
        for number, thing in enumerate(things):
            file = folder / "files" / f"{number}.{suffix}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(answered[accept][thing][0])
    # Its workers would else be somebody who may not read our folder.
    user = "user root;\n" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX_CONF.format(user=user, folder=folder, host=HOST, port=port,
                                                                dumps=release / "dumps"))
    stack.enter_context(running([program, "-p", str(folder), "-e", "error.log", "-c", "nginx.conf"], folder, os.environ, port))
    paths = {accept: [f"/{number}.{suffix}" for number in range(len(things))] for accept, suffix in FORMS.items()}
    tags = [_same(port, path, answered[TURTLE][thing][0]) for path, thing in zip(paths[TURTLE], things)]
    for path, thing in zip(paths[HTML], things):
        _same(port, path, answered[HTML][thing][0])
    tagged = [f"{path}\t{tag}" for path, tag in zip(paths[TURTLE][:HOT], tags)]
    version = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr.rpartition("/")[2].strip()

    def asked(name: str, lines: Sequence[str], accept: str = TURTLE) -> list[Asked]:
        return [Asked(NGINX, port, _listed(bench, f"{NGINX}-{name}", lines), accept)]

    return version, {
        "Turtle, hot": asked("hot", paths[TURTLE][:HOT]), "HTML, hot": asked("html", paths[HTML][:HOT], HTML),
        "304, hot": asked("304", tagged), "Turtle, cold": asked("cold", paths[TURTLE]),
        "HTML, cold": asked("cold-html", paths[HTML], HTML)}


def _same(port: int, path: str, body: bytes) -> str:
    """The entity tag of a file. Raises RuntimeError where it is not these bytes."""
    with contextlib.closing(http.client.HTTPConnection(HOST, port)) as line:
        found, tag = _got(line, path, "*/*")
    if found != body:
        raise RuntimeError(f"nginx does not send the same bytes at {path}")
    return tag


def _rdflib(bench: Bench, stack: contextlib.ExitStack, release: Path, things: Sequence[str],
            answered: Documents) -> tuple[str, Cells]:
    """DESCRIBE by rdflib-endpoint."""
    peer, port = bench.peer(RDFLIB), free_port()
    command = [str(peer.python.with_name(RDFLIB)), "serve", "--host", HOST, "--port", str(port),
               str(release / "dumps/dataset.nt")]
    (bench.folder / RDFLIB).mkdir()
    stack.enter_context(running(command, bench.folder / RDFLIB, os.environ, port))
    base = re.search(rb"<(http://[^>]*?)id/", (release / "dumps/dataset.nt").read_bytes())[1].decode()
    paths = [f"/?query={quote(f'DESCRIBE <{base}{thing}>', safe='')}" for thing in things]
    with contextlib.closing(http.client.HTTPConnection(HOST, port, timeout=60)) as line:
        for path, thing in list(zip(paths, things))[:COMPARED]:
            theirs, ours = _got(line, path, TURTLE)[0], answered[TURTLE][thing][0]
            _require_all(answers.triples(theirs, base + thing), answers.triples(ours, base + thing), thing)
    return peer.version, {"Turtle, cold": [Asked(RDFLIB, port, _listed(bench, RDFLIB, paths), TURTLE)]}


def _require_all(theirs: answers.Answer, ours: answers.Answer, thing: str) -> None:
    if not ours or ours - theirs:
        raise RuntimeError(f"{RDFLIB} does not say the same of {thing}: {next(iter(ours - theirs), 'nothing')}")


def _rounds(bench: Bench, cells: Cells) -> dict[str, dict[str, list[float]]]:
    """For every cell and server a rate a round."""
    figures: dict[str, dict[str, list[float]]] = {what: {} for what in cells}
    for number in range(1, ROUNDS + 1):
        bench.say(f"round {number} of {ROUNDS}")
        for what, each in cells.items():
            for asked in each:
                # What came between may have taken the place of what was kept.
                rate(asked, f"warming-{number}", WARMING)
                figures[what].setdefault(asked.server, []).append(rate(asked, str(number), SECONDS))
    return figures


def rate(asked: Asked, run: str, seconds: int) -> float:
    """Requests a second. Raises Refused where any is answered with another status than 200 or 304."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT), f"http://{HOST}:{asked.port}", "--",
               str(asked.paths), asked.accept, run if asked.cold else ""]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if re.search(r"Non-2xx|Socket errors: .*[1-9]", said):
        raise Refused(f"{asked.server}: {said}")
    return float(re.search(r"Requests/sec: +([\d.]+)", said)[1])


def _comparisons(figures: dict[str, dict[str, list[float]]]) -> Iterator[Comparison]:
    for what, rates in figures.items():
        for peer, theirs in rates.items():
            if peer != US:
                yield Comparison(what, "requests/s", rates[US], peer, theirs, more_is_better=True, under="8 connections")
