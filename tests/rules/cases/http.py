"""Wrong status lines and header fields; authentication and negotiation."""

from __future__ import annotations

from dataclasses import replace

from tck.endpoint.disturbance import ON_KEPT
from tck.endpoint.exchange import Exchange

from ..change import chain, content, field, jdrop, sent, status, target
from .case import Case, case


def broken(x: Exchange) -> Exchange:
    return replace(x, failure="the answer broke off after 4 bytes")


def unanswered(x: Exchange) -> Exchange:
    return replace(x, response=None, failure="no complete answer within 60 s")


def only_on_a_kept_connection(x: Exchange) -> Exchange:
    return replace(x, kept=True, failure="broke off", disturbance=f"{ON_KEPT}: broke off")


JSON = "application/json"
EMPTY = content(b"")
REFUSED = chain(status(406), EMPTY)
LIST = chain(status(200), content(b"<keys/>", "application/xml"), field("ETag", '"1"'))
STATUS = [
    case("DC-HTTP-001", "keys.xml", broken),
    case("DC-HTTP-001", "keys.xml", unanswered),
    case("DC-HTTP-047", "keys.xml", only_on_a_kept_connection),
    case("DC-HTTP-002", "keys.xml", status(203)),
    case("DC-HTTP-002", "key.json", status(201)),
    case("DC-HTTP-003", "create key", status(200)),
    case("DC-HTTP-003", "create key", status(202)),
    case("DC-HTTP-003", "create key", chain(status(303), EMPTY)),
    case("DC-HTTP-003", "add rule", status(200)),
    case("DC-HTTP-004", "create network", status(202)),
    case("DC-HTTP-005", "destroy", status(200)),
    case("DC-HTTP-005", "destroy", status(202)),
    case("DC-HTTP-005", "override", status(200)),
    case("DC-HTTP-006", "stop", status(200)),
    case("DC-HTTP-006", "stop", status(204), "DC-HTTP-011"),
    case("DC-HTTP-007", "attach", status(200)),
    case("DC-HTTP-007", "associate", status(204)),
    case("DC-HTTP-008", "register", status(202)),
    case("DC-HTTP-009", "put blob", status(202)),
    case("DC-HTTP-010", "head blob", status(206)),
    case("DC-HTTP-011", "head", content(b"<keys/>")),
    case("DC-HTTP-011", "destroy", content(b"<key/>", "application/xml")),
    case("DC-HTTP-011", "304", content(b"<keys/>", "application/xml")),
]
CONTENT = [
    case("DC-HTTP-012", "keys.xml", field("Content-Type"), "DC-NEG-002"),
    case("DC-HTTP-013", "keys.xml", field("Content-Length", "5")),
    case("DC-HTTP-013", "keys.xml", field("Content-Length", "many")),
    case("DC-HTTP-014", "keys.xml", field("Content-Encoding", "gzip")),
    case("DC-HTTP-015", "keys.xml", field("Date")),
    case("DC-HTTP-015", "404.xml", field("Date")),
    case("DC-HTTP-016", "keys.xml", field("Date", "2026-11-22T13:45:24Z")),
    case("DC-HTTP-016", "keys.xml", field("Date", "Sun, 32 Nov 2026 13:45:24 GMT")),
    case("DC-HTTP-016", "keys.xml", field("Last-Modified", "yesterday")),
    case("DC-HTTP-017", "keys.xml", field("ETag", "c4ca4238a0b923820dcc509a6f75849b")),
    case("DC-HTTP-017", "keys.xml", field("ETag", 'w/"1"')),
    case("DC-HTTP-018", "keys.xml", field("ETag")),
    case("DC-HTTP-018", "api.json", field("ETag")),
]
FIELDS = [
    case("DC-HTTP-023", "405", field("Allow")),
    case("DC-HTTP-024", "options", field("Allow", "GET, Deltacloud::Collections::Keys")),
    case("DC-HTTP-025", "options", field("Allow")),
    case("DC-HTTP-025", "options", status(404)),
    case("DC-HTTP-026", "404.xml", field("Expect", "keys")),
    case("DC-HTTP-043", "keys.xml", field("X-Deltacloud-Driver")),
    case("DC-HTTP-044", "keys.xml", field("X-Backend-Runtime", "fast")),
    case("DC-HTTP-044", "keys.xml", field("X-Backend-Runtime", "0,0021")),
    case("DC-HTTP-046", "keys.xml", field("X-Other", "a\x0bb")),
    case("DC-HTTP-046", "keys.xml", field("X-Other", "a\r\n b")),
    case("DC-HTTP-027", "redirected", field("Location")),
    case("DC-HTTP-027", "redirected", field("Location", "http://elsewhere.example.com/api")),
    case("DC-HTTP-028", "redirected", field("Location", "http://[")),
    case("DC-HTTP-028", "redirected", field("Location", "/api/keys/a b")),
    case("DC-HTTP-028", "redirected", field("Location", "/api/keys/%zz")),
]
LOCATION = [
    case("DC-HTTP-029", "create key", field("Location")),
    case(
        "DC-HTTP-029",
        "create instance",
        field("Location", "http://127.0.0.1:1/api/keys"),
        "DC-HTTP-031",
    ),
    case(
        "DC-HTTP-029", "create bucket", field("Location", "http://["), "DC-HTTP-028", "DC-HTTP-031"
    ),
    case("DC-HTTP-029", "create key.json", field("Location")),
    case("DC-HTTP-030", "create network", field("Location")),
    case("DC-HTTP-031", "create key", field("Location", "/api/keys/k1")),
    case(
        "DC-HTTP-031", "create key", field("Location", "http://elsewhere.example.com/api/keys/k1")
    ),
]
AUTHENTICATION = [
    case("DC-AUT-004", "401", field("WWW-Authenticate")),
    case("DC-AUT-005", "401", field("WWW-Authenticate", "Bearer")),
    case("DC-AUT-005", "401", field("WWW-Authenticate", "Basic")),
    case("DC-AUT-005", "401", field("WWW-Authenticate", 'Basic realm="a')),
]
NEGOTIATION = [
    case("DC-NEG-001", "accept none", content(b'{"keys":[]}', JSON)),
    case("DC-NEG-001", "accept none", REFUSED),
    case("DC-NEG-002", "keys.xml", content(b'{"keys":[]}', JSON), "DC-NEG-016"),
    case("DC-NEG-002", "keys.xml", REFUSED),
    case("DC-NEG-003", "keys.json", content(b"<keys/>", "application/xml"), "DC-NEG-016"),
    case("DC-NEG-004", "accept text/xml", content(b'{"keys":[]}', JSON), "DC-NEG-016"),
    case("DC-NEG-005", "accept weights", content(b"<keys/>", "application/xml")),
    case("DC-NEG-006", "accept not xml", content(b"<keys/>", "application/xml")),
    case("DC-NEG-007", "accept unknown, then json", REFUSED),
    case("DC-NEG-008", "accept range", REFUSED),
    case("DC-NEG-008", "accept parameter", REFUSED),
    case("DC-NEG-009", "accept anything", REFUSED),
    case("DC-NEG-010", "406", LIST, "DC-NEG-016"),
    case("DC-NEG-011", "format json", content(b"<keys/>", "application/xml")),
    case("DC-NEG-011", "format xml", content(b'{"keys":[]}', JSON)),
    case("DC-NEG-012", "create key.json", content(b"<html/>", "text/html")),
    case("DC-NEG-013", "format 406", LIST),
    case("DC-NEG-014", "accept upper case", content(b'{"keys":[]}', JSON), "DC-NEG-016"),
    case("DC-NEG-014", "accept upper case.json", REFUSED),
    case("DC-BLB-006", "content", field("Content-Disposition")),
    case("DC-BLB-006", "content", field("Content-Length")),
    case("DC-NEG-015", "page", content(b"<html/>")),
    case("DC-NEG-016", "accept unknown, then json", content(b"<keys/>", "application/xml")),
]
ERRORS = [
    case("DC-ERR-007", "404.json", jdrop("message")),
    case("DC-ERR-008", "404.xml", content(b"Not Found", "text/plain")),
    case("DC-ERR-008", "404.json", content(b"<html/>", "text/html")),
    case(
        "DC-ERR-010",
        "404.xml",
        chain(status(500), content(b"undefined method `id' for nil", "text/plain")),
        "DC-ERR-008",
    ),
    case(
        "DC-ERR-010",
        "404.xml",
        chain(status(502), content(b"Traceback (most recent call last):", "text/plain")),
        "DC-ERR-008",
    ),
    case("DC-DRV-018", "unknown driver", EMPTY),
]
SWITCHING = [
    case("DC-DRV-004", "selected", sent("X-Deltacloud-Driver", "mock")),
    case("DC-DRV-005", "matrix", target(";driver=rhevm;provider=eu-west-1")),
    case("DC-DRV-008", "selected", field("X-Deltacloud-Provider", "us"), "DC-DRV-010"),
    case("DC-DRV-008", "selected", field("X-Deltacloud-Provider"), "DC-DRV-010"),
    case("DC-DRV-010", "selected", field("X-Deltacloud-Provider", "EU-WEST-1")),
    case("DC-API-016", "selected", sent("X-Deltacloud-Provider", "us"), "DC-DRV-008", "DC-DRV-010"),
]
CASES: list[Case] = [
    *STATUS,
    *CONTENT,
    *FIELDS,
    *LOCATION,
    *AUTHENTICATION,
    *NEGOTIATION,
    *ERRORS,
    *SWITCHING,
]
