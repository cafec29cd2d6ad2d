"""Objects without an id of their own, and URLs that lead nowhere or to something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import in_document
from tck.prove.altered.messages import Answer, Asked, Parameters
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
fault(
    "href-relative",
    "DC-DOC-007",
    xml.alter("images.* realms.*", "writes URLs without scheme and host", "//@href", _path),
)
fault(
    "json-href-relative",
    "DC-DOC-007",
    json.alter("keys.*", "writes URLs without scheme and host", "href", _path),
)
fault(
    "reference-href-relative",
    "DC-DOC-007",
    xml.alter(
        "instances.*",
        "writes the URL of the image of an instance without scheme and host",
        "//image/@href",
        _path,
    ),
)
fault(
    "href-without-scheme",
    "DC-DOC-007",
    xml.alter(
        "instances.*",
        "writes URLs without scheme",
        "//realm/@href",
        lambda h: h.removeprefix("http:"),
    ),
)
fault(
    "entry-point-href-relative",
    "DC-DOC-007",
    xml.alter(
        "api.show", "writes URLs in the entry point without scheme and host", "//link/@href", _path
    ),
)
fault(
    "href-foreign-host",
    "DC-DOC-008",
    xml.alter("images.*", "writes URLs of another host", "//image/@href", _elsewhere),
)
fault(
    "href-other-scheme",
    "DC-DOC-008",
    xml.alter(
        "keys.*",
        "writes https in the URLs of keys, though it is reached over http",
        "//key/@href",
        lambda h: h.replace("http:", "https:"),
    ),
)
fault(
    "json-href-foreign-host",
    "DC-DOC-008",
    json.alter("realms.*", "writes URLs of another host", "href", _elsewhere),
)
fault(
    "action-href-foreign-host",
    "DC-DOC-008",
    xml.alter(
        "instances.*", "writes URLs of another host in actions", "//actions/link/@href", _elsewhere
    ),
)
fault(
    "entry-point-href-foreign-host",
    "DC-DOC-008",
    json.alter(
        "api.show", "writes URLs of another host in the entry point", "links.href", _elsewhere
    ),
)
fault(
    "href-of-another",
    "DC-DOC-009",
    xml.alter(
        "images.index",
        "writes the URL of img9 for every image of the list",
        "//image/@href",
        lambda h: _parent(h) + "/img9",
    ),
)
fault(
    "href-of-the-list",
    "DC-DOC-009",
    xml.alter(
        "realms.index", "writes the URL of the list for every realm in it", "//realm/@href", _parent
    ),
)
fault(
    "href-with-trailing-slash",
    "DC-DOC-009",
    xml.alter("keys.*", "ends the URLs of keys with a slash", "//key/@href", lambda h: h + "/"),
)
fault(
    "href-with-id-in-query",
    "DC-DOC-009",
    xml.alter(
        "addresses.*",
        "writes the id of an address in the query of its URL, not in the path",
        "//address/@href",
        lambda h: _parent(h) + "?id=" + h.rsplit("/", 1)[-1],
    ),
)
fault(
    "json-href-of-another",
    "DC-DOC-009",
    json.alter(
        "storage_volumes.index",
        "writes URLs that end in another id",
        "storage_volumes.href",
        lambda h: h + "0",
    ),
)
fault("member-listed-twice", "DC-DOC-010", xml.repeat("realms.index", "/*/*[1]"))


@fault.does("DC-DOC-010", xml.edit, "storage_snapshots.index")
def ids_all_alike(root: Any) -> None:
    """Gives every snapshot of the list the id and URL of the first."""
    for member in root:
        member.set("href", root[0].get("href"))
        member.set("id", root[0].get("id"))


fault(
    "json-member-listed-twice",
    "DC-DOC-010",
    json.alter("images.index", "lists the first image twice", "images", lambda v: [*v[:1], *v]),
)
fault(
    "href-not-encoded",
    "DC-DOC-011",
    xml.alter(
        "realms.*",
        "writes URLs with an unencoded blank",
        "//realm/@href",
        lambda h: h + "?name=United States",
    ),
)
fault(
    "json-href-not-encoded",
    "DC-DOC-011",
    json.alter(
        "images.*",
        "writes URLs with unencoded angle brackets",
        "images.href",
        lambda h: h + "?owner=<me>",
    ),
)


@fault.does("DC-DOC-012 DC-DOC-014", drivers.around, "realms.show", "realms")
def show_answers_first_member(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Shows the first realm for every id."""
    return list(ask(caller, {}))[:1] if "id" in filters else ask(caller, filters)


