"""A small endpoint that lies on request, and knows who made what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import quoteattr

BASE = "http://liar.test/api"
COLLECTIONS = {
    "keys": "key",
    "instances": "instance",
    "storage_volumes": "storage_volume",
    "addresses": "address",
}
# What a create may do; addresses have no names, so `race` could not be told from honesty there.
LIES = (
    *("honest", "existing", "existing_location", "made_and_existing", "lost", "others_appear"),
    *("race", "copycat", "copy_and_lost", "refused"),
)


@dataclass
class Thing:
    """An object, its owner ("run" or "other"), and its name."""

    owner: str
    name: str


@dataclass
class Liar:
    """A WSGI application. `harm` lists what was done to things of others."""

    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    harm: list[str] = field(default_factory=list)
    lie: str = "honest"
    malformed: bool = False
    links_astray: bool = False
    delete_ignored: bool = False
    _count: int = 0

    def add(self, collection: str, owner: str, name: str) -> str:
        """A new thing; its id, which for keys is the name."""
        self._count += 1
        id_ = name if collection == "keys" and name else f"{collection[:3]}{self._count}"
        self.things[collection, id_] = Thing(owner, name)
        return id_

    def of_others(self, collection: str) -> str:
        """The id of something of somebody else."""
        return next(
            i for (c, i), t in self.things.items() if c == collection and t.owner == "other"
        )

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        method = environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"].removeprefix("/api").strip("/")
        parts = [unquote(part) for part in path.split("/")] if path else []
        length = int(environ.get("CONTENT_LENGTH") or 0)
        form = parse_qs(environ["wsgi.input"].read(length).decode())
        status, body, *fields = self._answer(method, parts, form.get("name", [""])[0])
        headers = [("Content-Type", "application/xml"), *fields]
        start(f"{status} X", headers)
        return [body.encode()]

    def _answer(self, method: str, parts: list[str], name: str) -> tuple[Any, ...]:
        if not parts:
            links = "".join(f'<link rel="{c}" href="{BASE}/{c}"/>' for c in COLLECTIONS)
            feature = '<feature name="user_name" rel="instances"/>'
            links = links.replace(
                f'rel="instances" href="{BASE}/instances"/>',
                f'rel="instances" href="{BASE}/instances">{feature}</link>',
            )
            return 200, f'<api driver="mock" version="1.1.3">{links}</api>'
        collection = parts[0]
        if len(parts) == 1 and method == "GET":
            inner = "".join(self._show(c, i) for c, i in self.things if c == collection)
            return 200, f"<{collection}>{inner}</{collection}>"
        if len(parts) == 1:
            return self._create(collection, name)
        thing = self.things.get((collection, parts[1]))
        if thing is None:
            return 404, "<error status='404'/>"
        if method == "GET":
            shown = self._show(collection, parts[1])
            return 200, shown[:-4] if self.malformed else shown
        if thing.owner == "other":
            self.harm.append(f"{method} {'/'.join(parts)}")
        if method == "DELETE" and not self.delete_ignored:
            del self.things[collection, parts[1]]
        return 204, ""

    def _create(self, collection: str, name: str) -> tuple[Any, ...]:
        lie = "honest" if (self.lie, collection) == ("race", "addresses") else self.lie
        if lie == "refused":
            return 403, "<error status='403'/>"
        if lie in ("others_appear", "race"):
            new = self.add(collection, "other", f"web{self._count}")
            if lie == "others_appear":
                return 500, "<error status='500'/>"
        elif lie in ("existing",):
            new = self.of_others(collection)
        else:
            new = self.add(collection, "run", name)
        if lie == "copy_and_lost":
            self._count += 1
            self.things[collection, f"copy{self._count}"] = Thing("other", name)
        if lie in ("lost", "copy_and_lost"):
            return 500, "<error status='500'/>"
        if lie == "copycat":
            self.add(collection, "other", f"{name}x")
            self.add(collection, "other", name.upper() or "x")
        if lie == "existing_location":
            return 201, "", ("Location", f"{BASE}/{collection}/{self.of_others(collection)}")
        if lie == "made_and_existing":
            new = self.of_others(collection)
        document = self._document(collection, new, name)
        return 201, document, ("Location", f"{BASE}/{collection}/{new}")

    def _show(self, collection: str, id_: str) -> str:
        return self._document(collection, id_, self.things[collection, id_].name)

    def _document(self, collection: str, id_: str, name: str) -> str:
        tag, href = COLLECTIONS[collection], f"{BASE}/{collection}/{id_}"
        named = f"<name>{name}</name>" if collection != "addresses" else ""
        astray = f"{BASE}/{collection}/{self.of_others(collection)}" if self.links_astray else href
        links = f'<link rel="stop" method="post" href="{astray}/stop"/>' * (tag == "instance")
        links += f'<link rel="destroy" method="delete" href="{astray}"/>'
        href = astray
        attributes = f"id={quoteattr(id_)} href={quoteattr(href)}"
        return f"<{tag} {attributes}>{named}<actions>{links}</actions></{tag}>"
