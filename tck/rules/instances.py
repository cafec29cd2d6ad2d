"""Rules on instances, judged from one document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.rules.engine import Judgement, rule
from tck.rules.reading import attributes, elements, listed, objects, shown, text

_ADDRESS_TYPES = ("ipv4", "ipv6", "hostname", "mac", "vnc", "unavailable")


def _addresses(x: Exchange) -> Iterator[tuple[str, str | None]]:
    """(place, type) of every address of every instance."""
    for place, instance in elements(x, "instance"):
        for kind in ("public_addresses", "private_addresses"):
            for number, address in enumerate(instance.iterfind(f"{kind}/address"), 1):
                yield f"{place}/{kind}/address[{number}]/@type", address.get("type")
    for place, value in objects(x, "instance"):
        for kind in ("public_addresses", "private_addresses"):
            for number, entry in enumerate(listed(value.get(kind))):
                if isinstance(entry, dict):
                    yield f"{place}.{kind}[{number}].type", entry.get("type")


@rule("DC-INS-003", "DC-INS-004", evidence="document", of=["instance"])
def address_types(x: Exchange) -> Iterator[Judgement]:
    """An address says what it is: the Ruby client crashes otherwise (C19)."""
    for place, type_ in _addresses(x):
        yield Judgement("DC-INS-003", bool(type_), place, "a type such as ipv4", shown(type_))
        if type_:
            expected = "one of " + ", ".join(_ADDRESS_TYPES)
            yield Judgement("DC-INS-004", type_ in _ADDRESS_TYPES, place, expected, shown(type_))


@rule("DC-INS-008", evidence="document", of=["instance"])
def state_in_upper_case(x: Exchange) -> Iterator[Judgement]:
    """Clients compare states as written: RUNNING (C21)."""
    shown_states: list[tuple[str, Any]] = [
        (f"{place}/state", text(instance, "state")) for place, instance in elements(x, "instance")
    ]
    shown_states += [(f"{place}.state", v.get("state")) for place, v in objects(x, "instance")]
    for place, state in shown_states:
        if state:
            right = state == str(state).upper()
            yield Judgement("DC-INS-008", right, place, str(state).upper(), shown(state))


@rule(
    "DC-INS-005",
    "DC-INS-006",
    "DC-INS-007",
    "DC-INS-011",
    "DC-INS-013",
    evidence="document",
    of=["instance"],
)
def references(x: Exchange) -> Iterator[Judgement]:
    """One image, one realm, one profile, each with its id; a list of volumes."""
    parts = {"image": "DC-INS-006", "realm": "DC-INS-007", "hardware_profile": "DC-INS-005"}
    for place, instance in elements(x, "instance"):
        if x.operation and x.operation.name == "run":
            return
        for part, requirement in parts.items():
            found = instance.findall(part)
            got = f"{len(found)} elements {part}"
            yield Judgement("DC-INS-011", len(found) == 1, place, f"one {part}", got)
            for element in found:
                right = bool(element.get("id")) and bool(element.get("href"))
                expected = f"{part} with href and id"
                got = shown(attributes(element))
                yield Judgement(requirement, right, f"{place}/{part}", expected, got)
        yield from _volumes(place, instance)


def _volumes(place: str, instance: etree._Element) -> Iterator[Judgement]:
    holder = instance.find("storage_volumes")
    expected = "storage_volumes, its members with href and id"
    volumes = [] if holder is None else list(holder.iterchildren("storage_volume"))
    whole = holder is not None and all(v.get("id") and v.get("href") for v in volumes)
    got = "none" if holder is None else shown([attributes(v) for v in volumes])
    yield Judgement("DC-INS-013", whole, f"{place}/storage_volumes", expected, got)


@rule("DC-INS-012", evidence="document", of=["instance"])
def addresses_of_running(x: Exchange) -> Iterator[Judgement]:
    """A running instance can be reached: both lists of addresses are there, once.

    The answer to a create is not looked at: addresses may come later (A91).
    """
    if x.request.method != "GET":
        return
    for place, instance in elements(x, "instance"):
        if text(instance, "state") != "RUNNING":
            continue
        for kind in ("public_addresses", "private_addresses"):
            count = len(instance.findall(kind))
            yield Judgement("DC-INS-012", count == 1, place, f"one {kind}", f"{count}")


@rule("DC-INS-015", "DC-INS-016", evidence="document", of=["instance"])
def logins(x: Exchange) -> Iterator[Judgement]:
    """How to log in, and which sizes were overridden."""
    for place, instance in elements(x, "instance"):
        for auth in instance.iterchildren("authentication"):
            logins_ = auth.findall("login")
            right = auth.get("type") in ("key", "password") and all(
                login.find("keyname") is not None
                or (login.find("username") is not None and login.find("password") is not None)
                for login in logins_
            )
            expected = "type key or password; login with keyname, or username and password"
            parts = [[child.tag for child in login] for login in logins_]
            got = f"type {auth.get('type')!r}, logins {parts}"
            yield Judgement("DC-INS-015", right, f"{place}/authentication", expected, shown(got))
        for prop in instance.iterfind("hardware_profile/property"):
            right = prop.get("kind") == "fixed" and bool(prop.get("name") and prop.get("value"))
            expected = "name, kind fixed and value"
            at = f"{place}/hardware_profile/property"
            yield Judgement("DC-INS-016", right, at, expected, shown(attributes(prop)))
