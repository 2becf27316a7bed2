"""The settings of the SMTP adapter, checked before the first message."""

from __future__ import annotations

import ipaddress
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from channels.email.address import Address, read_address
from channels.email.mime import Sender
from channels.settings import Settings

__all__ = ["SmtpSettings"]

_PORTS = {"none": 25, "starttls": 587, "tls": 465}


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
    return f"{name} <{found}>"


def _domain(text: str) -> str:
    found = read_address(f"x@{text}")
    if found is None:
        raise ValueError(f"{text!r} is not a domain; write for example shop.example")
    return found.domain


_AddressText = Annotated[str, AfterValidator(_address)]
_DomainText = Annotated[str, AfterValidator(_domain)]


class SmtpSettings(Settings):
    """``from`` is what people see; ``return_path`` is where bounces go, the same by default."""

    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    encryption: Literal["none", "starttls", "tls"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: SecretStr | None = None
    from_: Annotated[str, AfterValidator(_from)] = Field(alias="from")
    reply_to: _AddressText | None = None
    return_path: _AddressText | None = None
    domain: _DomainText | None = None
    connections: int = Field(default=4, ge=1, le=100)
    messages_per_connection: int = Field(default=100, ge=1)
    idle_seconds: float = Field(default=30.0, ge=0)
    timeout_seconds: float = Field(default=60.0, gt=0)

    @model_validator(mode="after")
    def _safe_and_whole(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together; set both or neither")
        if self.password is not None and self.encryption == "none" and not self.on_loopback:
            raise ValueError(
                'a password needs an encrypted connection; set encryption to "starttls" or "tls"'
            )
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ValueError(f"ca_file {self.ca_file} is not a file; name a file of certificates")
        return self

    @property
    def on_loopback(self) -> bool:
        """Whether the server is this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def port_number(self) -> int:
        """The port, by default the usual one for the encryption."""
        return self.port or _PORTS[self.encryption]

    def sender(self) -> Sender:
        """Who messages are from."""
        name, address = parseaddr(self.from_)
        return Sender(name, _known(address), self.own_domain, self.reply_to or "")

    @property
    def own_domain(self) -> str:
        """Stands in Message-IDs and after EHLO."""
        return self.domain or _known(parseaddr(self.from_)[1]).domain

    @property
    def bounces_to(self) -> str:
        """The envelope's sender."""
        return self.return_path or parseaddr(self.from_)[1]


def _known(address: str) -> Address:
    found = read_address(address)
    assert found is not None  # checked when the settings were read
    return found
