"""Checks of the drivers collection and of choosing driver and provider per request."""

from __future__ import annotations

import pytest

from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import need_shown
from tck.checks.support.verify import Verify
from tck.endpoint import capabilities
from tck.endpoint.exchange import Exchange

PROVIDER = "Tck-Provider"


def _at(cloud: Cloud, matrix: str, rest: str = "") -> str:
    """URL with matrix parameters on the segment of the entry point."""
    return f"{cloud.transport.base};{matrix}{rest}"


def _declared(x: Exchange) -> str | None:
    declared = capabilities.read(x)
    return declared.driver if declared else None


def _other(cloud: Cloud, verify: Verify) -> str:
    """Another driver that the endpoint can really switch to."""
    for member in cloud.members("drivers"):
        if member.id != cloud.capabilities.driver:
            x = cloud.get("", headers={"X-Deltacloud-Driver": member.id})
            if x.ok:
                return member.id
    verify.inconclusive("the endpoint offers no second driver")


@check("DC-DRV-004", "DC-DRV-007", "DC-DRV-016", needs="drivers")
def test_driver_by_header(cloud: Cloud, verify: Verify) -> None:
    """The header selects the driver of one request (C7)."""
    other = _other(cloud, verify)
    x = cloud.get("", headers={"X-Deltacloud-Driver": other})
    verify.equal("DC-DRV-004", "api/@driver", other, _declared(x), x=x)
    switched = capabilities.read(x)
    again = cloud.get("")
    verify.equal("DC-DRV-007", "api/@driver", cloud.capabilities.driver, _declared(again), x=again)
    switched = verify.need(switched, "the other driver's entry point cannot be read")
    now = verify.need(capabilities.read(again), "the entry point cannot be read any more")
    verify.equal(
        "DC-DRV-016",
        "api/link",
        (sorted(cloud.capabilities.collections), sorted(cloud.capabilities.features)),
        (sorted(now.collections), sorted(now.features)),
        x=again,
    )


@check("DC-DRV-005", "DC-DRV-006", "DC-DRV-007", needs="drivers")
def test_driver_by_matrix(cloud: Cloud, verify: Verify) -> None:
    """`/api;driver=D`, alone and before a path."""
    other = _other(cloud, verify)
    x = cloud.get(_at(cloud, f"driver={other}"))
    verify.equal("DC-DRV-005", "api/@driver", other, _declared(x), x=x)
    again, own = cloud.get(""), cloud.capabilities.driver
    verify.equal("DC-DRV-007", "api/@driver", own, _declared(again), x=again)
    x = cloud.get(_at(cloud, f"driver={other}", "/drivers"))
    verify.status("DC-DRV-006", x, 200)
    got = x.headers.get("X-Deltacloud-Driver")
    if got:
        verify.equal("DC-DRV-006", "X-Deltacloud-Driver", other, got, x=x)


@check("DC-DRV-008", "DC-DRV-009", "DC-DRV-010", "DC-API-016", needs="drivers")
def test_provider(cloud: Cloud, verify: Verify) -> None:
    """The provider is selected by header or matrix, and shown, for one request."""
    accepted = 0
    for x in (
        cloud.get("", headers={"X-Deltacloud-Provider": PROVIDER}),
        cloud.get(_at(cloud, f"provider={PROVIDER}")),
        cloud.get(_at(cloud, f"provider={PROVIDER};driver={cloud.capabilities.driver}")),
    ):
        if 400 <= x.status < 500:
            continue  # a driver that knows its providers refuses another
        accepted += 1
        got = x.headers.get("X-Deltacloud-Provider").lower()
        verify.equal("DC-DRV-008", "X-Deltacloud-Provider", PROVIDER.lower(), got, x=x)
    if not accepted:
        verify.inconclusive("the endpoint refuses providers it does not know")
    again = cloud.get("")
    kept = again.headers.get("X-Deltacloud-Provider").lower()
    ok, place = kept != PROVIDER.lower(), "X-Deltacloud-Provider"
    verify.holds("DC-DRV-009", place, "not the provider of the request before", kept, ok, x=again)


@check("DC-DRV-011", needs="drivers")
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_unknown_driver(cloud: Cloud, verify: Verify, format_: str) -> None:
    """To select a driver that does not exist is refused with 4xx."""
    need_shown(cloud, verify, "", format=format_)
    name = cloud.unknown_id()
    for x in (
        cloud.get("", format=format_, headers={"X-Deltacloud-Driver": name}),
        cloud.get(_at(cloud, f"driver={name}"), format=format_),
    ):
        verify.refused("DC-DRV-011", x, why="there is no such driver")


