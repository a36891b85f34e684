"""Tokens to tree: the SELECT, ASK, CONSTRUCT and DESCRIBE queries that rewriting can work on (SPARQL 1.1 Query, 19.8).

The engine has the last word on what is a query: this reads good ones, may take a bad one for good, and gives None for whatever
it does not know, such as GRAPH, SERVICE, FROM, LATERAL, collections, labelled blank nodes and triple terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from triplehelix.engine.algebra import (
    Bind,
    Element,
    Expression,
    Filter,
    Group,
    Item,
    Joined,
    Order,
    Select,
    Term,
    Triple,
    Union,
    Values,
)
from triplehelix.engine.reader import OWN, Reader, Unknown
from triplehelix.engine.tokens import BLANK, VARIABLE, Token

_AFTER_WHERE = frozenset(("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"))


def parse(tokens: Sequence[Token]) -> tuple[Select, int, bool] | None:
    """The tree of a query, how many variables of our own stand in it for blank nodes, and whether it shows all variables by *.

    None where it is not understood, and where a variable of our own would be shown.
    """
    try:
        reader = _Query(tokens)
        query = reader.query()
    except (Unknown, IndexError):
        return None
    return None if reader.shows_all and reader.fresh else (query, reader.fresh, reader.shows_all)


class _Query(Reader):
    """Reads a query; `fresh` counts the variables of our own for blank nodes."""

    # Queries

    def query(self) -> Select:
        while self._words[self._at] in ("PREFIX", "BASE", "VERSION"):
            self._at += 3 if self._words[self._at] == "PREFIX" else 2
        if self._words[self._at] == "SELECT":
            before = self._joined(0, self._at)
            query = self._select(before)
        else:
            query = self._other_form()
        if self._at != len(self._texts):
            raise Unknown
        return query

    def _other_form(self) -> Select:
        """ASK, DESCRIBE and CONSTRUCT up to the braces of WHERE are kept as they are."""
        construct = self._words[self._at] == "CONSTRUCT"
        self._at += 1
        if construct:
            if self._texts[self._at] != "{":
                raise Unknown
            self._skip_brackets()
        while self._texts[self._at] != "{":
            if self._words[self._at] == "FROM":
                raise Unknown
            self.shows_all = self.shows_all or self._texts[self._at] == "*"
            self._at += 1
        written = self._at - (self._words[self._at - 1] == "WHERE")
        return self._tail(self._joined(0, written), None)

    def _select(self, before: str) -> Select:
        self._at += 1
        head = f"{before} SELECT".strip()
        if self._words[self._at] in ("DISTINCT", "REDUCED"):
            head += " " + self._words[self._at]
            self._at += 1
        if self._texts[self._at] == "*":
            self._at += 1
            self.shows_all = True
            return self._tail(head + " *", None)
        items = []
        while self._texts[self._at] != "{" and self._words[self._at] != "WHERE":
            items.append(self._item())
        return self._tail(head, tuple(items))

    def _item(self) -> Item:
        if self._kinds[self._at] == VARIABLE:
            return Item(self._next())
        self._expect("(")
        expression = self._expression(until_as=True)
        variable = self._variable()
        self._expect(")")
        return Item(variable, expression)

    def _tail(self, head: str, items: tuple[Item, ...] | None) -> Select:
        if self._words[self._at] == "WHERE":
            self._at += 1
        where = self._group()
        groups = self._listing(self._key) if self._found("GROUP") and self._expect_word("BY") else ()
        having = self._listing(self._constraint) if self._found("HAVING") else ()
        order = self._listing(self._order) if self._found("ORDER") and self._expect_word("BY") else ()
        limit, offset = self._slice()
        values = self._values() if self._found("VALUES") else None
        return Select(head, items, where, groups, having, order, limit, offset, values)

    def _listing(self, read: Callable[[], Item | Expression | Order]) -> tuple[Item | Expression | Order, ...]:
        """One or more of the same, up to the next clause."""
        found = [read()]
        while not self._ends():
            found.append(read())
        return tuple(found)

    def _key(self) -> Item:
        if self._kinds[self._at] == VARIABLE:
            return Item(self._next())
        if self._texts[self._at] != "(":
            return Item("", self._constraint())
        self._at += 1
        expression = self._expression(until_as=True)
        variable = self._variable() if self._texts[self._at] != ")" else ""
        self._expect(")")
        return Item(variable, expression)

    def _order(self) -> Order:
        direction = self._words[self._at] if self._words[self._at] in ("ASC", "DESC") else ""
        self._at += bool(direction)
        if not direction and self._kinds[self._at] == VARIABLE:
            return Order("ASC", Expression((self._next(),)))
        return Order(direction or "ASC", self._constraint())

    def _slice(self) -> tuple[int | None, int]:
        limit, offset = None, 0
        seen: list[str] = []
        while self._at < len(self._texts) and self._words[self._at] in ("LIMIT", "OFFSET"):
            word, number = self._words[self._at], self._texts[self._at + 1]
            if not number.isdecimal() or word in seen:
                raise Unknown
            seen.append(word)
            limit, offset = (int(number), offset) if word == "LIMIT" else (limit, int(number))
            self._at += 2
        return limit, offset

    # Groups

    def _group(self) -> Group:
        self._expect("{")
        self._deeper()
        elements: list[Element | Select] = []
        if self._words[self._at] == "SELECT":
            elements.append(self._select(""))
            if self._texts[self._at] != "}":
                raise Unknown
        while self._texts[self._at] != "}":
            self._element(elements)
        self._at += 1
        self._depth -= 1
        return Group(tuple(elements))

    def _element(self, elements: list[Element | Select]) -> None:
        word, text = self._words[self._at], self._texts[self._at]
        if text == ".":
            if not elements or self._texts[self._at - 1] in ".{":
                raise Unknown
            self._at += 1
        elif text == "{":
            elements.append(self._union())
        elif word in ("", "TRUE", "FALSE"):
            self._subject(elements)
            if self._texts[self._at] not in ".{}" and not self._words[self._at]:
                raise Unknown
        else:
            self._at += 1
            elements.append(self._clause(word))

    def _clause(self, word: str) -> Element:
        if word == "FILTER":
            return Filter(self._constraint())
        if word in ("OPTIONAL", "MINUS"):
            return Joined(word, self._group())
        if word == "VALUES":
            return self._values()
        if word != "BIND":
            raise Unknown
        self._expect("(")
        expression = self._expression(until_as=True)
        variable = self._variable()
        self._expect(")")
        return Bind(expression, variable)

    def _union(self) -> Union:
        groups = [self._group()]
        while self._texts[self._at:] and self._found("UNION"):
            groups.append(self._group())
        return Union(tuple(groups))

    def _values(self) -> Values:
        single = self._texts[self._at] != "("
        names = (self._variable(),) if single else self._listed(self._variable)
        self._expect("{")
        rows = []
        while self._texts[self._at] != "}":
            rows.append((self._value(),) if single else self._listed(self._value))
        self._at += 1
        if any(len(row) != len(names) for row in rows):
            raise Unknown
        return Values(names, tuple(rows))

    def _listed(self, read: Callable[[], Term]) -> tuple[Term, ...]:
        self._expect("(")
        found = []
        while self._texts[self._at] != ")":
            found.append(read())
        self._at += 1
        return tuple(found)

    def _value(self) -> Term:
        if self._found("UNDEF"):
            return "UNDEF"
        return self._constant()

    # Triples

    def _subject(self, elements: list[Element | Select]) -> None:
        """Triples of the same subject."""
        bracketed = self._texts[self._at] == "[" and self._texts[self._at + 1] != "]"
        subject = self._node(elements)
        if not bracketed or self._texts[self._at] not in (".", "}"):
            self._properties(subject, elements)

    def _properties(self, subject: Term, elements: list[Element | Select]) -> None:
        while True:
            path = self._verb()
            while True:
                elements.append(Triple(subject, path, self._node(elements)))
                if self._texts[self._at] != ",":
                    break
                self._at += 1
            if self._texts[self._at] != ";":
                return
            while self._texts[self._at] == ";":
                self._at += 1
            if self._texts[self._at] in ".}]" or self._words[self._at] not in ("", "A"):
                return

    def _node(self, elements: list[Element | Select]) -> Term:
        if self._texts[self._at] == "[":
            self._at += 1
            node = f"{OWN}{self.fresh}"
            self.fresh += 1
            if self._texts[self._at] != "]":
                self._properties(node, elements)
            self._expect("]")
            return node
        return self._next() if self._kinds[self._at] == VARIABLE else self._constant()

    # Expressions

    def _constraint(self) -> Expression:
        """A bracketed expression, a function call or EXISTS, without outer brackets."""
        if self._texts[self._at] == "(":
            self._at += 1
            expression = self._expression()
            self._expect(")")
            return expression
        pieces: list[str | Group] = []
        if self._words[self._at] in ("NOT", "EXISTS"):
            pieces += ["NOT"] if self._found("NOT") else []
            self._expect_word("EXISTS")
            return Expression((*pieces, "EXISTS", self._group()))
        start = self._at
        self._at += 1
        if self._texts[self._at] != "(":
            raise Unknown
        self._at += 1
        inner = self._expression()
        self._expect(")")
        return Expression((self._texts[start], "(", *inner.pieces, ")"))

    def _expression(self, until_as: bool = False) -> Expression:
        """What stands up to the bracket that closes here, or up to AS, which is passed over."""
        pieces: list[str | Group] = []
        depth = 0
        while True:
            text, word = self._texts[self._at], self._words[self._at]
            if depth == 0 and (text == ")" or until_as and word == "AS"):
                if not pieces:
                    raise Unknown
                self._at += word == "AS"
                return Expression(tuple(pieces))
            if text == "{" and pieces and pieces[-1] == "EXISTS":
                pieces.append(self._group())
                continue
            if text in ("{", "}", "<<", ">>") or self._kinds[self._at] == BLANK or text == "*" and pieces[-1:] == [
                    "DISTINCT"]:
                raise Unknown
            depth += (text == "(") - (text == ")")
            pieces.append(word if word in ("EXISTS", "DISTINCT") else text)
            self._at += 1

    def _ends(self) -> bool:
        """Whether a solution modifier ends here."""
        return self._at == len(self._texts) or self._texts[self._at] in "})" or self._words[self._at] in _AFTER_WHERE
