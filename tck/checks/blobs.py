"""Checks of blobs: bytes, types and metadata come back as they were stored."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example
from hypothesis import strategies as st

from tck.checks.buckets import bucket, stored
from tck.checks.support import life
from tck.checks.support.answers import ids_at, value_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.generated import given
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import reading
from tck.rules.judgement import shown
from tck.safety.resource import Resource

TYPES = ("text/plain", "application/octet-stream", "image/png", "text/html", "application/xml")
META = "X-Deltacloud-Blobmeta-"


def _content(cloud: Cloud, blob: Resource, **options: object) -> Exchange:
    return cloud.get(blob.href + "/content", format=None, **options)


class Content(bytes):
    """Bytes of which an example that is printed shows the first few."""

    def __repr__(self) -> str:
        """The number of bytes and the first of them: reports quote it."""
        return f"<{len(self)} bytes, {shown(bytes(self[:40]))}>"


def contents(largest: int) -> st.SearchStrategy[bytes]:
    """Bytes of any kind and size: what text modes, C strings and line ends would break."""
    pieces = st.sampled_from(
        [b"\0", b"\r\n", b"\n", b"\xff\xfe", b"\x1a", b"a", "é雲".encode(), b"<"]
    )
    small = st.lists(pieces, max_size=40).map(b"".join)
    sizes = st.sampled_from([1, 2, 1023, 1024, 8192, 65_535, 65_536, largest]).filter(
        lambda size: size <= largest
    )
    large = st.tuples(small, sizes).map(lambda t: (t[0] * t[1] + b"x" * t[1])[: t[1]])
    return st.one_of(small, large).map(Content)


@check(
    "DC-BLB-003",
    "DC-BLB-005",
    "DC-BLB-019",
    "DC-BLB-006",
    "DC-HTTP-009",
    needs="buckets",
    writes=True,
)
def test_bytes_and_type(cloud: Cloud, verify: Verify) -> None:
    """Whatever bytes are stored under whatever type come back, as content and in the document."""
    where = bucket(cloud, verify)
    stored(cloud, verify, where)
    largest = cloud.policy.largest_blob

    @given(contents(largest), st.sampled_from(TYPES))
    @example(b"", "text/plain")
    @example(b"\0\r\n\xff", "application/octet-stream")
    @example(
        Content((bytes(range(256)) * (largest // 256 + 1))[:largest]), "application/octet-stream"
    )
    def holds(content: bytes, type_: str) -> None:
        cloud.trail.clear()
        headers = {"Content-Type": type_}
        x, blob = cloud.store_blob(where, "tck-bytes", content, headers=headers)
        verify.accepted("DC-BLB-019", x)
        blob = verify.need(blob, "no blob was stored")
        got = _content(cloud, blob)
        verify.accepted("DC-BLB-005", got)
        verify.equal("DC-BLB-005", "content", Content(content), Content(got.body), x=got)
        verify.equal("DC-BLB-005", "Content-Type", type_, got.media_type, x=got)
        document = cloud.get(blob.href)
        length = value_at(document, "content_length")
        verify.equal("DC-BLB-003", "content_length", str(len(content)), length, x=document)
        json = cloud.get(blob.href, format="json")
        verify.accepted("DC-BLB-019", json, why="in JSON, too")

    holds()


@check("DC-BLB-007", needs="buckets", writes=True)
def test_overwrite(cloud: Cloud, verify: Verify) -> None:
    """A second PUT replaces content, type and metadata."""
    where = bucket(cloud, verify)
    name = cloud.new_name()
    first = {"Content-Type": "text/plain", META + "Old": "1"}
    cloud.store_blob(where, name, b"first and longer", headers=first)
    second = {"Content-Type": "text/html", META + "New": "2"}
    x, blob = cloud.store_blob(where, name, b"second", headers=second)
    verify.accepted("DC-BLB-007", x)
    blob = verify.need(blob, "no blob was stored")
    got = _content(cloud, blob)
    verify.equal("DC-BLB-007", "content", b"second", got.body, x=got)
    verify.equal("DC-BLB-007", "Content-Type", "text/html", got.media_type, x=got)
    metadata, x = _kept(cloud, blob)
    names = set(metadata)
    ok = _named(names, "new") and not _named(names, "old")
    verify.holds("DC-BLB-007", META + "*", "New alone", names, ok, x=x)
    root = life.assert_shown(cloud, verify, "DC-BLB-007", where)
    verify.equal("DC-BLB-007", "/bucket/size", "1", reading.text(root, "size"), x=x)


def _kept(cloud: Cloud, blob: Resource) -> tuple[dict[str, str], Exchange]:
    """Metadata that a blob has, as HEAD or its document says: that both do is DC-BLB-008."""
    head, document = cloud.request("HEAD", blob.href), cloud.get(blob.href)
    return _listed(document) | _metadata(head), head


def _listed(x: Exchange) -> dict[str, str]:
    """Metadata in a document, named as by `_metadata`."""
    entries = x.xml.iterfind("user_metadata/entry") if x.xml is not None else ()
    return {(e.get("key") or "").lower().replace("_", "-"): (e.text or "").strip() for e in entries}


def _metadata(x: Exchange) -> dict[str, str]:
    """Metadata in the fields of an answer: names in lower case, - for _."""
    return {
        name[len(META) :].lower().replace("_", "-"): value
        for name, value in x.headers
        if name.lower().startswith(META.lower())
    }


def _named(names: set[str], name: str) -> bool:
    return _value(dict.fromkeys(names, ""), name) is not None


def _value(metadata: Mapping[str, str], name: str) -> str | None:
    """Value under a name, which may be behind a provider's prefix (A168), in any case, - or _."""
    suffix = name.lower().replace("_", "-")
    return next((value for key, value in metadata.items() if key.endswith(suffix)), None)


