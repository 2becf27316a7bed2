"""What Meta says of approved templates after it has approved them: paused, disabled, taken back,
moved to another category.

By Meta's reference of webhooks as clients of the same API read it in 2026; in the published contract
these are not described. ``message_template_status_update`` and ``template_category_update`` have to
be subscribed to beside ``messages``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from channels.http.answers import one_line
from channels.receipts import Approval
from channels.whatsapp.telling import listed, moment_of, part
from dsl.calendar import SECOND, Instant

__all__ = ["approvals_in"]

_CHANNEL: Final = "whatsapp"
_GONE: Mapping[str, str] = MappingProxyType(
    {
        "PAUSED": "paused",
        "DISABLED": "disabled",
        "REJECTED": "refused",
        "DELETED": "deleted",
        "PENDING_DELETION": "about to be deleted",
        "LIMIT_EXCEEDED": "over its limit",
        "LOCKED": "locked",
    }
)
# FLAGGED is a warning, IN_APPEAL and PENDING leave what is there as it was.
_BACK = frozenset({"APPROVED", "REINSTATED", "UNPAUSED", "UNLOCKED"})
_NO_REASON = frozenset({"", "NONE"})
_NEVER = 10**11  # seconds
_NAME = re.compile(r"\w{1,512}")
_CODE = re.compile(r"[A-Za-z_]{2,20}")
_CATEGORIES = frozenset({"marketing", "utility", "authentication"})


def approvals_in(told: object) -> Iterator[Approval]:
    """Everything in one request that is about a template."""
    for entry in listed(told, "entry"):
        at = _at(entry)
        for change in listed(entry, "changes"):
            value = part(change, "value")
            name = value.get("message_template_name")
            language = value.get("message_template_language")
            if not isinstance(name, str) or not isinstance(language, str):
                continue
            if not _NAME.fullmatch(name) or not _CODE.fullmatch(language):
                continue
            match change.get("field"):
                case "message_template_status_update":
                    yield from _status(value, name, language, at)
                case "template_category_update":
                    category = str(value.get("new_category") or "").lower()
                    if category in _CATEGORIES:
                        yield Approval(_CHANNEL, name, language, at, category=category)
                case _:
                    pass


def _status(value: Mapping[str, Any], name: str, language: str, at: Instant) -> Iterator[Approval]:
    event = str(value.get("event") or "").upper()
    if event in _BACK:
        yield Approval(_CHANNEL, name, language, at, usable=True)
    elif event in _GONE:
        said = str(value.get("reason") or "")
        reason = "" if said.upper() in _NO_REASON else f": {said.replace('_', ' ').lower()}"
        yield Approval(
            _CHANNEL, name, language, at, usable=False, why=one_line(f"{_GONE[event]}{reason}")
        )


def _at(entry: Mapping[str, Any]) -> Instant:
    """When it was, which Meta says as a number here; 0 if it does not."""
    said = entry.get("time")
    if isinstance(said, int) and not isinstance(said, bool):
        return said * SECOND if 0 < said < _NEVER else 0
    return moment_of({"timestamp": said})
