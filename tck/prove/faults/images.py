"""Images: filters, making and destroying them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Image

fault = Faults()

fault("image-without-owner", "DC-IMG-001", xml.drop("images.*", "//image/owner_id"))
fault("image-without-architecture", "DC-IMG-001", xml.drop("images.*", "//image/architecture"))
fault("image-without-actions", "DC-IMG-001 DC-IMG-003", xml.drop("images.*", "//image/actions"))
fault("image-without-description", "DC-IMG-001", xml.drop("images.*", "//image/description"))
fault("json-image-owner-id", "DC-IMG-002", json.rename("images.*", "owner", "owner_id"))
fault("json-image-without-root-type", "DC-IMG-002", json.drop("images.*", "root_type"))


@fault.does("DC-IMG-002", json.alter, "images.*", "hardware_profiles")
def json_image_profiles_as_object(profiles: Any) -> Any:
    """Writes hardware_profiles as an object instead of a list."""
    return {p["id"]: p for p in profiles}


fault(
    "image-cannot-be-launched", "DC-IMG-003", xml.drop("images.*", "//link[@rel='create_instance']")
)
fault(
    "one-image-cannot-be-launched",
    "DC-IMG-003",
    xml.drop("images.*", "//image[@id='img3']/actions/link[@rel='create_instance']"),
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
def image_architecture_unknown(image: Any) -> Any:
    """Gives the architecture as amd64, which is not a value of the API."""
    return replace(image, architecture="amd64")


fault("architecture-filter-ignored", "DC-IMG-008", requests.ignore("images.index", "architecture"))
fault(
    "architecture-filter-empties",
    "DC-IMG-008",
    drivers.listed("images.index", "knows no architecture", "images", list),
    requests.alter("images.index", "filters by it in upper case", "architecture", str.upper),
    text="finds no image when images are filtered by architecture",
)


@fault.does("DC-IMG-008", around, "images.index", "images")
def architecture_filter_loses_one(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Returns at most one image when images are filtered by architecture."""
    images = list(ask(caller, filters))
    return images[:1] if "architecture" in filters else images


fault("owner-filter-ignored", "DC-IMG-009", requests.ignore("images.index", "owner_id"))


@fault.does("DC-IMG-009", around, "images.index", "images")
def owner_filter_empties(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Finds no image when images are filtered by an owner that has some."""
    return [] if "owner_id" in filters else ask(caller, filters)


@fault.does("DC-IMG-009", around, "images.index", "images")
def owner_of_nothing_shows_all(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists all images when they are filtered by an owner that has none."""
    images = ask(caller, filters)
    return ask(caller, {}) if "owner_id" in filters and not images else images


@fault.does("DC-IMG-010", around, "images.index", "images")
def two_filters_either(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Lists images that match one of two filters instead of both."""
    if not {"owner_id", "architecture"} <= set(filters):
        return ask(caller, filters)
    matches = {
        image.id: image
        for name in ("owner_id", "architecture")
        for image in ask(caller, {name: filters[name]})
    }
    return list(matches.values())


@fault.does("DC-IMG-010", requests.rewrite, "images.index")
def two_filters_first_only(parameters: Parameters) -> Parameters:
    """Applies only the first of two filters."""
    if "owner_id" in parameters:
        parameters.pop("architecture", None)
    return parameters


@fault.does("DC-IMG-011", around, "images.create", "create_image")
def image_not_made(driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Answers with the new image and does not keep it."""
    image = ask(caller, **arguments)
    driver.destroy_image(caller, image.id)
    return image


fault("image-made-500", "DC-IMG-011", http.answer_with("images.create", 500))
fault("image-made-without-body", "DC-IMG-011", http.answer_with("images.create", 201))


@fault.does("DC-IMG-011", drivers.listed, "images.index", "images")
def image_not_listed(images: list[Any]) -> list[Any]:
    """Leaves images made by clients out of the list."""
    return [i for i in images if i.owner_id != "root"]


fault(
    "image-name-ignored",
    "DC-IMG-012",
    drivers.with_arguments(
        "images.create", "gives every image the name image", "create_image", name="image"
    ),
)


@fault.does("DC-IMG-012", drivers.shown, "images.*", Image)
def image_name_shows_id(image: Any) -> Any:
    """Shows the description in place of the name."""
    return replace(image, name=image.description or "none")


fault(
    "image-description-ignored",
    "DC-IMG-013",
    drivers.with_arguments(
        "images.create", "drops the description", "create_image", description=None
    ),
)


@fault.does("DC-IMG-013", around, "images.create", "create_image")
def image_description_is_name(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Keeps the name as the description."""
    return ask(caller, **{**arguments, "description": arguments.get("name")})


@fault.does("DC-IMG-014", around, "images.create", "create_image")
def image_of_nothing(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Makes an image of an instance that does not exist."""
    return ask(caller, **{**arguments, "instance_id": "inst1"})


fault("image-of-nothing-500", "DC-IMG-014", http.status("!images.create", 500))
fault("image-of-nothing-200", "DC-IMG-014", http.on_status("!images.create", 404, 200))


@fault.does("DC-IMG-015", around, "images.create", "create_image")
def image_not_offered_and_made(_driver: Any, ask: Any, caller: Any, **arguments: Any) -> Any:
    """Makes an image of an instance that does not offer create_image."""
    if arguments["instance_id"] == "inst3":
        arguments["instance_id"] = "inst1"
    return ask(caller, **arguments)


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


@fault.does("DC-IMG-018", xml.alter, "images.*", "(//hardware_profile)[1]/@*")
def image_profile_unknown(value: str) -> str:
    """Names a hardware profile that does not exist."""
    return value.replace("m1-small", "m0-tiny")


@fault.does("DC-IMG-018", drivers.listed, "hardware_profiles.index", "hardware_profiles")
def profile_of_images_unlisted(profiles: list[Any]) -> list[Any]:
    """Leaves the first hardware profile out of the list, though images name it."""
    return profiles[1:]
