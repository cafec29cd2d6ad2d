"""The transcript of a run, and its HAR: every exchange, nothing secret, bounded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from endpoint.exchanges import exchange

from tck.endpoint import files
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import ReportLimits
from tck.endpoint.redaction import Redactor
from tck.report import TRANSCRIPT, har, transcript
from tck.report.transcript import TranscriptPart

EXCHANGES = (
    exchange("/keys", "<keys/>", id="gw0x1"),
    exchange("/keys", '{"keys": []}', format="json", id="gw0x2"),
    exchange("/buckets/b/c", b"\x00\xff", fields={"Content-Type": "image/png"}, id="gw0x3"),
    exchange("/keys", "<key/>", status=201, method="POST", form=b"name=a&password=b", id="gw0x4"),
)


def written(folder: Path, *exchanges: Exchange, worker: str = "", **options: Any) -> None:
    part = TranscriptPart(folder, worker, Redactor(["hunter2"]), **options)
    for x in exchanges:
        part.observe(x)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / TRANSCRIPT).read_text("utf-8").splitlines()]


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    written(tmp_path, *EXCHANGES)
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.exchanges == len(EXCHANGES)
    back = list(files.read(tmp_path / TRANSCRIPT))
    clean = [Redactor().exchange(x) for x in EXCHANGES]
    assert [files.to_json(x) for x in back] == [files.to_json(x) for x in clean]


def test_har_says_the_same(tmp_path: Path) -> None:
    written(tmp_path, *EXCHANGES)
    transcript.join(tmp_path)
    har.write(tmp_path / TRANSCRIPT, tmp_path / "transcript.har", 1 << 20)
    lines_, entries = (list(files.read(tmp_path / name)) for name in (TRANSCRIPT, "transcript.har"))
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
    har.write(tmp_path / TRANSCRIPT, tmp_path / "transcript.har", 1 << 20)
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
    content = (tmp_path / TRANSCRIPT).read_bytes()
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.bytes == len(content)
    assert [path.name for path in tmp_path.iterdir()] == [TRANSCRIPT]


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


def test_long_content_is_cut_and_its_length_told(tmp_path: Path) -> None:
    most = ReportLimits().transcript_body
    body = "<a>" + "\N{EURO SIGN}" * most + "</a>"
    written(tmp_path, exchange("/keys", body, method="POST", form=body.encode()))
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.bodies_left_out == 2
    [x] = files.read(tmp_path / TRANSCRIPT)
    assert (x.request.body, x.response and x.response.body) == (None, None)  # not to be judged
    [line] = lines(tmp_path)
    for side in (line["request"], line["response"]):
        assert body.startswith(side["body"])
        assert most - 3 < len(side["body"].encode()) <= most
        told = f"{len(side['body'].encode()):,} of {3 * most + 7:,} bytes kept"
        assert side["body_omitted"] == told
    entry = har.entry(line)
    assert entry["response"]["content"]["size"] == 3 * most + 7
    assert "text" not in entry["response"]["content"]


def test_a_full_transcript_drops_bodies_then_exchanges(tmp_path: Path) -> None:
    limits = ReportLimits(transcript=16_000)
    xs = [exchange("/keys", "<keys/>" * 100, id=f"x{number}") for number in range(60)]
    written(tmp_path, *xs, limits=limits)
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.bytes <= limits.transcript
    whole = [line for line in lines(tmp_path) if "body_omitted" not in line["response"]]
    assert 0 < len(whole) < found.exchanges < len(xs)
    assert found.bodies_left_out == found.exchanges - len(whole)
    assert [line["id"] for line in lines(tmp_path)] == [x.id for x in xs[: found.exchanges]]


def test_processes_share_the_room(tmp_path: Path) -> None:
    limits = ReportLimits(transcript=16_000)
    for worker in ("gw0", "gw1"):
        xs = [exchange("/keys", "<keys/>" * 100) for _ in range(60)]
        written(tmp_path, *xs, worker=worker, limits=limits, processes=2)
    found = transcript.join(tmp_path)
    assert found is not None
    assert found.bytes <= limits.transcript


def test_har_has_a_limit_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, *(exchange("/keys", "<keys/>" * 100, id=f"x{n}") for n in range(60)))
    transcript.join(tmp_path)
    path = tmp_path / "transcript.har"
    har.write(tmp_path / TRANSCRIPT, path, 20_000)
    assert path.stat().st_size < 20_500
    log = json.loads(path.read_text("utf-8"))["log"]
    whole = [e for e in log["entries"] if "text" in e["response"]["content"]]
    assert 0 < len(whole) < len(log["entries"]) < 60
    assert log["comment"].startswith(f"{60 - len(log['entries'])} more exchanges")
    for x in list(files.read(path))[len(whole) :]:
        assert x.response is not None
        assert x.response.body is None


def test_an_exchange_without_answer_is_written(tmp_path: Path) -> None:
    x = Exchange("x1", EXCHANGES[0].request, None, EXCHANGES[0].base, failure="it broke")
    written(tmp_path, x)
    transcript.join(tmp_path)
    [back] = files.read(tmp_path / TRANSCRIPT)
    assert (back.response, back.failure) == (None, "it broke")
    assert har.entry(lines(tmp_path)[0])["response"]["status"] == 0
