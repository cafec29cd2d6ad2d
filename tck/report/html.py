"""report.html: one file, no JavaScript, readable on a phone and on paper."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from tck import __version__
from tck.report.console import came, sent
from tck.report.result import Result, Status

_MOST_BODY = 4000


def render(result: Result) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader("tck.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"sent": sent, "came": came}
    return environment.get_template("report.html.j2").render(
        result=result,
        Status=Status,
        version=__version__,
        most=_MOST_BODY,
        areas=result.by_area(),
        deviations={entry.number: entry for entry in result.deviations.entries},
    )


def write(result: Result, path: Path) -> None:
    """Write report.html."""
    path.write_bytes(render(result).encode())
