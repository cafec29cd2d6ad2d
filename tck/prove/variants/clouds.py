"""Other clouds: empty, large, slow, and with other words for things."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change, in_document
from tck.prove.altered.drivers import around, change_stored, remove_stored
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants
from tck.reference_server.drivers.mock.records import BalancerRecord, BlobRecord, InstanceRecord
from tck.reference_server.errors import ApiError, ConflictError
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


def _emptied(text: str, *kinds: type[Any]) -> Change:
    """Start without any object of some classes."""

    def take(driver: Any) -> None:
        for kind in kinds:
            change_stored(driver, kind, lambda _: None)

    return Change(text, driver=take)


def _holding(text: str, kind: type[Any], change: Callable[[Any], Any]) -> Change:
    """Start with other objects of a class, so that filters find what they show."""
    return Change(text, driver=lambda driver: change_stored(driver, kind, change))


def _add_a_thousand(driver: Any) -> None:
    with driver.store.transaction() as tx:
        for number in range(1000):
            tx.put(Key(f"key-{number}", fingerprint="5e:ce:b6"))
            tx.put(Realm(f"zone-{number}", f"Zone {number}"))


def _dates(name: str, date: str) -> None:
    """Add a variant that writes every date in the form of `date`."""
    changes = (
        drivers.shown(where, "writes other dates", kind, partial(replace, **{field: date}))
        for where, kind, field in (
            ("images.*", Image, "creation_time"),
            ("storage_volumes.*", StorageVolume, "created"),
            ("storage_snapshots.*", StorageSnapshot, "created"),
            ("blobs.*", Blob, "last_modified"),
            ("instances.*", Instance, "launch_time"),
        )
    )
    variant(name, "stance 52: dates are opaque text", *changes, text=f"writes dates as {date}")


def _prefix_fields(_asked: Asked, answer: Answer) -> None:
    answer.headers = [
        (n.replace("X-Deltacloud-Blobmeta-", "X-Deltacloud-Blobmeta-x-amz-meta-"), v)
        for n, v in answer.headers
    ]


def _without_action(rel: str) -> tuple[Change, Change]:
    """Leave an action of instances out."""
    return (
        xml.drop("instances.*", f"//actions/link[@rel='{rel}']"),
        json.alter(
            "instances.*",
            f"leaves {rel} out",
            "actions",
            lambda actions: [action for action in actions if action["rel"] != rel],
        ),
    )


variant = Variants()


@variant.does("DC-DOC-026", around, "networks.create", "create_network")
def networks_named_alike(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Creates networks of one name, each with an id of its own."""
    try:
        return ask(caller, **arguments)
    except ApiError:
        network = ask(caller, address_block=arguments.get("address_block"))
        new = replace(network, name=arguments["name"])
        change_stored(driver, Network, lambda n: new if n.id == new.id else n)
        return new


