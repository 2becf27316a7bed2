"""What the operator set, beyond what already keeps a daemon from starting."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.calendar import DAY, Instant, to_datetime
from engine.config import Settings
from engine.core.keys import Key, Scope, may, standing_of
from engine.doctor.finding import Finding, note, problem, well

__all__ = ["doors", "guests", "hidden"]

_SOON = 14 * DAY


def guests(settings: Settings, keys: Sequence[Key], now: Instant) -> list[Finding]:
    """Who may send events, and ask: those who have a key, or anybody as long as there is none."""
    found: list[Finding] = []
    valid = [key for key in keys if standing_of(key, now) == "valid"]
    if settings.write_keys or any(may(key, Scope.INGEST) for key in valid):
        found.append(well("settings", "Events are taken from those who have a key."))
    elif keys:
        found.append(
            problem(
                "settings",
                "Nobody can send events: no key that is valid is for that.",
                "Make one with: wayline keys create NAME",
            )
        )
    else:
        found.append(
            note(
                "settings",
                f"Whoever reaches {settings.listen.host} can send events: there is no key.",
                "Make one with wayline keys create NAME before anybody else can reach it.",
            )
        )
    rotated = {key.id for key in valid if key.expires is None or key.expires > now + _SOON}
    found += [
        note(
            "settings",
            f"The key {key.name} ends on {to_datetime(key.expires):%Y-%m-%d}.",
            f"Give out a new one: wayline keys rotate {key.name}",
        )
        for key in valid
        if key.expires is not None and key.id not in rotated
    ]
    return found


def doors(settings: Settings, *, unsubscribes: bool, measures: bool = False) -> list[Finding]:
    """The ways out: where links in messages lead.

    ``unsubscribes`` says whether the project sends e-mail that can be unsubscribed from,
    ``measures`` whether its links lead to the shop by way of us.
    """
    found: list[Finding] = []
    if settings.public_url is not None:
        plain = settings.public_url.startswith("http://")
        if plain and unsubscribes:
            found.append(
                problem(
                    "settings",
                    "Links in messages begin with http://: mail programs want https for the"
                    " one-click way out (RFC 8058).",
                    "Put a proxy with a certificate before the daemon, and write https:// in"
                    " public_url.",
                )
            )
        else:
            found.append(well("settings", f"Links in messages lead to {settings.public_url}."))
    elif unsubscribes:
        found.append(
            problem(
                "settings",
                "Nobody can unsubscribe: links in messages lead to this machine only.",
                'Set public_url = "https://..." to the address at which the daemon is reached.',
            )
        )
    if measures and settings.public_url is None:
        found.append(
            problem(
                "settings",
                "No link of a message leads to the shop: clicks are measured, so they lead by way of"
                " this machine, and nobody else reaches it.",
                'Set public_url = "https://..." to the address at which the daemon is reached, or'
                " take measure out of the policy.",
            )
        )
    return found


def hidden(settings: Settings, lost: int) -> list[Finding]:
    """What stays of people who are forgotten: whether others can find out whose it is, and whether
    we know them again. ``lost`` is how many keys it was kept under that nobody has now.
    """
    found: list[Finding] = []
    if lost:
        keys = "a key that is" if lost == 1 else f"{lost} keys that are"
        found.append(
            problem(
                "settings",
                f"Something was suppressed under {keys} not given any more: it is written to again.",
                "Add the earlier key behind the present one in WAYLINE_SUPPRESSION_KEYS.",
            )
        )
    if settings.suppression_keys:
        says = "Addresses that are suppressed are kept under a key that is not in the store."
        return [*found, well("settings", says)]
    return [
        *found,
        note(
            "settings",
            "Whoever gets hold of the store can try out which addresses are suppressed, and who was"
            " forgotten: there is no key outside it.",
            "Set WAYLINE_SUPPRESSION_KEYS to a long random text, and keep it like a backup.",
        ),
    ]
