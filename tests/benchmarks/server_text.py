"""What the document says of the servers: how it was done, what is missing, where we stand beside what is aimed at."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import load, wrk
from benchmarks.bench import Comparison
from benchmarks.page import table
from benchmarks.questions import ROTATED
from benchmarks.servers import BARE

TEXT = """\
A synthetic graph of our own model, drawn from a seed (`tests/benchmarks/synthetic.py`), is loaded into each server; all of
them are started on one machine, and while one is asked the others are paused (SIGSTOP). The queries are those of
`tests/benchmarks/queries/`, and of `queries2/` where there are any: written by somebody else, and of no use in the making of
the server. Before anything is measured each server answers each query, and all answers must be equal: rows as a multiset,
numbers as values; of what DESCRIBE says, which the standard leaves open, the statements on the described thing itself. Then
come rounds: in each, for every query, all servers are asked one after the other.

*Cold*: every request has a comment of its own, so that no cache of responses can answer; what a server and the system keep of
the data is warm. *Repeated*: the same texts over and over, after one on each connection that is not
measured; a point look-up rotates over {rotated} things. With one client the
figure is the median time of a request (ms), with eight it is requests a second; of point look-ups always the latter. {asking}
which got up to {client:,.0f} answers a second in this run and can take not many more: rates near that are the client's. A query
that takes a server more than {slow:g} s is not put to it by eight clients.

Ours is a release written by the code of `build`, without its check by SHACL and its rules: the named graph and the merge in
the store, dumps and catalogue beside; the time to load is the time for all of that. `serve` has its usual limits but for the
share of one client. "here" is the server as it comes, "here, on disk" the same release without a copy in memory.
"{bare}" is the HTTP server on which ours stands, with an application that gives one answer of ours to whatever is asked: no
application on it can be faster.
rdflib-endpoint, whose paths and groupings of a large graph take minutes that nothing ends, is asked for point look-ups alone
above {most:,} triples. Memory is that of all processes of a server after the run, shared pages counted once; disk is the
server's folder. Busy counts the requests of the Python client that a server put off (429 or 503): each rests for {rest:.0f} ms
and is made again, and its time goes on meanwhile.
{missing}
{servers}

### Where this stands

{standing}"""
HEAD = ("triples", "server", "version", "load (s)", "start (s)", "memory (MiB)", "disk (MiB)", "busy")
# The aims hold for the largest graph of a run that has about a million triples: row, heading, peer, times ahead.
AIMED = range(900_000, 1_100_000)
AIMS = (
    ("repeated, 8 clients", "point look-up", "oxigraph", 2.2), ("repeated, 8 clients", "point look-up", "rdflib-endpoint", 100),
    ("cold, 8 clients", "point look-up", "Virtuoso", 3), ("06-", ", queries, cold, 1 client", "oxigraph", 3),
    ("08-", ", queries, cold, 1 client", "oxigraph", 3), ("04-", ", queries, cold, 1 client", "oxigraph", 1.8),
    ("11-", ", queries, cold, 1 client", "oxigraph", 1.4))
LEADER = "Virtuoso"


@dataclass(frozen=True)
class Found:
    """What was found on a graph of one size: comparisons, a row on each server, the highest rate our client reached."""

    triples: int
    comparisons: list[Comparison]
    servers: list[tuple[str, ...]]
    client: float


def text(sizes: Sequence[Found], missing: Mapping[str, str], slow: float, most: int) -> str:
    """The text of the section, Markdown."""
    lines = [f"\n**{name} was MISSING and is left out** ({how}).\n" for name, how in missing.items()]
    asking = (f"wrk asks for them, for {wrk.SECONDS} s after {wrk.WARMING} s that are not measured, and a client in Python for "
              "the queries,") if wrk.present() else "wrk was MISSING: all is asked by a client in Python,"
    rows = [row for found in sizes for row in found.servers]
    return TEXT.format(rotated=ROTATED, bare=BARE, asking=asking, client=max(found.client for found in sizes), slow=slow,
                       most=most, rest=load.REST * 1000, missing="".join(lines), servers="\n".join(table(HEAD, rows)),
                       standing="\n".join(_standing(sizes)))


def _standing(sizes: Sequence[Found]) -> Iterator[str]:
    comparisons = [one for found in sizes if found.triples in AIMED for one in found.comparisons]
    for what, under, peer, times in AIMS:
        for one in comparisons:
            if one.peer == peer and one.what.startswith(what) and under in one.under:
                reached = "reached" if one.ratios[1] >= times else "NOT reached"
                yield f"- {one.under}, {one.what}: {times:g} times {peer} is the aim; {one.ratios[1]:.2f} found: {reached}."
    for under in dict.fromkeys(one.under for one in comparisons if ", cold, 1 client" in one.under):
        ahead = [one.ratios[1] > 1 for one in comparisons if one.under == under and one.peer == LEADER]
        if ahead:
            yield f"- {under}: ahead of {LEADER} on {sum(ahead)} of {len(ahead)}."
    for one in comparisons:
        if one.what == "cold, 8 clients" and one.peer == LEADER:
            yield f"- {one.under}, {one.what}: {statistics.median(one.ours):,.0f} requests a second; 4,000 are the aim."
    if not comparisons:
        yield "The aims are for a million triples, which this run did not have."
