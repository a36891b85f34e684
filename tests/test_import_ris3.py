"""The importers ris3 and czech-bodies: the Czech files in full, editions to come, and files that are at fault."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from registers import KNOWN, Said, faults, imported, small_project, streamed
from triplehelix.importers import read_selection
from triplehelix.project import Project

FOLDER = "data/czech-ris3"
CODEBOOK = {"kraje": [{"nazev": "Kraj", "kod_nuts": "CZ064"}, {"nazev": "Jinde", "kod_nuts": "PT16B"}]}
CZECH = KNOWN.partition("<id/organisation")[0] + """
@prefix xkos: <http://rdf-vocabulary.ddialliance.org/xkos#> .
<scheme/nuts2024/CZ064> skos:notation "CZ064" ; skos:inScheme <scheme/nuts2024> .
<scheme/nace2/30> skos:notation "30" ; skos:inScheme <scheme/nace2> ; skos:prefLabel "Výroba vlaků"@cs .
<scheme/nace2/01> skos:notation "01" ; skos:inScheme <scheme/nace2> ; skos:prefLabel "Pole"@cs .
<scheme/nuts2024/PT19B> skos:notation "PT19B" ; skos:inScheme <scheme/nuts2024> .
<id/code-change/pt16b> xkos:sourceConcept <scheme/nuts2021/PT16B> ; xkos:targetConcept <scheme/nuts2024/PT19B> .
<id/organisation/oak-cluster> skos:prefLabel "Dubový klastr"@cs ; th:seat <scheme/nuts2024/CZ064> ;
    adms:identifier <id/identifier/ico-27041867> .
<id/identifier/ico-27041867> skos:notation "27041867" ; th:identifierScheme <scheme/identifier-scheme/ico> .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_project(tmp_path_factory.mktemp("small") / "project")
    (project.root / "data/czech.ttl").write_text(CZECH, encoding="utf-8")
    return project


@pytest.fixture
def folder(tmp_path: Path):
    """Writes a file of the source, with the code book beside it; the path of the file."""
    def write(name: str, document: object) -> Path:
        (tmp_path / "source").mkdir(exist_ok=True)
        (tmp_path / "source/kraje_kodovnik.json").write_text(json.dumps(CODEBOOK), encoding="utf-8")
        path = tmp_path / "source" / name
        text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, indent=1)
        path.write_text(text, encoding="utf-8")
        return path
    return write


def regions(domains: object, region: str = "Kraj", meta: str = "Příloha 2 NRIS3 v09 (MPO, leden 2027)") -> dict:
    return {"meta": {"zdroj": meta}, "kraje": {region: {"domeny": domains, "emerging": []}}}


def body(ico: str = "00216208", name: str = "Univerzita", form: str = "Spolek", region: str = "Kraj", activity: str = "",
         size: str = "Neuvedeno") -> dict:
    return {"ico": ico, "nazev": name, "kraj": region, "pravni_forma": form, "nace_2": activity, "pocet_zamestnancu": size,
            "podpora_po_letech_tis_kc": {"2007": 1.0}}


# --- strategies

@pytest.fixture(scope="module")
def czech(shared: Path, repository: Project, tmp_path_factory: pytest.TempPathFactory) -> Said:
    target = tmp_path_factory.mktemp("czech") / "czech-ris3.ttl"
    return imported(repository, "ris3", shared / FOLDER / "domeny_kraje.json", target)


def test_91_priorities_and_238_links_come_in_and_the_one_unknown_division_is_refused(czech: Said):
    # Division 34 is of the revision before NACE Rev. 2.
    assert (czech.run.rows_in, czech.run.rows_out, czech.run.refusals) == (91 + 238, 91 + 237, {"is no code of nace2": 1})
    assert czech.told == [":466: column cz_nace: '34': is no code of nace2"]


def test_each_of_14_regions_has_a_strategy_and_37_priorities_have_no_division(czech: Said):
    priorities = czech.subjects("id/priority/")
    linked = [czech.of(path).get("th:coversField", set()) for path in priorities]
    assert (len(czech.subjects("id/strategy/")), len(priorities)) == (14, 91)
    assert sum(map(len, linked)) == 237 and sum(not fields for fields in linked) == 37
    assert len(set.union(*linked)) == 53


def test_a_priority_and_its_strategy(czech: Said):
    assert czech.of("id/priority/cz064-aerospace") == {
        "rdf:type": {"th:PriorityArea"}, "skos:prefLabel": {"Aerospace"}, "th:coversField": {"scheme/nace2/30"},
        "th:priorityOf": {"id/strategy/ris3-cz064-2025"}}
    strategy = czech.of("id/strategy/ris3-cz064-2025")
    assert (strategy["th:territory"], strategy["th:validFrom"], strategy["th:documentedIn"]) == (
        {"scheme/nuts2024/CZ064"}, {"2025-12"}, {"id/expression/nris3-annex-2-v08"})


