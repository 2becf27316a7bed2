"""What an operator sets: ``wayline.toml``, and the environment over it.

Every mistake is one sentence with the fix in it, said before anything starts. Secrets come from
the environment or from files of their own, because ``wayline.toml`` lies beside the project and is
versioned with it.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from cronsim import CronSim, CronSimError
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from channels.http.guarded import Inside
from channels.limits import read_limit
from channels.outcome import Scope
from engine.operator import OperatorError
from engine.pressure import MOST

__all__ = [
    "FILE_NAME",
    "ROLES",
    "Apps",
    "ChannelSettings",
    "Listen",
    "OperatorError",
    "Role",
    "Settings",
    "Traces",
    "Webhook",
    "read_settings",
]

FILE_NAME = "wayline.toml"

_LONG_ENOUGH = 16
_PREFIX = "WAYLINE_"
_NOT_OURS = ("WAYLINE_TEST_", "WAYLINE_SEND_KEY")  # of the tests, and of wayline send-event
_SECRET = re.compile(
    r"write_keys|read_keys|suppression_keys|earlier_secrets|.*(secret|password|passphrase|token|private_key|api_key)"
)
_CHANNEL = re.compile(r"CHANNELS_([A-Z]+)_([A-Z_0-9]+)")
_OF_SERVICES = "SECRETS_"
_FINGERPRINT = r"^([0-9A-F]{2}:){31}[0-9A-F]{2}$"
_WITH_PASSWORD = re.compile(r"\w+://[^/@\s]*:[^/@\s]+@.*|.*[?&]password=.*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Listen(_Part):
    """Where the API listens. Port 0 is any free one."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class Traces(_Part):
    """Where spans are sent: the address of an OpenTelemetry collector, by OTLP over HTTP; and of
    which ``share`` of all traces, from 0 to 1.
    """

    endpoint: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")]
    share: Annotated[float, Field(ge=0, le=1)] = 1.0


class Webhook(_Part):
    """Somebody who is told of what happens (``engine.core.hooks`` says of what)."""

    url: str
    events: Annotated[tuple[str, ...], Field(min_length=1)]


class Apps(_Part):
    """The company's apps, which open links in messages themselves where they are installed:
    ``ios`` by team and bundle (``ABCDE12345.example.shop``), ``android`` packages with the SHA-256
    fingerprints of their certificates.
    """

    ios: tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]{10}\.[A-Za-z0-9.-]+$")], ...] = ()
    android: Mapping[str, tuple[Annotated[str, Field(pattern=_FINGERPRINT)], ...]] = Field(
        default_factory=dict
    )


