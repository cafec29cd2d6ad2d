"""Formats: the wrong one, or none where there is one."""

from __future__ import annotations

import re

from tck.prove.altered import http, requests
from tck.prove.altered.change import in_document, in_request
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults


def _only(media_type: str) -> requests.Accept:
    return lambda _: media_type


def _not(pattern: str) -> requests.Reply:
    """406 for an Accept that fits a pattern."""

    def act(asked: Asked) -> Answer | None:
        hit = re.search(pattern, asked.header("Accept") or "")
        return Answer(406, [("Content-Type", "text/plain")], b"not acceptable") if hit else None

    return act


def _created_then_refused(asked: Asked) -> None:
    """Create first, find the format missing afterwards."""
    if "x-tck" in (asked.header("Accept") or ""):
        asked.memory["refuse"] = True
        asked.set_header("Accept", "application/xml")


def _refuse_now(asked: Asked, answer: Answer) -> None:
    if asked.memory.pop("refuse", False):
        answer.replace(406, "not acceptable")


_NO_PAGE = "<html><body>images</body></html>"

fault = Faults()


@fault.does("DC-NEG-001", requests.accept, "*")
def json_without_accept(accepted: str | None) -> str | None:
    """Answers in JSON when the client sends no Accept."""
    return accepted or "application/json"


@fault.does("DC-NEG-001", requests.reply, "*")
def no_accept_406(asked: Asked) -> Answer | None:
    """Answers 406 when the client sends no Accept."""
    return None if asked.header("Accept") else Answer(406, [], b"")


fault(
    "always-json",
    "DC-NEG-002",
    requests.accept("*.index *.show", "answers in JSON always", _only("application/json")),
)
fault(
    "always-xml",
    "DC-NEG-003",
    requests.accept("*", "answers in XML always", _only("application/xml")),
)
fault(
    "realms-in-xml-only",
    "DC-NEG-003",
    requests.accept("realms.*", "answers in XML always", _only("application/xml")),
)
fault(
    "created-in-xml-only",
    "DC-NEG-003",
    requests.accept("*.create", "answers creates in XML always", _only("application/xml")),
)
fault(
    "json-406",
    "DC-NEG-003",
    requests.reply("*.index", "answers 406 to JSON", _not("^application/json$")),
)
fault(
    "json-called-text",
    "DC-NEG-003",
    http.field("*.index", "Content-Type", lambda v: "text/json" if "json" in v else None),
)
fault(
    "xml-called-text",
    "DC-NEG-002",
    http.field("realms.index", "Content-Type", lambda v: "text/plain" if "xml" in v else None),
)
fault(
    "text-xml-406", "DC-NEG-004", requests.reply("*", "answers 406 to text/xml", _not("^text/xml"))
)


@fault.does("DC-NEG-004", requests.accept, "*")
def text_xml_in_json(accepted: str | None) -> str | None:
    """Answers in JSON when text/xml is accepted."""
    return accepted and accepted.replace("text/xml", "application/json")


@fault.does("DC-NEG-005", requests.accept, "*")
def first_type_wins(accept: str | None) -> str | None:
    """Takes the first type in Accept, whatever its quality."""
    return accept and re.sub(r"\s*;\s*q=[\d.]+", "", accept.split(",")[0])


@fault.does("DC-NEG-005", requests.accept, "*")
def last_type_wins(accept: str | None) -> str | None:
    """Takes the last type in Accept."""
    return accept and re.sub(r"\s*;\s*q=[\d.]+", "", accept.split(",")[-1])


@fault.does("DC-NEG-005", requests.accept, "*")
def qualities_ignored(accept: str | None) -> str | None:
    """Ignores quality values."""
    return accept and re.sub(r"\s*;\s*q=[\d.]+", "", accept)


@fault.does("DC-NEG-005", requests.accept, "*")
def qualities_inverted(accept: str | None) -> str | None:
    """Prefers the type with the lower quality."""
    return accept and re.sub(r"q=(0\.\d+)", lambda hit: f"q={1 - float(hit[1]):.3f}", accept)


