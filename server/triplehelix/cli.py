"""The command `triplehelix`: one function per verb, no logic; faults of the input are printed and end with status 1."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click

from triplehelix import __version__
from triplehelix.findings import RENDERINGS, Faulty, Finding

PROJECT = click.option("--project", "folder", type=click.Path(path_type=Path),
                       help="The folder with ontology, data, shapes and queries.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="triplehelix")
def main() -> None:
    """Triple Helix: check, build and publish linked data about clusters and smart specialisation."""


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; say which files are not canonical.")
@PROJECT
def fmt(paths: tuple[Path, ...], only_check: bool, folder: Path | None) -> None:
    """Write Turtle files (default: all of the project) in canonical form."""
    from triplehelix import project, sources, turtle
    with faults_told():
        require_files(paths)
        home = project.find(folder)
        chosen = [sources.named(path, home) for path in paths] or home.sources
        changed = turtle.fmt(home, chosen, check=only_check)
    for source in changed:
        click.echo(f"{source.name}: {'not canonical; run triplehelix fmt' if only_check else 'written'}")
    sys.exit(1 if changed and only_check else 0)


@main.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "target", type=click.Path(path_type=Path), help="The Turtle file to write; default data/sources/NAME.ttl.")
@click.option("--select", "selection", type=click.Path(path_type=Path),
              help="A list of identifiers, one a line: only their rows are taken.")
@click.option("--map", "mapping", type=click.Path(path_type=Path), help="For csvmap: which column is which property.")
@click.option("--retrieved", type=click.DateTime(["%Y-%m-%d"]),
              help="The day the file was had from its source; default: as at its last import, else today.")
@PROJECT
def import_(name: str, file: Path, target: Path | None, selection: Path | None, mapping: Path | None,
            retrieved: datetime | None, folder: Path | None) -> None:
    """Import the FILE of a source by the importer NAME, with its provenance."""
    from triplehelix import importers, project
    with faults_told(), progress() as step:
        order = importers.Order(name, file, target, importers.read_selection(selection), mapping,
                                retrieved.date() if retrieved else None)
        done = importers.import_file(project.find(folder), order, lambda finding: click.echo(str(finding), err=True), step)
    click.echo(f"{done.target}: {done.run.told()}")


@main.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--map", "mapping", type=click.Path(path_type=Path), default="sheet", show_default=True,
              help="For a table (.csv, .xlsx): which column is which property.")
@click.option("--profile", default="", help="A profile of shapes/profiles/ to be met besides, such as register.")
@click.option("--format", "rendering", type=click.Choice(list(RENDERINGS)), default="text", help="How findings are printed.")
@PROJECT
def check(path: Path | None, mapping: Path, profile: str, rendering: str, folder: Path | None) -> None:
    """Check a project, one Turtle file, or a table to be imported: syntax, house rules, shapes and query checks."""
    from triplehelix import check as checking
    from triplehelix import project
    with faults_told(rendering), progress() as step:
        if path and path.suffix.lower() in (".csv", ".xlsx"):
            from triplehelix.importers.checking import check_table
            require_files([path])
            findings = check_table(project.find(folder), path, mapping, step)
        elif path and not path.is_dir():
            require_files([path])
            findings = checking.check_file(project.find(folder), path, step)
        else:
            findings = checking.check(project.find(path or folder), step, profile)[1]
        if findings:
            raise Faulty(findings)
    click.echo("[]" if rendering == "json" else "conforms: no finding", err=rendering == "github")


@main.command()
@click.argument("kind")
@click.option("--to", "target", type=click.Path(path_type=Path), help="The .csv or .xlsx file to write; default KIND.csv.")
@PROJECT
def new(kind: str, target: Path | None, folder: Path | None) -> None:
    """Write a table to fill in for a new thing of that KIND (organisation)."""
    from triplehelix import project
    from triplehelix.importers import template
    with faults_told():
        written = template.new(project.find(folder), kind, target or Path(f"{kind}.csv"))
    click.echo(f"{written}: fill it in, then: triplehelix check {written}")


@main.command()
@click.argument("releases", type=click.Path(path_type=Path))
@click.option("--base", help="The base IRI the release is served from; default: the project's canonical one.")
@PROJECT
def build(releases: Path, base: str | None, folder: Path | None) -> None:
    """Check the project, build a sealed release in RELEASES, and make it the current one."""
    from triplehelix import project
    from triplehelix.build import build as make
    with faults_told(), progress() as step:
        release = make(project.find(folder), releases, base, step)
    click.echo(f"{release} is the current release")


@main.command()
@click.argument("folder", metavar="RELEASES", type=click.Path(path_type=Path))
def releases(folder: Path) -> None:
    """List the releases of a folder, the oldest first; * is the current one."""
    from triplehelix.releases import current, kept, read_manifest
    with faults_told():
        now = read_manifest(current(folder)).version
        for version, manifest in kept(folder).items():
            size = sum(row["bytes"] for row in manifest.files.values())
            click.echo(f"{'*' if version == now else ' '} {version}  {manifest.counts['triples']:,} triples, "
                       f"{manifest.counts['graphs']:,} graphs, {size / 1e6:,.1f} MB without the store, at {manifest.base}")


@main.command()
@click.argument("folder", metavar="RELEASES", type=click.Path(path_type=Path))
@click.argument("version", required=False)
def rollback(folder: Path, version: str | None) -> None:
    """Make VERSION current, or the release that was current before this one. A running server follows at once."""
    from triplehelix.build.rollback import rollback as back
    with faults_told():
        manifest = back(folder, version)
    click.echo(f"{folder / manifest.version} is the current release")


@main.command()
@click.argument("folder", metavar="RELEASES", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(min=1), required=True, help="How many releases stay, the current one among them.")
def prune(folder: Path, keep: int) -> None:
    """Remove the oldest releases until N are left, never the current one. What they were and changed is still told."""
    from triplehelix.build.prune import prune as remove
    with faults_told():
        done = remove(folder, keep)
    for version in done.versions:
        click.echo(f"{folder / version} is removed")
    click.echo(done.told())


@main.command()
@click.argument("folder", metavar="RELEASES", type=click.Path(path_type=Path))
@click.argument("version", required=False)
def verify(folder: Path, version: str | None) -> None:
    """Read every file of VERSION, or of all releases of a folder, and compare it with its checksum."""
    from triplehelix import releases as sealed
    with faults_told():
        if version is None:
            sealed.read_manifest(sealed.current(folder))
        for each in [version] if version else sealed.kept(folder):
            sealed.verify(folder / each)
            click.echo(f"{folder / each}: whole and unaltered")
        for each in {} if version else sealed.pruned(folder):
            sealed.verify_remains(folder / sealed.PRUNED / each)
            click.echo(f"{folder / sealed.PRUNED / each}: what stays of it is unaltered")


@main.command()
@click.argument("folder", metavar="RELEASES", type=click.Path(path_type=Path))
@click.argument("target", metavar="FOLDER", type=click.Path(path_type=Path))
@click.argument("version", required=False)
def parquet(folder: Path, target: Path, version: str | None) -> None:
    """Write the tables of VERSION, or of the current release, into FOLDER as Parquet; needs the extra triplehelix[parquet]."""
    from triplehelix import parquet as tables
    from triplehelix import releases as sealed
    with faults_told():
        written = tables.write(folder / version if version else sealed.current(folder), target)
    click.echo(f"{target}: {len(written)} tables")


class Limited(click.Command):
    """A command whose help lists the limits of the engine."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The names for --limit, what each means, and its value where none is given."""
        from triplehelix.engine.limits import figures
        from triplehelix.engine.model import Limits
        with formatter.section("Limits"):
            formatter.write_dl([(each.name, f"{each.meaning.words} [default: {each.value}]") for each in figures(Limits())])
        super().format_epilog(ctx, formatter)


