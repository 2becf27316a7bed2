"""What the domain of our e-mail says of itself in the DNS: SPF (RFC 7208), DKIM (RFC 6376) and
DMARC (RFC 7489). Mail providers refuse bulk mail from domains without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from engine.doctor.finding import Finding, note, problem, well

__all__ = ["Ask", "Unanswered", "domain"]


class Unanswered(Exception):
    """The DNS could not be asked; the text says why."""


Ask: TypeAlias = Callable[[str], Sequence[str]]
"""The texts (TXT records) at a name; empty if there are none. Raises ``Unanswered``."""


def domain(name: str, selector: str | None, ask: Ask) -> list[Finding]:
    """What ``name`` says; its DKIM key is looked for only if its ``selector`` is known."""
    found = [_asked(_spf, name, ask), _asked(_dmarc, name, ask)]
    if selector is not None:
        found.append(_asked(lambda name, ask: _dkim(name, selector, ask), name, ask))
    return found


def _asked(look: Callable[[str, Ask], Finding], name: str, ask: Ask) -> Finding:
    try:
        return look(name, ask)
    except Unanswered as error:
        return note("domains", f"{name}: {error}", "Ask again, or another resolver (--resolver).")


def _spf(name: str, ask: Ask) -> Finding:
    texts = [text for text in ask(name) if text.lower().split(" ")[0] == "v=spf1"]
    if not texts:
        return problem(
            "domains",
            f"{name} says nothing about who may send its mail (SPF).",
            f'Add a TXT record at {name} with what your mail provider names, "v=spf1 ...".',
        )
    if len(texts) > 1:
        return problem(
            "domains",
            f"{name} has {len(texts)} SPF records, and then none of them counts.",
            "Join them to one.",
        )
    words = texts[0].lower().split()
    if "+all" in words or "all" in words:
        return problem(
            "domains",
            f"{name} lets anybody at all send its mail (SPF: all).",
            'End the record with "~all" or "-all".',
        )
    return well("domains", f"{name} says who may send its mail (SPF).")


def _dmarc(name: str, ask: Ask) -> Finding:
    texts = [text for text in ask(f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
    if not texts:
        return problem(
            "domains",
            f"{name} has no DMARC record; large mail providers refuse bulk mail without one.",
            f'Add a TXT record at _dmarc.{name}: "v=DMARC1; p=none; rua=mailto:you@{name}".',
        )
    tags = dict(_tags(texts[0]))
    if len(texts) > 1 or tags.get("p") not in ("none", "quarantine", "reject"):
        return problem(
            "domains",
            f"The DMARC record of {name} cannot be read.",
            'There must be one, with "p=none", "p=quarantine" or "p=reject".',
        )
    return well("domains", f"{name} has a DMARC record (p={tags['p']}).")


def _dkim(name: str, selector: str, ask: Ask) -> Finding:
    place = f"{selector}._domainkey.{name}"
    keys = [dict(_tags(text)) for text in ask(place) if "p=" in text]
    if not keys:
        return problem(
            "domains",
            f"There is no DKIM key at {place}.",
            "Add the TXT record that your mail provider names, or name the right selector.",
        )
    if not keys[0].get("p"):
        return problem(
            "domains", f"The DKIM key at {place} has been withdrawn.", "Publish the new key."
        )
    return well("domains", f"{name} has a DKIM key ({selector}).")


def _tags(text: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in text.split(";") if "=" in part)
    return [(key.strip().lower(), value.strip()) for key, _, value in parts]
