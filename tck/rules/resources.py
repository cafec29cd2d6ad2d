"""Rules on the values of the other collections' documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tck.endpoint.exchange import Exchange
from tck.rules.documents import ends_with_id
from tck.rules.engine import Judgement, rule
from tck.rules.hardware_profiles import number
from tck.rules.reading import attributes, elements, listed, objects, shown, text


@rule("DC-RLM-003", "DC-RLM-004", evidence="document", of=["realm"])
def realms(x: Exchange) -> Iterator[Judgement]:
    """A realm tells its name and state."""
    for place, realm in elements(x, "realm"):
        for part, requirement in (("state", "DC-RLM-003"), ("name", "DC-RLM-004")):
            said = text(realm, part)
            expected = f"a {part} that is not empty"
            yield Judgement(requirement, bool(said), f"{place}/{part}", expected, shown(said))


@rule(
    "DC-IMG-003",
    "DC-IMG-004",
    "DC-IMG-005",
    "DC-IMG-006",
    "DC-IMG-007",
    evidence="document",
    of=["image"],
)
def images(x: Exchange) -> Iterator[Judgement]:
    """An image says what can be launched from it, and how.

    The profiles are asked of GET answers only: 1.1.3 leaves them out of create answers.
    """
    for place, image in elements(x, "image"):
        rels = [link.get("rel") for link in image.iterfind("actions/link")]
        right = "create_instance" in rels
        expected = "a link with rel create_instance"
        yield Judgement("DC-IMG-003", right, f"{place}/actions", expected, shown(rels))
        profiles = image.findall("hardware_profiles/hardware_profile")
        if x.request.method == "GET":
            at, expected = f"{place}/hardware_profiles", "at least one hardware_profile"
            yield Judgement("DC-IMG-004", bool(profiles), at, expected, "none")
        for profile in profiles:
            right = bool(profile.get("href") and profile.get("id"))
            right = right and profile.get("rel") == "hardware_profile"
            got = shown(attributes(profile))
            expected = "href, id and rel hardware_profile"
            yield Judgement("DC-IMG-005", right, f"{place}/hardware_profiles", expected, got)
        if (root_type := text(image, "root_type")) is not None:
            right = root_type in ("transient", "persistent")
            yield Judgement(
                "DC-IMG-006",
                right,
                f"{place}/root_type",
                "transient or persistent",
                shown(root_type),
            )
        if architecture := text(image, "architecture"):
            right = architecture in ("i386", "x86_64")
            at = f"{place}/architecture"
            yield Judgement("DC-IMG-007", right, at, "i386 or x86_64", shown(architecture))


@rule("DC-KEY-003", "DC-KEY-004", "DC-KEY-012", evidence="document", of=["key"])
def keys(x: Exchange) -> Iterator[Judgement]:
    """A key is of one of two types, with the parts of that type (A94)."""
    for place, key in elements(x, "key"):
        type_ = key.get("type")
        right = type_ in ("key", "password")
        yield Judgement("DC-KEY-003", right, f"{place}/@type", "key or password", shown(type_))
        if type_ == "password":
            whole = text(key, "username") is not None and text(key, "password") is not None
            parts = shown([child.tag for child in key])
            yield Judgement("DC-KEY-004", whole, place, "username and password", parts)
        elif type_ == "key":
            said = text(key, "fingerprint")
            at = f"{place}/fingerprint"
            yield Judgement("DC-KEY-012", bool(said), at, "a fingerprint", shown(said))
    for place, value in objects(x, "key"):
        type_ = value.get("credential_type")
        at = f"{place}.credential_type"
        right = type_ in ("key", "password")
        yield Judgement("DC-KEY-003", right, at, "key or password", shown(type_))


@rule("DC-ADR-003", "DC-ADR-004", evidence="document", of=["address"])
def addresses(x: Exchange) -> Iterator[Judgement]:
    """An address is one, and its actions fit whether it is associated."""
    for place, address in elements(x, "address"):
        said = text(address, "ip")
        yield Judgement("DC-ADR-003", bool(said), f"{place}/ip", "an address", shown(said))
        rels = {link.get("rel") for link in address.iterfind("actions/link")}
        used = address.find("instance") is not None
        wrong = "associate" if used else "disassociate"
        state = "associated" if used else "free"
        got = f"{state}, actions {sorted(map(str, rels))}"
        expected = f"no action {wrong} while {state}"
        yield Judgement("DC-ADR-004", wrong not in rels, f"{place}/actions", expected, shown(got))


@rule("DC-FWL-003", "DC-FWL-004", "DC-FWL-005", "DC-FWL-006", evidence="document", of=["firewall"])
def firewall_rules(x: Exchange) -> Iterator[Judgement]:
    """A rule says what it lets in, from where."""
    for place, firewall in elements(x, "firewall"):
        for number_, found in enumerate(firewall.iterfind("rules/rule"), 1):
            at = f"{place}/rules/rule[{number_}]"
            parts = ("allow_protocol", "port_from", "port_to", "sources")
            missing = [part for part in parts if found.find(part) is None]
            if not found.get("id"):
                missing.insert(0, "@id")
            expected = "id, allow_protocol, port_from, port_to and sources"
            got = "without " + ", ".join(missing)
            yield Judgement("DC-FWL-003", not missing, at, expected, got)
            protocol = text(found, "allow_protocol")
            right = protocol in ("tcp", "udp", "icmp")
            yield Judgement("DC-FWL-004", right, at, "tcp, udp or icmp", shown(protocol))
            for source in found.iterfind("sources/source"):
                needed = {"address": ("family", "address", "prefix"), "group": ("name", "owner")}
                known = needed.get(source.get("type", ""))
                right = known is not None and all(source.get(part) is not None for part in known)
                expected = "type address with family, address, prefix; or group with name, owner"
                got = shown(attributes(source))
                yield Judgement("DC-FWL-005", right, f"{at}/sources", expected, got)
            direction, log = text(found, "direction"), text(found, "log_rule")
            right = direction in (None, "", "ingress", "egress")
            right = right and log in (None, "", "true", "false")
            expected = "direction ingress or egress, log_rule true or false"
            got = f"direction {direction!r}, log_rule {log!r}"
            yield Judgement("DC-FWL-006", right, at, expected, got)


@rule(
    "DC-LBL-003",
    "DC-LBL-004",
    "DC-LBL-008",
    "DC-LBL-012",
    evidence="document",
    of=["load_balancer"],
)
def load_balancers(x: Exchange) -> Iterator[Judgement]:
    """A balancer tells its listeners, and how to take an instance out."""
    for place, balancer in elements(x, "load_balancer"):
        for listener in balancer.iterfind("listeners/listener"):
            at = f"{place}/listeners/listener"
            ports = text(listener, "load_balancer_port"), text(listener, "instance_port")
            right = bool(listener.get("protocol")) and all(ports)
            expected = "protocol, load_balancer_port and instance_port"
            got = f"protocol {listener.get('protocol')!r}, ports {ports}"
            yield Judgement("DC-LBL-003", right, at, expected, got)
            known = listener.get("protocol") in ("HTTP", "TCP")
            got = shown(listener.get("protocol"))
            yield Judgement("DC-LBL-004", known, f"{at}/@protocol", "HTTP or TCP", got)
        for instance in balancer.iterfind("instances/instance"):
            for link in instance.iterchildren("link"):
                right = bool(link.get("method"))
                at, expected = f"{place}/instances/instance/link", "a method"
                got = shown(attributes(link))
                yield Judgement("DC-LBL-008", right, at, expected, got)
    for place, value in objects(x, "load_balancer"):
        for realm in listed(value.get("realms")):
            right = isinstance(realm, dict) or not str(realm).startswith("#<")
            at, expected = f"{place}.realms", "an object, or the id of a realm"
            yield Judgement("DC-LBL-012", right, at, expected, shown(realm))


@rule(
    "DC-VOL-003",
    "DC-VOL-004",
    "DC-VOL-005",
    "DC-VOL-020",
    evidence="document",
    of=["storage_volume"],
)
def storage_volumes(x: Exchange) -> Iterator[Judgement]:
    """Size and mount of a volume, and what it offers to do about it."""
    for place, volume in elements(x, "storage_volume"):
        capacity = volume.find("capacity")
        if capacity is not None:
            said = (capacity.text or "").strip()
            right = capacity.get("unit") == "GB" and (not said or number(said) is not None)
            got = f"{said!r}, unit {capacity.get('unit')!r}"
            yield Judgement("DC-VOL-003", right, f"{place}/capacity", "a number, unit GB", got)
        for mount in volume.iterchildren("mount"):
            at = f"{place}/mount"
            instance, device = mount.find("instance"), mount.find("device")
            if instance is not None:
                right = bool(instance.get("id"))
                got = shown(attributes(instance))
                yield Judgement("DC-VOL-004", right, f"{at}/instance", "an instance with id", got)
                named = device is not None and bool(device.get("name"))
                yield Judgement("DC-VOL-005", named, f"{at}/device", "the device's name", "none")
        offered = {link.get("rel") for link in volume.iterfind("actions/link")}
        if len(offered := offered & {"attach", "detach"}) == 1:
            fits = "attach" if volume.find("mount/instance") is None else "detach"
            state = "free" if fits == "attach" else "mounted"
            got = f"{state}, offers {', '.join(map(str, offered))}"
            yield Judgement("DC-VOL-020", fits in offered, f"{place}/actions", fits, got)


@rule("DC-BKT-003", evidence="document", of=["bucket"])
def blobs_of_buckets(x: Exchange) -> Iterator[Judgement]:
    """A bucket leads to its blobs."""
    for place, bucket in elements(x, "bucket"):
        for blob in bucket.iterchildren("blob"):
            tail = f"{bucket.get('id')}/{blob.get('id')}"
            right = bool(blob.get("id")) and ends_with_id(blob.get("href", ""), tail)
            got = shown(attributes(blob))
            yield Judgement("DC-BKT-003", right, f"{place}/blob", f"href ending in {tail}", got)


@rule("DC-BLB-003", "DC-BLB-004", "DC-BLB-018", evidence="document", of=["blob"])
def blobs(x: Exchange) -> Iterator[Judgement]:
    """Size, content link and metadata of a blob."""
    for place, blob in elements(x, "blob"):
        length = text(blob, "content_length")
        right = bool(re.fullmatch(r"\d+", length or ""))
        yield Judgement("DC-BLB-003", right, f"{place}/content_length", "digits", shown(length))
        content = blob.find("content")
        if content is not None:
            right = content.get("rel") == "blob_content"
            right = right and content.get("href", "").endswith("/content")
            expected = "rel blob_content and an href ending in /content"
            got = shown(attributes(content))
            yield Judgement("DC-BLB-004", right, f"{place}/content", expected, got)
        for entry in blob.iterfind("user_metadata/entry"):
            got = shown(attributes(entry))
            at = f"{place}/user_metadata/entry"
            yield Judgement("DC-BLB-018", bool(entry.get("key")), at, "a key", got)


@rule("DC-BLB-006")
def blob_content(x: Exchange) -> Iterator[Judgement]:
    """Content is offered for saving under the blob's name (A164)."""
    if not x.operation or x.operation.id != "blobs.content" or x.status not in (200, 206):
        return
    said = x.headers.get("Content-Disposition")
    name = x.path_params.get("blob_id", "")
    right = said.lower().startswith("attachment") and "filename" in said.lower()
    right = (right and "Content-Length" in x.headers) or "chunked" in x.headers.get(
        "Transfer-Encoding"
    )
    got = f"Content-Disposition {said!r}, Content-Length {x.headers.get('Content-Length')!r}"
    expected = f"attachment; filename={name}, and Content-Length"
    yield Judgement("DC-BLB-006", right, "Content-Disposition", expected, got)


