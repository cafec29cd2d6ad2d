"""The driver to libvirt, on libvirt's test driver: no root, no hypervisor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reference_server.client import Api
from tck.reference_server import create_app

libvirt = pytest.importorskip("libvirt", reason="needs libvirt-python: see docs/clouds.md")

from tck.reference_server.drivers.libvirt import hypervisor  # noqa: E402

NODE = Path(__file__).parents[3] / "scripts" / "libvirt-node.xml"
IMAGE = "debian.qcow2"


@pytest.fixture
def node() -> Api:
    """A client of a driver to a host of its own."""
    return Api(create_app("bridge-libvirt", f"test://{NODE}"))


@pytest.fixture
def virt(node: Api) -> Any:
    """The host of `node`, asked directly."""
    return node.client.application.default._shared.virt  # type: ignore[union-attr]


def _disks(virt: Any) -> list[str]:
    return sorted(v.name() for pool in virt.listAllStoragePools() for v in pool.listAllVolumes())


def test_the_servers_own_credentials_count(node: Api) -> None:
    for wrong in (None, ("mockuser", "x"), ("x", "mockpassword")):
        assert node.get("/instances", auth=wrong).status == 401
    assert node.get("/instances").status == 200


def test_a_libvirt_that_asks_for_users_gets_those_of_the_request(tmp_path: Path) -> None:
    users = "<auth><user password='hers'>her</user></auth>"
    host = tmp_path / "node.xml"
    host.write_text(NODE.read_text("utf-8").replace("</node>", f"{users}</node>"), "utf-8")
    node = Api(create_app("bridge-libvirt", f"test://{host}"))
    assert node.get("/realms", auth=("her", "hers")).status == 200
    assert node.get("/realms", auth=("her", "his")).status == 401
    assert node.get("/realms").status == 401


def test_a_host_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.xml"):
        create_app("bridge-libvirt", f"test://{tmp_path}/none.xml")


def test_the_life_of_an_instance(node: Api, virt: Any) -> None:
    before = _disks(virt)
    form = {"image_id": IMAGE, "name": " a\n<é>", "hwp_id": "custom", "hwp_memory": "100"}
    made = node.post("/instances", form)
    assert made.status == 201
    shown = node.get(f"/instances/{made.id}").xml
    assert shown.findtext("name") == " a\n<é>"
    assert shown.find("hardware_profile/property[@name='memory'][@value='100']") is not None
    assert virt.lookupByUUIDString(made.id).maxMemory() == 100 * 1024
    for action, state in (("reboot", "RUNNING"), ("stop", "STOPPED"), ("start", "RUNNING")):
        assert node.post(f"/instances/{made.id}/{action}").status == 202
        assert node.state(made.id) == state
    assert node.post(f"/instances/{made.id}/start").status == 405
    assert node.delete(f"/instances/{made.id}").status == 204
    assert node.get(f"/instances/{made.id}").status == 404
    assert _disks(virt) == before


def test_the_machines_of_others_are_not_shown_and_not_touched(node: Api, virt: Any) -> None:
    foreign = virt.lookupByName("foreign").UUIDString()
    assert foreign not in [i.attrib["id"] for i in node.get("/instances").xml]
    assert node.delete(f"/instances/{foreign}").status == 404
    assert node.post(f"/instances/{foreign}/stop").status == 404
    assert virt.lookupByName("foreign").isActive()


def test_an_image_of_a_stopped_instance(node: Api, virt: Any) -> None:
    id_ = node.launch(image_id=IMAGE)
    form = {"instance_id": id_, "name": "mine"}
    assert node.post("/images", form).status == 409
    node.post(f"/instances/{id_}/stop")
    assert node.post("/images", form).status == 201
    assert node.post("/images", form).status == 409
    node.delete(f"/instances/{id_}")
    assert node.state(node.launch(image_id="mine")) == "RUNNING"
    assert node.delete("/images/mine").status == 204
    assert "mine" not in _disks(virt)


@pytest.mark.parametrize(
    "wrong",
    [
        {"image_id": "none"},
        {"realm_id": "none"},
        {"hwp_id": "none"},
        {"hwp_id": "small", "hwp_memory": "513"},
        {"name": "x" * 201},
    ],
)
def test_launches_that_cannot_be(node: Api, virt: Any, wrong: dict[str, str]) -> None:
    before = _disks(virt)
    assert node.post("/instances", {"image_id": IMAGE, **wrong}).status == 400
    assert _disks(virt) == before
    assert len(node.get("/instances").xml) == 0


def test_a_launch_that_fails_leaves_no_disk(
    node: Api, virt: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _disks(virt)

    def fail(_self: object) -> None:
        raise libvirt.libvirtError("no power")

    monkeypatch.setattr(libvirt.virDomain, "create", fail)
    assert node.post("/instances", {"image_id": IMAGE}).status == 502
    assert _disks(virt) == before
    assert [domain.name() for domain in virt.listAllDomains()] == ["foreign"]


def test_networks(node: Api) -> None:
    made = node.post("/networks", {"name": "n", "address_block": "10.77.0.0/16"})
    assert made.status == 201
    assert made.xml.findtext("address_blocks/address_block") == "10.77.0.0/16"
    assert node.post("/networks", {"name": "n"}).status == 409
    for wrong in ("10.0.0.0/99", "x", "10.0.0.0/32"):
        assert node.post("/networks", {"address_block": wrong}).status == 400
    other = node.post("/networks")
    assert other.status == 201
    for id_ in (made.id, other.id):
        assert node.delete(f"/networks/{id_}").status == 204
        assert node.delete(f"/networks/{id_}").status == 404


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("VIR_ERR_NO_DOMAIN", 404),
        ("VIR_ERR_OPERATION_INVALID", 409),
        ("VIR_ERR_AUTH_FAILED", 401),
        ("VIR_ERR_ACCESS_DENIED", 403),
        ("VIR_ERR_XML_ERROR", 400),
        ("VIR_ERR_NO_SUPPORT", 501),
        ("VIR_ERR_OPERATION_TIMEOUT", 504),
        ("VIR_ERR_INTERNAL_ERROR", 502),
    ],
)
def test_codes(code: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    error = libvirt.libvirtError("as libvirt says")
    error.err = (getattr(libvirt, code), 0, "as libvirt says", 0, "", "", "", 0, 0)
    with pytest.raises(hypervisor.ApiError) as caught, hypervisor.translating():
        raise error
    assert (caught.value.status, caught.value.message) == (status, "as libvirt says")
