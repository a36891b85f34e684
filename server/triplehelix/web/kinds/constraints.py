"""What a shape asks for, in words: how many values, and of which kind (SHACL section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode

from triplehelix.description.vocabulary import IN_SCHEME, RDF, RDFS, SH, XSD
from triplehelix.web.kinds.said import Book, Node, Said, Term
from triplehelix.web.view import Shown, View
from triplehelix.web.words import _

PATH, CLASS, DATATYPE, KIND, IN, VALUE, NODE, PROPERTY = (NamedNode(SH + name) for name in (
    "path", "class", "datatype", "nodeKind", "in", "hasValue", "node", "property"))
NOT, PATTERN, UNIQUE, LESS, EQUAL = (NamedNode(SH + name) for name in ("not", "pattern", "uniqueLang", "lessThan", "equals"))
FEWEST, MOST = NamedNode(SH + "minCount"), NamedNode(SH + "maxCount")
OR, XONE, AND = (NamedNode(SH + name) for name in ("or", "xone", "and"))
MESSAGE, LABEL = NamedNode(SH + "message"), NamedNode(RDFS + "label")
BOUNDS = ((_("from {value}"), "minInclusive"), (_("more than {value}"), "minExclusive"), (_("up to {value}"), "maxInclusive"),
          (_("less than {value}"), "maxExclusive"), (_("at least {value} characters"), "minLength"),
          (_("at most {value} characters"), "maxLength"))
DATATYPES = {XSD + name: text for name, text in (
    ("string", _("text")), ("integer", _("whole number")), ("decimal", _("number")), ("double", _("number")),
    ("boolean", _("yes or no")), ("date", _("date")), ("dateTime", _("date and time")), ("gYear", _("year")),
    ("gYearMonth", _("month of a year")), ("anyURI", _("web address")), ("nonNegativeInteger", _("whole number from 0")))}
DATATYPES[RDF + "langString"] = _("text that names its language")
KINDS = {SH + name: text for name, text in (
    ("IRI", _("a thing with an address")), ("Literal", _("a plain value")), ("BlankNode", _("a thing without an address")),
    ("BlankNodeOrIRI", _("a thing")), ("BlankNodeOrLiteral", _("a value")), ("IRIOrLiteral", _("a thing or a plain value")))}
# Shapes inside shapes are told so deep.
DEPTH = 3


@dataclass(frozen=True)
class Constraints:
    """Reads the shapes of a release for one page."""

    view: View
    book: Book

    def amount(self, shape: Said) -> tuple[str, bool]:
        """How many values a property shape asks for, and whether there has to be one."""
        fewest, most = _count(shape, FEWEST) or 0, _count(shape, MOST)
        if most == 0:
            return _("none"), False
        if fewest == 0:
            return (_("any number"), False) if most is None else (_("at most one"), False) if most == 1 else (
                _("at most {most}").format(most=most), False)
        if most is None:
            return (_("at least one") if fewest == 1 else _("at least {fewest}").format(fewest=fewest)), True
        if fewest == most:
            return (_("exactly one") if fewest == 1 else _("exactly {fewest}").format(fewest=fewest)), True
        return _("from {fewest} to {most}").format(fewest=fewest, most=most), True

    def values(self, shape: Said, depth: int = 0) -> tuple[Shown, ...]:
        """Of which kind a value is to be: one or the other of these."""
        found = [self._named(kind) for kind in shape.values(CLASS)]
        found += [self._datatype(kind) for kind in shape.values(DATATYPE)]
        found += [self.view.term(value) for head in shape.values(IN) for value in self.book.members(head)]
        found += [self.view.term(value) for value in shape.values(VALUE)]
        found += [self._shape(node) for node in shape.values(NODE) if isinstance(node, NamedNode)]
        if depth < DEPTH:
            inner = (member for head in shape.values(OR, XONE) for member in self.book.members(head))
            found += [value for each in inner if isinstance(each, Node) for value in self.values(self.book[each], depth + 1)]
        found = found or [Shown(KINDS[kind.value]) for kind in shape.values(KIND) if kind.value in KINDS]
        return tuple(dict.fromkeys(found))

    def conditions(self, shape: Said) -> Iterator[str]:
        """What else is asked of the values."""
        for words, name in BOUNDS:
            yield from (words.format(value=value.value) for value in shape.values(NamedNode(SH + name)))
        yield from (_("in the form {pattern}").format(pattern=value.value) for value in shape.values(PATTERN))
        if shape.text(UNIQUE) == "true":
            yield _("one in each language")
        for words, predicate in ((_("before {name}"), LESS), (_("the same as {name}"), EQUAL)):
            yield from (words.format(name=self.view.term_name(value).text) for value in shape.values(predicate)
                        if isinstance(value, NamedNode))
        for node in shape.values(NOT):
            if words := " / ".join(value.text for value in self.values(self.book[node], 1)):
                yield _("not {words}").format(words=words)

    def path(self, shape: Said) -> tuple[Shown, ...]:
        """The properties that a path is made of; those that lead backwards say so."""
        return tuple(step for head in shape.values(PATH) for step in self._steps(head, DEPTH))

    def _steps(self, head: Term, depth: int) -> Iterator[Shown]:
        if isinstance(head, NamedNode):
            yield self.view.term_name(head)
        elif isinstance(head, BlankNode) and depth:
            said = self.book[head]
            for member in self.book.members(head):
                yield from self._steps(member, depth - 1)
            for name in ("alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"):
                for value in said.values(NamedNode(SH + name)):
                    note = _("backwards") if name == "inversePath" else ""
                    yield from (Shown(step.text, step.href, step.iri, step.lang, note or step.note)
                                for step in self._steps(value, depth - 1))

    def _shape(self, node: NamedNode) -> Shown:
        """A shape that a value is to keep: where that asks for a concept of one list, the list; else by its name."""
        said = self.book[node]
        lists = [value for each in said.values(PROPERTY) if isinstance(each, Node) and IN_SCHEME in self.book[each].values(PATH)
                 for value in self.book[each].values(VALUE) if isinstance(value, NamedNode)]
        if len(lists) == 1:
            found = self.view.name(lists[0])
            return replace(found, text=_("a concept of {list}").format(list=found.text))
        return Shown(said.text(LABEL) or self.view.short(node.value), self.view.links.href(node.value), node.value)

    def _named(self, kind: Term) -> Shown:
        return self.view.term_name(kind) if isinstance(kind, NamedNode) else self.view.term(kind)

    def _datatype(self, kind: Term) -> Shown:
        words = DATATYPES.get(kind.value)
        return Shown(words) if words else self._named(kind)


def _count(shape: Said, predicate: NamedNode) -> int | None:
    """A number that a shape states, None where it states none that can be read."""
    text = next((value.value for value in shape.values(predicate) if isinstance(value, Literal)), "")
    return int(text) if text.isascii() and text.isdigit() else None
