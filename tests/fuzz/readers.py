"""Every reader of the kit, with right inputs for it."""

from __future__ import annotations

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from certification import submissions
from cryptography.hazmat.primitives import serialization
from endpoint.exchanges import RECORDINGS

from tck.certification import envelope, keys, statement, submission
from tck.checks.support import session as sessions
from tck.commands import run
from tck.endpoint import files
from tck.endpoint.direct import Direct
from tck.reference_server.app import create_app
from tck.report import har
from tck.safety.budget import Budget, Meter, load_prices
from tck.safety.journal import Journal
from tck.safety.resource import Resource

from .mutate import Form
from .reader import Broken, Reader, Refused, command

PROJECT = Path(__file__).parents[2]
_ERROR = (
    '<error status="404" url="/api/keys/x"><kind>NotFound</kind><message>none</message></error>'
)


def readers(scratch: Path) -> list[Reader]:
    """All of them; `scratch`: where right inputs are made that need files."""
    return [*_of_traffic(scratch), *_of_configuration(scratch), *_of_reports(scratch)]


# ---------------------------------------------------------------- documents and recordings


def _of_traffic(scratch: Path) -> Iterator[Reader]:
    shown = [x for x in submissions.exchanges("full") if x.ok and len(x.body) < 20_000]
    xml = [x.body for x in shown if x.format == "xml"] + [_ERROR.encode()]
    # nothing in a JSON list of drivers says that it is one
    json_ = [x.body for x in shown if x.format == "json" and x.api_path != "/drivers"]
    recorded = _recorded()
    yield _of_exchanges("documents: XML", "document.xml", "xml", xml)
    yield _of_exchanges("documents: JSON", "document.json", "json", json_)
    yield _of_exchanges("recordings", "traffic.jsonl", "lines", recorded)
    hars = [_as_har(lines, scratch) for lines in recorded] + [
        _as_browsers_write_it(_entries(recorded[0], scratch))
    ]
    yield _of_exchanges("HAR", "traffic.har", "json", hars)


def _of_exchanges(name: str, file: str, form: Form, seeds: list[bytes]) -> Reader:
    return Reader(name, file, form, seeds, _validate(file), share=10, named=file)


def _validate(name: str) -> Callable[[Path], None]:
    """`validate`; every eighth input with every form of a report."""

    def read(folder: Path) -> None:
        more: list[str | Path] = []
        if zlib.crc32((folder / name).read_bytes()) % 8 == 0:
            more = ["--report-dir", folder / "report", "--verbose"]
        command("validate", folder / name, *more)

    return read


@cache
def _recorded() -> list[bytes]:
    """Pieces of a few exchanges from the recorded traffic, beginning with an entry point."""
    lines = [
        line for path in RECORDINGS for line in path.read_bytes().splitlines() if len(line) < 8000
    ]
    entry_point = next(line for line in lines if b'"id":"api.xml"' in line)
    return [b"\n".join([entry_point, *lines[at : at + 5]]) for at in range(0, len(lines), 60)]


def _as_har(lines: bytes, scratch: Path) -> bytes:
    return json.dumps({"log": {"entries": _entries(lines, scratch)}}).encode()


def _entries(lines: bytes, scratch: Path) -> list[dict[str, Any]]:
    (scratch / "lines").write_bytes(lines)
    return [har.entry(files.to_json(x)) for x in files.read(scratch / "lines")]


def _as_browsers_write_it(entries: list[dict[str, Any]]) -> bytes:
    """With base64, what has no answer, what came from a cache, and what is of other hosts."""
    entries[1]["response"] |= {
        "status": 0,
        "headers": [],
        "content": {"size": 0},
        "_error": "aborted",
    }
    entries[2]["response"] |= {"status": 304}
    entries[3]["response"]["content"] |= {"text": "/wA=", "encoding": "base64"}
    entries[4]["request"] |= {"url": "chrome-extension://abc/api/x.js", "postData": None}
    return json.dumps({"log": {"pages": [], "entries": entries}, "_note": None}).encode()


# ---------------------------------------------------------------- what users write


