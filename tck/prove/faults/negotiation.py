"""Formats: the wrong one, or none where there is one."""

from __future__ import annotations

import re

from tck.prove.altered import http, requests
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults


def _always(where: str, media_type: str) -> Change:
    """Answer in one format whatever the client accepts."""
    return requests.accept(where, f"answers in {media_type} always", lambda _: media_type)


def _refuse(where: str, text: str, pattern: str) -> Change:
    """Answer 406 where Accept fits a pattern."""

    def act(asked: Asked) -> Answer | None:
        fits = re.search(pattern, asked.header("Accept") or "")
        return http.failure(406, "not acceptable") if fits else None

    return requests.reply(where, f"answers 406 to {text}", act)


def _without_qualities(accept: str) -> str:
    return re.sub(r"\s*;\s*q=[\d.]+", "", accept)


def _create_in_xml(asked: Asked) -> None:
    if "x-tck" in (asked.header("Accept") or ""):
        asked.memory["refuse"] = True
        asked.set_header("Accept", "application/xml")


def _refuse_created(asked: Asked, answer: Answer) -> None:
    if asked.memory.pop("refuse", False):
        answer.replace(406, "not acceptable")


_WITHOUT_DOCTYPE = "<html><body>images</body></html>"

fault = Faults()


@fault.does("DC-NEG-001", requests.accept, "*")
def json_without_accept(accept: str | None) -> str | None:
    """Answers in JSON when the client sends no Accept."""
    return accept or "application/json"


@fault.does("DC-NEG-001", requests.reply, "*")
def no_accept_406(asked: Asked) -> Answer | None:
    """Answers 406 when the client sends no Accept."""
    return None if asked.header("Accept") else Answer(406, [], b"")


fault("always-json", "DC-NEG-002", _always("*.index *.show", "application/json"))
fault("always-xml", "DC-NEG-003", _always("*", "application/xml"))
fault("realms-in-xml-only", "DC-NEG-003", _always("realms.*", "application/xml"))
fault("created-in-xml-only", "DC-NEG-003", _always("*.create", "application/xml"))
fault("json-406", "DC-NEG-003", _refuse("*.index", "JSON only", "^application/json$"))


@fault.does("DC-NEG-003", http.alter_field, "*.index", "Content-Type")
def json_called_text(media_type: str) -> str | None:
    """Labels JSON as text/json, and sends other documents without Content-Type."""
    return "text/json" if "json" in media_type else None


@fault.does("DC-NEG-002", http.alter_field, "realms.index", "Content-Type")
def xml_called_text(media_type: str) -> str | None:
    """Labels XML as text/plain, and sends other documents without Content-Type."""
    return "text/plain" if "xml" in media_type else None


fault("text-xml-406", "DC-NEG-004", _refuse("*", "text/xml", "^text/xml"))


@fault.does("DC-NEG-004", requests.accept, "*")
def text_xml_in_json(accept: str | None) -> str | None:
    """Answers in JSON when text/xml is accepted."""
    return accept and accept.replace("text/xml", "application/json")


@fault.does("DC-NEG-005", requests.accept, "*")
def first_type_wins(accept: str | None) -> str | None:
    """Takes the first type in Accept, whatever its quality."""
    return accept and _without_qualities(accept.split(",")[0])


@fault.does("DC-NEG-005", requests.accept, "*")
def last_type_wins(accept: str | None) -> str | None:
    """Takes the last type in Accept."""
    return accept and _without_qualities(accept.split(",")[-1])


@fault.does("DC-NEG-005", requests.accept, "*")
def qualities_ignored(accept: str | None) -> str | None:
    """Ignores quality values."""
    return accept and _without_qualities(accept)


@fault.does("DC-NEG-005", requests.accept, "*")
def qualities_inverted(accept: str | None) -> str | None:
    """Prefers the type with the lower quality."""
    return accept and re.sub(r"q=(0\.\d+)", lambda hit: f"q={1 - float(hit[1]):.3f}", accept)


@fault.does("DC-NEG-005", requests.accept, "*")
def json_beats_quality(accept: str | None) -> str | None:
    """Answers in JSON whenever Accept names it."""
    return "application/json" if accept and "json" in accept else accept


