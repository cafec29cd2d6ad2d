"""Action links that are missing, incomplete, or lead to something else."""

from __future__ import annotations

import re

from tck.prove.altered import json, xml
from tck.prove.faults.fault import Faults


def _last(href: str, new: str) -> str:
    return href.rsplit("/", 1)[0] + "/" + new


def _other_object(href: str) -> str:
    return href.replace("/inst1", "/inst0")


fault = Faults()

fault("links-without-method", "DC-LNK-001", xml.drop("*", "//actions/link/@method"))
fault("links-without-rel", "DC-LNK-001", xml.drop("instances.*", "//actions/link/@rel"))
fault("links-without-href", "DC-LNK-001", xml.drop("storage_volumes.*", "//actions/link/@href"))
fault("link-with-empty-method", "DC-LNK-001", xml.put("keys.*", "//actions/link/@method", ""))
fault("json-links-without-method", "DC-LNK-001", json.drop("instances.*", "actions.method"))
fault("json-links-without-href", "DC-LNK-001", json.drop("instances.*", "actions.href"))
fault(
    "method-in-upper-case",
    "DC-LNK-002",
    xml.put("instances.*", "//actions/link/@method", str.upper),
    text="writes the methods of action links in upper case",
)
fault("method-patch", "DC-LNK-002", xml.put("images.*", "//actions/link/@method", "patch"))
fault(
    "method-of-networks-in-upper-case",
    "DC-LNK-002",
    xml.put("networks.* subnets.*", "//actions/link/@method", str.upper),
    text="writes the methods of action links of networks in upper case",
)
fault(
    "json-method-in-upper-case",
    "DC-LNK-002",
    json.put("instances.*", "actions.method", str.upper),
    text="writes the methods of actions in upper case in JSON",
)
fault(
    "destroy-by-post",
    "DC-LNK-003",
    xml.put("instances.*", "//link[@rel='destroy']/@method", "post"),
)
fault(
    "destroy-of-volume-by-post",
    "DC-LNK-003",
    xml.put("storage_volumes.*", "//link[@rel='destroy']/@method", "post"),
)
fault(
    "destroy-of-image-by-post",
    "DC-LNK-003",
    xml.put("images.*", "//link[@rel='destroy_image']/@method", "post"),
)
fault("stop-by-get", "DC-LNK-003", xml.put("instances.*", "//link[@rel='stop']/@method", "get"))
fault(
    "attach-by-put",
    "DC-LNK-003",
    xml.put("storage_volumes.*", "//link[@rel='attach']/@method", "put"),
)
fault(
    "add-rule-by-put",
    "DC-LNK-003",
    xml.put("firewalls.*", "//link[@rel='add_rule']/@method", "put"),
)
fault(
    "register-by-get",
    "DC-LNK-003",
    xml.put("load_balancers.*", "//link[@rel='register']/@method", "get"),
)
fault("json-destroy-by-post", "DC-LNK-003", json.put("instances.*", "actions.method", "post"))
fault("rel-unknown", "DC-LNK-004", xml.put("instances.*", "//link[@rel='reboot']/@rel", "restart"))
fault(
    "rel-of-keys-unknown", "DC-LNK-004", xml.put("keys.*", "//link[@rel='destroy']/@rel", "delete")
)
fault(
    "rel-of-images-unknown",
    "DC-LNK-004",
    xml.put("images.*", "//link[@rel='create_instance']/@rel", "launch"),
)
fault(
    "rel-of-balancers-unknown",
    "DC-LNK-004",
    xml.put("load_balancers.*", "//instances/instance/link/@rel", "deregister"),
)
fault(
    "json-rel-in-upper-case",
    "DC-LNK-004",
    json.put("instances.*", "actions.rel", str.upper),
    text="writes the rels of actions in upper case in JSON",
)
fault(
    "stop-leads-to-reboot",
    "DC-LNK-005",
    xml.put("instances.*", "//link[@rel='stop']/@href", lambda h: _last(h, "reboot")),
    text="lets the link `stop` lead to reboot",
)
fault(
    "stop-leads-to-the-instance",
    "DC-LNK-005",
    xml.put("instances.*", "//link[@rel='stop']/@href", lambda h: h.rsplit("/", 1)[0]),
    text="lets the link `stop` lead to the instance itself",
)
fault(
    "action-of-another-instance",
    "DC-LNK-005",
    xml.put("instances.*", "//actions/link/@href", _other_object),
    text="lets action links lead to another instance",
)
fault(
    "destroy-leads-to-list",
    "DC-LNK-005",
    xml.put("keys.*", "//actions/link/@href", lambda h: h.rsplit("/", 1)[0]),
    text="lets the link `destroy` of keys lead to the list",
)
fault(
    "attach-leads-to-detach",
    "DC-LNK-005",
    xml.put("storage_volumes.*", "//link[@rel='attach']/@href", lambda h: _last(h, "detach")),
    text="lets the link `attach` lead to detach",
)
fault(
    "create-instance-leads-to-image",
    "DC-LNK-005",
    xml.put(
        "images.*",
        "//link[@rel='create_instance']/@href",
        lambda h: h.replace("/instances", "/images"),
    ),
    text="lets the link `create_instance` lead to the image",
)
fault(
    "create-image-leads-to-instance",
    "DC-LNK-005",
    xml.put(
        "instances.*",
        "//link[@rel='create_image']/@href",
        lambda h: h.replace("/images", "/instances"),
    ),
    text="lets the link `create_image` lead to the instance",
)
fault(
    "associate-leads-to-list",
    "DC-LNK-005",
    xml.put("addresses.*", "//link[@rel='associate']/@href", lambda h: h.rsplit("/", 2)[0]),
    text="lets the link `associate` lead to the list",
)
fault(
    "json-start-leads-to-stop",
    "DC-LNK-005",
    json.put("instances.*", "actions.href", lambda h: h.replace("/stop", "/start")),
    text="lets the link `start` lead to stop in JSON",
)
fault(
    "rule-destroyed-by-post",
    "DC-LNK-003",
    xml.put("firewalls.*", "//rule/actions/link/@method", "post"),
)
fault(
    "rule-link-leads-to-firewall",
    "DC-LNK-005",
    xml.put("firewalls.*", "//rule/actions/link/@href", lambda h: h.rsplit("/", 1)[0]),
    text="lets the link of a rule lead to its firewall",
)
fault(
    "rule-link-leads-to-another",
    "DC-LNK-005",
    xml.put("firewalls.*", "//rule/actions/link/@href", lambda h: _last(h, "1")),
    text="lets the link of a rule lead to another rule",
)
fault(
    "unregister-leads-to-register",
    "DC-LNK-005",
    xml.put(
        "load_balancers.*",
        "//instance/link[@rel='unregister']/@href",
        lambda h: h.replace("/unregister", "/register"),
    ),
    text="lets the link `unregister` lead to register",
)
fault(
    "unregister-from-another",
    "DC-LNK-005",
    xml.put(
        "load_balancers.*",
        "//instance/link[@rel='unregister']/@href",
        lambda h: re.sub("/[^/]+/unregister", "/other/unregister", h),
    ),
    text="lets the link `unregister` lead to another load balancer",
)
fault(
    "destroy-not-offered",
    "DC-LNK-007",
    xml.drop("addresses.* networks.* subnets.*", "//actions/link[@rel='destroy']"),
)
fault(
    "destroy-of-balancers-not-offered",
    "DC-LNK-007",
    xml.drop("load_balancers.*", "//actions/link[@rel='destroy']"),
)
fault(
    "destroy-of-images-not-offered",
    "DC-LNK-007",
    xml.drop("images.*", "//link[@rel='destroy_image']"),
)
fault(
    "register-not-offered",
    "DC-LNK-007",
    xml.drop("load_balancers.*", "//actions/link[@rel='register']"),
)
fault(
    "rules-not-offered",
    "DC-LNK-007",
    xml.drop("firewalls.*", "//firewall/actions/link[@rel='add_rule' or @rel='update']"),
)
fault("action-twice", "DC-LNK-006", xml.repeat("instances.*", "//actions/link[@rel='stop']"))
fault("action-of-volume-twice", "DC-LNK-006", xml.repeat("storage_volumes.*", "//actions/link[1]"))
fault(
    "json-action-twice",
    "DC-LNK-006",
    json.put("instances.*", "actions", lambda v: [*v, *v[:1]]),
    text="offers the first action twice in JSON",
)
