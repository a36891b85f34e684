"""The releases of a folder, kept and pruned, as a chain of changes: what changed between any two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from pathlib import Path

from triplehelix.changes.lines import ADDED, REMOVED
from triplehelix.changes.steps import DATASET, SUMMARY, Changes, Step
from triplehelix.releases import CHANGES, MANIFEST, PRUNED

SECOND = timedelta(seconds=1)
# No release; None is what was before the first.
MISSING = ""


class Unknown(Exception):
    """What changed between two releases cannot be told; the message says why. `gone`: it could be once."""

    def __init__(self, message: str, gone: bool = False):
        super().__init__(message)
        self.gone = gone


@dataclass(frozen=True)
class History:
    """The releases of a folder, kept and pruned: of each the version before it, and its moment (`releases.moments`)."""

    folder: Path
    before: Mapping[str, str | None]
    moments: Mapping[str, datetime]

    def is_kept(self, version: str) -> bool:
        return (self.folder / version / MANIFEST).is_file()

    def is_told(self, version: str | None) -> bool:
        """Whether a release knows what it changed: software from before there were changes wrote none."""
        return version in self.before and (self._folder(version) / CHANGES / SUMMARY).is_file()

    def of(self, version: str) -> Changes:
        """What a release changed against the one that was current before it. Raises Unknown."""
        self._require(version)
        return self.between(self.before[version], version)

    def between(self, before: str | None, after: str) -> Changes:
        """What changed from one release (None: from nothing) to another, along the chain: back to where their lines part, and
        on from there. Raises Unknown."""
        self._require(after)
        if before not in (None, self.before[after]):
            self._require(before)
        back, line = self._line(before), self._line(after)
        parting = next((version for version in back if version in line), MISSING)
        if parting != MISSING:
            undone = [self._step(version, REMOVED) for version in back[:back.index(parting)]]
            made = [self._step(version) for version in reversed(line[:line.index(parting)])]
            found = Changes(before, after, (*undone, *made))
            if found.is_readable or before is None:
                return found
        return self._by_dumps(before, after)

    def is_chained(self, before: str, after: str) -> bool:
        """Whether a chain of changes leads from one release to another that was not built on it."""
        try:
            return before != self.before[after] and self.between(before, after).dumps is None
        except Unknown:
            return False

    def _step(self, version: str, sign: int = ADDED) -> Step:
        return Step(self._folder(version), sign)

    def _folder(self, version: str) -> Path:
        return (self.folder if self.is_kept(version) else self.folder / PRUNED) / version

    def _line(self, version: str | None) -> list[str | None]:
        """A release and those before it, as far as changes lead back; None stands for what was before the first."""
        found = [version]
        while self.is_told(found[-1]) and (before := self.before[found[-1]]) not in found:
            found.append(before)
        return found

    def _by_dumps(self, before: str | None, after: str) -> Changes:
        """Two releases of which no chain of changes is left, by their sorted dumps. Raises Unknown."""
        for version in filter(None, (before, after)):
            if not self.is_told(version):
                raise Unknown(f"Release {version} was built by software that kept no account of changes; compare its dumps.")
            if not self.is_kept(version):
                raise Unknown(f"Release {version} was pruned, and no chain of changes leads to it any more.", gone=True)
        if before is None:
            raise Unknown(f"Release {after} follows none of those that are known here.")
        return Changes(before, after, dumps=(self.folder / before / DATASET, self.folder / after / DATASET))

    def _require(self, version: str) -> None:
        if version not in self.before:
            raise Unknown(f"There is no release {version!r} here, and there was none.")

    @cached_property
    def times(self) -> dict[str, datetime]:
        """When each release came to be published, in that order: its moment, but later than the one it follows, for the dates
        of data may go back."""
        found: dict[str, datetime] = {}
        for version, moment in self.moments.items():
            before = found.get(self.before[version] or MISSING)
            moment = max(moment, before + SECOND) if before else moment
            while moment in found.values():
                moment += SECOND
            found[version] = moment
        return dict(sorted(found.items(), key=itemgetter(1)))

    def published(self, current: str) -> list[str]:
        """The releases that know what they changed, in the order of their times, up to the one that is current."""
        return [version for version, time in self.times.items() if self.is_told(version) and time <= self.times[current]]
