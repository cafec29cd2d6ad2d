"""Volumes: what they are, and who has them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, change_stored, do_nothing, find, remove_stored
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.errors import ApiError
from tck.reference_server.resources import StorageVolume

_C, _A, _D = "storage_volumes.create", "storage_volumes.attach", "storage_volumes.detach"
_ALL = "storage_volumes.*"
_V = "//storage_volume"


def _keep(**changes: Any) -> Any:
    """The answer is right, what is kept is not."""

    def act(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        made = ask(caller, **given)
        change = lambda v: replace(v, **changes) if v.id == made.id else v  # noqa: E731
        change_stored(driver, StorageVolume, change)
        return made

    return act


def _mount(driver: Any, volume_id: str, instance_id: str | None, device: str | None) -> None:
    def change(volume: StorageVolume) -> StorageVolume:
        if volume.id != volume_id:
            return volume
        state = "IN-USE" if instance_id else "AVAILABLE"
        return replace(volume, instance_id=instance_id, device=device, state=state)

    change_stored(driver, StorageVolume, change)


def _in_use(driver: Any, _ask: Any, caller: Any, id_: str) -> None:
    find(driver, "storage_volumes", caller, id_)
    remove_stored(driver, StorageVolume, lambda v: v.id == id_)


def _offer(right: str, wrong: str) -> tuple[Change, Change]:
    """One link in place of the other."""
    return (
        xml.put(_ALL, f"//link[@rel='{right}']/@href", lambda h: h.replace(right, wrong)),
        xml.put(_ALL, f"//link/@rel[.='{right}']", wrong),
    )


fault = Faults()

fault("volume-without-name", "DC-VOL-001", xml.drop(_ALL, f"{_V}/name"))
fault("volume-without-capacity", "DC-VOL-001", xml.drop(_ALL, f"{_V}/capacity"))
fault("json-volume-without-instance", "DC-VOL-002", json.drop(_ALL, "instance"))
fault("json-volume-without-actions", "DC-VOL-002", json.drop(_ALL, "actions"))
fault(
    "json-volume-capacity-with-unit",
    "DC-VOL-002",
    json.put(_ALL, "capacity", lambda v: f"{v} GB"),
    text="writes the capacity with its unit in JSON",
)
fault(
    "json-volume-realm-plain",
    "DC-VOL-002",
    json.put(_ALL, "realm", lambda v: v["id"]),
    text="writes the realm as its plain id in JSON",
)
fault("capacity-in-mb", "DC-VOL-003", xml.put(_ALL, "//capacity/@unit", "MB"))
fault("capacity-without-unit", "DC-VOL-001 DC-VOL-003", xml.drop(_ALL, "//capacity/@unit"))
fault(
    "capacity-in-words",
    "DC-VOL-003",
    xml.put(_ALL, "//capacity", lambda v: f"{v} GB"),
    text="writes the unit into the text of the capacity",
)
fault("mount-without-id", "DC-VOL-004", xml.drop(_ALL, "//mount/instance/@id"))
fault(
    "free-volume-mounted-on-nothing",
    "DC-VOL-004",
    xml.add(_ALL, f"{_V}[not(mount)]", "<mount><instance/><device/></mount>"),
)
fault("mount-without-device", "DC-VOL-005", xml.drop(_ALL, "//mount/device"))
fault("mount-device-as-text", "DC-VOL-005", xml.drop(_ALL, "//mount/device/@name"))


@fault.does("DC-VOL-006", around, _C, "create_storage_volume")
def volume_forgotten(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Answers with the new volume and does not keep it."""
    made = ask(caller, **given)
    remove_stored(driver, StorageVolume, lambda v: v.id == made.id)
    return made


@fault.does("DC-VOL-006", requests.reply, _C)
def volume_needs_capacity(asked: Asked) -> Answer | None:
    """Refuses volumes that are created without a capacity."""
    return None if "capacity" in asked.form | asked.query else http.failure(400)


@fault.does("DC-VOL-006", drivers.listed, "storage_volumes.index", "storage_volumes")
def volume_not_listed(members: list[Any]) -> list[Any]:
    """Lists only three volumes."""
    return members[:3]


fault("capacity-ignored", "DC-VOL-007", requests.ignore(_C, "capacity"))
fault(
    "capacity-not-kept",
    "DC-VOL-007",
    around(_C, "keeps 1 GB", "create_storage_volume", _keep(capacity="1")),
)


