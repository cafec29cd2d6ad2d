"""Refusals that say too little, too much or something else."""

from __future__ import annotations

import json as stdlib_json

from tck.prove.altered import http, json, requests, xml
from tck.prove.altered.change import Change, in_document
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults

_TRACE = "/srv/deltacloud/server.rb:117:in `safely'\n/srv/deltacloud/base.rb:12:in `realms'"
_BACKEND = '<backend driver="full" provider="default"/>'
_CRASH = "undefined method `id' for nil:NilClass"


def _fails(where: str, status: int, content: str) -> Change:
    """Answer an unknown id with a status, and with what a program says that has crashed."""

    def act(asked: Asked, answer: Answer) -> None:
        if "tck-none" in asked.path:
            answer.replace(status, content)

    text = f"answers unknown ids with {status} and: {content}"
    return in_document(where, text, act)


def _unlisted(status: int, text: str, content: str = "") -> Change:
    """Answer requests for a collection that the entry point does not list."""

    def act(asked: Asked) -> Answer | None:
        if asked.operation != "load_balancers.index":
            return None
        return Answer(status, [("Content-Type", "application/xml")], content.encode())

    return requests.reply("*", text, act)


fault = Faults()

fault("error-without-backend", "DC-ERR-001", xml.drop("!*", "/error/backend"))
fault("error-with-other-status", "DC-ERR-002", xml.put("!*", "/error/@status", "500"))
fault("error-status-missing", "DC-ERR-011", xml.drop("!*", "/error/@status"))
fault("error-status-in-words", "DC-ERR-002", xml.put("!*.show", "/error/@status", "Not Found"))
fault("error-message-empty", "DC-ERR-003", xml.put("!*", "/error/message", ""))
fault("error-message-blank", "DC-ERR-003", xml.put("!*.show", "/error/message", "  \n"))
fault("error-without-message", "DC-ERR-003", xml.drop("!*", "/error/message"))
fault("error-backend-without-driver", "DC-ERR-004", xml.drop("!*", "/error/backend/@driver"))
fault("error-backend-without-provider", "DC-ERR-004", xml.drop("!*", "/error/backend/@provider"))
fault("error-backtrace-empty", "DC-ERR-005", xml.add("!*", "/error", "<backtrace/>"))
fault("error-code-differs", "DC-ERR-006", xml.put("!*", "/error/code", "500"))
fault("json-error-code-differs", "DC-ERR-006", json.put("!*", "code", 500))
fault(
    "json-error-code-as-text",
    "DC-ERR-007",
    json.alter("!*", "writes the code as a string", "code", str),
)
fault("json-error-without-message", "DC-ERR-007", json.drop("!*", "message"))
fault("json-error-message-null", "DC-ERR-007", json.put("!*", "message", None))
fault("json-error-called-status", "DC-ERR-007", json.rename("!*", "code", "status"))


@fault.does("DC-ERR-008", in_document, "!*")
def errors_in_plain_text(asked: Asked, answer: Answer) -> None:
    """Answers every refusal in plain text."""
    answer.body = b"Not found: " + asked.path.encode()
    answer.set("Content-Type", "text/plain")


