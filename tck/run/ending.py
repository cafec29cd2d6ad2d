"""The end of a process of a run: everything that it created is removed, what stays is reported."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tck.checks.support.awaiting import why_it_stays
from tck.checks.support.cloud import Cloud
from tck.endpoint.exchange import Exchange
from tck.run.assignment import Assignment
from tck.run.record import RunRecord
from tck.safety import inventory, leftovers, past_run
from tck.safety.custody import address
from tck.safety.inventory import Inventory
from tck.safety.past_run import UnreadableJournal
from tck.safety.resource import Resource

_MOST_CHANGES = 1_000  # that are recorded


def clean_up(cloud: Cloud, assignment: Assignment, record: RunRecord) -> None:
    """Remove what the run created and what else has its names; record what stays as leaks.

    What of others is gone or changed since the inventory is recorded, too.
    """
    for line, resource, answers in _remove_all(cloud, assignment, record):
        entry = accepting(record, resource, *answers)
        lines = record.left if entry else record.leaks
        if line not in lines:  # what was tried twice may look the same
            lines.append(f"{line} ({entry})" if entry else line)
    record.cleaned.append(str(cloud.journal.path))


def accepting(record: RunRecord, resource: Resource, *answers: Exchange | None) -> str:
    """Which deviation accepts that a resource stays, as `answers` show; empty if none does."""
    shown = why_it_stays(resource, *filter(None, answers))
    return record.ledger.deviations.leaving(resource.collection, shown)


def left_behind(assignment: Assignment, record: RunRecord) -> Iterator[str]:
    """What is left of processes whose clean-up did not end, by their journals; nothing is sent."""
    for path in sorted(assignment.folder.glob(f"journal-{assignment.run_id}*.jsonl")):
        if str(path) in record.cleaned:
            continue
        try:
            past = past_run.read(path)
        except UnreadableJournal as error:
            yield str(error)
            continue
        command = _command(path, assignment)
        for resource in reversed(past.live):
            yield f"{_shown(resource)}; clean-up did not get to it; to remove it: {command}"
        for resource, why in past.doubtful.values():
            yield f"{_shown(resource)} (perhaps: {why}); to remove it: {command} --unnamed"
        for resource, why in past.disowned.values():
            yield _by_hand(resource, why)
        for intent in past.unanswered:
            what = " ".join(filter(None, (intent.collection, intent.name)))
            yield f"perhaps {what}: its create got no answer; to look for it: {command}"
        if not (past.live or past.doubtful or past.disowned or past.unanswered or past.broken):
            path.unlink()


def _remove_all(
    cloud: Cloud, assignment: Assignment, record: RunRecord
) -> Iterator[tuple[str, Resource, list[Exchange | None]]]:
    """What stays: a line, the resource, and the answers that show why."""
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
        obstacle = cloud.cleaner.obstacles[resource.href]
        reason = obstacle.reason
        if cloud.journal.may_be_anothers(resource):
            cloud.journal.gone(resource)  # what is there is told here, and no clean-up touches it
            resources.unproven.append((resource, reason))
            continue
        line = f"{_shown(resource)}; {reason}; to remove it: {_command(path, assignment)}"
        yield line, resource, [obstacle.exchange]
    for resource in uncertain:
        why = " (perhaps: it appeared while this run created one)"
        command = _command(path, assignment, "--unnamed")
        yield f"{_shown(resource)}{why}; to remove it: {command}", resource, []
    yield from _unproven(cloud)
    cloud.journal.close(keep=bool(remaining or uncertain))
    cloud.transport.close()


def _unproven(cloud: Cloud) -> Iterator[tuple[str, Resource, list[Exchange | None]]]:
    """What may have been made, and was never shown to be the run's own."""
    for resource, reason in cloud.resources.unproven:
        # what was never shown may run all the same
        known = cloud.custody.was_own(resource.collection, resource.id)
        shown = cloud.request_for_cleanup("GET", resource.href)
        if resource.id and (shown.ok or not known):
            yield _by_hand(resource, reason), resource, [shown]
        elif not resource.id and not (shown.xml is not None and _is_absent(resource, shown)):
            line = f"{resource.collection} without an id (perhaps: {reason})"
            yield line, resource, [cloud.resources.answers[resource.href]]


def _is_absent(resource: Resource, listed: Exchange) -> bool:
    """True if a list shows that nothing bears the mark of a resource."""
    return bool(resource.mark) and all(
        resource.mark not in (item.id, item.name) for item in inventory.items_of(listed)
    )


def _find(cloud: Cloud, assignment: Assignment, listed: Inventory) -> list[leftovers.Leftover]:
    """Take leftovers of the run into the journal. Returns those that may be somebody else's."""
    profile = assignment.options.cloud
    # other processes of the run create things, too
    exclusive = bool(profile and profile.exclusive and not assignment.worker)
    return cloud.resources.adopt_leftovers(listed, exclusive=exclusive)


def _changes(cloud: Cloud, listed: Inventory) -> Iterator[tuple[str, str]]:
    """What of others is gone or changed, each by collection/id."""
    resources = cloud.resources
    changes = inventory.changes(
        resources.before or {}, listed, lambda *where: resources.is_gone(address(*where))
    )
    for change in islice(changes, _MOST_CHANGES):
        yield f"{change.collection}/{change.item.id}", change.text


def going_on(assignment: Assignment, *, workers: bool) -> str:
    """The command line that removes what a run leaves that is ended now; empty if nothing stays."""
    options = assignment.options
    if options.read_only or not options.outlives_run:
        return ""
    several = "-*" if workers else "*" if options.other else ""
    file = assignment.folder / f"journal-{assignment.run_id}{several}.jsonl"
    return _command(None, assignment) + f" --journal {file}"


def _shown(resource: Resource) -> str:
    return f"{resource.collection} {resource.id}: {resource.href}"


def _by_hand(resource: Resource, reason: str) -> str:
    command = leftovers.by_hand(resource)
    return f"{_shown(resource)} (perhaps: {reason}); to remove it by hand: {command}"


def _command(path: Path | None, assignment: Assignment, *more: str) -> str:
    """The command line that removes what is left, by its journal."""
    profile = assignment.options.cloud
    where = ["--cloud", profile.name] if profile else []
    file = ["--journal", str(path)] if path else []
    return shlex.join(["deltacloud-tck", "cleanup", *where, *file, *more])
