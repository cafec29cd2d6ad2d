"""Answers that openapi-core judges by the project's OpenAPI description.

    .venv/fuzz/bin/python benchmarks/second_opinion.py openapi.json traffic.jsonl ...

It runs in the environment of `make fuzz-server`, which has no other package of this project.
Prints a line for each answer that is not as described (file, id, method, path, status, why), then
the counts.
"""

import base64
import json
import re
import sys
import warnings
from pathlib import Path

from openapi_core import OpenAPI
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.testing import MockRequest, MockResponse
from openapi_core.validation.response.exceptions import MissingData

KEPT = 60_000  # bytes; of a longer body the kit may keep only the beginning


def main(description, *recordings):
    warnings.simplefilter("ignore")
    api = OpenAPI.from_file_path(description)
    judged = wrong = 0
    for recording in recordings:
        for line in Path(recording).read_text("utf-8").splitlines():
            exchange = json.loads(line)
            why = _judge(api, exchange)
            judged += why is not None
            if why:
                wrong += 1
                request, status = exchange["request"], exchange["response"]["status"]
                place = f"{Path(recording).name} {exchange['id']}"
                print(f"{place}: {request['method']} {request['path']} {status}: {why}")
    print(f"{judged} answers judged by openapi-core, {wrong} not as described")


def _judge(api, exchange):
    """What is wrong with the answer, "" if nothing; None if no operation is described for it."""
    request, answer = exchange["request"], exchange["response"]
    body = answer.get("body") if answer else None
    if not answer or not answer["status"] or not request["path"].startswith("/api"):
        return None
    if request.get("malformed"):  # no request of any operation
        return None
    if isinstance(body, dict):
        body = base64.b64decode(body["base64"]) if "base64" in body else None
    path = re.sub(r";[^/?]*|\?.*|(?<=/)/+", "", request["path"]).removeprefix("/api") or "/"
    asked = MockRequest("http://localhost:3001/api", request["method"], path)
    data = body.encode() if isinstance(body, str) else body or b""
    fields = {name.lower(): value for name, value in answer["headers"].items()}
    if KEPT <= len(data) < int(fields.get("content-length", 0)):
        return None
    got = MockResponse(data, answer["status"], fields, fields.get("content-type", ""))
    try:
        errors = list(api.iter_response_errors(asked, got))
    except PathError:
        return None
    if any(isinstance(error, PathError) for error in errors):
        return None
    # an empty blob, an answer to HEAD, a body that was not recorded
    told = (str(error) for error in errors if data or not isinstance(error, MissingData))
    return "; ".join(" ".join(words.split())[:300] for words in told)


if __name__ == "__main__":
    main(*sys.argv[1:])
