"""Where a driver keeps its objects: tables of immutable records under transactions.

The interface is small so that a store on disk fits behind it as well as the one in memory.
A record is a frozen dataclass with a `key`; its class is its table.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeVar


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
    """Hands out transactions, one at a time; `revision` grows with each that wrote."""

    revision: int

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction that is undone if its block raises; it may be nested."""


class MemoryStore(Store):
    """Tables in memory; one lock, and an undo log for the transaction that fails."""

    def __init__(self) -> None:
        self.revision = 0
        self._lock = threading.RLock()
        self._tables: dict[type, dict[str, Any]] = {}
        self._open: _MemoryTransaction | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            if self._open is not None:  # nested: part of the transaction around it
                yield self._open
                return
            self._open = current = _MemoryTransaction(self._tables)
            try:
                yield current
            except BaseException:
                current.undo()
                raise
            else:
                self.revision += current.wrote
            finally:
                self._open = None


class _MemoryTransaction(Transaction):
    def __init__(self, tables: dict[type, dict[str, Any]]) -> None:
        self._tables = tables
        self._before: dict[type, dict[str, Any]] = {}

    @property
    def wrote(self) -> bool:
        return bool(self._before)

    def _changing(self, kind: type) -> dict[str, Any]:
        table = self._tables.setdefault(kind, {})
        # A copy of the table, order included, is cheap: tables are small and writes rare.
        self._before.setdefault(kind, dict(table))
        return table

    def all(self, kind: type[R]) -> list[R]:
        return list(self._tables.get(kind, {}).values())

    def get(self, kind: type[R], key: str) -> R | None:
        return self._tables.get(kind, {}).get(key)

    def put(self, record: Record) -> None:
        self._changing(type(record))[record.key] = record

    def remove(self, kind: type[R], key: str) -> R | None:
        return self._changing(kind).pop(key, None) if self.get(kind, key) is not None else None

    def undo(self) -> None:
        self._tables.update(self._before)
