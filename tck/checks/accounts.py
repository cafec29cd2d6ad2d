"""Checks that accounts are apart: they need a second user, of another account (`--other-user`)."""

from __future__ import annotations

from tck.checks.addresses import holder_of
from tck.checks.blobs import META
from tck.checks.buckets import bucket, stored
from tck.checks.firewalls import RULE, add, firewall, rules
from tck.checks.images import imageable, make
from tck.checks.load_balancers import balancer, served
from tck.checks.networks import new_network
from tck.checks.storage_volumes import DEVICE, mount_of, new_volume
from tck.checks.support import instances, life
from tck.checks.support.accounts import (
    Attempt,
    assert_not_changed,
    assert_not_seen,
    assert_refused,
    second_user,
)
from tck.checks.support.answers import ids_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.safety.resource import Resource

# ---------------------------------------------------------------- not seen


@check("DC-ACC-001", "DC-ACC-021", needs="instances", writes=True, two_accounts=True)
def test_instances_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """An instance is neither shown to nor listed for another account, nor are its metrics."""
    instance = assert_not_seen(
        cloud, verify, "DC-ACC-001", "instances", lambda: instances.shared_instance(cloud, verify)
    )
    declared = cloud.capabilities.declares("metrics")
    if declared and cloud.show("metrics", instance.id).ok:
        other = second_user(cloud, verify)
        assert_refused(verify, "DC-ACC-001", other.show("metrics", instance.id))


@check("DC-ACC-002", "DC-ACC-021", needs="keys", writes=True, two_accounts=True)
def test_keys_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """A key is neither shown to nor listed for another account."""
    assert_not_seen(cloud, verify, "DC-ACC-002", "keys", lambda: new_key(cloud, verify))


@check("DC-ACC-003", "DC-ACC-021", needs="buckets", writes=True, two_accounts=True)
def test_buckets_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """A bucket is neither shown to nor listed for another account."""
    assert_not_seen(cloud, verify, "DC-ACC-003", "buckets", lambda: bucket(cloud, verify))


@check("DC-ACC-004", "DC-ACC-021", needs="buckets", writes=True, two_accounts=True)
def test_blobs_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """Document, content and metadata of a blob are for its account; the owner gets them."""
    other = second_user(cloud, verify)
    where = bucket(cloud, verify)
    blob = stored(cloud, verify, where)
    for method, path in (("GET", ""), ("GET", "/content"), ("HEAD", "")):
        target = blob.href + path
        if cloud.request(method, target).ok:
            assert_refused(verify, "DC-ACC-004", other.request(method, target))


@check("DC-ACC-005", "DC-ACC-021", needs="storage_volumes", writes=True, two_accounts=True)
def test_volumes_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """A volume is neither shown to nor listed for another account."""
    assert_not_seen(
        cloud, verify, "DC-ACC-005", "storage_volumes", lambda: new_volume(cloud, verify)
    )


@check(
    "DC-ACC-006",
    "DC-ACC-021",
    needs=("storage_snapshots", "storage_volumes"),
    writes=True,
    two_accounts=True,
)
def test_snapshots_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """A snapshot is neither shown to nor listed for another account."""
    assert_not_seen(
        cloud, verify, "DC-ACC-006", "storage_snapshots", lambda: new_snapshot(cloud, verify)
    )


@check("DC-ACC-007", "DC-ACC-021", needs="firewalls", writes=True, two_accounts=True)
def test_firewalls_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """A firewall is neither shown to nor listed for another account."""
    assert_not_seen(cloud, verify, "DC-ACC-007", "firewalls", lambda: firewall(cloud, verify))


@check("DC-ACC-008", "DC-ACC-021", needs="addresses", writes=True, two_accounts=True)
def test_addresses_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """An address is neither shown to nor listed for another account."""
    assert_not_seen(cloud, verify, "DC-ACC-008", "addresses", lambda: new_address(cloud, verify))


@check(
    "DC-ACC-009",
    "DC-ACC-021",
    needs=("load_balancers", "realms"),
    writes=True,
    two_accounts=True,
)
def test_balancers_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """A load balancer is neither shown to nor listed for another account."""
    assert_not_seen(cloud, verify, "DC-ACC-009", "load_balancers", lambda: balancer(cloud, verify))


@check("DC-ACC-010", "DC-ACC-021", needs=("images", "instances"), writes=True, two_accounts=True)
def test_images_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """An image that was made of an instance is neither shown to nor listed for another account."""
    assert_not_seen(cloud, verify, "DC-ACC-010", "images", lambda: _image(cloud, verify))


@check("DC-ACC-029", "DC-ACC-021", needs="networks", writes=True, two_accounts=True)
def test_networks_are_not_seen(cloud: Cloud, verify: Verify) -> None:
    """A network is neither shown to nor listed for another account."""
    assert_not_seen(cloud, verify, "DC-ACC-029", "networks", lambda: new_network(cloud, verify))


