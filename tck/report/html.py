"""report.html: one file, no JavaScript, readable on a phone and on paper."""

from __future__ import annotations

from functools import cache

from jinja2 import Template

from tck import __version__
from tck.report import evidence, histogram, kit, observed, wording
from tck.report.clusters import causes
from tck.report.rendering import environment
from tck.report.result import Result, Status
from tck.requirements import levels
from tck.requirements.sources_page import GROUPS


@cache
def template() -> Template:
    """The template of the page, compiled at the first call."""
    pages = environment()
    pages.filters |= {
        "sent": evidence.sent,
        "received": evidence.received,
        "difference": evidence.difference,
        "milliseconds": histogram.milliseconds,
        "sentence": lambda text: text[:1].upper() + text[1:],
        "visible_lines": lambda text: "\n".join(map(wording.visible, text.split("\n"))),
        "anchor": lambda text: text.lower().replace(" ", "-").replace(",", ""),
    }
    return pages.get_template("report.html.j2")


def render(result: Result) -> str:
    """The page."""
    first, last = histogram.span(result.traffic)
    found = causes(result.outcomes)
    return template().render(
        result=result,
        Status=Status,
        words=wording.STATUSES,
        meanings=wording.MEANINGS,
        others_words=wording.OTHERS,
        unjudged_words=wording.UNJUDGED,
        terms=wording.TERMS,
        coverage_words=wording.COVERAGE,
        numbers=GROUPS,
        kit={"version": __version__, "digest": kit.digest()},
        requirement_set=levels.load(result.set_version),
        areas=result.by_area(),
        failures=[c for c in found if c.fails],
        warnings=[c for c in found if not c.fails],
        collections=list(observed.collections(result)),
        features=list(observed.features(result)),
        deviations={entry.number: entry for entry in result.deviations.entries},
        picture=lambda operation: histogram.svg(result.traffic[operation], first, last),
    )


def content(result: Result) -> bytes:
    """What report.html holds."""
    return render(result).encode()
