"""Speaking HTTP to addresses that strangers may name: never to what lies inside.

The address that is connected to is the very one that was looked at: names are resolved once, by the
resolver that refuses, so a name that answers otherwise the second time opens nothing. Redirects are
not followed, and no proxy stands between.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from channels.http.transport import InsideError, Lost, Request, Response, Transport

__all__ = ["Guarded", "Inside", "refusal_of"]

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 2_000
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9.])?")
_ODD = re.compile(r"[0-9.]+|0x[0-9a-fx.]*", re.IGNORECASE)  # some take these for addresses
_LIES_INSIDE = (
    "the address {host} lies inside ({found}): an operator can allow that with webhooks_inside in"
    " wayline.toml"
)


class Inside:
    """What inside may be spoken to all the same: names of hosts, addresses and networks."""

    __slots__ = ("_names", "_networks")

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        """Raises ``ValueError`` for what is none of these."""
        self._names: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for each in allowed:
            try:
                self._networks.append(ipaddress.ip_network(each, strict=False))
            except ValueError:
                if not _NAME.fullmatch(each):
                    said = f'"{each[:60]}" is no host, address or network, such as 10.0.0.0/8.'
                    raise ValueError(said) from None
                self._names.add(each.lower().rstrip("."))

    def has(self, host: str) -> bool:
        """Whether a host is allowed by its name, or as an address."""
        if host.lower().rstrip(".") in self._names:
            return True
        found = _address(host)
        return found is not None and self.has_address(found)

    def has_address(self, address: _Address) -> bool:
        """Whether an address is in an allowed network."""
        return any(address in each for each in self._networks if each.version == address.version)


def refusal_of(url: str, inside: Inside) -> str:
    """Why nothing may be sent to an address as it is written, in a sentence without its end; empty
    if it may. What a name leads to is seen when it is connected to.
    """
    if len(url) > _LONGEST:
        return f"it has more than {_LONGEST} characters"
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
    except ValueError:
        return "it is not an address"
    if not url.isprintable() or parsed.scheme not in ("https", "http") or not host:
        return "it must begin with https:// and name a host"
    if parsed.user is not None or parsed.password is not None:
        return "it must not have a name or a password in it"
    if parsed.fragment or port == 0:
        return "it must not have a fragment, and its port is not 0"
    found = _address(host)
    if found is None and (_ODD.fullmatch(host) or not _NAME.fullmatch(parsed.raw_host or "")):
        return "its host is no name, and no address as addresses are written"
    if found is not None and not inside.has(host) and (why := _lies_inside(found)):
        return _LIES_INSIDE.format(host=host, found=why)
    if parsed.scheme == "http" and not inside.has(host):
        return "it must begin with https://, so that nobody on the way can read what is sent"
    return ""


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _lies_inside(address: _Address) -> str:
    """What is inside about an address, or about one that is wrapped in it; empty if nothing is."""
    for each in _unwrapped(address):
        if not each.is_global or each.is_multicast or each.is_reserved or each.is_unspecified:
            return str(each)
    return ""


def _unwrapped(address: _Address) -> Iterator[_Address]:
    """The address, and those of the older protocol that it stands for."""
    if not isinstance(address, ipaddress.IPv6Address):
        yield address
        return
    wrapped = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        wrapped.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    found = [each for each in wrapped if each is not None]
    # What stands for another is judged by that one: the wrapping is not global by itself.
    yield from found or [address]


class _Refusing(AbstractResolver):
    """Resolves names, and refuses those that lead inside, with all that they lead to."""

    def __init__(self, inside: Inside, resolver: AbstractResolver) -> None:
        self._inside = inside
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if self._inside.has(host):
            return found
        for each in found:
            address = _address(each["host"])
            if address is None or (_lies_inside(address) and not self._inside.has_address(address)):
                raise InsideError(_LIES_INSIDE.format(host=host, found=each["host"]))
        return found

    async def close(self) -> None:
        await self._resolver.close()


class Guarded:
    """A transport for addresses that are not an operator's own. ``resolver`` looks names up."""

    def __init__(
        self, inside: Inside, connections: int = 32, resolver: AbstractResolver | None = None
    ) -> None:
        self._inside = inside
        self._resolver = resolver
        self._transport = Transport(connections, self._connector)

    def _connector(self, connections: int) -> aiohttp.TCPConnector:
        resolver = self._resolver or aiohttp.ThreadedResolver()
        refusing = _Refusing(self._inside, resolver)
        return aiohttp.TCPConnector(limit=connections, resolver=refusing, use_dns_cache=False)

    async def exchange(self, request: Request, seconds: float, most: int) -> Response | Lost:
        """As ``Transport.exchange``, unless the address lies inside."""
        refused = refusal_of(request.address, self._inside)
        if refused:
            return Lost(refused, left=False)
        return await self._transport.exchange(request, seconds, most)

    async def close(self) -> None:
        """Closes every connection."""
        await self._transport.close()
