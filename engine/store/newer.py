"""Documents that a newer version has written, read by this one.

Two versions may be at work side by side. What the newer one has added stands at the end of what
it is added to, so what this one does not know is left out. That is looked for only after reading a
document as it should be has failed.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

__all__ = ["as_we_know_it"]

_T = TypeVar("_T")


def as_we_know_it(document: bytes, kind: type[_T]) -> _T:
    """The value of a document, without fields that this version does not know.

    Raises ``msgspec.ValidationError`` for what is none of ours.
    """
    return msgspec.convert(_known(msgspec.msgpack.decode(document), kind), kind)


def _known(value: Any, kind: Any) -> Any:
    """A plain value as far as a type goes."""
    within = [each for each in get_args(kind) if each is not NoneType]
    if get_origin(kind) in (Union, UnionType):
        return _known(value, within[0]) if len(within) == 1 else value
    fields = get_type_hints(kind) if hasattr(kind, "__annotations__") else {}
    if isinstance(value, list) and fields:
        return [_known(each, field) for each, field in zip(value, fields.values(), strict=False)]
    if isinstance(value, list) and within:
        return [_known(each, within[0]) for each in value]
    if isinstance(value, dict):
        of_each = within[1] if len(within) > 1 else Any
        return {key: _known(each, fields.get(key, of_each)) for key, each in value.items()}
    return value
