"""The document on the seed page: all its numbered items (docs/page.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix import queries, sources, store
from triplehelix.documents.markdown import plain, table
from triplehelix.findings import fault
from triplehelix.project import Project

PAGE_ITEMS = Path("queries/pages/page-items.rq")

Cells = dict[str, list[str]]


def page_items(project: Project) -> str:
    """The numbered items of the seed page as Markdown: one table in natural order of the numbers, and their count."""
    path = project.root / PAGE_ITEMS
    if not path.is_file():
        raise fault(path, "missing: the list of the page's items is the answer of this query")
    query = queries.read(path)
    items = sorted(_items(project, query.text), key=lambda item: _natural(item["number"][0]))
    whole = [item for item in items if item["number"][0][-1:].isdigit()]
    return "\n".join([f"# {query.title}", "", query.description, "",
                      f"Made by `triplehelix docs` from `{PAGE_ITEMS.as_posix()}`; edit the data, not this file.", "",
                      f"{len(items)} items: {len(whole)} numbers and {len(items) - len(whole)} lettered parts of them.", "",
                      *_table(items), ""])


def _items(project: Project, query: str) -> Iterable[Cells]:
    """The query's rows as Markdown cells; rows of one item are put together, each value kept once, in the query's order."""
    graphs = sources.read(project, [source for source in project.sources if source.part == "dataset"])
    filled = store.memory(quad for graph in graphs for quad in graph.quads)
    items: dict[str, Cells] = {}
    for row in store.rows(filled, query, project.base):
        cells = items.setdefault(row["item"].value, {})
        for name, term in row.items():
            values = cells.setdefault(name, [])
            if (cell := _cell(term)) not in values:
                values.append(cell)
    return items.values()


def _table(items: list[Cells]) -> list[str]:
    """The lines of a Markdown table; the names of the query's variables are its head."""
    names = list(dict.fromkeys(name for item in items for name in item))
    return list(table(names, ([", ".join(item.get(name, [])) for name in names] for item in items)))


def _cell(term: NamedNode | Literal) -> str:
    """A term as the text of a table cell: IRIs as code, literals with the signs of Markdown escaped."""
    if isinstance(term, NamedNode):
        return f"`{term.value.replace('|', '%7C')}`"
    return plain(term.value)


def _natural(number: str) -> list[str | int]:
    """A sort key that puts M2 before M10 and M15a after M15."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", number)]
