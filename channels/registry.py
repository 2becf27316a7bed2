"""Adapters by name. Whoever installs a package with the entry point group ``wayline.adapters``
has its adapters here; ours have no other door.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, ClassVar, Protocol, cast

from channels.adapter import Adapter
from channels.settings import Settings, SettingsError, nearest, read_settings

__all__ = ["GROUP", "AdapterClass", "adapter_names", "open_adapter"]

GROUP = "wayline.adapters"


class AdapterClass(Protocol):
    """What an entry point names: a class that is made from its settings."""

    Settings: ClassVar[type[Settings]]

    def __call__(self, settings: Any) -> Adapter: ...


def adapter_names() -> list[str]:
    """The names of all installed adapters, in alphabetical order."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def open_adapter(name: str, settings: Mapping[str, Any]) -> Adapter:
    """The adapter called ``name``, ready to send. It connects when it first has to.

    Raises SettingsError for what an operator can put right.
    """
    made_by = _load(_find(name))
    return made_by(read_settings(made_by.Settings, name, settings))


def _find(name: str) -> EntryPoint:
    for point in entry_points(group=GROUP):
        if point.name == name:
            return point
    known = adapter_names()
    raise SettingsError(
        f'There is no adapter "{name}".{nearest(name, known)} Installed are {", ".join(known)}.'
    )


def _load(point: EntryPoint) -> AdapterClass:
    try:
        found = point.load()
    except ImportError as missing:
        raise SettingsError(
            f'The adapter "{point.name}" cannot be loaded: {missing}.'
            f" Install what it needs, for example: pip install 'wayline[{point.name}]'."
        ) from missing
    except AttributeError as missing:
        raise SettingsError(
            f'The adapter "{point.name}" cannot be loaded: {missing}. Its package names a class'
            f" that is not there ({point.value}); install a version that fits."
        ) from missing
    form = getattr(found, "Settings", None)
    if not (isinstance(form, type) and issubclass(form, Settings)):
        raise SettingsError(
            f'The adapter "{point.name}" cannot be used: {point.value} has no class "Settings"'
            " made from channels.settings.Settings; ask its author for a version that has."
        )
    return cast("AdapterClass", found)
