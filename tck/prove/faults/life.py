"""Actions on instances that do nothing, too much, or something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, requests, xml
from tck.prove.altered.change import Change, in_document
from tck.prove.altered.drivers import around, do_nothing, find
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import may_exist
from tck.prove.faults.fault import Faults
from tck.reference_server.drivers.mock.records import BalancerRecord, InstanceRecord
from tck.reference_server.errors import ApiError, ConflictError
from tck.reference_server.resources import Address, Instance, StorageVolume

_OWN = ("inst0", "inst1", "inst2", "inst3")


def _change_records(driver: Any, change: Callable[[Any], Any]) -> None:
    drivers.change_stored(driver, InstanceRecord, change)


def _put_into(driver: Any, id_: str, state: str) -> None:
    """Put an instance into a state, whatever state it is in."""
    _change_records(driver, lambda r: replace(r, state=state, due=None) if r.id == id_ else r)


def _both(action: str) -> str:
    """Where a change can be seen that turns refusals of an action into successes."""
    return f"instances.{action} !instances.{action}"


def _ends_as(action: str, state: str) -> Change:
    """Let an action lead to another state."""

    def act(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
        ask(caller, id_)
        _put_into(driver, id_, state)
        return find(driver, "instances", caller, id_)

    return around(f"instances.{action}", f"{action} leads to {state}", f"{action}_instance", act)


def _any_state(action: str, state: str) -> Change:
    """Do an action in every state."""

    def act(driver: Any, _ask: Any, caller: Any, id_: str) -> Any:
        _put_into(driver, id_, state)
        return find(driver, "instances", caller, id_)

    return around(_both(action), f"{action}s in any state", f"{action}_instance", act)


def _also_others(action: str, change: Callable[[Any], Any]) -> Change:
    """Change the other instances that were launched as well."""

    def act(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
        result = ask(caller, id_)
        _change_records(driver, lambda r: r if r.id == id_ or r.id in _OWN else change(r))
        return result

    text = f"{action} changes other instances as well"
    return around(f"instances.{action}", text, f"{action}_instance", act)


def _others_become(action: str, state: str) -> Change:
    """Put the other instances that were launched into a state as well."""
    return _also_others(action, lambda r: replace(r, state=state, due=None))


def _also_of(kind: type[Any], **parts: Any) -> Change:
    """Take from every instance what it has (records of class `kind`) when one is destroyed."""

    def act(driver: Any, ask: Any, caller: Any, id_: str) -> None:
        ask(caller, id_)
        drivers.change_stored(driver, kind, lambda r: replace(r, **parts))

    return around(
        "instances.destroy", "destroy takes from others what they have", "destroy_instance", act
    )


def _refused_but_done(action: str, state: str) -> Change:
    """Refuse an action, and do it all the same."""

    def act(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
        try:
            return ask(caller, id_)
        except ApiError:
            _put_into(driver, id_, state)
            raise

    return around(_both(action), f"{action}s although it refuses", f"{action}_instance", act)


def _answers_another(action: str) -> Change:
    """Do an action, and answer with another instance."""

    def act(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
        ask(caller, id_)
        return find(driver, "instances", caller, "inst1")

    text = f"answers {action} with another instance"
    return around(f"instances.{action}", text, f"{action}_instance", act)


def _unknown_action(status: int) -> Change:
    where = "!instances.stop !instances.start !instances.reboot !instances.destroy"
    return http.on_status(where, 404, status)


fault = Faults()

fault(
    "stop-does-nothing",
    "DC-INS-031",
    do_nothing("instances.stop", "stop_instance", "instances", answer=True),
)


@fault.does("DC-INS-031", around, "instances.stop", "stop_instance")
def stop_only_says_so(driver: Any, _ask: Any, caller: Any, id_: Any) -> Any:
    """Answers that the instance is STOPPED and does not stop it."""
    return replace(find(driver, "instances", caller, id_), state="STOPPED")


fault("stop-ends-in-error", "DC-INS-031", _ends_as("stop", "ERROR"))


@fault.does("DC-INS-031", around, "instances.stop", "stop_instance")
def stop_destroys(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
    """Removes the instance that is stopped."""
    instance = ask(caller, id_)
    drivers.remove_stored(driver, InstanceRecord, lambda record: record.id == id_)
    return instance


@fault.does("DC-INS-031", drivers.shown, "instances.*", Instance)
def stop_stays_stopping(instance: Any) -> Any:
    """Shows stopped instances as STOPPING."""
    return replace(instance, state="STOPPING") if instance.state == "STOPPED" else instance


fault(
    "start-does-nothing",
    "DC-INS-032",
    do_nothing("instances.start", "start_instance", "instances", answer=True),
)
fault("start-ends-in-error", "DC-INS-032", _ends_as("start", "ERROR"))
fault("start-500", "DC-INS-032", http.answer_with("instances.start", 500))
fault("reboot-stops", "DC-INS-033", _ends_as("reboot", "STOPPED"))
fault("reboot-ends-in-error", "DC-INS-033", _ends_as("reboot", "ERROR"))
fault("reboot-refused", "DC-INS-033", http.answer_with("instances.reboot", 409))
fault(
    "destroy-does-nothing",
    "DC-INS-034",
    do_nothing("instances.destroy", "destroy_instance", "instances"),
)


@fault.does("DC-INS-034", around, "instances.destroy", "destroy_instance")
def destroy_only_stops(driver: Any, _ask: Any, caller: Any, id_: str) -> None:
    """Stops the instance instead of destroying it."""
    driver.require_action(find(driver, "instances", caller, id_).state, "destroy")
    _put_into(driver, id_, "STOPPED")


fault(
    "destroy-refused",
    "DC-INS-034",
    requests.reply("instances.destroy", "refuses to destroy", lambda _: http.failure(409)),
)


@fault.does(
    "DC-INS-034",
    around,
    "instances.destroy !instances.destroy",
    "destroy_instance",
    persona="gogrid",
)
def destroy_offered_and_refused(driver: Any, ask: Any, caller: Any, id_: str) -> Any:
    """Offers destroy of running instances, and refuses it: they must be stopped first."""
    if find(driver, "instances", caller, id_).state == "RUNNING":
        raise ConflictError("the instance must be stopped first")
    return ask(caller, id_)


fault(
    "destroyed-instance-listed",
    "DC-INS-034",
    drivers.list_destroyed("instances.index", "instances", "destroy_instance"),
)
fault("stop-in-any-state", "DC-INS-035", _any_state("stop", "STOPPED"))
fault("start-in-any-state", "DC-INS-035", _any_state("start", "RUNNING"))
fault("reboot-in-any-state", "DC-INS-035", _any_state("reboot", "RUNNING"))


@fault.does("DC-INS-035", around, "instances.destroy !instances.destroy", "destroy_instance")
def destroy_in_any_state(driver: Any, _ask: Any, _caller: Any, id_: str) -> None:
    """Destroys running instances, though their state does not allow it."""
    drivers.remove_stored(driver, InstanceRecord, lambda record: record.id == id_)


fault("not-allowed-400", "DC-INS-035", http.on_status("!instances.*", 405, 400))
fault("not-allowed-500", "DC-INS-035", http.on_status("!instances.*", 405, 500))
fault("not-allowed-403", "DC-INS-035", http.on_status("!instances.*", 405, 403))
fault("not-allowed-202", "DC-INS-035", http.on_status("!instances.*", 405, 202))
fault("refused-start-reboots", "DC-INS-035", _refused_but_done("start", "STOPPED"))
fault("refused-stop-starts", "DC-INS-035", _refused_but_done("stop", "RUNNING"))
fault("action-on-nothing-202", "DC-INS-036", _unknown_action(202))
fault("action-on-nothing-400", "DC-INS-036", _unknown_action(400))
fault("action-on-nothing-500", "DC-INS-036", _unknown_action(500))
fault("action-on-nothing-405", "DC-INS-036", _unknown_action(405))


@fault.does("DC-INS-036", requests.divert, "instances.reboot")
def action_on_nothing_hits_another(asked: Asked) -> str | None:
    """Reboots inst1 when the instance does not exist."""
    if asked.ids and not may_exist(asked.ids[0]):
        return asked.path.replace(asked.ids[0], "inst1")
    return None


fault("state-filter-ignored", "DC-INS-037", requests.ignore("instances.index", "state"))


@fault.does("DC-INS-037", requests.alter, "instances.index", "state")
def state_filter_empties(state: str) -> str:
    """Compares the filter `state` with names in lower case, so that nothing matches."""
    return state.lower()


@fault.does("DC-INS-037", around, "instances.index", "instances")
def state_filter_inverted(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists the instances that are not in the state asked for."""
    others = {name: value for name, value in filters.items() if name != "state"}
    return [i for i in ask(caller, others) if i.state != filters.get("state")]


