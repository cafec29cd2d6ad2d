"""What a reader of the kit did with an input, and whether it may do so.

An input is accepted, or it is refused in one line that says what is wrong and where. Anything else
is a failure of the kit: another exception, an exit code that no input can cause, words that only
somebody who knows Python understands, more time or memory than an input is worth.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tck.cli import main

from .mutate import Form

_LONGEST_MESSAGE = 1000
_WENT_ON = "; going on with the rest"
_PYTHON = re.compile(
    r"\w+(Error|Exception)\b|Traceback|object has no attribute|subscriptable|NoneType|not iterable"
    r"|positional|unexpected keyword|indices must be|must be str|unhashable|concatenate|codec can't"
    r"|argument of type|bytes-like|<class |object at 0x|not supported between|could not convert"
    r"|\bdict\b|literal for int|not enough values|too many values|unpack"
)


class Refused(Exception):
    """A reader refused its input; the message is what the user gets."""


class Broken(Exception):
    """A reader did with its input what it may not do; the message says what."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Something in the kit that reads what others wrote.

    `file`: the name of its input. `seeds`: right inputs. `read`: reads the file of that name in the
    folder that it is given, which holds whatever `prepare` put there; raises Refused. `share`: how
    many inputs it gets for one of another reader's. `named`: what a refusal must name.
    """

    name: str
    file: str
    form: Form
    seeds: Sequence[bytes]
    read: Callable[[Path], None]
    prepare: Callable[[Path], object] = lambda folder: None
    share: int = 4
    named: str = ""


def command(*arguments: str | Path, accepts: Sequence[int] = (0, 1, 3)) -> str:
    """What a command printed. Raises Refused if it ended with code 2, Broken with an unknown one.

    A command that ends with code 2 but went on with what it could read did not refuse its input.
    """
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(str(ended.code))
    lines = err.getvalue().splitlines(keepends=True)
    refusal = "".join(line for line in lines if _WENT_ON not in line)
    if code == 2 and (refusal or not lines):
        if out.getvalue():
            raise Broken(f"it printed something before it refused: {out.getvalue()[:200]!r}")
        raise Refused(refusal)
    if code == 2:
        return out.getvalue()
    if code not in accepts:
        raise Broken(f"exit code {code}: {err.getvalue()[-300:]!r} {out.getvalue()[-300:]!r}")
    out.getvalue().encode()  # a terminal can show it
    return out.getvalue()


def judge_refusal(message: str, named: str) -> None:
    """Raises Broken if a refusal does not say, in one line of plain words, what is wrong where."""
    line = message.removesuffix("\n")
    problems = (
        ("says nothing", not line.strip()),
        ("is more than one line", len(line.splitlines()) > 1),
        ("is too long", len(line) > _LONGEST_MESSAGE),
        ("cannot be printed", not line.isprintable()),
        ("does not name the file", named not in line),
        ("speaks Python", bool(_PYTHON.search(line))),
    )
    for problem, holds in problems:
        if holds:
            raise Broken(f"the refusal {problem}: {message[:400]!r}")
