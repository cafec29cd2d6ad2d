"""Checks of sizes: an instance can have those that its hardware profile offers, and no others."""

from __future__ import annotations

from hypothesis import strategies as st

from tck.checks.support import instances as support
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.generated import given
from tck.checks.support.strategies import Offer, offers
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules.hardware_profiles import number

_PLACE = "/instance/hardware_profile/property"


def _offers(cloud: Cloud, verify: Verify) -> list[Offer]:
    choices = [o for m in cloud.members("hardware_profiles") for o in offers(m.element)]
    if not choices:
        verify.inconclusive("no hardware profile offers a choice")
    return choices


def _sizes(x: Exchange) -> dict[str, str]:
    """Properties that an instance shows for its hardware profile."""
    root = x.xml
    shown = [] if root is None else root.findall("hardware_profile/property")
    return {prop.get("name", ""): prop.get("value", "") for prop in shown}


def _same(one: str, other: str | None) -> bool:
    return one == other or (number(one) is not None and number(one) == number(other))


def _judge_inside(verify: Verify, offer: Offer, shown: Exchange) -> None:
    """What an instance shows of a size is what its profile offers."""
    got = _sizes(shown).get(offer.name, offer.default)
    expected = f"a {offer.name} that {offer.profile} offers"
    verify.holds("DC-INS-025", _PLACE, expected, got, offer.admits(got), x=shown)


@check(
    "DC-INS-024", "DC-INS-025", "DC-INS-016", needs=("instances", "hardware_profiles"), writes=True
)
def test_offered_value_is_honoured(cloud: Cloud, verify: Verify) -> None:
    """Any value inside a range or enumeration shows in the instance."""
    choices = _offers(cloud, verify)
    image = support.image_id(cloud, verify)

    @given(st.sampled_from(choices).flatmap(lambda o: st.tuples(st.just(o), o.inside)))
    def holds(chosen: tuple[Offer, str]) -> None:
        cloud.trail.clear()
        offer, value = chosen
        form = {"image_id": image, "hwp_id": offer.profile, f"hwp_{offer.name}": value}
        x, instance = cloud.create("instances", form)
        verify.accepted("DC-INS-024", x, why=f"{offer.profile} offers {offer.name}={value}")
        instance = verify.need(instance, "no instance was launched")
        shown = cloud.show("instances", instance.id)
        verify.need(shown.xml, "the launched instance is not shown")
        sizes = _sizes(shown)
        # a value equal to the default may go without saying
        got = sizes.get(offer.name, offer.default)
        expected = f"property {offer.name} with value {value}"
        verify.holds("DC-INS-024", _PLACE, expected, got, _same(value, got), x=shown)
        if offer.name in sizes:
            _judge_inside(verify, offer, shown)
        cloud.cleaner.remove(instance)

    holds()


@check("DC-INS-025", "DC-INS-026", needs=("instances", "hardware_profiles"), writes=True)
def test_value_outside_the_offer(cloud: Cloud, verify: Verify) -> None:
    """A value outside is refused, and no instance ever shows it.

    The positive twin: the same launch with the default value succeeds.
    """
    choices = _offers(cloud, verify)
    image = support.image_id(cloud, verify)
    launchable: set[tuple[str, str]] = set()

    def twin(offer: Offer) -> None:
        form = {"image_id": image, "hwp_id": offer.profile, f"hwp_{offer.name}": offer.default}
        if not cloud.create("instances", form)[0].ok:
            verify.inconclusive(f"{offer.profile} with its own default cannot be launched")
        launchable.add((offer.profile, offer.name))

    @given(st.sampled_from(choices).flatmap(lambda o: st.tuples(st.just(o), o.outside)))
    def holds(chosen: tuple[Offer, str]) -> None:
        cloud.trail.clear()
        offer, value = chosen
        if (offer.profile, offer.name) not in launchable:
            twin(offer)
        form = {"image_id": image, "hwp_id": offer.profile, f"hwp_{offer.name}": value}
        x, instance = cloud.create("instances", form)
        verify.refused("DC-INS-026", x, why=f"{offer.profile} does not offer {offer.name}={value}")
        if instance is not None:
            _judge_inside(verify, offer, cloud.show("instances", instance.id))
            cloud.cleaner.remove(instance)

    holds()
