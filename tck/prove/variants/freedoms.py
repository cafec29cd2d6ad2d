"""Other statuses, fields and answers that the stances leave to the server."""

from __future__ import annotations

import copy
import re
from typing import Any

from tck.prove.altered import http, json, requests, xml
from tck.prove.altered.change import Change, in_document, in_message
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants

_PAGE = "<!DOCTYPE html>\n<html><head><title>Deltacloud</title></head><body></body></html>"
_CHALLENGE = ("WWW-Authenticate", 'Basic realm="deltacloud"')
_BACKEND = "<backend driver='full' provider='default'/>"
_OPEN = ("/api", "/api/", "/api/drivers", "/api/instance_states", "/api/hardware_profiles")


def _page(pattern: str) -> http.Act:
    """A page for those who take one."""

    def act(asked: Asked, answer: Answer) -> None:
        accepted = asked.header("Accept") or ""
        wanted = asked.query.get("format") == "html" or re.search(pattern, accepted)
        known = asked.document not in ("", "empty", "bytes")
        if (
            wanted
            and "format" not in asked.query
            and known
            and answer.status in (200, 201, 202, 406)
        ):
            if answer.status == 406 and not asked.authenticated and asked.path not in _OPEN:
                answer.status = 401
                return
            tag, location = answer.get("ETag") or '"page"', answer.get("Location")
            answer.replace(200 if answer.status == 406 else answer.status, _PAGE, "text/html")
            answer.set("ETag", tag)
            answer.set("Location", location)

    return act


def _of_unknown_driver(asked: Asked) -> bool:
    named = asked.header("X-Deltacloud-Driver") or asked.environ.get("REQUEST_URI", "")
    return "tck-none" in named


def _status(where: str, old: int, new: int) -> Change:
    return http.on_status(where, old, new)


def _weak(tag: str) -> str:
    return f"W/{tag}"


_ACTIONS = "instances.start instances.stop instances.reboot"

variant = Variants()

variant(
    "challenge-with-charset-first",
    "DC-AUT-005: RFC 7617 2.1",
    http.field("!*", "WWW-Authenticate", 'Basic charset="UTF-8", realm="deltacloud"'),
)


@variant.does("DC-VOL-020: as drivers of the original", xml.edit, "storage_volumes.*")
def volumes_offer_everything(root: Any) -> None:
    """Volumes offer to be attached and detached whatever their state."""
    for link in root.xpath("//storage_volume/actions/link[@rel='attach' or @rel='detach']"):
        other = copy.copy(link)
        rel = "detach" if link.get("rel") == "attach" else "attach"
        other.set("href", link.get("href").replace(link.get("rel"), rel))
        other.set("rel", rel)
        link.addnext(other)


variant(
    "volumes-offer-nothing",
    "DC-VOL-020: as the original's mock",
    xml.drop("storage_volumes.*", "//storage_volume/actions"),
    json.put("storage_volumes.*", "actions", []),
)


@variant.does("stance 18", in_document, _ACTIONS)
def actions_redirect(_asked: Asked, answer: Answer) -> None:
    """See the instance for what became of it."""
    where = answer.body
    href = re.search(rb'"?href"?[=:][\'"]([^\'"]+/instances/[^\'"/]+)[\'"]', where)
    assert href is not None
    answer.replace(303)
    answer.set("Location", href[1].decode())


@variant.does("stance 19, B10", json.edit, _ACTIONS)
def actions_in_bare_json(root: Any) -> Any:
    """Shows the bare instance."""
    return {k: x for k, x in root.items() if k != "instance"}


@variant.does("stance 19, C27", json.edit, _ACTIONS)
def actions_in_wrapped_json(value: Any) -> Any:
    """Shows the wrapped instance."""
    return {"instance": value["instance"]}


variant(
    "missing-instance-403",
    "stance 14, B11",
    *(_status(f"!instances.{a}", 404, 403) for a in ("start", "stop", "reboot", "destroy")),
)
variant(
    "missing-instance-410",
    "stance 14",
    *(_status(f"!instances.{a}", 404, 410) for a in ("start", "stop", "reboot", "destroy")),
)
variant("not-allowed-409", "stance 13", _status("!instances.*", 405, 409))
variant("delete-of-nothing-410", "stance 15", _status("!*.destroy", 404, 410))
variant("lacking-collections-404", "stance 9", _status("!*", 412, 404), persona="mock")
variant("lacking-collections-501", "stance 9", _status("!*", 412, 501), persona="azure")
variant("lacking-collections-405", "stance 9", _status("!*", 412, 405), persona="google")
variant(
    "method-not-offered-404",
    "stance 12, B19",
    http.on_status("!*", 405, 404, lambda a: not a.operation),
)
variant(
    "method-not-offered-501", "stance 12", http.on_status("!*", 405, 501, lambda a: not a.operation)
)


