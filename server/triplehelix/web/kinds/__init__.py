"""Which page shows a document: one table, by what its topic is and where it stands. All others are laid out by their shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from triplehelix.description.describe import Description
from triplehelix.description.vocabulary import CONCEPT_SCHEME, DATASET, ONTOLOGY, SH
from triplehelix.web.kinds.data import DataPage
from triplehelix.web.kinds.ontology import OntologyPage
from triplehelix.web.kinds.queries import QueryPage
from triplehelix.web.kinds.schemes import SchemePage
from triplehelix.web.kinds.shapes import ShapesPage
from triplehelix.web.view import View


@dataclass(frozen=True)
class Kind:
    """A kind of page: for topics of a class, their local names beginning so, the template and what it is given as `page`."""

    of: NamedNode
    below: str
    template: str
    page: Callable[[View], object]


KINDS = (
    Kind(ONTOLOGY, "shape/", "shapes.html", ShapesPage),
    Kind(ONTOLOGY, "ns", "ontology.html", OntologyPage),
    Kind(CONCEPT_SCHEME, "scheme/", "scheme.html", SchemePage),
    Kind(DATASET, "dataset", "data.html", DataPage),
    *(Kind(NamedNode(f"{SH}SPARQL{form}Executable"), "query/", "query.html", QueryPage)
      for form in ("", "Select", "Ask", "Construct")))


def kind_of(told: Description, local: str) -> Kind | None:
    """The kind of page for a topic with that local name; None where it has no page of its own kind."""
    return next((kind for kind in KINDS if kind.of in told.types and local.startswith(kind.below)), None)