@fault.does("DC-NEG-005", requests.accept, "*")
def json_beats_quality(accepted: str | None) -> str | None:
    """Answers in JSON whenever Accept names it."""
    return "application/json" if accepted and "json" in accepted else accepted


@fault.does("DC-NEG-006", requests.accept, "*")
def quality_nought_given(accepted: str | None) -> str | None:
    """Answers in a type that has quality 0."""
    return (
        "application/xml" if accepted and accepted.startswith("application/xml;q=0,") else accepted
    )


fault(
    "unknown-type-406",
    "DC-NEG-007",
    requests.reply("*", "answers 406 if any type is unknown", _not("text/plain,|x-tck,")),
)
fault(
    "wildcard-of-application-406",
    "DC-NEG-008",
    requests.reply("*", "answers 406 to application/*", _not(r"^application/\*$")),
)
fault(
    "wildcard-of-text-406",
    "DC-NEG-008",
    requests.reply("*", "answers 406 to text/*", _not(r"^text/\*$")),
)
fault(
    "type-with-charset-406",
    "DC-NEG-008",
    requests.reply("*", "answers 406 to a type with charset", _not("charset=")),
)
fault("any-type-406", "DC-NEG-009", requests.reply("*", "answers 406 to */*", _not(r"^\*/\*$")))


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


@fault.does("DC-NEG-011", requests.rewrite, "*.index")
def format_xml_only(given: Parameters) -> Parameters:
    """Understands only format=xml."""
    return {**given, "format": "xml"} if "format" in given else given


fault("format-ignored-on-post", "DC-NEG-012", requests.ignore("*.create", "format"))


@fault.does("DC-NEG-013", requests.rewrite, "*")
def format_unknown_in_xml(given: Parameters) -> Parameters:
    """Answers in XML when the format is unknown."""
    return (
        {**given, "format": "xml"} if given.get("format") not in (None, "json", "html") else given
    )


@fault.does("DC-NEG-013", in_document, "!*")
def format_unknown_500(asked: Asked, answer: Answer) -> None:
    """Answers 500 when the format is unknown."""
    answer.replace(500) if "format" in asked.query else None


fault(
    "type-case-matters",
    "DC-NEG-014",
    requests.reply("*", "knows types in lower case only", _not("[A-Z]")),
)


@fault.does("DC-NEG-015", requests.accept, "realms.index")
def page_in_xml(accepted: str | None) -> str | None:
    """Sends XML to clients that accept only HTML."""
    return "application/xml" if accepted == "text/html" else accepted


@fault.does("DC-NEG-015", in_document, "* !*")
def page_without_doctype(asked: Asked, answer: Answer) -> None:
    """Sends a page without DOCTYPE."""
    answer.replace(200, _NO_PAGE, "text/html") if (
        asked.header("Accept") or ""
    ) == "text/html" else None


fault(
    "blanks-around-quality-406",
    "DC-NEG-017",
    requests.reply("*", "knows no blanks around q", _not(r" ;|; q")),
)


@fault.does("DC-NEG-018", requests.divert, "*.show")
def extension_chooses_format(asked: Asked) -> str | None:
    """Treats .xml at the end of an id as a format."""
    return asked.path.removesuffix(".xml") if asked.path.endswith(".xml") else None


fault(
    "creates-before-406",
    "DC-NEG-019",
    in_request("keys.create buckets.create", "creates in any format", _created_then_refused),
    in_document("*.create", "refuses the format afterwards", _refuse_now),
    text="creates before it refuses the format",
)


@fault.does("DC-NEG-004", in_document, "*.index api.show")
def text_xml_labelled_json(asked: Asked, answer: Answer) -> None:
    """Labels its answer to text/xml as JSON."""
    if "text/xml" in (asked.header("Accept") or "") and answer.format == "xml":
        answer.set("Content-Type", "application/json")
