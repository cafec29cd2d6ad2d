"""Changes to what the driver does and to the objects that it returns, whatever the format."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tck.prove.altered.change import Change
from tck.reference_server.drivers.base import Driver
from tck.reference_server.errors import ApiError, NotFoundError
from tck.reference_server.resources import Resource

# Every method of the interface by which objects come out of a driver.
METHODS = tuple(
    name
    for name, _ in inspect.getmembers(Driver, inspect.isfunction)
    if not name.startswith("_") and name not in ("authenticate", "require_action")
)
Act = Callable[..., Any]


# ---------------------------------------------------------------- objects


def find(driver: Any, index: str, caller: Any, id_: str) -> Any:
    """An object by its id; `index` is the method that lists its kind. Raises NotFoundError."""
    for member in getattr(driver, index)(caller, {"id": id_}):
        if member.id == id_:  # not every kind has a filter for ids
            return member
    raise NotFoundError


def change_stored(driver: Any, kind: type[Any], change: Callable[[Any], Any | None]) -> None:
    """Put `change(record)` in place of every stored record of a class; None removes it."""
    with driver.store.transaction() as tx:
        for record in tx.all(kind):
            new = change(record)
            if new is None:
                tx.remove(kind, record.key)
            elif new is not record:
                tx.put(new)


def remove_stored(driver: Any, kind: type[Any], condition: Callable[[Any], bool]) -> None:
    """Remove the stored records of a class that meet a condition."""
    change_stored(driver, kind, lambda record: None if condition(record) else record)


# ---------------------------------------------------------------- methods


def around(where: str, text: str, method: str, act: Act) -> Change:
    """Call `act(driver, ask, caller, *ids, **arguments)` in place of a method.

    `ask` is the method as it was; it is called with `caller`, ids and arguments.
    """

    def take(driver: Any) -> None:
        ask = getattr(driver, method)

        def changed(*positional: Any, **named: Any) -> Any:
            return act(driver, ask, *positional, **named)

        setattr(driver, method, changed)

    return Change(text, where, driver=take)


def do_nothing(where: str, method: str, index: str = "", *, answer: bool = False) -> Change:
    """Do nothing and report success.

    With `index` (the method that lists the kind) an object that does not exist, or an action
    that the state of an instance does not allow, is still refused. `answer` returns the object.
    """

    def act(driver: Any, _ask: Act, caller: Any, *ids: str, **_named: Any) -> Any:
        found: Any = find(driver, index, caller, ids[0]) if index else None
        if index == "instances":
            driver.require_action(found.state, method.removesuffix("_instance"))
        return found if answer else None

    return around(where, f"does nothing on {method} and reports success", method, act)


def forget(where: str, method: str, kind: type[Any]) -> Change:
    """Answer as if an object had been created, and remove its record (of class `kind`)."""

    def act(driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
        made = ask(caller, **arguments)
        remove_stored(driver, kind, lambda record: record.id == made.id)
        return made

    return around(where, f"answers {method} and stores nothing", method, act)


def store_otherwise(where: str, text: str, method: str, kind: type[Any], **values: Any) -> Change:
    """Answer with the object that was created, and store it (class `kind`) with other values."""

    def act(driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
        made = ask(caller, **arguments)
        change_stored(driver, kind, lambda r: replace(r, **values) if r.id == made.id else r)
        return made

    return around(where, text, method, act)


def with_arguments(where: str, text: str, method: str, **values: Any) -> Change:
    """Call a method with other arguments; a function computes one from the old value."""

    def act(_driver: Any, ask: Act, caller: Any, *ids: Any, **arguments: Any) -> Any:
        changed = {n: v(arguments[n]) if callable(v) else v for n, v in values.items()}
        return ask(caller, *ids, **{**arguments, **changed})

    return around(where, text, method, act)


def drop_refused_sizes(_driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
    """Ignores sizes of hardware that it does not offer: the instance gets the default ones."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        return ask(caller, **{n: v for n, v in arguments.items() if n != "hwp"})


def keep_after_destroy(text: str, kind: type[Any]) -> Change:
    """Records that name an instance go on naming it after the instance is destroyed."""

    def act(driver: Any, ask: Act, caller: Any, id_: str) -> Any:
        naming: dict[Any, Any] = {}

        def note(record: Any) -> Any:
            if record.instance_id == id_:
                naming[record.key] = record
            return record

        change_stored(driver, kind, note)
        result = ask(caller, id_)
        change_stored(driver, kind, lambda record: naming.get(record.key, record))
        return result

    return around("instances.destroy", text, "destroy_instance", act)


