"""Plain data as JSON on the wire."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["json_bytes", "whole"]


def json_bytes(value: object) -> bytes:
    """The value as JSON in UTF-8. Half a character pair, which no UTF-8 has, becomes ``?``."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_whole(value))


def whole(text: str) -> str:
    """The text without half pairs."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _whole(value: Any) -> Any:
    match value:
        case str():
            return whole(value)
        case dict():
            return {whole(key): _whole(each) for key, each in value.items()}
        case list() | tuple():
            return [_whole(each) for each in value]
        case _:
            return value
