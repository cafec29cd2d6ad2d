"""Header fields that are missing, malformed or untrue."""

from __future__ import annotations

from collections.abc import Callable

from tck.prove.altered import http, requests
from tck.prove.altered.change import Change, at, in_message
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults


def _to_head(where: str, text: str, act: Callable[[Answer], None]) -> Change:
    """Change answers to HEAD."""
    return in_message(
        where, text, lambda asked, answer: act(answer) if asked.method == "HEAD" else None
    )


def _head_status(where: str, status: int) -> Change:
    def act(answer: Answer) -> None:
        answer.status = status

    return _to_head(where, f"answers {status} to HEAD{at(where)}", act)


def _head_field(where: str, text: str, name: str, value: str | None) -> Change:
    return _to_head(where, text, lambda answer: answer.set(name, value))


def _answer_options(asked: Asked, answer: Answer, status: int, allow: str | None) -> None:
    if asked.method == "OPTIONS":
        answer.status, answer.body = status, b""
        answer.set("Allow", allow)


def _options(where: str, text: str, status: int, allow: str | None) -> Change:
    return in_message(
        where, text, lambda asked, answer: _answer_options(asked, answer, status, allow)
    )


def _relative(value: str) -> str:
    return "/" + value.split("/", 3)[-1]


fault = Faults()

fault("no-content-type", "DC-HTTP-012", http.field("realms.*", "Content-Type", None))
fault("no-content-type-of-errors", "DC-HTTP-012", http.field("!*.show", "Content-Type", None))
for name, where, field, value in (
    ("date-in-iso-8601", "realms.*", "Date", "2026-11-22T13:45:24Z"),
    ("date-with-numeric-zone", "*", "Date", "Sun, 22 Nov 2026 13:45:24 +0000"),
    ("last-modified-as-number", "blobs.content", "Last-Modified", "1795355124"),
):
    fault(name, "DC-HTTP-016", http.add_field(where, field, value))
for name, where, text, act in (
    ("etag-without-quotes", "*", "writes the ETag without quotation marks", lambda v: v.strip('"')),
    (
        "etag-in-apostrophes",
        "realms.index",
        "writes the ETag in apostrophes",
        lambda v: v.replace('"', "'"),
    ),
    (
        "etag-without-end",
        "*.index",
        "writes the ETag without its closing quotation mark",
        lambda v: v[:-1],
    ),
):
    fault(name, "DC-HTTP-017", http.alter_field(where, text, "ETag", act))
fault("no-etag-of-collections", "DC-HTTP-018", http.field("*.index", "ETag", None))
fault("no-etag-of-entry-point", "DC-HTTP-018", http.field("api.show", "ETag", None))
fault("condition-ignored", "DC-HTTP-019", requests.ignore_fields("*", "If-None-Match"))


@fault.does("DC-HTTP-019", in_message, "*")
def never_modified(asked: Asked, answer: Answer) -> None:
    """Answers 304 to every If-None-Match."""
    if asked.header("If-None-Match") and answer.status == 200:
        answer.status, answer.body = 304, b""
        answer.set("Content-Length", None)


@fault.does("DC-HTTP-020", in_message, "*.index *.show")
def etag_never_the_same(asked: Asked, answer: Answer) -> None:
    """Sends another ETag with every answer."""
    asked.memory["tags"] = asked.memory.get("tags", 0) + 1
    answer.set("ETag", f'"{asked.memory["tags"]}"')


fault("etag-always-the-same", "DC-HTTP-020", http.field("*.index *.show", "ETag", '"deltacloud"'))
fault("etag-of-lists-always-the-same", "DC-HTTP-020", http.field("keys.index", "ETag", '"keys"'))
fault("etag-of-buckets-always-the-same", "DC-HTTP-020", http.field("buckets.show", "ETag", '"b"'))


@fault.does("DC-HTTP-020", http.alter_field, "instances.show", "ETag")
def etag_of_instances_always_the_same(_tag: str) -> str:
    """Sends one and the same ETag for every instance in any state."""
    return '"instance"'


for name, where, status in (
    ("head-not-offered", "*", 405),
    ("head-not-found", "images.index realms.index", 404),
    ("head-of-nothing-200", "!*.show", 200),
    ("head-204", "api.show *.index", 204),
):
    fault(name, "DC-HTTP-021", _head_status(where, status))
