"""Other statuses, fields and answers that the stances leave to the server."""

from __future__ import annotations

import copy
import re
from typing import Any

from tck.prove.altered import http, json, requests, xml
from tck.prove.altered.change import Change, in_document, in_message
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import variant

_PAGE = "<!DOCTYPE html>\n<html><head><title>Deltacloud</title></head><body></body></html>"
_CHALLENGE = ("WWW-Authenticate", 'Basic realm="deltacloud"')
_BACKEND = "<backend driver='full' provider='default'/>"
_OPEN = ("/api", "/api/", "/api/drivers", "/api/instance_states", "/api/hardware_profiles")


def _redirects(_asked: Asked, answer: Answer) -> None:
    """See the instance for what became of it."""
    where = answer.body
    href = re.search(rb'"?href"?[=:][\'"]([^\'"]+/instances/[^\'"/]+)[\'"]', where)
    assert href is not None
    answer.replace(303)
    answer.set("Location", href[1].decode())


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
            if answer.status == 406 and asked.sent != asked.known and asked.path not in _OPEN:
                answer.status = 401
                return
            tag, location = answer.get("ETag") or '"page"', answer.get("Location")
            answer.replace(200 if answer.status == 406 else answer.status, _PAGE, "text/html")
            answer.set("ETag", tag)
            answer.set("Location", location)

    return act


def _credentials_first(asked: Asked) -> Answer | None:
    if asked.sent == asked.known or asked.path in _OPEN:
        return None
    fields = [_CHALLENGE, ("X-Deltacloud-Driver", "full")]
    if "json" in (asked.header("Accept") or ""):
        body = '{"code":401,"message":"no","error":"x"}'
        return Answer(401, [("Content-Type", "application/json"), *fields], body.encode())
    body = f"<error status='401'>{_BACKEND}<code>401</code><message>no</message></error>"
    return Answer(401, [("Content-Type", "application/xml"), *fields], body.encode())


def _of_unknown_driver(asked: Asked) -> bool:
    named = asked.header("X-Deltacloud-Driver") or asked.environ.get("REQUEST_URI", "")
    return "tck-none" in named


def _json_only_wrapped(value: Any) -> Any:
    return {"instance": value["instance"]}


def _status(where: str, old: int, new: int) -> Change:
    return http.on_status(where, old, new)


def _weak(tag: str) -> str:
    return f"W/{tag}"


_ACTIONS = "instances.start instances.stop instances.reboot"


def _both(root: Any) -> None:
    """Volumes offer to be attached and detached whatever their state."""
    for link in root.xpath("//storage_volume/actions/link[@rel='attach' or @rel='detach']"):
        other = copy.copy(link)
        rel = "detach" if link.get("rel") == "attach" else "attach"
        other.set("href", link.get("href").replace(link.get("rel"), rel))
        other.set("rel", rel)
        link.addnext(other)


