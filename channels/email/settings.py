"""The settings of the SMTP adapter, checked before the first message."""

from __future__ import annotations

import ipaddress
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from channels.email.sender import AddressText, DomainText, SenderSettings

__all__ = ["SmtpSettings"]

_PORTS = {"none": 25, "starttls": 587, "tls": 465}


class SmtpSettings(SenderSettings):
    """``return_path`` is where bounces go: to ``from`` by default. With a ``bounce_key`` everything
    that leaves is sealed, and of what comes back only that is believed; with a ``bounce_domain`` as
    well, each message has a sealed sender there. ``bounce_login`` is ``name:password``, for whoever
    passes on what comes back. With ``dkim_selector`` and
    ``dkim_private_key`` (PEM) messages are signed here, for ``dkim_domain``: that of ``from`` by
    default. Leave them out if the server signs.
    """

    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    encryption: Literal["none", "starttls", "tls"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: SecretStr | None = None
    return_path: AddressText | None = None
    bounce_domain: DomainText | None = None
    bounce_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    bounce_key_before: SecretStr | None = None
    bounce_login: SecretStr | None = None
    bounce_login_before: SecretStr | None = None
    dkim_selector: (
        Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$")] | None
    ) = None
    dkim_domain: DomainText | None = None
    dkim_private_key: SecretStr | None = None
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
        if (self.dkim_selector is None) != (self.dkim_private_key is None):
            raise ValueError(
                "dkim_selector and dkim_private_key belong together; set both or neither"
            )
        if self.bounce_domain is not None and self.bounce_key is None:
            raise ValueError(
                "bounce_domain needs a bounce_key, which its addresses are sealed with"
            )
        if self.bounce_domain is not None and self.return_path is not None:
            raise ValueError("bounces go to bounce_domain or to return_path; set one of them")
        if self.dkim_private_key is not None:
            self._check_signing(self.dkim_private_key)
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ValueError(f"ca_file {self.ca_file} is not a file; name a file of certificates")
        return self

    def _check_signing(self, key: SecretStr) -> None:
        try:
            from channels.email.dkim import read_signing_key  # noqa: PLC0415 - an extra
        except ImportError:
            raise ValueError(
                "signing needs a library that is not installed: pip install 'wayline[dkim]'"
            ) from None
        try:
            read_signing_key(key.get_secret_value())
        except ValueError as error:
            raise ValueError(f"dkim_private_key is no use: {error}") from None

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

    @property
    def bounces_to(self) -> str:
        """The envelope's sender."""
        return self.return_path or parseaddr(self.from_)[1]
