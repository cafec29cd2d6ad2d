"""Runs that are interrupted or killed, and endpoints that make cleaning up hard."""

from __future__ import annotations

import re
import signal

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_LIFE = "lifecycle or instances"
_KILLED = (-signal.SIGKILL,)


@behaviour("instances.*", checks=_LIFE, codes=(1, 3, 5))
def links_are_missing(call: Call) -> None:
    """Instances offer no action: their links are missing."""
    call.answer.body = re.sub(rb"<actions>.*?</actions>", b"", call.answer.body, flags=re.DOTALL)


@behaviour("instances.*", checks=_LIFE, codes=(1,))
def links_lead_nowhere(call: Call) -> None:
    """The action links of instances lead to paths that are unknown."""
    call.answer.body = re.sub(rb"(<link [^>]*/instances/)", rb"\1no/such/", call.answer.body)


@behaviour("instances.*", checks=_LIFE, codes=(1,))
def links_do_the_opposite(call: Call) -> None:
    """The link `stop` starts, the link `destroy` reboots."""
    for old, new in ((b'/stop"', b'/start"'), (b'rel="destroy"', b'rel="reboot"')):
        call.answer.body = call.answer.body.replace(old, new)


@behaviour("instances.show", checks=_LIFE, codes=(1, 5), left="told", seconds=40)
def instances_cannot_be_shown(call: Call) -> None:
    """GET of an instance always fails with 500; lists and actions work."""
    call.refuse(500)


@behaviour("*.index", checks="lifecycle or keys or storage_volumes", codes=(1, 5), left="told")
def lists_cannot_be_read(call: Call) -> None:
    """No list can be read: all are 500."""
    call.refuse(500)


@behaviour("*.index", checks="keys or storage_volumes or lifecycle", codes=(1,))
def lists_are_empty(call: Call) -> None:
    """All lists of what can be created are empty."""
    if call.asked.collection in ("keys", "storage_volumes", "instances"):
        name = call.asked.collection
        call.answer.body = f"<{name}></{name}>".encode()


@behaviour(
    checks=_LIFE,
    codes=_KILLED,
    signals=(("instances.create", signal.SIGKILL),),
    report=False,
    fresh=True,
)
def killed_after_a_launch(call: Call) -> None:
    """Nothing hostile: the run is killed as soon as a launch is answered."""


@behaviour(
    "*.index *.show",
    checks=_LIFE,
    codes=_KILLED,
    signals=(("instances.create", signal.SIGKILL),),
    report=False,
)
def killed_while_links_are_elsewhere(call: Call) -> None:
    """The run is killed after a launch; all hrefs are at another origin."""
    call.answer.replace(call.endpoint.origin, call.trap.origin)


@behaviour(
    "instances.create",
    checks=_LIFE,
    codes=_KILLED,
    signals=(("instances.create", signal.SIGKILL),),
    report=False,
)
def killed_while_the_answer_is_lost(call: Call) -> None:
    """The run is killed when the answer to a launch is lost."""
    if call.answer.ok:
        call.hang_up()


@behaviour(
    "keys.create",
    checks="keys",
    codes=_KILLED,
    signals=(("keys.create", signal.SIGKILL),),
    report=False,
)
def killed_while_a_create_lies(call: Call) -> None:
    """The run is killed when the create of a key answers with a key that was there before."""
    other = call.account.of_others("keys")
    call.answer = call.account.show(call.asked, f"/keys/{other}")
    call.answer.status = 201


@behaviour(
    checks=_LIFE, codes=(3, 5, 130), signals=(("instances.create", signal.SIGINT),), fresh=True
)
def interrupted(call: Call) -> None:
    """Nothing hostile: Ctrl-C after a launch."""


@behaviour(
    checks=_LIFE, codes=(3, 5, 143), signals=(("instances.create", signal.SIGTERM),), fresh=True
)
def terminated(call: Call) -> None:
    """Nothing hostile: SIGTERM after a launch."""


@behaviour(
    checks=_LIFE,
    codes=(3, 5, 130),
    left="told",
    signals=(("instances.create", signal.SIGINT), ("instances.destroy", signal.SIGINT)),
)
def interrupted_twice(call: Call) -> None:
    """Ctrl-C after a launch, and again during clean-up, at which DELETE takes half a second."""
    if call.asked.operation == "instances.destroy":
        call.answer  # noqa: B018 - it has its effect at once
        call.pause(0.5)


@behaviour(
    "instances.destroy",
    checks=_LIFE,
    codes=(3, 5, 130),
    left="told",
    signals=(("instances.create", signal.SIGINT),),
    seconds=40,
)
def interrupted_while_delete_is_ignored(call: Call) -> None:
    """Ctrl-C after a launch; DELETE is answered 204 and does nothing."""
    call.refuse(204)
