"""Changes to what the server understands of a request."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from tck.prove.altered.change import Change, at, in_request
from tck.prove.altered.messages import Answer, Asked, Parameters

Accept = Callable[[str | None], str | None]
Reply = Callable[[Asked], Answer | None]


def rewrite(where: str, text: str, act: Callable[[Parameters], Parameters]) -> Change:
    """Put other parameters in place of those that were sent, in the query and in a form."""
    return in_request(where, text, lambda asked: asked.rewrite(act))


def ignore(where: str, *names: str) -> Change:
    """Ignore parameters; a name that ends in `*` stands for all that begin so."""

    def without(sent: Parameters) -> Parameters:
        return {n: v for n, v in sent.items() if not any(fnmatchcase(n, name) for name in names)}

    return rewrite(where, f"ignores the parameter {', '.join(names)}{at(where)}", without)


def supply(where: str, **defaults: str) -> Change:
    """Use values of the server's own for parameters that are missing or empty."""

    def act(asked: Asked) -> None:
        sent = asked.query | asked.form
        missing = {name: value for name, value in defaults.items() if not sent.get(name)}
        if missing:
            asked.query = asked.query | missing
            asked.rewrite(lambda found: {n: missing.get(n, v) for n, v in found.items()})

    values = ", ".join(f"{name}={value}" for name, value in defaults.items())
    return in_request(where, f"uses {values} by default{at(where)}", act)


def alter(where: str, text: str, name: str, act: Callable[[str], str]) -> Change:
    """Compute a new value of a parameter, where it is sent, from the old one."""
    return rewrite(
        where, text, lambda sent: {**sent, name: act(sent[name])} if name in sent else sent
    )


def repair(where: str, name: str, valid: Callable[[str], bool], value: str) -> Change:
    """Use a value of the server's own in place of one that is not valid."""
    text = f"uses {value} in place of an invalid {name}{at(where)}"
    return alter(where, text, name, lambda sent: sent if valid(sent) else value)


def may_exist(id_: str) -> bool:
    """Whether an id may be that of an object; checks make up others as `tck-none...`."""
    return not id_.startswith("tck-none")


def is_port(text: str) -> bool:
    """Whether a text is the number of a TCP port."""
    return text.isdigit() and int(text) <= 65535


def ignore_fields(where: str, *names: str) -> Change:
    """Ignore header fields."""

    def act(asked: Asked) -> None:
        for name in names:
            asked.set_header(name, None)

    return in_request(where, f"ignores the field {', '.join(names)}{at(where)}", act)


def accept(where: str, text: str, act: Accept) -> Change:
    """Put another Accept in place of the one that was sent; None for neither."""
    return in_request(
        where, text, lambda asked: asked.set_header("Accept", act(asked.header("Accept")))
    )


def reply(where: str, text: str, act: Reply) -> Change:
    """Answer without asking the server, unless `act` returns None."""

    def answer(asked: Asked) -> None:
        asked.reply = act(asked)

    return in_request(where, text, answer)


def divert(where: str, text: str, act: Callable[[Asked], str | None]) -> Change:
    """Serve another path than was requested, unless `act` returns None."""

    def change(asked: Asked) -> None:
        if (path := act(asked)) is not None:
            asked.divert(path)

    return in_request(where, text, change)
