"""What importers of bibliographies say alike: works, their expressions, authors, journals and identifiers.

A record is keyed by its DOI or ISBN; one that has neither, by its first author, title and year. Persons are keyed by
their ORCID or, where there is none, by their name: two persons of one name are then one until somebody tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from pyoxigraph import Literal, NamedNode

from triplehelix import sources
from triplehelix.importers import values
from triplehelix.importers.model import Block, Refused, Run, Statement

TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
SKOS = "http://www.w3.org/2004/02/skos/core#"
FOAF = "http://xmlns.com/foaf/0.1/"
DCTERMS = "http://purl.org/dc/terms/"
FABIO = "http://purl.org/spar/fabio/"
FRBR = "http://purl.org/vocab/frbr/core#"
ADMS = "http://www.w3.org/ns/adms#"
NAMES = tuple(map(NamedNode, (FOAF + "name", SKOS + "prefLabel", DCTERMS + "title")))
TITLE, OTHER = NamedNode(DCTERMS + "title"), NamedNode(SKOS + "altLabel")
ORGANIZATION = NamedNode("http://www.w3.org/ns/org#Organization")
DOI = re.compile(r"10\.\d{4,9}/\S+")
DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.IGNORECASE)
Row = TypeVar("Row")
UNKNOWN_KIND = "is not among the types of works that are taken"
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)


@dataclass(frozen=True)
class Author:
    """An author: a person with given and family names, or a body with a family name only; `written` is the source's form."""

    family: str
    given: str = ""
    written: str = ""
    orcid: str = ""
    body: bool = False

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True)
class Record:
    """One record of a bibliography, in the terms of FaBiO: `kind` is the class of the expression."""

    key: str
    kind: str
    title: str
    authors: tuple[Author, ...] = ()
    issued: Literal | None = None
    journal: str = ""
    publisher: str = ""
    place: str = ""
    pages: str = ""
    edition: str = ""
    language: str = ""
    dois: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """(code of scheme/identifier-scheme, notation) of each."""
        return [*(("doi", doi) for doi in self.dois), *(("isbn", isbn) for isbn in self.isbns)]

    @property
    def slug(self) -> str:
        """What the IRIs of the work are made of."""
        if self.identifiers:
            scheme, notation = self.identifiers[0]
            return f"{scheme}-{values.slug(notation)}"
        first = self.authors[0].family if self.authors else ""
        return values.slug(f"{first} {self.title}")


def doi(column: str, value: str) -> str:
    """A DOI in lower case, without the address of its resolver (ISO 26324)."""
    plain = DOI_PREFIX.sub("", value.strip()).lower()
    if not DOI.fullmatch(plain):
        raise Refused(column, value, "is no DOI")
    return plain


def isbn(column: str, value: str) -> str:
    """An ISBN of ten or thirteen characters whose check digit fits (ISO 2108), without hyphens."""
    plain = re.sub(r"[\s\-–]", "", value).upper()
    if re.fullmatch(r"\d{9}[\dX]", plain):
        rest = sum((10 - place) * (10 if sign == "X" else int(sign)) for place, sign in enumerate(plain)) % 11
    elif re.fullmatch(r"97[89]\d{10}", plain):
        rest = sum((3 if place % 2 else 1) * int(sign) for place, sign in enumerate(plain)) % 10
    else:
        rest = 1
    if rest:
        raise Refused(column, value, "is no ISBN")
    return plain


def orcid(column: str, value: str) -> str:
    """An ORCID iD whose check digit fits (ISO/IEC 7064, MOD 11-2)."""
    match = ORCID.fullmatch(value.strip())
    total = 0
    for digit in re.sub(r"\D", "", match[1][:-1]) if match else "":
        total = (total + int(digit)) * 2
    if not match or "0123456789X"[(12 - total % 11) % 11] != match[1][-1].upper():
        raise Refused(column, value, "is no ORCID")
    return match[1].upper()


def language(value: str) -> str:
    """A language tag (BCP 47) in lower case, or "" where the value is none: records write names of languages too."""
    return value.lower() if LANGUAGE.fullmatch(value) else ""


