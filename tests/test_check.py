"""Checking: each bad input has one clear finding with file and line, and leaves every file as it was."""

import json
import subprocess
from pathlib import Path

import pytest

from conftest import hashes, triplehelix
from triplehelix import check
from triplehelix.findings import Faulty, Finding
from triplehelix.project import Project

LIGHTS = "data/lights.ttl"
LIGHT = '<id/lighthouse/new>\n    a sea:Lighthouse ;\n    skos:prefLabel "New Light"@en ;\n'
HARBOUR = '<id/harbour/new>\n    a sea:Harbour ;\n    skos:prefLabel "New Harbour"@en ;\n'

HEADER = "#+ title: t\n#+ description: d\n#+ example: none\n"

# name, what is appended to data/lights.ttl, the line of the fault in it, words of the message
BAD = [
    ("syntax error", LIGHT + "    sea:height\n.\n", 5, "not a valid"),
    ("unknown prefix", LIGHT + "    ship:height 1 ;\n.\n", 4, "the prefix ship: is not declared"),
    ("dangling reference", LIGHT + "    skos:broader <id/harbour/gone> ;\n.\n", 4, "which nothing describes"),
    ("wrong datatype", LIGHT + '    sea:height "tall" ;\n.\n', 4, "The height is a number of metres."),
    ("value outside its datatype", LIGHT + '    dcterms:modified "2020-13-40"^^xsd:date ;\n.\n', 4, "2020-13-40"),
    ("year that is none", LIGHT + '    dcterms:modified "19x"^^xsd:gYear ;\n.\n', 4, "19x"),
    ("month that is none", LIGHT + '    dcterms:modified "2003-13"^^xsd:gYearMonth ;\n.\n', 4, "2003-13"),
    ("number that is none", LIGHT + '    sea:height "1_000"^^xsd:integer ;\n.\n', 4, "1_000"),
    ("unknown region code", HARBOUR + "    sea:region <scheme/region/9> ;\n.\n", 4, "scheme/region/9"),
    ("non-canonical literal", LIGHT + "    sea:height 41.50 ;\n.\n", 4, "41.5"),
    ("blank node as value", LIGHT + "    sea:guards [] ;\n.\n", 4, "blank node"),
    ("blank node as subject", "[]\n    rdf:value 1 ;\n.\n", 1, "blank node"),
    ("blank node with a name", "_:b\n    rdf:value 1 ;\n.\n", 1, "blank node"),
    ("unknown term", LIGHT + "    sea:width 1 ;\n.\n", 4, "uses <https://example.org/mini/ns#width>"),
    ("unknown class", "<id/x>\n    a sea:Boat ;\n.\n", 2, "uses <https://example.org/mini/ns#Boat>"),
    ("missing property", "<id/lighthouse/new>\n    a sea:Lighthouse ;\n.\n", 1, "A lighthouse has a name."),
    ("triple term", LIGHT + "    dcterms:relation <<( <id/a> <id/b> <id/c> )>> ;\n.\n", 4, "RDF 1.2"),
    ("text direction", LIGHT + '    dcterms:title "x"@en--ltr ;\n.\n', 4, "RDF 1.2"),
    ("control character", LIGHT + '    dcterms:title "a\\u0001b" ;\n.\n', 4, "character"),
]


def append(project: Project, name: str, data: str | bytes) -> int:
    """Add to a file of the draft; the number of lines it had."""
    path = project.root / name
    before = path.read_bytes()
    path.write_bytes(before + (data.encode() if isinstance(data, str) else data))
    return before.count(b"\n")


def findings(project: Project) -> list[Finding]:
    try:
        return check.check(Project(project.root))[1]
    except Faulty as error:
        return error.findings


def told(result: subprocess.CompletedProcess[str]) -> list[dict]:
    """The findings of a run with --format json, which ended with status 1 and said nothing else."""
    assert (result.returncode, result.stderr) == (1, "")
    return json.loads(result.stdout)


def test_the_miniature_conforms(mini: Project):
    assert findings(mini) == []


