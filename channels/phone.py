"""Telephone numbers as providers want them."""

from __future__ import annotations

import re

__all__ = ["comparable", "read_bare", "read_number"]

_WRITTEN = re.compile(r"\+?[0-9](?:[ ().\-/]*[0-9])+")
_FILLING = re.compile(r"[ ().\-/]")
_AT_HOME = "(0)"  # dialled inside the country only, as in +49 (0)30 123456
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_WITH_A_DIGIT_MORE = (
    re.compile(r"(\+52)1([0-9]{10})"),  # Mexico, for mobiles until 2019
    re.compile(r"(\+54)9([0-9]{10})"),  # Argentina, for mobiles called from abroad
    re.compile(r"(\+55[0-9]{2})9([6-9][0-9]{7})"),  # Brazil, for mobiles since 2016
)


def read_number(text: str) -> str | None:
    """The number in the form of ITU-T E.164 (+4930123456); None if it has no country or is none."""
    if _E164.fullmatch(text) is not None:  # nearly all are written so already
        return text
    written = text.strip().replace(_AT_HOME, "")
    if _WRITTEN.fullmatch(written) is None:
        return None
    bare = _FILLING.sub("", written)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    return bare if _E164.fullmatch(bare) else None


def read_bare(text: str) -> str | None:
    """The same of a number that a provider writes with its country and without a plus (4930123456)
    or with it.
    """
    return read_number(text if text.startswith("+") else f"+{text}")


def comparable(number: str) -> str:
    """What is the same for all forms of one number that are about: those of E.164 in which mobile
    numbers of Mexico, Argentina and Brazil have a digit more or less, as WhatsApp and old books do.
    """
    if not number.startswith("+5"):
        return number
    for form in _WITH_A_DIGIT_MORE:
        found = form.fullmatch(number)
        if found is not None:
            return found[1] + found[2]
    return number
