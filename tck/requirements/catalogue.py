"""The requirement catalogue: what an endpoint is held to, as data.

One TOML file an area. Every requirement cites numbered sources (sources.toml): statements
of the documentation (A), existing tests (T), client demands (C), standards and others.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

Level = Literal["MUST", "SHOULD", "MAY"]
_NOT_AREAS = ("sources.toml", "not_requirements.toml")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative statement, and when it applies.

    `if_any` names what it is about where an endpoint may have none of it (redirects, keys of
    type password): if a whole run saw none, the requirement did not apply.
    """

    id: str
    level: Level
    text: str
    area: str
    sources: tuple[str, ...]
    note: str = ""
    collection: str | None = None
    feature: str | None = None
    operation: str | None = None
    format: str | None = None
    write: bool = False
    if_any: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered statement that requirements cite."""

    id: str
    text: str
    where: str = ""
    verdict: str = ""
    remark: str = ""


class Catalogue(Mapping[str, Requirement]):
    """All requirements by id, in the order of the files."""

    def __init__(self, requirements: Mapping[str, Requirement]) -> None:
        """`requirements`: by id."""
        self._requirements = requirements

    def __getitem__(self, id_: str) -> Requirement:
        """Raise KeyError for an id that the catalogue does not have."""
        return self._requirements[id_]

    def __iter__(self) -> Iterator[str]:
        """Iterate over ids."""
        return iter(self._requirements)

    def __len__(self) -> int:
        """How many requirements there are."""
        return len(self._requirements)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))


def _requirement(id_: str, entry: Mapping[str, Any], area: Mapping[str, Any]) -> Requirement:
    when = entry.get("when", {})
    feature, operation = when.get("feature"), when.get("operation")
    return Requirement(
        id=id_,
        level=entry["level"],
        text=entry["text"],
        area=area["title"],
        sources=tuple(entry["sources"]),
        note=entry.get("note", ""),
        collection=when.get("collection", area.get("collection")),
        feature=feature,
        operation=operation,
        format=when.get("format"),
        write=when.get("write", False),
        if_any=entry.get("if_any", ""),
    )


@cache
def load() -> Catalogue:
    """The catalogue as shipped."""
    found: dict[str, Requirement] = {}
    folder = resources.files(__package__)
    for file in sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml")):
        if file not in _NOT_AREAS:
            data = _read(file)
            area = data.pop("area")
            found |= {id_: _requirement(id_, entry, area) for id_, entry in data.items()}
    return Catalogue(found)


@cache
def sources() -> Mapping[str, Source]:
    """Every source that requirements may cite, by its number."""
    return {id_: Source(id_, **entry) for id_, entry in _read("sources.toml").items()}


@cache
def not_requirements() -> Mapping[str, Mapping[str, str]]:
    """Sources of which deliberately no requirement is made: {id: {kind, reason}}."""
    return _read("not_requirements.toml")
