"""The scenarios in which a client is run: what the server is like, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from tck.audit import disturbances
from tck.audit.disturbances import Layer
from tck.prove.altered.alteration import Alteration
from tck.prove.altered.change import Change
from tck.prove.variants import variants
from tck.reference_server.drivers import registry
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.resources import Image, Key, StorageVolume

MANY = 10_000  # members of a collection
_SCRIPTS = ("Schlüssel", "ключ", "鍵", "مفتاح", "key\u0301", "🔑 1")
PERSONAS = ("ec2", "openstack", "rhevm", "gogrid")
VARIANTS = (
    *("xml-compact", "xml-in-other-order", "xml-in-apostrophes", "xml-in-cdata"),
    *("xml-with-comments", "json-in-other-order", "json-escaped", "charset-in-content-type"),
    *("ids-uuid", "ids-with-points-and-dashes", "list-order-changes", "chunked", "http-1.0"),
    *(
        "lower-case-fields-on-the-wire",
        "no-etags",
        "mounted-deeply",
        "cloud-without-instance-names",
    ),
)
_OPEN = (
    *("extra-elements", "extra-attributes", "extra-json-names", "extra-collection"),
    *("extra-feature", "extra-actions", "extra-header-fields"),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A server for a client: `make` gives it as an alteration, `options` are of `create_app`.

    `layer`: what goes wrong in between; `disturbed` if something does; `may_give_up`: nobody could
    do all of a client's work there; `elsewhere`: a second server, to which the first leads.
    """

    name: str
    text: str
    make: Callable[[str], Alteration]
    layer: Callable[[], Layer] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    may_give_up: bool = False
    elsewhere: bool = False

    @property
    def disturbed(self) -> bool:
        """Whether something goes wrong between client and endpoint."""
        return self.layer is not None or self.elsewhere


def _usual(persona: str) -> Alteration:
    return Alteration(persona, (), persona)


def _changed(*changes: Change) -> Callable[[str], Alteration]:
    return lambda persona: Alteration(persona, changes, persona)


def _of_variants(*names: str) -> Callable[[str], Alteration]:
    def make(persona: str) -> Alteration:
        chosen = [variants()[name] for name in names]
        changes = tuple(change for variant in chosen for change in variant.changes)
        options = {name: value for variant in chosen for name, value in variant.options.items()}
        return Alteration(names[0], changes, persona, options, base=chosen[0].base)

    return make


def _hold_many(driver: Any) -> None:
    with driver.store.transaction() as tx:
        [first, *_] = tx.all(InstanceRecord)
        image, volume = (next(iter(tx.all(kind))) for kind in (Image, StorageVolume))
        for number in range(MANY):
            tx.put(replace(first, id=f"many-{number}"))
            tx.put(replace(image, id=f"image-{number}"))
            tx.put(replace(volume, id=f"volume-{number}"))
            tx.put(Key(f"key-{number}", fingerprint="5e:ce:b6"))


def _hold_names(driver: Any) -> None:
    with driver.store.transaction() as tx:
        image, volume = (next(iter(tx.all(kind))) for kind in (Image, StorageVolume))
        for number, name in enumerate(_SCRIPTS):
            tx.put(replace(image, id=f"image-{number}", name=name, description=f"{name} <&>"))
            tx.put(replace(volume, id=f"volume-{number}", name=name))
            tx.put(Key(name, fingerprint="5e:ce:b6"))


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by name; those of `everything` come first."""
    disturbed: Iterable[tuple[str, str, Callable[[], Layer], bool]] = (
        ("busy", "every fourth request is answered 503 with Retry-After: 1",
         partial(disturbances.busy, 1, 4), False),
        ("dropped-connection", "a connection breaks before the answer to a read",
         disturbances.dropped, False),
        ("lost-create", "the first create is done, and its answer lost",
         disturbances.lost_create, False),
        ("refused-action", "the first action is refused with 405",
         disturbances.refused_action, False),
        ("redirected-actions", "actions are done and answered with 303",
         disturbances.redirecting, False),
        ("expired-credentials", "the credentials are refused after four requests",
         disturbances.expired, True),
    )  # fmt: skip
    found = [
        Scenario("plain", "nothing is unusual", _usual),
        Scenario("slow-states", "PENDING and STOPPING last for two seconds", _usual,
                 options={"transition_time": 2.0}),
        *(Scenario(name, text, _usual, layer, may_give_up=gives_up)
          for name, text, layer, gives_up in disturbed),
        Scenario("led-away", "realms have moved to another origin", _usual, may_give_up=True,
                 elsewhere=True),
        Scenario("ten-thousand-members", f"collections have {MANY:,} members",
                 _changed(Change("has many members", driver=_hold_many))),
        Scenario("unicode-names", "names are in many scripts",
                 _changed(Change("has names in many scripts", driver=_hold_names))),
        Scenario("absent-collections", "the persona rimuhosting, which has few collections",
                 lambda _: _usual("rimuhosting"), may_give_up=True),
        Scenario("open-content", "elements, attributes, members and collections nobody knows",
                 _of_variants(*_OPEN)),
    ]  # fmt: skip
    found += [
        Scenario(f"persona-{name}", f"behaves like {name}", _persona(name), may_give_up=True)
        for name in sorted(registry.personas(), key=lambda name: name not in PERSONAS)
    ]
    known = [*VARIANTS, *(name for name in variants() if name not in VARIANTS)]
    found += [
        Scenario(f"variant-{name}", variants()[name].text, _variant(name),
                 may_give_up=name not in VARIANTS)
        for name in known if not name.startswith("persona-")
    ]  # fmt: skip
    return {scenario.name: scenario for scenario in found}


def _persona(name: str) -> Callable[[str], Alteration]:
    return lambda _: _usual(name)


def _variant(name: str) -> Callable[[str], Alteration]:
    return lambda _: variants()[name]


def everything() -> list[str]:
    """Names of the scenarios that `all` means."""
    chosen = {f"persona-{name}" for name in PERSONAS} | {f"variant-{name}" for name in VARIANTS}
    return [
        name
        for name in scenarios()
        if name in chosen or not name.startswith(("persona-", "variant-"))
    ]
