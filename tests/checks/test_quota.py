"""What counts as a refusal for lack of room, and what does not."""

from __future__ import annotations

import pytest

from tck.checks.support.quota import limit_reached
from tck.endpoint.exchange import Exchange, Headers, Request, Response

QUOTA = "Quota exceeded for cores: Requested 1, but already used 20 of 20 cores"


def answer(method: str, path: str, status: int, message: str, *, plain: bool = False) -> Exchange:
    request = Request(method, f"http://cloud.test/api{path}")
    body = message if plain else f"<error status='{status}'><message>{message}</message></error>"
    media_type = "text/plain" if plain else "application/xml"
    response = Response(status, "", Headers({"Content-Type": media_type}), body.encode())
    return Exchange("1", request, response, "http://cloud.test/api")


@pytest.mark.parametrize("status", [403, 409, 413, 429, 507])
@pytest.mark.parametrize("plain", [True, False])
def test_a_message_about_a_quota_is_returned(status: int, plain: bool) -> None:
    assert limit_reached(answer("POST", "/instances", status, QUOTA, plain=plain)) == QUOTA


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("POST", "/instances", 403, "You may not do this"),
        ("POST", "/instances", 400, QUOTA),
        ("POST", "/instances", 500, QUOTA),
        ("DELETE", "/instances/i1", 403, QUOTA),
        ("POST", "/instances/i1/stop", 409, QUOTA),
    ],
)
def test_other_refusals_are_the_endpoints_own(
    method: str, path: str, status: int, message: str
) -> None:
    assert limit_reached(answer(method, path, status, message)) == ""
