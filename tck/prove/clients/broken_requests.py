"""Clients that ask for the wrong thing, or leave the way that they were shown."""

from __future__ import annotations

from functools import partial

from tck.audit.disturbances import other_hrefs
from tck.prove.clients.caller import Caller
from tck.prove.clients.client import Clients

broken = Clients()
RULE = {"protocol": "tcp", "port_from": "22", "port_to": "22", "ip_address1": "10.0.0.0/8"}
BALANCER = {"name": "lb", "realm_id": "us", "listener_protocol": "HTTP"}
BALANCER |= {"listener_balancer_port": "80", "listener_instance_port": "8080"}


@broken("DC-CLI-016")
def singular_path(c: Caller) -> None:
    """Asks for the collection by the name of its members."""
    c.entry()
    c.get("/instance")


@broken("DC-CLI-016")
def list_path(c: Caller) -> None:
    """Asks for a list at a path of its own."""
    c.entry()
    c.get("/instances/inst0/details/all")


@broken("DC-CLI-016")
def version_in_the_path(c: Caller) -> None:
    """Puts a version into the path."""
    c.get("/v1.1/images")


@broken("DC-CLI-017")
def action_by_get(c: Caller) -> None:
    """Stops an instance by GET."""
    c.entry()
    c.get("/instances/inst0/stop")


@broken("DC-CLI-017")
def update_by_put(c: Caller) -> None:
    """Changes an instance by PUT."""
    c.entry()
    c.send("PUT", "/instances/inst0", form={"name": "new"})


@broken("DC-CLI-017")
def delete_of_a_collection(c: Caller) -> None:
    """Deletes a whole collection."""
    c.entry()
    c.delete("/keys")


@broken("DC-CLI-018")
def empty_id(c: Caller) -> None:
    """Shows an object without knowing its id."""
    c.entry()
    c.get("/images/")


@broken("DC-CLI-019")
def key_without_a_name(c: Caller) -> None:
    """Creates a key without a name."""
    c.entry()
    c.post("/keys", {})


@broken("DC-CLI-019")
def launch_without_an_image(c: Caller) -> None:
    """Launches an instance of no image."""
    c.entry()
    c.post("/instances", {"name": "i", "hwp_id": "m1-small"})


@broken("DC-CLI-019")
def attach_without_a_device(c: Caller) -> None:
    """Attaches a volume without saying where."""
    c.entry()
    c.post("/storage_volumes/vol1/attach", {"instance_id": "inst0"})


@broken("DC-CLI-020")
def empty_name(c: Caller) -> None:
    """Creates a key with an empty name."""
    c.entry()
    c.post("/keys", {"name": ""})


@broken("DC-CLI-021")
def camel_case(c: Caller) -> None:
    """Spells parameters as its language does."""
    c.entry()
    c.post("/instances", {"imageId": "img1"})


@broken("DC-CLI-021")
def hyphens(c: Caller) -> None:
    """Spells parameters with hyphens."""
    c.entry()
    c.post("/instances", {"image_id": "img1", "realm-id": "us"})


@broken("DC-CLI-021")
def brackets(c: Caller) -> None:
    """Sends a list as `firewalls[]`."""
    c.entry()
    c.post("/instances", {"image_id": "img1", "firewalls[]": "default"})


@broken("DC-CLI-022")
def words_of_another_cloud(c: Caller) -> None:
    """Sends parameters of another API."""
    c.entry()
    c.post("/instances", {"image_id": "img1", "flavor_ref": "2"})


@broken("DC-CLI-023")
def capacity_with_a_unit(c: Caller) -> None:
    """Sends a capacity with its unit."""
    c.entry()
    c.post("/storage_volumes", {"capacity": "10 GB"})


@broken("DC-CLI-023")
def capacity_of_nothing(c: Caller) -> None:
    """Asks for a volume of no size."""
    c.entry()
    c.post("/storage_volumes", {"capacity": "0"})


@broken("DC-CLI-023")
def unknown_protocol(c: Caller) -> None:
    """Asks for a listener of a protocol that there is not."""
    c.entry()
    c.post("/load_balancers", {**BALANCER, "listener_protocol": "HTTPS"})


@broken("DC-CLI-023")
def address_without_a_range(c: Caller) -> None:
    """Sends a name where an address range belongs."""
    c.entry()
    c.post("/firewalls/default/rules", {**RULE, "ip_address1": "everybody"})


@broken("DC-CLI-024")
def two_values(c: Caller) -> None:
    """Sends a parameter in the query and another value in the form."""
    c.entry()
    c.post("/instances?image_id=img1", {"image_id": "img2"})


@broken("DC-CLI-025")
def metadata_without_values(c: Caller) -> None:
    """Names metadata of a blob and gives no values."""
    c.entry()
    form = {"blob_id": "b", "blob_data": "x", "meta_params": "2", "meta_name1": "a"}
    c.post("/buckets/bucket1", form)


