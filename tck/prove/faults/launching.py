"""Launches that ignore, invent or refuse what they should not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.drivers import around, drop_refused_sizes
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.resources import Instance

_C = "instances.create"


def _launch(text: str, change: Any) -> Change:
    """Launch with other parameters."""
    return around(
        _C, text, "create_instance", lambda _d, ask, caller, **g: ask(caller, **change(g))
    )


def _without(*names: str) -> Any:
    return lambda given: {n: v for n, v in given.items() if n not in names}


def _unknown(name: str, known: str) -> Any:
    """Take something that exists for what does not."""
    return lambda g: {**g, name: known} if str(g.get(name, "")).startswith("tck-none") else g


def _then(text: str, act: Any) -> Change:
    """Do something after the launch; the answer stays."""

    def changed(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        made = ask(caller, **given)
        act(driver, caller, made)
        return made

    return around(_C, text, "create_instance", changed)


def _forget(driver: Any, _caller: Any, made: Any) -> None:
    drivers.remove_stored(driver, InstanceRecord, lambda r: r.id == made.id)


def _keep(**changes: Any) -> Any:
    """Change the record of the new instance."""

    def act(driver: Any, _caller: Any, made: Any) -> None:
        edit = lambda r: replace(r, **changes) if r.id == made.id else r  # noqa: E731
        drivers.change_stored(driver, InstanceRecord, edit)

    return act


def _kill_another(driver: Any, _caller: Any, made: Any) -> None:
    """The new instance takes the place of an older one that was launched."""
    own = {"inst0", "inst1", "inst2", "inst3", made.id}
    drivers.remove_stored(driver, InstanceRecord, lambda r: r.id not in own)


def _range_as_first(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "hwp": {}} if given.get("hwp") else given


def _swapped(given: dict[str, Any]) -> dict[str, Any]:
    """Shows memory where storage was asked for: nothing of it is honoured."""
    sizes = given.get("hwp") or {}
    return {**given, "hwp": {n: v for n, v in sizes.items() if n == "cpu"}}


def _refuses(name: str, status: int = 500) -> Change:
    return requests.reply(
        _C,
        f"answers {status} to {name}",
        lambda a: (
            http.failure(status) if any(n.startswith(name) for n in a.form | a.query) else None
        ),
    )


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
    _launch("launches img2 always", lambda g: {**g, "image_id": "img2"}),
)
fault("launched-instance-forgotten", "DC-INS-021", _then("forgets the new instance", _forget))


@fault.does("DC-INS-021", drivers.listed, "instances.index", "instances")
def launched_instance_not_listed(members: list[Any]) -> list[Any]:
    """Lists only the first four instances."""
    return members[:4]


fault(
    "launched-instance-of-another-owner",
    "DC-INS-021",
    _then("gives the instance to somebody else", _keep(owner_id="somebody")),
)
fault("realm-ignored", "DC-INS-022", requests.ignore(_C, "realm_id"))
fault(
    "realm-first-letter",
    "DC-INS-022",
    _launch("launches in eu always", lambda g: {**g, "realm_id": "eu"}),
)
fault(
    "realm-answered-not-kept",
    "DC-INS-022",
    _then("keeps another realm than it shows", _keep(realm_id="us")),
)
fault("profile-ignored", "DC-INS-023", requests.ignore(_C, "hwp_id"))
fault(
    "profile-answered-not-kept",
    "DC-INS-023",
    _then("keeps another profile than it shows", _keep(hardware_profile="m1-small")),
)
fault(
    "profile-largest-always",
    "DC-INS-023",
    _launch(
        "launches the largest profile",
        lambda g: {**g, "hwp_id": "m1-xlarge"} if "hwp_id" in g and not g.get("hwp") else g,
    ),
)
fault("sizes-ignored", "DC-INS-024", _launch("ignores sizes", _range_as_first))
fault("sizes-ignored-but-cpu", "DC-INS-024", _launch("honours cpu only", _swapped))
fault("sizes-answered-not-kept", "DC-INS-024", _then("forgets the sizes", _keep(overrides={})))
fault(
    "sizes-not-shown", "DC-INS-024", xml.drop("instances.*", "//instance/hardware_profile/property")
)
fault(
    "sizes-rounded",
    "DC-INS-024",
    xml.put(
        "instances.*",
        "//instance//property[@name='memory']/@value",
        lambda v: str(int(float(v)) // 1024 * 1024),
    ),
    text="rounds memory down to whole GiB",
)


@fault.does("DC-INS-025 DC-INS-026", around, _C, "create_instance")
def sizes_unbounded(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Accepts and shows sizes outside the ranges of the hardware profile."""
    sizes = {n: v for n, v in (given.pop("hwp", None) or {}).items() if v}
    made = ask(caller, **given)
    _keep(overrides=sizes)(driver, caller, made)
    return replace(made, overrides=sizes)


fault(
    "sizes-outside-dropped",
    "DC-INS-026",
    around(_C, "drops sizes that are not offered", "create_instance", drop_refused_sizes),
)
fault(
    "unknown-profile-taken",
    "DC-INS-027",
    _launch("takes the first profile for unknown ones", _unknown("hwp_id", "m1-small")),
)


@fault.does("DC-INS-027", requests.reply, _C)
def unknown_profile_500(asked: Asked) -> Answer | None:
    """Answers 500 when the hardware profile does not exist."""
    return http.failure(500) if asked.form.get("hwp_id", "").startswith("tck-none") else None


