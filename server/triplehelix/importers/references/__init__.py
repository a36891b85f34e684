"""An author-year text with its bibliography: citation groups and pointers, entries, and the defects that both show.

Nothing is known of the text beforehand: what is usual in it is learnt from it, and what departs from that is reported
as a candidate for a person to judge. The text itself is not taken over, only the words of its citations and entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from triplehelix.findings import fault
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run
from triplehelix.importers.references.blocks import Reading
from triplehelix.importers.references.defects import compared
from triplehelix.importers.references.matching import links
from triplehelix.importers.references.order import misplaced
from triplehelix.importers.references.pointers import groups
from triplehelix.importers.references.style import written_otherwise
from triplehelix.importers.references.text import Text, read_text
from triplehelix.importers.values import CONTROL, slug


def read(path: Path, run: Run) -> Iterator[Block]:
    """The blocks of a text; its rows are its citation groups and the paragraphs of its bibliography.

    Raises Faulty where the file is no text with a bibliography.
    """
    text = read_text(path)
    name = slug(path.stem)
    if not name:
        raise fault(path, "the name of the file holds no letter or digit of ASCII to name the text by: rename it")
    _refuse_others(text, run)
    listed = {form for entry in text.entries for author in entry.authors
              for form in (author.surname, author.surname.split()[-1])}
    cited = groups(text.body, listed)
    for _ in (*text.entries, *cited):
        run.take()
        run.keep()
    found = links(cited, text.entries)
    defects = [*compared(found, text.entries), *written_otherwise(cited, text.entries), *misplaced(text.entries)]
    ordered = sorted(defects, key=lambda d: (d.line, d.kind, d.target, d.written))
    yield from Reading(run.lookups.project.base, name, f"The text {path.name}").blocks(found, text.entries, ordered)


def _refuse_others(text: Text, run: Run) -> None:
    """Report the paragraphs of the bibliography that are no entries."""
    for passage in text.others:
        run.take()
        run.refuse(passage.line, Refused("1", CONTROL.sub(" ", passage.text[:80]), "does not begin with authors and a year"))


IMPORTER = Importer(
    name="references",
    reads="an author-year text with its bibliography (plain text, UTF-8)",
    origin=Origin("text-with-references", "Citations, entries and defects of a text", "The author of the text",
                  "A file of the user's own; its name stands at the activity of the import.", "None stated."),
    read=read)
