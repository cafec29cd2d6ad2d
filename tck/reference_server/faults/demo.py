"""x"""

from tck.reference_server.altered import xml, json, http, drivers, requests, wire
from tck.reference_server.faults.fault import fault

FAULTS = [
    fault("address-without-type", "DC-INS-003", xml.drop("instances.*", "//address/@type")),
]
