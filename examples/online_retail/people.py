"""Makes up the people behind the customer numbers: run it to write data/people-made-up.jsonl.gz.

The data set has orders and nothing about people. Every name, address, language, time zone and
consent below is invented, drawn by hash from the customer number and the country of the first
invoice, so the same input always gives the same lines. Nobody here exists.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

DATA = Path(__file__).parent / "data"
ORDERS = DATA / "orders.jsonl.gz"
PEOPLE = DATA / "people-made-up.jsonl.gz"

FIRST_NAMES = {
    "en": "Ada Alfie Amelia Arthur Daisy Edith Florence Freddie George Grace Harriet Henry Ivy Jack "
    "Lily Martha Oscar Poppy Rosie Theo Tilly Walter Winnie Zara",
    "de": "Anna Clara Emil Emma Felix Frieda Greta Hannah Ida Jakob Jonas Karl Lena Leni Mats Mia "
    "Moritz Nele Oskar Paula Rosa Theo",
    "fr": "Adèle Agathe Alix Anouk Basile Camille Chloé Élise Gaspard Hugo Jeanne Jules Léa Léon "
    "Louise Lucie Manon Marius Paul Rose Simon Zoé",
}


class Country(NamedTuple):
    """What can be guessed from a country: its code, its time zone, the languages spoken there."""

    code: str
    zone: str
    languages: tuple[str, ...] = ("en",)


COUNTRIES = {
    "United Kingdom": Country("GB", "Europe/London"),
    "Germany": Country("DE", "Europe/Berlin", ("de",)),
    "France": Country("FR", "Europe/Paris", ("fr",)),
    "EIRE": Country("IE", "Europe/Dublin"),
    "Belgium": Country("BE", "Europe/Brussels", ("fr", "en")),
    "Spain": Country("ES", "Europe/Madrid"),
    "Netherlands": Country("NL", "Europe/Amsterdam"),
    "Switzerland": Country("CH", "Europe/Zurich", ("de", "de", "fr")),
    "Portugal": Country("PT", "Europe/Lisbon"),
    "Australia": Country("AU", "Australia/Sydney"),
    "Italy": Country("IT", "Europe/Rome"),
    "Finland": Country("FI", "Europe/Helsinki"),
    "Sweden": Country("SE", "Europe/Stockholm"),
    "Norway": Country("NO", "Europe/Oslo"),
    "Channel Islands": Country("JE", "Europe/Jersey"),
    "Japan": Country("JP", "Asia/Tokyo"),
    "Poland": Country("PL", "Europe/Warsaw"),
    "Denmark": Country("DK", "Europe/Copenhagen"),
    "Cyprus": Country("CY", "Asia/Nicosia"),
    "Austria": Country("AT", "Europe/Vienna", ("de",)),
    "Singapore": Country("SG", "Asia/Singapore"),
    "Malta": Country("MT", "Europe/Malta"),
    "Iceland": Country("IS", "Atlantic/Reykjavik"),
    "USA": Country("US", "America/New_York"),
    "Israel": Country("IL", "Asia/Jerusalem"),
    "Greece": Country("GR", "Europe/Athens"),
    "Canada": Country("CA", "America/Toronto", ("en", "fr")),
    "Czech Republic": Country("CZ", "Europe/Prague"),
    "Lithuania": Country("LT", "Europe/Vilnius"),
    "United Arab Emirates": Country("AE", "Asia/Dubai"),
    "Saudi Arabia": Country("SA", "Asia/Riyadh"),
    "Bahrain": Country("BH", "Asia/Bahrain"),
    "Lebanon": Country("LB", "Asia/Beirut"),
    "Brazil": Country("BR", "America/Sao_Paulo"),
    "RSA": Country("ZA", "Africa/Johannesburg"),
}  # "Unspecified" and "European Community" are no countries: the company's zone will do

PHONES = {"GB": "+447700900{:03d}", "DE": "+4917139200{:02d}", "FR": "+336399800{:02d}"}


def draw(person: str, what: str) -> float:
    """A number in [0, 1) that is always the same for this person and purpose."""
    digest = hashlib.sha256(f"online_retail|{what}|{person}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def pick(person: str, what: str, choices: tuple[str, ...] | list[str]) -> str:
    """One of the choices, always the same for this person and purpose."""
    return choices[int(draw(person, what) * len(choices))]


def made_up(person: str, country_name: str, first_seen: datetime) -> Iterator[dict[str, Any]]:
    """The calls an online shop would have sent about this person, as Segment-spec dicts."""
    country = COUNTRIES.get(country_name)
    language = pick(person, "language", country.languages) if country else "en"
    name = pick(person, "name", FIRST_NAMES[language].split())
    traits: dict[str, Any] = {"made_up": True, "language": language}
    if country:
        traits |= {"country": country.code, "time_zone": country.zone}
    if draw(person, "has name") < 0.8:
        traits["first_name"] = name
    if draw(person, "has email") < 0.96:
        host = pick(person, "host", ("example.com", "example.org", "example.net"))
        traits["email"] = f"customer{person}@{host}"
    if country and country.code in PHONES and draw(person, "has phone") < 0.45:
        pattern = PHONES[country.code]
        numbers = 1000 if "03d" in pattern else 100
        traits["phone"] = pattern.format(int(draw(person, "phone") * numbers))
    call: dict[str, Any] = {"type": "identify", "traits": traits}
    has_app = draw(person, "has app") < 0.35
    if has_app:
        token = hashlib.sha256(f"made-up push token|{person}".encode()).hexdigest()[:24]
        call["context"] = {"device": {"token": f"made-up-{token}"}}
    registered = first_seen - timedelta(minutes=2)
    yield _call(call, person, registered, "identify")
    wishes = {
        "email": "email" in traits and draw(person, "consent email") < 0.78,
        "push": has_app and draw(person, "consent push") < 0.65,
        "sms": "phone" in traits and draw(person, "consent sms") < 0.5,
    }
    for channel, granted in wishes.items():
        if granted:
            yield _consent("consent_granted", person, channel, first_seen - timedelta(minutes=1))
    if wishes["email"] and draw(person, "changes their mind") < 0.06:
        later = first_seen + timedelta(days=15 + int(draw(person, "when") * 240), hours=3)
        yield _consent("consent_withdrawn", person, "email", later)


def _call(call: dict[str, Any], person: str, at: datetime, what: str) -> dict[str, Any]:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return call | {"userId": person, "messageId": f"made-up-{what}-{person}", "timestamp": stamp}


def _consent(event: str, person: str, channel: str, at: datetime) -> dict[str, Any]:
    properties = {"category": "promotional", "channel": channel}
    call = {"type": "track", "event": event, "properties": properties}
    return _call(call, person, at, f"{event}-{channel}")


def people(orders: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All calls about everybody in the orders, in time order, none after the last order."""
    first: dict[str, tuple[str, datetime]] = {}
    end = datetime.fromtimestamp(0, UTC)
    for order in orders:
        end = datetime.fromisoformat(order["timestamp"])
        first.setdefault(order["userId"], (order["properties"]["country"], end))
    calls = [call for person, (where, at) in first.items() for call in made_up(person, where, at)]
    last = end.strftime("%Y-%m-%dT%H:%M:%SZ")
    return sorted((c for c in calls if c["timestamp"] <= last), key=lambda c: c["timestamp"])


def write(source: Path = ORDERS, target: Path = PEOPLE) -> int:
    """Writes the file and returns the number of lines. The same lines every time."""
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        calls = people(map(json.loads, lines))
    text = "".join(json.dumps(call, ensure_ascii=False) + "\n" for call in calls)
    target.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    return len(calls)


if __name__ == "__main__":
    print(f"{write():,} lines written to {PEOPLE.name}")
