"""A client of the reference server that needs no socket, and a clock for it."""

from __future__ import annotations

import base64
import json
from typing import Any
from xml.etree import ElementTree as ET

from werkzeug.test import Client, TestResponse

CREDENTIALS = ("mockuser", "mockpassword")


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Reply:
    """An answer with its body read as what it claims to be."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.get_data()
        self.type = response.headers.get("Content-Type")

    @property
    def xml(self) -> ET.Element:
        assert self.type == "application/xml", self.body
        return ET.fromstring(self.body)

    @property
    def json(self) -> Any:
        assert self.type == "application/json", self.body
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @property
    def id(self) -> str:
        return self.xml.attrib["id"]


class Api:
    """Speaks to one application as one user, unless `auth` of a request says otherwise."""

    def __init__(self, app: Any, auth: tuple[str, str] = CREDENTIALS, **headers: str) -> None:
        self.client = Client(app)
        self.auth = auth
        self.headers = {"Accept": "application/xml", **headers}

    def __call__(
        self,
        method: str,
        path: str,
        *,
        form: dict[str, Any] | None = None,
        body: bytes = b"",
        auth: tuple[str, str] | None = CREDENTIALS,
        **headers: str | None,
    ) -> Reply:
        """`path` is under /api unless it starts with a scheme; `_` in header names is `-`."""
        sent = {**self.headers, **{n.replace("_", "-"): v for n, v in headers.items()}}
        if auth is not None:
            sent["Authorization"] = basic(*(self.auth if auth is CREDENTIALS else auth))
        scheme, _, rest = path.partition("://")
        host, slash, target = rest.partition("/") if rest else ("localhost", "", f"/api{path}")
        return Reply(
            self.client.open(
                f"{slash}{target}",
                base_url=f"{scheme if rest else 'http'}://{host}",
                method=method,
                headers={n: v for n, v in sent.items() if v is not None},
                data=body if form is None else form,
            )
        )

    def get(self, path: str, **options: Any) -> Reply:
        return self("GET", path, **options)

    def json(self, path: str, **options: Any) -> Any:
        reply = self("GET", path, Accept="application/json", **options)
        assert reply.status == 200, reply.body
        return reply.json

    def head(self, path: str, **options: Any) -> Reply:
        return self("HEAD", path, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        return self("DELETE", path, **options)

    def put(self, path: str, body: bytes = b"", **options: Any) -> Reply:
        return self("PUT", path, body=body, **options)

    def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> Reply:
        return self("POST", path, form=form or {}, **options)

    def launch(self, **parameters: str) -> str:
        """The id of a new instance."""
        reply = self.post("/instances", {"image_id": "img1", **parameters})
        assert reply.status == 201, reply.body
        return reply.id

    def state(self, instance_id: str) -> str | None:
        return self.get(f"/instances/{instance_id}").xml.findtext("state")


class Clock:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.now = 1_795_354_000.0

    def __call__(self) -> float:
        return self.now
