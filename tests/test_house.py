"""The house stays the house: which room may use which, and how large anything may grow (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, environment

PACKAGE = ROOT / "server" / "triplehelix"
FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(), str(path)) for path in FILES}

DOORS = {"cli", "__main__"}
VERBS = {"ask", "build", "check", "documents", "export", "importers", "matching", "turtle", "web"}
# A verb may use another only here: what is built was checked, what is imported is written canonically, what is exported is
# what the server answers.
BETWEEN_VERBS = {("build", "check"), ("documents", "build"), ("export", "web"), ("importers", "check"), ("importers", "turtle"),
                 ("matching", "turtle")}
AUTHORING = {"build", "check", "documents", "importers", "matching", "shacl", "turtle"}
# Who may import which library; what is not listed is free.
LIBRARIES = {
    "rdflib": AUTHORING, "pyshacl": AUTHORING, "SPARQLWrapper": {"engine", "importers"},
    "flask": {"web"}, "werkzeug": {"web"}, "jinja2": {"web"}, "granian": {"web"}, "click": {"cli"}, "rich": {"cli"},
    "rapidfuzz": {"matching"}, "openpyxl": {"importers"}, "yaml": {"importers"}, "bibtexparser": {"importers"},
    "pyarrow": {"parquet"}, "xlsxwriter": {"web"},
}
SPARQL = re.compile(r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE|INSERT|DELETE)\b[^{]*\{")
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTATORS = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def room(path: Path) -> str:
    """The module, or the folder of modules, right under the package."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(module, name) of every import, wherever it stands; the name is "" for `import module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute, so that they can be read"
            yield from ((node.module or "", alias.name) for alias in node.names)


