"""A small endpoint that lies on request, and knows who made what."""

from __future__ import annotations

import unicodedata
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
    *("race", "copycat", "copy_and_lost", "refused", "renamed", "ghost"),
    *("upper", "slash", "percent", "wide"),
)
# Other spellings of an id, all of which lead to the same thing here.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "slash": lambda id_: id_ + "/",
    "percent": lambda id_: "".join(f"%{ord(c):02x}" for c in id_),
    "wide": lambda id_: "".join(chr(ord(c) + 0xFEE0) for c in id_),
}


@dataclass
class Thing:
    """An object, its owner ("run" or "other"), and its name.

    `listed`: lists show it; `shown`: one has.
    """

    owner: str
    name: str
    listed: bool = True
    shown: bool = False


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
            i
            for (c, i), t in self.things.items()
            if c == collection and t.owner == "other" and t.name != "ghost"
        )

    def __post_init__(self) -> None:
        """In each collection is something of others that no list shows before the first create."""
        for collection in COLLECTIONS:
            self.things[collection, f"ghost{collection}"] = Thing("other", "ghost", listed=False)

    def _id_of(self, collection: str, asked: str) -> str:
        """The id of what is asked for, in whatever spelling."""
        if (collection, asked) in self.things:
            return asked
        plain = unicodedata.normalize("NFKC", unquote(asked)).lower().rstrip("/")
        return plain if (collection, plain) in self.things else asked

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
            things = [(i, t) for (c, i), t in self.things.items() if c == collection and t.listed]
            for _, thing in things:
                thing.shown = True
            inner = "".join(self._show(collection, i) for i, _ in things)
            return 200, f"<{collection}>{inner}</{collection}>"
        if len(parts) == 1:
            return self._create(collection, name)
        id_ = self._id_of(collection, parts[1])
        thing = self.things.get((collection, id_))
        if thing is None:
            return 404, "<error status='404'/>"
        if method == "GET":
            shown = self._document(collection, parts[1], thing.name)  # as it was asked for
            return 200, shown[:-4] if self.malformed else shown
        if thing.owner == "other":
            self.harm.append(f"{method} {'/'.join(parts)}")
        if method == "DELETE" and not self.delete_ignored:
            del self.things[collection, id_]
        return 204, ""

    def _create(self, collection: str, name: str) -> tuple[Any, ...]:
        lie = "honest" if (self.lie, collection) == ("race", "addresses") else self.lie
        ghost = self.things[collection, f"ghost{collection}"]
        ghost.listed = True
        if lie == "ghost" and not ghost.shown:
            lie = "honest"  # what no list ever showed cannot be told from what is new
        if lie == "refused":
            return 403, "<error status='403'/>"
        new = self._made(lie, collection, name)
        if lie == "others_appear":
            return 500, "<error status='500'/>"
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

    def _made(self, lie: str, collection: str, name: str) -> str:
        """The id that is said to be new."""
        if lie in ("others_appear", "race"):
            return self.add(collection, "other", f"web{self._count}")
        if lie not in ("existing", "renamed", "ghost", *SPELLINGS):
            return self.add(collection, "run", name)
        new = f"ghost{collection}" if lie == "ghost" else self.of_others(collection)
        if lie != "existing":
            self.things[collection, new].name = name
        return SPELLINGS.get(lie, str)(new)

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
