"""Functions that are spelled differently in each database: what the writer calls, it calls here.

In SQLite a function of ours is registered as ``wayline_fold``; in PostgreSQL it is ``wayline.fold``.
Looking into JSON has names of SQLite's own, and there a value needs no kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["call", "entries", "gathered"]

_SQLITE: Mapping[str, str] = MappingProxyType(
    {
        "kind_at": "json_type",
        "value_at": "json_extract",
        "items": "json_array_length",
        "each": "json_each",
        "place": "instr",
    }
)
_AS_IT_IS = frozenset({"as_whole", "as_entry", "written"})  # SQLite's values bring their kind along


class _Called(FunctionElement[Any]):
    """A call of a function by the name this package has for it."""

    inherit_cache = False

    def __init__(self, called: str, *arguments: Any, kind: Any) -> None:
        super().__init__(*arguments)
        self.called = called
        self.type = kind()


@compiles(_Called)
def _in_sqlite(element: _Called, compiler: SQLCompiler, **more: Any) -> str:
    if element.called in _AS_IT_IS:
        last = list(element.clauses)[-1]
        return str(compiler.process(last, **more))
    name = _SQLITE.get(element.called, f"wayline_{element.called}")
    return f"{name}({compiler.process(element.clauses, **more)})"


@compiles(_Called, "postgresql")
def _in_postgres(element: _Called, compiler: SQLCompiler, **more: Any) -> str:
    return f"wayline.{element.called}({compiler.process(element.clauses, **more)})"


def call(name: str, *arguments: Any, kind: Any = Text) -> ColumnElement[Any]:
    """A call of one of our functions."""
    return _Called(name, *arguments, kind=kind)


def entries(listed: ColumnElement[Any]) -> Any:
    """The entries of a list as rows: ``key`` counts them, ``type`` is the sort of ``value``."""
    columns = (column("key", BigInteger), column("value", Text), column("type", Text))
    return _Called("each", listed, kind=Text).table_valued(*columns).alias()


class _Gathered(FunctionElement[Any]):
    """An aggregate of the values of rows, whose order matters."""

    inherit_cache = False
    type = Text()

    def __init__(self, how: str, value: Any, at: Any, number: Any, kind: str) -> None:
        super().__init__(value, at, number)
        self.how = how
        self.kind = kind


@compiles(_Gathered)
def _gathered_in_sqlite(element: _Gathered, compiler: SQLCompiler, **more: Any) -> str:
    value, at, number = (compiler.process(each, **more) for each in element.clauses)
    kind = f", '{element.kind}'" if element.how == "unique" else ""
    return f"wayline_{element.how}({value}{kind}, {at}, {number})"


@compiles(_Gathered, "postgresql")
def _gathered_in_postgres(element: _Gathered, compiler: SQLCompiler, **more: Any) -> str:
    value, at, number = (compiler.process(each, **more) for each in element.clauses)
    match element.how:
        case "sum":
            return f"wayline.add_up({value} order by {at} desc, {number} desc)"
        case "average":
            total = f"wayline.add_up({value} order by {at} desc, {number} desc)"
            return f"wayline.over({total}, count({value})::numeric)"
        case "lowest":
            return f"min({value})"
        case "highest":
            return f"max({value})"
        case _:
            return (
                f"wayline.different(array_agg(({value})::text order by {at}, {number}),"
                f" '{element.kind}')"
            )


def gathered(how: str, value: Any, order: tuple[Any, Any], kind: str = "") -> ColumnElement[Any]:
    """A sum, an average, an extreme or the different values, as rules gather them."""
    return _Gathered(how, value, *order, kind)
