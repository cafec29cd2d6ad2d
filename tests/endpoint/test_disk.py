"""Files that the kit writes: whole, private, in their own place, or told."""

from __future__ import annotations

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tck.endpoint import disk
from tck.endpoint.disk import PUBLIC, BadPlace, Unwritable

CONTENT = b"a" * 100_000


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file can become larger than `size`: the system refuses as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of somebody else, outside of the folder that is written to."""
    path = tmp_path / "secret"
    path.write_bytes(b"theirs")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "reports"
    path.mkdir()
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_file_is_private_and_nothing_is_beside_it(folder: Path) -> None:
    disk.write(folder / "a.json", CONTENT)
    assert (folder / "a.json").read_bytes() == CONTENT
    assert mode(folder / "a.json") == 0o600
    assert os.listdir(folder) == ["a.json"]
    disk.write(folder / "badge.svg", CONTENT, PUBLIC)
    assert mode(folder / "badge.svg") & 0o400


def test_what_bore_the_name_is_replaced_and_not_written_to(folder: Path, secret: Path) -> None:
    names = ("link", "hard", "pipe", "open")
    (folder / "link").symlink_to(secret)
    (folder / "hard").hardlink_to(secret)
    os.mkfifo(folder / "pipe")
    (folder / "open").touch(0o666)
    for name in names:
        disk.write(folder / name, CONTENT)
        assert not (folder / name).is_symlink()
        assert (folder / name).read_bytes() == CONTENT
        assert mode(folder / name) == 0o600
    assert secret.read_bytes() == b"theirs"


def test_a_full_disk_leaves_what_was_there(folder: Path) -> None:
    disk.write(folder / "a.json", b"before")
    with full_disk(50_000), pytest.raises(Unwritable, match=r"a\.json: File too large") as caught:
        disk.write(folder / "a.json", CONTENT)
    assert not isinstance(caught.value, BadPlace)
    assert (folder / "a.json").read_bytes() == b"before"
    assert os.listdir(folder) == ["a.json"]


def test_what_is_appended_is_there_whole_or_not_at_all(folder: Path) -> None:
    with full_disk(10_000), disk.create_unbuffered(folder / "a.part") as file:
        for _ in range(3):
            disk.append(file, b"b" * 3000)
        with pytest.raises(OSError, match="File too large"):
            disk.append(file, b"c" * 3000)
    assert (folder / "a.part").read_bytes() == b"b" * 9000
    assert mode(folder / "a.part") == 0o600


def test_a_file_that_the_user_names_may_be_a_link_or_a_device(folder: Path, secret: Path) -> None:
    (folder / "link").symlink_to(secret)
    disk.write_as_told(folder / "link", CONTENT)
    assert (folder / "link").is_symlink()
    assert secret.read_bytes() == CONTENT
    disk.write_as_told(Path(os.devnull), CONTENT)
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    with pytest.raises(Unwritable, match="/dev/full: No space left on device"):
        disk.write_as_told(Path("/dev/full"), CONTENT)
    for place in (folder, folder / "none" / "a.json"):
        with pytest.raises(BadPlace):
            disk.write_as_told(place, CONTENT)


# ---------------------------------------------------------------- folders


def test_a_folder_is_made(tmp_path: Path) -> None:
    disk.prepare(tmp_path / "new" / "folder", ["a.json"])
    assert os.listdir(tmp_path / "new" / "folder") == []
    disk.prepare(tmp_path / "new" / "folder", ["a.json"])


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "nowhere").symlink_to(tmp_path / "none")
    for name in ("link", "nowhere"):
        with pytest.raises(BadPlace, match=f"{name} is a symbolic link to .*: name that folder"):
            disk.prepare(tmp_path / name)
    assert not (tmp_path / "none").exists()
    disk.prepare(tmp_path / "link" / "below")  # what is above is the user's affair


def test_what_cannot_be_a_folder_is_refused(tmp_path: Path, folder: Path, secret: Path) -> None:
    (folder / "a.json").mkdir()
    for place, words in (
        (secret, "is not a folder"),
        (secret / "below", "Not a directory"),
        (tmp_path / ("a" * 300), "File name too long"),
        (Path("/proc/reports"), "No such file or directory"),
        (folder, "a.json is a folder"),
    ):
        with pytest.raises(BadPlace, match=words):
            disk.prepare(place, ["a.json"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(folder: Path) -> None:
    folder.chmod(0o500)
    with pytest.raises(BadPlace, match="Permission denied"):
        disk.prepare(folder)


def test_what_killed_processes_left_is_removed(folder: Path) -> None:
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    for number in (gone, os.getpid(), os.getppid()):
        (folder / f".a.json.{number}.part").touch()
        (folder / f".slots.xyz.{number}.part").mkdir()
        (folder / f".slots.xyz.{number}.part" / "instance-0").touch()
    for left in folder.glob(f"*.{os.getpid()}.part"):
        os.utime(left, (0, 0))
    for name in (".a.part", "b.part"):
        (folder / name).touch()
    disk.prepare(folder)
    others = [f"{name}.{os.getppid()}.part" for name in (".a.json", ".slots.xyz")]
    assert sorted(os.listdir(folder)) == [*others, "b.part"]


def test_a_temporary_folder_is_gone_at_the_end(folder: Path) -> None:
    with disk.temporary_folder(folder, "slots") as name:
        (Path(name) / "instance-0").touch()
        assert Path(name).parent == folder
        disk.prepare(folder)
        assert os.listdir(name) == ["instance-0"]
    assert os.listdir(folder) == []
    with pytest.raises(BadPlace):
        disk.temporary_folder(folder / "none", "slots")
