"""Servers that do not follow a recommendation: reports warn of it, the verdict stays."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import is_port, may_exist, repair
from tck.prove.variants.variant import Variants
from tck.reference_server.resources import StorageSnapshot

_CHALLENGE = [("WWW-Authenticate", 'Basic realm="deltacloud"'), ("X-Deltacloud-Driver", "full")]


def _require_credentials(asked: Asked) -> Answer | None:
    return None if asked.credentials else Answer(401, _CHALLENGE, b"")


_PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
_TRACE = "/srv/deltacloud/server.rb:117:in `safely'"

variant = Variants()

variant(
    "allowed-anything-goes",
    "DC-ERR-020, DC-ERR-021: as the original's mock (B62)",
    repair("storage_volumes.create", "capacity", str.isdigit, "1"),
    repair("storage_volumes.create", "realm_id", may_exist, "us"),
    repair("load_balancers.create", "realm_id", may_exist, "us"),
    repair("load_balancers.create", "listener_balancer_port", is_port, "80"),
    repair("firewalls.rules", "port_to", is_port, "80"),
    warns="DC-ERR-020 DC-ERR-021",
    text="takes values of its own in place of invalid ones",
)
variant(
    "allowed-links-left-out",
    "DC-LNK-007",
    xml.drop("networks.* subnets.* load_balancers.*", "//actions/link[@rel='destroy']"),
    xml.drop("firewalls.*", "//firewall/actions/link[@rel='add_rule' or @rel='update']"),
    warns="DC-LNK-007",
    text="offers neither destroy on networks and load balancers nor new rules on firewalls",
)
variant(
    "documents-as-they-are-printed",
    "T12, T49, T68: the API's documentation prints them so, and clients read them",
    xml.drop(
        "keys.* storage_volumes.* storage_snapshots.*",
        "//*[@id='test-key' or @id='vol1' or @id='snap1']/name",
    ),
    xml.drop("blobs.*", "//blob/content"),
    xml.drop("instances.*", "//instance/storage_volumes[not(*)]"),
    warns="DC-BLB-023 DC-INS-059 DC-KEY-014 DC-SNP-008 DC-VOL-021",
    text="shows neither the names of what nobody named, nor empty lists of volumes",
)
variant(
    "allowed-entry-point-closed",
    "DC-AUT-006: the original's openstack driver",
    requests.reply("api.show", "requires credentials for the entry point", _require_credentials),
    warns="DC-AUT-006 DC-AUT-007 DC-ERR-008",
)
variant(
    "drivers-and-states-closed",
    "DC-AUT-007",
    requests.reply(
        "drivers.* instance_states.*",
        "requires credentials for drivers and states",
        _require_credentials,
    ),
    warns="DC-AUT-007",
)


@variant.does("DC-DRV-015, B27", requests.divert, "*.create", warns="DC-DRV-015")
def allowed_matrix_ignored_on_post(asked: Asked) -> str | None:
    """Ignores matrix parameters on POST."""
    return asked.path if ";" in asked.environ.get("REQUEST_URI", "") else None


variant(
    "allowed-provider-in-lower-case",
    "DC-DRV-010, B29",
    http.alter_field("*", "writes the provider in lower case", "X-Deltacloud-Provider", str.lower),
    warns="DC-DRV-010",
)
variant(
    "errors-with-stack",
    "DC-ERR-009, B21",
    xml.add("!*", "/error", f"<backtrace>{_TRACE}</backtrace>"),
    warns="DC-ERR-009",
    text="writes a stack trace into error documents",
)


@variant.does("DC-ERR-008, B16", in_document, "!*", warns="DC-ERR-008 DC-ERR-015")
def allowed_errors_in_plain_text(_asked: Asked, answer: Answer) -> None:
    """Answers with errors in plain text."""
    if answer.body:
        answer.body = b"this failed"
        answer.set("Content-Type", "text/plain")


variant(
    "allowed-no-location-of-networks",
    "stance 20, B12",
    http.field(
        "networks.create subnets.create network_interfaces.create blobs.create", "Location", None
    ),
    warns="DC-HTTP-030",
)


@variant.does("DC-HTTP-025, B26", in_document, "* !*", warns="DC-HTTP-025")
def allowed_options_not_offered(asked: Asked, answer: Answer) -> None:
    """Answers 404 to OPTIONS of members."""
    if asked.method == "OPTIONS" and asked.path.count("/") > 2:
        answer.replace(404)


variant(
    "driver-not-named",
    "DC-HTTP-043, B33",
    http.field("* !*", "X-Deltacloud-Driver", None),
    warns="DC-HTTP-043",
)
variant(
    "expect-in-refusals",
    "DC-HTTP-026, B17",
    http.add_field("!*", "Expect", "100-continue"),
    warns="DC-HTTP-026",
)
variant(
    "allowed-firewall-list-offers-less",
    "DC-FWL-014, B36",
    xml.drop("firewalls.index", "//actions/link[@rel='update']"),
    xml.drop("firewalls.show firewalls.create firewalls.rules", "//actions/link[@rel='add_rule']"),
    warns="DC-FWL-014",
    text="offers add_rule in the list of firewalls and update elsewhere",
)


@variant.does(
    "DC-SNP-006, B38", drivers.shown, "storage_snapshots.*", StorageSnapshot, warns="DC-SNP-006"
)
def allowed_snapshot_shows_id_for_name(snapshot: Any) -> Any:
    """Shows the id of a snapshot in place of its name."""
    return replace(snapshot, name=snapshot.id)


variant(
    "private-key-shown-always",
    "DC-KEY-007, B67",
    xml.add("keys.show keys.index", "//key", f"<pem>{_PEM}</pem>"),
    warns="DC-KEY-007",
    text="shows the private part of keys in every document",
)
variant(
    "sizes-outside-ignored",
    "DC-INS-026, B14",
    drivers.around(
        "instances.create",
        "drops sizes that are not offered",
        "create_instance",
        drivers.drop_refused_sizes,
    ),
    warns="DC-INS-026",
)


@variant.does("stance 4, B31", requests.reply, "*", warns="DC-NEG-008")
def wildcards_406(asked: Asked) -> Answer | None:
    """Answers 406 to application/* and text/*."""
    if asked.header("Accept") not in ("application/*", "text/*"):
        return None
    return Answer(406, [("X-Deltacloud-Driver", "full"), ("Content-Type", "text/plain")], b"no")


variant(
    "hrefs-not-encoded",
    "stance 47, B44",
    xml.alter("firewalls.*", "adds a blank", "//@href", "{}?a=b c".format),
    json.alter("firewalls.*", "adds a blank", "href", "{}?a=b c".format),
    warns="DC-DOC-011",
    text="does not percent-encode hrefs",
)


@variant.does("DC-DRV-012", requests.reply, "*", warns="DC-DRV-012")
def driver_names_in_this_case_only(asked: Asked) -> Answer | None:
    """Answers 400 to the names of drivers in upper case."""
    driver = asked.header("X-Deltacloud-Driver") or ""
    return None if driver == driver.lower() else Answer(400, [("X-Deltacloud-Driver", "full")])


variant(
    "profiles-not-listed-by-images",
    "DC-IMG-004",
    xml.drop("images.*", "//image/hardware_profiles/*"),
    json.put("images.*", "hardware_profiles", []),
    warns="DC-IMG-004",
    text="names no hardware profiles in images",
)


@variant.does("DC-HTTP-052", in_request, "*", warns="DC-HTTP-052")
def allowed_blanks_in_names(asked: Asked) -> None:
    """Takes a blank before the name of a form field as a part of it, and ignores the field."""
    if b"%20" in asked.body:
        asked.body = b"&".join(f for f in asked.body.split(b"&") if not f.startswith(b"%20"))


@variant.does("DC-FWL-017", requests.rewrite, "firewalls.rules", warns="DC-FWL-017")
def allowed_sources_by_number(sent: dict[str, str]) -> dict[str, str]:
    """Knows sources of rules as ip_address1, ip_address2 ... only."""
    known = re.compile(r"(?!ip[-_]).*|ip_address\d+")
    return {name: value for name, value in sent.items() if known.fullmatch(name)}


variant("headers-without-date", "DC-HTTP-015", http.field("* !*", "Date", None))