def as_owner(
    where: str,
    text: str,
    *methods: str,
    when: Callable[..., bool] = lambda *_: True,
) -> Change:
    """Do for the second user what methods would do for the first, whose account is another.

    `when`: called with the arguments after the caller.
    """

    def take(driver: Any) -> None:
        for method in methods:
            setattr(driver, method, _for_owner(driver, getattr(driver, method), when))

    return Change(text, where, driver=take)


def _for_owner(driver: Any, ask: Act, when: Callable[..., bool]) -> Act:
    def changed(caller: Any, *positional: Any, **named: Any) -> Any:
        if driver.is_other(caller) and when(*positional):
            caller = replace(caller, user=driver.conditions.user)
        return ask(caller, *positional, **named)

    return changed


def lend(
    where: str, text: str, method: str, kind: type[Any], named: Callable[[dict[str, Any]], str]
) -> Change:
    """Let the second user use a record of the first in a method, as if it were its own.

    `named`: the key of the record, from the arguments of the method.
    """

    def act(driver: Any, ask: Act, caller: Any, *ids: str, **arguments: Any) -> Any:
        if not driver.is_other(caller):
            return ask(caller, *ids, **arguments)
        key = named(arguments)
        with driver.store.transaction() as tx:
            lent = tx.get(kind, key)
        with driver.objects_of(caller) as tx:
            if lent is None or tx.get(kind, key) is not None:
                return ask(caller, *ids, **arguments)
            tx.put(lent)
            result = ask(caller, *ids, **arguments)
            tx.remove(kind, key)
            return result

    return around(where, text, method, act)


def require_keys() -> Change:
    """Launch only with keys that exist."""

    def act(driver: Any, ask: Act, caller: Any, **arguments: Any) -> Any:
        if keyname := arguments.get("keyname"):
            find(driver, "keys", caller, keyname)
        return ask(caller, **arguments)

    return around("instances.create", "knows the keys it launches with", "create_instance", act)


# ---------------------------------------------------------------- what is returned


def shown(where: str, text: str, kind: type[Resource], change: Callable[[Any], Any]) -> Change:
    """Change objects of a class whenever they are returned, alone and in lists."""

    def changed(value: Any) -> Any:
        return change(value) if isinstance(value, kind) else value

    def take(driver: Any) -> None:
        for name in METHODS:
            _change_result(driver, name, changed)

    return Change(text, where, driver=take)


def _change_result(driver: Any, name: str, change: Callable[[Any], Any]) -> None:
    ask = getattr(driver, name)

    def changed(*positional: Any, **named: Any) -> Any:
        result = ask(*positional, **named)
        if isinstance(result, Sequence) and not isinstance(result, str | bytes):
            return [change(value) for value in result]
        return change(result)

    setattr(driver, name, changed)


def listed(where: str, text: str, index: str, change: Callable[[list[Any]], list[Any]]) -> Change:
    """Change what the method `index` returns, unless it is asked for one id."""

    def act(_driver: Any, ask: Act, caller: Any, filters: Any) -> Any:
        found = list(ask(caller, filters))
        return found if filters.get("id") else change(found)

    return around(where, text, index, act)


def list_destroyed(where: str, index: str, destroy: str) -> Change:
    """Go on listing objects after `destroy` was called for them; by id they are not found."""

    def take(driver: Any) -> None:
        ask_destroy, ask_index = getattr(driver, destroy), getattr(driver, index)
        destroyed: dict[str, Any] = {}

        def changed_destroy(caller: Any, id_: str) -> Any:
            found = find(driver, index, caller, id_)
            result = ask_destroy(caller, id_)
            destroyed[id_] = found
            return result

        def changed_index(caller: Any, filters: Any) -> Any:
            found = list(ask_index(caller, filters))
            if filters.get("id"):
                return found
            ids = {member.id for member in found}
            return [*found, *(member for id_, member in destroyed.items() if id_ not in ids)]

        setattr(driver, destroy, changed_destroy)
        setattr(driver, index, changed_index)

    return Change(f"goes on listing what was destroyed ({index})", where, driver=take)


def shaped(where: str, text: str, change: Callable[[Any], dict[str, Any]]) -> Change:
    """Give the driver another shape: `change` returns the parts of it that differ."""

    def take(driver: Any) -> None:
        driver.shape = replace(driver.shape, **change(driver.shape))

    return Change(text, where, driver=take)