@pytest.mark.parametrize(("text", "line", "words"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_input_has_one_finding_with_file_and_line(draft: Project, text: str, line: int, words: str):
    head = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    lines = append(draft, LIGHTS, head + text) + 1
    before = hashes(draft.root)
    found, = told(triplehelix("check", "--project", draft.root, "--format", "json"))
    assert (found["path"], found["line"]) == (LIGHTS, lines + line)
    assert words in found["message"]
    assert hashes(draft.root) == before


def test_a_file_that_is_not_utf8_has_one_finding(draft: Project):
    lines = append(draft, LIGHTS, '<id/x>\n    dcterms:title "été" ;\n.\n'.encode("latin-1"))
    before = hashes(draft.root)
    found, = told(triplehelix("check", "--project", draft.root, "--format", "json"))
    assert (found["path"], found["line"]) == (LIGHTS, lines + 2)
    assert "UTF-8" in found["message"] and hashes(draft.root) == before


def test_an_empty_folder_is_no_project(tmp_path: Path):
    found, = told(triplehelix("check", tmp_path, "--format", "json"))
    assert (found["path"], found["line"]) == (str(tmp_path), 0)
    assert "not a project" in found["message"]


def test_a_project_without_data_has_one_finding(draft: Project):
    for path in (draft.root / "data").rglob("*.ttl"):
        path.unlink()
    found, = findings(draft)
    assert found.path == str(draft.root / "data") and "nothing to check" in found.message


def test_a_path_that_is_not_there_is_said_to_be_missing(tmp_path: Path):
    found, = told(triplehelix("check", tmp_path / "gone.ttl", "--format", "json"))
    assert "no such file" in found["message"]


def test_an_unverified_graph_is_judged_by_the_shapes_too(draft: Project):
    lines = append(draft, "data/unverified/rumours.ttl", "<id/lighthouse/new>\n    a sea:Lighthouse ;\n.\n")
    found, = findings(draft)
    assert (found.path, found.line) == ("data/unverified/rumours.ttl", lines + 1)


def test_what_two_files_say_of_one_thing_is_judged_together(draft: Project):
    append(draft, "data/harbours.ttl", '<id/lighthouse/cape>\n    sea:height 42 ;\n.\n')
    found, = findings(draft)
    assert found.message == "The height is a number of metres." and found.focus == "<id/lighthouse/cape>"


def test_a_finding_points_to_the_file_that_holds_the_value(draft: Project):
    lines = append(draft, "data/harbours.ttl", "<id/lighthouse/cape>\n    sea:guards <id/lighthouse/rock> ;\n.\n")
    found, = findings(draft)
    assert (found.path, found.line) == ("data/harbours.ttl", lines + 2)


@pytest.mark.parametrize(("room", "text", "words"), [
    ("", "SELECT ?x WHERE {", "header lacks"),
    ("", HEADER + "#+ parameter: x what\nSELECT ?x WHERE { VALUES ?x { <not iri> } }", "default of x"),
    ("", HEADER + "SELECT ?x WHERE {", "expected"),
    ("checks", "SELECT ?focus WHERE {", "expected"),
    ("checks", "SELECT ?x WHERE { ?x ?y ?z }", "?focus"),
    ("rules", "CONSTRUCT {", "expected"),
], ids=["no header", "default", "public", "check", "no focus", "rule"])
def test_a_faulty_query_is_a_finding_with_its_file(draft: Project, room: str, text: str, words: str):
    path = draft.root / "queries" / room / "new.rq"
    path.write_text(text)
    found, = findings(draft)
    assert found.path == path.relative_to(draft.root).as_posix()
    assert words in found.message


@pytest.mark.parametrize(("old", "new"), [
    ("sh:minCount 1 ;", 'sh:minCount "x" ;'), ('"^https://example.org/mini/id/"', '"(("'), ("sh:path sea:height", "sh:path 7"),
], ids=["count", "pattern", "path"])
def test_a_malformed_shape_is_a_finding(draft: Project, old: str, new: str):
    path = draft.root / "shapes/sea.ttl"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    found = findings(draft)
    assert found and all(f.path.startswith("shapes") for f in found)


def test_a_fault_within_brackets_has_the_line_and_no_random_name(draft: Project):
    path = draft.root / "shapes/sea.ttl"
    path.write_text(path.read_text().replace("sh:order 3", "sh:order 3.50"))
    first, = findings(draft)
    assert [first] == findings(draft)
    assert first.line > 0


def test_every_unreadable_file_is_told_at_once(draft: Project):
    append(draft, LIGHTS, "<a> ")
    append(draft, "shapes/sea.ttl", "<a> ")
    assert [f.path for f in findings(draft)] == [LIGHTS, "shapes/sea.ttl"]


@pytest.fixture
def visitor(tmp_path: Path) -> Path:
    """A Turtle file of somebody else, who uses the miniature's terms."""
    path = tmp_path / "mine.ttl"
    path.write_text("@prefix sea: <https://example.org/mini/ns#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
                    "<https://elsewhere.example/light>\n    a sea:Lighthouse ;\n    skos:prefLabel \"Light\"@en .\n")
    return path


def test_a_strangers_file_is_judged_by_the_shapes(mini: Project, visitor: Path):
    result = triplehelix("check", visitor, "--project", mini.root)
    assert (result.returncode, result.stdout) == (1, "")
    assert "A lighthouse has an IRI of ours." in result.stderr


def test_a_strangers_file_is_judged_beside_the_data(mini: Project, visitor: Path):
    text = visitor.read_text().replace("elsewhere.example/light", "example.org/mini/id/lighthouse/mine")
    visitor.write_text(text)
    result = triplehelix("check", visitor, "--project", mini.root)
    assert (result.returncode, result.stderr, result.stdout) == (0, "", "conforms: no finding\n")
    visitor.write_text(text.replace('"Light"@en .', '"Light"@en ;\n    sea:guards <https://example.org/mini/id/nowhere> .'))
    found, = told(triplehelix("check", visitor, "--project", mini.root, "--format", "json"))
    assert (found["path"], found["line"]) == (str(visitor), 6)


def test_only_the_strangers_file_is_reported(draft: Project, visitor: Path):
    append(draft, LIGHTS, "<id/x>\n    a sea:Boat ;\n.\n")
    found = check.check_file(Project(draft.root), visitor)
    assert {f.path for f in found} == {str(visitor)}


@pytest.mark.parametrize("name", ["data/lights.ttl", "data/unverified/rumours.ttl", "shapes/sea.ttl", "ontology/sea.ttl"])
def test_a_file_of_the_project_checked_alone_conforms(mini: Project, name: str):
    assert check.check_file(mini, mini.root / name) == []


def test_text_is_one_line_a_finding_on_standard_error(draft: Project):
    lines = append(draft, LIGHTS, "<id/x>\n    a sea:Boat ;\n.\n")
    result = triplehelix("check", "--project", draft.root)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"{LIGHTS}:{lines + 2}: <id/x>: uses <https://example.org/mini/ns#Boat>, which the ontology does " \
                            "not declare\n"


def test_github_gets_a_workflow_command_on_standard_output(draft: Project):
    lines = append(draft, LIGHTS, "<id/x>\n    a sea:Boat ;\n.\n")
    result = triplehelix("check", "--project", draft.root, "--format", "github")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith(f"::error file={LIGHTS},line={lines + 2}::<id/x> uses ")


def test_json_of_nothing_wrong_is_an_empty_list(mini: Project):
    result = triplehelix("check", "--project", mini.root, "--format", "json")
    assert (result.returncode, json.loads(result.stdout)) == (0, [])


def test_a_profile_is_judged_only_where_it_is_asked_for(draft: Project):
    folder = draft.root / "shapes/profiles"
    folder.mkdir()
    (folder / "tall.ttl").write_text("""@base <https://example.org/mini/> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix sea: <ns#> .
<shape/profiles/tall#Light> a sh:NodeShape ; sh:deactivated true ; sh:targetSubjectsOf sea:height ;
  sh:property <shape/profiles/tall#h> .
<shape/profiles/tall#h> a sh:PropertyShape ; sh:path sea:height ; sh:minInclusive 1000 ; sh:message "A tall light is wanted." .
""")
    assert check.check(draft)[1] == []
    assert {f.message.partition(" (")[0] for f in check.check(draft, profile="tall")[1]} == {"A tall light is wanted."}


def test_an_unknown_profile_is_told_with_those_there_are(draft: Project):
    with pytest.raises(Faulty, match="there is no profile wide; there are: none"):
        check.check(draft, profile="wide")
