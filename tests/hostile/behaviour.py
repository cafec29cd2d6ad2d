"""What a hostile endpoint does, and what is wanted of the kit then."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Literal

from . import behaviours
from .endpoint import Act, Call


@dataclass(frozen=True)
class Wanted:
    """What is wanted of one behaviour, beside what is wanted of all (`judging.py`).

    `codes`: exit codes; `finds`: requirements that are reported as violated; `says`: patterns that
    the console shows. `seconds`: until the end. `report`: there is one; without, the kit said at
    the first contact that there is nothing to judge. `left`: "told" if something of the run may
    stay there; then the console tells its id. `cleanup`: exit codes of the command that follows a
    run that left a journal, if they are others than 0, and 5 where something may stay.
    """

    codes: tuple[int, ...] = (1,)
    finds: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    seconds: float = 30.0
    report: bool = True
    left: Literal["nothing", "told"] = "nothing"
    cleanup: tuple[int, ...] = ()

    def __str__(self) -> str:
        """For the table."""
        ends = " or ".join(str(code) for code in self.codes)
        parts = [f"exit {ends}"]
        parts += [f"{', '.join(self.finds)} violated"] if self.finds else []
        parts += [f"says `{pattern}`" for pattern in self.says]
        parts += ["what stays is told"] if self.left == "told" else []
        parts += [] if self.report else ["no report"]
        return "; ".join([*parts, f"{self.seconds:g} s"])


@dataclass(frozen=True)
class Behaviour:
    """One way to be hostile; `text` says what the endpoint does.

    `kind`: the module it is written in. `act`: see `Endpoint`. `checks`: which checks are run (as
    for -k, empty for all); `options`: more of the command line. `account`: options of the account.
    `transition`: seconds that the run waits for one change. `signals`: (operation, signal) that the
    run gets, one after the other, each once the endpoint has answered the operation; a run that
    left a journal is followed by `cleanup`. `fresh`: its commands begin with an interpreter of
    their own (starter.py).
    """

    name: str
    text: str
    act: Act
    wanted: Wanted
    kind: str = ""
    checks: str = ""
    options: tuple[str, ...] = ()
    account: Mapping[str, Any] = field(default_factory=dict)
    transition: float = 1.0
    signals: tuple[tuple[str, int], ...] = ()
    fresh: bool = False


class Behaviours(list[Behaviour]):
    """The behaviours of one module, in the order in which they are written there."""

    def __call__(
        self, at: str = "*", *, name: str = "", wanted: Wanted | None = None, **options: Any
    ) -> Callable[[Act], Act]:
        """Decorate a function that gets a `Call`; its name and docstring are the behaviour's.

        It is called for operations that match one of the patterns in `at` (`keys.create
        instances.*`; the entry point is `api.show`). `options`: of `Behaviour`, and of `Wanted`.
        """

        def add(act: Act) -> Act:
            own = {key: options.pop(key) for key in [*options] if key in Wanted.__annotations__}
            text = " ".join((act.__doc__ or "").split())
            title = name or act.__name__.replace("_", "-")
            limited = _at(at.split(), act)
            self.append(
                Behaviour(title, text, limited, replace(wanted or Wanted(), **own), **options)
            )
            return act

        return add


def _at(patterns: list[str], act: Act) -> Act:
    if patterns == ["*"]:
        return act

    def limited(call: Call) -> None:
        if any(fnmatchcase(call.asked.operation, pattern) for pattern in patterns):
            act(call)

    return limited


@cache
def every() -> Mapping[str, Behaviour]:
    """All behaviours by name. Raises ValueError if two have one name."""
    found: dict[str, Behaviour] = {}
    for behaviour in _collected():
        if behaviour.name in found:
            raise ValueError(f"two behaviours are named {behaviour.name}")
        found[behaviour.name] = behaviour
    return found


def _collected() -> Iterator[Behaviour]:
    for module in sorted(pkgutil.iter_modules(behaviours.__path__), key=lambda m: m.name):
        loaded = importlib.import_module(f"{behaviours.__name__}.{module.name}")
        for behaviour in loaded.BEHAVIOURS:
            yield replace(behaviour, kind=module.name)