@check("DC-BLB-008", "DC-HTTP-010", needs="buckets", writes=True)
def test_metadata(cloud: Cloud, verify: Verify) -> None:
    """Metadata sent with PUT come back in HEAD and in the document."""
    where = bucket(cloud, verify)
    stored(cloud, verify, where)
    names = st.sampled_from(["Version", "Author", "Color", "Some-Thing", "X9"])
    texts = st.text(alphabet=st.sampled_from("abcXYZ 019.-_=/;:,+"), min_size=1, max_size=20)
    values = texts.map(str.strip).filter(bool)

    @given(st.dictionaries(names, values, max_size=4))
    def holds(metadata: dict[str, str]) -> None:
        cloud.trail.clear()
        headers = {"Content-Type": "text/plain"} | {META + n: v for n, v in metadata.items()}
        x, blob = cloud.store_blob(where, "tck-meta", b"x", headers=headers)
        verify.accepted("DC-BLB-008", x)
        blob = verify.need(blob, "no blob was stored")
        head = cloud.request("HEAD", blob.href)
        document = cloud.get(blob.href)
        listed = _listed(document)
        for name, value in metadata.items():
            got = _value(_metadata(head), name)
            verify.equal("DC-BLB-008", META + name, value, got, x=head)
            got = _value(listed, name)
            verify.equal("DC-BLB-008", "user_metadata", value, got, x=document)
        count = len(_metadata(head))
        verify.equal("DC-BLB-008", META + "*", len(metadata), count, x=head)

    holds()


@check("DC-BLB-009", "DC-HTTP-010", needs="buckets", writes=True)
def test_replace_metadata(cloud: Cloud, verify: Verify) -> None:
    """POST to a blob replaces all its metadata, and leaves the content alone (C15)."""
    where = bucket(cloud, verify)
    x, blob = cloud.store_blob(where, cloud.new_name(), b"content", headers={META + "Old": "1"})
    verify.accepted("DC-BLB-009", x)
    blob = verify.need(blob, "no blob was stored")
    headers = {META + "Version": "2.0", META + "Author": "tck"}
    answer = cloud.request("POST", blob.href, headers=headers)
    if answer.status in life.NOT_OFFERED:
        verify.inconclusive("the endpoint does not update metadata")
    verify.accepted("DC-BLB-009", answer)
    for metadata, x in ((_metadata(answer), answer), _kept(cloud, blob)):
        verify.equal("DC-BLB-009", META + "Version", "2.0", _value(metadata, "Version"), x=x)
        verify.equal("DC-BLB-009", META + "Author", "tck", _value(metadata, "Author"), x=x)
        ok = not _named(set(metadata), "old")
        verify.holds("DC-BLB-009", META + "*", "no metadata of before", metadata, ok, x=x)
    got = _content(cloud, blob)
    verify.equal("DC-BLB-009", "content", b"content", got.body, x=got)


