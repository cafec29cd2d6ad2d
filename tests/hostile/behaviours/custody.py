"""Lies about what was created, and whose it is."""

from __future__ import annotations

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()


@behaviour("keys.create", checks="keys", finds=("DC-DOC-028",))
def key_is_anothers(call: Call) -> None:
    """The create of a key makes nothing, and answers with a key that was there before."""
    other = call.account.of_others("keys")
    answer = call.account.show(call.asked, f"/keys/{other}")
    answer.status = 201
    answer.set("Location", f"{call.endpoint.url}/keys/{other}")
    call.answer = answer
