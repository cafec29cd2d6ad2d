"""Members without identity, and hrefs that lead nowhere or astray."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import in_document
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Instance, Realm


def _path(href: str) -> str:
    return "/" + href.split("/", 3)[-1]


def _elsewhere(href: str) -> str:
    return "http://10.0.0.1:3001" + _path(href)


def _into_nothing(href: str) -> str:
    return href.replace("/images/", "/pictures/")


def _parent(href: str) -> str:
    return href.rsplit("/", 1)[0]


fault = Faults()

fault("realms-without-id", "DC-DOC-005", xml.drop("realms.index", "/*/*/@id"))
fault("image-with-empty-id", "DC-DOC-005", xml.put("images.*", "(//image)[1]/@id", ""))
fault("json-instances-without-id", "DC-DOC-005", json.drop("instances.index", "instances.id"))
fault("json-key-id-null", "DC-DOC-005", json.put("keys.*", "id", None))
fault("json-id-as-number", "DC-DOC-005", json.put("realms.*", "id", 17))
fault("created-volume-without-id", "DC-DOC-005", xml.drop("storage_volumes.create", "/*/@id"))
fault("addresses-without-href", "DC-DOC-006", xml.drop("addresses.index", "/*/*/@href"))
fault("json-volumes-without-href", "DC-DOC-006", json.drop("storage_volumes.*", "href"))
fault("realm-href-empty", "DC-DOC-006", xml.put("realms.*", "//realm/@href", ""))
fault("created-image-without-href", "DC-DOC-006", xml.drop("images.create", "/*/@href"))
fault("href-relative", "DC-DOC-007", xml.put("images.* realms.*", "//@href", _path))
fault("json-href-relative", "DC-DOC-007", json.put("keys.*", "href", _path))
fault("reference-href-relative", "DC-DOC-007", xml.put("instances.*", "//image/@href", _path))
fault(
    "href-without-scheme",
    "DC-DOC-007",
    xml.put("instances.*", "//realm/@href", lambda h: h.removeprefix("http:")),
)
fault("entry-point-href-relative", "DC-DOC-007", xml.put("api.show", "//link/@href", _path))
fault("href-foreign-host", "DC-DOC-008", xml.put("images.*", "//image/@href", _elsewhere))
fault(
    "href-other-scheme",
    "DC-DOC-008",
    xml.put("keys.*", "//key/@href", lambda h: h.replace("http:", "https:")),
)
fault("json-href-foreign-host", "DC-DOC-008", json.put("realms.*", "href", _elsewhere))
fault(
    "action-href-foreign-host",
    "DC-DOC-008",
    xml.put("instances.*", "//actions/link/@href", _elsewhere),
)
fault("entry-point-href-foreign-host", "DC-DOC-008", json.put("api.show", "links.href", _elsewhere))
fault(
    "href-of-another",
    "DC-DOC-009",
    xml.put("images.index", "//image/@href", lambda h: _parent(h) + "/img9"),
)
fault("href-of-the-list", "DC-DOC-009", xml.put("realms.index", "//realm/@href", _parent))
fault("href-with-trailing-slash", "DC-DOC-009", xml.put("keys.*", "//key/@href", lambda h: h + "/"))
fault(
    "href-with-id-in-query",
    "DC-DOC-009",
    xml.put("addresses.*", "//address/@href", lambda h: _parent(h) + "?id=" + h.rsplit("/", 1)[-1]),
)
fault(
    "json-href-of-another",
    "DC-DOC-009",
    json.put("storage_volumes.index", "storage_volumes.href", lambda h: h + "0"),
)
fault("member-listed-twice", "DC-DOC-010", xml.repeat("realms.index", "/*/*[1]"))


@fault.does("DC-DOC-010", xml.edit, "storage_snapshots.index")
def ids_all_alike(root: Any) -> None:
    """Gives all members one id."""
    for member in root:
        member.set("href", root[0].get("href"))
        member.set("id", root[0].get("id"))


fault(
    "json-member-listed-twice",
    "DC-DOC-010",
    json.put("images.index", "images", lambda v: [*v[:1], *v]),
)
fault(
    "href-not-encoded",
    "DC-DOC-011",
    xml.put("realms.*", "//realm/@href", lambda h: h + "?name=United States"),
)
fault(
    "json-href-not-encoded",
    "DC-DOC-011",
    json.put("images.*", "images.href", lambda h: h + "?owner=<me>"),
)


@fault.does("DC-DOC-012 DC-DOC-014", drivers.around, "realms.show", "realms")
def show_answers_first_member(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Shows the first realm for every id."""
    return list(ask(caller, {}))[:1] if "id" in filters else ask(caller, filters)


