"""Servers that do not follow a recommendation: warned of, not blamed."""

from __future__ import annotations

from dataclasses import replace

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import in_document
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.requests import known, mend, port
from tck.prove.variants.variant import variant
from tck.reference_server.resources import StorageSnapshot

_CHALLENGE = [("WWW-Authenticate", 'Basic realm="deltacloud"'), ("X-Deltacloud-Driver", "full")]


def _closed(asked: Asked) -> Answer | None:
    return None if asked.sent else Answer(401, _CHALLENGE, b"")


def _plain(_asked: Asked, answer: Answer) -> None:
    if answer.body:
        answer.body = b"this failed"
        answer.set("Content-Type", "text/plain")


def _raw(asked: Asked) -> str:
    return str(asked.environ.get("REQUEST_URI", ""))


_PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"
_TRACE = "/srv/deltacloud/server.rb:117:in `safely'"

VARIANTS = [
    variant(
        "allowed-anything-goes",
        "DC-ERR-020, DC-ERR-021: as the original's mock (B62)",
        mend("storage_volumes.create", "capacity", str.isdigit, "1"),
        mend("storage_volumes.create", "realm_id", known, "us"),
        mend("load_balancers.create", "realm_id", known, "us"),
        mend("load_balancers.create", "listener_balancer_port", port, "80"),
        mend("firewalls.rules", "port_to", port, "80"),
        warns="DC-ERR-020 DC-ERR-021",
    ),
    variant(
        "allowed-links-left-out",
        "DC-LNK-007",
        xml.drop("networks.* subnets.* load_balancers.*", "//actions/link[@rel='destroy']"),
        xml.drop("firewalls.*", "//firewall/actions/link[@rel='add_rule' or @rel='update']"),
        warns="DC-LNK-007",
    ),
    variant(
        "allowed-entry-point-closed",
        "DC-AUT-006: the original's openstack driver",
        requests.instead("api.show", "wants credentials for the entry point", _closed),
        warns="DC-AUT-006 DC-AUT-007 DC-ERR-008",
    ),
    variant(
        "drivers-and-states-closed",
        "DC-AUT-007",
        requests.instead(
            "drivers.* instance_states.*", "wants credentials for drivers and states", _closed
        ),
        warns="DC-AUT-007",
    ),
    variant(
        "allowed-matrix-ignored-on-post",
        "DC-DRV-015, B27",
        requests.divert(
            "*.create",
            "overlooks matrix parameters on POST",
            lambda a: a.path if ";" in _raw(a) else None,
        ),
        warns="DC-DRV-015",
    ),
    variant(
        "allowed-provider-in-lower-case",
        "DC-DRV-010, B29",
        http.field("*", "X-Deltacloud-Provider", str.lower),
        warns="DC-DRV-010",
    ),
    variant(
        "errors-with-stack",
        "DC-ERR-009, B21",
        xml.add("!*", "/error", f"<backtrace>{_TRACE}</backtrace>"),
        warns="DC-ERR-009",
    ),
    variant(
        "allowed-errors-in-plain-text",
        "DC-ERR-008, B16",
        in_document("!*", "tells failures in plain text", _plain),
        warns="DC-ERR-008 DC-ERR-015",
    ),
    variant(
        "allowed-no-location-of-networks",
        "stance 20, B12",
        http.field(
            "networks.create subnets.create network_interfaces.create blobs.create",
            "Location",
            None,
        ),
        warns="DC-HTTP-030",
    ),
    variant(
        "allowed-options-not-offered",
        "DC-HTTP-025, B26",
        in_document(
            "* !*",
            "answers 404 to OPTIONS of members",
            lambda a, x: (
                x.replace(404, "") if a.method == "OPTIONS" and a.path.count("/") > 2 else None
            ),
        ),
        warns="DC-HTTP-025",
    ),
    variant(
        "driver-not-named",
        "DC-HTTP-043, B33",
        http.field("* !*", "X-Deltacloud-Driver", None),
        warns="DC-HTTP-043",
    ),
    variant(
        "expect-in-refusals",
        "DC-HTTP-026, B17",
        http.add_field("!*", "Expect", "100-continue"),
        warns="DC-HTTP-026",
    ),
    variant(
        "allowed-firewall-list-offers-less",
        "DC-FWL-014, B36",
        xml.drop("firewalls.index", "//actions/link[@rel='update']"),
        xml.drop(
            "firewalls.show firewalls.create firewalls.rules", "//actions/link[@rel='add_rule']"
        ),
        warns="DC-FWL-014",
    ),
    variant(
        "allowed-snapshot-shows-id-for-name",
        "DC-SNP-006, B38",
        drivers.shown(
            "storage_snapshots.*",
            "shows the id for the name",
            StorageSnapshot,
            lambda s: replace(s, name=s.id),
        ),
        warns="DC-SNP-006",
    ),
    variant(
        "private-key-shown-always",
        "DC-KEY-007, B67",
        xml.add("keys.show keys.index", "//key", f"<pem>{_PEM}</pem>"),
        warns="DC-KEY-007",
    ),
    variant(
        "sizes-outside-ignored",
        "DC-INS-026, B14",
        drivers.around(
            "instances.create",
            "drops sizes that are not offered",
            "create_instance",
            drivers.sizes_dropped,
        ),
        warns="DC-INS-026",
    ),
    variant(
        "wildcards-406",
        "stance 4, B31",
        requests.instead(
            "*",
            "answers 406 to application/* and text/*",
            lambda a: (
                Answer(
                    406, [("X-Deltacloud-Driver", "full"), ("Content-Type", "text/plain")], b"no"
                )
                if a.header("Accept") in ("application/*", "text/*")
                else None
            ),
        ),
        warns="DC-NEG-008",
    ),
    variant(
        "hrefs-not-encoded",
        "stance 47, B44",
        xml.put("firewalls.*", "//@href", lambda h: h + "?a=b c"),
        json.put("firewalls.*", "href", lambda h: h + "?a=b c"),
        warns="DC-DOC-011",
    ),
    variant(
        "driver-names-in-this-case-only",
        "DC-DRV-012",
        requests.instead(
            "*",
            "knows drivers in lower case only",
            lambda a: (
                Answer(400, [("X-Deltacloud-Driver", "full")], b"")
                if (a.header("X-Deltacloud-Driver") or "")
                != (a.header("X-Deltacloud-Driver") or "").lower()
                else None
            ),
        ),
        warns="DC-DRV-012",
    ),
    variant(
        "profiles-not-listed-by-images",
        "DC-IMG-004",
        xml.drop("images.*", "//image/hardware_profiles/*"),
        json.put("images.*", "hardware_profiles", []),
        warns="DC-IMG-004",
    ),
    variant("headers-without-date", "DC-HTTP-015", http.field("* !*", "Date", None)),
]
