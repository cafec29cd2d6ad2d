"""`deltacloud-tck replay`: whether a finding shows again, at this endpoint."""

from __future__ import annotations

import argparse
import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tck.checks.support import running
from tck.checks.support import session as sessions
from tck.checks.support.cases import cases, run_case
from tck.checks.support.cloud import Cloud
from tck.checks.support.other_user import OtherUser
from tck.checks.support.session import BadEndpoint, Options
from tck.commands.exits import CONFORMANT, LEFT_BEHIND, NOT_CONFORMANT, TOO_LITTLE, UsageError
from tck.endpoint import files, input_file
from tck.endpoint.exchange import Exchange
from tck.endpoint.parsing import parse_json
from tck.endpoint.redaction import GATE
from tck.endpoint.sequence import Trail, needed_for
from tck.report import TRANSCRIPT, json_report
from tck.report.again import shows
from tck.report.ledger import Finding, Ledger
from tck.rules import RULES
from tck.run import target
from tck.run.contact import policy_for
from tck.run.options import OPTIONS, Skipped, build
from tck.run.replaying import Replay, Step, left_over
from tck.safety import naming
from tck.safety.journal import Journal

NAME = "replay"
HELP = "Send recorded requests again, or look for one finding of a report again."
EXAMPLES = """\
examples:
  deltacloud-tck replay seen.jsonl --endpoint http://host:3001/api
  deltacloud-tck replay reports/results.json --finding DC-KEY-008 --endpoint http://host:3001/api
  deltacloud-tck replay seen.har --persona full          on the embedded server

Of a recording, all requests are sent. What they created is created anew, and its ids take the place
of those that were recorded; at the end it is removed. Of a report, what a rule found is sent again
as the transcript beside the report has it; for what a check found, that check is run.
Nothing is written to that the replay did not create, unless --test-account is given.
Exit codes: 0 it does not show again, 1 it does, 2 usage, 3 it cannot be said, 5 something was left.
"""
_WHERE = (
    *("--endpoint", "--cloud", "--clouds", "--persona", "--driver", "--provider", "--user"),
    *("--other-user", "--password", "--endpoint-timeout", "--limit"),
)
_EXAMPLES, _STEPS, _SEED = 20, 15, 1
_MOST_LINES = 10

_Key = tuple[str, str]  # requirement and judge


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording, or a results.json")
    parser.add_argument("--finding", metavar="ID", help="a requirement that was violated")
    parser.add_argument(
        "--base",
        default="/api",
        metavar="PATH",
        help="where the API was mounted, in a recording (default /api)",
    )
    parser.add_argument(
        "--test-account",
        action="store_true",
        help="the account is for tests: also write to what the replay did not create",
    )
    for flag in _WHERE:
        parser.add_argument(flag, **OPTIONS[flag])


def run(options: argparse.Namespace) -> int:
    """Replay; the exit code. Raises UsageError."""
    findings = _findings(options)
    recorded = [] if findings is not None else _recorded(options.file, options.base)
    defaults = {flag[2:].replace("-", "_"): s.get("default") for flag, s in OPTIONS.items()}
    try:
        run_options = build((defaults | vars(options) | {"require_cloud": True}).get)
        with target.open_target(run_options) as (base, reachable), _connect(reachable, base) as met:
            cloud, ledger, left = met
            replay = Replay(cloud, test_account=options.test_account)
            if findings is None:
                code = _whole(replay, recorded, ledger, options.finding)
            else:
                codes = {_one(f, replay, cloud, ledger, options.file) for f in findings}
                code = NOT_CONFORMANT if NOT_CONFORMANT in codes else max(codes)
    except Skipped as error:
        raise UsageError(str(error)) from error
    except BadEndpoint as error:
        raise UsageError(str(error), error.code) from error
    for line in left:
        print(f"left behind: {line}")
    return LEFT_BEHIND if left else code


