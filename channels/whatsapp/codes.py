"""The table of WhatsApp's codes."""

from __future__ import annotations

from importlib.resources import files

from channels.http.codes import CodeTable, read_codes

__all__ = ["CODES"]

CODES: CodeTable = read_codes(files("channels.whatsapp") / "codes.tsv")
