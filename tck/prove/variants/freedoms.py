"""Other statuses, fields and answers that the stances leave to the server."""

from __future__ import annotations

import copy
import re
from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import in_document, in_message
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants
from tck.reference_server.resources import Instance, StorageSnapshot

_PAGE = "<!DOCTYPE html>\n<html><head><title>Deltacloud</title></head><body></body></html>"
_CHALLENGE = ("WWW-Authenticate", 'Basic realm="deltacloud"')
_BACKEND = "<backend driver='full' provider='default'/>"
_OPEN = ("/api", "/api/", "/api/drivers", "/api/instance_states", "/api/hardware_profiles")


def _page(pattern: str) -> http.Act:
    """Answer with a page where Accept fits a pattern and `format` does not name another form."""

    def act(asked: Asked, answer: Answer) -> None:
        fits = re.search(pattern, asked.header("Accept") or "")
        has_page = asked.document not in ("", "empty", "bytes")
        if not fits or "format" in asked.query or not has_page:
            return
        if answer.status == 406 and not asked.authenticated and asked.path not in _OPEN:
            answer.status = 401
        elif answer.status in (200, 201, 202, 406):
            tag, location = answer.get("ETag") or '"page"', answer.get("Location")
            answer.replace(200 if answer.status == 406 else answer.status, _PAGE, "text/html")
            answer.set("ETag", tag)
            answer.set("Location", location)

    return act


def _malformed_credentials(asked: Asked) -> bool:
    return bool(asked.header("Authorization")) and asked.credentials is None


def _of_unknown_driver(asked: Asked) -> bool:
    driver = asked.header("X-Deltacloud-Driver") or asked.environ.get("REQUEST_URI", "")
    return "tck-none" in driver


_ACTIONS = "instances.start instances.stop instances.reboot"

variant = Variants()

variant(
    "challenge-with-charset-first",
    "DC-AUT-005: RFC 7617 2.1",
    http.field("!*", "WWW-Authenticate", 'Basic charset="UTF-8", realm="deltacloud"'),
)


@variant.does("DC-VOL-020: as drivers of the original", xml.edit, "storage_volumes.*")
def volumes_offer_everything(root: Any) -> None:
    """Offers attach and detach on every volume, whatever its state."""
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
    text="shows volumes without actions",
)


@variant.does("stance 18", in_document, _ACTIONS)
def actions_redirect(_asked: Asked, answer: Answer) -> None:
    """Answers actions with a redirect to the instance."""
    href = re.search(rb'"?href"?[=:][\'"]([^\'"]+/instances/[^\'"/]+)[\'"]', answer.body)
    assert href is not None
    answer.replace(303)
    answer.set("Location", href[1].decode())


@variant.does("stance 19, B10", json.edit, _ACTIONS)
def actions_in_bare_json(root: Any) -> Any:
    """Answers actions in JSON with an instance that nothing wraps."""
    return {k: x for k, x in root.items() if k != "instance"}


@variant.does("stance 19, C27", json.edit, _ACTIONS)
def actions_in_wrapped_json(value: Any) -> Any:
    """Answers actions in JSON with an instance in an object."""
    return {"instance": value["instance"]}


for status, source in ((403, "stance 14, B11"), (410, "stance 14")):
    variant(
        f"missing-instance-{status}",
        source,
        *(
            http.on_status(f"!instances.{action}", 404, status)
            for action in ("start", "stop", "reboot", "destroy")
        ),
        text=f"answers {status} to actions on instances that do not exist",
    )
variant("not-allowed-409", "stance 13", http.on_status("!instances.*", 405, 409))
variant("delete-of-nothing-410", "stance 15", http.on_status("!*.destroy", 404, 410))
for status, persona in ((404, "mock"), (501, "azure"), (405, "google")):
    variant(
        f"lacking-collections-{status}",
        "stance 9",
        http.on_status("!*", 412, status),
        persona=persona,
        text=f"answers {status} to collections that the driver lacks",
    )
for status, source in ((404, "stance 12, B19"), (501, "stance 12")):
    variant(
        f"method-not-offered-{status}",
        source,
        http.on_status("!*", 405, status, lambda asked: not asked.operation),
        text=f"answers {status} to methods that a path does not have",
    )


@variant.does("stance 6", in_document, "!*")
def unknown_format_400(asked: Asked, answer: Answer) -> None:
    """Answers 400 to unknown formats."""
    if answer.status == 406 and "format" in asked.query:
        answer.replace(400, "no such format")


