"""Checks of how parameters travel: query, form, multipart; format on writes."""

from __future__ import annotations

from typing import Any

import pytest

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.journal import Resource

PLACES = {"query": "DC-HTTP-038", "form": "DC-HTTP-039", "multipart": "DC-HTTP-040"}


def _named(
    cloud: Cloud, verify: Verify, place: str = "form", **options: Any
) -> tuple[str, Exchange, Resource | None]:
    """Create something with a name: a key, else a bucket; inconclusive if there is neither."""
    for collection in ("keys", "buckets"):
        if cloud.capabilities.declares(collection):
            name = cloud.new_name()
            form = {"name": name}
            x, resource = cloud.create(collection, form, **_placed(form, place, options))
            if x.status not in (412, 501):
                return name, x, resource
    verify.not_applicable("the endpoint creates neither keys nor buckets")


def _placed(form: dict[str, str], place: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options that send a form in one of PLACES."""
    if place == "query":
        return options | {"params": form | options.get("params", {}), "body": b""}
    if place == "multipart":
        return options | {"files": {name: (None, value) for name, value in form.items()}}
    return options


@check(*PLACES.values(), writes=True)
@pytest.mark.parametrize("place", PLACES)
def test_where_parameters_travel(cloud: Cloud, verify: Verify, place: str) -> None:
    """Clients send parameters in three places (C1); each is understood."""
    name, x, resource = _named(cloud, verify, place=place)
    verify.status(PLACES[place], x, 201, why=f"name was sent in the {place}")
    got = resource.id if resource else None
    verify.equal(PLACES[place], "/*/@id", name, got, x=x)


@check("DC-NEG-012", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_format_on_post(cloud: Cloud, verify: Verify, format_: str) -> None:
    """`?format=` decides about the answer to a POST, too (C3)."""
    other = "json" if format_ == "xml" else "xml"
    _, x, _ = _named(cloud, verify, params={"format": format_}, format=other, place="query")
    verify.equal("DC-NEG-012", "Content-Type", (201, format_), (x.status, x.format), x=x)


@check("DC-NEG-019", writes=True)
def test_refused_format_creates_nothing(cloud: Cloud, verify: Verify) -> None:
    """A create that is answered 406 creates nothing."""
    _named(cloud, verify)  # the positive twin
    name, x, _ = _named(cloud, verify, format=None, headers={"Accept": "application/x-tck"})
    if x.status != 406:
        verify.inconclusive(f"{x.status} for a format that does not exist")
    collection = "keys" if "/keys" in x.request.url else "buckets"
    shown = cloud.show(collection, name)
    verify.status("DC-NEG-019", shown, 404, why=f"creating {name} answered 406")


@check("DC-HTTP-041", writes=True)
def test_method_override(cloud: Cloud, verify: Verify) -> None:
    """A POST form with `_method=delete` destroys, as browsers do it."""
    name, x, resource = _named(cloud, verify)
    if resource is None:
        verify.inconclusive(f"nothing could be created: {x.status}")
    answer = cloud.post(resource.href, {"_method": "delete"})
    verify.status("DC-HTTP-041", answer, 204)
    gone = cloud.get(resource.href)
    verify.status("DC-HTTP-041", gone, 404, why=f"{name} was destroyed by _method")
    if gone.status == 404:
        cloud.mark_destroyed(resource)
