"""Judging what others may change at the same time: other users, other processes of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tck.checks.support.cloud import Cloud, Member, members_of
from tck.checks.support.verify import Verify
from tck.checks.support.views import canonical
from tck.endpoint.exchange import Exchange

_TRIES = 5


def quiet(
    cloud: Cloud, verify: Verify, collection: str, **options: Any
) -> tuple[list[Member], Exchange]:
    """A list asked for with some `options`, while the members stay as they are; and these.

    Inconclusive if there is no such moment.
    """
    for _ in range(_TRIES):
        before, seen, after = (cloud.index(collection, **o) for o in ({}, options, {}))
        if content(before) == content(after):
            return members_of(after), seen
    verify.inconclusive(f"{collection} changed all the time")


def content(x: Exchange) -> object:
    """What an answer tells, whatever the order of its parts."""
    return canonical(x.xml) if x.xml is not None else x.body


def creates_nothing(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    collection: str,
    form: Mapping[str, str],
    why: str,
    **options: Any,
) -> None:
    """A refused create leaves nothing behind (DC-ERR-022); `options` as for `Cloud.create`.

    What is new in the list may be another's; it counts if something is new every time.
    """
    for _ in range(_TRIES):
        before = {member.id for member in cloud.members(collection)}
        x, _ = cloud.create(collection, form, **options)
        verify.refused(requirement, x, why=why)
        if x.ok:
            return  # which a recommendation allows
        fresh = sorted({member.id for member in cloud.members(collection)} - before)
        if not fresh:
            break
    for id_ in (requirement, *(["DC-ERR-022"] if x.status < 500 else [])):
        verify(id_, not fresh, expected="nothing created", got=fresh, x=x, place=collection)
