"""XML of addresses, networks, firewalls and load balancers."""

from __future__ import annotations

from tck.reference_server import resources as r
from tck.reference_server.representations.xml.elements import (
    Element,
    actions,
    resource,
    tag,
    text,
    texts,
)
from tck.reference_server.site import Site


def address(address: r.Address, site: Site) -> Element:
    instance = None
    if address.instance_id is not None:
        instance = resource("instance", site, address.instance_id)
    return resource(
        "address",
        site,
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
        network.id,
        *texts(network, "name", "state"),
        tag("address_blocks", {}, *blocks),
        tag("subnets", {}, *(resource("subnet", site, id_) for id_ in subnets)),
        actions(site.destroy("destroy_network", "networks", network.id)),
    )


def subnet(subnet: r.Subnet, site: Site) -> Element:
    network = resource("network", site, subnet.network_id, subnet.network_id)
    return resource(
        "subnet",
        site,
        subnet.id,
        *texts(subnet, "name", "state", "address_block"),
        network,
        actions(site.destroy("destroy_subnet", "subnets", subnet.id)),
    )


def network_interface(interface: r.NetworkInterface, site: Site) -> Element:
    rel, id_, href = site.attachment(interface)
    instance_id = interface.instance_id
    return resource(
        "network_interface",
        site,
        interface.id,
        *texts(interface, "name", "ip_address"),
        tag("network", {"href": href, "rel": rel, "id": id_}, id_),
        resource("instance", site, instance_id, instance_id),
        actions(site.destroy("destroy_network_interface", "network_interfaces", interface.id)),
    )


def firewall(firewall: r.Firewall, site: Site) -> Element:
    return resource(
        "firewall",
        site,
        firewall.id,
        actions(site.firewall_actions(firewall.id)),
        *texts(firewall, "name", "description", "owner_id"),
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
        *texts(rule, "allow_protocol", "port_from", "port_to", "direction"),
        text("rule_action", None),
        text("log_rule", None),
        tag("sources", {}, *sources),
    )


def load_balancer(balancer: r.LoadBalancer, site: Site) -> Element:
    listeners = (
        tag(
            "listener",
            {"protocol": listener.protocol},
            *texts(listener, "load_balancer_port", "instance_port"),
        )
        for listener in balancer.listeners
    )
    return resource(
        "load_balancer",
        site,
        balancer.id,
        text("name", balancer.name),
        actions(site.balancer_actions(balancer)),
        tag("public_addresses", {}, *(text("address", a) for a in balancer.public_addresses)),
        text("created_at", balancer.created_at),
        resource("realm", site, balancer.realm_id),
        tag("listeners", {}, *listeners),
        tag("instances", {}, *(_registered(i, balancer, site) for i in balancer.instances)),
    )


def _registered(instance: r.Instance, balancer: r.LoadBalancer, site: Site) -> Element:
    link = None
    if site.has("lb_unregister_instance"):
        path = ("load_balancers", balancer.id, "unregister")
        href = site.url(*path, instance_id=instance.id)
        link = tag("link", {"rel": "unregister", "method": "post", "href": href})
    return resource("instance", site, instance.id, link)
