"""Checks of keys: create, show, list, destroy; what is secret stays so."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tck.checks.support.answers import object_in, value_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.instances import assert_new
from tck.checks.support.life import skip_unless_offered
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource

# A real RSA key of 2048 bits: clouds parse what they import.
PUBLIC_KEY = (
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQDvjrvdaF4e+/92PNkNRKibIbhKpIUON5pEzX2NS/kfCm/BtN1pRGOx"
    "pZPbPRvuXZ7MfLvorPHD4XLlXygME1fVdbXtYYf64Hzy46aWWOMxbtqgauu8UrE4i6EpixuEeyOtNMrQVMh1"
    "SmpgP22GYg0nk4C0cMjiP5uYaJlu48P7DycEGnCnNaWS3ed/Z44n3jVx7NhgYDRZa4a0O4X+4Rr2jPNmEz1I"
    "jzXh5j4LiWKc3O/9kg4OobjxVBv2Eurb+S7eBn4XKPnBA4rA/2FcmzELdeFIEXitYANAWE/CnONZSHPR5n0Y"
    "nke0DeRbynNmGfnDZtz7MeOsMglHJDCeHkkB"
    " tck"
)

# White space is free (stance 46): the original indents it.
_PEM = re.compile(
    r"-{4,5} ?BEGIN ([A-Z ]*)PRIVATE KEY ?-{4,5}\s[\sA-Za-z0-9+/=:,-]+\s"
    r"-{4,5} ?END \1PRIVATE KEY ?-{4,5}"
)


def _create(
    cloud: Cloud, verify: Verify, form: Mapping[str, str], format_: str = "xml"
) -> tuple[Exchange, Resource]:
    """Create a key that the check needs."""
    x, key = cloud.create("keys", form, format=format_)
    skip_unless_offered(verify, x, "to create keys")
    verify.accepted("DC-KEY-005", x)
    got = x.headers.get("Location") or x.body
    verify.holds("DC-KEY-005", "/key/@id", "a key with an id", got, key is not None, x=x)
    key = verify.need(key, "no key was created")
    assert_new(cloud, verify, x, key)
    return x, key


@check(
    "DC-KEY-005",
    "DC-KEY-006",
    "DC-HTTP-003",
    "DC-HTTP-029",
    "DC-DOC-028",
    needs="keys",
    writes=True,
)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_create(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A created key has the name it was given, is shown and listed; its private part comes once."""
    name = cloud.new_name()
    x, key = _create(cloud, verify, {"name": name}, format_)
    shown = cloud.show("keys", key.id)
    verify.accepted("DC-KEY-005", shown, why=f"key {key.id} was created")
    verify.equal("DC-KEY-005", "/key/name", name, value_at(shown, "name"), x=shown)
    listed = [member.id for member in cloud.members("keys")]
    verify.contains("DC-KEY-005", "/keys", key.id, listed, x=shown)
    if x.xml is not None and x.xml.get("type") == "key":
        secret = (x.xml.findtext("pem") or "").strip()
    elif object_in(x, "key").get("credential_type") == "key":
        secret = str(object_in(x, "key").get("pem_rsa_key") or "").strip()
    else:
        verify.inconclusive("the endpoint's keys are passwords")
    got = "something else" if secret else None  # the secret itself is not for reports
    is_pem = _PEM.fullmatch(secret) is not None
    verify.holds("DC-KEY-006", "pem", "the private key, in PEM", got, is_pem, x=x)


@check("DC-KEY-007", needs="keys", writes=True)
def test_private_key_is_shown_once(cloud: Cloud, verify: Verify) -> None:
    """Showing and listing keys later does not show the private part (A97)."""
    _, key = _create(cloud, verify, {"name": cloud.new_name()})
    for x in (cloud.show("keys", key.id), cloud.index("keys")):
        secrets = [] if x.xml is None else [e.text or "" for e in x.xml.iter("pem")]
        got = "a private key" if any("PRIVATE KEY" in text for text in secrets) else None
        verify.absent("DC-KEY-007", "pem", "no pem", got, x=x)


@check("DC-KEY-008", needs="keys", writes=True)
def test_second_key_of_one_name(cloud: Cloud, verify: Verify) -> None:
    """A name that is taken is refused, and the first key stays as it was."""
    name = cloud.new_name()
    _, key = _create(cloud, verify, {"name": name})
    before = cloud.show("keys", key.id)
    if not before.ok:  # DC-KEY-005
        verify.inconclusive("the first key is not shown")
    x, _ = cloud.create("keys", {"name": name})
    verify.status("DC-KEY-008", x, 403, 409, 400, why=f"key {name} exists")
    after = cloud.show("keys", key.id)
    verify.equal("DC-KEY-008", "/key", before.body, after.body, x=after)


@check("DC-KEY-009", "DC-HTTP-005", needs="keys", writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed key is neither shown nor listed; the others are."""
    _, key = _create(cloud, verify, {"name": cloud.new_name()})
    _, other = _create(cloud, verify, {"name": cloud.new_name()})
    x = cloud.delete(key.href, format=format_)
    if x.status in (412, 501):
        verify.inconclusive("the endpoint does not destroy keys")
    verify.accepted("DC-KEY-009", x)
    gone = cloud.show("keys", key.id)
    verify.status("DC-KEY-009", gone, 404, why=f"key {key.id} was destroyed")
    cloud.mark_destroyed(key)
    listed = [member.id for member in cloud.members("keys")]
    verify.lacks("DC-KEY-009", "/keys", key.id, listed, x=gone)
    verify.contains("DC-KEY-009", "/keys", other.id, listed, x=gone)


@check("DC-KEY-010", needs="keys", writes=True)
def test_destroy_is_offered(cloud: Cloud, verify: Verify) -> None:
    """A key that can be destroyed says so (A101)."""
    _, key = _create(cloud, verify, {"name": cloud.new_name()})
    shown = cloud.show("keys", key.id)
    root = shown.xml
    rels = [] if root is None else [link.get("rel") for link in root.iterfind("actions/link")]
    answer = cloud.delete(key.href)
    if not answer.ok:
        verify.inconclusive("the endpoint does not destroy keys")
    cloud.mark_destroyed(key)
    verify.contains("DC-KEY-010", "/key/actions", "destroy", rels, x=shown)


@check("DC-KEY-011", needs="keys", feature="keys.import_key", writes=True)
def test_import(cloud: Cloud, verify: Verify) -> None:
    """A public key of the caller's is registered under the name given."""
    name = cloud.new_name()
    x, key = cloud.create("keys", {"name": name, "public_key": PUBLIC_KEY})
    verify.accepted("DC-KEY-011", x)
    key = verify.need(key, "no key was created")
    verify.equal("DC-KEY-011", "/key/@id", name, key.id, x=x)
