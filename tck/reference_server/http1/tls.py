"""TLS for development: with a certificate that is given, or one made on the spot."""

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
    """From files in PEM form; OSError (ssl.SSLError is one) if they are no pair."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


def self_signed(host: str) -> tuple[ssl.SSLContext, str]:
    """For this host and this machine, for a year; and the certificate in PEM form, to be trusted.

    The private key is nowhere but in the memory of this process.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    pem = certificate(host, key).public_bytes(serialization.Encoding.PEM)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads files only
        file = Path(folder, "both.pem")
        file.touch(0o600)
        file.write_bytes(private_pem(key) + pem)
        return context(file, file), pem.decode()


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A key as the ssl module reads it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def certificate(host: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate that its own key has signed, for a host and for this machine."""
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
