"""report.html: one file, no JavaScript, readable on a phone and on paper."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from tck import __version__
from tck.report import evidence, histogram, kit, observed
from tck.report.clusters import clusters
from tck.report.console import visible
from tck.report.result import Result, Status
from tck.requirements import levels

# Words for statuses; colour alone must not tell them apart.
WORDS = {
    Status.PASS: "met",
    Status.FAIL: "violated",
    Status.WARN: "not followed",
    Status.INCONCLUSIVE: "not examined",
    Status.NOT_APPLICABLE: "not applicable",
    Status.EXCLUDED: "accepted deviation",
    Status.KIT_ERROR: "error of the kit",
}


@cache
def environment() -> Environment:
    """What renders every page of a report."""
    found = Environment(
        loader=PackageLoader("tck.report", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    found.filters |= {
        "sent": evidence.sent,
        "received": evidence.received,
        "difference": evidence.difference,
        "milliseconds": histogram.milliseconds,
        "sentence": lambda text: text[:1].upper() + text[1:],
        "visible": visible,
        "visible_lines": lambda text: "\n".join(map(visible, text.split("\n"))),
        "anchor": lambda text: text.lower().replace(" ", "-").replace(",", ""),
    }
    return found


def template() -> Template:
    """That of the page, compiled the first time."""
    return environment().get_template("report.html.j2")


def render(result: Result) -> str:
    """The page."""
    told = {entry.number: entry for entry in result.deviations.entries}
    first, last = histogram.span(result.traffic)
    return template().render(
        result=result,
        Status=Status,
        words=WORDS,
        kit={"version": __version__, "digest": kit.digest()},
        wanted=levels.load(result.set_version),
        areas=result.by_area(),
        failures=clusters(result.having(Status.FAIL)),
        warnings=clusters(result.having(Status.WARN)),
        collections=list(observed.collections(result)),
        features=list(observed.features(result)),
        deviations=told,
        picture=lambda operation: histogram.svg(result.traffic[operation], first, last),
        told_times=lambda operation: histogram.words(result.traffic[operation]),
    )


def write(result: Result, path: Path) -> None:
    """Write report.html."""
    path.write_bytes(render(result).encode())
