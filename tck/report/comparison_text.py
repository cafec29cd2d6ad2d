"""A comparison as text, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tck.report.comparison import Change, Comparison
from tck.report.markdown import plain
from tck.report.rendering import environment
from tck.report.result import Result, Status
from tck.report.wording import in_one_line, visible

_MOST_FINDINGS = 3


def lines(comparison: Comparison, side_by_side: bool = False) -> Iterator[str]:
    """Lines for a terminal: what changed, or a table of two implementations."""
    return map(visible, (_table if side_by_side else _story)(comparison))


def names(comparison: Comparison) -> tuple[str, str]:
    """Titles of the two results: their subjects, with dates if the subject is the same."""
    before, after = comparison.before, comparison.after
    if before.subject != after.subject:
        return before.subject, after.subject
    return _dated(before), _dated(after)


def _dated(result: Result) -> str:
    return f"{result.subject} ({result.started:%Y-%m-%d %H:%M})"


def _story(c: Comparison) -> Iterator[str]:
    """What became better and worse between two runs."""
    before, after = names(c)
    yield f"before  {before}: {c.before.verdict}"
    yield f"after   {after}: {c.after.verdict}"
    for kind, changes in c.changes.items():
        if changes:
            yield ""
            yield f"{kind.capitalize()} ({len(changes)})"
            for change in changes:
                yield from _change(change)
    for title, content in sections(c):
        yield ""
        yield title
        yield from (f"  {line}" for line in content)
    if not any(c.changes.values()):
        yield ""
        yield "No requirement changed."


def _change(change: Change) -> Iterator[str]:
    requirement, (old, new) = change.outcome.requirement, change.statuses
    yield f"  {change.id} {requirement.level}: {requirement.text}"
    yield f"    {old} before, {new} now" + (
        f": {change.outcome.reason}" if change.outcome.reason else ""
    )
    if change.outcome.status in (Status.FAIL, Status.WARN):
        for finding in islice(change.outcome.findings, _MOST_FINDINGS):
            yield f"    at {in_one_line(finding)}"


def sections(c: Comparison) -> Iterator[tuple[str, list[str]]]:
    """What differs besides requirements: (title, lines)."""
    if c.declared:
        yield "Declared by the entry point", list(c.declared)
    changed = [f"{title}: {old} before, {new} now" for title, old, new in c.levels if old != new]
    if changed:
        yield "Levels", changed
    times = [
        f"{s.operation}: {s.before:.1f} ms before, {s.after:.1f} ms now ({s.ratio:.1f} times)"
        for s in c.shifts
    ]
    if times:
        yield "Median times that changed beyond noise", times
    if not 2 / 3 <= c.pace <= 1.5:
        yield "Pace", [f"all answers together take {c.pace:.1f} times as long as before"]


def _table(c: Comparison) -> Iterator[str]:
    """Two implementations side by side."""
    for row in rows(c):
        yield f"{row[0]:<34} {row[1]:<30} {row[2]}"


def rows(c: Comparison) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: (subject, value of one, value of the other); the first is the head."""
    yield ("", *names(c))
    yield "verdict", str(c.before.verdict), str(c.after.verdict)
    yield from c.levels
    examined = [sum(o.examined > 0 for o in r.outcomes) for r in (c.before, c.after)]
    yield "requirements examined", str(examined[0]), str(examined[1])
    for status in Status:
        if c.before.counts[status] or c.after.counts[status]:
            yield str(status), str(c.before.counts[status]), str(c.after.counts[status])
    medians = [_median(r) for r in (c.before, c.after)]
    yield "time of an answer, median", medians[0], medians[1]
    for collection in _collections(c):
        listed = ["yes" if _lists(r, collection) else "no" for r in (c.before, c.after)]
        yield f"lists {collection}", listed[0], listed[1]
    for change in c.differing:
        yield (change.id, *change.statuses)


def _collections(c: Comparison) -> list[str]:
    return sorted(
        {n for r in (c.before, c.after) if r.capabilities for n in r.capabilities.collections}
    )


def _lists(result: Result, collection: str) -> bool:
    return result.capabilities is not None and collection in result.capabilities.collections


def _median(result: Result) -> str:
    """The median of all answers, each taken for one of its operation's median time."""
    passed, total = 0, sum(t.requests for t in result.traffic.values())
    for ms, requests in sorted((t.quantile(0.5), t.requests) for t in result.traffic.values()):
        passed += requests
        if passed > total // 2:
            return f"{ms:.1f} ms"
    return "none"


def markdown(c: Comparison, side_by_side: bool = False) -> str:
    """Markdown for the job pages of CI."""
    return "\n".join(_markdown_table(c) if side_by_side else _markdown(c)) + "\n"


def _markdown(c: Comparison) -> Iterator[str]:
    before, after = map(plain, names(c))
    yield f"# Comparison: {c.after.verdict}, before {c.before.verdict}"
    yield ""
    yield f"Before: {before}. After: {after}."
    for kind, changes in c.changes.items():
        if changes:
            yield ""
            yield f"## {kind.capitalize()} ({len(changes)})"
            yield ""
            for change in changes:
                title, *details = (plain(line.strip()) for line in _change(change))
                yield f"- **{title.partition(' ')[0]}** {title.partition(' ')[2]}"
                yield from (f"  - {line}" for line in details)
    for title, content in sections(c):
        yield ""
        yield f"## {title}"
        yield ""
        yield from (f"- {plain(line)}" for line in content)


def _markdown_table(c: Comparison) -> Iterator[str]:
    head, *others = rows(c)
    yield "| " + " | ".join(map(plain, head)) + " |"
    yield "|---|---|---|"
    yield from ("| " + " | ".join(map(plain, row)) + " |" for row in others)


def html(c: Comparison, side_by_side: bool = False) -> str:
    """One page, without JavaScript."""
    head, *others = rows(c)
    return (
        environment()
        .get_template("comparison.html.j2")
        .render(c=c, names=names(c), sections=list(sections(c)), head=head, rows=others,
                change=lambda change: list(_change(change)), side_by_side=side_by_side)
    )  # fmt: skip
