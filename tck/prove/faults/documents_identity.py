"""Objects without an id of their own, and URLs that lead nowhere or to something else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.change import in_document, in_request
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


_FOREIGN = "writes URLs of another host"
_NOWHERE = "writes a URL of the image that leads nowhere"

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
for name, where, path in (
    ("href-relative", "images.* realms.*", "//@href"),
    ("reference-href-relative", "instances.*", "//image/@href"),
    ("entry-point-href-relative", "api.show", "//link/@href"),
):
    fault(
        name, "DC-DOC-007", xml.alter(where, f"writes {path} without scheme and host", path, _path)
    )
fault(
    "json-href-relative",
    "DC-DOC-007",
    json.alter("keys.*", "writes URLs without scheme and host", "href", _path),
)


@fault.does("DC-DOC-007", xml.alter, "instances.*", "//realm/@href")
def href_without_scheme(href: str) -> str:
    """Writes the URL of the realm of an instance without scheme."""
    return href.removeprefix("http:")


for name, change in (
    ("href-foreign-host", xml.alter("images.*", _FOREIGN, "//image/@href", _elsewhere)),
    ("json-href-foreign-host", json.alter("realms.*", _FOREIGN, "href", _elsewhere)),
    (
        "action-href-foreign-host",
        xml.alter("instances.*", _FOREIGN, "//actions/link/@href", _elsewhere),
    ),
    ("entry-point-href-foreign-host", json.alter("api.show", _FOREIGN, "links.href", _elsewhere)),
):
    fault(name, "DC-DOC-008", change)


@fault.does("DC-DOC-008", xml.alter, "keys.*", "//key/@href")
def href_other_scheme(href: str) -> str:
    """Writes https in the URLs of keys, though it is reached over http."""
    return href.replace("http:", "https:")


@fault.does("DC-DOC-009", xml.alter, "images.index", "//image/@href")
def href_of_another(value: str) -> str:
    """Writes the URL of img9 for every image of the list."""
    return _parent(value) + "/img9"


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


@fault.does("DC-DOC-009", xml.alter, "addresses.*", "//address/@href")
def href_with_id_in_query(value: str) -> str:
    """Writes the id of an address in the query of its URL, not in the path."""
    return _parent(value) + "?id=" + value.rsplit("/", 1)[-1]


@fault.does("DC-DOC-009", json.alter, "storage_volumes.index", "storage_volumes.href")
def json_href_of_another(url: Any) -> Any:
    """Writes URLs that end in another id."""
    return url + "0"


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


@fault.does("DC-DOC-011", xml.alter, "realms.*", "//realm/@href")
def href_not_encoded(value: str) -> str:
    """Writes URLs with an unencoded blank."""
    return value + "?name=United States"


@fault.does("DC-DOC-011", json.alter, "images.*", "images.href")
def json_href_not_encoded(url: Any) -> Any:
    """Writes URLs with unencoded angle brackets."""
    return url + "?owner=<me>"


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


@fault.does("DC-DOC-024", xml.alter, "instances.*", "//instance/image/@href")
def reference_to_another_image(value: str) -> str:
    """Writes the URL of img9 for the image of every instance."""
    return _parent(value) + "/img9"


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


@fault.does("DC-DOC-024", xml.alter, "images.*", "//hardware_profile/@href")
def profile_reference_to_another(value: str) -> str:
    """Writes the URL of the profile opaque for every profile of an image."""
    return _parent(value) + "/opaque"


@fault.does("DC-DOC-025", drivers.shown, "instances.*", Instance)
def image_of_instance_gone(instance: Any) -> Any:
    """Names an image of the instance that does not exist."""
    return replace(instance, image_id="img-gone")


@fault.does("DC-DOC-025", drivers.shown, "instances.*", Instance)
def realm_of_instance_gone(instance: Any) -> Any:
    """Names a realm of the instance that does not exist."""
    return replace(instance, realm_id="mars")


@fault.does("DC-DOC-025", drivers.shown, "instances.*", Instance, persona="full")
def firewall_of_instance_gone(instance: Any) -> Any:
    """Names a firewall of the instance that does not exist."""
    return replace(instance, firewalls=("gone",))


for name, change in (
    ("reference-into-nothing", xml.alter("instances.*", _NOWHERE, "//image/@href", _into_nothing)),
    (
        "json-reference-into-nothing",
        json.alter("instances.*", _NOWHERE, "image.href", _into_nothing),
    ),
):
    fault(name, "DC-DOC-025", change)
fault(
    "profiles-of-images-unreadable", "DC-DOC-025", http.answer_with("hardware_profiles.show", 403)
)


@fault.does("DC-SNP-003", xml.alter, "storage_snapshots.*", "//storage_volume/@*")
def volume_of_snapshot_gone(value: str) -> str:
    """Names a volume of the snapshot that does not exist."""
    return value + "x"


@fault.does("DC-DOC-028", drivers.around, "keys.create", "create_key")
def create_answers_with_an_older_key(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Makes the key and answers with one that was there before."""
    ask(caller, **arguments)
    return drivers.find(driver, "keys", caller, "test-key")


@fault.does("DC-DOC-028", drivers.around, "storage_volumes.create", "create_storage_volume")
def create_answers_with_an_older_volume(
    driver: Any, _ask: Any, caller: Any, **_arguments: Any
) -> Any:
    """Makes no volume and answers with one that was there before."""
    return drivers.find(driver, "storage_volumes", caller, "vol1")


@fault.does("DC-DOC-028", drivers.around, "buckets.create", "create_bucket")
def create_answers_with_an_older_bucket(
    driver: Any, ask: Any, caller: Any, **arguments: Any
) -> Any:
    """Makes the bucket and answers with one that was there before."""
    bucket = ask(caller, **arguments)
    return next((b for b in driver.buckets(caller, {}) if b.id != bucket.id), bucket)


@fault.does("DC-DOC-008", in_request, "* !*")
def links_to_an_inner_host(asked: Asked) -> None:
    """Is behind a proxy, and writes all URLs as it knows itself: http://inner.example:3001/api."""
    asked.set_header("Host", "inner.example:3001")


@fault.does("DC-DOC-008", in_request, "* !*")
def links_to_another_scheme(asked: Asked) -> None:
    """Writes https in all URLs, though it is reached over http."""
    asked.environ["wsgi.url_scheme"] = "https"


@fault.does("DC-DOC-008", in_request, "* !*")
def links_to_an_inner_path(asked: Asked) -> None:
    """Is behind a proxy, and writes all URLs as it knows itself: http://inner.example/v2/api."""
    asked.set_header("Host", "inner.example")
    asked.environ["SCRIPT_NAME"] = "/v2"
