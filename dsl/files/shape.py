"""What the key tables are made of.

A table is a pydantic model: one field per key, with what the key means. The leaves stay texts
and nodes that know their place; ``dsl.files.reading`` fills the models from nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, WithJsonSchema
from pydantic.fields import FieldInfo

from dsl.diagnostics import Span
from dsl.source import Text
from dsl.yaml import Items, Map

__all__ = ["AnyNode", "Commas", "Listed", "Named", "Shape", "Texts", "Words", "Written", "key"]


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


_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_SEVERAL: dict[str, Any] = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}

Words = Annotated[Text, Shape.TEXT, WithJsonSchema(_SCALAR)]
"""One text."""

Texts = Annotated[tuple[Text, ...], Shape.TEXTS, WithJsonSchema(_SEVERAL)]
"""One text or a list of texts."""

Commas = Annotated[tuple[Text, ...], Shape.COMMAS, WithJsonSchema(_SEVERAL)]
"""Words separated by commas, or a list of them."""

Named = Annotated[Map, Shape.MAP, WithJsonSchema({"type": "object"})]
"""Names the author chooses, with values that are read later."""

Listed = Annotated[Items, Shape.LIST, WithJsonSchema({"type": "array"})]
"""A list that is read later: steps, cases."""

AnyNode = Annotated[Text | Map | Items, Shape.ANY, WithJsonSchema({})]
"""A value of several possible forms."""


def _key_of(field: str) -> str:
    return field.rstrip("_").replace("_", " ")


def key(
    means: str,
    *,
    alias: str | None = None,
    needed: bool = False,
    built: bool = True,
    words: tuple[str, ...] = (),
    default: Any = None,
) -> Any:
    """One row of a key table.

    ``words`` are the only values allowed. A key that is not ``built`` is known to the language
    and refused by name.
    """
    extra: dict[str, Any] = {"needed": needed, "built": built}
    if words:
        extra["enum"] = list(words)
    return Field(default=default, alias=alias, description=means, json_schema_extra=extra)


class Written(BaseModel):
    """Keys and values as an author wrote them. A key that is not there is None or empty."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        frozen=True,
        alias_generator=_key_of,
        populate_by_name=True,
    )

    _keys: Mapping[str, Text] = PrivateAttr(default_factory=dict)
    _start: Span = PrivateAttr(default=Span("", 1, 1))

    @classmethod
    def table(cls) -> Mapping[str, FieldInfo]:
        """The rows: key as it is best written, and its field."""
        return {(row.alias or _key_of(name)): row for name, row in cls.model_fields.items()}

    def key_of(self, field: str) -> Text | None:
        """The key of a field as it was written, or None."""
        return self._keys.get(field)

    def span_of(self, field: str) -> Span:
        """Where the key of a field stands, or where all of this begins."""
        written = self._keys.get(field)
        return self._start if written is None else written.span()

    def remember(self, keys: Mapping[str, Text], start: Span) -> None:
        """Remembers where the keys stand. Called once, by the reader."""
        self._keys = keys
        self._start = start
