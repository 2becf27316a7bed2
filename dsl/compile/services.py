"""Web services of the policy: where they are, what secret they need and what they answer.

Addresses and names of secrets stand in the policy only, so that a journey can be read by everybody
and a secret by nobody.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from dsl.calendar import DAY, MINUTE, SECOND, Duration
from dsl.compile.amounts import duration
from dsl.compile.fields import read_fields
from dsl.compile.naming import check_name
from dsl.diagnostics import Diagnostic
from dsl.files.policy import WebhookPart
from dsl.files.reading import error, read
from dsl.kinds import Kind, Record
from dsl.machine import Service
from dsl.source import Text
from dsl.yaml import Map

__all__ = ["answer_of", "compile_services"]

_USUAL = Duration(micros=10 * SECOND)
_LONGEST = 5 * MINUTE
_SECRET = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_WRITTEN = re.compile(r"[!-~]{1,2000}")  # what can stand in a request as it is


def compile_services(node: Map | None, found: list[Diagnostic]) -> Mapping[str, Service]:
    """The services by name. One with a mistake is there too, so that steps can name it."""
    made = {}
    for entry in node or ():
        if not check_name(entry.key, "a web service", found):
            continue
        part = read(WebhookPart, entry.value, f'"{entry.key}"', found) or WebhookPart()
        made[str(entry.key)] = Service(
            name=str(entry.key),
            address=_address(part.address, found),
            secret=_secret(part.secret, found),
            gives_up_after=_gives_up_after(part.gives_up_after, found),
            returns=_returns(part.returns, found),
            good_for=_good_for(part.good_for, found),
        )
    return MappingProxyType(made)


def answer_of(service: Service) -> Record:
    """The kind of what a service answers."""
    return Record(tuple(service.returns.items()))


def _good_for(text: Text | None, found: list[Diagnostic]) -> Duration | None:
    if text is None:
        return None
    length = duration(text, _USUAL, found)
    if length == Duration(micros=length.micros) and 0 < length.micros <= DAY:
        return length
    message = "An answer is good for a day at most."
    found.append(error("S10", text.span(), message, "For example: good for: 10 minutes"))
    return None


def _returns(node: Map | None, found: list[Diagnostic]) -> Mapping[str, Kind]:
    fields = {} if node is None else read_fields(node, "a field", found)
    return MappingProxyType({name: field.kind for name, field in fields.items()})


def _address(text: Text | None, found: list[Diagnostic]) -> str:
    if text is None:
        return ""
    wrong = _mistake(str(text))
    if wrong is not None:
        found.append(error("S20", text.span(), *wrong))
    return str(text)


def _mistake(address: str) -> tuple[str, str] | None:
    """What is wrong with an address, and what to write instead."""
    example = "For example: https://crm.example.com/tasks"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port  # a port that is no number is found out here
    except ValueError:
        return "This is not the address of a web service.", example
    if not _WRITTEN.fullmatch(address) or parts.scheme not in ("http", "https") or not host:
        return "This is not the address of a web service.", example
    if "@" in parts.netloc:
        hint = "Leave it out here, and name it under: secret"
        return "A user or a password does not belong into an address.", hint
    if parts.fragment or address.endswith("#"):
        return 'What stands behind "#" is never sent to a web service.', "Leave it out."
    if parts.scheme == "http" and not _is_here(host):
        hint = f"Write https://{address.partition('://')[2]}"
        return "Everybody on the way can read what is sent to this address.", hint
    return None


def _is_here(host: str) -> bool:
    """Whether it is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(text: Text | None, found: list[Diagnostic]) -> str:
    if text is not None and not _SECRET.fullmatch(text):
        # The text is not repeated: it may be the secret.
        message = "This is not the name of a secret: letters, digits and _ can be."
        hint = "For example: CRM_TOKEN   (the secret itself is set by whoever runs Wayline)"
        found.append(error("S10", text.span(), message, hint))
        return ""
    return str(text or "")


def _gives_up_after(text: Text | None, found: list[Diagnostic]) -> Duration:
    length = duration(text, _USUAL, found)
    if text is None or (length.exact and 0 < length.micros <= _LONGEST):
        return length
    message = f'"{text[:40]}" is not how long a web service may take.'
    hint = "Up to 5 minutes, for example: 10 seconds"
    found.append(error("S10", text.span(), message, hint))
    return _USUAL
