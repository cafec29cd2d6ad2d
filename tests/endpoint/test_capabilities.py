"""What an endpoint declares, the same from XML and from JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import requests

from tck.endpoint.capabilities import (
    Capabilities,
    DeclaredFeature,
    name_of_itself,
    read,
    why_unreadable,
)
from tck.endpoint.exchange import Headers, Response
from tck.reference_server.app import create_app
from tck.reference_server.drivers import registry
from tck.reference_server.serving import Server

from .exchanges import exchange, recorded

XML = """<api driver="mock" version="1.1.3" provider="eu">
  <link rel="instances" href="http://h/api/instances">
    <feature rel="create" name="user_name">
      <param name="name"/><constraint name="max_length"> 20 </constraint>
    </feature>
    <feature rel="index" name="realm_filter"><param name="realm_id"/></feature>
  </link>
  <link rel="keys" href="http://h/api/keys"/>
</api>"""
JSON: dict[str, Any] = {
    "api": {
        "driver": "mock",
        "version": "1.1.3",
        "provider": "eu",
        "links": [
            {
                "rel": "instances",
                "href": "http://h/api/instances",
                "features": [
                    [
                        {
                            "name": "user_name",
                            "rel": "create",
                            "params": ["name:string:optional"],
                            "constraints": {"max_length": 20},
                        }
                    ],
                    [{"name": "realm_filter", "rel": "index", "params": ["realm_id:x:optional"]}],
                    [],
                ],
            },
            {"rel": "keys", "href": "http://h/api/keys", "features": []},
        ],
    }
}
EXPECTED = Capabilities(
    "1.1.3",
    "mock",
    "eu",
    {"instances": "http://h/api/instances", "keys": "http://h/api/keys"},
    {
        "instances.user_name": DeclaredFeature("create", ("name",), {"max_length": "20"}),
        "instances.realm_filter": DeclaredFeature("index", ("realm_id",), {}),
    },
)


def from_json(value: Any) -> Capabilities | None:
    return read(exchange("", json.dumps(value), format="json"))


def test_both_formats_tell_the_same() -> None:
    assert read(exchange("", XML)) == EXPECTED
    assert from_json(JSON) == EXPECTED


@pytest.mark.parametrize("driver", sorted(registry.personas()))
def test_both_formats_of_every_persona_tell_the_same(driver: str) -> None:
    with Server(create_app(driver)) as server:
        found = [
            read(
                exchange(
                    "",
                    requests.get(server.url, params={"format": f}, timeout=10).content,
                    format=f,
                )
            )
            for f in ("xml", "json")
        ]
    assert found[0] == found[1]
    assert found[0] is not None
    assert found[0].driver == driver
    assert found[0].collections


def test_both_formats_of_the_original_tell_the_same() -> None:
    entries = {x.id: read(x) for x in recorded() if x.id in ("api.xml", "api.json")}
    assert entries["api.xml"] == entries["api.json"]
    assert entries["api.xml"] is not None


@pytest.mark.parametrize("missing", ["provider", "default"])
def test_without_provider(missing: str) -> None:
    value = json.loads(json.dumps(JSON))
    value["api"].pop("provider") if missing == "provider" else value["api"].update(provider=missing)
    found = from_json(value)
    assert found is not None
    assert found.provider is None


@pytest.mark.parametrize(
    ("body", "format_", "status"),
    [
        (XML, "xml", 404),
        (XML, "html", 200),
        ("<keys/>", "xml", 200),
        ("<api", "xml", 200),
        ("", "xml", 200),
        ("{}", "json", 200),
        ("[]", "json", 200),
        ('{"api": []}', "json", 200),
        ('{"api"', "json", 200),
    ],
)
def test_what_is_no_entry_point(body: str, format_: str, status: int) -> None:
    assert read(exchange("", body, format=format_, status=status)) is None


@pytest.mark.parametrize(
    "hostile",
    [
        {},
        {"links": 5},
        {"links": {"a": 1}},
        {"links": [5, None, []]},
        {"links": [{"features": 5}]},
        {"links": [{"features": [5, [5], [[]]]}]},
        {"links": [{"features": [{"params": 5, "constraints": 5}]}]},
        {"links": [{"features": [{"params": [5], "constraints": [1]}]}]},
        {"version": None, "driver": [], "provider": {}},
    ],
)
def test_hostile_json_is_read_as_far_as_it_goes(hostile: dict[str, Any]) -> None:
    assert from_json({"api": hostile}) is not None


@pytest.mark.parametrize(
    "hostile",
    [
        "<api/>",
        "<api><link/><link><feature/></link></api>",
        "<api><!-- a --><link><?x y?><feature><param/><constraint/></feature></link></api>",
    ],
)
def test_hostile_xml_is_read_as_far_as_it_goes(hostile: str) -> None:
    assert read(exchange("", hostile)) is not None


API = (
    "<?xml version='1.0'?>\n<api version='1.1.3' driver='mock'><link rel='realms' href='/'/></api>"
)


@pytest.mark.parametrize(
    ("body", "media_type", "said"),
    [
        (API[:60], "application/xml", "its content is not what application/xml says: "),
        (API, "text/html", "it is labelled text/html, which"),
        (API, "", "it is labelled with no media type, which"),
        ('{"api": {"version":', "application/json", "its content is not what application/json"),
        (API, "application/xml", ""),
        ("<html>", "text/html", ""),
        ("<apiary/>", "text/html", ""),
        ("", "application/xml", ""),
    ],
)
def test_what_is_wrong_with_an_entry_point_that_cannot_be_read(
    body: str, media_type: str, said: str
) -> None:
    answered = Headers({"Content-Type": media_type})
    x = replace(exchange(""), response=Response(200, "OK", answered, body.encode()))
    assert why_unreadable(x).startswith(said)
    assert bool(why_unreadable(x)) == bool(said)
    assert why_unreadable(exchange("", body, status=500)) == ""


def test_declares() -> None:
    assert EXPECTED.declares()
    assert EXPECTED.declares("keys")
    assert not EXPECTED.declares("images")
    assert EXPECTED.declares(feature="instances.user_name")
    assert not EXPECTED.declares("keys", "instances.user_files")
    assert not EXPECTED.declares("images", "instances.user_name")


def test_dump_survives_another_process() -> None:
    again = Capabilities.from_dump(json.loads(json.dumps(EXPECTED.dump())))
    assert again.to_json() == EXPECTED.to_json()
    assert again.declares("keys", "instances.user_name")


def entry_point(*hrefs: str) -> str:
    rels = ("keys", "realms", "images")
    links = (f'<link rel="{rel}" href="{href}"/>' for rel, href in zip(rels, hrefs, strict=False))
    return f'<api driver="mock" version="1.1.3">{"".join(links)}</api>'


@pytest.mark.parametrize(
    "name",
    [
        "http://inner:3001/api",
        "https://127.0.0.1:3001/api",
        "http://127.0.0.1:30011/api",
        "http://127.0.0.1/api",
        "http://inner/v2/api",
        "http://inner",
    ],
)
def test_what_an_entry_point_calls_itself(name: str) -> None:
    assert name_of_itself(exchange("", entry_point(f"{name}/keys", f"{name}/realms"))) == name


@pytest.mark.parametrize(
    "hrefs",
    [
        ("http://127.0.0.1:3001/api/keys", "http://127.0.0.1:3001/api/realms"),
        ("http://127.0.0.1:3001/other/keys", "http://127.0.0.1:3001/other/realms"),
        ("http://inner/api/keys", "http://127.0.0.1:3001/api/realms"),
        ("http://inner/api/keys", "http://inner/api/images"),
        ("http://inner/api/keys",),
        ("/api/keys", "/api/realms"),
        ("http://own@inner/api/keys", "http://own@inner/api/realms"),
        ("ftp://inner/api/keys", "ftp://inner/api/realms"),
        (),
    ],
)
def test_no_other_name_of_itself(hrefs: tuple[str, ...]) -> None:
    assert name_of_itself(exchange("", entry_point(*hrefs))) == ""
    assert name_of_itself(exchange("/keys", entry_point(*hrefs))) == ""
