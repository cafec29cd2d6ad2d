"""Volumes: what they are, and who has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, change_stored, do_nothing, find, remove_stored
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import may_exist, repair
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import StorageVolume

_C, _A, _D = "storage_volumes.create", "storage_volumes.attach", "storage_volumes.detach"
_ALL = "storage_volumes.*"
_V = "//storage_volume"


def _keep(text: str, **values: Any) -> Change:
    """Answer with the right volume, and store it with other values."""
    return drivers.store_otherwise(_C, text, "create_storage_volume", StorageVolume, **values)


def _mount(driver: Any, volume_id: str, instance_id: str, device: str) -> None:
    """Attach a volume, whatever its state."""
    values = {"instance_id": instance_id, "device": device, "state": "IN-USE"}

    def change(volume: StorageVolume) -> StorageVolume:
        return replace(volume, **values) if volume.id == volume_id else volume

    change_stored(driver, StorageVolume, change)


def _destroy(driver: Any, caller: Any, id_: str) -> Any:
    """Destroy a volume, whatever its state, and return it."""
    volume = find(driver, "storage_volumes", caller, id_)
    remove_stored(driver, StorageVolume, lambda record: record.id == id_)
    return volume


def _offer(wrong: str, right: str) -> tuple[Change, Change]:
    """Offer one action in place of another."""
    return (
        xml.alter(
            _ALL,
            "writes its URL",
            f"//link[@rel='{right}']/@href",
            lambda href: href.replace(right, wrong),
        ),
        xml.put(_ALL, f"//link/@rel[.='{right}']", wrong),
    )


fault = Faults()

fault("volume-without-name", "DC-VOL-021", xml.drop(_ALL, f"{_V}/name"))
fault("volume-without-capacity", "DC-VOL-001", xml.drop(_ALL, f"{_V}/capacity"))
fault("json-volume-without-instance", "DC-VOL-002", json.drop(_ALL, "instance"))
fault("json-volume-without-actions", "DC-VOL-002", json.drop(_ALL, "actions"))


@fault.does("DC-VOL-002", json.alter, _ALL, "capacity")
def json_volume_capacity_with_unit(capacity: Any) -> Any:
    """Writes the capacity with its unit."""
    return f"{capacity} GB"


@fault.does("DC-VOL-002", json.alter, _ALL, "realm")
def json_volume_realm_plain(realm: Any) -> Any:
    """Writes the realm as its plain id."""
    return realm["id"]


fault("capacity-in-mb", "DC-VOL-003", xml.put(_ALL, "//capacity/@unit", "MB"))
fault("capacity-without-unit", "DC-VOL-001 DC-VOL-003", xml.drop(_ALL, "//capacity/@unit"))


@fault.does("DC-VOL-003", xml.alter, _ALL, "//capacity")
def capacity_in_words(capacity: str) -> str:
    """Writes the unit into the text of the capacity."""
    return f"{capacity} GB"


fault("mount-without-id", "DC-VOL-004", xml.drop(_ALL, "//mount/instance/@id"))
fault(
    "free-volume-mounted-on-nothing",
    "DC-VOL-004",
    xml.add(_ALL, f"{_V}[not(mount)]", "<mount><instance/><device/></mount>"),
)
fault("mount-without-device", "DC-VOL-005", xml.drop(_ALL, "//mount/device"))
fault("mount-device-as-text", "DC-VOL-005", xml.drop(_ALL, "//mount/device/@name"))


fault("volume-forgotten", "DC-VOL-006", drivers.forget(_C, "create_storage_volume", StorageVolume))


@fault.does("DC-VOL-006", requests.reply, _C)
def volume_needs_capacity(asked: Asked) -> Answer | None:
    """Refuses volumes that are created without a capacity."""
    return None if "capacity" in asked.form | asked.query else http.failure(400)


@fault.does("DC-VOL-006", drivers.listed, "storage_volumes.index", "storage_volumes")
def volume_not_listed(volumes: list[Any]) -> list[Any]:
    """Lists only three volumes."""
    return volumes[:3]


fault("capacity-ignored", "DC-VOL-007", requests.ignore(_C, "capacity"))
fault("capacity-not-kept", "DC-VOL-007", _keep("keeps 1 GB", capacity="1"))


@fault.does("DC-VOL-007", requests.alter, _C, "capacity")
def capacity_half(capacity: str) -> str:
    """Makes a volume of half the capacity asked for."""
    return str(max(1, int(capacity) // 2)) if capacity else capacity


fault("realm-of-volumes-ignored", "DC-VOL-008", requests.ignore(_C, "realm_id"))
fault("realm-of-volumes-not-kept", "DC-VOL-008", _keep("keeps another realm", realm_id="us"))
fault("name-of-volumes-ignored", "DC-VOL-009", requests.ignore(_C, "name"))
fault("name-of-volumes-not-kept", "DC-VOL-009", _keep("forgets the name", name="volume"))
fault("description-of-volumes-ignored", "DC-VOL-010", requests.ignore(_C, "description"))
fault(
    "description-of-volumes-not-kept",
    "DC-VOL-010",
    _keep("forgets the description", description=None),
)


fault(
    "attach-does-nothing",
    "DC-VOL-011",
    do_nothing(_A, "attach_storage_volume", "storage_volumes", answer=True),
)


@fault.does("DC-VOL-011", around, _A, "attach_storage_volume")
def attach_to_another(
    _driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str, device: str
) -> Any:
    """Attaches the volume to another instance."""
    another = "inst0" if instance_id == "inst2" else "inst2"
    return ask(caller, id_, instance_id=another, device=device)


@fault.does("DC-VOL-011", requests.alter, _A, "device")
def attach_as_another_device(_device: str) -> str:
    """Attaches the volume as /dev/sdz whatever device is named."""
    return "/dev/sdz"


fault(
    "instance-hides-volumes",
    "DC-VOL-011",
    xml.drop("instances.*", "//storage_volumes/storage_volume"),
)
fault(
    "detach-does-nothing",
    "DC-VOL-012",
    do_nothing(_D, "detach_storage_volume", "storage_volumes", answer=True),
)


@fault.does("DC-VOL-012", drivers.shown, _ALL, StorageVolume)
def detached_volume_says_mounted(volume: Any) -> Any:
    """Shows free volumes as mounted."""
    if volume.instance_id or volume.id in ("vol1", "vol2"):
        return volume
    return replace(volume, instance_id="inst1", device="/dev/sda9")


fault("attach-without-instance", "DC-VOL-013", requests.supply(_A, instance_id="inst2"))
fault("attach-without-device", "DC-VOL-013", requests.supply(_A, device="/dev/sdb"))
fault("attach-without-parameters-500", "DC-VOL-013", http.on_status(f"!{_A}", 400, 500))


fault("attach-to-nothing", "DC-VOL-014", repair(_A, "instance_id", may_exist, "inst2"))


@fault.does("DC-VOL-014", around, _A, "attach_storage_volume")
def attach_of_nothing(driver: Any, ask: Any, caller: Any, id_: str, **arguments: str) -> Any:
    """Attaches vol1 when the volume does not exist."""
    try:
        find(driver, "storage_volumes", caller, id_)
    except ApiError:
        id_ = "vol1"
    return ask(caller, id_, **arguments)


fault("attach-of-nothing-500", "DC-VOL-014", http.on_status(f"!{_A}", 404, 500))


@fault.does("DC-VOL-015", around, _A, "attach_storage_volume")
def attach_twice_moves(
    driver: Any, _ask: Any, caller: Any, id_: str, *, instance_id: str, device: str
) -> Any:
    """Moves a volume that is attached to the second instance without a word."""
    find(driver, "instances", caller, instance_id)
    _mount(driver, id_, instance_id, device)
    return find(driver, "storage_volumes", caller, id_)


@fault.does("DC-VOL-015", around, _A, "attach_storage_volume")
def attach_twice_refused_and_moved(
    driver: Any, ask: Any, caller: Any, id_: str, **arguments: str
) -> Any:
    """Refuses to attach a volume a second time, and moves it all the same."""
    try:
        return ask(caller, id_, **arguments)
    except ApiError:
        _mount(driver, id_, arguments["instance_id"], arguments["device"])
        raise


fault("attach-twice-500", "DC-VOL-015", http.on_status(f"!{_A}", 409, 500))
fault("detach-free-500", "DC-VOL-016", http.on_status(f"!{_D}", 409, 500))


@fault.does("DC-VOL-016", around, _D, "detach_storage_volume")
def detach_free_destroys(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
    """Destroys a volume that is detached while it is free."""
    if find(driver, "storage_volumes", caller, id_).instance_id is None:
        return _destroy(driver, caller, id_)
    return ask(caller, id_)


@fault.does("DC-VOL-017", around, "storage_volumes.destroy", "destroy_storage_volume")
def mounted_volume_destroyed(driver: Any, _ask: Any, caller: Any, id_: str) -> None:
    """Destroys mounted volumes instead of refusing."""
    _destroy(driver, caller, id_)


fault(
    "volume-not-destroyed",
    "DC-VOL-018",
    do_nothing("storage_volumes.destroy", "destroy_storage_volume", "storage_volumes"),
)


fault(
    "destroyed-volume-listed",
    "DC-VOL-018",
    drivers.list_destroyed("storage_volumes.index", "storage_volumes", "destroy_storage_volume"),
)


@fault.does("DC-VOL-018", around, "storage_volumes.destroy", "destroy_storage_volume")
def all_volumes_destroyed(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """Destroys other volumes together with the one that was meant."""
    ask(caller, id_)
    remove_stored(driver, StorageVolume, lambda v: v.id not in ("vol1", "vol2", "vol3"))


fault("snapshot-of-volumes-unchecked", "DC-VOL-019", requests.ignore(_C, "snapshot_id"))


@fault.does("DC-VOL-019", requests.reply, _C)
def snapshot_of_volumes_500(asked: Asked) -> Answer | None:
    """Answers 500 when a volume is created from a snapshot."""
    return http.failure(500) if "snapshot_id" in asked.form else None


fault(
    "mounted-volume-offers-attach",
    "DC-VOL-020",
    *_offer("attach", "detach"),
    text="offers attach instead of detach on volumes in use",
)
fault(
    "free-volume-offers-detach",
    "DC-VOL-020",
    *_offer("detach", "attach"),
    text="offers detach instead of attach on free volumes",
)
fault(
    "volume-of-gone-instance",
    "DC-DOC-027",
    drivers.keep_after_destroy("volumes stay with an instance that is destroyed", StorageVolume),
)
