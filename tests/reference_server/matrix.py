"""What the nineteen drivers of the original offer, restated for the tests.

Kept apart from the persona files on purpose: a slip in one must not hide in the other.
"""

from __future__ import annotations

_COMPUTE = "drivers images instance_states instances realms"
_NETWORK = "network_interfaces networks"
_ALL = (
    f"{_COMPUTE} {_NETWORK} addresses buckets firewalls hardware_profiles keys load_balancers "
    "metrics storage_snapshots storage_volumes subnets"
)

# Collections in the entry point (12.2).
COLLECTIONS: dict[str, set[str]] = {
    driver: set(names.split())
    for driver, names in {
        "arubacloud": f"{_COMPUTE} addresses buckets hardware_profiles storage_volumes",
        "azure": "buckets drivers",
        "condor": _COMPUTE,
        "digitalocean": f"{_COMPUTE} hardware_profiles keys",
        "ec2": _ALL,
        "eucalyptus": _ALL,
        "fgcp": (
            f"{_COMPUTE} {_NETWORK} addresses firewalls hardware_profiles load_balancers metrics "
            "storage_snapshots storage_volumes subnets"
        ),
        "full": _ALL,
        "gogrid": f"{_COMPUTE} hardware_profiles keys load_balancers",
        "google": "buckets drivers",
        "mock": (
            f"{_COMPUTE} {_NETWORK} addresses buckets hardware_profiles keys metrics "
            "storage_snapshots storage_volumes subnets"
        ),
        "opennebula": f"{_COMPUTE} hardware_profiles",
        "openstack": (
            f"{_COMPUTE} {_NETWORK} buckets hardware_profiles keys storage_snapshots "
            "storage_volumes subnets"
        ),
        "profitbricks": (
            f"{_COMPUTE} {_NETWORK} addresses firewalls hardware_profiles load_balancers "
            "storage_volumes"
        ),
        "rackspace": f"{_COMPUTE} buckets hardware_profiles",
        "rhevm": f"{_COMPUTE} {_NETWORK} hardware_profiles storage_volumes",
        "rimuhosting": _COMPUTE,
        "sbc": f"{_COMPUTE} hardware_profiles",
        "terremark": f"{_COMPUTE} hardware_profiles",
        "vsphere": f"{_COMPUTE} hardware_profiles",
    }.items()
}

# Operations that are missing though the driver has their collection (12.3), and the part-wise
# upload, which only three drivers know (12.4).
MISSING: dict[str, set[str]] = {
    driver: set(names.split())
    for driver, names in {
        "arubacloud": (
            "images.create images.destroy instances.run blobs.segmented storage_volumes.create "
            "storage_volumes.attach storage_volumes.detach storage_volumes.destroy"
        ),
        "azure": "blobs.segmented",
        "condor": (
            "images.create images.destroy instances.reboot instances.start instances.stop "
            "instances.run"
        ),
        "digitalocean": "images.create instances.run",
        "ec2": "",
        "eucalyptus": "",
        "fgcp": (
            "firewalls.rules instances.reboot load_balancers.register load_balancers.unregister "
            "network_interfaces.create network_interfaces.destroy networks.create "
            "networks.destroy subnets.create subnets.destroy"
        ),
        "full": "",
        "gogrid": "images.create images.destroy keys.create keys.destroy",
        "google": "blobs.segmented",
        "mock": "blobs.segmented",
        "opennebula": "images.create instances.run",
        "openstack": "instances.start instances.run",
        "profitbricks": (
            "images.create images.destroy instances.run networks.create networks.destroy"
        ),
        "rackspace": "instances.start blobs.segmented",
        "rhevm": (
            "instances.reboot instances.run networks.create networks.destroy "
            "storage_volumes.create storage_volumes.attach storage_volumes.detach "
            "storage_volumes.destroy"
        ),
        "rimuhosting": "images.create images.destroy instances.run",
        "sbc": "images.create images.destroy instances.start instances.run",
        "terremark": "images.create images.destroy instances.run",
        "vsphere": "instances.run",
    }.items()
}

