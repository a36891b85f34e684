"""The command: every verb explains itself, ends with the right status, and says nothing needless when piped."""

import contextlib
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from conftest import COMMAND, environment, free_port, hashes, served, triplehelix
from triplehelix import __version__
from triplehelix.cli import main
from triplehelix.engine import Limits
from triplehelix.engine.limits import figures
from triplehelix.project import Project
from triplehelix.releases import read_manifest

VERBS = sorted(main.commands)
LIGHTS = "data/lights.ttl"


def loosen(draft: Project) -> None:
    """One file of the draft in a layout that is not canonical."""
    path = draft.root / LIGHTS
    path.write_text(path.read_text() + "\n")


def test_the_verbs_are_those_of_the_design():
    assert {"fmt", "check", "build", "serve", "query"} <= set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_verb_explains_itself_and_each_of_its_options(verb: str, option: str):
    result = CliRunner().invoke(main, [verb, option])
    assert result.exit_code == 0
    assert re.match(rf"Usage: \S+ {verb} .*\n\n  [A-Z]", result.output)
    assert all(parameter.help for parameter in main.commands[verb].params if parameter.param_type_name == "option")


def test_the_command_lists_its_verbs():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0 and all(re.search(rf"^  {verb} ", result.output, re.MULTILINE) for verb in VERBS)


def test_the_version_is_the_package_s():
    result = triplehelix("--version")
    assert (result.returncode, result.stdout) == (0, f"triplehelix, version {__version__}\n")


@pytest.mark.parametrize("arguments", [["no-such-verb"], ["check", "--no-such-option"], ["check", "--format", "xml"], ["build"]])
def test_a_wrong_use_ends_with_status_2(arguments: list[str]):
    result = triplehelix(*arguments)
    assert result.returncode == 2 and "Usage" in result.stderr and "Traceback" not in result.stderr


def test_the_verbs_print_their_result_and_nothing_else_when_piped(draft: Project, tmp_path: Path):
    releases = tmp_path / "releases"
    check, fmt, build = (triplehelix(*verb, "--project", draft.root) for verb in (["check"], ["fmt"], ["build", releases]))
    assert (check.returncode, check.stdout, check.stderr) == (0, "conforms: no finding\n", "")
    assert (fmt.returncode, fmt.stdout, fmt.stderr) == (0, "", "")
    version = (releases / "current").readlink()
    assert (build.returncode, build.stdout, build.stderr) == (0, f"{releases / version} is the current release\n", "")


def test_fmt_writes_and_names_the_file(draft: Project):
    loosen(draft)
    result = triplehelix("fmt", "--project", draft.root)
    assert (result.returncode, result.stdout) == (0, f"{LIGHTS}: written\n")
    assert triplehelix("fmt", "--check", "--project", draft.root).returncode == 0


def test_fmt_check_names_the_file_and_ends_with_status_1(draft: Project):
    loosen(draft)
    before = hashes(draft.root)
    result = triplehelix("fmt", "--check", "--project", draft.root)
    assert (result.returncode, result.stdout) == (1, f"{LIGHTS}: not canonical; run triplehelix fmt\n")
    assert hashes(draft.root) == before


def test_fmt_of_one_file_leaves_the_others(draft: Project):
    loosen(draft)
    assert triplehelix("fmt", draft.root / "data/harbours.ttl", "--project", draft.root).stdout == ""
    assert triplehelix("fmt", draft.root / LIGHTS, "--project", draft.root).stdout.endswith(f"{LIGHTS}: written\n")


@pytest.mark.parametrize("verb", ["fmt", "check"])
@pytest.mark.parametrize("name", ["gone.ttl", "data"])
def test_a_path_that_is_no_file_is_one_line_and_status_1(draft: Project, verb: str, name: str):
    result = triplehelix(verb, draft.root / name, "--project", draft.root)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1 and str(draft.root / name) in result.stderr


@pytest.mark.parametrize("verb", [["fmt"], ["check"], ["build", "releases"]])
def test_a_fault_of_the_input_is_one_line_and_status_1(draft: Project, tmp_path: Path, verb: list[str]):
    path = draft.root / LIGHTS
    path.write_text(path.read_text() + "<id/x> a ship:Ship .\n")
    before = hashes(draft.root)
    result = triplehelix(*verb, "--project", draft.root, folder=tmp_path)
    line = len(path.read_text().splitlines())
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (f"{LIGHTS}:{line}: the prefix ship: is not declared; "
                             "add: @prefix ship: <...> . at the top of the file\n")
    assert hashes(draft.root) == before


