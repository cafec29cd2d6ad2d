"""Wrong objects, one collection after the other."""

from __future__ import annotations

from ..change import add, chain, drop, jdrop, jput, put, swap, twice
from .case import Case, case

PROPERTY = "property[@name='memory']"
PROFILES = [
    case("DC-HWP-001", "hardware_profiles.xml", drop("hardware_profile/name")),
    case("DC-HWP-002", "hardware_profiles.json", jdrop("hardware_profiles.0.name")),
    case("DC-HWP-003", "choices.xml", put(f"{PROPERTY}/@kind", "some")),
    case("DC-HWP-004", "choices.xml", swap('name="architecture"', 'name="colour"')),
    case("DC-HWP-005", "choices.xml", put(f"{PROPERTY}/@unit", "GB")),
    case("DC-HWP-005", "choices.xml", drop("property/@unit")),
    case("DC-HWP-006", "choices.xml", put(f"{PROPERTY}/range/@first", "99999")),
    case("DC-HWP-006", "choices.xml", twice(f"{PROPERTY}/range")),
    case("DC-HWP-006", "choices.xml", drop(f"{PROPERTY}/range")),
    case("DC-HWP-007", "choices.xml", put(f"{PROPERTY}/@value", "1")),
    case("DC-HWP-008", "choices.xml", drop("property/enum")),
    case("DC-HWP-008", "choices.xml", drop("property/enum/entry/@value"), "DC-HWP-012"),
    case("DC-HWP-009", "choices.xml", put("property[@name='storage']/@value", "999")),
    case("DC-HWP-010", "choices.xml", drop(f"{PROPERTY}/param")),
    case("DC-HWP-010", "choices.xml", put(f"{PROPERTY}/param/@name", "memory")),
    case("DC-HWP-010", "choices.xml", put(f"{PROPERTY}/param/@href", "http://["), "DC-DOC-007"),
    case("DC-HWP-011", "choices.xml", add("property[@name='architecture']", "<param name='x'/>")),
    case("DC-HWP-012", "choices.xml", put(f"{PROPERTY}/@value", "much"), "DC-HWP-007"),
    case("DC-HWP-012", "choices.xml", put("property/range/@first", "0")),
    case("DC-HWP-013", "choices.xml", put("id", "other")),
    case("DC-HWP-016", "choices.xml", twice(PROPERTY)),
]
RENAMED = chain(
    put("state[@name='stopping']/@name", "Stopping"),
    put("state[@name='running']/transition[@action='stop']/@to", "Stopping"),
)
STATES = [
    case(
        "DC-IST-001",
        "instance_states.xml",
        drop("state/transition/@to"),
        "DC-IST-007",
        "DC-IST-010",
    ),
    case("DC-IST-002", "instance_states.json", jdrop("5.transitions")),
    case("DC-IST-003", "instance_states.xml", RENAMED, "DC-IST-001"),
    case("DC-IST-004", "instance_states.xml", add(".", "<state name='limbo'/>")),
    case("DC-IST-005", "instance_states.xml", drop("state/transition/@action"), "DC-IST-008"),
    case("DC-IST-005", "instance_states.xml", put("state/transition/@auto", "true")),
    case(
        "DC-IST-005", "instance_states.xml", put("state[@name='pending']/transition/@auto", "false")
    ),
    case(
        "DC-IST-006", "instance_states.xml", put("state/transition/@action", "launch"), "DC-IST-008"
    ),
    case(
        "DC-IST-007",
        "instance_states.xml",
        add("state[@name='error']", "<transition auto='true' to='limbo'/>"),
    ),
    case("DC-IST-008", "instance_states.xml", put("state/transition/@action", "start")),
    case("DC-IST-009", "instance_states.xml", twice("state[@name='finish']")),
    case(
        "DC-IST-010", "instance_states.xml", put("state[@name='pending']/transition/@to", "error")
    ),
    case("DC-IST-010", "instance_states.json", jput("1.transitions.0.to", "error")),
]
INSTANCES = [
    case(
        "DC-INS-001",
        "instances.xml",
        drop("instance/owner_id"),
    ),
    case("DC-INS-002", "instances.json", jdrop("instances.0.owner")),
    case("DC-INS-003", "instances.xml", drop("instance/public_addresses/address/@type")),
    case("DC-INS-003", "instances.json", jdrop("instances.0.public_addresses.0.type")),
    case("DC-INS-004", "instances.xml", put("instance/private_addresses/address/@type", "ip")),
    case("DC-INS-005", "instances.xml", drop("instance/hardware_profile/@id")),
    case("DC-INS-006", "instances.xml", drop("instance/image/@id")),
    case("DC-INS-006", "instances.xml", drop("instance/image/@href")),
    case("DC-INS-007", "instances.xml", drop("instance/realm/@id")),
    case("DC-INS-008", "instances.xml", put("instance/state", "running"), "DC-INS-001"),
    case("DC-INS-008", "instances.json", jput("instances.0.state", "Running"), "DC-INS-002"),
    case("DC-INS-011", "instances.xml", twice("instance/realm"), "DC-INS-001"),
    case("DC-INS-011", "instances.xml", drop("instance/image"), "DC-INS-001"),
    case("DC-INS-012", "instances.xml", drop("instance/public_addresses")),
    case("DC-INS-013", "mounting.xml", drop("storage_volumes/storage_volume/@id"), "DC-INS-001"),
    case("DC-INS-059", "instances.xml", drop("instance/storage_volumes")),
    case("DC-INS-015", "login", drop("authentication/login/password")),
    case("DC-INS-015", "login", put("authentication/@type", "token"), "DC-INS-001"),
    case("DC-INS-016", "instances.xml", put("instance/hardware_profile/property/@kind", "range")),
    case("DC-INS-052", "run", drop("output")),
]
OTHERS = [
    case("DC-RLM-001", "realms.xml", drop("realm/name"), "DC-RLM-004"),
    case("DC-RLM-002", "realms.json", jdrop("realms.0.limit")),
    case("DC-RLM-003", "realms.xml", put("realm/state", "")),
    case("DC-RLM-004", "realms.xml", put("realm/name", " ")),
    case("DC-IMG-001", "images.xml", drop("image/owner_id")),
    case("DC-IMG-002", "images.json", jdrop("images.0.owner")),
    case("DC-IMG-004", "image.xml", drop("hardware_profiles")),
    case(
        "DC-IMG-005",
        "images.xml",
        drop("image/hardware_profiles/hardware_profile/@rel"),
        "DC-IMG-001",
    ),
    case("DC-IMG-006", "images.xml", put("image/root_type", "temporary"), "DC-IMG-001"),
    case("DC-IMG-007", "images.xml", put("image/architecture", "sparc")),
    case("DC-KEY-001", "keys.xml", drop("key/@type"), "DC-KEY-003"),
    case("DC-KEY-014", "keys.xml", drop("key/name")),
    case("DC-KEY-002", "keys.json", jdrop("keys.0.state")),
    case("DC-KEY-003", "keys.xml", put("key/@type", "token"), "DC-KEY-001"),
    case("DC-KEY-003", "keys.json", jput("keys.0.credential_type", "token"), "DC-KEY-002"),
    case("DC-KEY-004", "password key", drop("username")),
    case("DC-KEY-013", "keys.json", jdrop("keys.0.pem_rsa_key")),
    case("DC-KEY-012", "keys.xml", put("key/fingerprint", "")),
    case("DC-ADR-001", "addresses.xml", drop("address/actions")),
    case("DC-ADR-002", "addresses.json", jdrop("addresses.0.associated")),
    case("DC-ADR-003", "addresses.xml", put("address/ip", ""), "DC-ADR-001"),
    case("DC-ADR-004", "associated.xml", swap("disassociate", "associate"), "DC-LNK-005"),
    case("DC-MTR-001", "metrics.xml", drop("metric/entity")),
    case("DC-MTR-002", "metrics.json", jdrop("metrics.0.properties.0.name")),
    case(
        "DC-MTR-003",
        "metric sample",
        drop("properties/cpuUtilization/sample/property[@name='unit']/@value"),
    ),
    case(
        "DC-MTR-004", "metric sample", put("properties/cpuUtilization/sample/property/@value", "5")
    ),
    case(
        "DC-MTR-004",
        "metric sample",
        put("properties/cpuUtilization/sample/property/@value", "low"),
    ),
]
RULE = "rules/rule"
NETWORK = [
    case("DC-FWL-001", "firewalls.xml", drop("firewall/description")),
    case("DC-FWL-002", "firewalls.json", jdrop("firewalls.0.owner_id")),
    case("DC-FWL-003", "firewall.xml", drop(f"{RULE}/port_from"), "DC-FWL-001"),
    case("DC-FWL-004", "firewall.xml", put(f"{RULE}/allow_protocol", "gre")),
    case("DC-FWL-005", "firewall.xml", drop(f"{RULE}/sources/source/@prefix")),
    case("DC-FWL-005", "firewall.xml", put(f"{RULE}/sources/source/@type", "group")),
    case("DC-FWL-006", "firewall.xml", put(f"{RULE}/direction", "sideways")),
    case("DC-LBL-001", "load_balancers.xml", drop("load_balancer/realm")),
    case("DC-LBL-002", "load_balancers.json", jdrop("load_balancers.0.listeners")),
    case(
        "DC-LBL-003",
        "load_balancers.xml",
        put("load_balancer/listeners/listener/instance_port", ""),
        "DC-LBL-001",
    ),
    case(
        "DC-LBL-004",
        "load_balancers.xml",
        put("load_balancer/listeners/listener/@protocol", "SMTP"),
    ),
    case("DC-LBL-008", "load_balancers.xml", drop("load_balancer/instances/instance/link/@method")),
    case("DC-LBL-012", "load_balancers.json", jput("load_balancers.0.realms.0", "#<Realm:0x00>")),
    case("DC-NET-001", "networks.xml", drop("network/address_blocks")),
    case("DC-NET-002", "networks.json", jdrop("networks.0.subnets")),
    case("DC-NET-003", "subnets.xml", drop("subnet/network")),
    case("DC-NET-004", "subnets.json", jdrop("subnets.0.network")),
    case("DC-NET-005", "network_interfaces.xml", drop("network_interface/instance")),
    case("DC-NET-006", "network_interfaces.json", jdrop("network_interfaces.0.instance")),
    case("DC-NET-012", "networks.xml", put("network/state", "IDLE")),
    case("DC-NET-012", "subnets.xml", put("subnet/state", "")),
]
STORAGE = [
    case("DC-VOL-001", "storage_volumes.xml", drop("storage_volume/capacity")),
    case("DC-VOL-021", "storage_volumes.xml", drop("storage_volume/name")),
    case("DC-VOL-002", "storage_volumes.json", jdrop("storage_volumes.0.kind")),
    case(
        "DC-VOL-003",
        "storage_volumes.xml",
        put("storage_volume/capacity/@unit", "MB"),
        "DC-VOL-001",
    ),
    case("DC-VOL-003", "storage_volumes.xml", put("storage_volume/capacity", "big"), "DC-VOL-001"),
    case("DC-VOL-004", "mounted.xml", drop("mount/instance/@id"), "DC-VOL-001"),
    case("DC-VOL-005", "mounted.xml", drop("mount/device")),
    case(
        "DC-VOL-020",
        "mounted.xml",
        chain(swap("vol3/detach", "vol3/attach"), swap('rel="detach"', 'rel="attach"')),
    ),
    case("DC-SNP-001", "storage_snapshots.xml", drop("storage_snapshot/created")),
    case("DC-SNP-008", "storage_snapshots.xml", drop("storage_snapshot/name")),
    case("DC-SNP-002", "storage_snapshots.json", jdrop("storage_snapshots.0.state")),
    case("DC-BKT-001", "buckets.xml", drop("bucket/size")),
    case("DC-BKT-002", "buckets.json", jdrop("buckets.0.blob_list")),
    case("DC-BKT-003", "buckets.xml", drop("bucket/blob/@id"), "DC-BKT-001"),
    case(
        "DC-BKT-003",
        "buckets.xml",
        put("bucket/blob/@href", "http://127.0.0.1:1/api/buckets/other/blob1"),
        "DC-DOC-008",
    ),
    case("DC-BLB-001", "blob.xml", drop("last_modified")),
    case("DC-BLB-023", "blob.xml", drop("content")),
    case("DC-BLB-002", "blob.json", jdrop("blob.content_type")),
    case("DC-BLB-003", "blob.xml", put("content_length", "12 bytes"), "DC-BLB-001"),
    case("DC-BLB-004", "blob.xml", put("content/@rel", "content"), "DC-BLB-001"),
    case("DC-BLB-018", "own blob.xml", drop("user_metadata/entry/@key"), "DC-BLB-001"),
]
CASES: list[Case] = [*PROFILES, *STATES, *INSTANCES, *OTHERS, *NETWORK, *STORAGE]
