"""Operations that succeed with another status than clients look for."""

from __future__ import annotations

from tck.prove.altered import http
from tck.prove.faults.fault import Faults

fault = Faults()

fault("index-206", "DC-HTTP-002", http.status("images.index", 206))
fault("show-203", "DC-HTTP-002", http.status("realms.show", 203))
fault("show-201", "DC-HTTP-002", http.status("keys.show", 201))
fault("entry-point-202", "DC-API-001 DC-HTTP-002", http.status("api.show", 202))
fault("launch-200", "DC-HTTP-003", http.status("instances.create", 200))
fault("launch-202", "DC-HTTP-003", http.status("instances.create", 202))
fault("create-key-200", "DC-HTTP-003", http.status("keys.create", 200))
fault("create-volume-202", "DC-HTTP-003", http.status("storage_volumes.create", 202))
fault("create-bucket-204", "DC-HTTP-003", http.status("buckets.create", 204))
fault("create-image-303", "DC-HTTP-003", http.status("images.create", 303))
fault("add-rule-200", "DC-HTTP-003", http.status("firewalls.rules", 200))
fault("post-blob-200", "DC-HTTP-003", http.status("blobs.create", 200))
fault("create-network-202", "DC-HTTP-004", http.status("networks.create", 202))
fault("create-subnet-204", "DC-HTTP-004", http.status("subnets.create", 204))
fault("create-interface-302", "DC-HTTP-004", http.status("network_interfaces.create", 302))
fault("delete-200", "DC-HTTP-005", http.status("*.destroy", 200))
fault("delete-202-of-instances", "DC-HTTP-005", http.status("instances.destroy", 202))
fault("delete-303-of-keys", "DC-HTTP-005", http.status("keys.destroy", 303))
fault("delete-205-of-blobs", "DC-HTTP-005", http.status("blobs.destroy", 205))
fault("delete-200-of-rules", "DC-HTTP-005", http.status("rules.destroy", 200))
fault("action-200", "DC-HTTP-006", http.status("instances.stop instances.start", 200))
fault("action-204", "DC-HTTP-006", http.status("instances.reboot", 204))
fault("action-201", "DC-HTTP-006", http.status("instances.start", 201))
fault("attach-200", "DC-HTTP-007", http.status("storage_volumes.attach", 200))
fault("detach-204", "DC-HTTP-007", http.status("storage_volumes.detach", 204))
fault("associate-204", "DC-HTTP-007", http.status("addresses.associate", 204))
fault("disassociate-200", "DC-HTTP-007", http.status("addresses.disassociate", 200))
fault("register-202", "DC-HTTP-008", http.status("load_balancers.register", 202))
fault("unregister-201", "DC-HTTP-008", http.status("load_balancers.unregister", 201))
fault("put-blob-204", "DC-HTTP-009", http.status("blobs.put", 204))
fault("put-blob-202", "DC-HTTP-009", http.status("blobs.put", 202))
fault("head-blob-206", "DC-HTTP-010", http.status("blobs.head", 206))
fault("blob-metadata-200", "DC-HTTP-010", http.status("blobs.update", 200))
fault("blob-metadata-202", "DC-HTTP-010", http.status("blobs.update", 202))
fault("run-202", "DC-INS-052", http.status("instances.run", 202))
fault("action-redirects-nowhere", "DC-HTTP-027", http.status("instances.stop", 303))
fault(
    "action-redirects-abroad",
    "DC-HTTP-027",
    http.status("instances.reboot", 302),
    http.add_field("instances.reboot", "Location", "http://10.0.0.1/api/instances"),
    text="redirects to another host after a reboot",
)
