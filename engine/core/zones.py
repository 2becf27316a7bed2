"""Whose clock counts: the recipient's zone and its fallbacks (language reference, 2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.core.country_zones import COUNTRY_ZONES

__all__ = ["country_zones", "quiet_zones", "recipient_zone", "zone_called"]


@lru_cache(maxsize=1024)
def zone_called(name: str) -> ZoneInfo | None:
    """The zone of that IANA name; None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def recipient_zone(attributes: Mapping[str, Any], company: ZoneInfo) -> ZoneInfo:
    """The zone for everything local: the person's own, else the country's if it has just one,
    else the company's.
    """
    zones = _candidates(attributes)
    return zones[0] if len(zones) == 1 else company


def quiet_zones(attributes: Mapping[str, Any], company: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """Every zone the person may be in: a message is quiet if it is quiet in any of them."""
    return _candidates(attributes) or (company,)


def _candidates(attributes: Mapping[str, Any]) -> tuple[ZoneInfo, ...]:
    own = attributes.get("time_zone")
    if isinstance(own, str) and own:
        zone = zone_called(own)
        if zone is not None:
            return (zone,)
    country = attributes.get("country")
    return country_zones(country) if isinstance(country, str) else ()


@lru_cache(maxsize=1024)
def country_zones(country: str) -> tuple[ZoneInfo, ...]:
    """Every zone of a country, by its ISO code; none if there is no such country."""
    names = COUNTRY_ZONES.get(country.strip().upper(), ())
    return tuple(zone for zone in map(zone_called, names) if zone is not None)
