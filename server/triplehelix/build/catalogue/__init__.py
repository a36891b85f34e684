"""The catalogue of a release: VoID, DCAT-AP and service description as one graph, every figure counted from the data."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Triple

from triplehelix.build.catalogue import dcat, service, void
from triplehelix.build.catalogue.terms import Contents, Part

__all__ = ["Contents", "Part", "catalogue"]


def catalogue(held: Contents, parts: list[Part], folder: Path) -> list[Triple]:
    """The triples of the catalogue of the release in `folder`, whose dumps are already written."""
    rows = [*dcat.description(held, folder), *void.statistics(held), *service.description(held, parts)]
    rows.extend(triple for part in parts for triple in void.graph(held, part))
    return list(dict.fromkeys(rows))
