"""The importer of NUTS: both editions of Eurostat's workbook, what became of each code, and tables of one edition."""

from collections import Counter
from pathlib import Path

import pytest
from openpyxl import Workbook
from rdflib import RDF, RDFS, Literal, URIRef
from rdflib.namespace import DCTERMS, SKOS

from classification_graphs import Written, iri, refused, told_of, written
from triplehelix.importers.lookups import Lookups
from triplehelix.importers.nuts_changes import MERGED, PARTS, SPLIT
from triplehelix.project import Project

NUTS, STATISTICAL = iri("ns#NutsRegion"), iri("ns#StatisticalRegion")
FILE = "data/classifications/NUTS2021-NUTS2024.xlsx"
GISCO = "NUTS_ID,LEVL_CODE,CNTR_CODE,NAME_LATN,NUTS_NAME\n"


@pytest.fixture(scope="session")
def nuts(repository: Project, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    return written(repository, "nuts", shared / FILE, tmp_path_factory.mktemp("nuts"))


def of(graph: Written, scheme: str, kind: URIRef) -> Counter[int]:
    """How many regions of a class each level has."""
    return Counter(len(code) - 2 for code, region in graph.codes(scheme).items() if (region, RDF.type, kind) in graph.graph)


def changes(graph: Written) -> dict[str, tuple[str, list[str], list[str]]]:
    """Change to kind, older codes and newer codes."""
    def codes(change: URIRef, end: str) -> list[str]:
        there = graph.graph.objects(change, URIRef(f"http://rdf-vocabulary.ddialliance.org/xkos#{end}Concept"))
        return sorted(str(graph.graph.value(concept, SKOS.notation)) for concept in there)
    return {change.rpartition("-")[2]: (graph.graph.value(change, iri("ns#kind")).rpartition("/")[2],
                                        codes(change, "source"), codes(change, "target"))
            for change in graph.graph.subjects(RDF.type, iri("ns#CodeChange"))}


def test_the_edition_of_2024_has_its_regions(nuts: Written):
    assert of(nuts, "nuts2024", NUTS) == {0: 27, 1: 119, 2: 271, 3: 1192}
    assert of(nuts, "nuts2024", STATISTICAL) == {0: 12, 1: 43, 2: 94, 3: 329}
    assert 119 + 271 + 1192 == 1582 and 43 + 94 + 329 == 466


def test_the_edition_of_2021_comes_from_the_sheets_of_changes(nuts: Written):
    assert of(nuts, "nuts2021", NUTS).total() == 1608 and of(nuts, "nuts2021", STATISTICAL).total() == 268 + 9


def test_every_row_is_accounted_for(nuts: Written):
    assert (nuts.run.rows_in, nuts.run.rows_out, nuts.told) == (1582 + 466 + 1647 + 469 + 325 + 1165, 5654, [])


def test_a_region_lies_in_the_one_above_and_is_matched_in_the_newest_edition_only(nuts: Written):
    assert nuts.value("scheme/nuts2024/CZ080", SKOS.broader) == iri("scheme/nuts2024/CZ08")
    assert nuts.value("scheme/nuts2024/CZ0", SKOS.broader) == iri("scheme/nuts2024/CZ")
    assert nuts.value("scheme/nuts2024/CZ", SKOS.topConceptOf) == iri("scheme/nuts2024")
    assert nuts.value("scheme/nuts2024/CZ080", SKOS.exactMatch) == URIRef("http://data.europa.eu/nuts/code/CZ080")
    older = set(nuts.graph.objects(iri("scheme/nuts2021/CZ080"), SKOS.exactMatch))
    assert older == {iri("scheme/nuts2024/CZ080")}


@pytest.mark.parametrize(("code", "name"), [
    ("CZ080", Literal("Moravskoslezský kraj", lang="cs")), ("NO081", Literal("Oslo", lang="nb")),
    ("NO", Literal("Norway", lang="en")), ("ES513", Literal("Lleida", lang="ca")), ("BE336", Literal(
        "Bezirk Verviers — Deutschsprachige Gemeinschaft", lang="de")), ("FI200", Literal("Åland", lang="sv")),
    ("ES521", Literal("Alicante/Alacant", lang="mul")), ("AT126", Literal("Wiener Umland/Nordteil", lang="de")),
    ("BA02", Literal("Republika Srpska", lang="und")), ("IE051", Literal("Mid-West", lang="en"))])
def test_names_have_their_language_where_it_is_certain(nuts: Written, code: str, name: Literal):
    assert nuts.value(f"scheme/nuts2024/{code}", SKOS.prefLabel) == name


def test_names_in_other_letters_have_one_in_latin_letters(nuts: Written):
    assert nuts.value("scheme/nuts2024/BG311", SKOS.altLabel) == Literal("Vidin", lang="bg-latn")


def test_small_regions_have_their_types(nuts: Written):
    types = set(nuts.graph.objects(iri("scheme/nuts2024/BE211"), iri("ns#regionType")))
    assert types == {iri(f"scheme/region-type/{kind}") for kind in ("urban", "coastal", "metropolitan-other", "border-internal")}


def test_a_renamed_region_keeps_its_former_name_in_the_older_edition(nuts: Written):
    assert nuts.value("scheme/nuts2021/ITF65", SKOS.prefLabel) == Literal("Reggio di Calabria", lang="it")
    assert nuts.value("scheme/nuts2024/ITF65", SKOS.prefLabel) == Literal("Reggio Calabria", lang="it")


@pytest.mark.parametrize(("code", "kind", "old", "new"), [
    ("NL332", "recode", ["NL332"], ["NL361"]), ("HU333", "rename", ["HU333"], ["HU333"]),
    ("FI193", "boundary", ["FI193"], ["FI198"]), ("ITH5", "boundary", ["ITH5"], ["ITH5"]),
    ("PT16", "boundary", ["PT16"], ["PT19", "PT1D"]), ("PT17", "split", ["PT17"], ["PT1A", "PT1B"]),
    ("NO082", "split", ["NO082"], ["NO083", "NO084", "NO085"]), ("LV007", "merge", ["LV006", "LV007"], ["LV00A"]),
    ("DEG0N", "merge", ["DEG0N", "DEG0P"], ["DEG0R"])])
def test_changes_are_of_the_kind_that_the_workbook_says(nuts: Written, code: str, kind: str, old: list[str], new: list[str]):
    assert changes(nuts)[code] == (kind, old, new)


def test_all_changes_are_told(nuts: Written):
    kinds = Counter(kind for kind, _, _ in changes(nuts).values())
    assert kinds == {"boundary": 34 + 6, "recode": 16, "rename": 4 + 3, "split": 2 + 3, "merge": 2}


def test_every_older_code_leads_to_the_newest_edition(nuts: Written):
    newest = set(nuts.codes("nuts2024").values())
    lost = [code for code, region in nuts.codes("nuts2021").items()
            if not newest & set(nuts.graph.objects(region, SKOS.exactMatch | DCTERMS.isReplacedBy))]
    assert lost == []


def test_a_changed_region_is_replaced_and_not_the_same(nuts: Written):
    assert nuts.value("scheme/nuts2021/DEG04", DCTERMS.isReplacedBy) == iri("scheme/nuts2024/DEG0S")
    assert nuts.value("scheme/nuts2021/DEG04", SKOS.exactMatch) is None
    assert nuts.value("id/code-change/nuts2021-DEG04", RDFS.label) == Literal("NUTS 2021 DEG04 to NUTS 2024 DEG0S", lang="en")


def test_the_same_file_gives_the_committed_graph(nuts: Written, repository: Project):
    assert nuts.path.read_bytes() == (repository.root / "data/sources/nuts.ttl").read_bytes()


def test_look_ups_find_codes_and_what_replaced_them(repository: Project):
    lookups = Lookups(repository)
    assert lookups.code("nuts2024", "CZ080").value == iri("scheme/nuts2024/CZ080").toPython()
    assert lookups.code("nuts2024", "PT16") is None
    assert lookups.successors("nuts2021", "PT16") == ["PT19", "PT1D"]
    assert lookups.successors("nuts2021", "LV007") == ["LV00A"]
    assert lookups.code("nuts2016", "UKN10").value == iri("scheme/nuts2016/UKN10").toPython()


def test_a_selection_takes_regions_with_those_above_them(repository: Project, shared: Path, tmp_path: Path):
    graph = written(repository, "nuts", shared / FILE, tmp_path, frozenset({"PT1D1", "PT16B", "CZ080"}))
    assert set(graph.codes("nuts2024")) == {"CZ", "CZ0", "CZ08", "CZ080", "PT", "PT1", "PT1D", "PT1D1"}
    assert changes(graph) == {"PT16": ("boundary", ["PT16"], ["PT1D"]), "PT16B": ("recode", ["PT16B"], ["PT1D1"])}
    assert graph.run.rows_in == graph.run.rows_out + graph.run.passed_over


def test_explanations_are_read_as_they_are_worded():
    assert MERGED.findall("Here (16056000, ex-AA0N) merged into ex-AA0P and more") == [("AA0N", "AA0P")]
    assert MERGED.findall("Menterwolde (1987, ex-AA111) merged to Midden") == []
    assert SPLIT.findall("AA1A0 + AA1B0 = ex-AA170, recalculated") == [("AA1A0 + AA1B0", "AA170")]
    assert PARTS.findall("New (AA1D Oeste) created out of parts of ex-AA16 and ex-AA18") == [("AA1D", "ex-AA16 and ex-AA18")]


# --- tables of one edition

def workbook(path: Path, rows: list[tuple], header: tuple = ("Country code", "NUTS Code", "NUTS label", "NUTS level")) -> Path:
    book = Workbook()
    book.active.title = "NUTS2024"
    for row in (header, *rows):
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_of_one_edition_is_taken(repository: Project, tmp_path: Path):
    rows = [("SE", "SE1", "Östra Sverige", 1), ("SE", "SE11", "Stockholm", 2), ("SE", "SE110", "Stockholms län", 3)]
    graph = written(repository, "nuts", workbook(tmp_path / "new.xlsx", rows), tmp_path)
    assert set(graph.codes("nuts2024")) == {"SE", "SE1", "SE11", "SE110"} and not graph.codes("nuts2021")


def test_the_attributes_of_gisco_are_taken(repository: Project, tmp_path: Path):
    file = tmp_path / "NUTS_AT_2021.csv"
    file.write_text(f"{GISCO}EL,0,EL,Elláda,Ελλάδα\nEL302,3,EL,Dytikos,Δυτικός\nEL3,1,EL,Attiki,Αττική\nEL30,2,EL,Attiki,Αττική\n")
    graph = written(repository, "nuts", file, tmp_path)
    assert set(graph.codes("nuts2021")) == {"EL", "EL3", "EL30", "EL302"}
    assert graph.value("scheme/nuts2021/EL", SKOS.prefLabel) == Literal("Greece", lang="en")
    assert graph.value("scheme/nuts2021/EL302", SKOS.altLabel) == Literal("Dytikos", lang="el-latn")


def test_a_list_in_yaml_is_taken(repository: Project, tmp_path: Path):
    file = tmp_path / "NUTSUK-2018.yaml"
    entries = [("NO", "NO0", "Norge", 1), ("UK", "UKN", "Northern Ireland", 1), ("UK", "UKN0", "Northern Ireland", 2),
               ("UK", "UKN10", "Derry City and Strabane", 3)]
    file.write_text("".join(f"- Country code: {country}\n  NUTS Code: {code}\n  NUTS label: {name}\n  NUTS level: {level}\n"
                            for country, code, name, level in entries))
    graph = written(repository, "nuts", file, tmp_path)
    assert set(graph.codes("nuts2016")) == {"NO", "NO0", "UK", "UKN", "UKN0", "UKN10"}
    assert graph.value("scheme/nuts2016/UKN10", SKOS.broader) == iri("scheme/nuts2016/UKN0")


# --- bad input

@pytest.mark.parametrize(("row", "told"), [
    ("XYZ9999,3,XY,a,a",
     "column NUTS_ID: 'XYZ9999': is no code of a region: two capital letters and up to three letters or digits"),
    ("SE11,3,SE,a,a", "column LEVL_CODE: '3': is not the level of a code of 4 characters"),
    ("SE11,2,NO,a,a", "column CNTR_CODE: 'NO': is not the country of the code SE11"),
    ("SE1,1,SE,a,a", "column NUTS_ID: 'SE1': stands in an earlier row already"),
    ("SE11,2,SE,,", "column NUTS_NAME: '': is empty; a name is needed")])
def test_a_row_at_fault_is_refused_with_its_place(repository: Project, tmp_path: Path, row: str, told: str):
    file = tmp_path / "NUTS_AT_2024.csv"
    file.write_text(f"{GISCO}SE1,1,SE,Östra,Östra\n{row}\n")
    graph = written(repository, "nuts", file, tmp_path)
    assert told_of(graph, file) == [f"NUTS_AT_2024.csv:3: {told}"] and graph.run.rows_in == graph.run.rows_out + 1


@pytest.mark.parametrize(("name", "text", "told"), [
    ("NUTS_AT.csv", f"{GISCO}SE1,1,SE,a,a\n",
     "NUTS_AT.csv: the name of the file says no edition: give it one, as in NUTS_AT_2024.csv"),
    ("N2024.csv", f"{GISCO}SE11,2,SE,a,a\n", "N2024.csv: the code SE11 stands below SE1, which the file does not have"),
    ("N2024.csv", f"{GISCO}QQ1,1,QQ,a,a\n", "N2024.csv: QQ is the code of no country that has regions"),
    ("N2024.csv", GISCO.replace(",", ";"), "N2024.csv:1: the columns are parted by a semicolon, not by a comma"),
    ("N2024.yaml", "- Country code: SE\n", "N2024.yaml:1: the entry lacks NUTS Code, NUTS level, NUTS label"),
    ("N2024.xlsx", "no workbook", "N2024.xlsx: not a workbook (.xlsx): File is not a zip file")])
def test_a_file_that_is_not_what_it_should_be_is_not_taken(repository: Project, tmp_path: Path, name: str, text: str, told: str):
    (tmp_path / name).write_text(text)
    assert refused(repository, "nuts", tmp_path / name, tmp_path) == told


def test_a_moved_header_is_told(repository: Project, tmp_path: Path):
    file = workbook(tmp_path / "moved.xlsx", [("SE", "SE1", "a", 1)], ("Country code", "Code", "NUTS label", "NUTS level"))
    assert refused(repository, "nuts", file, tmp_path).startswith("moved.xlsx:1: the header lacks the column NUTS Code; it has: ")
