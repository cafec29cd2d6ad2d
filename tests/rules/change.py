"""Changes to right exchanges: one thing of a request, a head or a document at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lxml import etree

from tck.endpoint.exchange import Exchange, Headers

Change = Callable[[Exchange], Exchange]


def chain(*changes: Change) -> Change:
    """One change after the other."""

    def change(x: Exchange) -> Exchange:
        for one in changes:
            x = one(x)
        return x

    return change


def _renewed(x: Exchange, **parts: Any) -> Exchange:
    """A copy without what the first one remembers of itself."""
    return replace(x, **parts)


def _fields(headers: Headers, name: str, *values: str) -> Headers:
    kept = [(n, v) for n, v in headers if n.lower() != name.lower()]
    return Headers((*kept, *((name, value) for value in values)))


def field(name: str, *values: str) -> Change:
    """The response's field has these values, or is not there."""

    def change(x: Exchange) -> Exchange:
        assert x.response is not None
        return _renewed(x, response=replace(x.response, headers=_fields(x.headers, name, *values)))

    return change


def sent(name: str, *values: str) -> Change:
    """The request's field has these values, or is not there."""

    def change(x: Exchange) -> Exchange:
        headers = _fields(x.request.headers, name, *values)
        return _renewed(x, request=replace(x.request, headers=headers))

    return change


def asked(**parts: Any) -> Change:
    """Other parts of the request: method, url, body."""
    return lambda x: _renewed(x, request=replace(x.request, **parts))


def target(path: str) -> Change:
    """The request went to another path, below the base, or has another query."""
    return lambda x: asked(url=x.base + path)(x)


def status(code: int) -> Change:
    def change(x: Exchange) -> Exchange:
        assert x.response is not None
        return _renewed(x, response=replace(x.response, status=code))

    return change


def content(body: bytes, media_type: str | None = None) -> Change:
    """Another body, with its length."""

    def change(x: Exchange) -> Exchange:
        assert x.response is not None
        headers = _fields(x.headers, "Content-Length", str(len(body)))
        if media_type is not None:
            headers = _fields(headers, "Content-Type", media_type)
        return _renewed(x, response=replace(x.response, body=body, headers=headers))

    return change


def swap(old: str, new: str) -> Change:
    """Other text in the body."""

    def change(x: Exchange) -> Exchange:
        assert old.encode() in x.body, f"{old!r} is not in {x.body[:500]!r}"
        return content(x.body.replace(old.encode(), new.encode(), 1))(x)

    return change


# ---------------------------------------------------------------- XML


def _xml(edit: Callable[[etree._Element], None]) -> Change:
    def change(x: Exchange) -> Exchange:
        assert x.xml is not None
        root = etree.fromstring(etree.tostring(x.xml))
        edit(root)
        return content(etree.tostring(root, encoding="utf-8", xml_declaration=True))(x)

    return change


def _first(root: etree._Element, path: str) -> etree._Element:
    found = root.find(path) if path not in ("", ".") else root
    assert found is not None, f"no {path} in {etree.tostring(root)[:800]!r}"
    return found


def _attribute(path: str) -> tuple[str, str]:
    """(path of the element, name of the attribute or ""): `image/@id`, `a[@b='c']/d`."""
    found = re.fullmatch(r"(.*?)/?@(\w+)", path)
    return (found[1], found[2]) if found else (path, "")


def put(path: str, value: str) -> Change:
    """Text of the first element at a path, or an attribute of it: `image/@id`."""
    path, attribute = _attribute(path)

    def edit(root: etree._Element) -> None:
        element = _first(root, path)
        if attribute:
            element.set(attribute, value)
        else:
            element.text = value

    return _xml(edit)


def drop(path: str) -> Change:
    """The first element at a path, or an attribute of it, is gone."""
    path, attribute = _attribute(path)

    def edit(root: etree._Element) -> None:
        element = _first(root, path)
        if attribute:
            del element.attrib[attribute]
        else:
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return _xml(edit)


def add(path: str, xml: str) -> Change:
    """One more child of the first element at a path."""
    return _xml(lambda root: _first(root, path).append(etree.fromstring(xml)))


def twice(path: str) -> Change:
    """The first element at a path comes twice."""

    def edit(root: etree._Element) -> None:
        element = _first(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.append(etree.fromstring(etree.tostring(element)))

    return _xml(edit)


# ---------------------------------------------------------------- JSON


def _json(path: str, edit: Callable[[Any, Any], None]) -> Change:
    def change(x: Exchange) -> Exchange:
        value = json.loads(x.body)
        holder, *keys = value, *(int(k) if k.isdigit() else k for k in path.split("."))
        for key in keys[:-1]:
            holder = holder[key]
        edit(holder, keys[-1])
        return content(json.dumps(value).encode())(x)

    return change


def jput(path: str, value: Any) -> Change:
    """A value at a path: `images.0.id`."""

    def edit(holder: Any, key: Any) -> None:
        holder[key] = value

    return _json(path, edit)


def jdrop(path: str) -> Change:
    """The member at a path is gone."""

    def edit(holder: Any, key: Any) -> None:
        del holder[key]

    return _json(path, edit)
