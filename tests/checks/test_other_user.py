"""What the second user may do: read, and write to what the first user made, and to nothing else."""

from __future__ import annotations

import pytest

from tck.checks.support import session as sessions
from tck.checks.support.cases import IN_PROCESS_PATIENCE, MOCK_CREDENTIALS
from tck.checks.support.client import NotOurs, PastCustody, ReadOnly
from tck.checks.support.cloud import Cloud
from tck.checks.support.other_user import OtherUser
from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import OTHER_OF_THE_MOCK
from tck.endpoint.direct import Direct
from tck.endpoint.exchange import Exchange
from tck.reference_server.app import Application, create_app
from tck.reference_server.drivers.mock.records import InstanceRecord
from tck.reference_server.embedded import Unserved
from tck.reference_server.resources import Address, Key, Resource
from tck.safety.journal import Journal

BASE = "http://endpoint.test/api"
PAIR = (OTHER_OF_THE_MOCK.user, OTHER_OF_THE_MOCK.password)


def clouds(app: Application, *, read_only: bool = False) -> tuple[Cloud, Cloud]:
    """The endpoint as the first user sees it, and as the second does."""
    served = Unserved(app)
    first, second = (Direct(BASE, user, served) for user in (MOCK_CREDENTIALS, OTHER_OF_THE_MOCK))
    policy = RunPolicy(IN_PROCESS_PATIENCE, read_only=read_only)
    second.is_other = True
    cloud = Cloud(first, sessions.discover(first), Journal(), "r" * 14, policy)
    return cloud, OtherUser(cloud, second, sessions.discover(second), Journal())


@pytest.fixture
def app() -> Application:
    return create_app("full", other=PAIR)


def put(app: Application, record: Resource) -> None:
    """Something that the second user has had all along."""
    store = app.default.other  # type: ignore[attr-defined]
    with store.transaction() as tx:
        tx.put(record)


def test_it_may_try_to_destroy_what_the_first_made_and_the_journal_stays_true(
    app: Application,
) -> None:
    cloud, other = clouds(app)
    _, key = cloud.create("keys", {})
    assert key is not None
    assert other.delete(key.href).status == 404
    assert cloud.journal.live == [key]
    assert not cloud.journal.is_removing(key)
    assert cloud.get(key.href).ok
    assert [x.request.method for x in cloud.trail if x.request.method == "DELETE"] == ["DELETE"]


def test_it_writes_to_nothing_that_was_there_before(app: Application) -> None:
    cloud, other = clouds(app)
    put(app, Key("own"))
    for target in ("/keys/test-key", "/keys/own", "/instances/inst0"):
        with pytest.raises(NotOurs):
            other.delete(target)
    with pytest.raises(PastCustody):
        other.post("/keys", {"name": "k"})
    assert other.show("keys", "own").ok
    assert cloud.show("keys", "test-key").ok


def test_an_id_that_means_something_else_in_its_account_is_not_written_to(
    app: Application,
) -> None:
    cloud, other = clouds(app)
    name = cloud.new_name()
    taken = [Key(name), *(Address(f"192.168.0.{number}") for number in range(1, 9))]
    for record in taken:
        put(app, record)
    _, key = cloud.create("keys", {"name": name})
    _, address = cloud.create("addresses", {})
    assert key is not None
    assert address is not None
    for resource in (key, address):
        assert other.get(resource.href).ok
        with pytest.raises(NotOurs, match="may be about what the second user has"):
            other.delete(resource.href)


def test_what_came_since_must_bear_the_mark_of_what_the_first_made(app: Application) -> None:
    cloud, other = clouds(app)
    _, instance = cloud.create("instances", {"image_id": "img1"})
    assert instance is not None
    named = (PAIR[0], "img1", "us", "RUNNING", "m1-small", "host")
    put(app, InstanceRecord(instance.id, "named otherwise", *named))
    with pytest.raises(NotOurs, match="may be about what the second user has"):
        other.delete(instance.href)
    put(app, InstanceRecord(instance.id, instance.mark, *named))
    stop = other.path("instances", instance.id, action="stop")
    assert other.post(stop).status == 202  # it could only be told by its name


def test_what_it_makes_itself_is_removed_with_its_own_credentials(app: Application) -> None:
    cloud, other = clouds(app)
    x, volume = other.create("storage_volumes", {})
    assert x.status == 201
    assert volume is not None
    assert (cloud.journal.live, other.journal.live) == ([], [volume])
    cloud.remove_others(())
    assert other.journal.live == []
    assert other.get(volume.href).status == 404


def test_a_read_only_run_stays_one(app: Application) -> None:
    _, other = clouds(app, read_only=True)
    with pytest.raises(ReadOnly):
        other.delete("/keys/test-key")


def test_its_exchanges_are_marked_and_share_the_budget(app: Application) -> None:
    cloud, other = clouds(app)
    seen: list[Exchange] = []
    for one in (cloud, other):
        one.transport.observers.append(seen.append)
    before = cloud.meter.requests
    other.index("keys")
    cloud.index("keys")
    named = [x.request.authorization for x in seen]
    assert named[0] == "Basic ${DELTACLOUD_TCK_OTHER_USER}:${DELTACLOUD_TCK_OTHER_PASSWORD}"
    assert named[1] == "Basic ${DELTACLOUD_TCK_USER}:${DELTACLOUD_TCK_PASSWORD}"
    assert cloud.meter.requests == before + 2