@fault.does("DC-NEG-006", requests.accept, "*")
def quality_nought_given(accept: str | None) -> str | None:
    """Answers in a type that has quality 0."""
    excluded = accept and accept.startswith("application/xml;q=0,")
    return "application/xml" if excluded else accept


fault(
    "unknown-type-406",
    "DC-NEG-007",
    _refuse("*", "unknown types beside known ones", "text/plain,|x-tck,"),
)
fault(
    "wildcard-of-application-406", "DC-NEG-008", _refuse("*", "application/*", r"^application/\*$")
)
fault("wildcard-of-text-406", "DC-NEG-008", _refuse("*", "text/*", r"^text/\*$"))
fault("type-with-charset-406", "DC-NEG-008", _refuse("*", "types with charset", "charset="))
fault("any-type-406", "DC-NEG-009", _refuse("*", "*/*", r"^\*/\*$"))


@fault.does("DC-NEG-010 DC-NEG-016", requests.accept, "*")
def unacceptable_in_xml(accept: str | None) -> str | None:
    """Answers in XML when nothing acceptable can be sent."""
    return accept if accept and re.search("xml|json|html|\\*/\\*", accept) else "application/xml"


fault("unacceptable-400", "DC-NEG-010", http.on_status("!*", 406, 400))
fault("unacceptable-415", "DC-NEG-010", http.on_status("!*", 406, 415))
fault("unacceptable-500", "DC-NEG-010", http.on_status("!*", 406, 500))
fault("format-ignored", "DC-NEG-011 DC-NEG-012 DC-NEG-013", requests.ignore("*", "format"))


@fault.does("DC-NEG-011", in_request, "*")
def format_loses_to_accept(asked: Asked) -> None:
    """Ignores the parameter `format` when Accept is sent."""
    if asked.header("Accept"):
        asked.query = {k: v for k, v in asked.query.items() if k != "format"}


@fault.does("DC-NEG-011", requests.alter, "*.index", "format")
def format_xml_only(_format: str) -> str:
    """Takes every format for xml."""
    return "xml"


fault("format-ignored-on-post", "DC-NEG-012", requests.ignore("*.create", "format"))


@fault.does("DC-NEG-013", requests.alter, "*", "format")
def format_unknown_in_xml(format_: str) -> str:
    """Answers in XML when the format is unknown."""
    return format_ if format_ in ("json", "html") else "xml"


@fault.does("DC-NEG-013", in_document, "!*")
def format_unknown_500(asked: Asked, answer: Answer) -> None:
    """Answers 500 when the format is unknown."""
    if "format" in asked.query:
        answer.replace(500)


fault("type-case-matters", "DC-NEG-014", _refuse("*", "types in capitals", "[A-Z]"))


@fault.does("DC-NEG-015", requests.accept, "realms.index")
def page_in_xml(accept: str | None) -> str | None:
    """Sends XML to clients that accept only HTML."""
    return "application/xml" if accept == "text/html" else accept


@fault.does("DC-NEG-015", in_document, "* !*")
def page_without_doctype(asked: Asked, answer: Answer) -> None:
    """Sends a page without DOCTYPE."""
    if asked.header("Accept") == "text/html":
        answer.replace(200, _WITHOUT_DOCTYPE, "text/html")


fault("blanks-around-quality-406", "DC-NEG-017", _refuse("*", "blanks around q", r" ;|; q"))


@fault.does("DC-NEG-018", requests.divert, "*.show")
def extension_chooses_format(asked: Asked) -> str | None:
    """Treats .xml at the end of an id as a format."""
    return asked.path.removesuffix(".xml") if asked.path.endswith(".xml") else None


fault(
    "creates-before-406",
    "DC-NEG-019",
    in_request("keys.create buckets.create", "creates in any format", _create_in_xml),
    in_document("*.create", "refuses the format afterwards", _refuse_created),
    text="creates before it refuses the format",
)


@fault.does("DC-NEG-004", in_document, "*.index api.show")
def text_xml_labelled_json(asked: Asked, answer: Answer) -> None:
    """Labels its answer to text/xml as JSON."""
    if "text/xml" in (asked.header("Accept") or "") and answer.format == "xml":
        answer.set("Content-Type", "application/json")