@main.command(cls=Limited)
@click.argument("releases", type=click.Path(path_type=Path), required=False)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option("--origin", help="The address visitors use, where it differs from the release's base.")
@click.option("--limit", "settings", multiple=True, metavar="NAME=VALUE", help="Set a limit of queries; see below. Repeatable.")
@click.option("--service", "services", multiple=True, metavar="IRI", help="An endpoint that SERVICE may name. Repeatable.")
@click.option("--trusted-proxy", "proxies", multiple=True, metavar="ADDRESS",
              help="An address or network whose X-Forwarded-For says who the client is. Repeatable.")
@click.option("--log", is_flag=True, help="Write a line of JSON for each request to standard error; never an address.")
@click.option("--metrics", "readers", multiple=True, metavar="ADDRESS",
              help="An address or network that may read /metrics, which is not there otherwise. Repeatable.")
@click.option("--verify", "is_to_be_verified", is_flag=True, help="Compare every file with its checksum before serving.")
def serve(releases: Path | None, host: str, port: int, origin: str | None, settings: tuple[str, ...], services: tuple[str, ...],
          proxies: tuple[str, ...], log: bool, readers: tuple[str, ...], is_to_be_verified: bool) -> None:
    """Serve the current release of RELEASES; nothing is written. Without RELEASES, that of the project at hand, or of the one
    packaged with this software, which is built into the user's cache first.
    """
    from triplehelix import releases as sealed
    from triplehelix.engine import limits
    from triplehelix.web.server import serve as run
    with faults_told():
        releases = releases or _own_releases(port)
        if is_to_be_verified:
            sealed.verify(sealed.current(releases))
        run(releases, host, port, origin, limits.chosen(settings, services), proxies, log, readers)


