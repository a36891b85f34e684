"""search.sqlite: by which texts each thing is found, and what a list of results shows of it.

Which kinds people look for, and in which order, says `queries/pages/search-kinds.rq`; what stands beside a name (a country, an
author), `queries/pages/search-beside.rq`. Without them the classes are the kinds. What is found passes through a database aside,
which sorts it on disk; the file itself is written once, in the order of its numbers, in one transaction: equal content gives
equal bytes.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from triplehelix.description.lookups import LANGUAGE
from triplehelix.description.published import THINGS_KEPT, Published
from triplehelix.description.vocabulary import DCTERMS, FOAF, IN_SCHEME, NAMES, NOTATION, OWL, SH, SKOS, TYPE
from triplehelix.findings import Finding
from triplehelix.search import FILE, GAP, Search, address_key, key_of, keys_of, words_of

KINDS, BESIDE = "search-kinds", "search-beside"
ROWS = "dumps/dataset.nt"
ALSO = (NamedNode(SKOS + "altLabel"), NamedNode(SKOS + "hiddenLabel"), NamedNode(DCTERMS + "alternative"))
IDENTIFIER, IDENTIFIED = NamedNode(DCTERMS + "identifier"), NamedNode("http://www.w3.org/ns/adms#identifier")
ROLES = (*((predicate, "name") for predicate in NAMES), *((predicate, "also") for predicate in ALSO), (NOTATION, "code"),
         (IDENTIFIER, "identifier"))
# By these a thing has another address too, and is found by it whole.
SAME = (NamedNode(SKOS + "exactMatch"), NamedNode(OWL + "sameAs"), NamedNode(FOAF + "homepage"))
QUESTION = SH + "SPARQLExecutable"
# The characters of a text that are read, compared as a whole, and shown; what is shown of the texts of a thing, and beside it.
READ, COMPARED, SHOWN, MOST_SHOWN, MOST_BESIDE = 10_000, 300, 300, 40, 12
# Behind all kinds that the project lists: things, documents, codes, terms.
UNLISTED, OTHER = 1_000_000, "other"
# The words of a camel-case name; capitals in a row are one word.
HUMPS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
ASIDE = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
CREATE TABLE beside (local TEXT, place REAL, text TEXT, lang TEXT, words TEXT);
CREATE TABLE entry (place REAL, slug TEXT, kind TEXT, pointed INTEGER, key TEXT, local TEXT, shown TEXT, keys TEXT, words TEXT,
                    beside TEXT);
"""
ENTRIES = ("SELECT slug, kind, local, shown, keys, words, beside FROM entry "
           "ORDER BY MIN(place) OVER (PARTITION BY slug), slug, pointed DESC, key, local")
TABLES = """
PRAGMA page_size = 4096; PRAGMA auto_vacuum = NONE; PRAGMA secure_delete = ON; PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE kind (slug TEXT PRIMARY KEY, name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE thing (id INTEGER PRIMARY KEY, local TEXT NOT NULL UNIQUE, name TEXT NOT NULL, lang TEXT NOT NULL,
                    class TEXT NOT NULL, class_lang TEXT NOT NULL, code TEXT NOT NULL, beside TEXT NOT NULL, texts TEXT NOT NULL);
CREATE TABLE key (key TEXT, thing INTEGER, PRIMARY KEY (key, thing)) WITHOUT ROWID;
CREATE VIRTUAL TABLE part USING fts5 (words, beside, content = '', columnsize = 0, tokenize = 'trigram case_sensitive 1');
"""


@dataclass(frozen=True)
class Kind:
    """What the project says of a class: place and name of the kind, and what one thing of it is called ("": as the class)."""

    place: float
    name: str
    one: str = ""


