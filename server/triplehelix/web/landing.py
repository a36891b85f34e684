"""The landing page as machines read it: its typed links, and the dataset in the terms of schema.org, from the catalogue."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode

from triplehelix.description.linksets import JSON
from triplehelix.description.vocabulary import DCAT, DCTERMS, DESCRIPTION, DISTRIBUTION, FOAF, NAMES, RDFS, TITLE, TYPE, VERSION
from triplehelix.formats import GRAPH
from triplehelix.web.site import links, published

SPDX = "http://spdx.org/rdf/terms#"
PUBLISHER, CREATOR, IDENTIFIER = (NamedNode(DCTERMS + name) for name in ("publisher", "creator", "identifier"))
SPATIAL, TEMPORAL, FORMAT = (NamedNode(DCTERMS + name) for name in ("spatial", "temporal", "format"))
KEYWORD, MEDIA_TYPE, BYTE_SIZE, COMPRESSED, DOWNLOAD, START, END = (NamedNode(DCAT + name) for name in (
    "keyword", "mediaType", "byteSize", "compressFormat", "downloadURL", "startDate", "endDate"))
CHECKSUM, CHECKSUM_VALUE = NamedNode(SPDX + "checksum"), NamedNode(SPDX + "checksumValue")
LABEL, PERSON = NamedNode(RDFS + "label"), NamedNode(FOAF + "Person")
DATES = (("dateCreated", NamedNode(DCTERMS + "created")), ("datePublished", NamedNode(DCTERMS + "issued")),
         ("dateModified", NamedNode(DCTERMS + "modified")))
SCHEMA_ORG = "https://schema.org/"
# Those who index datasets take a description of 50 to 5,000 characters.
LONGEST_DESCRIPTION = 5_000

Relation = tuple[str, str, str]
Node = NamedNode | Literal


def relations() -> list[Relation]:
    """(target, relation, media type) of the Link header of the landing page: FAIR Signposting, level 1 and the way to 2."""
    release = published()
    rows = [(release.dataset.value, "cite-as", ""), (SCHEMA_ORG + "Dataset", "type", ""), (SCHEMA_ORG + "AboutPage", "type", "")]
    rows += [(agent.value, "author", "") for agent in _values(release.dataset, CREATOR)]
    rows += [(links().url(f"catalogue?format={fmt.name}"), "describedby", fmt.media_type) for fmt in GRAPH]
    rows += [(_url(file), "item", _media_type(file)) for file in files() if not _values(file, COMPRESSED)]
    return [*rows, *licence(), (links().url(".well-known/api-catalog"), "api-catalog", JSON.media_type),
            (links().url("linkset/"), "linkset", JSON.media_type)]


def of_a_list() -> list[Relation]:
    """The same for a page of the site that lists things."""
    catalogue = links().url("catalogue")
    return [(SCHEMA_ORG + "CollectionPage", "type", ""), (catalogue, "describedby", GRAPH[0].media_type), *licence()]


def licence() -> list[Relation]:
    """The link to the licence of the dataset, where that states one."""
    return [(published().license, "license", "")] if published().license else []


def dataset() -> dict[str, object]:
    """A schema.org Dataset; what the catalogue does not say stays out."""
    release, topic = published(), published().dataset
    stated = {
        "name": release.title, "description": described(), "url": links().url(""), "version": _text(topic, VERSION),
        "identifier": _text(topic, IDENTIFIER), "license": release.license,
        "keywords": [keyword.value for keyword in _values(topic, KEYWORD)],
        **{name: _text(topic, predicate) for name, predicate in DATES},
        "creator": [_agent(node) for node in _values(topic, CREATOR)],
        "publisher": next((_agent(node) for node in _values(topic, PUBLISHER)), None),
        "spatialCoverage": [_named(node, "Place") for node in _values(topic, SPATIAL)],
        "temporalCoverage": [_period(node) for node in _values(topic, TEMPORAL)],
        "distribution": [_download(file) for file in files()]}
    return {"@context": SCHEMA_ORG, "@type": "Dataset", "@id": topic.value, **_told(stated), "isAccessibleForFree": True,
            "includedInDataCatalog": {"@type": "DataCatalog", "@id": release.base + "catalogue", "url": links().url("catalogue")}}


def described() -> str:
    """The description of the dataset, with its counts."""
    counts = published().manifest.counts
    counted = f"{counts['triples']:,} statements in {counts['graphs']:,} named graphs, as RDF files and by SPARQL."
    return f"{_text(published().dataset, DESCRIPTION) or published().title + '.'} {counted}"[:LONGEST_DESCRIPTION]


def files() -> list[NamedNode]:
    """The distributions of the dataset."""
    return _values(published().dataset, DISTRIBUTION)


def _download(file: NamedNode) -> dict[str, object]:
    size = _text(file, BYTE_SIZE)
    checksum = next((_text(node, CHECKSUM_VALUE) for node in _values(file, CHECKSUM)), None)
    return {"@type": "DataDownload", "@id": file.value} | _told({
        "name": _text(file, TITLE), "contentUrl": _url(file), "encodingFormat": _media_type(file),
        "contentSize": size and f"{size} B", "sha256": checksum})


def _media_type(file: NamedNode) -> str:
    """The media type that the server labels the file with, "" where the catalogue has none."""
    kinds = _values(file, COMPRESSED) or _values(file, MEDIA_TYPE)
    return next((_text(kind, LABEL) or "" for kind in kinds), "")


def _url(file: NamedNode) -> str:
    """Where a file is visited."""
    address = next(iter(_values(file, DOWNLOAD)), file).value
    return links().url(links().local(address) or "") if address.startswith(published().base) else address


def _agent(node: NamedNode) -> dict[str, object]:
    return _named(node, "Person" if PERSON in _values(node, TYPE) else "Organization")


def _named(node: NamedNode, kind: str) -> dict[str, object]:
    name = next((text for predicate in NAMES if (text := _text(node, predicate))), None)
    return {"@type": kind, "@id": node.value} | _told({"name": name})


def _period(node: NamedNode) -> str:
    """An interval of ISO 8601, open where an end is not stated."""
    return f"{_text(node, START) or '..'}/{_text(node, END) or '..'}"


def _told(stated: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in stated.items() if value}


def _values(subject: NamedNode, predicate: NamedNode) -> list[Node]:
    return published().reading.values(subject, predicate)


def _text(subject: NamedNode, predicate: NamedNode) -> str | None:
    return next((value.value for value in _values(subject, predicate)), None)
