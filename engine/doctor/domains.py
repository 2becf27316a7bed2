"""What the domain of our e-mail says of itself in the DNS: SPF (RFC 7208), DKIM (RFC 6376) and
DMARC (RFC 7489). Mail providers refuse bulk mail from domains without them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from engine.doctor.finding import Finding, note, problem, well

__all__ = ["Ask", "Signing", "Unanswered", "domain"]


_SHORT = 100  # characters of a public key; those of RSA have more


class Unanswered(Exception):
    """The DNS could not be asked; the text says why."""


Ask: TypeAlias = Callable[[str], Sequence[str]]
"""The texts (TXT records) at a name; empty if there are none. Raises ``Unanswered``."""


class Signing(NamedTuple):
    """By which DKIM key messages are signed. ``domain`` empty: for the domain they come from;
    ``public`` empty: by somebody else, so that it is not known what should be published.
    """

    selector: str
    domain: str = ""
    public: str = ""


def domain(name: str, signing: Signing | None, ask: Ask) -> list[Finding]:
    """What ``name`` says; its DKIM key is looked for only if it is known which."""
    found = [_asked(_spf, name, ask), _asked(_dmarc, name, ask)]
    if signing is not None:
        place = signing.domain or name
        found.append(_asked(lambda name, ask: _dkim(name, signing, ask), place, ask))
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


def _dkim(name: str, signing: Signing, ask: Ask) -> Finding:
    place = f"{signing.selector}._domainkey.{name}"
    keys = [dict(_tags(text)) for text in ask(place) if "p=" in text]
    if not keys:
        return problem(
            "domains",
            f"There is no DKIM key at {place}.",
            f"Add a TXT record there: {_record(signing)}"
            if signing.public
            else "Add the TXT record that your mail provider names, or name the right selector.",
        )
    if not keys[0].get("p"):
        return problem(
            "domains", f"The DKIM key at {place} has been withdrawn.", "Publish the new key."
        )
    if signing.public and "".join(keys[0]["p"].split()) != signing.public:
        return problem(
            "domains",
            f"The DKIM key at {place} is not the one that messages are signed with.",
            f"Publish this one, or set the dkim_private_key that belongs to that: {_record(signing)}",
        )
    return well("domains", f"{name} has a DKIM key ({signing.selector}).")


def _record(signing: Signing) -> str:
    kind = "ed25519" if len(signing.public) < _SHORT else "rsa"
    return f'"v=DKIM1; k={kind}; p={signing.public}"'


def _tags(text: str) -> list[tuple[str, str]]:
    parts = (part.partition("=") for part in text.split(";") if "=" in part)
    return [(key.strip().lower(), value.strip()) for key, _, value in parts]
