"""Wrong documents: form, identity, references, links, errors, the entry point."""

from __future__ import annotations

from ..change import add, chain, content, drop, field, jdrop, jput, put, sent, swap, twice
from .case import Case, case

FORM = [
    case("DC-DOC-001", "keys.xml", swap("</keys>", "")),
    case("DC-DOC-001", "keys.xml", content(b"")),
    case("DC-DOC-001", "keys.xml", content(b"<keys>\xff</keys>")),
    case("DC-DOC-002", "keys.json", content(b'{"keys": [}')),
    case("DC-DOC-002", "keys.json", content(b'{"keys": [NaN]}')),
    case("DC-DOC-002", "keys.json", content('{"keys": []}'.encode("utf-16"))),
    case("DC-DOC-003", "keys.xml", content(b"<list/>"), "DC-KEY-001"),
    case("DC-DOC-004", "keys.xml", content(b"<keys xmlns='urn:x'/>")),
    case("DC-DOC-021", "keys.json", content(b"[]"), "DC-KEY-002"),
    case("DC-DOC-021", "key.json", content(b'{"keys": {}}'), "DC-KEY-002"),
    case("DC-DOC-022", "keys.xml", content(b"<!DOCTYPE keys><keys/>")),
    case("DC-DOC-023", "keys.xml", field("Content-Type", "application/xml;charset=ISO-8859-1")),
    case("DC-DOC-017", "instances.xml", put("instance/state", " RUNNING\n"), "DC-INS-001"),
    case("DC-DOC-017", "subnets.xml", put("subnet/address_block", "\n10.0.0.0/8\n")),
    case("DC-DOC-018", "key.json", swap('{"key":', '{"key":{},"key":')),
]
IDENTITY = [
    case("DC-DOC-005", "keys.xml", drop("key/@id")),
    case("DC-DOC-005", "keys.xml", put("key/@id", "")),
    case("DC-DOC-005", "keys.json", jput("keys.0.id", None)),
    case("DC-DOC-005", "keys.json", jput("keys.0.id", 5)),
    case("DC-DOC-006", "keys.xml", drop("key/@href")),
    case("DC-DOC-006", "keys.json", jdrop("keys.0.href")),
    case("DC-DOC-007", "keys.xml", put("key/@href", "/api/keys/test-key")),
    case("DC-DOC-007", "keys.json", jput("keys.0.href", "/api/keys/test-key")),
    case(
        "DC-DOC-007",
        "keys.xml",
        put("key/@href", "http://[/test-key"),
    ),
    case(
        "DC-DOC-008", "keys.xml", put("key/@href", "http://elsewhere.example.com/api/keys/test-key")
    ),
    case("DC-DOC-008", "forwarded", sent("X-Forwarded-Host", "other.example.com")),
    case("DC-DOC-009", "keys.xml", put("key/@id", "other"), "DC-LNK-005"),
    case("DC-DOC-009", "keys.json", jput("keys.0.id", "other")),
    case("DC-DOC-010", "keys.xml", twice("key")),
    case(
        "DC-DOC-011", "realms.xml", chain(swap("realms/us", "realms/u s"), put("realm/@id", "u s"))
    ),
    case("DC-DOC-024", "instances.xml", put("instance/image/@id", "other")),
    case("DC-DOC-024", "instances.json", jput("instances.0.image.id", "other")),
]
LINKS = [
    case("DC-LNK-001", "keys.xml", drop("key/actions/link/@method")),
    case("DC-LNK-001", "instances.json", jdrop("instances.0.actions.0.href")),
    case("DC-LNK-002", "keys.xml", put("key/actions/link/@method", "DELETE")),
    case("DC-LNK-003", "keys.xml", put("key/actions/link/@method", "post")),
    case("DC-LNK-003", "storage_volumes.xml", put("storage_volume/actions/link/@method", "get")),
    case(
        "DC-LNK-004",
        "keys.xml",
        chain(put("key/actions/link/@rel", "remove"), put("key/actions/link/@method", "post")),
    ),
    case("DC-LNK-005", "keys.xml", swap('keys/test-key" />', 'keys/other" />')),
    case("DC-LNK-005", "instances.xml", swap("inst0/reboot", "inst0/stop")),
    case("DC-LNK-005", "keys.xml", put("key/actions/link/@href", "http://["), "DC-DOC-007"),
    case(
        "DC-LNK-005",
        "firewalls.xml",
        put("firewall/rules/rule/actions/link/@href", "http://["),
        "DC-DOC-007",
    ),
    case("DC-LNK-005", "load_balancers.xml", swap("/unregister", "/register")),
    case("DC-LNK-006", "keys.xml", twice("key/actions/link")),
]
ERRORS = [
    case("DC-ERR-001", "404.xml", drop("backend")),
    case("DC-ERR-002", "404.xml", put("@status", "403")),
    case("DC-ERR-003", "404.xml", put("message", " ")),
    case("DC-ERR-003", "404.xml", drop("message")),
    case("DC-ERR-004", "404.xml", drop("backend/@provider")),
    case("DC-ERR-005", "404.xml", add(".", "<backtrace/>")),
    case("DC-ERR-006", "404.xml", put("code", "500")),
    case("DC-ERR-006", "404.json", jput("code", 500)),
    case("DC-ERR-007", "404.json", jput("code", "404")),
    case("DC-ERR-007", "404.json", jput("message", "")),
    case("DC-ERR-009", "404.xml", add(".", "<backtrace>app.rb:12:in `show'</backtrace>")),
    case("DC-ERR-011", "404.xml", drop("@status")),
    case("DC-ERR-012", "404.xml", put("@url", "/api/keys/other")),
]
ENTRY_POINT = [
    case("DC-API-001", "api.xml", drop("@version")),
    case("DC-API-001", "api.xml", drop("link/@href")),
    case("DC-API-002", "api.json", jdrop("api.links.0.features")),
    case("DC-API-003", "api.xml", put("@version", "1.1"), "DC-API-001"),
    case("DC-API-003", "api.json", jput("api.version", "v1.1.3"), "DC-API-002"),
    case("DC-API-004", "api.xml", put("@driver", "Mock"), "DC-API-001"),
    case("DC-API-004", "api.json", jput("api.driver", "mock "), "DC-API-002"),
    case("DC-API-005", "api.xml", twice("link")),
    case("DC-API-007", "api.xml", drop("link/feature/@rel"), "DC-API-001", "DC-API-009"),
    case("DC-API-008", "api.xml", put("link/feature/@name", "teleport")),
    case("DC-API-009", "api.xml", put("link/feature/@rel", "show")),
    case("DC-API-009", "api.xml", drop("link/feature/param")),
    case("DC-API-011", "api.xml", drop("link[@rel='drivers']")),
    case("DC-API-014", "api.xml", put("link/@rel", "clouds")),
    case("DC-API-015", "api.json", swap(":string:optional", ":string"), "DC-API-002"),
    case("DC-DRV-003", "entrypoints.xml", drop("provider/entrypoint/@kind"), "DC-DRV-001"),
    case(
        "DC-DRV-003",
        "entrypoints.xml",
        put("provider/entrypoint", " "),
        "DC-DRV-001",
    ),
    case("DC-DRV-001", "drivers.xml", drop("driver/name")),
    case("DC-DRV-002", "driver.json", jdrop("driver.name")),
]
CASES: list[Case] = [*FORM, *IDENTITY, *LINKS, *ERRORS, *ENTRY_POINT]
