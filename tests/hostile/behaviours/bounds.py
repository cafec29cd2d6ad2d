"""Answers that are as large as the kit takes in, everywhere; and large ones that are right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tck.schemas.operations import API

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_BODY = 4 << 20  # bytes: the limits of docs/limits.md
_RECEIVED = 64 << 20
_HEADERS = 64 << 10
_LISTS = "keys.index instances.index images.index buckets.index storage_volumes.index"
_ANY = {"codes": (1, 3), "seconds": 40}
_RIGHT = {"codes": (0, 3), "checks": "images"}


def _is(call: Call, kind: str) -> bool:
    return call.answer.ok and kind in call.answer.get("Content-Type")


def _fill(call: Call, member: str, size: int) -> None:
    """Put a member into an XML document, until that has so many bytes."""
    if _is(call, "xml"):
        body, end = call.answer.body, call.answer.body.rindex(b"</")
        many = max(0, size - len(body)) // len(member)
        call.answer.body = body[:end] + member.encode() * many + body[end:]


@behaviour(_LISTS, **_ANY)
def full_lists(call: Call) -> None:
    """Lists have as many members without anything as are still judged."""
    singular = API.collections[call.asked.collection].singular
    _fill(call, f"<{singular}></{singular}>", 95_000 * (2 * len(singular) + 5))


@behaviour(_LISTS, **_ANY)
def full_lists_of_wrong_links(call: Call) -> None:
    """Lists are 4 MB of elements, each with an id and an href that are wrong."""
    element = "<key id=' a' href='http://elsewhere/x y'>" + "n" * 40 + "</key>"
    _fill(call, element, _BODY - 1000)


@behaviour(_LISTS, **_ANY)
def full_lists_of_different_members(call: Call) -> None:
    """Lists have 40,000 members, each with an id of its own, others each time."""
    if _is(call, "xml"):
        singular = API.collections[call.asked.collection].singular
        members = (f"<{singular} id='{call.number}-{n}'/>" for n in range(40_000))
        end = call.answer.body.rindex(b"</")
        call.answer.body = call.answer.body[:end] + "".join(members).encode() + b"</x>"
        call.answer.body = call.answer.body.replace(b"</x>", f"</{call.asked.collection}>".encode())


@behaviour("*.index", checks="documents", finds=("DC-DOC-007",))
def full_lists_of_objects(call: Call) -> None:
    """Lists in JSON have as many objects as are still judged, and every one is wrong."""
    if _is(call, "json") and call.asked.collection in API.top_level:
        objects = ",".join(['{"id":" ","href":"x y"}'] * 28_000)
        name = API.collections[call.asked.collection].document
        call.answer.body = f'{{"{name}":[{objects}]}}'.encode()


@behaviour("*", codes=(1, 3, 5), seconds=40, left="told")
def full_text_everywhere(call: Call) -> None:
    """Every document is 4 MB, for it begins with a name that is one long word."""
    for kind in ("xml", "json"):
        if _is(call, kind) and call.asked.path:
            size = _BODY - len(call.answer.body) - 1000
            word = b"<name>" if kind == "xml" else b'"name":"'
            call.answer.body = call.answer.body.replace(word, word + b"w" * size, 1)


@behaviour("*", **_ANY)
def full_attributes_everywhere(call: Call) -> None:
    """Every id and every href is as long as an attribute may be, 500 times in each list."""
    if _is(call, "xml") and call.asked.path:
        long = "a" * 8000
        _fill(call, f"<key id='{long}'/>", _BODY - 1000)


@behaviour("*", **_ANY)
def full_heads_everywhere(call: Call) -> None:
    """Every answer has fields of nearly 64 KiB in sum."""
    used = len(call.answer.head())
    call.answer.headers += [(f"X-{n}", "x" * 1000) for n in range((_HEADERS - used) // 1010)]


@behaviour("*", **_ANY)
def full_refusals_everywhere(call: Call) -> None:
    """Every refusal is an error document of 4 MB."""
    if call.answer.status >= 400:
        text = "e" * (_BODY - 1000)
        call.answer.body = f"<error><message>{text}</message></error>".encode()


@behaviour(_LISTS, **_ANY)
def as_much_as_is_read(call: Call) -> None:
    """Lists are followed by blanks, 64 MiB in all."""
    if call.answer.ok and call.asked.method == "GET":
        body = call.answer.body
        call.send(call.answer.head(length=_RECEIVED) + body)
        for _ in range((_RECEIVED - len(body)) // (1 << 20)):
            call.send(b" " * (1 << 20))
        call.send(b" " * ((_RECEIVED - len(body)) % (1 << 20)))


@behaviour("instances.show", checks="lifecycle or instances", transition=5, **_ANY)
def full_documents_while_waiting(call: Call) -> None:
    """An instance stays PENDING, and its document has 4 MB each time it is looked at."""
    if _is(call, "xml"):
        call.answer.body = re.sub(rb"<state>\w+", b"<state>PENDING", call.answer.body)
        _fill(call, "<x y='z'>" + "n" * 60 + "</x>", _BODY - 1000)


_ASKED = {6: "1000000000", 8: "-1", 10: "²", 12: "Fri, 31 Dec 99999 23:59:59 GMT", 14: "9" * 5000}


@behaviour("*", codes=(0, 1, 3), checks="keys or realms", seconds=60)
def absurd_times_to_retry(call: Call) -> None:
    """Some requests are answered 503, with a Retry-After of years, below zero, or beyond dates."""
    if call.number in _ASKED:
        call.refuse(503, ("Retry-After", _ASKED[call.number]))


@behaviour("blobs.*", checks="blobs", codes=(1, 3), seconds=40)
def blanks_before_the_status_line(call: Call) -> None:
    """Instead of an answer to an upload, blanks come for ever."""
    if call.asked.method == "PUT":
        call.send_for_ever(b" ", 0.05)


# ---------------------------------------------------------------- large, and right


def _multiply(call: Call, copies: int) -> None:
    """Let there be so many copies of each image, each of which is shown as it is listed."""
    if found := re.search(r"[?&]id=(img\d)-\d+$", call.asked.target):
        call.answer = call.account.show(call.asked, f"/images?id={found[1]}")
        call.answer.replace(found[1], found[0].partition("=")[2])
    if re.search("[?&]id=", call.asked.target):
        return
    original, dash, copy = call.asked.path.rpartition("/")[2].partition("-")
    if dash and copy.isdigit() and int(copy) < copies and call.asked.method == "GET":
        call.answer = call.account.show(call.asked, f"/images/{original}")
        call.answer.replace(original, f"{original}-{copy}")
    elif call.asked.operation == "images.index" and _is(call, "xml"):
        call.answer.body = re.sub(
            rb"<image .*?</image>", _copies(copies), call.answer.body, flags=re.S
        )
    elif call.asked.operation == "images.index" and _is(call, "json"):
        images = json.loads(call.answer.body)["images"]
        shown = [json.dumps(image).encode() for image in images]
        many = b",".join(re.sub(b"(?s)^.*$", _copies(copies, b","), one) for one in shown)
        call.answer.body = b'{"images": [' + many + b"]}"


def _copies(count: int, comma: bytes = b"") -> Callable[[re.Match[bytes]], bytes]:
    def made(found: re.Match[bytes]) -> bytes:
        one = found[0]
        id_ = re.findall(rb"/images/([^\"]+)\"", one)[0]
        return comma.join([one, *(one.replace(id_, b"%b-%d" % (id_, n)) for n in range(count))])

    return made


@behaviour("images.*", **_RIGHT, seconds=60, options=("--max-seconds", "25"))
def a_thousand_images(call: Call) -> None:
    """There are a thousand images, and nothing is wrong with them."""
    _multiply(call, 333)


@behaviour("images.*", **_RIGHT)
def ten_thousand_images(call: Call) -> None:
    """There are more images than the kit takes in, and nothing is wrong with them."""
    _multiply(call, 3_333)
