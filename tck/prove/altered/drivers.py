"""Changes to what the driver does and to what it hands out, whatever the format."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tck.prove.altered.change import Change
from tck.reference_server.drivers.base import Driver
from tck.reference_server.errors import ApiError, NotFoundError
from tck.reference_server.resources import Resource

# What a driver can be asked: every method of the interface.
METHODS = tuple(
    name
    for name, _ in inspect.getmembers(Driver, inspect.isfunction)
    if not name.startswith("_") and name not in ("authenticate", "require_action")
)
Act = Callable[..., Any]


def around(where: str, text: str, method: str, act: Act) -> Change:
    """Call `act(driver, original, caller, *ids, **parameters)` in place of a method."""

    def take(driver: Any) -> None:
        original = getattr(driver, method)

        def changed(*positional: Any, **named: Any) -> Any:
            return act(driver, original, *positional, **named)

        setattr(driver, method, changed)

    return Change(text, where, driver=take)


def sizes_dropped(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Sizes that are not offered are left out without a word, and the default stands."""
    try:
        return ask(caller, **given)
    except ApiError:
        return ask(caller, **{n: v for n, v in given.items() if n != "hwp"})


def one(driver: Any, index: str, caller: Any, id_: str) -> Any:
    """An object by its id. Raises NotFoundError."""
    for found in getattr(driver, index)(caller, {"id": id_}):
        return found
    raise NotFoundError


def pretend(where: str, method: str, show: str, *, answer: bool = False) -> Change:
    """Do nothing and say that it was done; `show` is the index that has the object.

    What is not there, or not allowed in the state of an instance, is refused as ever.
    """

    def act(driver: Any, _original: Act, caller: Any, *ids: str, **_named: Any) -> Any:
        found = one(driver, show, caller, ids[0])
        if show == "instances":
            driver.require_action(found.state, method.removesuffix("_instance"))
        return found if answer else None

    return around(where, f"does nothing on {method} and reports success", method, act)


def shown(where: str, text: str, kind: type[Resource], change: Callable[[Any], Any]) -> Change:
    """Hand objects of a class out changed, one by one and in lists."""

    def changed(value: Any) -> Any:
        return change(value) if isinstance(value, kind) else value

    def take(driver: Any) -> None:
        for name in METHODS:
            _filter(driver, name, changed)

    return Change(text, where, driver=take)


def _filter(driver: Any, name: str, change: Callable[[Any], Any]) -> None:
    original = getattr(driver, name)

    def changed(*positional: Any, **named: Any) -> Any:
        result = original(*positional, **named)
        if isinstance(result, Sequence) and not isinstance(result, str | bytes):
            return [change(value) for value in result]
        return change(result)

    setattr(driver, name, changed)


def listed(where: str, text: str, method: str, change: Callable[[list[Any]], list[Any]]) -> Change:
    """Change what an index hands out when nothing narrows it."""

    def act(_driver: Any, original: Act, caller: Any, filters: Any) -> Any:
        found = list(original(caller, filters))
        return found if filters.get("id") else change(found)

    return around(where, text, method, act)


def unfiltered(where: str, method: str, *filters: str) -> Change:
    """Overlook filters of an index; a show by id still finds the one object."""

    def act(_driver: Any, original: Act, caller: Any, given: Any) -> Any:
        return original(caller, {n: v for n, v in given.items() if n not in filters})

    return around(where, f"ignores the filter {', '.join(filters)}", method, act)


def stored(kind: type[Any], change: Callable[[Any], Any | None]) -> Callable[[Any], None]:
    """Act on every record of a class in a driver's store; None removes it."""

    def act(driver: Any) -> None:
        with driver.store.transaction() as tx:
            for record in tx.all(kind):
                new = change(record)
                if new is None:
                    tx.remove(kind, record.key)
                elif new is not record:
                    tx.put(new)

    return act


def outliving(text: str, kind: type[Any]) -> Change:
    """Records that name an instance keep it when it is destroyed."""

    def act(driver: Any, ask: Act, caller: Any, id_: str) -> Any:
        held: dict[Any, Any] = {}

        def note(record: Any) -> Any:
            if record.instance_id == id_:
                held[record.key] = record
            return record

        stored(kind, note)(driver)
        done = ask(caller, id_)
        stored(kind, lambda record: held.get(record.key, record))(driver)
        return done

    return around("instances.destroy", text, "destroy_instance", act)


def shaped(where: str, text: str, change: Callable[[Any], dict[str, Any]]) -> Change:
    """Give the driver another shape: `change` names the parts of it that differ."""

    def take(driver: Any) -> None:
        driver.shape = replace(driver.shape, **change(driver.shape))

    return Change(text, where, driver=take)
