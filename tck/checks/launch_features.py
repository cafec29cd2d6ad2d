"""Checks of the features of launches: what is announced works, what is not is not demanded."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import strategies as st

from tck.checks.load_balancers import balancer, served
from tck.checks.support import instances as support
from tck.checks.support import life
from tck.checks.support.answers import id_at, ids_at, object_in, objects_in, text_at
from tck.checks.support.check import check
from tck.checks.support.client import Member, members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.generated import given
from tck.checks.support.strategies import every_character, names
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.waiting import Change


def _named(cloud: Cloud, verify: Verify, requirement: str, name: str) -> None:
    """A launch with a name succeeds, and the instance has that name."""
    form = {"image_id": support.image_id(cloud, verify), "name": name}
    x, _ = cloud.create("instances", form)
    shown = support.show_launched(cloud, verify, requirement, x)
    verify.equal(requirement, "/instance/name", name, text_at(shown, "name"), x=shown)


@check("DC-INS-039", needs="instances", feature="instances.user_name", writes=True)
def test_name(cloud: Cloud, verify: Verify) -> None:
    """The instance has the plain name that it was given."""
    support.shared_instance(cloud, verify)  # the positive twin
    _named(cloud, verify, "DC-INS-039", cloud.new_name())


@check("DC-DOC-019", needs="instances", feature="instances.user_name", writes=True)
def test_name_of_any_characters(cloud: Cloud, verify: Verify) -> None:
    """Any name comes back as it was sent, in XML and in JSON."""
    longest = support.longest_name(cloud) or 40
    support.shared_instance(cloud, verify)

    def judge(name: str) -> None:
        cloud.trail.clear()
        x, instance = support.launch(cloud, verify, {"name": name})
        shown = support.show_launched(cloud, verify, "DC-DOC-019", x)
        verify.equal("DC-DOC-019", "/instance/name", name, text_at(shown, "name"), x=shown)
        json = cloud.show("instances", instance.id, format="json")
        value = object_in(json, "instance")
        verify.equal("DC-DOC-019", "instance.name", name, value.get("name"), x=json)
        cloud.cleaner.remove(instance)

    pieces = every_character(longest)
    for name in cloud.policy.sample(pieces, len(pieces)):
        judge(name)
    given(names(longest))(judge)()


@check("DC-INS-040", needs="instances", feature="instances.user_name", writes=True)
def test_longest_name(cloud: Cloud, verify: Verify) -> None:
    """A name of the announced length fits."""
    longest = verify.need(support.longest_name(cloud), "no usable max_length is announced")
    name = cloud.new_name().ljust(longest, "x")
    support.shared_instance(cloud, verify)  # the positive twin
    _named(cloud, verify, "DC-INS-040", name)


@check(
    "DC-INS-041",
    "DC-DOC-016",
    needs=("instances", "keys"),
    feature="instances.authentication_key",
    writes=True,
)
def test_launch_with_a_key(cloud: Cloud, verify: Verify) -> None:
    """The instance shows the key that it was launched with."""
    x, key = cloud.create("keys", {"name": cloud.new_name()})
    if key is None:
        verify.inconclusive(f"no key could be created: {x.status}")
    x, instance = support.launch(cloud, verify, {"keyname": key.id})
    shown = support.show_launched(cloud, verify, "DC-INS-041", x)
    place = "authentication/login/keyname"
    verify.equal("DC-INS-041", f"/instance/{place}", key.id, text_at(shown, place), x=shown)
    life.compare_formats(cloud, verify, instance)


@check("DC-INS-042", needs="instances", feature="instances.user_data", writes=True)
def test_launch_with_user_data(cloud: Cloud, verify: Verify) -> None:
    """A launch with user data succeeds; the data is in base64, as the Ruby client sends it."""
    support.shared_instance(cloud, verify)

    @given(st.binary(max_size=200))
    def holds(data: bytes) -> None:
        encoded = base64.b64encode(data).decode()
        form = {"image_id": support.image_id(cloud, verify), "user_data": encoded}
        x, instance = cloud.create("instances", form)
        verify.accepted("DC-INS-042", x)
        if instance is not None:
            cloud.cleaner.remove(instance)

    holds()


@check("DC-INS-043", needs="instances", feature="instances.metrics", writes=True)
def test_launch_with_monitoring(cloud: Cloud, verify: Verify) -> None:
    """A launch that asks for monitoring succeeds."""
    support.shared_instance(cloud, verify)
    form = {"image_id": support.image_id(cloud, verify), "metrics": "true"}
    x, _ = cloud.create("instances", form)
    support.show_launched(cloud, verify, "DC-INS-043", x)


def _launch_with(cloud: Cloud, verify: Verify, requirement: str, form: dict[str, str]) -> Exchange:
    """A launch with the parameters of a feature succeeds; what is then shown.

    The positive twin, without them, comes first.
    """
    support.shared_instance(cloud, verify)
    x, _ = cloud.create("instances", {"image_id": support.image_id(cloud, verify), **form})
    return support.show_launched(cloud, verify, requirement, x)


@check(
    "DC-INS-044",
    "DC-DOC-016",
    needs=("instances", "firewalls"),
    feature="instances.firewalls",
    writes=True,
)
def test_launch_in_firewalls(cloud: Cloud, verify: Verify) -> None:
    """The instance shows the firewalls that firewalls1, firewalls2 named, and no others."""
    forms = [{"name": cloud.new_name(), "description": "made by the TCK"} for _ in range(2)]
    ids = [life.create(cloud, verify, "DC-INS-044", "firewalls", form)[1].id for form in forms]
    form = {f"firewalls{number}": id_ for number, id_ in enumerate(ids, 1)}
    x, instance = support.launch(cloud, verify, form)
    x = support.show_launched(cloud, verify, "DC-INS-044", x)
    shown = ids_at(x, "firewalls/firewall")
    verify.equal("DC-INS-044", "/instance/firewalls", sorted(ids), shown, x=x)
    life.compare_formats(cloud, verify, instance)


@check("DC-INS-045", needs="instances", feature="instances.authentication_password", writes=True)
def test_launch_with_a_password(cloud: Cloud, verify: Verify) -> None:
    """A launch that sets the password to log in with succeeds."""
    _launch_with(cloud, verify, "DC-INS-045", {"password": "tck-Secret-1"})


@check("DC-INS-046", needs="instances", feature="instances.instance_count", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_launch_several(cloud: Cloud, verify: Verify, format_: str) -> None:
    """As many instances are launched as were asked for, each with an id of its own."""
    support.shared_instance(cloud, verify)
    form = {"image_id": support.image_id(cloud, verify), "instance_count": "3"}
    before = cloud.claim_unnamed("instances")
    x, first = cloud.create("instances", form, format=format_)
    ids = _launched_ids(x)
    for id_ in ids:
        if first is None or id_ != first.id:
            cloud.adopt(before, id_)
    verify.accepted("DC-INS-046", x)
    verify.equal("DC-INS-046", "instances launched", 3, len(set(ids)), x=x)
    listed = [member.id for member in cloud.members("instances")]
    for id_ in ids:
        verify.contains("DC-INS-046", "/instances", id_, listed, x=x)


def _launched_ids(x: Exchange) -> list[str]:
    """Ids of the instances that a launch of several answers with."""
    if x.xml is not None:
        return sorted(m.id for m in members_of(x))
    return sorted(str(entry.get("id")) for entry in objects_in(x, "instances"))


@check(
    "DC-INS-047",
    needs=("instances", "storage_snapshots", "storage_volumes"),
    feature="instances.attach_snapshot",
    writes=True,
)
def test_launch_with_a_snapshot(cloud: Cloud, verify: Verify) -> None:
    """A snapshot is attached at launch, as a volume."""
    _, volume = life.create(cloud, verify, "DC-INS-047", "storage_volumes", {})
    life.wait_until_ready(cloud, volume)
    form = {"volume_id": volume.id}
    _, snapshot = life.create(cloud, verify, "DC-INS-047", "storage_snapshots", form)
    life.wait_until_ready(cloud, snapshot)
    form = {"snapshot_id": snapshot.id, "device_name": "/dev/sdf"}
    before = cloud.claim_unnamed("storage_volumes")
    x = _launch_with(cloud, verify, "DC-INS-047", form)
    launched = id_at(x)

    def mounted() -> list[Member]:
        holders = [(v, v.element.find("mount/instance")) for v in cloud.members("storage_volumes")]
        return [v for v, holder in holders if holder is not None and holder.get("id") == launched]

    change: Change[list[Member]] = Change(
        "instances", "launch with a snapshot", f"{launched}", lambda _: "have a volume"
    )
    waited = cloud.waiting.until(change, mounted, bool)
    for volume_of_snapshot in waited.value:
        cloud.adopt(before, volume_of_snapshot.id)
    expected, x = f"a volume that is mounted on {launched}", cloud.index("storage_volumes")
    verify.present("DC-INS-047", "mount", expected, waited.value, x=x)


@check("DC-INS-048", needs="instances", feature="instances.user_files", writes=True)
def test_launch_with_files(cloud: Cloud, verify: Verify) -> None:
    """A launch that places files in the instance succeeds."""
    _launch_with(cloud, verify, "DC-INS-048", {"user_files": "/etc/motd:dGNr"})


@check("DC-INS-049", needs="instances", feature="instances.user_iso", writes=True)
def test_launch_with_an_iso(cloud: Cloud, verify: Verify) -> None:
    """A launch with a gzipped ISO image, in base64, succeeds."""
    image = base64.b64encode(gzip.compress(b"CD001")).decode()
    _launch_with(cloud, verify, "DC-INS-049", {"user_iso": image})


@check("DC-INS-050", needs="instances", feature="instances.sandboxing", writes=True)
def test_launch_in_a_sandbox(cloud: Cloud, verify: Verify) -> None:
    """A launch that asks for a sandbox succeeds."""
    _launch_with(cloud, verify, "DC-INS-050", {"sandbox": "true"})


@check(
    "DC-INS-051",
    needs=("instances", "load_balancers", "realms"),
    feature="instances.register_to_load_balancer",
    writes=True,
)
def test_launch_into_a_balancer(cloud: Cloud, verify: Verify) -> None:
    """The launched instance serves in the balancer that was named."""
    where = balancer(cloud, verify)
    x = _launch_with(cloud, verify, "DC-INS-051", {"load_balancer_id": where.id})
    shown = cloud.get(where.href)
    verify.contains("DC-INS-051", "/load_balancer/instances", id_at(x), served(shown), x=shown)


@check("DC-INS-052", needs="instances", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_run_a_command(cloud: Cloud, verify: Verify, format_: str) -> None:
    """Where `run` is offered, it answers with the command and its output."""
    instance, x = support.launch_running(cloud, verify)
    if "run" not in support.links(x):
        verify.not_applicable("the instance does not offer run")
    target = cloud.path("instances", instance.id, action="run")
    x = cloud.post(target, {"password": "x"}, format=format_)
    verify.status("DC-INS-052", x, 400, why="cmd is missing")
    x = cloud.post(target, {"cmd": "uname -a", "password": "x"}, format=format_)
    if x.status in (502, 504):
        verify.inconclusive("the instance cannot be logged in to (A87)")
    verify.status("DC-INS-052", x, 200)
    if x.xml is not None:
        got = (x.xml.findtext("command") or "").strip()
    else:
        value = object_in(x, "instance")
        got = str(value.get("command", "")).strip()
    verify.equal("DC-INS-052", "command", "uname -a", got, x=x)
