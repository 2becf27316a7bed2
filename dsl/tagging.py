"""What an analytics tool wants to know of a visit, as it stands in an address."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote_plus

from dsl.policy import Tags

__all__ = ["add_tags", "tags_of"]

_NAME = re.compile(r"(?:^|[&;])([^=&;]*)")


def add_tags(address: str, tags: tuple[tuple[str, str], ...]) -> str:
    """``address`` with ``tags``, names and values as they stand in an address, before its fragment.
    What it has already is the author's, and stays.
    """
    before, sharp, fragment = address.partition("#")
    _, asks, query = before.partition("?")
    added = tags
    if query and ("%" in query or "utm" in query.lower()):
        known = {unquote_plus(found[1]).lower() for found in _NAME.finditer(query)}
        added = tuple(each for each in tags if each[0] not in known)
    if not added:
        return address
    more = "&".join(f"{name}={value}" for name, value in added)
    between = "" if asks and (not query or query.endswith("&")) else "&" if asks else "?"
    return f"{before}{between}{more}{sharp}{fragment}"


@lru_cache(4096)
def tags_of(
    tags: Tags, channel: str, message: str, link: str, journey: str, category: str
) -> tuple[tuple[str, str], ...]:
    """The tags of one link, as the policy names them."""
    words = {
        "channel": channel,
        "category": category,
        "journey": journey,
        "message": message,
        "link": link,
    }
    named = (
        ("utm_source", tags.source),
        ("utm_medium", tags.medium),
        ("utm_campaign", tags.campaign),
        ("utm_content", tags.content),
    )
    values = ((name, words.get(value, value)) for name, value in named)
    return tuple((name, quote(value, safe="/")) for name, value in values if value)
