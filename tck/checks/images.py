"""Checks of images: filters, making an image of an instance, destroying it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from lxml import etree

from tck.checks.support import instances as support
from tck.checks.support import life
from tck.checks.support.answers import value_at
from tck.checks.support.check import check
from tck.checks.support.client import members_of
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import judge_filter
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource

_MOST_LAUNCHED = 3


def _judge_filter(cloud: Cloud, verify: Verify, requirement: str, query: dict[str, str]) -> None:
    """A filtered list has exactly the images with the values of the query."""

    def admits(image: etree._Element) -> bool:
        return all((image.findtext(name) or "").strip() == query[name] for name in query)

    judge_filter(cloud, verify, requirement, "images", query, admits)


def _values(cloud: Cloud, verify: Verify, part: str) -> list[str]:
    values = {(m.element.findtext(part) or "").strip() for m in cloud.members("images")} - {""}
    if not values:
        verify.inconclusive(f"no image shows its {part}")
    return sorted(values)


@check("DC-IMG-003", needs=("images", "instances"), writes=True)
def test_what_can_be_launched_says_so(cloud: Cloud, verify: Verify) -> None:
    """An image offers to be launched, unless a launch of it is refused."""
    x = cloud.index("images")
    rels = {
        image.id: [link.get("rel") for link in image.element.iterfind("actions/link")]
        for image in members_of(x)
    }
    silent = [id_ for id_, offered in rels.items() if "create_instance" not in offered]
    for id_ in cloud.policy.sample(silent, _MOST_LAUNCHED) or [support.image_id(cloud, verify)]:
        form = {**cloud.policy.launch_defaults, "image_id": id_}
        launched, _ = cloud.create("instances", form)
        verify.need_offered(launched)
        if launched.ok and id_ in rels:
            verify.contains(
                "DC-IMG-003", f"/image {id_}/actions", "create_instance", rels[id_], x=x
            )
    for id_ in rels.keys() - silent:
        verify.contains("DC-IMG-003", f"/image {id_}/actions", "create_instance", rels[id_], x=x)
    verify.note("no image offers to be launched, and none of those tried was")


@check("DC-IMG-008", needs="images")
def test_filter_by_architecture(cloud: Cloud, verify: Verify) -> None:
    """`?architecture=A` gives exactly the images of that architecture."""
    values = cloud.policy.sample(_values(cloud, verify, "architecture"), 8)
    for architecture in (*values, "tck-none"):
        _judge_filter(cloud, verify, "DC-IMG-008", {"architecture": architecture})


@check("DC-IMG-009", "DC-IMG-010", needs="images", feature="images.owner_id")
def test_filter_by_owner(cloud: Cloud, verify: Verify) -> None:
    """`?owner_id=O` gives exactly the images of that owner; with architecture, of both."""
    owners = (*cloud.policy.sample(_values(cloud, verify, "owner_id"), 4), "tck-none")
    for owner in owners:
        _judge_filter(cloud, verify, "DC-IMG-009", {"owner_id": owner})
    architectures = cloud.policy.sample(_values(cloud, verify, "architecture"), 4)
    for owner, architecture in product(owners, architectures):
        query = {"owner_id": owner, "architecture": architecture}
        _judge_filter(cloud, verify, "DC-IMG-010", query)


@check("DC-IMG-018", needs=("images", "hardware_profiles"))
def test_profiles_of_images_exist(cloud: Cloud, verify: Verify) -> None:
    """Every profile that an image lists is a member of the collection."""
    existing = sorted(member.id for member in cloud.members("hardware_profiles"))
    x = cloud.index("images")
    named = [p.get("id", "") for p in x.xml.iter("hardware_profile")] if x.xml is not None else []
    if not named:
        verify.inconclusive("no image lists a profile")
    for profile in named:
        verify.one_of("DC-IMG-018", "/images/image", existing, profile, x=x)


def imageable(cloud: Cloud, verify: Verify) -> Resource:
    """An instance that offers create_image, stopped for it if need be (A66, A67)."""
    instance, x = support.launch_running(cloud, verify)
    if "create_image" not in support.links(x) and "stop" in support.links(x):
        x = support.follow_to_rest(cloud, verify, instance, x, "stop")
    if "create_image" not in support.links(x):
        verify.not_applicable("no instance offers create_image")
    return instance


def make(
    cloud: Cloud, verify: Verify, form: dict[str, str], **options: Any
) -> tuple[Exchange, Resource]:
    """An image, and the answer to making it."""
    x, image = cloud.create("images", form, **options)
    life.skip_unless_offered(verify, x, "to make images")
    verify.accepted("DC-IMG-011", x)
    got = x.headers.get("Location") or None
    verify.holds("DC-IMG-011", "/image/@id", "an image with an id", got, image is not None, x=x)
    image = verify.need(image, "no image was made")
    support.assert_new(cloud, verify, x, image)
    return x, image


@check("DC-IMG-011", "DC-HTTP-003", "DC-HTTP-029", needs=("images", "instances"), writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_make_an_image(cloud: Cloud, verify: Verify, format_: str) -> None:
    """An image made of an instance is shown and listed."""
    instance = imageable(cloud, verify)
    form = {"instance_id": instance.id, "name": cloud.new_name(), "description": "made by the TCK"}
    _, image = make(cloud, verify, form, format=format_)
    for shown_in in ("xml", "json"):
        shown = cloud.show("images", image.id, format=shown_in)
        verify.accepted("DC-IMG-011", shown, why=f"image {image.id} was made")
    listed = [member.id for member in cloud.members("images")]
    verify.contains("DC-IMG-011", "/images", image.id, listed, x=shown)


@check("DC-IMG-012", "DC-IMG-013", needs=("images", "instances"), writes=True)
@pytest.mark.parametrize(
    ("feature", "requirement", "part"),
    [
        ("images.image_name", "DC-IMG-012", "name"),
        ("images.image_description", "DC-IMG-013", "description"),
    ],
)
def test_name_and_description(
    cloud: Cloud, verify: Verify, feature: str, requirement: str, part: str
) -> None:
    """The new image has the name and the description that it was given."""
    if not cloud.capabilities.declares(feature=feature):
        pytest.skip(f"the endpoint does not announce {feature}")
    instance = imageable(cloud, verify)
    form = {"instance_id": instance.id, "name": cloud.new_name(), "description": "of the TCK"}
    _, image = make(cloud, verify, form)
    shown = cloud.show("images", image.id)
    verify.equal(requirement, f"/image/{part}", form[part], value_at(shown, part), x=shown)


@check("DC-IMG-014", needs=("images", "instances"), writes=True)
def test_image_of_an_unknown_instance(cloud: Cloud, verify: Verify) -> None:
    """There is nothing to make an image of. The twin: of a real instance it works."""
    instance = imageable(cloud, verify)
    make(cloud, verify, {"instance_id": instance.id, "name": cloud.new_name()})
    form = {"instance_id": cloud.unknown_id(), "name": cloud.new_name()}
    x, _ = cloud.create("images", form)
    verify.refused("DC-IMG-014", x, why="there is no such instance")


@check("DC-IMG-015", needs=("images", "instances"), writes=True)
def test_image_of_an_instance_that_does_not_offer_it(cloud: Cloud, verify: Verify) -> None:
    """An instance without the link create_image cannot be made an image of."""
    without = [
        member
        for member in cloud.members("instances")
        if member.element.find("actions/link[@rel='create_image']") is None
    ]
    if not without:
        verify.inconclusive("every instance offers create_image")
    x, _ = cloud.create("images", {"instance_id": without[0].id, "name": cloud.new_name()})
    verify.refused("DC-IMG-015", x, 501, why="the instance does not offer create_image")


@check("DC-IMG-016", "DC-HTTP-005", "DC-LNK-007", needs=("images", "instances"), writes=True)
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_destroy(cloud: Cloud, verify: Verify, format_: str) -> None:
    """A destroyed image is neither shown nor listed."""
    instance = imageable(cloud, verify)
    _, image = make(cloud, verify, {"instance_id": instance.id, "name": cloud.new_name()})
    before = cloud.get(image.href)
    x = cloud.delete(image.href, format=format_)
    life.skip_unless_offered(verify, x, "to destroy images")
    verify.accepted("DC-IMG-016", x)
    life.assert_offered(verify, before, "destroy_image")
    gone = life.wait_until_gone(cloud, verify, "DC-IMG-016", image)
    listed = [member.id for member in cloud.members("images")]
    verify.lacks("DC-IMG-016", "/images", image.id, listed, x=gone)


@check("DC-IMG-017", needs=("images", "instances"), writes=True)
def test_image_without_a_name(cloud: Cloud, verify: Verify) -> None:
    """Name is optional (A65): it works without, or is refused clearly."""
    instance = imageable(cloud, verify)
    x, _ = cloud.create("images", {"instance_id": instance.id}, unnamed=True)
    life.skip_unless_offered(verify, x, "to make images")
    verify.refused("DC-IMG-017", x, 201)
