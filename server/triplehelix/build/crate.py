"""RO-Crate 1.1: dumps/ as a research object, described in ro-crate-metadata.json (JSON-LD, flattened and compacted)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from triplehelix.build.record import Agent, Record
from triplehelix.formats import CRATE, content_type

PROFILE = "https://w3id.org/ro/crate/1.1"
# What the context of 1.1 lacks, of the same vocabulary.
CONTEXT = (f"{PROFILE}/context", {name: f"http://schema.org/{name}" for name in ("creditText", "sha256")})
Entity = dict[str, object]


@dataclass(frozen=True)
class Hashed:
    """A file by its size in bytes and the SHA-256 of these, in hex."""

    size: int
    sha256: str


def crate(record: Record, files: Mapping[str, Hashed]) -> bytes:
    """The crate of the files below dumps/, by name. What the record does not say is not made up, but for what must be there."""
    agents = {agent.iri: agent for agent in (*record.creators, *record.publishers)}
    graph = [_descriptor(), _root(record, files), *_licence(record), *map(_agent, agents.values()),
             *(_file(name, file) for name, file in files.items())]
    return (json.dumps({"@context": CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n").encode()


def _descriptor() -> Entity:
    return {"@id": CRATE, "@type": "CreativeWork", "conformsTo": {"@id": PROFILE}, "about": {"@id": "./"}}


def _root(record: Record, files: Mapping[str, Hashed]) -> Entity:
    """The root data entity: name, description, date, licence and parts are what each crate has."""
    said = {"author": _references(record.creators), "publisher": _references(record.publishers),
            "license": {"@id": record.license} if record.license else None}
    return {"@id": "./", "@type": "Dataset", "name": record.title,
            "description": record.description or f"The files of the release {record.version}.",
            "datePublished": record.date, "version": record.version, "identifier": record.iri, "url": record.iri,
            "creditText": record.citation, **{name: value for name, value in said.items() if value},
            "hasPart": [{"@id": _path(name)} for name in files]}


def _licence(record: Record) -> Iterator[Entity]:
    if record.license:
        yield {"@id": record.license, "@type": "CreativeWork", "name": record.license, "url": record.license}


def _agent(agent: Agent) -> Entity:
    return {"@id": agent.iri, "@type": "Person" if agent.is_person else "Organization", "name": agent.name, "url": agent.iri}


def _file(name: str, file: Hashed) -> Entity:
    return {"@id": _path(name), "@type": "File", "name": name, "contentSize": str(file.size),
            "encodingFormat": content_type(name).partition(";")[0], "sha256": file.sha256}


def _references(agents: tuple[Agent, ...]) -> list[Entity] | Entity | None:
    """One alone is no list (RO-Crate 1.1, appendix on JSON-LD)."""
    found = [{"@id": agent.iri} for agent in agents]
    return found if len(found) > 1 else next(iter(found), None)


def _path(name: str) -> str:
    """A name below the folder as a relative IRI."""
    return quote(name, safe="/")
