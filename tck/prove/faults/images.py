"""Images: filters, making and destroying them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around
from tck.prove.faults.fault import fault
from tck.reference_server.resources import Image


def _with(**changes: Any) -> Any:
    def act(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
        return ask(caller, **{**given, **{n: c(given.get(n)) for n, c in changes.items()}})

    return act


def _lost(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    image = ask(caller, **given)
    driver.destroy_image(caller, image.id)
    return image


def _of_anything(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    return ask(caller, **{**given, "instance_id": "inst1"})


def _either(_driver: Any, ask: Any, caller: Any, filters: Any) -> Any:
    """Meets one filter or the other."""
    wanted = {n: v for n, v in filters.items() if n in ("owner_id", "architecture")}
    if len(wanted) < 2:
        return ask(caller, filters)
    found = [image for n, v in wanted.items() for image in ask(caller, {n: v})]
    return list({image.id: image for image in found}.values())


FAULTS = [
    fault("image-without-owner", "DC-IMG-001", xml.drop("images.*", "//image/owner_id")),
    fault("image-without-architecture", "DC-IMG-001", xml.drop("images.*", "//image/architecture")),
    fault(
        "image-without-actions", "DC-IMG-001 DC-IMG-003", xml.drop("images.*", "//image/actions")
    ),
    fault("image-without-description", "DC-IMG-001", xml.drop("images.*", "//image/description")),
    fault("json-image-owner-id", "DC-IMG-002", json.rename("images.*", "owner", "owner_id")),
    fault("json-image-without-root-type", "DC-IMG-002", json.drop("images.*", "root_type")),
    fault(
        "json-image-profiles-as-object",
        "DC-IMG-002",
        json.put("images.*", "hardware_profiles", lambda v: {p["id"]: p for p in v}),
    ),
    fault(
        "image-cannot-be-launched",
        "DC-IMG-003",
        xml.drop("images.*", "//link[@rel='create_instance']"),
    ),
    fault(
        "image-without-profiles", "DC-IMG-004", xml.drop("images.*", "//image/hardware_profiles/*")
    ),
    fault(
        "image-profile-without-id",
        "DC-IMG-005",
        xml.drop("images.*", "//image//hardware_profile/@id"),
    ),
    fault(
        "image-profile-without-rel",
        "DC-IMG-005",
        xml.drop("images.*", "//image//hardware_profile/@rel"),
    ),
    fault("image-root-type-unknown", "DC-IMG-006", xml.put("images.*", "//root_type", "ebs")),
    fault("image-root-type-empty", "DC-IMG-006", xml.put("images.*", "//root_type", "")),
    fault(
        "image-architecture-unknown",
        "DC-IMG-007",
        drivers.shown("images.*", "says amd64", Image, lambda i: replace(i, architecture="amd64")),
    ),
    fault(
        "architecture-filter-ignored", "DC-IMG-008", requests.ignore("images.index", "architecture")
    ),
    fault(
        "architecture-filter-empties",
        "DC-IMG-008",
        drivers.listed("images.index", "knows no architecture", "images", list),
        requests.replace(
            "images.index",
            "spells architecture otherwise",
            lambda g: (
                {**g, "architecture": g["architecture"].upper()} if "architecture" in g else g
            ),
        ),
    ),
    fault(
        "architecture-filter-loses-one",
        "DC-IMG-008",
        around(
            "images.index",
            "filters to one image at most",
            "images",
            lambda _d, ask, caller, f: (
                list(ask(caller, f))[:1] if "architecture" in f else ask(caller, f)
            ),
        ),
    ),
    fault("owner-filter-ignored", "DC-IMG-009", requests.ignore("images.index", "owner_id")),
    fault(
        "owner-filter-empties",
        "DC-IMG-009",
        around(
            "images.index",
            "finds no image of an owner",
            "images",
            lambda _d, ask, caller, f: [] if "owner_id" in f else ask(caller, f),
        ),
    ),
    fault(
        "owner-of-nothing-shows-all",
        "DC-IMG-009",
        around(
            "images.index",
            "finds images of nobody for everybody",
            "images",
            lambda _d, ask, caller, f: (
                ask(caller, f) or ask(caller, {}) if "owner_id" in f else ask(caller, f)
            ),
        ),
    ),
    fault(
        "two-filters-either",
        "DC-IMG-010",
        around("images.index", "meets either filter", "images", _either),
    ),
    fault(
        "two-filters-first-only",
        "DC-IMG-010",
        requests.replace(
            "images.index",
            "takes one filter only",
            lambda g: {k: v for k, v in g.items() if k != "architecture" or "owner_id" not in g},
        ),
    ),
    fault(
        "image-not-made",
        "DC-IMG-011",
        around("images.create", "forgets the new image", "create_image", _lost),
    ),
    fault("image-made-500", "DC-IMG-011", http.refuse("images.create", 500)),
    fault("image-made-without-body", "DC-IMG-011", http.refuse("images.create", 201)),
    fault(
        "image-not-listed",
        "DC-IMG-011",
        drivers.listed(
            "images.index",
            "lists no image that was made",
            "images",
            lambda v: [i for i in v if i.owner_id != "root"],
        ),
    ),
    fault(
        "image-name-ignored",
        "DC-IMG-012",
        around(
            "images.create", "names images itself", "create_image", _with(name=lambda _: "image")
        ),
    ),
    fault(
        "image-name-shows-id",
        "DC-IMG-012",
        drivers.shown(
            "images.*",
            "names images after their description",
            Image,
            lambda i: replace(i, name=i.description or "none"),
        ),
    ),
    fault(
        "image-description-ignored",
        "DC-IMG-013",
        around(
            "images.create",
            "drops the description",
            "create_image",
            _with(description=lambda _: None),
        ),
    ),
    fault(
        "image-description-is-name",
        "DC-IMG-013",
        around(
            "images.create",
            "takes the name for the description",
            "create_image",
            lambda _d, ask, caller, **g: ask(caller, **{**g, "description": g.get("name")}),
        ),
    ),
    fault(
        "image-of-nothing",
        "DC-IMG-014",
        around(
            "images.create",
            "makes images of instances that are not there",
            "create_image",
            _of_anything,
        ),
    ),
    fault("image-of-nothing-500", "DC-IMG-014", http.status("!images.create", 500)),
    fault("image-of-nothing-200", "DC-IMG-014", http.on_status("!images.create", 404, 200)),
    fault(
        "image-not-offered-and-made",
        "DC-IMG-015",
        around(
            "images.create",
            "makes images of instances that do not offer it",
            "create_image",
            lambda _d, ask, caller, **g: ask(
                caller, **{**g, "instance_id": "inst1"} if g["instance_id"] == "inst3" else g
            ),
        ),
    ),
    fault("image-not-offered-500", "DC-IMG-015", http.on_status("!images.create", 403, 500)),
    fault(
        "image-not-destroyed",
        "DC-IMG-016",
        drivers.pretend("images.destroy", "destroy_image", "images"),
    ),
    fault(
        "destroyed-image-shown",
        "DC-IMG-016",
        around(
            "images.show",
            "shows images that were destroyed",
            "image",
            lambda _d, ask, caller, id_: ask(caller, id_) or Image(id_, id_, "root", "i386"),
        ),
    ),
    fault(
        "image-without-name-500",
        "DC-IMG-017",
        requests.instead(
            "images.create",
            "fails without a name",
            lambda a: None if "name" in a.form or "name" in a.query else http.failure(500),
        ),
    ),
    fault(
        "image-profile-unknown",
        "DC-IMG-018",
        xml.put(
            "images.*", "(//hardware_profile)[1]/@*", lambda v: v.replace("m1-small", "m0-tiny")
        ),
    ),
    fault(
        "profile-of-images-unlisted",
        "DC-IMG-018",
        drivers.listed(
            "hardware_profiles.index",
            "leaves the first profile out",
            "hardware_profiles",
            lambda v: v[1:],
        ),
    ),
]
