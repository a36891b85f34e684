"""The gate of a release: what was written is read again before anybody else can.

Every dump is parsed and written down again as lines, which are sorted: their SHA-256 is that of the .nt or .nq file which says
the same. So all syntaxes are held to one. The parser is the strict one for data from outside; whether those of others read the
same is for the tests to say, for they take too long.
"""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, parse, serialize

from triplehelix.build import dumps, search
from triplehelix.build.executables import DERIVED_FROM
from triplehelix.build.hands import ALONE, Hands
from triplehelix.build.progress import Done, unheard
from triplehelix.build.sorting import ordered
from triplehelix.description.document import THING
from triplehelix.description.published import Published
from triplehelix.findings import Faulty, Finding, fault
from triplehelix.formats import DATASET, GRAPH
from triplehelix.releases import Manifest
from triplehelix.representations import FILE as REPRESENTATIONS
from triplehelix.representations import TURTLE, Representations
from triplehelix.resources import FILE as RESOURCES
from triplehelix.resources import Resources
from triplehelix.search import FILE as SEARCH
from triplehelix.views import FILE as VIEWS
from triplehelix.views import Views

# So many of the named queries that have an answer are asked again.
ASKED = 5

# Read in this way, a document in JSON-LD is never held whole; it has to be written for that (Streaming JSON-LD, section 3).
AT_ONCE = MappingProxyType({".jsonld": RdfFormat.STREAMING_JSON_LD})

# A function that finds faults, and its arguments.
Judgement = tuple[Callable[..., list[Finding]], tuple]


def require_fit(folder: Path, manifest: Manifest, hands: Hands = ALONE, done: Done = unheard) -> None:
    """Every dump can be read, holds what the manifest counts and says what the others say, and so does its .gz; the store has
    these counts, and answers. Every graph is a resource that is known, and every thing has its document ready, which speaks of
    it. Raises Faulty."""
    release = Published(folder, manifest)
    judgements = [(_of_the_store, (release,)), (_of_queries, (release,)), (_of_resources, (folder, manifest)),
                  (_of_documents, (folder, manifest.base)), (_of_search, (folder,)),
                  (_of_views, (folder, manifest.base)), *_of_dumps(folder, manifest)]
    faults = []
    for found in hands.each(_judged, judgements):
        faults.extend(found)
        done(1)
    if faults:
        raise Faulty(faults)


def _judged(judge: Callable[..., list[Finding]], arguments: tuple) -> list[Finding]:
    return judge(*arguments)


def _of_dumps(folder: Path, manifest: Manifest) -> Iterator[Judgement]:
    """A judgement on each dump: how many statements it is to hold, and which file says the same."""
    for fmt in (*DATASET, *GRAPH):
        named = fmt.name in dumps.NAMED
        alike, count = ("nq", "quads") if named else ("nt", "triples")
        yield _dump, (folder, f"dumps/dataset.{fmt.suffix}", manifest.counts[count], manifest.files, f"dumps/dataset.{alike}")
    for row in manifest.graphs.values():
        stem = row["dump"].removesuffix(".ttl")
        for fmt in GRAPH:
            yield _dump, (folder, f"{stem}.{fmt.suffix}", row["triples"], manifest.files, f"{stem}.nt")
        yield _dump, (folder, f"{stem}.nq", row["triples"], manifest.files, f"{stem}.nq")


def _dump(folder: Path, name: str, count: int, files: dict[str, dict], alike: str) -> list[Finding]:
    """What is wrong with one dump and its .gz."""
    try:
        found, digest = _said(folder / name, alike)
    except SyntaxError as error:
        return [Finding(name, error.lineno or 0, "", f"cannot be read again: {error.msg}")]
    if found != count:
        return [Finding(name, 0, "", f"holds {found} statements, not {count}")]
    if digest != files[alike]["sha256"]:
        return [Finding(name, 0, "", f"does not say what {alike} says")]
    return _packed(folder, name, files)


def _said(path: Path, alike: str) -> tuple[int, str]:
    """How many statements a dump holds, and the SHA-256 of them as sorted lines, of the syntax of the file `alike`."""
    count, digest = 0, hashlib.sha256()
    syntax, lines = (RdfFormat.from_extension(name.rpartition(".")[2]) for name in (path.name, alike))
    with TemporaryFile(dir=path.parent) as aside:
        serialize(parse(path=path, format=AT_ONCE.get(path.suffix, syntax)), output=aside, format=lines)
        aside.seek(0)
        for line in ordered(aside, path.parent):
            digest.update(line)
            count += 1
    return count, digest.hexdigest()


