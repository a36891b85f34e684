"""What is wrong and where: the one form in which every step reports faults of its input."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Finding:
    """One fault: the file, its line (0 where there is none), the resource it is about, and what to do."""

    path: str
    line: int
    focus: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.focus}: {self.message}" if self.focus else f"{place}: {self.message}"


class Faulty(Exception):
    """Raised by a step whose input is at fault; holds every finding, sorted."""

    def __init__(self, findings: Iterable[Finding]):
        self.findings = sorted(set(findings))
        super().__init__("\n".join(map(str, self.findings)))


def fault(path: Path | str, message: str, line: int = 0, focus: str = "") -> Faulty:
    """A `Faulty` of one finding."""
    return Faulty([Finding(str(path), line, focus, message)])


def as_text(findings: Iterable[Finding]) -> str:
    return "\n".join(map(str, findings))


def as_json(findings: Iterable[Finding]) -> str:
    return json.dumps([asdict(f) for f in findings], ensure_ascii=False, indent=2)


def as_github(findings: Iterable[Finding]) -> str:
    """Workflow commands that GitHub shows beside the line of the change."""
    return "\n".join(f"::error file={_property(f.path)},line={max(f.line, 1)}::{_escaped(f'{f.focus} {f.message}'.strip())}"
                     for f in findings)


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")


def _escaped(message: str) -> str:
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


RENDERINGS = {"text": as_text, "json": as_json, "github": as_github}
