"""Launches that ignore, invent or refuse what they should not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, drop_refused_sizes
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import may_exist, repair
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.resources import Instance

_C = "instances.create"


def _with(text: str, **values: Any) -> Change:
    """Launch with other arguments; a function computes one from that of the request."""
    return drivers.with_arguments(_C, text, "create_instance", **values)


def _keep(text: str, **values: Any) -> Change:
    """Answer with the right instance, and store it with other values."""
    return drivers.store_otherwise(_C, text, "create_instance", InstanceRecord, **values)


def _or_img1(image_id: str) -> str:
    return image_id if may_exist(image_id) else "img1"


def _refuse(name: str, status: int) -> Change:
    """Refuse launches with a parameter whose name begins so."""

    def act(asked: Asked) -> Answer | None:
        names = asked.form | asked.query
        return http.failure(status) if any(n.startswith(name) for n in names) else None

    return requests.reply(_C, f"answers {status} to launches with {name}", act)


fault = Faults()

fault("launch-refused", "DC-INS-020", http.answer_with(_C, 500))


@fault.does("DC-INS-020", requests.reply, _C)
def launch_needs_profile(asked: Asked) -> Answer | None:
    """Refuses launches that name no hardware profile."""
    return None if "hwp_id" in asked.form else http.failure(400)


fault("launch-without-document", "DC-INS-020", http.answer_with(_C, 201))
fault(
    "launch-of-another-image",
    "DC-INS-020",
    _with("launches img2 whatever image is named", image_id="img2"),
)
fault(
    "launched-instance-forgotten",
    "DC-INS-021",
    drivers.forget(_C, "create_instance", InstanceRecord),
)


@fault.does("DC-INS-021", drivers.listed, "instances.index", "instances")
def launched_instance_not_listed(instances: list[Any]) -> list[Any]:
    """Lists only the first four instances."""
    return instances[:4]


fault(
    "launched-instance-of-another-owner",
    "DC-INS-021",
    _keep("gives the instance to somebody else", owner_id="somebody"),
)
fault("realm-ignored", "DC-INS-022", requests.ignore(_C, "realm_id"))
fault(
    "realm-first-letter",
    "DC-INS-022",
    _with("launches in eu whatever realm is named", realm_id="eu"),
)
fault(
    "realm-answered-not-kept",
    "DC-INS-022",
    _keep("keeps another realm than it shows", realm_id="us"),
)
fault("profile-ignored", "DC-INS-023", requests.ignore(_C, "hwp_id"))
fault(
    "profile-answered-not-kept",
    "DC-INS-023",
    _keep("keeps another profile than it shows", hardware_profile="m1-small"),
)


@fault.does("DC-INS-023", around, _C, "create_instance")
def profile_largest_always(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Launches the largest profile in place of one that is named without sizes."""
    if "hwp_id" in arguments and not arguments.get("hwp"):
        arguments["hwp_id"] = "m1-xlarge"
    return ask(caller, **arguments)


fault("sizes-ignored", "DC-INS-024", _with("ignores sizes", hwp={}))