class ChannelSettings(BaseModel):
    """The adapter that carries a channel; everything else is for the adapter to read.

    ``limits`` and ``concurrency`` take the place of what the adapter itself thinks that its
    provider takes; ``otherwise`` is a second one for what this one certainly did not take.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    adapter: str
    concurrency: Annotated[int, Field(ge=1)] | None = None
    limits: Mapping[Scope, str] = Field(default_factory=dict)
    otherwise: ChannelSettings | None = None

    @field_validator("limits")
    @classmethod
    def _are_limits(cls, limits: Mapping[Scope, str]) -> Mapping[Scope, str]:
        for scope, text in limits.items():
            read_limit(scope, text)
        return limits

    @property
    def of_adapter(self) -> Mapping[str, Any]:
        """What is meant for the adapter."""
        return dict(self.model_extra or {})


Role: TypeAlias = Literal["api", "engine", "dispatch"]
"""What a process does: takes events, advances people, hands messages over (and asks web services).
"""

ROLES: Final[tuple[Role, ...]] = ("api", "engine", "dispatch")


class Settings(_Part):
    """Everything an operator can set."""

    store: str = "sqlite:///wayline.db"
    roles: tuple[Role, ...] = ROLES
    listen: Listen = Listen()
    public_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")] | None = None
    write_keys: tuple[SecretStr, ...] = ()
    read_keys: tuple[SecretStr, ...] = ()
    secret: SecretStr | None = None
    earlier_secrets: tuple[SecretStr, ...] = ()  # links that were signed with them still hold
    suppression_keys: tuple[SecretStr, ...] = ()  # what stays of people who are forgotten
    backlog: Annotated[int, Field(ge=1)] = MOST  # events that may wait to be processed
    requests_per_second: Annotated[int, Field(ge=0)] = 50  # of one key, under /v1; 0: any number
    log: Literal["text", "json"] = "text"
    housekeeping: str = "30 3 * * *"  # a cron expression, on the company's clock
    traces: Traces | None = None
    apps: Apps = Apps()
    channels: Mapping[str, ChannelSettings] = Field(default_factory=dict)
    secrets: Mapping[str, SecretStr] = Field(default_factory=dict)  # of web services, by name
    test_recipients: tuple[str, ...] = ()  # who may be sent tests: addresses, or @shop.example
    webhooks: Mapping[str, Webhook] = Field(default_factory=dict)  # who is told of what happens
    webhooks_inside: tuple[str, ...] = ()  # hosts and networks inside that may be told, too

    @field_validator("webhooks_inside")
    @classmethod
    def _are_inside(cls, allowed: tuple[str, ...]) -> tuple[str, ...]:
        Inside(allowed)
        return allowed

    @field_validator("housekeeping")
    @classmethod
    def _is_cron(cls, expression: str) -> str:
        try:
            CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(
                f'"{expression}" is not a cron expression; write "30 3 * * *" for every night.'
            ) from error
        return expression

    @field_validator("roles")
    @classmethod
    def _is_some(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        if not roles:
            raise ValueError(f"roles must name some of {', '.join(ROLES)}.")
        return tuple(dict.fromkeys(roles))

    @model_validator(mode="after")
    def _are_keys(self) -> Self:
        for kind, keys in (("write", self.write_keys), ("read", self.read_keys)):
            if any(not key.get_secret_value().strip() for key in keys):
                raise ValueError(f"a {kind} key must not be empty.")
        if any(len(key) < _LONG_ENOUGH for key in self.hidden_under):
            raise ValueError(
                f"a suppression key must have {_LONG_ENOUGH} characters or more, that nobody can"
                " guess."
            )
        return self

    @property
    def hidden_under(self) -> tuple[bytes, ...]:
        """The suppression keys, the present one first."""
        return tuple(each.get_secret_value().strip().encode() for each in self.suppression_keys)


def read_settings(
    path: Path | None, environment: Mapping[str, str], over: Mapping[str, Any] | None = None
) -> Settings:
    """The settings of a file (if there is one), the environment over it, and ``over`` over both.

    ``over`` holds what the command line said, by dotted name (``listen.port``). Raises
    ``OperatorError``.
    """
    values: dict[str, Any] = {}
    if path is not None:
        values = _resolved(_read(path), path, environment, ())
    for name, text in environment.items():
        if name.startswith(_PREFIX) and not name.startswith(_NOT_OURS):
            _put(values, _place(name), text)
    for dotted, value in (over or {}).items():
        if value is not None:
            _put(values, tuple(dotted.split(".")), value)
    for listed in ("write_keys", "read_keys", "suppression_keys", "earlier_secrets", "roles"):
        if isinstance(values.get(listed), str):
            values[listed] = re.split(r"[,\s]+", values[listed].strip())
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise OperatorError(_sentence(error, path)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise OperatorError(f"There is no settings file {path}.") from None
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OperatorError(f"{path} is not a TOML file: {error}.") from None


def _resolved(
    values: Mapping[str, Any], path: Path, environment: Mapping[str, str], place: tuple[str, ...]
) -> dict[str, Any]:
    """The values of the file, with ``{ env = "NAME" }`` and ``{ file = "PATH" }`` looked up."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        here = (*place, key)
        match value:
            case {"env": str(name)} if len(value) == 1:
                found[key] = _from_environment(name, environment, path, here)
            case {"file": str(name)} if len(value) == 1:
                found[key] = _from_file(path.parent / name, path, here)
            case dict():
                found[key] = _resolved(value, path, environment, here)
            case str() | list() if _SECRET.fullmatch(key) or place == ("secrets",):
                of_service = place == ("secrets",)  # their names are the policy's, to the letter
                name = _PREFIX + (_OF_SERVICES + key if of_service else "_".join(here).upper())
                raise OperatorError(
                    f"{path}: {'.'.join(here)} is a secret and must not be written here; set"
                    f' {name}, or write {key} = {{ env = "NAME" }} or {{ file = "PATH" }}.'
                )
            case str() if here == ("store",) and _WITH_PASSWORD.fullmatch(value):
                raise OperatorError(
                    f"{path}: the store's password must not be written here; leave it out and set"
                    " PGPASSWORD, or use a password file or a service file of PostgreSQL."
                )
            case _:
                found[key] = value
    return found


