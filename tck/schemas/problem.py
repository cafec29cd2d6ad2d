"""One thing that is wrong with a document, at one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["missing", "value", "unexpected"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One departure of a document from its schema.

    `place` says where it is in the document as it came: an XPath with positions among siblings
    of the same name (/instances/instance[2]/state), or a JSON path (instances[1].state). A missing
    part has no place of its own, so its parent's is given.

    `part` names what is missing or wrong, without positions, and the same in a list and alone:
    instance/public_addresses/address/@type, instance.public_addresses[].type. Rules and
    deviations files match it.

    `expected` and `got` are for readers.
    """

    place: str
    part: str
    kind: Kind
    expected: str
    got: str


MOST = 1000
"""At most this many problems of one document are listed, so that a hostile answer cannot take
all the time and memory."""

_LONGEST = 80


def quoted(text: str) -> str:
    """A text for readers: in quotes, at most 80 characters, with line ends and tabs visible."""
    if not text:
        return "nothing"
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return '"' + shown.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'
