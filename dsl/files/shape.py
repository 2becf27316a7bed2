"""What the key tables are made of.

A table is a class with one annotated field per key, and beside it what the key means. The leaves
stay texts and nodes that know their place; ``dsl.files.reading`` fills the tables from nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, NamedTuple, Never, Self, get_args, get_type_hints

from dsl.diagnostics import Span
from dsl.source import Text
from dsl.yaml import Items, Map, same_key

__all__ = [
    "AnyNode",
    "Commas",
    "Listed",
    "Named",
    "Row",
    "Shape",
    "Texts",
    "Words",
    "Written",
    "key",
]


class Shape(StrEnum):
    """The forms a value can have in a file."""

    TEXT = "a text"
    TEXTS = "a text or a list of texts"
    COMMAS = "words with commas between them, or a list"
    MAP = "names with values"
    LIST = "a list"
    ANY = "anything"
    MODEL = "further keys"
    MODELS = "a list of further keys"


Words = Annotated[Text, Shape.TEXT]
"""One text."""

Texts = Annotated[tuple[Text, ...], Shape.TEXTS]
"""One text or a list of texts."""

Commas = Annotated[tuple[Text, ...], Shape.COMMAS]
"""Words separated by commas, or a list of them."""

Named = Annotated[Map, Shape.MAP]
"""Names the author chooses, with values that are read later."""

Listed = Annotated[Items, Shape.LIST]
"""A list that is read later: steps, cases."""

AnyNode = Annotated[Text | Map | Items, Shape.ANY]
"""A value of several possible forms."""


_NOWHERE = Span("", 1, 1)


class _Said(NamedTuple):
    """What a table says about a field, as far as its annotation does not."""

    means: str
    alias: str | None
    needed: bool
    words: tuple[str, ...]
    default: Any


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a key table. ``words`` are the only values allowed, ``table`` holds the further
    keys behind it.
    """

    key: str  # as it is best written
    name: str  # of the field
    means: str
    shape: Shape
    table: type[Written] | None
    needed: bool
    words: tuple[str, ...]


def key(
    means: str,
    *,
    alias: str | None = None,
    needed: bool = False,
    words: tuple[str, ...] = (),
    default: Any = None,
) -> Any:
    """What the table says about a key.

    ``words`` are the only values allowed.
    """
    return _Said(means, alias, needed, words, default)


class Written:
    """Keys and values as an author wrote them. A key that is not there is None or empty."""

    _said: ClassVar[Mapping[str, _Said]] = MappingProxyType({})
    _rows: ClassVar[Mapping[str, Row]]
    _spelt: ClassVar[Mapping[str, Row]]
    _keys: Mapping[str, Text] = MappingProxyType({})
    _start = _NOWHERE

    def __init_subclass__(cls) -> None:
        own = {name: said for name, said in vars(cls).items() if isinstance(said, _Said)}
        cls._said = MappingProxyType({**cls._said, **own})
        for name, said in own.items():
            setattr(cls, name, said.default)

    def __setattr__(self, name: str, value: object) -> Never:
        raise AttributeError(f"{type(self).__name__}.{name} is as it was written")

    @classmethod
    def of(
        cls,
        values: Mapping[str, object],
        keys: Mapping[str, Text] = MappingProxyType({}),
        start: Span = _NOWHERE,
    ) -> Self:
        """The table with these values, by field; ``keys`` are where they stand."""
        made = cls()
        made.__dict__.update(values, _keys=keys, _start=start)
        return made

    @classmethod
    def table(cls) -> Mapping[str, Row]:
        """The rows by key as it is best written."""
        if "_rows" not in vars(cls):  # when first asked: a table may name one that comes after it
            cls._rows = _rows(cls)
            cls._spelt = {same_key(key): row for key, row in cls._rows.items()}
        return cls._rows

    @classmethod
    def row(cls, key: str) -> Row | None:
        """The row of a key, however it is spelt."""
        cls.table()
        return cls._spelt.get(same_key(key))

    def key_of(self, field: str) -> Text | None:
        """The key of a field as it was written, or None."""
        return self._keys.get(field)

    def span_of(self, field: str) -> Span:
        """Where the key of a field stands, or where all of this begins."""
        written = self._keys.get(field)
        return self._start if written is None else written.span()


def _rows(table: type[Written]) -> Mapping[str, Row]:
    hints = get_type_hints(table, include_extras=True)
    rows = {}
    for name, said in table._said.items():  # noqa: SLF001 - of this module
        row_key = said.alias or name.rstrip("_").replace("_", " ")
        shape, inner = _shape_of(hints[name])
        rows[row_key] = Row(row_key, name, said.means, shape, inner, said.needed, said.words)
    return MappingProxyType(rows)


def _shape_of(hint: Any) -> tuple[Shape, type[Written] | None]:
    """The form that an annotation names, and the table behind it if it has further keys."""
    kinds = [hint, *get_args(hint)]
    for mark in (mark for kind in kinds for mark in getattr(kind, "__metadata__", ())):
        if isinstance(mark, Shape):
            return mark, None
    inner = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Written))
    return (Shape.MODELS if Ellipsis in kinds else Shape.MODEL), inner