def _findings(options: argparse.Namespace) -> list[Finding] | None:
    """The findings of a report that are looked for; None if the file is no report."""
    try:
        content = input_file.content(options.file, input_file.MOST)
        value = parse_json(content) if content.lstrip().startswith(b"{") else None
    except OSError as error:
        raise UsageError(f"{options.file}: {error.strerror}") from error
    except (ValueError, RecursionError):
        return None  # lines of JSON, perhaps
    if not (isinstance(value, dict) and "requirement_set" in value):
        return None
    if problems := json_report.problems(value):
        raise UsageError(f"{options.file}: not a report ({problems[0]})")
    if options.finding is None:
        raise UsageError(f"{options.file} is a report: --finding ID says what to look for in it")
    try:
        outcomes = json_report.from_json(value).outcomes
    except (LookupError, ValueError) as error:
        raise UsageError(f"{options.file}: {error}") from error
    found = [f for o in outcomes for f in o.findings if o.requirement.id == options.finding]
    if not found:
        raise UsageError(f"{options.file} has no finding of {options.finding}")
    return found


def _recorded(path: Path, base: str) -> list[Exchange]:
    try:
        return [x for x in files.read(path, base.rstrip("/")) if not (x.disturbance or x.lone)]
    except files.UnreadableFile as error:
        raise UsageError(str(error)) from error


@contextlib.contextmanager
def _connect(reachable: Options, base: str) -> Iterator[tuple[Cloud, Ledger, list[str]]]:
    """The endpoint, with all judged that is sent inside; at the end, what was left behind."""
    transport = sessions.connect(reachable, base, "r")
    try:
        declared = sessions.discover(transport)
        ledger, left, id_ = Ledger(redactor=GATE), list[str](), naming.new_run_id() + "0"
        transport.observers.append(ledger.observe)
        journal = _journal(reachable, base, id_)
        cloud = Cloud(transport, declared, journal, id_, policy_for(reachable, declared))
        if reachable.other:
            second = sessions.connect(reachable, base, "r", other=True)
            second.observers.append(ledger.observe)
            journal = _journal(reachable, base, id_, user="other")
            OtherUser(cloud, second, sessions.discover(second), journal)
        try:
            yield cloud, ledger, left
        finally:
            for one in filter(None, (cloud.other, cloud)):
                left += left_over(one)
                one.transport.close()
    finally:
        transport.close()


def _journal(reachable: Options, base: str, id_: str, user: str = "") -> Journal:
    """On disk, if what a replay creates could outlive it."""
    if not reachable.outlives_run:
        return Journal()
    place = {"endpoint": base, "driver": reachable.driver or "", "user": user}
    place |= {"provider": reachable.provider or "", "run": id_}
    place["cloud"] = reachable.cloud.name if reachable.cloud else ""
    return Journal(Path("-".join(filter(None, ("journal", id_, user))) + ".jsonl"), **place)


# ---------------------------------------------------------------- a recording


def _whole(replay: Replay, recorded: Sequence[Exchange], ledger: Ledger, only: str | None) -> int:
    """Send a recording, and tell which findings of rules show again."""
    before = Ledger(redactor=GATE)
    ledger.findings.clear()
    steps = []
    for x in recorded:
        before.observe(x)
        steps.append(replay.send(x))
    _tell(steps)
    was, now = _keys(before, only), _keys(ledger, only)
    for key in sorted(was | now):
        state = "again" if key in was & now else "gone " if key in was else "new  "
        print(f"{state}  {key[0]} {key[1]}")
    if not any(step.sent for step in steps) or (only and not was and not now):
        print("nothing was examined that could show it")
        return TOO_LITTLE
    if was - now and any(step.sent is None for step in steps):
        print("what is gone may only show in requests that were not sent")
    return NOT_CONFORMANT if now else CONFORMANT


