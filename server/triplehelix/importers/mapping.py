"""Maps of tables: a YAML file that says which column of a table is which property, read with the line of every word.

Every word of a map is taken as text, so that the country code NO stays itself and is not read as "false".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml

from triplehelix.findings import Faulty, fault
from triplehelix.importers.model import Origin
from triplehelix.importers.tables import DELIMITERS

MAPS = Path(__file__).parent / "maps"
LARGEST = 1_000_000
# What a map says; a name in capitals must be there.
MAP_KEYS = ("READS", "SOURCE", "SUBJECT", "COLUMNS", "class", "table", "constants", "repeated", "shape")
SOURCE_KEYS = ("SLUG", "TITLE", "PUBLISHER", "LOCATOR", "RIGHTS")
TABLE_KEYS = ("delimiter", "encoding", "sheet")
SUBJECT_KEYS = ("COLUMN", "kind", "scheme", "prefix", "example")
ANY_TYPE = ("TYPE", "required", "optional", "split", "example")
# Type of a column to the further words it needs (in capitals) or may have.
TYPES = {
    "text": ("PROPERTY", "language", "new_only"),
    "integer": ("PROPERTY", "new_only"),
    "decimal": ("PROPERTY", "new_only"),
    "decimal-comma": ("PROPERTY", "new_only"),
    "date": ("PROPERTY", "day_first", "new_only"),
    "when": ("PROPERTY", "day_first", "new_only"),
    "iri": ("PROPERTY", "new_only"),
    "code": ("PROPERTY", "SCHEME", "earlier", "lookup", "labels", "new_only"),
    "identifier": ("scheme",),
    "reference": ("PROPERTY", "SCHEME", "new_only"),
    "members": ("KIND", "as_of", "as_of_column", "precision"),
}


class Word(str):
    """A text of the map and the line it stands in."""

    line: int


class Words(dict[str, object]):
    """A table of the map: its line, and the line of each key."""

    line: int
    lines: dict[str, int]


@dataclass(frozen=True)
class Column:
    """One column of the table: its name, the type of its cells, and what else the map says of it."""

    name: str
    line: int
    type: str
    says: Words

    def get(self, key: str, default: str = "") -> str:
        return str(self.says.get(key, default))

    def flag(self, key: str) -> bool:
        return self.get(key) == "true"


@dataclass(frozen=True)
class Map:
    """A whole map, checked: every key is known, every needed one is there."""

    path: Path
    reads: str
    origin: Origin
    delimiter: str
    encoding: str
    sheet: str
    classes: list[str]
    subject: Words
    columns: list[Column]
    constants: list[Column]
    repeated: str
    shape: str

    def fault(self, message: str, line: int) -> Faulty:
        return fault(self.path, message, line)


def load(path: Path | None) -> Map:
    """The map at that path, or the one of that name which comes with the software (see maps/).

    Raises Faulty with the line where it is no YAML, or says something that a map does not say.
    """
    found = _found(path)
    says = _Reader(found).read()
    check = _Check(found)
    check.keys(says, MAP_KEYS, "the map")
    source, table, subject = (check.table(says, key) for key in ("source", "table", "subject"))
    check.keys(source, SOURCE_KEYS, "source")
    check.keys(table, TABLE_KEYS, "table")
    check.keys(subject, SUBJECT_KEYS, "subject")
    columns = [check.column(name, words) for name, words in check.table(says, "columns").items()]
    constants = [check.column("", words) for words in _listed(says.get("constants"))]
    return Map(found, str(says["reads"]), Origin(**{key.lower(): str(source[key.lower()]) for key in SOURCE_KEYS}),
               check.choice(table, "delimiter", tuple(DELIMITERS), ","), str(table.get("encoding", "utf-8")),
               str(table.get("sheet", "Data")), [str(name) for name in _listed(says.get("class"))], subject, columns, constants,
               check.choice(says, "repeated", ("refuse", "join"), "refuse"), str(says.get("shape", "")))


def _found(path: Path | None) -> Path:
    names = sorted(file.stem for file in MAPS.glob("*.yaml"))
    if path is None:
        raise fault("csvmap", f"say by which map: --map FILE.yaml, or one of {', '.join(names)}")
    if path.is_file():
        return path
    if str(path) in names:
        return MAPS / f"{path}.yaml"
    raise fault(path, f"there is no such map; there are: {', '.join(names)}, or a file of your own")


def _listed(value: object) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


@dataclass(frozen=True)
class _Check:
    """Judges the parts of a map, with the line of what is wrong."""

    path: Path

    def table(self, says: Words, key: str) -> Words:
        part = says.get(key, _words({}, says.line))
        if not isinstance(part, Words):
            raise fault(self.path, f"{key}: write a table of names and values here", says.lines.get(key, says.line))
        return part

    def keys(self, says: Words, known: Collection[str], what: str) -> None:
        needed = {key.lower() for key in known if key.isupper()}
        names = sorted(key.lower() for key in known)
        for key in says:
            if key not in names:
                message = f"{what}: {key!r} is nothing a map says here; it may say {', '.join(names)}"
                raise fault(self.path, message, says.lines[key])
        if missing := sorted(needed - set(says)):
            raise fault(self.path, f"{what}: lacks {', '.join(missing)}", says.line)

    def choice(self, says: Words, key: str, choices: Collection[str], default: str) -> str:
        value = str(says.get(key, default))
        if value not in choices:
            raise fault(self.path, f"{key}: {value!r} is none of {', '.join(map(repr, choices))}", says.lines[key])
        return value

    def column(self, name: str, says: object) -> Column:
        what = f"column {name!r}" if name else "constant"
        if not isinstance(says, Words):
            raise fault(self.path, f"{what}: write a table with type and property", getattr(says, "line", 1))
        kind = self.choice(says, "type", tuple(TYPES), "text") if "type" in says else None
        if kind is None:
            raise fault(self.path, f"{what}: lacks type; the types are {', '.join(TYPES)}", says.line)
        extra = ("VALUE",) if not name else ()
        self.keys(says, (*ANY_TYPE, *TYPES[kind], *extra), f"{what} of type {kind}")
        if kind == "members" and not {"as_of", "as_of_column"} & set(says):
            raise fault(self.path, f"{what}: a member count needs its date: as_of or as_of_column", says.line)
        return Column(name, says.line, kind, says)


@dataclass(frozen=True)
class _Reader:
    """Reads YAML 1.1 into words, tables and lists; nothing else can come of it."""

    path: Path

    def read(self) -> Words:
        try:
            text = self._text()
            if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader)):
                raise fault(self.path, "a map repeats nothing by reference (*name): write it out")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            says = self._value(node) if node else None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise fault(self.path, f"not YAML: {error.problem}", mark.line + 1 if mark else 0) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise fault(self.path, f"not YAML: {type(error).__name__}") from error
        if not isinstance(says, Words):
            raise fault(self.path, "not a map: it needs to be a table with reads, source, subject and columns", 1)
        return says

    def _text(self) -> str:
        data = self.path.read_bytes()
        if len(data) > LARGEST:
            raise fault(self.path, f"the map has more than {LARGEST:,} bytes")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise fault(self.path, "not UTF-8: save the map in that encoding", data[:error.start].count(b"\n") + 1) from error

    def _value(self, node: yaml.Node) -> Word | Words | list:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item) for item in node.value]
        if isinstance(node, yaml.ScalarNode):
            word = Word(node.value)
            word.line = line
            return word
        words = _words({}, line)
        for key, value in node.value:
            name = str(self._value(key))
            if name in words:
                raise fault(self.path, f"{name!r} stands twice in one table", key.start_mark.line + 1)
            words[name], words.lines[name] = self._value(value), key.start_mark.line + 1
        return words


def _words(says: dict[str, object], line: int) -> Words:
    words = Words(says)
    words.line, words.lines = line, {}
    return words
