"""An adapter for the push service of the soak, installed as anybody's adapter would be."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from channels.adapter import Capabilities
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, Rejected, Unknown
from channels.settings import Settings
from dsl.calendar import Instant

__all__ = ["Carrier", "install"]


class CarrierSettings(Settings):
    """Where the service is, and how long it is waited for."""

    port: int
    seconds: float = 3.0


class Carrier:
    """One request for each push."""

    Settings = CarrierSettings

    def __init__(self, settings: CarrierSettings) -> None:
        self._url = f"http://127.0.0.1:{settings.port}/push"
        self._timeout = aiohttp.ClientTimeout(settings.seconds)
        self._session: aiohttp.ClientSession | None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"push"}), concurrency=8)

    async def send(self, message: Message) -> Outcome:
        if self._session is None:
            # A connection for each: one that is kept may be closed under a request.
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector)
        body = {"id": message.id, "to": message.address}
        try:
            async with self._session.post(self._url, json=body) as answer:
                if answer.status != 200:
                    return Rejected(FailureClass.TRANSIENT, str(answer.status), "busy")
                return Accepted((await answer.json())["id"])
        except aiohttp.ClientConnectorError as refused:
            return Rejected(FailureClass.TRANSIENT, "connect", str(refused))
        except (aiohttp.ClientError, TimeoutError) as lost:
            return Unknown(f"no answer: {type(lost).__name__}")

    async def probe(self, now: Instant) -> str:
        return ""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def install(folder: Path) -> Path:
    """A folder for the path of Python in which this is an installed package."""
    package = folder / "soak_carrier-1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: soak-carrier\nVersion: 1\n")
    points = "[wayline.adapters]\nsoak = tests.soak.carrier:Carrier\n"
    (package / "entry_points.txt").write_text(points)
    return folder
