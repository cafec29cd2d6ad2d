"""The store on disk: what was committed lasts, whatever happens to the process."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.killing import kill_and_look
from tck.cli import main
from tck.reference_server.content import CHUNK, IN_MEMORY
from tck.reference_server.drivers import registry
from tck.reference_server.drivers.mock import MockDriver
from tck.reference_server.drivers.mock.backend import Conditions
from tck.reference_server.drivers.mock.records import BlobRecord, InstanceRecord
from tck.reference_server.resources import Address, Bucket
from tck.reference_server.storage.disk import Disk
from tck.reference_server.storage.record_json import encode

from .client import Api

BLOB = "/buckets/bucket1/large"
LARGE = os.urandom(CHUNK + 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cloud.db"


def files(file: Path) -> list[Path]:
    return list(file.with_name("cloud.db-blobs").iterdir())


@pytest.fixture
def restarted(make: Callable[..., Api], file: Path) -> Callable[[Api], Api]:
    """Ends a server, and gives the next over the same file."""

    def restart(api: Api) -> Api:
        api.client.application.close()
        return make("full", storage=file)

    return restart


@pytest.fixture
def stored(make: Callable[..., Api], file: Path) -> Api:
    return make("full", storage=file)


def test_nothing_acknowledged_is_lost_by_kill_9(file: Path) -> None:
    assert kill_and_look(file, rounds=3, writers=4) == []


def test_every_kind_of_object_is_read_as_it_was_written(file: Path) -> None:
    """The fixtures have them all, each with its own fields."""
    disk = Disk(file)
    driver = MockDriver(registry.shape("full"), disk.store("full"), Conditions())
    with driver.store.transaction() as tx:
        records = {kind: tx.all(kind) for kind in driver.store._tables}  # type: ignore[attr-defined]
    disk.close()
    again = Disk(file).store("full")
    assert len(records) > 12
    with again.transaction() as tx:
        for kind, expected in records.items():
            found = tx.all(kind)
            assert list(map(encode, found)) == list(map(encode, expected)), kind
            assert BlobRecord is kind or found == expected


def test_objects_survive_a_restart_in_their_order(
    restarted: Callable[[Api], Api], stored: Api
) -> None:
    launched = stored.launch(name="ünïcode")
    stored.post(f"/instances/{launched}/stop")
    stored.post("/keys", {"name": "k"})
    stored.delete("/images/img1")
    before = [stored.get(path).body for path in ("/instances", "/keys", "/images")]
    after = restarted(stored)
    assert [after.get(path).body for path in ("/instances", "/keys", "/images")] == before


def test_drivers_have_each_their_own_objects(restarted: Callable[[Api], Api], stored: Api) -> None:
    stored.post("/keys", {"name": "k"})
    stored.post("/keys", {"name": "m"}, X_Deltacloud_Driver="ec2")
    after = restarted(stored)
    assert after.get("/keys/k").status == 200
    assert after.get("/keys/m").status == 404
    assert after.get("/keys/m", X_Deltacloud_Driver="ec2").status == 200


def test_an_id_is_not_given_again(restarted: Callable[[Api], Api], stored: Api) -> None:
    gone = stored.launch()
    stored.post(f"/instances/{gone}/stop")
    stored.delete(f"/instances/{gone}")
    after = restarted(stored)
    assert after.launch() != gone


def test_large_blobs_are_files_and_small_ones_are_not(
    restarted: Callable[[Api], Api], stored: Api, file: Path
) -> None:
    stored.put("/buckets/bucket1/small", LARGE[:-1], Content_Type="a/b")
    assert files(file) == []
    stored.put(BLOB, LARGE, Content_Type="a/b", X_Deltacloud_Blobmeta_A="1")
    assert len(files(file)) == 1
    after = restarted(stored)
    assert after.get("/buckets/bucket1/small/content").body == LARGE[:-1]
    found = after.get(f"{BLOB}/content", Range=f"bytes=1-{CHUNK}")
    assert (found.status, found.body, found.type) == (206, LARGE[1:], "a/b")
    assert after.head(BLOB).headers["X-Deltacloud-Blobmeta-a"] == "1"


def test_the_file_of_a_blob_goes_with_it(stored: Api, file: Path) -> None:
    stored.put(BLOB, LARGE)
    stored.post(BLOB, X_Deltacloud_Blobmeta_A="2")  # other metadata, the same file
    (first,) = files(file)
    stored.put(BLOB, LARGE[::-1])
    (second,) = files(file)
    assert first != second
    stored.delete(BLOB)
    assert files(file) == []


def test_a_blob_that_is_deleted_while_it_is_read_is_read_to_its_end(
    stored: Api, file: Path
) -> None:
    stored.put(BLOB, LARGE)
    driver = stored.client.application.default
    pieces = driver.blob_content(None, "bucket1", "large").chunks()
    stored.delete(BLOB)
    assert b"".join(pieces) == LARGE
    del pieces
    assert files(file) == []


def test_an_upload_in_parts_survives_a_restart(
    restarted: Callable[[Api], Api], stored: Api, file: Path
) -> None:
    parts = {"X_Deltacloud_BlobType": "segmented"}
    upload = stored.put(BLOB, **parts).headers["X-Deltacloud-SegmentedBlob"]
    parts["X_Deltacloud_SegmentedBlob"] = upload
    first = stored.put(BLOB, LARGE, **parts, X_Deltacloud_SegmentOrder="1")
    after = restarted(stored)
    second = after.put(BLOB, b"end", **parts, X_Deltacloud_SegmentOrder="2")
    ids = [reply.headers["X-Deltacloud-BlobSegmentId"] for reply in (first, second)]
    assert after.put(BLOB, f"1={ids[0]}, 2={ids[1]}".encode(), **parts).status == 200
    assert after.get(f"{BLOB}/content").body == LARGE + b"end"
    assert len(files(file)) == 1


@pytest.mark.parametrize("path", ["/buckets/none/large", "/buckets/bucket1/%2e%2e"])
def test_an_upload_that_is_refused_leaves_no_file(stored: Api, file: Path, path: str) -> None:
    assert stored.put(path, LARGE).status in (400, 404)
    assert files(file) == []


def test_what_no_record_names_is_swept_up(
    restarted: Callable[[Api], Api], stored: Api, file: Path
) -> None:
    stored.put(BLOB, LARGE)
    kept = files(file)
    (kept[0].parent / ("0" * 32)).write_bytes(b"of an upload that was cut off")
    other = kept[0].parent / "not ours"
    other.write_bytes(b"x")
    restarted(stored)
    assert sorted(files(file)) == sorted([*kept, other])


def test_a_transaction_that_the_disk_refuses_did_not_happen(file: Path) -> None:
    disk = Disk(file)
    store = disk.store("d")
    with store.transaction() as tx:
        tx.put(Address("a"))

    def fail() -> None:
        with store.transaction() as tx:
            tx.put(Bucket("b", "b"))
            tx.put(Address("a", object()))  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="not JSON"):
        fail()
    with store.transaction() as tx:
        assert tx.all(Address) == [Address("a")]
        assert tx.all(Bucket) == []
    disk.close()
    with Disk(file).store("d").transaction() as tx:
        assert tx.all(Address) == [Address("a")]
        assert tx.all(Bucket) == []


def test_fields_that_are_no_more_are_ignored_and_new_ones_have_their_default(file: Path) -> None:
    disk = Disk(file)
    with disk.store("d").transaction() as tx:
        tx.put(Address("a"))
    disk.close()
    with sqlite3.connect(file) as sql:
        sql.execute('UPDATE record SET data = \'{"id": "a", "colour": "blue"}\'')
    sql.close()
    with Disk(file).store("d").transaction() as tx:
        assert tx.all(Address) == [Address("a")]


def test_two_servers_cannot_have_the_same_file(
    stored: Api, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stored.get("/keys").status == 200
    assert main(["serve", "--port", "0", "--storage", str(file)]) == 2
    assert "another server has it open" in capsys.readouterr().err


@pytest.mark.parametrize("found", [b"no database at all, but long enough" * 100, None])
def test_a_file_of_something_else_is_left_alone(
    file: Path, found: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if found is None:
        with sqlite3.connect(file) as sql:
            sql.execute("CREATE TABLE other (x)")
        sql.close()
    else:
        file.write_bytes(found)
    before = file.read_bytes()
    assert main(["serve", "--port", "0", "--storage", str(file)]) == 2
    assert str(file) in capsys.readouterr().err
    assert file.read_bytes() == before


def test_only_the_owner_can_read_what_is_stored(stored: Api, file: Path) -> None:
    assert stored.put(BLOB, LARGE).status == 200
    assert file.stat().st_mode & 0o077 == 0
    assert file.with_name("cloud.db-blobs").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("length", [101, IN_MEMORY + 1])
def test_a_blob_over_the_limit_is_refused(
    make: Callable[..., Api], file: Path, length: int
) -> None:
    for options in ({}, {"storage": file}):
        api = make("full", blob_limit=length - 1, **options)
        assert api.put(BLOB, LARGE[:100]).status == 200
        refusal = api.put(BLOB, b"x" * length)
        assert refusal.status == 413
        assert str(length - 1) in (refusal.xml.findtext("message") or "")
        assert api.get(f"{BLOB}/content").body == LARGE[:100]


def test_instances_on_their_way_arrive_after_a_restart(
    make: Callable[..., Api], file: Path, clock: Callable[[], float]
) -> None:
    api = make("mock", storage=file, transition_time=5)
    id_ = api.launch()
    api.client.application.close()
    clock.now += 6  # type: ignore[attr-defined]
    after = make("mock", storage=file, transition_time=5)
    with after.client.application.default.store.transaction() as tx:
        assert tx.get(InstanceRecord, id_).state == "PENDING"
    assert after.state(id_) == "RUNNING"
