"""What a client reads from an answer: the same values, whichever format it is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

from tck.endpoint import capabilities
from tck.endpoint.exchange import Exchange
from tck.rules.reading import is_error_document, listed, members
from tck.rules.views import FACTS, facts
from tck.schemas.operations import API
from tck.vectors.messages import body_json

_METADATA = "x-deltacloud-blobmeta-"


def values(x: Exchange) -> dict[str, Any]:
    """The values of an answer by the name of its document; empty if it has none.

    Objects have the facts that both formats hold (`tck.rules.views.FACTS`): text, or null where
    they are absent or empty; references are ids, and lists are sorted.
    """
    op = x.operation
    if op is None:
        return {}
    if is_error_document(x):
        return {"error": _error(x)}
    if op.id == "blobs.content" and x.ok:
        return {"content": body_json(x.body)}
    if op.method == "HEAD" and x.ok:
        named = {n.lower(): v for n, v in x.headers if n.lower().startswith(_METADATA)}
        return {"metadata": {n.removeprefix(_METADATA): v for n, v in sorted(named.items())}}
    read = _READERS.get(op.document)
    return {op.document: read(x)} if read and x.ok and x.body else _objects(x)


def _objects(x: Exchange) -> dict[str, Any]:
    singular, shown = members(x)
    if singular not in FACTS:
        return {}
    found = [
        {name.replace(" ", "_"): value for name, value in facts(singular, one).items()}
        for _, one in shown
    ]
    plural = next(c.document for c in API.collections.values() if c.singular == singular)
    root = x.xml.tag if x.xml is not None else next(iter(x.json), "")
    return {singular: found[0]} if root != plural and found else {plural: found}


def _error(x: Exchange) -> dict[str, Any]:
    message = x.xml.findtext("message") if x.xml is not None else x.json["message"]
    return {"status": x.status, "message": (message or "").strip()}


def _api(x: Exchange) -> dict[str, Any]:
    declared = capabilities.read(x)
    if declared is None:
        return {}
    features = {
        name: {"operation": f.operation, "params": list(f.params), "constraints": f.constraints}
        for name, f in sorted(declared.features.items())
    }
    return {
        "version": declared.version,
        "driver": declared.driver,
        "collections": dict(sorted(declared.collections.items())),
        "features": features,
    }


def _states(x: Exchange) -> dict[str, Any]:
    """By name: [action or null, the state that it leads to] of each transition."""
    if x.xml is not None:
        return {
            str(state.get("name")): sorted(
                ([t.get("action"), t.get("to")] for t in state.iterchildren("transition")), key=repr
            )
            for state in x.xml
        }
    return {
        state["name"]: sorted(([t.get("action"), t["to"]] for t in state["transitions"]), key=repr)
        for state in listed(x.json)
    }


def _drivers(x: Exchange) -> list[dict[str, Any]]:
    if x.xml is not None:
        return [_named(shown) for _, shown in members(x)[1]]
    return [{"id": id_, "name": shown["name"]} for id_, shown in x.json.items()]


def _named(shown: etree._Element | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(shown, Mapping):
        return {"id": shown["id"], "name": shown["name"]}
    return {"id": shown.get("id"), "name": shown.findtext("name")}


def _driver(x: Exchange) -> dict[str, Any]:
    """With entry points as [kind of service, provider, address]."""
    shown: etree._Element | Mapping[str, Any] = members(x)[1][0][1]
    if isinstance(shown, Mapping):
        kinds: Mapping[str, Mapping[str, str]] = shown.get("entrypoints") or {}
        found = [[kind, p, url] for kind, by in kinds.items() for p, url in by.items()]
    else:
        found = [
            [str(entry.get("kind")), str(provider.get("id")), (entry.text or "").strip()]
            for provider in shown.iterchildren("provider")
            for entry in provider.iterchildren("entrypoint")
        ]
    return _named(shown) | {"entrypoints": sorted(found)}


def _run(x: Exchange) -> dict[str, Any]:
    names = ("command", "output", "public_address")
    if x.xml is not None:
        found = {name: (x.xml.findtext(name) or "").strip() for name in names}
        return {"id": x.xml.get("id")} | found
    instance = x.json["instance"]
    return {"id": instance["id"]} | {name: instance[name] for name in names}


_READERS: dict[str, Callable[[Exchange], Any]] = {
    "api": _api,
    "states": _states,
    "drivers": _drivers,
    "driver": _driver,
    "run": _run,
}