@check("DC-DRV-012", needs="drivers")
def test_driver_name_in_upper_case(cloud: Cloud, verify: Verify) -> None:
    """The name of a driver is accepted in upper case, too."""
    other = _other(cloud, verify)
    x = cloud.get("", headers={"X-Deltacloud-Driver": other.upper()})
    verify.equal("DC-DRV-012", "api/@driver", other, _declared(x), x=x)


@check("DC-DRV-013", needs="drivers")
def test_matrix_before_header(cloud: Cloud, verify: Verify) -> None:
    """Of a matrix parameter and a header the matrix parameter counts."""
    other, own = _other(cloud, verify), cloud.capabilities.driver
    x = cloud.get(_at(cloud, f"driver={other}"), headers={"X-Deltacloud-Driver": own})
    verify.equal("DC-DRV-013", "api/@driver", other, _declared(x), x=x)


@check("DC-DRV-014")
@pytest.mark.parametrize(
    "tail", [";;;", ";tck", ";=x", ";state=STOPPED", ";a=1;b=2", ";a=%20", ";image_id=x"]
)
def test_odd_matrix_parameters(cloud: Cloud, verify: Verify, tail: str) -> None:
    """Matrix parameters that mean nothing do no harm, on any segment."""
    plain = cloud.get("/drivers") if cloud.capabilities.declares("drivers") else cloud.get("")
    target = plain.request.url + tail
    x = cloud.get(target)
    verify.equal("DC-DRV-014", "status", plain.status, x.status, x=x)
    plain = cloud.get("/instance_states")
    x = cloud.get(_at(cloud, tail[1:], "/instance_states"))
    ok = x.status < 500 or x.status == plain.status
    verify.holds("DC-DRV-014", "status", "no failure of the server", x.status, ok, x=x)


@check("DC-DRV-015", needs=("drivers", "keys"), writes=True)
def test_matrix_on_post(cloud: Cloud, verify: Verify) -> None:
    """A matrix parameter selects the driver of a POST, too, as links of switched documents need."""
    own, name = cloud.capabilities.driver, cloud.new_name()
    target = _at(cloud, f"driver={own}", "/keys")
    x, key = cloud.create("keys", {"name": name}, target=target)
    if x.status in (412, 405, 501):
        verify.not_applicable("the endpoint does not create keys")
    verify.accepted("DC-DRV-015", x, why=f"POST to {target}")
    if key is not None:
        elsewhere = _at(cloud, f"driver={cloud.unknown_id()}", "/keys")
        x, _ = cloud.create("keys", {"name": cloud.new_name()}, target=elsewhere)
        verify.refused("DC-DRV-015", x, why="there is no such driver")


@check("DC-DRV-002", needs="drivers")
def test_drivers_in_json(cloud: Cloud, verify: Verify) -> None:
    """Drivers are an object keyed by id, a driver has id and name (J3)."""
    verify.accepted("DC-DRV-002", cloud.index("drivers", format="json"))
    for member in cloud.members("drivers")[:4]:
        verify.accepted("DC-DRV-002", cloud.show("drivers", member.id, format="json"))


@check("DC-DRV-017")
def test_refusal_names_the_driver_in_force(cloud: Cloud, verify: Verify) -> None:
    """An error document names the driver in force, in lower case as the entry point does."""
    targets = [cloud.path(name, cloud.unknown_id()) for name in cloud.declared_collections()]
    answers = [(x, x.xml.find("backend")) for x in map(cloud.get, targets) if x.xml is not None]
    named = [(x, backend.get("driver")) for x, backend in answers if backend is not None]
    if not any(driver for _, driver in named):
        verify.inconclusive("no error document names a driver")
    for x, driver in named:
        place = "/error/backend/@driver"
        verify.equal("DC-DRV-017", place, cloud.capabilities.driver, driver, x=x)


@check("DC-DOC-014", "DC-DRV-018", needs="drivers")
def test_unknown_driver_shown(cloud: Cloud, verify: Verify) -> None:
    """The drivers collection has no such member."""
    need_shown(cloud, verify, cloud.path("drivers"))
    verify.status("DC-DOC-014", cloud.get(cloud.path("drivers", cloud.unknown_id())), 404)
