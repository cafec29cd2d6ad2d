"""Rules on the values of the other collections' documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tck.endpoint.exchange import Exchange
from tck.rules.documents import ends_with_id
from tck.rules.engine import rule
from tck.rules.hardware_profiles import number
from tck.rules.judgement import Judgement, contains, holds, matches, one_of, present
from tck.rules.reading import elements, listed, objects, tags, text

_DIGITS = re.compile(r"\d+")


@rule("DC-RLM-003", "DC-RLM-004", evidence="document", of=["realm"])
def realms(x: Exchange) -> Iterator[Judgement]:
    """A realm has a name and a state, neither of them empty."""
    for place, realm in elements(x, "realm"):
        for part, requirement in (("state", "DC-RLM-003"), ("name", "DC-RLM-004")):
            expected = f"a {part} that is not empty"
            yield present(requirement, f"{place}/{part}", expected, text(realm, part))


@rule(
    *("DC-IMG-004", "DC-IMG-005", "DC-IMG-006", "DC-IMG-007"),
    evidence="document",
    of=["image"],
)
def images(x: Exchange) -> Iterator[Judgement]:
    """An image shows with which profiles it can be launched, and what it is of.

    A list of profiles is demanded of answers to GET only: 1.1.3 leaves it out of those to a create.
    """
    for place, image in elements(x, "image"):
        at = f"{place}/hardware_profiles"
        profiles = image.findall("hardware_profiles/hardware_profile")
        if x.request.method == "GET":
            yield present("DC-IMG-004", at, "at least one hardware_profile", profiles)
        for profile in profiles:
            ok = bool(profile.get("href") and profile.get("id"))
            ok = ok and profile.get("rel") == "hardware_profile"
            yield holds("DC-IMG-005", at, "href, id and rel hardware_profile", profile, ok)
        if (root_type := text(image, "root_type")) is not None:
            types = ("transient", "persistent")
            yield one_of("DC-IMG-006", f"{place}/root_type", types, root_type)
        if architecture := text(image, "architecture"):
            at = f"{place}/architecture"
            yield one_of("DC-IMG-007", at, ("i386", "x86_64"), architecture)


@rule("DC-KEY-003", "DC-KEY-004", "DC-KEY-012", "DC-KEY-013", evidence="document", of=["key"])
def keys(x: Exchange) -> Iterator[Judgement]:
    """A key is of one of two types, with the parts of that type (A94)."""
    types = ("key", "password")
    for place, key in elements(x, "key"):
        type_ = key.get("type")
        yield one_of("DC-KEY-003", f"{place}/@type", types, type_)
        if type_ == "password":
            parts = [str(child.tag) for child in key]
            complete = "username" in parts and "password" in parts
            yield holds("DC-KEY-004", place, "username and password", parts, complete)
        elif type_ == "key":
            fingerprint = text(key, "fingerprint")
            yield present("DC-KEY-012", f"{place}/fingerprint", "a fingerprint", fingerprint)
    for place, value in objects(x, "key"):
        yield one_of("DC-KEY-003", f"{place}.credential_type", types, value.get("credential_type"))
        if value.get("credential_type") == "key":
            yield contains("DC-KEY-013", place, "pem_rsa_key", list(value))


_NAMED = {
    "key": "DC-KEY-014",
    "storage_volume": "DC-VOL-021",
    "storage_snapshot": "DC-SNP-008",
}


@rule(*_NAMED.values(), evidence="document", of=_NAMED)
def names(x: Exchange) -> Iterator[Judgement]:
    """What can be given a name shows one, empty or not."""
    for kind, requirement in _NAMED.items():
        for place, element in elements(x, kind):
            yield contains(requirement, place, "name", tags(element))


@rule("DC-ADR-003", "DC-ADR-004", evidence="document", of=["address"])
def addresses(x: Exchange) -> Iterator[Judgement]:
    """An address is not empty, and its actions fit whether it is associated."""
    for place, address in elements(x, "address"):
        if address.find("ip") is not None:  # it must be there by DC-ADR-001
            yield present("DC-ADR-003", f"{place}/ip", "an address", text(address, "ip"))
        rels = {link.get("rel") for link in address.iterfind("actions/link")}
        associated = address.find("instance") is not None
        wrong = "associate" if associated else "disassociate"
        expected = f"no action {wrong} while {'associated' if associated else 'free'}"
        yield holds("DC-ADR-004", f"{place}/actions", expected, rels, wrong not in rels)


# type of a source: attributes that it must have
_SOURCES = {"address": ("family", "address", "prefix"), "group": ("name", "owner")}


@rule("DC-FWL-003", "DC-FWL-004", "DC-FWL-005", "DC-FWL-006", evidence="document", of=["firewall"])
def firewall_rules(x: Exchange) -> Iterator[Judgement]:
    """A firewall rule says what it lets in, from where."""
    for place, firewall in elements(x, "firewall"):
        for number_, rule_ in enumerate(firewall.iterfind("rules/rule"), 1):
            at = f"{place}/rules/rule[{number_}]"
            parts = ("allow_protocol", "port_from", "port_to", "sources")
            missing = [] if rule_.get("id") else ["@id"]
            missing += [part for part in parts if rule_.find(part) is None]
            expected = "id, allow_protocol, port_from, port_to and sources"
            yield holds("DC-FWL-003", at, expected, {"without": ", ".join(missing)}, not missing)
            yield one_of("DC-FWL-004", at, ("tcp", "udp", "icmp"), text(rule_, "allow_protocol"))
            for source in rule_.iterfind("sources/source"):
                needed = _SOURCES.get(source.get("type", ""))
                ok = needed is not None and all(source.get(name) is not None for name in needed)
                expected = "type address with family, address, prefix; or group with name, owner"
                yield holds("DC-FWL-005", f"{at}/sources", expected, source, ok)
            direction, log_rule = text(rule_, "direction"), text(rule_, "log_rule")
            ok = direction in (None, "", "ingress", "egress")
            ok = ok and log_rule in (None, "", "true", "false")
            expected = "direction ingress or egress, log_rule true or false"
            got = {"direction": direction, "log_rule": log_rule}
            yield holds("DC-FWL-006", at, expected, got, ok)


@rule(
    *("DC-LBL-003", "DC-LBL-004", "DC-LBL-008", "DC-LBL-012"),
    evidence="document",
    of=["load_balancer"],
)
def load_balancers(x: Exchange) -> Iterator[Judgement]:
    """A load balancer shows its listeners, and how to take an instance out."""
    for place, balancer in elements(x, "load_balancer"):
        for listener in balancer.iterfind("listeners/listener"):
            at, protocol = f"{place}/listeners/listener", listener.get("protocol")
            ports = {n: text(listener, n) for n in ("load_balancer_port", "instance_port")}
            expected = "protocol, load_balancer_port and instance_port"
            ok = bool(protocol) and all(ports.values())
            yield holds("DC-LBL-003", at, expected, {"protocol": protocol, **ports}, ok)
            yield one_of("DC-LBL-004", f"{at}/@protocol", ("HTTP", "TCP"), protocol)
        at = f"{place}/instances/instance/link"
        for link in balancer.iterfind("instances/instance/link"):
            yield holds("DC-LBL-008", at, "a method", link, bool(link.get("method")))
    for place, value in objects(x, "load_balancer"):
        for realm in listed(value.get("realms")):
            ok = isinstance(realm, dict) or not str(realm).startswith("#<")
            expected = "an object, or the id of a realm"
            yield holds("DC-LBL-012", f"{place}.realms", expected, realm, ok)


@rule(
    *("DC-VOL-003", "DC-VOL-004", "DC-VOL-005", "DC-VOL-020"),
    evidence="document",
    of=["storage_volume"],
)
def storage_volumes(x: Exchange) -> Iterator[Judgement]:
    """A volume shows its size and mount, and offers to attach or detach it, whichever fits."""
    for place, volume in elements(x, "storage_volume"):
        capacity = volume.find("capacity")
        if capacity is not None:
            size, unit = (capacity.text or "").strip(), capacity.get("unit")
            ok = unit == "GB" and (not size or number(size) is not None)
            got = {"capacity": size, "unit": unit}
            yield holds("DC-VOL-003", f"{place}/capacity", "a number, unit GB", got, ok)
        for mount in volume.iterchildren("mount"):
            instance, device = mount.find("instance"), mount.find("device")
            if instance is not None:
                at, ok = f"{place}/mount/instance", bool(instance.get("id"))
                yield holds("DC-VOL-004", at, "an instance with id", instance, ok)
                name = None if device is None else device.get("name")
                yield present("DC-VOL-005", f"{place}/mount/device", "the device's name", name)
        rels = {link.get("rel") for link in volume.iterfind("actions/link")}
        if len(rels := rels & {"attach", "detach"}) == 1:
            fitting = "attach" if volume.find("mount/instance") is None else "detach"
            yield contains("DC-VOL-020", f"{place}/actions", fitting, rels)


@rule("DC-BKT-003", evidence="document", of=["bucket"])
def blobs_of_buckets(x: Exchange) -> Iterator[Judgement]:
    """A bucket leads to its blobs: their hrefs end with the ids of both."""
    for place, bucket in elements(x, "bucket"):
        for blob in bucket.iterchildren("blob"):
            tail = f"{bucket.get('id')}/{blob.get('id')}"
            ok = bool(blob.get("id")) and ends_with_id(blob.get("href", ""), tail)
            yield holds("DC-BKT-003", f"{place}/blob", f"href ending in {tail}", blob, ok)


@rule("DC-BLB-003", "DC-BLB-004", "DC-BLB-018", "DC-BLB-023", evidence="document", of=["blob"])
def blobs(x: Exchange) -> Iterator[Judgement]:
    """A blob shows its size, a link to its content, and metadata with names."""
    for place, blob in elements(x, "blob"):
        length = text(blob, "content_length") or ""
        yield matches("DC-BLB-003", f"{place}/content_length", "digits", length, _DIGITS)
        content = blob.find("content")
        yield contains("DC-BLB-023", place, "content", tags(blob))
        if content is not None:
            ok = content.get("rel") == "blob_content"
            ok = ok and content.get("href", "").endswith("/content")
            expected = "rel blob_content and an href ending in /content"
            yield holds("DC-BLB-004", f"{place}/content", expected, content, ok)
        for entry in blob.iterfind("user_metadata/entry"):
            at, ok = f"{place}/user_metadata/entry", bool(entry.get("key"))
            yield holds("DC-BLB-018", at, "a key", entry, ok)


@rule("DC-BLB-006")
def blob_content(x: Exchange) -> Iterator[Judgement]:
    """Content is offered for saving, as an attachment with a file name and a length (A164)."""
    if not x.operation or x.operation.id != "blobs.content" or x.status not in (200, 206):
        return
    names = ("Content-Disposition", "Content-Length", "Transfer-Encoding")
    got = {name: x.headers.get(name) for name in names}
    disposition, _, coding = got.values()
    named = disposition.lower().startswith("attachment") and "filename" in disposition.lower()
    ok = (named and "Content-Length" in x.headers) or "chunked" in coding
    expected = f"attachment; filename={x.path_params.get('blob_id', '')}, and Content-Length"
    yield holds("DC-BLB-006", "Content-Disposition", expected, got, ok)


@rule("DC-MTR-003", "DC-MTR-004", evidence="document", of=["metric"])
def metrics(x: Exchange) -> Iterator[Judgement]:
    """A sample has named values, the average between the extremes."""
    for place, metric in elements(x, "metric"):
        at = f"{place}/properties//sample"
        for sample in metric.iterfind("properties/*/sample"):
            values = {p.get("name"): p.get("value") for p in sample.iterchildren("property")}
            ok = bool(values) and None not in values and None not in values.values()
            yield holds("DC-MTR-003", at, "properties with name and value", values, ok)
            names = ("minimum", "average", "maximum")
            if values.keys() >= set(names):
                low, mean, high = (_decimal(values[name]) for name in names)
                ok = None not in (low, mean, high) and low <= mean <= high  # type: ignore[operator]
                expected = "numbers with minimum ≤ average ≤ maximum"
                yield holds("DC-MTR-004", at, expected, values, ok)


def _decimal(value: str | None) -> float | None:
    try:
        return float(value or "")
    except ValueError:
        return None


@rule("DC-NET-012", evidence="document", of=["network", "subnet"])
def network_states(x: Exchange) -> Iterator[Judgement]:
    """Networks and subnets are up or down."""
    for singular in ("network", "subnet"):
        for place, element in elements(x, singular):
            yield one_of("DC-NET-012", f"{place}/state", ("UP", "DOWN"), text(element, "state"))
