"""Rules on instances, judged from one document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tck.endpoint.exchange import Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, contains, equal, holds, one_of
from tck.rules.reading import elements, listed, objects, tags, text

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
    """An address has a known type: without one the Ruby client crashes (C19)."""
    for place, type_ in _addresses(x):
        yield holds("DC-INS-003", place, "a type such as ipv4", type_, bool(type_))
        if type_:
            yield one_of("DC-INS-004", place, _ADDRESS_TYPES, type_)


@rule("DC-INS-008", evidence="document", of=["instance"])
def state_in_upper_case(x: Exchange) -> Iterator[Judgement]:
    """Instances show states in upper case, as clients compare them: RUNNING (C21)."""
    states: list[tuple[str, Any]] = [
        (f"{place}/state", text(instance, "state")) for place, instance in elements(x, "instance")
    ]
    states += [(f"{place}.state", value.get("state")) for place, value in objects(x, "instance")]
    for place, state in states:
        if state:
            yield equal("DC-INS-008", place, str(state).upper(), state)


@rule(
    *("DC-INS-005", "DC-INS-006", "DC-INS-007", "DC-INS-011", "DC-INS-013", "DC-INS-059"),
    evidence="document",
    of=["instance"],
)
def references(x: Exchange) -> Iterator[Judgement]:
    """An instance has one image, one realm, one profile, each with its id; a list of volumes."""
    if x.operation and x.operation.name == "run":
        return
    parts = {"image": "DC-INS-006", "realm": "DC-INS-007", "hardware_profile": "DC-INS-005"}
    for place, instance in elements(x, "instance"):
        for part, requirement in parts.items():
            references = instance.findall(part)
            yield holds("DC-INS-011", place, f"one {part}", len(references), len(references) == 1)
            for reference in references:
                ok = bool(reference.get("id") and reference.get("href"))
                expected = f"{part} with href and id"
                yield holds(requirement, f"{place}/{part}", expected, reference, ok)
        holder = instance.find("storage_volumes")
        yield contains("DC-INS-059", place, "storage_volumes", tags(instance))
        for volume in () if holder is None else holder.iterfind("storage_volume"):
            ok = bool(volume.get("id") and volume.get("href"))
            at = f"{place}/storage_volumes/storage_volume"
            yield holds("DC-INS-013", at, "a volume with href and id", volume, ok)
    for place, value in objects(x, "instance"):
        yield contains("DC-INS-059", place, "storage_volumes", list(value))


@rule("DC-INS-012", evidence="document", of=["instance"])
def addresses_of_running(x: Exchange) -> Iterator[Judgement]:
    """A running instance has both lists of addresses, each once.

    The answer to a create is not judged: addresses may come later (A91).
    """
    if x.request.method != "GET":
        return
    for place, instance in elements(x, "instance"):
        if text(instance, "state") != "RUNNING":
            continue
        for kind in ("public_addresses", "private_addresses"):
            count = len(instance.findall(kind))
            yield holds("DC-INS-012", place, f"one {kind}", count, count == 1)


@rule("DC-INS-015", "DC-INS-016", evidence="document", of=["instance"])
def logins(x: Exchange) -> Iterator[Judgement]:
    """An instance shows how to log in, and which sizes its launch chose."""
    for place, instance in elements(x, "instance"):
        for authentication in instance.iterchildren("authentication"):
            type_ = authentication.get("type")
            logins = [
                sorted(str(part.tag) for part in login.iterchildren("*"))
                for login in authentication.iterfind("login")
            ]
            complete = all(
                "keyname" in login or {"username", "password"} <= {*login} for login in logins
            )
            expected = "type key or password; login with keyname, or username and password"
            got = {"type": type_, "logins": logins}
            ok = type_ in ("key", "password") and complete
            yield holds("DC-INS-015", f"{place}/authentication", expected, got, ok)
        for prop in instance.iterfind("hardware_profile/property"):
            at, expected = f"{place}/hardware_profile/property", "name, kind fixed and value"
            ok = prop.get("kind") == "fixed" and bool(prop.get("name") and prop.get("value"))
            yield holds("DC-INS-016", at, expected, prop, ok)