@dataclass(frozen=True)
class Said:
    """A text of a thing: what it is to the thing (see `search.Text`), and its language."""

    role: str
    text: str
    lang: str = ""

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The text as it is compared whole."""
        return keys_of(self.role, self.text[:COMPARED])

    @cached_property
    def words(self) -> tuple[str, ...]:
        return (*words_of(self.text[:READ]), *self.keys[1:])

    @property
    def row(self) -> tuple[str, str, str]:
        """As it is shown."""
        return self.role, self.text if len(self.text) <= SHOWN else self.text[:SHOWN - 1] + "…", self.lang


@dataclass(frozen=True)
class Entry:
    """A thing, its classes (IRIs), its texts, those that it is found by but that are not shown, its other addresses, and the
    names of the schemes that it is a code of."""

    local: str
    types: Sequence[str]
    texts: Sequence[Said]
    unshown: Sequence[Said] = ()
    addresses: Sequence[str] = ()
    schemes: Sequence[Said] = ()

    @property
    def name(self) -> Said:
        """The name in the language of the interface, else one without language, else the first; else how its IRI ends."""
        names = [said for said in self.texts if said.role == "name"]
        best = min(names, key=lambda said: (said.lang != LANGUAGE, said.lang != ""), default=None)
        return best or Said("name", re.split("[/#]", self.local)[-1] or self.local)

    @property
    def code(self) -> str:
        return next((said.row[1] for said in self.texts if said.role == "code"), "")


def write(release: Published, asked: Mapping[str, str]) -> None:
    """Write the file of a release that is being built; `asked` has the texts of the queries of the project, by name.

    Raises OSError where it cannot be written.
    """
    try:
        with contextlib.closing(sqlite3.connect("")) as aside, contextlib.closing(sqlite3.connect(release.folder / FILE)) as out:
            aside.executescript(ASIDE)
            aside.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _Entries(release, asked, aside).rows())
            out.executescript(TABLES)
            _write(out, aside.execute(ENTRIES))
            out.execute("INSERT INTO part (part) VALUES ('optimize')")
            out.commit()
            out.execute("VACUUM")
    except sqlite3.Error as error:
        raise OSError(f"{FILE}: {error}") from error


def _write(out: sqlite3.Connection, entries: Iterable[tuple]) -> None:
    """Entries in their order, numbered; those of one kind follow each other."""
    number = 0
    for (slug, name), rows in groupby(entries, key=itemgetter(0, 1)):
        first = number + 1
        for _, _, local, shown, keys, words, beside in rows:
            number += 1
            out.execute("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (number, local, *json.loads(shown)))
            out.executemany("INSERT INTO key VALUES (?, ?)", ((key, number) for key in json.loads(keys)))
            out.execute("INSERT INTO part (rowid, words, beside) VALUES (?, ?, ?)", (number, words, beside))
        out.execute("INSERT INTO kind VALUES (?, ?, ?, ?)", (slug, name, first, number))


@dataclass(frozen=True)
class _Entries:
    """The things of a release, one after the other."""

    release: Published
    asked: Mapping[str, str]
    aside: sqlite3.Connection

    def rows(self) -> Iterator[tuple]:
        """The rows of the table of entries, in any order."""
        self.aside.executemany("INSERT INTO beside VALUES (?, ?, ?, ?, ?)", self._all_beside())
        self.aside.execute("CREATE INDEX by_thing ON beside (local)")
        known = self.release.resources
        for local, said in _subjects(self.release):
            if known.holds_term(local) if "#" in local else known.state(local):
                yield self._row(self._entry(local, said))
        for slug, query in self.release.queries.items():
            yield self._row(Entry(f"query/{slug}", [QUESTION], [Said("name", query.title, LANGUAGE)]))

    def _entry(self, local: str, said: Sequence[Triple]) -> Entry:
        """A subject of the default graph."""
        def nodes(*predicates: NamedNode) -> list[NamedNode]:
            return [t.object for t in said if t.predicate in predicates and isinstance(t.object, NamedNode)]
        texts = [_said(role, t.object) for predicate, role in ROLES for t in said
                 if t.predicate == predicate and isinstance(t.object, Literal)]
        identifiers = nodes(IDENTIFIED)
        texts += [_said("identifier", code) for node in identifiers for code in self.release.reading.values(node, NOTATION)]
        if "#" in local:
            texts.append(Said("term", self._prefixed(local)))
        return Entry(local, sorted(node.value for node in nodes(TYPE)), list(dict.fromkeys(texts)),
                     [name for node in identifiers for name in self._names(node)], [node.value for node in nodes(*SAME)],
                     [name for scheme in nodes(IN_SCHEME) for name in self._names(scheme)[:1]])

    def _row(self, entry: Entry) -> tuple:
        """Where an entry stands, what is shown of it, and what it is found by."""
        best, kind = self._kind(entry)
        beside = [*self._beside(entry.local), *((said.row, said.words) for said in entry.schemes)]
        near = list(dict.fromkeys(row for row, _ in beside))[:MOST_BESIDE]
        of_class = self._class_name(best, kind)
        name = entry.name
        shown = (name.row[1], name.lang, *of_class.row[1:], entry.code, _json(near),
                 _json([said.row for said in entry.texts[:MOST_SHOWN]]))
        keys = [*(key for said in (name, *entry.texts) for key in said.keys), *map(address_key, entry.addresses)]
        return (kind.place, key_of(kind.name).replace(" ", "-") or OTHER, kind.name,
                sum(self.release.resources.inverse(entry.local).values()), name.keys[0], entry.local, _json(shown),
                _json(list(dict.fromkeys(filter(None, keys)))),
                _spaced(word for said in (name, *entry.texts, *entry.unshown) for word in said.words),
                _spaced(word for _, words in beside for word in words))

    def _kind(self, entry: Entry) -> tuple[str, Kind]:
        """The first of its classes that the project lists; else one of our own, under its label, behind all that are listed."""
        if listed := [iri for iri in entry.types if iri in self._kinds]:
            best = min(listed, key=lambda iri: self._kinds[iri][0])
            return best, self._kinds[best][1]
        best = min(entry.types, key=lambda iri: (not iri.startswith(self.release.base), iri), default="")
        schemes, term = bool(entry.schemes), "#" in entry.local
        place = UNLISTED + (3 if term else 2 if schemes else 0 if entry.local.startswith("id/") else 1)
        return best, Kind(place, self._class_name(best, Kind(place, "")).text)

    @cached_property
    def _kinds(self) -> dict[str, tuple[float, Kind]]:
        """What the project lists, by class: its own place, and its kind, which stands where its first class does."""
        listed = [(float(row["order"].value), row["kind"].value, row["class"].value, row["name"].value if "name" in row else "")
                  for row in self._answers(KINDS)]
        first: dict[str, float] = {}
        for place, kind, _, _ in sorted(listed):
            first.setdefault(kind, place)
        return {iri: (place, Kind(first[kind], kind, one)) for place, kind, iri, one in listed}

    def _class_name(self, iri: str, kind: Kind) -> Said:
        """What a thing of a class is called."""
        if kind.one or not iri:
            return Said("class", kind.one, LANGUAGE if kind.one else "")
        words = " ".join(word if word.isupper() else word.lower() for word in HUMPS.findall(re.split("[/#]", iri)[-1]))
        return next(iter(self._names(NamedNode(iri))), Said("class", words or iri))

    def _all_beside(self) -> Iterator[tuple]:
        for row in self._answers(BESIDE):
            thing, term = row["thing"], row["beside"]
            names = self._names(term) if isinstance(term, NamedNode) else [_said("beside", term)]
            place = float(row["place"].value) if "place" in row else 0
            words = _json([word for said in names for word in said.words])
            if names and thing.value.startswith(self.release.base):
                yield thing.value.removeprefix(self.release.base), place, *names[0].row[1:], words

    def _beside(self, local: str) -> list[tuple[tuple[str, str, str], list[str]]]:
        """(as it is shown, the words it is found by) of each thing that stands beside a name."""
        ordered = "SELECT text, lang, words FROM beside WHERE local = ? ORDER BY place, text, lang, words"
        return [(("beside", text, lang), json.loads(words)) for text, lang, words in self.aside.execute(ordered, (local,))]

    def _answers(self, name: str) -> Iterator[dict]:
        """The rows of a query of the project; none where it has no such query."""
        text = self.asked.get(name)
        return self.release.reading.rows(text, self.release.base) if text else iter(())

    @cached_property
    def _names(self) -> Callable[[NamedNode], list[Said]]:
        """The names of another thing, the best first, and its alternative names; those asked for lately are kept."""
        return lru_cache(THINGS_KEPT)(self._all_names)

    def _all_names(self, node: NamedNode) -> list[Said]:
        names = [_said("name", s.triple.object) for s in self.release.names(node) if isinstance(s.triple.object, Literal)]
        names.sort(key=lambda said: (said.lang != LANGUAGE, said.lang != ""))
        return names + [_said("also", also) for predicate in ALSO for also in self.release.reading.values(node, predicate)]

    def _prefixed(self, local: str) -> str:
        """A term as queries write it."""
        document, _, name = local.rpartition("#")
        namespace = f"{self.release.base}{document}#"
        declared = sorted(self.release.manifest.prefixes.items())
        return next((f"{prefix}:{name}" for prefix, iri in declared if iri == namespace), name)


def _subjects(release: Published) -> Iterator[tuple[str, list[Triple]]]:
    """Local name and statements of each subject of ours in the default graph."""
    triples = (quad.triple for quad in parse(path=release.folder / ROWS, format=RdfFormat.N_TRIPLES))
    for subject, said in groupby(triples, key=attrgetter("subject")):
        if isinstance(subject, NamedNode) and subject.value.startswith(release.base):
            yield subject.value.removeprefix(release.base), list(said)


def _said(role: str, term: Literal | NamedNode) -> Said:
    return Said(role, term.value, getattr(term, "language", None) or "")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _spaced(words: Iterable[str]) -> str:
    """Words as the index takes them, each once."""
    return "".join(GAP + word for word in dict.fromkeys(words))


def faults(folder: Path) -> list[Finding]:
    """A finding for each kind whose first thing is not found by its name. Raises sqlite3.Error where the file is damaged."""
    known = Search(folder)
    first = ((kind, thing) for kind in known.kinds for thing in known.things([kind.first]))
    return [Finding(FILE, 0, f"<{thing.local}>", "is not found by its name") for kind, thing in first
            if words_of(thing.name) and kind.first not in known.find(thing.name, kind).things]
