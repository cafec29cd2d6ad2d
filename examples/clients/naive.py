"""A naive client, as a first attempt looks: it works as long as nothing is unusual.

python examples/clients/naive.py URL        (user and password from the environment)

`deltacloud-tck client --scenario all -- python examples/clients/naive.py {url}` shows what is
wrong.
"""

from __future__ import annotations

import base64
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

URL = sys.argv[1]
PAIR = f"{os.environ['DELTACLOUD_USER']}:{os.environ['DELTACLOUD_PASSWORD']}"
HEADERS = {"Authorization": "Basic " + base64.b64encode(PAIR.encode()).decode()}


def ask(method: str, path: str, form: dict[str, str] | None = None) -> str:
    """Asks once more if something goes wrong."""
    data = urllib.parse.urlencode(form or {}).encode() if method == "POST" else None
    for _ in range(3):
        request = urllib.request.Request(URL + path, data, HEADERS, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return str(answer.read().decode())
        except OSError as error:
            print(error)
    raise SystemExit(1)


ask("GET", "/realms")
images = re.findall(r'<image href="[^"]*" id="(\w+)">', ask("GET", "/images?format=xml"))
created = ask("POST", "/instances?format=xml", {"image_id": images[0], "hwpId": "m1-small"})
instance = re.findall(r'<instance href="[^"]*" id="([^"]+)"', created)[0]
while "RUNNING" not in ask("GET", f"/instances/{instance}?format=xml"):
    pass
ask("POST", f"/instances/{instance}/stop")
ask("DELETE", f"/instances/{instance}")
