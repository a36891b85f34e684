"""A person's way in: the template, and the walk of docs/add-data.md, command by command."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from pathlib import Path

import openpyxl
import pytest

from conftest import ROOT, triplehelix
from registers import small_project
from triplehelix.findings import Faulty
from triplehelix.importers import mapping, template
from triplehelix.importers.columns import Compiler
from triplehelix.importers.lookups import Lookups
from triplehelix.importers.model import Run
from triplehelix.project import Project

GUIDE = (ROOT / "docs/add-data.md").read_text(encoding="utf-8")
GRAPH = """@base <https://w3id.org/triplehelix/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix th: <https://w3id.org/triplehelix/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
<scheme/nuts2024> a skos:ConceptScheme .
<scheme/nuts2024/CZ063> a th:NutsRegion ; skos:notation "CZ063" ; skos:inScheme <scheme/nuts2024> ; skos:prefLabel "Vysočina"@cs .
<scheme/nuts2024/CZ064> a th:NutsRegion ; skos:notation "CZ064" ; skos:inScheme <scheme/nuts2024> ; skos:prefLabel "Jižní"@cs .
<scheme/nace2> a skos:ConceptScheme .
<scheme/nace2/16> a skos:Concept ; skos:notation "16" ; skos:inScheme <scheme/nace2> ; skos:prefLabel "Wood"@en, "Holz"@de .
<scheme/nace2/31> a skos:Concept ; skos:notation "31" ; skos:inScheme <scheme/nace2> ; skos:prefLabel "Furniture"@en .
"""


@pytest.fixture
def home(tmp_path: Path) -> Project:
    """The project's ontology, shapes and checks, with a few codes."""
    project = small_project(tmp_path / "home")
    (project.root / "data/known.ttl").write_text(GRAPH, encoding="utf-8")
    for room in ("shapes", "queries"):
        shutil.copytree(ROOT / room, project.root / room, dirs_exist_ok=True)
    return project


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def run(home: Project, command: str) -> str:
    name, *arguments = shlex.split(command)
    assert name == "triplehelix"
    done = triplehelix(*arguments, folder=home.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_guide_walks_from_an_empty_sheet_to_a_graph(home: Project):
    (new, ), (check, ), (import_, again) = (block.splitlines() for block in blocks("sh"))
    run(home, new)
    sheet = home.root / "organisations.csv"
    offered = sheet.read_text(encoding="utf-8").splitlines()[0].split(",")
    filled, = blocks("csv")
    assert set(filled.splitlines()[0].split(",")) <= set(offered)
    sheet.write_text(filled, encoding="utf-8")
    assert run(home, check) == "conforms: no finding\n"
    assert not (home.root / "data/sources").exists()
    assert run(home, import_).endswith("2 rows in, 2 taken, 0 refused\n")
    text = (home.root / "data/sources/sheet.ttl").read_text(encoding="utf-8")
    assert "<id/organisation/oak-cluster>\n    a th:ClusterOrganisation ;" in text and "<id/source/own-sheet>" in text
    assert text.count("a th:MemberCount") == 4
    assert run(home, again) == "conforms: no finding\n"


def test_a_fault_is_told_with_row_and_column_before_anything_is_written(home: Project):
    sheet = home.root / "organisations.csv"
    filled, = blocks("csv")
    sheet.write_text(filled.replace("CZ063,,,about", "FRX,,,about"), encoding="utf-8")
    done = triplehelix("check", "organisations.csv", folder=home.root)
    assert (done.returncode, done.stderr) == (1, "organisations.csv:3: column seat: 'FRX': is no code of nuts2024\n")
    assert "`organisations.csv:3: column seat: 'FRX': is no code of nuts2024`" in GUIDE
    assert not (home.root / "data/sources").exists()


def test_the_map_of_the_guide_is_a_map(home: Project, tmp_path: Path):
    path = tmp_path / "our-register.yaml"
    path.write_text(blocks("yaml")[0], encoding="utf-8")
    compiler = Compiler(mapping.load(path), Run(tmp_path / "table.csv", Lookups(home)))
    assert len(compiler.columns()) == 3 and len(compiler.constants()) == 2


def test_the_guide_names_every_type_of_column():
    first = [line.split("|")[1] for line in GUIDE.splitlines() if line.startswith("| `")]
    assert set(mapping.TYPES) <= {word for cell in first for word in re.findall(r"`([\w-]+)`", cell)}


# --- the template

def test_the_header_is_that_of_the_shape(repository: Project):
    shaped = template.ordered(repository, mapping.load(Path("sheet")))
    names = [name for name, _ in shaped]
    assert names[:10] == ["id", "called", "name", "initiated by", "activities", "serves the field", "serves the area", "seat",
                          "homepage", "identifiers"] and names[-1] == "members as of"
    text = (repository.root / "shapes/actors.ttl").read_text() + (repository.root / "shapes/core.ttl").read_text()
    assert all(f'sh:name "{name}"@en' in text for name in names[1:10])


def test_a_csv_has_header_and_one_example_row(repository: Project, tmp_path: Path):
    path = template.new(repository, "organisation", tmp_path / "new.csv")
    header, example = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert len(header) == len(example) == len(set(header)) and example[0] == "example-cluster" and all(example)


def test_a_workbook_has_the_allowed_codes_on_a_second_sheet(home: Project, tmp_path: Path):
    book = openpyxl.load_workbook(template.new(home, "organisation", tmp_path / "new.xlsx"))
    assert book.sheetnames == ["Data", "Codes"]
    header, example = book["Data"].iter_rows(values_only=True)
    assert len(header) == len(example) and example[0] == "example-cluster"
    codes = list(book["Codes"].iter_rows(values_only=True))
    assert codes[0] == ("column", "code", "meaning") and ("serves the field", "16", "Wood") in codes
    assert {row[1] for row in codes if row[0] == "initiated by"} == {"mixed", "private", "public"}


@pytest.mark.parametrize(("kind", "name", "told"), [
    ("cluster", "new.csv", "cluster: there is no template of that name; there are: organisation"),
    ("organisation", "new.txt", "a template is a .csv or a .xlsx file"),
    ("organisation", "old.csv", "is there already: it may hold your work; give another name")])
def test_a_template_that_cannot_be_made(repository: Project, tmp_path: Path, kind: str, name: str, told: str):
    (tmp_path / "old.csv").touch()
    with pytest.raises(Faulty, match=re.escape(told)):
        template.new(repository, kind, tmp_path / name)
