"""Asking the DNS. The library for it is an extra: who does not ask does not need it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from importlib import import_module

from engine.config import OperatorError
from engine.doctor.domains import Ask, Unanswered

__all__ = ["resolver"]

_PATIENCE = 5.0  # seconds
_PORT = 53


def resolver(server: str | None) -> Ask:
    """Asks the machine's own resolver, or ``server`` (an address, with ``:port`` if it is not 53).

    Raises ``OperatorError`` if that cannot be.
    """
    try:
        exceptions, resolvers = import_module("dns.exception"), import_module("dns.resolver")
    except ImportError:
        raise OperatorError(
            "Looking at domains needs one more library: pip install 'wayline[dns]'."
        ) from None
    try:
        asked = resolvers.Resolver(configure=server is None)
    except exceptions.DNSException as error:
        raise OperatorError(
            f"This machine has no resolver ({error}): name one with --resolver."
        ) from None
    if server is not None:
        address, port = _place(server)
        asked.nameservers, asked.port = [address], port
    asked.lifetime = _PATIENCE

    def ask(name: str) -> Sequence[str]:
        try:
            answer = asked.resolve(name, "TXT", search=False)
        except (resolvers.NXDOMAIN, resolvers.NoAnswer):
            return []
        except exceptions.DNSException as error:
            raise Unanswered(f"the DNS gave no answer ({type(error).__name__}).") from error
        return [b"".join(record.strings).decode(errors="replace") for record in answer]

    return ask


def _place(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    if not colon or "]" in port or (":" in host and not host.startswith("[")):
        host, port = server, str(_PORT)
    host = host.strip("[]")
    try:
        ipaddress.ip_address(host)
        return host, int(port)
    except ValueError:
        raise OperatorError(
            f'"{server}" is not the address of a resolver; write for example 127.0.0.1:53.'
        ) from None
