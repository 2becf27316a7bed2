"""The operator's mistakes, told at start-up in one sentence with the fix in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

__all__ = ["Settings", "SettingsError", "nearest", "read_settings", "revealed"]


class Settings(BaseModel):
    """What an operator may set. Unknown names are mistakes, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class SettingsError(Exception):
    """The operator's mistake, in words fit for a terminal."""


_Settings = TypeVar("_Settings", bound=Settings)


def read_settings(form: type[_Settings], adapter: str, raw: Mapping[str, Any]) -> _Settings:
    """``raw`` as settings of ``form``.

    Raises SettingsError with one sentence for each mistake.
    """
    try:
        return form.model_validate(dict(raw))
    except ValidationError as mistakes:
        # The input is left out: it may be a password.
        found = mistakes.errors(include_url=False, include_input=False, include_context=False)
        names = _names(form)
        sentences = [_sentence(adapter, names, mistake) for mistake in found]
        raise SettingsError("\n".join(sentences)) from None


def revealed(*secrets: SecretStr | None) -> tuple[str, ...]:
    """Those that are set, in clear: one, and the one before it while it is being changed."""
    return tuple(secret.get_secret_value() for secret in secrets if secret is not None)


def nearest(word: str, known: Iterable[str]) -> str:
    """`` Did you mean X?`` if there is an X that looks like ``word``, else nothing."""
    found = get_close_matches(word.lower(), list(known), n=1)
    return f' Did you mean "{found[0]}"?' if found else ""


def _names(form: type[Settings]) -> list[str]:
    return sorted(field.alias or name for name, field in form.model_fields.items())


def _sentence(adapter: str, names: list[str], mistake: Mapping[str, Any]) -> str:
    place = ".".join(str(step) for step in mistake["loc"])
    start = f'adapter "{adapter}":'
    match mistake["type"]:
        case "extra_forbidden":
            return (
                f'{start} "{place}" is not a setting.{nearest(place, names)}'
                f" Allowed are {', '.join(names)}."
            )
        case "missing":
            return f'{start} "{place}" is not set, and nothing can be sent without it.'
        case _:
            words = str(mistake["msg"]).removeprefix("Value error, ").rstrip(".")
            return f'{start} "{place}": {words}.' if place else f"{start} {words}."
