"""Parameters in the places where clients put them."""

from __future__ import annotations

from tck.prove.altered import requests
from tck.prove.altered.messages import Asked
from tck.prove.faults.fault import fault


def _no_query(asked: Asked) -> None:
    if asked.method == "POST":
        asked.query = {n: v for n, v in asked.query.items() if n == "format"}


def _no_form(asked: Asked) -> None:
    if asked.form:
        asked.body = b""


def _no_multipart(asked: Asked) -> None:
    if asked.environ.get("CONTENT_TYPE", "").startswith("multipart/"):
        asked.environ["CONTENT_TYPE"] = "application/octet-stream"


def _first_only(asked: Asked) -> None:
    """Reads a form up to the first `&`."""
    if asked.form:
        asked.body = asked.body.split(b"&")[0]


FAULTS = [
    fault(
        "query-of-post-ignored",
        "DC-HTTP-038",
        requests.changed("*", "ignores the query of POST", _no_query),
    ),
    fault(
        "form-ignored", "DC-HTTP-039", requests.changed("*", "ignores urlencoded forms", _no_form)
    ),
    fault(
        "multipart-ignored",
        "DC-HTTP-040",
        requests.changed("*", "ignores multipart forms", _no_multipart),
    ),
    fault(
        "form-read-to-first-parameter",
        "DC-FWL-007",
        requests.changed(
            "firewalls.create", "reads the first parameter of a form only", _first_only
        ),
    ),
    fault("method-override-ignored", "DC-HTTP-041", requests.ignore("*", "_method")),
    fault(
        "description-ascii-only",
        "DC-DOC-019",
        requests.replace(
            "firewalls.create",
            "writes ? for what is not ASCII in descriptions",
            lambda g: {n: v.encode("ascii", "replace").decode() for n, v in g.items()},
        ),
    ),
    fault(
        "plus-in-forms-kept",
        "DC-DOC-019",
        requests.changed(
            "instances.create",
            "does not decode + in forms",
            lambda a: setattr(a, "body", a.body.replace(b"+", b"%2B")) if a.form else None,
        ),
    ),
]
