"""The transcript of a run, and its HAR: every exchange, nothing secret, bounded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from endpoint.exchanges import exchange

from tck.endpoint import files
from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import Redactor
from tck.report import har, transcript
from tck.report.transcript import TranscriptPart

EXCHANGES = (
    exchange("/keys", "<keys/>", id="gw0x1"),
    exchange("/keys", '{"keys": []}', format="json", id="gw0x2"),
    exchange("/buckets/b/c", b"\x00\xff", fields={"Content-Type": "image/png"}, id="gw0x3"),
    exchange("/keys", "<key/>", status=201, method="POST", form=b"name=a&password=b", id="gw0x4"),
)


def written(folder: Path, *exchanges: Exchange, worker: str = "") -> None:
    part = TranscriptPart(folder, worker, Redactor(["hunter2"]))
    for x in exchanges:
        part.observe(x)


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / transcript.NAME).read_text("utf-8").splitlines()]


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    written(tmp_path, *EXCHANGES)
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.exchanges == len(EXCHANGES)
    back = list(files.read(tmp_path / transcript.NAME))
    clean = [Redactor().exchange(x) for x in EXCHANGES]
    assert [files.to_json(x) for x in back] == [files.to_json(x) for x in clean]


def test_har_says_the_same(tmp_path: Path) -> None:
    written(tmp_path, *EXCHANGES)
    transcript.join(tmp_path)
    har.write(tmp_path / transcript.NAME, tmp_path / "transcript.har")
    lines_, entries = (
        list(files.read(tmp_path / name)) for name in (transcript.NAME, "transcript.har")
    )
    for one, other in zip(lines_, entries, strict=True):
        assert (other.id, other.method, other.request.url) == (one.id, one.method, one.request.url)
        assert other.response is not None
        assert one.response is not None
        assert (other.status, other.body) == (one.status, one.body)
        assert other.headers.fields == one.headers.fields
        assert other.request.body == one.request.body


def test_secrets_are_hidden(tmp_path: Path) -> None:
    x = exchange("/keys/hunter2", "<a>hunter2</a>", sent={"Authorization": "Basic bW9jazptb2Nr"})
    written(tmp_path, x)
    transcript.join(tmp_path)
    har.write(tmp_path / transcript.NAME, tmp_path / "transcript.har")
    for path in tmp_path.iterdir():
        told = path.read_text("utf-8")
        assert "hunter2" not in told
        assert "bW9ja" not in told


def test_processes_have_parts_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, EXCHANGES[0], worker="gw1")
    written(tmp_path, EXCHANGES[1], EXCHANGES[2], worker="gw0")
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.exchanges == 3
    content = (tmp_path / transcript.NAME).read_bytes()
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.bytes == len(content)
    assert [path.name for path in tmp_path.iterdir()] == [transcript.NAME]


def test_lines_are_there_before_the_end(tmp_path: Path) -> None:
    part = TranscriptPart(tmp_path, "", Redactor())
    part.observe(EXCHANGES[0])
    [file] = tmp_path.iterdir()
    assert len(file.read_text("utf-8").splitlines()) == 1


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    written(tmp_path, EXCHANGES[0], worker="gw7")
    transcript.clear(tmp_path)
    assert transcript.join(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_long_content_is_left_out_with_its_hash(tmp_path: Path) -> None:
    body = "<a>" + "x" * transcript.MOST_BODY + "</a>"
    written(tmp_path, exchange("/keys", body))
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.bodies_left_out == 1
    [x] = files.read(tmp_path / transcript.NAME)
    assert x.response is not None
    assert x.response.body is None
    told = str(lines(tmp_path)[0]["response"]["body_omitted"])  # type: ignore[index]
    assert hashlib.sha256(body.encode()).hexdigest() in told
    assert har.entry(lines(tmp_path)[0])["response"]["content"]["size"] == len(body)


def test_a_full_transcript_keeps_the_heads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "MOST_TOTAL", 10)
    written(tmp_path, *EXCHANGES)
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.exchanges == len(EXCHANGES)
    bodies = [line["response"]["body"] for line in lines(tmp_path)]  # type: ignore[index]
    assert bodies == ["<keys/>", None, None, None]


def test_an_exchange_without_answer_is_written(tmp_path: Path) -> None:
    x = Exchange("x1", EXCHANGES[0].request, None, EXCHANGES[0].base, failure="it broke")
    written(tmp_path, x)
    transcript.join(tmp_path)
    [back] = files.read(tmp_path / transcript.NAME)
    assert (back.response, back.failure) == (None, "it broke")
    assert har.entry(lines(tmp_path)[0])["response"]["status"] == 0
