"""The parser's tables, worked out once and shipped beside the grammar.

Working them out takes a quarter of a second, which is most of what a check of a small project takes.
They are used only for the grammar, and the version of the parser's library, that they were made
from; for any other the parser is made from the grammar as if they were not there.
``make docs`` writes them again.
"""

from __future__ import annotations

import json
import pkgutil
import zlib
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

__all__ = ["FILE", "are_of", "parser_from", "read_tables", "tables_for", "written"]

FILE = "grammar.tables"

_OF_THE_GRAMMAR = {"parser": "lalr", "lexer": "contextual", "maybe_placeholders": False}


def parser_from(grammar: str, starts: tuple[str, ...], builds: object) -> Lark:
    """A parser for the grammar: from the shipped tables if they are of this grammar, or made new."""
    made = read_tables(_shipped())
    if not are_of(made, grammar, starts):
        return Lark(grammar, start=list(starts), transformer=builds, **_OF_THE_GRAMMAR)
    load: Callable[..., Lark] = Lark._load_from_dict  # noqa: SLF001 - Lark.load reads pickles only
    return load(made["data"], made["memo"], transformer=builds)


def tables_for(grammar: str, starts: tuple[str, ...]) -> dict[str, Any]:
    """What is shipped for this grammar, as plain data."""
    parser = Lark(grammar, start=list(starts), **_OF_THE_GRAMMAR)
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    return {"of": _name(grammar, starts), "data": data, "memo": memo}


def are_of(tables: Mapping[str, Any], grammar: str, starts: tuple[str, ...]) -> bool:
    """Whether the tables were made from this grammar, by this version of the library."""
    return bool(tables.get("of") == _name(grammar, starts))


def written(tables: dict[str, Any]) -> bytes:
    """The tables as they lie in the file."""
    return zlib.compress(json.dumps(tables, separators=(",", ":")).encode(), 9)


def read_tables(file: bytes) -> dict[Any, Any]:
    """The tables in a file; nothing if they cannot be read."""
    try:
        tables = json.loads(zlib.decompress(file), object_hook=_numbered)
    except (ValueError, zlib.error):
        return {}
    return tables if isinstance(tables, dict) else {}


def _shipped() -> bytes:
    try:
        return pkgutil.get_data("dsl.expr", FILE) or b""
    except OSError:
        return b""


def _name(grammar: str, starts: tuple[str, ...]) -> str:
    """What tells these tables from any others."""
    return sha256(json.dumps([lark.__version__, starts, grammar]).encode()).hexdigest()


def _numbered(table: dict[str, Any]) -> dict[Any, Any]:
    """The same with numbers as keys where they were numbers: JSON knows only texts."""
    return {int(key) if key.isdigit() else key: value for key, value in table.items()}
