"""Storage that is damaged, tampered with, taken or full: a message, and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tck.cli import main
from tck.reference_server import Server, create_app
from tck.reference_server.content import CHUNK
from tck.reference_server.storage.disk import RESERVE

from ..client import Api

NOBODY = 65534
LARGE = os.urandom(CHUNK + 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The storage of a server that has ended; it has a blob in a file, and an upload in parts."""
    file = tmp_path / "cloud.db"
    app = create_app("full", storage=file)
    api = Api(app)
    assert api.put("/buckets/bucket1/large", LARGE).status == 200
    parts = {"X_Deltacloud_BlobType": "segmented"}
    upload = api.put("/buckets/bucket1/parts", **parts).headers["X-Deltacloud-SegmentedBlob"]
    parts |= {"X_Deltacloud_SegmentedBlob": upload, "X_Deltacloud_SegmentOrder": "1"}
    assert api.put("/buckets/bucket1/parts", LARGE, **parts).status == 204
    assert api.get("/keys", X_Deltacloud_Driver="ec2").status == 200
    app.close()
    return file


@pytest.fixture
def refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Path], str]:
    """Starts a server over a file, which must end with a message and 2; the message."""

    def serve(*_: object) -> None:
        raise AssertionError("the server has started")

    monkeypatch.setattr(Server, "serve_forever", serve)

    def start(file: Path) -> str:
        assert main(["serve", "--port", "0", "--storage", str(file)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        assert str(file) in said.err
        return said.err

    return start


def change(file: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file)) as sql, sql:
        assert sql.execute(statement, values).rowcount != 0


# -- damage --------------------------------------------------------------------------------


def test_flipped_bytes_are_noticed_or_harmless(file: Path) -> None:
    """A server that starts all the same answers as one should."""
    good = file.read_bytes()
    refusals = 0
    for place in range(5, len(good), max(1, len(good) // 97)):
        file.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        try:
            app = create_app("full", storage=file)
        except ValueError:
            refusals += 1
            continue
        api = Api(app)
        for path in ("/keys", "/buckets/bucket1/large", "/instances"):
            assert api.get(path).status in (200, 404)
        app.close()
    assert refusals > 5


@pytest.mark.parametrize("length", [0, 100, 4096, 6000, 20_000])
def test_files_that_were_cut_off(
    file: Path, length: int, refused: Callable[[Path], str], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.db"
    cut.write_bytes(file.read_bytes()[:length])
    if length:
        refused(cut)
    else:
        create_app("full", storage=cut).close()  # as a new one


def test_pages_of_zeros(file: Path, refused: Callable[[Path], str]) -> None:
    good = file.read_bytes()
    for page in range(1, len(good) // 4096):
        file.write_bytes(good[: page * 4096] + bytes(4096) + good[(page + 1) * 4096 :])
        refused(file)


RECORDS: dict[str, Any] = {
    "null": None,
    "list": [],
    "number": 1,
    "text": "x",
    "empty": {},
    "id-null": {"id": None},
    "id-number": {"id": 1},
    "id-other": {"id": "other"},
    "id-true": {"id": True},
    "deep": "[" * 100_000,
    "deep-object": '{"id":' * 100_000,
    "half": '{"id": "test-key"',
    "no-json": "\0",
    "large-number": '{"id": ' + "9" * 10_000 + "}",
    "lone-surrogate": '{"id": "test-key", "username": "\\ud800"}',
}


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("driver", ["mock", "ec2"])
def test_records_that_no_server_wrote(
    file: Path, refused: Callable[[Path], str], driver: str, name: str
) -> None:
    """Also those of a driver that nobody has asked for yet."""
    if driver == "mock":
        create_app("mock", storage=file).close()
    data = RECORDS[name]
    text = data if isinstance(data, str) and name != "text" else json.dumps(data)
    condition = "driver = ? AND kind = 'Key' AND key = 'test-key'"
    change(file, f"UPDATE record SET data = ? WHERE {condition}", text, driver)
    refused(file)


CONTENTS: dict[str, dict[str, Any]] = {
    "upwards": {"file": "../../../../etc/passwd"},
    "elsewhere": {"file": "/etc/passwd"},
    "the-database": {"file": "../cloud.db"},
    "folder": {"file": ""},
    "dot": {"file": "."},
    "nul": {"file": "a\0b"},
    "missing": {"file": "0" * 32},
    "other-length": {"length": 1},
    "negative-length": {"length": -1},
    "length-null": {"length": None},
    "length-true": {"length": True},
    "digest-number": {"digest": 1},
    "file-null": {"file": None},
    "file-list": {"file": ["x"]},
    "bytes-no-base64": {"file": None, "bytes": "?"},
    "bytes-number": {"file": None, "bytes": 5},
}


@pytest.mark.parametrize("kind", ["BlobRecord", "SegmentRecord"])
@pytest.mark.parametrize("name", CONTENTS)
def test_contents_that_no_server_wrote(
    file: Path, refused: Callable[[Path], str], name: str, kind: str
) -> None:
    with closing(sqlite3.connect(file)) as sql, sql:
        row = "SELECT data, key FROM record WHERE kind = ? AND file IS NOT NULL"
        text, key = sql.execute(row, (kind,)).fetchone()
        record = json.loads(text)
        record["content"] |= CONTENTS[name]
        if "bytes" in CONTENTS[name]:
            del record["content"]["file"]
        named = record["content"].get("file")
        sql.execute(
            "UPDATE record SET data = ?, file = ? WHERE key = ?",
            (json.dumps(record), named if isinstance(named, str) else None, key),
        )
    blobs = file.with_name("cloud.db-blobs")
    before = sorted(path.name for path in blobs.iterdir())
    refused(file)
    assert len(before) == 2
    assert Path("/etc/passwd").exists()


def test_a_content_that_became_a_link_is_not_served(
    file: Path, refused: Callable[[Path], str]
) -> None:
    for path in file.with_name("cloud.db-blobs").iterdir():
        path.unlink()
        path.symlink_to("/etc/passwd")
    refused(file)


def test_a_record_that_names_two_files_is_refused_before_any_is_deleted(
    file: Path, refused: Callable[[Path], str]
) -> None:
    change(file, "UPDATE record SET file = ? WHERE file IS NOT NULL", "0" * 32)
    assert "two files" in refused(file)
    assert len(list(file.with_name("cloud.db-blobs").iterdir())) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM record; END",
        "CREATE VIEW v AS SELECT 1",
        "PRAGMA user_version = 99",
        "PRAGMA application_id = 1",
        "ALTER TABLE record ADD COLUMN more",
    ],
)
def test_another_schema_is_something_else(
    file: Path, refused: Callable[[Path], str], statement: str
) -> None:
    with closing(sqlite3.connect(file)) as sql, sql:
        sql.execute(statement)
    assert "something else" in refused(file)


# -- places --------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["folder", "no-folder/cloud.db", "/dev/null", "/dev/full"])
def test_places_where_no_file_can_be(
    tmp_path: Path, refused: Callable[[Path], str], where: str
) -> None:
    (tmp_path / "folder").mkdir()
    refused(tmp_path / where)


def test_the_folder_of_blobs_is_not_followed_elsewhere(
    tmp_path: Path, refused: Callable[[Path], str]
) -> None:
    """What lies there would be deleted as left over."""
    other = tmp_path / "other"
    other.mkdir()
    (other / ("0" * 32)).write_bytes(b"mine")
    (tmp_path / "new.db-blobs").symlink_to(other)
    assert "symbolic link" in refused(tmp_path / "new.db")
    assert [path.read_bytes() for path in other.iterdir()] == [b"mine"]
    (tmp_path / "newer.db-blobs").write_bytes(b"a file")
    refused(tmp_path / "newer.db")


@pytest.mark.parametrize("link", ["symbolic", "hard"])
def test_a_file_is_open_once_whatever_it_is_called(
    file: Path, refused: Callable[[Path], str], link: str
) -> None:
    other = file.with_name("other.db")
    if link == "symbolic":
        other.symlink_to(file)
    else:
        other.hardlink_to(file)
    app = create_app("full", storage=file)
    assert "another server has it open" in refused(other)
    assert Api(app).get("/buckets/bucket1/large/content").body == LARGE
    app.close()


@pytest.mark.parametrize("mode", [0o444, 0o000])
def test_a_file_that_cannot_be_written(
    file: Path, refused: Callable[[Path], str], mode: int
) -> None:
    with AsNobody() as place:
        theirs = place / "cloud.db"
        shutil.copy(file, theirs)
        theirs.chmod(mode)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        refused(theirs)


def test_a_folder_in_which_nothing_can_be_made(refused: Callable[[Path], str]) -> None:
    with AsNobody() as place:
        place.chmod(0o555)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        refused(place / "new.db")


class AsNobody:
    """A folder that others can reach, as files of root keep nothing from root."""

    def __enter__(self) -> Path:
        self._user = os.geteuid()
        self._place = Path(tempfile.mkdtemp(dir="/tmp"))
        self._place.chmod(0o755)
        return self._place

    def __exit__(self, *_: object) -> None:
        os.seteuid(self._user)
        self._place.chmod(0o755)
        shutil.rmtree(self._place)


# -- a full disk ---------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root can mount a file system")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_on_a_full_disk_everything_but_creating_works(small_disk: Path) -> None:
    app = create_app("full", storage=small_disk / "cloud.db")
    api = Api(app)
    assert api.put("/buckets/bucket1/big", b"x" * 500_000).status == 200
    made = []
    for n in range(3000):
        reply = api.post("/keys", {"name": f"key{n}"})
        if reply.status != 201:
            break
        made.append(f"key{n}")
        if n == 50:
            _fill(small_disk)
    assert (reply.status, reply.xml.get("status")) == (507, "507")
    assert api.put("/buckets/bucket1/more", b"x" * 500_000).status == 507
    assert api.get(f"/keys/{made[0]}").status == 200
    for name in made:
        assert api.delete(f"/keys/{name}").status == 204, name
    assert api.delete("/buckets/bucket1/big").status == 204
    app.close()
    (small_disk / "filler").unlink()
    app = create_app("full", storage=small_disk / "cloud.db")
    left = Api(app).get("/keys").body
    assert b"key1" not in left
    app.close()


def _fill(place: Path) -> None:
    with suppress(OSError), (place / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"x" * 4096):
            pass


def test_a_server_does_not_start_on_a_full_disk(
    small_disk: Path, refused: Callable[[Path], str]
) -> None:
    _fill(small_disk)
    refused(small_disk / "cloud.db")


def test_the_reserve_is_there_and_given_back(file: Path) -> None:
    app = create_app("full", storage=file)
    reserve = file.with_name("cloud.db-reserve")
    assert reserve.stat().st_size == RESERVE
    app.close()
    assert not reserve.exists()
