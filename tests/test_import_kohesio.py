"""The importer kohesio: the beneficiaries of 2023 in full, natural persons left out, and files that are at fault."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from registers import faults, imported, recreated, small_project, streamed
from triplehelix.importers.model import Refused
from triplehelix.importers.persons import PERSON, TRADER, require_body
from triplehelix.project import Project

FILE = "data/kohesio/beneficiaries-2023-01.tsv"
HEADER = "Country\tRegion\tBeneficiary Name\tTotal Budget\tEU Contribution\tNumber of Projects\tTransliterated Name\t\n"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return small_project(tmp_path_factory.mktemp("small") / "project")


@pytest.fixture
def table(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "table.tsv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path
    return write


def row(name: str = "Dubový klastr, z.s.", country: str = "Czechia", region: str = "Zlín Region", total: str = "1.5E3",
        share: str = "900.25", projects: str = "2", latin: str = "") -> str:
    return f"{country}\t{region}\t{name}\t{total}\t{share}\t{projects}\t{latin}\t\n"


def test_the_beneficiaries_of_2023_in_full_within_flat_memory(shared: Path, small: Project):
    tracemalloc.start()
    run, digest = streamed(small, "kohesio", shared / FILE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (run.rows_in, run.rows_out, run.passed_over) == (27_222, 26_275, 0)
    assert run.refusals == {TRADER: 590, PERSON: 357}
    assert peak < 20_000_000
    assert streamed(small, "kohesio", shared / FILE)[1] == digest


def test_the_committed_graph_is_what_the_importer_makes(shared: Path, repository: Project, tmp_path: Path):
    committed, now, said, wanted = recreated(repository.root, "kohesio", shared / FILE, tmp_path)
    assert now == committed
    # Eight bodies in eleven rows: one stands under three counties, another under two regions.
    assert said.subjects("id/organisation/") == {f"id/organisation/{key}" for key in wanted}
    assert (len(wanted), said.run.rows_out, said.run.passed_over) == (8, 11, 27_211)


def test_a_body_in_two_regions(small: Project, table, tmp_path: Path):
    file = table(HEADER + row() + row(region="Prague", total="", share=""))
    said = imported(small, "kohesio", file, tmp_path / "out.ttl", "kohesio-czechia-dubovy-klastr-z-s")
    body = "id/organisation/kohesio-czechia-dubovy-klastr-z-s"
    assert said.of(body) == {
        "rdf:type": {"th:ClusterOrganisation"}, "th:sourceTerm": {"klastr"}, "skos:prefLabel": {"Dubový klastr, z.s."},
        "rdfs:comment": {"The term is the word in its own name."},
        "dcterms:spatial": {"id/area/zlin-region-cz", "id/area/prague"}}
    stem = "id/observation/kohesio-czechia-dubovy-klastr-z-s"
    assert said.subjects("id/observation/") == {
        f"{stem}-zlin-region-budget", f"{stem}-zlin-region-eu-contribution", f"{stem}-zlin-region-projects",
        f"{stem}-prague-projects"}
    assert said.of(f"{stem}-zlin-region-eu-contribution") == {
        "rdf:type": {"http://purl.org/linked-data/cube#Observation"}, "th:observes": {body},
        "rdfs:label": {"EU Contribution of Dubový klastr, z.s., Zlín Region"},
        "th:indicator": {"scheme/indicator/eu-contribution"},
        "th:figure": {"scheme/figure/actual"}, "th:unit": {"scheme/unit/euro"}, "th:period": {"2023-01"}, "th:value": {"900.25"},
        "dcterms:source": {"id/source/kohesio"}}
    assert said.of(f"{stem}-zlin-region-budget")["th:value"] == {"1500"}


def test_names_that_differ_in_case_alone_are_one_body_and_rows_of_one_region_are_counted(small: Project, table, tmp_path: Path):
    said = imported(small, "kohesio", table(HEADER + row("Obec Dub") + row("OBEC DUB")), tmp_path / "out.ttl")
    body = said.of("id/organisation/kohesio-czechia-obec-dub")
    assert (body["skos:prefLabel"], body["skos:altLabel"]) == ({"Obec Dub"}, {"OBEC DUB"})
    assert len(said.subjects("id/observation/kohesio-czechia-obec-dub-zlin-region-2-")) == 3


def test_names_in_other_scripts_and_with_quotation_marks(small: Project, table, tmp_path: Path):
    rows = row('"ДЪБ" ЕООД', "Bulgaria", "Бургас", latin='"DAB" EOOD') + row("ОБЩИНА ДЪБ_x000D_", "Bulgaria", "Варна")
    said = imported(small, "kohesio", table(HEADER + rows), tmp_path / "out.ttl")
    assert said.subjects("id/organisation/") == {"id/organisation/kohesio-bulgaria-dab-eood",
                                                 "id/organisation/kohesio-bulgaria-obshtina-dab"}
    assert said.of("id/organisation/kohesio-bulgaria-dab-eood")["skos:altLabel"] == {'"DAB" EOOD'}
    assert said.of("id/area/burgas-bg")["skos:prefLabel"] == {"Бургас"}


@pytest.mark.parametrize(("name", "country", "rule"), [
    ("Petr Kopuletý", "CZ", PERSON), ("Ing. Martin Kulík", "CZ", PERSON), ("Hajdics Zsolt", "HU", PERSON),
    ("Maja Milković Čubaković", "HR", PERSON), ("Karol Gejdoš Galia", "SK", PERSON), ("BUDIČ PETER", "SI", PERSON),
    ("ROMAN NOVAK", "SI", PERSON), ("Zdravko Mladenov", "BG", PERSON), ("Иван Петров", "BG", PERSON),
    ("BAGARI BERNARDA S.P.", "SI", TRADER), ("ЕТ ИВАН ИВАНОВ - МАЦДИВ", "BG", TRADER), ("OPG IVAN DAMJANIĆ", "HR", TRADER),
    ("Klesarski obrt Zuhdija Velić", "HR", TRADER), ("Foto studio Z, vl. Kristina Kovačević", "HR", TRADER),
    ("Binder Zoltán egyéni vállalkozó", "HU", TRADER), ("G. Sankausko firma", "LT", TRADER),
    ("GRZEGORZ BUGANIK FIRMA PRODUKCYJNA", "PL", TRADER),
])
def test_what_may_be_a_natural_person_is_refused(name: str, country: str, rule: str):
    with pytest.raises(Refused, match=rule.split(":")[0]):
        require_body("Beneficiary Name", name, country)


@pytest.mark.parametrize(("name", "country"), [
    ("CZECH IT CLUSTER, družstvo", "CZ"), ("Vojenské lesy a statky ČR, s.p.", "CZ"), ("Obec Slatina", "CZ"),
    ("Kvarner Health Tourism Cluster", "HR"), ("Obrtnička škola Koprivnica", "HR"), ("Genos d.o.o.", "HR"),
    ("University of Zadar", "HR"), ("FIRMA INSTBUD SPÓŁKA JAWNA", "PL"), ("Gmina Tuchola", "PL"),
    ("MIEJSKI ZAKŁAD ENERGETYKI CIEPLNEJ SP. Z O.O.", "PL"), ("UAB „Navasta“", "LT"), ("ОБЩИНА РУСЕ", "BG"),
    ("Szegedi Tudományegyetem", "HU"), ("Sabiedrība ar ierobežotu atbildību \"Zn metals\"", "LV"), ("ORAS PECICA", "RO"),
])
def test_bodies_are_taken(name: str, country: str):
    require_body("Beneficiary Name", name, country)


@pytest.mark.parametrize(("line", "message"), [
    (row(country="Czechoslovakia"), ":3: column Country: 'Czechoslovakia': is no country by its short English name"),
    (row(total="1,5"), ":3: column Total Budget: '1,5': is not a number with a decimal point"),
    (row(projects="two"), ":3: column Number of Projects: 'two': is not a whole number"),
    (row(region=""), ":3: column Region: '': is empty; a name is needed"),
    (row("Jan Dub"), f":3: column Beneficiary Name: 'Jan Dub': {PERSON}"),
])
def test_a_row_at_fault_is_refused_with_its_place(small: Project, table, tmp_path: Path, line: str, message: str):
    said = imported(small, "kohesio", table(HEADER + row("Obec Dub") + line), tmp_path / "out.ttl")
    assert said.told == [message]
    assert "Jan Dub" not in said.data.decode()


@pytest.mark.parametrize(("content", "message"), [
    (HEADER.replace("\t", ";") + row(), ":1: the columns are parted by a semicolon, not by a tab"),
    (HEADER.replace("Region\t", "") + row(), ":1: the header lacks the column Region; it has: Country, Beneficiary Name, "),
    (HEADER.encode() + row().encode("cp1250"), ":2: not UTF-8 (byte 0x"),
    (HEADER + row().replace("\t\n", "\n"), ":2: the row has 7 cells, the header has 8"),
])
def test_a_file_at_fault_is_not_taken(small: Project, table, tmp_path: Path, content: str | bytes, message: str):
    told, = faults(small, "kohesio", table(content), tmp_path / "out" / "x.ttl")
    assert told.startswith(message)
