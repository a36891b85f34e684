"""The documents tell the truth: commands run, links lead somewhere, verbs are told of, generated pages are up to date."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from conftest import ROOT, require, served
from triplehelix import __version__, documents, queries
from triplehelix.check import check
from triplehelix.cli import main
from triplehelix.project import Project
from triplehelix.releases import read_manifest

WRITTEN_FOR = "http://127.0.0.1:8000/"
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/page.md"]
NUMBERS = {"P": (1, 13), "C": (1, 46), "E": (0, 6), "R": (1, 16), "O": (1, 34), "N": (1, 27), "V": (1, 4), "U": (1, 4),
           "T": (1, 12), "B": (1, 18), "M": (1, 31), "S": (1, 17)}
PARTS = {"R03": "abcde", "R04": "abcd", "R10": "ab"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    return re.search(rf"^## {heading}[^\n]*\n(.*?)(?=^## |\Z)", text(name), re.MULTILINE | re.DOTALL)[1]


def blocks(words: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", words, re.MULTILINE | re.DOTALL)


# The generated page

@pytest.fixture(scope="module")
def listed() -> dict[str, str]:
    """Number to line of docs/page.md."""
    rows = re.findall(r"^(\| ([A-Z]\d+[a-z]?) \|.*)$", text("docs/page.md"), re.MULTILINE)
    assert len(rows) == len({number for _, number in rows}), "a number stands twice"
    return {number: row for row, number in rows}


def test_page_is_what_the_data_say(repository: Project) -> None:
    assert text("docs/page.md") == documents.page_items(repository), "run triplehelix docs"


def test_page_lists_every_number_of_the_inventory(listed: dict[str, str]) -> None:
    expected = {f"{letter}{n:02}" for letter, (first, last) in NUMBERS.items() for n in range(first, last + 1)}
    assert len(expected) == 229
    assert {number for number in listed if number[-1].isdigit()} == expected


def test_page_lists_the_lettered_parts(listed: dict[str, str]) -> None:
    for whole, letters in PARTS.items():
        assert [n for n in listed if n.startswith(whole) and n != whole] == [whole + letter for letter in letters]


def test_every_item_of_the_page_has_kind_label_line_and_iri(listed: dict[str, str]) -> None:
    row = re.compile(r"\| \S+ \| [a-z ]+ \| .+ \| \d+(?:(?:-|, )\d+)* \| `https://w3id\.org/triplehelix/id/[a-z0-9/-]+` \|")
    assert [number for number, line in listed.items() if not row.fullmatch(line)] == []


def test_docs_are_written_only_where_they_differ(repository: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("page_items", "data_graphs", "_questions"):  # made once: the project stays as it is
        monkeypatch.setattr(documents, name, cache(getattr(documents, name)))
    made = [tmp_path / name for name in (documents.PAGE, documents.DATA, documents.QUESTIONS)]
    assert documents.write(repository, tmp_path, check=True) == made
    assert not any(path.exists() for path in made)
    assert documents.write(repository, tmp_path) == made
    assert documents.write(repository, tmp_path) == []


@pytest.fixture
def copied(repository: Project, tmp_path: Path) -> Project:
    """A copy of the four folders that a test may change."""
    for room in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(repository.root / room, tmp_path / room)
    return Project(tmp_path)


def test_markup_in_a_label_is_escaped(copied: Project) -> None:
    path = copied.root / "data/page/concepts.ttl"
    path.write_text(path.read_text().replace('"Mention of labour rotation"', '"a | b *c* <d>\\n[e]"'))
    assert r"| a \| b \*c\* \<d\> \[e\] |" in documents.page_items(copied)


# What the documents promise

def test_readme_starts_with_two_commands_and_nothing_before_them() -> None:
    assert blocks(text("README.md"), "sh")[0] == "make serve\nmake test\n"
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    told = {word for name in DOCUMENTS for words in re.findall(r"`make ([a-z ]+)", text(name)) for word in words.split()}
    assert {"serve", "test"} <= told <= targets


@pytest.mark.parametrize("verb", sorted(main.commands))
def test_every_verb_and_option_is_told_of(verb: str) -> None:
    row = re.search(rf"^\| `triplehelix {verb}\b.*$", text("docs/architecture.md"), re.MULTILINE)
    assert row, f"docs/architecture.md has no row for {verb}"
    options = {name for parameter in main.commands[verb].params if isinstance(parameter, click.Option) for name in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", row[0])) == options


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files(name: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(name))
    assert [t for t in targets if "://" not in t and not ((ROOT / name).parent / t).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_in_the_text_exist(name: str) -> None:
    """A path as code that begins with a folder of the project; places to be filled in (<slug>, *) and examples are not meant."""
    named = re.findall(r"`((?:ontology|data|shapes|queries|server|tests|docs|build|engine|web|\.ci)/[\w./-]*)`", text(name))
    homes = (ROOT, ROOT / "server/triplehelix")
    optional = {"data/candidates/", "data/clusters/wood-valley.ttl"}
    assert [path for path in named if path not in optional and not any((home / path).exists() for home in homes)] == []


def test_changelog_and_citation_have_the_version() -> None:
    assert re.search(rf"^## .*\b{re.escape(__version__)}\b", text("CHANGELOG.md"), re.MULTILINE)
    assert re.search(rf"^version: {re.escape(__version__)}$", text("CITATION.cff"), re.MULTILINE)


def test_changelog_tells_data_and_software_apart() -> None:
    for release in re.split(r"^## ", text("CHANGELOG.md"), flags=re.MULTILINE)[1:]:
        assert re.findall(r"^### (.*)$", release, re.MULTILINE) == ["Data & ontology", "Software"]


def test_licences_are_whole() -> None:
    assert "END OF TERMS AND CONDITIONS" in text("LICENSE")
    assert "Triple Helix contributors" in text("LICENSE")
    assert "Section 8 -- Interpretation." in text("LICENSE-DATA")
    assert "https://creativecommons.org/licenses/by/4.0/" in text("LICENSE-DATA")


# What the documents show

def test_the_cluster_and_the_panel_of_contributing_pass_the_check(copied: Project) -> None:
    [cluster], (_, panel) = blocks(text("CONTRIBUTING.md"), "turtle"), blocks(text("CONTRIBUTING.md"), "sparql")
    for name, example in {"data/clusters/wood-valley.ttl": cluster, "queries/panels/example.rq": panel}.items():
        (copied.root / name).parent.mkdir(exist_ok=True)
        (copied.root / name).write_text(example, encoding="utf-8")
    assert [str(finding) for finding in check(copied)[1]] == []


def test_the_query_of_contributing_has_a_good_header() -> None:
    example, _ = blocks(text("CONTRIBUTING.md"), "sparql")
    query = queries.read_text("example", example)
    assert [parameter.name for parameter in query.parameters] == ["field"]
    name, _, value = query.example.partition("=")
    assert f"<{value}>" in query.bound({name: value})


def test_plain_pip_lines_are_those_of_make() -> None:
    [lines] = blocks(section("README.md", "Without make"), "sh")
    make = text("Makefile")
    for words in ("--require-hashes -r requirements.lock", "--no-deps --no-build-isolation"):
        assert words in lines, words
        assert words in make, words
    verbs = re.findall(r"bin/triplehelix ([a-z]+) ", lines)
    assert verbs == ["build", "serve"]
    for line in re.findall(r"bin/triplehelix (.*)", lines):
        verb, *words = line.split()
        main.commands[verb].make_context(verb, words, parent=click.Context(main, **main.context_settings))


# The commands of the README, on a served release

@pytest.fixture(scope="module")
def base(release: Path) -> Iterator[str]:
    """The base of a release that is served meanwhile."""
    with served(release) as base:
        yield base


@pytest.fixture(scope="module")
def commands(base: str) -> list[str]:
    """The three commands of the section Ask, sent to the server of the tests."""
    found = blocks(section("README.md", "Ask"), "sh")
    assert len(found) == 3
    assert all(WRITTEN_FOR in command for command in found)
    return [command.replace(WRITTEN_FOR, base) for command in found]


def shell(command: str, folder: Path) -> str:
    require("curl")
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_readme_query(commands: list[str], tmp_path: Path) -> None:
    head, *rows = shell(commands[0], tmp_path).splitlines()
    assert head == "body,name,calledByItsSource"
    assert any("/id/organisation/aerospace-valley,Aerospace Valley,pôle de compétitivité" in row for row in rows)


def test_readme_dereference(commands: list[str], base: str, tmp_path: Path) -> None:
    answer = shell(commands[1], tmp_path)
    topic = NamedNode(base + "id/organisation/aerospace-valley")
    said = [quad for quad in parse(answer, format=RdfFormat.TURTLE, base_iri=base) if quad.subject == topic]
    assert "Aerospace Valley" in {getattr(quad.object, "value", "") for quad in said}


def test_readme_download(commands: list[str], release: Path, tmp_path: Path) -> None:
    shell(commands[2], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"dataset.nt.gz", "tables.zip"}
    triples = gzip.decompress((tmp_path / "dataset.nt.gz").read_bytes()).splitlines()
    assert len(triples) == read_manifest(release).counts["triples"]
    with zipfile.ZipFile(tmp_path / "tables.zip") as tables:
        assert tables.testzip() is None and any(name.endswith(".csv") for name in tables.namelist())
