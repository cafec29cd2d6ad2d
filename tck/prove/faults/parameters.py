"""Parameters in the places where clients put them."""

from __future__ import annotations

from tck.prove.altered import requests
from tck.prove.altered.change import in_request
from tck.prove.altered.messages import Asked, Parameters
from tck.prove.faults.fault import Faults

fault = Faults()


@fault.does("DC-HTTP-038", in_request, "*")
def query_of_post_ignored(asked: Asked) -> None:
    """Ignores parameters in the query of POST."""
    if asked.method == "POST":
        asked.query = {n: v for n, v in asked.query.items() if n == "format"}


@fault.does("DC-HTTP-039", in_request, "*")
def form_ignored(asked: Asked) -> None:
    """Ignores parameters in urlencoded forms."""
    if asked.form:
        asked.body = b""


@fault.does("DC-HTTP-040", in_request, "*")
def multipart_ignored(asked: Asked) -> None:
    """Ignores parameters in multipart forms."""
    if asked.environ.get("CONTENT_TYPE", "").startswith("multipart/"):
        asked.environ["CONTENT_TYPE"] = "application/octet-stream"


@fault.does("DC-FWL-007", in_request, "firewalls.create")
def form_read_to_first_parameter(asked: Asked) -> None:
    """Reads an urlencoded form only up to the first `&`."""
    if asked.form:
        asked.body = asked.body.split(b"&")[0]


fault("method-override-ignored", "DC-HTTP-041", requests.ignore("*", "_method"))


@fault.does("DC-DOC-019", requests.rewrite, "firewalls.create")
def description_ascii_only(parameters: Parameters) -> Parameters:
    """Replaces what is not ASCII in descriptions by question marks."""
    return {n: v.encode("ascii", "replace").decode() for n, v in parameters.items()}


@fault.does("DC-DOC-019", in_request, "instances.create")
def plus_in_forms_kept(asked: Asked) -> None:
    """Keeps the plus sign in forms instead of decoding it to a blank."""
    if asked.form:
        asked.body = asked.body.replace(b"+", b"%2B")