@fault.does("DC-INS-037", around, "instances.index", "instances")
def state_filter_first_only(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists at most one instance of a state."""
    instances = list(ask(caller, filters))
    return instances[:1] if "state" in filters else instances


fault("realm-filter-ignored", "DC-INS-038", requests.ignore("instances.index", "realm_id"))


@fault.does("DC-INS-038", around, "instances.index", "instances")
def realm_filter_empties(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Finds no instance when instances are filtered by realm."""
    return [] if "realm_id" in filters else ask(caller, filters)


@fault.does("DC-INS-038", requests.alter, "instances.index", "realm_id")
def realm_filter_first_realm(_realm_id: str) -> str:
    """Filters by the realm us whichever realm is asked for."""
    return "us"


fault("run-without-output", "DC-INS-052", xml.drop("instances.run", "//output"))
fault("run-without-command", "DC-INS-052", xml.drop("instances.run", "//command"))
fault("run-of-another-command", "DC-INS-052", xml.put("instances.run", "//command", "true"))
fault("run-fails", "DC-INS-052", http.answer_with("instances.run", 500))


@fault.does("DC-INS-031", around, "instances.stop", "stop_instance")
def stop_link_reboots(driver: Any, _ask: Any, caller: Any, id_: Any) -> Any:
    """Reboots where the link `stop` leads."""
    return driver.reboot_instance(caller, id_)


@fault.does("DC-INS-053", xml.alter, "instances.*", "//actions/link[@rel='stop']/@href")
def links_lead_nowhere(href: str) -> str:
    """Lets the link `stop` lead to a path that does not exist."""
    return href.replace("/stop", "/halt")


@fault.does("DC-INS-053", xml.alter, "instances.*", "//actions/link[@rel='destroy']/@href")
def destroy_link_leads_nowhere(href: str) -> str:
    """Lets the link `destroy` lead to a path that does not exist."""
    return f"{href}/destroy"


fault("links-refused", "DC-INS-053", http.answer_with("instances.stop", 403))
fault("action-answers-another-instance", "DC-INS-054", _answers_another("stop"))
fault("reboot-answers-another-instance", "DC-INS-054", _answers_another("reboot"))
fault(
    "action-answers-without-id",
    "DC-INS-054",
    xml.drop("instances.stop instances.reboot", "/instance/@id"),
)
fault("stop-stops-all", "DC-INS-055", _others_become("stop", "STOPPED"))
fault("start-starts-all", "DC-INS-055", _others_become("start", "RUNNING"))
fault("reboot-stops-others", "DC-INS-055", _others_become("reboot", "STOPPED"))
fault("destroy-destroys-all", "DC-INS-055", _also_others("destroy", lambda _: None))
fault("destroy-frees-all-volumes", "DC-INS-055", _also_of(StorageVolume, instance_id=None))
fault("destroy-frees-all-addresses", "DC-INS-055", _also_of(Address, instance_id=None))
fault("destroy-empties-all-balancers", "DC-INS-055", _also_of(BalancerRecord, instances=()))


@fault.does("DC-INS-031", in_document, "instances.show !instances.show")
def stale_instances(asked: Asked, answer: Answer) -> None:
    """Goes on showing an instance in the state in which it was first shown."""
    if asked.operation == "instances.show" and answer.format == "xml":
        answer.body = asked.memory.setdefault(asked.path, answer.body)
