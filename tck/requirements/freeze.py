"""Writes down what the levels of a requirement set demand: `python -m tck.requirements.freeze`.

Run it while a set is a draft. After its date a set no longer changes: a requirement that proves
wrong goes on its list of exclusions, new ones go into the next set (docs/requirement-sets.md).
"""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

from tck import requirements
from tck.requirements import Requirement
from tck.requirements.levels import CURRENT, Level, digest_of, load
from tck.schemas.operations import API

_DEMANDS = re.compile(r"\n\[levels\.(\w+)\.demands\]\n(?:\"DC-.*\n)*")


def level_of(requirement: Requirement, levels: dict[str, Level]) -> str:
    """Name of the level that demands a requirement: that of its collection, else core or client."""
    if requirement.side == "client":
        return "client"
    feature = (requirement.feature or "").partition(".")[0]
    operation = (requirement.operation or "").partition(".")[0]
    for name in (operation, feature, requirement.collection):
        if name and name != "api":
            top = API.collections[name].parent or name if name in API.collections else name
            for level in levels.values():
                if top in level.collections + level.optional and not level.sums_up:
                    return level.name
    return "core"


def text(version: str) -> str:
    """The file of a set, with its demands replaced by those of the present catalogue."""
    levels = dict(load(version).levels)
    demands: dict[str, list[str]] = {}
    for requirement in requirements.load("both").values():
        if requirement.level == "MUST":
            line = f'"{requirement.id}" = "{digest_of(requirement)}"\n'
            demands.setdefault(level_of(requirement, levels), []).append(line)
    old = path(version).read_text("utf-8")
    return _DEMANDS.sub(
        lambda m: f"\n[levels.{m[1]}.demands]\n" + "".join(demands.get(m[1], ())), old
    )


def path(version: str) -> Path:
    """The file of a set."""
    return Path(__file__).parent / "sets" / f"{version}.toml"


def main(today: date) -> None:
    """Renew the current set. Exits with a message if its date has come."""
    frozen = load(CURRENT).frozen
    if today >= date.fromisoformat(frozen):
        sys.exit(f"{CURRENT} is frozen since {frozen}; new requirements go into the next set")
    path(CURRENT).write_text(text(CURRENT), "utf-8")


if __name__ == "__main__":
    main(date.today())
