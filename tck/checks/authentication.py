"""Checks of authentication: HTTP Basic with every request, and nothing without it."""

from __future__ import annotations

import pytest

from tck.checks.support import life
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.instances import image_id
from tck.checks.support.shared import assert_creates_nothing, need_shown
from tck.checks.support.verify import Verify
from tck.endpoint import capabilities
from tck.endpoint.transport import Credentials
from tck.safety.resource import Resource
from tck.schemas.operations import API

# Served without credentials by tradition (T4): there their absence proves nothing.
OPEN = ("drivers", "instance_states", "hardware_profiles")
PROTECTED = tuple(name for name in API.top_level if name not in OPEN)


def _own(cloud: Cloud, verify: Verify) -> Credentials:
    if cloud.transport.credentials is None:
        verify.inconclusive("the run has no credentials")
    return cloud.transport.credentials


@check("DC-AUT-001", "DC-AUT-004", "DC-AUT-005")
@pytest.mark.parametrize("collection", PROTECTED)
def test_without_credentials(cloud: Cloud, verify: Verify, collection: str) -> None:
    """A protected collection is not shown without credentials."""
    _own(cloud, verify)
    need_shown(cloud, verify, cloud.path(collection))
    x = cloud.get(cloud.path(collection), credentials=None)
    verify.status("DC-AUT-001", x, 401)


@check("DC-AUT-002", "DC-AUT-003", "DC-AUT-004")
@pytest.mark.parametrize("wrong", ["both", "password", "user", "empty password", "longer"])
@pytest.mark.parametrize("collection", PROTECTED)
def test_wrong_credentials(cloud: Cloud, verify: Verify, collection: str, wrong: str) -> None:
    """A wrong user or a wrong password is refused."""
    own = _own(cloud, verify)
    need_shown(cloud, verify, cloud.path(collection))
    pairs = {
        "both": Credentials("tck-nobody", "tck-nothing"),
        "password": Credentials(own.user, "tck-wrong"),
        "user": Credentials("tck-nobody", own.password),
        "empty password": Credentials(own.user, ""),
        "longer": Credentials(own.user, own.password + "x"),
    }
    x = cloud.get(cloud.path(collection), credentials=pairs[wrong])
    verify.status("DC-AUT-002" if wrong == "both" else "DC-AUT-003", x, 401)


@check("DC-AUT-006")
def test_entry_point_is_open(cloud: Cloud, verify: Verify) -> None:
    """The entry point is shown without credentials."""
    verify.accepted("DC-AUT-006", cloud.get("", credentials=None))


@check("DC-AUT-007")
@pytest.mark.parametrize("collection", ["drivers", "instance_states"])
def test_open_collections(cloud: Cloud, verify: Verify, collection: str) -> None:
    """Drivers and the state machine are shown without credentials."""
    verify.accepted("DC-AUT-007", cloud.get(cloud.path(collection), credentials=None))


@check("DC-AUT-008", "DC-AUT-010", "DC-AUT-004")
@pytest.mark.parametrize("value", ["true", "1", ""])
def test_force_auth(cloud: Cloud, verify: Verify, value: str) -> None:
    """Clients test their credentials with `force_auth` (C6)."""
    _own(cloud, verify)
    query = {"force_auth": value}
    x = cloud.get("", params=query)
    verify.accepted("DC-AUT-010", x)
    ok = capabilities.read(x) is not None
    verify.holds("DC-AUT-010", "body", "the entry point", x.media_type, ok, x=x)
    verify.status("DC-AUT-008", cloud.get("", params=query, credentials=None), 401)


@check("DC-AUT-009", "DC-AUT-004")
@pytest.mark.parametrize("value", ["true", "1", ""])
def test_force_auth_with_wrong_credentials(cloud: Cloud, verify: Verify, value: str) -> None:
    """With `force_auth` the entry point refuses wrong credentials."""
    own = _own(cloud, verify)
    query = {"force_auth": value}
    need_shown(cloud, verify, "", params=query)
    for wrong in (Credentials("tck-nobody", "x"), Credentials(own.user, own.password + "x")):
        verify.status("DC-AUT-009", cloud.get("", params=query, credentials=wrong), 401)


