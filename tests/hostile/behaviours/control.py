"""No hostility at all: what the suite says of a right endpoint shows what it can see."""

from __future__ import annotations

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()


@behaviour(
    codes=(0,),
    says=("Verdict: conformant",),
    seconds=60,
    options=("--max-seconds", "60"),
    fresh=True,
)
def right(call: Call) -> None:
    """Nothing hostile: the reference server as it is."""
