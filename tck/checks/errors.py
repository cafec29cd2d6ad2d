"""Checks of refusals: missing and empty parameters, unknown ids."""

from __future__ import annotations

import pytest

from tck.checks.support import life
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import assert_creates_nothing
from tck.checks.support.verify import Verify
from tck.rules.judgement import is_refusal
from tck.schemas.operations import API, Operation

# Creates with a required parameter, whose path has none. That they work with parameters is judged
# by the checks of each collection.
CREATES = tuple(
    op.id
    for op in API.operations.values()
    if op.name == "create" and any(p.required for p in op.params) and not op.path_params
)
DESTROYS = tuple(
    c.name for c in API.collections.values() if "destroy" in c.operations and c.parent is None
)


def _gate(cloud: Cloud, operation: Operation) -> None:
    if not cloud.capabilities.declares(operation.collection):
        pytest.skip(f"the endpoint does not list {operation.collection}")


@check("DC-ERR-013", "DC-ERR-015", "DC-ERR-022", writes=True)
@pytest.mark.parametrize("operation", CREATES)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_missing_parameter(cloud: Cloud, verify: Verify, operation: str, format_: str) -> None:
    """A create without a required parameter is refused with 400, and creates nothing."""
    op = API.operations[operation]
    _gate(cloud, op)
    x, _ = cloud.create(op.collection, {}, unnamed=True, format=format_)
    life.skip_unless_offered(verify, x, operation)
    verify.status("DC-ERR-013", x, 400, why="no parameter was sent")
    required = [p.name for p in op.params if p.required]
    message = (
        x.body.decode("utf-8", "replace") if x.xml is None else "".join(map(str, x.xml.itertext()))
    )
    expected, ok = f"one of the names {', '.join(required)}", any(n in message for n in required)
    verify.holds("DC-ERR-015", "body", expected, message, ok, x=x)
    why = "no parameter was sent"
    assert_creates_nothing(cloud, verify, "DC-ERR-013", op.collection, {}, why, unnamed=True)


@check("DC-ERR-018", "DC-ERR-019", writes=True)
@pytest.mark.parametrize("collection", DESTROYS)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy_of_an_unknown_id(
    cloud: Cloud, verify: Verify, collection: str, format_: str
) -> None:
    """DELETE of an unknown id is refused or does nothing, and does not break the server."""
    x = cloud.delete(cloud.path(collection, cloud.unknown_id()), format=format_)
    life.skip_unless_offered(verify, x, f"to destroy {collection}")
    life.assert_nothing_destroyed(verify, x, *((403,) if collection == "instances" else ()))


@check("DC-ERR-014", writes=True, needs="keys")
def test_empty_key_name(cloud: Cloud, verify: Verify) -> None:
    """A key with an empty name is refused."""
    x, key = cloud.create("keys", {"name": ""}, unnamed=True)
    life.skip_unless_offered(verify, x, "to create keys")
    got = {"status": x.status, "key": key and key.id}
    verify.holds("DC-ERR-014", "status", "a refusal (4xx)", got, is_refusal(x), x=x)


@check("DC-ERR-014", writes=True, needs="instances")
def test_empty_image_id(cloud: Cloud, verify: Verify) -> None:
    """A launch with an empty image_id is refused."""
    x, _ = cloud.create("instances", {"image_id": ""}, unnamed=True)
    if x.status in life.NOT_OFFERED:
        verify.inconclusive("the endpoint does not launch instances")
    verify.refused("DC-ERR-014", x, why="image_id is empty")
