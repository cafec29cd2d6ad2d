"""transcript.har: the transcript in HAR 1.2, for tools that read what browsers save.

It is longer than the transcript, so it has a limit of its own: like that, it leaves out bodies at
first, then exchanges, and says so.
"""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tck import __version__
from tck.endpoint import disk


def write(transcript: Path, path: Path, most: int) -> None:
    """Write transcript.jsonl as HAR too, one exchange at a time, in about `most` bytes."""
    creator = {"name": "deltacloud-tck", "version": __version__}
    left_out, room = 0, most
    with transcript.open(encoding="utf-8") as lines, disk.replacing(path) as file:
        head = f'{{"log":{{"version":"1.2","creator":{json.dumps(creator)},"entries":['
        file.write(head.encode())
        for number, line in enumerate(lines):
            x = json.loads(line)
            if room < most // 4:
                for side in (x["request"], x["response"]):
                    _leave_out_body(side)
            text = json.dumps(entry(x), separators=(",", ":"))
            if left_out or len(text) > room:
                left_out += 1
                continue
            room -= len(text)
            file.write(((",\n" if number else "\n") + text).encode())
        told = f"{left_out} more exchanges are in {transcript.name} only" if left_out else ""
        file.write(f'\n],"comment":{json.dumps(told)}}}}}\n'.encode())


def _leave_out_body(side: dict[str, Any]) -> None:
    body = side["body"]
    if body and "body_omitted" not in side:
        size = len(body) * 3 // 4 if "body_encoding" in side else len(body.encode())
        side["body_omitted"] = f"0 of {size:,} bytes kept"


def entry(x: dict[str, Any]) -> dict[str, Any]:
    """The entry of `log.entries` for an exchange in its JSON Lines form."""
    sent, came = x["request"], x["response"]
    url = sent["origin"] + sent["path"]
    moment = datetime.datetime.fromtimestamp(x["started"] or 0, datetime.UTC)
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    request: dict[str, Any] = {
        "method": sent["method"],
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _fields(sent),
        "queryString": [{"name": n, "value": v} for n, v in query],
        "headersSize": -1,
        "bodySize": len(sent["body"] or ""),
    }
    if sent["body"] is not None or "body_omitted" in sent:
        posted = _body(sent)
        if posted.pop("encoding", None):  # HAR has no encoding for request bodies
            posted = {"comment": "omitted: not text"}
        request["postData"] = {"mimeType": _field(sent, "content-type"), **posted}
    return {
        "_id": x["id"],
        "startedDateTime": moment.isoformat(timespec="milliseconds"),
        "time": x["ms"],
        "request": request,
        "response": {
            "status": came["status"] or 0,
            "statusText": came["reason"] or "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _fields(came),
            "content": {
                "size": _size(came),
                "mimeType": _field(came, "content-type"),
                **_body(came),
            },
            "redirectURL": _field(came, "location"),
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": x["ms"], "receive": 0},
    }


def _fields(side: dict[str, Any]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in side["headers"].items()]


def _field(side: dict[str, Any], name: str) -> str:
    return next((str(v) for n, v in side["headers"].items() if n.lower() == name), "")


def _size(side: dict[str, Any]) -> int:
    size = re.search(r" of ([0-9][0-9,]{0,20}) bytes", side.get("body_omitted", ""))
    return int(size[1].replace(",", "")) if size else len(side["body"] or "")


def _body(side: dict[str, Any]) -> dict[str, Any]:
    if "body_omitted" in side:
        return {"comment": f"omitted: {side['body_omitted']}"}
    content: dict[str, Any] = {"text": side["body"] or ""}
    if "body_encoding" in side:
        content["encoding"] = side["body_encoding"]
    return content
