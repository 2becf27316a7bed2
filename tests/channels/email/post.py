"""What the tests of the SMTP adapter share: a letter, an adapter, and a server to write to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.email.smtp import SmtpAdapter, SmtpSettings
from channels.message import Message
from channels.outcome import Outcome
from tests.channels.email.servers import (
    HOST,
    Mailbox,
    Server,
    mail_server,
    scripted_server,
)

TEXTS = {"subject": "Grüße aus Köln", "text": "Hallo Ada,\n.\nbis bald 👋", "html": "<p>Hallo</p>"}


def made(delivery: str = "d1", address: str = "ada@example.com", **more: str) -> Message:
    return Message(delivery, "email", address, "news", "j", "m", {**TEXTS, **more})


def adapter_for(server: Server, **settings: Any) -> SmtpAdapter:
    return SmtpAdapter(
        SmtpSettings.model_validate(
            {
                "host": HOST,
                "port": server.port,
                "encryption": "none",
                "from": "Shop <news@shop.example>",
                "timeout_seconds": 5.0,
                **settings,
            }
        )
    )


def against(
    mailbox: Mailbox,
    story: Callable[[SmtpAdapter, Server], Awaitable[None]],
    *,
    server: Mapping[str, Any] | None = None,
    **settings: Any,
) -> None:
    async def whole() -> None:
        async with mail_server(mailbox, **(server or {})) as running:
            adapter = adapter_for(running, **settings)
            await story(adapter, running)
            await adapter.close()

    asyncio.run(whole())


def outcomes_of(
    script: Mapping[str, str | None], *messages: Message, **settings: Any
) -> tuple[list[Outcome], list[str]]:
    """What the adapter made of a scripted server, and the verbs the server heard."""
    heard: list[str] = []

    async def whole() -> list[Outcome]:
        async with scripted_server(script, heard) as server:
            adapter = adapter_for(server, **settings)
            found = [await adapter.send(message) for message in messages or (made(),)]
            await adapter.close()
            return found

    return asyncio.run(whole()), heard
