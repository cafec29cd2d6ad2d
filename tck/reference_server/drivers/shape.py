"""The shape of a driver: what it declares, so that the frontend need not ask it.

Shapes are data, a TOML file for each driver; docs/reference-server.md describes the form.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tck.reference_server.drivers.machine import StateMachine
from tck.reference_server.resources import UNITS, HardwareProfile, HardwareProperty
from tck.schemas.operations import API, Feature, Operation

Constraints = Mapping[str, int | str]
"""Limits of a feature: {"max_length": 50} of user_name (V9)."""


@dataclass(frozen=True, eq=False)
class Shape:
    """Everything that the frontend needs to know of a driver to serve its requests.

    - `id`: lower-case name of the driver in URLs and headers (V2)
    - `name`: for people; in lower case it is the id (T16)
    - `capabilities`: operations that it offers, by their capability in operations.toml
    - `features`: those that it announces, with their constraints (A25)
    - `machine`: the life of its instances; None if it has none
    - `hardware_profiles`: those that are known without asking the provider
    - `entrypoints`: kind of service to provider to URL, shown in the list of drivers
    - `labels`: what user and password mean to this provider, shown there in JSON
    """

    id: str
    name: str
    capabilities: frozenset[str]
    features: tuple[tuple[Feature, Constraints], ...] = ()
    machine: StateMachine | None = None
    hardware_profiles: tuple[HardwareProfile, ...] = ()
    entrypoints: Mapping[str, Mapping[str, str]] | None = None
    labels: Mapping[str, str] | None = None

    @classmethod
    def parse(cls, driver_id: str, data: Mapping[str, Any]) -> Shape:
        """A shape from the content of its TOML file.

        KeyError or ValueError if it is not of the form; ValueError names collections and
        capabilities that the API does not have. Unknown features have no effect.
        """
        return cls(
            id=driver_id,
            name=data["name"],
            capabilities=_capabilities(data["collections"], data.get("without", ())),
            features=_features(data.get("features", {}), data.get("constraints", {})),
            machine=StateMachine.parse(data["states"]) if "states" in data else None,
            hardware_profiles=tuple(map(_profile, data.get("hardware_profiles", ()))),
            entrypoints=data.get("entrypoints"),
            labels=data.get("labels"),
        )

    def offers(self, operation: Operation) -> bool:
        """True if the driver has the operation; the server's own need no capability."""
        return operation.capability is None or operation.capability in self.capabilities

    @cached_property
    def collections(self) -> tuple[str, ...]:
        """Names of the collections in the entry point: those whose index is offered (A24)."""
        return tuple(
            name for name in API.top_level if self.offers(API.collections[name].operations["index"])
        )

    def has(self, capability: str) -> bool:
        """True if the driver declares a capability."""
        return capability in self.capabilities

    def announces(self, collection: str, feature: str) -> bool:
        """True if the driver declares a feature of a collection."""
        return self.feature(collection, feature) is not None

    def feature(self, collection: str, name: str) -> Constraints | None:
        """Constraints of a feature; None if it is not declared."""
        for feature, constraints in self.features:
            if (feature.collection, feature.name) == (collection, name):
                return constraints
        return None

    @cached_property
    def authentication(self) -> str | None:
        """How people log in to instances: key, password, or None if it is not declared (A79)."""
        for style in ("key", "password"):
            if self.announces("instances", f"authentication_{style}"):
                return style
        return None

    @property
    def providers(self) -> tuple[str, ...]:
        """Ids of the providers, in the order of their first mention."""
        kinds = (self.entrypoints or {}).values()
        return tuple(dict.fromkeys(provider for kind in kinds for provider in kind))


def _property(name: str, spec: Any) -> HardwareProperty:
    """A plain value is fixed; a table has `range` or `enum` and perhaps `default`."""
    if not isinstance(spec, dict):
        return HardwareProperty(name, "fixed", str(spec))
    if "range" in spec:
        first, last = spec["range"]
        default = spec.get("default", first)
        return HardwareProperty(name, "range", str(default), str(first), str(last))
    values = spec["enum"]
    if isinstance(values, dict):  # a long enumeration, written as first, last and step
        values = range(values["first"], values["last"] + 1, values["step"])
    default = spec.get("default", values[0])
    return HardwareProperty(name, "enum", str(default), values=tuple(map(str, values)))


def _profile(spec: Mapping[str, Any]) -> HardwareProfile:
    properties = tuple(_property(name, spec[name]) for name in UNITS if name in spec)
    return HardwareProfile(spec["id"], spec.get("name", spec["id"]), properties)


def _features(
    declared: Mapping[str, Sequence[str]], constraints: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[Feature, Constraints], ...]:
    # In the order of operations.toml, not of the declaration.
    return tuple(
        (feature, constraints.get(f"{feature.collection}.{feature.name}", {}))
        for feature in API.features
        if feature.name in declared.get(feature.collection, ())
    )


def _require_known(kind: str, names: Sequence[str], known: Collection[str | None]) -> None:
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"unknown {kind}: {', '.join(unknown)}")


def _capabilities(collections: Sequence[str], without: Sequence[str]) -> frozenset[str]:
    """All capabilities of the named collections and their sub-collections, less `without`."""
    _require_known("collections", collections, API.top_level)
    known = {operation.capability for operation in API.operations.values()}
    _require_known("capabilities", without, known)
    return frozenset(
        operation.capability
        for operation in API.operations.values()
        if operation.capability is not None
        and operation.collection
        and (API.collections[operation.collection].parent or operation.collection) in collections
    ) - frozenset(without)
