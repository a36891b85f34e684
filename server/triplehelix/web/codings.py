"""Content codings: which of ours a client takes, and an answer in one of them (RFC 9110 sections 8.4.1 and 12.5.3)."""

from __future__ import annotations

import re
import sys
import zlib
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from types import MappingProxyType

from triplehelix.web.cache import Answer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Codings that a client takes, best first.
Codings = tuple[str, ...]
IDENTITY = "identity"
PLAIN: Codings = (IDENTITY,)
# zlib writes the frame of gzip where the window's bits say so; its header holds no time, so equal bodies give equal bytes.
GZIP_LEVEL, GZIP_FRAME = 6, 31
# At this level zstd is shorter than gzip, and takes less time.
ZSTD_LEVEL = 6
# In our own order, which decides among equals.
CODERS: MappingProxyType[str, Callable[[bytes], bytes]] = MappingProxyType({
    "zstd": lambda body: zstd.compress(body, ZSTD_LEVEL), "gzip": lambda body: zlib.compress(body, GZIP_LEVEL, GZIP_FRAME)})
# What every client knows that says "*"; zstd is for those that name it.
BY_WILDCARD = ("gzip", IDENTITY)
OLD_NAMES = MappingProxyType({"x-gzip": "gzip"})
# Where identity is not named it is taken, but liked least.
UNNAMED = 0.0001
WEIGHT = re.compile(r"(?:\s*;\s*[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*")
# A body below this fits into one packet either way.
WORTH_BYTES = 1_000
DIGEST = "Repr-Digest"


def acceptable(header: str | None) -> Codings:
    """The codings of ours that a value of Accept-Encoding takes, best first; none where it refuses identity and the others too.

    Without the header an answer is as it is. Members that cannot be read are not acceptable; of two of one name the first counts.
    """
    weights: dict[str, float] = {}
    for member in (header or "").split(","):
        name, semicolon, weight = member.partition(";")
        name = name.strip().lower()
        found = WEIGHT.fullmatch(semicolon + weight)
        weights.setdefault(OLD_NAMES.get(name, name), float(found[1] or 1) if found else 0.0)
    for coding in BY_WILDCARD if "*" in weights else ():
        weights.setdefault(coding, weights["*"])
    weights.setdefault(IDENTITY, UNNAMED)
    return tuple(sorted((c for c in (*CODERS, IDENTITY) if weights.get(c, 0) > 0), key=lambda coding: -weights[coding]))


def coded(answer: Answer, codings: Codings) -> Answer:
    """A plain answer in the coding liked best, where that makes it shorter or the plain one is not taken.

    Its entity tag says the coding (RFC 9110 section 8.8.3.3); its `tags` are those of all codings that are taken, its own first.
    """
    coding = codings[0]
    body = answer.body
    if coding != IDENTITY and (len(body) >= WORTH_BYTES or IDENTITY not in codings):
        body = CODERS[coding](body)
    if body is answer.body or (len(body) >= len(answer.body) and IDENTITY in codings):
        return answer._replace(tags=_tags(answer, (IDENTITY, *codings)))
    tags = _tags(answer, codings)
    changed = {"content-length": str(len(body)), **({"etag": tags[0]} if tags else {})}
    if DIGEST in dict(answer.headers):
        changed[DIGEST.lower()] = repr_digest(body)
    headers = [(name, changed.get(name.lower(), value)) for name, value in answer.headers]
    return answer._replace(headers=[*headers, ("Content-Encoding", coding)], body=body, tags=tags)


def repr_digest(body: bytes) -> str:
    """The value of the field Repr-Digest (RFC 9530, section 3) for bytes as they are sent, in whichever coding."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def _tags(answer: Answer, codings: Codings) -> tuple[str, ...]:
    plain = next(iter(answer.tags), "").removesuffix('"')
    return tuple(dict.fromkeys(plain + ('"' if coding == IDENTITY else f'-{coding}"') for coding in codings)) if plain else ()