@fault.does("DC-DOC-012", drivers.around, "images.show", "image")
def show_answers_another_image(_driver: Any, ask: Any, caller: Any, id_: Any) -> Any:
    """Shows img1 in place of every other image."""
    return ask(caller, id_) and ask(caller, "img1")


fault("listed-snapshot-not-found", "DC-DOC-012", http.answer_with("storage_snapshots.show", 404))
fault(
    "listed-volume-in-html",
    "DC-DOC-012",
    http.answer_with("storage_volumes.show", 200, "text/html", "<!DOCTYPE html><p>vol</p>"),
)


@fault.does("DC-DOC-012", drivers.listed, "realms.index", "realms")
def list_shows_what_is_not_there(realms: list[Any]) -> list[Any]:
    """Lists a realm that cannot be shown."""
    return [*realms, Realm("atlantis", "Atlantis")]


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
    """Answers 200 with null to an unknown id in JSON."""
    if answer.format == "json":
        answer.replace(200, "null", "application/json")


@fault.does("DC-DOC-014", requests.divert, "drivers.show")
def unknown_driver_shows_own(asked: Asked) -> str | None:
    """Shows its own driver in place of an unknown one."""
    return "/api/drivers/full" if "tck" in asked.path else None


fault("id-filter-ignored", "DC-DOC-015", requests.ignore("*.index", "id"))
fault("id-filter-ignored-on-keys", "DC-DOC-015", requests.ignore("keys.index", "id"))


@fault.does("DC-DOC-015", in_document, "realms.index")
def id_filter_unknown_404(asked: Asked, answer: Answer) -> None:
    """Answers 404 in place of an empty list if no realm has the id of the filter."""
    if "id" in asked.query and b" id=" not in answer.body:
        answer.replace(404)


@fault.does("DC-DOC-015", drivers.around, "images.index", "images")
def id_filter_inverted(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists all images but the one whose id the filter names."""
    return [image for image in ask(caller, {}) if image.id != filters.get("id")]


def _id_as_all(sent: Parameters) -> Parameters:
    return {"all" if name == "id" else name: value for name, value in sent.items()}


def _nothing_for_all(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    return [] if "all" in filters else ask(caller, filters)


fault(
    "id-filter-empties",
    "DC-DOC-015",
    drivers.around(
        "storage_volumes.index", "lists nothing for it", "storage_volumes", _nothing_for_all
    ),
    requests.rewrite("storage_volumes.index", "takes the filter id for one called all", _id_as_all),
    text="lists nothing if volumes are filtered by id",
)
fault(
    "reference-to-another-image",
    "DC-DOC-024",
    xml.alter(
        "instances.*",
        "writes the URL of img9 for the image of every instance",
        "//instance/image/@href",
        lambda h: _parent(h) + "/img9",
    ),
)
fault(
    "json-reference-to-list",
    "DC-DOC-024",
    json.alter(
        "instances.*",
        "writes the URL of the list of realms for the realm of an instance",
        "realm.href",
        _parent,
    ),
)
fault(
    "profile-reference-to-another",
    "DC-DOC-024",
    xml.alter(
        "images.*",
        "writes the URL of the profile opaque for every profile of an image",
        "//hardware_profile/@href",
        lambda h: _parent(h) + "/opaque",
    ),
)


@fault.does("DC-DOC-025", drivers.shown, "instances.*", Instance)
def image_of_instance_gone(instance: Any) -> Any:
    """Names an image of the instance that does not exist."""
    return replace(instance, image_id="img-gone")


@fault.does("DC-DOC-025", drivers.shown, "instances.*", Instance)
def realm_of_instance_gone(instance: Any) -> Any:
    """Names a realm of the instance that does not exist."""
    return replace(instance, realm_id="mars")


fault(
    "reference-into-nothing",
    "DC-DOC-025",
    xml.alter(
        "instances.*",
        "writes a URL of the image that leads nowhere",
        "//instance/image/@href",
        _into_nothing,
    ),
)
fault(
    "json-reference-into-nothing",
    "DC-DOC-025",
    json.alter(
        "instances.*", "writes a URL of the image that leads nowhere", "image.href", _into_nothing
    ),
)
fault(
    "profiles-of-images-unreadable", "DC-DOC-025", http.answer_with("hardware_profiles.show", 403)
)
fault(
    "volume-of-snapshot-gone",
    "DC-SNP-003",
    xml.alter(
        "storage_snapshots.*",
        "names a volume of the snapshot that does not exist",
        "//storage_volume/@*",
        lambda v: v + "x",
    ),
)
