"""The statement that a vendor signs: an in-toto Statement v1 with a test-result predicate v0.1.

Its subjects are the files of the submission. The predicate's configuration says, as resource
descriptors, what was judged, by which kit and against which set. All of it except the claim
(the signer's own words and the time) follows from results.json, so that a verifier can build the
statement again and compare.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tck.endpoint.members import member

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"


@dataclass(frozen=True, slots=True)
class Claim:
    """What only the signer can say: who they are, what was judged, whom to ask, and when.

    `signed`: time of signing, ISO 8601 with time zone.
    """

    vendor: str
    product: str
    contact: str
    signed: str

    def to_json(self) -> dict[str, str]:
        """The form in the statement."""
        return {name: str(getattr(self, name)) for name in self.__slots__}


def claim_of(statement: Mapping[str, Any]) -> Claim:
    """The claim in a statement. Raises ValueError, saying why there is none."""
    configuration = member(member(statement, "predicate", dict), "configuration", list)
    claims = [part for part in configuration if member(part, "name", str) == "claim"]
    if len(claims) != 1:
        raise ValueError(f"it has {len(claims)} claims, not one")
    words = member(claims[0], "annotations", dict)
    return Claim(*(member(words, name, str) for name in Claim.__slots__))


def build(results: Mapping[str, Any], digests: Mapping[str, str], claim: Claim) -> dict[str, Any]:
    """The statement about a run.

    `results`: parsed results.json; `digests`: SHA-256 of every file of the submission by name.
    """
    return {
        "_type": STATEMENT,
        "subject": [{"name": n, "digest": {"sha256": d}} for n, d in sorted(digests.items())],
        "predicateType": TEST_RESULT,
        "predicate": {
            "result": _result(results),
            "configuration": [
                _kit(results["kit"]),
                _set(results["requirement_set"]),
                _endpoint(results),
                _deviations(results["deviations"]),
                {
                    "name": "run",
                    "annotations": {
                        "id": results["run"]["id"],
                        "started": results["summary"]["started"],
                        "seconds": results["summary"]["seconds"],
                        "exchanges": results["summary"]["requests"],
                        "profile": results["endpoint"].get("profile"),
                    },
                },
                {"name": "claim", "annotations": claim.to_json()},
            ],
            "passedTests": _ids(results, "pass"),
            "warnedTests": _ids(results, "warn", "excluded"),
            "failedTests": _ids(results, "fail"),
        },
    }


def payload(statement: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: canonical JSON (sorted names, no white space)."""
    return _canonical(statement)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(value: Any) -> dict[str, str]:
    return {"sha256": hashlib.sha256(_canonical(value)).hexdigest()}


def _kit(kit: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": kit["name"],
        "digest": {"sha256": kit["digest"]},
        "annotations": {"version": kit["version"]},
    }


def _set(requirement_set: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": "requirement set",
        "digest": {"sha256": requirement_set["digest"]},
        "annotations": {"version": requirement_set["version"]},
    }


def _endpoint(results: Mapping[str, Any]) -> dict[str, Any]:
    declared = results["capabilities"]
    return {
        "name": "endpoint",
        "digest": _digest(declared),
        "annotations": {
            "subject": results["endpoint"]["subject"],
            "declares": declared,
            "levels": {level["name"]: level["standing"] for level in results["levels"]},
        },
    }


def _deviations(entries: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "name": "deviations",
        "digest": _digest(entries),
        "annotations": {"requirements": sorted({entry["requirement"] for entry in entries})},
    }


def _result(results: Mapping[str, Any]) -> str:
    statuses = {entry["status"] for entry in results["requirements"]}
    if "fail" in statuses:
        return "FAILED"
    return "WARNED" if statuses & {"warn", "excluded"} else "PASSED"


def _ids(results: Mapping[str, Any], *statuses: str) -> list[str]:
    return [entry["id"] for entry in results["requirements"] if entry["status"] in statuses]
