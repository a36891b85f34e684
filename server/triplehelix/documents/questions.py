"""The document on the competency questions: what answers each, from what, and what does not yet (docs/questions.md)."""

from __future__ import annotations

from collections import Counter

from triplehelix import queries
from triplehelix.coverage import Coverage, coverage
from triplehelix.documents.markdown import table
from triplehelix.project import Project
from triplehelix.store import Store

NOT_YET, NONE = "**not yet**", "none found"
SHOWN = 4
COLUMNS = ("no.", "question", "query", "answered from", "rows", "graphs", "importer")
HEAD = """# Competency questions

What the data are for, question by question: the named query that asks it, what its answer rests on, and how many rows it
gives with its own defaults on the data of this checkout. Questions 1 to 26 are those the model was made for, 27 to 36 those
that would make a researcher adopt it.

Made by `triplehelix docs`; edit the queries and the data, not this file. What an answer rests on is computed from the named
graphs in which the things of its rows stand:

- **the registers**: graphs that an importer wrote from a source's own file;
- **the curated core only**: graphs in which curators keep what they read, page by page, each statement with its page (the
  page on clusters and smart specialisation is one of them);
- **the registers and the curated core**: both are needed;
- **not yet**: no thing is found, and the importer in the last column would bring it; until then the query is held to
  planted cases;
- **none found**: the data are there, and the answer is that there is none.

The last column names the importer that brings more. A row that says "none recorded" is no proof that there is none: it comes
with how many things have the field filled in."""


def questions(project: Project, known: Store) -> str:
    """The competency questions in the order of their numbers as Markdown, with a count of each kind of answer.

    `known` holds the named graphs of a release of the project and their merge.
    """
    asked = [(query, coverage(known, query, project.base)) for query in queries.read_all(project.queries()).values()
             if query.questions]
    rows = sorted(((number, query, found) for query, found in asked for number in query.questions),
                  key=lambda row: (row[0], row[1].slug))
    kinds = Counter(_kind(query, found) for _, query, found in rows)
    told = table(("answered from", "queries"), ((kind, str(count)) for kind, count in sorted(kinds.items())))
    return "\n".join([HEAD, "", *told, "", *table(COLUMNS, (_cells(*row) for row in rows)), ""])


def _cells(number: int, query: queries.Query, found: Coverage) -> tuple[str, ...]:
    """A question and what answers it, as cells in the order of the columns."""
    link = f"[`{query.slug}`](../queries/{query.slug}.rq)"
    importer = f"`{query.importer}`" if query.importer else ""
    return str(number), query.title, link, _kind(query, found), str(found.rows), _graphs(found), importer


def _kind(query: queries.Query, found: Coverage) -> str:
    """Where no row names a thing: not yet, if an importer would bring it; else the answer is that there is none."""
    return found.kind if found.rows else NOT_YET if query.importer else NONE


def _graphs(found: Coverage) -> str:
    """The first graphs by name, and how many more there are."""
    more = len(found.graphs) - SHOWN
    return ", ".join([*(f"`{graph}`" for graph in found.graphs[:SHOWN]), *([f"{more} more"] if more > 0 else [])])
