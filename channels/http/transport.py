"""The only place here that opens sockets to speak HTTP: one request, its response, and nothing
thought about it.

Connections are kept open for the next request. No cookies, no redirects, no proxies, and nothing
is unpacked: what comes back is read as it comes, up to a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import aiohttp

__all__ = ["InsideError", "Lost", "Request", "Response", "Transport"]


def _no_headers() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, ready for the wire."""

    address: str
    headers: Mapping[str, str]
    body: bytes = b""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``body`` is None if it was longer than it may be; the names of ``headers``
    are in small letters.
    """

    status: int
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=_no_headers)


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing came back. Unless the request has certainly not ``left``, it may have arrived."""

    reason: str
    left: bool = True


class InsideError(OSError):
    """A connector will not go where a name leads; it says why."""


class Transport:
    """One session on one event loop; opened when it is first needed."""

    def __init__(
        self,
        connections: int,
        connector: Callable[[int], aiohttp.TCPConnector] | None = None,
    ) -> None:
        """``connector`` makes what connects, if not everything may be connected to."""
        self._connections = connections
        self._connector = connector or (lambda limit: aiohttp.TCPConnector(limit=limit))
        self._session: aiohttp.ClientSession | None = None
        self._timeout = aiohttp.ClientTimeout()  # the last one that was asked for

    async def exchange(self, request: Request, seconds: float, most: int) -> Response | Lost:
        """Sends the request, and reads up to ``most`` bytes of what comes back within ``seconds``."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector(self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        if self._timeout.total != seconds:
            self._timeout = aiohttp.ClientTimeout(total=seconds, connect=seconds)
        try:
            async with self._session.request(
                request.method,
                request.address,
                data=request.body or None,
                headers=request.headers,
                allow_redirects=False,
                timeout=self._timeout,
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Response(response.status, await _limited(response, most), headers)
        except aiohttp.ClientConnectorCertificateError:
            return Lost("its certificate is not valid", left=False)
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL, UnicodeError) as error:
            # The last one is what looking up a name raises that cannot be one.
            refused = getattr(error, "os_error", None)
            said = str(refused) if isinstance(refused, InsideError) else "it could not be reached"
            return Lost(said, left=False)
        except aiohttp.ConnectionTimeoutError:
            return Lost("it gave no answer in time", left=False)
        except TimeoutError:
            return Lost("it gave no answer in time")
        except aiohttp.ClientConnectionError:
            return Lost("it could not be reached")
        except (aiohttp.ClientError, OSError):
            return Lost("its answer could not be read")

    async def close(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _limited(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    if response.content_length is not None and response.content_length <= most:
        return await response.read()  # no more than that comes
    parts: list[bytes] = []
    read = 0
    async for part in response.content.iter_chunked(most + 1):
        read += len(part)
        if read > most:
            response.close()  # the rest is not wanted, and so neither is the connection
            return None
        parts.append(part)
    return b"".join(parts)
