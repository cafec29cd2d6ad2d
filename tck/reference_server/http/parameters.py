"""From the parameters of a request to the arguments of a driver's method."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache

from tck.reference_server.errors import ValidationError
from tck.schemas.operations import API, Operation, Parameter

Arguments = dict[str, str | dict[str, str]]

# Accepted though operations.toml does not declare them: the mock's interfaces need the one (B63),
# its instances take the other.
_UNDECLARED = {
    "network_interfaces.create": (Parameter("subnet"),),
    "instances.create": (Parameter("initial_state"),),
}

_INTEGER = re.compile("(-?[0-9]+)?")  # empty where nothing is chosen

# The complement of the production Char of XML 1.0: what no document can contain.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def arguments(
    operation: Operation, sent: Mapping[str, str], files: Collection[str] = ()
) -> Arguments:
    """Parameters that the operation or a feature declares, by name; others are dropped.

    A family such as `hwp_*` becomes one mapping, named `hwp`, of suffix to value. `files` are
    the names of the parameters that were sent as files. ValidationError if a required parameter
    is missing or empty (stances 7, 8), a number is none, or XML cannot carry a value.
    """
    collected: Arguments = {}
    for parameter in understood(operation.id):
        name = parameter.name
        if name in sent and parameter.type != "array":
            collected[name] = sent[name]
        elif members := _members(name, parameter.type, sent):
            collected[name.replace("*", "").rstrip("_")] = members
        # A file may be empty, any other value that is required may not (stance 8).
        may_be_empty = parameter.type == "file" or parameter.may_be_empty
        present = name in sent or name in files if may_be_empty else sent.get(name)
        if parameter.required and not present:
            raise ValidationError(f"Required parameter '{name}' is missing or empty.")
        if parameter.type == "integer" and not _INTEGER.fullmatch(sent.get(name, "")):
            raise ValidationError(f"{name} must be a number.")
        if parameter.type != "file":
            require_text(collected.get(name.replace("*", "").rstrip("_"), ""))
    return collected


@cache
def understood(operation_id: str) -> tuple[Parameter, ...]:
    """Parameters of an operation, then those that features add to it.

    Those of features that the driver does not announce are passed on too: the driver decides.
    """
    operation = API.operations[operation_id]
    own = (*operation.params, *_UNDECLARED.get(operation_id, ()))
    names = {parameter.name for parameter in own}
    added = (
        Parameter(name, type=feature.type)
        for feature in API.features_of(operation.collection)
        if feature.operation == operation.name
        for name in feature.params
        if name not in names
    )
    return (*own, *added)


def is_text(value: str) -> bool:
    """Whether XML 1.0 can carry a value."""
    return _NOT_XML.search(value) is None


def require_text(value: str | Mapping[str, str]) -> None:
    """ValidationError if XML 1.0 cannot carry a value, whatever the format of this request."""
    texts = (value,) if isinstance(value, str) else (*value, *value.values())
    if not all(map(is_text, texts)):
        raise ValidationError("A parameter holds a character that XML 1.0 cannot carry.")


@cache
def _family(name: str, type_: str) -> re.Pattern[str] | None:
    """The names of a family's members, the suffix as group 1; None if it is not a family."""
    if type_ == "array":  # firewalls stands for firewalls1, firewalls2 ...
        return re.compile(re.escape(name) + r"(\d*)")
    if "*" not in name:
        return None
    if name == "ip_address*":  # as the original: ip-address, ip_address1, ip_address_1 (A117, C30)
        return re.compile(r"ip[_-]address(.*)", re.IGNORECASE)
    before, after = name.split("*")
    suffix = r"((?!id$)\w+)" if name == "hwp_*" else r"(\d+)"
    return re.compile(before + suffix + after)


def _members(name: str, type_: str, sent: Mapping[str, str]) -> dict[str, str]:
    family = _family(name, type_)
    if family is None:
        return {}
    hits = ((family.fullmatch(key), value) for key, value in sent.items())
    return {hit[1]: value for hit, value in hits if hit}