def _own_releases(port: int) -> Path:
    from triplehelix import project
    from triplehelix.build import own
    with progress() as step:
        return own.releases(project.find(None), port, step)


@main.command()
@click.argument("releases", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--release", "version", help="The release to export; default: the current one.")
@click.option("--origin", help="The address at which the files will be served; default: the release's base.")
def export(releases: Path, folder: Path, version: str | None, origin: str | None) -> None:
    """Write the site of a release into FOLDER, as plain files that any host serves without this software."""
    from triplehelix.export import export as write
    with faults_told(), progress() as step:
        done = write(releases, folder, version, origin, step)
    for line in done.left_out:
        click.echo(line, err=True)
    click.echo(f"{folder}: {done.told()}")


@main.command()
@click.option("--write", is_flag=True, help="Write the candidates to data/candidates/bodies.ttl.")
@PROJECT
def match(write: bool, folder: Path | None) -> None:
    """Find bodies that may be one: to merge by their identifiers, or candidates for a person to confirm."""
    from triplehelix import matching, project
    with faults_told():
        home = project.find(folder)
        found = matching.find(home)
        if write:
            matching.write(home, found)
    for finding in found.findings():
        click.echo(str(finding), err=True)
    click.echo(found.told())


@main.command()
@click.argument("name")
@click.argument("values", nargs=-1)
@click.option("--releases", type=click.Path(path_type=Path), help="Ask the current release of this folder.")
@click.option("--endpoint", help="Ask this SPARQL endpoint.")
@click.option("--format", "fmt", default="csv", show_default=True, help="csv, tsv, json or xml; ttl and others for graphs.")
@PROJECT
def query(name: str, values: tuple[str, ...], releases: Path | None, endpoint: str | None, fmt: str, folder: Path | None) -> None:
    """Run a named query, or a .rq file, with VALUES given as name=value."""
    from triplehelix import ask
    with faults_told():
        click.echo(ask.answer(name, values, fmt, releases, endpoint, folder), nl=False)


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; say which documents are not as they should be.")
@PROJECT
def docs(only_check: bool, folder: Path | None) -> None:
    """Write the documents that are made from the data into docs/."""
    from triplehelix import documents, project
    with faults_told():
        home = project.find(folder)
        changed = documents.write(home, home.root / "docs", check=only_check)
    for path in changed:
        click.echo(f"{path}: {'not as the data have it; run triplehelix docs' if only_check else 'written'}")
    sys.exit(1 if changed and only_check else 0)


def require_files(paths: Iterable[Path]) -> None:
    """Raises Faulty for paths that are no files."""
    missing = [Finding(str(path), 0, "", "there is no such file") for path in paths if not path.is_file()]
    if missing:
        raise Faulty(missing)


@contextlib.contextmanager
def faults_told(rendering: str = "text") -> Iterator[None]:
    """Print what is wrong, one line a finding, and end with status 1."""
    try:
        yield
    except Faulty as error:
        click.echo(RENDERINGS[rendering](error.findings), err=rendering == "text")
        sys.exit(1)


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A line that says which step runs, on a terminal; nothing where the output is piped."""
    from rich.console import Console
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("starting") as status:
        yield lambda name: status.update(name)
