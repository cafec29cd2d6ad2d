"""Changes to what the server understands of a request."""

from __future__ import annotations

from collections.abc import Callable

from tck.prove.altered.change import Change, in_request
from tck.prove.altered.messages import Answer, Asked, Parameters

Accept = Callable[[str | None], str | None]
Answerer = Callable[[Asked], Answer | None]


def ignore(where: str, *names: str) -> Change:
    """Overlook parameters; a name that ends in `*` stands for a family."""

    def meant(name: str) -> bool:
        return any(
            name == known or (known.endswith("*") and name.startswith(known[:-1]))
            for known in names
        )

    def without(given: Parameters) -> Parameters:
        return {name: value for name, value in given.items() if not meant(name)}

    return in_request(where, f"ignores {', '.join(names)}", lambda asked: asked.rewrite(without))


def supply(where: str, **defaults: str) -> Change:
    """Take a value of its own for parameters that are missing or empty."""

    def act(asked: Asked) -> None:
        given = asked.query | asked.form
        missing = {name: v for name, v in defaults.items() if not given.get(name)}
        if missing:
            asked.query = asked.query | missing
            asked.rewrite(lambda known: {n: missing.get(n, v) for n, v in known.items()})

    told = ", ".join(f"{name}={value}" for name, value in defaults.items())
    return in_request(where, f"takes {told} if nothing is given", act)


def replace(where: str, text: str, change: Callable[[Parameters], Parameters]) -> Change:
    """Understand other parameters than were sent."""
    return in_request(where, text, lambda asked: asked.rewrite(change))


def mend(where: str, name: str, right: Callable[[str], bool], value: str) -> Change:
    """Take a value of the server's own for one that is none."""

    def change(given: Parameters) -> Parameters:
        wrong = name in given and not right(given[name])
        return {**given, name: value} if wrong else given

    return replace(where, f"takes {value} for a {name} that is none", change)


def known(id_: str) -> bool:
    """An id that no check made up."""
    return not id_.startswith("tck-none")


def port(text: str) -> bool:
    """A port of TCP."""
    return text.isdigit() and int(text) <= 65535


def overlook(where: str, *fields: str) -> Change:
    """Not look at header fields."""

    def act(asked: Asked) -> None:
        for name in fields:
            asked.set_header(name, None)

    return in_request(where, f"does not look at {', '.join(fields)}", act)


def accept(where: str, text: str, change: Accept) -> Change:
    """Understand another Accept than was sent."""

    def act(asked: Asked) -> None:
        asked.set_header("Accept", change(asked.header("Accept")))

    return in_request(where, text, act)


def instead(where: str, text: str, answer: Answerer) -> Change:
    """Answer without asking the server; None asks it after all."""

    def act(asked: Asked) -> None:
        asked.reply = answer(asked)

    return in_request(where, text, act)


def divert(where: str, text: str, path: Callable[[Asked], str | None]) -> Change:
    """Serve another path than was asked for; None serves what was asked for."""

    def act(asked: Asked) -> None:
        if (other := path(asked)) is not None:
            asked.divert(other)

    return in_request(where, text, act)


def changed(where: str, text: str, act: Callable[[Asked], None]) -> Change:
    """Change requests in any way."""
    return in_request(where, text, act)