# ---------------------------------------------------------------- not changed, not destroyed


@check("DC-ACC-011", "DC-ACC-021", needs="instances", writes=True, two_accounts=True)
def test_instances_are_not_changed(cloud: Cloud, verify: Verify) -> None:
    """Another account can neither stop nor destroy an instance; its owner can."""
    instance, x = instances.launch_running(cloud, verify)

    def state() -> str:
        return instances.state_of(cloud.get(instance.href))

    def stop() -> bool:
        return instances.follow_to_rest(cloud, verify, instance, x, "stop").ok

    if "stop" in instances.links(x):
        path = cloud.path("instances", instance.id, action="stop")
        attempt = Attempt("stop", "POST", path, twin=stop)
        assert_not_changed(cloud, verify, "DC-ACC-011", instance, [attempt], state)
    if "destroy" in instances.links(cloud.get(instance.href)):
        assert_not_changed(cloud, verify, "DC-ACC-011", instance, [_destroy(instance)], state)


@check("DC-ACC-012", "DC-ACC-021", needs="keys", writes=True, two_accounts=True)
def test_keys_are_not_destroyed(cloud: Cloud, verify: Verify) -> None:
    """Another account cannot destroy a key; its owner can."""
    _assert_not_destroyed(cloud, verify, "DC-ACC-012", new_key(cloud, verify))


@check("DC-ACC-013", "DC-ACC-021", needs="buckets", writes=True, two_accounts=True)
def test_buckets_are_not_changed(cloud: Cloud, verify: Verify) -> None:
    """Another account can neither store a blob in a bucket nor destroy it; its owner can."""
    where, name = bucket(cloud, verify), cloud.new_name()

    def store() -> bool:
        return cloud.cleaner.remove(stored(cloud, verify, where))

    store_blob = Attempt(
        "store",
        "PUT",
        cloud.path("buckets", where.id, name),
        {"body": b"other"},
        store,
        lasts=False,
    )
    assert_not_changed(
        cloud,
        verify,
        "DC-ACC-013",
        where,
        [store_blob, _destroy(where)],
        lambda: ids_at(cloud.get(where.href), "blob"),
    )


@check("DC-ACC-014", "DC-ACC-021", needs="buckets", writes=True, two_accounts=True)
def test_blobs_are_not_changed(cloud: Cloud, verify: Verify) -> None:
    """Another account can neither overwrite nor destroy a blob, nor change its metadata."""
    blob = stored(cloud, verify, bucket(cloud, verify))

    def kept() -> object:
        content = cloud.get(blob.href + "/content", format=None)
        fields = {name.lower(): value for name, value in cloud.request("HEAD", blob.href).headers}
        return content.body, {n: v for n, v in fields.items() if n.startswith(META.lower())}

    attempts = [
        Attempt("overwrite", "PUT", blob.href, {"body": b"other"}),
        Attempt("metadata", "POST", blob.href, {"headers": {META + "Tck": "other"}}),
        _destroy(blob),
    ]
    assert_not_changed(cloud, verify, "DC-ACC-014", blob, attempts, kept)


@check("DC-ACC-015", "DC-ACC-021", needs="storage_volumes", writes=True, two_accounts=True)
def test_volumes_are_not_changed(cloud: Cloud, verify: Verify) -> None:
    """Another account can neither attach, detach nor destroy a volume; its owner can."""
    volume, attempts = new_volume(cloud, verify), list[Attempt]()
    if cloud.capabilities.declares("instances"):
        instance = running_instance(cloud, verify)
        attempts += [
            _act(cloud, volume, "attach", instance_id=instance.id, device=DEVICE),
            _act(cloud, volume, "detach"),
        ]
    attempts.append(_destroy(volume))
    assert_not_changed(
        cloud, verify, "DC-ACC-015", volume, attempts, lambda: mount_of(cloud.get(volume.href))
    )


@check(
    "DC-ACC-016",
    "DC-ACC-021",
    needs=("storage_snapshots", "storage_volumes"),
    writes=True,
    two_accounts=True,
)
def test_snapshots_are_not_destroyed(cloud: Cloud, verify: Verify) -> None:
    """Another account cannot destroy a snapshot; its owner can."""
    _assert_not_destroyed(cloud, verify, "DC-ACC-016", new_snapshot(cloud, verify))


