"""Other clouds: empty, large, slow, and with other words for things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change, in_document
from tck.prove.altered.drivers import around, change_stored, remove_stored
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants
from tck.reference_server.drivers.mock.records import BalancerRecord, BlobRecord, InstanceRecord
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import (
    Address,
    Blob,
    Bucket,
    Firewall,
    Image,
    Instance,
    Key,
    Network,
    NetworkInterface,
    Realm,
    StorageSnapshot,
    StorageVolume,
    Subnet,
)

_ALL = (
    *(Address, BalancerRecord, BlobRecord, Bucket, Firewall, InstanceRecord, Key, Network),
    *(NetworkInterface, StorageSnapshot, StorageVolume, Subnet),
)


def _emptied(*kinds: type[Any]) -> Change:
    def take(driver: Any) -> None:
        for kind in kinds:
            drivers.change_stored(driver, kind, lambda _: None)

    return Change("has nothing in most collections", driver=take)


def _holding(text: str, kind: type[Any], change: Callable[[Any], Any]) -> Change:
    """What the cloud holds from the start is different, so that filters find it."""
    return Change(text, driver=lambda driver: drivers.change_stored(driver, kind, change))


def _many(driver: Any) -> None:
    with driver.store.transaction() as tx:
        for number in range(1000):
            tx.put(Key(f"key-{number}", fingerprint="5e:ce:b6"))
            tx.put(Realm(f"zone-{number}", f"Zone {number}"))


def _dates(change: Any) -> list[Change]:
    """Another form of date everywhere."""
    return [
        drivers.shown(
            "images.*", "writes other dates", Image, lambda i: replace(i, creation_time=change)
        ),
        drivers.shown(
            "storage_volumes.*",
            "writes other dates",
            StorageVolume,
            lambda v: replace(v, created=change),
        ),
        drivers.shown(
            "storage_snapshots.*",
            "writes other dates",
            StorageSnapshot,
            lambda s: replace(s, created=change),
        ),
        drivers.shown(
            "blobs.*", "writes other dates", Blob, lambda b: replace(b, last_modified=change)
        ),
        drivers.shown(
            "instances.*", "writes other dates", Instance, lambda i: replace(i, launch_time=change)
        ),
    ]


def _prefixed(_asked: Asked, answer: Answer) -> None:
    answer.headers = [
        (n.replace("X-Deltacloud-Blobmeta-", "X-Deltacloud-Blobmeta-x-amz-meta-"), v)
        for n, v in answer.headers
    ]


_AMZ = xml.put("blobs.*", "//entry/@key", lambda k: f"x-amz-meta-{k}")
_DATE = "stance 52: dates are opaque text"

variant = Variants()


@variant.does("DC-DOC-026", around, "networks.create", "create_network")
def networks_named_alike(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Names are only names: a network that has one already gets an id of its own."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        network = ask(caller, address_block=arguments.get("address_block"))
        new = replace(network, name=arguments["name"])
        change_stored(driver, Network, lambda n: new if n.id == new.id else n)
        return new


@variant.does("DC-DOC-027", around, "instances.destroy", "destroy_instance")
def addresses_end_with_instances(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
    """Releases what it had."""
    remove_stored(driver, Address, lambda a: a.instance_id == id_)
    return ask(caller, id_)


variant("cloud-empty", "T7: a collection may be empty", _emptied(*_ALL))
variant("cloud-without-images", "T7", _emptied(Image, *_ALL))
variant(
    "cloud-with-a-thousand-members",
    "no limit in A1 to A188",
    Change("has a thousand keys and realms", driver=_many),
)
variant("cloud-slow", "A84, V21: PENDING and STOPPING last", transition_polls=2)
variant("cloud-slow-of-the-mock", "A84: PENDING lasts", persona="mock", transition_polls=3)
variant("cloud-slow-of-ec2", "A84", persona="ec2", transition_polls=2)
variant("cloud-with-a-provider", "A178, stance 31", provider="eu-west-1")


@variant.does(
    "DC-INS-030, facts 7.3: rhevm and sbc come up stopped",
    drivers.around,
    "instances.create",
    "create_instance",
)
def cloud_launches_stopped(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Launches into STOPPED."""
    return ask(caller, **{"initial_state": "STOPPED", **arguments})


