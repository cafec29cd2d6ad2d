"""`deltacloud-tck cleanup`: remove what a killed run left behind.

It goes on with the run's journal at the same endpoint, adopts what `tck.safety.leftovers` is
certain of, and removes all of it. Without the journal it can go by names alone.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from tck.checks.support import session as sessions
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import BadEndpoint, Options
from tck.commands.exits import CONFORMANT, LEFT_BEHIND, USAGE, UsageError, one_line
from tck.endpoint.redaction import GATE
from tck.report.progress import Progress
from tck.run import target
from tck.run.contact import cleanup_seconds, patience_for
from tck.run.options import OPTIONS, Skipped, build
from tck.safety import leftovers, past_run
from tck.safety.custody import NOT_SHOWN, Claim
from tck.safety.inventory import Inventory
from tck.safety.journal import Journal
from tck.safety.leftovers import Leftover
from tck.safety.naming import RUN_ID
from tck.safety.past_run import NothingBegun, UnreadableJournal
from tck.safety.resource import Resource

NAME = "cleanup"
HELP = "Remove what a killed run left behind: what it created, and nothing else."
EXAMPLES = """\
examples:
  deltacloud-tck cleanup --journal reports/journal-k3j9x0a1b2c3d.jsonl      where the run was
  deltacloud-tck cleanup --cloud nightly --journal reports/journal-*.jsonl  of several processes
  deltacloud-tck cleanup --cloud nightly --run-id k3j9x0a1b2c3d             the journal is lost
  deltacloud-tck cleanup --journal FILE --dry-run                           only print what is there

