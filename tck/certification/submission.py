"""The folder that a vendor hands in: made by `sign`, examined by `verify`.

What is examined, and why it is enough, is described in the package's docstring, examination.py and
rejudging.py.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tck.certification import envelope, examination, rejudging
from tck.certification.envelope import Forged
from tck.certification.keys import BadKey
from tck.certification.statement import Claim, build, claim_of, payload
from tck.endpoint import disk, input_file
from tck.endpoint.members import member
from tck.report import html, json_report, kit
from tck.report.rendering import environment
from tck.report.result import Result
from tck.requirements.levels import LevelOutcome

STATEMENT = "statement.dsse.json"
RESULTS, REPORT, TRANSCRIPT, README = (
    "results.json",
    "report.html",
    "transcript.jsonl",
    "README.md",
)
FILES = (README, REPORT, RESULTS, TRANSCRIPT)
# (key id, day) to (name of the signer, key); raises BadKey if no such key is valid on that day.
FindKey = Callable[[str, datetime.date], tuple[str, Ed25519PublicKey]]


class Refused(Exception):
    """A submission is refused; `reasons` say why, one line each."""

    def __init__(self, reasons: list[str]) -> None:
        """`reasons`: at least one."""
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(slots=True)
class Certificate:
    """What a submission that was accepted says; `remarks`: what could not be compared."""

    claim: Claim
    signer: str
    result: Result
    remarks: list[str] = field(default_factory=list)

    @property
    def levels(self) -> list[LevelOutcome]:
        """The levels that the certificate names: met, or met in part."""
        return [level for level in self.result.levels if level.standing.certified]


# ---------------------------------------------------------------- signing


def sign(report: Path, out: Path, key: Ed25519PrivateKey, claim: Claim) -> None:
    """Make the folder `out` from the folder of a report; it must not exist.

    Raises Refused if `verify` would refuse the submission, Unwritable.
    """
    missing = [name for name in FILES if name != README and not os.path.isfile(report / name)]
    if missing:
        raise Refused([f"{report} has no {', '.join(missing)}: run with --report-dir {report}"])
    value = _results(report)
    reasons = examination.grounds(value, _today())
    if not reasons:
        reasons = _agreement(report, json_report.from_json(value))
    if reasons:
        raise Refused(reasons)
    with disk.telling(out):
        out.mkdir(parents=True)
        try:
            for name in FILES:
                if name != README:
                    shutil.copyfile(report / name, out / name)
            (out / README).write_bytes(_readme(json_report.from_json(value), claim).encode())
            statement = build(value, {name: _digest(out / name) for name in FILES}, claim)
            (out / STATEMENT).write_bytes(envelope.seal(payload(statement), key))
        except OSError:  # half of a submission would only be in the way of the next
            shutil.rmtree(out, ignore_errors=True)
            raise


def _readme(result: Result, claim: Claim) -> str:
    template = environment("tck.certification", autoescape=False).get_template("README.md.j2")
    return template.render(result=result, claim=claim, results=json_report.to_json(result))


# ---------------------------------------------------------------- verifying


def verify(folder: Path, find_key: FindKey) -> Certificate:
    """Examine a submission. Raises Refused with all reasons found at the step that fails first."""
    # a link may lead to a device that never ends, or to files of the verifier
    special = [p for p in folder.rglob("*") if p.is_symlink() or not (p.is_dir() or p.is_file())]
    if special:
        raise Refused(
            [f"{p.relative_to(folder).as_posix()} is not a plain file" for p in sorted(special)]
        )
    try:
        sealed = input_file.content(folder / STATEMENT)
    except OSError as error:
        raise Refused([f"{folder / STATEMENT}: {error.strerror}"]) from error
    try:
        keyid = envelope.signer(sealed)
        signer, key = find_key(keyid, _today())
        content = envelope.unseal(sealed, key)
        statement = json_report.parse(content)
        claim = claim_of(statement)
        signed = datetime.datetime.fromisoformat(claim.signed).date()
        find_key(keyid, signed)
    except (Forged, BadKey, json_report.BadResults) as error:
        raise Refused([f"{STATEMENT}: {error}"]) from error
    except ValueError as error:
        raise Refused([f"{STATEMENT}: not a statement of this kit ({error})"]) from error
    reasons = _files(folder, statement)
    if reasons:
        raise Refused(reasons)
    value = _results(folder)
    reasons = examination.grounds(value, _today())
    if not reasons:
        expected = build(value, {name: _digest(folder / name) for name in FILES}, claim)
        result = json_report.from_json(value)
        if payload(expected) != content:
            reasons = ["the statement does not say what results.json says"]
        reasons += _agreement(folder, result)
    if reasons:
        raise Refused(reasons)
    return Certificate(claim, signer, result, _remarks(value))


def _files(folder: Path, statement: dict[str, Any]) -> list[str]:
    """What is wrong with the files: missing, added or altered."""
    try:
        stated = {
            member(subject, "name", str): member(member(subject, "digest", dict), "sha256", str)
            for subject in member(statement, "subject", list)
        }
    except ValueError as error:
        return [f"{STATEMENT}: not a statement of this kit ({error})"]
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    reasons = [f"{name} is missing" for name in sorted(stated.keys() - present)]
    reasons += [
        f"{n}: not stated by the signer" for n in sorted(present - stated.keys() - {STATEMENT})
    ]
    reasons += [f"the statement leaves out {name}" for name in FILES if name not in stated]
    return reasons + [
        f"{name} was altered after it was signed"
        for name, digest in sorted(stated.items())
        if name in present and _digest(folder / name) != digest
    ]


def _agreement(folder: Path, result: Result) -> list[str]:
    """Where report and transcript contradict the results, as far as this kit can tell."""
    reasons = list(rejudging.contradictions(folder / TRANSCRIPT, result))
    if result.transcript and _digest(folder / TRANSCRIPT) != result.transcript.sha256:
        reasons.append(f"{TRANSCRIPT} is not the one of this run")
    own = _results(folder)["kit"]["digest"] == kit.digest()
    if own and html.render(result).encode() != (folder / REPORT).read_bytes():
        reasons.append(f"{REPORT} is not what the kit makes of results.json")
    return reasons


def _remarks(value: dict[str, Any]) -> list[str]:
    if value["kit"]["digest"] == kit.digest():
        return []
    return ["made with another release of the kit: report.html was not compared with results.json"]


def _results(folder: Path) -> Any:
    try:
        return json_report.parse(input_file.content(folder / RESULTS))
    except OSError as error:
        raise Refused([f"{RESULTS}: {error.strerror}"]) from error
    except json_report.BadResults as error:
        raise Refused([f"{RESULTS}: {error}"]) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
