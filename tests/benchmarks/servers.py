"""The table of servers: how each gets the data of a file, and how it is started on a port of this machine.

What cannot be had here raises Missing, with how to get it; the run says so and goes on without.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import measure
from benchmarks.bench import Bench
from benchmarks.load import HOST
from benchmarks.processes import free_port, running
from triplehelix import __version__

# Our own servers: name in the document, and limits that differ from the usual ones.
OURS = {"here": (), "here, on disk": ("memory_triples=0",)}
# The HTTP server on which ours stands, and that without any of ours on it.
HTTP_SERVER = "granian"
BARE = f"{HTTP_SERVER} alone"
# One client asks as much as many here, which fair use is there to stop.
LIFTED = "client_seconds=86400"
FUSEKI = "org.apache.jena:jena-fuseki-server:5.6.0"
# Triples above which rdflib-endpoint is asked for point look-ups alone.
RDFLIB_MOST = 20_000
DEFAULT_GRAPH = "urn:x-benchmarks:data"
# Buffers as the file that comes with Virtuoso recommends for 4 GB of memory.
VIRTUOSO_INI = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = {host}:{isql}
DisableUnixSocket = 1
DirsAllowed = {folder}
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
[HTTPServer]
ServerPort = {host}:{port}
ServerThreads = 16
[SPARQL]
ResultSetMaxRows = 1000000
DefaultGraph = {graph}
"""
VIRTUOSO_LOAD = "DB.DBA.TTLP_MT(file_to_string_output('{file}'), '', '{graph}', 0, 2); checkpoint;"


class Missing(RuntimeError):
    """A server that is not installed and that a benchmark cannot install by itself; the message says how to get it."""


@dataclass(frozen=True)
class Server:
    """A server that holds the data and can be started: `path` is that of its endpoint.

    `load` is what it took to load the data (seconds); 0 for one that reads them at each start. On more than `most` triples
    it is asked for point look-ups alone. One that is `bare` gives one answer of ours to whatever is asked: it is asked for
    repeated point look-ups, and what it says is compared with nothing.
    """

    name: str
    version: str
    command: Sequence[str]
    path: str
    folder: Path
    port: int
    load: float = 0.0
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    most: int = sys.maxsize
    bare: bool = False


def ours(bench: Bench, file: Path, folder: Path, size: int) -> Iterator[Server]:
    """This checkout on a release that holds the data: as it comes, and with other limits."""
    build = [sys.executable, "-m", "benchmarks.release", str(file), str(folder / "releases"), str(size)]
    load = measure.run(build, folder, bench.own_environment).seconds
    command = [sys.executable, "-m", "triplehelix", "serve", str(folder / "releases")]
    for name, limits in OURS.items():
        port = free_port()
        address = ["--port", str(port), "--origin", f"http://{HOST}:{port}/"]
        options = [f"--limit={limit}" for limit in (LIFTED, *limits)]
        yield Server(name, __version__, [*command, *address, *options], "/sparql", folder, port, load, bench.own_environment)


def bare(bench: Bench, folder: Path, ours: Server, query: str) -> Server:
    """The HTTP server of ours alone, with what ours, which is under way, answers to a query."""
    port, url = free_port(), f"http://{HOST}:{ours.port}{ours.path}?{urlencode({'query': query})}"
    return Server(BARE, metadata.version(HTTP_SERVER), [sys.executable, "-m", "benchmarks.bare", str(port), url], ours.path,
                  folder, port, environment=bench.own_environment, bare=True)


def oxigraph(bench: Bench, file: Path, folder: Path) -> Server:
    peer, port = bench.peer("oxigraph"), free_port()
    program = str(peer.python.with_name("oxigraph"))
    load = measure.run([program, "load", "--location", "store", "--file", str(file)], folder, os.environ).seconds
    return Server(peer.name, peer.version, [program, "serve-read-only", "--location", "store", "--bind", f"{HOST}:{port}"],
                  "/query", folder, port, load)


def rdflib_endpoint(bench: Bench, file: Path, folder: Path) -> Server:
    """It reads the file at each start. Its paths and groupings take minutes on a million triples, and cannot be ended."""
    peer, port = bench.peer("rdflib-endpoint"), free_port()
    command = [str(peer.python.with_name("rdflib-endpoint")), "serve", "--host", HOST, "--port", str(port), str(file)]
    return Server(peer.name, peer.version, command, "/", folder, port, most=RDFLIB_MOST)


def virtuoso(_: Bench, file: Path, folder: Path) -> Server:
    program, isql = shutil.which("virtuoso-t"), shutil.which("isql-vt")
    if not program or not isql:
        raise Missing("on Debian: apt-get install --no-install-recommends virtuoso-opensource-7-bin")
    port, other = free_port(), free_port()
    ini = VIRTUOSO_INI.format(folder=folder, host=HOST, port=port, isql=other, graph=DEFAULT_GRAPH)
    (folder / "virtuoso.ini").write_text(ini)
    said = subprocess.run([program, "-?"], capture_output=True, text=True, check=False).stderr
    version = found[1] if (found := re.search(r"Version (\S+?)-", said)) else "unknown"
    server = Server("Virtuoso", version, [program, "+foreground", "+configfile", "virtuoso.ini"], "/sparql", folder, port)
    shutil.copy(file, folder / "data.nt")
    statement = VIRTUOSO_LOAD.format(file=folder / "data.nt", graph=DEFAULT_GRAPH)
    with running(server.command, folder, server.environment, port):
        load = measure.run([isql, f"{HOST}:{other}", "dba", "dba", f"exec={statement}"], folder, os.environ).seconds
    return replace(server, load=load)


def fuseki(bench: Bench, file: Path, folder: Path) -> Server:
    """Fuseki on TDB2, without the right to write."""
    java, port = ["java", "-Xmx4g", "-cp", str(_jar(bench))], free_port()
    load = measure.run([*java, "tdb2.tdbloader", "--loc=tdb", str(file)], folder, os.environ).seconds
    command = [*java, "org.apache.jena.fuseki.main.cmds.FusekiMainCmd", "--localhost", "--port", str(port), "--tdb2",
               "--loc=tdb", "/data"]
    return Server("Fuseki", FUSEKI.rpartition(":")[2], command, "/data/query", folder, port, load)


def _jar(bench: Bench) -> Path:
    group, name, version = FUSEKI.split(":")
    jar = bench.environments / f"{name}-{version}.jar"
    if not shutil.which("java"):
        raise Missing("on Debian: apt-get install default-jre-headless")
    if not jar.is_file():
        if not shutil.which("mvn"):
            raise Missing(f"Maven brings it ({FUSEKI}); on Debian: apt-get install maven")
        subprocess.run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={FUSEKI}", f"-DoutputDirectory={bench.environments}"],
                       check=True, stdout=subprocess.DEVNULL)
    return jar


PEERS: dict[str, Callable[[Bench, Path, Path], Server]] = {
    "oxigraph": oxigraph, "Virtuoso": virtuoso, "Fuseki": fuseki, "rdflib-endpoint": rdflib_endpoint}