@variant.does("DC-DOC-027", around, "instances.destroy", "destroy_instance")
def addresses_end_with_instances(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
    """Releases the addresses of an instance that is destroyed."""
    remove_stored(driver, Address, lambda a: a.instance_id == id_)
    return ask(caller, id_)


variant(
    "cloud-empty",
    "T7: a collection may be empty",
    _emptied("has nothing in collections except images", *_ALL),
)
variant(
    "cloud-without-images",
    "T7",
    _emptied("has nothing in collections, and no images", Image, *_ALL),
)
variant(
    "cloud-with-a-thousand-members",
    "no limit in A1 to A188",
    Change("has a thousand keys and realms", driver=_add_a_thousand),
    seen_at="keys.* realms.*",
)
for name, source, persona, polls in (
    ("cloud-slow", "A84, V21: PENDING and STOPPING last", "full", 2),
    ("cloud-slow-of-the-mock", "A84: PENDING lasts", "mock", 3),
    ("cloud-slow-of-ec2", "A84", "ec2", 2),
):
    text = f"changes the state of instances only after {polls} polls"
    variant(name, source, persona=persona, transition_polls=polls, text=text)
variant(
    "cloud-with-a-provider",
    "A178, stance 31",
    provider="eu-west-1",
    text="is connected to the provider eu-west-1",
)


@variant.does(
    "DC-INS-030, T41: rhevm and sbc launch into STOPPED",
    drivers.around,
    "instances.create",
    "create_instance",
)
def cloud_launches_stopped(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Launches instances that are STOPPED at first."""
    return ask(caller, **{"initial_state": "STOPPED", **arguments})


@variant.does(
    "DC-INS-034: FINISH may be shown", drivers.around, "instances.destroy", "destroy_instance"
)
def cloud_keeps_finished_instances(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """Goes on showing destroyed instances, as FINISH."""
    with driver.objects_of(caller) as tx:
        record = tx.get(InstanceRecord, id_)
        ask(caller, id_)
        tx.put(replace(record, state="FINISH", due=None, create_image=False))


@variant.does(
    "DC-VOL-007: FGCP rounds up to tens", requests.alter, "storage_volumes.create", "capacity"
)
def cloud_rounds_capacity_up(capacity: str) -> str:
    """Rounds the capacity of volumes up to full tens."""
    valid = capacity.isdigit() and int(capacity)
    return str(math.ceil(int(capacity) / 10) * 10) if valid else capacity


variant(
    "cloud-without-launch-times", "T132: not required", xml.drop("instances.*", "//launch_time")
)
variant(
    "cloud-without-instance-names",
    "A16: name may be absent",
    xml.drop("instances.index", "//instance[name='']/name"),
    xml.drop("instances.show", "//instance[name='']/name"),
    json.edit("instances.*", "shows null for empty names", lambda v: v),
    text="shows no name, or null in JSON, for instances without a name",
)
variant(
    "cloud-without-image-dates",
    "DC-IMG-001: state and creation_time may be absent",
    xml.drop("images.*", "//creation_time"),
    json.put("images.*", "creation_time", None),
    text="shows images without creation_time",
)
variant(
    "cloud-with-limits",
    "A46: limit may be absent, empty or filled",
    xml.add("realms.*", "//realm", "<limit/>"),
    json.put("realms.*", "limit", None),
    text="shows realms with an empty limit",
)


@variant.does("DC-RLM-003: ec2 passes the provider's text", drivers.shown, "realms.*", Realm)
def cloud_of_lower_case_realm_states(realm: Any) -> Any:
    """Gives the state of realms as available, in lower case."""
    return replace(realm, state="available")


@variant.does("A60: words of the provider", drivers.shown, "images.*", Image)
def cloud_of_other_image_states(image: Any) -> Any:
    """Gives the state of images as online."""
    return replace(image, state="online")


def _first_image_pending(image: Any) -> Any:
    return replace(image, state="PENDING") if image.id == "img1" else image


def _launch_of_first_image_refused(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    if arguments.get("image_id") == "img1":
        raise ConflictError("img1 is not AVAILABLE")
    return ask(caller, **arguments)


variant(
    "cloud-with-an-image-in-the-making",
    "A60: an image has a state",
    drivers.shown(
        "images.*", "gives PENDING as state of the first image", Image, _first_image_pending
    ),
    around(
        "instances.create",
        "refuses to launch the first image",
        "create_instance",
        _launch_of_first_image_refused,
    ),
)
variant(
    "cloud-with-an-image-that-cannot-be-launched",
    "DC-IMG-003: what cannot be launched need not offer it",
    around(
        "instances.create",
        "refuses to launch the first image",
        "create_instance",
        _launch_of_first_image_refused,
    ),
    drivers.shown(
        "images.*", "gives PENDING as state of the first image", Image, _first_image_pending
    ),
    xml.drop("images.*", "//image[@id='img1']/actions/link[@rel='create_instance']"),
    warns="DC-LNK-007",
)


@variant.does("V24: ec2's words", drivers.shown, "storage_volumes.*", StorageVolume)
def cloud_of_other_volume_states(volume: Any) -> Any:
    """Gives the states of volumes as in-use and available, in lower case."""
    return replace(volume, state=volume.state.lower())


variant(
    "cloud-of-sparc-images",
    "DC-IMG-007: sbc has i386_x64",
    _holding(
        "gives the architecture of images as i386_x64",
        Image,
        lambda i: replace(i, architecture="i386_x64"),
    ),
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
_dates("cloud-with-dates-in-rfc-2822", "Sun, 22 Nov 2026 13:22:53 +0100")
_dates("cloud-with-dates-as-numbers", "1795350173")
_dates("cloud-with-dates-with-fractions", "2026-11-22T13:22:53.123456+01:00")
variant(
    "metadata-behind-a-prefix",
    "A168: x-amz-meta-",
    in_document("blobs.*", "prefixes fields", _prefix_fields),
    xml.alter("blobs.*", "prefixes entries", "//entry/@key", "x-amz-meta-{}".format),
    json.alter(
        "blobs.*",
        "prefixes names",
        "user_metadata",
        lambda metadata: metadata and {f"x-amz-meta-{k}": v for k, v in metadata.items()},
    ),
    text="writes x-amz-meta- before the keys of metadata",
)


@variant.does("DC-BLB-008: names may come back in other case", in_document, "blobs.*")
def metadata_in_capitals(_asked: Asked, answer: Answer) -> None:
    """Writes the names of metadata fields in capitals."""
    answer.headers = [(n.upper() if "Blobmeta" in n else n, v) for n, v in answer.headers]


variant(
    "numbers-as-texts",
    "the original writes what the provider gives: a number or a string",
    *(
        json.alter(where, f"writes {key} as a string", key, str)
        for where, key in (
            ("storage_volumes.*", "capacity"),
            ("buckets.*", "size"),
            ("blobs.*", "content_length"),
            ("firewalls.*", "port_from"),
            ("firewalls.*", "port_to"),
        )
    ),
    text="writes numbers as strings in JSON",
)
variant(
    "json-as-the-original-writes-it",
    "J10, J14, J17",
    json.put("storage_volumes.*", "actions", []),
    json.alter(
        "blobs.*", "writes '' for no metadata", "user_metadata", lambda metadata: metadata or ""
    ),
    json.put("metrics.index", "values", None),
    json.drop("networks.*", "address_blocks.none"),
    text="writes empty and missing values in JSON as the original does",
)
variant(
    "buckets-listed-briefly",
    "A157: the list may leave size and blobs out",
    xml.put("buckets.index", "//size", ""),
    xml.drop("buckets.index", "//bucket/blob"),
    json.put("buckets.index", "size", None),
    json.put("buckets.index", "blob_list", []),
    text="lists buckets without size and blobs",
)
variant(
    "created-without-addresses",
    "A91: addresses may be empty in the create answer",
    xml.drop("instances.create", "//address"),
    json.put("instances.create", "public_addresses", []),
    json.put("instances.create", "private_addresses", []),
    text="answers launches with instances that have no addresses yet",
)
variant(
    "addresses-unavailable",
    "V33: type unavailable",
    xml.put("instances.*", "//private_addresses/address/@type", "unavailable"),
    json.put("instances.*", "private_addresses.type", "unavailable"),
    text="gives the type of private addresses as unavailable",
)
variant(
    "fewer-actions-offered",
    "DC-INS-014: ec2 leaves actions out",
    *_without_action("reboot"),
    text="does not offer reboot",
)
variant(
    "create-image-not-offered",
    "DC-IMG-015",
    *_without_action("create_image"),
    http.answer_with("images.create", 501),
    text="offers no images of instances, and answers 501 to creating one",
)


@variant.does("no limit in A47 to A55", drivers.shaped, "*")
def hypervisor_of_many_profiles(shape: Any) -> dict[str, Any]:
    """Has two hundred more hardware profiles."""
    first = shape.hardware_profiles[0]
    more = (replace(first, id=f"p{n}", name=f"p{n}") for n in range(200))
    return {"hardware_profiles": (*shape.hardware_profiles, *more)}


@variant.does(
    "A15: an id is free again once its object is gone",
    around,
    "storage_volumes.create",
    "create_storage_volume",
    warns="DC-ACC-028",
)
def volume_ids_come_again(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Gives a new volume the lowest id that is free."""
    volume = ask(caller, **arguments)
    taken = {other.id for other in driver.storage_volumes(caller, {})}
    lowest = next(id_ for id_ in map("vol-{}".format, itertools.count(1)) if id_ not in taken)
    with driver.objects_of(caller) as tx:
        tx.remove(StorageVolume, volume.id)
        tx.put(replace(volume, id=lowest))
    return replace(volume, id=lowest)