def _of_configuration(scratch: Path) -> Iterator[Reader]:
    yield Reader(
        "clouds.toml",
        "clouds.toml",
        "toml",
        [_CLOUDS.encode()],
        _read_clouds,
        share=8,
        named="cloud",
    )
    known = (PROJECT / "docs/known-deviations/apache-deltacloud-1.1.3.yaml").read_bytes()
    head, *entries = known.split(b"\n  - ")
    some = [
        head + b"".join(b"\n  - " + e for e in entries[:1] + entries[n : n + 2]) for n in (1, 5, 9)
    ]
    yield Reader(
        "deviations", "known.yaml", "yaml", some, _read_deviations,
        lambda folder: (folder / "traffic.jsonl").write_bytes(_recorded()[0]),
        share=8, named="known.yaml",
    )  # fmt: skip
    prices = (PROJECT / "tck/safety/prices.toml").read_bytes()
    yield Reader("prices", "prices.toml", "toml", [prices], _read_prices, named="prices.toml")
    yield Reader(
        "journals",
        "journal-k3j9x0a1b2c3d.jsonl",
        "lines",
        _journals(scratch),
        _clean_up,
        share=8,
        named="journal-k3",
    )
    trusted, public, private = _keys()
    yield Reader(
        "pinned keys",
        "trusted.toml",
        "toml",
        [trusted],
        _verify_with("--keys", "trusted.toml"),
        named="trusted.toml",
    )
    yield Reader(
        "public keys",
        "a.pub.pem",
        "bytes",
        [public],
        _verify_with("--key", "a.pub.pem"),
        share=1,
        named="a.pub.pem",
    )
    yield Reader(
        "private keys",
        "a.pem",
        "bytes",
        [private],
        _sign_with,
        share=1,
        named="a.pem",
    )


_CLOUDS = """\
[nightly]
endpoint = "http://cloud.invalid/api"
driver = "ec2"
provider = "eu-west-1"
user = { env = "HOME" }
password = { env = "PATH" }
image = "ami-1"
profile = "small"
realm = "a"
max_live = 2
max_cost = 1.5
max_seconds = 60
max_requests = 100
rate = 2.5
transition = 600
retries = 3
settles = 2.5
exclusive = true

[other]
driver = "mock"
user = { file = "secret" }
password = { keyring = "service/user" }
"""


def _read_clouds(folder: Path) -> None:
    for name in ("nightly", "other"):
        _run(folder, "--cloud", name, "--clouds", folder / "clouds.toml")


def _run(folder: Path, *options: str | Path) -> None:
    """`run` until it would send its first request."""

    def started(_arguments: list[str], plugins: list[Any]) -> int:
        plugins[0].status = 0
        return 0

    with mock.patch.object(run, "_discover"), mock.patch.object(run.pytest, "main", started):
        command("run", *options, "--report-dir", folder / "report", accepts=(0,))


def _read_deviations(folder: Path) -> None:
    command("validate", folder / "traffic.jsonl", "--deviations", folder / "known.yaml",
            "--report-dir", folder / "report")  # fmt: skip


def _read_prices(folder: Path) -> None:
    _run(folder, "--prices", folder / "prices.toml")
    table = load_prices(folder / "prices.toml")
    meter = Meter(Budget(cost=1000.0), table)
    meter.reserve("instances", {"hwp_id": "m1.small", "instance_count": "2"})
    meter.reserve("storage_volumes", {"capacity": "10"})
    json.dumps(meter.to_json(), allow_nan=False).encode()


def _journals(scratch: Path) -> list[bytes]:
    """Of a run that was killed, and of one whose clean-up was killed, too."""
    place = {"driver": "", "provider": "", "cloud": ""}
    path = scratch / "journal.jsonl"
    journal = Journal(path, run="k3j9x0a1b2c3d", endpoint="http://h:1/api", **place)
    journal.inventory({"instances": ["inst1"], "keys": []})
    for collection, id_ in (("instances", "inst9"), ("keys", "k"), ("addresses", "a1")):
        number = journal.intent(collection, "tckk3j9x0a1b2c3d1", ["inst1"])
        href = f"http://h:1/api/{collection}/{id_}"
        journal.created(Resource(collection, id_, href, "tckk3j9x0a1b2c3d1"), number)
    journal.refused(journal.intent("buckets", "tckk3j9x0a1b2c3d2"))
    journal.intent("keys", "tckk3j9x0a1b2c3d3")
    journal.gone(journal.live[0])
    journal.close(keep=True)
    killed = path.read_bytes()
    again = Journal.resume(path, "http://h:1/api")
    again.disown(again.live[0], "it was not shown")
    again.close(keep=True)
    return [killed, path.read_bytes()]


def _clean_up(folder: Path) -> None:
    """`cleanup`, at a reference server in this process, wherever the journal says the run was."""
    path = folder / "journal-k3j9x0a1b2c3d.jsonl"
    app = create_app(driver="full")

    def connect(options: Any, base: str, prefix: str) -> Direct:
        return Direct(base, options.credentials, app, prefix=prefix)

    more = ["--dry-run"] if zlib.crc32(path.read_bytes()) % 2 else []
    secrets = {"DELTACLOUD_TCK_USER": "mockuser", "DELTACLOUD_TCK_PASSWORD": "mockpassword"}
    with mock.patch.object(sessions, "connect", connect), mock.patch.dict(os.environ, secrets):
        command("cleanup", "--journal", path, *more, accepts=(0, 3, 5))


