"""Pages for people: every one is there, says what it is, and its forms work."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import html

from tck.reference_server.drivers import registry
from tck.schemas.operations import API

from .client import Api, Reply

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

# What the forms of the test are filled in with where nothing can be chosen.
FILLED = {
    "port_from": "80",
    "port_to": "81",
    "ip_address1": "10.1.0.0/16",
    "address_block": "10.2.0.0/24",
    "listener_protocol": "HTTP",
    "listener_balancer_port": "80",
    "listener_instance_port": "8080",
    "device": "/dev/sdc",
}


@pytest.fixture
def browser(full: Api) -> Api:
    full.headers["Accept"] = BROWSER
    return full


def page(reply: Reply) -> Any:
    assert reply.type == "text/html;charset=utf-8", (reply.status, reply.body[:300])
    assert reply.body.startswith(b"<!DOCTYPE html>")
    return html.document_fromstring(reply.body)


def path(url: str) -> str:
    return urlsplit(url).path.removeprefix("/api")


def crawled(browser: Api) -> dict[str, Any]:
    """Every page that links lead to, by its path."""
    found: dict[str, Any] = {}
    waiting = [""]
    while waiting:
        here = waiting.pop()
        if here in found or here.endswith("/content"):
            continue
        reply = browser.get(here)
        assert reply.status == 200, here
        found[here] = page(reply)
        links = found[here].xpath("//a/@href[starts-with(., 'http://localhost/api')]")
        waiting += [path(link).rstrip("/") for link in links]
    return found


def test_everything_can_be_reached_by_links(browser: Api) -> None:
    found = crawled(browser)
    assert set(found) >= {
        "/instances/inst1",
        "/buckets/bucket1/blob1",
        "/firewalls/default",
        "/drivers/ec2",
        "/instance_states",
        "/docs/instances",
    }


def test_pages_are_accessible(browser: Api) -> None:
    """What can be held by a test of WCAG 2.2 AA: language, title, names, headings, ids."""
    for here, found in crawled(browser).items():
        assert found.get("lang") == "en"
        assert found.xpath("string(//title)").strip(), here
        levels = [int(heading.tag[1]) for heading in found.iter("h1", "h2", "h3")]
        assert levels[0] == 1, here
        assert levels.count(1) == 1, here
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), here
        ids = found.xpath("//@id")
        assert len(ids) == len(set(ids)), here
        for field in found.xpath("//input[@type != 'hidden'] | //select | //textarea"):
            assert found.xpath("//label[@for = $id]", id=field.get("id")), (here, field.get("name"))
            for hint in (field.get("aria-describedby") or "").split():
                assert hint in ids
        for control in found.xpath("//a | //button"):
            assert control.text_content().strip(), here
        assert len(found.xpath("//main")) == 1
        assert found.xpath("//script | //@onclick") == []


def filled(form: Any) -> dict[str, str]:
    """What a person would send who fills in what is required, and leaves the rest empty."""
    sent = {field.name: field.value or "" for field in form.inputs if field.name}
    for field in form.inputs:
        if field.get("required") is not None and not sent[field.name]:
            sent[field.name] = FILLED.get(field.name, "tck-made")
    sent |= {n: v for n, v in FILLED.items() if n in sent and n == "ip_address1"}
    return sent


def submit(browser: Api, form: Any) -> Reply:
    assert form.method == "POST"
    return browser.post(path(form.action), filled(form))


def test_every_form_of_creation_works(browser: Api) -> None:
    made = []
    for here, found in crawled(browser).items():
        for form in found.forms:
            if path(form.action) == here != "" and "_method" not in form.fields:
                reply = submit(browser, form)
                assert reply.status == 201, (here, page(reply).text_content())
                assert page(reply).xpath("//h1")
                assert browser.get(path(reply.location)).status == 200
                made.append(here)
    assert {"/instances", "/keys", "/firewalls", "/buckets", "/buckets/bucket1"} <= set(made)


def press(browser: Api, here: str, button: str) -> Reply:
    """Press a button of a page."""
    found = page(browser.get(here))
    (form,) = (f for f in found.forms if f.xpath("string(.//button)").startswith(button))
    return submit(browser, form)


def test_an_instance_is_steered_by_its_buttons(browser: Api) -> None:
    here = "/instances/inst1"
    reply = press(browser, here, "Stop")
    assert (reply.status, path(reply.location)) == (303, here)
    found = page(browser.get(here))
    assert "STOPPED" in found.text_content()
    assert not found.xpath("//button[. = 'Stop']")
    reply = press(browser, here, "Destroy")
    assert (reply.status, path(reply.location)) == (303, "/instances")
    assert browser.get(here).status == 404


def test_the_private_key_is_on_the_page_of_its_creation(browser: Api) -> None:
    reply = press(browser, "/keys", "Create")
    assert "BEGIN RSA PRIVATE KEY" in page(reply).xpath("string(//pre)")


def test_a_command_tells_what_it_gave(browser: Api) -> None:
    assert "tck-made" in page(press(browser, "/instances/inst1", "Run")).text_content()


def test_rules_of_a_firewall_come_and_go(browser: Api) -> None:
    here = "/firewalls/default"
    assert press(browser, here, "Add").status == 201
    assert "10.1.0.0" in page(browser.get(here)).text_content()
    reply = press(browser, here, "Remove the rule mockuser~tcp~80~81")
    assert (reply.status, path(reply.location)) == (303, here)
    assert "10.1.0.0" not in page(browser.get(here)).text_content()


def test_an_address_offers_what_can_be_done_with_it(browser: Api) -> None:
    (free, *_) = page(browser.get("/addresses")).xpath("//tbody//a/@href")
    assert press(browser, path(free), "Associate").status == 303
    assert press(browser, path(free), "Disassociate").status == 303


def test_a_blob_can_be_downloaded(browser: Api) -> None:
    (link,) = page(browser.get("/buckets/bucket1/blob1")).xpath("//a[contains(@href, '/content')]")
    assert browser.get(path(link.get("href"))).status == 200


def test_a_refusal_is_a_page(browser: Api) -> None:
    reply = browser.get("/instances/<none>")
    assert reply.status == 404
    assert "/instances/" in page(reply).text_content()
    assert browser.get("/instances", auth=None).headers["WWW-Authenticate"].startswith("Basic")


def test_links_keep_the_driver(browser: Api) -> None:
    switched = browser.post("", {"driver": "ec2"})
    here = path(switched.location)
    reply = browser.get(here)
    assert "driver ec2" in page(reply).text_content()
    hrefs = page(reply).xpath("//main//a/@href")
    assert hrefs
    assert all(href.startswith("http://localhost/api;driver=ec2/") for href in hrefs)
    xml = browser.get(here, Accept="application/xml")
    assert b";driver" not in xml.body


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSER, "text/html;charset=utf-8"),
        ("text/html", "text/html;charset=utf-8"),
        ("*/*", "application/xml"),
        ("text/*", "application/xml"),
        ("text/html, application/xml", "application/xml"),
        ("text/html;q=0.5, application/json", "application/json"),
    ],
)
def test_who_gets_pages(full: Api, accept: str, media_type: str) -> None:
    assert full.get("/realms", Accept=accept).type == media_type


def test_documentation_is_for_people_whatever_they_accept(full: Api, browser: Api) -> None:
    text = page(browser.get("/docs/instances/create")).text_content()
    assert re.search(r"POST /api/instances\b", text)
    assert "image_id" in text
    assert browser.get("/docs/none").status == 404
    assert browser.get("/docs/instances/none").status == 404
    for accept in ("*/*", "application/xml", "application/json"):
        x = full.get("/docs", Accept=accept)
        assert (x.status, x.type) == (200, "text/html;charset=utf-8")


@pytest.mark.parametrize("driver", ["mock", "rackspace", "rhevm", "google"])
def test_pages_offer_what_the_driver_can_do(make: Callable[..., Api], driver: str) -> None:
    api, shape = make(driver), registry.shape(driver)
    api.headers["Accept"] = BROWSER
    for here, found in crawled(api).items():
        for form in found.forms:
            method = form.fields["_method"].upper() if "_method" in form.fields else "POST"
            hit = API.match(method, path(form.action).rstrip("/"))
            assert hit is not None, (here, form.action)
            assert shape.offers(hit[0]), (here, hit[0].id)
