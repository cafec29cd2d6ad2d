"""Files that a user names: read within bounds, and refused in words that a user understands.

A name may lead to a folder, to a device that never ends, or to a pipe. Pipes are read, so that
`validate <(zcat traffic.jsonl.gz)` works, but one that nobody writes to is not waited for. Whatever
is wrong is an OSError whose `strerror` says so: a reader has one kind of failure to report.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

# Bytes: of recordings and reports, and of what people write by hand.
MOST = 256 << 20
MOST_BY_HAND = 256 << 10
_MOST_DOTS = 200  # in a line of TOML


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading. Raises OSError, also for a folder or a device."""
    try:
        file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - closed below
    except ValueError as error:
        raise OSError(errno.EINVAL, "no file can have such a name") from error
    with file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            raise OSError(errno.ENODEV, "a device, not a file")
        os.set_blocking(file.fileno(), True)
        yield file


def _without_waiting(name: str, flags: int) -> int:
    """Open a file, even a pipe whose other end nobody has opened."""
    return os.open(name, flags | os.O_NONBLOCK)


def content(path: Path, most: int = MOST) -> bytes:
    """The bytes of a file. Raises OSError, also if there are more than `most`."""
    with opened(path) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise too_large(most)
        found = file.read(most + 1)  # a pipe has no size
    if len(found) > most:
        raise too_large(most)
    return found


def too_large(most: int) -> OSError:
    """What is raised for a file of more than so many bytes."""
    unit, size = ("MiB", most >> 20) if most >= 1 << 20 else ("KiB", most >> 10)
    return OSError(errno.EFBIG, f"larger than {size} {unit}")


def text(path: Path, most: int = MOST_BY_HAND) -> str:
    """The text of a file in UTF-8, without a byte order mark. Raises OSError."""
    return decoded(content(path, most).removeprefix(codecs.BOM_UTF8))


def decoded(found: bytes) -> str:
    """The text that bytes are in UTF-8. Raises OSError."""
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OSError(errno.EILSEQ, f"not UTF-8 text (byte {error.start})") from error


def toml(path: Path) -> dict[str, Any]:
    """The table in a TOML file. Raises OSError."""
    written = text(path)
    # tomllib takes a time that grows with the square of the parts of a dotted key
    if any(line.count(".") > _MOST_DOTS for line in written.split("\n")):
        raise OSError(errno.EINVAL, f"not TOML (a line has more than {_MOST_DOTS} dots)")
    try:
        return tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else error
        raise OSError(errno.EINVAL, f"not TOML ({reason})") from error
