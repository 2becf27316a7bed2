"""What SMTP replies mean for a sender of campaigns: tables, to be read and corrected as data.

The details are those of the registry of enhanced status codes (RFC 5248; as of December 2024)
and a few that large receivers made up. A detail that is not here is judged by its subject, and
then by the basic code. Three rules explain most lines:

- Only a reply about the mailbox itself suppresses an address. Policy, reputation and signatures
  (5.7.x) never do: the next message may be fine.
- What every message would meet (sender, relay, authentication) is for an operator.
- "Mailbox full" is a permanent code for something that passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from channels.outcome import FailureClass, Scope

__all__ = [
    "ABOUT_THE_SENDER",
    "AS_OF",
    "BASIC",
    "BY_SUBJECT",
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


AS_OF = "2024-12"
"""Of the registry; every suppression that is due to these tables says so."""

_RECIPIENT = FailureClass.PERMANENT_RECIPIENT
_CONTENT = FailureClass.PERMANENT_CONTENT
_CONFIG = FailureClass.PERMANENT_CONFIG
_POLICY = FailureClass.POLICY_BLOCKED
_TRANSIENT = FailureClass.TRANSIENT

PERMANENT: Mapping[str, FailureClass] = MappingProxyType(
    {
        # address
        "1.0": _RECIPIENT,
        "1.1": _RECIPIENT,  # bad destination mailbox address
        "1.2": _RECIPIENT,  # bad destination system address
        "1.3": _RECIPIENT,  # bad destination mailbox address syntax
        "1.4": _RECIPIENT,  # destination mailbox address ambiguous
        "1.5": _CONTENT,  # destination address valid: a success code, out of place
        "1.6": _RECIPIENT,  # destination mailbox has moved, no forwarding address
        "1.7": _CONFIG,  # bad sender's mailbox address syntax
        "1.8": _CONFIG,  # bad sender's system address
        "1.9": _CONFIG,  # message relayed to non-compliant mailer
        "1.10": _RECIPIENT,  # recipient address has null MX
        # mailbox
        "2.0": _CONTENT,
        "2.1": _RECIPIENT,  # mailbox disabled, not accepting messages
        "2.2": _TRANSIENT,  # mailbox full
        "2.3": _CONTENT,  # message length exceeds administrative limit
        "2.4": _RECIPIENT,  # mailing list expansion problem
        # mail system
        "3.0": _CONTENT,
        "3.1": _TRANSIENT,  # mail system full
        "3.2": _TRANSIENT,  # system not accepting network messages
        "3.3": _CONFIG,  # system not capable of selected features
        "3.4": _CONTENT,  # message too big for system
        "3.5": _CONFIG,  # system incorrectly configured
        "3.6": _CONTENT,  # requested priority was changed
        # network and routing
        "4.0": _TRANSIENT,
        "4.1": _RECIPIENT,  # no answer from host; with large receivers: no such recipient
        "4.2": _TRANSIENT,  # bad connection
        "4.3": _TRANSIENT,  # directory server failure
        "4.4": _RECIPIENT,  # unable to route: the domain takes no mail
        "4.5": _TRANSIENT,  # mail system congestion
        "4.6": _RECIPIENT,  # routing loop detected
        "4.7": _TRANSIENT,  # delivery time expired
        # protocol: what we said was wrong
        "5.0": _CONFIG,
        "5.1": _CONFIG,  # invalid command
        "5.2": _CONFIG,  # syntax error
        "5.3": _TRANSIENT,  # too many recipients; we name one, so the server counts over time
        "5.4": _CONFIG,  # invalid command arguments
        "5.5": _CONFIG,  # wrong protocol version
        "5.6": _CONFIG,  # authentication exchange line is too long
        # content
        "6.0": _CONTENT,
        "6.1": _CONTENT,  # media not supported
        "6.2": _CONTENT,  # conversion required and prohibited
        "6.3": _CONTENT,  # conversion required but not supported
        "6.4": _CONTENT,  # conversion with loss performed
        "6.5": _CONTENT,  # conversion failed
        "6.6": _CONTENT,  # message content not available
        "6.7": _RECIPIENT,  # non-ASCII addresses not permitted for that sender or recipient
        "6.8": _CONFIG,  # UTF-8 string reply is required, but not permitted by the client
        "6.9": _CONTENT,  # UTF-8 header message cannot be transferred to a recipient
        "6.10": _CONFIG,  # the same as 6.8, registered twice
        # security and policy
        "7.0": _CONFIG,
        "7.1": _POLICY,  # delivery not authorised, message refused (see REFUSED_AS_RELAY)
        "7.2": _POLICY,  # mailing list expansion prohibited
        "7.3": _CONFIG,  # security conversion required but not possible
        "7.4": _CONFIG,  # security features not supported
        "7.5": _CONFIG,  # cryptographic failure
        "7.6": _CONFIG,  # cryptographic algorithm not supported
        "7.7": _CONFIG,  # message integrity failure
        "7.8": _CONFIG,  # authentication credentials invalid
        "7.9": _CONFIG,  # authentication mechanism is too weak
        "7.10": _CONFIG,  # encryption needed
        "7.11": _CONFIG,  # encryption required for requested authentication mechanism
        "7.12": _CONFIG,  # a password transition is needed
        "7.13": _CONFIG,  # user account disabled: ours, that logs in
        "7.14": _CONFIG,  # trust relationship required
        "7.15": _CONTENT,  # priority level is too low
        "7.16": _CONTENT,  # message is too big for the specified priority
        "7.17": _RECIPIENT,  # mailbox owner has changed
        "7.18": _RECIPIENT,  # domain owner has changed
        "7.19": _TRANSIENT,  # whether the owner has changed cannot be tested
        "7.20": _CONFIG,  # no passing DKIM signature found
        "7.21": _CONFIG,  # no acceptable DKIM signature found
        "7.22": _CONFIG,  # no valid author-matched DKIM signature found
        "7.23": _CONFIG,  # SPF validation failed
        "7.24": _CONFIG,  # SPF validation error
        "7.25": _CONFIG,  # reverse DNS validation failed
        "7.26": _CONFIG,  # multiple authentication checks failed: DMARC
        "7.27": _CONFIG,  # sender address has null MX
        "7.28": _CONFIG,  # mail flood detected
        "7.29": _CONFIG,  # ARC validation failure
        "7.30": _CONFIG,  # REQUIRETLS support required
        "7.509": _CONFIG,  # Outlook: DMARC
        "7.515": _CONFIG,  # Outlook: the rules for bulk senders are not met
    }
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