def test_names_that_the_source_has_cut_are_marked_and_not_completed(czech: Said):
    cut = {next(iter(said["skos:prefLabel"])) for path in czech.subjects("id/priority/")
           if "rdfs:comment" in (said := czech.of(path)) and said["rdfs:comment"] == {"The source's text is cut."}}
    assert {name[-21:] for name in cut} == {"ompozitní materiály a", "izace a využití umělé"}


def test_no_description_and_no_emerging_string_is_copied(czech: Said, shared: Path):
    source = json.loads((shared / FOLDER / "domeny_kraje.json").read_text(encoding="utf-8"))["kraje"].values()
    texts = {domain["popis"] for region in source for domain in region["domeny"]}
    texts |= {text for region in source for text in region["emerging"]}
    names = {domain["nazev"] for region in source for domain in region["domeny"]}
    assert not {t.object.value for t in czech.triples} & (texts - names - {""})


def test_the_committed_graphs_are_what_the_importers_make(czech: Said, shared: Path, repository: Project, tmp_path: Path):
    assert czech.data == (repository.root / "data/sources/czech-ris3.ttl").read_bytes()
    for room in ("ontology", "data"):
        shutil.copytree(repository.root / room, tmp_path / room)
    target = tmp_path / "data/sources/czech-bodies.ttl"
    wanted = read_selection(repository.root / "server/triplehelix/importers/selections/czech-bodies.txt")
    said = imported(Project(tmp_path), "czech-bodies", shared / FOLDER / "subjekty_vav.json", target, *wanted)
    assert said.data == (repository.root / "data/sources/czech-bodies.ttl").read_bytes()
    assert (len(wanted), said.run.rows_out, said.run.rows_in) == (302, 302, 8_757)


def test_a_later_edition_and_the_folder_are_taken(small: Project, folder, tmp_path: Path):
    file = folder("domeny_kraje.json", regions([{"nazev": "Pole a", "cz_nace": [1, "30"], "new": 1}, {"nazev": "Les"}]))
    said = imported(small, "ris3", file.parent, tmp_path / "ris3.ttl")
    assert (said.run.rows_in, said.run.rows_out, said.told) == (4, 4, [])
    assert said.of("id/priority/cz064-pole-a")["th:coversField"] == {"scheme/nace2/01", "scheme/nace2/30"}
    assert said.of("id/priority/cz064-pole-a")["rdfs:comment"] == {"The source's text is cut."}
    assert said.of("id/strategy/ris3-cz064-2027")["th:validFrom"] == {"2027-01"}


def test_rows_at_fault_are_refused_with_line_and_value(small: Project, folder, tmp_path: Path):
    file = folder("domeny_kraje.json", {**regions([{"nazev": "Les", "cz_nace": ["30", "34"]}, {"nazev": ""}]), "kraje": {
        "Kraj": {"domeny": [{"nazev": "Les", "cz_nace": ["30", "34"]}, {"nazev": ""}]},
        "Nikde": {"domeny": [{"nazev": "Pole"}]}, "Jinde": {"domeny": [{"nazev": "Moře"}]}}})
    said = imported(small, "ris3", file, tmp_path / "ris3.ttl")
    assert said.told == [
        ":12: column cz_nace: '34': is no code of nace2", ":16: column nazev: '': is empty; a name is needed",
        ":20: column kraje: 'Nikde': is no region of kraje_kodovnik.json",
        ":27: column kraje: 'PT16B': is a code of nuts2021; in nuts2024 it is now PT19B"]
    assert said.run.rows_in == said.run.rows_out + said.run.refusals.total() == 6


@pytest.mark.parametrize(("document", "told"), [
    ("{", ":1: not JSON: Expecting property name enclosed in double quotes at column 2"),
    ("[" * 100_000, ": not taken: its brackets are nested too deeply"),
    ([], ":1: not the file of priority domains: it needs an object 'meta'"),
    ({"meta": {}}, ":1: meta.zdroj says '': it must name the edition and its month, "
                   "as in 'Příloha 2 NRIS3 v08 (MPO, prosinec 2025)'"),
    ({"meta": {"zdroj": "P NRIS3 v1 (MPO, leden 2027)"}}, ":1: not the file of priority domains: it needs an object 'kraje'"),
    (regions("x"), ":6: a region needs a list 'domeny'")])
def test_a_file_that_is_not_the_source_is_not_taken(small: Project, folder, tmp_path: Path, document: object, told: str):
    assert faults(small, "ris3", folder("domeny_kraje.json", document), tmp_path / "ris3.ttl") == [told]


def test_a_file_without_its_code_book_or_in_another_encoding_is_not_taken(small: Project, folder, tmp_path: Path):
    file = folder("domeny_kraje.json", regions([]))
    (file.parent / "kraje_kodovnik.json").unlink()
    assert "kraje_kodovnik.json: cannot be read: No such file or directory" in faults(small, "ris3", file, tmp_path / "x.ttl")[0]
    (file.parent / "kraje_kodovnik.json").write_text("[]")
    assert "not the code book of regions" in faults(small, "ris3", file, tmp_path / "x.ttl")[0]
    file.write_bytes('{\n"meta": "Příloha"}'.encode("cp1250"))
    assert faults(small, "ris3", file, tmp_path / "x.ttl") == [":2: not UTF-8 (byte 0xf8): save the file in that encoding"]


