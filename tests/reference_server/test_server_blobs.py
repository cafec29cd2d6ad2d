"""Buckets and blobs: uploads in three ways, metadata, ranges, uploads in parts."""

from __future__ import annotations

import io
import os

import pytest

from tck.reference_server.content import IN_MEMORY, Content, Shelf

from .client import Api

BLOB = "/buckets/bucket1/b"


def test_put_stores_and_overwrites_with_metadata(api: Api) -> None:
    first = api.put(BLOB, b"one", Content_Type="text/plain", X_Deltacloud_Blobmeta_Some_Author="me")
    assert (first.status, first.id) == (200, "b")
    assert first.xml.findtext("content_type") == "text/plain"
    entry = first.xml.find("user_metadata/entry")
    assert entry is not None
    assert (entry.get("key"), entry.text) == ("some_author", "me")
    second = api.put(BLOB, b"three", Content_Type="application/octet-stream")
    assert second.xml.findtext("content_length") == "5"
    assert second.xml.find("user_metadata/entry") is None
    assert api.get("/buckets/bucket1").xml.findtext("size") == "4"  # three of the fixtures


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", "ä雲".encode(), os.urandom(300_000)])
def test_content_comes_back_byte_for_byte(api: Api, body: bytes) -> None:
    api.put(BLOB, body, Content_Type="image/png")
    content = api.get(f"{BLOB}/content")
    assert (content.status, content.body, content.type) == (200, body, "image/png")
    assert content.headers["Content-Length"] == str(len(body))
    assert content.headers["Content-Disposition"] == "attachment; filename=b"
    assert int(api.get(BLOB).xml.findtext("content_length") or -1) == len(body)


@pytest.mark.parametrize("accept", ["image/png", "text/plain", "application/json", "*/*"])
def test_content_comes_whatever_is_accepted(api: Api, accept: str) -> None:
    path = "/buckets/bucket1/blob1/content"
    assert api.get(path, Accept=accept).body == b"content of blob 1"
    assert api.get("/buckets/bucket1/nosuch/content", Accept=accept).status == 404
    assert api.get("/buckets/bucket1/blob1", Accept="image/png").status == 406


def test_content_without_a_type(api: Api) -> None:
    api.put(BLOB, b"x")
    assert api.get(f"{BLOB}/content").type == "application/octet-stream"
    assert api.get(BLOB).xml.findtext("content_type") == ""


def test_form_upload(api: Api) -> None:
    form = {
        "blob_id": "b",
        "blob_data": (io.BytesIO(b"bytes"), "f.png", "image/png"),
        "meta_params": "2",
        "meta_name1": "Color",
        "meta_value1": "red",
        "meta_name2": "Some-Key",
    }
    made = api.post("/buckets/bucket1", form)
    assert (made.status, made.xml.findtext("content_type")) == (201, "image/png")
    entries = {e.get("key"): e.text or "" for e in made.xml.iterfind("user_metadata/entry")}
    assert entries == {"color": "red", "some_key": ""}
    assert api.head(BLOB).headers["X-Deltacloud-Blobmeta-color"] == "red"


def test_form_upload_of_an_empty_file(api: Api) -> None:
    form = {"blob_id": "b", "blob_data": (io.BytesIO(b""), "empty")}
    assert api.post("/buckets/bucket1", form).xml.findtext("content_length") == "0"


@pytest.mark.parametrize(
    ("name", "value"), [("a b", "x"), ("a:b", "x"), ("ä", "x"), ("", "x"), ("a", "x\r\ny: z")]
)
def test_metadata_that_no_header_can_carry_are_400(api: Api, name: str, value: str) -> None:
    form = {"blob_id": "b", "blob_data": "x", "meta_name1": name, "meta_value1": value}
    assert api.post("/buckets/bucket1", form).status == 400
    assert api.get(BLOB).status == 404


def test_metadata_beyond_ascii_survive(api: Api) -> None:
    form = {"blob_id": "b", "blob_data": "x", "meta_name1": "place", "meta_value1": "Köln 雲"}
    assert api.post("/buckets/bucket1", form).xml.findtext("user_metadata/entry") == "Köln 雲"
    sent = api.head(BLOB).headers["X-Deltacloud-Blobmeta-place"]
    assert sent.encode("latin-1").decode() == "Köln 雲"


@pytest.mark.parametrize("path", ["", "/metadata"])
def test_head_shows_metadata(api: Api, path: str) -> None:
    reply = api.head(f"/buckets/bucket1/blob2{path}")
    assert (reply.status, reply.headers["X-Deltacloud-Blobmeta-VERSION"]) == (204, "1.2")
    assert api.head(f"/buckets/bucket2/blob2{path}").status == 404


@pytest.mark.parametrize(
    ("range_", "status", "body"),
    [
        ("bytes=0-3", 206, b"cont"),
        ("bytes=11-", 206, b"blob 1"),
        ("bytes=-1", 206, b"1"),
        ("bytes=0-999", 206, b"content of blob 1"),
        ("bytes=0-1,3-4", 200, b"content of blob 1"),
        ("lines=0-3", 200, b"content of blob 1"),
        ("nonsense", 200, b"content of blob 1"),
    ],
)
def test_stance_48_ranges(api: Api, range_: str, status: int, body: bytes) -> None:
    reply = api.get("/buckets/bucket1/blob1/content", Range=range_)
    assert (reply.status, reply.body) == (status, body)
    assert reply.headers["Content-Length"] == str(len(body))


