"""The preference centre in a real browser, without scripts: chosen, saved and seen again, by mouse
and by keyboard, on a narrow screen and enlarged.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dsl.calendar import DAY
from engine.core.signals import EventArrived
from tests.browser import Page, browser, led
from tests.engine.api.conftest import Api

from .centre import keep

PICTURES = os.environ.get("WAYLINE_TEST_PICTURES")
"""A folder for pictures to be looked at."""


def keep_picture(name: str, picture: bytes) -> None:
    if PICTURES:
        (Path(PICTURES) / f"{name}.png").write_bytes(picture)


async def visit(page: Page, api: Api) -> None:
    """By way of the page to unsubscribe, as from an old letter."""
    await page.ask("Network.setExtraHTTPHeaders", headers={"x-api": api.name})
    keep(api)
    await page.open(f"http://127.0.0.1:{api.port}/unsubscribe/{api.links.token('d1')}")
    await page.press("a")


async def chooses(page: Page, api: Api) -> None:
    await visit(page, api)
    assert "What would you like to get from Shop & Co?" in await page.text()

    await page.click("label:has([value='promotional/sms'])")
    await page.focus("[name=limit]")
    await page.write("2 mess")
    await page.focus("[name=pause]")
    await page.key("ArrowDown", 40)
    await page.press("form:not(.plain) button")
    assert "Saved. This is how it stands now." in await page.text()
    events = [e.event for e in api.store.arrivals.values() if isinstance(e, EventArrived)]
    granted, wishes = events
    assert (granted.name, granted.properties["channel"]) == ("consent_granted", "sms")
    assert wishes.properties["at_most_per_week"] == 2
    assert wishes.properties["paused_until"] == wishes.occurred + 7 * DAY

    await page.press(".plain button")
    assert "You will get none of these messages any more." in await page.text()
    assert len(api.store.arrivals) == 3


async def reads(page: Page, api: Api) -> None:
    await visit(page, api)
    heard = await page.names()
    assert {
        ("group", "News & offers"),
        ("checkbox", "E-mail m…@example.com"),
        ("combobox", "At most, of all of these together"),
        ("combobox", "Pause these messages"),
        ("button", "Save"),
    } <= set(heard)
    assert all(name for role, name in heard if role in ("checkbox", "combobox", "button"))

    for width, zoom in ((1280, 1), (640, 2), (320, 1)):
        is_wide, window = await page.narrow(width, zoom)
        keep_picture(f"{width} at {zoom}", await page.picture())
        assert is_wide <= window


@pytest.mark.parametrize("does", [chooses, reads])
def test_somebody_without_scripts(does: Callable[[Page, Api], Awaitable[None]], api: Api) -> None:
    """One chooses, saves and leaves; one is read to, or sees badly, or holds a small telephone."""

    async def lead(address: str) -> None:
        async with led(address) as page:
            await does(page, api)

    with browser() as address:
        asyncio.run(lead(address))
