"""An entry point that declares what is not so, or does not declare what is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tck.prove.altered import http, json, requests, xml
from tck.prove.altered.change import Change
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults


def _features(text: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """Change the features of every link in JSON."""

    def act(features: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
        return [[change(feature) for feature in group] for group in features]

    return json.alter("api.show", text, "links.features", act)


_LINK = '<link rel="{0}" href="http://endpoint.test/api/{0}"/>'

fault = Faults()

fault("no-version", "DC-API-001", xml.drop("api.show", "/api/@version"))
fault("no-driver", "DC-API-001 DC-API-004", xml.drop("api.show", "/api/@driver"))
fault("link-without-href", "DC-API-001", xml.drop("api.show", "/api/link[@rel='realms']/@href"))
fault("link-without-rel", "DC-API-001", xml.drop("api.show", "/api/link[@rel='keys']/@rel"))


@fault.does("DC-API-002", json.alter, "api.show", "links")
def json_links_as_object(links: Any) -> Any:
    """Writes the links as an object."""
    return {x["rel"]: x for x in links}


fault("json-no-version", "DC-API-002", json.drop("api.show", "api.version"))
fault("json-no-links", "DC-API-002", json.drop("api.show", "api.links"))
fault("json-link-without-href", "DC-API-002", json.drop("api.show", "links.href"))
fault("json-link-without-features", "DC-API-002", json.drop("api.show", "links.features"))
fault("version-of-two-numbers", "DC-API-003", xml.put("api.show", "/api/@version", "1.1"))
fault("version-with-word", "DC-API-003", xml.put("api.show", "/api/@version", "v1.1.3-beta"))
fault("json-version-as-number", "DC-API-003", json.put("api.show", "api.version", 1.1))
fault("driver-in-upper-case", "DC-API-004", xml.put("api.show", "/api/@driver", "Full"))
fault("driver-empty", "DC-API-004", xml.put("api.show", "/api/@driver", ""))
fault("json-driver-in-upper-case", "DC-API-004", json.put("api.show", "api.driver", "FULL"))
fault("collection-declared-twice", "DC-API-005", xml.repeat("api.show", "/api/link[@rel='realms']"))
fault(
    "json-collection-declared-twice",
    "DC-API-005",
    json.alter("api.show", "writes the first link twice", "api.links", lambda v: [*v, v[0]]),
)
fault("declared-collection-not-found", "DC-API-006", http.answer_with("keys.index", 404))
fault(
    "declared-collection-forbidden", "DC-API-006", http.answer_with("storage_snapshots.index", 403)
)
fault(
    "declared-collection-lacking",
    "DC-API-006",
    xml.add("api.show", "/api", _LINK.format("load_balancers")),
    persona="mock",
)


@fault.does("DC-API-006", xml.alter, "api.show", "/api/link[@rel='metrics']/@href")
def declared_collection_elsewhere(href: str) -> str:
    """Writes a URL of the metrics that leads nowhere."""
    return href + "/all"


@fault.does("DC-API-006", xml.alter, "api.show", "/api/link[@rel='subnets']/@href")
def declared_collections_swapped(href: str) -> str:
    """Writes the URL of the networks for the subnets."""
    return href.replace("subnets", "networks")


fault(
    "feature-without-name",
    "DC-API-007",
    xml.drop("api.show", "//link[@rel='images']/feature/@name"),
)
fault(
    "feature-without-operation",
    "DC-API-007",
    xml.drop("api.show", "//feature[@name='user_name']/@rel"),
)
fault(
    "json-feature-without-operation",
    "DC-API-007",
    _features("names no operation in features", lambda f: {**f, "rel": ""}),
)
fault(
    "feature-unknown",
    "DC-API-008",
    xml.put("api.show", "//feature[@name='user_name']/@name", "user_label"),
)
fault(
    "feature-of-another-collection",
    "DC-API-008",
    xml.add(
        "api.show",
        "/api/link[@rel='realms']",
        '<feature name="user_name" rel="create"><param name="name"/></feature>',
    ),
)
fault(
    "feature-of-another-operation",
    "DC-API-009",
    xml.put("api.show", "//feature[@name='user_data']/@rel", "index"),
)
fault(
    "feature-with-another-parameter",
    "DC-API-009",
    xml.put("api.show", "//feature[@name='authentication_key']/param/@name", "key_id"),
)
fault(
    "feature-without-parameter",
    "DC-API-009",
    xml.drop("api.show", "//feature[@name='instance_count']/param"),
)
fault(
    "json-feature-of-another-operation",
    "DC-API-009",
    _features("declares every feature for the operation show", lambda f: {**f, "rel": "show"}),
)
fault(
    "json-declares-less",
    "DC-API-010",
    json.alter("api.show", "leaves out the last collection", "api.links", lambda v: v[:-1]),
)
fault("json-declares-other-driver", "DC-API-010", json.put("api.show", "api.driver", "mock"))
fault("json-declares-other-version", "DC-API-010", json.put("api.show", "api.version", "1.1.2"))
fault("json-declares-no-features", "DC-API-010", json.put("api.show", "links.features", []))
fault("json-declares-other-provider", "DC-API-010", json.put("api.show", "api.provider", "eu-1"))


@fault.does("DC-API-010", json.alter, "api.show", "links.href")
def json_links_lead_elsewhere(href: Any) -> Any:
    """Leads to the images where the realms should be."""
    return str(href).replace("/realms", "/images")


fault(
    "json-feature-without-constraints",
    "DC-API-018",
    _features("leaves out constraints of features", lambda f: {**f, "constraints": {}}),
)
fault(
    "json-feature-with-other-constraint",
    "DC-API-018",
    _features(
        "announces other limits",
        lambda f: {**f, "constraints": {name: v + 1 for name, v in f["constraints"].items()}},
    ),
)
fault(
    "xml-feature-with-more-parameters",
    "DC-API-018",
    xml.add("api.show", "//feature[@name='user_name']", "<param name='label'/>"),
)
fault("xml-declares-less", "DC-API-010", xml.drop("api.show", "/api/link[@rel='buckets']"))
fault("drivers-not-declared", "DC-API-011", xml.drop("api.show", "/api/link[@rel='drivers']"))


@fault.does("DC-API-011", json.alter, "api.show", "api.links")
def json_drivers_not_declared(links: Any) -> Any:
    """Leaves out the collection drivers."""
    return [x for x in links if x["rel"] != "drivers"]


fault("driver-in-force-unknown", "DC-API-012", xml.put("api.show", "/api/@driver", "nimbus"))
fault(
    "driver-in-force-not-listed",
    "DC-API-012",
    xml.drop("drivers.index", "/drivers/driver[@id='full']"),
)
fault("instances-without-images", "DC-API-013", xml.drop("api.show", "/api/link[@rel='images']"))
fault("instances-without-realms", "DC-API-013", xml.drop("api.show", "/api/link[@rel='realms']"))
fault(
    "instances-without-machine",
    "DC-API-013",
    xml.drop("api.show", "/api/link[@rel='instance_states']"),
)
fault(
    "collection-unknown",
    "DC-API-014",
    xml.put("api.show", "/api/link[@rel='keys']/@rel", "keypairs"),
)


@fault.does("DC-API-014", json.alter, "api.show", "links.rel")
def collection_in_singular(rel: Any) -> Any:
    """Calls the collection realms realm."""
    return "realm" if rel == "realms" else rel


def _with_parameters(feature: dict[str, Any], write: Callable[[str], str]) -> dict[str, Any]:
    return {**feature, "params": [write(parameter) for parameter in feature["params"]]}


fault(
    "json-feature-parameters-bare",
    "DC-API-015",
    _features(
        "writes parameters of features without their types",
        lambda feature: _with_parameters(feature, lambda parameter: parameter.split(":")[0]),
    ),
)
fault(
    "json-feature-parameters-by-comma",
    "DC-API-015",
    _features(
        "separates parameters of features from their types by commas",
        lambda feature: _with_parameters(feature, lambda parameter: parameter.replace(":", ",")),
    ),
)
fault("provider-not-shown", "DC-API-016", xml.drop("api.show", "/api/@provider"))
fault("provider-shown-wrong", "DC-API-016", xml.put("api.show", "/api/@provider", "eu-west-1"))


@fault.does("DC-API-017", requests.reply, "api.docs")
def documentation_406(asked: Asked) -> Answer | None:
    """Answers 406 to requests for the documentation that do not accept HTML."""
    return None if "html" in (asked.header("Accept") or "") else http.failure(406)
