"""All releases there are: the list of them, a page and RDF of each that is kept, and its files below its own address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, g, redirect
from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.changes.history import History
from triplehelix.changes.steps import Summary
from triplehelix.description.describe import Description, paged
from triplehelix.description.document import link_header
from triplehelix.description.vocabulary import (
    DATASET,
    DCAT,
    DCTERMS,
    DESCRIPTION,
    DISTRIBUTION,
    LICENSE,
    TITLE,
    TRIPLES,
    TYPE,
    VERSION,
    XSD,
)
from triplehelix.formats import HTML
from triplehelix.releases import Manifest, day_of
from triplehelix.store import Statement
from triplehelix.web import answer, dumps
from triplehelix.web.answer import SITE_PAGE
from triplehelix.web.changes import history
from triplehelix.web.landing import BYTE_SIZE, CHECKSUM, CHECKSUM_VALUE, DOWNLOAD, MEDIA_TYPE, SPDX
from triplehelix.web.site import Known, links, published, site
from triplehelix.web.view import View

routes = Blueprint("versions", __name__)
# Each release has below its own address what the current one has below the root.
of_release = Blueprint("release", __name__, url_prefix="/release/<version>")
of_release.register_blueprint(dumps.routes)
ROOM = "release/"
# Which releases are kept may change while the current one stays.
OF_THE_MOMENT = {"Cache-Control": "no-cache"}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
IS_VERSION_OF, ISSUED, IS_REPLACED_BY = (NamedNode(DCTERMS + name) for name in ("isVersionOf", "issued", "isReplacedBy"))
HAS_VERSION, HAS_CURRENT, PREVIOUS, OF_DCAT, FILE = (NamedNode(DCAT + name) for name in (
    "hasVersion", "hasCurrentVersion", "previousVersion", "Dataset", "Distribution"))
ALGORITHM, SHA256 = NamedNode(SPDX + "algorithm"), NamedNode(SPDX + "checksumAlgorithm_sha256")
WHOLE_NUMBER, HEX, DATE = (NamedNode(XSD + name) for name in ("nonNegativeInteger", "hexBinary", "date"))


@dataclass(frozen=True)
class Row:
    """A release in the list, where it was pruned the version that is kept in its place, and where it says so what changed."""

    known: Known
    successor: str
    changes: Summary | None

    @property
    def version(self) -> str:
        return self.known.version


@of_release.url_value_preprocessor
def take_version(_: str | None, values: dict[str, str] | None) -> None:
    """The views know nothing of the version: `published` finds it."""
    if values and "version" in values:
        g.version = values.pop("version")


@routes.get("/release")
def list_without_slash() -> Response:
    """The releases are a folder; its address ends with a slash."""
    return redirect(links().url(ROOM), 301)


@routes.get("/release/")
def listing() -> Response:
    """Every release that is kept or was pruned, the newest first: a page, or RDF in the terms of DCAT."""
    # First of all the release of this request is found: it says which is the current one.
    view, rows = View(published(), links()), _rows()
    wanted = answer.chosen(SITE_PAGE, html_by_wildcard=True)
    if wanted is not HTML:
        return answer.rdf(_history(rows), wanted, OF_THE_MOMENT)
    return answer.page("releases.html", OF_THE_MOMENT, view=view, rows=rows[::-1], current=g.current)


def _rows() -> list[Row]:
    here, past = site(), history()
    return [Row(known, "" if here.is_kept(version) else here.successor(version), _changes(version, past))
            for version, known in here.history().items()]


def _changes(version: str, known: History) -> Summary | None:
    """What a release changed, in numbers; None for a first one, and where it was built by software that did not count."""
    return known.of(version).summary if known.is_told(version) and known.before[version] else None


def _history(rows: list[Row]) -> list[Triple]:
    """The dataset with its versions; what became of those that were pruned."""
    dataset, told = published().dataset, [triple for row in rows for triple in facts(row.known)]
    told += [Triple(_iri(row.version), IS_REPLACED_BY, _iri(row.successor)) for row in rows if row.successor]
    of_dataset = [(TITLE, Literal(published().title)), (HAS_CURRENT, _iri(g.current)),
                  *((HAS_VERSION, _iri(row.version)) for row in rows if not row.successor)]
    return [*(Triple(dataset, predicate, value) for predicate, value in of_dataset), *sorted(told, key=_by_subject)]


def _by_subject(triple: Triple) -> str:
    return triple.subject.value


@of_release.get("")
def without_slash() -> Response:
    """A release is a folder; its address ends with a slash."""
    return redirect(links().url(f"{ROOM}{published().manifest.version}/"), 301)


@of_release.get("/")
def release() -> Response:
    """The facts of one release: a page, or RDF."""
    manifest = published().manifest
    topic = _iri(manifest.version)
    wanted, headers = answer.chosen_of_document(), link_header(_relations(manifest))
    if wanted is HTML:
        told = Description(topic, [Statement(row, (), False) for row in facts(manifest)], [], paged([], 1))
        files = dumps.by_stem().get(dumps.DATASET_STEM, [])
        return answer.page("release.html", headers, view=View(published(), links(), told), manifest=manifest, files=files,
                           changes=_changes(manifest.version, history()))
    return answer.rdf([*facts(manifest), *_files(manifest)], wanted, headers)


def _relations(manifest: Manifest) -> list[tuple[str, str, str]]:
    """RFC 5829: the list of all versions, the newest, the one before."""
    rows = [(links().url(ROOM), "version-history", ""), (links().url(f"{ROOM}{g.current}/"), "latest-version", "")]
    return rows + ([(links().url(f"{ROOM}{manifest.before}/"), "predecessor-version", "")] if manifest.before else [])


def _iri(version: str) -> NamedNode:
    return NamedNode(f"{published().base}{ROOM}{version}/")


def facts(manifest: Manifest | Known) -> list[Triple]:
    """What is known of a release."""
    counts = manifest.counts
    text = f"{counts['triples']:,} statements; {counts['quads']:,} in {counts['graphs']:,} named graphs."
    rows = [(TYPE, DATASET), (TYPE, OF_DCAT), (TITLE, Literal(f"Release {manifest.version}", language="en")),
            (DESCRIPTION, Literal(text, language="en")), (VERSION, Literal(manifest.version)),
            (ISSUED, Literal(day_of(manifest.version), datatype=DATE)), (IS_VERSION_OF, published().dataset),
            (TRIPLES, Literal(counts["triples"]))]
    rows += [(PREVIOUS, _iri(manifest.before))] if manifest.before else []
    rows += [(LICENSE, NamedNode(published().license))] if published().license else []
    return [Triple(_iri(manifest.version), predicate, value) for predicate, value in rows]


def _files(manifest: Manifest) -> list[Triple]:
    """The files of the whole dataset, at the addresses that stay theirs, with sizes and checksums."""
    topic, told = _iri(manifest.version), []
    for dump in dumps.by_stem().get(dumps.DATASET_STEM, []):
        file = NamedNode(f"{topic.value}{dumps.ROOM}{dump.name}")
        checksum = NamedNode(file.value + "#checksum")
        media_type = MEDIA_TYPES + dumps.content_type(dump.name).partition(";")[0]
        rows = [(TYPE, FILE), (TITLE, Literal(dump.label, language="en")), (DOWNLOAD, file), (CHECKSUM, checksum),
                (MEDIA_TYPE, NamedNode(media_type)), (BYTE_SIZE, Literal(str(dump.size), datatype=WHOLE_NUMBER))]
        told += [Triple(topic, DISTRIBUTION, file), *(Triple(file, predicate, value) for predicate, value in rows),
                 Triple(checksum, ALGORITHM, SHA256), Triple(checksum, CHECKSUM_VALUE, Literal(dump.sha256, datatype=HEX))]
    return told
