"""From an SMTP reply to an outcome: the enhanced code first, then the basic one, by stage."""

from __future__ import annotations

import re

from channels.email.bounces import about_whom
from channels.email.smtp_codes import (
    AS_OF,
    BASIC,
    BY_SUBJECT,
    LIMITS,
    LIMITS_BY_WORDS,
    PERMANENT,
    REFUSED_AS_RELAY,
    Limit,
    Stage,
)
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown

__all__ = ["after_the_dot", "queue_name", "readable", "refusal"]

_ENHANCED = re.compile(r"\s*([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_QUEUED = re.compile(r"queued as\W*([\w.@+-]+)", re.IGNORECASE)
_SES = re.compile(r"^(?:2\.0\.0 )?ok ([0-9a-f][0-9a-f-]{15,})$", re.IGNORECASE)
_LONGEST = 300


def refusal(stage: Stage, code: int, text: str) -> Rejected | RateLimited:
    """What a reply other than the hoped-for one means before the message was handed over, or
    in place of "accepted".
    """
    text = readable(text)
    limit = _limit(stage, code, text)
    if limit is not None:
        return RateLimited(limit.scope, limit.after, f"{code} {text}".rstrip())
    found = _ENHANCED.match(text)
    shown = f"{found[1]}.{found[2]}.{found[3]}" if found else str(code)
    alone = _is_about_them(stage, found)
    rule = f"SMTP codes as of {AS_OF}: {shown}"
    return Rejected(_failure(stage, code, text), shown, text, alone, rule=rule)


def _is_about_them(stage: Stage, enhanced: re.Match[str] | None) -> bool:
    """About the recipient, or about what the message says; not about us, nor the server."""
    return stage is Stage.RECIPIENT or (
        stage is Stage.DATA and enhanced is not None and enhanced[2] in ("1", "2", "6")
    )


def after_the_dot(code: int, text: str, fallback: str) -> Outcome:
    """What the reply to the whole message means; ``fallback`` is our own id for it."""
    if 200 <= code <= 299:
        return Accepted(queue_name(readable(text)) or fallback)
    if 400 <= code <= 599:
        return refusal(Stage.DATA, code, text)
    return Unknown(f"the reply to the message makes no sense: {code} {readable(text)}".rstrip())


def queue_name(text: str) -> str | None:
    """The server's own name for the message, where its reply has one."""
    found = _QUEUED.search(text) or _SES.search(text)
    return found[1] if found else None


def readable(text: str) -> str:
    """A reply on one line, in characters that can be stored."""
    whole = " ".join(text.encode("utf-8", "replace").decode().replace("\x00", "").split())
    return whole[:_LONGEST]


def _limit(stage: Stage, code: int, text: str) -> Limit | None:
    lower = text.lower()
    for words, limit in LIMITS_BY_WORDS.items():
        if words in lower:
            return limit
    found = _ENHANCED.match(text)
    if found is None or found[1] != "4":
        return None
    detail = f"{found[2]}.{found[3]}"
    in_mail = stage in (Stage.SENDER, Stage.RECIPIENT, Stage.DATA)
    if in_mail and code == 421 and found[2] == "7":
        return LIMITS[Stage.DATA, "7.28"]
    return LIMITS.get((stage, detail))


def _failure(stage: Stage, code: int, text: str) -> FailureClass:
    found = _ENHANCED.match(text)
    if found is None:
        return about_whom(_by_code(stage, code), "", text)
    if found[1] == "4":
        return FailureClass.TRANSIENT
    if stage in (Stage.CONNECT, Stage.AUTH):
        return FailureClass.PERMANENT_CONFIG
    detail = f"{found[2]}.{found[3]}"
    failure = PERMANENT.get(detail) or BY_SUBJECT.get(found[2]) or _by_code(stage, code)
    if detail == "7.1" and any(words in text.lower() for words in REFUSED_AS_RELAY):
        return FailureClass.PERMANENT_CONFIG
    failure = about_whom(failure, detail, text)
    about_us = failure in (FailureClass.PERMANENT_RECIPIENT, FailureClass.POLICY_BLOCKED)
    if stage is Stage.SENDER and about_us:  # the recipient was not named yet
        return FailureClass.PERMANENT_CONFIG
    return failure


def _by_code(stage: Stage, code: int) -> FailureClass:
    if not 500 <= code <= 599:  # 4xx, and replies that are no SMTP: nothing was taken
        return FailureClass.TRANSIENT
    table = BASIC[stage]
    return table.get(code, table[0])
