"""How to cite an answer: as a line of text, in BibTeX, in RIS, and in CSL-JSON.

All of what a citation says may come from hostile text: each form escapes what would end a value in it, or begin a command.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

GENRE = "Query result"
# What TeX takes for a command or for the end of a value (the TeXbook, chapter 7). A brace counts in BibTeX even behind \.
_IN_TEX = MappingProxyType({
    "\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}", "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}", "`": r"{\textasciigrave}", **{sign: "\\" + sign for sign in "$%&#_"}})
_TO_TEX = str.maketrans(dict(_IN_TEX))
# TeX sets two of these as another character.
_LIGATURES = re.compile(r"(?<=-)-|(?<=')'")
_NOT_IN_KEY = re.compile(r"[^a-z0-9]+")
_KEY_HEX = 12
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True)
class Citation:
    """What a citation says of an answer.

    `date` is the day of the data, YYYY-MM-DD; `checksum` the SHA-256 of the answer in the `syntax` named, in hex; `licence` an
    IRI, `genre` a word on what is cited. Creators, publisher and licence may be lacking.
    """

    title: str
    creators: tuple[str, ...]
    publisher: str
    version: str
    date: str
    url: str
    checksum: str
    syntax: str
    licence: str = ""
    genre: str = GENRE

    @property
    def key(self) -> str:
        """A name for it in a bibliography: letters, digits and hyphens; those of different URLs differ."""
        first = _NOT_IN_KEY.sub("-", " ".join(self.creators[:1] or (self.publisher,)).lower()).strip("-")
        return "-".join(filter(None, (first, self.date, sha256(self.url.encode()).hexdigest()[:_KEY_HEX])))

    @property
    def remark(self) -> str:
        """What the answer is to be checked by, and on what terms it is to be had."""
        return f"SHA-256 of its {self.syntax}: {self.checksum}." + (f" Licence: {self.licence}." if self.licence else "")


def text(citation: Citation) -> str:
    """The citation as a line; the day on which it was looked up is for the reader to add."""
    by = "; ".join(map(line, citation.creators or (citation.publisher,)))
    published = line(citation.publisher) if citation.publisher not in citation.creators and citation.creators else ""
    title = f"{line(citation.title)} (version {citation.version}) [{citation.genre}]"
    found = f"{citation.url} {line(citation.remark)}"
    return ". ".join(filter(None, (f"{by} ({citation.date[:4]})".strip(), title, published, found)))


def bibtex(citation: Citation) -> str:
    """The citation as an entry of BibTeX, which BibLaTeX reads as well."""
    year, month, day = citation.date.split("-")
    fields = {
        "author": " and ".join(f"{{{tex(name)}}}" for name in citation.creators), "title": f"{{{tex(citation.title)}}}",
        "howpublished": tex(", ".join(filter(None, (citation.genre, citation.publisher)))), "year": year,
        "month": str(int(month)), "day": str(int(day)), "version": tex(citation.version), "url": citation.url,
        "note": tex(citation.remark)}
    rows = (f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{citation.key},\n" + ",\n".join(rows) + "\n}\n"


def ris(citation: Citation) -> str:
    """The citation as a record of RIS: a tag and a value on each line."""
    day = citation.date.replace("-", "/")
    fields = (("TY", "DATA"), ("ID", citation.key), *(("AU", name) for name in citation.creators), ("TI", citation.title),
              ("PB", citation.publisher), ("PY", citation.date[:4]), ("DA", day), ("ET", citation.version),
              ("M3", citation.genre), ("UR", citation.url), ("N1", citation.remark))
    return "".join(f"{tag}  - {line(value)}\r\n" for tag, value in fields if line(value)) + "ER  - \r\n"


def csl(citation: Citation) -> str:
    """The citation as a list of one item of CSL-JSON (input schema of CSL 1.0.2)."""
    custom = {"sha256": citation.checksum, "licence": line(citation.licence)}
    item = {
        "id": citation.key, "type": "dataset", "genre": citation.genre, "title": line(citation.title),
        "author": [{"literal": line(name)} for name in citation.creators], "publisher": line(citation.publisher),
        "issued": {"date-parts": [[int(part) for part in citation.date.split("-")]]}, "version": citation.version,
        "URL": citation.url, "note": line(citation.remark), "custom": {name: value for name, value in custom.items() if value}}
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=1) + "\n"


def line(value: str) -> str:
    """A text on one line, without what cannot be seen."""
    return " ".join(_INVISIBLE.sub(" ", unicodedata.normalize("NFC", value)).split())


def tex(value: str) -> str:
    """A text as TeX sets it; its braces match."""
    return _LIGATURES.sub(lambda found: f"{{{found[0]}}}", line(value).translate(_TO_TEX))