A journal says what was created. Creates whose answer was lost are found by the names that the
run gave; --run-id goes by names alone. What could not be given a name is only removed with
--unnamed: look at it first, another user may have created it at the same moment.
A damaged journal is told, and the rest of it is gone on with; the file then stays.
Exit codes: 0 nothing is left, 2 usage or a damaged journal, 3 the endpoint cannot be reached,
5 something is left; of several journals the highest. 130 interrupted: the same command goes on.
"""
_MOST_APPEARED = 20  # lines
_APPEARED = "since this run created one without a name; nothing says that it is this run's"
_WHERE = (
    "--endpoint",
    "--cloud",
    "--clouds",
    "--driver",
    "--provider",
    "--user",
    "--other-user",
    "--password",
    "--endpoint-timeout",
    "--limit",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    for flag in _WHERE:
        parser.add_argument(flag, **OPTIONS[flag])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--journal", nargs="+", type=Path, metavar="FILE", help="of that run")
    which.add_argument("--run-id", metavar="ID", help="of that run, as its report gives it")
    parser.add_argument("--dry-run", action="store_true", help="remove nothing")
    parser.add_argument(
        "--unnamed", action="store_true", help="also remove what only appeared at the right time"
    )


@dataclass(frozen=True, slots=True)
class _PastRun:
    """A run to clean up after: its id, its journal if there is one, and what that says."""

    id: str
    path: Path | None = None
    told: past_run.PastRun = field(default_factory=past_run.PastRun)

    @property
    def place(self) -> dict[str, str]:
        """Endpoint, driver, provider and cloud, from the first line of the journal."""
        return self.told.run


def run(options: argparse.Namespace) -> int:
    """Clean up after each run. Returns the highest exit code; raises UsageError."""
    if options.run_id is not None:
        if not RUN_ID.fullmatch(options.run_id):
            raise UsageError(f"--run-id {options.run_id}: run ids look like k3j9x0a1b2c3d")
        return _clean_up(_PastRun(options.run_id), options)
    return max(_go_on_with(path, options) for path in options.journal)


def _go_on_with(path: Path, options: argparse.Namespace) -> int:
    """Clean up after the run of a journal; its exit code. What is wrong is told in a line each."""
    try:
        told = past_run.read(path)
        past = _PastRun(told.run.get("run", ""), path, told)
        for problem in told.broken:
            print(f"deltacloud-tck cleanup: {problem}; going on with the rest", file=sys.stderr)
        return max(_clean_up(past, options), USAGE if told.broken else CONFORMANT)
    except NothingBegun as nothing:
        print(nothing)
        if not options.dry_run:
            path.unlink()
        return CONFORMANT
    except (UnreadableJournal, UsageError) as error:
        where = "" if str(path) in str(error) else f"{path}: "
        print(one_line(f"deltacloud-tck cleanup: {where}{error}"), file=sys.stderr)
        return getattr(error, "code", USAGE)


def _clean_up(past: _PastRun, options: argparse.Namespace) -> int:
    """Clean up after one run; 5 if something remains, or would in a dry run, else 0."""
    try:
        run_options = build(_merge_options(past, options).get)
        if past.path is not None:
            _require_same_place(past, run_options)
        run_options = _as_in_run(past, run_options)
        with (
            target.open_target(run_options) as (base, reachable),
            _connect(past, base, reachable, options) as cloud,
        ):
            try:
                remains = _sweep(cloud, past, run_options, options)
            except KeyboardInterrupt:
                left = len(cloud.journal.live)
                print(f"{left} of run {cloud.run_id} are left; the same command goes on")
                raise
            cloud.journal.close(keep=remains or bool(past.told.broken))
            return LEFT_BEHIND if remains else CONFORMANT
    except (Skipped, UnreadableJournal) as error:
        raise UsageError(str(error)) from error
    except BadEndpoint as error:
        raise UsageError(str(error), error.code) from error


def _as_in_run(past: _PastRun, options: Options) -> Options:
    """The options with the user of the run whose journal it is. Raises UsageError."""
    if past.place.get("user") != "other":
        return options
    if options.other is None:
        raise UsageError(
            f"{past.path}: of the second user: set DELTACLOUD_TCK_OTHER_USER and "
            "DELTACLOUD_TCK_OTHER_PASSWORD"
        )
    return replace(options, user=options.other.user, password=options.other.password)


def _require_same_place(past: _PastRun, options: Options) -> None:
    """Refuse another endpoint than the run's: the same ids belong to somebody else there."""
    place = {
        "endpoint": options.endpoint or past.place.get("endpoint"),
        "driver": options.driver or "",
        "provider": options.provider or "",
    }
    for name, value in place.items():
        if value != past.place.get(name, ""):
            raise UsageError(
                f"{past.path}: its run was at {name} {past.place.get(name) or '(none)'}, "
                f"not {value or '(none)'}; elsewhere only --run-id {past.id} can be looked for"
            )


def _merge_options(past: _PastRun, options: argparse.Namespace) -> dict[str, Any]:
    """The options of a run, by name as `build` needs them: as given, else where the run was."""
    defaults = {flag[2:].replace("-", "_"): s.get("default") for flag, s in OPTIONS.items()}
    merged = defaults | vars(options)
    if not (merged["endpoint"] or merged["cloud"]):
        names = ("cloud",) if past.place.get("cloud") else ("endpoint", "driver", "provider")
        merged |= {name: past.place.get(name) or None for name in names}
    if not (merged["endpoint"] or merged["cloud"]):
        raise UsageError("where was it? --endpoint URL or --cloud NAME")
    return merged | {"read_only": False, "require_cloud": True}


@contextlib.contextmanager
def _connect(
    past: _PastRun, base: str, reachable: Options, options: argparse.Namespace
) -> Iterator[Cloud]:
    transport = sessions.connect(reachable, base, "cleanup")
    try:
        declared = sessions.discover(transport)
        if past.path is None:
            entries = Journal()
        elif options.dry_run:
            entries = Journal.in_memory(past_run.read(past.path, base))
        else:
            entries = Journal.resume(past.path, base)
        patience = patience_for(reachable, declared)
        seconds = cleanup_seconds(reachable, declared)
        policy = RunPolicy(patience, cleanup_seconds=seconds)
        cloud = Cloud(transport, declared, entries, past.id, policy)
        cloud.cleaner.told = _tell_waits()
        yield cloud
    finally:
        transport.close()