@check("DC-AUT-011", "DC-AUT-004")
@pytest.mark.parametrize("collection", PROTECTED)
@pytest.mark.parametrize(
    "authorization",
    ["Basic %%%", "Basic", "Basic bm9jb2xvbg==", "Bearer tck", 'Digest username="tck"', "tck", ""],
)
def test_malformed_credentials(
    cloud: Cloud, verify: Verify, collection: str, authorization: str
) -> None:
    """A field that is not Basic authentication is refused with 401 or 400."""
    _own(cloud, verify)
    need_shown(cloud, verify, cloud.path(collection))
    x = cloud.get(
        cloud.path(collection), credentials=None, headers={"Authorization": authorization}
    )
    verify.status("DC-AUT-011", x, 401, 400)


@check("DC-AUT-012")
@pytest.mark.parametrize("scheme", ["basic", "BASIC"])
def test_scheme_in_any_case(cloud: Cloud, verify: Verify, scheme: str) -> None:
    """The name of the scheme is accepted in any case."""
    _own(cloud, verify)
    sent = cloud.get("", params={"force_auth": "1"}).request.headers.get("Authorization")
    header = {"Authorization": f"{scheme} {sent.split(' ', 1)[-1]}"}
    x = cloud.get("", params={"force_auth": "1"}, credentials=None, headers=header)
    verify.accepted("DC-AUT-012", x)


@check("DC-AUT-014")
@pytest.mark.parametrize("collection", PROTECTED)
def test_head_without_credentials(cloud: Cloud, verify: Verify, collection: str) -> None:
    """HEAD, too, is refused without credentials."""
    _own(cloud, verify)
    need_shown(cloud, verify, cloud.path(collection))
    x = cloud.request("HEAD", cloud.path(collection), credentials=None)
    verify.status("DC-AUT-014", x, 401)


@check("DC-AUT-015")
@pytest.mark.parametrize("collection", PROTECTED)
def test_credentials_count_once(cloud: Cloud, verify: Verify, collection: str) -> None:
    """Credentials count for one request: neither a connection nor a cookie stands in for them."""
    _own(cloud, verify)
    first = cloud.get(cloud.path(collection))
    if not first.ok:
        verify.inconclusive("the collection is not shown with credentials")
    cookies = "; ".join(value.split(";")[0] for value in first.headers.all("Set-Cookie"))
    headers = {"Cookie": cookies} if cookies else {}
    x = cloud.get(cloud.path(collection), credentials=None, headers=headers)
    verify.status("DC-AUT-015", x, 401)


@check("DC-AUT-016")
@pytest.mark.parametrize("collection", PROTECTED)
def test_member_without_credentials(cloud: Cloud, verify: Verify, collection: str) -> None:
    """A member is not shown without credentials, even to a client that knows its id."""
    _own(cloud, verify)
    target = cloud.path(collection, life.some_members(cloud, verify, collection, 1)[0].id)
    need_shown(cloud, verify, target)
    verify.status("DC-AUT-016", cloud.get(target, credentials=None), 401)
    nobody = Credentials("tck-nobody", "x")
    verify.status("DC-AUT-016", cloud.get(target, credentials=nobody), 401)


@check("DC-AUT-013", "DC-ERR-022", writes=True)
def test_write_without_credentials_changes_nothing(cloud: Cloud, verify: Verify) -> None:
    """A refused create creates nothing, a refused destroy destroys nothing."""
    _own(cloud, verify)
    collection, form, resource = _creatable(cloud, verify)
    for credentials in (None, Credentials("tck-nobody", "x")):
        why = "no right credentials"
        assert_creates_nothing(
            cloud, verify, "DC-AUT-013", collection, form, why, credentials=credentials
        )
    x = cloud.delete(resource.href, credentials=None)
    verify.refused("DC-AUT-013", x, why="no credentials")
    verify.accepted("DC-AUT-013", cloud.get(resource.href), why="it must still be there")


def _creatable(cloud: Cloud, verify: Verify) -> tuple[str, dict[str, str], Resource]:
    """What can be created here with the least effort: collection, form, and one of it."""
    for collection in ("keys", "buckets", "instances"):
        if not cloud.capabilities.declares(collection):
            continue
        image = {"image_id": image_id(cloud, verify)} if collection == "instances" else {}
        _, resource = cloud.create(collection, image)
        if resource is not None:
            return collection, image, resource
    verify.inconclusive("nothing could be created")