@fault.does("DC-DOC-012", drivers.around, "images.show", "image")
def show_answers_another_image(_driver: Any, ask: Any, caller: Any, id_: Any) -> Any:
    """Shows img1 for every image."""
    return ask(caller, id_) and ask(caller, "img1")


fault("listed-snapshot-not-found", "DC-DOC-012", http.answer_with("storage_snapshots.show", 404))
fault(
    "listed-volume-in-html",
    "DC-DOC-012",
    http.answer_with("storage_volumes.show", 200, "text/html", "<!DOCTYPE html><p>vol</p>"),
)


@fault.does("DC-DOC-012", drivers.listed, "realms.index", "realms")
def list_shows_what_is_not_there(members: list[Any]) -> list[Any]:
    """Lists a realm that is not there."""
    return [*members, Realm("atlantis", "Atlantis")]


fault("unknown-id-400", "DC-DOC-014", http.status("!realms.show !images.show", 400))
fault("unknown-id-403", "DC-DOC-014", http.status("!keys.show", 403))
fault("unknown-id-410", "DC-DOC-014", http.status("!storage_snapshots.show", 410))
fault("unknown-id-204", "DC-DOC-014", http.status("!storage_volumes.show", 204))
fault("unknown-id-500", "DC-DOC-014", http.status("!addresses.show", 500))
fault("unknown-id-502", "DC-DOC-014", http.status("!networks.show", 502))
fault(
    "unknown-id-empty-list",
    "DC-DOC-014",
    http.answer_with("!instances.show", 200, "application/xml", "<instances/>"),
)


@fault.does("DC-DOC-014", in_document, "!images.show")
def unknown_id_in_json_200(_asked: Asked, answer: Answer) -> None:
    """Answers null for an unknown image in JSON."""
    answer.replace(200, "null", "application/json") if answer.format == "json" else None


@fault.does("DC-DOC-014", requests.divert, "drivers.show")
def unknown_driver_shows_own(asked: Asked) -> str | None:
    """Shows the driver in force for unknown ids."""
    return "/api/drivers/full" if "tck" in asked.path else None


fault("id-filter-ignored", "DC-DOC-015", requests.ignore("*.index", "id"))
fault("id-filter-ignored-on-keys", "DC-DOC-015", requests.ignore("keys.index", "id"))


@fault.does("DC-DOC-015", in_document, "realms.index")
def id_filter_unknown_404(asked: Asked, answer: Answer) -> None:
    """Answers 404 to an id that nothing has."""
    if "id" in asked.query and b" id=" not in answer.body:
        answer.replace(404)


@fault.does("DC-DOC-015", drivers.around, "images.index", "images")
def id_filter_inverted(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Leaves the named image out."""
    return [image for image in ask(caller, {}) if image.id != filters.get("id")]


fault(
    "id-filter-empties",
    "DC-DOC-015",
    drivers.around(
        "storage_volumes.index",
        "finds nothing when filtered",
        "storage_volumes",
        lambda _d, ask, caller, f: [] if len(f) == 1 and "all" in f else ask(caller, f),
    ),
    requests.rewrite(
        "storage_volumes.index",
        "turns id into all",
        lambda g: {"all": "1", **{k: v for k, v in g.items() if k != "id"}} if "id" in g else g,
    ),
)
fault(
    "reference-to-another-image",
    "DC-DOC-024",
    xml.put("instances.*", "//instance/image/@href", lambda h: _parent(h) + "/img9"),
)
fault("json-reference-to-list", "DC-DOC-024", json.put("instances.*", "realm.href", _parent))
fault(
    "profile-reference-to-another",
    "DC-DOC-024",
    xml.put("images.*", "//hardware_profile/@href", lambda h: _parent(h) + "/opaque"),
)


@fault.does("DC-DOC-025", drivers.shown, "instances.*", Instance)
def image_of_instance_gone(value: Any) -> Any:
    """Names an image that is gone."""
    return replace(value, image_id="img-gone")


@fault.does("DC-DOC-025", drivers.shown, "instances.*", Instance)
def realm_of_instance_gone(value: Any) -> Any:
    """Names a realm that is gone."""
    return replace(value, realm_id="mars")


fault(
    "reference-into-nothing",
    "DC-DOC-025",
    xml.put("instances.*", "//instance/image/@href", _into_nothing),
)
fault(
    "json-reference-into-nothing",
    "DC-DOC-025",
    json.put("instances.*", "image.href", _into_nothing),
)
fault(
    "profiles-of-images-unreadable", "DC-DOC-025", http.answer_with("hardware_profiles.show", 403)
)
fault(
    "volume-of-snapshot-gone",
    "DC-SNP-003",
    xml.put("storage_snapshots.*", "//storage_volume/@*", lambda v: v + "x"),
)
