"""A moto server that checks credentials, in a process of its own, and a driver to it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reference_server.client import Api as _Api
from reference_server.client import Reply
from tck.reference_server import create_app

SCRIPT = Path(__file__).parents[3] / "scripts" / "moto-server"


@dataclass(frozen=True)
class Moto:
    """Its URL, and the credentials of its one user."""

    url: str
    user: str
    password: str

    def client(self, service: str) -> Any:
        """A client that asks moto directly, without the driver."""
        import boto3  # noqa: PLC0415  (`moto` skips where it is missing)

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.user,
            aws_secret_access_key=self.password,
        )


class Api(_Api):
    """Sends the credentials of moto's user unless others are given."""

    def __init__(self, app: Any, moto: Moto) -> None:
        super().__init__(app)
        self.own = moto.user, moto.password

    def __call__(self, method: str, path: str, **options: Any) -> Reply:
        return super().__call__(method, path, **{"auth": self.own, **options})


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    for library in ("boto3", "moto"):
        pytest.importorskip(library, reason=f"needs {library}: pip install deltacloud-tck[dev]")
    with subprocess.Popen(
        [sys.executable, str(SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield Moto(*(server.stdout.readline().strip() for _ in range(3)))
        server.stdin.close()


@pytest.fixture(scope="session")
def aws(moto: Moto) -> Api:
    """A client of one driver, which all tests share."""
    return Api(create_app("bridge-ec2", moto.url), moto)


@pytest.fixture(scope="session")
def image(aws: Api) -> str:
    return aws.get("/images").xml[0].attrib["id"]
