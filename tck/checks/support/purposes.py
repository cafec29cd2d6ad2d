"""Checks that are wrong clients on purpose, and what they violate (docs/clients.md).

A run says so in its requests, so that who judges it as a client (`serve --audit`) does not blame
it. `tests/checks/test_as_client.py` judges a whole run: nothing else is violated.
"""

from __future__ import annotations

from collections.abc import Mapping

FIELD = "Deltacloud-TCK-On-Purpose"

_PURPOSES: Mapping[str, str] = {
    "addresses.test_associate_twice": "DC-CLI-042",
    "addresses.test_associate_with_what_does_not_exist": "DC-CLI-019 DC-CLI-045",
    "authentication.test_credentials_count_once": "DC-CLI-035",
    "authentication.test_malformed_credentials": "DC-CLI-032 DC-CLI-034",
    "blobs.test_form_without": "DC-CLI-019",
    "blobs.test_unknown_bucket": "DC-CLI-037",
    "documents.test_unknown_id": "DC-CLI-037",
    "drivers.test_refusal_names_the_driver_in_force": "DC-CLI-016 DC-CLI-037",
    "drivers.test_unknown_driver_shown": "DC-CLI-037",
    "entry_point.test_unlisted_collection_is_refused": "DC-CLI-039",
    "errors.test_destroy_of_an_unknown_id": "DC-CLI-037",
    "errors.test_empty_image_id": "DC-CLI-020",
    "errors.test_empty_key_name": "DC-CLI-020",
    "errors.test_missing_parameter": "DC-CLI-019",
    "firewalls.test_create_without": "DC-CLI-019",
    "firewalls.test_incomplete_rules": "DC-CLI-019 DC-CLI-023 DC-CLI-027",
    "http.test_empty_id": "DC-CLI-018",
    "http.test_head_of_an_unknown_member": "DC-CLI-016 DC-CLI-037",
    "http.test_method_not_offered": "DC-CLI-017",
    "http.test_safe_methods_change_nothing": "DC-CLI-017",
    "http.test_strange_ids": "DC-CLI-015 DC-CLI-016 DC-CLI-037",
    "http.test_unknown_path": "DC-CLI-016",
    "http.test_unknown_query_parameter": "DC-CLI-022",
    "images.test_image_of_an_unknown_instance": "DC-CLI-045",
    "instance_states.test_picture": "DC-CLI-005",
    "instances.test_launch_with_something_unknown": "DC-CLI-045",
    "instances.test_launch_without_an_image": "DC-CLI-019",
    "launch_features.test_run_a_command": "DC-CLI-019",
    "lifecycle.test_action_on_an_unknown_instance": "DC-CLI-037",
    "lifecycle.test_lives_of_instances": "DC-CLI-042",
    "lifecycle.test_what_the_machine_lacks": "DC-CLI-042",
    "load_balancers.test_create_without": "DC-CLI-019 DC-CLI-023",
    "load_balancers.test_register_and_unregister": "DC-CLI-019",
    "load_balancers.test_register_what_does_not_exist": "DC-CLI-045",
    "metrics.test_metric_is_of_its_instance": "DC-CLI-037",
    "negotiation.test_extension_is_part_of_the_id": "DC-CLI-037",
    "negotiation.test_failures_are_told_in_the_format_asked_for": "DC-CLI-037",
    "negotiation.test_nothing_acceptable": "DC-CLI-004",
    "negotiation.test_unknown_format": "DC-CLI-005",
    "networks.test_subnet_of_an_unknown_network": "DC-CLI-045",
    "overrides.test_value_outside_the_offer": "DC-CLI-044",
    "parameters.test_blank_before_a_name": "DC-CLI-022",
    "parameters.test_refused_format_creates_nothing": "DC-CLI-004 DC-CLI-037",
    "parameters.test_ways_to_send_a_name": "DC-CLI-022",
    "storage_snapshots.test_create_without_a_volume": "DC-CLI-019",
    "storage_snapshots.test_snapshot_of_an_unknown_volume": "DC-CLI-045",
    "storage_volumes.test_attach_twice": "DC-CLI-042",
    "storage_volumes.test_attach_what_does_not_exist": "DC-CLI-037 DC-CLI-045",
    "storage_volumes.test_attach_without_parameters": "DC-CLI-019",
    "storage_volumes.test_detach_a_free_volume": "DC-CLI-042",
    "storage_volumes.test_volume_from_a_snapshot": "DC-CLI-045",
    "values.test_interface_of_what_does_not_exist": "DC-CLI-045",
    "values.test_ports_that_cannot_be_meant": "DC-CLI-023 DC-CLI-029",
    "values.test_unknown_realm": "DC-CLI-045",
    "values.test_value_that_cannot_be_meant": "DC-CLI-023",
}


def of(check: str) -> str:
    """Ids of the client requirements that a check, or a case of it, violates, with blanks."""
    return _PURPOSES.get(check.partition("[")[0], "")


def all_purposes() -> set[tuple[str, str]]:
    """Every check with each requirement that it violates."""
    return {(check, id_) for check, ids in _PURPOSES.items() for id_ in ids.split()}