@check("DC-BLB-010", "DC-HTTP-003", needs="buckets", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_form(cloud: Cloud, verify: Verify, format_: str) -> None:
    """Browsers and clients store blobs by a multipart form (A167)."""
    where = bucket(cloud, verify)
    name, content = cloud.new_name(), b"\0form\r\n\xff"
    fields = {
        "blob_id": (None, name),
        "blob_data": ("file.bin", content, "application/x-tck"),
        "meta_params": (None, "2"),
        "meta_name1": (None, "Version"),
        "meta_value1": (None, "1.0"),
        "meta_name2": (None, "Author"),
        "meta_value2": (None, "tck"),
    }
    blob = _posted(cloud, verify, "DC-BLB-010", where, name, format=format_, files=fields)
    got = _content(cloud, blob)
    verify.equal("DC-BLB-010", "content", content, got.body, x=got)
    verify.equal("DC-BLB-010", "Content-Type", "application/x-tck", got.media_type, x=got)
    metadata, x = _kept(cloud, blob)
    verify.equal("DC-BLB-010", META + "Version", "1.0", _value(metadata, "Version"), x=x)
    verify.equal("DC-BLB-010", META + "Author", "tck", _value(metadata, "Author"), x=x)


def _posted(
    cloud: Cloud, verify: Verify, requirement: str, where: Resource, name: str, **options: object
) -> Resource:
    """POST a blob to a bucket; inconclusive where the endpoint does not offer that."""
    x, blob = cloud.post_blob(where, name, **options)
    if x.status in life.NOT_OFFERED:
        verify.inconclusive("the endpoint does not store blobs")
    verify.accepted(requirement, x)
    return verify.need(blob, "no blob was stored")


@check("DC-BLB-011", needs="buckets", writes=True)
def test_query(cloud: Cloud, verify: Verify) -> None:
    """The Ruby client sends even the content in the query (C1, T211)."""
    where = bucket(cloud, verify)
    name = cloud.new_name()
    query = {"blob_id": name, "blob_data": "content of blob"}
    query |= {"meta_params": "1", "meta_name1": "Version", "meta_value1": "1.0"}
    blob = _posted(cloud, verify, "DC-BLB-011", where, name, params=query, body=b"")
    got = _content(cloud, blob)
    verify.equal("DC-BLB-011", "content", b"content of blob", got.body, x=got)
    metadata, x = _kept(cloud, blob)
    verify.equal("DC-BLB-011", META + "Version", "1.0", _value(metadata, "Version"), x=x)


@check("DC-BLB-012", needs="buckets", writes=True)
@pytest.mark.parametrize("missing", ["blob_id", "blob_data"])
def test_form_without(cloud: Cloud, verify: Verify, missing: str) -> None:
    """A form without blob_id or blob_data is refused; the twin has both."""
    where = bucket(cloud, verify)
    name = cloud.new_name()
    fields = {"blob_id": name, "blob_data": "x"}
    _posted(cloud, verify, "DC-BLB-012", where, name, form=fields)
    del fields[missing]
    x = cloud.request("POST", where.href, form=fields)
    verify.status("DC-BLB-012", x, 400, why=f"{missing} is missing")


@check("DC-BLB-013", needs="buckets", writes=True)
def test_unknown_bucket(cloud: Cloud, verify: Verify) -> None:
    """Storing in an unknown bucket is refused; the twin: in a real one it works."""
    stored(cloud, verify, bucket(cloud, verify))
    nowhere = Resource("buckets", cloud.unknown_id(), "")
    x, _ = cloud.store_blob(nowhere, cloud.new_name(), b"x")
    verify.refused("DC-BLB-013", x, why="there is no such bucket")
    fields = {"blob_id": cloud.new_name(), "blob_data": "x"}
    x = cloud.request("POST", cloud.path("buckets", nowhere.id), form=fields)
    verify.refused("DC-BLB-013", x, why="there is no such bucket")


@check("DC-BLB-014", needs="buckets", writes=True)
def test_blobs_belong_to_their_bucket(cloud: Cloud, verify: Verify) -> None:
    """The same name in two buckets is two blobs, and in a third none."""
    here, there, empty = (bucket(cloud, verify) for _ in range(3))
    name = cloud.new_name()
    stored = [cloud.store_blob(w, name, c)[1] for w, c in ((here, b"here"), (there, b"there"))]
    blobs = [verify.need(blob, "no blob was stored") for blob in stored]
    for blob, content in zip(blobs, (b"here", b"there"), strict=True):
        got = _content(cloud, blob)
        verify.equal("DC-BLB-014", "content", content, got.body, x=got)
    target = cloud.path("buckets", empty.id, name)
    for x in (
        cloud.get(target),
        cloud.get(target + "/content"),
        cloud.request("HEAD", target),
        cloud.request("POST", target, headers={META + "K": "v"}),
    ):
        verify.status("DC-BLB-014", x, 404, why=f"{empty.id} has no blob {name}")
    x = cloud.delete(target)
    verify.status("DC-BLB-014", x, 404, 410, why=f"{empty.id} has no blob {name}")
    life.destroy(cloud, verify, "DC-BLB-016", blobs[0])
    got = _content(cloud, blobs[1])
    verify.equal("DC-BLB-014", "content", b"there", got.body, x=got)


@check("DC-BLB-015", needs="buckets", writes=True)
def test_unknown_blob(cloud: Cloud, verify: Verify) -> None:
    """Every operation on an unknown blob is answered 404."""
    where = bucket(cloud, verify)
    target = cloud.path("buckets", where.id, cloud.unknown_id())
    for x in (
        cloud.get(target),
        cloud.get(target, format="json"),
        cloud.get(target + "/content"),
        cloud.request("HEAD", target),
        cloud.request("POST", target, headers={META + "K": "v"}),
    ):
        if x.status not in life.NOT_OFFERED:
            verify.status("DC-BLB-015", x, 404)


@check("DC-BLB-016", "DC-HTTP-005", needs="buckets", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_delete(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A deleted blob is gone from everywhere, another stays."""
    where = bucket(cloud, verify)
    blob, other = stored(cloud, verify, where), stored(cloud, verify, where)
    life.destroy(cloud, verify, "DC-BLB-016", blob, format_)
    verify.status("DC-BLB-016", _content(cloud, blob), 404, why="its content is gone, too")
    x = cloud.get(where.href)
    verify.equal("DC-BLB-016", "/bucket/blob", [other.id], ids_at(x, "blob"), x=x)


@check("DC-BLB-017", needs="buckets", writes=True)
@pytest.mark.parametrize("range_", ["bytes=2-5", "bytes=0-0", "bytes=-3", "bytes=4-", "bytes=9-2"])
def test_range(cloud: Cloud, verify: Verify, range_: str) -> None:
    """A range is answered exactly, or in full."""
    content = b"0123456789"
    blob = stored(cloud, verify, bucket(cloud, verify), content)
    x = _content(cloud, blob, headers={"Range": range_})
    partial = {
        "bytes=2-5": (b"2345", "bytes 2-5/10"),
        "bytes=0-0": (b"0", "bytes 0-0/10"),
        "bytes=-3": (b"789", "bytes 7-9/10"),
        "bytes=4-": (b"456789", "bytes 4-9/10"),
    }.get(range_)
    if x.status == 206 and partial is not None:
        got = (x.body, x.headers.get("Content-Range"))
        verify.equal("DC-BLB-017", "Content-Range", partial, got, x=x)
    else:
        verify.status("DC-BLB-017", x, 200, why="no range, or one that is invalid")
        verify.equal("DC-BLB-017", "content", content, x.body, x=x)


@check("DC-BLB-020", needs="buckets", writes=True)
@pytest.mark.parametrize("accept", ["application/xml", "application/json", "*/*", "text/plain"])
def test_content_for_any_accept(cloud: Cloud, verify: Verify, accept: str) -> None:
    """Content is served whatever the request accepts: it is not a document in a format."""
    blob = stored(cloud, verify, bucket(cloud, verify), b"bytes")
    x = _content(cloud, blob, headers={"Accept": accept})
    verify.accepted("DC-BLB-020", x, why=f"Accept: {accept}")