@pytest.mark.parametrize("verb", [["fmt"], ["check"], ["build", "releases"]])
def test_a_folder_that_is_no_project_is_one_line_and_status_1(tmp_path: Path, verb: list[str]):
    result = triplehelix(*verb, "--project", tmp_path / "nothing", folder=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1 and list(tmp_path.iterdir()) == []


def test_the_project_is_found_from_the_working_folder(mini: Project):
    assert triplehelix("check", folder=mini.root / "data/unverified").stdout == "conforms: no finding\n"


def test_a_build_without_permission_is_one_line_and_status_1(mini: Project, tmp_path: Path):
    (tmp_path / "file").write_text("")
    result = triplehelix("build", tmp_path / "file", "--project", mini.root)
    assert (result.returncode, result.stdout) == (1, "")
    line, = result.stderr.splitlines()
    assert line.startswith(f"{tmp_path / 'file'}: cannot be written: File exists")


def port(release: Path) -> int:
    return urlsplit(read_manifest(release).base).port


def refusal(releases: Path, at: int, *options: str) -> str:
    """The one line with which serving ends at once, with status 1."""
    result = triplehelix("serve", releases, "--port", at, *options)
    assert (result.returncode, result.stdout) == (1, "")
    line, = result.stderr.splitlines()
    return line


def test_serving_a_folder_without_a_release_is_refused(tmp_path: Path):
    assert "no current release" in refusal(tmp_path, 8000)


def test_serving_at_a_port_in_use_is_refused(mini_release: Path):
    with socket.create_server(("127.0.0.1", port(mini_release))):
        assert f"port {port(mini_release)} is in use" in refusal(mini_release.parent, port(mini_release))


def test_serving_at_another_port_than_the_base_s_is_refused(mini_release: Path):
    assert read_manifest(mini_release).base in refusal(mini_release.parent, free_port())


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1])],
                         ids=["missing", "shorter"])
def test_serving_a_release_that_is_not_whole_is_refused(mini_release: Path, tmp_path: Path, spoil):
    releases = Path(shutil.copytree(mini_release.parent, tmp_path / "releases", symlinks=True))
    path = releases / mini_release.name / "dumps/graph/lights.nt"
    spoil(path)
    assert refusal(releases, port(mini_release)).startswith(f"{path}: ")


@pytest.mark.parametrize(("options", "told"), [
    (["--limit", "second=5"], "the limits are seconds, memory_bytes"), (["--limit", "rows=0"], "rows is a whole number from 1"),
    (["--limit", "rows=5", "--limit", "queue"], "queue is a whole number"),
    (["--service", "x.example"], "not the address of an endpoint"),
    (["--trusted-proxy", "x.example"], "neither an address nor a network")])
def test_serving_with_a_setting_that_cannot_be_is_refused(mini_release: Path, options: list[str], told: str):
    line = refusal(mini_release.parent, port(mini_release), *options)
    assert line.startswith(f"{options[-1]}: ") and told in line


def test_the_limits_that_can_be_set_are_listed_with_their_values():
    words = " ".join(CliRunner().invoke(main, ["serve", "--help"]).output.split())
    assert all(f"{figure.name} {figure.meaning.words} [default: {figure.value}]" in words for figure in figures(Limits()))


def test_serving_answers_from_the_release_and_writes_nothing_in_it(mini_release: Path):
    before = hashes(mini_release)
    with served(mini_release) as base, urllib.request.urlopen(base + "dumps/dataset.nt", timeout=30) as answer:
        assert answer.read() == (mini_release / "dumps/dataset.nt").read_bytes()
    assert hashes(mini_release) == before


def test_a_named_query_answers_with_its_default(mini_release: Path):
    result = triplehelix("query", "lights-of-a-harbour", "--releases", mini_release.parent)
    assert (result.returncode, result.stderr) == (0, "")
    assert [line.rpartition("/")[2] for line in result.stdout.splitlines()[1:]] == ["cape,41.5"]


def test_a_named_query_takes_a_value(mini_release: Path):
    result = triplehelix("query", "places-of-a-region", "code=1.10", "--releases", mini_release.parent, "--format", "tsv")
    assert result.returncode == 0
    assert [line.rpartition("/")[2] for line in result.stdout.splitlines()[1:]] == ["north>"]


@pytest.mark.parametrize("arguments", [["no-such-query"], ["lights-of-a-harbour", "port=x"], ["lights-of-a-harbour", "harbour=<"],
                                       ["lights-of-a-harbour", "--format", "pdf"], ["gone.rq"]])
def test_a_query_that_cannot_be_asked_is_one_line_and_status_1(mini_release: Path, arguments: list[str]):
    result = triplehelix("query", *arguments, "--releases", mini_release.parent)
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_serve_without_a_folder_builds_into_the_cache_once_and_serves(draft: Project, tmp_path: Path):
    port, made = free_port(), []
    for _ in range(2):
        with running(draft.root, port, tmp_path) as url, urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.status == 200
        made.append(hashes(next((tmp_path / "triplehelix").iterdir()) / "current"))
    assert made[0] == made[1], "what is there is served as it is"
    loosen_a_name(draft)
    with running(draft.root, port, tmp_path) as url, urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
    assert len(list(next((tmp_path / "triplehelix").iterdir()).glob("2*"))) == 2


def loosen_a_name(draft: Project) -> None:
    """One name in the draft's data is another."""
    path = draft.root / LIGHTS
    text = path.read_text()
    path.write_text(re.sub(r'(prefLabel ")', r"\1New ", text, count=1))


@contextlib.contextmanager
def running(folder: Path, port: int, cache: Path) -> Iterator[str]:
    """`triplehelix serve` in a project, without a folder of releases, until it answers."""
    command = [*COMMAND, "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=environment(XDG_CACHE_HOME=str(cache)), stdout=subprocess.PIPE, text=True)
    try:
        assert "Serving release" in process.stdout.readline()
        for _ in range(100):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.communicate(timeout=20)