@fault.does("DC-INS-024", around, _C, "create_instance")
def sizes_ignored_but_cpu(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Honours only cpu of the sizes that are asked for."""
    sizes = arguments.get("hwp") or {}
    return ask(caller, **{**arguments, "hwp": {n: v for n, v in sizes.items() if n == "cpu"}})


fault("sizes-answered-not-kept", "DC-INS-024", _keep("forgets the sizes", overrides={}))
fault(
    "sizes-not-shown", "DC-INS-024", xml.drop("instances.*", "//instance/hardware_profile/property")
)


@fault.does("DC-INS-024", xml.alter, "instances.*", "//instance//property[@name='memory']/@value")
def sizes_rounded(memory: str) -> str:
    """Rounds memory down to whole GiB."""
    return str(int(float(memory)) // 1024 * 1024)


@fault.does("DC-INS-025 DC-INS-026", around, _C, "create_instance")
def sizes_unbounded(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Accepts and shows sizes outside the ranges of the hardware profile."""
    sizes = {n: v for n, v in (arguments.pop("hwp", None) or {}).items() if v}
    instance = ask(caller, **arguments)

    def keep_sizes(record: InstanceRecord) -> InstanceRecord:
        return replace(record, overrides=sizes) if record.id == instance.id else record

    drivers.change_stored(driver, InstanceRecord, keep_sizes)
    return replace(instance, overrides=sizes)


fault(
    "sizes-outside-dropped",
    "DC-INS-026",
    around(_C, "drops sizes that are not offered", "create_instance", drop_refused_sizes),
)
fault("unknown-profile-taken", "DC-INS-027", repair(_C, "hwp_id", may_exist, "m1-small"))


@fault.does("DC-INS-027", requests.reply, _C)
def unknown_profile_500(asked: Asked) -> Answer | None:
    """Answers 500 when the hardware profile does not exist."""
    return None if may_exist(asked.form.get("hwp_id", "")) else http.failure(500)


fault(
    "unknown-image-taken", "DC-INS-028", _with("takes img1 for unknown images", image_id=_or_img1)
)
fault(
    "unknown-image-launched-and-refused",
    "DC-INS-028",
    _with("takes img1 for unknown images", image_id=_or_img1),
    http.refuse_afterwards(_C, "image_id"),
    text="launches another image before it refuses an unknown one",
)
fault("unknown-realm-taken", "DC-INS-029", repair(_C, "realm_id", may_exist, "us"))


@fault.does("DC-INS-029", requests.reply, _C)
def unknown_realm_502(asked: Asked) -> Answer | None:
    """Answers 502 when the realm does not exist."""
    return None if may_exist(asked.form.get("realm_id", "")) else http.failure(502)


@fault.does("DC-INS-030", drivers.shown, "instances.*", Instance)
def launch_stays_pending(instance: Any) -> Any:
    """Shows running instances as PENDING."""
    return replace(instance, state="PENDING") if instance.state == "RUNNING" else instance


fault("launch-ends-in-error", "DC-INS-030", _keep("lets new instances fail", state="ERROR"))
fault("launch-ends-in-finish", "DC-INS-030", _keep("ends new instances at once", state="FINISH"))
fault("name-ignored", "DC-INS-039 DC-DOC-019", requests.ignore(_C, "name"))


@fault.does("DC-INS-039", drivers.shown, "instances.*", Instance)
def name_as_id_shown(instance: Any) -> Any:
    """Shows the id of an instance in place of its name."""
    return replace(instance, name=instance.id)


fault("name-refused", "DC-INS-020", _refuse("name", 400))


@fault.does("DC-INS-040", requests.reply, _C)
def long_names_refused(asked: Asked) -> Answer | None:
    """Refuses names of more than 40 characters."""
    return http.failure(400) if len(asked.form.get("name", "")) > 40 else None


@fault.does("DC-INS-040", requests.alter, _C, "name")
def long_names_cut(name: str) -> str:
    """Keeps 49 characters of a name."""
    return name[:49]


fault("key-ignored", "DC-INS-041", requests.ignore(_C, "keyname"))


@fault.does("DC-INS-041", drivers.shown, "instances.*", Instance)
def key_of_another(instance: Any) -> Any:
    """Shows test-key in place of the key that was chosen."""
    return replace(instance, keyname=instance.keyname and "test-key")


fault("key-not-shown", "DC-INS-041", xml.drop("instances.show", "//authentication/login"))
fault("user-data-refused", "DC-INS-042", _refuse("user_data", 400))
fault("user-data-500", "DC-INS-042", _refuse("user_data", 500))
fault("metrics-refused", "DC-INS-043", _refuse("metrics", 400))


@fault.does("DC-INS-043", requests.divert, _C)
def metrics_instance_forgotten(asked: Asked) -> str | None:
    """Launches nothing when metrics are requested."""
    return "/api/nothing" if "metrics" in asked.form else None


fault("firewalls-ignored", "DC-INS-044", requests.ignore(_C, "firewalls*"))
fault("firewalls-first-only", "DC-INS-044", requests.ignore(_C, "firewalls2"))
fault("firewalls-not-shown", "DC-INS-044", xml.drop("instances.*", "//instance/firewalls/firewall"))
fault("password-refused", "DC-INS-045", _refuse("password", 400))
fault("count-ignored", "DC-INS-046", requests.ignore(_C, "instance_count"))


@fault.does("DC-INS-046", requests.alter, _C, "instance_count")
def count_one_less(instance_count: str) -> str:
    """Launches one instance less than was asked for."""
    return str(int(instance_count) - 1)


@fault.does("DC-INS-046", requests.alter, _C, "instance_count")
def count_one_more(instance_count: str) -> str:
    """Launches one instance more than was asked for."""
    return str(int(instance_count) + 1)


fault("count-shows-one", "DC-INS-046", xml.drop(_C, "/instances/instance[position()>1]"))
fault("snapshot-refused", "DC-INS-047", _refuse("snapshot_id", 400))
fault("snapshot-ignored", "DC-INS-047", requests.ignore(_C, "snapshot_id"))
fault("files-refused", "DC-INS-048", _refuse("user_files", 400))
fault("iso-refused", "DC-INS-049", _refuse("user_iso", 400))
fault("sandbox-refused", "DC-INS-050", _refuse("sandbox", 400))
fault("balancer-ignored", "DC-INS-051", requests.ignore(_C, "load_balancer_id"))
fault("balancer-refused", "DC-INS-051", _refuse("load_balancer_id", 500))


@fault.does("DC-INS-056", around, _C, "create_instance")
def ids_used_again(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Gives every new instance the id of the first."""
    instance = ask(caller, **arguments)
    first = getattr(driver, "first_launch", None) or instance.id
    driver.first_launch = first
    return replace(instance, id=first)


@fault.does("DC-INS-056", around, _C, "create_instance")
def launch_replaces_another(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Ends the instances that were launched before."""
    instance = ask(caller, **arguments)
    own = {"inst0", "inst1", "inst2", "inst3", instance.id}
    drivers.remove_stored(driver, InstanceRecord, lambda record: record.id not in own)
    return instance


fault("launch-without-image-taken", "DC-INS-057", requests.supply(_C, image_id="img1"))


@fault.does("DC-INS-057", requests.reply, _C)
def launch_without_image_500(asked: Asked) -> Answer | None:
    """Answers 500 when a launch names no image."""
    return None if "image_id" in asked.form | asked.query else http.failure(500)


fault("json-launch-shows-another", "DC-HTTP-029", json.put(_C, "instance.id", "inst1"))