fault(
    "errors-in-html",
    "DC-ERR-008",
    http.answer_with("!*.show", 404, "text/html", "<!DOCTYPE html><p>Sorry"),
)
fault(
    "errors-in-xml-only",
    "DC-ERR-008",
    http.answer_with(
        "!keys.show !images.show !realms.show",
        404,
        "application/xml",
        f"<error>{_BACKEND}<message>no</message></error>",
    ),
)
fault(
    "errors-show-stack", "DC-ERR-009", xml.add("!*", "/error", f"<backtrace>{_TRACE}</backtrace>")
)
fault("crash-of-ruby", "DC-ERR-010", _fails("!*.show", 500, _CRASH))
fault(
    "crash-of-python",
    "DC-ERR-010",
    _fails("!realms.show", 500, "Traceback (most recent call last)"),
)
fault("crash-of-java", "DC-ERR-010", _fails("!keys.show", 503, "java.lang.NullPointerException"))
fault(
    "crash-told-in-json",
    "DC-ERR-010",
    _fails("!images.show", 502, stdlib_json.dumps({"code": 502, "message": "KeyError: 'id'"})),
)
fault("crash-on-delete", "DC-ERR-010", _fails("!*.destroy", 500, "NoMethodError"))
fault("error-root-renamed", "DC-ERR-011", xml.rename("!*", "/error", "fault"))
fault("error-in-list", "DC-ERR-011", xml.rename("!*.show", "/error", "errors"))
fault("error-url-of-another", "DC-ERR-012", xml.put("!*", "/error/@url", "/api/instances"))
fault("error-url-empty", "DC-ERR-012", xml.put("!*.show", "/error/@url", ""))
fault("missing-parameter-500", "DC-ERR-013", http.on_status("!*.create", 400, 500))
fault(
    "missing-parameter-422",
    "DC-ERR-013",
    http.on_status("!keys.create !firewalls.create", 400, 422),
)
fault("missing-parameter-404", "DC-ERR-013", http.on_status("!instances.create", 400, 404))
fault("missing-key-name-made-up", "DC-ERR-013", requests.supply("keys.create", name="unnamed"))
fault(
    "missing-bucket-name-made-up", "DC-ERR-013", requests.supply("buckets.create", name="unnamed")
)
fault(
    "missing-image-made-up",
    "DC-ERR-013 DC-INS-057",
    requests.supply("instances.create", image_id="img1"),
)
fault(
    "missing-balancer-parameters-made-up",
    "DC-ERR-013",
    requests.supply(
        "load_balancers.create",
        name="lb9",
        realm_id="us",
        listener_protocol="HTTP",
        listener_balancer_port="80",
        listener_instance_port="80",
    ),
)
fault(
    "missing-subnet-parameters-made-up",
    "DC-ERR-013",
    requests.supply("subnets.create", network_id="net1", address_block="192.168.9.0/24"),
)
fault(
    "missing-parameter-creates-then-400",
    "DC-ERR-013",
    requests.supply("keys.create", name="unnamed"),
    http.status("keys.create", 400),
)


@fault.does("DC-ERR-014", requests.rewrite, "keys.create")
def empty_key_name_taken(sent: Parameters) -> Parameters:
    """Accepts an empty name and makes one up."""
    return {k: v or "unnamed" for k, v in sent.items()}


@fault.does("DC-ERR-014", requests.rewrite, "instances.create")
def empty_image_id_taken(sent: Parameters) -> Parameters:
    """Accepts an empty image_id and launches img1."""
    return {k: v or "img1" if k == "image_id" else v for k, v in sent.items()}


fault(
    "missing-parameter-not-named",
    "DC-ERR-015",
    xml.put("!*.create", "/error/message", "Bad request"),
)
fault(
    "json-missing-parameter-not-named",
    "DC-ERR-015",
    json.put("!*.create", "message", "Bad request"),
)
for name, status, text, content in (
    (
        "unlisted-collection-served",
        200,
        "serves a collection it does not list",
        "<load_balancers/>",
    ),
    ("unlisted-collection-500", 500, "answers 500 for a collection that it does not list", ""),
    ("unlisted-collection-400", 400, "answers 400 for a collection that it does not list", ""),
):
    fault(name, "DC-ERR-016", _unlisted(status, text, content), persona="mock")


@fault.does("DC-ERR-017", in_document, "!*.show")
def json_failure_with_other_status(_asked: Asked, answer: Answer) -> None:
    """Answers 400 in JSON where it answers 404 in XML."""
    if answer.format == "json" and answer.status == 404:
        answer.status = 400
        answer.body = answer.body.replace(b"404", b"400")


@fault.does("DC-ERR-017", in_document, "!realms.show")
def json_failure_200(_asked: Asked, answer: Answer) -> None:
    """Answers 200 in JSON where it answers 404 in XML."""
    if answer.format == "json":
        answer.status = 200


@fault.does("DC-DOC-014", in_document, "!*.show")
def failures_200(_asked: Asked, answer: Answer) -> None:
    """Sends its documents of errors with 200."""
    if answer.status == 404:
        answer.status = 200


fault("delete-unknown-500", "DC-ERR-018", http.on_status("!*.destroy", 404, 500))
fault("delete-unknown-key-502", "DC-ERR-018", http.on_status("!keys.destroy", 404, 502))
fault("delete-unknown-204", "DC-ERR-019", http.on_status("!*.destroy", 404, 204))
fault(
    "delete-unknown-volume-400", "DC-ERR-019", http.on_status("!storage_volumes.destroy", 404, 400)
)
fault("delete-unknown-network-409", "DC-ERR-019", http.on_status("!networks.destroy", 404, 409))
