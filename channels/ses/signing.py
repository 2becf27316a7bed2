"""AWS Signature Version 4, for requests with a body in memory. Source: "Signing AWS API requests"
in the AWS General Reference; held in the tests against botocore's own.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from channels.http.transport import Request
from dsl.calendar import Instant, to_datetime

__all__ = ["Credentials", "signed"]

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """A key of AWS. ``token`` comes with keys that are valid for some hours only."""

    key: str
    secret: str
    token: str = ""


def signed(
    request: Request, credentials: Credentials, region: str, service: str, now: Instant
) -> Request:
    """The request with the headers that let it in. It must not be older than five minutes."""
    moment = to_datetime(now)
    stamp, day = moment.strftime("%Y%m%dT%H%M%SZ"), moment.strftime("%Y%m%d")
    place = urlsplit(request.address)
    digest = sha256(request.body).hexdigest()
    headers = {**request.headers, "Host": place.netloc, "X-Amz-Date": stamp}
    if credentials.token:
        headers["X-Amz-Security-Token"] = credentials.token
    covered = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    names = ";".join(sorted(covered))
    canonical = "\n".join(
        (
            request.method,
            quote(place.path or "/", safe="/-_.~"),
            place.query,
            *(f"{name}:{covered[name]}" for name in sorted(covered)),
            "",
            names,
            digest,
        )
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join((_ALGORITHM, stamp, scope, sha256(canonical.encode()).hexdigest()))
    signature = hmac.new(_key(credentials.secret, scope), text.encode(), sha256).hexdigest()
    headers["Authorization"] = (
        f"{_ALGORITHM} Credential={credentials.key}/{scope},"
        f" SignedHeaders={names}, Signature={signature}"
    )
    return replace(request, headers=_without_host(headers))


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    return key


def _without_host(headers: Mapping[str, str]) -> dict[str, str]:
    """The wire writes it itself, from the address."""
    return {name: value for name, value in headers.items() if name != "Host"}