@fault.does("DC-VOL-007", requests.rewrite, _C)
def capacity_half(given: Parameters) -> Parameters:
    """Makes a volume of half the capacity asked for."""
    return (
        {**given, "capacity": str(max(1, int(given["capacity"]) // 2))}
        if given.get("capacity")
        else given
    )


fault("realm-of-volumes-ignored", "DC-VOL-008", requests.ignore(_C, "realm_id"))
fault(
    "realm-of-volumes-not-kept",
    "DC-VOL-008",
    around(_C, "keeps another realm", "create_storage_volume", _keep(realm_id="us")),
)
fault("name-of-volumes-ignored", "DC-VOL-009", requests.ignore(_C, "name"))
fault(
    "name-of-volumes-not-kept",
    "DC-VOL-009",
    around(_C, "forgets the name", "create_storage_volume", _keep(name="volume")),
)
fault("description-of-volumes-ignored", "DC-VOL-010", requests.ignore(_C, "description"))
fault(
    "description-of-volumes-not-kept",
    "DC-VOL-010",
    around(_C, "forgets the description", "create_storage_volume", _keep(description=None)),
)


@fault.does("DC-VOL-011", around, _A, "attach_storage_volume")
def attach_does_nothing(driver: Any, _ask: Any, caller: Any, id_: Any, **_given: Any) -> Any:
    """Answers as if the volume were attached and does not attach it."""
    return find(driver, "storage_volumes", caller, id_)


@fault.does("DC-VOL-011", around, _A, "attach_storage_volume")
def attach_to_another(
    _driver: Any, ask: Any, caller: Any, id_: str, *, instance_id: str, device: str
) -> Any:
    """Attaches the volume to another instance."""
    return ask(
        caller, id_, instance_id="inst2" if instance_id != "inst2" else "inst0", device=device
    )


@fault.does("DC-VOL-011", requests.rewrite, _A)
def attach_as_another_device(given: Parameters) -> Parameters:
    """Attaches the volume as /dev/sdz whatever device is named."""
    return {**given, "device": "/dev/sdz"} if "device" in given else given


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
def detached_volume_says_mounted(value: Any) -> Any:
    """Shows free volumes as mounted."""
    return (
        value
        if value.instance_id or value.id in ("vol1", "vol2")
        else replace(value, instance_id="inst1", device="/dev/sda9")
    )


fault("attach-without-instance", "DC-VOL-013", requests.supply(_A, instance_id="inst2"))
fault("attach-without-device", "DC-VOL-013", requests.supply(_A, device="/dev/sdb"))
fault("attach-without-parameters-500", "DC-VOL-013", http.on_status(f"!{_A}", 400, 500))


@fault.does("DC-VOL-014", around, _A, "attach_storage_volume")
def attach_to_nothing(_driver: Any, ask: Any, caller: Any, id_: str, **given: str) -> Any:
    """Attaches the volume to inst2 when the instance does not exist."""
    if given["instance_id"].startswith("tck-none"):
        given["instance_id"] = "inst2"
    return ask(caller, id_, **given)


@fault.does("DC-VOL-014", around, _A, "attach_storage_volume")
def attach_of_nothing(driver: Any, ask: Any, caller: Any, id_: str, **given: str) -> Any:
    """Attaches vol1 when the volume does not exist."""
    try:
        find(driver, "storage_volumes", caller, id_)
    except ApiError:
        id_ = "vol1"
    return ask(caller, id_, **given)


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
    driver: Any, ask: Any, caller: Any, id_: str, **given: str
) -> Any:
    """Refuses to attach a volume a second time, and moves it all the same."""
    try:
        return ask(caller, id_, **given)
    except ApiError:
        _mount(driver, id_, given["instance_id"], given["device"])
        raise


fault("attach-twice-500", "DC-VOL-015", http.on_status(f"!{_A}", 409, 500))
fault("detach-free-500", "DC-VOL-016", http.on_status(f"!{_D}", 409, 500))


@fault.does("DC-VOL-016", around, _D, "detach_storage_volume")
def detach_free_destroys(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
    """Destroys a volume that is detached while it is free."""
    volume = find(driver, "storage_volumes", caller, id_)
    if volume.instance_id is None:
        _in_use(driver, ask, caller, id_)
        return volume
    return ask(caller, id_)


fault(
    "mounted-volume-destroyed",
    "DC-VOL-017",
    around(
        "storage_volumes.destroy", "destroys mounted volumes", "destroy_storage_volume", _in_use
    ),
)
fault(
    "volume-not-destroyed",
    "DC-VOL-018",
    do_nothing("storage_volumes.destroy", "destroy_storage_volume", "storage_volumes"),
)


@fault.does("DC-VOL-018", drivers.listed, "storage_volumes.index", "storage_volumes")
def destroyed_volume_listed(members: list[Any]) -> list[Any]:
    """Goes on listing volumes that were destroyed."""
    return [
        *members,
        *(
            replace(members[0], id=f"volume_{n}")
            for n in range(1795355124, 1795355160)
            if f"volume_{n}" not in {x.id for x in members}
        ),
    ]


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
    *_offer("detach", "attach"),
    text="offers attach instead of detach on volumes in use",
)
fault(
    "free-volume-offers-detach",
    "DC-VOL-020",
    *_offer("attach", "detach"),
    text="offers detach instead of attach on free volumes",
)
fault(
    "volume-of-gone-instance",
    "DC-DOC-027",
    drivers.keep_after_destroy("volumes stay with an instance that is destroyed", StorageVolume),
)