def _keys(ledger: Ledger, only: str | None) -> set[_Key]:
    found = {(f.requirement, f.by) for f in ledger.findings.values()}
    return {key for key in found if only in (None, key[0])}


def _tell(steps: Sequence[Step]) -> None:
    sent = sum(step.sent is not None for step in steps)
    print(f"sent {sent} of {len(steps)} requests")
    reasons = Counter(step.why_not for step in steps if step.why_not)
    for reason, count in reasons.most_common(_MOST_LINES):
        print(f"not sent: {count} ({reason})")
    differ = [s for s in steps if s.sent is not None and s.sent.status != s.recorded.status]
    for step in differ[:_MOST_LINES]:
        request = step.recorded.request
        was = step.recorded.status or "no answer"
        print(f"answered otherwise: {request.method} {request.path}: {was}, now {_status(step)}")
    if len(differ) > _MOST_LINES:
        print(f"answered otherwise: {len(differ) - _MOST_LINES} more")


def _status(step: Step) -> str:
    return str(step.sent.status or step.sent.failure) if step.sent else "not sent"


# ---------------------------------------------------------------- a finding of a report


def _one(finding: Finding, replay: Replay, cloud: Cloud, ledger: Ledger, report: Path) -> int:
    """Look for one finding; 1 if it shows again, 0 if not, 3 if that cannot be said."""
    if finding.by in RULES:
        again, how = _by_requests(finding, replay, report)
    else:
        again, how = _by_check(finding, cloud, ledger)
    state = {True: "again", False: "gone ", None: "?    "}[again]
    print(f"{state}  {finding.requirement} {finding.by} at {finding.place or 'the answer'}: {how}")
    return {True: NOT_CONFORMANT, False: CONFORMANT, None: TOO_LITTLE}[again]


def _by_requests(finding: Finding, replay: Replay, report: Path) -> tuple[bool | None, str]:
    if finding.exchange is None:
        return None, "the report has no exchange that shows it"
    base = "/" + str(finding.exchange["request"]["path"]).strip("/").partition("/")[0]
    last = files.from_json(finding.exchange, base.partition(";")[0].partition("?")[0])
    steps = [replay.send(x) for x in _leading_to(last, report)]
    end = steps[-1]
    held = "; ".join(f"{s.recorded.id} was not sent: {s.why_not}" for s in steps if s.why_not)
    if end.sent is None:
        return None, held
    told = f"{len(steps)} requests, the last answered {_status(end)}"
    return shows(finding, end.sent), f"{told}; {held}" if held else told


def _leading_to(last: Exchange, report: Path) -> list[Exchange]:
    """What the transcript beside a report has before an exchange that is needed to see it again."""
    transcript = report.with_name(TRANSCRIPT)
    if not transcript.is_file():
        return [last]
    trail = Trail()
    for x in _recorded(transcript, last.base.removeprefix(last.request.origin)):
        if x.id == last.id:
            return needed_for(x, trail) or [last]
        trail.append(x)
    return [last]


def _by_check(finding: Finding, cloud: Cloud, ledger: Ledger) -> tuple[bool | None, str]:
    """Run the check again that found it: it knows what to compare."""
    case = next((case for case in cases() if case.name == finding.by), None)
    if case is None:
        return None, "this kit has no such check"
    two, declared = cloud.other is not None, cloud.capabilities
    if reason := running.reason_to_skip(case.spec, case.params, declared, False, two, wire=True):
        return None, reason
    running.configure_hypothesis(_EXAMPLES, _STEPS, _SEED, shrink=False)
    examined = ledger.examined[finding.requirement]
    run_case(case, cloud, ledger)
    for found in ledger.findings.values():
        if (found.requirement, found.by) == (finding.requirement, finding.by):
            return True, f"expected {found.expected}, got {found.got}"
    if ledger.examined[finding.requirement] > examined:
        return False, "the check was run again, and examined it"
    return None, ledger.reasons.get(finding.requirement, "the check examined nothing")
