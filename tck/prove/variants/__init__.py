"""Variants: named ways in which the server differs and is still right.

- `accounts`: other ways to keep accounts apart
- `at_once`: not serving everybody who comes at once
- `clouds`: other clouds, empty, large or slow, and with other words for things
- `deprived`: without one ability each, or refusing one
- `freedoms`: other statuses, fields and answers that the stances leave to the server
- `ids`: other ids
- `malformed`: other answers to what is malformed on the wire
- `open_content`: more than the API asks for
- `permissions`: credentials that may only read
- `personas`: the shapes of the original's drivers
- `places`: the API at another path, and behind other servers
- `quotas`: clouds that refuse further creates
- `shortfalls`: recommendations that are not followed
- `writing`: other ways to write the same document
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from tck.prove.altered.alteration import collect
from tck.prove.variants.variant import Variant

__all__ = ["Variant", "variants"]


@cache
def variants() -> Mapping[str, Variant]:
    """Every variant by its name."""
    return collect(sys.modules[__name__], "variant")
