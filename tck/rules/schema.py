"""The rule that compares documents with the formal description (XSD and JSON Schema).

Each kind of object has one requirement for its XML and one for its JSON. Problems of parts that
have a rule of their own are dropped here (`_ELSEWHERE`): that rule explains them better and counts
what it examined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tck.endpoint.exchange import Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, described
from tck.rules.reading import document_of, kind_of
from tck.schemas.documents import json_problems, xml_problems

# kind of object: (requirement on its XML, on its JSON)
REQUIREMENTS = {
    "api": ("DC-API-001", "DC-API-002"),
    "driver": ("DC-DRV-001", "DC-DRV-002"),
    "realm": ("DC-RLM-001", "DC-RLM-002"),
    "hardware_profile": ("DC-HWP-001", "DC-HWP-002"),
    "image": ("DC-IMG-001", "DC-IMG-002"),
    "state": ("DC-IST-001", "DC-IST-002"),
    "instance": ("DC-INS-001", "DC-INS-002"),
    "run": ("DC-INS-052", "DC-INS-052"),
    "key": ("DC-KEY-001", "DC-KEY-002"),
    "address": ("DC-ADR-001", "DC-ADR-002"),
    "firewall": ("DC-FWL-001", "DC-FWL-002"),
    "load_balancer": ("DC-LBL-001", "DC-LBL-002"),
    "storage_volume": ("DC-VOL-001", "DC-VOL-002"),
    "storage_snapshot": ("DC-SNP-001", "DC-SNP-002"),
    "bucket": ("DC-BKT-001", "DC-BKT-002"),
    "blob": ("DC-BLB-001", "DC-BLB-002"),
    "metric": ("DC-MTR-001", "DC-MTR-002"),
    "network": ("DC-NET-001", "DC-NET-002"),
    "subnet": ("DC-NET-003", "DC-NET-004"),
    "network_interface": ("DC-NET-005", "DC-NET-006"),
}
# Parts of problems (`Problem.part`) with the requirement whose rule judges them.
_ELSEWHERE = re.compile(
    r"\w+/@(id|href)"  # DC-DOC-005, DC-DOC-006
    r"|(?!driver\.)\w+\.(id|href)"
    r"|.*\bactions/link/@(rel|href|method)"  # DC-LNK-001, DC-LNK-002
    r"|instance\.actions\[\]\.(rel|href|method)"
    r"|instance/\w+_addresses/address/@type"  # DC-INS-003
    r"|instance\.\w+_addresses\[\]\.type"
    r"|instance/(image|realm|hardware_profile)/@(id|href)"  # DC-INS-005 to 007
    r"|load_balancer/instances/instance/link(/.*)?"  # DC-LBL-008
    r"|load_balancer\.realms\[\]"  # DC-LBL-012
    r"|hardware_profile/property/@kind"  # DC-HWP-003
    r"|hardware_profile/property/(range|enum)(/.*)?"  # DC-HWP-006, DC-HWP-008
    r"|hardware_profile/property/param(/.*)?"  # DC-HWP-010
    r"|state/transition/@(auto|action)"  # DC-IST-005
)


@rule(
    *sorted({r for pair in REQUIREMENTS.values() for r in pair}),
    evidence="document",
    of=REQUIREMENTS,
)
def formal_description(x: Exchange) -> Iterator[Judgement]:
    """A document has every required part, in the form that the description gives it."""
    document, singular = document_of(x), kind_of(x)
    if document is None or singular is None:
        return
    if x.xml is not None:
        requirement, problems = REQUIREMENTS[singular][0], xml_problems(x.xml, document)
        count = len(x.xml) if document != singular else 1
    elif x.json is not None:
        requirement, problems = REQUIREMENTS[singular][1], json_problems(x.json, document)
        members = x.json.get(document) if isinstance(x.json, dict) else x.json
        count = len(members) if isinstance(members, list) else 1
    else:
        return
    own = [p for p in problems if not _ELSEWHERE.fullmatch(p.part)]
    yield from described(requirement, document, count, own)
