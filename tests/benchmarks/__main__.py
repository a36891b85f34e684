"""`python -m benchmarks`: run all subjects in turn, or some of them, and write what they find into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from benchmarks.bench import ROOT, Bench
from benchmarks.machine import facts
from benchmarks.page import page, subject, subjects
from benchmarks.servers import PEERS

# One module a subject, in the order of the document.
SUBJECTS = ("tables", "building", "server", "dereference", "searching", "crowded")


def main() -> None:
    arguments = _arguments()
    modules = [importlib.import_module(f"benchmarks.{name}") for name in SUBJECTS]
    for name, module in zip(SUBJECTS, modules, strict=True):
        if name in (arguments.only or SUBJECTS):
            found = _found(name, module, arguments)
            print(found)
            _write(arguments.document, {module.TITLE: found}, [each.TITLE for each in modules])


def _found(name: str, module: ModuleType, arguments: argparse.Namespace) -> str:
    """The text of a subject that is measured now."""
    before = facts()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        bench = Bench(Path(folder), arguments.environments.resolve(), arguments.full, lambda text: _say(f"{name}: {text}"),
                      arguments.sizes, arguments.servers)
        return subject(before, module.section(bench))


def _write(document: Path, found: Mapping[str, str], titles: Sequence[str]) -> None:
    """The document with what was found now in its place; the other subjects stay as they were measured last."""
    known = subjects(document.read_text(encoding="utf-8")) if document.is_file() else {}
    known |= found
    document.write_text(page(known[title] for title in titles if title in known), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=SUBJECTS, help="this subject; others stay as they are")
    parser.add_argument("--full", action="store_true", help="repeat the large tables too, and add a graph of 10 million triples")
    parser.add_argument("--sizes", type=_sizes, default=(), help="triples of the graphs for the servers, such as 10000,100000")
    parser.add_argument("--servers", type=_names, default=tuple(PEERS), help="the servers beside ours, such as oxigraph,Fuseki")
    parser.add_argument("--environments", type=Path, default=ROOT / ".venv-bench", help="where the peers are installed")
    parser.add_argument("--document", type=Path, default=ROOT / "docs/benchmarks.md")
    return parser.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size.replace("_", "")) for size in text.split(","))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    if not set(names) <= set(PEERS):
        raise argparse.ArgumentTypeError(f"there are {', '.join(PEERS)}")
    return names


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
