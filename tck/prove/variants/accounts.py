"""Other ways to keep accounts apart, and servers that know one account only."""

from __future__ import annotations

from tck import requirements
from tck.prove.altered import drivers, http
from tck.prove.altered.change import in_document
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants

_ALL = " ".join(id_ for id_, r in requirements.load().items() if r.two_accounts)

variant = Variants()


def _by_other(asked: Asked) -> bool:
    return asked.by_other


variant(
    "other-account-403",
    "RFC 9110 15.5.4: 403 says that these credentials do not suffice",
    http.on_status("!*", 404, 403, _by_other),
)
variant("keys-must-exist", "stance 61", drivers.require_keys())
variant(
    "images-are-shared",
    "DC-ACC-010: the API does not show what is shared",
    drivers.as_owner("images.*", "shows all images to all users", "images", "image"),
    warns="DC-ACC-010 DC-ACC-021",
)
variant(
    "one-account",
    "an endpoint may have one account only",
    text="knows one user",
    lacks=_ALL,
    other=None,
)


def _as_done(asked: Asked, answer: Answer) -> None:
    if asked.by_other and asked.method == "DELETE" and answer.status == 404:
        answer.replace(204)


variant(
    "other-account-204",
    "stance 15: DELETE of what is unknown may be answered with 204",
    in_document("!*.destroy", "answers 204 to a DELETE of what another account has", _as_done),
)
