"""What stood in Authorization, written down so that it can be sent again, and without secrets.

User and password of the run are named, as a shell names them; of Basic, the pair is shown decoded:
`Basic ${DELTACLOUD_TCK_USER}:${DELTACLOUD_TCK_PASSWORD}` for the run's own, the same with
DELTACLOUD_TCK_OTHER_USER and -PASSWORD for its second user's, `Basic tck-nobody:x` for others.
Only who sent a request can write this down: whose a password is that somebody else sent is not
known.
"""

from __future__ import annotations

import base64
import binascii
import re

USER, PASSWORD = "${DELTACLOUD_TCK_USER}", "${DELTACLOUD_TCK_PASSWORD}"
OWN = f"Basic {USER}:{PASSWORD}"
OTHER = "${DELTACLOUD_TCK_OTHER_"
_BASIC = re.compile(r"(basic) +(.*)", re.IGNORECASE | re.DOTALL)


def writable(value: str, user: str, password: str) -> str:
    """The field of a request that the kit itself made; empty if that cannot be told safely.

    `user` and `password`: of the run, empty if it has none.
    """
    basic = _BASIC.fullmatch(value)
    if basic is None:
        return "" if password and password in value else value
    try:
        sent, colon, secret = base64.b64decode(basic[2], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return value if ":" not in basic[2] else ""
    if not colon:
        return value
    before, found, after = secret.partition(password) if password else (secret, "", "")
    if password and (password in after or (password in sent and sent != user)):
        return ""
    shown = f"{before}{PASSWORD}{after}" if found else secret
    return f"{basic[1]} {USER if user and sent == user else sent}:{shown}"


def as_others(text: str) -> str:
    """What `writable` wrote down, where the credentials of the run are its second user's."""
    return text.replace("${DELTACLOUD_TCK_", OTHER)


def pair(text: str) -> tuple[str, str] | None:
    """Scheme, as it was spelled, and `user:password` of what `writable` wrote; None if no pair."""
    scheme, _, rest = text.partition(" ")
    return (scheme, rest) if scheme.lower() == "basic" and ":" in rest else None


def value(text: str, user: str, password: str) -> str:
    """The field that `writable` wrote down, for these credentials of a run."""
    found = pair(text)
    if found is None:
        return text
    filled = found[1].replace(USER, user).replace(PASSWORD, password)
    return f"{found[0]} {base64.b64encode(filled.encode()).decode()}"