@check("DC-ACC-017", "DC-ACC-021", needs="firewalls", writes=True, two_accounts=True)
def test_firewalls_are_not_changed(cloud: Cloud, verify: Verify) -> None:
    """Another account can neither change the rules of a firewall nor destroy it; its owner can."""
    where = firewall(cloud, verify)
    add(cloud, verify, where, RULE)

    def shown() -> list[str]:
        return sorted(rule.get("id", "") for rule in rules(cloud.get(where.href)))

    form = {**RULE, "port_from": "80", "port_to": "80"}
    path = cloud.path("firewalls", where.id, action="rules")
    attempts = [Attempt("add_rule", "POST", path, {"form": form})]
    for id_ in shown()[:1]:
        attempts.append(Attempt("destroy rule", "DELETE", cloud.path("firewalls", where.id, id_)))
    attempts.append(_destroy(where))
    assert_not_changed(cloud, verify, "DC-ACC-017", where, attempts, shown)


@check("DC-ACC-018", "DC-ACC-021", needs="addresses", writes=True, two_accounts=True)
def test_addresses_are_not_changed(cloud: Cloud, verify: Verify) -> None:
    """Another account can neither give an address to an instance nor release it; its owner can."""
    address, attempts = new_address(cloud, verify), list[Attempt]()
    if cloud.capabilities.declares("instances"):
        instance = running_instance(cloud, verify)
        attempts += [
            _act(cloud, address, "associate", instance_id=instance.id),
            _act(cloud, address, "disassociate"),
        ]
    attempts.append(_destroy(address))
    assert_not_changed(
        cloud, verify, "DC-ACC-018", address, attempts, lambda: holder_of(cloud.get(address.href))
    )


@check(
    "DC-ACC-019",
    "DC-ACC-021",
    needs=("load_balancers", "realms", "instances"),
    writes=True,
    two_accounts=True,
)
def test_balancers_are_not_changed(cloud: Cloud, verify: Verify) -> None:
    """Another account can neither register instances with a balancer nor destroy it."""
    where = balancer(cloud, verify)
    instance = running_instance(cloud, verify)
    attempts = [
        _act(cloud, where, "register", instance_id=instance.id),
        _act(cloud, where, "unregister", instance_id=instance.id),
        _destroy(where),
    ]
    assert_not_changed(
        cloud, verify, "DC-ACC-019", where, attempts, lambda: served(cloud.get(where.href))
    )


@check("DC-ACC-020", "DC-ACC-021", needs=("images", "instances"), writes=True, two_accounts=True)
def test_images_are_not_destroyed(cloud: Cloud, verify: Verify) -> None:
    """Another account cannot destroy an image, even one that it sees; its owner can."""
    _assert_not_destroyed(cloud, verify, "DC-ACC-020", _image(cloud, verify))


@check("DC-ACC-030", "DC-ACC-021", needs="networks", writes=True, two_accounts=True)
def test_networks_are_not_destroyed(cloud: Cloud, verify: Verify) -> None:
    """Another account cannot destroy a network; its owner can."""
    _assert_not_destroyed(cloud, verify, "DC-ACC-030", new_network(cloud, verify))


# ---------------------------------------------------------------- what is made for it


def running_instance(cloud: Cloud, verify: Verify) -> Resource:
    """The instance that checks share, if it runs; else one that does."""
    instance = instances.shared_instance(cloud, verify)
    x = instances.wait_until_at_rest(cloud, verify, "DC-INS-030", instance, "launch")
    if instances.state_of(x) == "running":
        return instance
    return instances.launch_running(cloud, verify)[0]


def new_key(cloud: Cloud, verify: Verify) -> Resource:
    """A key of a user."""
    return life.create(cloud, verify, "DC-KEY-005", "keys", {})[1]


def new_address(cloud: Cloud, verify: Verify) -> Resource:
    """An address of a user."""
    return life.create(cloud, verify, "DC-ADR-005", "addresses", {})[1]


def new_snapshot(cloud: Cloud, verify: Verify) -> Resource:
    """A snapshot of a volume of a user, ready to be used."""
    form = {"volume_id": new_volume(cloud, verify).id}
    _, snapshot = life.create(cloud, verify, "DC-SNP-003", "storage_snapshots", form)
    life.wait_until_ready(cloud, snapshot)
    return snapshot


def _image(cloud: Cloud, verify: Verify) -> Resource:
    form = {"instance_id": imageable(cloud, verify).id, "name": cloud.new_name()}
    return make(cloud, verify, form)[1]


def _act(cloud: Cloud, resource: Resource, action: str, **form: str) -> Attempt:
    path = cloud.path(resource.collection, resource.id, action=action)
    return Attempt(action, "POST", path, {"form": form})


def _destroy(resource: Resource) -> Attempt:
    return Attempt("destroy", "DELETE", resource.href)


def _assert_not_destroyed(
    cloud: Cloud, verify: Verify, requirement: str, resource: Resource
) -> None:
    attempts = [_destroy(resource)]
    assert_not_changed(
        cloud, verify, requirement, resource, attempts, lambda: cloud.get(resource.href).ok
    )
