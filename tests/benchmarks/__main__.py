"""`python -m benchmarks`: run all subjects in turn and write docs/benchmarks.md, or print what one of them finds."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from benchmarks.bench import ROOT, Bench
from benchmarks.machine import facts
from benchmarks.page import page
from benchmarks.servers import PEERS

# One module a subject, in the order of the document.
SUBJECTS = ("tables", "building", "server", "dereference")


def main() -> None:
    arguments = _arguments()
    before = facts()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        sections = []
        for name in arguments.only or SUBJECTS:
            room = Path(folder) / name
            room.mkdir()
            bench = Bench(room, arguments.environments.resolve(), arguments.full, lambda text, name=name: _say(f"{name}: {text}"),
                          arguments.sizes, arguments.servers)
            sections.append(importlib.import_module(f"benchmarks.{name}").section(bench))
    text = page(before, sections)
    print(text)
    if not arguments.only:
        arguments.document.write_text(text, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=SUBJECTS, help="this subject alone; the document is left as it is")
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
