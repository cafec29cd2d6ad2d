"""Where a driver keeps its objects: tables of immutable records under transactions.

A record is a frozen dataclass with a `key`; its class is its table. The store on disk (disk.py)
is the one in memory, writing down what it commits.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeVar

from tck.reference_server.content import Shelf


class Record(Protocol):
    """Anything that can be stored; `key` is unique within the record's class."""

    @property
    def key(self) -> str: ...


R = TypeVar("R", bound=Record)


class Transaction(ABC):
    """A view of the tables that no other transaction changes; all or nothing is kept."""

    @abstractmethod
    def all(self, kind: type[R]) -> list[R]:
        """Records of a class, oldest first."""

    @abstractmethod
    def get(self, kind: type[R], key: str) -> R | None: ...

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
        """A transaction that is undone if its block raises; it may be nested."""


class Stores(Protocol):
    """Where the stores of all drivers are."""

    def store(self, driver: str, /) -> Store: ...

    def close(self) -> None: ...


Table = dict[str, Any]

# What a transaction did, in order: class, key, and the record; None where it was removed.
Log = list[tuple[type, str, Any]]


class MemoryStore(Store):
    """Tables in memory; one lock, and an undo log for the transaction that fails."""

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
        """Make it last, or raise: then it is undone."""


class _MemoryTransaction(Transaction):
    def __init__(self, table: Callable[[type], Table]) -> None:
        self._table = table
        self.before: dict[type, Table] = {}
        self.log: Log = []

    def _changing(self, kind: type) -> Table:
        table = self._table(kind)
        if kind not in self.before:
            # A copy of the table, order included, is cheap: tables are small and writes rare.
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
        found = self.get(kind, key)
        if found is not None:
            del self._changing(kind)[key]
            self.log.append((kind, key, None))
        return found


class Memory:
    """Stores that end with the process; a blob has at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._shelf = Shelf(limit=limit)

    def store(self, _driver: str, /) -> MemoryStore:
        return MemoryStore(self._shelf)

    def close(self) -> None:
        """There is nothing to let go of."""
