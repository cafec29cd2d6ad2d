"""Repeats what it was sent, the credentials among it, wherever an answer has room for it."""

from __future__ import annotations

import base64
from random import Random
from urllib.parse import quote

from endpoint.spellings import BODIES, BYTES, TEXTS

from ..account import PASSWORD, USER
from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_SPELLINGS = {
    name: TEXTS[name](PASSWORD.encode(), Random(1))
    for name in (*TEXTS,)
    if name not in ("base64 in lines",)  # a line break ends a header field
}
_PAIR = f"{USER}:{PASSWORD}"


def _spelled(call: Call) -> bytes:
    """The password in the next spelling."""
    spellings = [*_SPELLINGS.values(), base64.b64encode(_PAIR.encode())]
    return spellings[call.number % len(spellings)]


def _into_text(call: Call, said: bytes) -> None:
    """Add something to a text of the document."""
    for end in (b"</name>", b"</message>", b"</description>"):
        if end in call.answer.body:
            call.answer.body = call.answer.body.replace(end, said + end, 1)
            return


@behaviour(codes=(1, 5), left="told")
def repeats_in_documents(call: Call) -> None:
    """Names, messages and descriptions end in the password, in another spelling each time."""
    _into_text(call, _spelled(call))


@behaviour("instances.* keys.* realms.*", codes=(1,), checks="keys or realms or documents")
def repeats_whole(call: Call) -> None:
    """Every document ends in the password in all spellings at once, which is not well-formed."""
    if call.asked.operation:
        call.answer.body += b" ".join(_SPELLINGS.values())


@behaviour("realms.*", codes=(1,))
def repeats_in_refusals(call: Call) -> None:
    """Lists are refused with a message that quotes the request with its credentials."""
    sent = b" ".join(f"{n}: {v}".encode("latin-1") for n, v in call.asked.headers.items())
    body = b"<error status='500'><message>%b %b</message></error>" % (sent, _spelled(call))
    call.refuse(500, body=body)


@behaviour(codes=(0, 1, 3))
def repeats_in_fields(call: Call) -> None:
    """Header fields hold the password as name and value, and the Authorization that was sent."""
    told = call.asked.headers.get("authorization", "")
    said = _spelled(call).decode("latin-1")
    call.answer.headers += [("X-Sent", told), ("X-Said", said), ("Server", f"a/{said}")]
    call.answer.headers += [(f"X-{PASSWORD}", "1"), ("Set-Cookie", f"p={PASSWORD}")]


@behaviour(codes=(0, 1, 3))
def repeats_in_reasons(call: Call) -> None:
    """The reason phrase is the password."""
    call.answer.reason = _spelled(call).decode("latin-1")


@behaviour("realms.* images.* hardware_profiles.*", codes=(1,), checks="not blobs")
def repeats_in_ids(call: Call) -> None:
    """Ids and hrefs hold the password, percent-encoded or as it is."""
    said = (PASSWORD, _SPELLINGS["percent in part"].decode(), quote(quote(PASSWORD)))
    call.answer.body = call.answer.body.replace(
        b' id="', b' id="%b' % said[call.number % 3].encode()
    )


@behaviour(codes=(1,), checks="not blobs", finds=("DC-DOC-008",))
def repeats_in_links(call: Call) -> None:
    """Links lead to another origin, with user and password in front of it."""
    there = call.trap.origin.replace("//", f"//{quote(USER)}:{quote(PASSWORD)}@")
    call.answer.replace(call.endpoint.origin, there)


@behaviour("realms.* keys.*", codes=(1, 5), checks="keys or realms", left="told")
def repeats_compressed(call: Call) -> None:
    """Documents with the password in them are compressed, or in UTF-16, though nobody asked."""
    _into_text(call, _spelled(call))
    ways = ("gzip", "zlib", "deflate", "UTF-16", "UTF-16 with mark")
    way = ways[call.number % len(ways)]
    call.answer.body = (BYTES | BODIES)[way](call.answer.body, Random(1))
    if not way.startswith("UTF"):
        call.answer.set("Content-Encoding", way.replace("zlib", "deflate"))


@behaviour("realms.* keys.*", codes=(1,))
def repeats_what_cannot_be_read(call: Call) -> None:
    """Documents have a Content-Encoding that the kit does not know; they hold the password."""
    call.answer.body += PASSWORD.encode()[::-1]
    call.answer.set("Content-Encoding", "br")


@behaviour("realms.* images.index images.show", codes=(1,))
def repeats_in_broken_answers(call: Call) -> None:
    """No status line but the password; chunks whose sizes are the password."""
    if call.number % 2:
        call.send(f"HTTP/1.1 {PASSWORD} {PASSWORD}\r\n\r\n".encode())
    else:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
        call.send(head + _spelled(call) + b"\r\n")
    call.socket.close()


@behaviour("api.show", codes=(3,), report=False, says=("not a Deltacloud entry point",))
def repeats_in_a_title(call: Call) -> None:
    """The entry point is a page whose title is the password."""
    call.refuse(200, body=b"<html><title>%b</title></html>" % _spelled(call))
    call.answer.set("Content-Type", "text/html")


@behaviour(
    "keys.create",
    codes=(-9,),
    checks="keys",
    signals=(("keys.create", 9),),
    left="told",
)
def killed_with_a_secret_in_the_journal(call: Call) -> None:
    """A key that is created is answered with the password as its id; then the run is killed."""
    if call.answer.ok:
        call.answer.body = call.answer.body.replace(b' id="', b' id="' + PASSWORD.encode())
