"""Vectors: complete, always the same, and what a server and the audit make of them."""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from commands.running import PROJECT, Start, run

from tck.audit.auditing import Audit
from tck.audit.watching import watching
from tck.cli import main
from tck.reference_server.serving import Server
from tck.rules.clients.operations import parameters
from tck.schemas.operations import API
from tck.vectors import making
from tck.vectors.making import Answer, Case, Vectors, is_kept, make
from tck.vectors.messages import Message, body_bytes, body_json
from tck.vectors.writing import add_recordings, contents

RECORDING = PROJECT / "tests" / "recordings" / "apache-deltacloud-mock.jsonl"


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return make()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("vectors")
    assert main(["vectors", "--out", str(out)]) == 0
    return out


def cases(vectors: Vectors) -> Iterator[Case]:
    for of_one in vectors.cases.values():
        yield from of_one


def answers(vectors: Vectors) -> dict[str, Answer]:
    found = [a for of_one in vectors.answers.values() for a in of_one]
    by_id = {a.id: a for a in found}
    assert len(by_id) == len(found), "two response cases have one id"
    return by_id


def load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def test_the_files_are_what_their_schema_says(folder: Path) -> None:
    schema = load(folder, "vectors.schema.json")
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    names = ["index.json", *load(folder, "index.json")["operations"].values()]
    assert len(names) == len(API.operations) + 1
    for name in names:
        assert [e.message for e in validator.iter_errors(load(folder, name))] == [], name
    assert list(validator.iter_errors({"operation": "keys.create"})) != []


def test_they_are_always_the_same(vectors: Vectors, folder: Path) -> None:
    for name, content in contents(vectors).items():
        assert (folder / name).read_bytes() == content, name


def test_every_operation_has_cases_that_succeed(vectors: Vectors) -> None:
    by_id = answers(vectors)
    for id_, operation in API.operations.items():
        statuses = {by_id[case.id].status for case in vectors.cases[id_]}
        assert statuses, id_
        assert {s for s in statuses if s >= 400} == set(), id_
        assert operation.success[0] in statuses or id_ == "api.switch", id_


def test_every_parameter_and_header_is_in_a_request() -> None:
    sent = defaultdict[str, set[str]](set)
    for case in cases(make()):
        operation = case.id.rpartition(f".{case.format}")[0] or case.id
        operation = operation.rpartition(".")[0]
        sent[operation] |= set(case.arguments.parameters) | set(case.arguments.headers)
    for id_, operation in API.operations.items():
        wanted = {*parameters(id_), *operation.headers}
        missing = {
            name
            for name in wanted
            if not any(
                given.startswith(name.partition("*")[0]) and given.endswith(name.rpartition("*")[2])
                for given in sent[id_]
                if "*" in name or given == name
            )
        }
        assert missing == set(), id_


def test_both_formats_have_the_same_values(vectors: Vectors) -> None:
    by_id = answers(vectors)
    pairs = [(a, by_id[f"{id_[:-4]}.json"]) for id_, a in by_id.items() if id_.endswith(".xml")]
    assert len(pairs) > 150
    for xml, json_ in pairs:
        # errors quote the message of the server; it is the same text in both
        assert xml.values == json_.values, xml.id
    shown = [xml for xml, _ in pairs if xml.body]
    assert [xml.id for xml in shown if not xml.values] == []


def test_values_are_what_the_documents_say(vectors: Vectors) -> None:
    values = answers(vectors)["instances.show.1.json"].values["instance"]
    document = json.loads(answers(vectors)["instances.show.1.json"].body)["instance"]
    assert values["id"] == document["id"] == "inst1"
    assert values["state"] == document["state"]
    assert values["image"] == document["image"]["id"]
    assert values["owner"] == document["owner"]


def test_bytes_survive_json() -> None:
    for body in (b"", "ü".encode(), b"\x00\xff"):
        assert body_bytes(json.loads(json.dumps(body_json(body)))) == body


# ---------------------------------------------------------------- over a socket


