"""Accepted deviations: findings that an owner answers for, with a reason and an end date."""

from __future__ import annotations

import datetime
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tck import requirements
from tck.endpoint import input_file
from tck.endpoint.exchange import Exchange
from tck.endpoint.members import HALF
from tck.rules.judgement import EVERYWHERE, Judgement

_LARGEST = 128 << 10  # bytes of a file
# How the library fails for what is no date, or not what its tag says.
_OTHER = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
_DEEPEST = 20  # levels of lists and mappings in it


class BadDeviations(Exception):
    """A deviations file is wrong; the message says where and how."""


@dataclass(slots=True)
class Deviation:
    """One accepted deviation.

    `number`: its position in the file, from 1. `where`: conditions under which it holds, by what
    they are about (`CONDITIONS`): patterns with `*` and `?`, one of which must match. `defect`: a
    number under which the makers of the endpoint know it. `by_chance`: it shows or not, depending
    on time, so it is never stale. `leaves`: patterns of collections of which it lets something
    stay behind. `used` counts findings that it covers, and what stayed; `met` judgements that it
    would cover but that were right.
    """

    number: int
    requirement: str
    reason: str
    owner: str
    date: datetime.date
    expires: datetime.date | None = None
    defect: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_chance: bool = False
    leaves: tuple[str, ...] = ()
    used: int = field(default=0)
    met: int = field(default=0)

    @property
    def expired(self) -> bool:
        """True if its last day is over."""
        today = datetime.datetime.now(datetime.UTC).date()
        return self.expires is not None and self.expires < today

    def __str__(self) -> str:
        """`DC-ADR-012 [N9], entry 91`."""
        label = f" [{self.defect}]" if self.defect else ""
        return f"{self.requirement}{label}, entry {self.number}"

    def covers(self, judgement: Judgement, x: Exchange | None) -> bool:
        """True if it is about this violation."""
        return self._holds(self.where, judgement, x)

    def is_refuted_by(self, right: Judgement, x: Exchange | None) -> bool:
        """True if it is about what was judged right.

        Of one with conditions on the answer nothing can be said: where they do not hold, another
        answer may still be wrong. A right judgement about all of a document is about all places.
        """
        if self.by_chance:
            return False
        asked = self.where.keys() - {"places"} if right.place == EVERYWHERE else self.where.keys()
        return not self.where.keys() & OF_ANSWERS and self._holds(asked, right, x)

    def _holds(self, names: Iterable[str], judgement: Judgement, x: Exchange | None) -> bool:
        return all(
            any(
                fnmatchcase(CONDITIONS[name](judgement, x), pattern) for pattern in self.where[name]
            )
            for name in names
        )


def _sent(_: Judgement, x: Exchange | None) -> str:
    """A request as text: method and URL, header fields, an empty line, the body."""
    if x is None:
        return ""
    fields = "".join(f"{name}: {value}\n" for name, value in x.request.headers)
    body = (x.request.body or b"").decode("utf-8", "replace")
    return f"{x.request.method} {x.request.url}\n{fields}\n{body}"


# What the conditions of an entry are matched with, by their names in the file.
CONDITIONS: Mapping[str, Callable[[Judgement, Exchange | None], str]] = {
    "operations": lambda _, x: x.operation.id if x is not None and x.operation else "none",
    "statuses": lambda _, x: str(x.status) if x is not None else "none",
    "places": lambda judgement, _: judgement.place,
    "got": lambda judgement, _: str(judgement.got),
    "sent": _sent,
    "exchanges": lambda _, x: x.id if x is not None else "none",
}
OF_ANSWERS = {"statuses", "got"}


class Deviations:
    """The accepted deviations of a run; counts how often each of them occurred."""

    def __init__(self, entries: tuple[Deviation, ...] = ()) -> None:
        """`entries`: in the order of the file; the first one that covers a finding is used."""
        self.entries = entries
        self._by_requirement: dict[str, list[Deviation]] = {}
        for entry in entries:
            self._by_requirement.setdefault(entry.requirement, []).append(entry)

    def covering(self, judgement: Judgement, x: Exchange | None) -> Deviation | None:
        """The deviation that covers a finding and has not expired; None if there is none."""
        for entry in self._by_requirement.get(judgement.requirement, ()):
            if entry.covers(judgement, x):
                entry.used += 1
                if not entry.expired:
                    return entry
        return None

    def concerns(self, requirement: str) -> bool:
        """True if there is an entry about a requirement."""
        return requirement in self._by_requirement

    def leaving(self, collection: str, shown: Iterable[tuple[Judgement, Exchange]]) -> str:
        """Which entry accepts that something of a collection stays behind; empty if none does.

        `shown`: what is wrong with the answers that show why it stays. An entry must accept one of
        these, and that things of this collection stay.
        """
        for judgement, x in shown if any(entry.leaves for entry in self.entries) else ():
            for entry in self._by_requirement.get(judgement.requirement, ()):
                lets = any(fnmatchcase(collection, pattern) for pattern in entry.leaves)
                if lets and not entry.expired and not judgement.ok and entry.covers(judgement, x):
                    return str(entry)
        return ""

    def note_right(self, judgement: Judgement, x: Exchange | None) -> None:
        """Count a right judgement: entries that would cover it may be stale."""
        for entry in self._by_requirement.get(judgement.requirement, ()):
            entry.met += entry.is_refuted_by(judgement, x)

    @property
    def stale(self) -> tuple[Deviation, ...]:
        """Entries that would cover something examined in this run, all of which was right.

        An entry about something that was not examined in the run is not stale.
        """
        return tuple(entry for entry in self.entries if entry.met and not entry.used)

    @property
    def expired(self) -> tuple[Deviation, ...]:
        """Entries whose last day is over, whether they occurred or not."""
        return tuple(entry for entry in self.entries if entry.expired)

    @property
    def outdated(self) -> tuple[Deviation, ...]:
        """Entries that fail a run: stale and expired ones, in the order of the file."""
        return tuple(e for e in self.entries if e.expired or (e.met and not e.used))


