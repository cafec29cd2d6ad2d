"""A store that outlives the process: records in an SQLite file, large contents in files beside it.

The commit protocol, in the order in which things happen:

1. `Shelf.receive` (content.py) writes a large content to a new file and syncs file and directory.
2. The transaction changes the tables in memory and logs its changes (store.py).
3. `Disk.commit` does the same in one SQLite transaction. The write-ahead log is synced before
   COMMIT returns. If this fails, the changes in memory are undone and the request fails.
4. `DiskStore._hold` takes hold of the files that committed records name, and releases those that
   no record names any more: such a file is deleted when its last reader is done.
5. The response is sent.

A process that is killed before 3 is complete leaves files that no record names, and so does one
that is killed in 4; `_sweep` deletes these at the next start. No record ever names a file that is
missing or incomplete, because it is written first and deleted last.

Reading never touches SQLite: a table is loaded when it is first used and stays in memory. That
needs the file for this process alone, so `_prepare` takes SQLite's exclusive lock.

On a full disk only what creates is refused. To remove a record needs some space, too, for the log
grows first: `Reserve` keeps it. The log is copied into the file (a checkpoint) at `_LOG` pages, so
the space of the reserve suffices for that, after which the log begins anew.

What the file holds is not trusted: it may be damaged, or somebody may have changed it. `_check`
and `load` refuse what this server cannot have written.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tck.reference_server.content import Content, Shelf
from tck.reference_server.storage import record_json
from tck.reference_server.storage.store import Log, MemoryStore, Table

APPLICATION_ID = 0x44435443  # DCTC, in the header of the file: which program wrote it
VERSION = 1
RESERVE = 1024 * 1024  # bytes
_LOG = 100  # pages of 4 KiB

_SCHEMA = """\
CREATE TABLE record (
    place INTEGER PRIMARY KEY,  -- the order in which objects were made
    driver TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    data TEXT NOT NULL,
    file TEXT,  -- of a large content
    UNIQUE (driver, kind, key)
)"""
_PUT = """\
INSERT INTO record (driver, kind, key, data, file) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET data = excluded.data, file = excluded.file"""
_REMOVE = "DELETE FROM record WHERE driver = ? AND kind = ? AND key = ?"
_LOAD = "SELECT key, data FROM record WHERE driver = ? AND kind = ? ORDER BY place"


class Disk:
    """An SQLite file for the stores of all drivers; one process at a time can have it open.

    `limit` is the most bytes of a blob. ValueError if the file cannot be opened, is in use, is
    damaged, or holds something else.
    """

    def __init__(self, file: Path, limit: int | None = None) -> None:
        self._lock = threading.Lock()
        self._file = file
        # Beside the file, so that people move and copy both.
        directory = file.with_name(f"{file.name}-blobs")
        try:
            file.touch(mode=0o600)
            self._sql = sqlite3.connect(
                file, timeout=1.0, isolation_level=None, check_same_thread=False
            )
            weakref.finalize(self, self._sql.close)
            self._prepare()
            directory.mkdir(mode=0o700, exist_ok=True)
            if directory.is_symlink():
                raise NotADirectoryError(f"{directory} is a symbolic link")
            self._check()
            self._sweep(directory)
        except (sqlite3.Error, OSError) as error:
            raise ValueError(f"cannot keep objects in {file}: {_reason(error)}") from error
        self.shelf = Shelf(directory, limit)
        self._reserve = Reserve(file.with_name(f"{file.name}-reserve"))
        self._given_back = weakref.finalize(self, self._reserve.give)

    def _prepare(self) -> None:
        """Lock the file for this process, and make its table if it is new."""
        run = self._sql.execute
        run("PRAGMA trusted_schema = OFF")
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("BEGIN EXCLUSIVE")
        identity = run("PRAGMA application_id").fetchone() + run("PRAGMA user_version").fetchone()
        schema = run("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
        if identity == (0, 0) and not schema:
            run(_SCHEMA)
            run(f"PRAGMA application_id = {APPLICATION_ID}")
            run(f"PRAGMA user_version = {VERSION}")
        elif identity != (APPLICATION_ID, VERSION) or schema != [(_SCHEMA,)]:
            raise sqlite3.DatabaseError("it holds something else, or is of another version")
        run("COMMIT")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run(f"PRAGMA wal_autocheckpoint = {_LOG}")

    def _check(self) -> None:
        """sqlite3.DatabaseError if pages are damaged, or a record does not name its file."""
        run = self._sql.execute
        (verdict,) = run("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"it is damaged: {verdict}")
        wrong = "SELECT key FROM record WHERE file IS NOT json_extract(data, '$.content.file')"
        for (key,) in run(wrong):
            raise sqlite3.DatabaseError(f"it is damaged: the record {key!r} names two files")

    def _sweep(self, directory: Path) -> None:
        """Delete files of contents that no committed record names."""
        named = {name for (name,) in self._sql.execute("SELECT file FROM record")}
        for path in directory.iterdir():
            if record_json.FILE_NAME.fullmatch(path.name) and path.name not in named:
                path.unlink()

    def drivers(self) -> list[str]:
        """The drivers that have objects in the file. ValueError if it is damaged."""
        try:
            rows = self._sql.execute("SELECT DISTINCT driver FROM record ORDER BY driver")
            return [driver for (driver,) in rows]
        except sqlite3.DatabaseError as error:  # of an index, which no check looked through
            raise ValueError(f"{self._file}: {_reason(error)}") from error

    def store(self, driver: str) -> DiskStore:
        """The objects of one driver."""
        return DiskStore(self, driver)

    def close(self) -> None:
        """Release the file, so that another server can open it."""
        with self._lock:
            self._sql.close()
        self._given_back()

    def load(self, driver: str, kind: type) -> Table:
        """A committed table: key to record, the oldest first; ValueError if it is damaged."""
        assert self.shelf.directory is not None
        table: Table = {}
        with self._lock:
            for key, text in self._sql.execute(_LOAD, (driver, kind.__name__)):
                try:
                    record = record_json.decode(kind, json.loads(text), self.shelf.directory)
                    damaged = record.key != key
                except (ValueError, TypeError, RecursionError):
                    damaged = True
                if damaged:
                    raise ValueError(f"{self._file}: the {kind.__name__} {key!r} is damaged")
                table[key] = record
        return table

    def commit(self, driver: str, log: Log) -> None:
        """Write the changes of a transaction to disk, all or none.

        OSError if the disk is full, sqlite3.Error if it fails in another way.
        """
        with self._lock:
            try:
                self._write(driver, log)
            except sqlite3.Error as failure:
                if not _is_full(failure):
                    raise
                if any(record is not None for _, _, record in log):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from failure
                self._reserve.give()
                self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._write(driver, log)
            self._reserve.take()

    def _write(self, driver: str, log: Log) -> None:
        self._sql.execute("BEGIN")
        try:
            for kind, key, record in log:
                place = (driver, kind.__name__, key)
                if record is None:
                    self._sql.execute(_REMOVE, place)
                else:
                    text = json.dumps(record_json.encode(record), ensure_ascii=False)
                    self._sql.execute(_PUT, (*place, text, _file(record)))
            self._sql.execute("COMMIT")
        except BaseException:
            if self._sql.in_transaction:
                self._sql.execute("ROLLBACK")
            raise


class Reserve:
    """Space on the disk that is kept free, by a file that occupies it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._taken = False
        self.take()

    def take(self) -> None:
        """Occupy the space, if it is not and the disk has it."""
        if self._taken:
            return
        try:
            self._path.write_bytes(b"\1" * RESERVE)
            self._taken = True
        except OSError:
            self.give()

    def give(self) -> None:
        """Free the space."""
        self._taken = False
        with contextlib.suppress(OSError):
            self._path.unlink()


