"""Benchmark cluster definitions of the U.S. Cluster Mapping Project: categories, how related they are, and who is listed.

Reads related-clusters.json, every pair of the 51 traded categories, and, where it lies beside it, the list of
organisations by category; or the folder of both. The list names associations, universities and firms alike: bodies
listed under a category, not cluster organisations.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix.findings import fault
from triplehelix.importers import values
from triplehelix.importers.json_file import read_json, within
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run, Statement

PAIRS, LIST = "related-clusters.json", "organizations-and-clusters.csv"
LIST_COLUMNS = ["org_id", "org_title", "cluster_name"]
# The pair is related where the 90th percentile says so; the score is the percentile of the combined relatedness.
RELATED, PERCENTILE = "rel_all_90_v3", "cr_all_pc"
PAIR_COLUMNS = ("clustera", "clusterb", "cluster_name", "cluster_name_2", RELATED, PERCENTILE)
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
ADMS = "http://www.w3.org/ns/adms#"
CC_BY = NamedNode("http://creativecommons.org/licenses/by/4.0/")
ORGANIZATION = NamedNode("http://www.w3.org/ns/org#Organization")
ORIGIN = Origin("us-cluster-mapping", "Benchmark clusters and the organisations listed under them",
                "U.S. Cluster Mapping Project",
                "github.com/clustermapping/cmp, data/web/viz/json/relatedClusters.json and "
                "cms/modules/hbs_content/csv/CurrentOrganizationsAndClusters.csv", "None stated for the data.")
VINTAGE = "2014 definition"
UNNUMBERED = Literal("Named by the list of organisations; the table of traded categories does not number it.", language="en")


class Categories:
    """The categories met so far, by name."""

    def __init__(self, run: Run):
        self.run = run
        self.codes: dict[str, str] = {}

    def number(self, column: str, number: str, name: str) -> None:
        """Take the number of a traded category. Raises Refused where it is none or the name has another."""
        if not (number.isascii() and number.isdigit() and int(number) > 0):
            raise Refused(column, number, "is no number of a category")
        if self.codes.setdefault(name, number) != number:
            raise Refused(column, number, f"is not the number of {name}, which is {self.codes[name]}")

    def concept(self, name: str) -> NamedNode:
        """The concept of a category; one without a number is known by the slug of its name."""
        return self.own(f"scheme/bcd/{self.codes.setdefault(name, values.slug(name))}")

    def blocks(self) -> Iterator[Block]:
        """The scheme and its concepts."""
        scheme = self.own("scheme/bcd")
        tops = [(NamedNode(SKOS + "hasTopConcept"), self.concept(name)) for name in sorted(self.codes)]
        yield Block(scheme, [
            (RDF_TYPE, NamedNode(SKOS + "ConceptScheme")),
            (NamedNode(DCTERMS + "title"), Literal("Benchmark cluster categories", language="en")),
            (NamedNode(DCTERMS + "description"), Literal(
                "Categories of the U.S. benchmark cluster definitions. The codes of traded categories are the numbers of the "
                "source; a category that it only names has a code made of its name.", language="en")),
            (NamedNode(DCTERMS + "license"), CC_BY),
            (NamedNode(DCTERMS + "source"), self.own(f"id/source/{ORIGIN.slug}")), *tops])
        for name, code in self.codes.items():
            yield Block(self.concept(name), [
                (RDF_TYPE, NamedNode(SKOS + "Concept")), (NamedNode(SKOS + "prefLabel"), Literal(name, language="en")),
                (NamedNode(SKOS + "notation"), Literal(code)), (NamedNode(SKOS + "inScheme"), scheme),
                (NamedNode(SKOS + "topConceptOf"), scheme),
                *([] if code.isdigit() else [(NamedNode(SKOS + "note"), UNNUMBERED)])])

    def own(self, path: str) -> NamedNode:
        return NamedNode(f"{self.run.lookups.project.base}{path}")

    def term(self, name: str) -> NamedNode:
        return self.own(f"ns#{name}")


def read(path: Path, run: Run) -> Iterator[Block]:
    """The related pairs (the others are passed over), the listed bodies, and the scheme of all categories.

    Raises Faulty where a file is not of the form the source has.
    """
    categories, path = Categories(run), within(path, PAIRS)
    yield from _pairs(path, run, categories)
    if (listed := path.with_name(LIST)).is_file():
        yield from _bodies(listed, run, categories)
    yield from categories.blocks()


def _pairs(path: Path, run: Run, categories: Categories) -> Iterator[Block]:
    document, places = read_json(path)
    if not isinstance(document, list):
        raise fault(path, "not the table of pairs: it needs to be a list", 1)
    for number, pair in enumerate(document, 1):
        missing = [name for name in PAIR_COLUMNS if not isinstance(pair, dict) or name not in pair]
        if missing:
            raise fault(path, f"pair {number} lacks {', '.join(missing)}")
        run.take()
        try:
            block = _relatedness(categories, {name: str(pair[name]) for name in PAIR_COLUMNS})
        except Refused as refused:
            run.refuse(places.line(pair["cluster_name"]), refused)
            continue
        if block:
            run.keep()
            yield block
        else:
            run.pass_over()


def _relatedness(categories: Categories, pair: dict[str, str]) -> Block | None:
    """The relatedness of a flagged pair, in the direction of the row."""
    one, other, name, other_name, flag, percentile = (pair[column] for column in PAIR_COLUMNS)
    categories.number("clustera", one, name)
    categories.number("clusterb", other, other_name)
    if flag not in ("0", "1"):
        raise Refused(RELATED, flag, "is neither 0 nor 1")
    if flag == "0":
        return None
    return Block(categories.own(f"id/relatedness/bcd-{one}-{other}"), [
        (RDF_TYPE, categories.term("Relatedness")),
        (LABEL, Literal(f"Relatedness of {name} and {other_name}", language="en")),
        (categories.term("from"), categories.concept(name)), (categories.term("to"), categories.concept(other_name)),
        (categories.term("score"), _score(percentile)),
        (categories.term("method"), categories.own("scheme/relatedness-method/bcd-rel-all-90")),
        (categories.term("vintage"), Literal(VINTAGE))])


def _score(percentile: str) -> Literal:
    if not (percentile.isascii() and percentile.isdigit() and int(percentile) <= 100):
        raise Refused(PERCENTILE, percentile, "is no percentile")
    return values.decimal(PERCENTILE, f"{int(percentile) / 100:.2f}")


def _bodies(path: Path, run: Run, categories: Categories) -> Iterator[Block]:
    """A row lists a body under a category; the same row comes many times, and says the same each time."""
    for line, cells in _rows(path):
        run.take()
        try:
            blocks = _listing(run, categories, *cells)
        except Refused as refused:
            run.refuse(line, refused)
            continue
        run.keep()
        yield from blocks


def _listing(run: Run, categories: Categories, number: str, title: str, category: str) -> list[Block]:
    if not (number.isascii() and number.isdigit()):
        raise Refused(f"{LIST} org_id", number, "is no number of the list")
    name = values.name(f"{LIST} org_title", title, "en")
    under = (categories.term("listedUnder"), categories.concept(values.name(f"{LIST} cluster_name", category).value))
    if body := run.lookups.identified(ORIGIN.slug, number):
        return [Block(body, [under])]
    identifier = categories.own(f"id/identifier/{ORIGIN.slug}-{number}")
    says: list[Statement] = [(RDF_TYPE, ORGANIZATION), (NamedNode(SKOS + "prefLabel"), name),
                             (NamedNode(ADMS + "identifier"), identifier), under]
    return [Block(categories.own(f"id/organisation/{ORIGIN.slug}-{number}"), says), Block(identifier, [
        (RDF_TYPE, NamedNode(ADMS + "Identifier")),
        (LABEL, Literal(f"U.S. Cluster Mapping number {number} of {name.value}", language="en")),
        (NamedNode(SKOS + "notation"), Literal(number)),
        (categories.term("identifierScheme"), categories.own(f"scheme/identifier-scheme/{ORIGIN.slug}")),
        (categories.term("status"), categories.own("scheme/status/verified"))])]


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of the list, whose lines end in a carriage return alone."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise fault(path, f"not UTF-8 (byte 0x{error.object[error.start]:02x}): save the file in that encoding") from error
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        if next(reader, None) != LIST_COLUMNS:
            raise fault(path, f"the header is not {', '.join(LIST_COLUMNS)}", 1)
        for cells in filter(None, reader):
            if len(cells) != len(LIST_COLUMNS):
                raise fault(path, f"the row has {len(cells)} cells, the header has {len(LIST_COLUMNS)}", reader.line_num)
            yield reader.line_num, cells
    except csv.Error as error:
        raise fault(path, f"not CSV: {error}", reader.line_num) from error


IMPORTER = Importer(
    "bcd", f"pairs of benchmark clusters ({PAIRS}, with {LIST} beside it where there is one)", ORIGIN, read)
