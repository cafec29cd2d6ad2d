"""What was recorded of clients of the original is not blamed, but for what was wrong on purpose."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tck.endpoint import files
from tck.rules.clients import ClientJudge

RECORDINGS = Path(__file__).parents[2] / "recordings"
# Each recording is of probes, many of them wrong on purpose; who looks at each finding sees that.
# So many findings there are of each requirement.
PROBES = {
    "apache-deltacloud-mock.jsonl": {
        "DC-CLI-003": 1,  # Accept: garbage
        "DC-CLI-004": 28,  # application/x-odd, image/png
        "DC-CLI-005": 6,  # format=bogus
        "DC-CLI-006": 2,  # JSON bodies
        "DC-CLI-010": 2,  # %zz
        "DC-CLI-015": 1,  # %ff%fe
        "DC-CLI-016": 17,  # /nosuch, /instance_states/running
        "DC-CLI-017": 47,  # PUT of members, DELETE of collections
        "DC-CLI-018": 19,  # /images/
        "DC-CLI-019": 46,  # creates without parameters
        "DC-CLI-020": 4,  # empty names
        "DC-CLI-022": 17,  # bogus=1
        "DC-CLI-032": 8,  # malformed credentials
        "DC-CLI-034": 8,  # digest, bearer
        "DC-CLI-039": 34,  # firewalls, which the mock lacks
        "DC-CLI-040": 13,
        "DC-CLI-041": 10,  # filters and parameters of features that are not announced
        "DC-CLI-042": 11,  # start while running
        "DC-CLI-044": 6,  # sizes out of range
        "DC-CLI-052": 4,  # detach again
        "DC-CLI-053": 4,  # stop what is gone
    },
    "apache-deltacloud-extended.jsonl": {
        "DC-CLI-019": 18,
        "DC-CLI-023": 4,  # protocol=BOGUS
        "DC-CLI-027": 2,
        "DC-CLI-028": 2,
        "DC-CLI-037": 3,
        "DC-CLI-042": 2,
    },
}


@pytest.mark.parametrize("name", PROBES)
def test_only_probes_are_blamed(name: str) -> None:
    judge, found, right = ClientJudge(), Counter[str](), Counter[str]()
    for x in files.read(RECORDINGS / name):
        for _, judgement in judge.judge(x):
            (right if judgement.ok else found)[judgement.requirement] += 1
    assert dict(sorted(found.items())) == PROBES[name]
    assert len(right) >= 25
