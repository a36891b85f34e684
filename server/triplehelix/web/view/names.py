"""Names and addresses for the terms of one release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import BlankNode, Literal, NamedNode

from triplehelix.description.describe import names
from triplehelix.description.links import Links
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import FIRST, LESSER_NAMES, NIL, REST, XSD
from triplehelix.web.view.languages import in_english
from triplehelix.web.view.literals import in_words, is_date, is_number
from triplehelix.web.view.shown import Shown

PLAIN = frozenset(XSD + name for name in ("string", "boolean"))
UNREMARKABLE = {XSD + name for name in ("string", "integer", "decimal", "boolean")}
LANGUAGE = "en"
# The words of a camel-case name; capitals in a row are one word.
WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Of a longer name this much is shown where a thing is only named.
NAME_LENGTH = 200


@dataclass
class Names:
    """Names and addresses for the terms of one release, in one language where there is a choice."""

    release: Published
    links: Links
    language: str = field(default=LANGUAGE, kw_only=True)
    _named: dict[NamedNode, Shown] = field(default_factory=dict, kw_only=True)

    def term(self, term: NamedNode | BlankNode | Literal) -> Shown:
        """Any term as it is shown; a blank node by its label."""
        if isinstance(term, Literal):
            return self.literal(term)
        return self.name(term) if isinstance(term, NamedNode) else Shown(str(term))

    def name(self, node: NamedNode) -> Shown:
        """A resource under its name, else as prefix:name, else as IRI."""
        if node not in self._named:
            label = self.label(node)
            text = shortened(label.value if label else self.short(node.value))
            lang = (label.language or "") if label else ""
            self._named[node] = Shown(text, self.links.href(node.value), node.value, lang)
        return self._named[node]

    def term_name(self, node: NamedNode) -> Shown:
        """A class or property under its label, else in the words its own name is made of: subClassOf, sub class of."""
        shown = self.name(node)
        if self.label(node):
            return shown
        words = WORDS.findall(re.split("[/#]", node.value)[-1])
        return replace(shown, text=" ".join(w if w.isupper() else w.lower() for w in words) or shown.text, lang="")

    def label(self, node: NamedNode) -> Literal | None:
        """What a thing is called, in the language of the page where it is."""
        named = [t.object for t in names(self.release, node)]
        lesser = (value for p in LESSER_NAMES for value in self.release.reading.values(node, p)) if not named else ()
        return preferred([name for name in (*named, *lesser) if isinstance(name, Literal) and name.value.strip()], self.language)

    def literal(self, literal: Literal) -> Shown:
        """A literal with a word on its language, or on its datatype where that is not plain to see."""
        datatype = literal.datatype.value
        note = literal.language or ("" if datatype in UNREMARKABLE else self.short(datatype))
        return Shown(literal.value, self.target(literal), lang=literal.language or "", note=note)

    def spoken(self, literal: Literal) -> Shown:
        """A literal for people: dates and numbers in words, the names of languages in full, and no word on what is usual."""
        note = in_english(literal.language) if literal.language not in (None, LANGUAGE) else ""
        return replace(self.literal(literal), text=in_words(literal), note=note or self._unit(literal))

    def _unit(self, literal: Literal) -> str:
        """A word on a datatype that nobody knows by sight."""
        usual = literal.language or literal.datatype.value in PLAIN or is_date(literal) or is_number(literal)
        return "" if usual or self.target(literal) else self.term_name(literal.datatype).text

    def target(self, literal: Literal) -> str | None:
        """Where a literal leads that is an address."""
        return self.links.href(literal.value) if literal.datatype.value == XSD + "anyURI" else None

    def graph(self, iri: str) -> Shown:
        """A named graph by its path, which says where to look."""
        local = self.links.local(iri) or iri
        return Shown(local.removeprefix("graph/"), self.links.href(iri) if self.release.is_described(iri) else None, iri)

    def short(self, iri: str) -> str:
        """prefix:name where the release declares the namespace, the path below the base for ours, else the IRI."""
        prefixes = self.release.manifest.prefixes
        best = max((p for p in prefixes if iri.startswith(prefixes[p])), key=lambda p: len(prefixes[p]), default=None)
        if best is not None and (name := iri[len(prefixes[best]):]) and "/" not in name and "#" not in name:
            return f"{best}:{name}"
        return self.links.local(iri) or iri

    def members(self, node: BlankNode | NamedNode) -> Iterable[NamedNode | BlankNode | Literal]:
        """The members of an RDF collection; one that bites its tail is read once."""
        seen = set()
        while node != NIL and node not in seen:
            seen.add(node)
            yield from self.release.reading.values(node, FIRST)
            node = next(iter(self.release.reading.values(node, REST)), NIL)


def preferred(literals: Sequence[Literal], language: str = LANGUAGE) -> Literal | None:
    """The literal in the language asked for, else in that of the interface, else one without language, else the first: given
    in order of worth."""
    for wanted in (language, LANGUAGE, None):
        found = next((literal for literal in literals if literal.language == wanted), None)
        if found:
            return found
    return literals[0] if literals else None


def shortened(text: str, most: int = NAME_LENGTH) -> str:
    """A text of at most so many characters; where it is longer, an ellipsis says so."""
    return text if len(text) <= most else text[:most - 1].rstrip() + "…"