def rooms_used(tree: ast.AST) -> set[str]:
    """The rooms of the package that a file imports."""
    known = {room(path) for path in FILES}
    found = set()
    for module, name in imported(tree):
        parts = [*module.split("."), name]
        if parts[0] == "triplehelix" and parts[1] in known:
            found.add(parts[1])
    return found


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    return function.end_lineno - function.lineno + 1


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """The strings that are no docstrings."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return (node for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said)


# --- the arrows: cli -> {check, build, importers, turtle, web ...} -> {project, engine, store, formats ...} -> libraries

@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_room_uses_only_rooms_below(path: Path):
    mine, used = room(path), rooms_used(TREES[path]) - {room(path)}
    if mine in DOORS:
        assert mine == "cli" or used == {"cli"}
    elif mine in VERBS:
        assert {(mine, verb) for verb in used & (VERBS | DOORS)} <= BETWEEN_VERBS
    else:
        assert not used & (VERBS | DOORS)
    # Documents are made for a request, and for a release; neither of the two rooms knows the other.
    assert "description" not in used or mine in {"build", "export", "web"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_library_is_used_only_in_its_rooms(path: Path):
    used = {module.split(".")[0] for module, _ in imported(TREES[path])}
    assert {library for library in used if room(path) not in LIBRARIES.get(library, {room(path)})} == set()


def test_the_store_is_opened_behind_one_door():
    holders = {room(path) for path, tree in TREES.items() if ("pyoxigraph", "Store") in imported(tree)
               or any(isinstance(node, ast.Attribute) and node.attr == "Store" and isinstance(node.value, ast.Name)
                      and node.value.id in ("pyoxigraph", "ox") for node in ast.walk(tree))}
    assert "store" in holders and holders <= {"store", "engine"}


@pytest.mark.parametrize("module", ["triplehelix.web", "triplehelix.web.server", "triplehelix.engine", "triplehelix.ask"])
def test_serving_loads_nothing_of_authoring(module: str):
    code = f"import sys, {module}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    loaded = {name for name in result.stdout.split() if "." not in name} | {
        name.split(".")[1] for name in result.stdout.split() if name.startswith("triplehelix.")}
    assert not loaded & {"rdflib", "pyshacl", "check", "build", "importers", "turtle", "shacl"}


def test_building_loads_nothing_of_serving():
    code = "import sys, triplehelix.build; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in result.stdout.split()} & {"flask", "werkzeug", "jinja2", "granian"}
    assert "triplehelix.web" not in result.stdout.split()


def test_the_command_starts_without_the_libraries_of_its_verbs():
    code = "import sys, triplehelix.cli; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert not set(result.stdout.split()) & {"rdflib", "pyshacl", "flask", "pyoxigraph", "granian"}


# --- the budget

@pytest.mark.parametrize("path", [*FILES, *sorted((ROOT / "tests").glob("*.py"))], ids=lambda path: path.name)
def test_a_file_has_at_most_400_lines(path: Path):
    assert len(path.read_text().splitlines()) <= 400


def test_no_function_has_more_than_80_lines():
    assert [place(path, f) for path, tree in TREES.items() for f in functions(tree) if length(f) > 80] == []


def test_half_of_the_functions_have_at_most_12_lines():
    assert statistics.median(length(f) for tree in TREES.values() for f in functions(tree)) <= 12


def test_one_place_catches_everything():
    found = {path.relative_to(PACKAGE).as_posix() for path, tree in TREES.items() for node in ast.walk(tree)
             if isinstance(node, ast.ExceptHandler) and (node.type is None or {"Exception", "BaseException"} & {
                 name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)})}
    assert found <= {"web/errors.py"}


def test_no_sparql_stands_in_python():
    assert [place(path, node) for path, tree in TREES.items() for node in literals(tree) if SPARQL.search(node.value)] == []


def test_no_module_keeps_state():
    assert [where for path, tree in TREES.items() for where in _state(path, tree)] == []


def _state(path: Path, tree: ast.Module) -> Iterator[str]:
    """Places where a module-level name is rebound or changed by a function, and functions that remember their answers."""
    own = {name.id for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign)
           for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    for function in functions(tree):
        local = {name.id for name in ast.walk(function) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
        local |= {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
        yield from (place(path, node) for node in ast.walk(function) if _changes(node, own - local))
    for function in (node for node in tree.body if isinstance(node, Function)):
        if any("cache" in ast.unparse(decorator) for decorator in function.decorator_list):
            yield place(path, function)


def _changes(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Global):
        return True
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return isinstance(node.value, ast.Name) and node.value.id in names
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS
            and isinstance(node.func.value, ast.Name) and node.func.value.id in names)


def test_no_default_argument_can_be_changed():
    assert [place(path, f) for path, tree in TREES.items() for f in functions(tree)
            for value in (*f.args.defaults, *f.args.kw_defaults) if isinstance(value, MUTABLE)] == []


def test_every_module_says_what_it_is_for():
    assert [path.name for path, tree in TREES.items() if not ast.get_docstring(tree)] == []


# --- the rooms

def test_only_the_rooms_of_the_design_stand_at_the_top():
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - {"dist", "build"}
    assert rooms <= {"ontology", "data", "shapes", "server", "queries", "tests", "docs"}


@pytest.mark.parametrize("room", ["ontology", "data", "shapes"])
def test_a_room_holds_one_type_of_file(room: str):
    assert {path.suffix for path in (ROOT / room).rglob("*") if path.is_file()} == {".ttl"}


def test_every_room_of_queries_holds_queries_only():
    assert {path.suffix for path in (ROOT / "queries").rglob("*") if path.is_file()} == {".rq"}


def test_each_module_of_shapes_guards_a_module_of_the_ontology():
    guarded = {path.stem for path in (ROOT / "ontology").glob("*.ttl")} | {"ontology", "dataset", "registry"}
    assert {path.stem for path in (ROOT / "shapes").glob("*.ttl")} <= guarded


def test_names_of_files_are_plain():
    plain = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(ttl|rq)")
    rooms = ("ontology", "data", "shapes", "queries")
    assert [p.name for room in rooms for p in (ROOT / room).rglob("*.*") if p.is_file() and not plain.fullmatch(p.name)] == []
