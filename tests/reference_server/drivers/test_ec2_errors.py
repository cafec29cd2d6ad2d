"""Errors of AWS become errors of the API."""

from __future__ import annotations

import pytest

from tck.reference_server.errors import ApiError, NotFoundError

pytest.importorskip("boto3", reason="needs boto3: pip install deltacloud-tck[ec2]")

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
)

from tck.reference_server.drivers.ec2.account import (
    not_found_as_invalid,
    translated,
    translating,
)

STATUSES = {
    "AuthFailure": 401,
    "InvalidClientTokenId": 401,
    "SignatureDoesNotMatch": 401,
    "InvalidAccessKeyId": 401,
    "UnauthorizedOperation": 403,
    "AccessDenied": 403,
    "InvalidInstanceID.NotFound": 404,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "LoadBalancerNotFound": 404,
    "InvalidKeyPair.Duplicate": 409,
    "InvalidGroup.InUse": 409,
    "VolumeInUse": 409,
    "IncorrectInstanceState": 409,
    "DependencyViolation": 409,
    "BucketAlreadyExists": 409,
    "BucketNotEmpty": 409,
    "Resource.AlreadyAssociated": 409,
    "InvalidAMIID.Malformed": 400,
    "InvalidParameterValue": 400,
    "InstanceLimitExceeded": 400,
    "EntityTooSmall": 400,
    "UnsupportedOperation": 501,
    "InternalError": 502,
    "RequestLimitExceeded": 502,
    "SlowDown": 502,
}


def _error(code: str, status: int = 500) -> ClientError:
    answer = {
        "Error": {"Code": code, "Message": f"AWS says\n {code}"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, "DescribeThings")


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_codes(code: str, status: int) -> None:
    refused = translated(_error(code))
    assert refused.status == status
    assert f"AWS says {code}" in refused.message


@pytest.mark.parametrize(("given", "status"), [(401, 401), (403, 403), (404, 404), (418, 400)])
def test_unknown_codes_go_by_their_status(given: int, status: int) -> None:
    assert translated(_error("Novelty", given)).status == status


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConnectTimeoutError(endpoint_url="http://x"), 504),
        (EndpointConnectionError(endpoint_url="http://x"), 502),
        (ParamValidationError(report="no such thing"), 400),
    ],
)
def test_failures_without_an_answer(error: Exception, status: int) -> None:
    with pytest.raises(ApiError) as caught, translating():
        raise error
    assert caught.value.status == status


def test_what_a_parameter_names_is_the_clients_mistake() -> None:
    with pytest.raises(ApiError) as caught, not_found_as_invalid():
        raise NotFoundError("no such image")
    assert caught.value.status == 400
