"""The policy of a run: from options, and from a cloud of clouds.toml."""

from __future__ import annotations

import pytest

from tck.checks.support.policy import RunPolicy
from tck.checks.support.session import Options
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.clouds import CloudProfile
from tck.run.contact import policy_for
from tck.run.options import OPTIONS, build

REMOTE = "http://cloud.test/api"
CLOUD = CloudProfile("nightly", {}, {}, image="img7", transition=42.0, settles=1.5)


def policy(options: Options, driver: str = "ec2") -> RunPolicy:
    return policy_for(options, Capabilities("1.1.3", driver, None, {}, {}))


def test_nothing_outlives_a_run_of_the_embedded_server() -> None:
    assert not policy(Options()).outlives_run
    assert policy(Options(endpoint=REMOTE)).outlives_run
    assert policy(Options(cloud=CLOUD)).outlives_run


@pytest.mark.parametrize(
    ("options", "driver", "bytes_"),
    [
        (Options(endpoint=REMOTE), "ec2", 2 << 20),
        (Options(endpoint=REMOTE), "mock", RunPolicy().largest_blob),  # which cannot store more
        (Options(), "ec2", RunPolicy().largest_blob),
        (Options(endpoint=REMOTE, max_blob_size=10), "ec2", 10),
    ],
)
def test_the_largest_blob(options: Options, driver: str, bytes_: int) -> None:
    assert policy(options, driver).largest_blob == bytes_


def test_a_cloud_says_how_long_to_wait_and_what_to_launch() -> None:
    settings = policy(Options(endpoint=REMOTE, cloud=CLOUD, launch={"image_id": "img7"}))
    assert settings.patience.deadline == 42.0
    assert settings.read_after_write_delay == 1.5
    assert settings.launch_defaults == {"image_id": "img7"}


def test_the_command_line_says_what_to_launch() -> None:
    defaults = {flag[2:].replace("-", "_"): how.get("default") for flag, how in OPTIONS.items()}
    options = build((defaults | {"image": "img9", "profile_id": "m1-large"}).get)
    assert policy(options).launch_defaults == {"image_id": "img9", "hwp_id": "m1-large"}


def test_smoke_tries_one_value_of_several() -> None:
    assert policy(Options(profile="smoke")).one_of_each
    assert not policy(Options()).one_of_each
