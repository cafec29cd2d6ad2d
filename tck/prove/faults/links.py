"""Action links that are missing, incomplete, or lead to something else."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from tck.prove.altered import json, xml
from tck.prove.faults.fault import Faults

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
    xml.alter(
        "instances.*",
        "writes the methods of action links in upper case",
        "//actions/link/@method",
        str.upper,
    ),
)
fault("method-patch", "DC-LNK-002", xml.put("images.*", "//actions/link/@method", "patch"))
fault(
    "method-of-networks-in-upper-case",
    "DC-LNK-002",
    xml.alter(
        "networks.* subnets.*",
        "writes the methods of action links of networks in upper case",
        "//actions/link/@method",
        str.upper,
    ),
)
fault(
    "json-method-in-upper-case",
    "DC-LNK-002",
    json.alter(
        "instances.*", "writes the methods of actions in upper case", "actions.method", str.upper
    ),
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
    json.alter("instances.*", "writes the rels of actions in upper case", "actions.rel", str.upper),
)


# The patterns are replaced in the URL to which the link leads.
for name, where, link, target, pattern, new in (
    ("stop-leads-to-reboot", "instances.*", "stop", "reboot", "/stop", "/reboot"),
    ("stop-leads-to-the-instance", "instances.*", "stop", "the instance itself", "/stop", ""),
    ("attach-leads-to-detach", "storage_volumes.*", "attach", "detach", "/attach", "/detach"),
    (
        "create-instance-leads-to-image",
        "images.*",
        "create_instance",
        "the image",
        "/instances",
        "/images",
    ),
    (
        "create-image-leads-to-instance",
        "instances.*",
        "create_image",
        "the instance",
        "/images",
        "/instances",
    ),
    ("associate-leads-to-list", "addresses.*", "associate", "the list", "/[^/]+/[^/]+$", ""),
    (
        "unregister-leads-to-register",
        "load_balancers.*",
        "unregister",
        "register",
        "/unregister",
        "/register",
    ),
    (
        "unregister-from-another",
        "load_balancers.*",
        "unregister",
        "another load balancer",
        "/[^/]+/unregister",
        "/other/unregister",
    ),
):
    fault(
        name,
        "DC-LNK-005",
        xml.alter(
            where,
            f"lets the link `{link}` lead to {target}",
            f"//link[@rel='{link}']/@href",
            partial(re.sub, pattern, new),
        ),
    )


@fault.does("DC-LNK-005", xml.alter, "instances.*", "//actions/link/@href")
def action_of_another_instance(href: str) -> str:
    """Lets action links lead to another instance."""
    return href.replace("/inst1", "/inst0")


@fault.does("DC-LNK-005", xml.alter, "keys.*", "//actions/link/@href")
def destroy_leads_to_list(href: str) -> str:
    """Lets the link `destroy` of keys lead to the list."""
    return href.rpartition("/")[0]


@fault.does("DC-LNK-005", xml.alter, "firewalls.*", "//rule/actions/link/@href")
def rule_link_leads_to_firewall(href: str) -> str:
    """Lets the link of a rule lead to its firewall."""
    return href.rpartition("/")[0]


@fault.does("DC-LNK-005", xml.alter, "firewalls.*", "//rule/actions/link/@href")
def rule_link_leads_to_another(href: str) -> str:
    """Lets the link of a rule lead to another rule."""
    return f"{href.rpartition('/')[0]}/1"


@fault.does("DC-LNK-005", json.alter, "instances.*", "actions.href")
def json_start_leads_to_stop(href: Any) -> Any:
    """Lets the link `start` lead to stop."""
    return href.replace("/stop", "/start")


fault(
    "rule-destroyed-by-post",
    "DC-LNK-003",
    xml.put("firewalls.*", "//rule/actions/link/@method", "post"),
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


@fault.does("DC-LNK-006", json.alter, "instances.*", "actions")
def json_action_twice(actions: Any) -> Any:
    """Offers the first action twice."""
    return [*actions, *actions[:1]]
