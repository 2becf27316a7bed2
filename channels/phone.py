"""Telephone numbers as providers want them."""

from __future__ import annotations

import re

__all__ = ["read_number"]

_WRITTEN = re.compile(r"\+?[0-9](?:[ ().\-/]*[0-9])+")
_FILLING = re.compile(r"[ ().\-/]")
_AT_HOME = "(0)"  # dialled inside the country only, as in +49 (0)30 123456
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def read_number(text: str) -> str | None:
    """The number in the form of ITU-T E.164 (+4930123456); None if it has no country or is none."""
    written = text.strip().replace(_AT_HOME, "")
    if _WRITTEN.fullmatch(written) is None:
        return None
    bare = _FILLING.sub("", written)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    return bare if _E164.fullmatch(bare) else None
