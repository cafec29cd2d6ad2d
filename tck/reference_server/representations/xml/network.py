"""XML of addresses, networks, firewalls and balancers (facts 2.10 to 2.12, 2.17)."""

from __future__ import annotations

from tck.reference_server import resources as r
from tck.reference_server.representations.xml.elements import (
    Element,
    actions,
    reference,
    resource,
    tag,
    text,
)
from tck.reference_server.site import Site


def address(address: r.Address, site: Site) -> Element:
    instance = None
    if address.instance_id is not None:
        instance = reference("instance", site, "instances", address.instance_id)
    return resource(
        "address",
        site,
        "addresses",
        address.id,
        text("ip", address.id),
        actions(site.address_actions(address)),
        instance,
    )


def network(network: r.Network, site: Site) -> Element:
    blocks = (text("address_block", block) for block in network.address_blocks)
    subnets = network.subnets if site.has("subnets") else ()
    return resource(
        "network",
        site,
        "networks",
        network.id,
        text("name", network.name),
        text("state", network.state),
        tag("address_blocks", {}, *blocks),
        tag("subnets", {}, *(reference("subnet", site, "subnets", id_) for id_ in subnets)),
        actions(site.destroy("destroy_network", "networks", network.id)),
    )


def subnet(subnet: r.Subnet, site: Site) -> Element:
    network = resource("network", site, "networks", subnet.network_id, subnet.network_id)
    return resource(
        "subnet",
        site,
        "subnets",
        subnet.id,
        text("name", subnet.name),
        text("state", subnet.state),
        text("address_block", subnet.address_block),
        network,
        actions(site.destroy("destroy_subnet", "subnets", subnet.id)),
    )


def network_interface(interface: r.NetworkInterface, site: Site) -> Element:
    rel, id_, href = site.attachment(interface)
    instance_id = interface.instance_id
    return resource(
        "network_interface",
        site,
        "network_interfaces",
        interface.id,
        text("name", interface.name),
        text("ip_address", interface.ip_address),
        tag("network", {"href": href, "rel": rel, "id": id_}, id_),
        resource("instance", site, "instances", instance_id, instance_id),
        actions(site.destroy("destroy_network_interface", "network_interfaces", interface.id)),
    )


def firewall(firewall: r.Firewall, site: Site) -> Element:
    return resource(
        "firewall",
        site,
        "firewalls",
        firewall.id,
        actions(site.firewall_actions(firewall.id)),
        text("name", firewall.name),
        text("description", firewall.description),
        text("owner_id", firewall.owner_id),
        tag("rules", {}, *(_rule(rule, firewall, site) for rule in firewall.rules)),
    )


def _rule(rule: r.Rule, firewall: r.Firewall, site: Site) -> Element:
    path = ("firewalls", firewall.id, rule.id)
    names = ("type", "address", "family", "prefix", "name", "owner")
    sources = (
        tag("source", {n: v for n in names if (v := getattr(source, n)) is not None})
        for source in rule.sources
    )
    return tag(
        "rule",
        {"href": site.url(*path), "id": rule.id},
        actions(site.destroy("delete_firewall_rule", *path)),
        text("allow_protocol", rule.allow_protocol),
        text("port_from", rule.port_from),
        text("port_to", rule.port_to),
        text("direction", rule.direction),
        text("rule_action", None),
        text("log_rule", None),
        tag("sources", {}, *sources),
    )


def load_balancer(balancer: r.LoadBalancer, site: Site) -> Element:
    listeners = (
        tag(
            "listener",
            {"protocol": listener.protocol},
            text("load_balancer_port", listener.load_balancer_port),
            text("instance_port", listener.instance_port),
        )
        for listener in balancer.listeners
    )
    return resource(
        "load_balancer",
        site,
        "load_balancers",
        balancer.id,
        text("name", balancer.name),
        actions(site.balancer_actions(balancer)),
        tag("public_addresses", {}, *(text("address", a) for a in balancer.public_addresses)),
        text("created_at", balancer.created_at),
        reference("realm", site, "realms", balancer.realm_id),
        tag("listeners", {}, *listeners),
        tag("instances", {}, *(_registered(i, balancer, site) for i in balancer.instances)),
    )


def _registered(instance: r.Instance, balancer: r.LoadBalancer, site: Site) -> Element:
    link = None
    if site.has("lb_unregister_instance"):
        path = ("load_balancers", balancer.id, "unregister")
        href = site.url(*path, instance_id=instance.id)
        link = tag("link", {"rel": "unregister", "method": "post", "href": href})
    return resource("instance", site, "instances", instance.id, link)
