"""The end of a process of a run: everything that it created is removed, what stays is reported."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tck.checks.support.cloud import Cloud
from tck.run.assignment import Assignment
from tck.run.record import RunRecord
from tck.safety import inventory, journal, leftovers
from tck.safety.custody import address
from tck.safety.inventory import Inventory
from tck.safety.journal import Resource, UnreadableJournal

_MOST_CHANGES = 1_000  # that are recorded
_DELETE = 'curl -X DELETE -u "$DELTACLOUD_TCK_USER:$DELTACLOUD_TCK_PASSWORD"'


def clean_up(cloud: Cloud, assignment: Assignment, record: RunRecord) -> None:
    """Remove what the run created and what else has its names; record what stays as leaks.

    What of others is gone or changed since the inventory is recorded, too.
    """
    record.leaks += _remove_all(cloud, assignment, record)
    record.cleaned.append(str(cloud.journal.path))


def left_behind(assignment: Assignment, record: RunRecord) -> Iterator[str]:
    """What is left of processes whose clean-up did not end, by their journals; nothing is sent."""
    for path in sorted(assignment.folder.glob(f"journal-{assignment.run_id}*.jsonl")):
        if str(path) in record.cleaned:
            continue
        try:
            past = journal.read(path)
        except UnreadableJournal as error:
            yield str(error)
            continue
        command = _command(path, assignment)
        for resource in reversed([*past.doubtful, *past.live]):
            yield f"{_shown(resource)}; clean-up did not get to it; to remove it: {command}"
        for intent in past.unanswered:
            what = " ".join(filter(None, (intent.collection, intent.name)))
            yield f"perhaps {what}: its create got no answer; to look for it: {command}"
        if not (past.live or past.doubtful or past.unanswered or past.broken):
            path.unlink()


def _remove_all(cloud: Cloud, assignment: Assignment, record: RunRecord) -> Iterator[str]:
    resources, path = cloud.resources, cloud.journal.path
    uncertain: list[Resource] = []
    remaining = cloud.cleaner.remove_all(final=True)
    if path is not None and resources.before is not None:
        listed = resources.list_again()
        known = len(cloud.journal.live)
        uncertain = [leftover.resource for leftover in _find(cloud, assignment, listed)]
        if len(cloud.journal.live) > known:
            remaining = cloud.cleaner.remove_all(final=True)
            listed = resources.list_again()
        record.others.update(_changes(cloud, listed))
        record.made |= {f"{collection}/{id_}" for collection, id_ in resources.made}
    for resource in remaining:
        reason = cloud.cleaner.obstacles[resource.href].reason
        if cloud.cleaner.may_be_anothers(resource):
            cloud.journal.disown(resource)  # so that no clean-up by the journal touches it
            resources.unproven.append((resource, reason))
            continue
        yield f"{_shown(resource)}; {reason}; to remove it: {_command(path, assignment)}"
    for resource in uncertain:
        why = " (perhaps: it appeared while this run created one)"
        yield f"{_shown(resource)}{why}; to remove it: {_command(path, assignment, '--unnamed')}"
    for resource, reason in resources.unproven:
        # what was never shown may run all the same
        known = cloud.custody.was_own(resource.collection, resource.id)
        if not known or cloud.request_for_cleanup("GET", resource.href).ok:
            command = f"{_DELETE} {shlex.quote(resource.href)}"
            yield f"{_shown(resource)} (perhaps: {reason}); to remove it by hand: {command}"
    cloud.journal.close(keep=bool(remaining or uncertain))
    cloud.transport.close()


def _find(cloud: Cloud, assignment: Assignment, listed: Inventory) -> list[leftovers.Leftover]:
    """Take leftovers of the run into the journal. Returns those that may be somebody else's."""
    profile = assignment.options.cloud
    return leftovers.adopt(
        cloud.journal,
        cloud.custody,
        cloud.run_id,
        cloud.transport.base,
        listed,
        lambda path: cloud.resources.send_for_cleanup("GET", path),
        # other processes of the run create things, too
        exclusive=bool(profile and profile.exclusive and not assignment.worker),
    )


def _changes(cloud: Cloud, listed: Inventory) -> Iterator[tuple[str, str]]:
    """What of others is gone or changed, each by collection/id."""

    def is_gone(collection: str, id_: str) -> bool:
        path = address(collection, id_)
        return cloud.resources.send_for_cleanup("GET", path).status in (404, 410)

    changes = inventory.changes(cloud.resources.before or {}, listed, is_gone)
    for change in islice(changes, _MOST_CHANGES):
        yield f"{change.collection}/{change.item.id}", change.text


def going_on(assignment: Assignment, *, workers: bool) -> str:
    """The command line that removes what a run leaves that is ended now; empty if nothing stays."""
    options = assignment.options
    if options.read_only or not options.outlives_run:
        return ""
    file = assignment.folder / f"journal-{assignment.run_id}{'-*' * workers}.jsonl"
    return _command(None, assignment) + f" --journal {file}"


def _shown(resource: Resource) -> str:
    return f"{resource.collection} {resource.id}: {resource.href}"


def _command(path: Path | None, assignment: Assignment, *more: str) -> str:
    """The command line that removes what is left, by its journal."""
    profile = assignment.options.cloud
    where = ["--cloud", profile.name] if profile else []
    file = ["--journal", str(path)] if path else []
    return shlex.join(["deltacloud-tck", "cleanup", *where, *file, *more])
