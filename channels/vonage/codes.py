"""The table of Vonage's codes, and where a code stands in what Vonage says."""

from __future__ import annotations

import re
from importlib.resources import files

from channels.http.codes import CodeTable, read_codes

__all__ = ["CODES", "code_in"]

CODES: CodeTable = read_codes(files("channels.vonage") / "codes.tsv")

_CODE = re.compile(r"(?:#|\b)(1\d{3})$")


def code_in(text: str) -> str:
    """It stands at the end of the address of its explanation; empty if there is none."""
    found = _CODE.search(text)
    return found[1] if found else ""