@broken("DC-CLI-025")
def metadata_in_the_query(c: Caller) -> None:
    """Sends metadata of a PUT as parameters."""
    c.entry()
    c.send("PUT", "/buckets/bucket1/b?meta_params=1&meta_name1=a&meta_value1=b", body=b"x")


@broken("DC-CLI-026")
def blob_in_chunks(c: Caller) -> None:
    """Uploads a blob without saying how long it is."""
    c.entry()
    fields = {"Content-Length": None, "Transfer-Encoding": "chunked"}
    c.send("PUT", "/buckets/bucket1/b", body=b"1\r\nx\r\n0\r\n\r\n", fields=fields)


@broken("DC-CLI-027")
def rule_without_a_source(c: Caller) -> None:
    """Adds a rule for nobody."""
    c.entry()
    c.post("/firewalls/default/rules", {k: v for k, v in RULE.items() if k != "ip_address1"})


@broken("DC-CLI-028")
def run_without_a_login(c: Caller) -> None:
    """Runs a command without key and password."""
    c.entry()
    c.post("/instances/inst0/run", {"cmd": "ls"})


@broken("DC-CLI-029")
def ports_the_wrong_way(c: Caller) -> None:
    """Sends the higher port first."""
    c.entry()
    c.post("/firewalls/default/rules", {**RULE, "port_from": "443", "port_to": "80"})


# ---------------------------------------------------------------- finding the way


@broken("DC-CLI-030")
def never_reads_the_entry_point(c: Caller) -> None:
    """Knows the collections by heart."""
    c.get("/images")
    c.get("/instances")


@broken("DC-CLI-036", layer=partial(other_hrefs, "keys", folder="/accounts/1"))
def collection_at_its_usual_path(c: Caller) -> None:
    """Asks for a collection where it usually is, and not where it was told."""
    c.entry()
    c.get("/keys")


@broken("DC-CLI-038", layer=partial(other_hrefs, "images", "?view=all"))
def forgets_the_query(c: Caller) -> None:
    """Takes the query from a URL that it was given."""
    c.entry()
    c.get("/images")


@broken("DC-CLI-037")
def invents_an_id(c: Caller) -> None:
    """Reads the list, and destroys something else."""
    c.entry()
    c.get("/keys")
    c.delete("/keys/key-1")


@broken("DC-CLI-037")
def takes_the_name_for_the_id(c: Caller) -> None:
    """Takes the name of an object for its id."""
    c.entry()
    c.get("/realms")
    c.get("/realms/United%20States")


@broken("DC-CLI-039", persona="mock")
def reads_what_is_not_listed(c: Caller) -> None:
    """Lists firewalls where there are none."""
    c.entry()
    c.get("/firewalls")


@broken("DC-CLI-040", persona="mock")
def writes_what_is_not_listed(c: Caller) -> None:
    """Creates a load balancer where there are none."""
    c.entry()
    c.post("/load_balancers", BALANCER)


@broken("DC-CLI-041", persona="mock")
def uses_a_feature_unannounced(c: Caller) -> None:
    """Sends user data to a cloud that takes none."""
    c.entry()
    c.post("/instances", {"image_id": "img1", "user_data": "eA=="})


@broken("DC-CLI-042")
def starts_what_runs(c: Caller) -> None:
    """Starts an instance that it was shown running."""
    c.entry()
    c.get("/instances/inst0")
    c.post("/instances/inst0/start")


@broken("DC-CLI-042")
def destroys_what_runs(c: Caller) -> None:
    """Destroys a running instance without stopping it."""
    c.entry()
    c.get("/instances/inst0")
    c.delete("/instances/inst0")


@broken("DC-CLI-044")
def size_out_of_range(c: Caller) -> None:
    """Asks for more memory than the profile has."""
    c.entry()
    c.get("/hardware_profiles")
    c.post("/instances", {"image_id": "img1", "hwp_id": "m1-large", "hwp_memory": "99999"})


@broken("DC-CLI-044")
def size_between_the_entries(c: Caller) -> None:
    """Asks for a size that is not among those listed."""
    c.entry()
    c.get("/hardware_profiles/m1-large")
    c.post("/instances", {"image_id": "img1", "hwp_id": "m1-large", "hwp_storage": "900"})


@broken("DC-CLI-044")
def size_that_is_fixed(c: Caller) -> None:
    """Asks for another number of processors than the profile has."""
    c.entry()
    c.get("/hardware_profiles")
    c.post("/instances", {"image_id": "img1", "hwp_id": "m1-small", "hwp_cpu": "8"})


@broken("DC-CLI-045")
def image_by_name(c: Caller) -> None:
    """Launches an image by its description."""
    c.entry()
    c.get("/images")
    c.post("/instances", {"image_id": "Fedora 10"})