@rule("DC-MTR-003", "DC-MTR-004", evidence="document", of=["metric"])
def metrics(x: Exchange) -> Iterator[Judgement]:
    """Samples are measurements: named values, the average between the extremes."""
    for place, metric in elements(x, "metric"):
        for sample in metric.iterfind("properties/*/sample"):
            at = f"{place}/properties//sample"
            found = {p.get("name"): p.get("value") for p in sample.iterchildren("property")}
            right = bool(found) and None not in found and None not in found.values()
            yield Judgement("DC-MTR-003", right, at, "properties with name and value", shown(found))
            low, mean, high = (_decimal(found.get(n)) for n in ("minimum", "average", "maximum"))
            if {"minimum", "average", "maximum"} <= found.keys():
                right = None not in (low, mean, high) and low <= mean <= high  # type: ignore[operator]
                expected = "numbers with minimum ≤ average ≤ maximum"
                yield Judgement("DC-MTR-004", right, at, expected, shown(found))


def _decimal(value: str | None) -> float | None:
    try:
        return float(value or "")
    except ValueError:
        return None


@rule("DC-NET-012", evidence="document", of=["network", "subnet"])
def network_states(x: Exchange) -> Iterator[Judgement]:
    """Networks and subnets are up or down."""
    for singular in ("network", "subnet"):
        for place, found in elements(x, singular):
            said = text(found, "state")
            right = said in ("UP", "DOWN")
            yield Judgement("DC-NET-012", right, f"{place}/state", "UP or DOWN", shown(said))
