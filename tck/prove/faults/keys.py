"""Keys: their documents and their life."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tck.prove.altered import drivers, http, json, requests, xml
from tck.prove.altered.drivers import around, do_nothing
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import Faults
from tck.reference_server.resources import Key

_PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"

fault = Faults()

fault("key-without-name", "DC-KEY-001", xml.drop("keys.*", "//key/name"))
fault("key-without-type", "DC-KEY-001 DC-KEY-003 DC-DOC-016", xml.drop("keys.*", "//key/@type"))
fault("json-key-type-misnamed", "DC-KEY-002", json.rename("keys.*", "credential_type", "type"))
fault("json-key-without-state", "DC-KEY-002", json.drop("keys.*", "state"))
fault("json-key-pem-misnamed", "DC-KEY-006", json.rename("keys.*", "pem_rsa_key", "pem"))
fault("key-type-ssh", "DC-KEY-003", xml.put("keys.*", "//key/@type", "ssh"))
fault(
    "json-key-type-upper-case",
    "DC-KEY-003",
    json.put("keys.*", "credential_type", str.upper),
    text="writes credential_type in upper case in JSON",
)
fault(
    "password-key-without-user",
    "DC-KEY-004",
    xml.drop("keys.*", "//key/username"),
    persona="gogrid",
)
fault(
    "password-key-without-password",
    "DC-KEY-004",
    xml.drop("keys.*", "//key/password"),
    persona="gogrid",
)


@fault.does("DC-KEY-005", around, "keys.create", "create_key")
def key_forgotten(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Answers with the new key and does not keep it."""
    made = ask(caller, **given)
    driver.destroy_key(caller, made.id)
    return made


@fault.does("DC-KEY-005", around, "keys.create", "create_key")
def key_named_otherwise(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Keeps the names of keys in upper case."""
    return ask(caller, **{**given, "name": given["name"].upper()})


fault("key-named-in-document-only", "DC-KEY-005", xml.put("keys.show", "//key/name", "key"))


@fault.does("DC-KEY-005", drivers.listed, "keys.index", "keys")
def key_not_listed(members: list[Any]) -> list[Any]:
    """Lists only the first key."""
    return members[:1]


fault("key-without-private-part", "DC-KEY-006", xml.drop("keys.create", "//pem"))
fault(
    "private-key-cut-short",
    "DC-KEY-006",
    xml.put("keys.create", "//pem", lambda pem: pem[: len(pem) // 2]),
    text="cuts the private key short",
)
fault(
    "private-key-without-lines",
    "DC-KEY-006",
    xml.put("keys.create", "//pem", lambda pem: "".join(pem.split("\n"))),
    text="writes the private key on one line",
)
fault("key-with-empty-private-part", "DC-KEY-006", xml.put("keys.create", "//pem", ""))
fault("json-key-without-private-part", "DC-KEY-006", json.put("keys.create", "pem_rsa_key", None))
fault("private-key-shown-later", "DC-KEY-007", xml.add("keys.show", "/key", f"<pem>{_PEM}</pem>"))
fault(
    "private-key-shown-in-list", "DC-KEY-007", xml.add("keys.index", "//key", f"<pem>{_PEM}</pem>")
)


@fault.does("DC-KEY-008", around, "keys.create", "create_key")
def second_key_of_a_name(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Replaces a key when another one of the same name is created."""
    drivers.remove_stored(driver, Key, lambda k: k.id == given["name"])
    return ask(caller, **given)


fault("second-key-500", "DC-KEY-008", http.on_status("!keys.create", 403, 500))
fault("second-key-404", "DC-KEY-008", http.on_status("!keys.create", 403, 404))


@fault.does("DC-KEY-008", around, "keys.create", "create_key")
def second_key_changes_first(driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Refuses a second key of the same name, but changes the first."""
    change = lambda k: replace(k, fingerprint="00:11") if k.id == given["name"] else k  # noqa: E731
    drivers.change_stored(driver, Key, change)
    return ask(caller, **given)


fault("key-not-destroyed", "DC-KEY-009", do_nothing("keys.destroy", "destroy_key", "keys"))


@fault.does("DC-KEY-009", drivers.listed, "keys.index", "keys")
def destroyed_key_listed(members: list[Any]) -> list[Any]:
    """Goes on listing a key that was destroyed."""
    return [
        *members,
        *(
            Key(f"tckp{n}", fingerprint="00")
            for n in range(1, 400)
            if f"tckp{n}" not in {k.id for k in members}
        ),
    ]


@fault.does("DC-KEY-009", around, "keys.destroy", "destroy_key")
def all_keys_destroyed(driver: Any, ask: Any, caller: Any, id_: str) -> None:
    """Destroys other keys together with the one that was meant."""
    ask(caller, id_)
    drivers.remove_stored(driver, Key, lambda k: k.id != "test-key")


fault("key-without-action", "DC-KEY-010", xml.drop("keys.*", "//key/actions/link"))


@fault.does("DC-KEY-011", around, "keys.create", "create_key")
def import_under_another_name(_driver: Any, ask: Any, caller: Any, **given: Any) -> Any:
    """Gives imported keys a name of its own."""
    return ask(
        caller,
        **{
            **given,
            "name": f"imported-{given['name']}" if given.get("public_key") else given["name"],
        },
    )


@fault.does("DC-KEY-011", requests.reply, "keys.create")
def import_refused(asked: Asked) -> Answer | None:
    """Refuses every key that is created with a public key."""
    return http.failure(400) if "public_key" in asked.form else None


fault("key-without-fingerprint", "DC-KEY-012", xml.drop("keys.*", "//key/fingerprint"))
