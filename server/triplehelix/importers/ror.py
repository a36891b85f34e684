"""Records of the Research Organization Registry, schema 1 and 2, from a folder of records, a dump (JSON array) or a zip of one.

A record that is withdrawn says of its body only that the identifier is rejected, and which one stands in its place. Types
are where ROR lists a body: neither a kind of actor nor a sphere is read from them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode

from triplehelix.importers import countries, json_records, values
from triplehelix.importers.bodies import HOMEPAGE, Register
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run

ROR = re.compile(r"https://ror\.org/(0[a-hj-km-np-tv-z0-9]{6}\d{2})")
PART_OF = NamedNode("http://www.w3.org/ns/org#subOrganizationOf")
REPLACED_BY = NamedNode("http://purl.org/dc/terms/isReplacedBy")
# Identifiers of others that have a code in scheme/identifier-scheme, with how people call them.
SCHEMES = {"grid": "GRID", "isni": "ISNI", "wikidata": "Wikidata"}
LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Record:
    """What both schemas say of a body: names (the first is the one ROR shows), types, place, links, codes, relations."""

    ror: str
    status: str
    names: list[Literal]
    types: list[str]
    town: str
    country: str
    homepages: list[str]
    codes: list[tuple[str, str]]
    relations: list[tuple[str, str]]


class Relations:
    """Which bodies are parts of which: said when all records are read, of bodies that the project or the file has."""

    def __init__(self, register: Register):
        self.register = register
        self.bodies: dict[str, NamedNode] = {}
        self.pairs: set[tuple[str, str]] = set()

    def note(self, record: Record, body: NamedNode) -> None:
        self.bodies[record.ror] = body
        for kind, other in record.relations:
            if kind in ("parent", "child"):
                self.pairs.add((record.ror, other) if kind == "parent" else (other, record.ror))

    def blocks(self) -> Iterator[Block]:
        for part, whole in sorted(self.pairs):
            ends = self._body(part), self._body(whole)
            if all(ends):
                yield Block(ends[0], [(PART_OF, ends[1])])

    def _body(self, ror: str) -> NamedNode | None:
        return self.bodies.get(ror) or self.register.known.holders.get(self.register.identifier("ror", ror))


def read(path: Path, run: Run) -> Iterator[Block]:
    """One body a record."""
    register = Register(run)
    relations = Relations(register)
    for line, document in json_records.read_records(path):
        run.take()
        try:
            ror = _ror("id", _text(document, "id"))
            if not run.wants(ror):
                run.pass_over()
                continue
            blocks = list(_blocks(relations, _record(ror, document)))
        except Refused as refused:
            run.refuse(line, refused)
            continue
        run.keep()
        yield from blocks
    yield from relations.blocks()


def _blocks(relations: Relations, record: Record) -> Iterator[Block]:
    register, name = relations.register, record.names[0]
    body = register.holder("ror", record.ror, f"id/organisation/ror-{record.ror}")
    label = f"ROR {record.ror} of {name.value}"
    if record.status == "withdrawn":
        yield from _withdrawn(register, record, body, label)
        return
    place, areas = register.town(record.town, record.country)
    relations.note(record, body)
    others = ((scheme, code, f"{SCHEMES[scheme]} {code} of {name.value}") for scheme, code in record.codes)
    codes = [("ror", record.ror, label), *others]
    yield Block(body, [
        *register.introduces(body, name, record.names[1:]), *(register.has(scheme, code) for scheme, code, _ in codes),
        *((register.term("listedUnder"), _type(register, kind)) for kind in record.types), *register.seat(body, place),
        *((HOMEPAGE, values.iri("links", address)) for address in record.homepages)])
    yield from itertools.chain((register.describe(*code) for code in codes), areas)


def _withdrawn(register: Register, record: Record, body: NamedNode, label: str) -> Iterator[Block]:
    """The rejected identifier, and the candidate for its place: the record of that one is not what was read."""
    rejected = register.describe("ror", record.ror, label, "rejected")
    names = [] if body in register.known.names else register.introduces(body, record.names[0])
    yield Block(body, [*names, register.has("ror", record.ror)])
    for kind, successor in record.relations:
        if kind == "successor":
            rejected.statements.append((REPLACED_BY, register.identifier("ror", successor)))
            yield register.describe("ror", successor, f"ROR {successor} of {record.names[0].value}", "candidate")
    yield rejected


def _type(register: Register, kind: str) -> NamedNode:
    found = register.run.lookups.code("ror-type", kind)
    if not found:
        raise Refused("types", kind, "is no type of ROR")
    return found


def _record(ror: str, document: dict) -> Record:
    status = _text(document, "status")
    if status not in ("active", "inactive", "withdrawn"):
        raise Refused("status", status, "is no status of a record of ROR")
    try:
        return (_of_schema_2 if "names" in document else _of_schema_1)(ror, status, document)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise Refused("record", ror, f"is of neither schema of ROR ({error})") from error


def _of_schema_1(ror: str, status: str, document: dict) -> Record:
    labels = [values.name("labels", label["label"], _language(label["iso639"])) for label in document["labels"]]
    shown = values.name("name", document["name"])
    same = next((label for label in labels if label.value == shown.value), shown)
    others = [values.name("aliases", name) for name in [*document["aliases"], *document["acronyms"]]]
    codes = [(scheme.lower(), code) for scheme, ids in document["external_ids"].items()
             for code in _codes(scheme.lower(), ids["preferred"], ids["all"])]
    names = [same, *(label for label in labels if label != same), *others]
    return Record(ror, status, names, [kind.lower() for kind in document["types"]], document["addresses"][0]["city"] or "",
                  countries.code("country", document["country"]["country_code"]),
                  document["links"], codes, _relations(document))


def _of_schema_2(ror: str, status: str, document: dict) -> Record:
    shown = sorted(document["names"], key=lambda name: "ror_display" not in name["types"])
    names = [values.name("names", name["value"], _language(name["lang"])) for name in shown]
    place = document["locations"][0].get("geonames_details") or {}
    codes = [(ids["type"], code) for ids in document["external_ids"]
             for code in _codes(ids["type"], ids["preferred"], ids["all"])]
    return Record(ror, status, names, document["types"], place["name"] or "", countries.code("locations", place["country_code"]),
                  [link["value"] for link in document["links"] if link["type"] == "website"], codes, _relations(document))


def _codes(scheme: str, preferred: str | None, every: str | list[str]) -> list[str]:
    """The preferred identifier of a scheme that the project knows, else all there are; ISNI without its blanks."""
    if scheme not in SCHEMES:
        return []
    found = [preferred] if preferred else [every] if isinstance(every, str) else every
    return [values.text("external_ids", code).replace(" ", "") for code in found]


def _relations(document: dict) -> list[tuple[str, str]]:
    return [(relation["type"].lower(), _ror("relationships", relation["id"])) for relation in document["relationships"]]


def _ror(column: str, value: str) -> str:
    match = ROR.fullmatch(value)
    if not match:
        raise Refused(column, value, "is no ROR identifier")
    return match[1]


def _text(document: Any, name: str) -> str:
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, str):
        raise Refused(name, "", "is missing")
    return value


def _language(code: str | None) -> str | None:
    return code if code and LANGUAGE.fullmatch(code) else None


IMPORTER = Importer(
    "ror", "records of ROR, schema 1 or 2: a folder of JSON files, a dump, or a zip of either",
    Origin("ror", "Records of research organisations", "Research Organization Registry",
           "ror.org, records in github.com/ror-community/ror-records", "CC0 1.0."), read)
