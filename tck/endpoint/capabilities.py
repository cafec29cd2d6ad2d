"""What an endpoint declares at its entry point (A22 to A26).

Requirements and checks apply to what is declared; nothing else is demanded of an endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lxml import etree

from tck.endpoint.exchange import Exchange

# How an entry point begins, whatever is wrong with the rest of it.
_ENTRY_POINT = re.compile(
    rb'\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<(?:\w+:)?api[\s/>]|\{\s*"api"\s*:)'
)
_BEGINNING = 4096  # bytes
_URL = re.compile(r"https?://[^/?#\s@\\]+(/[^?#\s\\]*)?")
_FEWEST = 2  # links that must agree
# How the reason begins where the credentials may only read, for those who give it and who tell it.
NO_PERMISSION = "no permission to write"


@dataclass(frozen=True, slots=True)
class DeclaredFeature:
    """A feature as the entry point announces it (A25).

    `operation`: what it extends (`create`), empty if not said; `params`: parameters that it adds;
    `constraints` on them by name ({"max_length": "50"}).
    """

    operation: str
    params: tuple[str, ...] = ()
    constraints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the entry point says.

    `version` of the API, `driver` and `provider` (None for the driver's default); `collections`:
    href by name; `features` by `collection.name` (`instances.user_name`).
    """

    version: str
    driver: str
    provider: str | None
    collections: Mapping[str, str]
    features: Mapping[str, DeclaredFeature]

    def declares(self, collection: str | None = None, feature: str | None = None) -> bool:
        """True if the entry point lists the collection and announces the feature, where given."""
        if feature is not None and feature not in self.features:
            return False
        return collection is None or collection in self.collections

    def dump(self) -> dict[str, Any]:
        """All of it as plain values, to send to another process."""
        return asdict(self)

    @classmethod
    def from_dump(cls, value: Mapping[str, Any]) -> Capabilities:
        """The capabilities that `dump` made these values from."""
        features = {name: DeclaredFeature(**f) for name, f in value["features"].items()}
        return cls(**{**value, "features": features})

    def to_json(self) -> dict[str, Any]:
        """The form in results.json, without hrefs and parameters."""
        return {
            "version": self.version,
            "driver": self.driver,
            "provider": self.provider,
            "collections": sorted(self.collections),
            "features": {
                name: {"operation": f.operation, "constraints": dict(f.constraints)}
                for name, f in sorted(self.features.items())
            },
        }


def read(x: Exchange) -> Capabilities | None:
    """Capabilities from the answer to GET of the entry point, in XML or JSON (A23, J1).

    None if the answer is not an entry point: status not 2xx, another root, not well-formed.
    """
    if not x.ok:
        return None
    if x.xml is not None and x.xml.tag == "api":
        return _from_xml(x.xml)
    if isinstance(x.json, dict) and isinstance(x.json.get("api"), dict):
        return _from_json(x.json["api"])
    return None


def name_of_itself(x: Exchange) -> str:
    """The URL that an entry point gives itself by all its links, if it is at another origin.

    So does an endpoint behind a proxy that does not tell it where it was asked. Else empty.
    """
    declared = read(x) if x.api_path == "" and not x.lone else None
    links = declared.collections if declared else {}
    name, href = next(iter(links.items()), ("", ""))
    base = href.removesuffix(f"/{name}")
    own = all(href == f"{base}/{name}" for name, href in links.items())
    if len(links) < _FEWEST or not own or not _URL.fullmatch(base):
        return ""
    return "" if f"{base}/".lower().startswith(f"{x.request.origin}/".lower()) else base


def why_unreadable(x: Exchange) -> str:
    """What is wrong with an answer that is an entry point and cannot be read as one; else empty."""
    if not (x.ok and _ENTRY_POINT.match(x.body[:_BEGINNING])):
        return ""
    if x.syntax_error:
        return f"its content is not what {x.media_type} says: {x.syntax_error}"
    if x.format not in ("xml", "json"):
        return f"it is labelled {x.media_type or 'with no media type'}, which clients cannot read"
    return ""


def _from_xml(root: etree._Element) -> Capabilities:
    features: dict[str, DeclaredFeature] = {}
    for link in root.iterchildren("link"):
        for feature in link.iterchildren("feature"):
            features[f"{link.get('rel')}.{feature.get('name')}"] = DeclaredFeature(
                feature.get("rel", ""),
                tuple(p.get("name", "") for p in feature.iterchildren("param")),
                {
                    c.get("name", ""): (c.text or "").strip()
                    for c in feature.iterchildren("constraint")
                },
            )
    return Capabilities(
        version=root.get("version", ""),
        driver=root.get("driver", ""),
        provider=root.get("provider"),
        collections={
            link.get("rel", ""): link.get("href", "") for link in root.iterchildren("link")
        },
        features=features,
    )


def _from_json(api: Mapping[str, Any]) -> Capabilities:
    links = [link for link in _list(api.get("links")) if isinstance(link, dict)]
    features: dict[str, DeclaredFeature] = {}
    for link in links:
        for group in _list(link.get("features")):
            for feature in group if isinstance(group, list) else [group]:
                if isinstance(feature, dict):
                    features[f"{link.get('rel')}.{feature.get('name')}"] = _feature(feature)
    provider = api.get("provider")
    return Capabilities(
        version=str(api.get("version", "")),
        driver=str(api.get("driver", "")),
        provider=None if provider in (None, "default") else str(provider),
        collections={str(link.get("rel")): str(link.get("href")) for link in links},
        features=features,
    )


def _feature(feature: Mapping[str, Any]) -> DeclaredFeature:
    constraints = feature.get("constraints")
    return DeclaredFeature(
        str(feature.get("rel", "")),
        tuple(str(param).split(":")[0] for param in _list(feature.get("params"))),
        {k: str(v) for k, v in constraints.items()} if isinstance(constraints, dict) else {},
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
