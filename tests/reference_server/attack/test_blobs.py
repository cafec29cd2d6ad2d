"""Clients that store more than there is room for, and what others notice of large blobs."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from tck.reference_server import content, serving
from tck.reference_server.content import CHUNK, IN_MEMORY, Content

from ..client import Api

LARGE = b"x" * (IN_MEMORY + 1)


def test_blobs_in_files_are_counted(full: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is an open file, of which a process has only so many."""
    monkeypatch.setattr(content, "_OPEN", threading.BoundedSemaphore(3))
    for n in range(3):
        assert full.put(f"/buckets/bucket1/b{n}", LARGE).status == 200
    refusal = full.put("/buckets/bucket1/b3", LARGE)
    assert (refusal.status, refusal.xml.get("status")) == (507, "507")
    assert full.put("/buckets/bucket1/b3", LARGE[:-1]).status == 200
    for n in (0, 1):
        assert full.delete(f"/buckets/bucket1/b{n}").status == 204
    gc.collect()
    assert full.put("/buckets/bucket1/b4", LARGE).status == 200
    assert full.put("/buckets/nosuch/b", LARGE).status == 404  # what is refused holds nothing
    gc.collect()
    assert full.put("/buckets/bucket1/b5", LARGE).status == 200


def test_uploads_that_break_off_hold_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "_OPEN", threading.BoundedSemaphore(1))

    class Broken:
        """Sends a file's worth of bytes, and fails."""

        left = 2 * IN_MEMORY

        def read(self, _size: int = -1, /) -> bytes:
            self.left -= CHUNK
            if self.left < 0:
                raise OSError("gone")
            return b"x" * CHUNK

    for _ in range(3):
        with pytest.raises(OSError, match="gone"):
            Content.receive(Broken())


def test_joining_a_large_upload_holds_up_nobody(full: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"X_Deltacloud_BlobType": "segmented"}
    upload = full.put("/buckets/bucket1/p", **parts).headers["X-Deltacloud-SegmentedBlob"]
    parts["X_Deltacloud_SegmentedBlob"] = upload
    part = full.put("/buckets/bucket1/p", b"abc", **parts, X_Deltacloud_SegmentOrder="1")
    name = part.headers["X-Deltacloud-BlobSegmentId"]
    joining, others = threading.Event(), threading.Event()
    chunks = Content.chunks

    def slow(self: Content, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        joining.set()
        assert others.wait(timeout=10)
        yield from chunks(self, start, stop)

    monkeypatch.setattr(Content, "chunks", slow)
    statuses: list[int] = []
    thread = threading.Thread(
        target=lambda: statuses.append(
            full.put("/buckets/bucket1/p", f"1={name}".encode(), **parts).status
        )
    )
    thread.start()
    assert joining.wait(timeout=10)
    answers: list[int] = []
    other = threading.Thread(
        target=lambda: answers.append(full.post("/keys", {"name": "k"}).status)
    )
    other.start()
    other.join(timeout=5)
    assert answers == [201]
    others.set()
    thread.join()
    assert statuses == [200]


@pytest.mark.parametrize("order", ["9" * 5000, "-1", "1e3", "\xb2", "", "0x1", "1_0"])
def test_numbers_of_segments(full: Api, order: str) -> None:
    parts = {"X_Deltacloud_BlobType": "segmented"}
    upload = full.put("/buckets/bucket1/p", **parts).headers["X-Deltacloud-SegmentedBlob"]
    parts["X_Deltacloud_SegmentedBlob"] = upload
    sent = {**parts, "X_Deltacloud_SegmentOrder": order}
    assert full.put("/buckets/bucket1/p", b"abc", **sent).status == 400
    body = f"{order}=x,".encode() * 3
    assert full.put("/buckets/bucket1/p", body, **parts).status == 400
    assert full.put("/buckets/bucket1/p", b"1=x," * 200_000, **parts).status in (400, 413)


def test_no_line_of_the_log_moves_a_terminal() -> None:
    lines: list[str] = []
    app = serving.AccessLog(lambda _, start: start("200 OK", []) or [], lines.append)
    environ = {"REQUEST_METHOD": "GET", "REQUEST_URI": "/\x9b2J\xe9", "PATH_INFO": "/"}
    app(environ, lambda *_: None)
    assert lines == ["GET /\\x9b2J\\xe9 200"]
