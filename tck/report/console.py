"""The result as text: a table by area, then every finding in full, by cause as in the page."""

from __future__ import annotations

from collections.abc import Iterator

from tck.report.clusters import causes
from tck.report.result import Outcome, Result, Scope, Status, Verdict
from tck.report.scenarios import table
from tck.report.wording import OTHERS, finding_lines, indented, unjudged_lines, visible
from tck.requirements import levels

_COLUMNS = (
    (Status.PASS, "pass"),
    (Status.FAIL, "fail"),
    (Status.WARN, "warn"),
    (Status.INCONCLUSIVE, "inconcl."),
    (Status.NOT_APPLICABLE, "n/a"),
    (Status.EXCLUDED, "excluded"),
    (Status.KIT_ERROR, "kit error"),
)
_MOST_IDS = 5  # named with one reason
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "bold": 1, "dim": 2}


class Console:
    """Lines of text about a result; colour only if asked for."""

    def __init__(self, colour: bool = False, verbose: bool = False) -> None:
        """`verbose`: list inconclusive requirements and the reasons, too."""
        self._colour = colour
        self._verbose = verbose

    def _paint(self, text: str, *styles: str) -> str:
        if not self._colour or not text.strip():
            return text
        codes = ";".join(str(_COLOURS[style]) for style in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def lines(self, result: Result) -> Iterator[str]:
        """The whole report."""
        yield from self._head(result)
        yield from self._table(result)
        if result.scenarios:
            yield ""
            yield from map(visible, table(result.scenarios))
        by_cause = dict.fromkeys(r.id for c in causes(result.outcomes) for r in c.requirements)
        place = {id_: number for number, id_ in enumerate(by_cause)}
        for title, status, colour in (
            ("Failures", Status.FAIL, "red"),
            ("Warnings", Status.WARN, "yellow"),
            ("Errors of the kit", Status.KIT_ERROR, "red"),
        ):
            outcomes = sorted(result.having(status), key=lambda o: place.get(o.requirement.id, 0))
            if outcomes:
                yield ""
                yield self._paint(f"{title} ({len(outcomes)})", "bold", colour)
                for outcome in outcomes:
                    yield from self._outcome(outcome, colour)
        yield from self._excluded(result)
        yield from self._unexamined(result)
        yield ""
        yield from self._verdict(result)

    def _head(self, result: Result) -> Iterator[str]:
        yield self._paint(visible(f"Deltacloud TCK: {result.subject}"), "bold")
        if capabilities := result.capabilities:
            provider = f", provider {capabilities.provider}" if capabilities.provider else ""
            yield visible(
                f"driver {capabilities.driver}{provider}, API {capabilities.version}, "
                f"{len(capabilities.collections)} collections, "
                f"{len(capabilities.features)} features"
            )
        yield f"{result.requests} exchanges judged in {result.seconds:.1f} s"
        yield ""

    def _table(self, result: Result) -> Iterator[str]:
        areas = result.by_area()
        shown = [(s, t) for s, t in _COLUMNS if result.counts[s] or s in (Status.PASS, Status.FAIL)]
        width = max(map(len, areas))
        yield " " * width + "".join(f"{title:>10}" for _, title in shown)
        for area, counts in areas.items():
            cells = "".join(self._cell(status, counts[status]) for status, _ in shown)
            yield f"{area:<{width}}{cells}"
        total = "".join(self._cell(status, result.counts[status]) for status, _ in shown)
        yield self._paint(f"{'all':<{width}}", "bold") + total

    def _cell(self, status: Status, count: int) -> str:
        colours = {Status.FAIL: "red", Status.KIT_ERROR: "red", Status.WARN: "yellow"}
        cell = f"{count or '·':>10}"
        return self._paint(cell, colours[status]) if count and status in colours else cell

    def _outcome(self, outcome: Outcome, colour: str) -> Iterator[str]:
        requirement = outcome.requirement
        yield ""
        yield self._paint(f"{requirement.id} {requirement.level}", "bold", colour) + (
            f"  {requirement.text}"
        )
        sources = ", ".join(requirement.sources)
        times = sum(f.count for f in outcome.findings)
        if outcome.findings:
            sources += f"; violated {times} of {outcome.examined} times examined"
        yield self._paint(f"  {sources}", "dim")
        if outcome.reason:
            yield from indented(outcome.reason, "  ")
        for finding in outcome.findings:
            yield from finding_lines(finding)

    def _excluded(self, result: Result) -> Iterator[str]:
        outcomes = list(result.having(Status.EXCLUDED))
        entries = {e.number: e for e in result.deviations.entries}
        used = {f.deviation for o in result.outcomes for f in o.findings if f.deviation}
        if outcomes or used:
            yield ""
            yield self._paint(f"Accepted deviations ({len(used)})", "bold")
            for number in sorted(used):
                entry = entries[number]
                label = f" [{entry.defect}]" if entry.defect else ""
                yield f"  {entry.requirement}{label} ×{entry.used}: {entry.reason} ({entry.owner})"
        for title, outdated in (
            ("Stale deviations: they no longer occur, remove them", result.deviations.stale),
            ("Expired deviations: fix what they cover, or renew them", result.deviations.expired),
        ):
            if outdated:
                yield ""
                yield self._paint(title, "red")
                for entry in outdated:
                    ended = f" (until {entry.expires})" if entry.expired else ""
                    yield f"  {entry.requirement}, entry {entry.number}: {entry.reason}{ended}"

    def _unexamined(self, result: Result) -> Iterator[str]:
        outcomes = list(result.having(Status.INCONCLUSIVE))
        if outcomes and self._verbose:
            yield ""
            yield self._paint(f"Inconclusive ({len(outcomes)})", "bold")
            for outcome in outcomes:
                yield visible(f"  {outcome.requirement.id}: {outcome.reason}")

    def _verdict(self, result: Result) -> Iterator[str]:
        colour = "green" if result.verdict is Verdict.CONFORMANT else "red"
        counts = result.counts
        failed = f"{counts[Status.FAIL]} failed, {counts[Status.WARN]} warnings"
        scope = "" if result.scope is Scope.WHOLE else f", {result.scope}"
        yield self._paint(f"Verdict: {result.verdict_words}{scope}", "bold", colour) + (
            f" ({result.extent}, {failed})"
        )
        yield from self._levels(result)
        if result.no_permission:
            told = result.no_permission[:1].upper() + result.no_permission[1:]
            yield self._paint(visible(told), "bold", "yellow")
        yield from (f"Declared, but refused: {refusal}" for refusal in result.refused)
        if outdated := result.deviations.outdated:
            yield self._paint(
                f"The deviations file is out of date ({len(outdated)} entries): this fails the run",
                "red",
            )
        if result.unfinished:
            yield f"Not examined: {len(list(result.blocking()))} requirements that apply"
        elif result.verdict is Verdict.INCONCLUSIVE and result.scope is Scope.WHOLE:
            yield from (f"Not examined: {visible(line)}" for line in _unexamined(result))
        if result.unfinished:
            yield self._paint(visible(f"Not finished: {result.unfinished}"), "red")
        if result.exchanges_left_out:
            yield f"Not in the transcript: {result.exchanges_left_out} exchanges"
        for leak in result.left:
            yield visible(f"Left behind, as accepted: {leak}")
        for leak in result.leaks:
            yield self._paint(visible(f"Left behind: {leak}"), "red")
        for failure in result.unwritten:
            yield self._paint(visible(f"Not written: {failure}"), "red")
        for change in result.others:
            yield self._paint(visible(f"{OTHERS}: {change}"), "bold", "yellow")
        for line in unjudged_lines(result.unjudged):
            yield visible(line)
        for error in result.errors:
            yield self._paint(visible(f"Error of the kit: {error}"), "red")

    def _levels(self, result: Result) -> Iterator[str]:
        """One line a level, if this run could certify any."""
        if result.obstacle:
            return
        yield f"Levels of requirement set {levels.CURRENT}:"
        for level in result.levels:
            colour = "green" if level.standing.certified else "dim"
            colour = "red" if level.failed else colour
            yield (
                "  "
                + self._paint(f"{level.title:<14}{level.standing}", colour)
                + (f": {level.reason}" if level.reason else f" ({level.met} of {level.demanded})")
            )


def _unexamined(result: Result) -> Iterator[str]:
    """The requirements that keep a run from being conclusive, by the reason why."""
    by_reason: dict[str, list[str]] = {}
    for outcome in result.blocking():
        by_reason.setdefault(outcome.reason, []).append(outcome.requirement.id)
    for reason, ids in by_reason.items():
        more = [f"and {len(ids) - _MOST_IDS} more"] if len(ids) > _MOST_IDS else []
        yield f"{', '.join([*ids[:_MOST_IDS], *more])}: {reason}"