def _packed(folder: Path, name: str, files: dict[str, dict]) -> list[Finding]:
    """What is wrong with the .gz of a dump, and with the bytes of both as the manifest has them."""
    packed = f"{name}.gz"
    try:
        with gzip.open(folder / packed) as unpacked:
            inside = _sha256(iter(lambda: unpacked.read(dumps.BLOCK), b""))
    except (OSError, EOFError, zlib.error) as error:
        return [Finding(packed, 0, "", f"cannot be read again: {error}")]
    whole = {name: _sha256(dumps.blocks(folder / name)), packed: _sha256(dumps.blocks(folder / packed))}
    if inside != whole[name]:
        return [Finding(packed, 0, "", f"does not hold {name}")]
    return [Finding(each, 0, "", "its SHA-256 is not the one of the manifest")
            for each, digest in whole.items() if digest != files[each]["sha256"]]


def _sha256(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


def _of_the_store(release: Published) -> list[Finding]:
    """The default graph and each named graph have as many triples as their dumps."""
    named = {NamedNode(iri): row["triples"] for iri, row in release.manifest.graphs.items()}
    wanted = {DefaultGraph(): release.manifest.counts["triples"], **named}
    found = {graph: release.reading.count(graph) for graph in wanted}
    return [Finding("store", 0, "" if graph == DefaultGraph() else str(graph), f"holds {found[graph]} triples, not {count}")
            for graph, count in wanted.items() if found[graph] != count]


def _of_queries(release: Published) -> list[Finding]:
    """The first named queries that had an answer when the release was made of its sources have one from its store."""
    answered = (query for slug, query in sorted(release.queries.items())
                if release.reading.values(NamedNode(f"{release.base}query/{slug}"), NamedNode(DERIVED_FROM)))
    return [Finding(f"queries/{query.slug}.rq", 0, "", "has no answer from the store, although it had one from the data")
            for query in islice(answered, ASKED) if not any(True for _ in release.reading.rows(query.text, release.base))]


def _of_resources(folder: Path, manifest: Manifest) -> list[Finding]:
    """A finding for each graph that is no resource with a document. Raises Faulty where resources.sqlite cannot be read."""
    known = Resources(folder)
    try:
        return [Finding(RESOURCES, 0, f"<{local}>", "the named graph is not among the resources") for local in
                (iri.removeprefix(manifest.base) for iri in manifest.graphs) if not known.state(local)]
    except sqlite3.Error as error:
        raise fault(folder / RESOURCES, f"cannot be read again: {error}") from error


def _of_documents(folder: Path, base: str) -> list[Finding]:
    """A finding where representations.sqlite has the documents of others than the things in use, and for each that does not
    speak of its thing. Raises Faulty where a file cannot be read."""
    things = (local for local, _ in Resources(folder).all() if THING.match(local))
    silent, alike, count, made = [], True, 0, 0
    try:
        for thing, document in zip_longest(things, Representations(folder).all()):
            local = document[0] if document else None
            alike, count, made = alike and local == thing, count + (thing is not None), made + (document is not None)
            if document and not _speaks(document[1].body, base + local):
                silent.append(Finding(REPRESENTATIONS, 0, f"<{local}>", "its document says nothing of it"))
    except (sqlite3.Error, ValueError) as error:
        raise fault(folder / REPRESENTATIONS, f"cannot be read again: {error}") from error
    told = f"holds {made} documents, which are not those of the {count} things in use"
    return silent if alike else [*silent, Finding(REPRESENTATIONS, 0, "", told)]


def _of_views(folder: Path, base: str) -> list[Finding]:
    """A finding for each thing with a panel that is no resource with a document. Raises Faulty where views.sqlite cannot be
    read."""
    known, views = Resources(folder), Views(folder, base)
    try:
        views.tables()
        return [Finding(VIEWS, 0, f"<{local}>", f"has rows of the panel {panel.slug}, and is not among the resources")
                for panel, local, _ in views.all_rows() if not known.state(local.partition("#")[0])]
    except (sqlite3.Error, ValueError) as error:
        raise fault(folder / VIEWS, f"cannot be read again: {error}") from error


def _of_search(folder: Path) -> list[Finding]:
    """A finding for each kind whose first thing is not found by its name. Raises Faulty where search.sqlite cannot be read."""
    try:
        return search.faults(folder)
    except (sqlite3.Error, ValueError) as error:
        raise fault(folder / SEARCH, f"cannot be read again: {error}") from error


def _speaks(body: bytes, iri: str) -> bool:
    """Whether a document can be read, and has a statement with that subject."""
    try:
        return NamedNode(iri) in {quad.subject for quad in parse(body, format=TURTLE.engine)}
    except SyntaxError:
        return False