def load(path: Path) -> Deviations:
    r"""Read a deviations file (YAML). Raises BadDeviations.

    deviations:
      - requirement: DC-HTTP-017
        reason: ETag is the bare MD5 of the body
        owner: name or address
        date: 2026-11-22
        expires: 2027-11-22        # the last day, or never if nobody will fix it any more
        defect: B20                # optional
        by_chance: true            # optional: it need not show in every run
        leaves: [addresses]        # optional: collections of which it lets something stay behind
        operations: [images.*]     # optional, as all conditions: the operation requested
        statuses: ["5??"]          # the status of the answer
        places: ["/image*"]        # where in the document, or which header field
        got: ["*Ruby*"]            # what was found there, as reports print it
        sent: ["*\nX-Field:*"]     # the request: method and URL, fields, empty line, body
        exchanges: ["x1*"]         # ids of exchanges, for a file of recorded ones
    """
    try:
        data = _parse(input_file.text(path, _LARGEST))
    except OSError as error:
        raise BadDeviations(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadDeviations(f"{path}: not YAML ({error})") from error
    entries = data.get("deviations") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise BadDeviations(f"{path}: needs a list named deviations")
    return Deviations(tuple(_entry(path, n, entry) for n, entry in enumerate(entries, 1)))


def _parse(text: str) -> Any:
    """The value of a YAML text. Raises ValueError, saying why there is none."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - most runs have no such file
    from ruamel.yaml.constructor import ConstructorError  # noqa: PLC0415
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an anchor may be used again
            _require_depth(YAML(typ="safe", pure=True).parse(text))
            return YAML(typ="safe", pure=True).load(text)
    except (ConstructorError, *_OTHER) as error:
        raise ValueError("a date, or a value with a tag, cannot be read") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = " ".join(str(error.problem).split())[:200]
        raise ValueError(f"line {line}: {problem}") from error
    except YAMLError as error:
        raise ValueError(" ".join(str(error).split())[:200]) from error


def _require_depth(events: Iterable[object]) -> None:
    """Raises YAMLError for what is nested deep, which takes the library a square of the time."""
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415
    from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent  # noqa: PLC0415

    depth = 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            raise YAMLError(f"nested more than {_DEEPEST} deep")


def _entry(path: Path, number: int, entry: Any) -> Deviation:
    place = f"{path}: deviation {number}"
    if not isinstance(entry, Mapping):
        raise BadDeviations(f"{place} is not a mapping")
    required = ("requirement", "reason", "owner", "date", "expires")
    members = {*required, "defect", "by_chance", "leaves", *CONDITIONS}
    missing = [name for name in required if not entry.get(name)]
    if missing:
        raise BadDeviations(f"{place} lacks {', '.join(missing)}")
    if unknown := sorted(map(str, entry.keys() - members)):
        raise BadDeviations(f"{place} has unknown members: {', '.join(unknown)}")
    for name in ("requirement", "reason", "owner", "defect"):
        if not _is_scalar(entry.get(name, "")):
            raise BadDeviations(f"{place}: {name} must be text")
    if str(entry["requirement"]) not in requirements.load("both"):
        raise BadDeviations(f"{place}: there is no requirement {entry['requirement']}")
    since, last = entry["date"], None if entry["expires"] == "never" else entry["expires"]
    for name, day in (("date", since), ("expires", last)):
        # to Python a datetime is a date, but the two cannot be compared
        if day is not None and type(day) is not datetime.date:
            raise BadDeviations(f"{place}: {name} must be a date such as 2026-11-22")
    if last and last < since:
        raise BadDeviations(f"{place} expires before it begins")
    if not isinstance(entry.get("by_chance", False), bool):
        raise BadDeviations(f"{place}: by_chance must be true or false")
    where = {name: entry[name] for name in (*CONDITIONS, "leaves") if name in entry}
    for name, patterns in where.items():
        if not isinstance(patterns, list) or not patterns or not all(map(_is_scalar, patterns)):
            raise BadDeviations(f"{place}: {name} must be a list of patterns such as [images.*]")
    return Deviation(
        number,
        str(entry["requirement"]),
        str(entry["reason"]),
        str(entry["owner"]),
        since,
        last,
        str(entry.get("defect", "")),
        {name: tuple(map(str, where[name])) for name in CONDITIONS if name in where},
        entry.get("by_chance", False),
        tuple(map(str, where.get("leaves", ()))),
    )


def _is_scalar(value: object) -> bool:
    """True for what can be text. Not for lists: with aliases a short one can be endless."""
    if isinstance(value, str):
        return not HALF.search(value)
    return isinstance(value, int | float | datetime.date)
