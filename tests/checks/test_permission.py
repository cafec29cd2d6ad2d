"""When refusals mean that the credentials may only read, and when they are the endpoint's own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tck.checks.support.permission import Permission, tries
from tck.endpoint.exchange import Exchange

from .test_quota import answer


def refused(status: int = 403) -> Exchange:
    return answer("DELETE", "/keys/k", status, "read only")


def settled(*statuses: int) -> str:
    permission = Permission()
    permission.settle(refused(), (answer("POST", "/keys", s, "no") for s in statuses))
    return permission.reason


def test_a_refusal_raises_a_doubt_until_a_write_succeeds() -> None:
    permission = Permission()
    permission.note(answer("POST", "/keys", 404, ""))
    assert not permission.in_doubt
    permission.note(refused(401))
    assert permission.in_doubt
    permission.note(answer("POST", "/keys", 201, ""))
    permission.note(refused())
    assert not permission.in_doubt


@pytest.mark.parametrize("statuses", [(403,), (403, 401), (412, 403, 501)])
def test_whoever_may_create_nothing_may_not_write(statuses: tuple[int, ...]) -> None:
    assert settled(*statuses) == "no permission to write: 403, read only"


@pytest.mark.parametrize("statuses", [(), (412,), (403, 201), (403, 500), (403, 400)])
def test_other_refusals_are_the_endpoints_own(statuses: tuple[int, ...]) -> None:
    assert settled(*statuses) == ""


def test_one_of_each_kind_is_tried_until_one_is_not_refused() -> None:
    tried: list[str] = []
    statuses = {"keys": 403, "buckets": 412, "addresses": 201, "instances": 403}

    def create(collection: str, _form: Mapping[str, str]) -> Exchange:
        tried.append(collection)
        return answer("POST", f"/{collection}", statuses[collection], "")

    found = tries(statuses.__contains__, create, dict)
    assert [x.status for x in found] == [403, 412, 201]
    assert tried == ["keys", "buckets", "addresses"]


def test_nothing_is_launched_without_an_image() -> None:
    launched = tries("instances".__eq__, lambda *_: refused(), dict)
    assert list(launched) == []
    launched = tries("instances".__eq__, lambda *_: refused(), lambda: {"image_id": "i"})
    assert len(list(launched)) == 1