fault(
    "unknown-image-taken",
    "DC-INS-028",
    _launch("takes img1 for unknown images", _unknown("image_id", "img1")),
)
fault(
    "unknown-image-launched-and-refused",
    "DC-INS-028",
    _launch("launches before it refuses", _unknown("image_id", "img1")),
    http.refuse_afterwards(_C, "image_id"),
    text="launches another image before it refuses an unknown one",
)
fault(
    "unknown-realm-taken",
    "DC-INS-029",
    _launch("takes us for unknown realms", _unknown("realm_id", "us")),
)


@fault.does("DC-INS-029", requests.reply, _C)
def unknown_realm_502(asked: Asked) -> Answer | None:
    """Answers 502 when the realm does not exist."""
    return http.failure(502) if asked.form.get("realm_id", "").startswith("tck-none") else None


@fault.does("DC-INS-030", drivers.shown, "instances.*", Instance)
def launch_stays_pending(value: Any) -> Any:
    """Shows running instances as PENDING."""
    return replace(value, state="PENDING") if value.state == "RUNNING" else value


fault("launch-ends-in-error", "DC-INS-030", _then("lets new instances fail", _keep(state="ERROR")))
fault(
    "launch-ends-in-finish",
    "DC-INS-030",
    _then("ends new instances at once", _keep(state="FINISH")),
)
fault("name-ignored", "DC-INS-039 DC-DOC-019", requests.ignore(_C, "name"))


@fault.does("DC-INS-039", drivers.shown, "instances.*", Instance)
def name_as_id_shown(value: Any) -> Any:
    """Shows the id of an instance in place of its name."""
    return replace(value, name=value.id)


fault("name-refused", "DC-INS-020", _refuses("name", 400))


@fault.does("DC-INS-040", requests.reply, _C)
def long_names_refused(asked: Asked) -> Answer | None:
    """Refuses names of more than 40 characters."""
    return http.failure(400) if len(asked.form.get("name", "")) > 40 else None


fault(
    "long-names-cut",
    "DC-INS-040",
    _launch(
        "keeps 49 characters of a name",
        lambda g: {**g, "name": g["name"][:49]} if g.get("name") else g,
    ),
)
fault("key-ignored", "DC-INS-041", requests.ignore(_C, "keyname"))


@fault.does("DC-INS-041", drivers.shown, "instances.*", Instance)
def key_of_another(value: Any) -> Any:
    """Shows test-key in place of the key that was chosen."""
    return replace(value, keyname=value.keyname and "test-key")


fault("key-not-shown", "DC-INS-041", xml.drop("instances.show", "//authentication/login"))
fault("user-data-refused", "DC-INS-042", _refuses("user_data", 400))
fault("user-data-500", "DC-INS-042", _refuses("user_data"))
fault("metrics-refused", "DC-INS-043", _refuses("metrics", 400))


@fault.does("DC-INS-043", requests.divert, _C)
def metrics_instance_forgotten(asked: Asked) -> str | None:
    """Launches nothing when metrics are requested."""
    return "/api/nothing" if "metrics" in asked.form else None


fault("firewalls-ignored", "DC-INS-044", requests.ignore(_C, "firewalls*"))
fault("firewalls-first-only", "DC-INS-044", requests.ignore(_C, "firewalls2"))
fault("firewalls-not-shown", "DC-INS-044", xml.drop("instances.*", "//instance/firewalls/firewall"))
fault("password-refused", "DC-INS-045", _refuses("password", 400))
fault("count-ignored", "DC-INS-046", requests.ignore(_C, "instance_count"))


@fault.does("DC-INS-046", requests.rewrite, _C)
def count_one_less(given: Parameters) -> Parameters:
    """Launches one instance less than was asked for."""
    return (
        {**given, "instance_count": str(int(given["instance_count"]) - 1)}
        if "instance_count" in given
        else given
    )


@fault.does("DC-INS-046", requests.rewrite, _C)
def count_one_more(given: Parameters) -> Parameters:
    """Launches one instance more than was asked for."""
    return (
        {**given, "instance_count": str(int(given["instance_count"]) + 1)}
        if "instance_count" in given
        else given
    )


fault("count-shows-one", "DC-INS-046", xml.drop(_C, "/instances/instance[position()>1]"))
fault("snapshot-refused", "DC-INS-047", _refuses("snapshot_id", 400))
fault("snapshot-ignored", "DC-INS-047", requests.ignore(_C, "snapshot_id"))
fault("files-refused", "DC-INS-048", _refuses("user_files", 400))
fault("iso-refused", "DC-INS-049", _refuses("user_iso", 400))
fault("sandbox-refused", "DC-INS-050", _refuses("sandbox", 400))
fault("balancer-ignored", "DC-INS-051", requests.ignore(_C, "load_balancer_id"))
fault("balancer-refused", "DC-INS-051", _refuses("load_balancer_id", 500))


@fault.does("DC-INS-056", around, _C, "create_instance")
def ids_used_again(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Gives every new instance the id of the first."""
    made = ask(caller, **given)
    first = getattr(driver, "first_launch", None) or made.id
    driver.first_launch = first
    return replace(made, id=first)


fault(
    "launch-replaces-another",
    "DC-INS-056",
    _then("ends the instances launched before", _kill_another),
)
fault("launch-without-image-taken", "DC-INS-057", requests.supply(_C, image_id="img1"))


@fault.does("DC-INS-057", requests.reply, _C)
def launch_without_image_500(asked: Asked) -> Answer | None:
    """Answers 500 when a launch names no image."""
    return None if "image_id" in asked.form | asked.query else http.failure(500)


fault("json-launch-shows-another", "DC-HTTP-029", json.put(_C, "instance.id", "inst1"))
