"""What all parts of the mock share: the store, the clock and the credentials."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tck.reference_server.drivers.base import Caller, Driver, Filters
from tck.reference_server.drivers.mock import fixtures
from tck.reference_server.drivers.mock.records import KINDS
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.errors import AuthenticationError, ValidationError
from tck.reference_server.resources import Resource
from tck.reference_server.storage.store import R, Store, Transaction

LONGEST_NAME = 1024  # characters
_ID = re.compile(r"\S([^\n\r\u2028\u2029]*\S)?")  # as the schemas have it


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the mock behaves; the same for all personas of a server.

    `user` and `password` are one pair of credentials; `other` are another user and password, of
    an account of their own. An instance leaves a transient state
    `seconds` after it came there, but not before `polls` requests have shown it. `clock` returns
    seconds since the epoch; `chance(n)` returns n random bytes, for passwords and keys.
    """

    user: str = "mockuser"
    password: str = "mockpassword"
    other: tuple[str, str] | None = field(default=None, repr=False)
    seconds: float = 0.0
    polls: int = 0
    clock: Callable[[], float] = time.time
    chance: Callable[[int], bytes] = secrets.token_bytes


class Backend(Driver):
    """What all parts of the mock share; fills an empty store with the fixtures.

    Each account has a store of its own: `store` that of the first user, `other` that of the second,
    which begins with the realms and images that everybody has. ValueError if a store is damaged.
    """

    def __init__(
        self, shape: Shape, store: Store, conditions: Conditions, other: Store | None = None
    ) -> None:
        super().__init__(shape)
        self.store = store
        self.other = other
        self.shelf = store.shelf
        self.conditions = conditions
        for kept in filter(None, (store, other)):
            with kept.transaction() as tx:
                for kind in KINDS:  # a damaged file is found now, not by a request
                    tx.all(kind)
                fixtures.fill(tx, shape, conditions.user, shared_only=kept is other)

    def authenticate(self, caller: Caller) -> None:
        """Accept the credentials of the conditions."""
        known = self.conditions
        pairs = [(known.user, known.password), *([known.other] if known.other else [])]
        known_as = [caller.has(*pair) for pair in pairs]  # of all, so that time does not tell
        if not any(known_as):
            raise AuthenticationError("Authentication Failure")

    def is_other(self, caller: Caller) -> bool:
        """Whether a caller who was accepted is the second user."""
        other = self.conditions.other
        return other is not None and caller.user == other[0]

    def objects_of(self, caller: Caller) -> AbstractContextManager[Transaction]:
        """A transaction on what the caller's account has."""
        store = self.other if self.is_other(caller) else None
        return (store or self.store).transaction()

    def now(self) -> str:
        """The date of a new object (stance 52)."""
        moment = datetime.fromtimestamp(self.conditions.clock(), UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def new_id(self, tx: Transaction, kind: type[R], prefix: str) -> str:
        """`prefix` with 8 random hex digits: none is given twice, and none follows from others."""
        while True:
            id_ = f"{prefix}{self.conditions.chance(4).hex()}"
            if tx.get(kind, id_) is None:
                return id_


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
