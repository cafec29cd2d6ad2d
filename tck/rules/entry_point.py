"""Rules on the entry point and the drivers collection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tck.endpoint.exchange import Exchange
from tck.rules.engine import Judgement, rule
from tck.rules.reading import document_of, elements, listed, repeated, shown
from tck.schemas.operations import API

_FEATURES = {(f.collection, f.name): f for f in API.features}
Feature = tuple[str, str, str, list[str]]  # collection, name, operation, parameters


def _attributes(x: Exchange) -> Any:
    """Whatever holds version and driver: the root element, or the object `api`."""
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
    for link in _links(x):
        collection = str(link.get("rel"))
        if x.xml is not None:
            for feature in link.iterchildren("feature"):
                params = [str(p.get("name")) for p in feature.iterchildren("param")]
                yield collection, feature.get("name", ""), feature.get("rel", ""), params
            continue
        for feature in (f for group in listed(link.get("features")) for f in _group(group)):
            params = [str(p).split(":")[0] for p in listed(feature.get("params"))]
            yield collection, str(feature.get("name")), str(feature.get("rel")), params


def _group(value: Any) -> list[dict[str, Any]]:
    # JSON nests one list a feature (J2)
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, dict)]


@rule(
    "DC-API-003",
    "DC-API-004",
    "DC-API-005",
    "DC-API-011",
    "DC-API-014",
    evidence="document",
    of=["api"],
)
def declaration(x: Exchange) -> Iterator[Judgement]:
    """Version, driver and collections are what clients can work with."""
    api = _attributes(x)
    if api is None:
        return
    version, driver = str(api.get("version")), str(api.get("driver"))
    right = bool(re.fullmatch(r"\d+\.\d+\.\d+", version))
    yield Judgement("DC-API-003", right, "api/@version", "a version such as 1.1.3", shown(version))
    right = bool(driver) and driver == driver.lower() and driver.strip() == driver
    yield Judgement("DC-API-004", right, "api/@driver", "a lower-case name", shown(driver))
    rels = [str(link.get("rel")) for link in _links(x)]
    twice = repeated(rels)
    yield Judgement("DC-API-005", not twice, "api/link", "every rel once", shown(", ".join(twice)))
    yield Judgement("DC-API-011", "drivers" in rels, "api/link", "a link with rel drivers", "none")
    for rel in rels:
        expected = "a collection of the API"
        yield Judgement("DC-API-014", rel in API.top_level, "api/link/@rel", expected, shown(rel))


@rule("DC-API-007", "DC-API-008", "DC-API-009", "DC-API-015", evidence="document", of=["api"])
def features(x: Exchange) -> Iterator[Judgement]:
    """A feature is known, and extends the operation it should by the right parameters."""
    for collection, name, operation, params in _features(x):
        place = f"api/link[@rel={collection!r}]/feature[@name={name!r}]"
        whole = bool(name) and bool(operation)
        yield Judgement(
            "DC-API-007", whole, place, "a name, and the operation in rel", shown((name, operation))
        )
        known = _FEATURES.get((collection, name))
        expected = "a feature of " + collection
        yield Judgement("DC-API-008", known is not None, place, expected, shown(name))
        if known is not None and known.operation is not None:
            right = operation == known.operation and set(known.params) <= set(params)
            expected = f"{known.operation} with {', '.join(known.params)}"
            got = f"{operation} with {', '.join(params) or 'no parameter'}"
            yield Judgement("DC-API-009", right, place, expected, shown(got))
    if x.json is not None:
        for link in _links(x):
            for feature in (f for group in listed(link.get("features")) for f in _group(group)):
                for param in listed(feature.get("params")):
                    right = bool(re.fullmatch(r"[^:]+:\w+:(optional|required)", str(param)))
                    expected = "name:type:optional"
                    place = f"features of {link.get('rel')}"
                    yield Judgement("DC-API-015", right, place, expected, shown(param))


@rule("DC-API-016", of=["api"])
def provider(x: Exchange) -> Iterator[Judgement]:
    """A provider that the request selects shows in the entry point."""
    api = _attributes(x)
    if api is not None and (asked := selected(x, "provider")):
        said = str(api.get("provider"))
        right = said.lower() == asked.lower()
        yield Judgement("DC-API-016", right, "api/@provider", shown(asked), shown(said))


@rule("DC-DRV-004", "DC-DRV-005", "DC-DRV-008", "DC-DRV-010")
def switching(x: Exchange) -> Iterator[Judgement]:
    """The driver and provider that a request selects are in force for its answer."""
    api = _attributes(x)
    if api is not None and (driver := selected(x, "driver")):
        requirement = "DC-DRV-005" if ";driver=" in x.request.path else "DC-DRV-004"
        said = str(api.get("driver"))
        right = said == driver.lower()
        yield Judgement(requirement, right, "api/@driver", shown(driver.lower()), shown(said))
    if x.ok and (asked := selected(x, "provider")):
        echoed = x.headers.get("X-Deltacloud-Provider")
        place = "X-Deltacloud-Provider"
        right = echoed.lower() == asked.lower()
        yield Judgement("DC-DRV-008", right, place, shown(asked), shown(echoed or "none"))
        yield Judgement("DC-DRV-010", echoed == asked, place, shown(asked), shown(echoed or "none"))


def selected(x: Exchange, what: str) -> str | None:
    """The driver or provider that a request selects: matrix and query before headers."""
    if asked := x.request.query.get(f"api[{what}]"):
        return asked
    segments = x.request.path.split("/")
    for segment in segments:
        for part in segment.split(";")[1:]:
            name, _, value = part.partition("=")
            if name == what and segment.startswith(x.base.rsplit("/", 1)[-1] + ";"):
                return value
    header = f"X-Deltacloud-{what.title()}"
    return x.request.headers.get(header) or None


@rule("DC-DRV-003", evidence="document", of=["driver"])
def entrypoints(x: Exchange) -> Iterator[Judgement]:
    """An entrypoint has a kind and an address."""
    for place, driver in elements(x, "driver"):
        for number, point in enumerate(driver.iterfind("provider/entrypoint"), 1):
            right = bool(point.get("kind")) and bool((point.text or "").strip())
            got = f"kind {point.get('kind')!r}, text {point.text!r}"
            yield Judgement(
                "DC-DRV-003",
                right,
                f"{place}/provider/entrypoint[{number}]",
                "a kind and a text that is not empty",
                shown(got),
            )


@rule("DC-DRV-018")
def unknown_driver(x: Exchange) -> Iterator[Judgement]:
    """An unknown driver is reported with an error document."""
    asked = x.operation is not None and x.operation.id == "drivers.show"
    if asked and x.status == 404 and x.request.method != "HEAD":
        yield Judgement("DC-DRV-018", bool(x.body), "body", "an error document", "an empty body")
