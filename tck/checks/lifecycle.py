"""Checks of the life of instances, driven by the endpoint's own state machine."""

from __future__ import annotations

import pytest
from hypothesis.stateful import precondition, rule

from tck.checks.support import instances as support
from tck.checks.support import life
from tck.checks.support.answers import object_in
from tck.checks.support.check import check
from tck.checks.support.client import members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.generated import ANY, Interleaved, choose, explore
from tck.checks.support.machine import RESTING, Machine
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules import reading
from tck.rules.judgement import shown
from tck.safety.resource import Resource

ACTIONS = {a: support.REQUIREMENTS[a] for a in ("stop", "start", "reboot")}
_EVERY = ("start", "stop", "reboot", "destroy")


def _act(cloud: Cloud, instance: Resource, action: str, format_: str = "xml") -> Exchange:
    """Send the request of an action, to the path that the API gives it (A82)."""
    if action == "destroy":
        return cloud.delete(cloud.path("instances", instance.id), format=format_)
    return cloud.post(cloud.path("instances", instance.id, action=action), format=format_)


def _judge_action(
    cloud: Cloud, verify: Verify, machine: Machine, instance: Resource, state: str, action: str
) -> str:
    """Act; the answer is a success, and the instance comes to rest where the machine says.

    Returns the state in which it rests.
    """
    requirement = ACTIONS.get(action, "DC-INS-034")
    x = _act(cloud, instance, action)
    verify.accepted(requirement, x)
    if x.status == 202 and x.xml is not None:
        verify.equal("DC-INS-054", "/instance/@id", instance.id, x.xml.get("id"), x=x)
    x = _rest(cloud, verify, machine, instance, state, action, action, requirement)
    return _judge_outcome(verify, requirement, machine, state, action, x)


def _rest(
    cloud: Cloud,
    verify: Verify,
    machine: Machine,
    instance: Resource,
    state: str,
    action: str,
    done: str,
    requirement: str,
) -> Exchange:
    """The instance once it rests after an action in a state, which it leaves if it should.

    `done`: what was done for it (see `instances.done_by`).
    """
    leaving = "" if state in machine.outcomes(state, action) else state
    return support.wait_until_at_rest(
        cloud, verify, requirement, instance, done, leaving=leaving, machine=machine
    )


def _judge_outcome(
    verify: Verify, requirement: str, machine: Machine, state: str, action: str, x: Exchange
) -> str:
    """The instance `x` is where the machine says that an action leads; its state.

    A destroyed instance may be gone, whatever the machine says on the way (condor).
    """
    expected = machine.outcomes(state, action)
    if action == "destroy" or "finish" in expected:
        expected |= {"gone", "finish"}
    verify.one_of(requirement, "/instance/state", expected, support.state_of(x), x=x)
    return support.state_of(x)


def _judge_offer(verify: Verify, machine: Machine, x: Exchange, state: str) -> None:
    """An instance offers what the machine has for its state (M3); ec2 may offer less."""
    offered = set(support.links(x)) - {"run", "create_image"}
    actions = machine.actions(state)
    ok = offered <= actions and (not actions or bool(offered))
    expected = f"of {shown(actions)}, as the machine has for {state}"
    verify.holds("DC-INS-014", "/instance/actions", expected, offered, ok, x=x)


class Lives(Interleaved):
    """Several instances, interleaved: launch, act as allowed, act as forbidden.

    The model is the state of every instance by the endpoint's machine; whatever one instance
    does, the others stay as they were.
    """

    machine: Machine
    image: str
    most = 3

    def __init__(self) -> None:
        """Begin an example with no instance."""
        super().__init__()
        self.states: dict[str, str] = {}
        self.resources: dict[str, Resource] = {}

    @precondition(lambda self: len(self.states) < self.most)
    @rule()
    def launch(self) -> None:
        """Launch one more."""
        x, instance = self.cloud.create("instances", {"image_id": self.image})
        self.verify.accepted("DC-INS-020", x)
        instance = self.verify.need(instance, "no instance was launched")
        x = support.wait_until_at_rest(self.cloud, self.verify, "DC-INS-030", instance, "launch")
        state, place = support.state_of(x), "/instance/state"
        self.verify.one_of("DC-INS-030", place, ("running", "stopped"), state, x=x)
        self.states[instance.id], self.resources[instance.id] = state, instance

    @precondition(lambda self: self.states)
    @rule(which=ANY, what=ANY)
    def act(self, which: int, what: int) -> None:
        """Do something that the machine allows and the instance offers."""
        id_ = choose(list(self.states), which)
        state, resource = self.states[id_], self.resources[id_]
        offered = set(support.links(self.cloud.get(resource.href)))
        allowed = sorted(self.machine.actions(state) & offered & set(_EVERY))
        if not allowed:
            return
        action = choose(allowed, what)
        after = _judge_action(self.cloud, self.verify, self.machine, resource, state, action)
        if after in ("gone", "finish"):
            del self.states[id_]
            self.cloud.mark_destroyed(resource)
        else:
            self.states[id_] = after
        self._others_unchanged(except_=id_)

    @precondition(lambda self: self.states)
    @rule(which=ANY, what=ANY)
    def act_against_the_machine(self, which: int, what: int) -> None:
        """Try something that the machine does not have here."""
        id_ = choose(list(self.states), which)
        forbidden = sorted(set(_EVERY) - self.machine.actions(self.states[id_]))
        if not forbidden:
            return
        action = choose(forbidden, what)
        x = _act(self.cloud, self.resources[id_], action)
        self.verify.status("DC-INS-035", x, 405, 409, 412, why=f"no {action} in {self.states[id_]}")
        self._others_unchanged(except_=None)

    def _others_unchanged(self, except_: str | None) -> None:
        for id_, state in list(self.states.items()):
            x = self.cloud.get(self.resources[id_].href)
            if state not in RESTING:
                self.states[id_] = support.state_of(x)  # it may have come to its end meanwhile
                continue
            requirement = "DC-INS-055" if except_ else "DC-INS-035"
            if id_ != except_:
                got = support.state_of(x)
                self.verify.equal(requirement, "/instance/state", state, got, x=x)
            _judge_offer(self.verify, self.machine, x, state)


