"""HTTP/2, for the one provider that speaks nothing else. What ``Transport`` is for all the others."""

from __future__ import annotations

import asyncio
import ssl

import httpx2

from channels.http.transport import Lost, Request, Response

__all__ = ["TransportTwo"]


class TransportTwo:
    """Connections that carry many requests each; opened when the first is needed."""

    def __init__(self, connections: int, context: ssl.SSLContext | None = None) -> None:
        self._connections = connections
        self._context = context
        self._client: httpx2.AsyncClient | None = None
        self._out: set[asyncio.Task[Response | Lost]] = set()

    async def exchange(self, request: Request, seconds: float, most: int) -> Response | Lost:
        """Sends the request, and reads up to ``most`` bytes of what comes back within ``seconds``.

        Whoever asks may give up at any time; what was asked goes on, because a connection that is
        left in the middle of a frame is of no use to the others on it.
        """
        asking = asyncio.create_task(self._ask(request, seconds, most))
        self._out.add(asking)
        asking.add_done_callback(self._out.discard)
        return await asyncio.shield(asking)

    async def close(self) -> None:
        """Closes every connection, as soon as nothing is out any more."""
        if self._out:
            await asyncio.wait(self._out)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _ask(self, request: Request, seconds: float, most: int) -> Response | Lost:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                http1=False,
                http2=True,
                trust_env=False,
                follow_redirects=False,
                verify=self._context or ssl.create_default_context(),
                limits=httpx2.Limits(max_connections=self._connections),
            )
        try:
            response = await self._client.request(
                request.method,
                request.address,
                content=request.body,
                headers=dict(request.headers),
                timeout=seconds,
            )
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            return Lost("it could not be reached", left=False)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError):
            return Lost("it could not be reached", left=False)
        except httpx2.TimeoutException:
            return Lost("it gave no answer in time")
        except (httpx2.HTTPError, OSError):
            return Lost("its answer could not be read")
        body = response.content
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status_code, body if len(body) <= most else None, headers)
