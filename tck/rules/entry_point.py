"""Rules on the entry point and the drivers collection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tck.endpoint.exchange import Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, contains, distinct, equal, holds, matches, present
from tck.rules.places import brief
from tck.rules.reading import document_of, elements, listed
from tck.schemas.operations import API

_FEATURES = {(f.collection, f.name): f for f in API.features}
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_PARAM = re.compile(r"[^:]+:\w+:(optional|required)")
Feature = tuple[str, str, str, list[str]]  # collection, name, operation, parameters as written


def _attributes(x: Exchange) -> Any:
    """What has the version and driver: the root element, or the JSON object `api`; else None."""
    if document_of(x) != "api":
        return None
    if x.xml is not None:
        return x.xml
    api = x.json.get("api") if isinstance(x.json, dict) else None
    return api if isinstance(api, dict) else None


def _links(x: Exchange) -> list[Any]:
    """The links of an entry point, as elements or objects."""
    if document_of(x) != "api":
        return []
    if x.xml is not None:
        return list(x.xml.iterchildren("link"))
    links = listed((_attributes(x) or {}).get("links"))
    return [link for link in links if isinstance(link, dict)]


def _features(x: Exchange) -> Iterator[Feature]:
    """Every feature that an entry point declares, in XML or JSON."""
    for link in _links(x):
        collection = str(link.get("rel"))
        if x.xml is not None:
            for feature in link.iterchildren("feature"):
                params = [str(param.get("name")) for param in feature.iterchildren("param")]
                yield collection, feature.get("name", ""), feature.get("rel", ""), params
        else:
            for feature in _feature_objects(link.get("features")):
                params = [str(param) for param in listed(feature.get("params"))]
                yield collection, str(feature.get("name")), str(feature.get("rel")), params


def _feature_objects(value: Any) -> Iterator[dict[str, Any]]:
    for entry in listed(value):
        # JSON nests every feature in a list of its own (J2)
        for feature in entry if isinstance(entry, list) else [entry]:
            if isinstance(feature, dict):
                yield feature


@rule(
    *("DC-API-003", "DC-API-004", "DC-API-005", "DC-API-011", "DC-API-014"),
    evidence="document",
    of=["api"],
)
def declaration(x: Exchange) -> Iterator[Judgement]:
    """The version has three numbers, the driver a lower-case name, every collection one link."""
    api = _attributes(x)
    if api is None:
        return
    version, driver = str(api.get("version")), str(api.get("driver"))
    if api.get("version") is not None:  # otherwise the description is violated
        yield matches("DC-API-003", "api/@version", "a version such as 1.1.3", version, _VERSION)
    is_name = driver != "" and driver == driver.lower().strip()
    yield holds("DC-API-004", "api/@driver", "a lower-case name", driver, is_name)
    rels = [str(link.get("rel")) for link in _links(x)]
    yield distinct("DC-API-005", "api/link", "every rel once", rels)
    if x.xml is not None or isinstance(api.get("links"), list):  # otherwise DC-API-002 is violated
        yield contains("DC-API-011", "api/link", "drivers", rels, why="a rel of a link")
    for rel in rels:
        ok = rel in API.top_level
        yield holds("DC-API-014", "api/link/@rel", "a collection of the API", rel, ok)


@rule("DC-API-007", "DC-API-008", "DC-API-009", "DC-API-015", evidence="document", of=["api"])
def features(x: Exchange) -> Iterator[Judgement]:
    """A feature is known, and extends the operation it should by the right parameters."""
    for collection, name, operation, params in _features(x):
        place = f"api/link[@rel={brief(collection)!r}]/feature[@name={brief(name)!r}]"
        complete = name != "" and operation != ""
        got: object = {"name": name, "rel": operation}
        yield holds("DC-API-007", place, "a name, and the operation in rel", got, complete)
        feature = _FEATURES.get((collection, name))
        expected = f"a feature of {brief(collection)}"
        yield holds("DC-API-008", place, expected, name, feature is not None)
        if feature is not None and feature.operation is not None:
            names = [param.split(":")[0] if x.json is not None else param for param in params]
            ok = operation == feature.operation and set(feature.params) <= set(names)
            expected = f"{feature.operation} with {', '.join(feature.params)}"
            got = {"operation": operation, "with": ", ".join(names)}
            yield holds("DC-API-009", place, expected, got, ok)
        if x.json is not None:
            for param in params:
                place = f"features of {brief(collection)}"
                yield matches("DC-API-015", place, "name:type:optional", param, _PARAM)


@rule("DC-API-016", of=["api"])
def provider(x: Exchange) -> Iterator[Judgement]:
    """The entry point shows the provider that the request selects."""
    api = _attributes(x)
    if api is not None and (expected := selected(x, "provider")):
        got = str(api.get("provider")).lower()
        yield equal("DC-API-016", "api/@provider", expected.lower(), got)


@rule("DC-DRV-004", "DC-DRV-005", "DC-DRV-008", "DC-DRV-010")
def switching(x: Exchange) -> Iterator[Judgement]:
    """The driver and provider that a request selects are in force for its answer."""
    api = _attributes(x)
    if api is not None and (expected := selected(x, "driver")):
        requirement = "DC-DRV-005" if ";driver=" in x.request.path else "DC-DRV-004"
        yield equal(requirement, "api/@driver", expected.lower(), str(api.get("driver")))
    if x.ok and (expected := selected(x, "provider")):
        place = "X-Deltacloud-Provider"
        echoed = x.headers.get(place)
        yield equal("DC-DRV-008", place, expected.lower(), echoed.lower())
        yield equal("DC-DRV-010", place, expected, echoed)


def selected(x: Exchange, what: str) -> str | None:
    """The "driver" or "provider" (`what`) that a request selects, None if it selects none.

    The query counts before matrix parameters, these before header fields.
    """
    if value := x.request.query.get(f"api[{what}]"):
        return value
    entry_point = x.base.rsplit("/", 1)[-1] + ";"
    for segment in x.request.path.split("/"):
        for part in segment.split(";")[1:]:
            name, _, value = part.partition("=")
            if name == what and segment.startswith(entry_point):
                return value
    return x.request.headers.get(f"X-Deltacloud-{what.title()}") or None


@rule("DC-DRV-003", evidence="document", of=["driver"])
def entrypoints(x: Exchange) -> Iterator[Judgement]:
    """An entrypoint of a provider has a kind and an address."""
    for place, driver in elements(x, "driver"):
        for number, entrypoint in enumerate(driver.iterfind("provider/entrypoint"), 1):
            kind, address = entrypoint.get("kind"), (entrypoint.text or "").strip()
            at = f"{place}/provider/entrypoint[{number}]"
            expected, got = "a kind and a text that is not empty", {"kind": kind, "text": address}
            yield holds("DC-DRV-003", at, expected, got, bool(kind and address))


@rule("DC-DRV-018")
def unknown_driver(x: Exchange) -> Iterator[Judgement]:
    """A 404 for an unknown driver comes with an error document."""
    asked = x.operation is not None and x.operation.id == "drivers.show"
    kept = x.response is not None and x.response.body is not None
    if asked and kept and x.status == 404 and x.request.method != "HEAD":
        yield present("DC-DRV-018", "body", "an error document", x.body or None)
