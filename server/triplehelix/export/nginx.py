"""The rules for nginx: one file for its http block (maps), one for the server block of the site."""

from __future__ import annotations

from collections.abc import Iterator

from triplehelix.description.document import OF_THINGS, THING
from triplehelix.export.rules import DEFAULT, Rules, accepted, exactly, suffixes, types
from triplehelix.formats import HTML

MAPS, SERVER = "nginx-maps.conf", "nginx.conf"


def maps(rules: Rules) -> str:
    """What the http block includes."""
    return "\n".join([
        f"# For the http block; {SERVER}, beside this file, is for the server block.",
        _map("$request_uri", "path", {_text(f"~^{exactly(rules.root)}(?<triplehelix_r>[^?]*)"): "$triplehelix_r"}, '""'),
        _map("$http_accept", "accepted", {_text(f"~*{pattern}"): f".{suffix}" for pattern, suffix in accepted()},
             f".{DEFAULT.suffix}"),
        _map("$arg_format", "form", {'"~^(?<triplehelix_f>[A-Za-z0-9]+)$"': ".$triplehelix_f"}, "$triplehelix_accepted"),
        _map("$arg_format", "named", {'"~^(?<triplehelix_n>[A-Za-z0-9]+)$"': ".$triplehelix_n"}, "/.none"),
        _map("$arg_page", "page", {'""': '""', "1": '""', '"~^(?<triplehelix_p>[1-9][0-9]*)$"': "/page-$triplehelix_p"},
             "/none"),
        _map("$arg_page", "leaf", {'""': "/index", "1": "/index", '"~."': "$triplehelix_page"}, "/none"),
        _map("$arg_class", "list", {_text(f"~^{exactly(kind)}$"): f"/{path}" for kind, path in rules.lists.items()}, "/none"),
        _map("$arg_release", "other", {'""': '""', _text(rules.version): '""'}, "1"),
        _map("$triplehelix_path", "vary", {f'"~[.](?:{"|".join(types())})$"': '""'}, "Accept"), ""])


def _map(source: str, name: str, rows: dict[str, str], default: str) -> str:
    lines = [f"    {key} {value};\n" for key, value in [("default", default), *rows.items()]]
    return f"map {source} $triplehelix_{name} {{\n{''.join(lines)}}}"


def server(rules: Rules) -> str:
    """What the server block of the site includes; `root` there is the folder of the export."""
    return "\n".join(["# For the server block of the site, whose root is the folder of the export.", *_general(rules),
                      *_exact(rules), *_patterns(rules), ""])


def _general(rules: Rules) -> Iterator[str]:
    kinds = "".join(f"    {kind} {suffix};\n" for suffix, kind in types().items())
    yield f"types {{\n{kinds}}}"
    yield "default_type application/octet-stream;\nindex index.html;\ncharset utf-8;"
    # Pages say it in any case.
    yield f"charset_types {' '.join(sorted(rules.textual() - {HTML.media_type}))};"
    yield from (f"add_header {name} {_text(value)} always;" for name, value in rules.headers.items())
    yield "add_header Vary $triplehelix_vary always;"
    yield "error_page 403 404 =404 /404.html;"
    if rules.root != "/":
        inner = _text(f"^{exactly(rules.root.rstrip('/'))}(?<triplehelix_inner>/.*)$")
        yield f"rewrite {inner} $triplehelix_inner;"
    yield "if ($triplehelix_other) { return 404; }"


def _exact(rules: Rules) -> Iterator[str]:
    for row in rules.moved:
        yield f"location = {_text('/' + row.path)} {{ return {row.status} {_text(_url(row.target))}; }}"
    for path, page in rules.gone.items():
        # There nginx would take $ for a variable, and nothing escapes it.
        why = f"error_page 410 {_text('/' + page)}; " if "$" not in page else ""
        yield f"location = {_text('/' + path)} {{ {why}return 410; }}"
    for path, kind in rules.untyped.items():
        yield f"location = {_text('/' + path)} {{ default_type {kind}; try_files $uri$triplehelix_form $uri =404; }}"
    yield "location = /404.html { }"
    yield "location = /list { rewrite ^ $triplehelix_list$triplehelix_leaf.html break; }"


def _patterns(rules: Rules) -> Iterator[str]:
    """The first pattern that fits counts."""
    for room, (suffix, kind) in rules.suffixed.items():
        yield (f"location ^~ /{room} {{ types {{ }} default_type {kind}; "
               f"try_files $uri.{suffix} $uri ${{uri}}index.{suffix} =404; }}")
    for pattern, kind in rules.typed.items():
        yield f"location ~ {_text(f'^/{pattern}$')} {{ types {{ }} default_type {kind}; try_files $uri =404; }}"
    document = _text(_url(rules.origin + OF_THINGS) + "$triplehelix_path$is_args$args")
    yield f"""location ~ {_text(f'^/(?:{THING.pattern})')} {{
    if (-f $request_filename/index.html) {{ return 303 {document}; }}
    try_files $uri =404;
}}"""
    yield f"""location / {{
    if ($triplehelix_page) {{
        rewrite "^(?<triplehelix_stem>.+)[.](?<triplehelix_suffix>{suffixes()})$"
            $triplehelix_stem$triplehelix_page.$triplehelix_suffix break;
        rewrite "^(?<triplehelix_stem>.+)$" $triplehelix_stem$triplehelix_page$triplehelix_form break;
    }}
    if (-f $request_filename$triplehelix_named) {{
        rewrite "^(?<triplehelix_stem>.+)$" $triplehelix_stem$triplehelix_named last;
    }}
    try_files $uri$triplehelix_form $uri $uri/index.html =404;
}}"""


def _url(url: str) -> str:
    """A URL in which nginx finds no variable."""
    return url.replace("$", "%24")


def _text(value: str) -> str:
    """A string as nginx reads it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
