"""What SMTP replies mean for a sender of campaigns. The enhanced codes are data (``codes.tsv``); here is
what stands beside them: by subject, by stage and basic code, and by words where no code tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from channels.http.codes import CodeTable, read_codes
from channels.outcome import FailureClass, Scope

__all__ = [
    "ABOUT_THE_SENDER",
    "AS_OF",
    "BASIC",
    "BY_SUBJECT",
    "CODES",
    "LIMITS",
    "LIMITS_BY_WORDS",
    "PERMANENT",
    "REFUSED_AS_RELAY",
    "Limit",
    "Stage",
]


class Stage(StrEnum):
    """Where in the dialogue the reply came."""

    CONNECT = "connect"  # greeting, EHLO, STARTTLS
    AUTH = "auth"
    SENDER = "sender"  # MAIL FROM
    RECIPIENT = "recipient"  # RCPT TO
    DATA = "data"  # DATA, and the reply to the final dot


class Limit(NamedTuple):
    """Slow down: who, and for how many seconds at least."""

    scope: Scope
    after: float


_RECIPIENT = FailureClass.PERMANENT_RECIPIENT
_CONTENT = FailureClass.PERMANENT_CONTENT
_CONFIG = FailureClass.PERMANENT_CONFIG
_POLICY = FailureClass.POLICY_BLOCKED
_TRANSIENT = FailureClass.TRANSIENT

CODES: CodeTable = read_codes(files("channels.email") / "codes.tsv")
"""Permanent enhanced codes, as the registry has them."""

AS_OF = CODES.name.rpartition(" ")[2]
"""Of the registry; every suppression that is due to these tables says so."""

PERMANENT: Mapping[str, FailureClass] = MappingProxyType(
    {code.removeprefix("5."): failure for code in CODES if (failure := CODES.failure(code))}
)
"""By the detail of a permanent enhanced code: ``1.1`` is 5.1.1."""

BY_SUBJECT: Mapping[str, FailureClass] = MappingProxyType(
    {"5": _CONFIG, "6": _CONTENT, "7": _CONFIG}
)
"""For details nobody registered. The other subjects say too little; the basic code decides."""

LIMITS: Mapping[tuple[Stage, str], Limit] = MappingProxyType(
    {
        (Stage.DATA, "7.0"): Limit("recipient", 300.0),
        (Stage.SENDER, "7.28"): Limit("recipient", 300.0),
        (Stage.RECIPIENT, "7.28"): Limit("recipient", 300.0),
        (Stage.DATA, "7.28"): Limit("recipient", 300.0),
    }
)
"""By stage and detail of a transient enhanced code: the receiving domain wants less of us. A 421
with any 4.7.x from MAIL FROM on is one of them too.
"""

LIMITS_BY_WORDS: Mapping[str, Limit] = MappingProxyType(
    {
        "maximum sending rate exceeded": Limit("account", 1.0),  # Amazon SES: so many a second
        "daily message quota exceeded": Limit("day", 3600.0),  # Amazon SES: so many a day
    }
)
"""One code with two meanings: only the words, in lower case, tell them apart."""

ABOUT_THE_SENDER: Mapping[str, FailureClass] = MappingProxyType(
    {
        **dict.fromkeys(("dmarc", "dkim", "spf", "sender policy framework"), _CONFIG),
        **dict.fromkeys(("unauthenticated", "reverse dns", "ptr record"), _CONFIG),
        **dict.fromkeys(("spamhaus", "spamcop", "dnsbl", "rbl", "badmailfrom"), _POLICY),
        **dict.fromkeys(("blocklist", "block list", "blocklisted", "blocked using"), _POLICY),
        **dict.fromkeys(("blacklist", "black list", "blacklisted"), _POLICY),
        **dict.fromkeys(("poor reputation", "bad reputation", "low reputation"), _POLICY),
    }
)
"""What says, where no code does, that a refusal is not about the mailbox: whole words, as large
receivers and mail servers write them. Not checked against a published list: there is none.
"""

REFUSED_AS_RELAY: tuple[str, ...] = ("relay", "not authenticated", "authentication required")
"""Words that make a 5.7.1 the operator's business: the server does not send for us at all."""

_NOT_UNDERSTOOD = {500: _CONFIG, 501: _CONFIG, 502: _CONFIG, 503: _CONFIG, 504: _CONFIG}
_LOCKED_OUT = {530: _CONFIG, 534: _CONFIG, 535: _CONFIG, 538: _CONFIG}

BASIC: Mapping[Stage, Mapping[int, FailureClass]] = MappingProxyType(
    {
        Stage.CONNECT: MappingProxyType({0: _CONFIG}),
        Stage.AUTH: MappingProxyType({0: _CONFIG}),
        Stage.SENDER: MappingProxyType({0: _CONFIG, 552: _CONTENT}),  # 552: by its SIZE
        Stage.RECIPIENT: MappingProxyType(
            {
                **_NOT_UNDERSTOOD,
                **_LOCKED_OUT,
                501: _RECIPIENT,  # syntax of the address
                521: _RECIPIENT,  # the host takes no mail (RFC 7504)
                550: _RECIPIENT,
                551: _RECIPIENT,
                552: _TRANSIENT,  # mailbox full
                553: _RECIPIENT,
                556: _RECIPIENT,  # the domain takes no mail (RFC 7504)
                0: _POLICY,
            }
        ),
        Stage.DATA: MappingProxyType({**_NOT_UNDERSTOOD, **_LOCKED_OUT, 0: _CONTENT}),
    }
)
"""Permanent replies without an enhanced code, by stage; 0 is the rest."""
