"""Smart specialisation strategies of the Czech regions: their priority domains with the NACE divisions the source names.

Reads domeny_kraje.json with kraje_kodovnik.json beside it, or the folder of both. A row is a domain, or one link of a
domain to a division. The descriptions and the `emerging` strings of the source are left where they are: cut or noisy text
of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode

from triplehelix.findings import fault
from triplehelix.importers import known, values
from triplehelix.importers.json_file import Places, read_json, within
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run, Statement

DOMAINS, CODEBOOK = "domeny_kraje.json", "kraje_kodovnik.json"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
FRBR = "http://purl.org/vocab/frbr/core#"
POLICY_DOCUMENT = "http://purl.org/spar/fabio/PolicyDocument"
MONTHS = ("leden", "únor", "březen", "duben", "květen", "červen", "červenec", "srpen", "září", "říjen", "listopad", "prosinec")
EDITION = re.compile(rf"(?P<title>.+ v(?P<version>\d+)) .*\b(?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})")
# Names that the extraction from PDF has broken off: at a word that joins, or in the middle of a known term.
CUT = re.compile(r"(?: (?:a|i|v|s|z|o|k|na|do|od|pro|ve|se|nebo)|,|využití umělé)$")
IS_CUT = Literal("The source's text is cut.", language="en")
UNDATED = Literal("The date is that of the source, which does not say when the period of the strategy begins.", language="en")


@dataclass(frozen=True)
class Edition:
    """The edition of the national strategy that the regions are read from: its title, version and month."""

    title: str
    version: str
    month: str


@dataclass(frozen=True)
class Region:
    """One region of the source: its NUTS concept and code."""

    name: str
    code: str
    concept: NamedNode


def read(path: Path, run: Run) -> Iterator[Block]:
    """The document, and for each region its strategy and priorities.

    Raises Faulty where the file, or the code book beside it, is not of the form the source has.
    """
    path = within(path, DOMAINS)
    document, places = read_json(path)
    edition = _edition(path, document)
    yield from _document(run, edition)
    codes, division = code_book(path.with_name(CODEBOOK)), known.code_of(run, "nace2")
    for name, region in _table(path, document, "kraje").items():
        line = places.line(name)
        domains = _list(path, region, "domeny", line)
        try:
            place = region_of(run, codes, "kraje", name)
        except Refused as refused:
            _refuse_all(run, domains, line, refused)
            continue
        yield Block(_strategy(run, place, edition), _strategy_says(run, place, edition))
        for domain in domains:
            yield from _priority(run, place, edition, domain, places, division)


def code_book(path: Path) -> dict[str, str]:
    """Name of a Czech region to its NUTS code, from the code book that comes with the source."""
    document, _ = read_json(path)
    try:
        return {row["nazev"]: row["kod_nuts"] for row in document["kraje"]}
    except (KeyError, TypeError) as error:
        raise fault(path, "not the code book of regions: it needs a list 'kraje' of rows with 'nazev' and 'kod_nuts'") from error


def region_of(run: Run, codes: dict[str, str], column: str, name: str) -> Region:
    """The region of that name. Raises Refused where the code book or the regions of the project do not have it."""
    if name not in codes:
        raise Refused(column, name, f"is no region of {CODEBOOK}")
    return Region(name, codes[name], known.code_of(run, "nuts2024", "nuts2021")(column, codes[name]))


def _refuse_all(run: Run, domains: list, line: int, refused: Refused) -> None:
    for _ in domains:
        run.take()
        run.refuse(line, refused)


def _edition(path: Path, document: Any) -> Edition:
    source = str(_table(path, document, "meta").get("zdroj", ""))
    match = EDITION.match(source)
    if not match:
        raise fault(path, f"meta.zdroj says {source!r}: it must name the edition and its month, as in "
                          "'Příloha 2 NRIS3 v08 (MPO, prosinec 2025)'", 1)
    return Edition(match["title"], match["version"], f"{match['year']}-{MONTHS.index(match['month']) + 1:02}")


def _document(run: Run, edition: Edition) -> Iterator[Block]:
    """The work and the edition of it that was read."""
    work = _own(run, "id/work/nris3-annex-2")
    yield Block(work, [(RDF_TYPE, NamedNode(FRBR + "Work")),
                       _says(DCTERMS + "title", Literal(edition.title.rpartition(" ")[0], language="cs"))])
    yield Block(_edition_iri(run, edition), [
        (RDF_TYPE, NamedNode(FRBR + "Expression")), (RDF_TYPE, NamedNode(POLICY_DOCUMENT)),
        _says(DCTERMS + "title", Literal(edition.title, language="cs")),
        _says(DCTERMS + "issued", values.when("meta.zdroj", edition.month)),
        _says(FRBR + "realizationOf", work)])


def _strategy_says(run: Run, place: Region, edition: Edition) -> list[Statement]:
    return [(RDF_TYPE, _term(run, "SmartSpecialisationStrategy")),
            _says(SKOS + "prefLabel", Literal(f"Smart specialisation strategy of {place.name}", language="en")),
            _says(RDFS + "comment", UNDATED),
            (_term(run, "territory"), place.concept),
            (_term(run, "validFrom"), values.when("meta.zdroj", edition.month)),
            (_term(run, "documentedIn"), _edition_iri(run, edition))]


def _priority(run: Run, place: Region, edition: Edition, domain: Any, places: Places, division) -> Iterator[Block]:
    """One domain; each of its links is a row of its own."""
    run.take()
    name = domain.get("nazev") if isinstance(domain, dict) else None
    line = places.line(name)
    try:
        label = values.name("nazev", name if isinstance(name, str) else "", "cs")
    except Refused as refused:
        run.refuse(line, refused)
        return
    run.keep()
    says = [(RDF_TYPE, _term(run, "PriorityArea")), _says(SKOS + "prefLabel", label),
            (_term(run, "priorityOf"), _strategy(run, place, edition)),
            *((_term(run, "coversField"), field) for field in _fields(run, domain, places, division))]
    if CUT.search(label.value) or label.value.count("(") != label.value.count(")"):
        says.append(_says(RDFS + "comment", IS_CUT))
    yield Block(_own(run, f"id/priority/{place.code.lower()}-{values.slug(label.value)}"), says)


def _fields(run: Run, domain: dict, places: Places, division) -> Iterator[NamedNode]:
    for code in domain.get("cz_nace") or ():
        run.take()
        try:
            yield division("cz_nace", f"{code:02}" if isinstance(code, int) else str(code).strip())
            run.keep()
        except Refused as refused:
            run.refuse(places.line(code), refused)


def _table(path: Path, document: Any, name: str) -> dict:
    table = document.get(name) if isinstance(document, dict) else None
    if not isinstance(table, dict):
        raise fault(path, f"not the file of priority domains: it needs an object {name!r}", 1)
    return table


def _list(path: Path, region: Any, name: str, line: int) -> list:
    rows = region.get(name) if isinstance(region, dict) else None
    if not isinstance(rows, list):
        raise fault(path, f"a region needs a list {name!r}", line)
    return rows


def _strategy(run: Run, place: Region, edition: Edition) -> NamedNode:
    return _own(run, f"id/strategy/ris3-{place.code.lower()}-{edition.month[:4]}")


def _edition_iri(run: Run, edition: Edition) -> NamedNode:
    return _own(run, f"id/expression/nris3-annex-2-v{edition.version}")


def _own(run: Run, path: str) -> NamedNode:
    return NamedNode(f"{run.lookups.project.base}{path}")


def _term(run: Run, name: str) -> NamedNode:
    return _own(run, f"ns#{name}")


def _says(predicate: str, value: NamedNode | Literal) -> Statement:
    return NamedNode(predicate), value


IMPORTER = Importer(
    "ris3", f"the priority domains of the Czech regions ({DOMAINS}, with {CODEBOOK} beside it)",
    Origin("czech-nris3-annex-2", "Priority domains of the Czech regions",
           "Ministry of Industry and Trade of the Czech Republic, read from PDF by others",
           "github.com/kristyne/ris3-mapa-cr, public/data/domeny_kraje.json and kraje_kodovnik.json, from annex 2 of NRIS3 v08",
           "None stated."), read)
