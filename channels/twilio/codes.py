"""The table of Twilio's codes."""

from __future__ import annotations

from importlib.resources import files

from channels.http.codes import CodeTable, read_codes

__all__ = ["CODES"]

CODES: CodeTable = read_codes(files("channels.twilio") / "codes.tsv")
