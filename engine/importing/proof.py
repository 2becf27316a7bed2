"""What a line must bring along before it counts as somebody's word.

A consent that was given elsewhere is worth what can be shown for it (GDPR, Article 7(1)): who, to
what, when, and where it was given. What stops messages is taken without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["completed", "lacking"]

_WORDS: Final[Mapping[str, str]] = {
    "granted": "consent_granted",
    "withdrawn": "consent_withdrawn",
    "requested": "consent_requested",
}
_GRANTED: Final = "consent_granted"
_METHOD: Final = "import"


def completed(call: dict[str, Any]) -> str:
    """Why the consent of a line is not taken; nothing if it is. Says in the call how it came."""
    said = call.get("event")
    word = str(said).strip().lower() if said is not None else ""
    call["event"] = event = _WORDS.get(word, word)
    if event not in _WORDS.values():
        known = ", ".join(_WORDS)
        return f'What somebody said must be one of: {known}. Name its column "word".'
    properties: dict[str, Any] = call["properties"]
    properties.setdefault("method", _METHOD)
    return lacking(event, properties, call.get("timestamp"))


def lacking(event: str, properties: Mapping[str, Any], when: object) -> str:
    """What a grant that was given elsewhere lacks."""
    if event != _GRANTED:
        return ""
    missing = [
        words
        for words, there in (
            ("when it was given (timestamp)", _is_said(when)),
            ("the form, list or contract in which it was given (source)", _proven(properties)),
        )
        if not there
    ]
    if missing:
        return f"A consent that is imported needs its proof: {' and '.join(missing)}."
    return ""


def _proven(properties: Mapping[str, Any]) -> bool:
    return _is_said(properties.get("source")) or _is_said(properties.get("sale"))


def _is_said(value: object) -> bool:
    """Blanks prove nothing."""
    return value is not None and bool(str(value).strip())
