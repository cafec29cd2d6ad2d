"""What all parts of the mock share: the store, the clock and the credentials."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tck.reference_server.drivers.base import Caller, Driver, Filters
from tck.reference_server.drivers.mock import fixtures
from tck.reference_server.drivers.mock.records import KINDS, IssuedRecord
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.errors import AuthenticationError, ValidationError
from tck.reference_server.resources import Resource
from tck.reference_server.storage.store import R, Store, Transaction

LONGEST_NAME = 1024  # characters
_ID = re.compile(r"\S([^\n\r\u2028\u2029]*\S)?")  # as the schemas have it


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the mock behaves; the same for all personas of a server.

    `user` and `password` are the one pair of credentials. An instance leaves a transient state
    `seconds` after it came there, but not before `polls` requests have shown it. `clock` returns
    seconds since the epoch; `chance(n)` returns n random bytes, for passwords and keys.
    """

    user: str = "mockuser"
    password: str = "mockpassword"
    seconds: float = 0.0
    polls: int = 0
    clock: Callable[[], float] = time.time
    chance: Callable[[int], bytes] = secrets.token_bytes


class Backend(Driver):
    """What all parts of the mock share; fills an empty store with the fixtures.

    ValueError if the store is damaged.
    """

    def __init__(self, shape: Shape, store: Store, conditions: Conditions) -> None:
        super().__init__(shape)
        self.store = store
        self.shelf = store.shelf
        self.conditions = conditions
        with store.transaction() as tx:
            for kind in KINDS:  # a damaged file is found now, not by a request
                tx.all(kind)
            fixtures.fill(tx, shape, conditions.user)

    def authenticate(self, caller: Caller) -> None:
        """Accept the one pair of credentials of the conditions."""
        if not caller.has(self.conditions.user, self.conditions.password):
            raise AuthenticationError("Authentication Failure")

    def now(self) -> str:
        """The date of a new object (stance 52)."""
        moment = datetime.fromtimestamp(self.conditions.clock(), UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def stamped_id(self, tx: Transaction, kind: type[R], prefix: str) -> str:
        """`prefix` with the time in seconds, as in the original, or a later number (B61)."""
        return numbered_id(tx, kind, prefix, int(self.conditions.clock()))


def numbered_id(tx: Transaction, kind: type[R], prefix: str, least: int = 0) -> str:
    """`prefix` with a number that no object of the kind has or ever had."""
    issued = tx.get(IssuedRecord, prefix)
    numbers = itertools.count(least if issued is None else max(least, issued.last + 1))
    last = next(n for n in numbers if tx.get(kind, f"{prefix}{n}") is None)
    tx.put(IssuedRecord(prefix, last))
    return f"{prefix}{last}"


def usable_id(name: str) -> str:
    """A name that becomes an id; ValidationError if a path segment cannot be that."""
    if len(name) > LONGEST_NAME:
        raise ValidationError(f"A name has at most {LONGEST_NAME} characters here.")
    if name in (".", "..") or not _ID.fullmatch(name):
        raise ValidationError(f"{name!r} cannot be the name of an object.")
    return name


def host_label(text: str) -> str:
    """The text as part of a host name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)


def matching(items: Iterable[R], filters: Filters, **attributes: str) -> list[R]:
    """Items that fit the filters; `attributes` maps a filter to the item's attribute."""
    values: Mapping[str, str] = {
        attribute: filters[name] for name, attribute in attributes.items() if name in filters
    }
    return [
        item
        for item in items
        if all(getattr(item, attribute) == value for attribute, value in values.items())
    ]


def by_id(items: Iterable[R], filters: Filters) -> list[R]:
    """Items that fit the filter `id`, the only one of most collections."""
    return matching(items, filters, id="id")


def require(tx: Transaction, kind: type[Resource], id_: str, what: str) -> None:
    """ValidationError if there is no object of the id, which a parameter names (stance 34)."""
    if tx.get(kind, id_) is None:
        raise ValidationError(f"There is no {what} {id_!r}.")