@check(
    *(*ACTIONS.values(), "DC-INS-014", "DC-INS-020", "DC-INS-030", "DC-INS-034", "DC-INS-035"),
    *("DC-INS-054", "DC-INS-055", "DC-HTTP-005", "DC-HTTP-006"),
    needs=("instances", "images", "instance_states"),
    writes=True,
)
def test_lives_of_instances(cloud: Cloud, verify: Verify) -> None:
    """Whatever is done with several instances in any order, each follows the state machine."""
    explore(
        Lives,
        cloud=cloud,
        verify=verify,
        machine=support.state_machine(cloud, verify),
        image=support.image_id(cloud, verify),
        most=min(Lives.most, cloud.meter.budget.live or Lives.most),
    )


@check(
    *("DC-INS-053", "DC-INS-034", *ACTIONS.values()),
    needs=("instances", "images", "instance_states"),
    writes=True,
)
@pytest.mark.parametrize("rel", ["reboot", "stop", "start", "destroy"])
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_following_a_link(cloud: Cloud, verify: Verify, rel: str, format_: str) -> None:
    """A client that only follows links can stop, start, reboot and destroy an instance."""
    machine = support.state_machine(cloud, verify)
    instance, x, state = _ready(cloud, verify, machine, rel, "DC-INS-053")
    what = support.done_by(cloud, instance, x, rel)
    answer = support.follow(cloud, x, rel, format=format_)
    ok = answer.ok or answer.status in (302, 303)
    verify.holds("DC-INS-053", "status", "success", answer.status, ok, x=answer)
    # a link to the action's own path is right: what comes of it is up to the action
    effect = ACTIONS.get(rel, "DC-INS-034") if what == rel else "DC-INS-053"
    x = _rest(cloud, verify, machine, instance, state, rel, what, effect)
    after = _judge_outcome(verify, effect, machine, state, rel, x)
    if rel == "destroy":
        verify.one_of("DC-INS-034", "/instance/state", ("gone", "finish"), after, x=x)
        _judge_gone_from_list(cloud, verify, instance)


def _judge_gone_from_list(cloud: Cloud, verify: Verify, instance: Resource) -> None:
    """A destroyed instance is not listed any more, or as FINISH."""
    cloud.mark_destroyed(instance)
    x = cloud.index("instances")
    verify.status("DC-INS-034", x, 200)
    listed = {m.id: m for m in members_of(x)}.get(instance.id)
    state = None if listed is None else reading.text(listed.element, "state") or ""
    ok = state in (None, "FINISH")
    verify.holds("DC-INS-034", "/instances", "not listed, or FINISH", state, ok, x=x)


_LIVES = ("instances", "images", "instance_states")


def _in_state(cloud: Cloud, verify: Verify, state: str, *about: str) -> tuple[Resource, Exchange]:
    """An instance of this run that rests in a state: running, or stopped for it.

    `about`: requirements that cannot be examined if there is none; by default the check's.
    """
    if state == "stopped":
        instance, x = support.launch_to_rest(cloud, verify)
    else:
        instance, x = support.launch_running(cloud, verify)
    if state == "stopped" and support.state_of(x) == "running":
        if "stop" not in support.links(x):
            verify.not_applicable("a running instance cannot be stopped", *about)
        x = support.follow_to_rest(cloud, verify, instance, x, "stop")
    if support.state_of(x) in ("gone", "finish"):
        verify.not_applicable("a stopped instance is gone", *about)
    if support.state_of(x) != state:
        reason = f"no instance could be brought to {state}: {support.state_of(x)}"
        verify.inconclusive(reason, *about)
    return instance, x


