"""XML of the server's own documents: entry point, drivers, instance states, errors."""

from __future__ import annotations

from collections.abc import Iterable

from tck.reference_server.drivers.machine import StateMachine, Transition
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.representations.entry import EntryPoint, Failure
from tck.reference_server.representations.xml.elements import (
    Element,
    resource,
    tag,
    text,
)
from tck.reference_server.site import Site


def api(entry: EntryPoint, site: Site) -> Element:
    attributes = {"version": entry.version, "driver": site.shape.id}
    if site.provider is not None:
        attributes["provider"] = site.provider
    return tag("api", attributes, *(_api_link(name, site) for name in site.shape.collections))


def _api_link(collection: str, site: Site) -> Element:
    features = (
        tag(
            "feature",
            {"name": feature.name, "rel": feature.operation},
            *(tag("param", {"name": name}) for name in feature.params),
            *(tag("constraint", {"name": n}, str(v)) for n, v in constraints.items()),
        )
        for feature, constraints in site.shape.features
        if feature.collection == collection and feature.operation
    )
    return tag("link", {"rel": collection, "href": site.url(collection)}, *features)


def error(failure: Failure, site: Site) -> Element:
    backend = {"driver": site.shape.id, "provider": site.provider or "default"}
    return tag(
        "error",
        {"status": str(failure.status), "url": failure.url},
        tag("backend", backend),
        text("code", failure.status),
        text("message", failure.message),
    )


def driver(shape: Shape, site: Site, *, full: bool = True) -> Element:
    kinds = shape.entrypoints or {}
    providers = (
        tag(
            "provider",
            {"id": provider},
            *(
                tag("entrypoint", {"kind": kind}, urls[provider])
                for kind, urls in kinds.items()
                if full and provider in urls
            ),
        )
        for provider in shape.providers
    )
    return resource("driver", site, shape.id, text("name", shape.name), *providers)


def drivers(shapes: Iterable[Shape], site: Site) -> Element:
    return tag("drivers", {}, *(driver(shape, site, full=False) for shape in shapes))


def states(machine: StateMachine, site: Site) -> Element:
    del site
    states = (
        tag("state", {"name": name}, *map(_transition, transitions))
        for name, transitions in machine.states.items()
    )
    return tag("states", {}, *states)


def _transition(transition: Transition) -> Element:
    by = {"action": transition.action} if transition.action else {"auto": "true"}
    return tag("transition", {**by, "to": transition.to})
