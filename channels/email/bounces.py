"""What a bounce means for the address: by the receiving server's enhanced code where one is told,
whoever tells it. Only what is about the mailbox itself ends in ``permanent_recipient``; policy,
DMARC and signatures (5.7.x) never do.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from channels.email.smtp_codes import (
    ABOUT_THE_SENDER,
    AS_OF,
    BY_SUBJECT,
    PERMANENT,
    REFUSED_AS_RELAY,
)
from channels.outcome import FailureClass

__all__ = ["Judged", "about_whom", "enhanced_code", "judge_bounce"]

_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]\d|\d)")
_SAYS_NOTHING = "0.0"
_SAYS_LITTLE = frozenset({"", "0.0", "1.0"})  # "other": the words say more
_ADDRESS = re.compile(r"[^\s@]{1,100}@\S{1,255}")
_WORDS = re.compile(rf"\b(?:{'|'.join(map(re.escape, ABOUT_THE_SENDER))})\b", re.IGNORECASE)
_RULE = f"SMTP codes as of {AS_OF}"


class Judged(NamedTuple):
    """The class of a bounce, and the line of which table it is due to."""

    failure: FailureClass
    rule: str


def enhanced_code(*said: str) -> str:
    """The first enhanced code in what was said that says something; empty if none does. Servers put
    one into their words while whoever passes them on says 5.0.0 only.
    """
    for text in said:
        for found in _CODE.finditer(text):
            if f"{found[2]}.{found[3]}" != _SAYS_NOTHING:
                return found[0]
    return ""


def judge_bounce(code: str, text: str, otherwise: Judged) -> Judged:
    """What an enhanced ``code`` and the words with it mean; ``otherwise`` if they say too little."""
    otherwise = Judged(about_whom(otherwise.failure, "", text), otherwise.rule)
    found = _CODE.fullmatch(code)
    if found is None or found[1] == "2":
        return otherwise
    rule = f"{_RULE}: {code}"
    if found[1] == "4":
        return Judged(FailureClass.TRANSIENT, rule)
    detail = f"{found[2]}.{found[3]}"
    failure = PERMANENT.get(detail) or BY_SUBJECT.get(found[2])
    if failure is None:
        return otherwise
    if detail == "7.1" and any(words in text.lower() for words in REFUSED_AS_RELAY):
        failure = FailureClass.PERMANENT_CONFIG
    return Judged(about_whom(failure, detail, text), rule)


def about_whom(failure: FailureClass, detail: str, text: str) -> FailureClass:
    """The class; but no address is given up because of who wrote to it. ``detail`` is that of the
    enhanced code, if there is one: one that names the mailbox is believed, whatever the words.
    """
    if failure is not FailureClass.PERMANENT_RECIPIENT or detail not in _SAYS_LITTLE:
        return failure
    found = _WORDS.search(_ADDRESS.sub(" ", text))
    return failure if found is None else ABOUT_THE_SENDER[found[0].lower()]