def test_stance_48_a_range_outside_is_416(api: Api) -> None:
    reply = api.get("/buckets/bucket1/blob1/content", Range="bytes=17-")
    assert (reply.status, reply.headers["Content-Range"]) == (416, "bytes */17")


def test_stance_48_if_range_and_if_none_match(api: Api) -> None:
    path = "/buckets/bucket1/blob1/content"
    tag = api.get(path).headers["ETag"]
    assert api.get(path, Range="bytes=0-3", If_Range=tag).status == 206
    assert api.get(path, Range="bytes=0-3", If_Range='"other"').status == 200
    assert api.get(path, If_None_Match=tag).status == 304


def test_json_carries_small_texts(api: Api) -> None:
    blob = api.json("/buckets/bucket1/blob1")["blob"]
    assert (blob["content"], blob["content_length"]) == ("content of blob 1", 17)
    api.put(BLOB, b"\xff\x00")
    assert api.json(BLOB)["blob"]["content"] is None


def test_blobs_belong_to_their_bucket(api: Api) -> None:
    api.put("/buckets/bucket2/blob1", b"other")
    assert api.get("/buckets/bucket1/blob1/content").body == b"content of blob 1"
    assert api.delete("/buckets/bucket2/blob1").status == 204
    assert api.get("/buckets/bucket1/blob1").status == 200


def test_buckets_that_are_not_empty_or_not_there(api: Api) -> None:
    assert api.delete("/buckets/bucket1").status == 403
    assert api.delete("/buckets/nosuch").status == 404
    assert api.put("/buckets/nosuch/b", b"x").status == 404
    form = {"blob_id": "b", "blob_data": "x"}
    assert api.post("/buckets/nosuch", form).status == 404


def test_creating_a_bucket_again_loses_nothing(api: Api) -> None:
    again = api.post("/buckets", {"name": "bucket1"})
    assert (again.status, again.xml.findtext("size"), len(again.xml.findall("blob"))) == (
        201,
        "3",
        3,
    )


def test_nothing_is_stored_without_credentials(api: Api) -> None:
    assert api.put(BLOB, b"x", auth=None).status == 401
    assert api.get(BLOB).status == 404


# -- uploads in parts (stance 62) ------------------------------------------------------------

PARTS = {"X_Deltacloud_BlobType": "segmented"}


def start(api: Api, path: str = BLOB) -> str:
    reply = api.put(path, **PARTS)
    assert reply.status == 204
    return reply.headers["X-Deltacloud-SegmentedBlob"]


def send(api: Api, upload: str, order: int, part: bytes) -> str:
    reply = api.put(
        f"{BLOB}?blob_type=segmented&segmented_blob={upload}&segment_order={order}", part
    )
    assert reply.status == 204
    return reply.headers["X-Deltacloud-BlobSegmentId"]


def test_an_upload_in_parts(full: Api) -> None:
    upload = start(full)
    last, first = send(full, upload, 2, b" world"), send(full, upload, 1, b"hello")
    assert full.get(BLOB).status == 404
    listed = f"2={last}, 1={first}".encode()
    headers = {**PARTS, "X_Deltacloud_SegmentedBlob": upload}
    for accept in ("application/xml", "application/json"):
        done = full.put(BLOB, listed, Accept=accept, **headers)
        assert done.status == (200 if accept == "application/xml" else 400)  # over after the first
    assert full.get(f"{BLOB}/content").body == b"hello world"


def test_an_upload_in_parts_at_its_own_path(full: Api) -> None:
    assert start(full, "/segmented_blob_operation/bucket1/b")


@pytest.mark.parametrize("listed", ["", "1", "1=nosuch", "x=y"])
def test_an_upload_with_a_wrong_list_is_400(full: Api, listed: str) -> None:
    upload = start(full)
    send(full, upload, 1, b"x")
    headers = {**PARTS, "X_Deltacloud_SegmentedBlob": upload}
    assert full.put(BLOB, listed.encode(), **headers).status == 400


def test_parts_of_an_unknown_upload_are_400(full: Api) -> None:
    path = f"{BLOB}?blob_type=segmented&segmented_blob=nosuch&segment_order="
    assert full.put(f"{path}1", b"x").status == 400
    assert full.put(f"{path}one", b"x").status == 400


def test_a_driver_without_uploads_in_parts_says_so(api: Api) -> None:
    assert api.put(BLOB, **PARTS).status == 412


# -- content ---------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, 1, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY + 7])
def test_content_in_memory_and_on_disk(length: int) -> None:
    data = os.urandom(length)
    content = Content.receive(io.BytesIO(data))
    assert b"".join(content.chunks()) == data
    assert content.length == length
    middle = b"".join(content.chunks(length // 3, 2 * length // 3))
    assert middle == data[length // 3 : 2 * length // 3]


def test_joined_content_keeps_the_order() -> None:
    parts = [Content.receive(io.BytesIO(part)) for part in (b"a" * IN_MEMORY, b"", b"bc")]
    assert b"".join(Shelf().join(parts).chunks()) == b"a" * IN_MEMORY + b"bc"
