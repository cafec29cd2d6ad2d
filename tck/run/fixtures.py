"""The fixtures of checks; the plugin brings them where a check is collected, and only there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tck.checks.support import awaiting, running
from tck.checks.support.cases import case_name
from tck.checks.support.check import spec_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.run.of_pytest import run_of
from tck.safety.shield import SHIELD


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """The endpoint under judgement; what the run created there is removed at the end."""
    run = run_of(request.config)
    assert run.cloud is not None, "contact was made when checks were collected"
    yield run.cloud
    with SHIELD():
        run.clean_up()


@pytest.fixture
def verify(request: pytest.FixtureRequest, cloud: Cloud) -> Iterator[Verify]:
    """What a check judges with; what the check created is removed after it."""
    run = run_of(request.config)
    spec = spec_of(request.function)
    assert spec is not None, f"{request.node.nodeid} declares no requirements"
    before = cloud.live
    name = case_name(request.node)
    cloud.begin_check(name)
    yield running.verifier(name, spec, run.assignment.catalogue, run.record.ledger)
    cloud.end_check()
    with SHIELD():
        cloud.remove_others(before)
    awaiting.judge_removals(cloud, run.record.ledger, name)