def _keys() -> tuple[bytes, bytes, bytes]:
    public = keys.public_pem(submissions.KEY.public_key())
    private = submissions.KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    entry = '[[keys]]\nowner = "E"\nsince = 2026-12-01\nuntil = 2028-12-01\npublic_key = """'
    return f'{entry}{public.decode()}"""\n'.encode(), public, private


def _verify_with(option: str, name: str) -> Callable[[Path], None]:
    """`verify`, of a folder that no key makes a submission."""

    def read(folder: Path) -> None:
        command("verify", folder, option, folder / name, accepts=(1,))

    return read


def _sign_with(folder: Path) -> None:
    command(
        "sign", folder, "--key", folder / "a.pem", "--vendor", "V", "--product", "P",
        "--out", folder / "out", accepts=(1,),
    )  # fmt: skip


# ---------------------------------------------------------------- what the kit wrote


def _of_reports(scratch: Path) -> Iterator[Reader]:
    good = submissions.submitted(scratch / "submitted")
    (scratch / "key.pem").write_bytes(keys.public_pem(submissions.KEY.public_key()))
    whole = (good / submission.RESULTS).read_bytes()
    value = json.loads(whole)
    value["requirements"] = value["requirements"][:12]
    value["checks"] = [
        {
            "name": "keys.test_create",
            "requirements": ["DC-KEY-001"],
            "outcome": "passed",
            "seconds": 1,
        }
    ]
    small = json.dumps(value).encode()
    sealed = (good / submission.STATEMENT).read_bytes()
    payload = envelope.unseal(sealed, submissions.KEY.public_key())

    def prepare(folder: Path) -> None:
        shutil.copytree(good, folder / "submission")
        shutil.copy(scratch / "key.pem", folder)
        (folder / "small.json").write_bytes(small)
        (folder / "whole.json").write_bytes(whole)

    def reader(
        name: str, file: str, form: Form, seed: bytes, read: Callable[[Path], None]
    ) -> Reader:
        return Reader(name, file, form, [seed], read, prepare, share=1)

    yield replace(
        reader("results: compare", "results.json", "json", small, _compare),
        share=8,
        named="results.json",
    )
    yield reader("envelopes", "envelope.json", "json", sealed, _verify_envelope)
    yield reader("statements", "statement.json", "json", payload, _verify_statement)
    yield reader(
        "results: verify",
        "verified-results.json",
        "json",
        whole,
        _verify_file("verified-results.json", submission.RESULTS),
    )
    transcript = (good / submission.TRANSCRIPT).read_bytes()
    yield reader(
        "transcripts",
        "transcript.jsonl",
        "lines",
        transcript,
        _verify_file("transcript.jsonl", submission.TRANSCRIPT),
    )
    yield reader("results: sign", "signed-results.json", "json", whole, _sign)


def _compare(folder: Path) -> None:
    written = ("--markdown", folder / "d.md", "--html", folder / "d.html")
    command("compare", folder / "small.json", folder / "results.json", *written)
    command("compare", folder / "results.json", folder / "small.json", "--side-by-side", *written)


def _verify(folder: Path) -> None:
    out = command("verify", folder / "submission", "--key", folder / "key.pem", accepts=(0, 1))
    if out.startswith("refused:"):
        lines = out.splitlines()[1:]
        if not lines or any(not line.strip() for line in lines):
            raise Broken(f"no reason is given: {out[:300]!r}")
        for line in lines:
            raise Refused(line)


def _verify_envelope(folder: Path) -> None:
    shutil.copy(folder / "envelope.json", folder / "submission" / submission.STATEMENT)
    _verify(folder)


def _verify_statement(folder: Path) -> None:
    """Whatever it states, it was signed."""
    sealed = envelope.seal((folder / "statement.json").read_bytes(), submissions.KEY)
    (folder / "submission" / submission.STATEMENT).write_bytes(sealed)
    _verify(folder)


def _verify_file(file: str, name: str) -> Callable[[Path], None]:
    """A file of the submission was changed before somebody signed it."""

    def read(folder: Path) -> None:
        place = folder / "submission"
        shutil.copy(folder / file, place / name)
        digests = {n: submission._digest(place / n) for n in submission.FILES}
        value = json.loads((folder / "whole.json").read_bytes())
        stated = statement.payload(statement.build(value, digests, submissions.CLAIM))
        (place / submission.STATEMENT).write_bytes(envelope.seal(stated, submissions.KEY))
        _verify(folder)

    return read


def _sign(folder: Path) -> None:
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "a.pem").write_bytes(_keys()[2])
    shutil.copy(folder / "signed-results.json", folder / "submission" / "results.json")
    out = command(
        "sign", folder / "submission", "--key", folder / "a.pem", "--vendor", "V", "--product", "P",
        "--out", folder / "out", accepts=(0, 1),
    )  # fmt: skip
    if out.startswith("not signed:"):
        raise Refused(out.splitlines()[1])
