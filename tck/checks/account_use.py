"""Checks that accounts are apart in what is made: nothing of one goes into what another makes."""

from __future__ import annotations

import pytest

from tck.checks.accounts import new_address, new_key, new_snapshot, running_instance
from tck.checks.firewalls import firewall
from tck.checks.images import imageable
from tck.checks.load_balancers import balancer
from tck.checks.networks import PART, new_network
from tck.checks.storage_volumes import DEVICE, new_volume
from tck.checks.support import instances, life
from tck.checks.support.accounts import assert_not_used, follow_by_counting, second_user
from tck.checks.support.answers import ids_at, value_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource


@check(
    "DC-ACC-022",
    needs=("storage_snapshots", "storage_volumes"),
    writes=True,
    two_accounts=True,
)
def test_no_snapshot_of_anothers_volume(cloud: Cloud, verify: Verify) -> None:
    """Another account can make a snapshot of its own volume, and of no other."""
    other = second_user(cloud, verify)

    def copy(volume: Resource) -> Exchange:
        return other.create("storage_snapshots", {"volume_id": volume.id})[0]

    volume, own = (new_volume(user, verify) for user in (cloud, other))
    assert_not_used(cloud, verify, "DC-ACC-022", volume, lambda: copy(volume), lambda: copy(own))


@check(
    "DC-ACC-023",
    needs=("storage_snapshots", "storage_volumes"),
    writes=True,
    two_accounts=True,
)
def test_no_volume_of_anothers_snapshot(cloud: Cloud, verify: Verify) -> None:
    """Another account can make a volume of its own snapshot, and of no other."""
    other = second_user(cloud, verify)

    def copy(snapshot: Resource) -> Exchange:
        return other.create("storage_volumes", {"snapshot_id": snapshot.id})[0]

    snapshot, own = (new_snapshot(user, verify) for user in (cloud, other))
    assert_not_used(
        cloud, verify, "DC-ACC-023", snapshot, lambda: copy(snapshot), lambda: copy(own)
    )


@check("DC-ACC-024", needs=("images", "instances"), writes=True, two_accounts=True)
def test_no_image_of_anothers_instance(cloud: Cloud, verify: Verify) -> None:
    """Another account cannot make an image of an instance; its owner can."""
    other, instance = second_user(cloud, verify), imageable(cloud, verify)

    def copy(user: Cloud) -> Exchange:
        return user.create("images", {"instance_id": instance.id, "name": user.new_name()})[0]

    assert_not_used(cloud, verify, "DC-ACC-024", instance, lambda: copy(other), lambda: copy(cloud))


@check(
    "DC-ACC-025",
    needs=("instances", "keys"),
    feature="instances.authentication_key",
    writes=True,
    two_accounts=True,
)
def test_no_launch_with_anothers_key(cloud: Cloud, verify: Verify) -> None:
    """Another account can launch with its own key, and, where keys must exist, with no other."""
    other = second_user(cloud, verify)
    image = instances.image_id(other, verify)

    def use(id_: str) -> Exchange:
        return other.create("instances", {"image_id": image, "keyname": id_})[0]

    key, own = (new_key(user, verify) for user in (cloud, other))
    if use(other.unknown_id()).ok:
        pytest.skip("any name of a key is accepted")

    def names(x: Exchange) -> bool:
        return value_at(x, "authentication/login/keyname") == key.id

    assert_not_used(
        cloud, verify, "DC-ACC-025", key, lambda: use(key.id), lambda: use(own.id), names
    )


@check(
    "DC-ACC-026",
    needs=("instances", "firewalls"),
    feature="instances.firewalls",
    writes=True,
    two_accounts=True,
)
def test_no_launch_in_anothers_firewall(cloud: Cloud, verify: Verify) -> None:
    """Another account can launch in its own firewall, and in no other."""
    other = second_user(cloud, verify)
    image = instances.image_id(other, verify)

    def use(id_: str) -> Exchange:
        return other.create("instances", {"image_id": image, "firewalls1": id_})[0]

    where, own = (firewall(user, verify) for user in (cloud, other))

    def names(x: Exchange) -> bool:
        return where.id in ids_at(x, "firewalls/firewall")

    assert_not_used(
        cloud, verify, "DC-ACC-026", where, lambda: use(where.id), lambda: use(own.id), names
    )


@check("DC-ACC-030", needs=("networks", "subnets"), writes=True, two_accounts=True)
def test_no_subnet_in_anothers_network(cloud: Cloud, verify: Verify) -> None:
    """Another account cannot make a subnet in a network; its owner can."""
    other, network = second_user(cloud, verify), new_network(cloud, verify)

    def divide(user: Cloud) -> Exchange:
        form = {"network_id": network.id, "address_block": PART, "name": user.new_name()}
        return user.create("subnets", form)[0]

    assert_not_used(
        cloud, verify, "DC-ACC-030", network, lambda: divide(other), lambda: divide(cloud)
    )


@check("DC-ACC-027", needs="instances", writes=True, two_accounts=True)
@pytest.mark.parametrize("collection", ["storage_volumes", "addresses", "load_balancers"])
def test_nothing_takes_anothers_instance(cloud: Cloud, verify: Verify, collection: str) -> None:
    """What another account has cannot be given an instance that what its owner has can."""
    other, instance = second_user(cloud, verify), running_instance(cloud, verify)
    make = {"storage_volumes": new_volume, "addresses": new_address, "load_balancers": balancer}
    holders = {user: make[collection](user, verify) for user in (cloud, other)}
    action = {"storage_volumes": "attach", "addresses": "associate"}.get(collection, "register")
    form = {"instance_id": instance.id} | ({"device": DEVICE} if action == "attach" else {})

    def give(user: Cloud) -> Exchange:
        return life.act(user, verify, holders[user], action, **form)

    assert_not_used(cloud, verify, "DC-ACC-027", instance, lambda: give(other), lambda: give(cloud))


# ---------------------------------------------------------------- not guessed


@check("DC-ACC-028", writes=True, two_accounts=True)
@pytest.mark.parametrize("collection", ["storage_volumes", "instances"])
def test_ids_do_not_follow_from_others(cloud: Cloud, verify: Verify, collection: str) -> None:
    """Of what two accounts make in turn, the ids are not numbered."""
    other, ids, users = second_user(cloud, verify), list[str](), [cloud]
    form = {}
    if collection == "instances":
        form = {"image_id": instances.image_id(other, verify)}
        ids, users = [instances.shared_instance(cloud, verify).id], []
    for user in (other, *users):
        name = user.new_name()
        x, made = user.create(collection, {**form, "name": name})
        if made is None or made.id == name:
            verify.inconclusive(f"no ids were made up: {x.status}", "DC-ACC-028")
        ids.append(made.id)
    apart = not follow_by_counting(ids)
    verify.holds("DC-ACC-028", f"/{collection}/@id", "no two that are numbered", ids, apart, x=x)