def _is_full(failure: sqlite3.Error) -> bool:
    return getattr(failure, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _reason(error: Exception) -> str:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return "another server has it open"
    return str(error)


class DiskStore(MemoryStore):
    """Tables in memory, loaded from disk when first used and written through at each commit."""

    def __init__(self, disk: Disk, driver: str) -> None:
        super().__init__(disk.shelf)
        self._disk = disk
        self._driver = driver
        self._held: dict[tuple[type, str], Content] = {}

    def _table(self, kind: type) -> Table:
        table = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = self._disk.load(self._driver, kind)
            self._hold((kind, key, record) for key, record in table.items())
        return table

    def _commit(self, log: Log) -> None:
        self._disk.commit(self._driver, log)
        self._hold(log)

    def _hold(self, changes: Iterable[tuple[type, str, Any]]) -> None:
        """Keep the files that records name; release them when they no longer do."""
        for kind, key, record in changes:
            old = self._held.pop((kind, key), None)
            if old is not None:
                old.keep(False)
            content = getattr(record, "content", None)
            if isinstance(content, Content):
                content.keep()
                self._held[kind, key] = content


def _file(record: Any) -> str | None:
    """The name of the file that holds the content of a record."""
    data = getattr(getattr(record, "content", None), "data", None)
    return data.name if isinstance(data, Path) else None
