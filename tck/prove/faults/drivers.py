"""The drivers collection, and choosing driver and provider."""

from __future__ import annotations

from typing import Any

from tck.prove.altered import http, json, requests, xml
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults

DRIVER, PROVIDER = "X-Deltacloud-Driver", "X-Deltacloud-Provider"
_NO_FEATURES = xml.drop("api.show", "//feature")


def _uri(asked: Asked) -> str:
    """Path and query as they were sent, with matrix parameters."""
    return str(asked.environ.get("REQUEST_URI") or asked.environ["PATH_INFO"])


def _without_matrix(asked: Asked) -> str | None:
    """The path without matrix parameters, if they select a driver or provider."""
    uri = _uri(asked)
    return asked.path if ";driver=" in uri or ";provider=" in uri else None


def _keep_selected(text: str, field: str) -> Change:
    """Use what a header field selected for later requests without the field."""

    def act(asked: Asked) -> None:
        if value := asked.header(field):
            asked.memory[field] = value
        elif field in asked.memory:
            asked.set_header(field, asked.memory[field])

    return in_request("*", text, act)


def _refuse_matrix(status: int) -> Change:
    """Refuse matrix parameters after segments of the path other than /api."""

    def act(asked: Asked) -> Answer | None:
        path = _uri(asked).partition("?")[0]
        refused = not path.startswith("/api;") and ";" in path.partition("/api")[2]
        return Answer(status, []) if refused else None

    return requests.reply("*", f"answers {status} to matrix parameters within a path", act)


def _unknown_driver(asked: Asked) -> bool:
    return (asked.header(DRIVER) or "").startswith("tck-none") or "driver=tck-none" in _uri(asked)


fault = Faults()

fault("driver-without-name", "DC-DRV-001", xml.drop("drivers.*", "//driver/name"))
fault("provider-without-id", "DC-DRV-001", xml.drop("drivers.*", "//provider/@id"))


@fault.does("DC-DRV-002", json.edit, "drivers.index")
def json_drivers_as_list(drivers: Any) -> Any:
    """Writes the drivers as a list."""
    return list(drivers.values())


fault("json-drivers-500", "DC-DRV-002", http.status_in("json", "drivers.*", 500))
fault("json-driver-without-id", "DC-DRV-002", json.drop("drivers.show", "driver.id"))
fault("json-driver-without-name", "DC-DRV-002", json.drop("drivers.*", "name"))
fault("entrypoint-without-kind", "DC-DRV-003", xml.drop("drivers.show", "//entrypoint/@kind"))
fault("entrypoint-empty", "DC-DRV-003", xml.put("drivers.show", "//entrypoint", ""))
fault("driver-header-ignored", "DC-DRV-004", requests.ignore_fields("*", DRIVER))
fault("driver-header-declares-old", "DC-DRV-004", xml.put("api.show", "/api/@driver", "full"))
fault(
    "driver-matrix-ignored",
    "DC-DRV-005",
    requests.divert("*", "ignores matrix parameters", _without_matrix),
)


@fault.does("DC-DRV-005", requests.reply, "api.show")
def driver_matrix_refused(asked: Asked) -> Answer | None:
    """Answers 404 to /api;driver=..."""
    return Answer(404, []) if ";driver=" in _uri(asked) else None


@fault.does("DC-DRV-006", requests.reply, "drivers.*")
def path_after_matrix_not_found(asked: Asked) -> Answer | None:
    """Answers 404 to a path after matrix parameters."""
    return Answer(404, []) if "/api;" in _uri(asked) else None


fault(
    "path-after-matrix-of-own-driver",
    "DC-DRV-006",
    requests.divert("drivers.*", "ignores matrix parameters before a path", _without_matrix),
)
fault(
    "driver-stays-selected",
    "DC-DRV-007",
    _keep_selected("uses the driver of a header for later requests too", DRIVER),
)


@fault.does("DC-DRV-007", in_request, "*")
def driver_of_matrix_stays(asked: Asked) -> None:
    """Uses the driver that a matrix parameter selected for later requests too."""
    uri = _uri(asked)
    if ";driver=" in uri:
        asked.memory["last"] = uri.split(";driver=")[1].split("/")[0].split(";")[0]
    elif asked.memory.get("last") in ("ec2", "azure", "arubacloud"):
        asked.set_header(DRIVER, asked.memory["last"])


fault("provider-header-ignored", "DC-DRV-008", requests.ignore_fields("*", PROVIDER))
fault("provider-not-echoed", "DC-DRV-008", http.field("*", PROVIDER, None))
fault("provider-echoed-wrong", "DC-DRV-008", http.field("*", PROVIDER, "default"))
fault(
    "provider-stays-selected",
    "DC-DRV-009",
    _keep_selected("uses the provider of a header for later requests too", PROVIDER),
)
fault(
    "provider-in-lower-case",
    "DC-DRV-010",
    http.alter_field("*", "writes the provider in lower case", PROVIDER, str.lower),
)
fault(
    "provider-in-upper-case",
    "DC-DRV-010",
    http.alter_field("*", "writes the provider in upper case", PROVIDER, str.upper),
)


@fault.does("DC-DRV-011", in_document, "!*")
def unknown_driver_500(asked: Asked, answer: Answer) -> None:
    """Answers 500 to an unknown driver."""
    if _unknown_driver(asked):
        answer.replace(500)


@fault.does("DC-DRV-011", in_request, "*")
def unknown_driver_is_own(asked: Asked) -> None:
    """Uses its own driver in place of an unknown one."""
    if _unknown_driver(asked):
        asked.set_header(DRIVER, None)
        asked.divert(asked.path)


@fault.does("DC-DRV-012", requests.reply, "*")
def driver_case_matters(asked: Asked) -> Answer | None:
    """Answers 400 to the id of a driver that is not in lower case."""
    driver = asked.header(DRIVER) or ""
    return Answer(400, []) if driver != driver.lower() else None


@fault.does("DC-DRV-013", requests.divert, "*")
def header_before_matrix(asked: Asked) -> str | None:
    """Uses the driver of the header where a matrix parameter selects another."""
    return asked.path if asked.header(DRIVER) and ";driver=" in _uri(asked) else None


fault("matrix-of-paths-400", "DC-DRV-014", _refuse_matrix(400))
fault("matrix-of-paths-500", "DC-DRV-014", _refuse_matrix(500))
fault(
    "matrix-ignored-on-post",
    "DC-DRV-015",
    requests.divert("*.create", "ignores matrix parameters of POST", _without_matrix),
)


@fault.does("DC-DRV-016", in_document, "api.show")
def features_of_other_driver_stay(asked: Asked, answer: Answer) -> None:
    """Declares no features any more once another driver was selected."""
    if asked.header(DRIVER):
        asked.memory["selected"] = True
    elif asked.memory.get("selected") and (document := _NO_FEATURES.document):
        document(asked, answer)


fault("error-names-other-driver", "DC-DRV-017", xml.put("!*", "/error/backend/@driver", "mock"))
fault("unknown-driver-without-body", "DC-DRV-018", http.answer_with("!drivers.show", 404))
fault(
    "provider-lost-in-entry-point",
    "DC-API-016 DC-DRV-008",
    http.field("*", PROVIDER, None),
    xml.drop("api.show", "/api/@provider"),
)