variant(
    "malformed-credentials-400",
    "DC-AUT-011",
    http.on_status("!*", 401, 400, _malformed_credentials),
    text="answers 400 to malformed credentials",
)


@variant.does("stance 11: refusals in any order", requests.reply, "*")
def credentials_first(asked: Asked) -> Answer | None:
    """Checks credentials before everything else."""
    if asked.authenticated or asked.path in _OPEN:
        return None
    fields = [_CHALLENGE, ("X-Deltacloud-Driver", "full")]
    if "json" in (asked.header("Accept") or ""):
        body = '{"code":401,"message":"no","error":"x"}'
        return Answer(401, [("Content-Type", "application/json"), *fields], body.encode())
    body = f"<error status='401'>{_BACKEND}<code>401</code><message>no</message></error>"
    return Answer(401, [("Content-Type", "application/xml"), *fields], body.encode())


variant("second-key-409", "stance 40", http.on_status("!keys.create", 403, 409))
variant("second-key-400", "DC-KEY-008", http.on_status("!keys.create", 403, 400))
variant(
    "unknown-driver-404",
    "stance 30",
    http.on_status("!*", 400, 404, _of_unknown_driver),
    text="answers 404 to unknown drivers",
)
variant(
    "unknown-image-404",
    "stance 34",
    http.on_status(
        "!instances.create", 400, 404, lambda asked: "image_id" in asked.query | asked.form
    ),
    text="answers 404 to launches of unknown images",
)
variant("image-not-offered-501", "DC-IMG-015", http.on_status("!images.create", 403, 501))
variant("firewall-in-use-502", "DC-FWL-016, A115", http.on_status("!firewalls.destroy", 409, 502))
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
    "html-offered",
    "stance 51",
    in_document("* !*", "sends pages to clients that accept HTML first", _page("^text/html")),
)
variant(
    "html-for-anything",
    "stance 1, B31: the original sends pages for */*",
    in_document("* !*", "sends pages for */*", _page(r"^text/html|^\*/\*$")),
)


@variant.does("stance 1", requests.accept, "*")
def json_for_anything(accept: str | None) -> str | None:
    """Answers in JSON for */*."""
    return "application/json" if accept == "*/*" else accept


@variant.does("DC-HTTP-035: the collection, or 404", requests.divert, "*")
def slash_shows_the_list(asked: Asked) -> str | None:
    """Takes the path of a collection with a slash at its end for that without."""
    return asked.path.rstrip("/") if asked.path.count("/") == 3 else None


@variant.does("RFC 9110 8.8.1", in_document, "*")
def etag_weak(_asked: Asked, answer: Answer) -> None:
    """Sends weak entity-tags."""
    if tag := answer.get("ETag"):
        answer.set("ETag", f"W/{tag}")


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
    "the original's form for errors without a trace",
    xml.add("!*", "/error", "<backtrace> </backtrace>"),
    text="writes an empty backtrace into error documents",
)


@variant.does("DC-ERR-012, B22", xml.alter, "!*", "/error/@url")
def error_urls_without_query(url: str) -> str:
    """Writes the URLs of requests without the query into errors."""
    return url.partition("?")[0]


@variant.does("DC-ERR-012", xml.alter, "!*", "/error/@url")
def error_urls_absolute(url: str) -> str:
    """Writes absolute URLs of requests into errors."""
    return f"http://endpoint.test{url}"


@variant.does("DC-API-017", requests.reply, "api.docs*")
def no_documentation(_asked: Asked) -> Answer | None:
    """Has no documentation."""
    return Answer(404, [("X-Deltacloud-Driver", "full")])


@variant.does("stance 57: its image was destroyed since", drivers.shown, "instances.*", Instance)
def image_of_an_old_instance_is_gone(instance: Any) -> Any:
    """Goes on to name the image of an instance that was destroyed after the launch."""
    return replace(instance, image_id="img-gone") if instance.id in ("inst0", "inst1") else instance


@variant.does("stance 57", drivers.shown, "storage_snapshots.*", StorageSnapshot)
def volume_of_an_old_snapshot_is_gone(snapshot: Any) -> Any:
    """Goes on to name the volume of a snapshot that was destroyed since."""
    old = snapshot.id in ("snap1", "snap2")
    return replace(snapshot, storage_volume_id="vol-gone") if old else snapshot
