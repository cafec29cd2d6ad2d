"""Checks of buckets."""

from __future__ import annotations

import pytest

from tck.checks.support import life
from tck.checks.support.answers import ids_at, value_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.rules import reading
from tck.safety.resource import Resource


def bucket(cloud: Cloud, verify: Verify, **form: str) -> Resource:
    """An empty bucket of this run."""
    form = {"name": cloud.new_name(), **form}
    return life.create(cloud, verify, "DC-BKT-005", "buckets", form)[1]


def stored(cloud: Cloud, verify: Verify, where: Resource, content: bytes = b"tck") -> Resource:
    """A blob in a bucket of this run."""
    x, blob = cloud.store_blob(where, cloud.new_name(), content)
    if x.status in life.NOT_OFFERED:
        verify.inconclusive("the endpoint does not store blobs")
    verify.accepted("DC-BLB-005", x)
    return verify.need(blob, "no blob was stored")


def _content(cloud: Cloud, where: Resource) -> tuple[str | None, list[str]]:
    """(size, ids of blobs) that a bucket shows."""
    x = cloud.get(where.href)
    return value_at(x, "size"), ids_at(x, "blob")


@check("DC-BKT-005", "DC-HTTP-003", "DC-HTTP-029", needs="buckets", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A new bucket has the name it was given, as its id too, and nothing in it."""
    name = cloud.new_name()
    x, new = life.create(cloud, verify, "DC-BKT-005", "buckets", {"name": name}, format=format_)
    verify.equal("DC-BKT-005", "/bucket/@id", name, new.id, x=x)
    root = life.assert_shown(cloud, verify, "DC-BKT-005", new)
    verify.equal("DC-BKT-005", "/bucket/name", name, reading.text(root, "name"), x=x)
    verify.equal("DC-BKT-005", "/bucket", ("0", []), _content(cloud, new), x=x)


@check("DC-BKT-004", needs="buckets", writes=True)
def test_bucket_lists_its_blobs(cloud: Cloud, verify: Verify) -> None:
    """Size and blobs of a bucket are what was stored, counted once, less what was deleted."""
    here, there = bucket(cloud, verify), bucket(cloud, verify)
    blobs = [stored(cloud, verify, here) for _ in range(3)]
    stored(cloud, verify, there)
    cloud.store_blob(here, blobs[0].id, b"overwritten")
    x = cloud.get(here.href)
    expected = sorted(blob.id for blob in blobs)
    verify.equal("DC-BKT-004", "/bucket", ("3", expected), _content(cloud, here), x=x)
    answer = cloud.delete(blobs[0].href)
    if answer.ok:
        cloud.mark_destroyed(blobs[0])
        expected.remove(blobs[0].id)
        x = cloud.get(here.href)
        verify.equal("DC-BKT-004", "/bucket", ("2", expected), _content(cloud, here), x=x)


@check("DC-BKT-006", needs="buckets", feature="buckets.bucket_location", writes=True)
def test_location(cloud: Cloud, verify: Verify) -> None:
    """A location may be named; which ones exist only the provider knows (A159)."""
    accepted = 0
    for place in ("EU", "us-west-1", "eu-west-1"):
        form = {"name": cloud.new_name(), "location": place}
        x, new = cloud.create("buckets", form)
        verify.refused("DC-BKT-006", x, 201)
        if new is not None:
            accepted += 1
            life.assert_shown(cloud, verify, "DC-BKT-006", new)
    if not accepted:
        verify.inconclusive("the provider knows none of the places tried")


@check("DC-BKT-007", needs="buckets", writes=True)
def test_create_again(cloud: Cloud, verify: Verify) -> None:
    """A bucket that exists keeps its blobs, whatever a second create answers."""
    here = bucket(cloud, verify)
    blob = stored(cloud, verify, here)
    x, _ = cloud.create("buckets", {"name": here.id})
    verify.refused("DC-BKT-007", x, 200, 201)
    shown = cloud.get(here.href)
    got = _content(cloud, here)
    verify.equal("DC-BKT-007", "/bucket", ("1", [blob.id]), got, x=shown)


@check("DC-BKT-008", needs="buckets", writes=True)
def test_destroy_a_bucket_with_blobs(cloud: Cloud, verify: Verify) -> None:
    """A bucket with blobs is not destroyed; once it is empty it is."""
    here = bucket(cloud, verify)
    blob = stored(cloud, verify, here)
    x = cloud.delete(here.href)
    verify.refused("DC-BKT-008", x, 502, why="there is a blob in it")
    verify.accepted("DC-BKT-008", cloud.get(blob.href), why="the blob must still be there")
    if not cloud.cleaner.remove(blob):
        verify.inconclusive("the blob could not be removed")
    life.destroy(cloud, verify, "DC-BKT-009", here)


@check("DC-BKT-009", "DC-HTTP-005", needs="buckets", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed bucket is gone, another stays."""
    here, there = bucket(cloud, verify), bucket(cloud, verify)
    life.destroy(cloud, verify, "DC-BKT-009", here, format_)
    life.assert_shown(cloud, verify, "DC-BKT-009", there)
