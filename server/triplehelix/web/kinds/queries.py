"""The page of a named query: what it asks, with what, and what its answer rests on, and what is asked like it."""

from __future__ import annotations

from functools import cached_property

from pyoxigraph import Literal, NamedNode

from triplehelix.description.vocabulary import COMMENT
from triplehelix.queries import Parameter, Query
from triplehelix.web.view import Shown, View

DERIVED_FROM = NamedNode("http://www.w3.org/ns/prov#wasDerivedFrom")


class QueryPage:
    """What the page of a named query shows."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def basis(self) -> str:
        """What the answer rested on when the release was made, in a sentence."""
        return next((value.value for value in self.view.told.values(COMMENT) if isinstance(value, Literal)), "")

    @cached_property
    def graphs(self) -> list[Shown]:
        """The named graphs in which the things of the answer stand."""
        return [self.view.name(node) for node in self.view.told.values(DERIVED_FROM) if isinstance(node, NamedNode)]

    @cached_property
    def parameters(self) -> list[tuple[Parameter, Shown | None]]:
        """What may be changed, and what the value that stands there is called where it is an address."""
        given = self.view.query.parameters if self.view.query else ()
        return [(each, self.view.name(each.default) if isinstance(each.default, NamedNode) else None) for each in given]

    @cached_property
    def alike(self) -> list[Query]:
        """The other queries on the same topic."""
        own = self.view.query
        return [query for query in self.view.release.topics.get(own.topic, ()) if query.slug != own.slug] if own else []
