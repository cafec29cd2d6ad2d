"""Pages for people (stance 51): the JSON documents in HTML, with forms for the operations."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tck.reference_server.call import Call
from tck.reference_server.http.response import Headers
from tck.reference_server.pages import forms
from tck.reference_server.representations import json
from tck.reference_server.representations.entry import Failure
from tck.reference_server.site import Site
from tck.schemas.operations import API, Collection, Operation

if TYPE_CHECKING:
    from jinja2 import Environment

_STYLE = resources.files(__name__).joinpath("templates/style.css").read_text("utf-8")
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

# Whatever text an object is named with, pages load nothing, run no script, have the one style,
# and cannot be shown within others.
HEADERS: Headers = [
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'",
    ),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
]
COLUMNS = 5
_WRAPPED = {"run": "instance"}
_SINGULAR = {collection.singular: collection for collection in API.collections.values()}
_PLURAL = {collection.document: collection for collection in API.collections.values()}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - slow to load

    environment = Environment(
        loader=PackageLoader("tck.reference_server.pages", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["words"] = words
    return environment


def _render(template: str, site: Site, **variables: Any) -> bytes:
    common = {"api": API, "site": site, "style": _STYLE, "alternatives": True, "trail": []}
    return _environment().get_template(f"{template}.html.j2").render(common | variables).encode()


def words(name: str) -> str:
    """`Storage volumes` for `storage_volumes`."""
    return name.replace("_", " ").strip().capitalize()


def page(call: Call, document: str, subject: Any) -> bytes:
    """The page of a document of operations.toml; `subject` as for `representations.render`."""
    site = call.site
    if document == "api":
        return _entry_point(call, subject)
    name = "instance" if document == "acted_instance" else document
    model = json.model(name, subject, site)
    if name in _WRAPPED:
        model = model[_WRAPPED[name]]
    elif isinstance(model, dict) and set(model) == {name}:
        model = model[name]
    # Links to the other formats: not on the response to a form, which no link can repeat.
    common: dict[str, Any] = {"alternatives": call.operation.method == "GET"}
    if name in _PLURAL:
        rows = _rows(name, model, site)
        common |= {"columns": _columns(rows), "forms": forms.offered(call, _PLURAL[name], ())}
        return _render("list", site, title=words(name), rows=rows, **common)
    collection = _SINGULAR.get(name, API.collections["instances"])
    ids, trail = _place(collection, subject, site)
    offered = [] if name == "run" else forms.offered(call, collection, ids, model)
    for rule in model.get("rules", ()):
        offered += forms.offered(call, API.collections["rules"], (*ids, rule["id"]))
    shown = {key: value for key, value in model.items() if key not in ("href", "actions")}
    if name == "blob":
        shown["download"] = {"id": subject.id, "href": site.url("buckets", *ids, "content")}
    title = f"{words(name)} {subject.id}"
    return _render("object", site, title=title, model=shown, forms=offered, trail=trail, **common)


def _entry_point(call: Call, subject: Any) -> bytes:
    model = json.model("api", subject, call.site)["api"]
    drivers = call.known_drivers()
    return _render("entry", call.site, title="Deltacloud", model=model, drivers=drivers)


def _rows(name: str, model: Any, site: Site) -> list[dict[str, Any]]:
    """The members of a list, each with its id; two lists have another form in JSON."""
    if name == "drivers":
        return [{"id": i, "href": site.url(name, i), **driver} for i, driver in model.items()]
    if name == "states":
        return [{"id": s["name"], "leads_to": _transitions(s["transitions"])} for s in model]
    return list(model)


def _transitions(transitions: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(f"{t['to']} ({t.get('action', 'by itself')})" for t in transitions)


def _place(
    collection: Collection, subject: Any, site: Site
) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
    """The ids of an object's path, and titles and URLs of the pages above it."""
    if collection.parent is None:
        return (subject.id,), [(words(collection.name), site.url(collection.name))]
    bucket = subject.bucket_id
    trail = [("Buckets", site.url("buckets")), (bucket, site.url("buckets", bucket))]
    return (bucket, subject.id), trail


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns of a list: the first members of the document that are plain values or references."""
    names = dict.fromkeys(name for row in rows for name in row)
    plain = [
        name
        for name in names
        if name not in ("id", "href", "rel")
        and not any(isinstance(row.get(name), list) for row in rows)
        and all("href" in row[name] for row in rows if isinstance(row.get(name), dict))
    ]
    return plain[:COLUMNS]


def failure(error: Failure, site: Site) -> bytes:
    """The page of an error."""
    return _render("failure", site, title=error.message, failure=error, alternatives=False)


def documentation(site: Site, operations: Sequence[Operation], title: str) -> bytes:
    """What operations.toml says of operations (T135)."""
    variables = {"operations": operations, "shape": site.shape, "alternatives": False}
    trail = [("Documentation", site.url("docs"))]
    return _render("docs", site, title=title, trail=trail, **variables)