def _from_environment(
    name: str, environment: Mapping[str, str], path: Path, place: tuple[str, ...]
) -> str:
    value = environment.get(name)
    if value is None:
        raise OperatorError(
            f"{path}: {'.'.join(place)} comes from the environment variable {name}, which is not"
            " set."
        )
    return value


def _from_file(secret: Path, path: Path, place: tuple[str, ...]) -> str:
    try:
        return secret.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise OperatorError(
            f"{path}: {'.'.join(place)} comes from the file {secret}, which cannot be read."
        ) from None


def _place(name: str) -> tuple[str, ...]:
    """Where the value of an environment variable belongs."""
    rest = name.removeprefix(_PREFIX)
    if (found := _CHANNEL.fullmatch(rest)) is not None:
        return ("channels", found[1].lower(), found[2].lower())
    if rest.startswith(_OF_SERVICES) and rest != _OF_SERVICES:
        return ("secrets", rest.removeprefix(_OF_SERVICES))
    known = {
        "STORE": ("store",),
        "ROLES": ("roles",),
        "LISTEN_HOST": ("listen", "host"),
        "LISTEN_PORT": ("listen", "port"),
        "PUBLIC_URL": ("public_url",),
        "WRITE_KEYS": ("write_keys",),
        "READ_KEYS": ("read_keys",),
        "SECRET": ("secret",),
        "EARLIER_SECRETS": ("earlier_secrets",),
        "SUPPRESSION_KEYS": ("suppression_keys",),
        "BACKLOG": ("backlog",),
        "REQUESTS_PER_SECOND": ("requests_per_second",),
        "LOG": ("log",),
        "HOUSEKEEPING": ("housekeeping",),
        "TRACES_ENDPOINT": ("traces", "endpoint"),
        "TRACES_SHARE": ("traces", "share"),
    }
    if rest in known:
        return known[rest]
    close = get_close_matches(rest, known, 1)
    hint = f" Did you mean {_PREFIX}{close[0]}?" if close else ""
    raise OperatorError(f"The environment variable {name} is not a setting.{hint}")


def _put(values: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    *outer, last = place
    for key in outer:
        inside = values.setdefault(key, {})
        if not isinstance(inside, dict):
            return  # the file is wrong there, and will be said to be
        values = inside
    values[last] = value


def _sentence(error: ValidationError, path: Path | None) -> str:
    """The first mistake. Values are left out: they may be secret."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    where = f"{path}: " if path else ""
    match first["type"]:
        case "extra_forbidden":
            *outer, wrong = (str(step) for step in first["loc"])
            parts: Mapping[str, type[BaseModel]] = {"listen": Listen, "apps": Apps}
            known = list(parts.get(".".join(outer), Settings).model_fields)
            close = get_close_matches(wrong, known, 1)
            hint = f" Did you mean {close[0]}?" if close else f" There are {', '.join(known)}."
            return f"{where}{place} is not a setting.{hint}"
        case "missing":
            return f"{where}{place} is missing."
        case "value_error":
            said = str(first["msg"]).removeprefix("Value error, ")
            return said[0].upper() + said[1:]
        case "literal_error" if place.startswith("roles"):
            return f"{where}roles must be some of {', '.join(ROLES)}."
        case _ if place == "public_url":
            return f"{where}public_url must be an address like https://journeys.shop.example."
        case _:
            return f"{where}{place}: {first['msg']}."