@variant.does(
    "DC-INS-034, facts 7.4: FINISH is shown",
    drivers.around,
    "instances.destroy",
    "destroy_instance",
)
def cloud_keeps_finished_instances(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """A destroyed instance is shown as FINISH for ever."""
    with driver.store.transaction() as tx:
        record = tx.get(InstanceRecord, id_)
        ask(caller, id_)
        tx.put(replace(record, state="FINISH", due=None, create_image=False))


@variant.does("DC-VOL-007: FGCP rounds up to tens", requests.rewrite, "storage_volumes.create")
def cloud_rounds_capacity_up(parameters: dict[str, str]) -> dict[str, str]:
    """FGCP makes volumes of full tens."""
    size = parameters.get("capacity", "")
    return (
        {**parameters, "capacity": str(-(-int(size) // 10) * 10)}
        if size.isdigit() and int(size)
        else parameters
    )


variant(
    "cloud-without-launch-times", "facts 2.8: optional", xml.drop("instances.*", "//launch_time")
)
variant(
    "cloud-without-instance-names",
    "A16, facts 2.8: name may be absent",
    xml.drop("instances.index", "//instance[name='']/name"),
    xml.drop("instances.show", "//instance[name='']/name"),
    json.edit("instances.*", "shows null for empty names", lambda v: v),
)
variant(
    "cloud-without-image-dates",
    "DC-IMG-001: state and creation_time may be absent",
    xml.drop("images.*", "//creation_time"),
    json.put("images.*", "creation_time", None),
)
variant(
    "cloud-with-limits",
    "A46: limit may be absent, empty or filled",
    xml.add("realms.*", "//realm", "<limit/>"),
    json.put("realms.*", "limit", None),
)


@variant.does("DC-RLM-003: ec2 passes the provider's text", drivers.shown, "realms.*", Realm)
def cloud_of_lower_case_realm_states(realm: Any) -> Any:
    """Says available."""
    return replace(realm, state="available")


@variant.does("A60: words of the provider", drivers.shown, "images.*", Image)
def cloud_of_other_image_states(image: Any) -> Any:
    """Says online."""
    return replace(image, state="online")


@variant.does("V24: ec2's words", drivers.shown, "storage_volumes.*", StorageVolume)
def cloud_of_other_volume_states(volume: Any) -> Any:
    """Says in-use and available."""
    return replace(volume, state=volume.state.lower())


variant(
    "cloud-of-sparc-images",
    "DC-IMG-007: sbc has i386_x64",
    _holding("says i386_x64", Image, lambda i: replace(i, architecture="i386_x64")),
    warns="DC-IMG-007",
)
variant(
    "cloud-of-paused-instances",
    "DC-INS-009: PAUSED is seen in the field",
    _holding(
        "shows inst2 as PAUSED",
        InstanceRecord,
        lambda i: replace(i, state="PAUSED") if i.id == "inst2" else i,
    ),
    warns="DC-INS-009",
)
variant("cloud-with-dates-in-rfc-2822", _DATE, *_dates("Sun, 22 Nov 2026 13:22:53 +0100"))
variant("cloud-with-dates-as-numbers", _DATE, *_dates("1795350173"))
variant("cloud-with-dates-with-fractions", _DATE, *_dates("2026-11-22T13:22:53.123456+01:00"))
variant(
    "metadata-behind-a-prefix",
    "A168: x-amz-meta-",
    in_document("blobs.*", "prefixes metadata", _prefixed),
    _AMZ,
    json.put(
        "blobs.*",
        "user_metadata",
        lambda m: {f"x-amz-meta-{k}": v for k, v in m.items()} if m else m,
    ),
)


@variant.does("DC-BLB-008: names may come back in other case", in_document, "blobs.*")
def metadata_in_capitals(_asked: Asked, answer: Answer) -> None:
    """Writes metadata fields in capitals."""
    answer.headers = [(n.upper() if "Blobmeta" in n else n, v) for n, v in answer.headers]


variant(
    "numbers-as-texts",
    "facts 3.2: capacity, size, content_length and ports are n or s",
    *(
        json.put(where, key, str)
        for where, key in (
            ("storage_volumes.*", "capacity"),
            ("buckets.*", "size"),
            ("blobs.*", "content_length"),
            ("firewalls.*", "port_from"),
            ("firewalls.*", "port_to"),
        )
    ),
)
variant(
    "json-as-the-original-writes-it",
    "J10, J14, J17 and facts 3.2",
    json.put("storage_volumes.*", "actions", []),
    json.put("blobs.*", "user_metadata", lambda m: m or ""),
    json.put("metrics.index", "values", None),
    json.drop("networks.*", "address_blocks.none"),
)
variant(
    "buckets-listed-briefly",
    "A157: the list may leave size and blobs out",
    xml.put("buckets.index", "//size", ""),
    xml.drop("buckets.index", "//bucket/blob"),
    json.put("buckets.index", "size", None),
    json.put("buckets.index", "blob_list", []),
)
variant(
    "created-without-addresses",
    "A91: addresses may be empty in the create answer",
    xml.drop("instances.create", "//address"),
    json.put("instances.create", "public_addresses", []),
    json.put("instances.create", "private_addresses", []),
)
variant(
    "addresses-unavailable",
    "V33: type unavailable",
    xml.put("instances.*", "//private_addresses/address/@type", "unavailable"),
    json.put("instances.*", "private_addresses.type", "unavailable"),
)
variant(
    "fewer-actions-offered",
    "DC-INS-014: ec2 leaves actions out",
    xml.drop("instances.*", "//actions/link[@rel='reboot']"),
    json.put("instances.*", "actions", lambda v: [a for a in v if a["rel"] != "reboot"]),
)
variant(
    "create-image-not-offered",
    "DC-IMG-015",
    xml.drop("instances.*", "//actions/link[@rel='create_image']"),
    json.put("instances.*", "actions", lambda v: [a for a in v if a["rel"] != "create_image"]),
    http.answer_with("images.create", 501),
)


@variant.does("no limit in A47 to A55", drivers.shaped, "*")
def hypervisor_of_many_profiles(shape: Any) -> dict[str, Any]:
    """Has two hundred more profiles."""
    return {
        "hardware_profiles": (
            *shape.hardware_profiles,
            *(replace(shape.hardware_profiles[0], id=f"p{n}", name=f"p{n}") for n in range(200)),
        )
    }
