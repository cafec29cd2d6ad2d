"""The end of a process of a run: everything that it created is removed, what stays is reported."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial

from tck.checks.support.cloud import Cloud
from tck.run.assignment import Assignment
from tck.safety import leftovers
from tck.safety.journal import Resource

_DELETE = 'curl -X DELETE -u "$DELTACLOUD_TCK_USER:$DELTACLOUD_TCK_PASSWORD"'


def clean_up(cloud: Cloud, assignment: Assignment, leaks: list[str]) -> None:
    """Remove what the run created and what else has its names; add to `leaks` what stays."""
    try:
        leaks += _remove_all(cloud, assignment)
    except KeyboardInterrupt:
        leaks.append(f"clean-up was interrupted; to go on: {_command(cloud, assignment)}")
        raise


def _remove_all(cloud: Cloud, assignment: Assignment) -> Iterator[str]:
    uncertain: list[Resource] = []
    remaining = cloud.cleaner.remove_all(final=True)
    if cloud.journal.path is not None:
        profile = assignment.options.cloud
        # other processes of the run create things, too
        exclusive = bool(profile and profile.exclusive and not assignment.worker)
        with cloud.meter.exempt():
            listed, get = cloud.capabilities.collections, partial(cloud.get, whole=False)
            found = leftovers.adopt(
                cloud.journal, cloud.run_id, listed, get, cloud.custody, exclusive=exclusive
            )
        uncertain = [leftover.resource for leftover in found]
        remaining = cloud.cleaner.remove_all(final=True)
    for resource in remaining:
        reason = cloud.cleaner.obstacles[resource.href].reason
        yield f"{_shown(resource)}; {reason}; to remove it: {_command(cloud, assignment)}"
    for resource in uncertain:
        why = " (perhaps: it appeared while this run created one)"
        yield f"{_shown(resource)}{why}; to remove it: {_command(cloud, assignment, '--unnamed')}"
    for resource, reason in cloud.resources.unproven:
        if cloud.request_for_cleanup("GET", resource.href).ok:
            command = f"{_DELETE} {shlex.quote(resource.href)}"
            yield f"{_shown(resource)} (perhaps: {reason}); to remove it by hand: {command}"
    cloud.journal.close(keep=bool(remaining or uncertain))
    cloud.transport.close()


def _shown(resource: Resource) -> str:
    return f"{resource.collection} {resource.id}: {resource.href}"


def _command(cloud: Cloud, assignment: Assignment, *more: str) -> str:
    """The command line that removes what is left."""
    profile, journal = assignment.options.cloud, cloud.journal.path
    where = ["--cloud", profile.name] if profile else []
    file = ["--journal", str(journal)] if journal else []
    return shlex.join(["deltacloud-tck", "cleanup", *where, *file, *more])
