"""Servers without one ability, on which nothing about it may pass; and servers that refuse one.

An ability is an operation that only some drivers have (those that share a capability together), a
feature, a collection, an action link or a format. A deprived server does not declare it, shows no
link to it, and refuses it as an honest server does. What must not pass there follows from the
catalogue: the requirements whose `when` names the ability, by its operation, by its feature, by a
collection that it needs, or by its format.

A refusing server declares an operation, links to it, and always answers 412, 405 or 501: it must
not be blamed for that, and reports say that it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from tck import requirements
from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants
from tck.reference_server.drivers import registry
from tck.reference_server.drivers.machine import StateMachine
from tck.reference_server.drivers.shape import Shape
from tck.requirements import Requirement
from tck.rules.links import RELS
from tck.schemas.operations import API, Operation

# Of networks and subnets alike.
_SEVERAL = ("DC-NET-012",)
REFUSALS = (412, 405, 501)
_FULL = registry.shape("full")
# What a collection that is listed must have: its list, and its members alone.
_READING = {o.capability for o in API.operations.values() if o.name in ("index", "show", "content")}

variant = Variants()


@dataclass(frozen=True, eq=False)
class _Refusing(Shape):
    """A shape that declares and links an operation, and refuses it."""

    refused: str = ""

    def offers(self, operation: Operation) -> bool:
        return operation.id != self.refused and super().offers(operation)


def _refuse(operation: str, status: int) -> tuple[Change, ...]:
    """Refuse an operation with a status, whatever is declared."""

    def take(driver: Any) -> None:
        old = driver.shape
        given = {field.name: getattr(old, field.name) for field in fields(Shape)}
        driver.shape = _Refusing(**given, refused=operation)

    where = f"{operation} !{operation}"
    change = Change(f"refuses {operation} with {status}", where, driver=take)
    return (change, http.on_status(f"!{operation}", 412, status))


def abilities() -> Iterator[tuple[str, list[Operation]]]:
    """(capability, operations that need it) of what a driver may or may not be able to do."""
    groups: dict[str, list[Operation]] = {}
    for op in API.operations.values():
        if op.capability and op.capability not in _READING:
            groups.setdefault(op.capability, []).append(op)
    return iter(groups.items())


def _about(concerns: Callable[[Requirement], bool]) -> str:
    return " ".join(
        id_ for id_, r in requirements.load().items() if concerns(r) and id_ not in _SEVERAL
    )


def _about_feature(name: str) -> str:
    return _about(lambda r: r.feature == name)


def _about_collections(names: set[str]) -> str:
    return _about(lambda r: not names.isdisjoint(_collections(r)))


def _shaped(where: str, text: str, **parts: Any) -> Change:
    return drivers.shaped(where, text, lambda _: parts)


def _about_operations(operations: Iterable[str]) -> str:
    named = set(operations)
    return _about(lambda r: r.operation in named)


def _collections(r: Requirement) -> set[str]:
    """The collections that a requirement needs."""
    names = (r.collection, r.operation, r.feature)
    return {name.partition(".")[0] for name in names if name}


# ---------------------------------------------------------------- operations

for capability, operations in abilities():
    ids = [op.id for op in operations]
    variant(
        f"without-operation-{ids[0]}",
        "stance 9",
        _shaped(
            " ".join(ids),
            f"cannot do {', '.join(ids)}",
            capabilities=_FULL.capabilities - {capability},
        ),
        lacks=_about_operations(ids),
        seen_at=" ".join(ids),
    )
    for op in operations:
        for refusal in REFUSALS:
            variant(
                f"refuses-{op.id}-{refusal}",
                "stance 9: an endpoint may be unable to do what its links offer",
                *_refuse(op.id, refusal),
                seen_at=op.id,
            )

# ---------------------------------------------------------------- features and collections

for feature, _ in _FULL.features:
    announced = tuple(f for f in _FULL.features if f[0] is not feature)
    name = f"{feature.collection}.{feature.name}"
    variant(
        f"without-feature-{name}",
        "A25: features are announced",
        _shaped("api.show", f"has no feature {name}", features=announced),
        lacks=_about_feature(name),
        seen_at="-",
    )

for collection in _FULL.collections:
    if collection == "drivers":  # the server's own: no driver lacks them
        continue
    parts = {collection, *(c.name for c in API.collections.values() if c.parent == collection)}
    kept = frozenset(
        op.capability
        for op in API.operations.values()
        if op.capability in _FULL.capabilities and op.collection not in parts
    )
    variant(
        f"without-collection-{collection}",
        "A24: an endpoint lists the collections that it has",
        _shaped(f"{collection}.*", f"has no {collection}", capabilities=kept),
        lacks=_about_collections(parts),
        warns="DC-IMG-004" if collection == "hardware_profiles" else "",
        seen_at=" ".join(f"{part}.*" for part in parts),
    )

# ---------------------------------------------------------------- links


def _machine_without(action: str) -> Change:
    def shape(old: Shape) -> dict[str, Any]:
        assert old.machine is not None
        states = {
            state: tuple(t for t in leaving if t.action != action)
            for state, leaving in old.machine.states.items()
        }
        return {"machine": StateMachine(states)}

    return drivers.shaped("instances.*", f"has no {action} in its machine", shape)


def _drop_links(collection: str, rel: str) -> Iterator[Change]:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: [a for a in inner if not (isinstance(a, dict) and a.get("rel") == rel)]
                if key == "actions" and isinstance(inner, list)
                else without(inner)
                for key, inner in value.items()
            }
        return [without(inner) for inner in value] if isinstance(value, list) else value

    where = f"{collection}.*"
    yield xml.drop(where, f"//actions/link[@rel='{rel}']")
    yield json.edit(where, f"shows no link {rel} at {where}", without)


for singular, rels in RELS.items():
    plural = next(c.name for c in API.collections.values() if c.singular == singular)
    for leads_to in dict.fromkeys(rels.values()):
        if leads_to == "instances.create":  # of images: DC-IMG-003 demands it
            continue
        own = leads_to.partition(".")[0] == plural
        shown_by = "firewalls" if singular == "rule" else plural
        names = [rel for rel, operation in rels.items() if operation == leads_to]
        if singular == "instance" and names[0] in ("reboot", "start", "stop", "destroy"):
            changes = [_machine_without(names[0])]
        else:
            dropped = [change for rel in names for change in _drop_links(shown_by, rel)]
            changes = [*dropped, *_refuse(leads_to, 405)]
        variant(
            f"without-link-{singular}-{'-'.join(names)}",
            "stance 13: what an object does not offer may be refused",
            *changes,
            lacks=_about_operations([leads_to]) if own else "",
            warns="DC-LNK-007",
            seen_at=leads_to,
        )

# ---------------------------------------------------------------- formats


def _no_page() -> Answer:
    fields = [("Content-Type", "text/plain"), ("X-Deltacloud-Driver", "full")]
    return Answer(404, fields, b"there is no documentation")


def _speak_no(format_: str) -> Change:
    """Take a format out of Accept, and out of the parameter `format`, as if it were unknown."""

    def forget(asked: Asked) -> None:
        if (accept := asked.header("Accept")) is not None:
            asked.set_header("Accept", re.sub(rf"\bx?{format_}\b", "x-unknown", accept, flags=re.I))
        if asked.query.get("format") == format_:
            asked.query = asked.query | {"format": "unknown"}

    return in_request("*", f"knows no {format_.upper()}", forget)


variant(
    "without-format-html",
    "stance 3: HTML is a format that an endpoint may offer",
    _speak_no("html"),
    requests.reply("api.docs*", "has no documentation", lambda _: _no_page()),
    lacks=_about(lambda r: r.format == "html"),
    warns="DC-ERR-008",
    seen_at="api.*",
)
variant(
    "without-format-json",
    "none: JSON is demanded. Anything may be blamed, but nothing about documents in JSON may pass",
    _speak_no("json"),
    lacks=_about(lambda r: r.format == "json"),
    warns=_about(lambda r: r.level != "MUST"),
    deviates=_about(lambda r: r.level == "MUST"),
    seen_at="-",
)