@check("DC-INS-035", needs=_LIVES, writes=True)
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_what_the_machine_lacks(cloud: Cloud, verify: Verify, state: str) -> None:
    """Each action that the machine does not have for a state is refused and does nothing."""
    forbidden = sorted(set(_EVERY) - support.state_machine(cloud, verify).actions(state))
    instance, _ = _in_state(cloud, verify, state)
    for action in forbidden:
        x = _act(cloud, instance, action)
        verify.status("DC-INS-035", x, 405, 409, 412, why=f"no {action} in {state}")
        x = cloud.get(instance.href)
        verify.equal("DC-INS-035", "/instance/state", state, support.state_of(x), x=x)


@check(*ACTIONS.values(), "DC-INS-034", "DC-INS-054", needs=_LIVES, writes=True)
@pytest.mark.parametrize("action", _EVERY)
def test_what_the_machine_has(cloud: Cloud, verify: Verify, action: str) -> None:
    """Each action leads to the state that the machine says."""
    about = ACTIONS.get(action, "DC-INS-034")
    machine = support.state_machine(cloud, verify)
    instance, _, before = _ready(cloud, verify, machine, action, about)
    _judge_action(cloud, verify, machine, instance, before, action)


def _ready(
    cloud: Cloud, verify: Verify, machine: Machine, action: str, about: str
) -> tuple[Resource, Exchange, str]:
    """An instance that offers an action, its document and state; `about` is about the action."""
    before = next((s for s in ("running", "stopped") if action in machine.actions(s)), None)
    if before is None:
        verify.not_applicable(f"the machine has no {action}", about)
    instance, x = _in_state(cloud, verify, before, about)
    if action not in support.links(x):
        verify.not_applicable(f"an instance that is {before} does not offer {action}", about)
    return instance, x, before


@check("DC-INS-055", needs=_LIVES, writes=True)
@pytest.mark.parametrize("action", _EVERY)
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_others_rest(cloud: Cloud, verify: Verify, action: str, state: str) -> None:
    """An action on one instance leaves another one in its state, running or stopped."""
    machine = support.state_machine(cloud, verify)
    other, _ = _in_state(cloud, verify, state)
    instance, _, before = _ready(cloud, verify, machine, action, "DC-INS-055")
    x = _act(cloud, instance, action)
    if not x.ok and x.status not in (302, 303):
        verify.inconclusive(f"{action} was answered {x.status}")
    about = support.REQUIREMENTS[action]
    _rest(cloud, verify, machine, instance, before, action, action, about)
    x = cloud.get(other.href)
    verify.equal("DC-INS-055", "/instance/state", state, support.state_of(x), x=x)


@check("DC-INS-034", "DC-HTTP-005", needs=_LIVES, writes=True)
@pytest.mark.parametrize("state", ["running", "stopped"])
def test_destroy(cloud: Cloud, verify: Verify, state: str) -> None:
    """A destroyed instance is no longer shown or listed, or both as FINISH."""
    machine = support.state_machine(cloud, verify)
    if "destroy" not in machine.actions(state):
        verify.not_applicable(f"the machine has no destroy for {state}")
    instance, x = _in_state(cloud, verify, state)
    if "destroy" not in support.links(x):
        verify.not_applicable(f"an instance that is {state} does not offer destroy")
    _judge_action(cloud, verify, machine, instance, state, "destroy")
    _judge_gone_from_list(cloud, verify, instance)


@check("DC-INS-036", needs="instances", writes=True)
@pytest.mark.parametrize("action", _EVERY)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_action_on_an_unknown_instance(
    cloud: Cloud, verify: Verify, action: str, format_: str
) -> None:
    """An action on an unknown instance is refused with 403, 404 or 410."""
    nothing = Resource("instances", cloud.unknown_id(), "")
    x = _act(cloud, nothing, action, format_)
    if x.status == 405:  # the positive twin: does it refuse the action altogether?
        machine = support.state_machine(cloud, verify)
        instance, _, _ = _ready(cloud, verify, machine, action, "DC-INS-036")
        _act(cloud, instance, action)
    life.skip_unless_offered(verify, x, action)
    verify.status("DC-INS-036", x, 403, 404, 410)


@check("DC-HTTP-006", "DC-INS-054", needs=("instances", "images"), writes=True)
def test_action_answers_in_json(cloud: Cloud, verify: Verify) -> None:
    """JSON of an action shows the instance, bare or wrapped (C27)."""
    instance, x = support.launch_running(cloud, verify)
    rel = next((r for r in ("reboot", "stop") if r in support.links(x)), None)
    if rel is None:
        verify.not_applicable("a running instance offers neither reboot nor stop")
    answer = support.follow(cloud, x, rel, format="json")
    if answer.status in (302, 303):
        verify.inconclusive("the endpoint redirects after actions")
    bare = answer.json if isinstance(answer.json, dict) else {}
    got = (object_in(answer, "instance") or bare).get("id")
    verify.equal("DC-INS-054", "instance.id", instance.id, got, x=answer)
