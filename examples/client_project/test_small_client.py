"""How the client is tested: against a cloud in this process, which judges what the client sends."""

import pytest
from small_client import Cloud, NotUnderstood, Refused

# Of every test below: it fails if the client was wrong (docs/client-tests.md).
pytestmark = pytest.mark.deltacloud(audit=True)


def connect(server):
    """A client that lets the cloud's time pass where it would wait."""
    return Cloud(server.url, server.user, server.password, sleep=server.clock.advance)


def test_launch_and_stop(deltacloud_server):
    cloud = connect(deltacloud_server)
    instance = cloud.launch(cloud.images()[0]["id"], "web")
    cloud.act(cloud.wait(instance, "RUNNING"), "stop")
    assert cloud.wait(instance, "STOPPED")["name"] == "web"


@pytest.mark.deltacloud(transition_time=60, clock=1_700_000_000.0, audit=True)
def test_a_minute_of_waiting_takes_no_time(deltacloud_server):
    cloud = connect(deltacloud_server)
    instance = cloud.launch(cloud.images()[0]["id"], "slow")
    assert instance["state"] == "PENDING"
    assert cloud.wait(instance, "RUNNING")
    assert deltacloud_server.clock() >= 1_700_000_060


def test_a_busy_cloud_is_asked_again(deltacloud_server):
    deltacloud_server.disturb("refusal", status=503, retry_after=3, where="*.index", times=2)
    assert len(connect(deltacloud_server).images()) == 3


def test_a_launch_whose_answer_is_lost_is_done_once(deltacloud_server):
    cloud = connect(deltacloud_server)
    before = len(cloud.instances())
    deltacloud_server.disturb("lost-answer", where="instances.create", times=1)
    assert cloud.launch(cloud.images()[0]["id"], "once")["name"] == "once"
    assert len(cloud.instances()) == before + 1


def test_the_reason_of_a_refusal_is_told(deltacloud_server):
    with pytest.raises(Refused, match="Authentication"):
        Cloud(deltacloud_server.url, "mockuser", "wrong").images()


def test_a_cloud_that_answers_rubbish_is_not_believed(deltacloud_server):
    cloud = connect(deltacloud_server)
    deltacloud_server.faults.set("json-cut-off")
    with pytest.raises(NotUnderstood):
        cloud.images()


@pytest.mark.parametrize("persona", ["ec2", "openstack", "rhevm", "vsphere"])
def test_other_clouds(deltacloud_servers, persona):
    with deltacloud_servers(persona, variant="json-in-other-order") as server:
        assert connect(server).images()
        server.audit.assert_right(warnings=True)
