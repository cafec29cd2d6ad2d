"""Lies about what was created, whose it is, and whether it is there."""

from __future__ import annotations

import re
from typing import Any

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

# What others create, by collection: parameters of the request.
_FORMS: dict[str, dict[str, str]] = {
    "instances": {"image_id": "img1", "name": "payroll"},
    "storage_volumes": {"capacity": "1"},
    "addresses": {},
    "keys": {"name": "payroll"},
    "buckets": {"name": "payroll"},
}


def _others(call: Call, collection: str, **form: str) -> str:
    return call.account.others_create(collection, **{**_FORMS[collection], **form})


def _point_at(call: Call, collection: str, id_: str) -> None:
    """Answer 201 with a resource that exists, and do nothing."""
    path = f"/{collection}/{id_}"
    call.answer = call.account.show(call.asked, path)
    call.answer.status = 201
    call.answer.set("Location", call.endpoint.url + path)


def _existing(collection: str, checks: str, **options: Any) -> None:
    title = collection.replace("_", "-")

    @behaviour(
        f"{collection}.create",
        name=f"create-makes-nothing-{title}",
        checks=checks,
        finds=("DC-DOC-028",),
        **options,
    )
    def existing(call: Call) -> None:
        """The create makes nothing, and answers with what somebody else had there before."""
        _point_at(call, collection, call.account.of_others(collection))


_existing("instances", "lifecycle or instances")
_existing("keys", "keys")
_existing("storage_volumes", "storage_volumes")
_existing("storage_snapshots", "storage_snapshots")
_existing("buckets", "buckets or blobs")
_existing("firewalls", "firewalls")
_existing("addresses", "addresses")
_existing("load_balancers", "load_balancers")
_existing("images", "images")
_existing("networks", "networks")


@behaviour("keys.create", checks="keys", finds=("DC-DOC-028",))
def makes_and_answers_with_anothers(call: Call) -> None:
    """The create of a key makes it, and answers with one that was there before."""
    if call.answer.ok:
        _point_at(call, "keys", call.account.of_others("keys"))


@behaviour("instances.create", checks="lifecycle or instances", codes=(1,))
def href_is_anothers(call: Call) -> None:
    """A launched instance has its own id, but the href of somebody else's."""
    if call.answer.ok:
        own = re.search(rb'<instance [^>]*id=["\']([^"\']+)', call.answer.body)
        other = call.account.of_others("instances")
        if own:
            call.answer.body = call.answer.body.replace(
                b"/instances/" + own[1], b"/instances/" + other.encode()
            )


@behaviour("storage_volumes.create", checks="storage_volumes", codes=(5,), left="told")
def location_is_anothers(call: Call) -> None:
    """The Location of a created volume is that of somebody else's, and there is no document."""
    if call.answer.ok:
        other = call.account.of_others("storage_volumes")
        call.answer.set("Location", f"{call.endpoint.url}/storage_volumes/{other}")
        call.answer.body = b""


@behaviour("instances.*", checks="lifecycle or instances", codes=(1,))
def action_links_lead_to_anothers(call: Call) -> None:
    """The action links of each instance of the run lead to an instance of somebody else."""
    other = call.account.of_others("instances")

    def astray(link: re.Match[bytes]) -> bytes:
        foreign = ("instances", link[2].decode()) in call.account.foreign
        return link[0] if foreign else link[1] + other.encode() + link[3]

    pattern = rb'(<link [^>]*/instances/)([^/"]+)([^>]*>)'
    call.answer.body = re.sub(pattern, astray, call.answer.body)


@behaviour("instances.create", checks="lifecycle or instances", codes=(1, 5), left="told")
def launches_twins(call: Call) -> None:
    """Each launch makes two instances of the same name, and answers with the second."""
    if call.answer.ok:
        call.answer = call.account.answer(call.asked)


@behaviour("instances.create", checks="lifecycle or instances", codes=(0,))
def copycats(call: Call) -> None:
    """Somebody else gives instances the run's name, in capitals or longer, after each launch."""
    if call.answer.ok and (name := call.asked.form.get("name")):
        for copied in (name.upper(), f"{name}x", f"x{name}"):
            _others(call, "instances", name=copied)


@behaviour("storage_volumes.create", checks="storage_volumes", codes=(1, 5), left="told")
def race(call: Call) -> None:
    """The answer to the create of a volume with a name is one that others created meanwhile."""
    if call.answer.ok and "name" in call.asked.form:
        _point_at(call, "storage_volumes", _others(call, "storage_volumes", name="payroll"))


