"""A walk through the whole site, as a harvester and as a visitor: each answer becomes a file.

First come the documents that the sitemaps list, in every form but HTML; from then on it is known which addresses have a page.
Pages come last: where one leads to is asked for when the link is met, and what nothing here can answer is no link.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from functools import partial
from html import unescape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from triplehelix.description.document import OF_THINGS, document_of
from triplehelix.export.addresses import INDEX, UNFIT, Address, address_of, form_file, list_path, page_file, quoted
from triplehelix.export.asked import Answer, Asked
from triplehelix.export.folder import Folder
from triplehelix.export.pages import moved_page, static_page
from triplehelix.export.rules import Moved, Rules
from triplehelix.findings import fault
from triplehelix.formats import DOCUMENT, HTML, Format
from triplehelix.releases import Manifest
from triplehelix.resources import MOVED, Resources

# Where a walk begins besides the documents: nothing else need lead there. An address that does not exist is no fault.
SEEDS = ("", "robots.txt", "catalogue", ".well-known/void", "report", "context", "linkset/", "dumps", "query", "release")
ROBOTS, MISSING = "robots.txt", "404.html"
ENDPOINT, LIST, LINKSETS, RELEASES, DUMPS, QUERIES = "sparql", "list", "linkset/", "release/", "dumps/", "queries/"
# What tells of the server itself or of all releases at a moment, and what each visitor asks for in another way.
LIVE = frozenset({"compare", "graphs", "health", "history", "metrics", "reference", "search", "search.json", "suggest",
                  "timegate", "timemap"})
REDIRECTS, SERVER_FAULT = (301, 302, 303, 307, 308), 500
NUMBER, NAME = re.compile("[1-9][0-9]{0,7}"), re.compile("[A-Za-z0-9]+")
SITEMAP, LOCATION, ENTRY = (re.compile(pattern) for pattern in (
    r"(?m)^Sitemap: *(\S+)", "<loc>([^<]+)</loc>", r"<url><loc>([^<]+)</loc>.*?</url>\n?"))
# An answer that says so may be another one a moment later.
FLEETING = "no-cache"
UNFIT_NAME = "no file can have this name, or another one has it"
# After so many pages is told how far it is.
TOLD_EVERY = 250
FORMS = tuple(fmt for fmt in DOCUMENT if fmt is not HTML)


class Place(NamedTuple):
    """Where the answer of an address belongs: a path, the number of the page, and the form where one is named."""

    path: str
    number: int = 1
    form: str = ""


class Waiting(NamedTuple):
    """A page that is still to be written, its files, and the answer where it has come already."""

    address: Address
    files: tuple[str, ...]
    answer: Answer | None = None


class Walk:
    """The way through the site of one release, and what stands in `folder` after it.

    `rules` are what a host has to be told, `left_out` what has no file, and why; `moment` is the day of the release.
    """

    def __init__(self, asked: Asked, folder: Folder, release: Path, manifest: Manifest, step: Callable[[str], None]) -> None:
        self.rules = Rules(asked.origin, urlsplit(asked.origin).path, manifest.version)
        self.left_out: list[str] = []
        self._asked, self._folder, self._release, self._manifest, self._step = asked, folder, release, manifest, step
        self._known: dict[Address, str | None] = {}
        self._waiting: deque[Waiting] = deque()
        self._runs: dict[str, str] = {}
        self.moment = datetime.fromisoformat(manifest.version[:10]).replace(tzinfo=UTC)
        self._began = time.monotonic()

    def walk(self) -> None:
        """The whole way. Raises Faulty where the site fails at a page, and where a file cannot be written."""
        sitemaps = dict(self._sitemaps())
        listed = {path for text in sitemaps.values() for path in self._listed(text)}
        for count, path in enumerate(sorted(listed)):
            self._tell(count, f"{count:,} of {len(listed):,} documents")
            self._document(path, listed)
        self._results()
        self._retired()
        for file in self._manifest.files:
            if file.startswith(DUMPS):
                self._linked(file, file)
                self._linked(f"{RELEASES}{self._manifest.version}/{file}", file)
        for seed in SEEDS:
            self._claim(Address(seed))
        self._pages()
        self._write_sitemaps(sitemaps)
        self._write_missing()

    # What the sitemaps list

    def _sitemaps(self) -> Iterator[tuple[Address, str]]:
        """The sitemaps that robots.txt names, and those that they name."""
        robots = self._asked.get(Address(ROBOTS)).body.decode()
        waiting = deque(SITEMAP.findall(robots))
        while waiting:
            address = self._address(waiting.popleft())
            text = self._asked.get(address).body.decode()
            yield address, text
            if "<sitemapindex" in text:
                waiting += map(unescape, LOCATION.findall(text))

    def _listed(self, text: str) -> list[str]:
        """The paths a sitemap lists."""
        return [self._address(unescape(url)).path for url in ENTRY.findall(text)]

    def _address(self, url: str) -> Address:
        address = address_of(url, self._asked.origin, self._asked.origin)
        if address is None:
            raise fault(url, f"is named by the site and is no address below {self._asked.origin}")
        return address

    def _document(self, path: str, listed: set[str]) -> None:
        """A document in every form but HTML, for which it waits; what has no form is a page, or nothing the site answers."""
        address = Address(path)
        first = self._form(path, FORMS[0])
        if first is None:
            if self._claim(address) is None:
                self._leave_out(address, UNFIT_NAME if UNFIT.search(path) else "the site has no answer at this address")
            return
        files = self._files_of_page(path, listed)
        if not files:
            self._leave_out(address, UNFIT_NAME)
            return
        self._known[address] = self.rules.root + quoted(path)
        self._waiting.append(Waiting(address, files))
        self._forms(path, first, listed)
        if path.startswith(OF_THINGS):
            self._claim(Address(path.removeprefix(OF_THINGS)))

    def _leave_out(self, address: Address, why: str) -> None:
        self._known[address] = None
        self.left_out.append(f"{quoted(address.path)}: {why}")

    def _files_of_page(self, path: str, others: set[str]) -> tuple[str, ...]:
        """The names of a document's page: that of its folder's, and that with a suffix where no other document has it."""
        file, named = page_file(path), form_file(path, HTML.suffix)
        if not self._folder.reserve(file):
            return ()
        return (file, named) if named not in others and self._folder.reserve(named) else (file,)

    def _form(self, path: str, fmt: Format, number: int = 1) -> Answer | None:
        """A page of a document in another form; None where the site has none at that address."""
        if not path or path.endswith("/") or UNFIT.search(path):
            return None
        address = Address(f"{path}.{fmt.suffix}", f"page={number}" if number > 1 else "")
        answer = self._asked.get(address, fmt.media_type)
        return answer if answer.status == 200 and answer.media_type == fmt.media_type else None

    def _forms(self, path: str, first: Answer, others: Collection[str] = (), number: int = 1) -> None:
        """A page of a document in every form but HTML, of which the first is given, and the links the server sends with it.

        Not where another document has the address of a form.
        """
        for fmt in FORMS:
            if f"{path}.{fmt.suffix}" not in others:
                answer = first if fmt is FORMS[0] else self._form(path, fmt, number)
                if answer:
                    self._keep(form_file(path, fmt.suffix, number), answer)
        if number == 1:
            self._claim(Address(LINKSETS + path))

    # What a reference leads to

    def _claim(self, address: Address) -> str | None:
        """The reference by which a page here leads to an address; None where nothing here answers it."""
        address = self._own(address)
        if not address.query and self._folder.holds(address.path):
            return self.rules.root + quoted(address.path)
        if address not in self._known:
            self._known[address] = None  # redirects may lead in a circle
            self._known[address] = self._found(address)
        return self._known[address]

    def _own(self, address: Address) -> Address:
        """An address without the release, where that is this one: all that stands here is of it."""
        return address.without("release", self._manifest.version)

    def _found(self, address: Address) -> str | None:
        place = self._place(address)
        if place is None:
            return None
        answer = self._asked.get(address)
        if answer.status in REDIRECTS:
            target = address_of(answer.fields.get("location", ""), self._asked.origin, self._asked.origin)
            if target is None or self._own(target) != address:
                if address.path == LIST and target:
                    self.rules.lists[address.spelled("class")] = self._own(target).path
                return self._moved(address, target, answer)
            # To cite it takes the release in its address.
            answer = self._asked.get(target)
        if answer.status >= SERVER_FAULT and address.path != ENDPOINT:
            raise fault(self._asked.origin + quoted(address.path), f"the site answers {answer.status}: it cannot be exported")
        return self._answered(address, place, answer) if answer.status == 200 else None

    def _place(self, address: Address) -> Place | None:
        """Where the answer of an address belongs; None for what a server only can answer: queries, and other releases."""
        path, given = address.path, address.arguments
        room, _, below = path.partition("/")
        is_of_another = room + "/" == RELEASES and below.partition("/")[0] not in ("", self.rules.version)
        if UNFIT.search(path) or room in LIVE or is_of_another:
            return None
        number = given.pop("page", "1")
        if not NUMBER.fullmatch(number):
            return None
        if path == LIST and given.keys() == {"class"}:
            return Place(list_path(given["class"], self._manifest.prefixes), int(number))
        if path == ENDPOINT:
            run, form = self._runs.get(given.get("query", ""), ""), given.get("format", "")
            return Place(run, form=form) if run and NAME.fullmatch(form) and len(given) == 2 else None
        form = given.pop("format", "")
        return None if given or form and not NAME.fullmatch(form) else Place(path, int(number), form)

    def _answered(self, address: Address, place: Place, answer: Answer) -> str | None:
        """The file of an answer, written or waiting to be; a page that nobody listed may have other forms."""
        if not answer.is_page or place.form:
            return self._plain(place, answer)
        file = page_file(place.path, place.number)
        if not self._folder.reserve(file):
            self._leave_out(address, UNFIT_NAME)
            return None
        if address.path == LIST:
            self.rules.lists[address.spelled("class")] = place.path
        self._waiting.append(Waiting(address, (file,), answer))
        if first := self._form(place.path, FORMS[0], place.number):
            self._forms(place.path, first, number=place.number)
        return self.rules.root + quoted(file.removesuffix(INDEX) if address.query else place.path)

    def _plain(self, place: Place, answer: Answer) -> str | None:
        """An answer that is no page; under its own path, which on a plain host tells no type where it has no suffix."""
        path = place.path
        if place.form:
            file = form_file(path, place.form, place.number)
            self.rules.type_of_form(path, place.form, answer.media_type)
        elif path.startswith(LINKSETS):
            file = form_file(path, "json")
            self.rules.suffixed[LINKSETS] = ("json", answer.media_type)
        else:
            file = path
            self.rules.type_of(path, answer.media_type)
        return self.rules.root + quoted(file) if self._keep(file, answer) else None

    def _keep(self, file: str, answer: Answer) -> bool:
        if not self._folder.reserve(file):
            return False
        self._folder.write(file, answer.body, answer.modified or self.moment)
        return True

    def _linked(self, path: str, file: str) -> None:
        """A file of the release, at an address that the site has for it."""
        answer = self._asked.get(Address(path), method="HEAD")
        if answer.status == 200 and self._folder.reserve(path):
            self._folder.link(path, self._release / file)
            self.rules.type_of(path, answer.media_type)

    def _moved(self, address: Address, target: Address | None, answer: Answer) -> str | None:
        """What a redirect leads to. Things have one rule for all; a folder is found without its slash; else a page leads on."""
        found = self._claim(target) if target else None
        if found is None or address.query:
            return found
        location, file = answer.fields["location"], page_file(address.path)
        if target.path != OF_THINGS + address.path:
            self.rules.moved.append(Moved(address.path, answer.status, location))
        if target.path != address.path + "/" and self._folder.reserve(file):
            self._folder.write(file, moved_page(found, location).encode(), self.moment)
        return found

    # What has no sitemap

    def _results(self) -> None:
        """The answer of each named query, as it stands, at the address that runs it."""
        for slug in sorted(Path(file).stem for file in self._manifest.files if file.startswith(QUERIES)):
            run = Address(f"query/{slug}/run")
            self._step(f"the answer of {slug}")
            asked = self._address(self._asked.get(run).fields.get("location", ""))
            answer = self._asked.get(asked)
            if not answer.is_page or FLEETING in answer.fields.get("cache-control", ""):
                self._leave_out(run, "has another answer each time" if answer.is_page else f"the site answers {answer.status}")
            elif self._folder.reserve(page_file(run.path)):
                self._runs[asked.arguments["query"]] = run.path
                self._known[run] = self.rules.root + quoted(run.path)
                self._waiting.append(Waiting(run, (page_file(run.path),), answer))

    def _retired(self) -> None:
        """What became of IRIs that are in use no more: their documents have no other address than the redirect."""
        for local, known in Resources(self._release).all_retired():
            name = self._address(self._asked.origin + local).path
            if UNFIT.search(name):
                continue
            for path in dict.fromkeys((name, document_of(name))):
                address, file = Address(path), page_file(path)
                answer = self._asked.get(address)
                if known.status == MOVED:
                    self._claim(address)
                elif self._folder.reserve(file):
                    self._waiting.append(Waiting(address, (file,), answer))
                    self._known[address] = self.rules.root + quoted(path)
                    self.rules.gone[path] = file
            self._retired_forms(document_of(name), known.status)

    def _retired_forms(self, path: str, status: int) -> None:
        """The same for the forms of such a document."""
        for fmt in DOCUMENT:
            form = form_file(path, fmt.suffix)
            answer = self._asked.get(Address(form))
            if answer.status == status == MOVED:
                self.rules.moved.append(Moved(form, status, answer.fields["location"]))
            elif answer.status == status:
                self.rules.gone[form] = page_file(path)

    # Pages

    def _pages(self) -> None:
        """Every page, and those it leads to."""
        count = 0
        while self._waiting:
            self._tell(count, f"{count:,} pages; at least {len(self._waiting):,} more")
            address, files, answer = self._waiting.popleft()
            answer = answer or self._asked.get(address)
            if answer.media_type != HTML.media_type:
                raise fault(self._asked.origin + quoted(address.path), f"the site answers {answer.status}, which is no page")
            body = self._static(answer, self._asked.origin + quoted(address.path))
            self._folder.write(files[0], body, answer.modified or self.moment)
            for file in files[1:]:
                self._folder.repeat(file, files[0])
            count += 1

    def _static(self, answer: Answer, here: str) -> bytes:
        return static_page(answer.body.decode(), partial(self._resolved, here=here)).encode()

    def _resolved(self, reference: str, here: str) -> str | None:
        address = None if reference.startswith("#") else address_of(reference, here, self._asked.origin)
        if address is None:
            return reference
        found = self._claim(address)
        fragment = reference.partition("#")[2]
        return found and (f"{found}#{fragment}" if fragment else found)

    def _write_sitemaps(self, sitemaps: dict[Address, str]) -> None:
        """The sitemaps, without what has no file."""
        def kept(entry: re.Match[str]) -> str:
            return entry[0] if self._known.get(self._address(unescape(entry[1]))) else ""

        for address, text in sitemaps.items():
            if self._folder.reserve(address.path):
                self._folder.write(address.path, ENTRY.sub(kept, text).encode(), self.moment)

    def _write_missing(self) -> None:
        """The page that many hosts give for what is not there."""
        answer = self._asked.get(Address(MISSING))
        if self._folder.reserve(MISSING):
            self._folder.write(MISSING, self._static(answer, self._asked.origin), self.moment)

    def _tell(self, count: int, how_far: str) -> None:
        if count % TOLD_EVERY == 0:
            rate = self._folder.count / max(time.monotonic() - self._began, 0.001)
            self._step(f"{how_far}; {self._folder.count:,} files, {rate:,.0f} a second")
