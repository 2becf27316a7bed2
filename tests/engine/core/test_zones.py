"""Whose clock counts, when the zone is known, half known, or not known at all."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from engine.core.country_zones import COUNTRY_ZONES
from engine.core.zones import quiet_zones, recipient_zone

COMPANY = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("attributes", "zone"),
    [
        ({"time_zone": "America/New_York", "country": "DE"}, "America/New_York"),
        ({"time_zone": "Nowhere/At_All", "country": "FR"}, "Europe/Paris"),
        ({"time_zone": "../../etc/passwd"}, "Europe/Berlin"),
        ({"country": "gb"}, "Europe/London"),
        ({"country": "US"}, "Europe/Berlin"),
        ({"country": "ZZ"}, "Europe/Berlin"),
        ({}, "Europe/Berlin"),
    ],
)
def test_the_recipients_zone_falls_back_step_by_step(attributes: dict[str, str], zone: str) -> None:
    """The person's own, the country's if it has just one, the company's."""
    assert recipient_zone(attributes, COMPANY) == ZoneInfo(zone)


def test_in_a_country_with_several_zones_all_count_for_quiet_hours() -> None:
    """Somebody in the United States without a zone may be in Honolulu or in New York."""
    zones = {zone.key for zone in quiet_zones({"country": "US"}, COMPANY)}

    assert {"America/New_York", "Pacific/Honolulu", "America/Denver"} <= zones
    assert quiet_zones({"country": "DE"}, COMPANY) == (ZoneInfo("Europe/Berlin"),)


def test_the_table_of_countries_is_that_of_the_tz_database() -> None:
    """Derived anew from the installed tzdata: one zone for each clock shown in 2025 to 2028."""
    by_country: dict[str, dict[tuple[object, ...], str]] = defaultdict(dict)
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(4 * 365 + 1)]
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            zone = ZoneInfo(name)
            clock = tuple(day.astimezone(zone).utcoffset() for day in days)
            by_country[country].setdefault(clock, name)

    assert {c: tuple(zones.values()) for c, zones in by_country.items()} == dict(COUNTRY_ZONES)
