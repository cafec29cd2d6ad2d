"""The requirement catalogue: what an endpoint is held to, as data.

One TOML file for each area. Every requirement cites numbered sources (sources.toml): statements of
the documentation (A), of existing tests (T), of clients (C), of standards and others; the letters
are explained in docs/glossary.md. The catalogue knows nothing of rules and checks: they name
requirements by id.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

Level = Literal["MUST", "SHOULD", "MAY"]
Side = Literal["server", "client", "both"]
_NOT_AREAS = ("sources.toml", "not_requirements.toml")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative statement, and when it applies.

    `id`: DC-AREA-NNN, never used again; `text`: what is demanded; `note`: remarks for readers;
    `sources`: numbers of sources.toml. It applies if the endpoint lists `collection`, announces
    `feature` (`instances.user_name`) and offers `operation` (`instances.create`), where these are
    given; `format` (`xml`, `json`) limits it to answers in that format; `write` says that it takes
    requests that change something, `two_accounts` that a second user of another account is needed,
    `wire` requests as bytes, well-formed and malformed (`--wire`).
    `if_any` names what it is about if an endpoint may have none of
    it (redirects, keys of type password): if a whole run saw none, the requirement did not apply.
    `side`: whether it is held against endpoints or against clients (docs/clients.md).
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
    two_accounts: bool = False
    wire: bool = False
    if_any: str = ""
    side: Side = "server"


@dataclass(frozen=True, slots=True)
class Source:
    """A numbered statement that requirements cite.

    `where`: file or test that says so; `verdict`: whether Apache Deltacloud 1.1.3 does so (agree,
    partly, conflict, provider-bound), with a `remark`.
    """

    id: str
    text: str
    where: str = ""
    verdict: str = ""
    remark: str = ""


class Catalogue(Mapping[str, Requirement]):
    """All requirements by id, in the order of the files and within them."""

    def __init__(self, requirements: Mapping[str, Requirement]) -> None:
        """`requirements`: by id, in order."""
        self._requirements = requirements

    def __getitem__(self, id_: str) -> Requirement:
        """Raise KeyError for an id that the catalogue does not have."""
        return self._requirements[id_]

    def __iter__(self) -> Iterator[str]:
        """Iterate over ids."""
        return iter(self._requirements)

    def __len__(self) -> int:
        """Return the number of requirements."""
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
        two_accounts=when.get("two_accounts", False),
        wire=when.get("wire", False),
        if_any=entry.get("if_any", ""),
        side=area.get("side", "server"),
    )


@cache
def load(side: Side = "server") -> Catalogue:
    """The requirements of one side, or of both, as shipped."""
    everything = _load()
    return Catalogue({i: r for i, r in everything.items() if side in (r.side, "both")})


@cache
def _load() -> Catalogue:
    catalogue: dict[str, Requirement] = {}
    folder = resources.files(__package__)
    for file in sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml")):
        if file not in _NOT_AREAS:
            data = _read(file)
            area = data.pop("area")
            catalogue |= {id_: _requirement(id_, entry, area) for id_, entry in data.items()}
    return Catalogue(catalogue)


@cache
def sources() -> Mapping[str, Source]:
    """Every source by its number (`A10`, `RFC9110-15.3.2`)."""
    return {id_: Source(id_, **entry) for id_, entry in _read("sources.toml").items()}


@cache
def not_requirements() -> Mapping[str, Mapping[str, str]]:
    """Sources that deliberately lead to no requirement: {number: {"kind", "reason"}}."""
    return _read("not_requirements.toml")