@variant.does("stance 6", in_document, "!*")
def unknown_format_400(asked: Asked, answer: Answer) -> None:
    """Answers 400 to unknown formats."""
    answer.replace(
        400, "no such format"
    ) if answer.status == 406 and "format" in asked.query else None


variant(
    "malformed-credentials-400",
    "DC-AUT-011",
    http.on_status(
        "!*", 401, 400, lambda a: bool(a.header("Authorization")) and a.credentials is None
    ),
)


@variant.does("stance 11: refusals in any order", requests.reply, "*")
def credentials_first(asked: Asked) -> Answer | None:
    """Looks at credentials before all else."""
    if asked.authenticated or asked.path in _OPEN:
        return None
    fields = [_CHALLENGE, ("X-Deltacloud-Driver", "full")]
    if "json" in (asked.header("Accept") or ""):
        body = '{"code":401,"message":"no","error":"x"}'
        return Answer(401, [("Content-Type", "application/json"), *fields], body.encode())
    body = f"<error status='401'>{_BACKEND}<code>401</code><message>no</message></error>"
    return Answer(401, [("Content-Type", "application/xml"), *fields], body.encode())


variant("second-key-409", "stance 40", _status("!keys.create", 403, 409))
variant("second-key-400", "DC-KEY-008", _status("!keys.create", 403, 400))
variant("unknown-driver-404", "stance 30", http.on_status("!*", 400, 404, _of_unknown_driver))
variant(
    "unknown-image-404",
    "stance 34",
    http.on_status("!instances.create", 400, 404, lambda a: "image_id" in (a.query | a.form)),
)
variant("image-not-offered-501", "DC-IMG-015", _status("!images.create", 403, 501))
variant("firewall-in-use-502", "DC-FWL-016, A115", _status("!firewalls.destroy", 409, 502))
variant(
    "register-204",
    "stance 23, A137",
    http.status("load_balancers.register load_balancers.unregister", 204),
)
variant("put-blob-201", "stance 22", http.status("blobs.put", 201))
variant(
    "create-network-200",
    "stance 20, B12",
    http.status("networks.create subnets.create network_interfaces.create", 200),
)
variant("range-ignored", "stance 48", requests.ignore_fields("blobs.content", "Range"))
variant(
    "html-offered", "stance 51", in_document("* !*", "sends pages to browsers", _page("^text/html"))
)
variant(
    "html-for-anything",
    "stance 1, B31: the original sends pages for */*",
    in_document("* !*", "sends pages for */*", _page(r"^text/html|^\*/\*$")),
)


@variant.does("stance 1", requests.accept, "*")
def json_for_anything(accepted: str | None) -> str | None:
    """Answers in JSON for */*."""
    return "application/json" if accepted == "*/*" else accepted


@variant.does("DC-HTTP-035: the collection, or 404", requests.divert, "*")
def slash_shows_the_list(asked: Asked) -> str | None:
    """Takes /api/COLL/ for /api/COLL."""
    return asked.path.rstrip("/") if asked.path.count("/") == 3 else None


@variant.does("RFC 9110 8.8.1", in_document, "*")
def etag_weak(_asked: Asked, answer: Answer) -> None:
    """Sends weak entity-tags."""
    answer.set("ETag", _weak(answer.get("ETag") or "")) if answer.get("ETag") else None


@variant.does("stance 24: SHOULD", in_document, "*", warns="DC-HTTP-018")
def no_etags(_asked: Asked, answer: Answer) -> None:
    """Sends no entity-tags."""
    answer.set("ETag", None)


variant(
    "conditions-ignored",
    "stance 24: SHOULD",
    requests.ignore_fields("*", "If-None-Match"),
    warns="DC-HTTP-019",
)


@variant.does("RFC 9110 5.1, C16", in_message, "* !*")
def names_of_fields_in_lower_case(_asked: Asked, answer: Answer) -> None:
    """Writes names of fields in lower case."""
    answer.headers = [(n.lower(), v) for n, v in answer.headers]


@variant.does("RFC 9110 5.1, C16", in_message, "* !*")
def names_of_fields_in_upper_case(_asked: Asked, answer: Answer) -> None:
    """Writes names of fields in upper case."""
    answer.headers = [(n.upper(), v) for n, v in answer.headers]


variant(
    "errors-with-empty-cdata-backtrace",
    "facts 2.18: the original's form",
    xml.add("!*", "/error", "<backtrace> </backtrace>"),
)
variant(
    "error-urls-without-query",
    "DC-ERR-012, B22",
    xml.put("!*", "/error/@url", lambda u: u.split("?")[0]),
)
variant(
    "error-urls-absolute",
    "DC-ERR-012",
    xml.put("!*", "/error/@url", lambda u: f"http://endpoint.test{u}"),
)
