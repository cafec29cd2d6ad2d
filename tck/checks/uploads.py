"""Checks of other ways to bring blobs in: in parts, and by forms that mean harm."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tck.checks.blobs import META, Content
from tck.checks.buckets import bucket
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource

# Names of the fields, or parameters of the query, by which a step says what it is.
_NAMES = {
    "header": ("X-Deltacloud-BlobType", "X-Deltacloud-SegmentedBlob", "X-Deltacloud-SegmentOrder"),
    "query": ("blob_type", "segmented_blob", "segment_order"),
}
_PART = 48 * 1024  # bytes; small enough for any mock, large enough not to be held back


def _step(
    cloud: Cloud, where: Resource, name: str, place: str, *ids: str, body: bytes = b""
) -> Exchange:
    """A step of an upload: `ids` are the id of the upload, and the number of the part."""
    signals = dict(zip(_NAMES[place], ("segmented", *ids), strict=False))
    options: Mapping[str, Mapping[str, str]] = (
        {"headers": signals} if place == "header" else {"params": signals}
    )
    return cloud.store_blob(where, name, body, **options)[0]


@check("DC-BLB-021", needs="buckets", writes=True)
@pytest.mark.parametrize("place", _NAMES)
def test_upload_in_parts(cloud: Cloud, verify: Verify, place: str) -> None:
    """A blob that came in parts, in any order, holds them in the order of their numbers."""
    where, name = bucket(cloud, verify), cloud.new_name()
    begun = _step(cloud, where, name, place)
    upload = begun.headers.get("X-Deltacloud-SegmentedBlob")
    if begun.status != 204 or not upload:
        verify.inconclusive(f"no upload in parts can be begun: {begun.status}")
    parts = {"1": b"first\0\r\n".ljust(_PART, b"1"), "2": b"second".ljust(_PART, b"2"), "3": b"end"}
    kept = {}
    for number in ("2", "1", "3"):
        x = _step(cloud, where, name, place, upload, number, body=parts[number])
        kept[number] = x.headers.get("X-Deltacloud-BlobSegmentId")
        if 400 <= x.status < 500:
            verify.inconclusive(f"a part of {len(parts[number])} bytes is refused: {x.status}")
        got = {"status": x.status, "X-Deltacloud-BlobSegmentId": kept[number]}
        ok, expected = x.status == 204 and bool(kept[number]), "204 and X-Deltacloud-BlobSegmentId"
        verify.holds("DC-BLB-021", "status", expected, got, ok, x=x)
    listed = ", ".join(f"{number}={kept[number]}" for number in sorted(kept))
    x = _step(cloud, where, name, place, upload, body=listed.encode())
    if 400 <= x.status < 500:
        verify.inconclusive(f"an upload of small parts is refused: {x.status}")
    verify.status("DC-BLB-021", x, 200, 201, why="all parts are there")
    got_back = cloud.get(cloud.path("buckets", where.id, name, action="content"), format=None)
    whole = b"".join(parts[number] for number in sorted(parts))
    verify.equal("DC-BLB-021", "content", Content(whole), Content(got_back.body), x=got_back)


@check("DC-BLB-022", needs="buckets", writes=True)
@pytest.mark.parametrize("line_end", ["\r\n", "\n"], ids=["crlf", "lf"])
def test_metadata_that_would_be_fields(cloud: Cloud, verify: Verify, line_end: str) -> None:
    """A line break in metadata does not make a field of what follows it; the twin has none."""
    where = bucket(cloud, verify)

    def send(value: str) -> tuple[Exchange, str]:
        name = cloud.new_name()
        metadata = {"meta_params": "1", "meta_name1": "Version", "meta_value1": value}
        form = {"blob_id": name, "blob_data": "x", **metadata}
        return cloud.post_blob(where, name, form=form)[0], cloud.path("buckets", where.id, name)

    twin, _ = send("1.0")
    if twin.status != 201:
        verify.inconclusive(f"no blob is stored by a form: {twin.status}")
    x, place = send(f"1{line_end}X-Tck-Injected: yes")
    head = cloud.request("HEAD", place)
    injected = [field for field, _ in (*x.headers, *head.headers) if "injected" in field.lower()]
    expected = f"a refusal, or {META}Version alone"
    verify.absent("DC-BLB-022", "header", expected, injected, x=head)
