"""Checks of how parameters travel: query, form, multipart; format on writes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource

PLACES = {"query": "DC-HTTP-038", "form": "DC-HTTP-039", "multipart": "DC-HTTP-040"}


def _named(
    cloud: Cloud,
    verify: Verify,
    place: str = "form",
    more: Mapping[str, str] = MappingProxyType({}),
    before: str = "",
    **options: Any,
) -> tuple[str, Exchange, Resource | None]:
    """Create something with a name: a key, else a bucket; inconclusive if there is neither.

    `more`: fields to send as well; `before`: what stands before the word `name`.
    """
    for collection in ("keys", "buckets"):
        if cloud.capabilities.declares(collection):
            name = cloud.new_name()
            form = {f"{before}name": name, **more}
            if before:  # custody goes by the field name, which is not there
                options = {"body": urlencode({"x": "1"} | form, quote_via=quote).encode()} | {
                    "headers": {"Content-Type": FORM}
                }
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
    verify.accepted(PLACES[place], x, why=f"name was sent in the {place}")
    got = resource.id if resource else None
    verify.equal(PLACES[place], "/*/@id", name, got, x=x)


FORM = "application/x-www-form-urlencoded"
# How clients send a name, besides PLACES: requirement, place, and options of the request.
WAYS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "charset": ("DC-HTTP-048", "form", {"headers": {"Content-Type": f"{FORM}; charset=UTF-8"}}),
    "form_type": ("DC-HTTP-049", "query", {"headers": {"Content-Type": FORM}}),
    "text_type": ("DC-HTTP-049", "query", {"headers": {"Content-Type": "text/plain"}}),
    "unknown_field": ("DC-HTTP-051", "more", {"commit": "Create", "tck_unknown": "1"}),
}


@check("DC-HTTP-048", "DC-HTTP-049", "DC-HTTP-051", writes=True)
@pytest.mark.parametrize("way", WAYS)
def test_ways_to_send_a_name(cloud: Cloud, verify: Verify, way: str) -> None:
    """Clients in other languages say it in other words (C28); the twin says it plainly."""
    requirement, place, how = WAYS[way]
    _, plain, made = _named(cloud, verify)
    if made is None:
        verify.inconclusive(f"nothing could be created: {plain.status}")
    more, options = (how, {}) if place == "more" else ({}, how)
    name, x, resource = _named(cloud, verify, place=place, more=more, **options)
    verify.accepted(requirement, x, why=f"the name {name} was sent this way ({way})")
    verify.equal(requirement, "/*/@id", name, resource.id if resource else None, x=x)


@check("DC-HTTP-052", writes=True)
def test_blank_before_a_name(cloud: Cloud, verify: Verify) -> None:
    """Printed examples have a blank after each `&`; the twin comes without."""
    _, plain, made = _named(cloud, verify)
    if made is None:
        verify.inconclusive(f"nothing could be created: {plain.status}")
    name, x, resource = _named(cloud, verify, before=" ")
    got = resource.id if resource else None
    verify.equal("DC-HTTP-052", "name", name, got if x.ok else x.status, x=x)


@check("DC-HTTP-050")
@pytest.mark.parametrize("type_", ["application/xml", FORM])
def test_content_type_of_a_get(cloud: Cloud, verify: Verify, type_: str) -> None:
    """A GET with a Content-Type is answered as one without."""
    plain = cloud.get("")
    x = cloud.get("", headers={"Content-Type": type_})
    why = f"without Content-Type it is {plain.status}"
    verify.status("DC-HTTP-050", x, plain.status, why=why)


@check("DC-HTTP-050", writes=True)
def test_content_type_of_a_delete(cloud: Cloud, verify: Verify) -> None:
    """A DELETE with a Content-Type destroys, too."""
    _, plain, resource = _named(cloud, verify)
    if resource is None:
        verify.inconclusive(f"nothing could be created: {plain.status}")
    x = cloud.delete(resource.href, headers={"Content-Type": "application/xml"})
    verify.accepted("DC-HTTP-050", x)
    if x.ok:
        cloud.mark_destroyed(resource)


@check("DC-NEG-012", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_format_on_post(cloud: Cloud, verify: Verify, format_: str) -> None:
    """`?format=` decides about the answer to a POST, too (C3)."""
    other = "json" if format_ == "xml" else "xml"
    _, x, _ = _named(cloud, verify, params={"format": format_}, format=other, place="query")
    verify.equal("DC-NEG-012", "Content-Type", format_, x.format if x.ok else x.status, x=x)


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
    _, _, other = _named(cloud, verify)  # the positive twin: by DELETE it works
    if other is not None and not cloud.cleaner.remove(other):
        verify.inconclusive("what was created cannot be destroyed by DELETE, either")
    answer = cloud.post(resource.href, {"_method": "delete"})
    verify.accepted("DC-HTTP-041", answer)
    gone = cloud.get(resource.href)
    verify.status("DC-HTTP-041", gone, 404, why=f"{name} was destroyed by _method")
    if gone.status == 404:
        cloud.mark_destroyed(resource)
