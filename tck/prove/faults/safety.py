"""Methods and paths: GET that changes, paths that mean what they should not."""

from __future__ import annotations

from typing import Any

from tck.prove.altered import http, requests, xml
from tck.prove.altered.change import in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import fault


def _numbered(asked: Asked, answer: Answer) -> None:
    """A document that is never the same."""
    asked.memory["read"] = asked.memory.get("read", 0) + 1
    if answer.format == "xml":
        answer.body = answer.body.replace(b"</name>", b" %d</name>" % asked.memory["read"])


def _alternating(asked: Asked, answer: Answer) -> None:
    """Every other answer leaves the last member out."""
    asked.memory["odd"] = not asked.memory.get("odd", False)
    if asked.memory["odd"]:
        xml_drop = xml.drop(asked.operation, "/*/*[last()]").document
        assert xml_drop is not None
        xml_drop(asked, answer)


def _acts_on_get(asked: Asked) -> None:
    if asked.method in ("GET", "HEAD") and asked.path.count("/") == 4:
        asked.environ["REQUEST_METHOD"] = "POST"


def _creates_on_head(asked: Asked) -> None:
    if asked.method != "HEAD":
        return
    asked.as_get = False
    asked.environ["REQUEST_METHOD"] = "POST"
    asked.query = {**asked.query, "name": f"made{len(asked.memory)}"}
    asked.memory[str(len(asked.memory))] = True


def _method(old: str, new: str) -> Any:
    def act(asked: Asked) -> None:
        if asked.method == old:
            asked.environ["REQUEST_METHOD"] = new

    return act


def _unknown_path(status: int) -> http.Act:
    def act(asked: Asked, answer: Answer) -> None:
        if not asked.operation and answer.status == 404:
            answer.replace(status, "Hello")

    return act


def _first_member(asked: Asked) -> str | None:
    known = {"/api/realms/": "us", "/api/images/": "img1", "/api/keys/": "test-key"}
    return asked.path + known[asked.path] if asked.path in known else None


def _unknown_parameter(asked: Asked) -> Answer | None:
    if "_" in asked.query or "tck_unknown" in asked.query:
        return Answer(400, [("Content-Type", "text/plain")], b"unknown parameter")
    return None


def _long(asked: Asked) -> Answer | None:
    return (
        Answer(500, [("Content-Type", "text/plain")], b"too long")
        if len(asked.path) > 255
        else None
    )


FAULTS = [
    fault(
        "document-never-the-same",
        "DC-HTTP-045",
        in_document("*.index *.show", "counts its answers in names", _numbered),
    ),
    fault(
        "list-flickers",
        "DC-HTTP-045",
        in_document(
            "realms.index images.index", "shows the last member every other time", _alternating
        ),
    ),
    fault(
        "get-of-action-acts",
        "DC-HTTP-032",
        in_request("*", "takes GET of an action for POST", _acts_on_get),
    ),
    fault(
        "head-of-keys-creates",
        "DC-HTTP-032",
        in_request("keys.index", "creates a key on HEAD", _creates_on_head),
    ),
    fault(
        "options-deletes",
        "DC-HTTP-032",
        in_request("*", "takes OPTIONS for DELETE", _method("OPTIONS", "DELETE")),
    ),
    fault(
        "unknown-path-200",
        "DC-HTTP-033",
        in_document("* !*", "greets on unknown paths", _unknown_path(200)),
    ),
    fault(
        "unknown-path-401",
        "DC-HTTP-033",
        in_document("!*", "wants credentials on unknown paths", _unknown_path(401)),
    ),
    fault(
        "unknown-path-500",
        "DC-HTTP-033",
        in_document("!*", "fails on unknown paths", _unknown_path(500)),
    ),
    fault(
        "put-taken-for-get",
        "DC-HTTP-034",
        in_request("*", "takes PUT for GET", _method("PUT", "GET")),
    ),
    fault(
        "patch-taken-for-get",
        "DC-HTTP-034",
        in_request("*", "takes PATCH for GET", _method("PATCH", "GET")),
    ),
    fault(
        "method-not-offered-500",
        "DC-HTTP-034",
        in_document(
            "!*",
            "fails on methods that it lacks",
            lambda _, x: x.replace(500) if x.status == 405 else None,
        ),
    ),
    fault(
        "method-not-offered-400",
        "DC-HTTP-034",
        in_document(
            "!*",
            "answers 400 to methods that it lacks",
            lambda _, x: x.replace(400) if x.status == 405 else None,
        ),
    ),
    fault(
        "empty-id-shows-first",
        "DC-HTTP-035",
        requests.divert("*", "shows the first member for an empty id", _first_member),
    ),
    fault(
        "entry-point-without-slash-only",
        "DC-HTTP-036",
        requests.instead(
            "*",
            "does not know /api/",
            lambda a: Answer(404, [], b"") if a.path == "/api/" else None,
        ),
    ),
    fault(
        "entry-point-slash-redirects-abroad",
        "DC-HTTP-036",
        requests.instead(
            "*",
            "redirects /api/",
            lambda a: (
                Answer(301, [("Location", "http://deltacloud.example/api")], b"")
                if a.path == "/api/"
                else None
            ),
        ),
    ),
    fault(
        "unknown-parameters-refused",
        "DC-HTTP-037",
        requests.instead("*", "refuses parameters that it does not know", _unknown_parameter),
    ),
    fault(
        "unknown-parameters-filter",
        "DC-HTTP-037",
        in_document(
            "*.index",
            "finds nothing when a parameter is unknown",
            lambda a, x: (
                x.replace(200, f"<{a.collection}/>", "application/xml") if "_" in a.query else None
            ),
        ),
    ),
    fault("long-id-500", "DC-HTTP-042", requests.instead("*", "fails on long paths", _long)),
    fault(
        "odd-id-500",
        "DC-HTTP-042",
        in_document(
            "!*",
            "fails on ids that are not plain",
            lambda a, x: x.replace(500) if "%" in a.path else None,
        ),
    ),
    fault(
        "odd-id-shows-list",
        "DC-HTTP-042",
        requests.divert(
            "*",
            "drops what is not plain from paths",
            lambda a: a.path.rpartition("/")[0] if "%00" in a.path else None,
        ),
    ),
]