@dataclass
class Shelf:
    """Makes the blocks of records, and knows what is described already: in the project, and by this run."""

    run: Run
    told: dict[NamedNode, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        project = self.run.lookups.project
        self.base = project.base
        for source in project.sources:
            if source.part == "dataset" and source.name.startswith("data/") and source.name not in self.run.lookups.without:
                self.told.update({t.subject: t.object.value for t in sources.read_one(source, project.base).triples
                                  if t.predicate in NAMES})

    def place(self, record: Record, line: int) -> list[Block]:
        """The blocks of a record. Raises Refused for one that has been described already."""
        self._require_new(record)
        self.lines[record.slug] = line
        return list(self._blocks(record))

    def _require_new(self, record: Record) -> None:
        if record.slug in self.lines:
            raise Refused("key", f"{record.key} (as on line {self.lines[record.slug]})", "is the same work as an earlier record")
        held = [known for scheme, notation in record.identifiers if (known := self.run.lookups.identified(scheme, notation))]
        held += [node for node in (self._work(record), self._expression(record)) if node in self.told]
        if held:
            where = held[0].value.removeprefix(self.base)
            raise Refused("key", f"{record.key} (<{where}>)", "is described in another graph already")

    def _blocks(self, record: Record) -> Iterator[Block]:
        work, expression = self._work(record), self._expression(record)
        authors = [(author, self._agent(author)) for author in record.authors]
        yield Block(work, [(TYPE, NamedNode(FRBR + "Work")), (TITLE, _titled(record)),
                           *((NamedNode(DCTERMS + "creator"), agent) for _, agent in authors)])
        yield Block(expression, list(self._of_expression(record, work)))
        self.told.update({work: record.title, expression: record.title})
        for rank, (author, agent) in enumerate(authors, 1):
            yield from self._described(author, agent)
            if not author.body:
                yield self._authorship(record, work, rank, author, agent)
        yield from (self._identifier(scheme, notation) for scheme, notation in record.identifiers)
        if record.journal:
            yield from self._once(self._own(f"series/{values.slug(record.journal)}"), NamedNode(FABIO + "Journal"), TITLE,
                                  record.journal)
        if record.publisher:
            yield from self._once(self._own(f"organisation/{values.slug(record.publisher)}"), ORGANIZATION,
                                  NamedNode(SKOS + "prefLabel"), record.publisher)

    def _of_expression(self, record: Record, work: NamedNode) -> Iterator[Statement]:
        yield TYPE, NamedNode(FRBR + "Expression")
        yield TYPE, NamedNode(FABIO + record.kind)
        yield TITLE, _titled(record)
        yield NamedNode(FRBR + "realizationOf"), work
        if record.issued:
            yield NamedNode(DCTERMS + "issued"), record.issued
        if record.journal:
            yield NamedNode(DCTERMS + "isPartOf"), self._own(f"series/{values.slug(record.journal)}")
        if record.publisher:
            yield NamedNode(DCTERMS + "publisher"), self._own(f"organisation/{values.slug(record.publisher)}")
        if record.place:
            yield NamedNode(DCTERMS + "description"), Literal(record.place, language="en")
        for name, value in (("pages", record.pages), ("edition", record.edition)):
            if value:
                yield self._term(name), Literal(value)
        if record.language:
            yield NamedNode(DCTERMS + "language"), Literal(record.language)
        yield from ((NamedNode(ADMS + "identifier"), self._identified(*pair)) for pair in record.identifiers)

    def _authorship(self, record: Record, work: NamedNode, rank: int, author: Author, person: NamedNode) -> Block:
        label = f"{author.name}, author {rank} of {record.title.partition(':')[0]}"
        return Block(self._own(f"authorship/{record.slug}-{rank}"), [
            (TYPE, self._term("Authorship")), (LABEL, Literal(label, language="en")), (self._term("of"), work),
            (self._term("person"), person), (self._term("rank"), Literal(rank)),
            (self._term("nameAsWritten"), Literal(author.written or author.name))])

    def _described(self, author: Author, agent: NamedNode) -> Iterator[Block]:
        """Who an author is, said once; another form of the name is another name."""
        if author.body:
            yield from self._once(agent, ORGANIZATION, NamedNode(SKOS + "prefLabel"), author.family)
            return
        known = agent in self.told
        yield from self._once(agent, NamedNode(FOAF + "Person"), NamedNode(FOAF + "name"), author.name)
        if not known:
            parts = ((FOAF + "familyName", author.family), (FOAF + "givenName", author.given))
            yield Block(agent, [(NamedNode(term), Literal(part)) for term, part in parts if part])
        elif self.told[agent] != author.name:
            yield Block(agent, [(OTHER, Literal(author.name))])
        if author.orcid:
            yield Block(agent, [(NamedNode(ADMS + "identifier"), self._identified("orcid", author.orcid))])
            yield self._identifier("orcid", author.orcid)

    def _once(self, subject: NamedNode, kind: NamedNode, naming: NamedNode, name: str) -> Iterator[Block]:
        """The description of a thing, unless it has one."""
        if subject not in self.told:
            self.told[subject] = name
            yield Block(subject, [(TYPE, kind), (naming, Literal(name))])

    def _identifier(self, scheme: str, notation: str) -> Block:
        return Block(self._identified(scheme, notation), [
            (TYPE, NamedNode(ADMS + "Identifier")), (LABEL, Literal(f"{scheme.upper()} {notation}", language="en")),
            (NamedNode(SKOS + "notation"), Literal(notation)),
            (self._term("identifierScheme"), NamedNode(f"{self.base}scheme/identifier-scheme/{scheme}")),
            (self._term("status"), NamedNode(f"{self.base}scheme/status/verified"))])

    def _identified(self, scheme: str, notation: str) -> NamedNode:
        return self._own(f"identifier/{scheme}-{values.slug(notation)}")

    def _agent(self, author: Author) -> NamedNode:
        if author.orcid:
            return (self.run.lookups.identified("orcid", author.orcid) or self._own(f"person/orcid-{author.orcid.lower()}"))
        return self._own(f"{'organisation' if author.body else 'person'}/{values.slug(author.name)}")

    def _work(self, record: Record) -> NamedNode:
        return self._own(f"work/{record.slug}")

    def _expression(self, record: Record) -> NamedNode:
        year = f"-{record.issued.value[:4]}" if record.issued and not record.identifiers else ""
        return self._own(f"expression/{record.slug}{year}")

    def _own(self, path: str) -> NamedNode:
        return NamedNode(f"{self.base}id/{path}")

    def _term(self, name: str) -> NamedNode:
        return NamedNode(f"{self.base}ns#{name}")


def located(container: str, volume: str, issue: str) -> str:
    """Where a work stands, in a sentence: the book it is in, volume and issue."""
    parts = [f"{word} {value}" for word, value in (("published in", container), ("volume", volume), ("issue", issue)) if value]
    said = ", ".join(parts)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def pages(value: str) -> str:
    """A range of pages, with a hyphen."""
    return re.sub(r"\s*[-–—]+\s*", "-", value)


def taken(run: Run, shelf: Shelf, rows: Iterable[tuple[int, Row]], reading: Callable[[Row], Record]) -> Iterator[Block]:
    """The blocks of rows (line, row): `reading` makes a record of each, or says why it is refused."""
    for line, row in rows:
        run.take()
        try:
            record = reading(row)
            if not run.wants(record.key, *(notation for _, notation in record.identifiers)):
                run.pass_over()
                continue
            blocks = shelf.place(record, line)
        except Refused as refused:
            run.refuse(line, refused)
            continue
        run.keep()
        yield from blocks


def required_names(record: Record) -> Record:
    """The record, if its names can name IRIs: a title, and names with a letter or digit of ASCII. Raises Refused."""
    values.name("title", record.title)
    for column, name in (("title", record.slug), *(("author", author.name) for author in record.authors),
                         ("journal", record.journal or "a"), ("publisher", record.publisher or "a")):
        if not values.slug(name):
            raise Refused(column, name, "holds no letter or digit of ASCII, which its IRI would be made of")
    return record


def _titled(record: Record) -> Literal:
    return Literal(record.title, language=record.language) if record.language else Literal(record.title)
