"""Files that the kit writes: whole or not at all, and for nobody else to read.

A file is written under a temporary name in its own folder and then renamed. So a reader never sees
half of it, and what bore the name before is replaced, not written to: not the target of a symbolic
link, not a file of which it was one of several names, not a device or a pipe.

Functions raise `Unwritable` for what the disk refuses. That says nothing about the endpoint that
was judged: commands print the verdict all the same, and exit with 4. If the place is wrong that was
asked for (`BadPlace`), they exit with 2, before they do anything where it can be seen before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from io import FileIO
from pathlib import Path
from typing import BinaryIO

_STARTED = time.time()
PRIVATE, PUBLIC = 0o600, 0o666  # before the umask


class Unwritable(Exception):
    """Something cannot be written; the message says what and why."""


class BadPlace(Unwritable):
    """A place is not fit for writing: it is not there, not a folder, not allowed."""


_BAD_PLACE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.EPERM, errno.EROFS}
_BAD_PLACE |= {errno.ELOOP, errno.ENAMETOOLONG, errno.EEXIST}


@contextlib.contextmanager
def telling(path: Path) -> Iterator[None]:
    """Raise Unwritable with the path for an OSError inside: one of a write has no file name."""
    try:
        yield
    except OSError as error:
        kind = BadPlace if error.errno in _BAD_PLACE else Unwritable
        raise kind(f"{path}: {error.strerror or error}") from error


@contextlib.contextmanager
def replacing(path: Path, mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """A file to write to, which gets its name when the block ends; nothing is left if it fails."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with telling(path):
        try:
            with create(temporary, mode) as file:
                yield file
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise


def create(path: Path, mode: int = PRIVATE) -> BinaryIO:
    """A new file to write to; what a killed process left there is removed. Raises OSError."""
    path.unlink(missing_ok=True)
    return open(_create(path, mode), "wb")


def create_unbuffered(path: Path) -> FileIO:
    """The same for `append`. Raises OSError."""
    path.unlink(missing_ok=True)
    return create_new(path)


def create_new(path: Path) -> FileIO:
    """The same, if nothing has the name yet. Raises OSError."""
    return FileIO(_create(path, PRIVATE), "w")


def _create(path: Path, mode: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)


def append(file: FileIO, content: bytes) -> None:
    """Append to a file, all of it or nothing. Raises OSError."""
    end = file.seek(0, os.SEEK_END)
    try:
        while content:
            content = content[file.write(content) :]
    except OSError:
        with contextlib.suppress(OSError):
            file.truncate(end)
        raise


def write(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file whose name the kit chose."""
    with replacing(path, mode) as file:
        file.write(content)


def write_as_told(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Write where the user said: also through a link, into a device (/dev/stdout) or a pipe."""
    with telling(path):
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                file.write(content)
            return
    write(path.resolve(), content, mode)


def prepare(folder: Path, names: Collection[str] = ()) -> None:
    """Make a folder, and see that files of these names can be written there.

    The folder itself may not be a symbolic link: whoever can make one where the kit will write
    decides where that is. Temporary files of processes that are no more are removed.
    """
    with telling(folder):
        if folder.is_symlink():
            raise BadPlace(f"{folder} is a symbolic link to {folder.readlink()}: name that folder")
        if folder.exists() and not folder.is_dir():
            raise BadPlace(f"{folder} is not a folder")
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            if (folder / name).is_dir() and not (folder / name).is_symlink():
                raise BadPlace(f"{folder / name} is a folder: a file is to have that name")
        _remove_what_is_left(folder)
        probe = folder / f".probe.{os.getpid()}.part"
        create(probe).close()
        probe.unlink()


def temporary_folder(folder: Path, name: str) -> tempfile.TemporaryDirectory[str]:
    """A folder for this process, within another; what killed processes left there is removed."""
    with telling(folder):
        _remove_what_is_left(folder)
        return tempfile.TemporaryDirectory(
            prefix=f".{name}.", suffix=f".{os.getpid()}.part", dir=folder.resolve()
        )


def _remove_what_is_left(folder: Path) -> None:
    """Remove what processes that are no more did not rename or remove. Raises OSError."""
    for left in folder.glob(".*.part"):
        number = left.name.split(".")[-2]
        if number == str(os.getpid()):
            alive = left.lstat().st_mtime >= _STARTED  # in a container, numbers come again
        else:
            alive = _is_running(number)
        if alive:
            continue
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def _is_running(number: str) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(int(number), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    return True