@behaviour("addresses.create", checks="addresses", codes=(1, 3, 5), left="told")
def fails_while_anothers_appears(call: Call) -> None:
    """The create of an address fails with 500, and somebody else gets one at that moment."""
    _others(call, "addresses")
    call.refuse(500)


@behaviour("addresses.destroy", checks="addresses", codes=(5,))
def released_address_goes_to_another(call: Call) -> None:
    """As soon as an address is released, somebody else gets the same one."""
    if call.answer.ok:
        _others(call, "addresses")


@behaviour("keys.create instances.create", checks="keys or lifecycle", codes=(1,))
def answer_is_lost(call: Call) -> None:
    """Keys and instances are created, but the connection breaks before the answer."""
    if call.answer.ok:
        call.reset()


@behaviour("storage_volumes.create", checks="storage_volumes", codes=(1, 3, 5), left="told")
def answer_is_lost_and_copied(call: Call) -> None:
    """A volume is created, the connection breaks, and somebody else gives one the same name."""
    if call.answer.ok:
        if name := call.asked.form.get("name"):
            _others(call, "storage_volumes", name=name)
        call.reset()


@behaviour("keys.create buckets.create", checks="keys or buckets", codes=(1,))
def fails_after_the_deed(call: Call) -> None:
    """Keys and buckets are created, but the answer is 500."""
    if call.answer.ok:
        call.refuse(500)


@behaviour("keys.create", checks="keys", codes=(1, 5), left="told")
def document_of_another_kind(call: Call) -> None:
    """The create of a key answers with an instance of somebody else, in the place of the key."""
    if call.answer.ok:
        _point_at(call, "instances", call.account.of_others("instances"))


def _own(call: Call, collection: str) -> bool:
    """Whether the request is about a resource of the run."""
    id_ = call.asked.path.split("/")[2:3]
    return bool(id_) and (collection, id_[0]) not in call.account.foreign


@behaviour("instances.*", checks="lifecycle or instances", codes=(1, 5), left="told")
def created_things_hide(call: Call) -> None:
    """Instances of the run are neither listed nor shown (404), though they run."""
    if call.asked.method == "GET" and _own(call, "instances"):
        call.refuse(404)
    elif call.asked.operation == "instances.index" and call.answer.ok:
        call.answer.body = re.sub(
            rb"<instance [^>]*>(?:(?!</instance>).)*<name>tck.*?</instance>",
            b"",
            call.answer.body,
            flags=re.DOTALL,
        )


@behaviour(
    "instances.show instances.index", checks="lifecycle or instances", codes=(1, 5), left="told"
)
def names_in_capitals(call: Call) -> None:
    """Instances show their names in capitals."""
    call.answer.body = re.sub(
        rb"<name>(tck\w+)", lambda name: b"<name>" + name[1].upper(), call.answer.body
    )


@behaviour(
    "instances.show instances.index", checks="lifecycle or instances", codes=(1, 5), left="told"
)
def names_are_lost(call: Call) -> None:
    """Instances show no names."""
    call.answer.body = re.sub(rb"<name>tck\w+", b"<name>", call.answer.body)


@behaviour("keys.create", checks="keys", codes=(1, 5), left="told")
def id_climbs(call: Call) -> None:
    """A created key has an id that leads to an instance of somebody else: ../instances/inst1."""
    _rename(call, "../instances/" + call.account.of_others("instances"))


@behaviour("keys.create", checks="keys", codes=(1, 5), left="told")
def id_is_dots(call: Call) -> None:
    """A created key has the id `..`, and with it the collection's parent as its address."""
    _rename(call, "..")


@behaviour("keys.create", checks="keys", codes=(1, 5), left="told")
def id_breaks_lines(call: Call) -> None:
    """A created key has an id with line ends and header fields in it."""
    _rename(call, "x&#13;&#10;Host: elsewhere&#13;&#10;&#13;&#10;DELETE /api/instances/inst1")


@behaviour(
    "keys.create", checks="keys", codes=(0,), says=(r"Not judged: keys.create: .*limit attribute",)
)
def id_is_a_megabyte(call: Call) -> None:
    """A created key has an id of a million letters."""
    _rename(call, "k" * 1_000_000)


@behaviour("keys.create", checks="keys", codes=(1, 5), left="told")
def id_with_terminal_codes(call: Call) -> None:
    """A created key has an id that would clear a terminal and write over it."""
    _rename(call, "&#x9b;2J&#x202e;conformant")


def _rename(call: Call, id_: str) -> None:
    if call.answer.ok:
        call.answer.body = re.sub(
            rb'\bid="[^"]*"', f'id="{id_}"'.encode(), call.answer.body, count=1
        )
