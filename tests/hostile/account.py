"""The account behind a hostile endpoint: what is in it, and which of it belongs to others."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree
from reference_server.client import Api

from tck.reference_server.app import create_app
from tck.reference_server.embedded import Unserved
from tck.schemas.operations import API

from .messages import Answer, Asked

USER, PASSWORD = "hostile-user", "k1t-Pa55word-7391"
COLLECTIONS = (
    *("instances", "images", "keys", "storage_volumes", "storage_snapshots", "buckets"),
    *("addresses", "firewalls", "load_balancers", "networks", "subnets", "network_interfaces"),
)
Thing = tuple[str, str]  # collection and id


class Account:
    """The reference server's own account; what is in it at first, and `others_create`, is foreign.

    `answer` is what a right endpoint would say to a request, and has its effect. `app` is the
    application itself, to be served as it is.
    """

    def __init__(self, persona: str = "full", **options: Any) -> None:
        """`options` are those of `create_app`."""
        self.app = create_app(persona, user=USER, password=PASSWORD, **options)
        self._app = Unserved(self.app)
        self._inside = Api(self._app)
        self.foreign = self.things()

    def answer(self, asked: Asked) -> Answer:
        said: list[Any] = []
        body = b"".join(self._call(asked, lambda *told: said.extend(told[:2])))
        fields = [(n, v) for n, v in said[1] if n.lower() != "content-length"]
        length = next((int(v) for n, v in said[1] if n.lower() == "content-length"), 0)
        if asked.method == "HEAD":
            fields.append(("Content-Length", str(length)))
        return Answer(int(said[0].split()[0]), fields, body)

    def _call(self, asked: Asked, start: Callable[..., Any]) -> Iterable[bytes]:
        parts = urlsplit(asked.target)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": asked.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(parts.path, "latin-1"),
            "QUERY_STRING": parts.query,
            "REQUEST_URI": asked.target,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(asked.body),
        }
        for name, value in asked.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(asked.body))
        return self._app(environ, start)

    def show(self, asked: Asked, path: str) -> Answer:
        """What a GET of another path would have been answered, asked like `asked`."""
        kept = {n: v for n, v in asked.headers.items() if not n.startswith("content-")}
        return self.answer(Asked("GET", API.base + path, kept, b"", b""))

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        """What the owner of the account sees and does, without the endpoint between."""
        return self._inside(method, path, form=form, auth=(USER, PASSWORD))

    def things(self) -> dict[Thing, bytes]:
        """Everything that is in the account, as its document shows it."""
        found: dict[Thing, bytes] = {}
        for collection in COLLECTIONS:
            shown = self.ask("GET", f"/{collection}")
            if shown.status != 200:
                continue
            for element in etree.fromstring(shown.body):
                id_ = str(element.get("id"))
                found[collection, id_] = etree.tostring(element, with_tail=False)
                for blob in element.iterfind("blob"):
                    name = str(blob.get("id"))
                    document = self.ask("GET", f"/buckets/{id_}/{name}").body
                    found["blobs", f"{id_}/{name}"] = document
        return found

    def others_create(self, collection: str, **form: str) -> str:
        """Something of somebody else's appears; its id."""
        id_ = str(self.ask("POST", f"/{collection}", form).id)
        document = self.things()[collection, id_]
        self.foreign[collection, id_] = document
        return id_

    def of_others(self, collection: str) -> str:
        """The id of something of somebody else's."""
        return next(id_ for kind, id_ in self.foreign if kind == collection)

    def harm(self) -> list[str]:
        """What happened to things of others, in words."""
        now = self.things()
        gone = [f"{' '.join(thing)} is gone" for thing in self.foreign if thing not in now]
        return gone + [
            f"{' '.join(thing)} was changed"
            for thing, document in self.foreign.items()
            if now.get(thing, document) != document
        ]

    def left(self) -> list[Thing]:
        """What is there and is not of others: the run made it."""
        return [thing for thing in self.things() if thing not in self.foreign]
