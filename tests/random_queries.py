"""Random graphs and queries, for the rewriting of queries: small, so that much joins, and with all that may go wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

PROLOGUE = "PREFIX : <http://e.example/>\n"
NAMESPACE = "http://e.example/"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
VARIABLES = ("?x", "?y", "?z", "?w")
PREDICATES = (":p", ":q", ":r", ":label")
NODES = (":a", ":b", ":c", ":d")


def random_graph(numbers: random.Random) -> Store:
    """Up to forty triples: few nodes, so that much joins; literals of several kinds, some alike; perhaps a sure type."""
    nodes: list[NamedNode | BlankNode] = [NamedNode(NAMESPACE + name[1:]) for name in NODES[:numbers.randrange(1, 5)]]
    nodes.append(BlankNode("n"))
    literals = [Literal("one"), Literal("one", language="en"), Literal("one", language="fr"), Literal("two", language="en"),
                Literal(1), Literal(1.0), Literal(2), Literal("1")]
    store = Store()
    for _ in range(numbers.choice((0, 3, 12, 40))):
        predicate = NamedNode(NAMESPACE + numbers.choice(PREDICATES)[1:])
        values = literals if predicate.value.endswith("label") or numbers.random() < 0.1 else nodes
        store.add(Quad(numbers.choice(nodes), predicate, numbers.choice(values)))
    for quad in list(store):
        if numbers.random() < 0.5 or quad.predicate.value.endswith("p"):
            store.add(Quad(quad.subject, TYPE, NamedNode(NAMESPACE + numbers.choice(("C", "C", "D")))))
    return store


def with_sure_types(store: Store) -> Store:
    """All subjects of :p are a :C then, and all its objects that can be."""
    for quad in list(store.quads_for_pattern(None, NamedNode(NAMESPACE + "p"), None)):
        for node in (quad.subject, quad.object):
            if not isinstance(node, Literal):
                store.add(Quad(node, TYPE, NamedNode(NAMESPACE + "C")))
    return store


# Queries


class Writer:
    """Writes random queries; what it writes is read by the engine, whether or not it makes sense."""

    def __init__(self, numbers: random.Random) -> None:
        self._numbers = numbers
        self._names = 0

    def pick(self, *choices: str | Sequence[str]) -> str:
        return self._numbers.choice([each for choice in choices for each in ((choice,) if isinstance(choice, str) else choice)])

    def several(self, write: Callable[[], str], least: int, most: int, between: str = " ") -> str:
        return between.join(write() for _ in range(self._numbers.randint(least, most)))

    def variable(self) -> str:
        return self.pick(VARIABLES)

    def triple(self) -> str:
        kind = self._numbers.random()
        if kind < 0.25:
            return f"{self.variable()} a {self.pick(':C', ':C', ':D', '?c')} ."
        if kind < 0.45:
            return f"{self.variable()} {self.path()} {self.pick(self.variable(), self.variable(), NODES)} ."
        if kind < 0.5:
            return f"{self.variable()} :p [ :q {self.variable()} ] ." if self._numbers.random() < 0.5 else (
                f"{self.variable()} {self.variable()} {self.variable()} .")
        value = self.pick(self.variable(), self.variable(), self.variable(), NODES)
        return f"{self.variable()} {self.pick(PREDICATES)} {value} ."

    def path(self) -> str:
        return self.pick(":p*", ":p+", ":q?", ":p/:q", "^:p", ":p/:q*", "(:p|:q)+", "^:p/:q", "!:p", ":p/:q/:label", "(:p/:q)?",
                         ":p|:q", "^(:p/:q)", "(:p|^:q)/:r")

    def condition(self) -> str:
        one, other = self.variable(), self.variable()
        return self.pick(
            f"{one} = :a", f":b = {one}", f"{one} IN (:a, :b, :a)", f'{one} = "one"', f"{one} = 1", f'{one} = "one"@en',
            f"{one} != {other}", f"BOUND({one})", f'LANG({one}) = "en"', f"sameTerm({one}, :a)", f"{one} = :a && {other} != :b",
            f"{one} = :a || {other} = :b", f"!BOUND({one})", f"{one} > 1", f'{one} IN ("one", "two")', f"({one} = :a)",
            f"EXISTS {{ {self.triples()} }}", f"NOT EXISTS {{ {self.triples()} }}", f"{one} NOT IN (:a)", f"isIRI({one})",
            f"EXISTS {{ {self.body(1)} }}", f"NOT EXISTS {{ {self.body(1)} }}")

    def triples(self) -> str:
        return self.several(self.triple, 1, 3)

    def element(self, depth: int) -> str:
        kind = self._numbers.random()
        if kind < 0.3:
            return f"FILTER({self.condition()})"
        if kind < 0.5:
            return f"OPTIONAL {{ {self.body(depth - 1)} }}"
        if kind < 0.6:
            return f"MINUS {{ {self.body(depth - 1)} }}"
        if kind < 0.7:
            return f"{{ {self.body(depth - 1)} }} UNION {{ {self.body(depth - 1)} }}"
        if kind < 0.75:
            return f"VALUES ({self.variable()}) {{ (:a) (:b) {self.pick('(UNDEF)', '')} }}"
        if kind < 0.85:
            self._names += 1
            return f"BIND({self.pick(VARIABLES, f'STR({self.variable()})', f'EXISTS {{ {self.triples()} }}')} AS ?n{self._names})"
        if kind < 0.93:
            return "{ " + self.select(depth - 1) + " }"
        return self.triples()

    def body(self, depth: int) -> str:
        return self.triples() + (" " + self.several(lambda: self.element(depth), 0, 3) if depth > 0 else "")

    def select(self, depth: int = 2) -> str:
        kind = self._numbers.random()
        if kind < 0.3:
            return self.grouped(depth)
        shown = " ".join(sorted({self.variable() for _ in range(3)}))
        return f"SELECT {self.pick('', '', 'DISTINCT ')}{shown} WHERE {{ {self.body(depth)} }}"

    def grouped(self, depth: int) -> str:
        keys = " ".join(sorted({self.variable() for _ in range(self._numbers.randint(0, 2))}))
        aggregate = self.pick("COUNT(*)", f"COUNT({self.variable()})", f"COUNT(DISTINCT {self.variable()})",
                              f"SUM({self.variable()})", f"MIN(STR({self.variable()}))")
        self._names += 1
        having = self.pick("", "", f" HAVING(COUNT(*) > {self._numbers.randint(0, 2)})")
        return (f"SELECT {keys} ({aggregate} AS ?n{self._names}) WHERE {{ {self.body(depth)} }}"
                + (f" GROUP BY {keys}{having}" if keys else having))


# Queries for each rewrite: what is in brackets is there or not, and one of what stands between bars is taken.

FAMILIES: Mapping[str, tuple[Sequence[str], str]] = {
    "counts": ((
        "SELECT [?y|] ([COUNT|COUNT|SUM]([*|?x|?y|DISTINCT ?x|DISTINCT ?y]) AS ?n) WHERE { ?x [:p|a|:label] ?y } "
        "[GROUP BY ?y|GROUP BY ?y HAVING(COUNT(*) > 1)|]",
        "SELECT [?y|] ([COUNT([*|?x|?z|DISTINCT ?x|DISTINCT ?z|DISTINCT ?y])|COUNT(?x) + 1] AS ?n) WHERE { ?x ?y [?z|?z|?x] } "
        "[GROUP BY ?y|]",
        "SELECT (COUNT([*|?x|DISTINCT ?x]) AS ?n) WHERE { ?x [a|:p|:absent] [:C|:D|:a|:absent] } [HAVING(COUNT(*) > 2)|]"),
        "VALUES"),
    "terms": ((
        "SELECT DISTINCT ?y WHERE { [?x|[]] ?y [?z|?z|?x] }", "SELECT DISTINCT ?y WHERE { [?x|?y] [a|:p|:q] ?y }",
        "SELECT DISTINCT ?y WHERE { [?x a :C . ?x ?y ?z|?x ?y ?z ; a :C|?x ?y ?z . ?z a :C|?x a :C . ?z ?y ?x] } [ORDER BY ?y]"),
        "VALUES"),
    "names": ((
        "SELECT ?y [?z] ([COUNT|SUM]([?x|?x|?y|DISTINCT ?w]) AS ?n) (MIN(STR(?x)) AS ?s) (COUNT(*) AS ?m) WHERE { "
        "?x :p ?y . [?x a :C .] [?y a :C .] [?y :label ?z .|OPTIONAL { ?y :label ?z }|"
        "OPTIONAL { ?y :label ?z FILTER(LANG(?z) = 'en') }] "
        "[?x :q ?w .] [FILTER(LANG(?z) = \"en\")] [FILTER(?x != ?y)] } GROUP BY ?y ?z [HAVING(COUNT(*) > 1)]",
        "SELECT ?y ?z ?w (COUNT(?x) AS ?n) WHERE { ?x :p ?y . ?y [:q|:p] ?z . [?z :r ?w|OPTIONAL { ?z :r ?w }] "
        "[OPTIONAL { ?y :label ?w }] } GROUP BY ?y ?z ?w [HAVING(?w != :a)]"),
        "SELECT ?y (COUNT|SELECT ?y (SUM"),
    "names, summed up": ((
        "SELECT ?z (COUNT([*|?x|?y|?w|DISTINCT ?x]) AS ?n) ([COUNT(*) + 1|COUNT(?x)] AS ?m) WHERE { "
        "?x [:p|:q] ?y . [?x a :C .] [?y a :C .] "
        "?y [:label|:q|:p] ?z . [FILTER(?x != ?y)] [?x :r ?w .] [FILTER(LANG(?z) = 'en')|FILTER(?z != :a)|FILTER(?z != ?x)|] } "
        "GROUP BY ?z [HAVING(COUNT(*) > 1)] [ORDER BY COUNT(?x)]",),
        "SUM("),
    "exists": ((
        "SELECT * WHERE { ?x :p ?y [OPTIONAL { ?x :q ?w }] FILTER [NOT] EXISTS { ?y [:p|:q|:p*] ?z . ?z [:q|:r/:p|:p?] ?w . } }",
        "SELECT ?x ?e WHERE { ?x [a :C|:p ?y] BIND(EXISTS { ?x :p/:q ?z . [?z :r ?w] } AS ?e) }",
        "ASK { ?x :p ?y FILTER(NOT EXISTS { ?y :q ?z . ?z :r ?x } || EXISTS { ?x :p ?z . ?z :p ?y FILTER(?z != ?x) }) }"),
        "LATERAL"),
    "fixed values": ((
        "SELECT * WHERE { ?x [:p|:q|?w] ?y FILTER([?y = :b|?y IN (:a, :b, :a)|sameTerm(:b, ?y)|:a = ?x && ?x != ?y|(?y = :a)]) "
        "[OPTIONAL { ?y :q ?z }] [?y :p ?w]}",
        "SELECT * WHERE { ?x :label ?y FILTER([?y = \"one\"|?y IN (\"one\", '1')|\"one\" = ?y]) }",
        "CONSTRUCT { ?x :q ?y } WHERE { ?x :p ?y . ?y :label ?z FILTER(?z = \"one\") }"),
        "VALUES"),
    "sure types": ((
        "SELECT [?x|?x ?z|DISTINCT ?x] WHERE { ?x [:p|:p/:q|^:p] [?y|?y|:b] [; :r ?z] . [?x a :C .|FILTER EXISTS { ?x a :C }] "
        "[?y a :C] [OPTIONAL { ?y :q ?w }] }",
        "SELECT ?x ?y WHERE { ?x a :C OPTIONAL { ?x :p ?y . ?y a :C . [?y a :D] } }"),
        ""),
    "minus": ((
        "SELECT ?x ?y WHERE { ?x :p :a [; :q ?y] MINUS { [?x|?z] [:q|:r] ?y . ?u ?v ?w . [?y :p ?w .] [FILTER(?y != :a)] } }",
        "SELECT ?x ?y WHERE { VALUES ?x { :a } ?x :p ?y MINUS { ?y [:p|:q|:r] ?z . ?w ?v [?z|?u] } [OPTIONAL { ?x :q ?z }] }"),
        "NOT EXISTS"),
    "positions": ((
        "SELECT * WHERE { ?x a :C OPTIONAL { ?x :q ?y } ?x :p ?z . ?z a :C }",
        "SELECT * WHERE { ?x :p ?z [OPTIONAL|MINUS] { ?y :q ?w } [?x|?z] :r ?y FILTER(?y = :a) FILTER(?x = :b) }",
        "SELECT * WHERE { ?x a :C BIND(?y AS ?n) [OPTIONAL { ?y :r ?w }] ?x :p ?y FILTER(?y = :a) }",
        "SELECT * WHERE { ?x :p :a MINUS { ?y [:q|:r] ?z } ?x :q ?y . ?y a :C }",
        "SELECT ?y ?z (COUNT(?x) AS ?n) WHERE { ?x :p ?y OPTIONAL { ?y :q ?z } ?y :r ?z . ?x a :C } GROUP BY ?y ?z"),
        ""),
    "orders": ((
        "SELECT * WHERE { ?x a :C . ?x :p ?y . ?y [:q*|:q+|:q?] [:a|:b|?z] [. ?z :r ?w] [OPTIONAL { ?w :label ?l . ?v :p ?w }] }",
        "SELECT ?x WHERE { ?x a :C ; [:p|?z] ?y . ?y :label ?l . ?l [:p*|:q] ?y }",
        "SELECT ?x (COUNT(*) AS ?n) WHERE { ?x :r ?y . ?z :r ?y . ?z :p/:q :a } GROUP BY ?x",
        "SELECT * WHERE { ?x :label ?l ; :p ?y . ?y :q ?z . ?z [:r|a] ?w . [?w :p+ ?v] }",
        "SELECT * WHERE { ?x a :D . ?x :q ?y . ?y :r [?z|?z|:a] . [?z a :D] }",
        "SELECT * WHERE { VALUES ?y { :a :b } ?x [:p|:q] ?y . ?x a :D . [?x :r ?z] }"),
        "LATERAL"),
}


def spelled(template: str, numbers: random.Random) -> str:
    """A template with its innermost brackets decided first; [] of SPARQL is kept."""
    text = template.replace("[]", "\0")
    while "[" in text:
        end = text.index("]")
        start = text.rindex("[", 0, end)
        choices = text[start + 1:end].split("|")
        text = text[:start] + numbers.choice(choices if len(choices) > 1 else (choices[0], "")) + text[end + 1:]
    return PROLOGUE + text.replace("\0", "[]")
