"""Right exchanges by name: what the reference server answers, and documents it has no cause for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from endpoint.exchanges import exchange

from tck.endpoint.exchange import Exchange
from tck.endpoint.transport import Credentials, Transport
from tck.reference_server.embedded import embedded
from tck.schemas.operations import API

FORMATS = {"xml": "application/xml", "json": "application/json"}


class _Recorder:
    """Sends requests to one fresh server and keeps the exchanges by name."""

    def __init__(self, transport: Transport) -> None:
        self.found: dict[str, Exchange] = {}
        self._transport = transport

    def __call__(
        self, name: str, method: str, path: str, format_: str = "xml", **more: Any
    ) -> Exchange:
        headers = {"Accept": FORMATS[format_]} | more.pop("headers", {})
        sent = {field: value for field, value in headers.items() if value is not None}
        x = self._transport.send(method, path, headers=sent, **more)
        self.found[name] = x
        return x


def _documents(record: _Recorder) -> None:
    """Lists and first members of all collections, in both formats."""
    for format_ in FORMATS:
        record(f"api.{format_}", "GET", "", format_)
        for name in API.top_level:
            collection = API.collections[name]
            record(f"{name}.{format_}", "GET", f"/{name}", format_)
            if "show" in collection.operations:
                first = record.found[f"{name}.xml"].xml
                assert first is not None
                id_ = first[0].get("id")
                record(f"{collection.singular}.{format_}", "GET", f"/{name}/{id_}", format_)
        for name, path in SHOWN.items():
            record(f"{name}.{format_}", "GET", path, format_)


SHOWN = {
    "mounted": "/storage_volumes/vol3",
    "choices": "/hardware_profiles/m1-large",
    "mounting": "/instances/inst1",
    "blob": "/buckets/bucket1/blob1",
    "entrypoints": "/drivers/arubacloud",
}
GROUP = {"group1": "f1", "group1owner": "mockuser"}
PAIR = {"listener_balancer_port": "80", "listener_instance_port": "8080"}
# name: (path, form)
CREATED: dict[str, tuple[str, dict[str, str]]] = {
    "create key": ("/keys", {"name": "k1"}),
    "create bucket": ("/buckets", {"name": "b1"}),
    "create firewall": ("/firewalls", {"name": "f1", "description": "for tests"}),
    "create address": ("/addresses", {}),
    "create instance": ("/instances", {"image_id": "img1"}),
    "create several": ("/instances", {"image_id": "img1", "instance_count": "2"}),
    "create volume": ("/storage_volumes", {"capacity": "2"}),
    "create snapshot": ("/storage_snapshots", {"volume_id": "vol1"}),
    "create network": ("/networks", {"address_block": "10.9.0.0/16"}),
    "create balancer": (
        "/load_balancers",
        {"name": "l1", "realm_id": "us", "listener_protocol": "HTTP", **PAIR},
    ),
    "add rule": (
        "/firewalls/default/rules",
        {"protocol": "udp", "port_from": "1", "port_to": "2", "ip_address1": "10.0.0.0/8"},
    ),
    "add group rule": (
        "/firewalls/default/rules",
        {"protocol": "tcp", "port_from": "1", "port_to": "2", **GROUP},
    ),
    "attach": ("/storage_volumes/vol1/attach", {"instance_id": "inst1", "device": "/dev/sdb"}),
    "associate": ("/addresses/192.168.0.1/associate", {"instance_id": "inst1"}),
    "unregister": ("/load_balancers/lb1/unregister", {"instance_id": "inst1"}),
    "register": ("/load_balancers/lb1/register", {"instance_id": "inst1"}),
    "run": ("/instances/inst1/run", {"cmd": "uname", "private_key": "x"}),
    "stop": ("/instances/inst1/stop", {}),
    "override": ("/keys/k1", {"_method": "delete"}),
}  # fmt: skip


def _writes(record: _Recorder) -> None:
    for name, (path, form) in CREATED.items():
        record(name, "POST", path, form=form)
    record("stop.json", "POST", "/instances/inst0/stop", "json")
    record("create key.json", "POST", "/keys?name=k2&format=json", "xml")
    record("destroy", "DELETE", "/keys/k2")
    record(
        "put blob", "PUT", "/buckets/b1/c1", body=b"abc", headers={"X-Deltacloud-Blobmeta-A": "b"}
    )
    record("head blob", "HEAD", "/buckets/b1/c1")
    record("own blob.xml", "GET", "/buckets/b1/c1")
    record("content", "GET", "/buckets/b1/c1/content")
    record("associated.xml", "GET", "/addresses")


def _refusals(record: _Recorder) -> None:
    record("404.xml", "GET", "/keys/none")
    record("404.json", "GET", "/keys/none", "json")
    record("unknown driver", "GET", "/drivers/none")
    record("401", "GET", "/keys", credentials=None)
    record("405", "POST", "/instances/inst1/stop")
    record("400", "POST", "/keys", form={})
    record("driver 404", "GET", "/keys/none", headers={"X-Deltacloud-Driver": "EC2"})
    record("406", "GET", "/keys", headers={"Accept": "image/png"})
    record("format 406", "GET", "/keys?format=pdf")


ACCEPTED = {
    "none": None,
    "text/xml": "text/xml",
    "upper case": "Application/XML",
    "upper case.json": "APPLICATION/JSON",
    "weights": "application/xml;q=0.2, application/json;q=0.9",
    "not xml": "application/xml;q=0, text/xml;q=0, application/json",
    "unknown, then json": "x/y, application/json",
    "range": "application/*",
    "parameter": "application/xml;charset=utf-8",
    "anything": "*/*",
}


def _negotiated(record: _Recorder) -> None:
    for name, accept in ACCEPTED.items():
        # None takes the field away
        record(f"accept {name}", "GET", "/keys", headers={"Accept": accept})
    for format_ in FORMATS:
        record(f"format {format_}", "GET", f"/keys?format={format_}")
    record("options", "OPTIONS", "/keys")
    record("head", "HEAD", "/keys")
    record("matrix", "GET", ";driver=ec2;provider=eu-west-1")
    record(
        "selected",
        "GET",
        "",
        headers={"X-Deltacloud-Driver": "ec2", "X-Deltacloud-Provider": "eu-west-1"},
    )
    tag = record.found["keys.xml"].headers.get("ETag")
    record("304", "GET", "/keys", headers={"If-None-Match": tag})


PASSWORD_KEY = """<key id="p1" href="http://127.0.0.1:3001/api/keys/p1" type="password">
  <name>p1</name><username>root</username><password>secret</password><state/></key>"""
FORWARDED = """<keys><key id="k" href="https://cloud.example.com/api/keys/k" type="key">
  <name>k</name><fingerprint>a:b</fingerprint></key></keys>"""
METRIC = """<metric id="i1" href="http://127.0.0.1:3001/api/metrics/i1"><entity>a</entity>
  <properties><cpuUtilization><sample>
    <property name="minimum" value="1.5"/><property name="maximum" value="9"/>
    <property name="average" value="4"/><property name="unit" value="Percent"/>
  </sample></cpuUtilization></properties></metric>"""
LOGIN = """<instance id="i1" href="http://127.0.0.1:3001/api/instances/i1"><name>a</name>
  <owner_id>o</owner_id><image id="m" href="http://127.0.0.1:3001/api/images/m"/>
  <realm id="r" href="http://127.0.0.1:3001/api/realms/r"/><state>STOPPED</state>
  <hardware_profile id="h" href="http://127.0.0.1:3001/api/hardware_profiles/h"/>
  <actions/><public_addresses/><private_addresses/><storage_volumes/>
  <authentication type="password"><login><username>u</username><password>p</password></login>
  </authentication></instance>"""
MADE = {
    "password key": ("/keys/p1", PASSWORD_KEY),
    "metric sample": ("/metrics/i1", METRIC),
    "login": ("/instances/i1", LOGIN),
}
HEAD = {
    "Date": "Sun, 22 Nov 2026 13:45:24 GMT",
    "ETag": '"c4ca4238"',
    "X-Deltacloud-Driver": "mock",
    "X-Backend-Runtime": "0.0021",
}


@cache
def right() -> Mapping[str, Exchange]:
    """Every right exchange by its name."""
    with embedded(driver="full") as server:
        transport = Transport(server.url, Credentials(server.user, server.password))
        record = _Recorder(transport)
        _documents(record)
        _negotiated(record)
        _writes(record)
        _refusals(record)
        transport.close()
    made = {name: exchange(path, text, fields=HEAD) for name, (path, text) in MADE.items()}
    sent = {"X-Forwarded-Host": "cloud.example.com", "X-Forwarded-Proto": "https"}
    made["forwarded"] = exchange("/keys", FORWARDED, fields=HEAD, sent=sent)
    made["redirected"] = exchange(
        "", method="POST", status=303, fields=HEAD | {"Location": "/api?driver=ec2"}
    )
    made["page"] = exchange(
        "/keys", "<!DOCTYPE html>\n<title>Keys</title>", format="html", fields=HEAD
    )
    return record.found | made
