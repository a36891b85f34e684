"""An order over values of every kind: the engine's own sort ends its process on some, ours never."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from triplehelix.engine import Dataset, Limits, Query, start_room
from triplehelix.engine.reading import read

IRI, SEED = "http://127.0.0.1:8000/", 7
NAIVE = "import sys; from pyoxigraph import Store; list(Store.read_only(sys.argv[1]).query(sys.argv[2]))"
SELECT = "SELECT ?v { ?s ?p ?v } ORDER BY ?v"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Numbers, and texts that begin with digits, between which the engine compares in circles."""
    draw, path = random.Random(SEED), str(tmp_path_factory.mktemp("orders") / "store")
    values = [*(Literal(draw.randrange(10**draw.randrange(1, 9))) for _ in range(1_000)),
              *(Literal(f"{draw.randrange(10**draw.randrange(1, 9))}a") for _ in range(1_000)),
              *(NamedNode(f"{IRI}{number}") for number in range(9))]
    draw.shuffle(values)
    writer = Store(path)
    writer.bulk_extend(Quad(NamedNode(f"{IRI}s{at}"), NamedNode(f"{IRI}p"), value) for at, value in enumerate(values))
    writer.flush()
    return Dataset(path, len(values))


def test_the_engine_itself_gives_up(dataset: Dataset):
    ended = subprocess.run([sys.executable, "-c", NAIVE, dataset.store, SELECT], capture_output=True, text=True, check=False)
    assert ended.returncode and "total order" in ended.stderr, "mended there: what engine/determined.py does for it may go"


@pytest.mark.parametrize("text", [
    SELECT, "SELECT ?v { ?s ?p ?v } ORDER BY DESC(?v)", "SELECT ?s ?v { ?s ?p ?v } ORDER BY ?v ?s LIMIT 2000",
    "SELECT ?v { { SELECT ?v { ?s ?p ?v } ORDER BY ASC(?v) LIMIT 2000 } }", "SELECT ?v { ?s ?p ?v } GROUP BY ?v ORDER BY (?v)",
])
@pytest.mark.parametrize("memory_triples", [0, 10_000])
def test_every_order_is_answered(dataset: Dataset, tmp_path: Path, text: str, memory_triples: int):
    limits = Limits(memory_triples=memory_triples)
    with start_room(tmp_path / "room", limits, dataset) as room:
        rows = room.execute(Query(text, IRI, "csv"), dataset, limits).body.decode().split()[1:]
    assert len(rows) > 1_500
    if "SELECT ?v" in text and "DESC" not in text:
        numbers = [int(row) for row in rows if row.isdigit()]
        assert numbers == sorted(numbers) and rows[-len(numbers):] == [str(number) for number in numbers]


def test_an_order_costs_nothing_where_there_is_none():
    text = "SELECT ?v { ?s ?p ?v }"
    assert read(Query(text, IRI, "csv"), Dataset("", 1), Limits()).text == text
