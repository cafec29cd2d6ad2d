"""Creating volumes at clouds that have a smallest size (the default, 1, may be too small)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from tck.checks.support.cloud import Cloud
from tck.endpoint.exchange import Exchange
from tck.safety.resource import Resource

_KEY = "smallest volume"
_TOO_SMALL = (400, 403, 409, 412, 413, 416, 422)  # how clouds say that a volume may be
_GUESSES = (10, 20, 100)  # of GB, where the volumes that are there do not tell
_MOST_TRIES = 4


def create(
    cloud: Cloud, form: Mapping[str, str], **options: Any
) -> tuple[Exchange, Resource | None]:
    """Create a volume as `Cloud.create` does, if need be of the smallest size that is accepted.

    That is looked for where the first volume of a run is refused: not below the capacity asked
    for, the smallest of the volumes that are there first. If none is accepted, and also if only
    the default is missing, the answer is the refusal.
    """
    known = cloud.once(_KEY, lambda: 0)
    x, volume = cloud.create("storage_volumes", sized(cloud, form), **options)
    if volume is not None:
        cloud.once(_KEY, lambda: 1)
    elif not known and x.status in _TOO_SMALL and options.keys().isdisjoint(("params", "files")):
        return _of_a_larger_size(cloud, form, x, options)
    return x, volume


def sized(cloud: Cloud, form: Mapping[str, str]) -> Mapping[str, str]:
    """The form with a capacity that is accepted, as far as that is known."""
    return _at_least(form, cloud.once(_KEY, lambda: 0))


def _at_least(form: Mapping[str, str], capacity: int) -> Mapping[str, str]:
    if capacity <= max(_asked(form), 1):
        return form
    return {**form, "capacity": str(capacity)}


def _asked(form: Mapping[str, str]) -> int:
    """The capacity in a form; 0 without any."""
    text = form.get("capacity", "")
    return int(text) if text.isdecimal() else 0


def _of_a_larger_size(
    cloud: Cloud, form: Mapping[str, str], refusal: Exchange, options: Mapping[str, Any]
) -> tuple[Exchange, Resource | None]:
    if not _asked(form):
        _, volume = cloud.create("storage_volumes", {**form, "capacity": "1"}, **options)
        if volume is not None:
            cloud.cleaner.remove(volume)
            return refusal, None
    for capacity in _capacities(cloud, max(_asked(form), 1)):
        larger = {**form, "capacity": str(capacity)}
        x, volume = cloud.create("storage_volumes", larger, **options)
        if volume is not None:
            cloud.once(_KEY, partial(int, capacity))
            return x, volume
    return refusal, None


def _capacities(cloud: Cloud, above: int) -> Iterator[int]:
    """Sizes to try, in ascending order, above one that was refused."""
    texts = (m.element.findtext("capacity") or "" for m in cloud.members("storage_volumes"))
    there = {int(text) for text in map(str.strip, texts) if text.isdecimal()}
    sizes = sorted({*there, *_GUESSES})
    return iter([size for size in sizes if above < size <= _GUESSES[-1]][:_MOST_TRIES])
