"""What the subjects have found as Markdown (docs/benchmarks.md): each can be measured again alone."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from benchmarks.bench import Comparison, Section

HEAD = """\
# Benchmarks

Written by `make bench`, which runs us and each peer in turn on one machine. Each subject is one run, and what stands under its
heading is of the last one. A ratio says how many times we are ahead (faster, or smaller), as minimum, median and maximum over
the rounds; below 1 we are behind. Figures are medians. Where each peer has a column, the ratio stands behind its figure.
"""
HEADING = re.compile(r"^## (.*)\n", re.MULTILINE)


def page(subjects: Iterable[str]) -> str:
    """The whole document of the subjects' texts."""
    return "\n".join([HEAD, *subjects])


def subjects(document: str) -> dict[str, str]:
    """The texts of the subjects of a document, by their titles."""
    _, *parts = HEADING.split(document)
    return {title: f"## {title}\n{text.rstrip()}\n" for title, text in zip(parts[::2], parts[1::2], strict=True)}


def subject(facts: Mapping[str, str], section: Section) -> str:
    """The text of one subject: the machine, what was done, what we lose, and the tables."""
    lost = [comparison for comparison in section.comparisons if comparison.ratios[1] < 1]
    rows = [*facts.items(), *section.versions.items()]
    return "\n".join([f"## {section.title}", "", *table(("machine and software", ""), rows), "", section.text, "",
                      "### What we lose here", "", *(_losses(lost) if lost else ["Nothing of what is measured."]), "",
                      *_tables(section)])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, Markdown."""
    yield from (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _tables(section: Section) -> Iterator[str]:
    for under, comparisons in _by(lambda comparison: comparison.under, section.comparisons):
        yield from _matrix(under, comparisons) if under else _flat(comparisons)
        yield ""


def _flat(comparisons: Sequence[Comparison]) -> Iterator[str]:
    head = ("what", "unit", "rounds", "here", "peer", "there", "ratio: min", "median", "max")
    yield from table(head, map(_row, comparisons))


def _matrix(under: str, comparisons: Sequence[Comparison]) -> Iterator[str]:
    """A row for what is measured, a column for each peer: its figure, and the ratio as median (minimum-maximum)."""
    peers = list(dict.fromkeys(comparison.peer for comparison in comparisons))
    yield from (f"### {under}", "")
    rows = []
    for what, each in _by(lambda comparison: comparison.what, comparisons):
        cells = {one.peer: _cell(one) for one in each}
        rows.append((f"{what} ({each[0].unit})", _figure(each[0].ours), *(cells.get(peer, "") for peer in peers)))
    yield from table((f"{len(comparisons[0].ours)} rounds", "here", *peers), rows)


def _cell(comparison: Comparison) -> str:
    least, median, most = comparison.ratios
    return f"{_figure(comparison.theirs)}: {median:.2f} ({least:.2f}-{most:.2f})"


def _by(key: Callable[[Comparison], str], comparisons: Iterable[Comparison]) -> list[tuple[str, list[Comparison]]]:
    """The comparisons put together by a key, in the order in which the keys come up."""
    groups: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        groups.setdefault(key(comparison), []).append(comparison)
    return list(groups.items())


def _row(comparison: Comparison) -> tuple[str, ...]:
    ratios = (f"{ratio:.2f}" for ratio in comparison.ratios)
    return (comparison.what, comparison.unit, str(len(comparison.ours)), _figure(comparison.ours), comparison.peer,
            _figure(comparison.theirs), *ratios)


def _losses(lost: Sequence[Comparison]) -> Iterator[str]:
    for under, each in _by(lambda comparison: f"{comparison.under}: {comparison.peer}" if comparison.under else "", lost):
        if under:
            yield f"- {under}: {', '.join(f'{one.what} {one.ratios[1]:.2f}' for one in each)}."
        else:
            yield from (f"- {one.what} ({one.unit}): {one.ratios[1]:.2f} of {one.peer}." for one in each)


def _figure(values: Sequence[float]) -> str:
    median = statistics.median(values)
    return f"{median:,.0f}" if median >= 100 else f"{median:.3g}"

