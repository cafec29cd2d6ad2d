"""Judging collections that other users or other processes of the run may change meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from lxml import etree

from tck.checks.support.client import Member, members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules.views import canonical

_TRIES = 5


def read_unchanged(
    cloud: Cloud, verify: Verify, collection: str, **options: Any
) -> tuple[list[Member], Exchange]:
    """All members of a collection, and its list requested with `options`, both of one moment.

    The list is read plainly before and after; if both are the same, nothing changed in between.
    The check is inconclusive if it changed every time.
    """
    for _ in range(_TRIES):
        before, x, after = (cloud.index(collection, **o) for o in ({}, options, {}))
        if content(before) == content(after):
            return members_of(after), x
    verify.inconclusive(f"{collection} changed all the time")


def judge_filter(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    collection: str,
    query: Mapping[str, str],
    admits: Callable[[etree._Element], bool],
) -> None:
    """A filtered list has exactly the members of the whole list that `admits` is true of."""
    members, x = read_unchanged(cloud, verify, collection, params=query)
    verify.accepted(requirement, x)
    expected = sorted(member.id for member in members if admits(member.element))
    got = sorted(member.id for member in members_of(x))
    place = "&".join(f"{name}={value}" for name, value in query.items())
    verify.equal(requirement, place, expected, got, x=x)


def skip_unless_listed(cloud: Cloud, target: str) -> None:
    """Skip the case of a check whose target is a collection (`/keys`) that is not listed."""
    if target and not cloud.capabilities.declares(target[1:]):
        pytest.skip("not listed")


def need_shown(cloud: Cloud, verify: Verify, target: str, **options: Any) -> None:
    """The positive twin of a refusal: without what is to be refused, a GET succeeds.

    So a refusal is due to it. Inconclusive where that fails, too; `options` as for `Cloud.get`.
    """
    if not (x := cloud.get(target, **options)).ok:
        verify.inconclusive(f"a right GET of {target or '/'} is refused with {x.status}, too")


def content(x: Exchange) -> object:
    """What an answer says, in a form that compares equal whatever the order of its parts."""
    return canonical(x.xml) if x.xml is not None else x.body


def assert_creates_nothing(
    cloud: Cloud,
    verify: Verify,
    requirement: str,
    collection: str,
    form: Mapping[str, str],
    why: str,
    **options: Any,
) -> None:
    """A refused create leaves nothing behind (DC-ERR-022); `options` as for `Cloud.create`.

    A new member of the list may be another user's; it counts if there is one every time.
    """
    for _ in range(_TRIES):
        before = {member.id for member in cloud.members(collection)}
        with cloud.provoking():
            x, made = cloud.create(collection, form, **options)
            verify.refused(requirement, x, why=why)
            if made in cloud.resources.journal.live:
                cloud.cleaner.remove(made)
        if x.ok:
            return  # which a recommendation allows
        new = sorted({member.id for member in cloud.members(collection)} - before)
        if not new:
            break
    for id_ in (requirement, *(["DC-ERR-022"] if x.status < 500 else [])):
        verify.absent(id_, collection, "nothing created", new, x=x)
