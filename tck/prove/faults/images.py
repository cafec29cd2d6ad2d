"""Images: filters, making and destroying them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Image


def _with(**changes: Any) -> Any:
    def act(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        return ask(caller, **{**given, **{n: c(given.get(n)) for n, c in changes.items()}})

    return act


fault = Faults()

fault("image-without-owner", "DC-IMG-001", xml.drop("images.*", "//image/owner_id"))
fault("image-without-architecture", "DC-IMG-001", xml.drop("images.*", "//image/architecture"))
fault("image-without-actions", "DC-IMG-001 DC-IMG-003", xml.drop("images.*", "//image/actions"))
fault("image-without-description", "DC-IMG-001", xml.drop("images.*", "//image/description"))
fault("json-image-owner-id", "DC-IMG-002", json.rename("images.*", "owner", "owner_id"))
fault("json-image-without-root-type", "DC-IMG-002", json.drop("images.*", "root_type"))
fault(
    "json-image-profiles-as-object",
    "DC-IMG-002",
    json.put("images.*", "hardware_profiles", lambda v: {p["id"]: p for p in v}),
    text="writes hardware_profiles as an object instead of a list in JSON",
)
fault(
    "image-cannot-be-launched", "DC-IMG-003", xml.drop("images.*", "//link[@rel='create_instance']")
)
fault("image-without-profiles", "DC-IMG-004", xml.drop("images.*", "//image/hardware_profiles/*"))
fault(
    "image-profile-without-id", "DC-IMG-005", xml.drop("images.*", "//image//hardware_profile/@id")
)
fault(
    "image-profile-without-rel",
    "DC-IMG-005",
    xml.drop("images.*", "//image//hardware_profile/@rel"),
)
fault("image-root-type-unknown", "DC-IMG-006", xml.put("images.*", "//root_type", "ebs"))
fault("image-root-type-empty", "DC-IMG-006", xml.put("images.*", "//root_type", ""))


@fault.does("DC-IMG-007", drivers.shown, "images.*", Image)
def image_architecture_unknown(value: Any) -> Any:
    """Gives the architecture as amd64, which is not a value of the API."""
    return replace(value, architecture="amd64")


fault("architecture-filter-ignored", "DC-IMG-008", requests.ignore("images.index", "architecture"))
fault(
    "architecture-filter-empties",
    "DC-IMG-008",
    drivers.listed("images.index", "knows no architecture", "images", list),
    requests.rewrite(
        "images.index",
        "spells architecture otherwise",
        lambda g: {**g, "architecture": g["architecture"].upper()} if "architecture" in g else g,
    ),
    text="finds no image when images are filtered by architecture",
)


@fault.does("DC-IMG-008", around, "images.index", "images")
def architecture_filter_loses_one(_driver: Any, ask: Any, caller: Any, f: Any) -> Any:
    """Returns at most one image when images are filtered by architecture."""
    return list(ask(caller, f))[:1] if "architecture" in f else ask(caller, f)


fault("owner-filter-ignored", "DC-IMG-009", requests.ignore("images.index", "owner_id"))


@fault.does("DC-IMG-009", around, "images.index", "images")
def owner_filter_empties(_driver: Any, ask: Any, caller: Any, f: Any) -> Any:
    """Finds no image when images are filtered by an owner that has some."""
    return [] if "owner_id" in f else ask(caller, f)


@fault.does("DC-IMG-009", around, "images.index", "images")
def owner_of_nothing_shows_all(_driver: Any, ask: Any, caller: Any, f: Any) -> Any:
    """Lists all images when they are filtered by an owner that has none."""
    return ask(caller, f) or ask(caller, {}) if "owner_id" in f else ask(caller, f)


@fault.does("DC-IMG-010", around, "images.index", "images")
def two_filters_either(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists images that match one of two filters instead of both."""
    wanted = {n: v for n, v in filters.items() if n in ("owner_id", "architecture")}
    if len(wanted) < 2:
        return ask(caller, filters)
    found = [image for n, v in wanted.items() for image in ask(caller, {n: v})]
    return list({image.id: image for image in found}.values())


@fault.does("DC-IMG-010", requests.rewrite, "images.index")
def two_filters_first_only(given: Parameters) -> Parameters:
    """Applies only the first of two filters."""
    return {k: v for k, v in given.items() if k != "architecture" or "owner_id" not in given}


@fault.does("DC-IMG-011", around, "images.create", "create_image")
def image_not_made(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Answers with the new image and does not keep it."""
    image = ask(caller, **given)
    driver.destroy_image(caller, image.id)
    return image


fault("image-made-500", "DC-IMG-011", http.answer_with("images.create", 500))
fault("image-made-without-body", "DC-IMG-011", http.answer_with("images.create", 201))


@fault.does("DC-IMG-011", drivers.listed, "images.index", "images")
def image_not_listed(members: list[Any]) -> list[Any]:
    """Leaves images made by clients out of the list."""
    return [i for i in members if i.owner_id != "root"]


fault(
    "image-name-ignored",
    "DC-IMG-012",
    around("images.create", "names images itself", "create_image", _with(name=lambda _: "image")),
)


@fault.does("DC-IMG-012", drivers.shown, "images.*", Image)
def image_name_shows_id(value: Any) -> Any:
    """Shows the description in place of the name."""
    return replace(value, name=value.description or "none")


fault(
    "image-description-ignored",
    "DC-IMG-013",
    around(
        "images.create", "drops the description", "create_image", _with(description=lambda _: None)
    ),
)


@fault.does("DC-IMG-013", around, "images.create", "create_image")
def image_description_is_name(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Keeps the name as the description."""
    return ask(caller, **{**given, "description": given.get("name")})


@fault.does("DC-IMG-014", around, "images.create", "create_image")
def image_of_nothing(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Makes an image of an instance that does not exist."""
    return ask(caller, **{**given, "instance_id": "inst1"})


fault("image-of-nothing-500", "DC-IMG-014", http.status("!images.create", 500))
fault("image-of-nothing-200", "DC-IMG-014", http.on_status("!images.create", 404, 200))


@fault.does("DC-IMG-015", around, "images.create", "create_image")
def image_not_offered_and_made(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Makes an image of an instance that does not offer create_image."""
    return ask(
        caller, **{**given, "instance_id": "inst1"} if given["instance_id"] == "inst3" else given
    )


fault("image-not-offered-500", "DC-IMG-015", http.on_status("!images.create", 403, 500))
fault(
    "image-not-destroyed",
    "DC-IMG-016",
    drivers.do_nothing("images.destroy", "destroy_image", "images"),
)


@fault.does("DC-IMG-016", around, "images.show", "image")
def destroyed_image_shown(_driver: Any, ask: Any, caller: Any, id_: Any) -> Any:
    """Goes on showing images that were destroyed."""
    return ask(caller, id_) or Image(id_, id_, "root", "i386")


@fault.does("DC-IMG-017", requests.reply, "images.create")
def image_without_name_500(asked: Asked) -> Answer | None:
    """Answers 500 when an image is created without a name."""
    return None if "name" in asked.form or "name" in asked.query else http.failure(500)


fault(
    "image-profile-unknown",
    "DC-IMG-018",
    xml.put("images.*", "(//hardware_profile)[1]/@*", lambda v: v.replace("m1-small", "m0-tiny")),
    text="names a hardware profile that does not exist",
)


@fault.does("DC-IMG-018", drivers.listed, "hardware_profiles.index", "hardware_profiles")
def profile_of_images_unlisted(members: list[Any]) -> list[Any]:
    """Leaves the first hardware profile out of the list, though images name it."""
    return members[1:]
