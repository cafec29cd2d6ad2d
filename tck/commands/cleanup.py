"""`deltacloud-tck cleanup`: remove what a run left behind that was killed."""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tck.checks.support import session as sessions
from tck.checks.support.cloud import Cloud
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import BadEndpoint, Options
from tck.commands.exits import CONFORMANT, LEFT_BEHIND, UsageError
from tck.run import target
from tck.run.options import OPTIONS, Skipped, build
from tck.safety import journal, leftovers
from tck.safety.journal import Journal, Resource, UnreadableJournal
from tck.safety.waiting import Patience

NAME = "cleanup"
HELP = "Remove what a run left behind that was killed: what it created, and nothing else."
EXAMPLES = """\
examples:
  deltacloud-tck cleanup --journal reports/journal-4f1a2b.jsonl             where the run was
  deltacloud-tck cleanup --cloud nightly --journal reports/journal-*.jsonl  of several processes
  deltacloud-tck cleanup --cloud nightly --run-id 4f1a2b                    the journal is lost
  deltacloud-tck cleanup --journal FILE --dry-run                           only say what is there

A journal says what was created. Creates whose answer was lost are found by the names that the
run gave; --run-id finds by names alone. What could not be given a name is only removed with
--unnamed: look at it first, another may have created it at the same moment.
Exit codes: 0 nothing is left, 2 usage, 3 the endpoint cannot be reached, 5 something is left.
"""
_WHERE = (
    "--endpoint",
    "--cloud",
    "--clouds",
    "--driver",
    "--provider",
    "--user",
    "--password",
    "--endpoint-timeout",
)
_RUN_ID = re.compile(r"[0-9a-f]{6}(w\d+x)?")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    for flag in _WHERE:
        parser.add_argument(flag, **OPTIONS[flag])
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--journal", nargs="+", type=Path, metavar="FILE", help="of that run")
    which.add_argument("--run-id", metavar="ID", help="of that run, as its report tells it")
    parser.add_argument("--dry-run", action="store_true", help="remove nothing")
    parser.add_argument(
        "--unnamed", action="store_true", help="remove also what only appeared at the right time"
    )


@dataclass(frozen=True, slots=True)
class _Past:
    """A run to clean up after: its id, its journal if there is one, where it was."""

    run: str
    path: Path | None
    where: dict[str, str]


def run(options: argparse.Namespace) -> int:
    """Clean up; the exit code."""
    left = False
    for past in _runs(options):
        left = _clean(past, options) or left
    return LEFT_BEHIND if left else CONFORMANT


def _runs(options: argparse.Namespace) -> Iterator[_Past]:
    if options.run_id:
        if not _RUN_ID.fullmatch(options.run_id):
            raise UsageError(f"--run-id {options.run_id}: run ids look like 4f1a2b")
        yield _Past(options.run_id, None, {})
    for path in options.journal or ():
        try:
            told = journal.read(path).run
        except UnreadableJournal as error:
            raise UsageError(str(error)) from error
        yield _Past(told.get("run", ""), path, told)


def _clean(past: _Past, options: argparse.Namespace) -> bool:
    """True if something is left, or would be."""
    try:
        wanted = build(_answers(past, options).get)
        if past.path is not None:
            _same_place(past, wanted)
        with target.reached(wanted) as (base, known), _cloud(past, base, known, options) as cloud:
            left = _sweep(cloud, wanted, options)
            cloud.journal.close(keep=left)
            return left
    except (Skipped, UnreadableJournal) as error:
        raise UsageError(str(error)) from error
    except BadEndpoint as error:
        raise UsageError(str(error), error.code) from error


def _same_place(past: _Past, wanted: Options) -> None:
    """Ids mean nothing at another endpoint: what bears them there belongs to others."""
    place = {
        "endpoint": wanted.endpoint or past.where.get("endpoint"),
        "driver": wanted.driver or "",
        "provider": wanted.provider or "",
    }
    for name, value in place.items():
        if value != past.where.get(name, ""):
            raise UsageError(
                f"{past.path}: its run was at {name} {past.where.get(name) or '(none)'}, "
                f"not {value or '(none)'}; elsewhere only --run-id {past.run} can be looked for"
            )


def _answers(past: _Past, options: argparse.Namespace) -> dict[str, Any]:
    """Options as `build` asks for them: as given, else as the run had them."""
    defaults = {flag[2:].replace("-", "_"): s.get("default") for flag, s in OPTIONS.items()}
    given = defaults | vars(options)
    if not (given["endpoint"] or given["cloud"]):
        names = ("cloud",) if past.where.get("cloud") else ("endpoint", "driver", "provider")
        given |= {name: past.where.get(name) or None for name in names}
    if not (given["endpoint"] or given["cloud"]):
        raise UsageError("where was it? --endpoint URL or --cloud NAME")
    return given | {"read_only": False, "require_cloud": True}


@contextlib.contextmanager
def _cloud(past: _Past, base: str, wanted: Options, options: argparse.Namespace) -> Iterator[Cloud]:
    transport = sessions.connect(wanted, base, "cleanup")
    try:
        declared = sessions.discover(transport)
        if past.path is None:
            found = Journal()
        elif options.dry_run:
            found = Journal.in_memory(journal.read(past.path, base))
        else:
            found = Journal.resume(past.path, base)
        patience = Patience(deadline=wanted.cloud.transition) if wanted.cloud else Patience()
        yield Cloud(transport, declared, found, past.run, RunPolicy(patience))
    finally:
        transport.close()


def _sweep(cloud: Cloud, wanted: Options, options: argparse.Namespace) -> bool:
    exclusive = bool(wanted.cloud and wanted.cloud.exclusive)
    unsure = leftovers.adopt(
        cloud.journal, cloud.run_id, cloud.capabilities.collections, cloud.get, exclusive=exclusive
    )
    for leftover in unsure:
        told = f"{_told(leftover.resource)}: {leftover.why}"
        if not options.unnamed:
            print(f"perhaps   {told}; --unnamed removes it")
        elif not options.dry_run:
            cloud.journal.created(leftover.resource)
    if options.dry_run:
        for resource in reversed(cloud.journal.live):
            print(f"to remove {_told(resource)}")
        return bool(cloud.journal.live or unsure)
    before = list(cloud.journal.live)
    left = cloud.cleaner.remove_all()
    for resource in before:
        print(f"{'STAYS    ' if resource in left else 'removed  '} {_told(resource)}")
    if not before:
        print(f"nothing of run {cloud.run_id} is left at {cloud.transport.base}")
    return bool(left or (unsure and not options.unnamed))


def _told(resource: Resource) -> str:
    return f"{resource.collection} {resource.id}: {resource.href}"
