"""The head of a Turtle or TriG file of a release: comments that say what it is, before its prefixes.

Turtle section 2.2: a comment runs from # to the end of its line, and a line ends with a carriage return or a line feed.
"""

from __future__ import annotations

import re

from triplehelix.build.record import Record

# Whatever some reader may take for the end of a line, or cannot show.
NO_TEXT = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def head(record: Record, content: str) -> bytes:
    """Comment lines, each with its newline, and an empty line. `content` says what the file holds, in a sentence."""
    licence = [f"Licence: {record.license}"] if record.license else []
    rows = [record.title, content, "", f"Release: {record.version}", f"Address: {record.iri}", *licence,
            f"Cite as: {record.citation}"]
    return "".join(f"# {line(row)}".rstrip() + "\n" for row in rows).encode() + b"\n"


def of_dataset(named: bool) -> str:
    """What a file of the whole dataset holds, as a sentence; `named` where it keeps the named graphs apart."""
    return ("All named graphs, those that stand apart from the dataset too." if named
            else "The whole dataset: the merge of its named graphs.")


def of_graph(iri: str) -> str:
    """What the file of one named graph holds, as a sentence."""
    return f"The named graph {iri}"


def line(text: str) -> str:
    """The text on one line."""
    return NO_TEXT.sub(" ", text).strip()
