"""summary.md: the result on one page, for the job pages of CI."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tck import __version__
from tck.report.result import Result, Scope, Status
from tck.report.wording import MEANINGS, OTHERS, in_one_line, unjudged_lines, visible

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_MOST_FINDINGS = 20


def plain(text: str) -> str:
    """Text on one line, with every character of Markdown's markup escaped."""
    return _MARKUP.sub(r"\\\1", visible(" ".join(text.split())))


def lines(result: Result) -> Iterator[str]:
    """Lines of the page."""
    scope = "" if result.scope is Scope.WHOLE else f" ({result.scope})"
    yield f"# Deltacloud TCK: {result.verdict_words}{scope}"
    yield ""
    declared = result.capabilities
    driver = f", driver {plain(declared.driver)}" if declared else ""
    yield (
        f"{plain(result.subject)}{driver}. {result.extent}; {result.requests} exchanges in "
        f"{result.seconds:.1f} s; kit {__version__}, requirement set {result.set_version}."
    )
    yield from _levels(result)
    yield from _areas(result)
    yield from _scenarios(result)
    yield from _findings(result, Status.FAIL, "Failures")
    yield from _findings(result, Status.WARN, "Warnings")
    yield from _remarks(result)
    yield from _words(result)


def _levels(result: Result) -> Iterator[str]:
    yield ""
    yield "| Level | Standing | Met | Remark |"
    yield "|---|---|---:|---|"
    for level in result.levels:
        standing = f"**{level.standing}**" if level.standing.certified else str(level.standing)
        yield f"| {level.title} | {standing} | {level.met} of {level.demanded} | {level.reason} |"


def _areas(result: Result) -> Iterator[str]:
    shown = [s for s in Status if result.counts[s]]
    yield ""
    yield f"| Area | {' | '.join(shown)} |"
    yield f"|---|{'---:|' * len(shown)}"
    for area, counts in result.by_area().items():
        yield f"| {area} | {' | '.join(str(counts[s] or '') for s in shown)} |"


def _scenarios(result: Result) -> Iterator[str]:
    if result.scenarios:
        yield ""
        yield "| Scenario | Outcome | Requests | Seconds | Examined | Violated |"
        yield "|---|---|---:|---:|---:|---|"
    for one in result.scenarios:
        outcome = one.outcome if one.is_good else f"**{one.outcome}**"
        violated = ", ".join((*(f"**{id_}**" for id_ in one.failed), *one.warned, one.reason))
        cells = (plain(one.name), outcome, one.requests, f"{one.seconds:.1f}", one.examined)
        yield f"| {' | '.join(map(str, cells))} | {violated.strip(', ')} |"


def _findings(result: Result, status: Status, title: str) -> Iterator[str]:
    outcomes = list(result.having(status))
    if not outcomes:
        return
    yield ""
    yield f"## {title} ({len(outcomes)})"
    yield ""
    for outcome in outcomes[:_MOST_FINDINGS]:
        requirement = outcome.requirement
        yield f"- **{requirement.id}** {requirement.level}: {plain(requirement.text)}"
        for finding in outcome.findings[:1]:
            yield f"  At {plain(in_one_line(finding))}."
    if len(outcomes) > _MOST_FINDINGS:
        yield f"- and {len(outcomes) - _MOST_FINDINGS} more"


def _remarks(result: Result) -> Iterator[str]:
    remarks = [f"Not finished: {result.unfinished}"] if result.unfinished else []
    remarks += [result.no_permission] if result.no_permission else []
    remarks += [f"Declared, but refused: {refusal}" for refusal in result.refused]
    remarks += [f"Left behind: {leak}" for leak in result.leaks]
    remarks += [f"Left behind, as accepted: {leak}" for leak in result.left]
    remarks += [f"Not written: {failure}" for failure in result.unwritten]
    remarks += [f"{OTHERS}: {change}" for change in result.others]
    remarks += unjudged_lines(result.unjudged)
    remarks += [f"Error of the kit: {error}" for error in result.errors]
    remarks += [f"{o.requirement.id}: error of the kit" for o in result.having(Status.KIT_ERROR)]
    for word, entries in (
        ("Stale", result.deviations.stale),
        ("Expired", result.deviations.expired),
    ):
        remarks += [f"{word} deviation {e.number} ({e.requirement}): {e.reason}" for e in entries]
    if remarks:
        yield ""
        yield "## Needs attention"
        yield ""
        yield from (f"- {plain(line)}" for line in remarks)


def _words(result: Result) -> Iterator[str]:
    """What the statuses of the table mean; the kit's docs/glossary.md has more."""
    yield ""
    yield "; ".join(f"*{status}*: {MEANINGS[status]}" for status in Status if result.counts[status])


def content(result: Result) -> bytes:
    """What summary.md holds."""
    return ("\n".join(lines(result)) + "\n").encode()
