"""Test a client in Python with vectors: `python check_client.py DIR` (docs/vectors.md).

DIR is what `deltacloud-tck vectors --out DIR` wrote. Put your own client in place of `Client`.
"""

import base64
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit


class Client:
    """A small client: what it sends for an operation, and how it reads instances."""

    routes = {  # noqa: RUF012
        "keys.create": ("POST", "/keys"),
        "instances.index": ("GET", "/instances"),
        "instances.show": ("GET", "/instances/{id}"),
        "instances.stop": ("POST", "/instances/{id}/stop"),
    }

    def __init__(self, base, user, password):
        self.base = base
        self.authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def request(self, operation, media_type, path, parameters):
        method, template = self.routes[operation]
        target, body = self.base + template.format(**path), b""
        headers = {"Authorization": self.authorization, "Accept": media_type}
        if method == "POST" and parameters:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(parameters).encode()
        elif parameters:
            target += "?" + urlencode(parameters)
        return method, target, headers, body

    def read_instance(self, media_type, body):
        if media_type == "application/json":
            found = json.loads(body)["instance"]
            return {"id": found["id"], "state": found["state"], "image": found["image"]["id"]}
        root = ET.fromstring(body)
        image = root.find("image").get("id")
        return {"id": root.get("id"), "state": root.findtext("state"), "image": image}


def content(value):
    return value["text"].encode() if "text" in value else base64.b64decode(value["base64"])


def meaning(method, target, headers, body):
    """What a request means: parameters in any order, the head without what libraries add."""
    parts, media_type = urlsplit(target), headers.get("Content-Type", "")
    is_form = media_type.startswith("application/x-www-form-urlencoded")
    fields = sorted(parse_qsl(body.decode(), True)) if is_form else body
    head = {name: headers.get(name) for name in ("Authorization", "Accept")}
    return method, parts.path, sorted(parse_qsl(parts.query, True)), head, media_type, fields


def main(folder):
    index = json.loads((folder / "index.json").read_text("utf-8"))
    client = Client(index["base"], index["user"], index["password"])
    requests = responses = 0
    for operation in client.routes:
        vectors = json.loads((folder / index["operations"][operation]).read_text("utf-8"))
        for case in vectors["requests"]:
            given = case["arguments"]
            media_type = f"application/{case['format']}"
            sent = client.request(operation, media_type, given["path"], given["parameters"])
            expected = [
                meaning(r["method"], r["target"], r["headers"], content(r["body"]))
                for r in case["requests"]
            ]
            assert meaning(*sent) in expected, f"{case['id']}: {sent}"
            requests += 1
        for case in vectors["responses"]:
            if expected := case["values"].get("instance"):
                media_type = case["headers"]["Content-Type"].partition(";")[0]
                read = client.read_instance(media_type, content(case["body"]))
                assert read == {name: expected[name] for name in read}, case["id"]
                responses += 1
    print(f"{requests} request cases and {responses} response cases: right")
    assert requests, "no request case was looked at"
    assert responses, "no response case was looked at"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
