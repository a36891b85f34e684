"""The sections of a run as Markdown (docs/benchmarks.md)."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.bench import Comparison, Section

HEAD = """\
# Benchmarks

Written by `make bench`, which runs us and each peer in turn, in one run on one machine; the figures below are of the last run.
A ratio says how many times we are ahead (faster, or smaller), as minimum, median and maximum over the rounds; below 1 we
are behind. Figures are medians."""


def page(facts: Mapping[str, str], sections: Sequence[Section]) -> str:
    """The whole document: the machine, what we lose, and one table a subject."""
    versions = {name: version for section in sections for name, version in section.versions.items()}
    lost = [comparison for section in sections for comparison in section.comparisons if comparison.ratios[1] < 1]
    return "\n".join([HEAD, "", *_table(("machine and software", ""), [*facts.items(), *versions.items()]), "",
                      "## What we lose", "", *(map(_loss, lost) if lost else ["Nothing of what is measured here."]), "",
                      *(line for section in sections for line in _section(section))])


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}", "", section.text, "")
    head = ("what", "unit", "rounds", "here", "peer", "there", "ratio: min", "median", "max")
    yield from _table(head, map(_row, section.comparisons))
    yield ""


def _row(comparison: Comparison) -> tuple[str, ...]:
    ratios = (f"{ratio:.2f}" for ratio in comparison.ratios)
    return (comparison.what, comparison.unit, str(len(comparison.ours)), _figure(comparison.ours), comparison.peer,
            _figure(comparison.theirs), *ratios)


def _loss(comparison: Comparison) -> str:
    return f"- {comparison.what} ({comparison.unit}): {comparison.ratios[1]:.2f} of {comparison.peer}."


def _figure(values: Sequence[float]) -> str:
    median = statistics.median(values)
    return f"{median:,.0f}" if median >= 100 else f"{median:.3g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield from (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
