"""docs/hostile.md: every behaviour with what is wanted then."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from .behaviour import every
from .judging import MOST_MEMORY, MOST_REPORT

PAGE = Path(__file__).parents[2] / "docs" / "hostile.md"
_HEAD = f"""\
# Hostile endpoints

A conformance kit meets wrong endpoints by definition. This page lists {{count}} behaviours of
endpoints that are worse than wrong. `make hostile` runs the kit against each of them, as a user
does, in a process of its own, and measures it; at the end it prints the five that took most memory
and time. `scripts/hostile NAME` runs single ones, and `scripts/hostile --worst N` all, and then
prints the worst N. To save time most of the processes are forked from one that has loaded the kit;
a few begin with a fresh interpreter, and one waits as long as the kit does by default, a minute.
The page is made of the behaviours (`tests/hostile/behaviours/`) by `scripts/hostile --page`; a test
holds it.

Of every one of them it is wanted that

- nothing that was in the account before, or that others created, is removed or changed;
- nothing that the run created is left behind; where the endpoint makes that impossible, the console
  names it;
- nobody connects to another origin than the endpoint's, wherever its answers point;
- the exit code says what happened, there is no traceback, and no error of the kit;
- the run needs less than {MOST_MEMORY} MiB of memory and ends in the seconds given, and its report
  has less than {MOST_REPORT} MiB;
- every file of the report is valid and free of credentials, and nothing is written elsewhere.

`scripts/kill-series` kills and interrupts runs against those of "Custody" and "Cleaning up", and
against right endpoints, while something is being created, and goes on with `cleanup`
([Operators](operators.md#how-this-was-tested)).
"""


def text() -> str:
    """The page."""
    behaviours = every().values()
    parts = [_HEAD.format(count=len(behaviours))]
    for kind, members in groupby(behaviours, key=lambda b: b.kind):
        rows = [f"| {b.name} | {_cell(b.text)} | {_cell(str(b.wanted))} |" for b in members]
        heading = kind.replace("_", " ").capitalize()
        table = ["| behaviour | what the endpoint does | wanted |", "|---|---|---|", *rows]
        parts.append("\n".join([f"## {heading}", "", *table, ""]))
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