# Announced features, those of one collection in the catalogue's order (12.4).
FEATURES: dict[str, dict[str, str]] = {
    "arubacloud": {
        "buckets": "bucket_location",
        "instances": "user_name authentication_password",
    },
    "azure": {},
    "condor": {"instances": "user_data authentication_password"},
    "digitalocean": {"images": "owner_id", "instances": "user_name authentication_key"},
    "ec2": {
        "buckets": "bucket_location",
        "images": "owner_id image_name image_description",
        "instances": (
            "metrics user_data firewalls authentication_key instance_count attach_snapshot"
        ),
    },
    "eucalyptus": {
        "images": "owner_id",
        "instances": "user_data firewalls authentication_key instance_count",
    },
    "fgcp": {"instances": "metrics realm_filter user_name instance_count"},
    "full": {
        "buckets": "bucket_location",
        "images": "owner_id image_name image_description",
        # All but `hardware_profiles`, which extends no operation and is not seen in XML.
        "instances": (
            "metrics realm_filter user_name user_data user_files user_iso firewalls "
            "authentication_key authentication_password register_to_load_balancer "
            "instance_count attach_snapshot sandboxing"
        ),
        "keys": "import_key",
        "storage_volumes": "volume_name volume_description",
    },
    "gogrid": {"instances": "user_name authentication_password sandboxing"},
    "google": {"buckets": "bucket_location"},
    "mock": {"instances": "metrics realm_filter user_name authentication_key"},
    "opennebula": {"instances": "user_name"},
    "openstack": {
        "instances": "user_name user_data user_files authentication_key authentication_password",
        "keys": "import_key",
        "storage_volumes": "volume_name volume_description",
    },
    "profitbricks": {},
    "rackspace": {"instances": "user_name user_files authentication_password"},
    "rhevm": {"instances": "user_name user_data"},
    "rimuhosting": {"instances": "user_name"},
    "sbc": {},
    "terremark": {"instances": "user_name"},
    "vsphere": {"instances": "user_name user_data user_iso"},
}

# Longest name of an instance, where one is announced; nothing else is constrained (12.4).
MAX_LENGTH = {"full": 50, "gogrid": 20, "rhevm": 50, "terremark": 50}

# State machines, each transition as `from action to`, `-` for an automatic one (7.3).
_USUAL = "start - pending, pending - running, running reboot running, running stop stopping"
MACHINES: dict[str, str] = {
    "arubacloud": f"{_USUAL}, stopping - stopped, stopped start pending, stopped destroy finish",
    "condor": (
        "start - pending, pending - running, pending destroy finish, pending - finish, "
        "running reboot running, running destroy stopping"
    ),
    "digitalocean": (
        "start create pending, pending - running, pending - error, running reboot running, "
        "running stop stopping, running destroy finish, running - error, stopping - stopped, "
        "stopping - error, stopped start running, stopped destroy finish, stopped - finish"
    ),
    "ec2": f"{_USUAL}, stopping - stopped, stopped start running, stopped destroy finish",
    "eucalyptus": f"{_USUAL}, stopping - stopped, stopped start running, stopped destroy finish",
    "fgcp": (
        "start create pending, pending - stopped, pending - error, stopped start running, "
        "stopped destroy finish, running stop stopping, running - error, stopping - stopped, "
        "stopping - error"
    ),
    "gogrid": (
        "start - pending, pending - running, running stop stopped, running destroy finish, "
        "stopped start running, stopped destroy finish"
    ),
    "mock": (
        "start create pending, pending - running, running reboot running, running stop stopped, "
        "stopped start running, stopped destroy finish"
    ),
    "opennebula": (
        "start create pending, pending - running, running reboot running, "
        "running stop stopping, running destroy stopping, stopped start running, "
        "stopping - stopped, stopping - finish"
    ),
    "openstack": (
        "start create pending, pending - running, pending - error, running reboot running, "
        "running stop stopping, running - error, stopping - stopped, stopping - error, "
        "stopped - finish"
    ),
    "profitbricks": (
        f"{_USUAL}, stopped start running, stopped destroy stopped, stopped - finish, "
        "stopping - stopped, stopping - finish"
    ),
    "rackspace": (
        "start create pending, pending - running, running reboot running, "
        "running stop stopping, stopping - stopped, stopped - finish"
    ),
    "rhevm": (
        "start - pending, pending - stopped, stopped start running, stopped destroy finish, "
        "running stop stopping, stopping stop stopped"
    ),
    "rimuhosting": f"{_USUAL}, stopping - stopped, stopped - finish",
    "sbc": ("start - pending, pending - running, running reboot running, running destroy finish"),
    "terremark": (
        "start create pending, pending - stopped, stopped start running, stopped destroy finish, "
        "running reboot running, running stop stopping, stopping - stopped"
    ),
    "vsphere": (
        "start create pending, pending - stopped, stopped start running, stopped destroy finish, "
        "running reboot running, running stop stopping, stopping - stopped"
    ),
}
