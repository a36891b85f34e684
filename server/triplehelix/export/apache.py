"""The rules for Apache, as the .htaccess of the folder. It takes mod_rewrite, mod_headers, mod_mime and mod_dir."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from triplehelix.description.document import OF_THINGS, THING
from triplehelix.description.links import REFERENCE
from triplehelix.export.addresses import quoted
from triplehelix.export.rules import DEFAULT, Rules, accepted, exactly, suffixes, types

HTACCESS = ".htaccess"
ASKED_PAGE = r'RewriteCond %{QUERY_STRING} "(?:^|&)page=0*([2-9]|[1-9][0-9]+)(?:&|$)"'
# What is put into a path anew is decoded once more. A name with a question mark in it Apache refuses in any case.
ENDED = "B=%#,END"


def htaccess(rules: Rules) -> str:
    """The file. Where AllowOverride is None its lines may stand in a Directory block."""
    return "\n".join([*_general(rules), "RewriteEngine On", f"RewriteBase {rules.root}", *_exact(rules), *_pages(rules),
                      *_negotiated(rules), ""])


def _general(rules: Rules) -> Iterator[str]:
    yield "Options -Indexes -MultiViews\nDirectoryIndex index.html\nDirectorySlash Off\nRemoveEncoding .gz"
    yield f"ErrorDocument 403 {rules.root}404.html\nErrorDocument 404 {rules.root}404.html"
    yield from (f'Header always set {name} "{value}"' for name, value in rules.headers.items())
    yield from (f'AddType "{_full(kind)}" .{suffix}' for suffix, kind in types().items())
    rooms = {f"{room}.*": kind for room, (_, kind) in rules.suffixed.items()}
    paths = {exactly(path): kind for path, kind in rules.untyped.items()}
    for pattern, kind in (rules.typed | rooms | paths).items():
        yield _where(rules, pattern, f'ForceType "{_full(kind)}"')
    for path, page in rules.gone.items():
        yield _where(rules, exactly(path), f"ErrorDocument 410 {rules.root}{quoted(page)}")


def _where(rules: Rules, pattern: str, line: str) -> str:
    """A line for paths of one pattern. Rewriting cannot say it: its types do not outlive an inner redirect."""
    return f'<If "%{{REQUEST_URI}} =~ m#^{exactly(rules.root)}{pattern}$#">\n{line}\n</If>'


def _exact(rules: Rules) -> Iterator[str]:
    yield 'RewriteCond %{QUERY_STRING} "(?:^|&)release="'
    yield f'RewriteCond %{{QUERY_STRING}} "!(?:^|&)release={exactly(rules.version)}(?:&|$)"'
    yield "RewriteRule ^ - [R=404,L]"
    for row in rules.moved:
        yield f'RewriteRule "^{exactly(row.path)}$" "{_literal(row.target)}" [R={row.status},L,NE]'
    for path in rules.gone:
        yield f'RewriteRule "^{exactly(path)}$" - [G]'
    yield 'RewriteCond "%{REQUEST_FILENAME}/index.html" -f'
    yield f'RewriteCond "%{{THE_REQUEST}}" "^[A-Z]+ {exactly(rules.root)}([^? ]*)"'
    yield f'RewriteRule "^(?:{THING.pattern})" "{_literal(rules.origin)}{OF_THINGS}%1" [R=303,L,NE]'


def _pages(rules: Rules) -> Iterator[str]:
    """What is asked for by a query."""
    for kind, path in rules.lists.items():
        asked = f'RewriteCond %{{QUERY_STRING}} "(?:^|&)class={exactly(kind)}(?:&|$)"'
        yield from (asked, ASKED_PAGE, f'RewriteRule ^list$ "{path}/page-%1.html" [{ENDED}]')
        yield from (asked, f'RewriteRule ^list$ "{path}/index.html" [{ENDED}]')


def _negotiated(rules: Rules) -> Iterator[str]:
    """The form, from what counts least to what counts most: the last that fits stays."""
    yield f"RewriteRule ^ - [E=TRIPLEHELIX_FORM:.{DEFAULT.suffix}]"
    for pattern, suffix in reversed(list(accepted())):
        yield f'RewriteCond "%{{HTTP_ACCEPT}}" "{pattern}" [NC]\nRewriteRule ^ - [E=TRIPLEHELIX_FORM:.{suffix}]'
    yield from ('RewriteCond "%{QUERY_STRING}" "(?:^|&)format=([A-Za-z0-9]+)(?:&|$)"',
                "RewriteRule ^ - [E=TRIPLEHELIX_FORM:.%1]")
    yield from (ASKED_PAGE, f'RewriteRule "^(.+)[.]({suffixes()})$" "$1/page-%1.$2" [{ENDED}]')
    yield from (ASKED_PAGE, f'RewriteRule "^(.+)$" "$1/page-%1%{{ENV:TRIPLEHELIX_FORM}}" [{ENDED}]')
    yield from ('RewriteCond "%{REQUEST_FILENAME}%{ENV:TRIPLEHELIX_FORM}" -f',
                f'RewriteRule "^(.*[^/])$" "$1%{{ENV:TRIPLEHELIX_FORM}}" [{ENDED}]')
    for room, (suffix, _) in rules.suffixed.items():
        yield f'RewriteRule "^{room}$" "{room}index.{suffix}" [{ENDED}]'
        yield f'RewriteCond "%{{REQUEST_FILENAME}}.{suffix}" -f\nRewriteRule "^({room}.+)$" "$1.{suffix}" [{ENDED}]'
    yield from ('RewriteCond "%{REQUEST_FILENAME}/index.html" -f', f'RewriteRule "^(.*[^/])/?$" "$1/index.html" [{ENDED}]')


def _full(kind: str) -> str:
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _literal(url: str) -> str:
    """A URL in which mod_rewrite finds nothing to replace, and no end."""
    return quote(url, safe=REFERENCE).replace("$", "%24").replace("%", "\\%")
