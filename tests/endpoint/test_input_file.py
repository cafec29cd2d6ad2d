"""Files that a user names are read within bounds; what they are instead of files is said."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tck.endpoint import input_file

from .written import written


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", "Is a directory"),
        ("none", "No such file or directory"),
        ("file/x", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("a\0b", "no file can have such a name"),
        ("\ud800", "no file can have such a name"),
        ("/dev/zero", "a device, not a file"),
        ("/dev/null", "a device, not a file"),
    ],
)
def test_what_is_no_file(name: str, said: str, tmp_path: Path) -> None:
    written(tmp_path, "file", "x")
    with pytest.raises(OSError, match=said) as refused:
        input_file.content(tmp_path / name)
    assert refused.value.strerror == said


def test_what_may_not_be_read(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    written(tmp_path, "file", "x").chmod(0)
    with pytest.raises(OSError, match="Permission denied"):
        input_file.content(tmp_path / "file")


def test_a_pipe_without_a_writer_is_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert input_file.content(tmp_path / "pipe") == b""


def test_what_comes_through_a_pipe_is_waited_for() -> None:
    reading, writing = os.pipe()
    content = b"x" * (1 << 20)  # more than a pipe holds

    def write() -> None:
        with open(writing, "wb") as file:
            file.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    assert input_file.content(Path(f"/dev/fd/{reading}")) == content
    writer.join()
    os.close(reading)


def test_no_more_is_read_than_is_allowed(tmp_path: Path) -> None:
    path = written(tmp_path, "file", "x" * 2048)
    assert len(input_file.content(path, 2048)) == 2048
    with pytest.raises(OSError, match="larger than 1 KiB"):
        input_file.content(path, 1024)
    os.truncate(path, 1 << 40)
    with pytest.raises(OSError, match="larger than 2 MiB"):
        input_file.content(path, 2 << 20)


def test_text_has_no_byte_order_mark(tmp_path: Path) -> None:
    assert input_file.text(written(tmp_path, "file", "\ufeffä")) == "ä"
    with pytest.raises(OSError, match=r"not UTF-8 text \(byte 1\)"):
        input_file.text(written(tmp_path, "file", b"a\xff"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a = [", "not TOML (Invalid value (at end of document))"),
        ("a = " + "[" * 5000, "not TOML (nested too deep)"),
        ("a." * 5000 + "a = 1", "not TOML (a line has more than 200 dots)"),
        ("a = " + "9" * 5000, "not TOML (Exceeds the limit"),
    ],
)
def test_what_is_no_toml(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not TOML") as refused:
        input_file.toml(written(tmp_path, "file", content))
    assert str(refused.value.strerror).startswith(said)
