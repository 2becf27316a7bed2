"""The table of WhatsApp's codes, and which line of it a code is."""

from __future__ import annotations

from importlib.resources import files

from channels.http.codes import CodeTable, read_codes

__all__ = ["CODES", "code_in"]

CODES: CodeTable = read_codes(files("channels.whatsapp") / "codes.tsv")

_PERMISSIONS = range(200, 300)  # each is another one that is missing


def code_in(said: object) -> str:
    """The code as the table has it; empty if there is none."""
    return "200" if said in _PERMISSIONS else str("" if said is None else said)
