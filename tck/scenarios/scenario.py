"""The scenarios in which a client is run: what the server is like, and what goes wrong.

All that happens in them may happen at a right endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache, partial
from typing import Any

from tck.audit import disturbances
from tck.audit.disturbances import Layer
from tck.endpoint.exchange import Exchange
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
    *("xml-with-comments", "xml-in-utf-16", "json-in-other-order", "json-escaped"),
    *("charset-in-content-type", "ids-uuid", "ids-with-points-and-dashes", "ids-with-slashes"),
    *("ids-in-other-scripts", "list-order-changes", "chunked", "http-1.0"),
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


Met = Callable[[Exchange], bool]


# ---------------------------------------------------------------- what an exchange shows


def _answered(x: Exchange) -> bool:
    return x.response is not None


def _status(status: int, x: Exchange) -> bool:
    return x.response is not None and x.status == status


def _unanswered(method: str, x: Exchange) -> bool:
    return x.response is None and not x.disturbance and x.method == method


def _acted(x: Exchange) -> bool:
    return x.ok and x.operation is not None and x.operation.collection == "instances" and (
        x.operation.writes
    )  # fmt: skip


def _listed(x: Exchange) -> bool:
    return x.ok and x.operation is not None and x.operation.name == "index" and (
        x.operation.collection in ("images", "instances", "keys", "storage_volumes")
    )  # fmt: skip


def _foreign(x: Exchange) -> bool:
    return x.ok and (not x.body.isascii() or b"\\u" in x.body)


def _differs(changes: Sequence[Change], format_: str = "") -> Met:
    """Whether an answer is one that the changes are about, in a format."""
    patterns = [pattern for change in changes for pattern in change.where.split()] or ["*"]

    def met(x: Exchange) -> bool:
        operation = x.operation.id if x.operation else ""
        return (
            x.response is not None
            and format_ in x.headers.get("Content-Type")
            and any(
                x.ok != pattern.startswith("!") and fnmatchcase(operation, pattern.lstrip("!"))
                for pattern in patterns
            )
        )

    return met


# ---------------------------------------------------------------- the scenarios


@dataclass(frozen=True, slots=True)
class Scenario:
    """A server for a client: `make` gives it as an alteration, `options` are of `create_app`.

    `text`: what the server does, `right`: what a right client does. `layer`: what goes wrong in
    between; `disturbed` if something does; `may_give_up`: nobody could do all of a client's work
    there, or it is right not to; `elsewhere`: a second server, to which the first leads. `met`:
    whether an exchange shows that the client came to what is unusual; if none does, `unmet` says
    what it did not do.
    """

    name: str
    text: str
    right: str
    make: Callable[[str], Alteration]
    layer: Callable[[], Layer] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    may_give_up: bool = False
    elsewhere: bool = False
    met: Met = _answered
    unmet: str = "it was answered nothing"

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


def _disturbed() -> Iterator[Scenario]:
    yield Scenario(
        "slow-states", "PENDING and STOPPING last for two seconds",
        "looks again, at most twice a second, until the state is another", _usual,
        options={"transition_time": 2.0}, met=_acted, unmet="it did nothing with instances",
    )  # fmt: skip
    yield Scenario(
        "busy", "the first request, and every fifth after it, is answered 503 with Retry-After: 1",
        "waits as long before it asks again", _usual, partial(disturbances.busy, 1, 5, 0),
        met=partial(_status, 503),
    )  # fmt: skip
    yield Scenario(
        "dropped-connection", "a connection breaks before the answer to a read",
        "reads again", _usual, disturbances.dropped,
        met=partial(_unanswered, "GET"), unmet="it read nothing below the entry point",
    )  # fmt: skip
    yield Scenario(
        "lost-create", "the first create is done, and its answer lost",
        "looks whether it was done before it creates again, or gives up", _usual,
        disturbances.lost_create, may_give_up=True,
        met=partial(_unanswered, "POST"), unmet="it created nothing",
    )  # fmt: skip
    yield Scenario(
        "refused-action", "the first action is refused with 405",
        "looks at the object, and asks for what it offers, or gives up", _usual,
        disturbances.refused_action, may_give_up=True,
        met=partial(_status, 405), unmet="it asked for no action",
    )  # fmt: skip
    yield Scenario(
        "redirected-actions", "actions are done and answered with 303",
        "reads what Location leads to, with GET", _usual, disturbances.redirecting,
        met=partial(_status, 303), unmet="it asked for no action of an instance",
    )  # fmt: skip
    yield Scenario(
        "expired-credentials", "the credentials are refused after four requests",
        "does not send them again and again", _usual, disturbances.expired, may_give_up=True,
        met=partial(_status, 401), unmet="it sent no credentials after the fourth request",
    )  # fmt: skip
    yield Scenario(
        "led-away", "realms have moved to another origin",
        "sends no credentials there", _usual, may_give_up=True, elsewhere=True,
        met=partial(_status, 302), unmet="it did not read realms",
    )  # fmt: skip


def _unusual() -> Iterator[Scenario]:
    yield Scenario(
        "ten-thousand-members", f"collections have {MANY:,} members",
        "reads long lists, or does without",
        _changed(Change("has many members", driver=_hold_many)),
        met=_listed, unmet="it listed no images, instances, keys and volumes",
    )  # fmt: skip
    yield Scenario(
        "unicode-names", "names are in many scripts", "reads UTF-8, and shows it somehow",
        _changed(Change("has names in many scripts", driver=_hold_names)),
        met=_foreign, unmet="it listed no images, keys and volumes",
    )  # fmt: skip
    yield Scenario(
        "absent-collections", "the persona rimuhosting, which has few collections",
        "reads in the entry point what there is, and does without the rest, or gives up",
        lambda _: _usual("rimuhosting"), may_give_up=True,
    )  # fmt: skip
    yield Scenario(
        "open-content", "elements, attributes, members and collections nobody knows",
        "passes over what it does not know", _of_variants(*_OPEN),
        met=_differs(_of_variants(*_OPEN)("mock").changes),
    )  # fmt: skip


def _named() -> Iterator[Scenario]:
    """Every persona and every other variant; those that `all` means first."""
    for name in sorted(registry.personas(), key=lambda name: name not in PERSONAS):
        yield Scenario(
            f"persona-{name}", f"behaves like {name}",
            "uses what is declared, and does without the rest, or gives up", _persona(name),
            may_give_up=True,
        )  # fmt: skip
    for name in (*VARIANTS, *(name for name in variants() if name not in VARIANTS)):
        if name.startswith("persona-"):
            continue
        format_ = name.partition("-")[0] if name.startswith(("xml-", "json-")) else ""
        yield Scenario(
            f"variant-{name}", variants()[name].text, "does its work", _variant(name),
            may_give_up=name not in VARIANTS, met=_differs(variants()[name].changes, format_),
            unmet=f"it read no {format_.upper()}" if format_ else "it did not come to what differs",
        )  # fmt: skip


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by name; those of `everything` come first."""
    plain = Scenario("plain", "nothing is unusual", "does its work", _usual)
    found = (plain, *_disturbed(), *_unusual(), *_named())
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
