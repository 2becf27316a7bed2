"""The only place here that opens sockets: one request, its response, and nothing thought about it.

Connections are kept open for the next request. No cookies, no redirects, no proxies, and nothing
is unpacked: what a service sends is read as it comes, up to a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

__all__ = ["Lost", "Response", "Transport"]


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``body`` is None if it was longer than it may be."""

    status: int
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing came back. The request may or may not have arrived."""

    reason: str


class Transport:
    """One session on one event loop; opened when it is first needed."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, address: str, headers: Mapping[str, str], body: bytes, seconds: float, most: int
    ) -> Response | Lost:
        """Sends ``body``, and reads what comes back within ``seconds``."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        try:
            async with self._session.post(
                address,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as response:
                return Response(response.status, await _limited(response, most))
        except TimeoutError:
            return Lost("it gave no answer in time")
        except aiohttp.ClientConnectorCertificateError:
            return Lost("its certificate is not valid")
        except (aiohttp.ClientConnectionError, aiohttp.InvalidURL, UnicodeError):
            # The last one is what looking up a name raises that cannot be one.
            return Lost("it could not be reached")
        except (aiohttp.ClientError, OSError):
            return Lost("its answer could not be read")

    async def close(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _limited(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    parts: list[bytes] = []
    read = 0
    async for part in response.content.iter_chunked(most + 1):
        read += len(part)
        if read > most:
            response.close()  # the rest is not wanted, and so neither is the connection
            return None
        parts.append(part)
    return b"".join(parts)
