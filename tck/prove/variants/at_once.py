"""Servers that do not serve everybody who comes at once."""

from __future__ import annotations

from typing import Any

from tck.prove.altered.at_once import contended
from tck.prove.altered.change import Change, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.variants.variant import Variants
from tck.reference_server.errors import ApiError

_CONTENDED = (
    ("keys.create", "create_key"),
    ("keys.destroy", "destroy_key"),
    ("buckets.create", "create_bucket"),
    ("buckets.destroy", "delete_bucket"),
    ("blobs.put", "create_blob"),
    ("blobs.update", "update_blob_metadata"),
    ("firewalls.rules", "create_firewall_rule"),
    ("rules.destroy", "delete_firewall_rule"),
    ("addresses.create", "create_address"),
    ("addresses.associate", "associate_address"),
    ("storage_volumes.create", "create_storage_volume"),
    ("storage_volumes.attach", "attach_storage_volume"),
    ("storage_volumes.detach", "detach_storage_volume"),
    ("instances.create", "create_instance"),
    ("instances.start", "start_instance"),
    ("instances.stop", "stop_instance"),
    ("load_balancers.register", "lb_register_instance"),
)


class _Busy(ApiError):
    wire_name = "Busy"

    def __init__(self, status: int) -> None:
        super().__init__("Another request is under way.")
        self.status = status


def _refusing(where: str, method: str, status: int) -> Change:
    def refuse(*_asked: Any, **_given: Any) -> Any:
        raise _Busy(status)

    return contended(where, f"refuses with {status} beside another: {method}", method, refuse)


variant = Variants()

for _status in (409, 503):
    variant(
        f"at-once-{_status}",
        "stance 65",
        *(_refusing(where, method, _status) for where, method in _CONTENDED),
        text=f"answers {_status} to whoever writes to an object while another does",
    )


@variant.does("stance 65", in_request, "*")
def one_request_at_a_time(asked: Asked) -> None:
    """Answers 503 to every request that comes while another is under way."""
    if asked.beside:
        asked.reply = Answer(503, [("Content-Type", "text/plain")], b"busy")