def _tell_waits() -> Callable[[str], None]:
    """Tell on standard error every 15 seconds what is waited for."""
    progress = Progress(sys.stderr.write, time.monotonic)

    def tell(text: str) -> None:
        progress.wait(GATE.text(text))
        progress.tick()

    return tell


def _sweep(cloud: Cloud, past: _PastRun, run_options: Options, options: argparse.Namespace) -> bool:
    """Print and, unless it is a dry run, remove what there is. True if something remains."""
    listed = cloud.resources.list_again()
    uncertain = [*_uncertain(cloud, past, run_options, options, listed)]
    found = [leftover.resource for leftover in uncertain]
    lost = [*leftovers.not_found(cloud.journal, cloud.run_id, listed, found)]
    for leftover in uncertain:
        if not options.unnamed:
            print(f"perhaps   {_line(leftover.resource)}: {leftover.why}; --unnamed removes it")
        elif not options.dry_run:
            resource = leftover.resource
            cloud.custody.claim(Claim(resource.collection, "", frozenset()), resource.id)
            cloud.journal.created(resource)
    for intent, why in lost:
        known = "not found" if intent.collection in listed else "perhaps  "
        print(f"{known} {intent.collection} {intent.name or '(without a name)'}: {why}")
    unproven = _unproven(cloud, past)
    told = [*found, *cloud.journal.live, *(resource for resource, _ in unproven)]
    for collection, item in islice(
        leftovers.appeared(past.told, cloud.run_id, listed, told), _MOST_APPEARED
    ):
        print(f"appeared  {collection} {item}: {_APPEARED}")
    live = list(cloud.journal.live)
    if options.dry_run:
        for resource in reversed(live):
            print(f"to remove {_line(resource)}")
        remains = bool(live or uncertain)
    else:
        remains = bool(_remove(cloud, live) or (uncertain and not options.unnamed))
        unproven += cloud.resources.unproven
    for resource, reason in unproven:
        by_hand = leftovers.by_hand(resource)
        print(f"perhaps   {_line(resource)}: {reason}; not touched; by hand: {by_hand}")
    unlisted = any(intent.collection not in listed for intent, _ in lost)
    if not (remains or unproven or unlisted or live):
        print(f"nothing of run {cloud.run_id} is left at {cloud.transport.base}")
    return bool(remains or unproven or unlisted)


def _uncertain(
    cloud: Cloud,
    past: _PastRun,
    run_options: Options,
    options: argparse.Namespace,
    listed: Inventory,
) -> Iterator[Leftover]:
    """Take the certain leftovers into the journal; what may be somebody else's."""
    exclusive = bool(run_options.cloud and run_options.cloud.exclusive)
    yield from cloud.resources.adopt_leftovers(
        listed, exclusive=exclusive, journal_lost=not options.journal
    )
    for resource, why in past.told.doubtful.values():
        if not cloud.resources.is_gone(resource.href):
            yield Leftover(resource, why, certain=False)


def _unproven(cloud: Cloud, past: _PastRun) -> list[tuple[Resource, str]]:
    """What the run could not prove its own; what was never shown may run all the same."""
    return [
        (resource, why)
        for resource, why in past.told.disowned.values()
        if not cloud.journal.owns(resource.href)
        and (why == NOT_SHOWN or not cloud.resources.is_gone(resource.href))
    ]


def _remove(cloud: Cloud, live: list[Resource]) -> list[Resource]:
    """Remove what is live, and print it. What remains."""
    remaining = cloud.cleaner.remove_all(final=True)
    unproven = {resource.href for resource, _ in cloud.resources.unproven}
    for resource in live:
        if resource in remaining:
            print(f"STAYS     {_line(resource)}: {cloud.cleaner.obstacles[resource.href].reason}")
        elif resource.href not in unproven:
            print(f"removed   {_line(resource)}")
    return remaining


def _line(resource: Resource) -> str:
    return f"{resource.collection} {resource.id}: {resource.href}"
