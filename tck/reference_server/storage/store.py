"""Where a driver keeps its objects: tables of immutable records under transactions.

A record is a frozen dataclass with a `key`; its class is its table. A transaction holds the
store's lock from begin to end, so they run one after the other, readers too. It changes the
tables in place: the first change of a table keeps a copy of it in `before`, and every change is
appended to `log`. At the end `_commit` gets the log; the store on disk (disk.py) writes it down
there. If the block or `_commit` raises, the copies become the tables again. Records never change,
so what a transaction has read can be rendered after it has ended, without the lock.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeVar

from tck.reference_server.content import Shelf


class Record(Protocol):
    """What can be stored: a frozen dataclass; `key` is unique within its class."""

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Record)


class Transaction(ABC):
    """Reads and changes tables; its changes are kept all together or not at all."""

    @abstractmethod
    def all(self, kind: type[R]) -> list[R]:
        """Records of a class, oldest first."""

    @abstractmethod
    def get(self, kind: type[R], key: str) -> R | None:
        """A record; None if there is none."""

    @abstractmethod
    def put(self, record: Record) -> None:
        """Insert, or replace the record of the same class and key."""

    @abstractmethod
    def remove(self, kind: type[R], key: str) -> R | None:
        """Delete and return a record; None if there is none."""


class Store(ABC):
    """Hands out transactions, one at a time; `shelf` keeps the contents of its records."""

    shelf: Shelf

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction, undone if its block raises; inside another one it is part of that."""


class Stores(Protocol):
    """The stores of all drivers, one for each driver id."""

    def store(self, driver: str, /) -> Store:
        """The objects of one driver; called once for each."""
        ...

    def drivers(self) -> Sequence[str]:
        """The drivers that have objects from an earlier time."""
        ...

    def close(self) -> None:
        """Release the file, if there is one."""
        ...


Table = dict[str, Any]

# The changes of a transaction, in order: class, key, and the new record; None for a removal.
Log = list[tuple[type, str, Any]]


class MemoryStore(Store):
    """Tables in memory."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.shelf = shelf or Shelf()
        self._lock = threading.RLock()
        self._tables: dict[type, Table] = {}
        self._open: _MemoryTransaction | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            if self._open is not None:  # nested: part of the transaction around it
                yield self._open
                return
            self._open = current = _MemoryTransaction(self._table)
            try:
                yield current
                if current.log:
                    self._commit(current.log)
            except BaseException:
                self._tables.update(current.before)
                raise
            finally:
                self._open = None

    def _table(self, kind: type) -> Table:
        return self._tables.setdefault(kind, {})

    def _commit(self, log: Log) -> None:
        """Write the changes down; if this raises, the transaction is undone."""


class _MemoryTransaction(Transaction):
    def __init__(self, table: Callable[[type], Table]) -> None:
        self._table = table
        self.before: dict[type, Table] = {}
        self.log: Log = []

    def _changing(self, kind: type) -> Table:
        table = self._table(kind)
        if kind not in self.before:
            # Copying the whole table keeps its order, and is cheap: tables are small, writes rare.
            self.before[kind] = dict(table)
        return table

    def all(self, kind: type[R]) -> list[R]:
        return list(self._table(kind).values())

    def get(self, kind: type[R], key: str) -> R | None:
        return self._table(kind).get(key)

    def put(self, record: Record) -> None:
        kind, key = type(record), record.key
        self._changing(kind)[key] = record
        self.log.append((kind, key, record))

    def remove(self, kind: type[R], key: str) -> R | None:
        record = self.get(kind, key)
        if record is not None:
            del self._changing(kind)[key]
            self.log.append((kind, key, None))
        return record


class Memory:
    """Stores in memory; a blob has at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._shelf = Shelf(limit=limit)

    def store(self, _driver: str, /) -> MemoryStore:
        return MemoryStore(self._shelf)

    def drivers(self) -> Sequence[str]:
        """None."""
        return ()

    def close(self) -> None:
        """Nothing to release."""
