"""Declaring clients that are wrong on purpose, or right in an unusual way.

Broken clients are written as functions, whose docstring says what the client does wrong and whose
name is the client's:

    broken = Clients()

    @broken("DC-CLI-019")
    def key_without_name(c: Caller) -> None:
        "Creates a key without a name."  # its docstring
        c.entry()
        c.post("/keys", {})
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tck.audit.disturbances import Layer
from tck.prove.clients.caller import Caller

Script = Callable[[Caller], object]


@dataclass(frozen=True, slots=True)
class ScriptedClient:
    """A client: what it does, and which requirements that violates (none, if it is right).

    `persona` of its server, and the `layer` that disturbs it (a function that makes one);
    `variants`: what is unusual about the server; `elsewhere`: there is a second one, to which the
    first leads. A script that raises stands for a client that fails with exit code 1; one that
    raises SystemExit(-11), for one that is ended by that signal.
    """

    name: str
    text: str
    script: Script
    violates: tuple[str, ...] = ()
    persona: str = "full"
    layer: Callable[[], Layer] | None = None
    elsewhere: bool = False
    variants: tuple[str, ...] = ()


class Clients(list[ScriptedClient]):
    """The clients of one module."""

    def __call__(
        self,
        *violates: str,
        persona: str = "full",
        layer: Callable[[], Layer] | None = None,
        elsewhere: bool = False,
        variants: tuple[str, ...] = (),
    ) -> Callable[[Script], Script]:
        """Add a client that violates these requirements; the arguments of `ScriptedClient`."""

        def add(script: Script) -> Script:
            name = getattr(script, "__name__", "").replace("_", "-")
            text = " ".join((script.__doc__ or "").split()).rstrip(".")
            self.append(
                ScriptedClient(name, text, script, violates, persona, layer, elsewhere, variants)
            )
            return script

        return add