class Connection:
    """Sends messages as they are written, on one connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._http = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)

    def send(self, message: Message) -> tuple[int, dict[str, str], bytes]:
        asked = self._http
        asked.putrequest(message.method, message.target, skip_host=True, skip_accept_encoding=True)
        for name, value in message.headers.items():
            asked.putheader(name, value)
        asked.endheaders(message.body)
        answer = asked.getresponse()
        body = answer.read()
        return answer.status, {n: v for n, v in answer.getheaders() if is_kept(n)}, body

    def close(self) -> None:
        self._http.close()


@pytest.mark.parametrize("encoding", range(3))
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_a_server_answers_as_said_and_the_audit_blames_nobody(
    vectors: Vectors, format_: str, encoding: int
) -> None:
    by_id, by_case = answers(vectors), {case.id: case for case in cases(vectors)}
    course = vectors.courses[format_]
    assert len(course) > 120
    findings: list[str] = []
    audit = Audit("vectors", findings.append)
    server = Server(making.server())
    with watching(server, API.base, audit.observe), server:
        connection = Connection(server.url)
        for id_ in course:
            sent = by_case[id_].sent
            message, expected = sent[min(encoding, len(sent) - 1)], by_id[id_]
            assert connection.send(message) == (
                expected.status, dict(expected.headers), expected.body
            ), id_  # fmt: skip
        connection.close()
    assert findings == []
    counts = audit.result().counts
    assert [client.requests for client in audit.clients.values()] == [len(course)]
    assert counts["pass"] > 25


def test_what_is_refused_is_refused_as_said(vectors: Vectors) -> None:
    by_id, by_case = answers(vectors), {case.id: case for case in cases(vectors)}
    provoked = [a for a in by_id.values() if a.to and a.id.endswith(".xml")]
    assert {a.status for a in provoked} == {400, 401, 404}
    with Server(making.server()) as server:
        connection = Connection(server.url)
        for id_ in vectors.courses["xml"]:
            connection.send(by_case[id_].sent[0])
        for a in provoked:
            assert a.to is not None
            assert connection.send(a.to) == (a.status, dict(a.headers), a.body), a.id
        connection.close()


def test_a_wrong_request_is_no_vector(vectors: Vectors) -> None:
    """The audit that blames no vector does blame a client that sends one spoiled."""
    case = vectors.cases["keys.create"][0]
    spoiled = Message("query", "POST", "/api/keys?nome=a", {**case.sent[0].headers})
    findings: list[str] = []
    server = Server(making.server())
    with watching(server, API.base, Audit("one", findings.append).observe), server:
        connection = Connection(server.url)
        connection.send(vectors.cases["api.show"][0].sent[0])
        connection.send(Message(spoiled.encoding, "POST", spoiled.target, {
            n: v for n, v in spoiled.headers.items() if not n.startswith("Content-")
        } | {"Content-Length": "0"}))  # fmt: skip
        connection.close()
    assert [line for line in findings if "DC-CLI-019" in line]


# ---------------------------------------------------------------- recordings and examples


def test_recordings_add_what_is_right_in_them(tmp_path: Path, capsys: Any) -> None:
    assert main(["vectors", "--out", str(tmp_path), "--recording", str(RECORDING)]) == 0
    index = load(tmp_path, "index.json")
    found = [
        answer
        for name in index["operations"].values()
        for answer in load(tmp_path, name)["responses"]
        if answer["source"] == RECORDING.name
    ]
    assert len(found) > 20
    shown = [a for a in found if a["id"].startswith("storage_volumes.attach.202.xml")]
    assert [a["values"]["storage_volume"]["state"] for a in shown] == ["IN-USE"]
    assert "mockpassword" not in json.dumps(found)
    bad = tmp_path / "bad.jsonl"
    bad.write_text("no exchange\n")
    assert main(["vectors", "--out", str(tmp_path), "--recording", str(bad)]) == 2
    assert "bad.jsonl" in capsys.readouterr().err


def test_no_credentials_of_a_recording_are_in_vectors(tmp_path: Path) -> None:
    pair = base64.b64encode(b"me:Kanarienvogel").decode()
    request = {
        "method": "GET",
        "path": "/api/keys/x",
        "headers": {"Authorization": f"Basic {pair}"},
    }
    error = (
        "<error status='404' url='/api/keys/x'><backend driver='mock' provider='default'/>"
        "<code>404</code><message>no Kanarienvogel</message></error>"
    )
    fields = {
        "Content-Type": "application/xml",
        "Date": "Sat, 28 Nov 2026 12:00:00 GMT",
        "X-Deltacloud-Driver": "mock",
    }
    response = {"status": 404, "headers": fields, "body": error}
    line = {"id": "1", "request": request, "response": response}
    (tmp_path / "seen.jsonl").write_text(json.dumps(line) + "\n")
    vectors = make()
    assert add_recordings(vectors, [tmp_path / "seen.jsonl"]) == 1
    told = json.dumps(vectors.answers["keys.show"][-1].to_json())
    assert "seen.jsonl" in told
    assert "Kanarienvogel" not in told


@pytest.mark.parametrize("interpreter", [sys.executable, "node"])
def test_the_examples_find_their_clients_right(folder: Path, interpreter: str) -> None:
    name = "check_client.mjs" if interpreter == "node" else "check_client.py"
    if shutil.which(interpreter) is None:
        pytest.skip("node is not there")
    script = PROJECT / "examples" / "vectors" / name
    ended = run(Start((interpreter, str(script), str(folder))))
    assert ended.code == 0, ended.told
    assert ended.out.endswith(": right\n")
    spoiled = script.read_text("utf-8").replace('"POST", "/keys"', '"PUT", "/keys"')
    ended = run(Start((interpreter, *_inline(interpreter, spoiled), str(folder))))
    assert ended.code != 0


def _inline(interpreter: str, script: str) -> list[str]:
    return ["--input-type=module", "-e", script, "x"] if interpreter == "node" else ["-c", script]
