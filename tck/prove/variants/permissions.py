"""Credentials that may only read: every write is refused, whatever it is about.

Nothing may be blamed there, and nothing that needs a write may pass.
"""

from __future__ import annotations

from tck import requirements
from tck.prove.altered import http, requests
from tck.prove.altered.change import Change, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants

_SAFE = ("GET", "HEAD", "OPTIONS")
_WRITING = " ".join(id_ for id_, r in requirements.load().items() if r.write)
variant = Variants()


def _writes(asked: Asked) -> bool:
    return asked.method not in _SAFE


def _as_nobody() -> Change:
    """Take writes for those of nobody, who is asked for credentials."""

    def act(asked: Asked) -> None:
        if _writes(asked):
            asked.set_header("Authorization", None)

    return in_request("* !*", "accepts the credentials for reading only", act)


def _gateway(asked: Asked) -> Answer | None:
    return http.failure(403, "Your role may not write") if _writes(asked) else None


for name, changes, warns in (
    ("may-only-read-401", (_as_nobody(),), ""),
    ("may-only-read-403", (_as_nobody(), http.on_status("!*", 401, 403, _writes)), ""),
    (
        "may-only-read-by-a-gateway",
        (requests.reply("* !*", "refuses whatever is not GET, HEAD or OPTIONS, 403", _gateway),),
        "DC-ERR-008 DC-HTTP-043",
    ),
):
    variant(
        name,
        "RFC 9110 15.5.2, 15.5.4: credentials may be good for some requests only",
        *changes,
        warns=warns,
        lacks=_WRITING,
        seen_at="-",
    )