fault(
    "head-in-plain-text",
    "DC-HTTP-021",
    _head_field("*.index", "sends text/plain to HEAD", "Content-Type", "text/plain"),
)
fault("head-without-etag", "DC-HTTP-022", _head_field("*", "sends no ETag to HEAD", "ETag", None))
fault(
    "head-with-other-etag",
    "DC-HTTP-022",
    _head_field("*", "sends another ETag to HEAD than to GET", "ETag", '"head"'),
)
fault("not-allowed-without-allow", "DC-HTTP-023", http.field("!*", "Allow", None))
fault("allow-names-operations", "DC-HTTP-024", http.field("*", "Allow", "index, show, create"))
fault("allow-names-a-class", "DC-HTTP-024", http.field("*", "Allow", "Rack::Handler, GET"))
fault("options-not-offered", "DC-HTTP-025", _options("* !*", "answers 405 to OPTIONS", 405, "GET"))
fault(
    "options-without-allow",
    "DC-HTTP-025",
    _options("* !*", "answers OPTIONS without Allow", 200, None),
)


@fault.does("DC-HTTP-025", in_message, "*")
def options_of_members_not_found(asked: Asked, answer: Answer) -> None:
    """Answers 404 to OPTIONS of an object."""
    if asked.path.count("/") > 2:
        _answer_options(asked, answer, 404, None)


fault(
    "options-without-get",
    "DC-HTTP-025",
    _options("*", "leaves GET out of Allow", 200, "POST, OPTIONS"),
)
fault("expect-in-answers", "DC-HTTP-026", http.add_field("!*", "Expect", "instances"))


@fault.does("DC-HTTP-028", http.alter_field, "keys.create", "Location")
def location_with_blanks(location: str) -> str:
    """Writes a Location with an unencoded blank."""
    return location + "?name=my key"


@fault.does("DC-HTTP-028", http.alter_field, "*.create", "Location")
def location_not_encoded(location: str) -> str:
    """Writes a Location with unencoded angle brackets."""
    return location + "#<new>"


fault("no-location-of-keys", "DC-HTTP-029", http.field("keys.create", "Location", None))
fault("no-location-of-instances", "DC-HTTP-029", http.field("instances.create", "Location", None))
for name, where, text, act in (
    (
        "location-of-the-list",
        "storage_volumes.create",
        "writes the URL of the list in Location",
        lambda v: v.rsplit("/", 1)[0],
    ),
    (
        "location-of-another",
        "images.create",
        "writes the URL of img1 in Location, whatever was created",
        lambda v: v.rsplit("/", 1)[0] + "/img1",
    ),
    (
        "location-with-trailing-slash",
        "addresses.create",
        "ends Location with a slash",
        lambda v: v + "/",
    ),
    ("location-with-query", "instances.create", "ends Location with a query", "{}?x=1".format),
    ("location-with-format", "buckets.create", "ends Location with .xml", lambda v: v + ".xml"),
):
    fault(name, "DC-HTTP-029", http.alter_field(where, text, "Location", act))
fault("no-location-of-networks", "DC-HTTP-030", http.field("networks.create", "Location", None))
fault("no-location-of-blobs", "DC-HTTP-030", http.field("blobs.create", "Location", None))


@fault.does("DC-HTTP-030", http.alter_field, "subnets.create", "Location")
def location_of_subnets_wrong(location: str) -> str:
    """Writes a Location that ends in another id."""
    return location + "1"


fault(
    "location-relative",
    "DC-HTTP-031",
    http.alter_field("*.create", "writes Location without scheme and host", "Location", _relative),
)


@fault.does("DC-HTTP-031", http.alter_field, "keys.create", "Location")
def location_abroad(location: str) -> str:
    """Writes a Location of another host."""
    return "http://10.0.0.1" + _relative(location)


fault("no-driver-named", "DC-HTTP-043", http.field("*", "X-Deltacloud-Driver", None))
fault("no-driver-named-in-refusals", "DC-HTTP-043", http.field("!*", "X-Deltacloud-Driver", None))


@fault.does("DC-HTTP-044", http.alter_field, "*", "X-Backend-Runtime")
def runtime_with_unit(seconds: str) -> str:
    """Writes the time of the backend with a unit."""
    return seconds + " s"


fault("runtime-negative", "DC-HTTP-044", http.field("*", "X-Backend-Runtime", "-1"))
