"""What is wrong at one place of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["missing", "value", "unexpected"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One departure of a document from its schema.

    `place` is where it is, in the document as it came: an XPath with positions among
    siblings of one name (/instances/instance[2]/state) or a JSON path
    (instances[1].state). A missing part has no place: its parent's stands here.

    `part` names what is missing or wrong without positions, the same in a list and alone:
    instance/public_addresses/address/@type, instance.public_addresses[].type.

    `expected` and `got` are for reading.
    """

    place: str
    part: str
    kind: Kind
    expected: str
    got: str


MOST = 1000
"""So many problems of one document are told; who sends more should not win our time."""

_LONGEST = 80


def quoted(text: str) -> str:
    """A text as a reader should see it: in quotes, short, white space visible."""
    if not text:
        return "nothing"
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return '"' + shown.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'
