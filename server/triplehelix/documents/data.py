"""The document on the data: source, licence, date and counts of each named graph, as Markdown (docs/data.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from triplehelix import queries, sources, store
from triplehelix.documents.markdown import number, plain, table
from triplehelix.findings import fault
from triplehelix.project import Project

DATA_GRAPHS, VOCABULARY_GRAPHS = Path("queries/pages/data-graphs.rq"), Path("queries/pages/vocabulary-graphs.rq")
NOT_IN_REACH = Path("docs/_not-in-reach.md")
ROWS = {"rowsIn": "rows in", "rowsOut": "taken", "rowsRefused": "refused", "rowsPassedOver": "passed over"}
APART = "unverified/", "candidates/"

Cells = Mapping[str, str]


def data_graphs(project: Project) -> str:
    """The named graphs of the project as Markdown: all in one table, the imported tables, and one section a graph.

    What was looked for and is not among them follows from docs/_not-in-reach.md, where the project has it.
    Raises Faulty where a query is missing or the data cannot be read.
    """
    held = store.memory(quad for graph in _graphs(project) for quad in graph.quads)
    query, graphs = _asked(project, held, DATA_GRAPHS)
    about, vocabulary = _asked(project, held, VOCABULARY_GRAPHS)
    modules = ((f"`{row['graph']}`", row["title"], number(row["triples"])) for row in vocabulary)
    grouped = [list(rows) for _, rows in groupby(graphs, key=itemgetter("graph"))]
    firsts = [rows[0] for rows in grouped]
    missing = project.root / NOT_IN_REACH
    lines = [f"# {query.title}", "", query.description, "",
             f"Made by `triplehelix docs` from `{DATA_GRAPHS.as_posix()}`; edit the data, not this file.", "",
             *_overview(firsts), "", *_imports(firsts), "",
             *(line for rows in grouped for line in (*_section(rows), "")),
             f"## {about.title}", "", about.description, "",
             *table(("graph", "what it is", "triples"), modules)]
    return "\n".join([*lines, "", missing.read_text(encoding="utf-8") if missing.is_file() else ""])


def _graphs(project: Project) -> list[sources.Graph]:
    return sources.read(project, [source for source in project.sources if source.part in ("dataset", "apart")])


def _asked(project: Project, held: store.Store, name: Path) -> tuple[queries.Query, list[Cells]]:
    """A query and its rows as text that is safe in Markdown, with graphs named as below graph/."""
    path = project.root / name
    if not path.is_file():
        raise fault(path, "missing: the document on the data is the answer of this query")
    query = queries.read(path)
    rows = [{key: plain(term.value.removeprefix(f"{project.base}graph/")) for key, term in row.items()}
            for row in store.rows(held, query.text, project.base)]
    return query, rows


def _overview(graphs: list[Cells]) -> Iterator[str]:
    apart = [graph for graph in graphs if graph["graph"].startswith(APART)]
    yield (f"{len(graphs)} graphs hold {number(sum(int(graph['triples']) for graph in graphs))} triples, each graph counted "
           f"for itself. {len(apart)} of them, below `unverified/` and `candidates/`, are published by name and enter neither "
           "the default graph nor any other count.")
    yield ""
    rows = ((f"`{g['graph']}`", g["title"], _source(g), g["date"], number(g["triples"])) for g in graphs)
    yield from table(("graph", "what it holds", "source", "had on", "triples"), rows)


def _imports(graphs: list[Cells]) -> Iterator[str]:
    yield from ("## Tables that were imported", "", "Each row of a table was taken, refused with its reason, or passed over "
                "because a selection left it out.", "")
    imported = [graph for graph in graphs if "rowsIn" in graph]
    rows = ((f"`{g['graph']}`", g["file"], *(number(g[name]) for name in ROWS)) for g in imported)
    yield from table(("graph", "file", *ROWS.values()), rows)


def _section(rows: list[Cells]) -> Iterator[str]:
    """One graph; its rows are its classes, largest first, and the reasons for which rows were refused."""
    graph = rows[0]
    things = dict.fromkeys(f"{number(row['things'])} × {row['class']}" for row in rows if "class" in row)
    yield from (f"## {graph['graph']}: {graph['title']}", "", graph["description"], "")
    yield f"- Source: {_source(graph)}. Where: {graph.get('locator', 'not stated')}"
    yield f"- Terms of the source: {graph.get('rights', 'None stated.')} Licence of this graph: <{graph['licence']}>"
    yield f"- Had on {graph['date']}; {number(graph['triples'])} triples."
    yield f"- Things by class: {', '.join(things) or 'none of its own; it adds to things of other graphs'}."
    if "rowsIn" in graph:
        yield f"- Rows of {graph['file']}: {', '.join(f'{number(graph[name])} {said}' for name, said in ROWS.items())}."
    if refusals := dict.fromkeys(row["refusal"] for row in rows if "refusal" in row):
        yield f"- Refused: {'; '.join(refusals)}."


def _source(graph: Cells) -> str:
    count = int(graph.get("documents", 0))
    return graph["source"] + (f", and {count} document{'s' * (count > 1)} that its things name" if count else "")
