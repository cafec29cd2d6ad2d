"""More than the API asks for: clients must ignore what they do not know (A17)."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tck.prove.altered import http, json, xml
from tck.prove.altered.change import in_document
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants

_SOURCE = "A17: collections, operations, parameters, attributes and elements may be added"
_MEMBER = "//*[@id and @href and *]"


def _add_name(value: Any) -> Any:
    """Add a name to an object, or to each object of a list."""
    if isinstance(value, list):
        return [_add_name(inner) for inner in value]
    return {**value, "x_vendor": {"note": [1, None]}} if isinstance(value, dict) else value


_PLACE = "http://endpoint.test/api/vendor_things"


def _add_collection(value: Any) -> Any:
    link = {"rel": "vendor_things", "href": _PLACE, "features": []}
    return {"api": {**value["api"], "links": [*value["api"]["links"], link], "vendor": "x"}}


_THINGS = f'<link rel="vendor_things" href="{_PLACE}"/>'
_FEATURE = '<feature name="vendor_labels" rel="create"><param name="labels"/></feature>'
_ACTION = '<link rel="vendor_pause" method="post" href="http://endpoint.test/api/vendor"/>'


def _add_consoles(root: Any) -> None:
    for instance in root.xpath("//instance[@href and state]"):
        place = f"{instance.get('href')}/console"
        instance.append(etree.Element("console", {"id": "c1", "href": place}))


def _add_json_consoles(value: Any) -> Any:
    members = value.get("instances") if isinstance(value, dict) else None
    for member in members if isinstance(members, list) else ():
        member["console"] = {"id": "c1", "href": f"{member['href']}/console"}
    return value


def _add_feature(links: Any) -> Any:
    feature = {
        "name": "vendor_labels",
        "rel": "create",
        "params": ["labels:string:optional"],
        "constraints": {},
    }
    for link in links:
        if link["rel"] == "keys":
            link["features"].append([feature])
    return links


variant = Variants()

variant(
    "places-of-its-own",
    "DC-DOC-025: open content",
    xml.edit("instances.*", "adds consoles to instances", _add_consoles),
    json.edit("instances.index", "adds consoles to instances", _add_json_consoles),
    text="adds an element with an id and a URL, which does not answer to GET, to instances",
)
variant(
    "extra-elements",
    _SOURCE,
    xml.add(
        "* !*", _MEMBER, "<vendor_note>x</vendor_note>", '<vendor href_="x"><a id_="1"/></vendor>'
    ),
)
variant(
    "extra-elements-first", _SOURCE, xml.add("*", _MEMBER, "<aaa_vendor>x</aaa_vendor>", first=True)
)
variant(
    "extra-elements-in-a-namespace",
    f"{_SOURCE}; DC-DOC-004 is about the API's elements",
    xml.add("*", _MEMBER, '<v:note xmlns:v="urn:vendor">x</v:note>'),
)
variant("extra-attributes", _SOURCE, xml.attribute("* !*", "//*", "vendor", "x"))
variant(
    "extra-attributes-in-a-namespace",
    _SOURCE,
    xml.attribute("*", "//*[@id]", "{urn:vendor}note", "x"),
)
variant(
    "extra-members-of-error-documents",
    _SOURCE,
    xml.add(
        "!*",
        "/error",
        "<request><param name='id'>x</param></request>",
        "<kind>backend_error</kind>",
    ),
    json.edit("!*", "adds names to errors", lambda error: {**error, "error": "X", "help": "y"}),
    text="adds elements and names of its own to error documents",
)


@variant.does(_SOURCE, json.edit, "*.index *.show *.create")
def extra_json_names(value: Any) -> Any:
    """Adds a name of its own to every member, not to objects whose names are data."""
    if isinstance(value, dict) and len(value) == 1:
        return {key: _add_name(inner) for key, inner in value.items()}
    return value


variant(
    "extra-collection",
    _SOURCE,
    xml.add("api.show", "/api", _THINGS),
    json.edit("api.show", "adds a collection", _add_collection),
    warns="DC-API-014",
    text="adds a collection of its own to the entry point",
)
variant(
    "extra-feature",
    _SOURCE,
    xml.add("api.show", "/api/link[@rel='keys']", _FEATURE),
    json.alter("api.show", "adds a feature", "api.links", _add_feature),
    warns="DC-API-008",
    text="adds a feature of its own to the entry point",
)
variant(
    "extra-actions",
    _SOURCE,
    xml.add("images.* keys.* storage_volumes.*", "//actions", _ACTION),
    warns="DC-LNK-004",
)
variant(
    "extra-property-of-profiles",
    f"{_SOURCE}; V30",
    xml.add(
        "hardware_profiles.*",
        "//hardware_profile[property]",
        '<property name="gpu" kind="fixed" unit="count" value="1"/>',
    ),
    json.alter(
        "hardware_profiles.*",
        "adds gpu",
        "properties",
        lambda properties: {**properties, "gpu": "1"},
    ),
    warns="DC-HWP-004",
    text="adds a property of its own to hardware profiles",
)


@variant.does("RFC 9110 5.1: unknown fields are ignored", in_document, "* !*")
def extra_header_fields(_asked: Asked, answer: Answer) -> None:
    """Sends many fields of its own."""
    answer.headers.extend(
        [(f"X-Vendor-{n}", 'a, b; c="d"') for n in range(40)]
        + [("Via", "1.1 proxy"), ("Set-Cookie", "a=1; path=/"), ("Set-Cookie", "b=2")]
    )


variant("other-server-field", "stance 50", http.field("* !*", "Server", "Apache-Deltacloud/1.1.3"))
variant("no-server-field", "stance 50", http.field("* !*", "Server", None))