# --- bodies

def test_the_register_in_full(shared: Path, repository: Project):
    run, digest = streamed(repository, "czech-bodies", shared / FOLDER)
    assert (run.rows_in, run.rows_out, run.refusals.total()) == (8_757, 6_493, 2_264)
    assert sorted(run.refusals.values()) == [1, 160, 464, 619, 1_020]
    assert streamed(repository, "czech-bodies", shared / FOLDER)[1] == digest


def test_26_selected_bodies_call_themselves_a_cluster_and_none_is_registered_in_manufacturing(repository: Project):
    text = (repository.root / "data/sources/czech-bodies.ttl").read_text(encoding="utf-8")
    blocks = [block for block in text.split("\n\n") if "klastr" in block.lower() or "cluster" in block.lower()]
    assert sum("a th:ClusterOrganisation" in block for block in blocks) == 23
    assert sum(f"<id/organisation/{slug}>\n" in text for slug in (
        "czech-it-cluster", "moravskoslezsky-automobilovy-klastr", "plastikarsky-klastr")) == 3
    assert "th:servesField" not in text and "th:memberSphere" not in text


def test_what_the_register_says_of_a_body(small: Project, folder, tmp_path: Path):
    rows = [body(form="Vysoká škola", activity="Výroba vlaků", size="1 - 5 zaměstnanců"),
            body("27041867", "Dubový klastr, z.s."), body("29218233", "Jiný klastr", region="")]
    said = imported(small, "czech-bodies", folder("subjekty_vav.json", {"subjekty": rows}), tmp_path / "x.ttl",
                    "00216208", "27041867", "29218233")
    assert said.of("id/organisation/ico-00216208") == {
        "rdf:type": {"org:Organization"}, "skos:prefLabel": {"Univerzita"}, "adms:identifier": {"id/identifier/ico-00216208"},
        "th:seat": {"scheme/nuts2024/CZ064"}, "th:legalForm": {"Vysoká škola"}, "th:activityAsWritten": {"Výroba vlaků"},
        "th:registeredActivity": {"scheme/nace2/30"}, "th:sizeBand": {"1 - 5 zaměstnanců"},
        "th:actorKind": {"scheme/actor-kind/university"}}
    known = said.of("id/organisation/oak-cluster")
    assert "skos:prefLabel" not in known and "th:seat" not in known and known["th:legalForm"] == {"Spolek"}
    assert said.of("id/organisation/ico-29218233")["th:sourceTerm"] == {"klastr"}


def test_parts_persons_and_other_numbers_are_refused(small: Project, folder, tmp_path: Path):
    rows = [body(), body(name="Univerzita / Fakulta"), body(name="Jiná"), body("971035854"), body("00000000"),
            body("29218233", form="Fyz. os. podnikající dle živ. zákona"), body("29218233", form=""),
            body("27483274", region="Nikde")]
    said = imported(small, "czech-bodies", folder("subjekty_vav.json", {"subjekty": rows}), tmp_path / "x.ttl")
    number = "is no IČO: eight digits, the last of them a check digit"
    assert said.told == [
        ":15: column ico: '00216208': is that of the whole body; a part has no identifier of its own",
        ":26: column ico: '00216208': stands in an earlier row with another name",
        f":37: column ico: '971035854': {number}", f":48: column ico: '00000000': {number}",
        ":59: column pravni_forma: 'Fyz. os. podnikající dle živ. zákona': is a natural person, who stays out",
        ":70: column pravni_forma: '': is empty: whether it is a body or a natural person is not known",
        ":81: column kraj: 'Nikde': is no region of kraje_kodovnik.json"]


@pytest.mark.parametrize(("document", "told"), [
    ({}, ":1: not the file of bodies: it needs a list 'subjekty'"),
    ({"subjekty": [body(), {"ico": 1}]},
     ": row 2 of 'subjekty' lacks ico, nazev, kraj, pravni_forma, nace_2, pocet_zamestnancu")])
def test_a_file_that_is_not_the_register_is_not_taken(small: Project, folder, tmp_path: Path, document: dict, told: str):
    assert faults(small, "czech-bodies", folder("subjekty_vav.json", document), tmp_path / "x.ttl") == [told]


def test_a_folder_is_the_same_as_its_file(shared: Path, repository: Project, tmp_path: Path, czech: Said):
    shutil.copytree(shared / FOLDER, tmp_path / "czech-ris3")
    said = imported(repository, "ris3", tmp_path / "czech-ris3", tmp_path / "czech-ris3.ttl")
    assert {t for t in said.triples if "/import-" not in t.subject.value} == {
        t for t in czech.triples if "/import-" not in t.subject.value}
