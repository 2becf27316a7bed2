"""On what a link is opened: what decides whether it leads into an app or to a page of the web."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, cast, get_args

from channels.agents import Agents
from channels.content import Destination

__all__ = ["Platform", "is_browser", "leads_to", "platform_of"]

Platform: TypeAlias = Literal["ios", "android", "desktop"]

_LONGEST = 1000
_BROWSER = re.compile(r"Mozilla/\d\.\d \([^)]|^Opera/")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def platform_of(agent: str) -> Platform:
    """By the name that the browser gives itself."""
    return cast("Platform", _known().verdict(agent, "desktop"))


def is_browser(agent: str) -> bool:
    """Whether it calls itself one, and says on what it runs."""
    return _BROWSER.search(agent[:_LONGEST]) is not None


def leads_to(destination: Destination, platform: Platform) -> str:
    """The app, on a phone, if its link is one that browsers hand over to apps and that is a page
    where there is no app; else the page.
    """
    if platform != "desktop" and _WEB.match(destination.app):
        return destination.app
    return destination.web


@cache
def _known() -> Agents:
    return Agents(files("engine.api") / "platforms.tsv", get_args(Platform))
