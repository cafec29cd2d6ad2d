"""Credentials: taken, asked for again, repeated, refused in the middle."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

from ..account import PASSWORD, USER
from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_PAIR = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
_REFUSED = ("WWW-Authenticate", 'Basic realm="deltacloud"')


@behaviour(codes=(1, 3, 5), checks="keys or realms or lifecycle", left="told", cleanup=(2,))
def refuses_credentials_later(call: Call) -> None:
    """After 60 requests the credentials are refused (401), also for clean-up."""
    if call.number > 60:
        call.refuse(401, _REFUSED)


@behaviour(codes=(1, 3), checks="keys or realms or lifecycle")
def refuses_credentials_now_and_then(call: Call) -> None:
    """Every seventh request is refused with 401, whatever it is."""
    if call.number > 6 and call.number % 7 == 0:
        call.refuse(401, _REFUSED)


@behaviour(codes=(2,), report=False, says=("refuses user",))
def asks_for_digest(call: Call) -> None:
    """Every request is refused: Digest, Bearer, NTLM and Negotiate are asked for."""
    schemes = ("Digest realm=x, nonce=y, qop=auth", "Bearer", "NTLM", "Negotiate YIIJvwYGKwYBBQUC")
    call.refuse(401, *[("WWW-Authenticate", scheme) for scheme in schemes])


@behaviour(codes=(1, 3), checks="authentication or realms", seconds=30)
def long_challenges(call: Call) -> None:
    """A 401 has a challenge of 50,000 parameters and unclosed quotes."""
    if call.answer.status == 401:
        challenge = "Basic " + ", ".join(f'a{n}="x' for n in range(5_000))
        call.answer.set("WWW-Authenticate", challenge)


@behaviour(checks="keys or realms", codes=(0, 1))
def repeats_authorization(call: Call) -> None:
    """Every answer repeats the field Authorization in its fields and its reason."""
    sent = call.asked.headers.get("authorization", "")
    call.answer.headers += [
        ("X-Echo", sent),
        (f"X-{sent[6:12]}", sent),
        ("Set-Cookie", f"a={sent}"),
    ]
    call.answer.reason = f"OK {sent}"


@behaviour("keys.* realms.*", checks="keys or realms", codes=(1,))
def repeats_the_password(call: Call) -> None:
    """Names and states repeat the password in many spellings: base64, percent, XML, hexadecimal."""
    raw = PASSWORD.encode()
    spelt = [
        *(PASSWORD, _PAIR, _PAIR.rstrip("="), raw.hex(), raw.hex().upper(), quote(PASSWORD)),
        *("".join(f"%{byte:02x}" for byte in raw), "".join(f"&#{byte};" for byte in raw)),
        *("".join(f"&#x{byte:X};" for byte in raw), base64.b64encode(raw * 2).decode()[1:]),
        base64.urlsafe_b64encode(b"x" + raw).decode(),
    ]
    text = " ".join(spelt)
    call.answer.replace("<name>", f"<name>{text}")
    call.answer.replace("<state>", f"<state>{text}")


@behaviour("keys.* realms.*", checks="keys or realms", codes=(0, 1))
def repeats_the_password_in_json(call: Call) -> None:
    """Documents in JSON repeat the password with escapes."""
    if call.answer.ok and "json" in call.answer.get("Content-Type"):
        escaped = "".join(f"\\u{ord(letter):04x}" for letter in PASSWORD)
        more = f'"name":"{escaped} {PASSWORD}","note":{json.dumps(_PAIR)},'
        call.answer.replace("{", "{" + more)


@behaviour("keys.* realms.*", checks="keys or realms", codes=(1, 5), left="told")
def repeats_the_password_compressed(call: Call) -> None:
    """Documents hold the password, and are compressed though nobody asked for it."""
    if call.answer.ok:
        call.answer.body = gzip.compress(f"<x>{PASSWORD} {_PAIR}</x>".encode())
        call.answer.set("Content-Encoding", "gzip")


@behaviour("realms.*", checks="realms", codes=(1, 3))
def repeats_the_request(call: Call) -> None:
    """Lists are answered with the request itself, in a place where no HTTP is any more."""
    call.send(b"HTTP/1.1 200 OK\r\n" + call.asked.raw)
    call.hang_up()


@behaviour("realms.*", checks="realms", codes=(1, 3))
def breaks_off_with_the_password(call: Call) -> None:
    """Lists are answered with a status line that is the password, and then nothing."""
    call.send(f"{PASSWORD} {_PAIR}\r\n".encode())
    call.hang_up()


@behaviour("*.create *.index", checks="keys or buckets", codes=(1, 5), left="told")
def names_with_the_password(call: Call) -> None:
    """What is created has the password in its id and name."""
    call.answer.replace("<name>tck", f"<name>{PASSWORD}tck")
    call.answer.replace('id="tck', f'id="{PASSWORD}tck')
