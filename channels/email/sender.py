"""Who e-mails are from, whatever carries them."""

from __future__ import annotations

from email.utils import parseaddr, quote
from typing import Annotated

from pydantic import AfterValidator, Field

from channels.email.address import Address, read_address
from channels.email.mime import Sender
from channels.settings import Settings

__all__ = ["AddressText", "DomainText", "SenderSettings"]


def _address(text: str) -> str:
    found = read_address(text)
    if found is None or found.international:
        raise ValueError(f"{text!r} is not an e-mail address; write for example news@shop.example")
    return str(found)


def _from(text: str) -> str:
    name, address = parseaddr(text)
    found = read_address(address)
    if found is None or found.international:
        raise ValueError(
            f"{text!r} has no e-mail address; write for example Shop <news@shop.example>"
        )
    return f'"{quote(name)}" <{found}>' if name else str(found)


def _domain(text: str) -> str:
    found = read_address(f"x@{text}")
    if found is None:
        raise ValueError(f"{text!r} is not a domain; write for example shop.example")
    return found.domain


AddressText = Annotated[str, AfterValidator(_address)]
DomainText = Annotated[str, AfterValidator(_domain)]


class SenderSettings(Settings):
    """``from`` is what people see, ``domain`` stands in Message-IDs: that of ``from`` by default."""

    from_: Annotated[str, AfterValidator(_from)] = Field(alias="from")
    reply_to: AddressText | None = None
    domain: DomainText | None = None

    def sender(self) -> Sender:
        """Who messages are from."""
        name, address = parseaddr(self.from_)
        return Sender(name, _known(address), self.own_domain, self.reply_to or "")

    @property
    def own_domain(self) -> str:
        """Stands in Message-IDs and after EHLO."""
        return self.domain or _known(parseaddr(self.from_)[1]).domain


def _known(address: str) -> Address:
    found = read_address(address)
    assert found is not None  # checked when the settings were read
    return found
