"""Parameters in the places where clients put them."""

from __future__ import annotations

from tck.prove.altered import http, requests
from tck.prove.altered.change import in_request
from tck.prove.altered.messages import Answer, Asked, Parameters
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


def _media_type(asked: Asked) -> str:
    return str(asked.environ.get("CONTENT_TYPE", ""))


@fault.does("DC-HTTP-048", requests.reply, "*")
def form_with_charset_415(asked: Asked) -> Answer | None:
    """Answers 415 to forms whose Content-Type has a charset."""
    return http.failure(415) if "charset" in _media_type(asked) else None


@fault.does("DC-HTTP-048", in_request, "*")
def form_with_charset_unread(asked: Asked) -> None:
    """Does not read forms whose Content-Type has a charset."""
    if "charset" in _media_type(asked):
        asked.body = b""


@fault.does("DC-HTTP-049", requests.reply, "*")
def empty_form_400(asked: Asked) -> Answer | None:
    """Answers 400 to an empty body that says it is a form."""
    wrong = asked.method == "POST" and asked.query and "urlencoded" in _media_type(asked)
    return http.failure(400) if wrong and not asked.body else None


@fault.does("DC-HTTP-049", requests.reply, "*")
def empty_text_415(asked: Asked) -> Answer | None:
    """Answers 415 to POST with a Content-Type other than a form's."""
    wrong = asked.method == "POST" and _media_type(asked).startswith("text/")
    return http.failure(415) if wrong else None


@fault.does("DC-HTTP-050", requests.reply, "*")
def get_with_content_type_415(asked: Asked) -> Answer | None:
    """Answers 415 to GET with a Content-Type."""
    return http.failure(415) if asked.method == "GET" and _media_type(asked) else None


@fault.does("DC-HTTP-050", requests.reply, "*")
def delete_with_content_type_415(asked: Asked) -> Answer | None:
    """Answers 415 to DELETE with a Content-Type."""
    return http.failure(415) if asked.method == "DELETE" and _media_type(asked) else None


@fault.does("DC-HTTP-051", requests.reply, "*")
def unknown_field_400(asked: Asked) -> Answer | None:
    """Answers 400 to forms with fields that it does not know."""
    return http.failure(400) if "tck_unknown" in asked.form else None


@fault.does("DC-HTTP-052", in_request, "*")
def blank_before_name_kept(asked: Asked) -> None:
    """Loses form fields with a blank before their name."""
    if b"%20" in asked.body:
        asked.body = b"&".join(f for f in asked.body.split(b"&") if not f.startswith(b"%20"))