VARIANTS = [
    variant(
        "challenge-with-charset-first",
        "DC-AUT-005: RFC 7617 2.1",
        http.field("!*", "WWW-Authenticate", 'Basic charset="UTF-8", realm="deltacloud"'),
    ),
    variant(
        "volumes-offer-everything",
        "DC-VOL-020: as drivers of the original",
        xml.edit("storage_volumes.*", "offers attach and detach in any state", _both),
    ),
    variant(
        "volumes-offer-nothing",
        "DC-VOL-020: as the original's mock",
        xml.drop("storage_volumes.*", "//storage_volume/actions"),
        json.put("storage_volumes.*", "actions", []),
    ),
    variant(
        "actions-redirect",
        "stance 18",
        in_document(_ACTIONS, "redirects after actions", _redirects),
    ),
    variant(
        "actions-in-bare-json",
        "stance 19, B10",
        json.edit(
            _ACTIONS,
            "shows the bare instance",
            lambda v: {k: x for k, x in v.items() if k != "instance"},
        ),
    ),
    variant(
        "actions-in-wrapped-json",
        "stance 19, C27",
        json.edit(_ACTIONS, "shows the wrapped instance", _json_only_wrapped),
    ),
    variant(
        "missing-instance-403",
        "stance 14, B11",
        *(_status(f"!instances.{a}", 404, 403) for a in ("start", "stop", "reboot", "destroy")),
    ),
    variant(
        "missing-instance-410",
        "stance 14",
        *(_status(f"!instances.{a}", 404, 410) for a in ("start", "stop", "reboot", "destroy")),
    ),
    variant("not-allowed-409", "stance 13", _status("!instances.*", 405, 409)),
    variant("delete-of-nothing-410", "stance 15", _status("!*.destroy", 404, 410)),
    variant("lacking-collections-404", "stance 9", _status("!*", 412, 404), persona="mock"),
    variant("lacking-collections-501", "stance 9", _status("!*", 412, 501), persona="azure"),
    variant("lacking-collections-405", "stance 9", _status("!*", 412, 405), persona="google"),
    variant(
        "method-not-offered-404",
        "stance 12, B19",
        http.on_status("!*", 405, 404, lambda a: not a.operation),
    ),
    variant(
        "method-not-offered-501",
        "stance 12",
        http.on_status("!*", 405, 501, lambda a: not a.operation),
    ),
    variant(
        "unknown-format-400",
        "stance 6",
        in_document(
            "!*",
            "answers 400 to unknown formats",
            lambda a, x: (
                x.replace(400, "no such format")
                if x.status == 406 and "format" in a.query
                else None
            ),
        ),
    ),
    variant(
        "malformed-credentials-400",
        "DC-AUT-011",
        http.on_status(
            "!*", 401, 400, lambda a: bool(a.header("Authorization")) and a.sent is None
        ),
    ),
    variant(
        "credentials-first",
        "stance 11: refusals in any order",
        requests.instead("*", "looks at credentials before all else", _credentials_first),
    ),
    variant("second-key-409", "stance 40", _status("!keys.create", 403, 409)),
    variant("second-key-400", "DC-KEY-008", _status("!keys.create", 403, 400)),
    variant("unknown-driver-404", "stance 30", http.on_status("!*", 400, 404, _of_unknown_driver)),
    variant(
        "unknown-image-404",
        "stance 34",
        http.on_status("!instances.create", 400, 404, lambda a: "image_id" in (a.query | a.form)),
    ),
    variant("image-not-offered-501", "DC-IMG-015", _status("!images.create", 403, 501)),
    variant("firewall-in-use-502", "DC-FWL-016, A115", _status("!firewalls.destroy", 409, 502)),
    variant(
        "register-204",
        "stance 23, A137",
        http.status("load_balancers.register load_balancers.unregister", 204),
    ),
    variant("put-blob-201", "stance 22", http.status("blobs.put", 201)),
    variant(
        "create-network-200",
        "stance 20, B12",
        http.status("networks.create subnets.create network_interfaces.create", 200),
    ),
    variant("range-ignored", "stance 48", requests.overlook("blobs.content", "Range")),
    variant(
        "html-offered",
        "stance 51",
        in_document("* !*", "sends pages to browsers", _page("^text/html")),
    ),
    variant(
        "html-for-anything",
        "stance 1, B31: the original sends pages for */*",
        in_document("* !*", "sends pages for */*", _page(r"^text/html|^\*/\*$")),
    ),
    variant(
        "json-for-anything",
        "stance 1",
        requests.accept(
            "*", "answers in JSON for */*", lambda v: "application/json" if v == "*/*" else v
        ),
    ),
    variant(
        "slash-shows-the-list",
        "DC-HTTP-035: the collection, or 404",
        requests.divert(
            "*",
            "takes /api/COLL/ for /api/COLL",
            lambda a: a.path.rstrip("/") if a.path.count("/") == 3 else None,
        ),
    ),
    variant(
        "etag-weak",
        "RFC 9110 8.8.1",
        in_document(
            "*",
            "sends weak entity-tags",
            lambda _, x: x.set("ETag", _weak(x.get("ETag") or "")) if x.get("ETag") else None,
        ),
    ),
    variant(
        "no-etags",
        "stance 24: SHOULD",
        in_document("*", "sends no entity-tags", lambda _, x: x.set("ETag", None)),
        warns="DC-HTTP-018",
    ),
    variant(
        "conditions-ignored",
        "stance 24: SHOULD",
        requests.overlook("*", "If-None-Match"),
        warns="DC-HTTP-019",
    ),
    variant(
        "names-of-fields-in-lower-case",
        "RFC 9110 5.1, C16",
        in_message(
            "* !*",
            "writes names of fields in lower case",
            lambda _, x: setattr(x, "headers", [(n.lower(), v) for n, v in x.headers]),
        ),
    ),
    variant(
        "names-of-fields-in-upper-case",
        "RFC 9110 5.1, C16",
        in_message(
            "* !*",
            "writes names of fields in upper case",
            lambda _, x: setattr(x, "headers", [(n.upper(), v) for n, v in x.headers]),
        ),
    ),
    variant(
        "errors-with-empty-cdata-backtrace",
        "facts 2.18: the original's form",
        xml.add("!*", "/error", "<backtrace> </backtrace>"),
    ),
    variant(
        "error-urls-without-query",
        "DC-ERR-012, B22",
        xml.put("!*", "/error/@url", lambda u: u.split("?")[0]),
    ),
    variant(
        "error-urls-absolute",
        "DC-ERR-012",
        xml.put("!*", "/error/@url", lambda u: f"http://endpoint.test{u}"),
    ),
]
