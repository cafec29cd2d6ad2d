"""TLS for development: with a given certificate, or with one that is made for the process."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def context(certificate: Path, key: Path) -> ssl.SSLContext:
    """The context of a server, from PEM files.

    OSError (ssl.SSLError is one) if they cannot be read or do not belong together.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key, lambda: "")  # without this it may ask for a password
    return server


def self_signed(host: str) -> tuple[ssl.SSLContext, str]:
    """A context whose certificate is valid for a year, and that certificate as PEM.

    Clients have to trust the certificate; it names `host` and localhost. Its private key is in a
    temporary file while the ssl module reads it, and in no other.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    pem = certificate(host, key).public_bytes(serialization.Encoding.PEM)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads files only
        file = Path(folder, "both.pem")
        file.touch(0o600)
        file.write_bytes(private_pem(key) + pem)
        return context(file, file), pem.decode()


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A key as unencrypted PEM (PKCS #8)."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def certificate(host: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate signed by its own key, for `host` and localhost."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Deltacloud reference server")])
    now = datetime.datetime.now(datetime.UTC)
    names = dict.fromkeys((host, "localhost", "127.0.0.1", "::1"))
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([_general(n) for n in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
